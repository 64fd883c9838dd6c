/* SPDX-License-Identifier: Apache-2.0 */
#include "view/purge/purge.h"

#include "codec/json.h"
#include "policy/principal.h"
#include "policy/release.h"
#include "seal/derived.h"
#include "seal/record.h"
#include "stix/object.h"
#include "stix/type.h"
#include "view/relations.h"

enum { ARENA_MAX = 256 << 20, JSON_MAX = 16384, WORDS = 30, AT_ONCE = 256 };

/* ---- what a tombstone keeps ---- */

/* Each class of members by itself: several are withheld when each is. */
static struct purge_outline outline_of(
    const struct store *s, uint64_t seq, const struct uuid *sender, struct arena *arena)
{
	struct purge_outline o = {0};
	yyjson_val *object;

	/* What cannot be read was never let out under terms. */
	if (json_parse(&object, arena, store_content(s, seq), &JSON_LIMITS_OBJECT, NULL) != OK)
		return (struct purge_outline){.stuck = UINT32_MAX};
	for (unsigned i = 0; i < WORDS; i++) {
		struct release r;

		policy_release(&r, store_row(s, seq)->tag, object, UINT32_C(1) << i, sender);
		if (r.verdict == VERDICT_DENY)
			o.stuck |= UINT32_C(1) << i;
		else if (r.verdict == VERDICT_REDACT)
			o.present |= UINT32_C(1) << i;
	}
	return o;
}

enum err purge_outline(struct purge_outline *out, const struct store *s, uint64_t tombstone,
    struct arena *arena, struct fault *fault)
{
	struct tombstone t;
	struct record r;
	yyjson_val *root;

	store_record(s, tombstone, &r);
	if (!tombstone_read(&t, &r))
		return fail(fault, ERR_CORRUPT, "a tombstone is damaged");
	TRY(json_parse(&root, arena, t.json, &JSON_LIMITS_OBJECT, fault));
	*out = (struct purge_outline){
	    .present = (uint32_t)yyjson_get_uint(yyjson_obj_get(root, "present")),
	    .stuck = (uint32_t)yyjson_get_uint(yyjson_obj_get(root, "stuck")),
	};
	return OK;
}

/* ---- which records ---- */

static uint64_t about(const struct store *s, struct str prefix, struct str id)
{
	char path[STORE_ID_MAX];

	if (id.n > STORE_ID_MAX - prefix.n)
		return STORE_NONE;
	memcpy(path, prefix.p, prefix.n);
	memcpy(path + prefix.n, id.p, id.n);
	return store_find(s, (struct str){path, prefix.n + id.n});
}

static bool is_object(const struct store *s, uint64_t seq)
{
	return seq != STORE_NONE && store_row(s, seq)->kind == RECORD_OBJECT;
}

bool purge_forbids(const struct store *s, struct str id, int64_t version)
{
	uint64_t seq = store_find(s, id);
	bool whole;

	if (!is_object(s, seq))
		return false;
	whole = store_tombstone_of(store_row(s, seq)) != STORE_NONE &&
	        about(s, S(STORE_WITHDRAW), id) != STORE_NONE;
	for (; !whole && seq != STORE_NONE; seq = store_older(s, seq))
		if (store_row(s, seq)->version == version &&
		    store_tombstone_of(store_row(s, seq)) != STORE_NONE)
			return true;
	return whole;
}

static bool takes(const struct purge *p, const struct row *row)
{
	return (!p->one || row->version == p->version) && store_tombstone_of(row) == STORE_NONE;
}

/* The version that a demand names; false: it is of all. */
static bool demanded_version(
    const struct store *s, uint64_t seq, int64_t *version, struct arena *arena)
{
	yyjson_val *root, *v = NULL;

	if (json_parse(&root, arena, store_content(s, seq), &JSON_LIMITS_OBJECT, NULL) == OK)
		v = yyjson_obj_get(root, "version");
	if (!yyjson_is_int(v))
		return false;
	*version = yyjson_get_sint(v);
	return true;
}

struct str purge_originator(const struct store *s, uint64_t decision)
{
	struct envelope e;

