/* SPDX-License-Identifier: Apache-2.0 */
/* What a server elsewhere answers, behind a line with the address it was asked at: the head of the
 * answer, its chunks, and the parts of the address. */
#include <stdlib.h>

#include "http/head.h"
#include "http/text.h"

enum { FIELDS_MAX = 64, BODY_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	struct str address = str_cut(&rest, '\n');
	struct http_field fields[FIELDS_MAX];
	struct http_head head = {.fields = fields, .fields_max = FIELDS_MAX};
	struct http_chunks chunks = {0};
	struct http_url url;
	unsigned status = 0;
	struct buf body;
	size_t end, used;

	if (http_url_parse(&url, address) == OK &&
	    (url.host.n == 0 || url.host.n > HTTP_HOST_MAX || url.port == 0 ||
	        url.target.p[0] != '/' || str_find(url.authority, '@') < url.authority.n))
		abort();
	end = http_head_end(rest, 0);
	if (end == 0 || !http_answer_parse(&head, &status, str_slice(rest, 0, end)))
		return 0;
	if (status < 100 || status > 599 || head.count > FIELDS_MAX ||
	    (head.chunked && head.has_length))
		abort();
	buf_init(&body, BODY_MAX);
	(void)http_chunks_feed(&chunks, str_from(rest, end), &body, &used);
	if (body.n > BODY_MAX)
		abort();
	buf_free(&body);
	return 0;
}
