/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up values, and everything that was ever seen of them in one plain array: the obvious history
 * that the real one is held against. */
#pragma once

#include "temp.h"

#include <string.h>

#include "base/mem.h"
#include "history/key.h"
#include "history/reader.h"
#include "history/store.h"
#include "history/table.h"

enum { VALUES = 600, SEEN_MAX = 100000, TEXT = 64, SOURCES = 3 };

#define HOUR (3600 * USEC_PER_SEC)
#define T0 (INT64_C(1750000000) * USEC_PER_SEC)

struct value {
	struct term term;
	char text[TEXT];
	uint16_t same; /* the first value that is equal */
};

/* An observation, or what is counted as one. */
struct seen {
	uint16_t value, source;
	int16_t host; /* -1: none */
	usec when;
};

struct pair_seen {
	uint16_t name, answer, source;
	usec when;
};

struct world {
	struct value values[VALUES];
	struct seen seen[SEEN_MAX];
	size_t count;
	struct pair_seen pairs[SEEN_MAX / 10];
	size_t pair_count;
};

static const char *const SOURCE_NAMES[SOURCES] = {"north", "south", "west"};

/* Addresses of one network, names below few others, texts. */
static inline void make_value(struct value *v, unsigned i, uint64_t *random)
{
	static const enum term_kind KINDS[] = {
	    TERM_IPV4, TERM_DOMAIN, TERM_DOMAIN, TERM_IPV6, TERM_URL, TERM_SHA256, TERM_EMAIL};
	enum term_kind kind = KINDS[i % 7];
	int n = 0;

	switch (kind) {
	case TERM_IPV4:
		v->text[0] = 10;
		v->text[1] = (char)(next_random(random) % 4);
		v->text[2] = (char)(i >> 8);
		v->text[3] = (char)i;
		n = 4;
		break;
	case TERM_IPV6:
	case TERM_SHA256:
		n = kind == TERM_IPV6 ? 16 : 32;
		fill_random(random, v->text, (size_t)n);
		v->text[0] = 0x20;
		break;
	case TERM_DOMAIN:
		n = snprintf(v->text, TEXT, "%s%sn%u.example",
		    next_random(random) % 3 ? "" : "www.", i % 5 ? "" : "a-b.", i / 20);
		if (next_random(random) % 2)
			n = snprintf(v->text, TEXT, "h%u.n%u.example", i, i / 20);
		break;
	default:
		n = snprintf(v->text, TEXT,
		    kind == TERM_URL ? "http://n%u.example/%u" : "m%u@x%u.example", i, i);
	}
	v->term = (struct term){.kind = kind, .value = {v->text, (size_t)n}};
	v->term.prefix = kind == TERM_IPV4 ? 32 : kind == TERM_IPV6 ? 128 : 0;
}

static inline bool same_term(const struct term *a, const struct term *b)
{
	return a->kind == b->kind && str_eq(a->value, b->value);
}

/* The first value that is it; VALUES when none is. */
static inline unsigned value_of(const struct world *w, const struct term *term)
{
	unsigned i = 0;

	while (i < VALUES && !same_term(&w->values[i].term, term))
		i++;
	return i;
}

static inline struct world *world_new(uint64_t *random)
{
	struct world *w = mem_alloc(sizeof(*w));

	for (unsigned i = 0; i < VALUES; i++) {
		make_value(&w->values[i], i, random);
		w->values[i].same = (uint16_t)value_of(w, &w->values[i].term);
	}
	return w;
}

static inline struct term host_term(int host, char room[4])
{
	const char bytes[4] = {10, 9, (char)(host >> 8), (char)host};

	memcpy(room, bytes, 4);
	return (struct term){.kind = TERM_IPV4, .prefix = 32, .value = {room, 4}};
}

/* A value seen somewhere at some time, now and then often. */
static inline bool world_see(
    struct world *w, struct history_table *t, unsigned source, usec around, uint64_t *random)
{
	unsigned i = (unsigned)(next_random(random) % VALUES);
	struct seen s = {.value = (uint16_t)(next_random(random) % 4 ? i % 20 : i),
	    .source = (uint16_t)source,
	    .host = (int16_t)(next_random(random) % 5 ? (int)(next_random(random) % 300) : -1),
	    .when = around - (usec)(next_random(random) % (uint64_t)(30 * HOUR))};
	char room[4];
	struct term host = host_term(s.host, room);

	if (!history_see(t, &w->values[s.value].term, s.host >= 0 ? &host : NULL, s.when))
		return false;
	assert_true(w->count < SEEN_MAX);
	s.value = w->values[s.value].same;
	w->seen[w->count++] = s;
	return true;
}

static inline void world_pair(
    struct world *w, struct history_table *t, unsigned source, usec around, uint64_t *random)
{
	struct pair_seen p = {.source = (uint16_t)source,
	    .when = around - (usec)(next_random(random) % (uint64_t)(30 * HOUR))};

	do
		p.name = (uint16_t)(next_random(random) % 60);
	while (w->values[p.name].term.kind != TERM_DOMAIN);
	do
		p.answer = (uint16_t)(next_random(random) % 60);
	while (w->values[p.answer].term.kind > TERM_DOMAIN);
	assert_true(
	    history_see_pair(t, &w->values[p.name].term, &w->values[p.answer].term, p.when));
	w->pairs[w->pair_count++] = p;
}

/* What the plain array says of a value at a source in some time. */
struct sum {
	uint64_t count;
	usec first, last;
	struct history_hosts hosts;
	size_t hours;
};

static inline usec second_of(usec when)
{
	return when / USEC_PER_SEC * USEC_PER_SEC;
}

static inline struct sum world_sum(
    const struct world *w, unsigned value, unsigned source, usec from, usec until)
{
	struct sum sum = {.first = INT64_MAX};
	static _Thread_local struct {
		usec first, last;
	} hours[4096];
	usec base = T0 / HOUR - 2048;

	memset(hours, 0, sizeof(hours));
	/* An hour counts or does not: by its first and its last. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < w->count; i++) {
			const struct seen *s = &w->seen[i];
			usec at = second_of(s->when);
			size_t hour = (size_t)(s->when / HOUR - base);

			if (s->source != source || s->value != value)
				continue;
			assert_true(hour < 4096);
			if (pass == 0) {
				if (!hours[hour].first || at < hours[hour].first)
					hours[hour].first = at;
				if (at > hours[hour].last)
					hours[hour].last = at;
				continue;
			}
			if (hours[hour].first >= until || hours[hour].last < from)
				continue;
			sum.count++;
			sum.first = at < sum.first ? at : sum.first;
			sum.last = at > sum.last ? at : sum.last;
			if (s->host >= 0) {
				char room[4];
				struct term host = host_term(s->host, room);
				unsigned bit = history_host_bit(&host);

				sum.hosts.bits[bit / 64] |= UINT64_C(1) << bit % 64;
			}
		}
	}
	for (size_t i = 0; i < 4096; i++)
		sum.hours += hours[i].last && hours[i].first < until && hours[i].last >= from;
	return sum;
}
