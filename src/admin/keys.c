/* SPDX-License-Identifier: Apache-2.0 */
/* Rotation of the ledger's keys. The signer makes new ones and a statement signed by old and new;
 * when that is a decision in the ledger, durable, the new ones count: before, a node that dies
 * wakes up with the old ones, after it with the new ones. From the link: what peers say of theirs.
 */
#include "admin/keys.h"

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "base/mem.h"
#include "codec/time.h"
#include "policy/label.h"
#include "store/store.h"
#include "sync/peer.h"
#include "sys/files.h"
#include "view/voids.h"

enum { SMALL = 8192, NOTES_MAX = 16, RPC_MAX = 64 << 10 };

static const char BY_PEER[] = "peer:";

/* A rotation under way; one at a time. */
struct turning {
	const struct command_ctx *ctx;
	struct command_ticket *ticket; /* NULL: nobody waits */
	struct arena *arena;
	struct rotation rotation;
	uint64_t number;
};

static void turning_end(struct turning *t, enum err status, struct str reply)
{
	if (t->ticket)
		command_answer(t->ticket, status, reply);
	else if (status != OK && status != ERR_CLOSED)
		log_event(t->ctx->log, LOG_ALERT, "keys.unsettled", LOG_KV({"text", reply}));
	arena_free(t->arena);
	mem_free(t);
}

static enum err write_key(
    const struct turning *t, const char *file, struct str line, struct fault *fault)
{
	struct str path = file_join(t->arena, t->ctx->dir, file);
	struct str text = arena_printf(t->arena, "%.*s\n", STR_ARG(line));
	struct str old;

	if (!text.p)
		return fail(fault, ERR_NOMEM, "no memory for a key");
	if (file_read(&old, t->arena, path, SMALL, NULL) == OK && str_eq(old, text))
		return OK;
	return file_write(path, text, 0644, fault);
}

static void on_used(void *ctx, enum err status, struct str reply)
{
	struct turning *t = ctx;
	const struct key_lines *keys = &t->rotation.after;
	struct fault fault = {.code = OK};
	struct json_writer w;
	struct buf b;

	buf_init(&b, SMALL);
	if (status == OK)
		status = write_key(t, "ledger/public-key-mldsa", keys->pq_key, &fault);
	if (status == OK)
		status = write_key(t, "ledger/public-key", keys->key, &fault);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_int(&w, "number", (int64_t)t->number);
	json_put_time(&w, "time", t->rotation.time);
	json_put_str(&w, "before", key_lines_id(&t->rotation.before));
	json_put_str(&w, "after", key_lines_id(&t->rotation.after));
	json_put_str(&w, "key", keys->key);
	json_end_object(&w);
	turning_end(t, status, status == OK ? buf_str(&b) : fault.code ? str_c(fault.text) : reply);
	buf_free(&b);
}

/* Consumes t. */
static void use_keys(struct turning *t)
{
	struct json_writer w;
	struct buf args;
	enum err rc;

	buf_init(&args, SMALL);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "key", t->rotation.after.key);
	json_end_object(&w);
	rc = args.failed;
	if (rc == OK)
		rc = t->ctx->signer.call(t->ctx->signer.ctx,
		    &(struct rpc_call){.op = S("use-keys"), .args = buf_str(&args), .fd = -1},
		    on_used, t);
	buf_free(&args);
	if (rc != OK)
		turning_end(t, rc, S("the signer is away: it uses the new keys when it is back"));
}

static struct turning *turning_new(const struct command_ctx *ctx, struct command_ticket *ticket)
{
	struct turning *t = mem_alloc(sizeof(*t));

	t->ctx = ctx;
	t->ticket = ticket;
	t->arena = arena_new(1 << 20);
	return t;
}

void admin_keys_settle(const struct command_ctx *ctx)
{
	struct turning *t = turning_new(ctx, NULL);
	struct str note;

	t->number = rotation_count(ctx->store, ctx->identity, t->arena);
	if (t->number > 0 &&
	    rotation_note(&note, ctx->store, ctx->identity, t->number, t->arena) == OK &&
	    rotation_recall(&t->rotation, t->arena, note, NULL) == OK)
		use_keys(t);
	else
		turning_end(t, OK, S(""));
}

