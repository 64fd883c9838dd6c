/* SPDX-License-Identifier: Apache-2.0 */
/* The core's part: receipts, heads that do not fit, and who may ask for what. */
#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "exchange/exchange.h"
#include "exchange/part.h"
#include "policy/label.h"
#include "sync/position.h"
#include "sys/files.h"

enum { CALL_MEMORY = 8 << 20, ARGS_MAX = 64 << 10, REPLY_MAX = 64 << 10 };

static const char BY_PEER[] = "peer:";

static enum err open_part(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct part *p = mem_alloc(sizeof(*p));
	struct arena *arena = arena_new(2 * FILE_PATH_MAX);
	enum err rc = egress_open(&p->egress, file_join(arena, ctx->dir, "views"), fault);

	arena_free(arena);
	if (rc != OK) {
		mem_free(p);
		return rc;
	}
	p->ctx = ctx;
	p->arena = arena_new(CALL_MEMORY);
	p->writer = package_writer_new(p);
	*out = p;
	return OK;
}

static void close_part(void *part)
{
	struct part *p = part;

	package_writer_free(p->writer);
	egress_close(p->egress);
	arena_free(p->arena);
	mem_free(p);
}

/* What every command begins with: who asks, and its arguments. */
static enum err begin(struct part *p, const struct rpc_call *call, struct known_peer *peer,
    yyjson_val **args, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 4};

	arena_reset(p->arena);
	if (!str_starts(call->by, str_c(BY_PEER)))
		return fail(fault, ERR_DENIED, "only a peer's link asks for this");
	TRY(json_parse(args, p->arena, call->args, &limits, fault));
	TRY(known_peer(
	    peer, p->ctx->store, str_from(call->by, sizeof(BY_PEER) - 1), p->arena, fault));
	return peer->active ? OK : fail(fault, ERR_DENIED, "the peer is not active");
}

static void on_head(void *ctx, enum err status, struct str reply)
{
	struct json_writer w;
	struct buf b;

	if (status != OK) {
		command_answer(ctx, status, reply);
		return;
	}
	buf_init(&b, REPLY_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "head", reply);
	json_end_object(&w);
	command_answer(ctx, b.failed, buf_str(&b));
	buf_free(&b);
}

static enum err run_head(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct known_peer peer;
	yyjson_val *args;
	uint64_t size;
	enum err rc;

	TRY(begin(p, call, &peer, &args, fault));
	size = yyjson_get_uint(yyjson_obj_get(args, "size"));
	/* Before the call: the answer may come within it. */
	reply->later = true;
	rc = head_sign(p, peer.identity, size, on_head, reply->ticket, fault);
	if (rc != OK)
		reply->later = false;
	return rc;
}

enum err part_decide(struct part *p, struct str path, struct str json, struct fault *fault)
{
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	uint64_t newest = store_find(p->ctx->store, path), seq;
	struct record r = {
	    .kind = RECORD_DECISION, .id = path, .version = env_now(p->ctx->env), .content = json};

	if (newest != STORE_NONE && store_row(p->ctx->store, newest)->version >= r.version)
		r.version = store_row(p->ctx->store, newest)->version + 1;
	r.label = (struct str){label, label_encode(&red, label)};
	return store_append(p->ctx->store, &r, 1, &seq, fault);
}

/* A receipt over the beginning of our feed to this peer, signed by it. */
static enum err check_receipt(struct part *p, const struct known_peer *peer, struct str note,
    struct sync_receipt *out, struct fault *fault)
{
	struct egress_feed feed;
	struct sha256 root;
	struct str text, origin;

	TRY(known_peer_open(&text, peer, note, env_now(p->ctx->env), p->arena, fault));
	TRY(sync_receipt_get(out, text, fault));
	origin = arena_printf(
	    p->arena, "%.*s/to/%.*s", STR_ARG(p->ctx->config->origin), STR_ARG(peer->identity));
	TRY(egress_feed(p->egress, peer->identity, &feed, fault));
	if (!str_eq(out->origin, origin) || out->size > feed.size)
		return fail(fault, ERR_INVALID, "a receipt for another feed");
	TRY(egress_root(p->egress, feed.number, out->size, &root, fault));
	if (!sha256_eq(&root, &out->root))
		return fail(fault, ERR_INVALID, "a receipt for other entries than were given");
	return OK;
}

static enum err run_keep(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct sync_receipt receipt;
	struct known_peer peer;
	yyjson_val *args;
	struct json_writer w;
	struct str note;
	struct buf b;
	enum err rc;

	(void)reply;
	TRY(begin(p, call, &peer, &args, fault));
	note = json_get_str(args, "receipt");
	TRY(check_receipt(p, &peer, note, &receipt, fault));
	buf_init(&b, REPLY_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "identity", peer.identity);
	json_put_int(&w, "size", (int64_t)receipt.size);
	json_put_time(&w, "time", receipt.time);
	json_put_str(&w, "note", note);
	json_end_object(&w);
	rc = b.failed == OK
	         ? part_decide(p, arena_printf(p->arena, "receipt/%.*s", STR_ARG(peer.name)),
	               buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "receipt: too long");
	buf_free(&b);
	return rc;
}

