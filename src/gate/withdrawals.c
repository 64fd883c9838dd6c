/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/withdrawals.h"

#include "codec/json.h"
#include "codec/utf8.h"
#include "gate/internal.h"
#include "gate/peers.h"
#include "seal/record.h"
#include "view/purge/purge.h"

#define WITHDRAW S(STORE_WITHDRAW)

enum {
	REASON_MAX = 1000,
	CONTENT_MAX = 64 << 10,
	BATCH = 256,
	LOOK_MAX = 20000,
	VERSIONS_LOOK_MAX = 1000
};

/* What one answer is made from: the peers are read once. */
struct asking {
	const struct gate_ask *ask;
	const struct sight *sight;
	struct gate_peers peers;
};

static enum err begin(struct asking *a, const struct gate_ask *ask, struct fault *fault)
{
	if (!role_may((enum role)ask->reader->role, ACTION_AUDIT))
		return fail(fault, ERR_DENIED, "only who may audit sees withdrawals");
	a->ask = ask;
	TRY(gate_peers(ask, &a->peers, fault));
	a->sight = gate_sight(ask);
	return OK;
}

/* The beginning of a text in whole characters: what another originator wrote may be long. */
static struct str beginning(struct str s, size_t max)
{
	size_t n = 0;

	while (n < s.n && n < max) {
		size_t next = utf8_char(s, n);

		if (next == 0 || n + next > max)
			break;
		n += next;
	}
	return str_slice(s, 0, n);
}

/* Behind "withdraw/" or "purge/". */
static struct str id_of(const struct gate *g, uint64_t decision)
{
	struct str id = store_id(g->store, decision);

	(void)str_cut(&id, '/');
	return id;
}

/* Whether the reader would see some version of the object, were it not taken back. */
static bool may_know(const struct asking *a, struct str id)
{
	const struct gate *g = a->ask->gate;

	for (uint64_t seq = store_find(g->store, id); seq != STORE_NONE;
	    seq = store_older(g->store, seq)) {
		const struct row *row = store_row(g->store, seq);

		if (row->kind == RECORD_OBJECT && row->tag < STIX_TYPES &&
		    !(row->flags & RECORD_FLAG_DERIVED) &&
		    (a->sight->types[row->label] >> row->tag & 1))
			return true;
	}
	return false;
}

/* What a peer has of it, as far as the view is: before the view has seen the decision, whether the
 * object is in its list. `entry` is to be signed for; STORE_NONE: it is not made yet. */
static enum err find_entry(const struct gate *g, uint32_t feed, uint64_t decision, bool *had,
    uint64_t *entry, struct fault *fault)
{
	struct egress_given given;
	size_t looked = 0;

	if (decision < egress_cursor(g->egress))
		return egress_back(g->egress, feed, decision, had, entry, fault);
	*had = false;
	*entry = STORE_NONE;
	for (uint64_t seq = store_find(g->store, id_of(g, decision));
	    seq != STORE_NONE && !*had && looked < VERSIONS_LOOK_MAX;
	    seq = store_older(g->store, seq), looked++) {
		TRY(egress_given(g->egress, feed, seq, &given, fault));
		*had = given.entry != STORE_NONE;
	}
	return OK;
}

