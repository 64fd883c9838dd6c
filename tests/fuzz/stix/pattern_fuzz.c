/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "stix/equality.h"
#include "stix/pattern/pattern.h"

/* Every term's own pattern gives that term again; what the strict reader takes the lenient one
 * takes too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = {(const char *)data, size};
	struct arena *arena = arena_new(64 << 20);
	struct term_list terms, again;
	struct pattern strict, lenient;
	struct fault fault;

	if (pattern_parse(&strict, arena, text, PATTERN_READ_21, &fault) == OK &&
	    pattern_parse(&lenient, arena, text, PATTERN_READ_LENIENT, &fault) != OK)
		abort();
	if (equality_terms(&terms, arena, text, &fault) == OK)
		for (size_t i = 0; i < terms.count && i < 100; i++) {
			struct str own = term_pattern(arena, &terms.list[i]);

			if (!own.p)
				break;
			if (equality_terms(&again, arena, own, &fault) != OK || again.count != 1 ||
			    !str_eq(again.list[0].value, terms.list[i].value))
				abort();
		}
	arena_free(arena);
	return 0;
}
