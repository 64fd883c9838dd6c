/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the ledger: of the newest version of every object that guests of a community may have
 * only without some of its members, a new object is appended, and what goes with it. Whether a
 * guest is shown it is decided by gate/ each time, from the original: so what becomes of the
 * original needs nothing done here. Looking begins at the first record with every start and
 * whenever guests or terms are others; what is there already is found by its id. */
#include "admin/admin.h"
#include "admin/derive/guests.h"
#include "admin/derive/object.h"
#include "base/mem.h"
#include "codec/time.h"
#include "crypt/random.h"
#include "policy/change.h"
#include "stix/type.h"
#include "sys/loop.h"

enum {
	OBJECT_MEMORY = 128 << 20,
	SLICE = 1 << 18,     /* records looked at in one turn */
	SLICE_PARSED = 2000, /* of these, objects read */
	RECORDS_MAX = 8,
	LINK_MAX = 512,
	EXTENSION_MAX = 16 << 10,
	KEY_MAX = LABEL_ENCODED_MAX + 8,
};

struct deriving {
	const struct command_ctx *ctx;
	struct guests *guests;
	struct loop_timer *timer;
	struct arena *arena; /* for one object */
	struct uuid identity;
	bool known; /* identity is */
	uint64_t looked;
	size_t parsed; /* in this turn */
	bool full;
};

/* One object for one community. */
struct one {
	struct deriving *d;
	uint64_t seq;
	uint64_t membership; /* the record by which it joins or leaves another feed; STORE_NONE */
	const struct row *row;
	struct stix_object o;
	struct derivation parts;
	struct str community;
	uint32_t terms;
	struct sha256 secret;
	char label[LABEL_ENCODED_MAX];
	size_t label_n;
	char red[LABEL_ENCODED_MAX]; /* of what nobody is shown */
	size_t red_n;
	struct buf extension;
	struct record records[RECORDS_MAX];
	struct buf contents[RECORDS_MAX];
	size_t count;
};

/* ---- records ---- */

static struct buf *add(struct one *w, const struct record *r, size_t max)
{
	struct buf *content = &w->contents[w->count];

	buf_init(content, max);
	w->records[w->count] = *r;
	w->records[w->count].label = r->kind == RECORD_DERIVED ? (struct str){w->red, w->red_n}
	                                                       : (struct str){w->label, w->label_n};
	w->count++;
	return content;
}

static void add_link(struct one *w, const struct record *of, enum derived_kind kind)
{
	const struct record r = {.kind = RECORD_DERIVED,
	    .id = derived_path(w->d->arena, of->id),
	    .version = of->version};
	const struct derived link = {.kind = kind,
	    .original = kind == DERIVED_MARKING ? STORE_NONE : w->seq,
	    .terms = w->terms,
	    .community = w->community};

	derived_put(add(w, &r, LINK_MAX), &link);
}

static void drop(struct one *w)
{
	for (size_t i = 0; i < w->count; i++)
		buf_free(&w->contents[i]);
	w->count = 0;
}

/* All or nothing. */
static void append(struct one *w)
{
	struct deriving *d = w->d;
	struct fault fault;
	uint64_t first;
	enum err rc = OK;

	for (size_t i = 0; i < w->count && rc == OK; i++) {
		w->records[i].content = buf_str(&w->contents[i]);
		rc = w->contents[i].failed;
		if (rc == OK && (!w->records[i].id.p || w->records[i].id.n > STORE_ID_MAX))
			rc = ERR_LIMIT;
	}
	if (rc == OK)
		rc = store_append(d->ctx->store, w->records, w->count, &first, &fault);
	if (rc == ERR_FULL) {
		d->full = true;
		d->ctx->full(d->ctx->core);
	}
}

/* ---- what is there ---- */

/* Whether what stands for this very record is there. */
static bool is_there(const struct one *w, struct str id, int64_t version, bool *replaces)
{
	const struct store *s = w->d->ctx->store;
	uint64_t seq = store_find_version(s, id, version);
	struct derived link;

	*replaces = seq != STORE_NONE;
	return seq != STORE_NONE && derived_of(&link, s, seq) == OK && link.original == w->seq;
}

static bool is_newest(const struct store *s, uint64_t seq)
{
	uint64_t newest = store_find(s, store_id(s, seq));

	while (newest != STORE_NONE && (store_row(s, newest)->kind != RECORD_OBJECT ||
	                                   store_withdrawn(store_row(s, newest))))
		newest = store_older(s, newest);
	return newest == seq;
}

