/* SPDX-License-Identifier: Apache-2.0 */
/* The egress view: its follower. Whatever it decides depends on the records before the one at hand
 * and on that one's time, never on what the store holds by now. */
#include "view/egress.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "policy/release.h"
#include "seal/ledger.h"
#include "seal/record.h"
#include "stix/object.h"
#include "view/classes.h"
#include "view/egress_peers.h"
#include "view/egress_table.h"
#include "view/purge/purge.h"

enum { ARENA_MAX = 64 << 20 };

struct egress_view {
	struct view view;
	struct sql sql;
	struct seal_cache *seals;
	struct arena *arena;
	struct seal_record *seal; /* large: one for all */
	struct egress_peers peers;
	bool loaded;     /* peers are those of the cursor */
	usec until;      /* when a decision may change by itself */
	uint32_t labels; /* distinct ones that `until` counts in */
};

/* Where the follower is. */
struct step {
	struct egress_view *v;
	const struct store *store;
	uint64_t seq;
	usec now;
};

static struct egress_view *of(struct view *v)
{
	return (struct egress_view *)v;
}

/* A hash over 256 of the level below, as soon as they are there. */
static enum err add_nodes(struct sql *q, uint32_t feed, uint64_t size, struct fault *fault)
{
	struct egress_tree tree = {.sql = q, .feed = feed};
	const struct merkle_source source = egress_source(&tree);

	for (unsigned level = 1; level <= EGRESS_LEVELS; level++) {
		struct sha256 halves[2], hash;
		unsigned height = level * MERKLE_TILE_BITS - 1;

		if (size % MERKLE_TILE)
			break;
		size /= MERKLE_TILE;
		halves[0] = source.subtree(&tree, height, 2 * (size - 1));
		halves[1] = source.subtree(&tree, height, 2 * (size - 1) + 1);
		if (tree.failed)
			return fail(fault, ERR_CORRUPT, "%s: a feed has gaps", q->path);
		hash = merkle_node(&halves[0], &halves[1]);
		TRY(egress_put(q, EGRESS_PUT_NODE,
		    (const int64_t[]){feed, level, (int64_t)(size - 1)}, 3,
		    (struct str){(const char *)hash.b, SHA256_LEN}, fault));
	}
	return OK;
}

/* The leaf of what the originator of a record states. */
static enum err find_statement(
    const struct step *at, uint64_t seq, struct sha256 *out, struct fault *fault)
{
	struct sealed sealed;

	if (store_row(at->store, seq)->flags & RECORD_FLAG_RECEIVED)
		TRY(envelope_read(&sealed.envelope, store_content(at->store, seq + 1), fault));
	else
		TRY(seal_envelope_of(&sealed, at->v->seals, at->store, seq, fault));
	*out = statement_leaf(&sealed.envelope.statement);
	return OK;
}

static enum err put_given(const struct step *at, const struct egress_peer *peer, uint64_t seq,
    uint64_t entry, uint32_t withheld, struct fault *fault)
{
	return egress_put(&at->v->sql, EGRESS_PUT_GIVEN,
	    (const int64_t[]){peer->feed, (int64_t)seq, (int64_t)entry, withheld}, 4, STR_NONE,
	    fault);
}

static enum err append(const struct step *at, struct egress_peer *peer, enum sync_kind kind,
    uint64_t seq, struct fault *fault)
{
	struct sql *q = &at->v->sql;
	struct sha256 statement;

	TRY(find_statement(at, seq, &statement, fault));
	TRY(egress_put(q, EGRESS_PUT_ENTRY,
	    (const int64_t[]){peer->feed, (int64_t)peer->size, kind, (int64_t)seq}, 4,
	    (struct str){(const char *)statement.b, SHA256_LEN}, fault));
	if (kind == SYNC_RETRACTION)
		TRY(egress_put(q, EGRESS_DROP_GIVEN, (const int64_t[]){peer->feed, (int64_t)seq}, 2,
		    STR_NONE, fault));
	if (kind != SYNC_OBJECT)
		TRY(egress_put(q, EGRESS_PUT_BACK,
		    (const int64_t[]){peer->feed, (int64_t)seq, (int64_t)peer->size}, 3, STR_NONE,
		    fault));
	peer->size++;
	TRY(add_nodes(q, peer->feed, peer->size, fault));
	return egress_put(q, EGRESS_PUT_FEED, (const int64_t[]){peer->feed, (int64_t)peer->size}, 2,
	    str_c(peer->identity), fault);
}

