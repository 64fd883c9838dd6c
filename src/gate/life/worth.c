/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/life/worth.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "gate/internal.h"
#include "gate/tally.h"
#include "policy/decay/testimony.h"

enum {
	KEPT_MAX = 8,
	HEARD_MAX = 20000, /* sightings, and as many opinions */
	SAID_MAX = 4 * HEARD_MAX,
	VALUES_MAX = 65536,
	STATED_MAX = 1024, /* records that name one value */
	BATCH = 256,
	COUNT_MAX = 999999999, /* of a sighting: STIX 2.1 section 5.2 */
};

static const usec KEPT_FOR = 10 * USEC_PER_SEC;

/* What one object says of one indicator. */
struct said {
	uint64_t first; /* the indicator's first record that the reader may see */
	uint64_t newest;
	uint64_t count;
	uint32_t source;
	bool denies;
};

struct of_source {
	uint64_t indicators, hit, hits, denied, first;
};

/* For one kind of reader. */
struct worth {
	uint64_t sight, used, size, withdrawals;
	usec when;
	struct of_source sources[TALLY_SOURCES];
	uint64_t sightings;
	bool more;
};

struct worths {
	struct worth *kept[KEPT_MAX];
};

struct stated;

struct counting {
	struct gate *g;
	const struct sight *sight;
	struct worth *out;
	struct said *said;
	size_t count;
	struct stated *values; /* of indicators that were hit */
	size_t value_count;
};

/* ---- what is said ---- */

static uint64_t first_record(const struct gate *g, const struct sight *sight, uint64_t seq)
{
	uint64_t first = seq;

	for (uint64_t o = seq; o != STORE_NONE; o = store_older(g->store, o))
		if (o < first && sight_allows(g, sight, o))
			first = o;
	return first;
}

static void say(struct counting *c, struct str id, const struct said *what)
{
	uint64_t seq = id.n <= STORE_ID_MAX ? gate_newest(c->g, c->sight, id) : STORE_NONE;
	struct said *s;

	if (seq == STORE_NONE || store_row(c->g->store, seq)->tag != STIX_TYPE_INDICATOR)
		return;
	if (c->count == SAID_MAX) {
		c->out->more = true;
		return;
	}
	s = &c->said[c->count++];
	*s = *what;
	s->newest = seq;
	s->first = first_record(c->g, c->sight, seq);
}

static uint64_t count_of(const struct stix_object *o)
{
	yyjson_val *count = yyjson_obj_get(o->root, "count");
	uint64_t n = yyjson_is_uint(count) ? yyjson_get_uint(count) : 1;

	return n < COUNT_MAX ? n : COUNT_MAX;
}

static void hear(struct counting *c, uint64_t seq)
{
	struct gate *g = c->g;
	const struct row *row = store_row(g->store, seq);
	struct said what = {.source = row->source};
	struct stix_object o;
	struct testimony t;

	arena_reset(g->testimony);
	if (stix_object_parse(&o, g->testimony, store_content(g->store, seq), NULL) != OK ||
	    !testimony_read(&t, &o, row->received))
		return;
	what.denies = t.weight > 0;
	what.count = what.denies ? 0 : count_of(&o);
	for (size_t i = 0; i < t.about_count; i++)
		say(c, t.about[i], &what);
}

/* The newest objects of a type. Only those that the reader may see are held against the limit. */
static uint64_t listen_to(struct counting *c, uint16_t type)
{
	struct walk w = gate_walk(c->g, type, store_size(c->g->store));
	uint64_t seq, heard = 0;

	while (gate_walk_next(&w, &seq)) {
		if (!gate_is_newest(c->g, c->sight, seq))
			continue;
		if (heard == HEARD_MAX) {
			c->out->more = true;
			return heard;
		}
		heard++;
		hear(c, seq);
	}
	c->out->more |= w.at > 0;
	return heard;
}

/* ---- who knew it first ---- */

