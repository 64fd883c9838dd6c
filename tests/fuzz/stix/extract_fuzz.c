/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "stix/extract/extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(64 << 20);
	struct extract got;
	struct fault fault;

	if (extract_values(&got, arena, (struct str){(const char *)data, size}, &fault) == OK) {
		if (got.count > EXTRACT_VALUES_MAX)
			abort();
		for (size_t i = 0; i < got.count; i++)
			/* What is found stands as text again, or is the pattern that it was. */
			if (got.list[i].pattern.p ? got.list[i].pattern.n > size
			                          : !term_text(arena, &got.list[i].term).p)
				abort();
	}
	arena_free(arena);
	return 0;
}
