/* SPDX-License-Identifier: Apache-2.0 */
/* How much somebody may do: so much a second, and so much at once after a rest. Pure: it is told
 * the time. A bucket of all zeros is full. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"

enum { BUCKET_TAKE_MAX = 4096 }; /* at once; more counts as so much */

struct bucket_size {
	uint32_t rate;  /* a second; 0: no limit */
	uint32_t burst; /* at once, at least 1 */
};

struct bucket {
	usec full_at; /* when all that was taken out will have come back */
};

/* Whether n can be taken now without owing. A clock that was set back by more than all that could
 * be owed counts as a full bucket. */
bool bucket_has(const struct bucket *b, struct bucket_size size, uint32_t n, usec now);
/* Takes n, owing what is not there: at most BUCKET_TAKE_MAX. */
void bucket_take(struct bucket *b, struct bucket_size size, uint32_t n, usec now);
/* When n can be taken without owing, or, when n is more than the bucket holds, when it is full. */
usec bucket_when(const struct bucket *b, struct bucket_size size, uint32_t n, usec now);
