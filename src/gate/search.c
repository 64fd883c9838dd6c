/* SPDX-License-Identifier: Apache-2.0 */
/* Search: a question becomes a few streams of candidates, each in descending order of record
 * numbers; they are merged, and of each object only the newest version that the reader may see is
 * given, when that one is among the candidates. There is no rank: one made from how often a word
 * occurs would tell of objects that the reader may not see. */
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "gate/internal.h"
#include "stix/equality.h"
#include "stix/type.h"

enum {
	STREAMS_MAX = 40,
	BATCH_FIRST = 64,
	BATCH = 1024,
	PREFIX_MAX = 4096,
	LOOK_MAX = 1000000, /* candidates a call */
	READ_MAX = 20000,   /* objects a call, all of them visible to the reader */
	PHRASES_MAX = 16,
	NETWORK_LEAST_4 = 8,
	NETWORK_LEAST_6 = 16,
};

enum stream_kind { STREAM_FIXED, STREAM_VALUE, STREAM_TEXT, STREAM_TYPE };

struct stream {
	enum stream_kind kind;
	const char *why;
	int64_t key;       /* of a value */
	struct str query;  /* of words */
	struct list *list; /* of a type */
	uint64_t *seqs;    /* descending */
	size_t count, at, room;
	uint64_t before;
	bool done; /* nothing comes after what is in seqs */
};

struct search_work {
	const struct gate_ask *ask;
	const struct gate_query *query;
	const struct sight *sight;
	struct stream streams[STREAMS_MAX];
	size_t stream_count;
	uint64_t before;
	size_t looked, read;
	bool whole_words; /* what was asked is complete: its last word is no beginning */
};

static void refill_type(struct stream *s)
{
	size_t low = 0, high = list_count(s->list);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list_at(s->list, middle).seq < s->before)
			low = middle + 1;
		else
			high = middle;
	}
	for (s->count = 0; s->count < s->room && low > 0; s->count++)
		s->seqs[s->count] = list_at(s->list, --low).seq;
}

/* Gets the next candidates; a view that is not there yet has none. */
static enum err refill(struct search_work *w, struct stream *s, struct fault *fault)
{
	struct gate *g = w->ask->gate;
	const struct relations_find find = {RELATIONS_VALUE, s->key, s->before};
	enum err rc = OK;

	s->at = s->count = 0;
	if (s->done)
		return OK;
	if (s->kind == STREAM_VALUE)
		rc = relations_find(g->relations, &find, s->seqs, s->room, &s->count, fault);
	else if (s->kind == STREAM_TEXT)
		rc = text_find(g->text, s->query, s->before, s->seqs, s->room, &s->count, fault);
	else if (s->kind == STREAM_TYPE)
		refill_type(s);
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	s->done = s->count < s->room;
	if (s->count > 0)
		s->before = s->seqs[s->count - 1];
	if (s->room < BATCH && !s->done) {
		/* Few questions need more than a page; those that do get larger steps. */
		uint64_t *seqs = arena_array(w->ask->arena, BATCH, sizeof(*seqs));

		if (seqs) {
			memcpy(seqs, s->seqs, s->count * sizeof(*seqs));
			s->seqs = seqs;
			s->room = BATCH;
		}
	}
	return OK;
}

/* Adds a stream and gets its first candidates; an empty one is forgotten. */
static enum err add_stream(struct search_work *w, struct stream s, struct fault *fault)
{
	if (w->stream_count == STREAMS_MAX)
		return OK;
	if (s.kind != STREAM_FIXED) {
		s.before = w->before;
		s.room = BATCH_FIRST;
		s.seqs = arena_array(w->ask->arena, s.room, sizeof(*s.seqs));
		if (!s.seqs)
			return fail(fault, ERR_NOMEM, "out of memory for a search");
		TRY(refill(w, &s, fault));
	}
	if (s.count > 0)
		w->streams[w->stream_count++] = s;
	return OK;
}

static int descending(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a > b ? -1 : a < b;
}

static enum err add_id(struct search_work *w, struct str id, struct fault *fault)
{
	struct gate *g = w->ask->gate;
	uint64_t seq = id.n <= STORE_ID_MAX ? gate_newest(g, w->sight, id) : STORE_NONE;
	struct stream s = {.kind = STREAM_FIXED, .why = "id", .count = 1, .done = true};

	if (seq == STORE_NONE || seq >= w->before)
		return OK;
	s.seqs = arena_array(w->ask->arena, 1, sizeof(seq));
	if (!s.seqs)
		return fail(fault, ERR_NOMEM, "out of memory for a search");
	s.seqs[0] = seq;
	return add_stream(w, s, fault);
}

/* Hexadecimal digits and dashes only. */
static bool is_uuid_beginning(struct str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool hex = str_hex_digit(c) >= 0;

		if (!hex && c != '-')
			return false;
		digits += hex ? 1 : 0;
	}
	return digits >= RELATIONS_PREFIX_MIN && s.n <= 36;
}

