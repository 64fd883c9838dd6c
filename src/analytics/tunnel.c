/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/tunnel.h"

#include <string.h>

#include "analytics/domain.h"
#include "analytics/sketch.h"
#include "analytics/slots.h"
#include "base/mem.h"

enum { TABLE = 1 << 13, ENTROPY_LEAST = 300 };

static const usec WINDOW = 3600 * USEC_PER_SEC;
static const usec LATE_MAX = 86400 * USEC_PER_SEC;

/* Names that one host asked for below one domain. */
struct below {
	struct slot slot;
	usec start, first, last;
	uint64_t events, carriers; /* of them with types that carry much */
	uint64_t letters, entropy; /* sums over the events */
	struct told told;
	struct sketch names;
	uint32_t unused;
};

struct tunnel {
	const struct analytics_settings *settings;
	struct hash_key key;
	struct slots *table;
};

struct tunnel *tunnel_new(const struct analytics_settings *settings, const struct hash_key *key)
{
	struct tunnel *t = mem_alloc(sizeof(*t));

	t->settings = settings;
	t->key = *key;
	t->table = slots_new(TABLE, sizeof(struct below), key);
	return t;
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	slots_free(t->table);
	mem_free(t);
}

uint64_t tunnel_crowded(const struct tunnel *t)
{
	return slots_crowded(t->table);
}

/* Types that are asked for to carry much, and hardly ever else in great number. */
static bool carries(struct str type)
{
	static const struct str TYPES[] = {S("TXT"), S("NULL"), S("CNAME"), S("MX"), S("SRV")};

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
		if (str_eq(type, TYPES[i]))
			return true;
	return false;
}

static struct below *below_of(struct tunnel *t, const struct analytics_event *e, struct str parent)
{
	char key[ADDRESS_MAX + FINDING_NAME_MAX];

	memcpy(key, e->host.b, e->host.n);
	memcpy(key + e->host.n, parent.p, parent.n);
	return slots_get(t->table, (struct str){key, e->host.n + parent.n});
}

static void count(
    const struct tunnel *t, struct below *b, const struct analytics_event *e, struct str rest)
{
	if (b->start == 0 || e->when >= b->start + WINDOW || e->when < b->start - LATE_MAX) {
		b->start = b->first = b->last = e->when;
		b->events = b->carriers = b->letters = b->entropy = 0;
		b->names = (struct sketch){0};
	}
	b->first = e->when < b->first ? e->when : b->first;
	b->last = e->when > b->last ? e->when : b->last;
	b->events++;
	b->carriers += carries(e->type);
	b->letters += rest.n;
	b->entropy += domain_entropy(rest);
	sketch_add(&b->names, hash_bytes(&t->key, rest));
}

void tunnel_see(struct tunnel *t, const struct analytics_event *e, struct outbox *out)
{
	struct finding f = {.detector = DETECTOR_TUNNEL, .host = e->host};
	struct domain d;
	struct below *b;

	if (e->name.n > FINDING_NAME_MAX || !domain_split(&d, e->name) || d.rest.n == 0)
		return;
	b = below_of(t, e, d.parent);
	count(t, b, e, d.rest);
	f.facts[TUNNEL_NAMES] = sketch_count(&b->names);
	f.facts[TUNNEL_LETTERS] = b->letters / b->events;
	f.facts[TUNNEL_ENTROPY] = b->entropy / b->events;
	f.facts[TUNNEL_CARRIERS] = b->carriers;
	if (f.facts[TUNNEL_NAMES] < t->settings->tunnel_names ||
	    f.facts[TUNNEL_LETTERS] < t->settings->tunnel_letters ||
	    f.facts[TUNNEL_ENTROPY] < ENTROPY_LEAST)
		return;
	f.first = b->first;
	f.last = b->last;
	f.count = b->events;
	f.name_n = (uint8_t)d.parent.n;
	memcpy(f.name, d.parent.p, d.parent.n);
	if (told_due(&b->told, &f) && outbox_add(out, &f))
		told_set(&b->told, &f);
}
