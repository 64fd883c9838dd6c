/* SPDX-License-Identifier: Apache-2.0 */
/* Needs: what this node asks the members of a community for, and what it answers to theirs. */
#include "policy/need.h"

#include "admin/admin.h"
#include "admin/agreement/making.h"
#include "admin/agreement/settle.h"
#include "admin/list.h"
#include "admin/peer_record.h"
#include "codec/time.h"
#include "ops/role.h"
#include "policy/names.h"
#include "stix/type.h"
#include "view/agreement/agreement.h"

enum { TEXT_MAX = 1000, READERS_MAX = 7 };

/* Analysts ask and answer for their node. */
static enum err begin(
    struct part *p, const struct rpc_call *call, yyjson_val **args, struct fault *fault)
{
	TRY(str_eq(call->by, S("local")) ? part_begin(p, call, args, fault)
	                                 : part_begin_delete(p, call, args, fault));
	return p->ctx->identity.n ? OK : fail(fault, ERR_CONFLICT, "this node has no identity");
}

static void put_text(struct json_writer *w, const char *key, struct str text)
{
	if (text.n)
		json_put_str(w, key, text);
}

/* ---- who is asked ---- */

/* The other members, by their identities: a label that names them is shared whatever types the
 * community shares. */
static enum err members_of(
    struct part *p, const struct community *c, struct str *out, struct fault *fault)
{
	struct str names = c->members;
	size_t count = 0;

	*out = S("");
	while (names.p) {
		struct str name = str_trim(str_cut(&names, ','));
		struct peer_record peer;

		if (!name.n || peer_find(&peer, p, name, NULL) != OK || peer.state != PEER_ACTIVE)
			continue;
		if (++count > READERS_MAX)
			return fail(fault, ERR_LIMIT,
			    "a need names its readers, at most %d: %.*s has more members",
			    READERS_MAX, STR_ARG(c->name));
		*out = arena_printf(p->arena, "%.*s%s%.*s", STR_ARG(*out), out->n ? "," : "",
		    STR_ARG(peer.said.identity));
	}
	return count ? OK
	             : fail(fault, ERR_CONFLICT, "nobody else is in %.*s: there is nobody to ask",
	                   STR_ARG(c->name));
}

/* One that this node is in, and that has not ended. */
static enum err find_community(
    struct part *p, struct community *out, struct str given, struct fault *fault)
{
	struct name name;
	struct str folded;
	usec end;

	if (name_encode(&name, given) != OK || name.bytes[0] == 0)
		return fail(fault, ERR_INVALID, "community: not a name");
	folded = arena_str(p->arena, (struct str){name.bytes + 1, (size_t)name.n - 1});
	if (community_find(out, p, folded) != OK || !out->own)
		return fail(fault, ERR_NOT_FOUND, "this node is in no community %.*s",
		    STR_ARG(str_slice(given, 0, POLICY_NAME_MAX)));
	return out->expires.n && time_parse_utc(&end, out->expires) == OK &&
	               end <= env_now(p->ctx->env)
	           ? fail(fault, ERR_CONFLICT, "%.*s is over", STR_ARG(folded))
	           : OK;
}

/* ---- asking ---- */

struct asking {
	struct str id, created, community, type, text, until;
	bool closed;
};

static void put_need(struct json_writer *w, const struct making *m, const struct asking *a)
{
	json_put_str(w, "content", a->text);
	json_list(w, "object_refs");
	json_put_str(w, NULL, m->p->ctx->identity);
	json_end_list(w);
	json_object(w, "extensions");
	json_object(w, NEED_EXTENSION);
	json_put_str(w, "extension_type", S("property-extension"));
	json_put_str(w, "community", a->community);
	json_put_str(w, "object_type", a->type);
	put_text(w, "valid_until", a->until);
	json_put_str(w, "state", a->closed ? S("closed") : S("open"));
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

static enum err append_need(const struct making *m, const struct asking *a, struct fault *fault)
{
	struct record r = {.tag = STIX_TYPE_NOTE, .id = a->id, .version = m->version};
	struct json_writer w;
	struct buf text;
	enum err rc;

	buf_init(&text, MAKING_MAX);
	w = json_writer(&text);
	making_head(&w, m, S("note"), a->id, a->created);
	put_need(&w, m, a);
	r.content = buf_str(&text);
	rc = making_append(m, &r, fault);
	buf_free(&text);
	return rc;
}

static void put_reply(struct buf *out, struct str id)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "id", id);
	json_end_object(&w);
}

static enum err need_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct making m = {.p = p, .version = making_version(p, 0)};
	struct uuid uuid = uuid_v4(p->ctx->env);
	struct asking a = {.closed = false};
	char text[UUID_TEXT + 1];
	struct str readers;
	struct community c;
	yyjson_val *args;
	usec until;

	TRY(begin(p, call, &args, fault));
	TRY(find_community(p, &c, json_get_str(args, "community"), fault));
	a.community = c.name;
	a.type = json_get_str(args, "type");
	a.until = json_get_str(args, "expires");
	a.text = json_get_str(args, "text");
	if (stix_type_of(a.type) == STIX_TYPE_CUSTOM)
		return fail(fault, ERR_INVALID, "type: not a STIX type: %.*s",
		    STR_ARG(str_slice(a.type, 0, 60)));
	if (a.until.p && (time_parse_utc(&until, a.until) != OK || until <= env_now(p->ctx->env)))
		return fail(fault, ERR_INVALID, "expires: a time to come");
	if (!a.text.n)
		a.text = arena_printf(p->arena, "%.*s wanted", STR_ARG(a.type));
	TRY(members_of(p, &c, &readers, fault));
	uuid_format(text, &uuid);
	a.id = arena_printf(p->arena, "note--%s", text);
	TRY(making_mark(&m, &uuid, readers, fault));
	TRY(append_need(&m, &a, fault));
	put_reply(reply->json, a.id);
	return OK;
}

