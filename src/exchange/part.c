/* SPDX-License-Identifier: Apache-2.0 */
/* The core's part: heads of feeds, receipts, and heads that do not fit. */
#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "exchange/exchange.h"
#include "policy/label.h"
#include "sync/peer.h"
#include "sync/position.h"
#include "sys/files.h"
#include "view/egress.h"

enum { CALL_MEMORY = 8 << 20, ARGS_MAX = 64 << 10, REPLY_MAX = 64 << 10, HEADS_MAX = 1024 };

static const char BY_PEER[] = "peer:";

struct part {
	const struct command_ctx *ctx;
	struct egress *egress;
	struct arena *arena; /* for one command */
	uint64_t
	    signed_up_to[HEADS_MAX]; /* by feed: what the signer remembers, as far as we know */
};

/* A head that the signer was asked for. */
struct head {
	struct part *part;
	struct command_ticket *ticket;
	uint32_t feed;
	uint64_t size;
	struct buf text;
	bool again;
};

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
	*out = p;
	return OK;
}

static void close_part(void *part)
{
	struct part *p = part;

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

static void head_free(struct head *h)
{
	buf_free(&h->text);
	mem_free(h);
}

static enum err ask_signer(struct head *h, struct fault *fault);

static void on_head(void *ctx, enum err status, struct str reply)
{
	struct head *h = ctx;
	uint64_t size;
	struct json_writer w;
	struct buf b;

	/* The signer remembers another size: it says which. */
	if (status == ERR_BUSY && !h->again && str_u64(reply, &size) == OK) {
		h->again = true;
		h->part->signed_up_to[h->feed % HEADS_MAX] = size;
		if (ask_signer(h, NULL) == OK)
			return;
	}
	if (status != OK) {
		command_answer(h->ticket, status, reply);
		head_free(h);
		return;
	}
	if (h->size > h->part->signed_up_to[h->feed % HEADS_MAX])
		h->part->signed_up_to[h->feed % HEADS_MAX] = h->size;
	buf_init(&b, REPLY_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "head", reply);
	json_end_object(&w);
	command_answer(h->ticket, b.failed, buf_str(&b));
	buf_free(&b);
	head_free(h);
}

static enum err ask_signer(struct head *h, struct fault *fault)
{
	struct part *p = h->part;
	uint64_t known = p->signed_up_to[h->feed % HEADS_MAX];
	uint64_t old = known < h->size ? known : h->size, new = known < h->size ? h->size : known;
	struct merkle_path proof = {.count = 0};
	struct json_writer w;
	struct buf args;
	enum err rc;

	TRY(egress_consistency(p->egress, h->feed, old, new, &proof, fault));
	buf_init(&args, ARGS_MAX);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "text", buf_str(&h->text));
	json_put_int(&w, "old_size", (int64_t)known);
	json_list(&w, "proof");
	for (size_t i = 0; i < proof.count; i++) {
		struct buf text;

		buf_init(&text, 64);
		base64_put(&text, (struct str){(const char *)proof.hashes[i].b, SHA256_LEN});
		json_put_str(&w, NULL, buf_str(&text));
		buf_free(&text);
	}
	json_end_list(&w);
	json_end_object(&w);
	rc = args.failed;
	if (rc == OK)
		rc = p->ctx->signer.call(p->ctx->signer.ctx,
		    &(struct rpc_call){.op = S("sign-head"), .args = buf_str(&args), .fd = -1},
		    on_head, h);
	buf_free(&args);
	return rc == OK ? OK : fail(fault, rc, "the signer cannot be asked");
}

static enum err run_head(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct known_peer peer;
	struct egress_feed feed;
	struct sha256 root;
	yyjson_val *args;
	struct head *h;
	uint64_t size;
	enum err rc;

	TRY(begin(p, call, &peer, &args, fault));
	size = yyjson_get_uint(yyjson_obj_get(args, "size"));
	TRY(egress_feed(p->egress, peer.identity, &feed, fault));
	if (size > feed.size)
		return fail(
		    fault, ERR_INVALID, "size: the feed has %" PRIu64 " entries", feed.size);
	TRY(egress_root(p->egress, feed.number, size, &root, fault));
	h = mem_alloc(sizeof(*h));
	*h = (struct head){.part = p, .ticket = reply->ticket, .feed = feed.number, .size = size};
	buf_init(&h->text, 4096);
	buf_printf(&h->text, "%.*s/to/%.*s\n%" PRIu64 "\n", STR_ARG(p->ctx->config->origin),
	    STR_ARG(peer.identity), size);
	base64_put(&h->text, (struct str){(const char *)root.b, SHA256_LEN});
	buf_byte(&h->text, '\n');
	rc = ask_signer(h, fault);
	if (rc != OK) {
		head_free(h);
		return rc;
	}
	reply->later = true;
	return OK;
}

static enum err decide(struct part *p, struct str path, struct str json, struct fault *fault)
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
	rc = b.failed == OK ? decide(p, arena_printf(p->arena, "receipt/%.*s", STR_ARG(peer.name)),
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

static enum err keep_evidence(struct part *p, const struct known_peer *peer,
    const struct position *held, struct str shown, const char *why, struct fault *fault)
{
	struct buf b;
	enum err rc;

	buf_init(&b, REPLY_MAX);
	evidence_put(&b, &(struct evidence){peer->name, peer->identity, str_c(why), held->head,
	                     shown, env_now(p->ctx->env)});
	rc = b.failed == OK
	         ? decide(p, arena_printf(p->arena, "evidence/%.*s", STR_ARG(peer->name)),
	               buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "evidence: too long");
	buf_free(&b);
	log_event(p->ctx->log, LOG_ALERT, "peer.equivocates", LOG_KV({"peer", peer->name}));
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
	if (reason == SYNC_REASON_EQUIVOCATES)
		TRY(keep_evidence(p, &peer, &held, note, why, fault));
	w = json_writer(reply->json);
	json_object(&w, NULL);
	json_put_int(&w, "reason", reason);
	json_put_str(&w, "text", str_c(why));
	json_end_object(&w);
	return OK;
}

static const struct command COMMANDS[] = {
    {.op = "sync.head", .link = true, .always = true, .run = run_head},
    {.op = "sync.keep", .link = true, .run = run_keep},
    {.op = "sync.judge", .link = true, .run = run_judge},
    {0},
};

const struct command_part COMMANDS_EXCHANGE = {
    .name = "exchange",
    .open = open_part,
    .close = close_part,
    .commands = COMMANDS,
};
