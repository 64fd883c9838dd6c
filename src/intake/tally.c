/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/tally.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intake/live/found.h"
#include "intake/position.h"
#include "stix/object.h"
#include "stix/type.h"
#include "view/guard.h"

enum {
	AGGREGATES = 1 << 15, /* sightings counted at a time; more than a batch can have */
	TOLD_MAX = 4000,      /* sightings in one batch of records */
	RECORDS_EACH = 4,     /* observed data, sighting; each joins two feeds */
	PENDING_MAX = 200,    /* counts carried in a position; more are written out */
	CACHE = 4096,         /* indicators looked at lately */
	WORK_MEMORY = 256 << 20,
	JSON_BYTES_MAX = 48 << 20,
	FEED_EVERYTHING = 1,
	FEED_SIGHTINGS = 2,
};

/* However little happens, a place is not older in the ledger. */
static const usec PLACE_EVERY = 10 * USEC_PER_SEC;

static const char *const STATES[] = {"live", "silent", "error"};

struct indicator {
	uint64_t decision; /* of the guard, that was looked at */
	bool kept_back;
	uint64_t seq; /* plus one; 0: free */
	bool usable;
	char id[SIGHTING_ID_MAX];
	struct label label;
	usec from, until; /* until 0: for ever */
};

struct tally {
	struct tally_options options;
	struct uuid space;
	struct aggregator *aggregator;
	struct arena *arena;
	struct stream_place place;
	uint64_t size, lines, hits, bad, skipped, untimed;
	usec last_event, last_read;
	enum stream_state state;
	char error[EVENTS_ERROR_MAX];
	bool moved;      /* the place in the ledger is older */
	bool state_news; /* so is the state, or which file it is */
	usec placed_at;
	size_t pending; /* sightings whose counts were not due yet */
	/* Records being made. */
	struct buf json;
	struct record records[TOLD_MAX * RECORDS_EACH + 1];
	size_t content_at[TOLD_MAX * RECORDS_EACH + 1]; /* in `json`, which moves as it grows */
	char ids[TOLD_MAX][2][SIGHTING_ID_MAX];
	struct aggregate before[TOLD_MAX], *told[TOLD_MAX];
	size_t record_count, told_count;
	struct indicator cache[CACHE];
};

static uint64_t number_of(yyjson_val *root, const char *key)
{
	return yyjson_get_uint(yyjson_obj_get(root, key));
}

static bool read_back(
    struct tally *t, struct sighting *out, struct label *label, const struct uuid *key);

/* A sighting that was never written; its observables were, before it was counted. */
static bool make_again(
    struct tally *t, struct sighting *out, struct label *label, const struct position_pending *p)
{
	const struct store *s = t->options.store;
	uint64_t seq = p->indicator.n ? store_find(s, p->indicator) : STORE_NONE;

	if (seq == STORE_NONE || p->indicator.n >= SIGHTING_ID_MAX ||
	    p->observable.n >= SIGHTING_ID_MAX)
		return false;
	*out = (struct sighting){.key = p->key, .witnesses = p->witnesses};
	memcpy(out->indicator, p->indicator.p, p->indicator.n);
	if (p->observable.n)
		memcpy(out->observable, p->observable.p, p->observable.n);
	*label = label_decode(store_label(s, store_row(s, seq)->label));
	*label = label_join(label, &t->options.label);
	out->tlp = label->tlp;
	return true;
}

/* What was counted but not written when the place was appended. */
static void restore_pending(struct tally *t, yyjson_val *entry)
{
	struct sighting s;
	struct label label;
	struct aggregate *g;
	struct position_pending p;

	if (position_pending(&p, entry) != OK ||
	    (!read_back(t, &s, &label, &p.key) && !make_again(t, &s, &label, &p)))
		return;
	g = aggregator_add(t->aggregator, &p.key);
	if (!g)
		return;
	g->sighting = s;
	g->label = label;
	g->told = s.count;
	g->told_at = s.modified;
	aggregate_count(g, p.count, p.first, p.last);
}

