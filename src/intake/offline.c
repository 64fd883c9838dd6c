/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/offline.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intake/aggregate.h"
#include "intake/foreign.h"
#include "stix/object.h"
#include "stix/type.h"

enum {
	AGGREGATES = 1 << 16,
	OBJECT_MEMORY = 256 << 20,
	JSON_BYTES_MAX = 1 << 20,
	RECENT = 1 << 12, /* a power of two */
	RECENT_VALUE = 64,
	SEED = 1, /* nobody outlives the run to learn it */
};

/* Of the ids of sightings; made for this. */
static const struct uuid SPACE = {{0x0d, 0x5e, 0x7c, 0x41, 0x9a, 0x1f, 0x4e, 0x0b, 0x8c, 0x36, 0x52,
    0xd1, 0xe7, 0x90, 0x4b, 0xa8}};

struct indicator {
	char id[SIGHTING_ID_MAX];
	int64_t version;
	enum tlp tlp;
	usec from, until; /* until 0: for ever */
	bool dead;        /* revoked, or a newer version is here */
};

/* A sighting that is being counted, by what its key is made from: most hits are like one a moment
 * ago, and need no key then. */
struct recent {
	struct aggregate *aggregate; /* NULL: free */
	uint64_t seq;
	usec window;
	enum term_kind kind;
	uint8_t prefix;
	size_t n;
	char value[RECENT_VALUE];
};

struct offline {
	struct offline_options options;
	struct indicator *indicators; /* the index's `seq` is the place in it */
	size_t count, room, live;
	struct index_builder *builder;
	void *map;
	struct match_index index;
	struct matcher *matcher;
	struct arena *arena;
	struct buf json;
	char *source;
	struct aggregator *aggregator, *observables;
	struct recent *recent; /* filed by fingerprint, a newer one takes the place */
	uint32_t part;
	struct match_counts counts;
	uint64_t hits, sightings;
};

struct offline *offline_new(const struct offline_options *options)
{
	struct offline *o = mem_alloc(sizeof(*o));

	o->options = *options;
	o->builder = index_builder_new(SEED);
	o->matcher = matcher_new(NULL);
	o->arena = arena_new(OBJECT_MEMORY);
	o->aggregator = aggregator_new(AGGREGATES);
	o->observables = aggregator_new(AGGREGATES);
	o->recent = mem_alloc(RECENT * sizeof(o->recent[0]));
	buf_init(&o->json, JSON_BYTES_MAX);
	return o;
}

void offline_free(struct offline *o)
{
	if (!o)
		return;
	index_builder_free(o->builder);
	matcher_free(o->matcher);
	arena_free(o->arena);
	aggregator_free(o->aggregator);
	aggregator_free(o->observables);
	buf_free(&o->json);
	mem_free(o->recent);
	mem_free(o->indicators);
	mem_free(o->map);
	mem_free(o->source);
	mem_free(o);
}

static usec time_in(yyjson_val *root, const char *key)
{
	usec time = 0;

	return time_parse_any(&time, json_get_str(root, key)) == OK ? time : 0;
}

static void keep_indicator(struct offline *o, const struct indicator *i)
{
	if (o->count == o->room) {
		o->room = o->room ? o->room * 2 : 1024;
		o->indicators = mem_grow(o->indicators, o->room, sizeof(o->indicators[0]));
	}
	o->indicators[o->count++] = *i;
}

/* Of the indicator kept last. */
static enum err add_terms(struct offline *o, const struct term_list *terms)
{
	struct index_entry e = {.seq = o->count - 1, .until = UINT32_MAX};

	for (size_t t = 0; t < terms->count; t++) {
		e.term = terms->list[t];
		TRY(index_builder_add(o->builder, &e));
	}
	o->live += terms->count > 0;
	return OK;
}

static enum err add_object(struct offline *o, const struct stix_object *object)
{
	struct indicator i = {
	    .version = object->version,
	    .tlp = stix_object_tlp(object),
	    .from = time_in(object->root, "valid_from"),
	    .until = time_in(object->root, "valid_until"),
	    .dead = object->revoked,
	};
	struct term_list terms = {0};

	/* One that names no plain value still supersedes what it is a version of. */
	if (equality_terms(&terms, o->arena, json_get_str(object->root, "pattern"), NULL) != OK)
		terms.count = 0;
	if (object->id.n >= SIGHTING_ID_MAX)
		return ERR_LIMIT;
	memcpy(i.id, object->id.p, object->id.n);
	keep_indicator(o, &i);
	return add_terms(o, &terms);
}

