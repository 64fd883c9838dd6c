/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of indicators and sightings, newest first, and the live stream. */
#include <string.h>

#include "codec/json.h"
#include "codec/time.h"
#include "gate/internal.h"
#include "stix/equality.h"
#include "stix/type.h"
#include "view/guard.h"

/* How many records one call looks at before it answers with what it has. */
enum {
	LOOK_MAX = 200000,
	HITS_BATCH = 256,
	HITS_MAX = 20000,
	EVENTS_LOOK_MAX = 20000,
	PARSED_MAX = 20000
};

static struct sha256 digest_of(const struct gate_query *q, struct str list)
{
	const unsigned char bytes[] = {
	    (unsigned char)list.n, (unsigned char)q->active, (unsigned char)q->quarantined};
	const struct str parts[] = {list, {(const char *)bytes, sizeof(bytes)},
	    {(const char *)&q->since, sizeof(q->since)}, {(const char *)&q->type.n, sizeof(size_t)},
	    q->type, {(const char *)&q->of.n, sizeof(size_t)}, q->of, q->text};

	return sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));
}

enum err page_open(const struct gate_ask *ask, const struct gate_query *query, struct str list,
    uint64_t *before, struct fault *fault)
{
	struct sha256 bound = digest_of(query, list);
	struct str plain;

	if (query->limit == 0 || query->limit > GATE_LIST_MAX)
		return fail(fault, ERR_INVALID, "limit: 1 to %d", GATE_LIST_MAX);
	if (query->text.n > GATE_QUERY_MAX)
		return fail(fault, ERR_LIMIT, "q: at most %d bytes", GATE_QUERY_MAX);
	if (!query->next.p) {
		*before = store_size(ask->gate->store);
		return OK;
	}
	TRY(gate_token_open(
	    ask, (struct str){(const char *)bound.b, SHA256_LEN}, query->next, &plain, fault));
	if (plain.n != sizeof(*before))
		return fail(fault, ERR_INVALID, "this `next` is not of this list");
	memcpy(before, plain.p, sizeof(*before));
	return OK;
}

struct str page_seal(
    const struct gate_ask *ask, const struct gate_query *query, struct str list, uint64_t before)
{
	struct sha256 bound = digest_of(query, list);

	return gate_token_seal(ask, (struct str){(const char *)bound.b, SHA256_LEN},
	    (struct str){(const char *)&before, sizeof(before)});
}

/* Of a file that was seen only as a hash, what a person has in hand is that hash. */
static struct str strongest_hash(yyjson_val *hashes)
{
	static const char *const KINDS[] = {"SHA-256", "SHA-512", "SHA-1", "MD5"};

	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		struct str s = json_get_str(hashes, KINDS[i]);

		if (s.n > 0)
			return s;
	}
	return STR_NONE;
}

struct str gate_title_of(const struct stix_object *o)
{
	static const char *const MEMBERS[] = {"name", "value", "pattern", "relationship_type",
	    "abstract", "content", "path", "opinion", "result_name", "key", "description"};
	struct str hash;

	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++) {
		struct str s = json_get_str(o->root, MEMBERS[i]);

		if (s.n > 0)
			return s;
	}
	hash = strongest_hash(yyjson_obj_get(o->root, "hashes"));
	return hash.n > 0 ? hash : o->id;
}

struct str gate_title(const struct gate_ask *ask, const struct gate_object *object)
{
	struct stix_object o;

	if (gate_parse(ask->gate, object->seq, &o) != OK)
		return object->id;
	return arena_str(ask->arena, gate_title_of(&o));
}

static struct str member(const struct gate_ask *ask, yyjson_val *root, const char *key)
{
	struct str s = json_get_str(root, key);

	return s.p ? arena_str(ask->arena, s) : STR_NONE;
}

static usec time_member(yyjson_val *root, const char *key)
{
	usec t;

	return time_parse_utc(&t, json_get_str(root, key)) == OK ? t : 0;
}