static bool id_begins(struct str id, struct str type, struct str uuid)
{
	size_t dashes = str_search(id, S("--"));
	struct str own = str_from(id, dashes + 2);

	if (type.n && !str_eq(str_slice(id, 0, dashes), type))
		return false;
	return own.n >= uuid.n && str_eq_nocase(str_slice(own, 0, uuid.n), uuid);
}

static enum err add_id_beginning(struct search_work *w, struct str text, struct fault *fault)
{
	size_t dashes = str_search(text, S("--"));
	struct str type = dashes < text.n ? str_slice(text, 0, dashes) : STR_NONE;
	struct str uuid = dashes < text.n ? str_from(text, dashes + 2) : text;
	struct stream s = {.kind = STREAM_FIXED, .why = "id", .done = true};
	size_t found = 0;
	enum err rc;

	if (!is_uuid_beginning(uuid))
		return OK;
	s.seqs = arena_array(w->ask->arena, PREFIX_MAX, sizeof(*s.seqs));
	if (!s.seqs)
		return fail(fault, ERR_NOMEM, "out of memory for a search");
	rc = relations_find_uuid(w->ask->gate->relations, uuid, s.seqs, PREFIX_MAX, &found, fault);
	if (rc != OK)
		return rc == ERR_NOT_FOUND ? OK : rc;
	for (size_t i = 0; i < found; i++)
		if (s.seqs[i] < w->before &&
		    id_begins(store_id(w->ask->gate->store, s.seqs[i]), type, uuid))
			s.seqs[s.count++] = s.seqs[i];
	if (s.count > 1)
		qsort(s.seqs, s.count, sizeof(*s.seqs), descending);
	return add_stream(w, s, fault);
}

static enum err add_value(struct search_work *w, const struct term *t, struct fault *fault)
{
	return add_stream(w,
	    (struct stream){.kind = STREAM_VALUE, .why = "value", .key = relations_value_key(t)},
	    fault);
}

/* An address also finds the networks that hold it. */
static enum err add_networks(struct search_work *w, const struct term *t, struct fault *fault)
{
	unsigned char bytes[16];
	struct term net = {.kind = t->kind, .value = {(const char *)bytes, t->value.n}};
	int least = t->kind == TERM_IPV4 ? NETWORK_LEAST_4 : NETWORK_LEAST_6;

	if (t->value.n > sizeof(bytes) || t->prefix != 8 * t->value.n)
		return OK;
	memcpy(bytes, t->value.p, t->value.n);
	for (int prefix = t->prefix - 1; prefix >= least; prefix--) {
		bytes[prefix / 8] &= (unsigned char)(0xff00 >> prefix % 8);
		net.prefix = (uint8_t)prefix;
		TRY(add_value(w, &net, fault));
	}
	return OK;
}

/* A name also finds the domains it is in. */
static enum err add_parents(struct search_work *w, const struct term *t, struct fault *fault)
{
	struct term parent = *t;

	for (size_t dot = str_find(parent.value, '.'); dot < parent.value.n;
	    dot = str_find(parent.value, '.')) {
		parent.value = str_from(parent.value, dot + 1);
		if (str_find(parent.value, '.') == parent.value.n)
			break;
		TRY(add_value(w, &parent, fault));
	}
	return OK;
}

static enum err add_values(struct search_work *w, struct str text, struct fault *fault)
{
	struct term t;

	if (term_guess(&t, w->ask->arena, text) != OK)
		return OK;
	w->whole_words = t.kind != TERM_DOMAIN;
	TRY(add_value(w, &t, fault));
	if (t.kind == TERM_IPV4 || t.kind == TERM_IPV6)
		return add_networks(w, &t, fault);
	return t.kind == TERM_DOMAIN ? add_parents(w, &t, fault) : OK;
}

static enum err add_type(struct search_work *w, struct str name, struct fault *fault)
{
	enum stix_type_id type = stix_type_of(name);
	struct stream s = {.kind = STREAM_TYPE, .why = "type"};

	s.list = feeds_of_type(w->ask->gate->feeds, (uint16_t)type);
	return s.list ? add_stream(w, s, fault) : OK;
}

static enum err add_words(struct search_work *w, struct str text, struct fault *fault)
{
	struct stream s = {.kind = STREAM_TEXT, .why = "text"};

	if (w->whole_words)
		text = arena_printf(w->ask->arena, "%.*s ", STR_ARG(text));
	if (text_query(&s.query, w->ask->arena, text, NULL) != OK)
		return OK;
	return add_stream(w, s, fault);
}

static enum err make_streams(struct search_work *w, struct fault *fault)
{
	struct str text = str_trim(w->query->text);

	if (text.n == 0 && w->query->type.n == 0)
		return fail(fault, ERR_INVALID, "q: nothing to search for");
	if (text.n == 0)
		return add_type(w, w->query->type, fault);
	TRY(add_id(w, text, fault));
	TRY(add_id_beginning(w, text, fault));
	if (stix_type_of(text) != STIX_TYPE_CUSTOM)
		TRY(add_type(w, text, fault));
	TRY(add_values(w, text, fault));
	return add_words(w, text, fault);
}