static enum err add_value(struct offline *o, const struct foreign_value *value)
{
	static const struct str PREFIX = S("indicator--");
	struct indicator i = {
	    .version = o->options.now, .tlp = TLP_NONE, .from = value->from, .until = value->until};
	struct term term = value->term;

	memcpy(i.id, PREFIX.p, PREFIX.n);
	uuid_format(i.id + PREFIX.n, &value->id);
	keep_indicator(o, &i);
	return add_terms(o, &(struct term_list){.list = &term, .count = 1});
}

static enum err take_item(
    struct offline *o, const struct foreign_item *item, size_t number, struct fault *fault)
{
	struct stix_object object;
	struct fault inner = {.code = OK};
	enum err rc;

	if (item->made) {
		rc = add_value(o, &item->value);
	} else {
		rc = stix_object_parse(&object, o->arena, item->json, &inner);
		if (rc != OK)
			return fail(fault, rc, "object %zu: %s", number, inner.text);
		if (object.type != STIX_TYPE_INDICATOR)
			return OK;
		rc = add_object(o, &object);
	}
	if (rc != OK)
		return fail(fault, rc, "object %zu: id or value too long", number);
	return OK;
}

enum err offline_indicators(struct offline *o, struct str text, struct fault *fault)
{
	const struct foreign_options options = {
	    .source = S("scan"), .tlp = TLP_NONE, .now = o->options.now, .plain = true};
	struct foreign *f;

	TRY(foreign_open(&f, text, &options, fault));
	for (size_t number = 0;; number++) {
		struct fault refused = {.code = OK};
		struct foreign_item item;
		enum err rc;

		arena_reset(o->arena);
		rc = foreign_next(f, &item, o->arena, &refused);
		if (rc == ERR_NOT_FOUND)
			break;
		if (rc == OK)
			rc = take_item(o, &item, number, &refused);
		if (rc != OK)
			o->options.refused(o->options.ctx, &refused);
	}
	foreign_free(f);
	return OK;
}

/* Of an id in a table of places plus one: its own, or the free one where it would go. */
static size_t *slot_of(const struct offline *o, size_t *slots, size_t mask, const char *id)
{
	size_t at = (size_t)fingerprint(SEED, 0, 0, str_c(id));

	for (;; at++) {
		size_t *slot = &slots[at & mask];

		if (!*slot || strcmp(o->indicators[*slot - 1].id, id) == 0)
			return slot;
	}
}

static void bury_old_versions(struct offline *o)
{
	size_t size = 2;
	size_t *slots;

	while (size < 2 * o->count)
		size *= 2;
	slots = mem_alloc(size * sizeof(*slots));
	for (size_t i = 0; i < o->count; i++) {
		size_t *slot = slot_of(o, slots, size - 1, o->indicators[i].id);
		struct indicator *known = *slot ? &o->indicators[*slot - 1] : NULL;

		if (known && known->version >= o->indicators[i].version) {
			o->indicators[i].dead = true;
			continue;
		}
		if (known)
			known->dead = true;
		*slot = i + 1;
	}
	mem_free(slots);
}

enum err offline_ready(struct offline *o, struct fault *fault)
{
	size_t size = index_builder_size(o->builder);

	if (o->live == 0)
		return fail(
		    fault, ERR_NOT_FOUND, "the indicator files hold no indicator of plain values");
	bury_old_versions(o);
	o->map = mem_alloc(size);
	index_builder_write(o->builder, 0, o->map);
	index_builder_free(o->builder);
	o->builder = NULL;
	TRY(match_open(&o->index, (struct str){o->map, size}, fault));
	matcher_layers(o->matcher, &o->index, NULL);
	return OK;
}

uint64_t offline_indicator_count(const struct offline *o)
{
	return o->live;
}

void offline_begin(struct offline *o, struct str source)
{
	mem_free(o->source);
	o->source = mem_alloc(source.n + 1);
	if (source.n)
		memcpy(o->source, source.p, source.n);
	o->part = 0;
	matcher_restart(o->matcher, false);
}

static void emit_json(struct offline *o)
{
	if (o->json.failed == OK)
		o->options.emit(o->options.ctx, buf_str(&o->json));
}

