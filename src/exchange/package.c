/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a package: waits until what was taken in before is signed and listed, fills ranges into a
 * body of constant size, and has the header signed. What was written to whom is the decision
 * "package-out/NAME". */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "crypt/random.h"
#include "exchange/make.h"
#include "exchange/part.h"
#include "sync/package.h"

enum {
	ARGS_MEMORY = 1 << 20,
	FILL_MEMORY = 4 << 20,
	REPLY_MAX = 16 << 10,
	END_BYTES = 4,         /* of a body's last length */
	ROOM_LEAST = 64 << 10, /* less than that is not filled up */
	LIMIT_LEAST = 1 << 10,
};

static const usec LOOK_AGAIN = USEC_PER_SEC / 50;
static const usec PATIENCE = 60 * USEC_PER_SEC;

struct package_writer {
	struct part *part;
	struct loop_timer *timer;
	struct arena *args, *fill;
	struct making making;
	uint64_t sealed; /* no own record before this one lacks a seal */
	/* Of the package that is being written. */
	struct command_ticket *ticket; /* NULL: none is */
	struct str peer, identity;
	int fd;
	struct sync_package head;
	struct buf body, message, packed, text;
	uint64_t upto, views; /* records that are waited for: signed, listed */
	usec since;
	bool ready; /* they are */
	uint64_t feed_end;
	uint32_t ranges;
	bool full;
	bool asking; /* the signer: it will answer */
	bool gone;   /* and nobody waits for that */
};

static void step(void *writer);

struct package_writer *package_writer_new(struct part *p)
{
	struct package_writer *w = mem_alloc(sizeof(*w));

	w->part = p;
	w->fd = -1;
	w->args = arena_new(ARGS_MEMORY);
	w->fill = arena_new(FILL_MEMORY);
	w->timer = loop_timer_new(p->ctx->loop, step, w);
	making_init(&w->making);
	w->making.tells_keys = true;
	buf_init(&w->body, SYNC_PACKAGE_MOST);
	buf_init(&w->message, SYNC_BODY_MAX);
	buf_init(&w->packed, SYNC_BODY_MAX);
	buf_init(&w->text, SYNC_PACKAGE_TEXT_MAX);
	return w;
}

static void let_go(struct package_writer *w)
{
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = -1;
	w->ticket = NULL;
	buf_free(&w->body);
	buf_free(&w->message);
	buf_free(&w->packed);
	buf_reset(&w->text);
}

void package_writer_free(struct package_writer *w)
{
	if (!w)
		return;
	let_go(w);
	loop_timer_free(w->timer);
	making_free(&w->making);
	buf_free(&w->text);
	arena_free(w->args);
	arena_free(w->fill);
	w->gone = true;
	if (!w->asking)
		mem_free(w);
}

/* The signer has answered: false when nobody waits for it any more, and then w is gone. */
static bool asked(struct package_writer *w)
{
	w->asking = false;
	if (w->gone)
		mem_free(w);
	else
		return true;
	return false;
}

static void answer(struct package_writer *w, enum err status, struct str reply)
{
	struct command_ticket *ticket = w->ticket;

	command_answer(ticket, status, reply);
	let_go(w);
}

static uint64_t number_of(yyjson_val *object, const char *key)
{
	return yyjson_get_uint(yyjson_obj_get(object, key));
}

/* A decision about the peer as it is now, at or before `seq`; NULL when there is none. */
static yyjson_val *decision_at(struct package_writer *w, uint64_t seq, struct arena *arena)
{
	yyjson_val *root;

	if (seq == STORE_NONE ||
	    json_parse(&root, arena, store_content(w->part->ctx->store, seq), &JSON_LIMITS_OBJECT,
	        NULL) != OK ||
	    !str_eq(json_get_str(root, "identity"), w->identity))
		return NULL;
	return root;
}

static uint64_t newest(struct package_writer *w, const char *kind)
{
	struct str path = arena_printf(w->args, "%s/%.*s", kind, STR_ARG(w->peer));

	return path.p ? store_find(w->part->ctx->store, path) : STORE_NONE;
}