static void restore(struct tally *t)
{
	const struct json_limits limits = {.bytes = STORE_CONTENT_MAX, .depth = 8};
	struct str path = arena_printf(t->arena, "position/%.*s", STR_ARG(t->options.name));
	uint64_t seq = store_find(t->options.store, path);
	yyjson_val *root;
	yyjson_arr_iter pending;

	if (seq == STORE_NONE ||
	    json_parse(&root, t->arena, store_content(t->options.store, seq), &limits, NULL) != OK)
		return;
	(void)!position_place(&t->place, root);
	t->size = number_of(root, "size");
	t->lines = number_of(root, "lines");
	t->hits = number_of(root, "hits");
	t->bad = number_of(root, "bad");
	t->skipped = number_of(root, "skipped");
	t->untimed = number_of(root, "untimed");
	t->last_event = yyjson_get_sint(yyjson_obj_get(root, "last_event"));
	t->last_read = yyjson_get_sint(yyjson_obj_get(root, "last_read"));
	pending = yyjson_arr_iter_with(yyjson_obj_get(root, "pending"));
	for (yyjson_val *e; (e = yyjson_arr_iter_next(&pending)) != NULL;)
		restore_pending(t, e);
}

struct tally *tally_new(const struct tally_options *options)
{
	struct tally *t = mem_alloc(sizeof(*t));
	struct str type;

	t->options = *options;
	t->aggregator = aggregator_new(AGGREGATES);
	t->arena = arena_new(WORK_MEMORY);
	buf_init(&t->json, JSON_BYTES_MAX);
	if (!stix_id_split(&type, &t->space, options->identity))
		memset(t->space.b, 0, sizeof(t->space.b));
	t->state = STREAM_SILENT;
	restore(t);
	t->placed_at = env_now(options->env);
	arena_reset(t->arena);
	return t;
}

void tally_close(struct tally *t)
{
	if (!t)
		return;
	aggregator_free(t->aggregator);
	arena_free(t->arena);
	buf_free(&t->json);
	mem_free(t);
}

struct stream_place tally_place(const struct tally *t)
{
	return t->place;
}

bool tally_owes(const struct tally *t)
{
	return t->moved || t->state_news || t->pending > 0;
}

enum stream_state tally_state(const struct tally *t)
{
	return t->state;
}

uint64_t tally_lines(const struct tally *t)
{
	return t->lines;
}

uint64_t tally_hits(const struct tally *t)
{
	return t->hits;
}

static usec time_in(yyjson_val *root, const char *key)
{
	usec time = 0;

	return time_parse_any(&time, json_get_str(root, key)) == OK ? time : 0;
}

static void look_at_indicator(struct tally *t, struct indicator *i, uint64_t seq)
{
	const struct store *s = t->options.store;
	const struct row *row = store_row(s, seq);
	struct stix_object o;

	*i = (struct indicator){.seq = seq + 1, .decision = STORE_NONE};
	if (row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_INDICATOR ||
	    (row->flags & RECORD_FLAG_REVOKED) || store_id(s, seq).n >= SIGHTING_ID_MAX ||
	    stix_object_parse(&o, t->arena, store_content(s, seq), NULL) != OK)
		return;
	(void)snprintf(i->id, sizeof(i->id), "%.*s", STR_ARG(store_id(s, seq)));
	i->label = label_decode(store_label(s, row->label));
	i->from = time_in(o.root, "valid_from");
	i->until = time_in(o.root, "valid_until");
	i->usable = true;
}

/* Whether a decision keeps it back, from the decision on, however far the index of who matched is.
 */
static bool kept_back(struct tally *t, struct indicator *i)
{
	uint64_t decision = guard_decision(t->options.store, str_c(i->id));

	if (decision != i->decision) {
		i->kept_back = guard_keeps_back(t->arena, t->options.store, decision, i->seq - 1);
		i->decision = decision;
	}
	return i->kept_back;
}

/* NULL when the indicator does not count now: superseded, withdrawn, revoked, quarantined, or out
 * of its time. */
static const struct indicator *indicator_at(struct tally *t, uint64_t seq, usec now)
{
	struct indicator *i = &t->cache[seq % CACHE];
	const struct row *row;

	if (seq >= store_size_pending(t->options.store))
		return NULL;
	row = store_row(t->options.store, seq);
	if (store_superseded(row) || store_withdrawn(row))
		return NULL;
	if (i->seq != seq + 1)
		look_at_indicator(t, i, seq);
	if (!i->usable || kept_back(t, i) || now < i->from || (i->until && now >= i->until))
		return NULL;
	return i;
}

