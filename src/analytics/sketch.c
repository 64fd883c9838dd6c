/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/sketch.h"

#include <math.h>

void sketch_add(struct sketch *s, uint64_t hash)
{
	uint64_t *word = &s->words[hash % SKETCH_BITS / 64];
	uint64_t bit = UINT64_C(1) << (hash & 63);

	s->ones += !(*word & bit);
	*word |= bit;
}

uint64_t sketch_count(const struct sketch *s)
{
	const double bits = SKETCH_BITS;
	double zeros = bits - s->ones;

	return (uint64_t)lround(bits * log(bits / (zeros < 1 ? 1 : zeros)));
}
