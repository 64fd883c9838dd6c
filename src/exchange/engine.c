/* SPDX-License-Identifier: Apache-2.0 */
/* One conversation a session: asks sync/side.h what to do next and does it. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "exchange/exchange.h"
#include "exchange/lane.h"
#include "exchange/make.h"
#include "sync/position.h"
#include "sync/side.h"
#include "sys/files.h"
#include "view/egress.h"

enum { CALL_MEMORY = 4 << 20, NAME_BYTES = 256 };

static const usec RETRY = 20 * USEC_PER_SEC;
/* Who asks for our head more often than that waits for the next time it asks. */
static const usec HEAD_EVERY = USEC_PER_SEC;

struct exchange {
	struct exchange_options options;
	struct store *store;
	struct egress *egress;
	char ledger[FILE_PATH_MAX + 1];
};

struct talk {
	struct exchange *x;
	struct link_session *session; /* NULL: down; waits for its calls only */
	char name[NAME_BYTES], identity[NAME_BYTES], by[NAME_BYTES];
	struct sync_side *side; /* NULL: this peer is not talked to */
	char why[SYNC_TEXT_MAX + 1];
	struct egress_feed feed;
	bool has_feed;
	struct making making;
	struct urgent urgent;
	struct buf head; /* of the range that is being made, as soon as it is signed */
	bool head_ready;
	usec head_at;            /* when our head was last asked for */
	struct sync_status told; /* what was last reported */
	struct buf body;         /* a message that the wire had no room for, or is being made */
	struct buf packed;
	uint16_t waiting; /* its type; 0: none */
	struct loop_timer *timer;
	struct arena *arena; /* for one call */
	size_t calls;        /* under way */
	uint64_t throttled;  /* ranges of its that waited for others, over its quota */
	bool waited;         /* the newest did */
};

static void pump(struct talk *t);

enum err exchange_new(
    struct exchange **out, const struct exchange_options *options, struct fault *fault)
{
	struct exchange *x = mem_alloc(sizeof(*x));
	struct arena *arena = arena_new(4 * FILE_PATH_MAX);
	struct store_options store = {.env = options->env};
	enum err rc;

	x->options = *options;
	(void)snprintf(x->ledger, sizeof(x->ledger), "%.*s/ledger", STR_ARG(options->dir));
	store.dir = str_c(x->ledger);
	rc = store_open(&x->store, &store, fault);
	if (rc == OK)
		rc = egress_open(&x->egress, file_join(arena, options->dir, "views"), fault);
	arena_free(arena);
	if (rc != OK) {
		exchange_free(x);
		return rc;
	}
	*out = x;
	return OK;
}

void exchange_free(struct exchange *x)
{
	if (!x)
		return;
	egress_close(x->egress);
	if (x->store)
		store_close(x->store);
	mem_free(x);
}

static usec now_of(const struct talk *t)
{
	return env_now(t->x->options.env);
}

static void talk_free(struct talk *t)
{
	sync_side_free(t->side);
	making_free(&t->making);
	urgent_free(&t->urgent);
	buf_free(&t->body);
	buf_free(&t->packed);
	buf_free(&t->head);
	loop_timer_free(t->timer);
	arena_free(t->arena);
	mem_free(t);
}

/* An answer came: false when nobody waits for it any more, and then t is gone. */
static bool call_done(struct talk *t)
{
	t->calls--;
	if (t->session && t->side)
		return true;
	if (!t->session && t->calls == 0)
		talk_free(t);
	return false;
}

static enum err call(struct talk *t, const char *op, struct str args, int fd, rpc_done done)
{
	const struct rpc *rpc = &t->x->options.rpc;
	const struct rpc_call c = {.op = str_c(op), .by = str_c(t->by), .args = args, .fd = fd};
	enum err rc;

	t->calls++;
	rc = rpc->call(rpc->ctx, &c, done, t);
	if (rc != OK)
		t->calls--;
	return rc;
}

/* A reply as JSON in the talk's arena; NULL for what is none. */
static yyjson_val *read_reply(struct talk *t, enum err status, struct str reply)
{
	yyjson_val *root;

	arena_reset(t->arena);
	if (status != OK || json_parse(&root, t->arena, reply, &JSON_LIMITS_OBJECT, NULL) != OK)
		return NULL;
	return root;
}

/* {"key": number} or {"key": "text"} */
static struct str args_of(struct talk *t, const char *key, struct str text, uint64_t number)
{
	struct json_writer w;
	struct buf b;
	struct str out;

