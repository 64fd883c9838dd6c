/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte picks an operation; the rest is its query, a NUL, its body. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "api/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	struct op_route route = {.count = OP_SEGMENTS_MAX};
	struct api_asked asked = {.route = &route};
	struct api_args args;
	struct fault fault;
	struct buf json;

	if (size > 0) {
		struct str rest = {(const char *)data + 1, size - 1};

		route.op = &OPS[data[0] % OPS_COUNT];
		asked.query = str_cut(&rest, 0);
		asked.body = rest;
		for (size_t i = 0; i < OP_SEGMENTS_MAX; i++)
			route.values[i] = asked.query;
		if (api_args_parse(&args, arena, &asked, &fault) == OK) {
			buf_init(&json, 1 << 20);
			api_args_json(&args, &json);
			assert(json.failed == OK);
			buf_free(&json);
		}
	}
	arena_free(arena);
	return 0;
}