static void emit_sightings(struct offline *o)
{
	for (size_t i = 0; i < aggregator_count(o->aggregator); i++) {
		struct aggregate *g = aggregator_at(o->aggregator, i);

		aggregate_tell(g, o->options.now);
		buf_reset(&o->json);
		sighting_observed_data(&o->json, &g->sighting, STR_NONE);
		emit_json(o);
		buf_reset(&o->json);
		sighting_object(&o->json, &g->sighting, STR_NONE);
		emit_json(o);
		o->sightings++;
	}
	aggregator_clear(o->aggregator);
	memset(o->recent, 0, RECENT * sizeof(o->recent[0]));
}

/* The observable is told once, as far as is remembered. */
static void emit_observable(
    struct offline *o, char id[SIGHTING_ID_MAX], const struct term *value, enum tlp tlp)
{
	struct str type;
	struct uuid key;

	buf_reset(&o->json);
	if (sighting_observable(&o->json, id, value, tlp, o->arena) != OK ||
	    !stix_id_split(&type, &key, str_c(id)) || aggregator_find(o->observables, &key))
		return;
	if (!aggregator_add(o->observables, &key)) {
		aggregator_clear(o->observables);
		(void)aggregator_add(o->observables, &key);
	}
	emit_json(o);
}

static struct aggregate *aggregate_of(
    struct offline *o, const struct indicator *i, const struct term *value, usec when)
{
	struct sighting_of of = {.indicator = str_c(i->id),
	    .value = value,
	    .source = str_c(o->source),
	    .when = when,
	    .part = o->part};
	struct uuid key = sighting_key(&SPACE, &of, o->arena);
	struct aggregate *g = aggregator_find(o->aggregator, &key);

	if (g)
		return g;
	g = aggregator_add(o->aggregator, &key);
	if (!g) {
		/* What comes after in the same hour is told apart. */
		emit_sightings(o);
		of.part = ++o->part;
		key = sighting_key(&SPACE, &of, o->arena);
		g = aggregator_add(o->aggregator, &key);
	}
	memcpy(g->sighting.indicator, i->id, SIGHTING_ID_MAX);
	g->sighting.tlp = i->tlp;
	emit_observable(o, g->sighting.observable, value, i->tlp);
	return g;
}

static struct recent *recent_slot(struct offline *o, const struct match_hit *hit, usec window)
{
	const struct term *t = &hit->value;
	uint64_t seed = hit->entry.seq << 32 ^ (uint64_t)window;

	return &o->recent[fingerprint(seed, (unsigned)t->kind, t->prefix, t->value) & (RECENT - 1)];
}

static bool recent_is(const struct recent *r, const struct match_hit *hit, usec window)
{
	return r->aggregate && r->seq == hit->entry.seq && r->window == window &&
	       r->kind == hit->value.kind && r->prefix == hit->value.prefix &&
	       str_eq((struct str){r->value, r->n}, hit->value.value);
}

static void recent_set(
    struct recent *r, const struct match_hit *hit, usec window, struct aggregate *g)
{
	if (hit->value.value.n > RECENT_VALUE)
		return;
	*r = (struct recent){.aggregate = g,
	    .seq = hit->entry.seq,
	    .window = window,
	    .kind = hit->value.kind,
	    .prefix = hit->value.prefix,
	    .n = hit->value.value.n};
	memcpy(r->value, hit->value.value.p, r->n);
}

static void take_hit(void *ctx, const struct match_hit *hit)
{
	struct offline *o = ctx;
	const struct indicator *i = &o->indicators[hit->entry.seq];
	usec now = o->options.now, when = now, window;
	struct recent *r;
	struct aggregate *g;

	if (i->dead || now < i->from || (i->until && now >= i->until))
		return;
	if (hit->timestamp.n && time_parse_any(&when, hit->timestamp) != OK)
		when = now;
	window = when / SIGHTING_WINDOW;
	r = recent_slot(o, hit, window);
	g = recent_is(r, hit, window) ? r->aggregate : NULL;
	if (!g) {
		arena_reset(o->arena);
		g = aggregate_of(o, i, &hit->value, when);
		recent_set(r, hit, window, g);
	}
	aggregate_count(g, 1, when, when);
	o->hits++;
}

size_t offline_feed(struct offline *o, struct str block)
{
	return matcher_feed(
	    o->matcher, block, &o->counts, &(struct match_sink){.hit = take_hit, .ctx = o});
}

void offline_end(struct offline *o)
{
	emit_sightings(o);
}

struct match_counts offline_counts(const struct offline *o)
{
	struct match_counts counts = o->counts;

	counts.hits = o->hits;
	return counts;
}

uint64_t offline_sightings(const struct offline *o)
{
	return o->sightings;
}
