/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/peer_record.h"

#include "admin/decide.h"
#include "ops/role.h"

enum { RECORD_MAX = 4 * NODE_STATEMENT_MAX };

static const char *const STATES[PEER_STATES] = {
    [PEER_MET] = "met", [PEER_ACTIVE] = "active", [PEER_CUT] = "cut"};

const char *peer_state_name(enum peer_state state)
{
	return STATES[state];
}

struct str peer_path(struct arena *arena, struct str name)
{
	return arena_printf(arena, "peer/%.*s", STR_ARG(name));
}

/* What is unknown counts as cut; who was only introduced is no peer either. */
static enum peer_state state_of(struct str word)
{
	for (int s = 0; s < PEER_STATES; s++)
		if (str_eq(word, str_c(STATES[s])))
			return (enum peer_state)s;
	return PEER_CUT;
}

enum err peer_find(struct peer_record *out, struct part *p, struct str name, struct fault *fault)
{
	yyjson_val *root;

	if (!account_name_valid(name) || part_decided(p, peer_path(p->arena, name), &root) != OK)
		return fail(fault, ERR_NOT_FOUND, "no peer %.*s; `tocsin peer list` shows them",
		    STR_ARG(str_slice(name, 0, ACCOUNT_NAME_MAX)));
	*out = (struct peer_record){.name = name,
	    .state = state_of(json_get_str(root, "state")),
	    .said = {.name = json_get_str(root, "node"),
	        .identity = json_get_str(root, "identity"),
	        .origin = json_get_str(root, "origin"),
	        .key = json_get_str(root, "key"),
	        .pq_key = json_get_str(root, "pq_key"),
	        .cert = json_get_str(root, "cert"),
	        .post_quantum = yyjson_get_bool(yyjson_obj_get(root, "post_quantum"))},
	    .introduced_by = json_get_str(root, "introduced_by"),
	    .next_cert = json_get_str(root, "next_cert"),
	    .note = json_get_str(root, "statement"),
	    .address = json_get_str(root, "address"),
	    .ceiling = json_get_str(root, "ceiling"),
	    .fingerprint = json_get_str(root, "fingerprint"),
	    .by = json_get_str(root, "by"),
	    .invited = yyjson_get_bool(yyjson_obj_get(root, "invited")),
	    .by_file = yyjson_get_bool(yyjson_obj_get(root, "by_file"))};
	return OK;
}

enum err peer_decide(struct part *p, const struct peer_record *r, struct fault *fault)
{
	struct json_writer w;
	struct buf b;
	enum err rc;

	buf_init(&b, RECORD_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "state", str_c(STATES[r->state]));
	json_put_str(&w, "node", r->said.name);
	json_put_str(&w, "identity", r->said.identity);
	json_put_str(&w, "origin", r->said.origin);
	json_put_str(&w, "key", r->said.key);
	if (r->said.pq_key.n)
		json_put_str(&w, "pq_key", r->said.pq_key);
	json_put_str(&w, "cert", r->said.cert);
	if (r->next_cert.n)
		json_put_str(&w, "next_cert", r->next_cert);
	if (r->introduced_by.n)
		json_put_str(&w, "introduced_by", r->introduced_by);
	json_put_bool(&w, "post_quantum", r->said.post_quantum);
	if (r->address.n)
		json_put_str(&w, "address", r->address);
	json_put_str(&w, "ceiling", r->ceiling);
	json_put_str(&w, "fingerprint", r->fingerprint);
	json_put_bool(&w, "invited", r->invited);
	if (r->by_file)
		json_put_bool(&w, "by_file", true);
	json_put_str(&w, "statement", r->note);
	json_put_str(&w, "by", r->by);
	json_end_object(&w);
	rc = b.failed == OK
	         ? admin_decide(p->ctx, peer_path(p->arena, r->name), buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "peer %.*s: its statement is too long", STR_ARG(r->name));
	buf_free(&b);
	return rc;
}
