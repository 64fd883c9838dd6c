/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "stix/equality.h"

/* A canonical value's text is canonical: it leads back to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	struct term t, again;
	struct str text;

	if (term_guess(&t, arena, (struct str){(const char *)data, size}) == OK) {
		text = term_text(arena, &t);
		if (text.p && (term_canonical(&again, arena, t.kind, text) != OK ||
		                  !str_eq(again.value, t.value) || again.prefix != t.prefix))
			abort();
	}
	arena_free(arena);
	return 0;
}
