/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/make.h"

#include "codec/zstd.h"
#include "exchange/outgoing.h"
#include "policy/label.h"
#include "stix/object.h"
#include "store/compromise.h"
#include "sync/introduction.h"

enum {
	PACK_LEAST = 512,
	ROTATIONS_SENT = 16,
	/* Of either kind; and who it is, and a compromise. */
	STATEMENTS_SENT = 2 * ROTATIONS_SENT + 2,
	STATEMENTS_MEMORY = 4 << 20,
};

void making_init(struct making *m)
{
	*m = (struct making){.seals = seal_cache_new()};
	sync_maker_init(&m->maker);
}

void making_free(struct making *m)
{
	seal_cache_free(m->seals);
	sync_maker_free(&m->maker);
}

/* How many more nodes may relay it: one less than we may, when it came to us from elsewhere. */
static uint8_t hops_of(const struct store *s, const struct row *row)
{
	struct label label = label_decode(store_label(s, row->label));
	uint8_t hops = label_hops(&label);

	if (hops == LABEL_HOPS_ANY || !(row->flags & RECORD_FLAG_RECEIVED))
		return hops;
	return hops > 0 ? (uint8_t)(hops - 1) : 0;
}

/* What was taken back since, or has run out, is not given to who was away when it was: only its
 * statement's hash goes out, which the feed's tree needs. */
static enum err may_still_have(struct making *m, const struct egress_entry *e, uint64_t number,
    usec now, bool *out, uint32_t *withheld, struct fault *fault)
{
	const struct row *row = store_row(m->store, e->seq);
	struct label label = label_decode(store_label(m->store, row->label));
	struct egress_given given;

	TRY(egress_given(m->egress, m->feed, e->seq, &given, fault));
	*withheld = given.withheld;
	*out = given.entry == number && !store_withdrawn(row) &&
	       !(label.has_expiry && label.expires <= now);
	return OK;
}

/* An entry of which nothing but the hash is told. */
static void add_blank(struct making *m, const struct egress_entry *from, bool *full)
{
	const struct sync_entry e = {
	    .kind = from->kind, .statement = from->statement, .envelope = S(""), .content = S("")};

	*full = !sync_maker_add(&m->maker, &e);
}

/* What the range that is made names already: seals by their names, and originators whose keys were
 * told, by the hash of their identity. */
struct named {
	struct sha256 *all; /* SYNC_SEALS_MAX */
	size_t count;
};

static bool is_named(const struct named *n, const struct sha256 *id)
{
	for (size_t i = n->count; i > 0; i--)
		if (sha256_eq(&n->all[i - 1], id))
			return true;
	return false;
}

/* Who knows the originator only through us learns from us who it is, and its keys now. False when
 * the range has no room for that. */
static bool add_keys(struct making *m, struct str originator, struct named *named)
{
	const struct store *s = m->store;
	struct sha256 once = sha256(originator);
	struct arena *arena;
	uint64_t count, n;
	struct str note;

	if (is_named(named, &once))
		return true;
	if (m->maker.seal_count + STATEMENTS_SENT >= SYNC_SEALS_MAX ||
	    named->count + 1 >= SYNC_SEALS_MAX)
		return false;
	named->all[named->count++] = once;
	arena = arena_new(STATEMENTS_MEMORY);
	if (introduction_note(&note, s, originator, arena) == OK)
		sync_maker_seal(&m->maker, note);
	count = rotation_count(s, originator, arena);
	n = count > ROTATIONS_SENT ? count - ROTATIONS_SENT : 0;
	for (; n < count && rotation_note(&note, s, originator, n + 1, arena) == OK; n++)
		sync_maker_seal(&m->maker, note);
	count = numbered_count(s, former_path, originator, ROTATIONS_SENT, arena);
	for (n = 0;
	    n < count && numbered_note(&note, s, former_path, originator, n + 1, arena) == OK; n++)
		sync_maker_seal(&m->maker, note);
	count = compromise_count(s, originator, arena);
	for (n = count > 1 ? count - 1 : 0; n < count; n++)
		/* What was decided here alone has no signature, and is for nobody else. */
		if (compromise_note(&note, s, originator, n + 1, arena) == OK &&
		    str_search(note, S("\n\n")) < note.n)
			sync_maker_seal(&m->maker, note);
	arena_free(arena);
	return true;
}

