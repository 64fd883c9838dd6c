/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/made.h"

#include "analytics/domain.h"
#include "analytics/sketch.h"
#include "analytics/slots.h"
#include "base/mem.h"

enum {
	TABLE = 1 << 12,
	LABEL_LEAST = 7, /* shorter ones say too little */
	ODD_LEAST = 5 * SURPRISE_UNIT,
	CHANGES_LEAST = 4, /* between digits and letters */
	ODD_PERCENT = 60,  /* of the names that do not exist */
};

static const usec WINDOW = 3600 * USEC_PER_SEC;
static const usec LATE_MAX = 86400 * USEC_PER_SEC;

/* Domains that a host asked for in vain. */
struct vain {
	struct slot slot;
	usec start, first, last;
	uint64_t events;
	struct told told;
	struct sketch all, odd;
};

struct made {
	const struct analytics_settings *settings;
	struct hash_key key;
	struct slots *hosts;
};

struct made *made_new(const struct analytics_settings *settings, const struct hash_key *key)
{
	struct made *m = mem_alloc(sizeof(*m));

	m->settings = settings;
	m->key = *key;
	m->hosts = slots_new(TABLE, sizeof(struct vain), key);
	return m;
}

void made_free(struct made *m)
{
	if (!m)
		return;
	slots_free(m->hosts);
	mem_free(m);
}

uint64_t made_crowded(const struct made *m)
{
	return slots_crowded(m->hosts);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits among letters, as digests are written. */
static bool is_mixed(struct str label)
{
	size_t changes = 0;

	for (size_t i = 1; i < label.n; i++)
		changes += is_digit(label.p[i]) != is_digit(label.p[i - 1]);
	return changes >= CHANGES_LEAST;
}

bool made_is_odd(struct str label)
{
	return label.n >= LABEL_LEAST && !str_starts(label, S("xn--")) &&
	       (domain_surprise(label) >= ODD_LEAST || is_mixed(label));
}

void made_see(struct made *m, const struct analytics_event *e, struct outbox *out)
{
	struct finding f = {.detector = DETECTOR_MADE, .host = e->host};
	struct domain d;
	struct vain *v;
	uint64_t hash;

	if (!domain_split(&d, e->name))
		return;
	v = slots_get(m->hosts, address_bytes(&e->host));
	if (v->start == 0 || e->when >= v->start + WINDOW || e->when < v->start - LATE_MAX) {
		v->start = v->first = v->last = e->when;
		v->events = 0;
		v->all = v->odd = (struct sketch){0};
	}
	v->first = e->when < v->first ? e->when : v->first;
	v->last = e->when > v->last ? e->when : v->last;
	v->events++;
	hash = hash_bytes(&m->key, d.parent);
	sketch_add(&v->all, hash);
	if (!made_is_odd(d.label))
		return;
	sketch_add(&v->odd, hash);
	f.facts[MADE_NAMES] = sketch_count(&v->odd);
	f.facts[MADE_VAIN] = sketch_count(&v->all);
	if (f.facts[MADE_NAMES] < m->settings->made_names ||
	    f.facts[MADE_NAMES] * 100 < f.facts[MADE_VAIN] * ODD_PERCENT)
		return;
	f.first = v->first;
	f.last = v->last;
	f.count = v->events;
	if (told_due(&v->told, &f) && outbox_add(out, &f))
		told_set(&v->told, &f);
}