	buf_init(&b, CALL_MEMORY / 4);
	w = json_writer(&b);
	json_object(&w, NULL);
	if (text.p)
		json_put_str(&w, key, text);
	else
		json_put_int(&w, key, (int64_t)number);
	json_end_object(&w);
	arena_reset(t->arena);
	out = arena_str(t->arena, buf_str(&b));
	buf_free(&b);
	return out;
}

/* Sends what is in t->body, or keeps it until the wire has room. */
static void send_body(struct talk *t, enum sync_type type)
{
	uint16_t wire = (uint16_t)(LINK_ENGINE_TYPES + (unsigned)type);

	t->waiting = link_session_send(t->session, wire, buf_str(&t->body)) == ERR_BUSY ? wire : 0;
}

static void say(struct talk *t, const struct sync_message *m)
{
	buf_reset(&t->body);
	sync_message_put(&t->body, m);
	send_body(t, m->type);
}

static void send_range(struct talk *t, struct str head)
{
	struct sync_message m;

	if (making_pack(&m, &t->making, head, &t->packed) == OK)
		say(t, &m);
}

static void on_range_head(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;
	struct str head;

	if (!call_done(t))
		return;
	head = json_get_str(read_reply(t, status, reply), "head");
	buf_reset(&t->head);
	buf_put(&t->head, head);
	t->head_ready = true;
	pump(t);
}

/* The range is whole now. */
static void finish_range(struct talk *t)
{
	t->head_ready = false;
	if (sync_made(t->side, t->head.n > 0 ? t->making.maker.count : 0, now_of(t)))
		send_range(t, buf_str(&t->head));
}

/* What is urgent waits for the message that is on its way: for a second of a slow link. */
static size_t range_bytes(uint32_t kbit)
{
	enum { LEAST = 16 << 10, BYTES_OF_KBIT = 125 };
	size_t second = (size_t)kbit * BYTES_OF_KBIT;

	if (kbit == 0 || second > SYNC_RANGE_BYTES)
		return SYNC_RANGE_BYTES;
	return second < LEAST ? LEAST : second;
}

static void set_sources(struct talk *t, struct making *m)
{
	m->store = t->x->store;
	m->egress = t->x->egress;
	m->feed = t->feed.number;
	m->identity = t->x->options.identity;
}

static void make(struct talk *t, uint64_t from)
{
	struct fault fault = {.code = OK};
	enum err rc;

	set_sources(t, &t->making);
	rc = making_fill(&t->making, from, now_of(t), t->arena, &fault);
	if (rc == OK && t->making.maker.count > 0)
		rc = call(t, "sync.head",
		    args_of(t, "size", STR_NONE, from + t->making.maker.count), -1, on_range_head);
	else if (rc == OK)
		rc = ERR_NOT_FOUND;
	if (rc == OK)
		return;
	if (fault.code != OK)
		log_event(t->x->options.log, LOG_ERROR, "exchange.range",
		    LOG_KV({"peer", str_c(t->name)}, {"text", str_c(fault.text)}));
	(void)sync_made(t->side, 0, now_of(t));
}

static void on_head(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;
	struct str head;

	if (!call_done(t))
		return;
	head = json_get_str(read_reply(t, status, reply), "head");
	/* One that cannot be had now is asked for again by who misses it. */
	if (head.n > 0 && !t->waiting)
		say(t, &(struct sync_message){.type = SYNC_HEAD, .text = head});
	pump(t);
}

static void ask_head(struct talk *t, uint64_t size)
{
	usec now = now_of(t);

	if (t->head_at && now - t->head_at < HEAD_EVERY && now >= t->head_at)
		return;
	t->head_at = now;
	(void)!call(t, "sync.head", args_of(t, "size", STR_NONE, size), -1, on_head);
}

static bool root_in(struct str base64, struct arena *arena, struct sha256 *out)
{
	struct str bytes;

	if (base64_decode(&bytes, arena, base64) != OK || bytes.n != SHA256_LEN)
		return false;
	memcpy(out->b, bytes.p, SHA256_LEN);
	return true;
}

/* Why nothing was taken; false: something was. */
static bool read_refusal(yyjson_val *root, struct sync_took *out)
{
	if (!yyjson_obj_get(root, "error"))
		return false;
	out->status = (enum err)yyjson_get_int(yyjson_obj_get(root, "error"));
	out->reason = (enum sync_reason)yyjson_get_int(yyjson_obj_get(root, "reason"));
	out->text = json_get_str(root, "text");
	return true;
}

