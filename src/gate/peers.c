/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/peers.h"

#include "codec/json.h"
#include "codec/time.h"
#include "gate/internal.h"
#include "sync/peer.h"
#include "sync/position.h"

#define PEER_PREFIX S("peer/")

static enum err may_audit(const struct gate_ask *ask, struct fault *fault)
{
	return role_may((enum role)ask->reader->role, ACTION_AUDIT)
	           ? OK
	           : fail(fault, ERR_DENIED, "only who may audit sees peers");
}

static struct str text_of(const struct gate_ask *ask, yyjson_val *root, const char *key)
{
	struct str s = json_get_str(root, key);

	return s.p ? arena_str(ask->arena, s) : STR_NONE;
}

static void note_contact(const struct gate *g, struct gate_peer *p, uint64_t seq)
{
	if (seq != STORE_NONE && store_row(g->store, seq)->received > p->contact)
		p->contact = store_row(g->store, seq)->received;
}

/* What it has signed for of what it was given. A view that is not there yet has given nothing. */
static void read_given(const struct gate_ask *ask, struct gate_peer *p)
{
	struct gate *g = ask->gate;
	struct str path = arena_printf(ask->arena, "receipt/%.*s", STR_ARG(p->name));
	struct egress_feed feed = {0};
	uint64_t signed_for = 0;
	yyjson_val *receipt;

	if (node_decision(g, path, ask->arena, &receipt, NULL) == OK &&
	    str_eq(json_get_str(receipt, "identity"), p->identity)) {
		signed_for = yyjson_get_uint(yyjson_obj_get(receipt, "size"));
		if (time_parse_utc(&p->last_receipt, json_get_str(receipt, "time")) != OK)
			p->last_receipt = 0;
		note_contact(g, p, store_find(g->store, path));
	}
	if (egress_feed(g->egress, p->identity, &feed, NULL) != OK)
		return;
	p->given = feed.size;
	p->behind_by = feed.size > signed_for ? feed.size - signed_for : 0;
	if (egress_back_count(g->egress, feed.number, signed_for, &p->back_unsigned, NULL) != OK)
		p->back_unsigned = 0;
}

/* What was taken of its feed, and whether it still stands by it. */
static void read_taken(const struct gate_ask *ask, struct gate_peer *p)
{
	struct gate *g = ask->gate;
	struct position held;
	struct evidence evidence;

	if (position_read(&held, g->store, p->name, p->identity, ask->arena, NULL) == OK) {
		p->taken = sync_edge_size(&held.edge);
		p->last_proof = held.time;
		p->unknown = held.unknown;
		p->differs = held.differs;
		p->refused = held.refused;
		if (held.time)
			note_contact(g, p,
			    store_find(g->store,
			        arena_printf(ask->arena, "position/peer/%.*s", STR_ARG(p->name))));
	}
	p->denies =
	    evidence_read(&evidence, g->store, p->name, p->identity, ask->arena, NULL) == OK &&
	    evidence.stands;
}

static enum err read_peer(
    const struct gate_ask *ask, struct str path, struct gate_peer *out, struct fault *fault)
{
	struct gate *g = ask->gate;
	uint64_t seq = store_find(g->store, path);
	yyjson_val *root;

	TRY(node_decision(g, path, ask->arena, &root, fault));
	*out = (struct gate_peer){.name = str_from(path, PEER_PREFIX.n),
	    .state = text_of(ask, root, "state"),
	    .node = text_of(ask, root, "node"),
	    .identity = text_of(ask, root, "identity"),
	    .origin = text_of(ask, root, "origin"),
	    .key = text_of(ask, root, "key"),
	    .pq_key = text_of(ask, root, "pq_key"),
	    .cert = text_of(ask, root, "cert"),
	    .address = text_of(ask, root, "address"),
	    .ceiling = text_of(ask, root, "ceiling"),
	    .fingerprint = text_of(ask, root, "fingerprint"),
	    .statement = text_of(ask, root, "statement"),
	    .post_quantum = yyjson_get_bool(yyjson_obj_get(root, "post_quantum")),
	    .invited = yyjson_get_bool(yyjson_obj_get(root, "invited")),
	    .changed = seq == STORE_NONE ? 0 : store_row(g->store, seq)->received};
	read_given(ask, out);
	read_taken(ask, out);
	return OK;
}