/* The newest record of an id before the one at hand, or STORE_NONE. */
static uint64_t find_before(const struct step *at, struct str id)
{
	uint64_t seq = store_find(at->store, id);

	while (seq != STORE_NONE && seq >= at->seq)
		seq = store_older(at->store, seq);
	return seq;
}

static bool is_withdrawn(const struct step *at, uint64_t seq)
{
	struct str path;

	if (!store_withdrawn(store_row(at->store, seq)))
		return false;
	arena_reset(at->v->arena);
	path = arena_printf(at->v->arena, STORE_WITHDRAW "%.*s", STR_ARG(store_id(at->store, seq)));
	return find_before(at, path) != STORE_NONE;
}

/* This node does not keep that version any more, and those who have it may. */
static bool is_outdated(const struct step *at, uint64_t seq)
{
	const struct row *row = store_row(at->store, seq);
	uint64_t decision;

	if (!store_withdrawn(row))
		return false;
	arena_reset(at->v->arena);
	decision =
	    find_before(at, store_void_path(at->v->arena, row->version, store_id(at->store, seq)));
	return decision != STORE_NONE &&
	       (store_row(at->store, decision)->flags & RECORD_FLAG_LOCAL);
}

/* It came with a seal by keys that were in other hands. */
static bool is_void(const struct step *at, uint64_t seq)
{
	const struct row *row = store_row(at->store, seq);

	if (!store_withdrawn(row))
		return false;
	arena_reset(at->v->arena);
	return find_before(at, store_void_path(at->v->arena, row->version,
	                           store_id(at->store, seq))) != STORE_NONE;
}

/* Whether the object came from this peer, or was first stated by it. */
static bool is_theirs(
    const struct step *at, const struct egress_peer *peer, uint64_t seq, const struct row *row)
{
	struct envelope e;

	if (!(row->flags & RECORD_FLAG_RECEIVED))
		return false;
	return (peer->source && row->source == peer->source) ||
	       envelope_read(&e, store_content(at->store, seq + 1), NULL) != OK ||
	       str_eq(e.statement.originator, str_c(peer->identity));
}

/* Whether something remains of an object that is an object still, and can be proven. */
static bool can_release(const struct step *at, const struct egress_peer *peer, uint64_t seq,
    const struct row *row, uint32_t withheld)
{
	struct str content = store_content(at->store, seq);
	struct release release;
	struct sealed sealed;
	yyjson_val *object;

	arena_reset(at->v->arena);
	if (store_tombstone_of(row) != STORE_NONE) {
		struct purge_outline o;

		if ((withheld & WITHHOLD_UNKNOWN) ||
		    purge_outline(&o, at->store, store_tombstone_of(row), at->v->arena, NULL) !=
		        OK ||
		    (withheld & o.stuck))
			return false;
		if (!(withheld & o.present))
			return true;
	} else {
		if (json_parse(&object, at->v->arena, content, &JSON_LIMITS_OBJECT, NULL) != OK)
			return false;
		policy_release(&release, row->tag, object, withheld, &peer->reader.node);
		if (release.verdict != VERDICT_REDACT)
			return release.verdict == VERDICT_ALLOW;
	}
	return seal_envelope_of(&sealed, at->v->seals, at->store, seq, NULL) == OK &&
	       sealed.envelope.statement.members > 0;
}

/* `withheld` is what of it the peer may not have. */
static bool is_allowed(
    const struct step *at, const struct egress_peer *peer, uint64_t seq, uint32_t *withheld)
{
	const struct row *row = store_row(at->store, seq);
	struct decision d;
	struct label label;

	if (!peer->active || is_theirs(at, peer, seq, row) || is_withdrawn(at, seq))
		return false;
	label = label_decode(store_label(at->store, row->label));
	d = policy_decide_type(&label, row->tag, &peer->reader, OUTLET_PEER, at->now);
	*withheld = d.withheld;
	return d.verdict == VERDICT_ALLOW ||
	       (d.verdict == VERDICT_REDACT && can_release(at, peer, seq, row, d.withheld));
}

