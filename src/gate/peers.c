/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/peers.h"

#include "codec/json.h"
#include "codec/time.h"
#include "gate/internal.h"
#include "store/compromise.h"
#include "store/link_cert.h"

/* Packages that are looked at for the newest that was confirmed. */
enum { LOOK_BACK = 1000 };
#include "sync/peer.h"
#include "sync/position.h"

#define PEER_PREFIX S("peer/")
#define READ_PREFIX S("package-in/")

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

static usec time_of(yyjson_val *root, const char *key)
{
	usec t;

	return time_parse_utc(&t, json_get_str(root, key)) == OK ? t : 0;
}

/* The newest decision of this kind about the peer, as long as it is the same node. */
static yyjson_val *about(
    const struct gate_ask *ask, const struct gate_peer *p, const char *kind, usec *received)
{
	struct str path = arena_printf(ask->arena, "%s/%.*s", kind, STR_ARG(p->name));
	uint64_t seq = path.p ? store_find(ask->gate->store, path) : STORE_NONE;
	yyjson_val *root;

	if (seq == STORE_NONE || node_decision(ask->gate, path, ask->arena, &root, NULL) != OK ||
	    !str_eq(json_get_str(root, "identity"), p->identity))
		return NULL;
	*received = store_row(ask->gate->store, seq)->received;
	return root;
}

static uint64_t number_of(yyjson_val *root, const char *key)
{
	return yyjson_get_uint(yyjson_obj_get(root, key));
}

/* The newest package for the peer that holds nothing beyond `size` entries. */
static uint64_t confirmed(const struct gate_ask *ask, const struct gate_peer *p, uint64_t size)
{
	const struct store *s = ask->gate->store;
	struct str path = arena_printf(ask->arena, "package-out/%.*s", STR_ARG(p->name));
	uint64_t seq = path.p ? store_find(s, path) : STORE_NONE;

	for (unsigned i = 0; seq != STORE_NONE && i < LOOK_BACK; i++, seq = store_older(s, seq)) {
		yyjson_val *root;

		arena_reset(ask->gate->scratch);
		if (json_parse(&root, ask->gate->scratch, store_content(s, seq),
		        &JSON_LIMITS_OBJECT, NULL) != OK ||
		    !str_eq(json_get_str(root, "identity"), p->identity))
			return 0;
		if (number_of(root, "end") <= size)
			return number_of(root, "serial");
	}
	return 0;
}

static void read_packages(const struct gate_ask *ask, struct gate_peer *p)
{
	struct gate_packages *k = &p->packages;
	usec now = env_now(ask->gate->env);
	yyjson_val *in = about(ask, p, "package-in", &k->missing_since);
	yyjson_val *out = about(ask, p, "package-out", &k->written_at);
	yyjson_val *receipt;
	usec received;

	k->read = number_of(in, "serial");
	k->made = time_of(in, "made");
	k->read_at = time_of(in, "read");
	k->missing_from = number_of(in, "missing_from");
	k->missing_to = number_of(in, "missing_to");
	k->written = number_of(out, "serial");
	receipt = out ? about(ask, p, "receipt", &received) : NULL;
	if (receipt)
		k->confirmed = confirmed(ask, p, number_of(receipt, "size"));
	/* A clock ahead there makes nothing younger than new. */
	k->age = now > k->made ? now - k->made : 0;
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
		p->above = held.above;
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

/* As it was decided. */
static enum err read_decided(
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
	    .next_cert = text_of(ask, root, "next_cert"),
	    .address = text_of(ask, root, "address"),
	    .ceiling = text_of(ask, root, "ceiling"),
	    .fingerprint = text_of(ask, root, "fingerprint"),
	    .introduced_by = text_of(ask, root, "introduced_by"),
	    .statement = text_of(ask, root, "statement"),
	    .post_quantum = yyjson_get_bool(yyjson_obj_get(root, "post_quantum")),
	    .invited = yyjson_get_bool(yyjson_obj_get(root, "invited")),
	    .by_file = yyjson_get_bool(yyjson_obj_get(root, "by_file")),
	    .changed = seq == STORE_NONE ? 0 : store_row(g->store, seq)->received};
	return OK;
}

static void read_progress(const struct gate_ask *ask, struct gate_peer *p)
{
	read_packages(ask, p);
	read_given(ask, p);
	read_taken(ask, p);
}

static enum err read_peer(
    const struct gate_ask *ask, struct str path, struct gate_peer *out, struct fault *fault)
{
	TRY(read_decided(ask, path, out, fault));
	read_progress(ask, out);
	return OK;
}

enum err gate_rotations(const struct gate_ask *ask, struct str identity, struct gate_rotations *out,
    struct fault *fault)
{
	const struct store *s = ask->gate->store;
	uint64_t count, first;

	TRY(may_audit(ask, fault));
	count = rotation_count(s, identity, ask->arena);
	first = count > GATE_ROTATIONS_MAX ? count - GATE_ROTATIONS_MAX : 0;
	*out = (struct gate_rotations){
	    .items = arena_array(ask->arena, GATE_ROTATIONS_MAX, sizeof(*out->items))};
	if (!out->items)
		return fail(fault, ERR_NOMEM, "out of memory for keys");
	for (uint64_t n = first; n < count; n++) {
		struct gate_rotation *item = &out->items[out->count];
		struct rotation r;

		TRY(rotation_note(&item->note, s, identity, n + 1, ask->arena));
		TRY(rotation_recall(&r, ask->arena, item->note, fault));
		item->time = r.time;
		item->before = key_lines_id(&r.before);
		item->after = key_lines_id(&r.after);
		out->count++;
	}
	return OK;
}

