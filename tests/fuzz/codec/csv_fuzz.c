/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/csv.h"
#include "codec/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(16 << 20);
	struct csv c = csv_open((struct str){(const char *)data, size}, ',');
	struct csv_record r;
	struct fault fault;
	size_t before = SIZE_MAX;
	enum err rc;

	while ((rc = csv_next(&c, &r, arena, &fault)) != ERR_NOT_FOUND && rc != ERR_NOMEM) {
		if (c.at == before)
			abort();
		before = c.at;
	}
	arena_free(arena);
	return 0;
}