static bool may_have(
    const struct step *at, const struct egress_peer *peer, uint64_t seq, uint32_t *withheld)
{
	return !is_void(at, seq) && is_allowed(at, peer, seq, withheld);
}

static enum err give(const struct step *at, struct egress_peer *peer, uint64_t seq,
    uint32_t withheld, struct fault *fault)
{
	TRY(append(at, peer, SYNC_OBJECT, seq, fault));
	return put_given(at, peer, seq, peer->size - 1, withheld, fault);
}

static enum err give_withdrawal(
    const struct step *at, struct egress_peer *peer, uint64_t decision, struct fault *fault)
{
	TRY(append(at, peer, SYNC_WITHDRAWAL, decision, fault));
	return put_given(at, peer, decision, peer->size - 1, 0, fault);
}

static struct str withdrawn_id(const struct step *at, uint64_t decision)
{
	return str_from(store_id(at->store, decision), sizeof(STORE_WITHDRAW) - 1);
}

/* Who has to act on a decision that takes an object back, and by which entry it is told. */
static enum err expect(const struct step *at, const struct egress_peer *peer, uint64_t decision,
    int64_t entry, struct fault *fault)
{
	return egress_put(&at->v->sql, EGRESS_PUT_BACK,
	    (const int64_t[]){peer->feed, (int64_t)decision, entry}, 3, STR_NONE, fault);
}

/* Own decisions are sealed later: until then a peer that has the object is owed an entry, and one
 * of which it was retracted has had it. */
static enum err expect_withdrawal(
    const struct step *at, const struct egress_peer *peer, struct fault *fault)
{
	struct sql *q = &at->v->sql;
	struct egress_given given = {.entry = STORE_NONE};
	uint64_t back = STORE_NONE;

	for (uint64_t v = find_before(at, withdrawn_id(at, at->seq));
	    v != STORE_NONE && given.entry == STORE_NONE; v = store_older(at->store, v)) {
		TRY(egress_find_given(q, peer->feed, v, &given, fault));
		if (back == STORE_NONE)
			TRY(egress_find_back(q, peer->feed, v, &back, fault));
	}
	if (given.entry != STORE_NONE)
		return expect(at, peer, at->seq, EGRESS_BACK_DUE, fault);
	return back != STORE_NONE ? expect(at, peer, at->seq, (int64_t)back, fault) : OK;
}

static enum err decide_withdrawal(const struct step *at, struct fault *fault)
{
	TRY(egress_put(&at->v->sql, EGRESS_PUT_WITHDRAWAL, (const int64_t[]){(int64_t)at->seq}, 1,
	    STR_NONE, fault));
	if (!(store_row(at->store, at->seq)->flags & RECORD_FLAG_RECEIVED))
		for (size_t i = 0; i < at->v->peers.count; i++)
			TRY(expect_withdrawal(at, &at->v->peers.all[i], fault));
	return OK;
}

/* Only its originator's withdrawal counts elsewhere: of what others stated, this node can but take
 * back that it gave it. */
static enum err withdraw_from(const struct step *at, struct egress_peer *peer, uint64_t decision,
    bool *had, struct fault *fault)
{
	bool own = !(store_row(at->store, decision)->flags & RECORD_FLAG_RECEIVED);

	*had = false;
	for (uint64_t v = find_before(at, withdrawn_id(at, decision)); v != STORE_NONE;
	    v = store_older(at->store, v)) {
		struct egress_given given;

		TRY(egress_find_given(&at->v->sql, peer->feed, v, &given, fault));
		if (given.entry == STORE_NONE)
			continue;
		if (own && (store_row(at->store, v)->flags & RECORD_FLAG_RECEIVED)) {
			TRY(append(at, peer, SYNC_RETRACTION, v, fault));
			TRY(expect(at, peer, decision, (int64_t)peer->size - 1, fault));
			continue;
		}
		*had = true;
		TRY(egress_put(&at->v->sql, EGRESS_DROP_GIVEN,
		    (const int64_t[]){peer->feed, (int64_t)v}, 2, STR_NONE, fault));
	}
	return OK;
}