enum err gate_peers(const struct gate_ask *ask, struct gate_peers *out, struct fault *fault)
{
	struct gate_peer *items;
	struct node_paths paths;
	size_t n = 0;

	TRY(may_audit(ask, fault));
	gate_renew(ask->gate);
	TRY(node_paths(ask->gate, PEER_PREFIX, ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count + 1, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for peers");
	for (size_t i = 0; i < paths.count; i++)
		if (read_peer(ask, paths.items[i], &items[n], NULL) == OK)
			n++;
	*out = (struct gate_peers){.items = items, .count = n};
	return OK;
}

enum err gate_peer(
    const struct gate_ask *ask, struct str name, struct gate_peer *out, struct fault *fault)
{
	struct str path = arena_printf(ask->arena, "peer/%.*s", STR_ARG(name));

	TRY(may_audit(ask, fault));
	gate_renew(ask->gate);
	if (!account_name_valid(name) || !path.p || read_peer(ask, path, out, NULL) != OK)
		return fail(fault, ERR_NOT_FOUND, "no peer %.*s; `tocsin peer list` shows them",
		    STR_ARG(str_slice(name, 0, ACCOUNT_NAME_MAX)));
	return OK;
}

static enum err read_evidence(const struct gate_ask *ask, struct str name,
    struct gate_evidence *out, bool *active, struct fault *fault)
{
	struct gate *g = ask->gate;
	struct known_peer peer;
	struct evidence e;
	struct checkpoint head;

	TRY(known_peer(&peer, g->store, name, ask->arena, fault));
	TRY(evidence_read(&e, g->store, name, peer.identity, ask->arena, fault));
	*active = peer.active;
	*out = (struct gate_evidence){.peer = name,
	    .identity = peer.identity,
	    .origin = S(""),
	    .why = e.why,
	    .held = e.held,
	    .shown = e.shown,
	    .keys = peer.keys,
	    .time = e.time,
	    .rewound = e.reason == SYNC_REASON_REWOUND,
	    .proof = e.proof,
	    .stands = e.stands};
	if (checkpoint_parse(&head, e.shown, NULL) == OK)
		out->origin = head.origin;
	return OK;
}

enum err gate_evidence(
    const struct gate_ask *ask, struct str name, struct gate_evidence *out, struct fault *fault)
{
	bool active;

	TRY(may_audit(ask, fault));
	gate_renew(ask->gate);
	return read_evidence(ask, name, out, &active, fault);
}

enum err gate_denials(const struct gate_ask *ask, struct gate_denials *out, struct fault *fault)
{
	const struct str evidence = S("evidence/");
	struct gate_evidence *items;
	struct node_paths paths;
	size_t n = 0;
	bool active;

	*out = (struct gate_denials){0};
	if (may_audit(ask, NULL) != OK)
		return OK;
	gate_renew(ask->gate);
	TRY(node_paths(ask->gate, evidence, ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count + 1, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for evidence");
	for (size_t i = 0; i < paths.count; i++)
		if (read_evidence(ask, str_from(paths.items[i], evidence.n), &items[n], &active,
		        NULL) == OK &&
		    active && items[n].stands)
			n++;
	*out = (struct gate_denials){.items = items, .count = n};
	return OK;
}

bool gate_peers_changed(struct gate *g, uint64_t *seen)
{
	bool changed = false;
	uint64_t size;

	gate_renew(g);
	size = store_size(g->store);
	for (uint64_t seq = *seen; seq < size && !changed; seq++)
		changed = store_row(g->store, seq)->kind == RECORD_DECISION &&
		          str_starts(store_id(g->store, seq), PEER_PREFIX);
	*seen = size;
	return changed;
}