static bool states(struct gate *g, uint64_t seq, const struct term *term)
{
	struct term_list terms;
	struct stix_object o;

	arena_reset(g->testimony);
	return stix_object_parse(&o, g->testimony, store_content(g->store, seq), NULL) == OK &&
	       equality_terms(&terms, g->testimony, json_get_str(o.root, "pattern"), NULL) == OK &&
	       terms_have(&terms, term);
}

/* The visible records of indicators whose key is that of the value, newest first. */
static size_t candidates(struct counting *c, const struct term *term, uint64_t out[STATED_MAX])
{
	struct relations_find find = {
	    RELATIONS_VALUE, relations_value_key(term), store_size(c->g->store)};
	uint64_t seqs[BATCH];
	size_t n = 0, count = 0;

	do {
		if (relations_find(c->g->relations, &find, seqs, BATCH, &n, NULL) != OK)
			return count;
		for (size_t i = 0; i < n; i++) {
			find.before = seqs[i];
			if (store_row(c->g->store, seqs[i])->tag != STIX_TYPE_INDICATOR ||
			    !sight_allows(c->g, c->sight, seqs[i]))
				continue;
			if (count == STATED_MAX) {
				c->out->more = true;
				return 0;
			}
			out[count++] = seqs[i];
		}
	} while (n == BATCH);
	return count;
}

static void credit(struct counting *c, const struct term *term)
{
	uint64_t seqs[STATED_MAX];

	for (size_t n = candidates(c, term, seqs); n > 0; n--) {
		uint32_t source = store_row(c->g->store, seqs[n - 1])->source;

		if (!states(c->g, seqs[n - 1], term))
			continue;
		if (source < TALLY_SOURCES)
			c->out->sources[source].first++;
		return;
	}
}

/* A value of an indicator that was hit: where it stands. */
struct stated {
	int64_t key;
	uint64_t seq;
	size_t at; /* among the record's values */
};

static int by_key(const void *pa, const void *pb)
{
	const struct stated *a = pa, *b = pb;

	return (a->key > b->key) - (a->key < b->key);
}

static bool read_values(struct gate *g, uint64_t seq, struct term_list *out)
{
	struct stix_object o;

	return gate_parse(g, seq, &o) == OK &&
	       equality_terms(out, g->scratch, json_get_str(o.root, "pattern"), NULL) == OK;
}

static void note_values(struct counting *c, uint64_t seq)
{
	struct term_list terms;

	if (!read_values(c->g, seq, &terms))
		return;
	for (size_t i = 0; i < terms.count; i++) {
		if (c->value_count == VALUES_MAX) {
			c->out->more = true;
			return;
		}
		c->values[c->value_count++] =
		    (struct stated){relations_value_key(&terms.list[i]), seq, i};
	}
}

/* Each value once, whoever names it. */
static void credit_all(struct counting *c)
{
	struct term_list terms;

	if (c->value_count > 0)
		qsort(c->values, c->value_count, sizeof(*c->values), by_key);
	for (size_t i = 0; i < c->value_count; i++) {
		const struct stated *v = &c->values[i];

		if ((i == 0 || v[-1].key != v->key) && read_values(c->g, v->seq, &terms))
			credit(c, &terms.list[v->at]);
	}
}

/* ---- counting ---- */

/* What is said of one indicator together, denials by source. */
static int by_indicator(const void *pa, const void *pb)
{
	const struct said *a = pa, *b = pb;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->denies != b->denies)
		return a->denies ? 1 : -1;
	return (a->source > b->source) - (a->source < b->source);
}

/* Of the one that said[from] is about; gives where the next begins. */
static size_t count_indicator(struct counting *c, size_t from)
{
	const struct said *first = &c->said[from];
	uint32_t source = store_row(c->g->store, first->first)->source;
	struct of_source mine = {0};
	size_t i = from;

	for (; i < c->count && c->said[i].first == first->first; i++) {
		const struct said *s = &c->said[i];

		mine.hits += s->count;
		/* However often a source says so, it says it once. */
		mine.denied +=
		    s->denies && (i == from || !s[-1].denies || s[-1].source != s->source);
	}
	if (mine.hits > 0)
		note_values(c, first->newest);
	if (source < TALLY_SOURCES) {
		c->out->sources[source].hit += mine.hits > 0;
		c->out->sources[source].hits += mine.hits;
		c->out->sources[source].denied += mine.denied;
	}
	return i;
}

