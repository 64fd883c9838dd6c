/* SPDX-License-Identifier: Apache-2.0 */
/* What patterns on live streams came to, since the intake process started; people see it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct live_figures {
	uint64_t armed;     /* patterns that look at events */
	uint64_t broad;     /* of these, those that look at every event of some kind */
	uint64_t waiting;   /* not armed, there are too many newer ones */
	uint64_t never;     /* no event can make it true */
	uint64_t refused;   /* no valid pattern, or too large */
	uint64_t disarmed;  /* their work ran out too often */
	uint64_t events;    /* that some pattern looked at */
	uint64_t kept;      /* observations that a pattern kept */
	uint64_t crowded;   /* forgotten or not taken for lack of room: matches may be missed */
	uint64_t undecided; /* looks after which the work ran out: likewise */
	uint64_t matches;
};

struct live_figure {
	const char *name;
	size_t at; /* in the structure */
};

enum { LIVE_FIGURES = 11 };
/* By these names the node's status has them. */
extern const struct live_figure LIVE_FIGURE[LIVE_FIGURES];

static inline uint64_t live_figure(const struct live_figures *f, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)f + LIVE_FIGURE[i].at);
}