/* Labels are few: the encoded form lives in the arena as long as the batch of records. */
static struct str encoded(struct tally *t, const struct label *label)
{
	char bytes[LABEL_ENCODED_MAX];
	size_t n = label_encode(label, bytes);

	return arena_str(t->arena, (struct str){bytes, n});
}

/* Adds an object that joins both feeds. */
static void add_records(struct record out[2], const struct tally *t, const struct record *r)
{
	out[0] = *r;
	out[0].kind = RECORD_OBJECT;
	out[0].feed = FEED_SIGHTINGS;
	out[0].source = t->options.number;
	out[1] = out[0];
	out[1].kind = RECORD_MEMBER;
	out[1].feed = FEED_EVERYTHING;
	out[1].content = S("");
}

/* The observable, when the ledger has none such: alone, for it counts nothing. */
static enum err write_observable(struct tally *t, char id[SIGHTING_ID_MAX],
    const struct term *value, const struct label *label, struct fault *fault)
{
	struct record r = {.label = encoded(t, label)}, records[2];
	struct str type;
	struct uuid uuid;
	uint64_t first;

	buf_reset(&t->json);
	TRY(sighting_observable(&t->json, id, value, label->tlp, t->arena));
	r.id = str_c(id);
	r.content = buf_str(&t->json);
	if (store_find(t->options.store, r.id) != STORE_NONE)
		return OK;
	r.tag = stix_id_split(&type, &uuid, r.id) ? (uint16_t)stix_type_of(type) : 0;
	add_records(records, t, &r);
	return store_append(t->options.store, records, 2, &first, fault);
}

/* As the ledger has it. */
static bool read_back(
    struct tally *t, struct sighting *out, struct label *label, const struct uuid *key)
{
	const struct store *s = t->options.store;
	char ids[2][SIGHTING_ID_MAX];
	uint64_t observed, sighting;

	sighting_ids(ids[0], ids[1], key);
	observed = store_find(s, str_c(ids[0]));
	sighting = store_find(s, str_c(ids[1]));
	if (sighting == STORE_NONE)
		return false;
	*label = label_decode(store_label(s, store_row(s, sighting)->label));
	return sighting_read(out, store_content(s, sighting),
	           observed == STORE_NONE ? STR_NONE : store_content(s, observed), t->arena) == OK;
}

/* The entry of a key: in the table, else from the ledger; NULL when it is new. */
static struct aggregate *known_aggregate(struct tally *t, const struct uuid *key)
{
	struct aggregate *g = aggregator_find(t->aggregator, key);
	struct label had;
	struct sighting old;

	if (!g && read_back(t, &old, &had, key)) {
		g = aggregator_add(t->aggregator, key);
		g->sighting = old;
		g->label = had;
		g->told = old.count;
		g->told_at = old.modified;
	}
	return g;
}

static enum err aggregate_of(struct tally *t, struct aggregate **out, const struct uuid *key,
    const struct indicator *i, const struct term *value, struct fault *fault)
{
	struct aggregate *g = known_aggregate(t, key);
	struct label label = label_join(&i->label, &t->options.label);
	char observable[SIGHTING_ID_MAX];

	if (!g) {
		TRY(write_observable(t, observable, value, &label, fault));
		g = aggregator_add(t->aggregator, key);
		memcpy(g->sighting.indicator, i->id, SIGHTING_ID_MAX);
		memcpy(g->sighting.observable, observable, SIGHTING_ID_MAX);
		g->label = label;
	}
	g->label = label_join(&g->label, &label);
	g->sighting.tlp = g->label.tlp;
	*out = g;
	return OK;
}

/* The sighting that the hit counts in; *out NULL when its indicator does not count now. */
static enum err sighting_of_hit(struct tally *t, struct aggregate **out, const struct event_hit *h,
    usec now, struct fault *fault)
{
	const struct indicator *i = indicator_at(t, h->seq, now);
	struct sighting_of of = {.value = &h->value, .source = t->options.name, .when = h->first};
	struct uuid key;

	*out = NULL;
	if (!i)
		return OK;
	of.indicator = str_c(i->id);
	key = sighting_key(&t->space, &of, t->arena);
	return aggregate_of(t, out, &key, i, &h->value, fault);
}

/* The table has room for the batch. */
static enum err make_room(struct tally *t, uint32_t hits, struct fault *fault)
{
	bool appended = true;

