/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/hunt/before.h"

#include <inttypes.h>
#include <string.h>

#include "codec/json.h"
#include "intake/position.h"
#include "intake/sighting.h"
#include "stix/object.h"
#include "stix/sighted.h"
#include "stix/type.h"
#include "store/store.h"

enum { FEED_EVERYTHING = 1, FEED_SIGHTINGS = 2, RECORDS_MAX = 6, POSITIONS_MAX = 64 };

/* Tells it from the sightings of windows. */
static const uint32_t PART = UINT32_MAX;

struct source {
	struct label label;
	uint32_t number;
};

/* False when the ledger does not know the source: then nobody could say who may see it. */
static bool find_source(struct before *b, struct str name, struct source *out)
{
	const struct store *s = b->ctx->store;
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct str path = arena_printf(b->arena, "source/%.*s", STR_ARG(name));
	uint64_t seq = path.p && path.n <= STORE_ID_MAX ? store_find(s, path) : STORE_NONE;
	yyjson_val *root;
	uint64_t number;

	if (seq == STORE_NONE ||
	    json_parse(&root, b->arena, store_content(s, seq), &limits, NULL) != OK)
		return false;
	number = yyjson_get_uint(yyjson_obj_get(root, "number"));
	if (number == 0 || number > UINT32_MAX)
		return false;
	*out = (struct source){
	    .label = {.tlp = tlp_of_name(json_get_str(root, "label"))}, .number = (uint32_t)number};
	return true;
}

/* The ledger's word on how far a stream is: a decision and what it says. Looked for when it is
 * first asked for. */
struct position {
	bool looked, found;
	uint64_t seq;
	yyjson_val *root;
};

static bool read_position(struct before *b, uint64_t seq, struct position *out)
{
	const struct json_limits limits = {.bytes = STORE_CONTENT_MAX, .depth = 8};

	out->seq = seq;
	out->found =
	    seq != STORE_NONE && json_parse(&out->root, b->arena, store_content(b->ctx->store, seq),
	                             &limits, NULL) == OK;
	return out->found;
}

/* The one of the place to which the history has come: the ledger has it before the history does.
 * The newest when it is too long ago: then more may have been told than the history has seen, and
 * too little is said to have been there before, never too much. */
static void find_position(struct before *b, struct str source, struct position *out)
{
	const struct store *s = b->ctx->store;
	struct rd in = rd_of(history_reader_place(b->history, source));
	uint64_t seq = store_find(s, arena_printf(b->arena, "position/%.*s", STR_ARG(source)));
	struct stream_place until, place;
	bool kept = place_get(&until, &in);
	struct position p;

	for (unsigned i = 0; i < POSITIONS_MAX && read_position(b, seq, &p);
	    i++, seq = store_older(s, seq)) {
		if (i == 0)
			*out = p;
		if (!kept || position_place(&place, p.root) != OK)
			break;
		if (!place_same_file(&place, &until) || place.offset > until.offset)
			continue;
		if (place.offset == until.offset)
			*out = p;
		break;
	}
	out->looked = true;
}

/* What the stream's sighting counted at the position. */
static uint64_t told_of(struct before *b, const struct sighting_of *of, struct position *at)
{
	const struct store *s = b->ctx->store;
	struct uuid key = sighting_key(&b->space, of, b->arena);
	char observed[SIGHTING_ID_MAX], id[SIGHTING_ID_MAX];
	struct stix_object o;
	uint64_t seq, told = 0;

	sighting_ids(observed, id, &key);
	seq = store_find(s, str_c(id));
	/* The first hit of a sighting is written at once. */
	if (seq == STORE_NONE)
		return 0;
	if (!at->looked)
		find_position(b, of->source, at);
	while (at->found && seq != STORE_NONE && seq > at->seq)
		seq = store_older(s, seq);
	if (seq != STORE_NONE && stix_object_parse(&o, b->arena, store_content(s, seq), NULL) == OK)
		told = yyjson_get_uint(yyjson_obj_get(o.root, "count"));
	return told + (at->found ? position_pending_of(at->root, &key) : 0);
}

