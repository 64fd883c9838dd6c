/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/range/ranges.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "intake/imports.h"
#include "intake/messages.h"
#include "intake/range/absorb.h"
#include "intake/range/quota.h"
#include "policy/label.h"
#include "sync/message.h"
#include "sync/peer.h"
#include "sync/position.h"
#include "sync/reply.h"
#include "sys/files.h"
#include "sys/loop.h"
#include "view/authors.h"
#include "view/purge/purge.h"

enum {
	RANGE_MEMORY = 64 << 20,
	RANGES_MAX = 64, /* and as many urgent ones */
	ITEMS_MAX = 4 * SYNC_UNPACKED_MAX,
	REPLY_MAX = 64 << 10,
	FEED_EVERYTHING = 1,
};

static const char BY_PEER[] = "peer:";

enum stage {
	STAGE_ANSWERING, /* nothing is to be taken any more: a receipt is signed */
	STAGE_BEHIND,    /* of a package: until nothing else of its peer is being taken */
	STAGE_WAITING,   /* for its turn */
	STAGE_READING,   /* intake has it */
	STAGE_TAKING,    /* appended, and not yet durable */
};

struct range {
	struct range *next;
	struct ranges *all;
	uint64_t id;
	enum stage stage;
	bool urgent;   /* one object ahead of its place */
	bool waited;   /* for others, as its peer is over its quota */
	uint64_t from; /* entry of the feed that it begins with, as the link says */
	int fd;        /* -1: handed over */
	struct quota_peer *quota;
	struct command_ticket *ticket;
	struct range_part part; /* of a package */
	struct arena *arena;
	struct known_peer peer;
	struct position position; /* as it was; then as it is */
	struct str feed;          /* origin of its feed to us */
	struct buf message;       /* what intake is told */
	struct buf items;         /* what intake said, each batch as it came */
	size_t batch_ends[ABSORB_OBJECTS_MAX + 64];
	size_t batch_count;
};

struct ranges {
	const struct command_ctx *ctx;
	struct state *state;
	struct chan *intake;
	struct range *first;
	size_t count, urgent_count;
	uint64_t last_id;
	struct quota quota;
	struct loop_timer *timer; /* until the next turn, when nobody's is now */
};

static void next_turn(void *ctx);

struct ranges *ranges_new(const struct command_ctx *ctx, struct state *state)
{
	struct ranges *x = mem_alloc(sizeof(*x));

	x->ctx = ctx;
	x->state = state;
	x->quota.size = (struct bucket_size){ctx->config->quota, ctx->config->quota_burst};
	x->quota.always = str_eq(ctx->config->quota_when, S("always"));
	x->timer = loop_timer_new(ctx->loop, next_turn, x);
	return x;
}

static void range_free(struct range *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	buf_free(&r->message);
	buf_free(&r->items);
	arena_free(r->arena);
	mem_free(r);
}

static struct range **place_of(struct ranges *x, uint64_t id)
{
	struct range **at = &x->first;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void finish(struct range *r, enum err status, struct str reply)
{
	struct ranges *x = r->all;
	struct range **at = place_of(x, r->id);

