/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/package/packages.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intake/messages.h"
#include "policy/label.h"
#include "sync/package.h"
#include "sync/peer.h"
#include "sync/position.h"

enum {
	JOB_MEMORY = 16 << 20,
	SCRATCH_MEMORY = 1 << 20,
	MESSAGE_MAX = 8 << 20,
	SMALL = 16 << 10,
};

/* What was read of a peer before: its newest decision. */
struct before {
	uint64_t record; /* STORE_NONE: nothing was read yet */
	uint64_t serial;
	struct sha256 name;
	struct str made; /* as they were written; empty: nothing was */
	struct str read;
	uint64_t missing_from, missing_to; /* 0: nothing is */
};

/* The package that is being read. */
struct job {
	struct command_ticket *ticket;
	struct arena *arena;
	uint64_t id;
	int fd;
	struct buf message; /* what intake is told */
	bool handed;        /* it was */
	struct known_peer peer;
	struct sync_package package;
	struct sha256 name;
	struct position start; /* of the peer's feed, when the package came */
	uint64_t held;         /* entries now */
	struct before before;
	struct sync_piece *pieces;
	uint32_t count, next;
};

struct packages {
	const struct command_ctx *ctx;
	struct state *state;
	struct ranges *ranges;
	struct chan *intake;
	struct job *job; /* one at a time */
	struct arena *scratch;
	uint64_t last_id;
};

struct packages *packages_new(
    const struct command_ctx *ctx, struct state *state, struct ranges *ranges)
{
	struct packages *x = mem_alloc(sizeof(*x));

	*x = (struct packages){
	    .ctx = ctx, .state = state, .ranges = ranges, .scratch = arena_new(SCRATCH_MEMORY)};
	return x;
}

static void job_free(struct job *j)
{
	if (j->fd >= 0)
		(void)close(j->fd);
	buf_free(&j->message);
	arena_free(j->arena);
	mem_free(j);
}

static void finish(struct packages *x, enum err status, struct str reply)
{
	struct job *j = x->job;

	x->job = NULL;
	command_answer(j->ticket, status, reply);
	job_free(j);
}

void packages_free(struct packages *x)
{
	if (!x)
		return;
	if (x->job)
		finish(x, ERR_CLOSED, S("the node is stopping"));
	arena_free(x->scratch);
	mem_free(x);
}

/* ---- intake looks at the file ---- */

struct listing {
	struct json_writer w;
	const struct store *store;
	struct arena *arena;
};

static void add_peer(void *ctx, struct str path)
{
	struct listing *l = ctx;
	struct known_peer p;

	if (known_peer(&p, l->store, str_from(path, sizeof("peer/") - 1), l->arena, NULL) != OK ||
	    !p.active)
		return;
	json_object(&l->w, NULL);
	json_put_str(&l->w, "name", p.name);
	json_put_str(&l->w, "identity", p.identity);
	json_put_str(&l->w, "keys", p.keys);
	json_put_int(&l->w, "until", p.until);
	json_list(&l->w, "former");
	for (size_t i = 0; i < p.former_count; i++) {
		if (p.former[i].foreign)
			continue;
		json_object(&l->w, NULL);
		json_put_str(&l->w, "keys", p.former[i].keys);
		json_put_int(&l->w, "until", p.former[i].until);
		json_end_object(&l->w);
	}
	json_end_list(&l->w);
	json_end_object(&l->w);
}

static enum err put_message(struct packages *x, struct job *j, struct fault *fault)
{
	const struct store *s = x->ctx->store;
	struct listing l = {.w = json_writer(&j->message), .store = s, .arena = j->arena};
	uint64_t from = state_cursor(x->state);
	enum err rc;

	json_object(&l.w, NULL);
	json_put_str(&l.w, "identity", x->ctx->identity);
	json_list(&l.w, "peers");
	rc = state_list(x->state, S("peer/"), add_peer, &l, fault);
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	/* What the view has not seen yet; whoever is named twice is the same. */
	for (uint64_t seq = from; seq < store_size(s); seq++)
		if (store_row(s, seq)->kind == RECORD_DECISION &&
		    str_starts(store_id(s, seq), S("peer/")))
			add_peer(&l, store_id(s, seq));
	json_end_list(&l.w);
	json_end_object(&l.w);
	return j->message.failed == OK ? OK : fail(fault, ERR_LIMIT, "too many peers");
}

static void hand_over(struct packages *x)
{
	struct job *j = x->job;
	struct chan_message m = {.type = INTAKE_PACKAGE,
	    .id = j->id,
	    .body = buf_str(&j->message),
	    .fds = &j->fd,
	    .fd_count = 1};

	if (x->intake && !j->handed)
		j->handed = chan_send_always(x->intake, &m) == OK;
}

