/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever lies in a delta's file, reading it stays inside and ends. The input is laid over the
 * start of an otherwise sound map, whose size a file must have. */
#include <string.h>

#include "base/mem.h"
#include "match/delta.h"
#include "match/entry.h"

static void touch(void *ctx, const struct index_entry *e)
{
	uint64_t *sum = ctx;

	*sum += e->seq + e->from + (e->term.value.n ? (uint64_t)e->term.value.p[0] : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct index_entry sound = {.term = {TERM_DOMAIN, 0, S("a.example")}, .until = 9};
	size_t n = delta_size(1);
	char *map = mem_alloc(n);
	struct match_delta *d = delta_format(map, 1, 7);
	uint64_t sum = 0;

	if (delta_add(d, &sound) != OK || delta_add(d, &sound) != OK)
		return 1;
	memcpy(map, data, size < n ? size : n);
	if (delta_open(&d, map, n, NULL) == OK) {
		delta_walk(d, touch, &sum);
		for (uint64_t h = 1; h; h <<= 1)
			if (delta_may_hold(d, h))
				delta_find(d, h, &sound.term, touch, &sum);
	}
	mem_free(map);
	return 0;
}