/* The peer says that what we hold is not the beginning of its feed. */
static enum sync_reason judge(
    const struct position *held, const struct checkpoint *head, const char **why)
{
	switch (sync_edge_judge(&held->edge, head)) {
	case SYNC_STANDS:
		return SYNC_REASON_NONE;
	case SYNC_REWINDS:
		*why = "its feed is shorter than what it had signed";
		return SYNC_REASON_REWOUND;
	case SYNC_CONFLICTS:
		*why = "two signed heads of one size differ";
		return SYNC_REASON_EQUIVOCATES;
	default:
		*why = "it denies the beginning of its feed, which it had signed";
		return SYNC_REASON_EQUIVOCATES;
	}
}

/* Of what stands already only more is kept: that it rewinds is told at each connection. */
static enum err keep_evidence(
    struct part *p, const struct known_peer *peer, struct evidence *e, struct fault *fault)
{
	struct evidence before;
	struct buf b;
	enum err rc =
	    evidence_read(&before, p->ctx->store, peer->name, peer->identity, p->arena, fault);

	if (rc == OK && before.stands &&
	    (e->reason == SYNC_REASON_REWOUND || before.reason == SYNC_REASON_EQUIVOCATES))
		return OK;
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	e->peer = peer->name;
	e->identity = peer->identity;
	e->time = env_now(p->ctx->env);
	buf_init(&b, REPLY_MAX);
	evidence_put(&b, e);
	rc = b.failed == OK
	         ? part_decide(p, arena_printf(p->arena, "evidence/%.*s", STR_ARG(peer->name)),
	               buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "evidence: too long");
	buf_free(&b);
	log_event(p->ctx->log, LOG_ALERT,
	    e->reason == SYNC_REASON_REWOUND ? "peer.rewound" : "peer.equivocates",
	    LOG_KV({"peer", peer->name}, {"why", e->why}));
	return rc;
}

static enum err run_judge(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	enum sync_reason reason;
	struct checkpoint head;
	struct known_peer peer;
	struct position held;
	struct json_writer w;
	const char *why = "";
	yyjson_val *args;
	struct str note, text, origin;

	TRY(begin(p, call, &peer, &args, fault));
	note = json_get_str(args, "head");
	TRY(known_peer_open(&text, &peer, note, env_now(p->ctx->env), p->arena, fault));
	TRY(checkpoint_parse(&head, text, fault));
	origin =
	    arena_printf(p->arena, "%.*s/to/%.*s", STR_ARG(peer.origin), STR_ARG(p->ctx->identity));
	if (!str_eq(head.origin, origin))
		return fail(fault, ERR_INVALID, "the head is that of another feed");
	TRY(position_read(&held, p->ctx->store, peer.name, peer.identity, p->arena, fault));
	reason = judge(&held, &head, &why);
	if (reason != SYNC_REASON_NONE)
		TRY(keep_evidence(p, &peer,
		    &(struct evidence){
		        .why = str_c(why), .held = held.head, .shown = note, .reason = reason},
		    fault));
	w = json_writer(reply->json);
	json_object(&w, NULL);
	json_put_int(&w, "reason", reason);
	json_put_str(&w, "text", str_c(why));
	json_end_object(&w);
	return OK;
}

/* A receipt that came as a file is kept like one that the link brings. */
static enum err run_accept(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct arena *arena = arena_new(ARGS_MAX + SYNC_NOTE_MAX);
	struct rpc_call as_peer = *call;
	yyjson_val *args;
	enum err rc = json_parse(&args, arena, call->args, &JSON_LIMITS_OBJECT, fault);

	if (rc == OK) {
		as_peer.by = arena_printf(arena, "peer:%.*s", STR_ARG(json_get_str(args, "name")));
		rc = run_keep(p, &as_peer, reply, fault);
	}
	arena_free(arena);
	return rc;
}

static enum err run_package(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return package_write(((struct part *)part)->writer, call, reply, fault);
}

static const struct command COMMANDS[] = {
    {.op = "sync.head", .link = true, .always = true, .run = run_head},
    {.op = "sync.keep", .link = true, .run = run_keep},
    {.op = "sync.judge", .link = true, .run = run_judge},
    {.op = "package.accept", .local = true, .run = run_accept},
    {.op = "package.write", .local = true, .run = run_package},
    {0},
};

const struct command_part COMMANDS_EXCHANGE = {
    .name = "exchange",
    .open = open_part,
    .close = close_part,
    .commands = COMMANDS,
};