/* When the peer removed the bytes, as its own signed statement says; 0: there is none. */
static usec purged_at(const struct asking *a, const struct gate_peer *peer, struct str id)
{
	const struct store *s = a->ask->gate->store;
	struct str path = arena_printf(
	    a->ask->arena, STORE_PURGE "%.*s", STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
	uint64_t seq = path.p && path.n <= STORE_ID_MAX ? store_find(s, path) : STORE_NONE;

	for (; seq != STORE_NONE; seq = store_older(s, seq))
		if ((store_row(s, seq)->flags & RECORD_FLAG_RECEIVED) &&
		    str_eq(purge_originator(s, seq), peer->identity))
			return store_row(s, seq)->version;
	return 0;
}

/* False when the peer never had the object from here. */
static enum err read_peer(const struct asking *a, const struct gate_peer *peer, uint64_t decision,
    struct gate_withdrawal_peer *out, bool *had, struct fault *fault)
{
	struct gate *g = a->ask->gate;
	struct gate_withdrawal_peer p = {.name = peer->name,
	    .active = str_eq(peer->state, S("active")),
	    .contact = peer->contact,
	    .purged = purged_at(a, peer, id_of(g, decision))};
	struct egress_feed feed;
	uint64_t entry;
	enum err rc = egress_feed(g->egress, peer->identity, &feed, fault);

	*had = false;
	if (rc == ERR_NOT_FOUND)
		return OK;
	TRY(rc);
	TRY(find_entry(g, feed.number, decision, had, &entry, fault));
	if (*had && entry < peer->given - peer->behind_by) {
		p.acted = true;
		rc = egress_receipt(g->egress, feed.number, entry, &p.time, NULL);
		/* The view has yet to see the receipt. */
		if (rc != OK)
			p.time = peer->last_receipt;
	}
	*out = p;
	return OK;
}

/* Two names of one node have one feed: the one that counts is the active one. */
static bool is_named_twice(const struct gate_peers *all, size_t i)
{
	for (size_t k = 0; k < all->count; k++) {
		bool active = str_eq(all->items[k].state, S("active"));

		if (k != i && str_eq(all->items[k].identity, all->items[i].identity) &&
		    (active || (k < i && !str_eq(all->items[i].state, S("active")))))
			return true;
	}
	return false;
}

/* Who took it back and when, as it was sealed; and why, in words of which nothing is known. */
static void read_decision(const struct gate_ask *ask, uint64_t seq, struct gate_withdrawal *w)
{
	const struct json_limits limits = {.bytes = CONTENT_MAX, .depth = 8};
	const struct store *s = ask->gate->store;
	const struct row *row = store_row(s, seq);
	struct envelope e;
	yyjson_val *root;

	/* A ledger begins with its node's identity. */
	w->originator = store_id(s, 0);
	if ((row->flags & RECORD_FLAG_RECEIVED) &&
	    envelope_read(&e, store_content(s, seq + 1), NULL) == OK) {
		w->originator = e.statement.originator;
		w->time = e.statement.time;
	}
	if (json_parse(&root, ask->arena, store_content(s, seq), &limits, NULL) == OK &&
	    json_get_str(root, "reason").p)
		w->reason = beginning(json_get_str(root, "reason"), REASON_MAX);
}

static enum err read_peers(const struct asking *a, uint64_t decision,
    struct gate_withdrawal_peer **out, size_t *count, struct fault *fault)
{
	struct gate_withdrawal_peer *peers =
	    arena_array(a->ask->arena, a->peers.count + 1, sizeof(*peers));

	*count = 0;
	if (!peers)
		return fail(fault, ERR_NOMEM, "out of memory for peers");
	for (size_t i = 0; i < a->peers.count; i++) {
		bool had;

		if (is_named_twice(&a->peers, i))
			continue;
		TRY(read_peer(a, &a->peers.items[i], decision, &peers[*count], &had, fault));
		*count += had;
	}
	*out = peers;
	return OK;
}

static enum err read_withdrawal(
    const struct asking *a, uint64_t seq, struct gate_withdrawal *out, struct fault *fault)
{
	struct gate *g = a->ask->gate;
	const struct row *row = store_row(g->store, seq);
	struct gate_withdrawal w = {
	    .id = id_of(g, seq), .reason = S(""), .time = row->received, .received = row->received};

	read_decision(a->ask, seq, &w);
	w.by = gate_source_name(a->ask, row->source);
	TRY(read_peers(a, seq, &w.peers, &w.peer_count, fault));
	*out = w;
	return OK;
}

/* Those that the view has not seen yet come first: newest records first. */
static enum err next_batch(
    const struct gate *g, uint64_t before, uint64_t *out, size_t *count, struct fault *fault)
{
	uint64_t cursor = egress_cursor(g->egress);
	size_t n = 0;
	enum err rc;

	for (uint64_t seq = before; seq > cursor && n < BATCH; seq--)
		if (store_row(g->store, seq - 1)->kind == RECORD_DECISION &&
		    str_starts(store_id(g->store, seq - 1), WITHDRAW))
			out[n++] = seq - 1;
	*count = n;
	if (n > 0)
		return OK;
	rc = egress_withdrawals(
	    g->egress, before < cursor ? before : cursor, out, BATCH, count, fault);
	if (rc == ERR_NOT_FOUND) {
		*count = 0;
		return OK;
	}
	return rc;
}

enum err gate_withdrawals(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_withdrawals *out, struct fault *fault)
{
	struct gate_withdrawals page = {.next = STR_NONE};
	uint64_t before, batch[BATCH];
	size_t looked = 0, count;
	struct asking a;

	TRY(begin(&a, ask, fault));
	TRY(page_open(ask, query, S("withdrawals"), &before, fault));
	page.items = arena_array(ask->arena, query->limit, sizeof(*page.items));
	if (!page.items)
		return fail(fault, ERR_NOMEM, "out of memory for withdrawals");
	do {
		TRY(next_batch(ask->gate, before, batch, &count, fault));
		for (size_t i = 0; i < count && page.count < query->limit; i++, looked++) {
			before = batch[i];
			if (may_know(&a, id_of(ask->gate, before)))
				TRY(read_withdrawal(&a, before, &page.items[page.count++], fault));
		}
	} while (count > 0 && page.count < query->limit && looked < LOOK_MAX);
	if (count > 0)
		page.next = page_seal(ask, query, S("withdrawals"), before);
	*out = page;
	return OK;
}

enum err gate_withdrawal(
    const struct gate_ask *ask, struct str id, struct gate_withdrawal *out, struct fault *fault)
{
	struct asking a;
	struct str path;
	uint64_t seq = STORE_NONE;

	TRY(begin(&a, ask, fault));
	path = arena_printf(
	    ask->arena, STORE_WITHDRAW "%.*s", STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
	if (path.p && path.n <= STORE_ID_MAX)
		seq = store_find(ask->gate->store, path);
	if (seq == STORE_NONE || !may_know(&a, id))
		return fail(fault, ERR_NOT_FOUND, "%.*s is not withdrawn here",
		    STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
	return read_withdrawal(&a, seq, out, fault);
}

/* ---- purges ---- */

static uint64_t tombstones(const struct store *s, struct str id)
{
	uint64_t n = 0;

	for (uint64_t seq = store_find(s, id); seq != STORE_NONE; seq = store_older(s, seq))
		n += store_tombstone_of(store_row(s, seq)) != STORE_NONE;
	return n;
}

/* The decision of this node, when there is one: peers that had the object are asked with it. */
static uint64_t own_purge(const struct store *s, uint64_t newest)
{
	uint64_t seq = newest;

	while (seq != STORE_NONE && (store_row(s, seq)->flags & RECORD_FLAG_RECEIVED))
		seq = store_older(s, seq);
	return seq;
}

/* False when it is nothing to speak of: a statement of a peer about what is not here. */
static enum err read_purge(
    const struct asking *a, struct str path, struct gate_purge *out, bool *is, struct fault *fault)
{
	const struct store *s = a->ask->gate->store;
	uint64_t newest = store_find(s, path), own = own_purge(s, newest);
	struct gate_withdrawal said = {.reason = S("")};
	struct gate_purge p = {.id = str_from(path, sizeof(STORE_PURGE) - 1)};
	uint64_t demand = purge_demanded(s, p.id), seq = own != STORE_NONE ? own : demand;

	*is = seq != STORE_NONE && may_know(a, p.id);
	if (!*is)
		return OK;
	p.demanded = demand != STORE_NONE;
	p.tombstones = tombstones(s, p.id);
	p.by = purge_originator(s, seq);
	p.time = store_row(s, seq)->version;
	read_decision(a->ask, seq, &said);
	p.reason = said.reason;
	if (own != STORE_NONE)
		TRY(read_peers(a, own, &p.peers, &p.peer_count, fault));
	*out = p;
	return OK;
}

enum err gate_purges(
    const struct gate_ask *ask, struct str id, struct gate_purges *out, struct fault *fault)
{
	struct gate_purges all = {0};
	struct node_paths paths;
	struct asking a;

	TRY(begin(&a, ask, fault));
	TRY(node_paths(ask->gate, S(STORE_PURGE), ask->arena, &paths, fault));
	all.items = arena_array(ask->arena, paths.count + 1, sizeof(*all.items));
	if (!all.items)
		return fail(fault, ERR_NOMEM, "out of memory for purges");
	for (size_t i = 0; i < paths.count; i++) {
		bool is;

		if (id.p && !str_eq(str_from(paths.items[i], sizeof(STORE_PURGE) - 1), id))
			continue;
		TRY(read_purge(&a, paths.items[i], &all.items[all.count], &is, fault));
		all.count += is;
	}
	*out = all;
	return OK;
}