enum err packages_read(struct packages *x, const struct rpc_call *call, struct command_reply *reply,
    struct fault *fault)
{
	struct job *j;
	enum err rc;

	if (x->job)
		return fail(fault, ERR_BUSY, "another package is being read; try again");
	j = mem_alloc(sizeof(*j));
	j->arena = arena_new(JOB_MEMORY);
	j->id = ++x->last_id;
	j->fd = call->fd < 0 ? -1 : fcntl(call->fd, F_DUPFD_CLOEXEC, 3);
	buf_init(&j->message, MESSAGE_MAX);
	rc = j->fd < 0 ? fail(fault, ERR_IO, "a package comes with a file")
	               : put_message(x, j, fault);
	if (rc != OK) {
		job_free(j);
		return rc;
	}
	j->ticket = reply->ticket;
	reply->later = true;
	x->job = j;
	hand_over(x);
	return OK;
}

void packages_attach(struct packages *x, struct chan *intake)
{
	x->intake = intake;
	if (!x->job)
		return;
	/* What had begun with its ranges is told by them. */
	if (!intake && x->job->handed && !x->job->pieces)
		finish(x, ERR_BUSY, S("the process that read the package ended"));
	else if (intake)
		hand_over(x);
}

/* ---- what was read before ---- */

static uint64_t number_of(yyjson_val *object, const char *key)
{
	return yyjson_get_uint(yyjson_obj_get(object, key));
}

static struct str text_of(yyjson_val *object, const char *key)
{
	struct str s = json_get_str(object, key);

	return s.p ? s : S("");
}

static void read_before(struct before *out, const struct packages *x, const struct job *j,
    uint64_t seq, struct arena *arena)
{
	yyjson_val *root;
	struct str name;

	*out = (struct before){.record = STORE_NONE, .made = S(""), .read = S("")};
	if (seq == STORE_NONE ||
	    json_parse(
	        &root, arena, store_content(x->ctx->store, seq), &JSON_LIMITS_OBJECT, NULL) != OK ||
	    !str_eq(json_get_str(root, "identity"), j->peer.identity))
		return;
	*out = (struct before){.record = seq,
	    .serial = number_of(root, "serial"),
	    .made = text_of(root, "made"),
	    .read = text_of(root, "read"),
	    .missing_from = number_of(root, "missing_from"),
	    .missing_to = number_of(root, "missing_to")};
	if (base64_decode(&name, arena, text_of(root, "name")) == OK && name.n == SHA256_LEN)
		memcpy(out->name.b, name.p, SHA256_LEN);
}

static struct str path_of(const struct job *j)
{
	return arena_printf(j->arena, "package-in/%.*s", STR_ARG(j->peer.name));
}

/* What is known after this: all of `b`, as the newest decision. */
static enum err decide(
    struct packages *x, const struct job *j, const struct before *b, struct fault *fault)
{
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	struct record r = {.kind = RECORD_DECISION, .version = env_now(x->ctx->env)};
	uint64_t newest, seq;
	struct json_writer w;
	struct buf json;
	enum err rc;

	buf_init(&json, SMALL);
	w = json_writer(&json);
	json_object(&w, NULL);
	json_put_str(&w, "identity", j->peer.identity);
	json_put_int(&w, "serial", (int64_t)b->serial);
	json_put_str(
	    &w, "name", base64_encode(j->arena, (struct str){(const char *)b->name.b, SHA256_LEN}));
	json_put_str(&w, "made", b->made);
	json_put_str(&w, "read", b->read);
	if (b->missing_from) {
		json_put_int(&w, "missing_from", (int64_t)b->missing_from);
		json_put_int(&w, "missing_to", (int64_t)b->missing_to);
	}
	json_end_object(&w);
	r.id = path_of(j);
	r.label = (struct str){label, label_encode(&red, label)};
	r.content = buf_str(&json);
	newest = store_find(x->ctx->store, r.id);
	if (newest != STORE_NONE && store_row(x->ctx->store, newest)->version >= r.version)
		r.version = store_row(x->ctx->store, newest)->version + 1;
	rc = json.failed == OK ? store_append(x->ctx->store, &r, 1, &seq, fault)
	                       : fail(fault, ERR_LIMIT, "a decision is too long");
	if (rc == ERR_FULL)
		x->ctx->full(x->ctx->core);
	buf_free(&json);
	return rc;
}

/* ---- what becomes of it ---- */

static struct str time_text(const struct job *j, usec t)
{
	char text[TIME_TEXT + 1];

	time_format(text, t);
	return arena_str(j->arena, str_c(text));
}

