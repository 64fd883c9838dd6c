/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/peer.h"

#include "codec/json.h"

enum { PEER_NAME_MAX = 64, DECISION_MAX = 64 << 10 };

enum err known_recipient(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault)
{
	const struct json_limits limits = {.bytes = DECISION_MAX, .depth = 8};
	struct known_peer p = {.name = name};
	yyjson_val *root;
	struct str second;
	uint64_t seq;

	if (name.n == 0 || name.n > PEER_NAME_MAX)
		return fail(fault, ERR_INVALID, "peer: 1 to %d bytes", PEER_NAME_MAX);
	seq = store_find(s, arena_printf(arena, "peer/%.*s", STR_ARG(name)));
	if (seq == STORE_NONE)
		return fail(fault, ERR_NOT_FOUND, "no peer %.*s", STR_ARG(name));
	if (json_parse(&root, arena, store_content(s, seq), &limits, fault) != OK)
		return ERR_CORRUPT;
	p.active = str_eq(json_get_str(root, "state"), S("active"));
	p.identity = json_get_str(root, "identity");
	p.origin = json_get_str(root, "origin");
	second = json_get_str(root, "pq_key");
	p.keys =
	    arena_printf(arena, "%.*s\n%.*s", STR_ARG(json_get_str(root, "key")), STR_ARG(second));
	if (p.identity.n == 0 || !p.keys.p)
		return fail(
		    fault, ERR_CORRUPT, "peer %.*s: its decision is incomplete", STR_ARG(name));
	*out = p;
	return OK;
}

enum err known_peer(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault)
{
	struct known_peer p;

	TRY(known_recipient(&p, s, name, arena, fault));
	if (p.origin.n == 0)
		return fail(fault, ERR_NOT_FOUND,
		    "%.*s: its keys are not known here: things go to it, none come from it",
		    STR_ARG(name));
	*out = p;
	return OK;
}
