/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/peers.h"

#include "codec/json.h"
#include "codec/time.h"
#include "gate/internal.h"
#include "store/compromise.h"
#include "store/link_cert.h"

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
	    .next_cert = text_of(ask, root, "next_cert"),
	    .address = text_of(ask, root, "address"),
	    .ceiling = text_of(ask, root, "ceiling"),
	    .fingerprint = text_of(ask, root, "fingerprint"),
	    .statement = text_of(ask, root, "statement"),
	    .post_quantum = yyjson_get_bool(yyjson_obj_get(root, "post_quantum")),
	    .invited = yyjson_get_bool(yyjson_obj_get(root, "invited")),
	    .changed = seq == STORE_NONE ? 0 : store_row(g->store, seq)->received};
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
	*out = (struct gate_compromise){.by = text_of(ask, root, "by"),
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
	TRY(gate_rotations(ask, out->identity, &out->rotations, fault));
	return gate_compromises(ask, out->identity, &out->compromises, fault);
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