/* ---- label and secret ---- */

static void make_secret(struct one *w)
{
	struct arena *arena = w->d->arena;
	const struct record r = {.kind = RECORD_DERIVED,
	    .id = derived_secret_path(arena, w->community),
	    .version = env_now(w->d->ctx->env)};

	if (derived_secret(&w->secret, w->d->ctx->store, arena, w->community) == OK)
		return;
	random_secret(w->secret.b, DERIVED_SECRET);
	buf_put(
	    add(w, &r, DERIVED_SECRET), (struct str){(const char *)w->secret.b, DERIVED_SECRET});
}

/* The original's label, for this community alone, and by this node. */
static enum err make_label(struct one *w)
{
	struct deriving *d = w->d;
	const struct label_change change = {.communities = w->community};
	struct label was = label_decode(store_label(d->ctx->store, w->row->label)), then;
	const struct label red = {.tlp = TLP_RED};

	was.has_originator = false;
	TRY(label_change(&then, &was, &change, d->ctx->identity, &w->extension, d->arena, NULL));
	if (was.outside > then.outside)
		then.outside = was.outside;
	w->label_n = label_encode(&then, w->label);
	w->red_n = label_encode(&red, w->red);
	return w->extension.failed;
}

/* One for each label and feed. */
static struct str marking_id(const struct one *w)
{
	struct buf key;
	struct str id;

	buf_init(&key, KEY_MAX);
	buf_u32(&key, w->row->feed);
	buf_put(&key, (struct str){w->label, w->label_n});
	id = derived_id(
	    w->d->arena, &w->secret, DERIVED_MARKING, S("marking-definition"), buf_str(&key), 0);
	buf_free(&key);
	return id;
}

static struct str make_marking(struct one *w)
{
	struct str id = marking_id(w);
	struct record r = {.kind = RECORD_OBJECT,
	    .tag = STIX_TYPE_MARKING_DEFINITION,
	    .flags = RECORD_FLAG_DERIVED,
	    .feed = w->row->feed};

	if (!id.p || store_find(w->d->ctx->store, id) != STORE_NONE)
		return id;
	r.id = id;
	r.version = w->row->received;
	derive_put_marking(add(w, &r, STORE_CONTENT_MAX), id, w->d->ctx->identity, r.version,
	    buf_str(&w->extension));
	add_link(w, &r, DERIVED_MARKING);
	return id;
}

/* ---- one object ---- */

static struct record object_record(
    const struct one *w, struct str id, uint16_t tag, int64_t version)
{
	return (struct record){.kind = RECORD_OBJECT,
	    .tag = tag,
	    .flags = (uint8_t)(RECORD_FLAG_DERIVED |
	                       (w->row->flags & (RECORD_FLAG_REVOKED | RECORD_FLAG_SPEC_20))),
	    .feed = w->row->feed,
	    .id = id,
	    .version = version};
}

static struct derive_ask asked(const struct one *w)
{
	return (struct derive_ask){.bytes = store_content(w->d->ctx->store, w->seq),
	    .o = &w->o,
	    .parts = &w->parts,
	    .secret = &w->secret,
	    .sender = w->d->known ? &w->d->identity : NULL,
	    .by = w->d->ctx->identity,
	    .arena = w->d->arena};
}

static void make_relation(struct one *w, const struct derive_ask *ask)
{
	struct str id =
	    derived_id(w->d->arena, &w->secret, DERIVED_RELATION, S("relationship"), ask->id, 0);
	struct record r = object_record(w, id, STIX_TYPE_RELATIONSHIP, w->o.version);
	bool replaces;

	r.flags = (uint8_t)(r.flags & ~(unsigned)RECORD_FLAG_REVOKED);
	if (is_there(w, id, r.version, &replaces))
		return;
	if (replaces)
		r.flags |= RECORD_FLAG_REPLACES;
	derive_put_relation(add(w, &r, STORE_CONTENT_MAX), ask, id);
	add_link(w, &r, DERIVED_RELATION);
}

static struct str copy_id(const struct one *w)
{
	return derived_id(w->d->arena, &w->secret, DERIVED_COPY, w->o.type_name,
	    store_id(w->d->ctx->store, w->seq), w->terms);
}

static struct str pseudonym_id(const struct one *w)
{
	return derived_id(w->d->arena, &w->secret, DERIVED_PSEUDONYM, S("identity"),
	    store_id(w->d->ctx->store, w->seq), 0);
}