/* Ends the reading with an answer for programs and a sentence for people. */
static void answer(struct packages *x, const char *status, struct str text)
{
	const struct job *j = x->job;
	struct position now;
	struct json_writer w;
	struct buf b;

	if (position_read(&now, x->ctx->store, j->peer.name, j->peer.identity, j->arena, NULL) !=
	    OK)
		now = j->start;
	buf_init(&b, SMALL);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "peer", j->peer.name);
	json_put_int(&w, "serial", (int64_t)j->package.serial);
	json_put_time(&w, "made", j->package.made);
	json_put_str(&w, "status", str_c(status));
	json_put_int(&w, "taken", (int64_t)(now.taken - j->start.taken));
	json_put_int(&w, "duplicates", (int64_t)(now.duplicates - j->start.duplicates));
	json_put_int(&w, "withdrawn", (int64_t)(now.withdrawn - j->start.withdrawn));
	json_put_int(&w, "refused",
	    (int64_t)(now.refused - j->start.refused + now.unknown - j->start.unknown));
	json_put_str(&w, "text", text);
	json_end_object(&w);
	finish(x, b.failed, buf_str(&b));
	buf_free(&b);
}

static void refuse(struct packages *x, enum err code, const char *why)
{
	const struct job *j = x->job;
	struct fault fault;

	fault_set(&fault, code, "package %" PRIu64 " of %.*s %s", j->package.serial,
	    STR_ARG(j->peer.name), why);
	finish(x, code, str_c(fault.text));
}

/* One that was read, or that others came before. */
static void judge_old(struct packages *x)
{
	struct job *j = x->job;
	uint64_t seq = j->before.record;
	struct before b = j->before;

	while (seq != STORE_NONE && b.serial != j->package.serial) {
		seq = store_older(x->ctx->store, seq);
		arena_reset(x->scratch);
		read_before(&b, x, j, seq, x->scratch);
	}
	if (seq != STORE_NONE && !sha256_eq(&b.name, &j->name)) {
		refuse(x, ERR_CONFLICT,
		    "is another one than was read under this number: its node was set back, or "
		    "it tells two stories");
		return;
	}
	if (seq != STORE_NONE)
		answer(x, "known",
		    arena_printf(j->arena,
		        "package %" PRIu64 " of %.*s was read on %.*s; nothing new",
		        j->package.serial, STR_ARG(j->peer.name), STR_ARG(b.read)));
	else if (j->package.end <= j->held)
		answer(x, "known",
		    arena_printf(j->arena,
		        "package %" PRIu64 " of %.*s: what it holds is here already; nothing new",
		        j->package.serial, STR_ARG(j->peer.name)));
	else
		refuse(x, ERR_CONFLICT, "is older than one that was read");
}

static void report_gap(struct packages *x)
{
	struct job *j = x->job;
	struct before b = j->before;
	struct fault fault = {.code = OK};
	struct str text;

	b.missing_from = b.serial + 1;
	b.missing_to = j->package.serial - 1;
	/* A lower end is the nearer one; seen once is enough. */
	if (!(j->before.missing_from == b.missing_from && j->before.missing_to >= b.missing_to) &&
	    decide(x, j, &b, &fault) != OK) {
		finish(x, fault.code, str_c(fault.text));
		return;
	}
	text = arena_printf(j->arena,
	    "packages %" PRIu64 " to %" PRIu64 " of %.*s are missing; nothing after %" PRIu64
	    " is taken until they come, or one that begins at entry %" PRIu64
	    " or before (there: tocsin package write --again %" PRIu64 ")",
	    b.missing_from, b.missing_to, STR_ARG(j->peer.name), b.serial, j->held, b.missing_from);
	answer(x, "gap", text);
}

static void next_range(struct packages *x);

static void judge(struct packages *x)
{
	static const struct sha256 NONE;
	struct job *j = x->job;
	bool follows = j->package.serial == j->before.serial + 1;

	if (j->package.serial <= j->before.serial) {
		judge_old(x);
	} else if (follows &&
	           !sha256_eq(&j->package.previous, j->before.serial ? &j->before.name : &NONE)) {
		refuse(x, ERR_CONFLICT,
		    "does not follow the one that was read before it: its node was set back, or it "
		    "tells two stories");
	} else if (j->package.begin <= j->held) {
		next_range(x);
	} else if (!follows) {
		report_gap(x);
	} else {
		refuse(x, ERR_CONFLICT,
		    "begins behind what this node holds: was this node set back? There: tocsin "
		    "package write --again 1");
	}
}

/* All of it is here. */
static void complete(struct packages *x)
{
	struct job *j = x->job;
	struct fault fault = {.code = OK};
	struct before b = {.serial = j->package.serial,
	    .name = j->name,
	    .made = time_text(j, j->package.made),
	    .read = time_text(j, env_now(x->ctx->env))};

	if (decide(x, j, &b, &fault) == OK)
		answer(x, "taken", S(""));
	else
		finish(x, fault.code, str_c(fault.text));
}