	/* A ledger begins with its node's identity. */
	if (!(store_row(s, decision)->flags & RECORD_FLAG_RECEIVED))
		return store_id(s, 0);
	return envelope_read(&e, store_content(s, decision + 1), NULL) == OK
	           ? e.statement.originator
	           : STR_NONE;
}

/* How far a demand reaches: none of the copies that are here, those that came from its sender, or
 * all, for it is the originator's. */
enum reach { REACH_NONE, REACH_SOME, REACH_ALL };

static enum reach reach_of(const struct store *s, uint64_t demand)
{
	struct str who = purge_originator(s, demand);
	uint64_t seq = store_find(s, str_from(store_id(s, demand), sizeof(STORE_PURGE) - 1));
	bool any = false, all = true;

	for (; seq != STORE_NONE; seq = store_older(s, seq)) {
		const struct row *row = store_row(s, seq);
		struct envelope e;

		if (!is_object(s, seq))
			continue;
		if ((row->flags & RECORD_FLAG_RECEIVED) && who.p &&
		    envelope_read(&e, store_content(s, seq + 1), NULL) == OK &&
		    str_eq(e.statement.originator, who))
			return REACH_ALL;
		any = any || row->source == store_row(s, demand)->source;
		all = all && row->source == store_row(s, demand)->source;
	}
	return any ? all ? REACH_ALL : REACH_SOME : REACH_NONE;
}

uint64_t purge_demanded(const struct store *s, struct str id)
{
	uint64_t seq = about(s, S(STORE_PURGE), id), found = STORE_NONE;
	struct arena *arena = arena_new(JSON_MAX * 16);

	for (; seq != STORE_NONE && found == STORE_NONE; seq = store_older(s, seq)) {
		struct purge p = {0};

		if (!(store_row(s, seq)->flags & RECORD_FLAG_RECEIVED) ||
		    reach_of(s, seq) == REACH_NONE)
			continue;
		arena_reset(arena);
		p.one = demanded_version(s, seq, &p.version, arena);
		for (uint64_t v = store_find(s, id); v != STORE_NONE; v = store_older(s, v))
			if (is_object(s, v) && takes(&p, store_row(s, v)))
				found = seq;
	}
	arena_free(arena);
	return found;
}

/* ---- the batch ---- */

struct batch {
	struct store *store;
	const struct purge *purge;
	const struct derivations *derivations;
	struct arena *arena;
	struct record *records;
	size_t count;
	struct uuid sender;
};

static void put_facts(struct json_writer *w, const struct purge *p, struct str id)
{
	json_put_str(w, "id", id);
	json_put_str(w, "reason", p->reason);
	json_put_str(w, "originator", p->identity);
	json_put_time(w, "time", p->now);
}

static enum err keep_json(struct batch *b, struct buf *json, struct str *out, struct fault *fault)
{
	*out = json->failed == OK ? arena_str(b->arena, buf_str(json)) : STR_NONE;
	buf_free(json);
	return out->p ? OK : fail(fault, ERR_LIMIT, "the reason is too long");
}

static enum err bury(struct batch *b, uint64_t seq, struct fault *fault)
{
	const struct purge *p = b->purge;
	struct record *r = &b->records[b->count];
	struct arena *scratch = arena_new(ARENA_MAX);
	struct purge_outline o = outline_of(b->store, seq, &b->sender, scratch);
	struct json_writer w;
	struct str json;
	struct buf text;

	arena_free(scratch);
	buf_init(&text, JSON_MAX);
	w = json_writer(&text);
	json_object(&w, NULL);
	put_facts(&w, p, store_id(b->store, seq));
	json_put_time(&w, "version", store_row(b->store, seq)->version);
	json_put_str(&w, "by", p->by);
	if (p->demander.p)
		json_put_str(&w, "demander", p->demander);
	json_put_int(&w, "present", o.present);
	json_put_int(&w, "stuck", o.stuck);
	json_end_object(&w);
	TRY(keep_json(b, &text, &json, fault));
	TRY(store_tombstone(r, b->store, seq, json, b->arena, fault));
	r->version += (int64_t)b->count++;
	r->label = p->label;
	return OK;
}

/* With what was derived of it for guests. */
static enum err bury_all(struct batch *b, uint64_t seq, struct fault *fault)
{
	const struct derivations *d = b->derivations;