/* Counts of the visible sightings of an indicator: of each its newest visible version. Only what
 * the reader may see is held against HITS_MAX, so that the end of counting betrays nothing else. */
static void count_hits(
    const struct gate_ask *ask, const struct sight *sight, struct gate_indicator *out)
{
	struct relations_hit batch[HITS_BATCH];
	uint64_t before = UINT64_MAX;
	size_t n = 0, seen = 0, looked = 0;

	do {
		if (relations_hits(
		        ask->gate->relations, out->id, before, batch, HITS_BATCH, &n, NULL) != OK)
			return;
		for (size_t i = 0; i < n; i++) {
			before = batch[i].seq;
			if (!sight_allows(ask->gate, sight, before))
				continue;
			if (seen++ == HITS_MAX) {
				out->hits_more = true;
				return;
			}
			if (!gate_is_newest(ask->gate, sight, batch[i].seq))
				continue;
			out->hits += batch[i].count;
			if (batch[i].last > out->last_hit)
				out->last_hit = batch[i].last;
		}
		looked += n;
	} while (n == HITS_BATCH && looked < LOOK_MAX);
	out->hits_more = n == HITS_BATCH;
}

/* What gate_parse read. */
static void read_guard(const struct gate *g, const struct stix_object *o, struct guard_state *out)
{
	struct str pattern = json_get_str(o->root, "pattern");
	struct term_list terms;
	bool any = equality_terms(&terms, g->scratch, pattern, NULL) == OK;

	guard_state(out, g->book, g->scratch, g->store, o->id, pattern, any ? &terms : NULL);
}

/* What is one's own, or seen often here, guests need not know. */
static bool is_inside(const struct guard_state *guard)
{
	return guard->by.p || guard->class == GUARD_OWN || guard->class == GUARD_IMPACT;
}

/* Who decided what, and why, is not for guests. */
static void put_guard(
    const struct gate_ask *ask, const struct stix_object *o, struct gate_indicator *out)
{
	struct guard_state guard;

	read_guard(ask->gate, o, &guard);
	out->quarantined = guard.quarantined;
	out->active = out->active && !guard.quarantined;
	if (!guard.reason.p || (is_inside(&guard) && !gate_sees_all(ask)))
		return;
	out->quarantined_for = guard.quarantined ? guard.class : GUARD_NONE;
	out->reason = arena_str(ask->arena, guard.reason);
	if (guard.by.p)
		out->decided_by = gate_account_name(ask->gate, ask->arena, guard.by);
}

/* The end of its time, or of its life where indicators age, whichever comes first; 0: there is
 * none. One that is too weak from its beginning ends there. */
static usec end_of(const struct gate_life *life, yyjson_val *root)
{
	usec valid = time_member(root, "valid_until");
	usec below = life->below ? life->below : life->begins;

	return !life->told || below == INT64_MAX || (valid && valid < below) ? valid : below;
}

/* Whether an indicator is of use now: neither revoked nor out of its time. */
static bool is_current(
    const struct gate_ask *ask, const struct gate_life *life, yyjson_val *root, bool revoked)
{
	usec now = env_now(ask->gate->env), until = end_of(life, root);

	return !revoked && time_member(root, "valid_from") <= now && (until == 0 || now < until);
}

/* -1: none. */
static int confidence_of(yyjson_val *root)
{
	yyjson_val *confidence = yyjson_obj_get(root, "confidence");

	return yyjson_is_int(confidence) ? yyjson_get_int(confidence) : -1;
}

enum err gate_read_indicator(const struct gate_ask *ask, const struct sight *sight, uint64_t seq,
    struct gate_indicator *out, struct fault *fault)
{
	struct gate_indicator got = {0};
	struct stix_object o;

