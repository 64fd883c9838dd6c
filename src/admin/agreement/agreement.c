/* SPDX-License-Identifier: Apache-2.0 */
/* Agreements: this node's word about them, by its own people, and what follows from everybody's. */
#include <stdio.h>

#include "admin/admin.h"
#include "admin/agreement/make.h"
#include "admin/agreement/settle.h"
#include "admin/list.h"
#include "admin/peer_record.h"
#include "base/mem.h"
#include "codec/time.h"
#include "policy/names.h"
#include "stix/type.h"

enum {
	ID_MAX = sizeof(AGREEMENT_TYPE "--") + UUID_TEXT,
	LOOK_SLICE = 1 << 20, /* records looked at in one turn of the loop */
};

static const usec AGAIN = 5 * USEC_PER_SEC;

struct agreements {
	struct part *part;   /* of commands */
	struct part *settle; /* of what follows */
	struct loop_timer *timer;
	uint64_t looked;
	bool dirty;
	size_t count; /* that this node has answered */
	char ids[AGREEMENTS_MAX][ID_MAX];
	/* Of the opinions that may change how one stands: a flood of others costs a look each. */
	struct uuid watched[AGREEMENTS_MAX * AGREEMENT_PARTIES_MAX];
	size_t watched_count;
};

/* ---- what follows ---- */

static bool knows(const struct agreements *a, struct str id)
{
	for (size_t i = 0; i < a->count; i++)
		if (str_eq(str_c(a->ids[i]), id))
			return true;
	return false;
}

static void note(struct agreements *a, struct str id)
{
	if (knows(a, id) || id.n >= ID_MAX || a->count == AGREEMENTS_MAX)
		return;
	(void)snprintf(a->ids[a->count++], ID_MAX, "%.*s", STR_ARG(id));
}

static bool is_watched(const struct agreements *a, struct str id)
{
	struct uuid uuid;

	if (!str_starts(id, S("opinion--")) || uuid_parse(&uuid, str_from(id, 9)) != OK)
		return false;
	for (size_t i = 0; i < a->watched_count; i++)
		if (uuid_eq(&a->watched[i], &uuid))
			return true;
	return false;
}

/* The object that a decision takes back, hides, or hides a version of; STR_NONE: none. */
static struct str object_of(struct str path)
{
	static const char *const PREFIXES[] = {STORE_WITHDRAW, STORE_RETRACT};

	for (size_t i = 0; i < sizeof(PREFIXES) / sizeof(PREFIXES[0]); i++)
		if (str_starts(path, str_c(PREFIXES[i])))
			return str_from(path, str_c(PREFIXES[i]).n);
	if (!str_starts(path, S(STORE_VOID)))
		return STR_NONE;
	path = str_from(path, sizeof(STORE_VOID) - 1);
	(void)str_cut(&path, '/');
	return path;
}

/* Whether what stands there may change how an agreement stands. */
static bool concerns(const struct agreements *a, uint64_t seq)
{
	const struct store *s = a->part->ctx->store;
	const struct row *row = store_row(s, seq);
	struct str id = store_id(s, seq), object;

	if (row->kind == RECORD_OBJECT)
		return row->tag == STIX_TYPE_OPINION ? is_watched(a, id)
		                                     : row->tag == STIX_TYPE_CUSTOM && knows(a, id);
	if (row->kind != RECORD_DECISION)
		return false;
	object = object_of(id);
	return str_starts(id, S("peer/")) || str_starts(id, S(AGREEMENT_PATH)) ||
	       (object.p && (knows(a, object) || is_watched(a, object)));
}

static void look(struct agreements *a, uint64_t end)
{
	const struct store *s = a->part->ctx->store;

	for (; a->looked < end; a->looked++) {
		if (store_row(s, a->looked)->kind == RECORD_DECISION &&
		    str_starts(store_id(s, a->looked), S(AGREEMENT_PATH)))
			note(a, str_from(store_id(s, a->looked), sizeof(AGREEMENT_PATH) - 1));
		a->dirty = a->dirty || concerns(a, a->looked);
	}
}

