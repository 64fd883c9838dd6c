/* SPDX-License-Identifier: Apache-2.0 */
/* Findings on their way out of the detectors. While it is full nothing new is told; who keeps
 * behaving so is found again. */
#pragma once

#include "analytics/finding.h"

enum { OUTBOX_MAX = 64 };

struct outbox {
	size_t count;
	struct finding list[OUTBOX_MAX];
};

/* False: full. */
static inline bool outbox_add(struct outbox *o, const struct finding *f)
{
	if (o->count == OUTBOX_MAX)
		return false;
	o->list[o->count++] = *f;
	return true;
}

/* What was told of an entry: again when a day begins, or when what it rests on has doubled. */
struct told {
	uint64_t count;
	int64_t day;
};

#define TOLD_DAY (86400 * USEC_PER_SEC)

static inline bool told_due(const struct told *t, const struct finding *f)
{
	return t->count == 0 || f->last / TOLD_DAY > t->day || f->count / 2 >= t->count;
}

static inline void told_set(struct told *t, const struct finding *f)
{
	*t = (struct told){f->count, f->last / TOLD_DAY};
}