static void on_committed(void *ctx, enum err status)
{
	struct turning *t = ctx;

	if (status == OK)
		use_keys(t);
	else
		turning_end(t, status, S("the ledger could not be written"));
}

static enum err keep(struct turning *t, struct str note, struct fault *fault)
{
	const struct command_ctx *ctx = t->ctx;
	struct buf b;
	enum err rc;

	TRY(rotation_read(&t->rotation, t->arena, note, fault));
	t->number = rotation_count(ctx->store, ctx->identity, t->arena) + 1;
	if (t->number > ROTATIONS_MAX)
		return fail(fault, ERR_LIMIT, "a node rotates at most %d times", ROTATIONS_MAX);
	buf_init(&b, RPC_MAX);
	rotation_record(&b, note, S("local"));
	rc = b.failed == OK ? admin_decide(ctx, rotation_path(t->arena, ctx->identity, t->number),
	                          buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "rotation: too long");
	buf_free(&b);
	return rc;
}

static void on_made(void *ctx, enum err status, struct str reply)
{
	struct turning *t = ctx;
	struct fault fault = {.code = OK};

	if (status == OK)
		status = keep(t, reply, &fault);
	else
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	if (status != OK) {
		turning_end(t, status, str_c(fault.text));
		return;
	}
	log_event(t->ctx->log, LOG_WARNING, "keys.rotated",
	    LOG_KV({"before", key_lines_id(&t->rotation.before)},
	        {"after", key_lines_id(&t->rotation.after)}));
	t->ctx->commit(t->ctx->core, on_committed, t);
}

static enum err key_rotate(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct turning *t = turning_new(p->ctx, reply->ticket);
	struct json_writer w;
	struct buf args;
	enum err rc;

	(void)call;
	buf_init(&args, SMALL);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_int(&w, "time", env_now(p->ctx->env));
	json_put_int(&w, "size", (int64_t)store_size_pending(p->ctx->store));
	json_end_object(&w);
	/* Before the call: the answer may come within it. */
	reply->later = true;
	rc = p->ctx->signer.call(p->ctx->signer.ctx,
	    &(struct rpc_call){.op = S("make-keys"), .args = buf_str(&args), .fd = -1}, on_made, t);
	buf_free(&args);
	if (rc == OK)
		return OK;
	reply->later = false;
	t->ticket = NULL;
	turning_end(t, ERR_CLOSED, S(""));
	return fail(fault, rc, "the signer cannot be asked now; try again");
}

/* ---- the link's next certificate ---- */

/* What the signer is asked for, and who waits. */
struct asking {
	const struct command_ctx *ctx;
	struct command_ticket *ticket;
};

static void on_link_signed(void *ctx, enum err status, struct str reply)
{
	struct asking *a = ctx;
	struct arena *arena = arena_new(4096);
	struct fault fault = {.code = OK};
	struct buf b;

	buf_init(&b, RPC_MAX);
	rotation_record(&b, reply, S("local"));
	if (status == OK)
		status = admin_decide(a->ctx,
		    arena_printf(arena, LINK_CERT_PREFIX "%.*s", STR_ARG(a->ctx->identity)),
		    buf_str(&b), &fault);
	else
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	command_answer(a->ticket, status, status == OK ? S("{}") : str_c(fault.text));
	buf_free(&b);
	arena_free(arena);
	mem_free(a);
}

static enum err key_link(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct link_cert c = {.identity = p->ctx->identity, .time = env_now(p->ctx->env)};
	struct json_writer w;
	struct asking *a;
	struct buf text, args;
	yyjson_val *given;
	enum err rc;

	TRY(part_begin(p, call, &given, fault));
	c.cert = json_get_str(given, "cert");
	buf_init(&text, SMALL);
	buf_init(&args, SMALL);
	link_cert_text(&text, &c);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "text", buf_str(&text));
	json_end_object(&w);
	a = mem_alloc(sizeof(*a));
	*a = (struct asking){.ctx = p->ctx, .ticket = reply->ticket};
	/* Before the call: the answer may come within it. */
	reply->later = true;
	rc = args.failed;
	if (rc == OK)
		rc = p->ctx->signer.call(p->ctx->signer.ctx,
		    &(struct rpc_call){.op = S("sign-link"), .args = buf_str(&args), .fd = -1},
		    on_link_signed, a);
	buf_free(&text);
	buf_free(&args);
	if (rc == OK)
		return OK;
	reply->later = false;
	mem_free(a);
	return fail(fault, rc, "the signer cannot be asked now; try again");
}