/* A decision that takes an object back, whose seal is there. */
static enum err withdraw(const struct step *at, uint64_t decision, struct fault *fault)
{
	const struct row *row = store_row(at->store, decision);

	for (size_t i = 0; i < at->v->peers.count; i++) {
		struct egress_peer *peer = &at->v->peers.all[i];
		bool had;

		TRY(withdraw_from(at, peer, decision, &had, fault));
		if (had && !is_theirs(at, peer, decision, row))
			TRY(give_withdrawal(at, peer, decision, fault));
	}
	return OK;
}

/* Whether the peer was ever given a version of an object, as the list is now. */
static enum err had(const struct step *at, const struct egress_peer *peer, struct str id, bool *out,
    struct fault *fault)
{
	struct sql *q = &at->v->sql;
	struct egress_given given = {.entry = STORE_NONE};
	uint64_t back = STORE_NONE, withdrawal;
	struct str path;

	*out = false;
	for (uint64_t v = find_before(at, id); v != STORE_NONE && !*out;
	    v = store_older(at->store, v)) {
		TRY(egress_find_given(q, peer->feed, v, &given, fault));
		TRY(egress_find_back(q, peer->feed, v, &back, fault));
		*out = given.entry != STORE_NONE || back != STORE_NONE;
	}
	arena_reset(at->v->arena);
	path = arena_printf(at->v->arena, STORE_WITHDRAW "%.*s", STR_ARG(id));
	withdrawal = *out || !path.p || path.n > STORE_ID_MAX ? STORE_NONE : find_before(at, path);
	if (withdrawal != STORE_NONE)
		TRY(egress_had_back(q, peer->feed, withdrawal, out, fault));
	return OK;
}

static struct str purged_id(const struct step *at, uint64_t decision)
{
	return str_from(store_id(at->store, decision), sizeof(STORE_PURGE) - 1);
}

/* Whether the peer asked for it, before. */
static bool demanded(const struct step *at, const struct egress_peer *peer, uint64_t decision)
{
	uint64_t seq = find_before(at, store_id(at->store, decision));

	for (; seq != STORE_NONE; seq = store_older(at->store, seq)) {
		const struct row *row = store_row(at->store, seq);

		if (seq < at->seq && (row->flags & RECORD_FLAG_RECEIVED) &&
		    ((peer->source && row->source == peer->source) ||
		        str_eq(purge_originator(at->store, seq), str_c(peer->identity))))
			return true;
	}
	return false;
}

/* Whether a received one is of the object's originator, whose word travels on. */
static bool is_originators(const struct step *at, uint64_t decision)
{
	struct str who = purge_originator(at->store, decision);
	uint64_t seq = find_before(at, purged_id(at, decision));

	for (; seq != STORE_NONE && who.p; seq = store_older(at->store, seq)) {
		struct envelope e;

		if (seq < at->seq && (store_row(at->store, seq)->flags & RECORD_FLAG_RECEIVED) &&
		    envelope_read(&e, store_content(at->store, seq + 1), NULL) == OK &&
		    str_eq(e.statement.originator, who))
			return true;
	}
	return false;
}

/* A decision of this node that it purged an object is for every peer that had it, as a demand, and
 * for those that asked, as the answer. */
static enum err concerns(const struct step *at, const struct egress_peer *peer, uint64_t decision,
    bool *out, struct fault *fault)
{
	const struct row *row = store_row(at->store, decision);

	*out = false;
	if (is_theirs(at, peer, decision, row))
		return OK;
	TRY(had(at, peer, purged_id(at, decision), out, fault));
	if (!(row->flags & RECORD_FLAG_RECEIVED))
		*out = *out || demanded(at, peer, decision);
	else
		*out = *out && is_originators(at, decision);
	return OK;
}

