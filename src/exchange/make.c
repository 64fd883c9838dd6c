/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/make.h"

#include "codec/zstd.h"
#include "policy/label.h"
#include "stix/object.h"
#include "store/compromise.h"

enum {
	PACK_LEAST = 512,
	ROTATIONS_SENT = 16,
	STATEMENTS_SENT = ROTATIONS_SENT + 1,
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
    usec now, bool *out, struct fault *fault)
{
	const struct row *row = store_row(m->store, e->seq);
	struct label label = label_decode(store_label(m->store, row->label));
	uint64_t at;
	bool given;

	TRY(egress_given(m->egress, m->feed, e->seq, &given, &at, fault));
	*out = given && at == number && !store_withdrawn(row) &&
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

static bool is_named(const struct sha256 *list, size_t count, const struct sha256 *id)
{
	for (size_t i = count; i > 0; i--)
		if (sha256_eq(&list[i - 1], id))
			return true;
	return false;
}

/* Who knows the originator only through us learns from us which keys its seals have now. False when
 * the range has no room for that. */
static bool add_rotations(
    struct making *m, struct str originator, struct sha256 *seals, size_t *seal_count)
{
	const struct store *s = m->store;
	struct sha256 once = sha256(originator);
	struct arena *arena;
	uint64_t count, n;
	struct str note;

	if (is_named(seals, *seal_count, &once))
		return true;
	if (m->maker.seal_count + STATEMENTS_SENT >= SYNC_SEALS_MAX ||
	    *seal_count + 1 >= SYNC_SEALS_MAX)
		return false;
	seals[(*seal_count)++] = once;
	arena = arena_new(STATEMENTS_MEMORY);
	count = rotation_count(s, originator, arena);
	n = count > ROTATIONS_SENT ? count - ROTATIONS_SENT : 0;
	for (; n < count && rotation_note(&note, s, originator, n + 1, arena) == OK; n++)
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

/* Whether the range has the seal already; its notes are few and named by the end of the last. */
static enum err add_entry(struct making *m, const struct egress_entry *from, struct sha256 *seals,
    size_t *seal_count, bool *full, struct fault *fault)
{
	const struct store *s = m->store;
	struct sealed sealed;
	struct sync_entry e = {.kind = from->kind, .statement = from->statement};
	struct buf envelope;
	enum err rc = OK;

	TRY(seal_envelope_of(&sealed, m->seals, s, from->seq, fault));
	buf_init(&envelope, ENVELOPE_BYTES_MAX);
	envelope_put(&envelope, &sealed.envelope);
	e.envelope = buf_str(&envelope);
	e.hops = hops_of(s, store_row(s, from->seq));
	e.content = from->kind == SYNC_RETRACTION ? STR_NONE : store_content(s, from->seq);
	if (envelope.failed)
		rc = fail(fault, ERR_NOMEM, "no memory for an envelope");
	if (rc == OK && !is_named(seals, *seal_count, &sealed.envelope.seal)) {
		if (!sealed.own)
			*full = !add_rotations(
			    m, sealed.envelope.statement.originator, seals, seal_count);
		*full =
		    *full || *seal_count == SYNC_SEALS_MAX || m->maker.seal_count == SYNC_SEALS_MAX;
		if (!*full) {
			seals[(*seal_count)++] = sealed.envelope.seal;
			sync_maker_seal(&m->maker, sealed.note);
		}
	}
	if (rc == OK && !*full)
		*full = !sync_maker_add(&m->maker, &e);
	buf_free(&envelope);
	return rc;
}

enum err making_fill(
    struct making *m, uint64_t from, usec now, struct arena *arena, struct fault *fault)
{
	struct egress_entry *entries;
	struct sha256 *seals;
	size_t count, seal_count = 0;
	bool full = false;

	m->from = from;
	sync_maker_reset(&m->maker);
	arena_reset(arena);
	entries = arena_array(arena, SYNC_ENTRIES_MAX, sizeof(*entries));
	seals = arena_array(arena, SYNC_SEALS_MAX, sizeof(*seals));
	if (!entries || !seals)
		return fail(fault, ERR_NOMEM, "no memory for a range");
	TRY(egress_entries(m->egress, m->feed, from, entries, SYNC_ENTRIES_MAX, &count, fault));
	for (size_t i = 0; i < count && !full; i++) {
		bool may = true;

		if (entries[i].kind == SYNC_OBJECT)
			TRY(may_still_have(m, &entries[i], from + i, now, &may, fault));
		if (may)
			TRY(add_entry(m, &entries[i], seals, &seal_count, &full, fault));
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