static void on_taken(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;
	struct sync_took took = {.status = ERR_BUSY};
	yyjson_val *root;

	if (!call_done(t))
		return;
	root = read_reply(t, status, reply);
	if (read_refusal(root, &took)) {
		log_event(t->x->options.log, LOG_WARNING, "exchange.refused",
		    LOG_KV({"peer", str_c(t->name)}, {"text", took.text}));
	} else if (root_in(json_get_str(root, "root"), t->arena, &took.root)) {
		t->waited = yyjson_get_bool(yyjson_obj_get(root, "waited"));
		t->throttled += t->waited;
		took.status = OK;
		took.size = yyjson_get_uint(yyjson_obj_get(root, "size"));
		took.receipt = json_get_str(root, "receipt");
	}
	sync_took(t->side, &took, now_of(t));
	pump(t);
}

/* It goes to core unread, as a memory file. */
static enum err hand_in(struct talk *t, const struct sync_message *m, const char *op, rpc_done done)
{
	int fd = memfd_create("range", MFD_CLOEXEC);
	struct buf body;
	enum err rc = ERR_IO;

	buf_init(&body, SYNC_BODY_MAX);
	sync_message_put(&body, m);
	if (fd >= 0 && body.failed == OK && write(fd, body.p, body.n) == (ssize_t)body.n)
		rc = call(t, op, args_of(t, "from", STR_NONE, m->from), fd, done);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&body);
	return rc;
}

static void take(struct talk *t, const struct sync_message *m)
{
	if (hand_in(t, m, "sync.take", on_taken) != OK)
		sync_took(t->side, &(struct sync_took){.status = ERR_BUSY}, now_of(t));
}

static void on_ahead(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;
	struct sync_took took = {.status = ERR_BUSY};
	yyjson_val *root;

	if (!call_done(t))
		return;
	root = read_reply(t, status, reply);
	if (root && !read_refusal(root, &took))
		took.status = OK;
	sync_urged(t->side, &took);
	pump(t);
}

/* The wire takes it whatever else waits. */
static void send_ahead(struct talk *t, uint64_t entry)
{
	set_sources(t, &t->urgent.making);
	if (urgent_make(&t->urgent, entry, now_of(t), t->arena, NULL) != OK ||
	    link_session_send_ahead(
	        t->session, LINK_ENGINE_TYPES + SYNC_URGENT, buf_str(&t->urgent.body)) != OK)
		sync_unurged(t->side);
}

static void look(struct talk *t, uint64_t from)
{
	uint64_t found[SYNC_URGENT_FOUND], upto;
	size_t count;

	set_sources(t, &t->urgent.making);
	count = urgent_look(&t->urgent, from, t->feed.size, found, &upto);
	sync_looked(t->side, found, count, upto);
}

static void on_kept(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;

	if (!call_done(t))
		return;
	if (status != OK)
		log_event(t->x->options.log, LOG_WARNING, "exchange.receipt",
		    LOG_KV({"peer", str_c(t->name)}, {"text", reply}));
	pump(t);
}

static void on_receipt(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;
	yyjson_val *root;

	if (!call_done(t))
		return;
	root = read_reply(t, status, reply);
	sync_signed(t->side, yyjson_get_uint(yyjson_obj_get(root, "size")),
	    root ? json_get_str(root, "receipt") : S(""));
	pump(t);
}

static void on_judged(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;
	yyjson_val *root;

	if (!call_done(t))
		return;
	root = read_reply(t, status, reply);
	sync_judged(t->side, (enum sync_reason)yyjson_get_int(yyjson_obj_get(root, "reason")),
	    json_get_str(root, "text"), now_of(t));
	pump(t);
}

static void do_command(struct talk *t, const struct sync_command *c)
{
	const struct sync_message *m = &c->message;

	switch (c->what) {
	case SYNC_DO_SEND:
		say(t, m);
		break;
	case SYNC_DO_MAKE:
		make(t, c->from);
		break;
	case SYNC_DO_HEAD:
		ask_head(t, c->from);
		break;
	case SYNC_DO_TAKE:
		take(t, m);
		break;
	case SYNC_DO_KEEP:
		(void)!call(t, "sync.keep", args_of(t, "receipt", m->text, 0), -1, on_kept);
		break;
	case SYNC_DO_SIGN:
		if (call(t, "sync.receipt", S("{}"), -1, on_receipt) != OK)
			sync_signed(t->side, 0, S(""));
		break;
	case SYNC_DO_JUDGE:
		if (call(t, "sync.judge", args_of(t, "head", m->text, 0), -1, on_judged) != OK)
			sync_judged(t->side, SYNC_REASON_NONE, S(""), now_of(t));
		break;
	case SYNC_DO_LOOK:
		look(t, c->from);
		break;
	case SYNC_DO_URGE:
		send_ahead(t, c->from);
		break;
	case SYNC_DO_AHEAD:
		if (hand_in(t, m, "sync.ahead", on_ahead) != OK)
			sync_urged(t->side, &(struct sync_took){.status = ERR_BUSY});
		break;
	}
}

