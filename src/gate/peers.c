/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/peers.h"

#include "codec/json.h"
#include "codec/time.h"
#include "gate/internal.h"

/* Packages that are looked at for the newest that was confirmed. */
enum { LOOK_BACK = 1000 };

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
	    .by_file = yyjson_get_bool(yyjson_obj_get(root, "by_file")),
	    .changed = seq == STORE_NONE ? 0 : store_row(g->store, seq)->received};
	read_packages(ask, out);
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
