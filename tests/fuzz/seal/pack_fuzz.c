/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as a policy pack, cutting it apart stays inside and ends; and what a text that
 * somebody signed says is written again as the same bytes. */
#include "seal/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str file = {(const char *)data, size}, note, body, text, signer;
	struct arena *arena = arena_new(1 << 20);
	struct fault fault;
	struct buf again;
	struct pack p;
	int bad = 0;

	if (pack_split(&note, &body, file, &fault) == OK) {
		text = str_slice(note, 0, str_search(note, S("\n\n")) + 1);
		bad = pack_signer(&signer, file, &fault) != OK;
		buf_init(&again, PACK_NOTE_MAX);
		if (pack_take(&p, arena, text, body, &fault) == OK) {
			pack_put_text(&again, &p);
			bad |= !str_eq(buf_str(&again), text);
		}
		buf_free(&again);
	}
	arena_free(arena);
	if (bad)
		__builtin_trap();
	return 0;
}