static void count_all(const struct gate_ask *ask, const struct tally *tally, struct worth *out)
{
	struct counting c = {.g = ask->gate, .out = out};

	for (size_t i = 0; i < TALLY_SOURCES; i++)
		out->sources[i].indicators = tally->indicators_of[i];
	c.sight = gate_sight(ask);
	c.said = mem_grow(NULL, SAID_MAX, sizeof(*c.said));
	c.values = mem_grow(NULL, VALUES_MAX, sizeof(*c.values));
	out->sightings = listen_to(&c, STIX_TYPE_SIGHTING);
	(void)listen_to(&c, STIX_TYPE_OPINION);
	if (c.count > 0)
		qsort(c.said, c.count, sizeof(*c.said), by_indicator);
	for (size_t i = 0; i < c.count;)
		i = count_indicator(&c, i);
	credit_all(&c);
	mem_free(c.said);
	mem_free(c.values);
}

/* ---- what was counted is kept for a moment ---- */

struct worths *gate_worths_new(void)
{
	return mem_alloc(sizeof(struct worths));
}

void gate_worths_free(struct worths *w)
{
	for (size_t i = 0; w && i < KEPT_MAX; i++)
		mem_free(w->kept[i]);
	mem_free(w);
}

static struct worth *slot_of(struct worths *all, uint64_t sight)
{
	struct worth **place = &all->kept[0];

	for (size_t i = 0; i < KEPT_MAX; i++) {
		struct worth *w = all->kept[i];

		if (w && w->sight == sight)
			return w;
		if (!w || (*place && w->used < (*place)->used))
			place = &all->kept[i];
	}
	if (!*place)
		*place = mem_alloc(sizeof(**place));
	memset(*place, 0, sizeof(**place));
	return *place;
}

static const struct worth *counted(const struct gate_ask *ask)
{
	struct gate *g = ask->gate;
	const struct tally *tally = gate_tally(ask);
	uint64_t size = store_size(g->store), withdrawals = store_withdrawals(g->store);
	struct worth *w = slot_of(g->worths, tally->sight);
	usec now = env_now(g->env);

	w->used = ++g->clock;
	if (w->sight == tally->sight && w->withdrawals == withdrawals && now >= w->when &&
	    (w->size == size || now - w->when < KEPT_FOR))
		return w;
	*w = (struct worth){.sight = tally->sight,
	    .used = w->used,
	    .size = size,
	    .withdrawals = withdrawals,
	    .when = now};
	count_all(ask, tally, w);
	return w;
}

static int by_worth(const void *pa, const void *pb)
{
	const struct gate_source_worth *a = pa, *b = pb;

	if (a->first != b->first)
		return a->first > b->first ? -1 : 1;
	if (a->hits != b->hits)
		return a->hits > b->hits ? -1 : 1;
	return str_cmp(a->name, b->name);
}

enum err gate_worth(const struct gate_ask *ask, struct gate_worth *out, struct fault *fault)
{
	const struct worth *w = counted(ask);
	struct gate_worth got = {.sightings = w->sightings, .more = w->more};

	got.items = arena_array(ask->arena, TALLY_SOURCES, sizeof(*got.items));
	if (!got.items)
		return fail(fault, ERR_NOMEM, "out of memory for sources");
	for (uint32_t i = 0; i < TALLY_SOURCES; i++) {
		const struct of_source *s = &w->sources[i];

		if (s->indicators + s->hit + s->denied + s->first == 0)
			continue;
		got.items[got.count++] =
		    (struct gate_source_worth){.name = gate_source_name(ask, i),
		        .indicators = s->indicators,
		        .hit = s->hit,
		        .hits = s->hits,
		        .denied = s->denied,
		        .first = s->first};
	}
	if (got.count > 0)
		qsort(got.items, got.count, sizeof(*got.items), by_worth);
	*out = got;
	return OK;
}
