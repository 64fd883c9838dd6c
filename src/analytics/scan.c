/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/scan.h"

#include <string.h>

#include "analytics/sketch.h"
#include "analytics/slots.h"
#include "base/mem.h"

/* From there on ports are those of clients: without a connection, what goes there is an answer. */
enum { TABLE = 1 << 13, CLIENT_PORTS = 32768 };

static const usec WINDOW = 600 * USEC_PER_SEC;
static const usec LATE_MAX = 86400 * USEC_PER_SEC;

/* Tries of one host, either of one port or towards one peer. */
struct tries {
	struct slot slot;
	usec start, first, last;
	uint64_t vain, answered;
	struct told told;
	struct sketch targets;
	uint32_t unused;
};

struct scan {
	const struct analytics_settings *settings;
	struct hash_key key;
	struct slots *wide, *deep;
};

struct scan *scan_new(const struct analytics_settings *settings, const struct hash_key *key)
{
	struct scan *s = mem_alloc(sizeof(*s));

	s->settings = settings;
	s->key = *key;
	s->wide = slots_new(TABLE, sizeof(struct tries), key);
	s->deep = slots_new(TABLE, sizeof(struct tries), key);
	return s;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	slots_free(s->wide);
	slots_free(s->deep);
	mem_free(s);
}

uint64_t scan_crowded(const struct scan *s)
{
	return slots_crowded(s->wide) + slots_crowded(s->deep);
}

/* The host, then what its tries have in common. */
static struct tries *tries_of(
    struct slots *table, const struct analytics_event *e, struct str common)
{
	char key[2 * ADDRESS_MAX];

	memcpy(key, e->host.b, e->host.n);
	memcpy(key + e->host.n, common.p, common.n);
	return slots_get(table, (struct str){key, e->host.n + common.n});
}

static void count(struct tries *t, const struct analytics_event *e, bool vain, uint64_t target)
{
	if (t->start == 0 || e->when >= t->start + WINDOW || e->when < t->start - LATE_MAX) {
		t->start = t->first = t->last = e->when;
		t->vain = t->answered = 0;
		t->targets = (struct sketch){0};
	}
	t->first = e->when < t->first ? e->when : t->first;
	t->last = e->when > t->last ? e->when : t->last;
	t->vain += vain;
	t->answered += !vain;
	if (vain)
		sketch_add(&t->targets, target);
}

static void tell(const struct scan *s, struct tries *t, struct finding *f, struct outbox *out)
{
	uint64_t targets = sketch_count(&t->targets);

	if (targets < s->settings->scan_targets || t->answered > t->vain)
		return;
	f->first = t->first;
	f->last = t->last;
	f->count = t->vain;
	f->facts[SCAN_TARGETS] = targets;
	f->facts[SCAN_VAIN] = t->vain;
	f->facts[SCAN_ANSWERED] = t->answered;
	if (told_due(&t->told, f) && outbox_add(out, f))
		told_set(&t->told, f);
}

void scan_see(struct scan *s, const struct analytics_event *e, struct outbox *out)
{
	/* A refusal is one packet, and no conversation. */
	bool vain = e->replies == 0 || (!e->udp && e->replies == 1);
	const char port[3] = {(char)(e->port >> 8), (char)(e->port & 0xff), (char)e->udp};
	struct str port_key = {port, sizeof(port)};
	struct finding f = {.detector = DETECTOR_SCAN, .host = e->host, .port = e->port};
	struct tries *wide, *deep;

	if (e->udp && e->port >= CLIENT_PORTS)
		return;
	wide = tries_of(s->wide, e, port_key);
	deep = tries_of(s->deep, e, address_bytes(&e->peer));
	count(wide, e, vain, hash_bytes(&s->key, address_bytes(&e->peer)));
	count(deep, e, vain, hash_bytes(&s->key, port_key));
	if (!vain || e->port == 0)
		return;
	tell(s, wide, &f, out);
	f.port = 0;
	f.peer = e->peer;
	tell(s, deep, &f, out);
}