	gate_fill(ask->gate, seq, &got.object);
	gate_note(ask, &got.object);
	if (gate_parse(ask->gate, seq, &o) != OK)
		return fail(fault, ERR_CORRUPT, "%.*s cannot be read", STR_ARG(got.object.id));
	got.id = got.object.id;
	got.name = member(ask, o.root, "name");
	got.pattern = member(ask, o.root, "pattern");
	got.source = gate_source_name(ask, got.object.source);
	got.valid_from = time_member(o.root, "valid_from");
	got.valid_until = time_member(o.root, "valid_until");
	got.received = got.object.received;
	got.revoked = got.object.revoked;
	gate_read_life(ask, sight, seq, &o, &got.life);
	got.matched_until = end_of(&got.life, o.root);
	got.active = is_current(ask, &got.life, o.root, got.revoked);
	put_guard(ask, &o, &got);
	got.confidence = confidence_of(o.root);
	count_hits(ask, sight, &got);
	*out = got;
	return OK;
}

/* The observable that a sighting is about: sighting → observed-data → observable. */
static void read_observed(
    const struct gate_ask *ask, const struct sight *sight, struct str id, struct gate_sighting *out)
{
	struct gate *g = ask->gate;
	uint64_t seq = id.n && id.n <= STORE_ID_MAX ? gate_newest(g, sight, id) : STORE_NONE;
	struct stix_object o;
	struct str ref;

	if (seq == STORE_NONE || gate_parse(g, seq, &o) != OK)
		return;
	ref = json_str(yyjson_arr_get_first(yyjson_obj_get(o.root, "object_refs")));
	ref = ref.p ? arena_str(ask->arena, ref) : STR_NONE;
	seq = ref.n && ref.n <= STORE_ID_MAX ? gate_newest(g, sight, ref) : STORE_NONE;
	if (seq == STORE_NONE || gate_parse(g, seq, &o) != OK)
		return;
	out->value_type = arena_str(ask->arena, o.type_name);
	out->value = arena_str(ask->arena, gate_title_of(&o));
}

static void read_sighted(
    const struct gate_ask *ask, const struct sight *sight, struct str id, struct gate_sighting *out)
{
	uint64_t seq =
	    id.n && id.n <= STORE_ID_MAX ? gate_newest(ask->gate, sight, id) : STORE_NONE;
	struct stix_object o;

	if (seq == STORE_NONE || gate_parse(ask->gate, seq, &o) != OK)
		return;
	out->indicator_id = id;
	out->indicator_name = member(ask, o.root, "name");
	out->pattern = member(ask, o.root, "pattern");
	out->confidence = confidence_of(o.root);
	gate_fill(ask->gate, seq, &out->indicator);
	out->indicator_source = gate_source_name(ask, out->indicator.source);
}

enum err gate_read_sighting(const struct gate_ask *ask, const struct sight *sight, uint64_t seq,
    struct gate_sighting *out, struct fault *fault)
{
	struct gate_sighting got = {.confidence = -1};
	struct stix_object o;
	struct str of, observed;
	yyjson_val *count;

	gate_fill(ask->gate, seq, &got.object);
	gate_note(ask, &got.object);
	if (gate_parse(ask->gate, seq, &o) != OK)
		return fail(fault, ERR_CORRUPT, "%.*s cannot be read", STR_ARG(got.object.id));
	got.id = got.object.id;
	count = yyjson_obj_get(o.root, "count");
	got.count = yyjson_is_uint(count) ? yyjson_get_uint(count) : 1;
	got.first_seen = time_member(o.root, "first_seen");
	got.last_seen = time_member(o.root, "last_seen");
	got.received = got.object.received;
	got.source = gate_source_name(ask, got.object.source);
	of = member(ask, o.root, "sighting_of_ref");
	observed = json_str(yyjson_arr_get_first(yyjson_obj_get(o.root, "observed_data_refs")));
	observed = observed.p ? arena_str(ask->arena, observed) : STR_NONE;
	read_sighted(ask, sight, of, &got);
	read_observed(ask, sight, observed, &got);
	*out = got;
	return OK;
}