static enum err settle_all(struct agreements *a, struct settling *s, struct fault *fault)
{
	for (size_t i = 0; i < a->count; i++) {
		enum err rc;

		arena_reset(a->settle->arena);
		rc = settle_agreement(s, str_c(a->ids[i]), fault);
		/* One that cannot be understood any more stands in nobody's way. */
		if (rc != OK && rc != ERR_NOT_FOUND && rc != ERR_INVALID)
			return rc;
	}
	return OK;
}

static void settle(struct agreements *a)
{
	const struct command_ctx *ctx = a->part->ctx;
	struct settling s = {.p = a->settle, .next = INT64_MAX, .watched = a->watched};
	struct fault fault;
	enum err rc = settle_all(a, &s, &fault);
	usec now = env_now(ctx->env);

	a->dirty = rc != OK;
	a->watched_count = s.watched_count;
	if (rc == ERR_FULL)
		ctx->full(ctx->core);
	else if (rc != OK)
		log_event(ctx->log, LOG_ERROR, "agreement.unsettled",
		    LOG_KV({"text", str_c(fault.text)}));
	if (s.changed)
		ctx->commit(ctx->core, NULL, NULL);
	if (rc != OK)
		loop_timer_set(a->timer, AGAIN);
	else if (s.next < INT64_MAX)
		loop_timer_set(a->timer, s.next > now ? s.next - now : 0);
}

static void on_timer(void *ctx)
{
	struct agreements *a = ctx;
	uint64_t size = store_size(a->part->ctx->store);
	bool begins = a->looked == size;

	look(a, size - a->looked > LOOK_SLICE ? a->looked + LOOK_SLICE : size);
	if (a->looked < size)
		loop_timer_set(a->timer, 0);
	else if (a->dirty || begins)
		settle(a);
}

static void agreements_committed(void *part)
{
	struct agreements *a = part;

	if (a->looked < store_size(a->part->ctx->store))
		loop_timer_set(a->timer, 0);
}

static void agreements_close(void *part)
{
	struct agreements *a = part;

	if (!a)
		return;
	loop_timer_free(a->timer);
	part_close(a->part);
	part_close(a->settle);
	mem_free(a);
}

static enum err agreements_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct agreements *a = mem_alloc(sizeof(*a));
	void *parts[2] = {NULL, NULL};

	for (size_t i = 0; i < 2; i++)
		TRY(part_open(&parts[i], ctx, fault));
	a->part = parts[0];
	a->settle = parts[1];
	a->timer = loop_timer_new(ctx->loop, on_timer, a);
	loop_timer_set(a->timer, 0);
	*out = a;
	return OK;
}

/* ---- commands ---- */

static void put_reply(struct buf *out, const struct agreement *a, enum party_state own)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "id", a->id);
	json_put_str(&w, "community", a->community);
	json_put_time(&w, "version", a->version);
	json_put_str(&w, "own", party_state_name(own));
	json_end_object(&w);
}

static enum err find(
    struct agreements *a, yyjson_val *args, struct agreement_state *out, struct fault *fault)
{
	const struct command_ctx *ctx = a->part->ctx;
	struct str version = json_get_str(args, "version");
	usec seen;

	TRY(agreement_state_read(out, ctx->store, json_get_str(args, "id"), ctx->identity,
	    env_now(ctx->env), a->part->arena, fault));
	if (version.p && (time_parse_utc(&seen, version) != OK || seen != out->newest.version))
		return fail(fault, ERR_CONFLICT,
		    "there is a newer version than the one you saw; look at that one first");
	return OK;
}

static const struct agreement_party *own_party(const struct agreement_state *st)
{
	for (size_t i = 0; i < st->count; i++)
		if (st->parties[i].own)
			return &st->parties[i];
	return NULL;
}

/* What this node said of the newest version. */
static enum party_state own_word(const struct agreement_state *st)
{
	const struct agreement_party *own = own_party(st);

	return own && own->version == st->newest.version ? own->state : PARTY_PROPOSED;
}

