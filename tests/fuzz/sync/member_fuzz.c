/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as the text under a part, or as its record numbers: reading it stays inside and
 * ends, and a text that is read is the same after writing. */
#include "sync/member.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size}, rest = input;
	struct arena *arena = arena_new(1 << 20);
	struct member_part part;
	uint64_t seq = 0;
	struct buf again;
	size_t n = 0;

	while (member_seqs_next(&rest, &seq))
		if (++n > size)
			__builtin_trap();
	buf_init(&again, MEMBER_PART_TEXT_MAX);
	if (member_part_get(&part, arena, input, NULL) == OK) {
		member_part_put(&part, &again);
		if (again.failed != OK || !str_eq(buf_str(&again), input))
			__builtin_trap();
	}
	buf_free(&again);
	arena_free(arena);
	return 0;
}
