/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever lies in a generation's file, reading it stays inside. */
#include <string.h>

#include "base/mem.h"
#include "match/entry.h"
#include "match/index.h"

static void touch(void *ctx, const struct index_entry *e)
{
	uint64_t *sum = ctx;

	*sum += e->seq + e->from + e->until + (e->term.value.n ? (uint64_t)e->term.value.p[0] : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *map = mem_alloc(size);
	struct match_index x;
	uint64_t sum = 0;

	memcpy(map, data, size);
	if (match_open(&x, (struct str){map, size}, NULL) == OK) {
		const struct term term = {TERM_DOMAIN, 0, S("a.example")};

		match_walk(&x, touch, &sum);
		for (uint64_t h = 1; h; h <<= 1)
			if (index_may_hold(&x, h))
				match_find(&x, h, &term, touch, &sum);
	}
	mem_free(map);
	return 0;
}