static enum err check_party(const struct agreement_state *st, struct fault *fault)
{
	if (!st->own)
		return fail(fault, ERR_DENIED, "this node is no party of that agreement");
	return st->ended ? fail(fault, ERR_CONFLICT, "its proposer took it back") : OK;
}

static enum err check_may_sign(
    struct agreements *a, const struct agreement_state *st, struct fault *fault)
{
	usec now = env_now(a->part->ctx->env);

	TRY(check_party(st, fault));
	if (st->newest.until && st->newest.until <= now)
		return fail(fault, ERR_CONFLICT, "it is over: its end has passed");
	if (own_word(st) == PARTY_SIGNED)
		return fail(fault, ERR_CONFLICT, "this node has signed it");
	if (a->count == AGREEMENTS_MAX && !knows(a, st->newest.id))
		return fail(fault, ERR_LIMIT, "there are %d agreements already", AGREEMENTS_MAX);
	return settle_check_name(a->part, &st->newest, fault);
}

static enum err check_may_decline(
    struct agreements *a, const struct agreement_state *st, struct fault *fault)
{
	(void)a;
	TRY(check_party(st, fault));
	if (own_word(st) == PARTY_SIGNED)
		return fail(fault, ERR_CONFLICT, "this node has signed it: it can leave it");
	return own_word(st) == PARTY_DECLINED
	           ? fail(fault, ERR_CONFLICT, "this node has declined it")
	           : OK;
}

/* Always possible for who has signed any version of it. */
static enum err check_may_leave(
    struct agreements *a, const struct agreement_state *st, struct fault *fault)
{
	const struct agreement_party *own = own_party(st);

	(void)a;
	return own && (own->consents || own->state == PARTY_SIGNED)
	           ? OK
	           : fail(fault, ERR_CONFLICT, "this node is not in it");
}

static enum err say(struct agreements *a, const struct rpc_call *call, struct command_reply *reply,
    enum party_state word,
    enum err (*check)(struct agreements *a, const struct agreement_state *st, struct fault *fault),
    struct fault *fault)
{
	struct agreement_state st;
	struct str reason;
	yyjson_val *args;

	TRY(part_begin(a->part, call, &args, fault));
	reason = json_get_str(args, "reason");
	if (reason.n > AGREEMENT_REASON_MAX)
		return fail(fault, ERR_LIMIT, "reason: at most %d bytes", AGREEMENT_REASON_MAX);
	TRY(find(a, args, &st, fault));
	TRY(check(a, &st, fault));
	TRY(agreement_say(a->part, &st, word, reason, call->by, fault));
	put_reply(reply->json, &st.newest, word);
	return OK;
}

static enum err agreement_sign(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return say(part, call, reply, PARTY_SIGNED, check_may_sign, fault);
}

static enum err agreement_decline(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return say(part, call, reply, PARTY_DECLINED, check_may_decline, fault);
}

static enum err agreement_leave(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return say(part, call, reply, PARTY_LEFT, check_may_leave, fault);
}

/* ---- a proposal ---- */

/* Names of peers into identities; this node is one of the parties. */
static enum err parties_of(struct part *p, struct str *out, struct str with, struct fault *fault)
{
	struct str parties = p->ctx->identity;

	while (with.p) {
		struct str name = str_trim(str_cut(&with, ','));
		struct peer_record peer;

		if (!name.n)
			continue;
		TRY(peer_find(&peer, p, name, fault));
		if (peer.state != PEER_ACTIVE)
			return fail(
			    fault, ERR_INVALID, "with: %.*s is no active peer", STR_ARG(name));
		parties = arena_printf(
		    p->arena, "%.*s,%.*s", STR_ARG(parties), STR_ARG(peer.said.identity));
	}
	*out = parties;
	return OK;
}

static void take(struct str *out, yyjson_val *args, const char *key)
{
	struct str text = json_get_str(args, key);

	if (text.p)
		*out = text;
}

static enum err take_hub(struct part *p, struct proposal *q, yyjson_val *args, struct fault *fault)
{
	struct str hub = json_get_str(args, "hub");
	struct peer_record peer;