/* Where package `serial` began. */
static enum err begin_of(
    struct package_writer *w, uint64_t seq, uint64_t serial, struct fault *fault)
{
	for (; seq != STORE_NONE; seq = store_older(w->part->ctx->store, seq)) {
		yyjson_val *out;

		arena_reset(w->fill);
		out = decision_at(w, seq, w->fill);
		if (!out || number_of(out, "serial") != serial)
			continue;
		w->head.begin = number_of(out, "begin");
		return OK;
	}
	return fail(fault, ERR_NOT_FOUND, "again: no package %" PRIu64 " was written to %.*s",
	    serial, STR_ARG(w->peer));
}

/* What follows the last package, and what the peer is known to hold. */
static enum err continue_last(struct package_writer *w, yyjson_val *again, struct fault *fault)
{
	uint64_t last = newest(w, "package-out");
	yyjson_val *out = decision_at(w, last, w->args);
	yyjson_val *receipt = decision_at(w, newest(w, "receipt"), w->args);
	struct str name;

	w->head.serial = number_of(out, "serial") + 1;
	w->head.begin = number_of(out, "end");
	if (number_of(receipt, "size") > w->head.begin)
		w->head.begin = number_of(receipt, "size");
	if (out) {
		TRY(base64_decode(&name, w->args, json_get_str(out, "name")));
		if (name.n == SHA256_LEN)
			memcpy(w->head.previous.b, name.p, SHA256_LEN);
	}
	return again ? begin_of(w, last, yyjson_get_uint(again), fault) : OK;
}

static enum err begin(struct package_writer *w, const struct rpc_call *call, struct fault *fault)
{
	const struct command_ctx *ctx = w->part->ctx;
	struct known_peer peer;
	yyjson_val *args;

	arena_reset(w->args);
	TRY(json_parse(&args, w->args, call->args, &JSON_LIMITS_OBJECT, fault));
	TRY(known_recipient(&peer, ctx->store, json_get_str(args, "name"), w->args, fault));
	if (!peer.active)
		return fail(fault, ERR_DENIED,
		    "%.*s is not active: `tocsin peer confirm` makes it so", STR_ARG(peer.name));
	w->peer = peer.name;
	w->identity = peer.identity;
	w->head = (struct sync_package){
	    .from = ctx->identity, .to = w->identity, .size = number_of(args, "size")};
	if (w->head.size < SYNC_PACKAGE_LEAST || w->head.size > SYNC_PACKAGE_MOST ||
	    w->head.size % SYNC_PACKAGE_LEAST != 0)
		return fail(
		    fault, ERR_INVALID, "size: whole MiB, 1 to %d", SYNC_PACKAGE_MOST >> 20);
	TRY(continue_last(w, yyjson_obj_get(args, "again"), fault));
	w->fd = call->fd < 0 ? -1 : fcntl(call->fd, F_DUPFD_CLOEXEC, 3);
	return w->fd < 0 ? fail(fault, ERR_IO, "a package is written into a file") : OK;
}

enum err package_write(struct package_writer *w, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault)
{
	enum err rc;

	if (w->ticket)
		return fail(fault, ERR_BUSY, "another package is being written; try again");
	rc = begin(w, call, fault);
	if (rc != OK) {
		let_go(w);
		return rc;
	}
	w->ticket = reply->ticket;
	reply->later = true;
	w->upto = store_size_pending(w->part->ctx->store);
	w->views = 0;
	w->since = env_now(w->part->ctx->env);
	w->ready = w->full = false;
	w->ranges = 0;
	w->making.maker.limit = SYNC_RANGE_BYTES;
	loop_timer_set(w->timer, 0);
	return OK;
}

/* Whether everything before `upto` that is this node's own is signed, and the feed lists it. */
static bool is_settled(struct package_writer *w)
{
	const struct store *s = w->part->ctx->store;
	struct seal_extent extent;

	if (w->views == 0) {
		if (seal_extent(&extent, s, NULL) == OK && extent.next > w->sealed)
			w->sealed = extent.next;
		while (w->sealed < w->upto && !seal_is_own(s, w->sealed))
			w->sealed++;
		if (w->sealed < w->upto)
			return false;
		w->views = store_size_pending(s);
	}
	return egress_cursor(w->part->egress) >= w->views;
}

