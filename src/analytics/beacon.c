/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/beacon.h"

#include <string.h>

#include "analytics/slots.h"
#include "base/mem.h"

enum {
	PAIRS = 1 << 15,
	TIMES = BEACON_COUNT_MAX,
	TICK = 100000,  /* usec; times are kept in these */
	ONE_CALL = 10,  /* ticks: nearer ones are one connection, told of by several events */
	MISSED_MAX = 2, /* calls in a row that may be missing */
	REGULAR_PERCENT = 80,
	SHORTEST = 50, /* ticks; what is more frequent is one program at work */
	TIME_SERVICE = 123,
};

/* Sensors tell of a connection when it has ended: not in the order of their beginnings. */
static const usec LATE_MAX = 86400 * USEC_PER_SEC;

struct pair {
	struct slot slot;
	usec base; /* ticks count from it */
	usec first, last;
	uint64_t count;
	struct told told;
	uint32_t n;
	uint32_t times[TIMES]; /* the latest, in order */
};

struct beacon {
	const struct analytics_settings *settings;
	struct slots *pairs;
};

struct beacon *beacon_new(const struct analytics_settings *settings, const struct hash_key *key)
{
	struct beacon *b = mem_alloc(sizeof(*b));

	b->settings = settings;
	b->pairs = slots_new(PAIRS, sizeof(struct pair), key);
	return b;
}

void beacon_free(struct beacon *b)
{
	if (!b)
		return;
	slots_free(b->pairs);
	mem_free(b);
}

uint64_t beacon_crowded(const struct beacon *b)
{
	return slots_crowded(b->pairs);
}

static struct pair *pair_of(struct beacon *b, const struct analytics_event *e)
{
	char key[2 * ADDRESS_MAX + 3];
	size_t n = e->host.n;

	memcpy(key, e->host.b, n);
	memcpy(key + n, e->peer.b, e->peer.n);
	n += e->peer.n;
	key[n++] = (char)(e->port >> 8);
	key[n++] = (char)(e->port & 0xff);
	key[n++] = (char)e->udp;
	return slots_get(b->pairs, (struct str){key, n});
}

static void begin(struct pair *p, usec when)
{
	p->base = when - LATE_MAX;
	p->first = p->last = when;
	p->count = p->n = 0;
	p->told = (struct told){0};
}

/* False when it is a connection that is there already, or older than all that are kept. */
static bool insert(struct pair *p, uint32_t tick)
{
	size_t at = p->n;

	while (at > 0 && p->times[at - 1] > tick)
		at--;
	if ((at > 0 && tick - p->times[at - 1] <= ONE_CALL) ||
	    (at < p->n && p->times[at] - tick <= ONE_CALL))
		return false;
	if (p->n < TIMES) {
		memmove(p->times + at + 1, p->times + at, (p->n - at) * sizeof(p->times[0]));
		p->times[at] = tick;
		p->n++;
		return true;
	}
	if (at == 0)
		return false;
	memmove(p->times, p->times + 1, (at - 1) * sizeof(p->times[0]));
	p->times[at - 1] = tick;
	return true;
}

static void sort(uint32_t *list, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t value = list[i];
		size_t at = i;

		for (; at > 0 && list[at - 1] > value; at--)
			list[at] = list[at - 1];
		list[at] = value;
	}
}

/* How far an interval is off the usual one, calls left out allowed for. */
static uint32_t off_by(uint32_t interval, uint32_t usual)
{
	uint32_t times = (interval + usual / 2) / usual, fit;

	if (times < 1)
		times = 1;
	if (times > 1 + MISSED_MAX)
		times = 1 + MISSED_MAX;
	fit = times * usual;
	return interval > fit ? interval - fit : fit - interval;
}

/* Whether the kept times are regular; then what makes them so. */
static bool regular(const struct pair *p, uint32_t percent, uint64_t facts[FINDING_FACTS])
{
	uint32_t gaps[TIMES], off[TIMES], usual, allowed;
	uint32_t n = p->n - 1, fit = 0;

	if (p->n < 2)
		return false;
	for (uint32_t i = 0; i < n; i++)
		gaps[i] = p->times[i + 1] - p->times[i];
	sort(gaps, n);
	usual = gaps[n / 2];
	if (usual < SHORTEST)
		return false;
	allowed = (uint32_t)((uint64_t)usual * percent / 100);
	for (uint32_t i = 0; i < n; i++) {
		off[i] = off_by(gaps[i], usual);
		fit += off[i] <= allowed;
	}
	if (fit * 100 < n * REGULAR_PERCENT)
		return false;
	sort(off, n);
	facts[BEACON_INTERVAL] = (uint64_t)usual * (TICK / 1000);
	facts[BEACON_DEVIATION] = (uint64_t)off[n / 2] * 1000 / usual;
	facts[BEACON_REGULAR] = fit;
	facts[BEACON_INTERVALS] = n;
	return true;
}

static void tell(
    const struct beacon *b, struct pair *p, const struct analytics_event *e, struct outbox *out)
{
	struct finding f = {
	    .detector = DETECTOR_BEACON,
	    .host = e->host,
	    .peer = e->peer,
	    .port = e->port,
	    .first = p->first,
	    .last = p->last,
	    .count = p->count,
	};

	f.facts[BEACON_HOSTS] = e->hosts;

	if (told_due(&p->told, &f) && regular(p, b->settings->beacon_percent, f.facts) &&
	    outbox_add(out, &f))
		told_set(&p->told, &f);
}

void beacon_see(struct beacon *b, const struct analytics_event *e, struct outbox *out)
{
	struct pair *p;
	usec ticks;

	if (e->port == 0 || (e->udp && e->port == TIME_SERVICE))
		return;
	p = pair_of(b, e);
	/* A clock that was wrong, or a new beginning after a year. */
	ticks = (e->when - p->base) / TICK;
	if (p->count == 0 || ticks <= 0 || ticks >= UINT32_MAX || e->when < p->last - LATE_MAX)
		begin(p, e->when);
	if (!insert(p, (uint32_t)((e->when - p->base) / TICK)))
		return;
	p->count++;
	p->first = e->when < p->first ? e->when : p->first;
	p->last = e->when > p->last ? e->when : p->last;
	if (p->count >= b->settings->beacon_count && p->n >= b->settings->beacon_count)
		tell(b, p, e, out);
}