/* Its seal is there. */
static enum err tell_purge(const struct step *at, uint64_t decision, struct fault *fault)
{
	for (size_t i = 0; i < at->v->peers.count; i++) {
		struct egress_peer *peer = &at->v->peers.all[i];
		bool tell;

		TRY(concerns(at, peer, decision, &tell, fault));
		if (tell)
			TRY(append(at, peer, SYNC_PURGE, decision, fault));
	}
	return OK;
}

/* Until it is sealed a peer that it concerns is owed an entry. */
static enum err decide_purge(const struct step *at, struct fault *fault)
{
	if (store_row(at->store, at->seq)->flags & RECORD_FLAG_RECEIVED)
		return OK;
	for (size_t i = 0; i < at->v->peers.count; i++) {
		bool tell;

		TRY(concerns(at, &at->v->peers.all[i], at->seq, &tell, fault));
		if (tell)
			TRY(expect(at, &at->v->peers.all[i], at->seq, EGRESS_BACK_DUE, fault));
	}
	return OK;
}

/* A record has its envelope now. */
static enum err sealed(const struct step *at, uint64_t seq, struct fault *fault)
{
	const struct row *row = store_row(at->store, seq);

	if (row->kind == RECORD_DECISION) {
		if (str_starts(store_id(at->store, seq), S(STORE_PURGE)))
			return tell_purge(at, seq, fault);
		return str_starts(store_id(at->store, seq), S(STORE_WITHDRAW))
		           ? withdraw(at, seq, fault)
		           : OK;
	}
	TRY(egress_put(
	    &at->v->sql, EGRESS_PUT_SEALED, (const int64_t[]){(int64_t)seq}, 1, STR_NONE, fault));
	for (size_t i = 0; i < at->v->peers.count; i++) {
		struct egress_peer *peer = &at->v->peers.all[i];
		uint32_t withheld;

		if (may_have(at, peer, seq, &withheld))
			TRY(give(at, peer, seq, withheld, fault));
	}
	return OK;
}

/* Only the newest version of what was here before is given later. */
static bool is_newest(const struct step *at, uint64_t seq)
{
	return !store_superseded(store_row(at->store, seq)) ||
	       find_before(at, store_id(at->store, seq)) == seq;
}

static enum err look_again(
    const struct step *at, struct egress_peer *peer, uint64_t seq, struct fault *fault)
{
	uint32_t withheld = 0;
	bool outdated = is_outdated(at, seq);
	bool may =
	    outdated ? is_allowed(at, peer, seq, &withheld) : may_have(at, peer, seq, &withheld);
	struct egress_given given;

	TRY(egress_find_given(&at->v->sql, peer->feed, seq, &given, fault));
	if (may && given.entry == STORE_NONE && is_newest(at, seq) && !outdated)
		return give(at, peer, seq, withheld, fault);
	if (!may && given.entry != STORE_NONE && !is_withdrawn(at, seq))
		return append(at, peer, SYNC_RETRACTION, seq, fault);
	/* Other terms: they count for whatever is sent from now on. */
	if (may && given.entry != STORE_NONE && given.withheld != withheld)
		return put_given(at, peer, seq, given.entry, withheld, fault);
	return OK;
}

/* "void/VERSION/ID": who was given that version is told that it is taken back. */
static enum err take_void(const struct step *decision, struct fault *fault)
{
	/* As the ledger is with it. */
	const struct step behind = {.v = decision->v,
	    .store = decision->store,
	    .seq = decision->seq + 1,
	    .now = decision->now};
	const struct step *at = &behind;
	struct str id = str_from(store_id(at->store, decision->seq), sizeof(STORE_VOID) - 1);
	struct str version = str_cut(&id, '/');
	uint64_t number, seq;

	if (!id.p || str_u64(version, &number) != OK)
		return OK;
	for (seq = find_before(at, id); seq != STORE_NONE; seq = store_older(at->store, seq))
		for (size_t i = 0; i < at->v->peers.count; i++)
			if (store_row(at->store, seq)->version == (int64_t)number &&
			    at->v->peers.all[i].active)
				TRY(look_again(at, &at->v->peers.all[i], seq, fault));
	return OK;
}