	*at = r->next;
	*(r->urgent ? &x->urgent_count : &x->count) -= 1;
	loop_timer_set(x->timer, 0);
	if (r->part.done)
		r->part.done(r->part.ctx, status, reply);
	else
		command_answer(r->ticket, status, reply);
	range_free(r);
}

void ranges_free(struct ranges *x)
{
	if (!x)
		return;
	while (x->first)
		finish(x->first, ERR_CLOSED, S("the node is stopping"));
	loop_timer_free(x->timer);
	mem_free(x);
}

static void answer_held(struct range *r, struct str receipt)
{
	struct buf b;

	buf_init(&b, REPLY_MAX);
	sync_reply_held(&b, &r->position.edge, receipt, r->waited);
	finish(r, b.failed, buf_str(&b));
	buf_free(&b);
}

static void answer_refused(struct range *r, enum err code, unsigned reason, struct str text)
{
	struct buf b;

	buf_init(&b, REPLY_MAX);
	sync_reply_refused(&b, code, reason, text);
	finish(r, b.failed, buf_str(&b));
	buf_free(&b);
}

/* A receipt that cannot be had now is asked for again by who lacks it. */
static void on_signed(void *ctx, enum err status, struct str reply)
{
	answer_held(ctx, status == OK ? reply : S(""));
}

/* What is durable is said so, signed. */
static void sign_receipt(struct range *r)
{
	const struct command_ctx *ctx = r->all->ctx;
	const struct sync_receipt receipt = {.origin = r->feed,
	    .size = sync_edge_size(&r->position.edge),
	    .root = sync_edge_root(&r->position.edge),
	    .time = env_now(ctx->env)};
	struct buf args;

	r->stage = STAGE_ANSWERING;
	buf_init(&args, REPLY_MAX);
	sync_reply_receipt_args(&args, &receipt);
	if (args.failed != OK ||
	    ctx->signer.call(ctx->signer.ctx,
	        &(struct rpc_call){.op = S("sign-receipt"), .args = buf_str(&args), .fd = -1},
	        on_signed, r) != OK)
		answer_held(r, S(""));
	buf_free(&args);
}

static void on_committed(void *ctx, enum err status)
{
	struct range *r = ctx;

	if (status != OK)
		finish(r, status, S("the ledger could not be written"));
	else if (r->urgent)
		finish(r, OK, S("{}"));
	else
		sign_receipt(r);
}

static enum err put_message(struct ranges *x, struct range *r, struct fault *fault)
{
	struct json_writer w;
	struct buf edge, text, authors;
	enum err rc;