struct walk gate_walk(struct gate *g, uint16_t type, uint64_t before)
{
	struct walk w = {.list = feeds_of_type(g->feeds, type)};

	if (!w.list)
		return w;
	w.at = list_count(w.list);
	/* Entries of a type are in order of their numbers. */
	if (before < store_size(g->store)) {
		size_t low = 0;

		while (low < w.at) {
			size_t middle = low + (w.at - low) / 2;

			if ((list_at(w.list, middle).seq & ~LIST_GONE) < before)
				low = middle + 1;
			else
				w.at = middle;
		}
	}
	return w;
}

bool gate_walk_next(struct walk *w, uint64_t *seq)
{
	if (w->at == 0 || w->looked == LOOK_MAX)
		return false;
	w->looked++;
	*seq = list_at(w->list, --w->at).seq;
	return true;
}

/* One item more than asked for was looked for: whether there is a next page depends only on what
 * the reader may see. `last` is the last item of this page. */
static struct str next_token(const struct gate_ask *ask, const struct gate_query *query,
    struct str list, const struct walk *w, uint64_t last)
{
	if (last != STORE_NONE)
		return page_seal(ask, query, list, last);
	return w->at > 0 && w->looked == LOOK_MAX
	           ? page_seal(ask, query, list, list_at(w->list, w->at).seq)
	           : STR_NONE;
}

/* Makes the extra item the beginning of the next page. */
#define CUT_PAGE(page, query)                                                                      \
	((page)->count > (query)->limit ? (page)->items[--(page)->count - 1].object.seq            \
	                                : STORE_NONE)

static bool one_fits(enum gate_active asked, bool is)
{
	return asked == GATE_ACTIVE_ANY || is == (asked == GATE_ACTIVE_ONLY);
}

static bool fits(const struct gate_query *q, bool active, bool quarantined)
{
	return one_fits(q->active, active) && one_fits(q->quarantined, quarantined);
}

/* Looked at before it is read in full, so that passing over many is cheap. */
static bool wanted(const struct gate_ask *ask, const struct gate_query *q,
    const struct sight *sight, uint64_t seq, size_t *parsed)
{
	struct gate_judged j;

	if (q->active == GATE_ACTIVE_ANY && q->quarantined == GATE_ACTIVE_ANY)
		return true;
	++*parsed;
	return gate_judge(ask, sight, seq, &j) == OK &&
	       fits(q, j.current && !j.guard.quarantined, j.guard.quarantined);
}

enum err gate_judge(
    const struct gate_ask *ask, const struct sight *sight, uint64_t seq, struct gate_judged *out)
{
	struct gate *g = ask->gate;
	struct gate_judged got = {
	    .revoked = (store_row(g->store, seq)->flags & RECORD_FLAG_REVOKED) != 0};
	struct gate_life life;

	TRY(gate_parse(g, seq, &got.o));
	read_guard(g, &got.o, &got.guard);
	gate_read_life(ask, sight, seq, &got.o, &life);
	got.current = is_current(ask, &life, got.o.root, got.revoked);
	*out = got;
	return OK;
}

/* With words, what search finds among indicators. */
static enum err search_indicators(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_indicators *out, struct fault *fault)
{
	struct gate_query sub = {.limit = query->limit,
	    .next = query->next,
	    .text = query->text,
	    .type = S("indicator")};
	struct gate_indicators got = {0};
	struct gate_search found;
	const struct sight *sight;

