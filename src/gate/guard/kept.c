/* SPDX-License-Identifier: Apache-2.0 */
/* How many indicators the guard keeps back, and for what: of those that a reader may see. */
#include <string.h>

#include "base/mem.h"
#include "gate/internal.h"
#include "sys/files.h"
#include "view/guard/kept.h"

enum { DIR_MEMORY = 16384, READ_MEMORY = INT32_MAX };

struct kept_counts {
	struct arena *paths, *arena;
	struct str dir;
	/* What the counts are of. */
	bool known;
	uint64_t bytes, records, withdrawals, sight;
	uint64_t counts[GUARD_CLASSES];
};

struct kept_counts *gate_kept_new(struct str views)
{
	struct kept_counts *k = mem_alloc(sizeof(*k));

	k->paths = arena_new(DIR_MEMORY);
	k->arena = arena_new(READ_MEMORY);
	k->dir = file_join(k->paths, views, "match");
	return k;
}

void gate_kept_free(struct kept_counts *k)
{
	if (!k)
		return;
	arena_free(k->paths);
	arena_free(k->arena);
	mem_free(k);
}

enum err gate_kept(const struct gate_ask *ask, uint64_t out[GUARD_CLASSES], struct fault *fault)
{
	struct gate *g = ask->gate;
	const struct sight *sight = gate_sight(ask);
	struct kept_counts *k = g->kept;
	uint64_t bytes = kept_bytes(k->dir), records = store_size(g->store);
	uint64_t withdrawals = store_withdrawals(g->store);
	struct kept_entry *list;
	size_t count;

	if (!k->known || k->bytes != bytes || k->records != records || k->sight != sight->number ||
	    k->withdrawals != withdrawals) {
		arena_reset(k->arena);
		TRY(kept_read(&list, &count, k->arena, k->dir, fault));
		memset(k->counts, 0, sizeof(k->counts));
		/* The view may be ahead of what is known here. */
		for (size_t i = 0; i < count && list[i].seq < records; i++)
			k->counts[list[i].class] += gate_is_newest(g, sight, list[i].seq);
		arena_reset(k->arena);
		k->known = true;
		k->bytes = bytes;
		k->records = records;
		k->withdrawals = withdrawals;
		k->sight = sight->number;
	}
	memcpy(out, k->counts, sizeof(k->counts));
	return OK;
}