	if (aggregator_count(t->aggregator) + hits <= AGGREGATES)
		return OK;
	while (appended)
		TRY(tally_append(t, true, &appended, fault));
	aggregator_clear(t->aggregator);
	return OK;
}

static void set_state(struct tally *t, enum stream_state state, struct str error)
{
	if (state == t->state && str_eq(str_c(t->error), error))
		return;
	t->state = state;
	t->state_news = true;
	memcpy(t->error, error.p, error.n);
	t->error[error.n] = '\0';
}

static void take_head(struct tally *t, const struct events *e, usec now)
{
	t->state_news |= e->place.inode != t->place.inode;
	t->place = e->place;
	t->size = e->size;
	t->lines += e->lines;
	t->bad += e->bad;
	t->skipped += e->skipped;
	t->untimed += e->untimed;
	t->moved = true;
	if (e->last_event)
		t->last_event = e->last_event;
	if (e->lines)
		t->last_read = now;
	set_state(t, e->error.n ? STREAM_ERROR : STREAM_LIVE, e->error.n ? e->error : S(""));
}

enum pass {
	PASS_CHECK,   /* is the batch what it should be? */
	PASS_PREPARE, /* everything that can fail: observables are written, entries made */
	PASS_COUNT,
};

static enum err each_hit(
    struct tally *t, struct rd in, uint32_t count, enum pass pass, usec now, struct fault *fault)
{
	for (uint32_t i = 0; i < count; i++) {
		struct aggregate *g = NULL;
		struct event_hit h;

		if (!event_hit_get(&h, &in))
			return fail(fault, ERR_PARSE, "hit %u of a batch is damaged", i);
		if (pass == PASS_CHECK)
			continue;
		arena_reset(t->arena);
		TRY(sighting_of_hit(t, &g, &h, now, fault));
		if (!g || pass == PASS_PREPARE)
			continue;
		aggregate_count(g, h.count, h.first, h.last);
		t->hits += h.count;
	}
	if (!rd_done(&in))
		return fail(fault, ERR_PARSE, "a batch of events holds more than it says");
	return OK;
}

/* ---- what patterns found ---- */

/* An event that took part: its observables, when the ledger has none such, and the observed data.
 */
static enum err write_witness(struct tally *t, const struct sighting *s, const struct label *label,
    uint32_t number, struct rd *in, struct fault *fault)
{
	struct record r = {.label = encoded(t, label), .version = s->created};
	struct record *records = t->records;
	struct str refs[FOUND_OBJECTS_MAX], type;
	char id[SIGHTING_ID_MAX];
	struct found_witness w;
	struct uuid uuid;
	uint64_t first;
	size_t n = 0;

	if (!found_witness_get(&w, in))
		return fail(fault, ERR_PARSE, "a witness of a match is damaged");
	for (uint32_t i = 0; i < w.objects; i++) {
		struct record o = {.label = r.label};
		struct found_object object;

		if (!found_object_get(&object, in) || !stix_id_split(&type, &uuid, object.id))
			return fail(fault, ERR_PARSE, "a witness of a match is damaged");
		refs[i] = o.id = object.id;
		o.content = object.content;
		o.tag = (uint16_t)stix_type_of(type);
		if (store_find(t->options.store, o.id) != STORE_NONE)
			continue;
		add_records(records + n, t, &o);
		n += 2;
	}
	r.id = sighting_witness(id, &s->key, number, t->arena);
	r.tag = STIX_TYPE_OBSERVED_DATA;
	buf_reset(&t->json);
	sighting_witness_data(&t->json, s, r.id, t->options.identity, w.when, refs, w.objects);
	r.content = buf_str(&t->json);
	if (store_find(t->options.store, r.id) == STORE_NONE) {
		add_records(records + n, t, &r);
		n += 2;
	}
	TRY(t->json.failed);
	return n ? store_append(t->options.store, records, n, &first, fault) : OK;
}

/* *out NULL when its indicator does not count now. What it says of witnesses is read past. */
static enum err sighting_of_found(struct tally *t, struct aggregate **out, const struct found *f,
    struct rd *in, usec now, struct fault *fault)
{
	const struct indicator *i = indicator_at(t, f->seq, now);
	struct sighting_of of = {.source = t->options.name, .when = f->last};
	struct sighting s = {.count = 0};
	struct label label;