	buf_reset(&r->message);
	w = json_writer(&r->message);
	buf_init(&edge, SYNC_EDGE_BYTES_MAX);
	buf_init(&text, 2 * SYNC_EDGE_BYTES_MAX);
	buf_init(&authors, 4 << 20);
	sync_edge_put(&r->position.edge, &edge);
	base64_put(&text, buf_str(&edge));
	rc = authors_put(&authors, x->ctx->store, x->state, r->arena, fault);
	json_object(&w, NULL);
	json_put_str(&w, "peer", r->peer.identity);
	json_put_str(&w, "origin", r->feed);
	if (str_eq(x->ctx->config->introductions, S("take")))
		json_put_str(&w, "own", x->ctx->identity);
	json_put_str(&w, "edge", buf_str(&text));
	json_put_int(&w, "now", r->part.done ? r->part.made : env_now(x->ctx->env));
	json_put_raw(&w, "authors", buf_str(&authors));
	json_put_int(&w, "at", (int64_t)r->part.at);
	json_put_int(&w, "length", (int64_t)r->part.length);
	json_put_bool(&w, "urgent", r->urgent);
	json_end_object(&w);
	if (rc == OK && r->message.failed)
		rc = fail(fault, ERR_LIMIT, "too many peers");
	buf_free(&edge);
	buf_free(&text);
	buf_free(&authors);
	return rc;
}

/* To intake. */
static void hand_over(struct ranges *x, struct range *r)
{
	struct fault fault = {.code = OK};
	struct chan_message m = {.type = INTAKE_RANGE, .id = r->id, .fds = &r->fd, .fd_count = 1};

	if (put_message(x, r, &fault) != OK) {
		answer_refused(r, ERR_LIMIT, 0, str_c(fault.text));
		return;
	}
	m.body = buf_str(&r->message);
	if (chan_send_always(x->intake, &m) != OK)
		return;
	(void)close(r->fd);
	r->fd = -1;
	r->stage = STAGE_READING;
	buf_free(&r->message);
}

/* What others wait for while this peer gives more than its quota. */
static void note_waiting(struct ranges *x, const struct range *goes, usec now)
{
	for (struct range *r = x->first; r; r = r->next)
		if (r != goes && r->stage == STAGE_WAITING && !r->urgent &&
		    quota_is_over(&x->quota, r->quota, now))
			r->waited = true;
}

/* Something else of its peer is on its way into the ledger. */
static bool is_busy(const struct ranges *x, const struct range *with)
{
	for (const struct range *r = x->first; r; r = r->next)
		if (r != with && r->stage >= STAGE_WAITING && r->urgent == with->urgent &&
		    str_eq(r->peer.name, with->peer.name))
			return true;
	return false;
}

/* It waits for its turn when it goes on where its peer's feed ends. */
static void begin(struct range *r)
{
	if (r->from != sync_edge_size(&r->position.edge))
		sign_receipt(r);
	else if (r->fd < 0 || is_busy(r->all, r))
		answer_refused(r, ERR_BUSY, 0, S("a range of this peer is being taken"));
	else
		r->stage = STAGE_WAITING;
}

/* The feed may have gone on while it waited for others of its peer. */
static void begin_anew(struct range *r)
{
	struct fault fault;

	if (position_read(&r->position, r->all->ctx->store, r->peer.name, r->peer.identity,
	        r->arena, &fault) == OK)
		begin(r);
	else
		answer_refused(r, ERR_BUSY, 0, str_c(fault.text));
}

static struct range *next_behind(const struct ranges *x)
{
	for (struct range *r = x->first; r; r = r->next)
		if (r->stage == STAGE_BEHIND && !is_busy(x, r))
			return r;
	return NULL;
}

/* One range is with intake at a time, so that whoever comes waits for no more than one; what is
 * urgent waits for none. */
static void next_turn(void *ctx)
{
	struct quota_waiting waiting[RANGES_MAX];
	struct range *ranges[RANGES_MAX], *next;
	struct ranges *x = ctx;
	usec when, now = env_now(x->ctx->env);
	struct range *behind;
	size_t count = 0, turn;
	bool reading = false;

	while ((behind = next_behind(x)) != NULL)
		begin_anew(behind);
	for (struct range *r = x->intake ? x->first : NULL; r; r = next) {
		next = r->next;
		reading |= r->stage == STAGE_READING && !r->urgent;
		if (r->stage != STAGE_WAITING)
			continue;
		if (r->urgent) {
			hand_over(x, r);
			continue;
		}
		waiting[count] = (struct quota_waiting){r->quota, r->id};
		ranges[count++] = r;
	}
	if (reading || count == 0)
		return;
	turn = quota_next(&x->quota, waiting, count, now, &when);
	note_waiting(x, turn < count ? ranges[turn] : NULL, now);
	if (turn < count)
		hand_over(x, ranges[turn]);
	else
		loop_timer_set(x->timer, when - now);
}

/* Everything that all commands begin with. */
static enum err range_new(struct range **out, struct ranges *x, const struct rpc_call *call,
    bool urgent, struct command_reply *reply, struct fault *fault)
{
	size_t *count = urgent ? &x->urgent_count : &x->count;
	struct range *r;
	struct str name = str_from(call->by, sizeof(BY_PEER) - 1);
	enum err rc;

	if (!str_starts(call->by, str_c(BY_PEER)))
		return fail(fault, ERR_DENIED, "only a peer's link asks for this");
	if (*count == RANGES_MAX)
		return fail(fault, ERR_BUSY, "%zu ranges are waiting already", *count);
	r = mem_alloc(sizeof(*r));
	r->fd = -1;
	r->urgent = urgent;
	r->all = x;
	r->arena = arena_new(RANGE_MEMORY);
	buf_init(&r->message, 8 << 20);
	buf_init(&r->items, ITEMS_MAX);
	rc = known_peer(&r->peer, x->ctx->store, arena_str(r->arena, name), r->arena, fault);
	if (rc == OK && !r->peer.active)
		rc = fail(fault, ERR_DENIED, "the peer is not active");
	if (rc == OK)
		rc = position_read(
		    &r->position, x->ctx->store, r->peer.name, r->peer.identity, r->arena, fault);
	if (rc != OK) {
		range_free(r);
		return rc;
	}
	r->feed = arena_printf(
	    r->arena, "%.*s/to/%.*s", STR_ARG(r->peer.origin), STR_ARG(x->ctx->identity));
	r->id = ++x->last_id;
	r->ticket = reply->ticket;
	r->next = x->first;
	x->first = r;
	r->quota = quota_peer(&x->quota, r->peer.name);
	++*count;
	reply->later = true;
	*out = r;
	return OK;
}

enum err ranges_receipt(
    struct ranges *x, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct range *r;

	TRY(range_new(&r, x, call, false, reply, fault));
	sign_receipt(r);
	return OK;
}

/* Where the range begins, as the link says: it is only compared. */
static uint64_t from_of(const struct rpc_call *call, struct arena *arena)
{
	yyjson_val *args;

	if (json_parse(&args, arena, call->args, &JSON_LIMITS_OBJECT, NULL) != OK)
		return UINT64_MAX;
	return yyjson_get_uint(yyjson_obj_get(args, "from"));
}

enum err ranges_take(struct ranges *x, const struct rpc_call *call, struct command_reply *reply,
    const struct range_part *part, struct fault *fault)
{
	struct range *r;

	TRY(range_new(&r, x, call, false, reply, fault));
	if (part)
		r->part = *part;
	r->from = from_of(call, r->arena);
	r->fd = call->fd < 0 ? -1 : fcntl(call->fd, F_DUPFD_CLOEXEC, 3);
	/* A link sends once more what was refused; who reads a medium does not. */
	if (part)
		r->stage = STAGE_BEHIND;
	else
		begin(r);
	next_turn(x);
	return OK;
}

enum err ranges_ahead(
    struct ranges *x, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct range *r;

	TRY(range_new(&r, x, call, true, reply, fault));
	r->from = from_of(call, r->arena);
	r->fd = call->fd < 0 ? -1 : fcntl(call->fd, F_DUPFD_CLOEXEC, 3);
	if (r->fd < 0 || is_busy(x, r) || !quota_ahead(r->quota, env_now(x->ctx->env))) {
		answer_refused(r, ERR_BUSY, 0, S("more is urgent than is taken of a peer"));
		return OK;
	}
	r->stage = STAGE_WAITING;
	next_turn(x);
	return OK;
}

void ranges_attach(struct ranges *x, struct chan *intake)
{
	struct range *next;

	x->intake = intake;
	for (struct range *r = x->first; r; r = next) {
		next = r->next;
		if (r->stage == STAGE_READING)
			answer_refused(r, ERR_BUSY, 0, S("the process that read the range ended"));
	}
	next_turn(x);
}

static enum err absorb_all(struct range *r, struct absorb *a, struct fault *fault)
{
	size_t from = 0;