	TRY(bury(b, seq, fault));
	for (size_t i = derivations_of(d, seq); i < d->count && d->list[i].original == seq; i++)
		if (store_tombstone_of(store_row(b->store, d->list[i].seq)) == STORE_NONE)
			TRY(bury(b, d->list[i].seq, fault));
	return OK;
}

static enum err decide(struct batch *b, struct str path, struct str json, struct fault *fault)
{
	uint64_t newest =
	    path.p && path.n <= STORE_ID_MAX ? store_find(b->store, path) : STORE_NONE;
	int64_t version = b->purge->now;

	if (!path.p || path.n > STORE_ID_MAX)
		return fail(fault, ERR_LIMIT, "an id of %zu bytes is too long to be purged",
		    b->purge->id.n);
	if (newest != STORE_NONE && store_row(b->store, newest)->version >= version)
		version = store_row(b->store, newest)->version + 1;
	b->records[b->count++] = (struct record){.kind = RECORD_DECISION,
	    .id = path,
	    .version = version,
	    .flags = b->purge->quiet ? RECORD_FLAG_LOCAL : 0,
	    .label = b->purge->label,
	    .content = json};
	return OK;
}

/* Hides what is purged, once, and says so to peers. */
static enum err decide_all(struct batch *b, struct fault *fault)
{
	const struct purge *p = b->purge;
	struct str hide = p->one ? store_void_path(b->arena, p->version, p->id)
	                         : arena_printf(b->arena, STORE_WITHDRAW "%.*s", STR_ARG(p->id));
	struct json_writer w;
	struct str json;
	struct buf text;

	buf_init(&text, JSON_MAX);
	w = json_writer(&text);
	json_object(&w, NULL);
	put_facts(&w, p, p->id);
	if (p->one)
		json_put_int(&w, "version", p->version);
	json_end_object(&w);
	TRY(keep_json(b, &text, &json, fault));
	if (!hide.p || hide.n > STORE_ID_MAX || store_find(b->store, hide) == STORE_NONE)
		TRY(decide(b, hide, json, fault));
	if (p->quiet)
		return OK;
	return decide(b, arena_printf(b->arena, STORE_PURGE "%.*s", STR_ARG(p->id)), json, fault);
}

static enum err fill(struct batch *b, struct fault *fault)
{
	const struct purge *p = b->purge;
	uint64_t seq =
	    p->id.n && p->id.n <= STORE_ID_MAX ? store_find(b->store, p->id) : STORE_NONE;
	size_t versions = 0;
	bool any = false;

	if (!is_object(b->store, seq))
		return fail(fault, ERR_NOT_FOUND, "no object %.*s is here",
		    STR_ARG(str_slice(p->id, 0, STORE_ID_MAX)));
	for (; seq != STORE_NONE; seq = store_older(b->store, seq)) {
		const struct row *row = store_row(b->store, seq);

		any = any || !p->one || row->version == p->version;
		if (!takes(p, row))
			continue;
		if (versions++ == PURGE_VERSIONS_MAX)
			return fail(fault, ERR_LIMIT, "%.*s has more than %d versions",
			    STR_ARG(p->id), PURGE_VERSIONS_MAX);
		TRY(bury_all(b, seq, fault));
	}
	if (!any)
		return fail(fault, ERR_NOT_FOUND, "%.*s has no such version here", STR_ARG(p->id));
	if (b->count == 0)
		return fail(fault, ERR_CONFLICT, "%.*s is purged already", STR_ARG(p->id));
	return OK;
}

static size_t derived_count(const struct derivations *d, uint64_t seq)
{
	return derivations_of(d, seq + 1) - derivations_of(d, seq);
}

static enum err append_one(struct store *s, const struct purge *p, const struct derivations *d,
    uint32_t *count, struct fault *fault)
{
	struct batch b = {.store = s, .purge = p, .derivations = d, .arena = arena_new(ARENA_MAX)};
	size_t records = 2;
	struct str type;
	uint64_t first, seq = p->id.n <= STORE_ID_MAX ? store_find(s, p->id) : STORE_NONE;
	enum err rc;

	(void)stix_id_split(&type, &b.sender, p->identity);
	for (; seq != STORE_NONE; seq = store_older(s, seq))
		records += 1 + derived_count(d, seq);
	b.records = arena_array(b.arena, records, sizeof(*b.records));
	rc = b.records ? fill(&b, fault) : fail(fault, ERR_NOMEM, "no memory for a purge");
	*count = (uint32_t)b.count;
	if (rc == OK)
		rc = decide_all(&b, fault);
	if (rc == OK)
		rc = store_append(s, b.records, b.count, &first, fault);
	arena_free(b.arena);
	return rc;
}