/* People see how far it is. */
static void report(struct talk *t)
{
	struct sync_status s;

	sync_status(t->side, &s);
	if (s.feed == t->told.feed && s.acknowledged == t->told.acknowledged &&
	    s.held == t->told.held && s.stopped == t->told.stopped &&
	    memcmp(&s.urgent, &t->told.urgent, sizeof(s.urgent)) == 0)
		return;
	if (s.stopped && !t->told.stopped)
		log_event(t->x->options.log, LOG_WARNING, "exchange.stopped",
		    LOG_KV({"peer", str_c(t->name)}, {"by", s.by_them ? S("it") : S("us")},
		        {"reason", str_c(sync_reason_name(s.reason))}, {"text", str_c(s.text)}));
	t->told = s;
	link_session_changed(t->session);
}

static void pump(struct talk *t)
{
	struct sync_command c;
	usec at;

	while (sync_next_urgent(t->side, now_of(t), &c))
		do_command(t, &c);
	if (t->head_ready && !t->waiting)
		finish_range(t);
	while (!t->waiting && sync_next(t->side, now_of(t), &c))
		do_command(t, &c);
	report(t);
	at = sync_deadline(t->side);
	if (at)
		loop_timer_set(t->timer, at > now_of(t) ? at - now_of(t) : 0);
}

static void on_timer(void *ctx)
{
	struct talk *t = ctx;

	if (!t->session || !t->side)
		return;
	sync_tick(t->side, now_of(t));
	pump(t);
}

/* The ledger's index may have been made anew. */
static void renew(struct exchange *x)
{
	struct store_options options = {.dir = str_c(x->ledger), .env = x->options.env};
	struct store *s;

	if (store_stale(x->store) && store_open(&s, &options, NULL) == OK) {
		store_close(x->store);
		x->store = s;
	}
}

/* How long our feed is, and whether that is all. */
static bool look_at_feed(struct talk *t)
{
	struct exchange *x = t->x;
	uint64_t size = store_size(x->store);
	bool settled = egress_cursor(x->egress) >= size;

	if (egress_feed(x->egress, str_c(t->identity), &t->feed, NULL) == OK)
		t->has_feed = true;
	else if (!t->has_feed)
		t->feed = (struct egress_feed){0};
	return settled;
}

static bool feed_root(void *ctx, uint64_t size, struct sha256 *out)
{
	struct talk *t = ctx;

	if (size == 0) {
		*out = sha256(STR_NONE);
		return true;
	}
	return size <= t->feed.size &&
	       egress_root(t->x->egress, t->feed.number, size, out, NULL) == OK;
}

/* A decision about this peer that names its identity, or NULL. */
static yyjson_val *decision_about(struct talk *t, const char *kind)
{
	const struct store *s = t->x->store;
	struct str path = arena_printf(t->arena, "%s/%s", kind, t->name);
	uint64_t seq = store_find(s, path);
	yyjson_val *root;

	if (seq == STORE_NONE ||
	    json_parse(&root, t->arena, store_content(s, seq), &JSON_LIMITS_OBJECT, NULL) != OK ||
	    !str_eq(json_get_str(root, "identity"), str_c(t->identity)))
		return NULL;
	return root;
}