	if (!str_eq(q->kind, S("pillar")))
		return hub.n ? fail(fault, ERR_INVALID, "hub: only a pillar has one") : OK;
	if (hub.n) {
		TRY(peer_find(&peer, p, hub, fault));
		q->hub = peer.said.identity;
	} else if (!q->hub.n) {
		q->hub = p->ctx->identity;
	}
	return OK;
}

static enum err take_terms(
    struct part *p, struct proposal *q, yyjson_val *args, struct fault *fault)
{
	yyjson_val *visible = yyjson_obj_get(args, "reciprocity_visible");

	take(&q->title, args, "title");
	take(&q->kind, args, "kind");
	take(&q->direction, args, "direction");
	take(&q->incident, args, "incident");
	take(&q->ceiling, args, "ceiling");
	take(&q->types, args, "types");
	take(&q->purposes, args, "purposes");
	take(&q->anonymise, args, "anonymise");
	take(&q->retention, args, "retention");
	take(&q->legal_ref, args, "legal_ref");
	take(&q->from, args, "valid_from");
	take(&q->until, args, "expires");
	if (visible)
		q->reciprocity_visible = yyjson_get_bool(visible);
	if (json_get_str(args, "with").p)
		TRY(parties_of(p, &q->parties, json_get_str(args, "with"), fault));
	TRY(take_hub(p, q, args, fault));
	return str_eq(q->kind, S("room")) ? community_check_incident(p, q->incident, fault) : OK;
}

/* A newer version of what this node proposed. */
static enum err begin_change(
    struct agreements *a, struct proposal *q, struct str id, struct fault *fault)
{
	const struct command_ctx *ctx = a->part->ctx;
	struct agreement_state st;

	TRY(agreement_state_read(
	    &st, ctx->store, id, ctx->identity, env_now(ctx->env), a->part->arena, fault));
	if (!str_eq(st.newest.by, ctx->identity))
		return fail(fault, ERR_DENIED, "only who proposed it proposes a newer version");
	if (st.ended)
		return fail(fault, ERR_CONFLICT, "it was taken back");
	proposal_of(q, a->part->arena, &st.newest);
	return OK;
}

static enum err fold(struct str *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct name name;

	if (name_encode(&name, text) != OK || name.bytes[0] == 0)
		return fail(fault, ERR_INVALID, "name: 1 to %d letters, digits and any of ._:+-",
		    POLICY_NAME_MAX);
	*out = arena_str(arena, (struct str){name.bytes + 1, (size_t)name.n - 1});
	return OK;
}

static enum err agreement_propose_new(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct agreements *a = part;
	struct part *p = a->part;
	struct proposal q = {.parties = p->ctx->identity,
	    .kind = S("community"),
	    .ceiling = S("TLP:AMBER"),
	    .anonymise = S("victims")};
	struct agreement made;
	struct str name, changes;
	yyjson_val *args;

	TRY(part_begin(p, call, &args, fault));
	if (p->ctx->identity.n == 0)
		return fail(fault, ERR_CONFLICT, "this node has no identity");
	TRY(fold(&name, p->arena, json_get_str(args, "name"), fault));
	changes = json_get_str(args, "changes");
	if (changes.p)
		TRY(begin_change(a, &q, changes, fault));
	if (changes.p && !str_eq(q.community, name))
		return fail(fault, ERR_INVALID, "name: a newer version keeps its community");
	q.community = name;
	TRY(take_terms(p, &q, args, fault));
	TRY(agreement_propose(p, &q, &made, fault));
	put_reply(reply->json, &made, PARTY_PROPOSED);
	return OK;
}

static const struct command COMMANDS[] = {
    {.op = "agreement.propose", .run = agreement_propose_new},
    {.op = "agreement.sign", .run = agreement_sign},
    {.op = "agreement.decline", .run = agreement_decline},
    {.op = "agreement.leave", .run = agreement_leave},
    {0},
};

const struct command_part ADMIN_AGREEMENTS = {
    .name = "agreements",
    .open = agreements_open,
    .close = agreements_close,
    .committed = agreements_committed,
    .commands = COMMANDS,
};
