/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/burst.h"

#include "analytics/slots.h"
#include "base/mem.h"

enum {
	TABLE = 1 << 13,
	PAST_LEAST = 144, /* parts of a past that can be spoken of: a day */
	GAP_MAX = 1008,   /* parts without an event, a week: the past is no more */
	FADE = 1024,      /* parts in which an old height has lost two thirds */
};

static const usec PART = 600 * USEC_PER_SEC;

struct measure {
	uint64_t now, highest, total;
	struct told told;
};

struct load {
	struct slot slot;
	int64_t part;  /* of time, that is counted */
	uint64_t past; /* parts before it */
	usec first, last;
	struct measure of[BURST_MEASURES];
	uint32_t unused;
};

struct burst {
	const struct analytics_settings *settings;
	struct slots *hosts;
};

struct burst *burst_new(const struct analytics_settings *settings, const struct hash_key *key)
{
	struct burst *b = mem_alloc(sizeof(*b));

	b->settings = settings;
	b->hosts = slots_new(TABLE, sizeof(struct load), key);
	return b;
}

void burst_free(struct burst *b)
{
	if (!b)
		return;
	slots_free(b->hosts);
	mem_free(b);
}

uint64_t burst_crowded(const struct burst *b)
{
	return slots_crowded(b->hosts);
}

static void go_on(struct measure *m, uint64_t parts)
{
	for (uint64_t i = 0; i < parts; i++)
		m->highest -= m->highest / FADE;
	m->highest = m->now > m->highest ? m->now : m->highest;
	m->total += m->now;
	m->now = 0;
}

/* Goes on to the part of time that the event is in; one that comes late counts in the newest. */
static void go_to(struct load *l, usec when)
{
	int64_t part = when / PART;
	int64_t gap = part - l->part;

	if (l->last == 0 || gap > GAP_MAX || gap < -GAP_MAX) {
		struct slot slot = l->slot;

		*l = (struct load){.slot = slot, .part = part, .first = when, .last = when};
		return;
	}
	if (gap > 0) {
		for (size_t i = 0; i < BURST_MEASURES; i++)
			go_on(&l->of[i], (uint64_t)gap);
		l->part = part;
		l->past += (uint64_t)gap;
		l->first = when;
	}
	l->last = when > l->last ? when : l->last;
}

static void tell(const struct burst *b, struct load *l, enum burst_measure what,
    const struct analytics_event *e, struct outbox *out)
{
	struct measure *m = &l->of[what];
	uint64_t least = what == BURST_BYTES ? (uint64_t)b->settings->burst_megabytes << 20
	                                     : b->settings->burst_connections;
	struct finding f = {
	    .detector = DETECTOR_BURST,
	    .host = e->host,
	    .first = l->first,
	    .last = l->last,
	    .count = l->of[BURST_CONNECTIONS].now,
	    .facts = {[BURST_WHAT] = what,
	        [BURST_NOW] = m->now,
	        [BURST_HIGHEST] = m->highest,
	        [BURST_MEAN] = l->past ? m->total / l->past : 0,
	        [BURST_HOURS] = l->past / 6},
	};

	if (l->past < PAST_LEAST || m->now < least ||
	    m->now / b->settings->burst_factor < m->highest)
		return;
	if (told_due(&m->told, &f) && outbox_add(out, &f))
		told_set(&m->told, &f);
}

void burst_see(struct burst *b, const struct analytics_event *e, struct outbox *out)
{
	struct load *l = slots_get(b->hosts, address_bytes(&e->host));

	go_to(l, e->when);
	l->of[BURST_CONNECTIONS].now++;
	l->of[BURST_BYTES].now += e->sent < UINT32_MAX ? e->sent : UINT32_MAX;
	for (unsigned i = 0; i < BURST_MEASURES; i++)
		tell(b, l, (enum burst_measure)i, e, out);
}