/* Everything that is sealed, for every peer that a feed goes to: something may have changed. */
static enum err look_at_all(const struct step *at, struct fault *fault)
{
	sqlite3_stmt *st = at->v->sql.statements[EGRESS_GET_SEALED];
	uint64_t seq = 0;
	int rc;

	for (;; seq++) {
		(void)sqlite3_bind_int64(st, 1, (int64_t)seq);
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			seq = (uint64_t)sqlite3_column_int64(st, 0);
		(void)sqlite3_reset(st);
		if (rc != SQLITE_ROW)
			return rc == SQLITE_DONE ? OK : sql_fail(&at->v->sql, rc, fault);
		for (size_t i = 0; i < at->v->peers.count; i++)
			if (at->v->peers.all[i].active)
				TRY(look_again(at, &at->v->peers.all[i], seq, fault));
	}
}

static void note_label(struct egress_view *v, const struct store *s, uint32_t label, usec now)
{
	struct label l = label_decode(store_label(s, (uint16_t)label));
	usec until = policy_label_until(&l, now);

	if (until < v->until)
		v->until = until;
}

/* When the next label or membership runs out. */
static void find_until(struct egress_view *v, const struct store *s, usec now)
{
	v->until = INT64_MAX;
	v->labels = store_labels(s);
	for (uint32_t i = 0; i < v->labels; i++)
		note_label(v, s, i, now);
	for (size_t i = 0; i < v->peers.count; i++) {
		usec until = policy_reader_until(&v->peers.all[i].reader, now);

		if (until < v->until)
			v->until = until;
	}
}

static enum err load(const struct step *at, struct fault *fault)
{
	struct egress_view *v = at->v;

	arena_reset(v->arena);
	TRY(egress_peers_load(&v->peers, &v->sql, at->store, v->arena, fault));
	find_until(v, at->store, at->now);
	v->loaded = true;
	return OK;
}

/* The newest receipt of a peer: what it had signed for beyond is lost there, or in another life.
 * One that cannot be read says nothing. */
static enum err take_receipt(const struct step *at, struct fault *fault)
{
	struct sql *q = &at->v->sql;
	yyjson_val *root;
	uint64_t size, unused;
	uint32_t feed;
	usec time;

	arena_reset(at->v->arena);
	if (json_parse(&root, at->v->arena, store_content(at->store, at->seq), &JSON_LIMITS_OBJECT,
	        NULL) != OK ||
	    time_parse_utc(&time, json_get_str(root, "time")) != OK ||
	    egress_find(q, json_get_str(root, "identity"), &feed, &unused, NULL) != OK)
		return OK;
	size = yyjson_get_uint(yyjson_obj_get(root, "size"));
	TRY(egress_put(
	    q, EGRESS_DROP_RECEIPTS, (const int64_t[]){feed, (int64_t)size}, 2, STR_NONE, fault));
	return egress_put(q, EGRESS_PUT_RECEIPT, (const int64_t[]){feed, (int64_t)size, time}, 3,
	    STR_NONE, fault);
}

static enum err take_decision(const struct step *at, struct fault *fault)
{
	struct str path = store_id(at->store, at->seq);

	if (str_starts(path, S(STORE_VOID)))
		return take_void(at, fault);
	if (str_starts(path, S("receipt/")))
		return take_receipt(at, fault);
	if (str_starts(path, S(STORE_WITHDRAW)))
		return decide_withdrawal(at, fault);
	if (str_starts(path, S(STORE_PURGE)))
		return decide_purge(at, fault);
	if (!egress_peers_concern(path))
		return OK;
	TRY(egress_put(
	    &at->v->sql, EGRESS_PUT_DECISION, (const int64_t[]){(int64_t)at->seq}, 1, path, fault));
	TRY(load(at, fault));
	return look_at_all(at, fault);
}

static enum err take(const struct step *at, struct fault *fault)
{
	const struct row *row = store_row(at->store, at->seq);