/* What the history has of it before it was known, less what the stream's sightings count. */
static void count(struct before *b, const struct history_entry *e, struct sighting *out)
{
	struct sighting_of of = {.indicator = b->indicator, .value = &e->term, .source = e->source};
	struct position at = {.looked = false};

	for (size_t i = 0; i < e->bin_count; i++) {
		const struct history_bin *bin = &e->bins[i];
		uint64_t told;

		if (bin->first >= b->known)
			continue;
		of.when = bin->first;
		told = told_of(b, &of, &at);
		if (told >= bin->count)
			continue;
		out->count += bin->count - told;
		if (!out->first)
			out->first = bin->first;
		out->last = bin->last < b->known ? bin->last : b->known;
	}
}

static struct record record_of(const struct source *source, struct str label, struct str id)
{
	return (struct record){.kind = RECORD_OBJECT,
	    .feed = FEED_SIGHTINGS,
	    .source = source->number,
	    .label = label,
	    .id = id};
}

/* The three objects, of which the first may be there already; each joins both feeds. */
static enum err append(struct before *b, const struct sighting *s, const struct source *source,
    const struct term *value, struct fault *fault)
{
	const struct store *store = b->ctx->store;
	const struct label label = label_join(&b->label, &source->label);
	char encoded[LABEL_ENCODED_MAX], ids[2][SIGHTING_ID_MAX], observable[SIGHTING_ID_MAX];
	struct str label_bytes = {encoded, label_encode(&label, encoded)};
	struct sighting told = *s;
	struct record records[RECORDS_MAX];
	size_t at[RECORDS_MAX / 2 + 1] = {0}, n = 0;
	struct str type;
	struct uuid uuid;
	uint64_t first;

	told.tlp = label.tlp;
	buf_reset(&b->json);
	TRY(sighting_observable(&b->json, observable, value, label.tlp, b->arena));
	memcpy(told.observable, observable, sizeof(observable));
	sighting_ids(ids[0], ids[1], &told.key);
	if (store_find(store, str_c(observable)) != STORE_NONE)
		buf_reset(&b->json);
	else
		records[n++] = record_of(source, label_bytes, str_c(observable));
	at[n] = b->json.n;
	sighting_observed_data(&b->json, &told, b->ctx->identity);
	records[n++] = record_of(source, label_bytes, str_c(ids[0]));
	at[n] = b->json.n;
	sighting_object(&b->json, &told, b->ctx->identity);
	records[n++] = record_of(source, label_bytes, str_c(ids[1]));
	at[n] = b->json.n;
	TRY(b->json.failed);
	for (size_t i = n; i-- > 0;) {
		struct record r = records[i];

		r.tag = stix_id_split(&type, &uuid, r.id) ? (uint16_t)stix_type_of(type) : 0;
		r.version = r.tag == STIX_TYPE_SIGHTING || r.tag == STIX_TYPE_OBSERVED_DATA
		                ? told.modified
		                : 0;
		r.content = str_slice(buf_str(&b->json), at[i], at[i + 1]);
		records[2 * i] = r;
		r.kind = RECORD_MEMBER;
		r.feed = FEED_EVERYTHING;
		r.content = S("");
		records[2 * i + 1] = r;
	}
	return store_append(b->ctx->store, records, 2 * n, &first, fault);
}

enum err before_tell(
    struct before *b, const struct history_entry *e, bool *appended, struct fault *fault)
{
	const struct sighting_of of = {
	    .indicator = b->indicator, .value = &e->term, .source = e->source, .part = PART};
	struct sighting s = {.tlp = TLP_NONE};
	char observed[SIGHTING_ID_MAX], id[SIGHTING_ID_MAX];
	struct source source;

	*appended = false;
	if (b->indicator.n >= SIGHTING_ID_MAX || !find_source(b, e->source, &source))
		return OK;
	s.key = sighting_key(&b->space, &of, b->arena);
	sighting_ids(observed, id, &s.key);
	if (store_find(b->ctx->store, str_c(id)) != STORE_NONE)
		return OK;
	count(b, e, &s);
	if (s.count == 0)
		return OK;
	memcpy(s.indicator, b->indicator.p, b->indicator.n);
	s.created = s.modified = env_now(b->ctx->env);
	s.description = arena_printf(b->arena, "seen %" PRIu64 " time%s%.*s", s.count,
	    s.count == 1 ? "" : "s", STR_ARG(SIGHTED_BEFORE));
	TRY(append(b, &s, &source, &e->term, fault));
	*appended = true;
	return OK;
}
