/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever lies in a segment's file, reading it stays inside. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "history/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *map = mem_alloc(size + 1);
	struct cursor *c = mem_alloc(sizeof(*c));
	struct segment s;
	enum cursor_step step;

	memcpy(map, data, size);
	for (int whole = 0; whole < 2; whole++) {
		if (segment_of(&s, (struct str){map, size}, whole, NULL) != OK)
			continue;
		for (uint64_t print = 1; print; print <<= 1)
			(void)segment_may_hold(&s, print);
		for (int from = 0; from < 2; from++) {
			step = cursor_segment(c, &s,
			    from ? S("\x03"
			             "example.a")
			         : STR_NONE);
			while (step == CURSOR_GROUP || step == CURSOR_ROW)
				step = cursor_next(c);
		}
	}
	mem_free(c);
	mem_free(map);
	return 0;
}