/* ---- what was made of it here ---- */

struct made {
	struct store *store;
	const struct purge *purge; /* of what it is made of */
	const struct derivations *derivations;
	struct arena *arena; /* for one record */
	struct relations *view;
	uint32_t count;
};

/* What this node made, whole; what is not here, or purged already, is passed over. */
static enum err purge_made(struct made *d, struct str id, struct fault *fault)
{
	struct purge p = *d->purge;
	uint64_t seq = id.n > 0 && id.n <= STORE_ID_MAX ? store_find(d->store, id) : STORE_NONE;
	uint32_t count;
	enum err rc;

	if (!is_object(d->store, seq) || (store_row(d->store, seq)->flags & RECORD_FLAG_RECEIVED))
		return OK;
	p.id = id;
	p.demander = STR_NONE;
	rc = append_one(d->store, &p, d->derivations, &count, fault);
	if (rc == OK)
		d->count += count;
	return rc == ERR_CONFLICT ? OK : rc;
}

/* Whether something refers to it that is not taken back. */
static bool is_needed(struct made *d, struct str id)
{
	const struct relations_find what = {.index = RELATIONS_REFERENCE,
	    .key = relations_id_key(id),
	    .before = store_size_pending(d->store)};
	uint64_t seqs[AT_ONCE];
	size_t count = 0;

	if (relations_find(d->view, &what, seqs, AT_ONCE, &count, NULL) != OK)
		return true;
	for (size_t i = 0; i < count; i++)
		if (about(d->store, S(STORE_WITHDRAW), store_id(d->store, seqs[i])) == STORE_NONE)
			return true;
	return false;
}

/* What a sighting observed, and the values that were seen, when nothing else tells of them. */
static enum err purge_observed(struct made *d, struct str id, struct fault *fault)
{
	uint64_t seq = id.n > 0 && id.n <= STORE_ID_MAX ? store_find(d->store, id) : STORE_NONE;
	struct stix_object o = {0};
	size_t i, max;
	yyjson_val *ref;

	if (!is_object(d->store, seq) ||
	    stix_object_parse(&o, d->arena, store_content(d->store, seq), NULL) != OK)
		return OK;
	TRY(purge_made(d, id, fault));
	yyjson_arr_foreach(yyjson_obj_get(o.root, "object_refs"), i, max, ref)
	{
		if (!is_needed(d, json_str(ref)))
			TRY(purge_made(d, json_str(ref), fault));
	}
	return OK;
}

static enum err purge_sighting(struct made *d, uint64_t seq, struct fault *fault)
{
	const struct row *row = store_row(d->store, seq);
	struct stix_object o;
	size_t i, max;
	yyjson_val *ref;

	arena_reset(d->arena);
	if (row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_SIGHTING ||
	    (row->flags & (RECORD_FLAG_RECEIVED | RECORD_FLAG_DERIVED)) ||
	    store_tombstone_of(row) != STORE_NONE ||
	    stix_object_parse(&o, d->arena, store_content(d->store, seq), NULL) != OK ||
	    !str_eq(json_get_str(o.root, "sighting_of_ref"), d->purge->id))
		return OK;
	yyjson_arr_foreach(yyjson_obj_get(o.root, "observed_data_refs"), i, max, ref)
	{
		TRY(purge_observed(d, json_str(ref), fault));
	}
	return purge_made(d, o.id, fault);
}

/* Those that the view has, then those that it has not seen yet. */
static enum err purge_sightings(struct made *d, struct fault *fault)
{
	uint64_t size = store_size_pending(d->store), before = size;
	uint64_t cursor = relations_cursor(d->view);
	struct relations_hit hits[AT_ONCE];
	size_t count;
	enum err rc;