/* ---- keys that were in other hands ---- */

/* A statement about our own earlier keys that the signer was asked for. */
struct disowning {
	const struct command_ctx *ctx;
	struct command_ticket *ticket;
};

static enum err keep_compromise(const struct command_ctx *ctx, struct str note, struct str by,
    struct buf *reply, struct fault *fault)
{
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	const struct keys_said said = {.note = note,
	    .by = by,
	    .label = {label, label_encode(&red, label)},
	    .now = env_now(ctx->env),
	    .log = ctx->log};
	struct compromise c;
	struct voids voids;
	struct json_writer w;
	enum err rc;

	TRY(compromise_read(&c, note, fault));
	rc = voids_keep(&voids, ctx->store, &c, &said, fault);
	voids_tell(&voids, ctx->log, c.identity, by);
	if (rc == OK && reply) {
		w = json_writer(reply);
		json_object(&w, NULL);
		json_put_time(&w, "since", c.since);
		json_put_int(&w, "hidden", (int64_t)voids.count);
		json_put_int(&w, "left", (int64_t)voids.left);
		json_put_raw(&w, "ids", voids.ids.n > 0 ? buf_str(&voids.ids) : S("[]"));
		json_end_object(&w);
	}
	voids_free(&voids);
	return rc;
}

static void on_disowned(void *ctx, enum err status, struct str reply)
{
	struct disowning *d = ctx;
	struct fault fault = {.code = OK};
	struct buf b;

	buf_init(&b, 1 << 20);
	if (status == OK)
		status = keep_compromise(d->ctx, reply, S("local"), &b, &fault);
	else
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	command_answer(d->ticket, status, status == OK ? buf_str(&b) : str_c(fault.text));
	buf_free(&b);
	mem_free(d);
}

static enum err read_since(usec *out, const struct part *p, yyjson_val *args, struct fault *fault)
{
	struct str text = json_get_str(args, "since");

	if (time_parse_any(out, text) != OK || *out > env_now(p->ctx->env))
		return fail(
		    fault, ERR_INVALID, "since: a time that has been, like 2026-11-21T10:00:00Z");
	return OK;
}

static enum err ask_to_disown(
    struct part *p, const struct compromise *c, struct disowning *d, struct fault *fault)
{
	struct json_writer w;
	struct buf text, args;
	enum err rc;

	buf_init(&text, ROTATION_NOTE_MAX / 2);
	buf_init(&args, RPC_MAX);
	compromise_text(&text, c);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "text", buf_str(&text));
	json_end_object(&w);
	rc = text.failed != OK ? text.failed : args.failed;
	if (rc == OK)
		rc = p->ctx->signer.call(p->ctx->signer.ctx,
		    &(struct rpc_call){
		        .op = S("sign-compromise"), .args = buf_str(&args), .fd = -1},
		    on_disowned, d);
	buf_free(&text);
	buf_free(&args);
	return rc == OK ? OK : fail(fault, rc, "the signer cannot be asked now; try again");
}

/* All that came before those that count now. */
static enum err key_compromised(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct compromise c = {.identity = p->ctx->identity, .time = env_now(p->ctx->env)};
	struct disowning *d;
	yyjson_val *args;
	uint64_t count;
	enum err rc;

	TRY(part_begin(p, call, &args, fault));
	TRY(read_since(&c.since, p, args, fault));
	count = rotation_count(p->ctx->store, c.identity, p->arena);
	if (count == 0)
		return fail(fault, ERR_CONFLICT,
		    "the keys that count cannot say it of themselves: `tocsin key rotate` first");
	for (uint64_t n = count; n > 0 && c.count < COMPROMISE_KEYS_MAX; n--) {
		struct rotation r;
		struct str note;

		TRY(rotation_note(&note, p->ctx->store, c.identity, n, p->arena));
		TRY(rotation_recall(&r, p->arena, note, fault));
		c.keys[c.count++] = r.before.key;
	}
	d = mem_alloc(sizeof(*d));
	d->ctx = p->ctx;
	d->ticket = reply->ticket;
	/* Before the call: the answer may come within it. */
	reply->later = true;
	rc = ask_to_disown(p, &c, d, fault);
	if (rc != OK) {
		reply->later = false;
		mem_free(d);
	}
	return rc;
}