static void make_copy(struct one *w)
{
	struct derive_ask ask = asked(w);
	bool replaces;
	struct record r;

	ask.id = copy_id(w);
	if (is_there(w, ask.id, w->o.version, &replaces))
		return;
	ask.marking = make_marking(w);
	r = object_record(w, ask.id, w->row->tag, w->o.version);
	if (replaces)
		r.flags |= RECORD_FLAG_REPLACES;
	derive_put_copy(add(w, &r, STORE_CONTENT_MAX), &ask);
	add_link(w, &r, DERIVED_COPY);
	if (derive_relates(w->row->tag))
		make_relation(w, &ask);
	append(w);
}

/* When the first one was made. */
static usec oldest_of(const struct store *s, struct str id, usec otherwise)
{
	uint64_t seq = store_find(s, id), oldest = seq;

	for (; seq != STORE_NONE; seq = store_older(s, seq))
		oldest = seq;
	return oldest == STORE_NONE ? otherwise : store_row(s, oldest)->version;
}

static void make_pseudonym(struct one *w)
{
	const struct store *s = w->d->ctx->store;
	struct derive_ask ask = asked(w);
	bool replaces;
	struct record r;

	ask.id = pseudonym_id(w);
	ask.modified = w->row->received;
	if (is_there(w, ask.id, ask.modified, &replaces))
		return;
	ask.created = oldest_of(s, ask.id, ask.modified);
	ask.marking = make_marking(w);
	r = object_record(w, ask.id, STIX_TYPE_IDENTITY, ask.modified);
	derive_put_pseudonym(add(w, &r, STORE_CONTENT_MAX), &ask);
	add_link(w, &r, DERIVED_PSEUDONYM);
	append(w);
}

/* ---- in other feeds ---- */

/* How far the joining and leaving of a feed has been followed for what is derived is a record of
 * its own, so that looking again appends nothing. */
static bool is_followed(const struct one *w, struct str path)
{
	const struct store *s = w->d->ctx->store;
	uint64_t seq = path.p ? store_find(s, path) : STORE_NONE;

	return seq != STORE_NONE && store_row(s, seq)->version >= (int64_t)w->membership;
}

static void add_member(struct one *w, struct str id, int64_t version)
{
	const struct store *s = w->d->ctx->store;
	const struct row *membership = store_row(s, w->membership);
	uint64_t seq = id.p ? store_find_version(s, id, version) : STORE_NONE;

	if (seq == STORE_NONE || store_row(s, seq)->kind != RECORD_OBJECT)
		return;
	(void)add(w,
	    &(struct record){.kind = membership->kind,
	        .tag = store_row(s, seq)->tag,
	        .feed = membership->feed,
	        .id = id,
	        .version = version},
	    1);
}

static void add_followed(struct one *w, struct str path)
{
	const struct record r = {
	    .kind = RECORD_DERIVED, .id = path, .version = (int64_t)w->membership};

	buf_u64(add(w, &r, sizeof(w->membership)), w->membership);
}

/* It stays where others may need it. */
static void follow_marking(struct one *w)
{
	const struct store *s = w->d->ctx->store;
	const struct row *membership = store_row(s, w->membership);
	struct str id = marking_id(w), path;
	uint64_t seq = id.p ? store_find(s, id) : STORE_NONE;

	path = derived_feed_path(w->d->arena, id, membership->feed);
	if (membership->kind != RECORD_MEMBER || seq == STORE_NONE || !path.p ||
	    store_find(s, path) != STORE_NONE)
		return;
	add_member(w, id, store_row(s, seq)->version);
	add_followed(w, path);
}

/* Where the original goes, or leaves, there goes what stands for it. */
static void make_member(struct one *w)
{
	const struct store *s = w->d->ctx->store;
	struct arena *arena = w->d->arena;
	bool pseudonym = w->parts.pseudonym, replaces;
	int64_t version = pseudonym ? (int64_t)w->row->received : w->o.version;
	struct str id = pseudonym ? pseudonym_id(w) : copy_id(w);
	struct str path = derived_feed_path(arena, id, store_row(s, w->membership)->feed);

	if (is_followed(w, path) || !is_there(w, id, version, &replaces))
		return;
	add_member(w, id, version);
	if (!pseudonym && derive_relates(w->row->tag))
		add_member(w,
		    derived_id(arena, &w->secret, DERIVED_RELATION, S("relationship"), id, 0),
		    version);
	follow_marking(w);
	add_followed(w, path);
	append(w);
}

/* ---- following ---- */