	do {
		count = 0;
		rc = relations_hits(d->view, d->purge->id, before, hits, AT_ONCE, &count, fault);
		for (size_t i = 0; i < count && rc == OK; i++) {
			before = hits[i].seq;
			rc = purge_sighting(d, before, fault);
		}
	} while (rc == OK && count == AT_ONCE);
	/* There is no such view yet. */
	if (rc == ERR_NOT_FOUND)
		cursor = 0;
	else if (rc != OK)
		return rc;
	for (uint64_t seq = cursor; seq < size; seq++)
		TRY(purge_sighting(d, seq, fault));
	return OK;
}

static enum err purge_all_made(struct store *s, const struct purge *p,
    const struct derivations *derivations, uint32_t *count, struct fault *fault)
{
	struct made d = {.store = s, .purge = p, .derivations = derivations};
	enum err rc;

	TRY(relations_open(&d.view, p->views, fault));
	d.arena = arena_new(ARENA_MAX);
	rc = purge_sightings(&d, fault);
	arena_free(d.arena);
	relations_close(d.view);
	*count = d.count;
	return rc;
}

enum err purge_append(struct store *s, const struct purge *p, uint32_t *count, struct fault *fault)
{
	struct derivations derivations = {0};
	uint32_t made = 0;
	enum err rc = OK;

	*count = 0;
	if (p->id.n > 0 && p->id.n <= STORE_ID_MAX && is_object(s, store_find(s, p->id))) {
		derivations_find(&derivations, s);
		/* Before the object itself: when it is not done to the end, the object is there to
		 * be purged again. */
		if (!p->one)
			rc = purge_all_made(s, p, &derivations, &made, fault);
	}
	if (rc == OK) {
		rc = append_one(s, p, &derivations, count, fault);
		*count += made;
		/* What was made of it since it was purged. */
		rc = rc == ERR_CONFLICT && made > 0 ? OK : rc;
	}
	derivations_free(&derivations);
	return rc;
}

enum err purge_quietly(struct store *s, const struct purge *p, uint32_t *count, struct fault *fault)
{
	struct derivations derivations;
	struct purge one = *p;
	uint64_t seq = p->id.n <= STORE_ID_MAX ? store_find(s, p->id) : STORE_NONE;
	enum err rc = OK;
	bool any = false;

	*count = 0;
	one.one = one.quiet = true;
	derivations_find(&derivations, s);
	/* Copies of one version stand together. */
	for (; seq != STORE_NONE && rc == OK; seq = store_older(s, seq)) {
		const struct row *row = store_row(s, seq);
		uint32_t n = 0;

		if (row->kind != RECORD_OBJECT || store_tombstone_of(row) != STORE_NONE ||
		    (any && row->version == one.version))
			continue;
		any = true;
		one.version = row->version;
		rc = append_one(s, &one, &derivations, &n, fault);
		*count += n;
	}
	derivations_free(&derivations);
	TRY(rc);
	return any ? OK : fail(fault, ERR_NOT_FOUND, "%.*s is not here", STR_ARG(p->id));
}

/* What it says, when it is short enough to be said again. */
static struct str reason_of(const struct store *s, uint64_t demand, struct arena *arena)
{
	struct str reason = STR_NONE;
	yyjson_val *root;

	if (json_parse(&root, arena, store_content(s, demand), &JSON_LIMITS_OBJECT, NULL) == OK)
		reason = json_get_str(root, "reason");
	return reason.n > 0 && reason.n <= PURGE_REASON_MAX ? reason : S("its giver demands it");
}

enum err purge_comply(struct store *s, struct str views, struct str id, struct str label, usec now,
    bool *done, struct fault *fault)
{
	uint64_t demand = purge_demanded(s, id);
	struct purge p = {.id = id, .by = S("demand"), .views = views, .label = label, .now = now};
	struct arena *arena;
	uint32_t count;
	enum err rc;

	*done = false;
	if (demand == STORE_NONE || reach_of(s, demand) != REACH_ALL)
		return OK;
	arena = arena_new(JSON_MAX * 16);
	p.one = demanded_version(s, demand, &p.version, arena);
	p.reason = reason_of(s, demand, arena);
	p.demander = purge_originator(s, demand);
	p.identity = store_id(s, 0);
	rc = purge_append(s, &p, &count, fault);
	arena_free(arena);
	*done = rc == OK;
	return rc;
}