/* ---- what is there ---- */

static enum err find_need(
    struct part *p, struct str id, struct need *out, uint64_t *seq, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	yyjson_val *object;

	*seq = id.n && id.n <= STORE_ID_MAX ? store_find(s, id) : STORE_NONE;
	if (*seq != STORE_NONE && store_row(s, *seq)->kind == RECORD_OBJECT &&
	    store_row(s, *seq)->tag == STIX_TYPE_NOTE && !store_withdrawn(store_row(s, *seq)) &&
	    json_parse(&object, p->arena, store_content(s, *seq), &JSON_LIMITS_OBJECT, NULL) ==
	        OK &&
	    need_read(out, object) == OK)
		return OK;
	return fail(
	    fault, ERR_NOT_FOUND, "no need %.*s is here", STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
}

/* A newer version under the label that it has. */
static enum err need_close(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct making m = {.p = p};
	struct asking a = {.closed = true};
	struct need need;
	yyjson_val *args, *object;
	uint64_t seq;

	TRY(begin(p, call, &args, fault));
	TRY(find_need(p, json_get_str(args, "id"), &need, &seq, fault));
	if (!str_eq(need.by, p->ctx->identity))
		return fail(fault, ERR_DENIED, "only who asks closes it; others decline");
	if (need.closed)
		return fail(fault, ERR_CONFLICT, "it is closed");
	TRY(json_parse(
	    &object, p->arena, store_content(p->ctx->store, seq), &JSON_LIMITS_OBJECT, fault));
	a.id = need.id;
	a.created = json_get_str(object, "created");
	a.community = need.community;
	a.type = stix_type_name((enum stix_type_id)need.type);
	a.text = need.text;
	a.until = json_get_str(
	    yyjson_obj_get(yyjson_obj_get(object, "extensions"), NEED_EXTENSION), "valid_until");
	m.version = making_version(p, need.version);
	m.marking = json_str(yyjson_arr_get_first(yyjson_obj_get(object, "object_marking_refs")));
	m.label = label_decode(store_label(p->ctx->store, store_row(p->ctx->store, seq)->label));
	TRY(append_need(&m, &a, fault));
	put_reply(reply->json, need.id);
	return OK;
}

/* ---- answering ---- */

static void put_answer(
    struct json_writer *w, const struct need *need, enum need_answer answer, struct str reason)
{
	json_put_str(w, "opinion", answer == NEED_OFFERED ? S("agree") : S("disagree"));
	put_text(w, "explanation", reason);
	json_list(w, "object_refs");
	json_put_str(w, NULL, need->id);
	json_end_list(w);
	json_object(w, "extensions");
	json_object(w, NEED_ANSWER_EXTENSION);
	json_put_str(w, "extension_type", S("property-extension"));
	json_put_str(w, "need_ref", need->id);
	json_put_str(w, "answer", need_answer_name(answer));
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

static enum err append_answer(struct part *p, const struct need *need, enum need_answer answer,
    struct str reason, struct fault *fault)
{
	struct making m = {.p = p};
	struct str id = agreement_answer_id(p->arena, &need->uuid, p->ctx->identity);
	struct record r = {.tag = STIX_TYPE_OPINION, .id = id};
	struct json_writer w;
	struct str created;
	struct buf text;
	int64_t before;
	enum err rc;

	if (!id.p)
		return fail(fault, ERR_NOMEM, "no memory for an answer");
	created = making_before(p, id, &before);
	r.version = m.version = making_version(p, before);
	/* For who asks alone. */
	TRY(making_mark(&m, &need->uuid, need->by, fault));
	buf_init(&text, MAKING_MAX);
	w = json_writer(&text);
	making_head(&w, &m, S("opinion"), id, created);
	put_answer(&w, need, answer, reason);
	r.content = buf_str(&text);
	rc = making_append(&m, &r, fault);
	buf_free(&text);
	return rc;
}

static enum err answer(struct part *p, const struct rpc_call *call, struct command_reply *reply,
    enum need_answer word, struct fault *fault)
{
	struct str reason;
	struct need need;
	yyjson_val *args;
	uint64_t seq;

	TRY(begin(p, call, &args, fault));
	reason = json_get_str(args, "reason");
	if (reason.n > TEXT_MAX)
		return fail(fault, ERR_LIMIT, "reason: at most %d bytes", TEXT_MAX);
	TRY(find_need(p, json_get_str(args, "id"), &need, &seq, fault));
	if (str_eq(need.by, p->ctx->identity))
		return fail(fault, ERR_CONFLICT, "this node asks for it itself");
	if (need.closed)
		return fail(fault, ERR_CONFLICT, "it is closed");
	TRY(append_answer(p, &need, word, reason, fault));
	put_reply(reply->json, need.id);
	return OK;
}

static enum err need_offer(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return answer(part, call, reply, NEED_OFFERED, fault);
}

static enum err need_decline(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return answer(part, call, reply, NEED_DECLINED, fault);
}

static const struct command COMMANDS[] = {
    {.op = "need.add", .run = need_add},
    {.op = "need.close", .run = need_close},
    {.op = "need.offer", .run = need_offer},
    {.op = "need.decline", .run = need_decline},
    {0},
};

const struct command_part ADMIN_NEEDS = {
    .name = "needs",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
