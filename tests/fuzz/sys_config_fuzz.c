/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is taken as a configuration has a normal form that parses to itself. */
#include <assert.h>
#include <stddef.h>

#include "sys/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(16 << 20);
	struct config c;
	struct config again;
	struct buf one;
	struct buf two;
	struct fault fault;

	buf_init(&one, 4 << 20);
	buf_init(&two, 4 << 20);
	if (config_parse(&c, arena, (struct str){(const char *)data, size}, "f", &fault) == OK) {
		config_print(&c, &one);
		assert(config_parse(&again, arena, buf_str(&one), "f", &fault) == OK);
		config_print(&again, &two);
		assert(str_eq(buf_str(&one), buf_str(&two)));
	}
	buf_free(&one);
	buf_free(&two);
	arena_free(arena);
	return 0;
}