static void derive_for(struct one *w)
{
	struct release whole;

	policy_release(
	    &whole, w->row->tag, w->o.root, w->terms, w->d->known ? &w->d->identity : NULL);
	if (whole.verdict == VERDICT_ALLOW)
		return;
	policy_derive(
	    &w->parts, w->row->tag, w->o.root, w->terms, w->d->known ? &w->d->identity : NULL);
	if (w->parts.verdict != VERDICT_REDACT)
		return;
	buf_init(&w->extension, EXTENSION_MAX);
	if (make_label(w) == OK) {
		make_secret(w);
		if (w->membership != STORE_NONE)
			make_member(w);
		else if (w->parts.pseudonym)
			make_pseudonym(w);
		else
			make_copy(w);
	}
	buf_free(&w->extension);
	drop(w);
}

/* The object that the record brings, or that it puts into another feed or takes out of one. */
static uint64_t object_of(const struct store *s, uint64_t seq, uint64_t *membership)
{
	const struct row *row = store_row(s, seq);

	*membership = STORE_NONE;
	if (row->kind != RECORD_MEMBER && row->kind != RECORD_REMOVAL)
		return seq;
	*membership = seq;
	return store_find_version(s, store_id(s, seq), row->version);
}

static void consider(struct deriving *d, uint64_t at)
{
	const struct store *s = d->ctx->store;
	uint64_t membership, seq = object_of(s, at, &membership);
	const struct row *row = seq == STORE_NONE ? NULL : store_row(s, seq);
	struct one *w = NULL;

	if (!row || row->kind != RECORD_OBJECT || row->tag >= STIX_TYPES ||
	    (row->flags & RECORD_FLAG_DERIVED) || store_withdrawn(row) ||
	    store_tombstone_of(row) != STORE_NONE)
		return;
	for (size_t i = 0; i < guests_communities(d->guests) && !d->full; i++) {
		uint32_t terms = guests_withheld(d->guests, s, i, row, env_now(d->ctx->env));

		if (terms == 0 || (!w && !is_newest(s, seq)))
			continue;
		if (!w) {
			arena_reset(d->arena);
			w = mem_alloc(sizeof(*w));
			d->parsed++;
			if (stix_object_parse(&w->o, d->arena, store_content(s, seq), NULL) != OK)
				break;
		}
		w->d = d;
		w->seq = seq;
		w->membership = membership;
		w->row = row;
		w->community = guests_community(d->guests, i);
		w->terms = terms;
		derive_for(w);
	}
	mem_free(w);
}

/* What is being purged is known as such when that is committed; until then nothing is derived, for
 * the purge has looked already for what was. */
static bool purge_is_pending(const struct store *s)
{
	uint64_t newest = store_find(s, S(STORE_TOMBSTONE));

	return newest != STORE_NONE && newest >= store_size(s);
}

static void follow(void *part)
{
	struct deriving *d = part;
	const struct store *s = d->ctx->store;
	uint64_t size = store_size_pending(s), end;

	if (purge_is_pending(s)) {
		loop_timer_set(d->timer, 0);
		return;
	}
	if (guests_follow(d->guests, s, size))
		d->looked = 0;
	if (guests_communities(d->guests) == 0)
		d->looked = size;
	d->parsed = 0;
	d->full = false;
	end = size - d->looked > SLICE ? d->looked + SLICE : size;
	while (d->looked < end && d->parsed < SLICE_PARSED && !d->full) {
		consider(d, d->looked);
		if (!d->full)
			d->looked++;
	}
	/* What was appended here is nothing to derive of. */
	if (d->looked < size && !d->full)
		loop_timer_set(d->timer, 0);
}

static void on_timer(void *part)
{
	struct deriving *d = part;

	d->ctx->commit(d->ctx->core, NULL, NULL);
}

static enum err derive_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct deriving *d = mem_alloc(sizeof(*d));
	struct str type;

	(void)fault;
	d->ctx = ctx;
	d->guests = guests_new(ctx->config);
	d->arena = arena_new(OBJECT_MEMORY);
	d->timer = loop_timer_new(ctx->loop, on_timer, d);
	d->known = stix_id_split(&type, &d->identity, ctx->identity);
	*out = d;
	return OK;
}

static void derive_close(void *part)
{
	struct deriving *d = part;

	loop_timer_free(d->timer);
	guests_free(d->guests);
	arena_free(d->arena);
	mem_free(d);
}

const struct command_part ADMIN_DERIVE = {
    .name = "derive",
    .open = derive_open,
    .close = derive_close,
    .follow = follow,
};