static void wait_until_settled(struct package_writer *w)
{
	struct egress_feed feed;

	if (!is_settled(w)) {
		if (env_now(w->part->ctx->env) - w->since > PATIENCE)
			answer(w, ERR_BUSY,
			    S("this node is still signing what it took in; try again"));
		else
			loop_timer_set(w->timer, LOOK_AGAIN);
		return;
	}
	if (egress_feed(w->part->egress, w->identity, &feed, NULL) != OK) {
		answer(w, ERR_BUSY, S("there is no feed for this peer yet; try again"));
		return;
	}
	w->ready = true;
	w->making.store = w->part->ctx->store;
	w->making.egress = w->part->egress;
	w->making.feed = feed.number;
	w->making.identity = w->part->ctx->identity;
	w->feed_end = feed.size;
	w->head.end = w->head.begin = w->head.begin < feed.size ? w->head.begin : feed.size;
	loop_timer_set(w->timer, 0);
}

static size_t capacity(const struct package_writer *w)
{
	return (size_t)w->head.size - SYNC_PACKAGE_HEAD - END_BYTES;
}

static enum err decide(struct package_writer *w, struct fault *fault)
{
	struct sha256 name = sync_package_name(buf_str(&w->text));
	struct json_writer j;
	struct str path;
	struct buf b, text;
	enum err rc;

	buf_init(&b, REPLY_MAX);
	buf_init(&text, 64);
	base64_put(&text, (struct str){(const char *)name.b, SHA256_LEN});
	j = json_writer(&b);
	json_object(&j, NULL);
	json_put_str(&j, "identity", w->identity);
	json_put_int(&j, "serial", (int64_t)w->head.serial);
	json_put_int(&j, "begin", (int64_t)w->head.begin);
	json_put_int(&j, "end", (int64_t)w->head.end);
	json_put_str(&j, "name", buf_str(&text));
	json_put_time(&j, "made", w->head.made);
	json_end_object(&j);
	path = arena_printf(w->args, "package-out/%.*s", STR_ARG(w->peer));
	rc = b.failed == OK && path.p ? part_decide(w->part, path, buf_str(&b), fault)
	                              : fail(fault, ERR_NOMEM, "no memory for a decision");
	if (rc == ERR_FULL)
		w->part->ctx->full(w->part->ctx->core);
	buf_free(&b);
	buf_free(&text);
	return rc;
}

static enum err write_all(int fd, struct str bytes, struct fault *fault)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n <= 0)
			return fail(fault, ERR_IO, "the package cannot be written");
		bytes = str_from(bytes, (size_t)n);
	}
	return OK;
}

static enum err write_file(struct package_writer *w, struct str note, struct fault *fault)
{
	static const char ZEROS[1024];
	size_t left;

	if (note.n > SYNC_PACKAGE_HEAD)
		return fail(fault, ERR_LIMIT, "the header is too long");
	TRY(write_all(w->fd, note, fault));
	for (left = SYNC_PACKAGE_HEAD - note.n; left > sizeof(ZEROS); left -= sizeof(ZEROS))
		TRY(write_all(w->fd, (struct str){ZEROS, sizeof(ZEROS)}, fault));
	TRY(write_all(w->fd, (struct str){ZEROS, left}, fault));
	return write_all(w->fd, buf_str(&w->body), fault);
}

static void on_signed(void *ctx, enum err status, struct str reply)
{
	struct package_writer *w = ctx;
	struct fault fault = {.code = OK};
	struct json_writer j;
	struct buf b;

	if (!asked(w))
		return;
	if (status != OK) {
		answer(w, status, reply);
		return;
	}
	status = write_file(w, reply, &fault);
	if (status == OK)
		status = decide(w, &fault);
	buf_init(&b, REPLY_MAX);
	j = json_writer(&b);
	json_object(&j, NULL);
	json_put_str(&j, "name", w->peer);
	json_put_int(&j, "serial", (int64_t)w->head.serial);
	json_put_time(&j, "made", w->head.made);
	json_put_int(&j, "begin", (int64_t)w->head.begin);
	json_put_int(&j, "end", (int64_t)w->head.end);
	json_put_int(&j, "size", (int64_t)w->head.size);
	json_put_bool(&j, "more", w->head.end < w->feed_end);
	json_end_object(&j);
	answer(w, status, status == OK ? buf_str(&b) : str_c(fault.text));
	buf_free(&b);
}