	TRY(gate_search(ask, &sub, &found, fault));
	got.items = arena_array(ask->arena, found.count + 1, sizeof(*got.items));
	if (!got.items)
		return fail(fault, ERR_NOMEM, "out of memory for a list");
	sight = gate_sight(ask);
	for (size_t i = 0; i < found.count; i++) {
		struct gate_indicator *item = &got.items[got.count];

		if (gate_read_indicator(ask, sight, found.items[i].object.seq, item, NULL) == OK &&
		    fits(query, item->active, item->quarantined) && item->received >= query->since)
			got.count++;
	}
	got.next = found.next;
	*out = got;
	return OK;
}

enum err gate_indicator(
    const struct gate_ask *ask, struct str id, struct gate_indicator *out, struct fault *fault)
{
	const struct sight *sight = gate_sight(ask);
	uint64_t seq =
	    id.n && id.n <= STORE_ID_MAX ? gate_newest(ask->gate, sight, id) : STORE_NONE;

	if (seq == STORE_NONE || store_row(ask->gate->store, seq)->tag != STIX_TYPE_INDICATOR)
		return fail(fault, ERR_NOT_FOUND, "no such indicator");
	TRY(gate_read_indicator(ask, sight, seq, out, fault));
	gate_seen_before(ask, sight, out);
	return OK;
}

enum err gate_indicators(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_indicators *out, struct fault *fault)
{
	const struct sight *sight;
	struct gate_indicators got = {0};
	uint64_t before, seq = 0;
	size_t parsed = 0;
	struct walk w;

	if (query->text.n > 0)
		return search_indicators(ask, query, out, fault);
	TRY(page_open(ask, query, S("indicators"), &before, fault));
	got.items = arena_array(ask->arena, query->limit + (size_t)1, sizeof(*got.items));
	if (!got.items)
		return fail(fault, ERR_NOMEM, "out of memory for a list");
	sight = gate_sight(ask);
	w = gate_walk(ask->gate, STIX_TYPE_INDICATOR, before);
	while (got.count <= query->limit && parsed < PARSED_MAX && gate_walk_next(&w, &seq)) {
		if (store_row(ask->gate->store, seq)->received < query->since) {
			w.at = 0;
			break;
		}
		if (gate_is_newest(ask->gate, sight, seq) &&
		    wanted(ask, query, sight, seq, &parsed) &&
		    gate_read_indicator(ask, sight, seq, &got.items[got.count], NULL) == OK)
			got.count++;
	}
	got.next = parsed == PARSED_MAX && got.count <= query->limit
	               ? page_seal(ask, query, S("indicators"), seq)
	               : next_token(ask, query, S("indicators"), &w, CUT_PAGE(&got, query));
	*out = got;
	return OK;
}

/* One version of a sighting, added when it is what the reader may see. False when it and all before
 * it came too early. */
static bool take_sighting(const struct gate_ask *ask, const struct gate_query *query,
    const struct sight *sight, uint64_t seq, struct gate_sightings *got)
{
	if (store_row(ask->gate->store, seq)->received < query->since)
		return false;
	if (gate_is_newest(ask->gate, sight, seq) &&
	    gate_read_sighting(ask, sight, seq, &got->items[got->count], NULL) == OK)
		got->count++;
	return true;
}

/* Those of one indicator, as the view of relations knows them: it need not be searched for among
 * all. */
static enum err sightings_of(const struct gate_ask *ask, const struct gate_query *query,
    uint64_t before, struct gate_sightings *got, struct fault *fault)
{
	const struct sight *sight = gate_sight(ask);
	struct relations_hit batch[HITS_BATCH];
	size_t n = 0, looked = 0;
	uint64_t last;
	bool more = true;

	while (more && got->count <= query->limit && looked < LOOK_MAX) {
		enum err rc = relations_hits(
		    ask->gate->relations, query->of, before, batch, HITS_BATCH, &n, fault);

		if (rc != OK)
			return rc == ERR_NOT_FOUND ? OK : rc;
		more = n == HITS_BATCH;
		for (size_t i = 0; i < n && got->count <= query->limit; i++) {
			before = batch[i].seq;
			if (!take_sighting(ask, query, sight, before, got)) {
				more = false;
				break;
			}
		}
		looked += n;
	}
	last = CUT_PAGE(got, query);
	if (last == STORE_NONE && more)
		last = before;
	if (last != STORE_NONE)
		got->next = page_seal(ask, query, S("sightings"), last);
	return OK;
}