	for (size_t i = 0; i < r->batch_count; i++) {
		TRY(absorb_items(a, str_slice(buf_str(&r->items), from, r->batch_ends[i]), fault));
		from = r->batch_ends[i];
	}
	return OK;
}

static void count(struct position *p, const struct absorb *a, uint32_t refused, uint32_t unknown)
{
	p->taken += a->taken;
	p->duplicates += a->duplicates;
	p->differs += a->differs;
	p->withdrawn += a->withdrawn;
	p->ignored += a->ignored;
	p->refused += refused + a->others;
	p->unknown += unknown;
	p->above += a->above;
}

static enum err append(struct range *r, struct absorb *a, struct fault *fault)
{
	const struct command_ctx *ctx = r->all->ctx;
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	uint64_t first, newest;
	struct record position = {.kind = RECORD_DECISION, .version = env_now(ctx->env)};
	struct buf b;
	enum err rc;

	buf_init(&b, REPLY_MAX);
	position_put(&b, &r->position, env_now(ctx->env));
	position.id = arena_printf(r->arena, "position/peer/%.*s", STR_ARG(r->peer.name));
	position.label = (struct str){label, label_encode(&red, label)};
	position.content = buf_str(&b);
	newest = store_find(ctx->store, position.id);
	if (newest != STORE_NONE && store_row(ctx->store, newest)->version >= position.version)
		position.version = store_row(ctx->store, newest)->version + 1;
	a->records[a->count++] = position;
	rc = b.failed == OK ? store_append(ctx->store, a->records, a->count, &first, fault)
	                    : fail(fault, ERR_LIMIT, "the position is too long");
	if (rc == ERR_FULL)
		ctx->full(ctx->core);
	buf_free(&b);
	return rc;
}

/* Without the position: the feed brings it once more, in its place. When it did already, what was
 * said of it since counts, and this is late. */
static enum err append_ahead(struct range *r, const struct absorb *a, struct fault *fault)
{
	const struct command_ctx *ctx = r->all->ctx;
	struct position now;
	uint64_t first;
	enum err rc;

