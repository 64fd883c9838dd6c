/* SPDX-License-Identifier: Apache-2.0 */
#include "view/life/until.h"

#include "match/entry.h"

struct looking {
	uint64_t seq;
	uint32_t until;
};

static void look(void *ctx, const struct index_entry *e)
{
	struct looking *l = ctx;

	if (e->seq == l->seq)
		l->until = e->until;
}

usec indicators_until(const struct indicators *x, uint64_t seq, const struct term_list *terms)
{
	const struct match_index *generation = indicators_generation(x);
	const struct match_delta *delta = indicators_delta(x);
	struct looking l = {seq, UINT32_MAX};

	for (size_t i = 0; i < terms->count; i++) {
		const struct term *t = &terms->list[i];

		if (generation && generation->count)
			match_find(generation, entry_fingerprint(generation->seed, t), t, look, &l);
		if (delta)
			delta_find(delta, entry_fingerprint(delta_seed(delta), t), t, look, &l);
	}
	if (delta)
		l.until = delta_until(delta, seq, l.until);
	return l.until == UINT32_MAX ? INT64_MAX : l.until * USEC_PER_SEC;
}