	if (row->received >= at->v->until) {
		TRY(look_at_all(at, fault));
		find_until(at->v, at->store, at->now);
	}
	while (at->v->labels <= row->label)
		note_label(at->v, at->store, at->v->labels++, at->now);
	switch ((enum record_kind)row->kind) {
	case RECORD_DECISION:
		return take_decision(at, fault);
	case RECORD_SEAL:
		/* One that cannot be read seals nothing: no envelope can be made of it either. */
		if (seal_record_read(at->v->seal, store_content(at->store, at->seq), NULL) != OK)
			return OK;
		for (size_t i = 0; i < at->v->seal->count; i++)
			TRY(sealed(at, at->v->seal->entries[i].seq, fault));
		return OK;
	case RECORD_ENVELOPE:
		return at->seq > 0 &&
		               (store_row(at->store, at->seq - 1)->flags & RECORD_FLAG_RECEIVED)
		           ? sealed(at, at->seq - 1, fault)
		           : OK;
	default:
		return OK;
	}
}

static enum err egress_follow(
    struct view *view, const struct store *s, uint64_t end, struct fault *fault)
{
	struct egress_view *v = of(view);
	uint64_t cursor = v->sql.cursor;
	struct step at = {.v = v, .store = s, .seq = cursor};

	if (end <= cursor)
		return OK;
	TRY(sql_begin(&v->sql, fault));
	if (!v->loaded) {
		at.now = cursor ? store_row(s, cursor - 1)->received : 0;
		TRY(load(&at, fault));
	}
	for (; at.seq < end; at.seq++) {
		at.now = store_row(s, at.seq)->received;
		TRY(take(&at, fault));
	}
	return sql_commit(&v->sql, s, end, fault);
}

static enum err egress_view_open(struct view **out, struct str dir, struct fault *fault)
{
	struct egress_view *v = mem_alloc(sizeof(*v));
	enum err rc = sql_open(&v->sql, dir, &EGRESS_SCHEMA, fault);

	if (rc != OK) {
		mem_free(v);
		return rc;
	}
	v->view.class = &VIEW_EGRESS;
	v->seals = seal_cache_new();
	v->arena = arena_new(ARENA_MAX);
	v->seal = mem_alloc(sizeof(*v->seal));
	*out = &v->view;
	return OK;
}

static void egress_rest(struct view *v)
{
	sql_rest(&of(v)->sql);
}

static void egress_view_close(struct view *view)
{
	struct egress_view *v = of(view);

	sql_close(&v->sql);
	seal_cache_free(v->seals);
	arena_free(v->arena);
	mem_free(v->seal);
	egress_peers_free(&v->peers);
	mem_free(v);
}

static uint64_t egress_view_cursor(const struct view *v)
{
	return ((const struct egress_view *)v)->sql.cursor;
}

static bool egress_fits(const struct view *v, const struct store *s)
{
	return sql_fits(&((const struct egress_view *)v)->sql, s);
}

static enum err egress_dump(struct view *view, view_line_fn line, void *ctx, struct fault *fault)
{
	static const char *const QUERIES[] = {
	    "SELECT number, size, identity FROM feed ORDER BY number",
	    "SELECT feed, number, kind, seq, hex(statement) FROM entry ORDER BY feed, number",
	    "SELECT feed, level, number, hex(hash) FROM node ORDER BY feed, level, number",
	    "SELECT feed, seq, entry, withheld FROM given ORDER BY feed, seq",
	    "SELECT seq FROM sealed ORDER BY seq",
	    "SELECT path, seq FROM decision ORDER BY path",
	    "SELECT feed, seq, entry FROM back ORDER BY feed, seq",
	    "SELECT seq FROM withdrawal ORDER BY seq",
	    "SELECT feed, size, time FROM receipt ORDER BY feed, size",
	};

	for (size_t i = 0; i < sizeof(QUERIES) / sizeof(QUERIES[0]); i++)
		TRY(sql_dump(&of(view)->sql, QUERIES[i], line, ctx, fault));
	return OK;
}

static enum err egress_drop(struct str dir, struct fault *fault)
{
	return sql_drop(dir, &EGRESS_SCHEMA, fault);
}

const struct view_class VIEW_EGRESS = {
    .name = "egress",
    .open = egress_view_open,
    .cursor = egress_view_cursor,
    .fits = egress_fits,
    .follow = egress_follow,
    .rest = egress_rest,
    .dump = egress_dump,
    .close = egress_view_close,
    .drop = egress_drop,
};