/* This node's own decision about a peer that cannot say it itself: every key of it that is known.
 */
static enum err peer_compromised(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct compromise c = {.time = env_now(p->ctx->env)};
	struct known_peer peer;
	yyjson_val *args;
	struct buf text;
	enum err rc;

	TRY(part_begin(p, call, &args, fault));
	TRY(read_since(&c.since, p, args, fault));
	TRY(known_peer(&peer, p->ctx->store, json_get_str(args, "name"), p->arena, fault));
	c.identity = peer.identity;
	c.keys[c.count++] = known_peer_first(peer.keys);
	for (size_t i = 0; i < peer.former_count && c.count < COMPROMISE_KEYS_MAX; i++)
		c.keys[c.count++] = known_peer_first(peer.former[i].keys);
	buf_init(&text, ROTATION_NOTE_MAX / 2);
	compromise_text(&text, &c);
	rc = text.failed == OK
	         ? keep_compromise(p->ctx, buf_str(&text), call->by, reply->json, fault)
	         : fail(fault, ERR_LIMIT, "compromise: too long");
	buf_free(&text);
	return rc;
}

/* ---- what peers say ---- */

typedef enum err (*keep_fn)(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault);

static enum err take_note(
    struct part *p, struct str name, struct str note, keep_fn keep_it, struct fault *fault)
{
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	const struct keys_said said = {.name = name,
	    .note = note,
	    .by = arena_printf(p->arena, "peer:%.*s", STR_ARG(name)),
	    .label = {label, label_encode(&red, label)},
	    .now = env_now(p->ctx->env),
	    .log = p->ctx->log};

	return keep_it(p->ctx->store, &said, p->arena, fault);
}

/* A peer's statements about its keys, the oldest first. */
static enum err take_notes(struct part *p, struct str name, yyjson_val *notes, struct fault *fault)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(notes);
	struct known_peer peer;
	yyjson_val *note;

	TRY(known_peer(&peer, p->ctx->store, name, p->arena, fault));
	if (!peer.active)
		return fail(fault, ERR_DENIED, "the peer is not active");
	/* First back from the keys that it was met by; one that does not lead there is for below.
	 */
	for (size_t i = yyjson_arr_size(notes); i > 0; i--)
		if (take_note(p, name, json_str(yyjson_arr_get(notes, i - 1)), keys_former_keep,
		        NULL) == ERR_FULL)
			return fail(fault, ERR_FULL, "the disk is full");
	while ((note = yyjson_arr_iter_next(&it)))
		TRY(take_note(p, name, json_str(note), keys_said_keep, fault));
	return OK;
}

static enum err read_notes(
    struct part *p, yyjson_val **args, const struct rpc_call *call, struct fault *fault)
{
	const struct json_limits limits = {.bytes = NOTES_MAX * 2 * ROTATION_NOTE_MAX, .depth = 3};

	arena_reset(p->arena);
	return json_parse(args, p->arena, call->args, &limits, fault);
}

/* From the link role. */
static enum err peer_keys(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args;
	struct str name;

	(void)reply;
	if (!str_starts(call->by, str_c(BY_PEER)))
		return fail(fault, ERR_DENIED, "only a peer's link asks for this");
	TRY(read_notes(p, &args, call, fault));
	name = arena_str(p->arena, str_from(call->by, sizeof(BY_PEER) - 1));
	return take_notes(p, name, yyjson_obj_get(args, "notes"), fault);
}

/* The same from a file, with the peer's name. */
static enum err peer_keys_file(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args;

	(void)reply;
	TRY(read_notes(p, &args, call, fault));
	return take_notes(p, json_get_str(args, "name"), yyjson_obj_get(args, "notes"), fault);
}

static const struct command COMMANDS[] = {
    {.op = "key.rotate", .local = true, .run = key_rotate},
    {.op = "key.link", .local = true, .run = key_link},
    {.op = "key.compromised", .local = true, .run = key_compromised},
    {.op = "peer.compromised", .local = true, .run = peer_compromised},
    {.op = "peer.keys", .link = true, .run = peer_keys},
    {.op = "peer.keys.file", .local = true, .run = peer_keys_file},
    {0},
};

const struct command_part ADMIN_KEYS = {
    .name = "keys",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