/* False when the range has no room for it. */
static bool add_seal(struct making *m, const struct sealed *sealed, struct named *named)
{
	if (is_named(named, &sealed->envelope.seal))
		return true;
	if ((!sealed->own || m->tells_keys) &&
	    !add_keys(m, sealed->envelope.statement.originator, named))
		return false;
	if (named->count == SYNC_SEALS_MAX || m->maker.seal_count == SYNC_SEALS_MAX)
		return false;
	named->all[named->count++] = sealed->envelope.seal;
	sync_maker_seal(&m->maker, sealed->note);
	return true;
}

static enum err add_outgoing(struct making *m, const struct egress_entry *from,
    const struct outgoing *out, const struct sealed *sealed, struct named *named, bool *full,
    struct fault *fault)
{
	struct sync_entry e = {.kind = from->kind,
	    .statement = from->statement,
	    .hops = hops_of(m->store, store_row(m->store, from->seq)),
	    .content = out->content};
	struct buf envelope;
	enum err rc = OK;

	buf_init(&envelope, ENVELOPE_BYTES_MAX);
	envelope_put(&envelope, &out->envelope);
	e.envelope = buf_str(&envelope);
	if (envelope.failed)
		rc = fail(fault, ERR_NOMEM, "no memory for an envelope");
	else
		*full = !add_seal(m, sealed, named) || !sync_maker_add(&m->maker, &e);
	buf_free(&envelope);
	return rc;
}

static enum err add_entry(struct making *m, const struct egress_entry *from, uint32_t withheld,
    struct named *named, bool *full, struct fault *fault)
{
	struct outgoing out;
	struct sealed sealed;
	enum err rc;

	TRY(seal_envelope_of(&sealed, m->seals, m->store, from->seq, fault));
	rc = outgoing_make(&out,
	    &(struct outgoing_source){.store = m->store,
	        .seq = from->seq,
	        .kind = from->kind,
	        .envelope = &sealed.envelope,
	        .withheld = withheld,
	        .sender = m->identity},
	    fault);
	if (rc == OK)
		rc = add_outgoing(m, from, &out, &sealed, named, full, fault);
	else if (rc == ERR_DENIED)
		add_blank(m, from, full);
	outgoing_free(&out);
	return rc == ERR_DENIED ? OK : rc;
}

enum err making_fill(
    struct making *m, uint64_t from, usec now, struct arena *arena, struct fault *fault)
{
	struct egress_entry *entries;
	struct named named = {.count = 0};
	size_t count;
	bool full = false;

	m->from = from;
	sync_maker_reset(&m->maker);
	arena_reset(arena);
	entries = arena_array(arena, SYNC_ENTRIES_MAX, sizeof(*entries));
	named.all = arena_array(arena, SYNC_SEALS_MAX, sizeof(*named.all));
	if (!entries || !named.all)
		return fail(fault, ERR_NOMEM, "no memory for a range");
	TRY(egress_entries(m->egress, m->feed, from, entries, m->most ? m->most : SYNC_ENTRIES_MAX,
	    &count, fault));
	for (size_t i = 0; i < count && !full; i++) {
		uint32_t withheld = 0;
		bool may = true;

		if (entries[i].kind == SYNC_OBJECT)
			TRY(may_still_have(m, &entries[i], from + i, now, &may, &withheld, fault));
		if (may)
			TRY(add_entry(m, &entries[i], withheld, &named, &full, fault));
		else
			add_blank(m, &entries[i], &full);
	}
	return OK;
}

enum err making_pack(
    struct sync_message *out, const struct making *m, struct str head, struct buf *packed)
{
	struct sync_message r = {.type = SYNC_RANGE, .from = m->from, .count = m->maker.count};
	struct buf plain;
	enum err failed;

	buf_init(&plain, SYNC_UNPACKED_MAX);
	buf_reset(packed);
	sync_maker_put(&m->maker, head, &plain);
	r.unpacked = (uint32_t)plain.n;
	if (plain.n >= PACK_LEAST)
		zstd_pack(packed, buf_str(&plain));
	if (packed->failed == OK && packed->n > 0 && packed->n < plain.n) {
		r.packing = SYNC_ZSTD;
	} else {
		buf_reset(packed);
		buf_put(packed, buf_str(&plain));
	}
	r.packed = buf_str(packed);
	*out = r;
	failed = plain.failed != OK ? plain.failed : packed->failed;
	buf_free(&plain);
	return failed;
}