static void on_range(void *ctx, enum err status, struct str reply)
{
	struct packages *x = ctx;
	struct job *j = x->job;
	struct fault fault;
	yyjson_val *root;
	uint64_t held;

	if (status != OK) {
		finish(x, status, reply);
		return;
	}
	arena_reset(x->scratch);
	if (json_parse(&root, x->scratch, reply, &JSON_LIMITS_OBJECT, &fault) != OK) {
		finish(x, ERR_PARSE, str_c(fault.text));
		return;
	}
	if (yyjson_obj_get(root, "error")) {
		fault_set(&fault, OK, "is refused from entry %" PRIu64 " on: %.*s", j->held,
		    STR_ARG(json_get_str(root, "text")));
		refuse(x, (enum err)yyjson_get_int(yyjson_obj_get(root, "error")), fault.text);
		return;
	}
	held = number_of(root, "size");
	if (held <= j->held) {
		refuse(x, ERR_BUSY, "could not be taken now; try again");
		return;
	}
	j->held = held;
	next_range(x);
}

static void next_range(struct packages *x)
{
	struct job *j = x->job;
	struct range_part part = {.made = j->package.made, .done = on_range, .ctx = x};
	struct command_reply reply = {0};
	struct fault fault = {.code = OK};
	struct rpc_call call = {.op = S("sync.take"), .fd = j->fd};

	while (j->next < j->count && j->pieces[j->next].from + j->pieces[j->next].count <= j->held)
		j->next++;
	if (j->next == j->count) {
		complete(x);
		return;
	}
	part.at = j->pieces[j->next].at;
	part.length = j->pieces[j->next].length;
	call.by = arena_printf(j->arena, "peer:%.*s", STR_ARG(j->peer.name));
	call.args = arena_printf(j->arena, "{\"from\":%" PRIu64 "}", j->held);
	if (!call.by.p || !call.args.p)
		finish(x, ERR_LIMIT, S("the package has too many ranges"));
	else if (ranges_take(x->ranges, &call, &reply, &part, &fault) != OK)
		finish(x, fault.code, str_c(fault.text));
}

/* True when intake's answer is one. */
static bool read_seen(struct job *j, struct rd *in, struct str *peer, struct str *text)
{
	*peer = arena_str(j->arena, rd_text(in));
	*text = arena_str(j->arena, rd_text(in));
	j->count = rd_u32(in);
	if (in->failed || j->count > SYNC_PACKAGE_RANGES_MAX || !peer->p || !text->p)
		return false;
	j->pieces = arena_array(j->arena, j->count, sizeof(*j->pieces));
	for (uint32_t i = 0; j->pieces && i < j->count; i++) {
		j->pieces[i].at = rd_u64(in);
		j->pieces[i].length = rd_u32(in);
		j->pieces[i].from = rd_u64(in);
		j->pieces[i].count = rd_u32(in);
	}
	return j->pieces && rd_done(in) && sync_package_get(&j->package, *text, NULL) == OK;
}

/* Who the peer is, and how far it was read. */
static enum err load(struct packages *x, struct str peer, struct fault *fault)
{
	struct job *j = x->job;
	const struct store *s = x->ctx->store;
	struct before told;

	TRY(known_peer(&j->peer, s, peer, j->arena, fault));
	if (!j->peer.active || !str_eq(j->peer.identity, j->package.from))
		return fail(fault, ERR_DENIED, "%.*s is no active peer", STR_ARG(peer));
	read_before(&told, x, j,
	    store_find(s, arena_printf(j->arena, "evidence/%.*s", STR_ARG(peer))), j->arena);
	if (told.record != STORE_NONE)
		return fail(fault, ERR_CONFLICT,
		    "%.*s told two stories: nothing of it is taken any more", STR_ARG(peer));
	TRY(position_read(&j->start, s, j->peer.name, j->peer.identity, j->arena, fault));
	j->held = sync_edge_size(&j->start.edge);
	read_before(&j->before, x, j, store_find(s, path_of(j)), j->arena);
	return OK;
}

enum err packages_message(struct packages *x, const struct chan_message *m)
{
	struct job *j = x->job;
	struct rd in = rd_of(m->body);
	enum err code = (enum err)rd_u8(&in);
	struct str text = rd_text(&in), peer;
	struct fault fault = {.code = OK};

	if (!j || j->id != m->id || j->pieces || in.failed || code > ERR_CLOSED)
		return ERR_PARSE;
	if (code != OK) {
		finish(x, code, text);
		return OK;
	}
	if (!read_seen(j, &in, &peer, &text))
		return ERR_PARSE;
	j->name = sync_package_name(text);
	if (load(x, peer, &fault) == OK)
		judge(x);
	else
		finish(x, fault.code, str_c(fault.text));
	return OK;
}
