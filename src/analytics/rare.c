/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/rare.h"

#include <math.h>

#include "analytics/slots.h"
#include "base/mem.h"

enum {
	TABLE = 1 << 15,
	KNOWN_WORDS =
	    1 << 17, /* a filter that says one too many in a thousand at a million peers */
	KNOWN_PROBES = 4,
	HOSTS = 64,
};

static const usec HOUR = 3600 * USEC_PER_SEC;
static const usec DAY = 86400 * USEC_PER_SEC;
static const usec REMEMBERED = 30 * DAY; /* by each of the two filters */

struct peer {
	struct slot slot;
	usec first, last;
	uint64_t count;
	uint64_t hosts; /* one bit each, by its hash */
	struct told told;
	uint64_t fresh; /* nobody knew it before */
};

struct rare {
	const struct analytics_settings *settings;
	struct hash_key key;
	struct slots *peers;
	usec latest, learned, turned;
	uint64_t *known[2]; /* this period's and the one before */
};

struct rare *rare_new(const struct analytics_settings *settings, const struct hash_key *key)
{
	struct rare *r = mem_alloc(sizeof(*r));

	r->settings = settings;
	r->key = *key;
	r->peers = slots_new(TABLE, sizeof(struct peer), key);
	for (size_t i = 0; i < 2; i++)
		r->known[i] = mem_alloc(KNOWN_WORDS * sizeof(*r->known[i]));
	return r;
}

void rare_free(struct rare *r)
{
	if (!r)
		return;
	slots_free(r->peers);
	mem_free(r->known[0]);
	mem_free(r->known[1]);
	mem_free(r);
}

uint64_t rare_crowded(const struct rare *r)
{
	return slots_crowded(r->peers);
}

static bool knows(const uint64_t *known, uint64_t hash)
{
	for (unsigned i = 0; i < KNOWN_PROBES; i++, hash = hash << 16 | hash >> 48)
		if (!(known[hash % KNOWN_WORDS] >> (hash >> 40 & 63) & 1))
			return false;
	return true;
}

static void learn(uint64_t *known, uint64_t hash)
{
	for (unsigned i = 0; i < KNOWN_PROBES; i++, hash = hash << 16 | hash >> 48)
		known[hash % KNOWN_WORDS] |= UINT64_C(1) << (hash >> 40 & 63);
}

/* Time that was watched: a gap in the events counts as an hour, whatever the clocks say. */
static void pass_time(struct rare *r, usec when)
{
	usec step = when - r->latest;

	if (r->latest == 0 || step < -DAY)
		r->latest = when;
	if (r->latest == 0 || step <= 0)
		return;
	r->latest = when;
	r->learned += step < HOUR ? step : HOUR;
	if (r->learned - r->turned < REMEMBERED)
		return;
	uint64_t *old = r->known[1];

	r->turned = r->learned;
	r->known[1] = r->known[0];
	r->known[0] = old;
	for (size_t i = 0; i < KNOWN_WORDS; i++)
		old[i] = 0;
}

/* Linear counting again, in one word. */
static unsigned hosts_of(const struct peer *p)
{
	int zeros = HOSTS - __builtin_popcountll(p->hosts);

	return (unsigned)lround(HOSTS * log(HOSTS / (double)(zeros ? zeros : 1)));
}

static void tell(
    struct rare *r, struct peer *p, const struct analytics_event *e, struct outbox *out)
{
	struct finding f = {
	    .detector = DETECTOR_RARE,
	    .host = e->host,
	    .peer = e->peer,
	    .first = p->first,
	    .last = p->last,
	    .count = p->count,
	    .facts = {[RARE_DAYS] = (uint64_t)(r->learned / DAY),
	        [RARE_MINUTES] = (uint64_t)((p->last - p->first) / (60 * USEC_PER_SEC))},
	};

	if (r->settings->on[DETECTOR_RARE] && told_due(&p->told, &f) && outbox_add(out, &f))
		told_set(&p->told, &f);
}

unsigned rare_see(struct rare *r, const struct analytics_event *e, struct outbox *out)
{
	struct str key = address_bytes(&e->peer);
	struct peer *p = slots_get(r->peers, key);
	uint64_t hash = hash_bytes(&r->key, key);

	pass_time(r, e->when);
	if (p->count == 0) {
		p->first = p->last = e->when;
		p->fresh = r->learned >= r->settings->rare_days * DAY &&
		           !knows(r->known[0], hash) && !knows(r->known[1], hash);
	}
	learn(r->known[0], hash);
	p->count++;
	p->first = e->when < p->first ? e->when : p->first;
	p->last = e->when > p->last ? e->when : p->last;
	p->hosts |= UINT64_C(1) << (hash_bytes(&r->key, address_bytes(&e->host)) % HOSTS);
	if (p->fresh && (p->hosts & (p->hosts - 1)) == 0 && p->last - p->first >= HOUR &&
	    p->last - p->first <= DAY && p->count >= r->settings->rare_count)
		tell(r, p, e, out);
	return hosts_of(p);
}