/* The greatest candidate of all streams; each stream is moved behind it. */
static enum err next_candidate(
    struct search_work *w, uint64_t *out, const char **why, struct fault *fault)
{
	uint64_t best = STORE_NONE;

	for (size_t i = 0; i < w->stream_count; i++) {
		struct stream *s = &w->streams[i];

		if (s->at == s->count)
			TRY(refill(w, s, fault));
		if (s->at < s->count && (best == STORE_NONE || s->seqs[s->at] > best)) {
			best = s->seqs[s->at];
			*why = s->why;
		}
	}
	for (size_t i = 0; best != STORE_NONE && i < w->stream_count; i++) {
		struct stream *s = &w->streams[i];

		if (s->at < s->count && s->seqs[s->at] == best)
			s->at++;
	}
	*out = best;
	return OK;
}

static bool type_fits(const struct search_work *w, struct str id)
{
	struct str type = w->query->type;

	return type.n == 0 || (id.n > type.n + 2 && str_starts(id, type) &&
	                          str_eq(str_slice(id, type.n, type.n + 2), S("--")));
}

/* The index knows words but not their places: whether "203.0.113.1" stands there as such is looked
 * up in the object. */
struct phrases {
	struct str list[PHRASES_MAX];
	bool found[PHRASES_MAX];
	size_t count;
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The parts of a question between white space that are more than one word to the index. */
static void find_phrases(struct phrases *p, struct str text)
{
	size_t from = 0;

	p->count = 0;
	for (size_t i = 0; i <= text.n; i++) {
		struct str part = str_slice(text, from, i);

		if (i < text.n && !is_space(text.p[i]))
			continue;
		from = i + 1;
		if (p->count < PHRASES_MAX && text_is_phrase(part)) {
			p->found[p->count] = false;
			p->list[p->count++] = part;
		}
	}
}

static void look_for_phrases(void *ctx, struct str property, struct str text)
{
	struct phrases *p = ctx;

	(void)property;
	for (size_t k = 0; k < p->count; k++)
		for (size_t i = 0; !p->found[k] && i + p->list[k].n <= text.n; i++)
			p->found[k] =
			    str_eq_nocase(str_slice(text, i, i + p->list[k].n), p->list[k]);
}

static bool has_phrases(const struct search_work *w, const struct stix_object *o)
{
	struct phrases p;

	find_phrases(&p, w->query->text);
	if (p.count > 0)
		stix_object_texts(o, look_for_phrases, &p);
	for (size_t k = 0; k < p.count; k++)
		if (!p.found[k])
			return false;
	return true;
}

static bool read_found(struct search_work *w, uint64_t seq, const char *why, struct gate_found *out)
{
	struct gate *g = w->ask->gate;
	struct arena *a = w->ask->arena;
	bool by_text = strcmp(why, "text") == 0;
	struct stix_object o;
	struct str value;

	if (!gate_is_newest(g, w->sight, seq) || !type_fits(w, store_id(g->store, seq)))
		return false;
	w->read++;
	*out = (struct gate_found){.why = why};
	gate_fill(g, seq, &out->object);
	out->id = out->object.id;
	out->type = str_slice(out->id, 0, str_search(out->id, S("--")));
	if (gate_parse(g, seq, &o) != OK)
		return true;
	if (by_text && !has_phrases(w, &o))
		return false;
	out->title = arena_str(a, gate_title_of(&o));
	value = json_get_str(o.root, "value");
	if (!value.p)
		value = json_get_str(o.root, "pattern");
	out->value = value.p ? arena_str(a, value) : STR_NONE;
	return true;
}

enum err gate_search(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_search *out, struct fault *fault)
{
	struct search_work w = {.ask = ask, .query = query};
	struct gate_search got = {0};
	const char *why = "";
	uint64_t seq = 0;

	TRY(page_open(ask, query, S("search"), &w.before, fault));
	got.items = arena_array(ask->arena, query->limit + (size_t)1, sizeof(*got.items));
	if (!got.items)
		return fail(fault, ERR_NOMEM, "out of memory for a search");
	w.sight = gate_sight(ask);
	TRY(make_streams(&w, fault));
	while (got.count <= query->limit && w.looked++ < LOOK_MAX && w.read < READ_MAX) {
		TRY(next_candidate(&w, &seq, &why, fault));
		if (seq == STORE_NONE)
			break;
		if (read_found(&w, seq, why, &got.items[got.count]))
			gate_note(ask, &got.items[got.count++].object);
	}
	if (got.count > query->limit)
		got.next =
		    page_seal(ask, query, S("search"), got.items[--got.count - 1].object.seq);
	else if (seq != STORE_NONE)
		got.next = page_seal(ask, query, S("search"), seq);
	*out = got;
	return OK;
}
