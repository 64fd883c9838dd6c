/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/jcs.h"
#include "codec/json.h"

/* What is read can be written canonically, and reads back as the same canonical text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_limits limits = {.bytes = 1 << 20, .depth = 64};
	struct arena *arena = arena_new(64 << 20);
	struct fault fault;
	struct buf once, twice;
	yyjson_val *v;

	buf_init(&once, 8 << 20);
	buf_init(&twice, 8 << 20);
	if (json_parse(&v, arena, (struct str){(const char *)data, size}, &limits, &fault) == OK &&
	    jcs_write(&once, arena, v, &fault) == OK) {
		if (json_parse(&v, arena, buf_str(&once), &limits, &fault) != OK ||
		    jcs_write(&twice, arena, v, &fault) != OK ||
		    !str_eq(buf_str(&once), buf_str(&twice)))
			abort();
	}
	buf_free(&once);
	buf_free(&twice);
	arena_free(arena);
	return 0;
}