	TRY(position_read(&now, ctx->store, r->peer.name, r->peer.identity, r->arena, fault));
	if (a->count == 0 || r->from < sync_edge_size(&now.edge))
		return OK;
	rc = store_append(ctx->store, a->records, a->count, &first, fault);
	if (rc == ERR_FULL)
		ctx->full(ctx->core);
	return rc;
}

/* The number of the peer in records' `source`. */
static enum err source_of(const struct range *r, uint32_t *out, struct fault *fault)
{
	const struct source_facts facts = {
	    .name = arena_printf(r->arena, "peer:%.*s", STR_ARG(r->peer.name)),
	    .kind = S("import"),
	    .trust = -1};

	return source_number(r->all->ctx, &facts, out, fault);
}

/* What peers demand, when this node does that unasked. What cannot be done now is tried again at
 * the next start, and is listed as demanded until then. */
static void comply(const struct command_ctx *ctx, const struct absorb *a)
{
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	const struct str text = {label, label_encode(&red, label)};

	if (!str_eq(ctx->config->purges, S("comply")))
		return;
	for (size_t i = 0; i < a->purge_count; i++) {
		struct fault fault;
		bool done;
		enum err rc = purge_comply(ctx->store, file_join(a->arena, ctx->dir, "views"),
		    a->purges[i], text, env_now(ctx->env), &done, &fault);

		if (rc != OK)
			log_event(ctx->log, LOG_ERROR, "object.unpurged",
			    LOG_KV({"id", a->purges[i]}, {"text", str_c(fault.text)}));
		else if (done)
			log_event(ctx->log, LOG_WARNING, "object.purged",
			    LOG_KV({"id", a->purges[i]}, {"by", a->by}));
	}
}

struct range_end {
	enum err code;
	unsigned reason;
	uint32_t refused, unknown;
	struct str text, edge, head;
};

static enum err take(struct range *r, const struct range_end *end, struct fault *fault)
{
	struct absorb a = {.store = r->all->ctx->store,
	    .writer = r->all->ctx->store,
	    .log = r->all->ctx->log,
	    .own = r->all->ctx->identity,
	    .by = arena_printf(r->arena, "peer:%.*s", STR_ARG(r->peer.name)),
	    .from = r->peer.identity,
	    .feed = FEED_EVERYTHING,
	    .now = env_now(r->all->ctx->env),
	    .ids.key.k0 = (uint64_t)env_now(r->all->ctx->env),
	    .retractions = store_withdrawals(r->all->ctx->store) > 0,
	    .arena = r->arena};
	uint64_t before;
	enum err rc;

