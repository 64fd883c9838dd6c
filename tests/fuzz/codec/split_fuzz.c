/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/split.h"

/* A document that yyjson reads, with a list of objects, is cut into exactly that list. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_limits limits = {.bytes = 1 << 20, .depth = 64};
	const struct str text = {(const char *)data, size};
	struct arena *arena = arena_new(64 << 20);
	struct str member;
	struct split s;
	struct fault fault;
	yyjson_val *root = NULL;
	yyjson_val *list = NULL;
	size_t n = 0;
	enum err rc;

	if (json_parse(&root, arena, text, &limits, NULL) == OK)
		list = yyjson_obj_get(root, "objects");
	rc = split_open(&s, text, &fault);
	while (rc == OK && (rc = split_next(&s, &member, &fault)) == OK) {
		if (member.n == 0 || member.p < text.p || member.p + member.n > text.p + text.n)
			abort();
		n++;
	}
	if (yyjson_is_arr(list) && memmem(data, size, "\\u", 2) == NULL &&
	    (rc != ERR_NOT_FOUND || n != yyjson_arr_size(list)))
		abort();
	arena_free(arena);
	return 0;
}