enum err gate_sightings(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_sightings *out, struct fault *fault)
{
	const struct sight *sight;
	struct gate_sightings got = {0};
	uint64_t before, seq;
	struct walk w;

	TRY(page_open(ask, query, S("sightings"), &before, fault));
	got.items = arena_array(ask->arena, query->limit + (size_t)1, sizeof(*got.items));
	if (!got.items)
		return fail(fault, ERR_NOMEM, "out of memory for a list");
	if (query->of.n > 0) {
		TRY(sightings_of(ask, query, before, &got, fault));
		*out = got;
		return OK;
	}
	sight = gate_sight(ask);
	w = gate_walk(ask->gate, STIX_TYPE_SIGHTING, before);
	while (got.count <= query->limit && gate_walk_next(&w, &seq))
		if (!take_sighting(ask, query, sight, seq, &got))
			w.at = 0;
	got.next = next_token(ask, query, S("sightings"), &w, CUT_PAGE(&got, query));
	*out = got;
	return OK;
}

uint64_t gate_position(const struct gate *g)
{
	return store_size(g->store);
}

/* A visible new record as an event; false when it is none. */
static bool read_event(
    const struct gate_ask *ask, const struct sight *sight, uint64_t seq, struct gate_event *out)
{
	const struct row *row = store_row(ask->gate->store, seq);

	*out = (struct gate_event){.after = seq + 1};
	if (row->kind != RECORD_OBJECT || !sight_allows(ask->gate, sight, seq))
		return false;
	if (row->tag == STIX_TYPE_SIGHTING) {
		out->kind = GATE_EVENT_SIGHTING;
		return gate_is_newest(ask->gate, sight, seq) &&
		       gate_read_sighting(ask, sight, seq, &out->sighting, NULL) == OK;
	}
	if (row->tag == STIX_TYPE_INDICATOR) {
		out->kind = GATE_EVENT_INDICATOR;
		return gate_is_newest(ask->gate, sight, seq) &&
		       gate_read_indicator(ask, sight, seq, &out->indicator, NULL) == OK;
	}
	return false;
}

enum err gate_events(const struct gate_ask *ask, uint64_t *position, size_t max,
    struct gate_events *out, struct fault *fault)
{
	/* The size before the labels: so every record below it has a label that is known. */
	uint64_t size = store_size(ask->gate->store);
	const struct sight *sight = gate_sight(ask);
	struct gate_events got = {0};
	uint64_t seq = *position < size ? *position : size;
	uint64_t end = size - seq > EVENTS_LOOK_MAX ? seq + EVENTS_LOOK_MAX : size;

	got.items = arena_array(ask->arena, max, sizeof(*got.items));
	if (!got.items)
		return fail(fault, ERR_NOMEM, "out of memory for events");
	for (; seq < end && got.count < max; seq++)
		if (read_event(ask, sight, seq, &got.items[got.count]))
			got.count++;
	got.more = seq < size;
	*position = seq;
	*out = got;
	return OK;
}

struct str gate_position_seal(const struct gate_ask *ask, uint64_t position)
{
	return gate_token_seal(
	    ask, S("events"), (struct str){(const char *)&position, sizeof(position)});
}

enum err gate_position_open(
    const struct gate_ask *ask, struct str token, uint64_t *out, struct fault *fault)
{
	struct str plain;

	TRY(gate_token_open(ask, S("events"), token, &plain, fault));
	if (plain.n != sizeof(*out))
		return fail(fault, ERR_INVALID, "not a position of the stream");
	memcpy(out, plain.p, sizeof(*out));
	return OK;
}
