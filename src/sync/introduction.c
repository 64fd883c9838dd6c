/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/introduction.h"

#include "codec/json.h"

enum { DECISION_MAX = 4 * NODE_STATEMENT_MAX };

struct str introduction_path(struct arena *arena, struct str identity)
{
	return arena_printf(arena, "statement/%.*s", STR_ARG(identity));
}

/* What was written, in the arena; the buffer is gone. */
static struct str keep_json(struct arena *arena, struct buf *b)
{
	struct str json = b->failed == OK ? arena_str(arena, buf_str(b)) : STR_NONE;

	buf_free(b);
	return json;
}

struct str introduction_json(struct arena *arena, struct str note, struct str by)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "statement", note);
	json_put_str(&w, "by", by);
	json_end_object(&w);
	return keep_json(arena, &b);
}

enum err introduction_note(
    struct str *out, const struct store *s, struct str identity, struct arena *arena)
{
	const struct json_limits limits = {.bytes = DECISION_MAX, .depth = 2};
	struct str path = introduction_path(arena, identity);
	uint64_t seq = path.p && path.n <= STORE_ID_MAX ? store_find(s, path) : STORE_NONE;
	yyjson_val *root;

	if (seq == STORE_NONE ||
	    json_parse(&root, arena, store_content(s, seq), &limits, NULL) != OK)
		return ERR_NOT_FOUND;
	*out = json_get_str(root, "statement");
	return out->n ? OK : ERR_NOT_FOUND;
}

/* As the decision about a peer, of which nobody has confirmed anything. */
static struct str peer_json(struct arena *arena, const struct introduction *i)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "state", INTRODUCED);
	json_put_str(&w, "node", i->said.name);
	json_put_str(&w, "identity", i->said.identity);
	json_put_str(&w, "origin", i->said.origin);
	json_put_str(&w, "key", i->said.key);
	if (i->said.pq_key.n)
		json_put_str(&w, "pq_key", i->said.pq_key);
	json_put_str(&w, "statement", i->note);
	json_put_str(&w, "introduced_by", i->by);
	json_put_str(&w, "by", i->by);
	json_end_object(&w);
	return keep_json(arena, &b);
}

enum err introduction_keep(
    struct store *s, const struct introduction *i, struct arena *arena, struct fault *fault)
{
	struct record records[] = {{.kind = RECORD_DECISION,
	                               .id = introduction_path(arena, i->said.identity),
	                               .version = i->now,
	                               .label = i->label,
	                               .content = introduction_json(arena, i->note, i->by)},
	    {.kind = RECORD_DECISION,
	        .id = arena_printf(arena, "peer/%.*s", STR_ARG(i->said.identity)),
	        .version = i->now,
	        .label = i->label,
	        .content = peer_json(arena, i)}};
	struct str known;
	uint64_t first;

	if (introduction_note(&known, s, i->said.identity, arena) == OK)
		return str_eq(known, i->note)
		           ? OK
		           : fail(fault, ERR_CONFLICT, "%.*s is known here with another statement",
		                 STR_ARG(i->said.identity));
	if (!records[0].id.p || !records[0].content.p || !records[1].id.p || !records[1].content.p)
		return fail(fault, ERR_NOMEM, "no memory for an introduction");
	return store_append(s, records, 2, &first, fault);
}