static struct str list_of(const struct gate_ask *ask, yyjson_val *ids)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(ids);
	struct json_writer w;
	struct buf b;
	struct str list;
	yyjson_val *id;

	buf_init(&b, 1 << 20);
	w = json_writer(&b);
	json_list(&w, NULL);
	while ((id = yyjson_arr_iter_next(&it)))
		json_put_str(&w, NULL, json_str(id));
	json_end_list(&w);
	list = b.failed == OK ? arena_str(ask->arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	return list.p ? list : S("[]");
}

static void read_compromise(
    const struct gate_ask *ask, yyjson_val *root, struct gate_compromise *out)
{
	*out = (struct gate_compromise){
	    .by = gate_account_name(ask->gate, ask->arena, text_of(ask, root, "by")),
	    .hidden = yyjson_get_sint(yyjson_obj_get(root, "hidden")),
	    .note = text_of(ask, root, "note")};
	(void)!time_parse_utc(&out->since, text_of(ask, root, "since"));
	out->ids = list_of(ask, yyjson_obj_get(root, "ids"));
}

enum err gate_compromises(const struct gate_ask *ask, struct str identity,
    struct gate_compromises *out, struct fault *fault)
{
	uint64_t count;

	TRY(may_audit(ask, fault));
	count = compromise_count(ask->gate->store, identity, ask->arena);
	*out = (struct gate_compromises){
	    .items = arena_array(ask->arena, (size_t)count + 1, sizeof(*out->items))};
	if (!out->items)
		return fail(fault, ERR_NOMEM, "out of memory for keys");
	for (uint64_t n = 1; n <= count; n++) {
		yyjson_val *root;

		TRY(node_decision(
		    ask->gate, compromise_path(ask->arena, identity, n), ask->arena, &root, fault));
		read_compromise(ask, root, &out->items[out->count++]);
	}
	return OK;
}

enum err gate_link_note(
    const struct gate_ask *ask, struct str identity, struct str *out, struct fault *fault)
{
	struct str path = arena_printf(ask->arena, LINK_CERT_PREFIX "%.*s", STR_ARG(identity));
	yyjson_val *root;

	TRY(may_audit(ask, fault));
	TRY(node_decision(ask->gate, path, ask->arena, &root, fault));
	*out = text_of(ask, root, "note");
	return out->p ? OK : ERR_NOT_FOUND;
}

/* Those that people have met, with how far they are, or those that others introduced. */
static enum err list(
    const struct gate_ask *ask, bool introduced, struct gate_peers *out, struct fault *fault)
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
	for (size_t i = 0; i < paths.count; i++) {
		struct gate_peer *p = &items[n];

		if (read_decided(ask, paths.items[i], p, NULL) != OK ||
		    (p->introduced_by.n > 0) != introduced)
			continue;
		if (!introduced)
			read_progress(ask, p);
		n++;
	}
	*out = (struct gate_peers){.items = items, .count = n};
	return OK;
}

enum err gate_peers(const struct gate_ask *ask, struct gate_peers *out, struct fault *fault)
{
	return list(ask, false, out, fault);
}

enum err gate_originators(const struct gate_ask *ask, struct gate_peers *out, struct fault *fault)
{
	return list(ask, true, out, fault);
}

enum err gate_fed(const struct gate_ask *ask, struct gate_peers *out, struct fault *fault)
{
	bool may = role_may((enum role)ask->reader->role, ACTION_AUDIT);
	struct gate_peer *items;
	struct node_paths paths;
	size_t n = 0;

	gate_renew(ask->gate);
	/* Only those of whom a package was ever seen: the status is asked for often. */
	TRY(node_paths(ask->gate, READ_PREFIX, ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count + 1, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for peers");
	for (size_t i = 0; i < paths.count; i++) {
		struct str name = str_from(paths.items[i], READ_PREFIX.n);
		struct str path = arena_printf(ask->arena, "peer/%.*s", STR_ARG(name));
		struct gate_peer p;

		if (!path.p || read_peer(ask, path, &p, NULL) != OK || !p.by_file ||
		    !str_eq(p.state, S("active")) ||
		    (p.packages.read == 0 && p.packages.missing_from == 0))
			continue;
		items[n++] =
		    (struct gate_peer){.name = may ? p.name : S(""), .packages = p.packages};
	}
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
	TRY(gate_rotations(ask, out->identity, &out->rotations, fault));
	return gate_compromises(ask, out->identity, &out->compromises, fault);
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
		          (str_starts(store_id(g->store, seq), PEER_PREFIX) ||
		              str_starts(store_id(g->store, seq), S(ROTATION_PREFIX)) ||
		              str_starts(store_id(g->store, seq), S(COMPROMISE_PREFIX)) ||
		              str_starts(store_id(g->store, seq), S(LINK_CERT_PREFIX)));
	*seen = size;
	return changed;
}

size_t gate_key_notes(const struct gate_ask *ask, struct str identity, struct buf *out)
{
	struct gate_rotations rotations = {.count = 0};
	struct gate_compromises compromises = {.count = 0};
	struct json_writer w = json_writer(out);
	struct str next = STR_NONE;
	size_t count = 0;

	json_object(&w, NULL);
	json_list(&w, "notes");
	if (gate_rotations(ask, identity, &rotations, NULL) == OK)
		for (size_t i = 0; i < rotations.count; i++, count++)
			json_put_str(&w, NULL, rotations.items[i].note);
	if (gate_compromises(ask, identity, &compromises, NULL) == OK)
		for (size_t i = 0; i < compromises.count; i++, count++)
			json_put_str(&w, NULL, compromises.items[i].note);
	if (gate_link_note(ask, identity, &next, NULL) == OK && next.p) {
		json_put_str(&w, NULL, next);
		count++;
	}
	json_end_list(&w);
	json_end_object(&w);
	return out->failed == OK ? count : 0;
}
