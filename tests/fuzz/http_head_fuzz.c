/* SPDX-License-Identifier: Apache-2.0 */
/* A request's head: whatever is taken lies inside the input and is what a strict reader may see. */
#include <assert.h>
#include <stddef.h>

#include "http/head.h"
#include "http/server.h"

static void inside(struct str s, struct str all)
{
	assert(!s.p || s.n == 0 || (s.p >= all.p && s.p + s.n <= all.p + all.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = {(const char *)data, size};
	struct http_field fields[HTTP_HEADERS_MAX];
	struct http_head head = {.fields = fields, .fields_max = HTTP_HEADERS_MAX};
	size_t end = http_head_end(all, 0);

	assert(end <= size);
	if (http_head_parse(&head, end ? str_slice(all, 0, end) : all) != 0)
		return 0;
	inside(head.query, all);
	assert(head.count <= HTTP_HEADERS_MAX && head.path.n > 0);
	assert(!head.chunked || head.length == 0);
	for (size_t i = 0; i < head.count; i++) {
		inside(head.fields[i].name, all);
		inside(head.fields[i].value, all);
		assert(str_find(head.fields[i].value, '\n') == head.fields[i].value.n);
	}
	return 0;
}