static void begin(struct talk *t)
{
	struct sync_options options = {
	    .identity = t->x->options.identity, .root = feed_root, .ctx = t, .retry = RETRY};
	struct evidence evidence;
	struct position held;
	yyjson_val *found;

	arena_reset(t->arena);
	if (evidence_read(
	        &evidence, t->x->store, str_c(t->name), str_c(t->identity), t->arena, NULL) == OK &&
	    evidence.stands && evidence.reason == SYNC_REASON_EQUIVOCATES) {
		(void)snprintf(t->why, sizeof(t->why), "it told two stories: %.*s",
		    STR_ARG(str_slice(evidence.why, 0, SYNC_TEXT_MAX / 2)));
		/* A node that was restored from a backup learns of it from us alone. */
		say(t, &(struct sync_message){.type = SYNC_STOP,
		           .reason = SYNC_REASON_EQUIVOCATES,
		           .text = str_c(t->why)});
		return;
	}
	if (position_read(&held, t->x->store, str_c(t->name), str_c(t->identity), t->arena, NULL) !=
	    OK) {
		(void)snprintf(t->why, sizeof(t->why), "how far it was taken cannot be read");
		return;
	}
	options.settled = look_at_feed(t);
	options.feed = t->feed.size;
	options.held = sync_edge_size(&held.edge);
	options.held_root = sync_edge_root(&held.edge);
	found = decision_about(t, "receipt");
	options.kept = yyjson_get_uint(yyjson_obj_get(found, "size"));
	t->side = sync_side_new(&options);
	pump(t);
}

static void *up(void *ctx, struct link_session *session, const struct link_peer *peer)
{
	struct talk *t = mem_alloc(sizeof(*t));

	t->x = ctx;
	t->session = session;
	(void)snprintf(t->name, sizeof(t->name), "%.*s", STR_ARG(peer->name));
	(void)snprintf(t->identity, sizeof(t->identity), "%.*s", STR_ARG(peer->identity));
	(void)snprintf(t->by, sizeof(t->by), "peer:%.*s", STR_ARG(peer->name));
	t->arena = arena_new(CALL_MEMORY);
	making_init(&t->making);
	t->making.maker.limit = range_bytes(t->x->options.pace);
	urgent_init(&t->urgent);
	buf_init(&t->body, SYNC_BODY_MAX);
	buf_init(&t->packed, SYNC_BODY_MAX);
	buf_init(&t->head, SYNC_NOTE_MAX);
	t->timer = loop_timer_new(t->x->options.loop, on_timer, t);
	renew(t->x);
	begin(t);
	return t;
}

static enum err message(void *state, uint16_t type, struct str body, struct fault *fault)
{
	struct talk *t = state;

	if (!t->side)
		return OK;
	if (type <= LINK_ENGINE_TYPES)
		return fail(fault, ERR_PARSE, "a message of unknown type %u", type);
	sync_heard(t->side, (unsigned)type - LINK_ENGINE_TYPES, body, now_of(t));
	pump(t);
	return OK;
}

static void drained(void *state)
{
	struct talk *t = state;

	if (!t->side)
		return;
	if (t->waiting)
		send_body(t, (enum sync_type)(t->waiting - LINK_ENGINE_TYPES));
	pump(t);
}

static void down(void *state)
{
	struct talk *t = state;

	t->session = NULL;
	loop_timer_clear(t->timer);
	if (t->calls == 0)
		talk_free(t);
}

static void committed(void *state, uint64_t size, uint64_t views)
{
	struct talk *t = state;
	bool settled;

	(void)size;
	(void)views;
	if (!t->side)
		return;
	renew(t->x);
	settled = look_at_feed(t);
	sync_grown(t->side, t->feed.size, settled);
	pump(t);
}

static void put_status(void *state, struct json_writer *w)
{
	const struct talk *t = state;
	struct sync_status s;

	if (!t->side) {
		json_put_str(w, "sync_stopped", str_c(t->why));
		return;
	}
	sync_status(t->side, &s);
	json_put_int(w, "behind_by", (int64_t)(s.feed - s.acknowledged));
	json_put_int(w, "given", (int64_t)s.feed);
	json_put_int(w, "taken", (int64_t)s.held);
	json_put_bool(w, "is_throttled", t->waited && s.waiting > 0);
	json_put_int(w, "throttled", (int64_t)t->throttled);
	json_put_int(w, "urgent_sent", (int64_t)s.urgent.sent);
	json_put_int(w, "urgent_left", (int64_t)s.urgent.left);
	json_put_int(w, "urgent_taken", (int64_t)s.urgent.taken);
	json_put_int(w, "urgent_passed", (int64_t)s.urgent.passed);
	if (s.same)
		json_put_time(w, "last_proof", s.same);
	if (s.stopped)
		json_put_str(w, s.by_them ? "sync_stopped_there" : "sync_stopped", str_c(s.text));
}

struct link_engine exchange_engine(struct exchange *x)
{
	return (struct link_engine){.ctx = x,
	    .up = up,
	    .message = message,
	    .drained = drained,
	    .down = down,
	    .committed = committed,
	    .status = put_status};
}