	*out = NULL;
	if (!i)
		return OK;
	of.indicator = str_c(i->id);
	s.key = sighting_key(&t->space, &of, t->arena);
	*out = known_aggregate(t, &s.key);
	/* Without a witness there is nothing to show for it. */
	if (*out || f->witnesses == 0)
		return OK;
	label = label_join(&i->label, &t->options.label);
	memcpy(s.indicator, i->id, SIGHTING_ID_MAX);
	s.tlp = label.tlp;
	s.created = now;
	s.witnesses = f->witnesses;
	for (uint32_t w = 0; w < f->witnesses; w++)
		TRY(write_witness(t, &s, &label, w, in, fault));
	*out = aggregator_add(t->aggregator, &s.key);
	s.created = 0;
	(*out)->sighting = s;
	(*out)->label = label;
	return OK;
}

static bool skip_witnesses(struct rd *in, const struct found *f)
{
	struct found_witness w;
	struct found_object o;

	for (uint32_t i = 0; i < f->witnesses; i++) {
		if (!found_witness_get(&w, in))
			return false;
		for (uint32_t k = 0; k < w.objects; k++)
			if (!found_object_get(&o, in))
				return false;
	}
	return true;
}

static enum err each_found(
    struct tally *t, struct str message, enum pass pass, usec now, struct fault *fault)
{
	struct rd in = rd_of(message);
	uint32_t count = message.p ? rd_u32(&in) : 0;

	for (uint32_t i = 0; i < count; i++) {
		struct aggregate *g = NULL;
		struct rd witnesses;
		struct found f;

		if (count > FOUND_MAX || !found_get(&f, &in))
			return fail(fault, ERR_PARSE, "match %u of a batch is damaged", i);
		witnesses = in;
		if (!skip_witnesses(&in, &f))
			return fail(fault, ERR_PARSE, "match %u of a batch is damaged", i);
		if (pass == PASS_CHECK)
			continue;
		arena_reset(t->arena);
		TRY(sighting_of_found(t, &g, &f, &witnesses, now, fault));
		if (!g || pass == PASS_PREPARE)
			continue;
		aggregate_count(g, f.count, f.first, f.last);
		t->hits += f.count;
	}
	if (!rd_done(&in))
		return fail(fault, ERR_PARSE, "matches of a batch hold more than they say");
	return OK;
}

enum err tally_take(struct tally *t, struct str batch, struct str found, struct fault *fault)
{
	usec now = env_now(t->options.env);
	struct rd in = rd_of(batch);
	struct events e;

	if (!events_get(&e, &in))
		return fail(fault, ERR_PARSE, "a batch of events is damaged");
	TRY(each_hit(t, in, e.hit_count, PASS_CHECK, now, fault));
	TRY(each_found(t, found, PASS_CHECK, now, fault));
	TRY(make_room(t, e.hit_count + FOUND_MAX, fault));
	TRY(each_hit(t, in, e.hit_count, PASS_PREPARE, now, fault));
	TRY(each_found(t, found, PASS_PREPARE, now, fault));
	TRY(each_hit(t, in, e.hit_count, PASS_COUNT, now, fault));
	TRY(each_found(t, found, PASS_COUNT, now, fault));
	take_head(t, &e, now);
	return OK;
}

/* ---- into the ledger ---- */

static void add_object(struct tally *t, size_t i, enum stix_type_id type, size_t content_at)
{
	const struct aggregate *g = t->told[i];
	struct record r = {
	    .tag = (uint16_t)type,
	    .id = str_c(t->ids[i][type == STIX_TYPE_SIGHTING]),
	    .version = g->sighting.modified,
	    .label = encoded(t, &g->label),
	    .content = {NULL, t->json.n - content_at},
	};

	t->content_at[t->record_count] = content_at;
	add_records(&t->records[t->record_count], t, &r);
	t->record_count += 2;
}

static void tell(struct tally *t, struct aggregate *g, usec now)
{
	size_t i = t->told_count++, at = t->json.n;

	t->before[i] = *g;
	t->told[i] = g;
	aggregate_tell(g, now);
	sighting_ids(t->ids[i][0], t->ids[i][1], &g->sighting.key);
	if (g->sighting.witnesses == 0) {
		sighting_observed_data(&t->json, &g->sighting, t->options.identity);
		add_object(t, i, STIX_TYPE_OBSERVED_DATA, at);
		at = t->json.n;
	}
	sighting_object(&t->json, &g->sighting, t->options.identity);
	add_object(t, i, STIX_TYPE_SIGHTING, at);
}