/* What fills it up looks like what is packed: random. */
static enum err close_body(struct package_writer *w, struct fault *fault)
{
	size_t n;
	void *room;

	sync_package_put_end(&w->body);
	n = (size_t)w->head.size - SYNC_PACKAGE_HEAD - w->body.n;
	room = buf_grow(&w->body, n);
	if (!room)
		return fail(fault, ERR_NOMEM, "no memory for a package");
	random_secret(room, n);
	w->head.made = env_now(w->part->ctx->env);
	w->head.body = sha256(buf_str(&w->body));
	return OK;
}

static enum err finish(struct package_writer *w, struct fault *fault)
{
	const struct rpc *signer = &w->part->ctx->signer;
	struct json_writer j;
	struct buf args;
	enum err rc;

	TRY(close_body(w, fault));
	sync_package_put(&w->head, &w->text);
	buf_init(&args, REPLY_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "text", buf_str(&w->text));
	json_end_object(&j);
	rc = w->text.failed != OK ? w->text.failed : args.failed;
	w->asking = rc == OK;
	if (rc == OK)
		rc = signer->call(signer->ctx,
		    &(struct rpc_call){.op = S("sign-package"), .args = buf_str(&args), .fd = -1},
		    on_signed, w);
	buf_free(&args);
	if (rc == OK)
		return OK;
	w->asking = false;
	return fail(fault, rc, "the signer cannot be asked now; try again");
}

/* A range is whole: into the body, or it is left for the next package. */
static enum err put_range(struct package_writer *w, struct str head, struct fault *fault)
{
	struct sync_message m;

	buf_reset(&w->message);
	TRY(making_pack(&m, &w->making, head, &w->packed));
	sync_message_put(&w->message, &m);
	if (w->message.failed != OK)
		return fail(fault, ERR_NOMEM, "no memory for a range");
	if (w->body.n + 4 + w->message.n <= capacity(w)) {
		sync_package_put_range(&w->body, buf_str(&w->message));
		w->head.end += m.count;
		w->ranges++;
		return w->body.failed == OK ? OK : fail(fault, ERR_NOMEM, "no memory for a range");
	}
	if (w->ranges > 0) {
		w->full = true;
		return OK;
	}
	if (m.count == 1 || w->making.maker.limit < LIMIT_LEAST)
		return fail(fault, ERR_LIMIT,
		    "size: entry %" PRIu64 " alone needs a package of %zu MiB", w->head.end,
		    (w->message.n + SYNC_PACKAGE_HEAD + 8) / SYNC_PACKAGE_LEAST + 1);
	w->making.maker.limit /= 2;
	return OK;
}

static void on_head(void *ctx, enum err status, struct str reply)
{
	struct package_writer *w = ctx;
	struct fault fault = {.code = OK};

	if (!asked(w))
		return;
	if (status == OK) {
		status = put_range(w, reply, &fault);
		reply = str_c(fault.text);
	}
	if (status == OK)
		loop_timer_set(w->timer, 0);
	else
		answer(w, status, reply);
}

static enum err next_range(struct package_writer *w, struct fault *fault)
{
	struct making *m = &w->making;
	enum err rc;

	TRY(making_fill(m, w->head.end, env_now(w->part->ctx->env), w->fill, fault));
	if (m->maker.count == 0)
		return fail(fault, ERR_CORRUPT, "the feed is shorter than it was");
	w->asking = true;
	rc = head_sign(w->part, w->identity, w->head.end + m->maker.count, on_head, w, fault);
	if (rc != OK)
		w->asking = false;
	return rc;
}

static void step(void *writer)
{
	struct package_writer *w = writer;
	struct fault fault = {.code = OK};
	enum err rc;

	if (!w->ticket)
		return;
	if (!w->ready) {
		wait_until_settled(w);
		return;
	}
	if (w->full || w->head.end >= w->feed_end || w->ranges == SYNC_PACKAGE_RANGES_MAX ||
	    (w->ranges > 0 && capacity(w) - w->body.n < ROOM_LEAST))
		rc = finish(w, &fault);
	else
		rc = next_range(w, &fault);
	if (rc != OK)
		answer(w, rc, str_c(fault.text));
}