	TRY(ceiling_read(&a.ceiling, r->all->ctx->config->ceiling, fault));
	TRY(source_of(r, &a.source, fault));
	a.records = arena_array(r->arena, ABSORB_RECORDS_MAX + 1, sizeof(*a.records));
	a.originators = arena_array(r->arena, ABSORB_RECORDS_MAX + 1, sizeof(*a.originators));
	if (!a.records || !a.originators)
		return fail(fault, ERR_NOMEM, "no memory for a range");
	rc = absorb_all(r, &a, fault);
	if (rc != OK)
		return rc;
	/* People read what an honest peer would not have said. */
	if (a.others || end->text.n)
		log_event(r->all->ctx->log, LOG_WARNING, "exchange.kept-out",
		    LOG_KV({"peer", r->peer.name}, {"id", a.other},
		        {"text", a.why ? str_c(a.why) : end->text}));
	if (r->urgent)
		return append_ahead(r, &a, fault);
	before = sync_edge_size(&r->position.edge);
	TRY(sync_edge_get(&r->position.edge, end->edge, fault));
	quota_spend(&r->all->quota, r->quota,
	    (uint32_t)(sync_edge_size(&r->position.edge) - before), a.now);
	r->position.head = arena_str(r->arena, end->head);
	count(&r->position, &a, end->refused, end->unknown);
	TRY(append(r, &a, fault));
	comply(r->all->ctx, &a);
	return OK;
}

/* Two notes that contradict each other are kept for everybody to see. */
static void keep_evidence(struct range *r, const struct range_end *end)
{
	const struct command_ctx *ctx = r->all->ctx;
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	struct record record = {.kind = RECORD_DECISION, .version = env_now(ctx->env)};
	struct buf b;
	uint64_t first;

	buf_init(&b, REPLY_MAX);
	evidence_put(&b, &(struct evidence){.peer = r->peer.name,
	                     .identity = r->peer.identity,
	                     .why = end->text,
	                     .held = r->position.head,
	                     .shown = end->head,
	                     .time = record.version,
	                     .reason = SYNC_REASON_EQUIVOCATES});
	record.id = arena_printf(r->arena, "evidence/%.*s", STR_ARG(r->peer.name));
	record.label = (struct str){label, label_encode(&red, label)};
	record.content = buf_str(&b);
	if (b.failed == OK && store_append(ctx->store, &record, 1, &first, NULL) == OK)
		ctx->commit(ctx->core, NULL, NULL);
	log_event(ctx->log, LOG_ALERT, "peer.equivocates", LOG_KV({"peer", r->peer.name}));
	buf_free(&b);
}

static enum err end_of(struct range *r, struct str body)
{
	struct ranges *x = r->all;
	struct rd in = rd_of(body);
	struct range_end end = {.code = (enum err)rd_u8(&in), .reason = rd_u8(&in)};
	struct fault fault = {.code = OK};
	enum err rc;

	end.refused = rd_u32(&in);
	end.unknown = rd_u32(&in);
	end.text = rd_text(&in);
	end.edge = rd_text(&in);
	end.head = rd_text(&in);
	if (!rd_done(&in) || end.code > ERR_CLOSED || end.reason >= SYNC_REASONS)
		return ERR_PARSE;
	if (end.code != OK) {
		if (end.reason == SYNC_REASON_EQUIVOCATES)
			keep_evidence(r, &end);
		answer_refused(r, end.code, end.reason, end.text);
		return OK;
	}
	rc = take(r, &end, &fault);
	if (rc == OK) {
		r->stage = STAGE_TAKING;
		x->ctx->commit(x->ctx->core, on_committed, r);
	} else if (rc != ERR_PARSE)
		answer_refused(r, ERR_BUSY, 0, str_c(fault.text));
	return rc == ERR_PARSE ? rc : OK;
}

enum err ranges_message(struct ranges *x, const struct chan_message *m)
{
	struct range *r = *place_of(x, m->id);

	if (!r || r->stage != STAGE_READING)
		return ERR_PARSE;
	if (m->type == INTAKE_RANGE_END) {
		enum err rc = end_of(r, m->body);

		if (rc == OK)
			next_turn(x);
		return rc;
	}
	buf_put(&r->items, m->body);
	if (r->items.failed || r->batch_count == sizeof(r->batch_ends) / sizeof(r->batch_ends[0]))
		return ERR_PARSE;
	r->batch_ends[r->batch_count++] = r->items.n;
	return OK;
}