static void tell_due(struct tally *t, bool all, usec now)
{
	t->pending = 0;
	for (size_t i = 0; i < aggregator_count(t->aggregator); i++) {
		struct aggregate *g = aggregator_at(t->aggregator, i);

		if (g->sighting.count == g->told || t->told_count == TOLD_MAX)
			continue;
		if (all || aggregate_due(g, now) || t->pending == PENDING_MAX)
			tell(t, g, now);
		else
			t->pending++;
	}
}

static void put_pending(struct tally *t, struct json_writer *w)
{
	json_list(w, "pending");
	for (size_t i = 0; i < aggregator_count(t->aggregator); i++) {
		const struct sighting *s = &aggregator_at(t->aggregator, i)->sighting;
		struct position_pending p = {.key = s->key,
		    .count = s->count - aggregator_at(t->aggregator, i)->told,
		    .first = s->first,
		    .last = s->last};

		if (!s->created) {
			p.indicator = str_c(s->indicator);
			p.observable = str_c(s->observable);
			p.witnesses = s->witnesses;
		}
		if (p.count)
			position_put_pending(w, &p);
	}
	json_end_list(w);
}

static void add_position(struct tally *t)
{
	struct json_writer w = json_writer(&t->json);
	size_t at = t->json.n;
	struct record r = {.kind = RECORD_DECISION,
	    .id = arena_printf(t->arena, "position/%.*s", STR_ARG(t->options.name)),
	    .version = env_now(t->options.env),
	    .label = encoded(t, &(struct label){.tlp = TLP_RED})};

	json_object(&w, NULL);
	position_put_place(&w, &t->place);
	json_put_int(&w, "size", (int64_t)t->size);
	json_put_int(&w, "lines", (int64_t)t->lines);
	json_put_int(&w, "hits", (int64_t)t->hits);
	json_put_int(&w, "bad", (int64_t)t->bad);
	json_put_int(&w, "skipped", (int64_t)t->skipped);
	json_put_int(&w, "untimed", (int64_t)t->untimed);
	json_put_int(&w, "last_event", t->last_event);
	json_put_int(&w, "last_read", t->last_read);
	json_put_str(&w, "state", str_c(STATES[t->state]));
	if (t->error[0])
		json_put_str(&w, "error", str_c(t->error));
	put_pending(t, &w);
	json_end_object(&w);
	t->content_at[t->record_count] = at;
	r.content = (struct str){NULL, t->json.n - at};
	t->records[t->record_count++] = r;
}

/* The text does not move any more. */
static void place_contents(struct tally *t)
{
	for (size_t i = 0; i < t->record_count; i++)
		if (t->records[i].kind != RECORD_MEMBER)
			t->records[i].content.p = t->json.p + t->content_at[i];
}

enum err tally_append(struct tally *t, bool all, bool *appended, struct fault *fault)
{
	usec now = env_now(t->options.env);
	uint64_t first;
	enum err rc;

	*appended = false;
	arena_reset(t->arena);
	buf_reset(&t->json);
	t->record_count = t->told_count = 0;
	tell_due(t, all, now);
	if (t->told_count == 0 && !t->state_news &&
	    !(t->moved && (all || now - t->placed_at >= PLACE_EVERY || now < t->placed_at)))
		return OK;
	add_position(t);
	place_contents(t);
	rc = t->json.failed;
	if (rc == OK)
		rc = store_append(t->options.store, t->records, t->record_count, &first, fault);
	if (rc != OK) {
		for (size_t i = 0; i < t->told_count; i++)
			*t->told[i] = t->before[i];
		return rc;
	}
	t->moved = t->state_news = false;
	t->placed_at = now;
	*appended = true;
	return OK;
}

void tally_place_soon(struct tally *t)
{
	t->placed_at = 0;
}

void tally_check_silence(struct tally *t, usec limit)
{
	if (t->state == STREAM_LIVE && env_now(t->options.env) - t->last_read >= limit)
		set_state(t, STREAM_SILENT, S(""));
}
