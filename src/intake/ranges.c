/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/ranges.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/seen.h"
#include "codec/json.h"
#include "intake/authority.h"
#include "intake/imports.h"
#include "intake/messages.h"
#include "intake/prepare.h"
#include "policy/label.h"
#include "seal/record.h"
#include "seal/redact.h"
#include "sync/message.h"
#include "sync/peer.h"
#include "sync/position.h"
#include "sync/reply.h"
#include "view/authors.h"
#include "view/voids.h"

enum {
	RANGE_MEMORY = 64 << 20,
	RANGES_MAX = 64,
	ITEMS_MAX = 4 * SYNC_UNPACKED_MAX,
	REPLY_MAX = 64 << 10,
	FEED_EVERYTHING = 1,
	ABSORB_RECORDS_MAX = 4 * 1024 + 8,
	ABSORB_OBJECTS_MAX = 1024,
};

static const char BY_PEER[] = "peer:";

struct range {
	struct range *next;
	struct ranges *all;
	uint64_t id;
	int fd; /* -1: handed over */
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
	size_t count;
	uint64_t last_id;
};

struct ranges *ranges_new(const struct command_ctx *ctx, struct state *state)
{
	struct ranges *x = mem_alloc(sizeof(*x));

	x->ctx = ctx;
	x->state = state;
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
	x->count--;
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
	mem_free(x);
}

static void answer_held(struct range *r, struct str receipt)
{
	struct buf b;

	buf_init(&b, REPLY_MAX);
	sync_reply_held(&b, &r->position.edge, receipt);
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

	if (status == OK)
		sign_receipt(r);
	else
		finish(r, status, S("the ledger could not be written"));
}

/* False when it must wait. */
static bool hand_over(struct ranges *x, struct range *r)
{
	struct chan_message m = {.type = INTAKE_RANGE,
	    .id = r->id,
	    .body = buf_str(&r->message),
	    .fds = &r->fd,
	    .fd_count = 1};

	if (!x->intake || r->fd < 0 || chan_send_always(x->intake, &m) != OK)
		return false;
	(void)close(r->fd);
	r->fd = -1;
	return true;
}

static enum err put_message(struct ranges *x, struct range *r, struct fault *fault)
{
	struct json_writer w = json_writer(&r->message);
	struct buf edge, text, authors;
	enum err rc;

	buf_init(&edge, SYNC_EDGE_BYTES_MAX);
	buf_init(&text, 2 * SYNC_EDGE_BYTES_MAX);
	buf_init(&authors, 4 << 20);
	sync_edge_put(&r->position.edge, &edge);
	base64_put(&text, buf_str(&edge));
	rc = authors_put(&authors, x->ctx->store, x->state, r->arena, fault);
	json_object(&w, NULL);
	json_put_str(&w, "peer", r->peer.identity);
	json_put_str(&w, "origin", r->feed);
	json_put_str(&w, "edge", buf_str(&text));
	json_put_int(&w, "now", env_now(x->ctx->env));
	json_put_raw(&w, "authors", buf_str(&authors));
	json_put_int(&w, "at", (int64_t)r->part.at);
	json_put_int(&w, "length", (int64_t)r->part.length);
	json_end_object(&w);
	if (rc == OK && r->message.failed)
		rc = fail(fault, ERR_LIMIT, "too many peers");
	buf_free(&edge);
	buf_free(&text);
	buf_free(&authors);
	return rc;
}

/* Everything that both commands begin with. */
static enum err range_new(struct range **out, struct ranges *x, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault)
{
	struct range *r;
	struct str name = str_from(call->by, sizeof(BY_PEER) - 1);
	enum err rc;

	if (!str_starts(call->by, str_c(BY_PEER)))
		return fail(fault, ERR_DENIED, "only a peer's link asks for this");
	if (x->count == RANGES_MAX)
		return fail(fault, ERR_BUSY, "%d ranges are waiting already", RANGES_MAX);
	r = mem_alloc(sizeof(*r));
	r->fd = -1;
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
	x->count++;
	reply->later = true;
	*out = r;
	return OK;
}

enum err ranges_receipt(
    struct ranges *x, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct range *r;

	TRY(range_new(&r, x, call, reply, fault));
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

static bool is_busy(const struct ranges *x, const struct range *with)
{
	for (const struct range *r = x->first; r; r = r->next)
		if (r != with && str_eq(r->peer.name, with->peer.name))
			return true;
	return false;
}

enum err ranges_take(struct ranges *x, const struct rpc_call *call, struct command_reply *reply,
    const struct range_part *part, struct fault *fault)
{
	struct range *r;

	TRY(range_new(&r, x, call, reply, fault));
	if (part)
		r->part = *part;
	if (from_of(call, r->arena) != sync_edge_size(&r->position.edge)) {
		sign_receipt(r);
		return OK;
	}
	r->fd = call->fd < 0 ? -1 : fcntl(call->fd, F_DUPFD_CLOEXEC, 3);
	if (r->fd < 0 || is_busy(x, r)) {
		answer_refused(r, ERR_BUSY, 0, S("a range of this peer is being taken"));
		return OK;
	}
	if (put_message(x, r, fault) != OK) {
		answer_refused(r, ERR_LIMIT, 0, str_c(fault->text));
		return OK;
	}
	(void)hand_over(x, r);
	return OK;
}

void ranges_attach(struct ranges *x, struct chan *intake)
{
	struct range *next;

	x->intake = intake;
	for (struct range *r = x->first; r; r = next) {
		next = r->next;
		if (!intake && r->fd < 0 && r->message.n > 0)
			answer_refused(r, ERR_BUSY, 0, S("the process that read the range ended"));
		else if (intake && r->fd >= 0)
			(void)hand_over(x, r);
	}
}

static struct str get_str(struct rd *in)
{
	return rd_bytes(in, rd_u32(in));
}

/* From what intake made of a range to the records of one batch: objects with their envelopes, seals
 * that are new here, what originators take back, and the position, so that after a crash all of it
 * is there or none. */
struct absorb {
	const struct store *store;
	struct store *writer; /* the same, for what does not wait for the rest */
	const struct log *log;
	struct str from; /* identity of the peer */
	struct str own;  /* ours */
	uint32_t source; /* its number */
	uint32_t feed;   /* that objects join */
	usec now;        /* raised with each decision that it orders */
	struct arena *arena;
	struct record *records;  /* room for ABSORB_RECORDS_MAX */
	struct str *originators; /* of the objects among them, else empty */
	struct seen ids;         /* of the records */
	size_t count;
	bool retractions; /* there may be some: the store has withdrawals, or this range */
	uint32_t taken, duplicates, differs, withdrawn, ignored;
	uint32_t others;  /* versions that were not for their originator to state: kept out */
	struct str other; /* the last of them */
	const char *why;
};

static enum err push(
    struct absorb *a, const struct record *r, struct str originator, struct fault *fault)
{
	if (a->count == ABSORB_RECORDS_MAX)
		return fail(
		    fault, ERR_LIMIT, "a range comes to more than %d records", ABSORB_RECORDS_MAX);
	seen_add(&a->ids, r->id);
	a->originators[a->count] = originator;
	a->records[a->count++] = *r;
	return OK;
}

/* Whether these bytes are to be appended already, under an id; kinds apart. */
static const struct record *pending(
    const struct absorb *a, enum record_kind kind, struct str id, int64_t version, size_t *at)
{
	for (size_t i = seen_maybe(&a->ids, id) ? a->count : 0; i > 0; i--) {
		const struct record *r = &a->records[i - 1];

		if (r->kind == kind && r->version == version && str_eq(r->id, id)) {
			*at = i - 1;
			return r;
		}
	}
	return NULL;
}

static enum err take_seal(struct absorb *a, struct rd *in, struct fault *fault)
{
	struct str id = rd_bytes(in, SHA256_LEN), note = get_str(in);
	struct buf path, content;
	struct record r = {.kind = RECORD_SEAL, .source = a->source};
	char label[LABEL_ENCODED_MAX];
	const struct label most = label_most_restrictive();
	size_t at;

	if (in->failed)
		return OK;
	buf_init(&path, 128);
	buf_init(&content, SEAL_NOTE_MAX + 64);
	buf_put(&path, S("seal/"));
	buf_hex(&path, id.p, id.n);
	seal_record_put_note(&content, note);
	r.id = arena_str(a->arena, buf_str(&path));
	r.content = arena_str(a->arena, buf_str(&content));
	r.label = arena_str(a->arena, (struct str){label, label_encode(&most, label)});
	buf_free(&path);
	buf_free(&content);
	if (!r.id.p || !r.content.p || !r.label.p)
		return fail(fault, ERR_NOMEM, "no memory for a seal");
	if (store_find(a->store, r.id) != STORE_NONE || pending(a, RECORD_SEAL, r.id, 0, &at))
		return OK;
	return push(a, &r, STR_NONE, fault);
}

static enum err push_envelope(
    struct absorb *a, const struct record *of, struct str envelope, struct fault *fault)
{
	const struct record r = {.kind = RECORD_ENVELOPE,
	    .tag = of->tag,
	    .id = of->id,
	    .version = of->version,
	    .label = of->label,
	    .source = of->source,
	    .content = envelope};

	return push(a, &r, STR_NONE, fault);
}

/* Hides what the peer gave, or shows it again. */
static enum err decide_retraction(
    struct absorb *a, struct str id, struct str label, bool hide, struct fault *fault)
{
	struct record r = {.kind = RECORD_DECISION,
	    .flags = hide ? RECORD_FLAG_RETRACTED : 0,
	    .version = a->now++,
	    .source = a->source,
	    .label = label,
	    .content = S("{}")};

	r.id = arena_printf(a->arena, STORE_RETRACT "%.*s", STR_ARG(id));
	if (!r.id.p || r.id.n > STORE_ID_MAX) {
		a->ignored++;
		return OK;
	}
	return push(a, &r, STR_NONE, fault);
}

/* Whether the peer has taken it back; what of this range is not appended yet counts. */
static bool is_retracted(struct absorb *a, struct str id)
{
	struct str path = arena_printf(a->arena, STORE_RETRACT "%.*s", STR_ARG(id));
	uint64_t seq;

	for (size_t i = a->count; i > 0; i--)
		if (a->records[i - 1].kind == RECORD_DECISION && str_eq(a->records[i - 1].id, path))
			return a->records[i - 1].flags & RECORD_FLAG_RETRACTED;
	seq = path.p && path.n <= STORE_ID_MAX ? store_find(a->store, path) : STORE_NONE;
	return seq != STORE_NONE && store_row(a->store, seq)->source == a->source &&
	       (store_row(a->store, seq)->flags & RECORD_FLAG_RETRACTED);
}

/* Only its own originator takes an object back. */
static bool is_from(const struct absorb *a, struct str id, struct str originator)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->records[i].kind == RECORD_OBJECT && str_eq(a->records[i].id, id))
			return str_eq(a->originators[i], originator);
	return authority_stated(a->store, id, originator);
}

/* True, and counted, when this version is not for its originator to state. */
static bool keep_out(struct absorb *a, const struct prepared *p, struct str originator)
{
	const char *why = NULL;

	for (size_t i = seen_maybe(&a->ids, p->id) ? 0 : a->count; i < a->count && !why; i++)
		if (a->records[i].kind == RECORD_OBJECT && str_eq(a->records[i].id, p->id))
			why = authority_refuses_next(
			    &a->records[i], a->originators[i], p->version, originator);
	if (!why)
		why = authority_refuses_news(a->store, p->id, p->version, originator);
	if (why) {
		a->others++;
		a->other = p->id;
		a->why = why;
	}
	return why != NULL;
}

/* The copy that is here of the version that came, or is to be appended. */
struct copy {
	struct str content;  /* STR_NONE: there is none */
	struct str envelope; /* STR_NONE: it is our own */
};

static struct copy copy_of(const struct absorb *a, const struct prepared *p)
{
	uint64_t seq = store_find_version(a->store, p->id, p->version);
	struct copy have = {STR_NONE, STR_NONE};
	size_t at;

	if (pending(a, RECORD_OBJECT, p->id, p->version, &at))
		return (struct copy){a->records[at].content, a->records[at + 1].content};
	if (seq != STORE_NONE)
		have.content = store_content(a->store, seq);
	if (have.content.p && (store_row(a->store, seq)->flags & RECORD_FLAG_RECEIVED))
		have.envelope = store_content(a->store, seq + 1);
	return have;
}

/* What becomes of another copy of a version that is here. */
static enum seal_copy judge_copy(
    const struct absorb *a, const struct copy *have, struct str content, const struct envelope *e)
{
	if (str_eq(have->content, content))
		return SEAL_COPY_LESS;
	if (have->envelope.p)
		return seal_copy_compare(e, have->envelope);
	/* Our own comes back without some of its members; what is there was checked. */
	return e->leaves.p && str_eq(e->statement.originator, a->own) ? SEAL_COPY_LESS
	                                                              : SEAL_COPY_OTHER;
}

static enum err take_object(struct absorb *a, struct rd *in, struct fault *fault)
{
	struct record r = {.kind = RECORD_OBJECT, .source = a->source, .feed = a->feed};
	enum seal_copy copy = SEAL_COPY_MORE;
	struct prepared p = {0};
	struct str originator, envelope;
	struct envelope e;
	struct copy have;

	if (!prepared_get(&p, in) || p.refused)
		return fail(fault, ERR_PARSE, "an object of a range is damaged");
	originator = get_str(in);
	envelope = get_str(in);
	if (in->failed)
		return OK;
	TRY(envelope_read(&e, envelope, fault));
	if (a->retractions && is_retracted(a, p.id))
		TRY(decide_retraction(a, p.id, p.label, false, fault));
	have = copy_of(a, &p);
	if (have.content.p)
		copy = judge_copy(a, &have, p.content, &e);
	a->duplicates += copy == SEAL_COPY_LESS;
	a->differs += copy == SEAL_COPY_OTHER;
	if (copy != SEAL_COPY_MORE)
		return OK;
	if (keep_out(a, &p, originator))
		return OK;
	r.tag = p.tag;
	r.flags =
	    (uint8_t)(p.flags | RECORD_FLAG_RECEIVED | (e.leaves.p ? RECORD_FLAG_REDACTED : 0) |
	              (have.content.p ? RECORD_FLAG_REPLACES : 0));
	r.id = p.id;
	r.version = p.version;
	r.label = p.label;
	r.content = p.content;
	a->taken++;
	TRY(push(a, &r, originator, fault));
	return push_envelope(a, &r, envelope, fault);
}

struct withdrawal {
	int64_t version;
	struct str id, originator, label, content, envelope;
};

static enum err take_withdrawal(struct absorb *a, const struct withdrawal *w, struct fault *fault)
{
	struct record r = {.kind = RECORD_DECISION,
	    .flags = RECORD_FLAG_RECEIVED,
	    .version = w->version,
	    .label = w->label,
	    .source = a->source,
	    .content = w->content};
	size_t at;

	r.id = arena_printf(a->arena, STORE_WITHDRAW "%.*s", STR_ARG(w->id));
	if (!r.id.p || r.id.n > STORE_ID_MAX || !is_from(a, w->id, w->originator)) {
		a->ignored++;
		return OK;
	}
	if (store_find(a->store, r.id) != STORE_NONE ||
	    pending(a, RECORD_DECISION, r.id, r.version, &at)) {
		a->duplicates++;
		return OK;
	}
	a->withdrawn++;
	TRY(push(a, &r, STR_NONE, fault));
	return push_envelope(a, &r, w->envelope, fault);
}

/* What the peer gave and takes back hides what came from it. */
static enum err take_retraction(struct absorb *a, const struct withdrawal *w, struct fault *fault)
{
	uint64_t seq = store_find(a->store, w->id);

	while (seq != STORE_NONE && store_row(a->store, seq)->source != a->source)
		seq = store_older(a->store, seq);
	/* Hidden already, and only that version. */
	if (store_find(a->store, store_void_path(a->arena, w->version, w->id)) != STORE_NONE)
		seq = STORE_NONE;
	if (seq == STORE_NONE) {
		a->ignored++;
		return OK;
	}
	a->retractions = true;
	return decide_retraction(a, w->id, w->label, true, fault);
}

/* What an originator says of its keys, brought by whoever relays its seals. It stands by itself: it
 * is kept whatever becomes of the range. */
static enum err take_keys(struct absorb *a, struct rd *in, struct fault *fault)
{
	const struct label most = label_most_restrictive();
	char label[LABEL_ENCODED_MAX];
	struct str name = get_str(in), note = get_str(in);
	const struct keys_said said = {.name = name,
	    .note = note,
	    .by = S("relay"),
	    .label = {label, label_encode(&most, label)},
	    .now = a->now,
	    .log = a->log};

	if (in->failed)
		return OK;
	if (keys_said_keep(a->writer, &said, a->arena, fault) != OK)
		a->ignored++;
	return OK;
}

static enum err take_back(struct absorb *a, unsigned what, struct rd *in, struct fault *fault)
{
	struct withdrawal w = {.version = (int64_t)rd_u64(in)};

	w.id = get_str(in);
	w.originator = get_str(in);
	w.label = get_str(in);
	w.content = get_str(in);
	w.envelope = get_str(in);
	if (in->failed)
		return OK;
	return what == RANGE_WITHDRAWAL ? take_withdrawal(a, &w, fault)
	                                : take_retraction(a, &w, fault);
}

/* Everything is borrowed from `items`, which stays until the records are appended: a batch of
 * intake's (INTAKE_RANGE_ITEMS). ERR_PARSE: it holds something else; ERR_LIMIT. */
static enum err absorb_items(struct absorb *a, struct str items, struct fault *fault)
{
	struct rd in = rd_of(items);
	uint32_t count = rd_u32(&in);

	for (uint32_t i = 0; i < count && !in.failed; i++) {
		unsigned what = rd_u8(&in);

		if (what == RANGE_SEAL)
			TRY(take_seal(a, &in, fault));
		else if (what == RANGE_KEYS)
			TRY(take_keys(a, &in, fault));
		else if (what == RANGE_OBJECT)
			TRY(take_object(a, &in, fault));
		else if (what == RANGE_WITHDRAWAL || what == RANGE_RETRACTION)
			TRY(take_back(a, what, &in, fault));
		else
			in.failed = true;
	}
	if (!rd_done(&in))
		return fail(fault, ERR_PARSE, "a batch of a range is damaged");
	return OK;
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

/* The number of the peer in records' `source`. */
static enum err source_of(const struct range *r, uint32_t *out, struct fault *fault)
{
	const struct source_facts facts = {
	    .name = arena_printf(r->arena, "peer:%.*s", STR_ARG(r->peer.name)),
	    .kind = S("import"),
	    .trust = -1};

	return source_number(r->all->ctx, &facts, out, fault);
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
	    .from = r->peer.identity,
	    .feed = FEED_EVERYTHING,
	    .now = env_now(r->all->ctx->env),
	    .ids.key.k0 = (uint64_t)env_now(r->all->ctx->env),
	    .retractions = store_withdrawals(r->all->ctx->store) > 0,
	    .arena = r->arena};
	enum err rc;

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
	TRY(sync_edge_get(&r->position.edge, end->edge, fault));
	r->position.head = arena_str(r->arena, end->head);
	count(&r->position, &a, end->refused, end->unknown);
	return append(r, &a, fault);
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
	end.text = get_str(&in);
	end.edge = get_str(&in);
	end.head = get_str(&in);
	if (!rd_done(&in) || end.code > ERR_CLOSED || end.reason >= SYNC_REASONS)
		return ERR_PARSE;
	if (end.code != OK) {
		if (end.reason == SYNC_REASON_EQUIVOCATES)
			keep_evidence(r, &end);
		answer_refused(r, end.code, end.reason, end.text);
		return OK;
	}
	rc = take(r, &end, &fault);
	if (rc == OK)
		x->ctx->commit(x->ctx->core, on_committed, r);
	else if (rc != ERR_PARSE)
		answer_refused(r, ERR_BUSY, 0, str_c(fault.text));
	return rc == ERR_PARSE ? rc : OK;
}

enum err ranges_message(struct ranges *x, const struct chan_message *m)
{
	struct range *r = *place_of(x, m->id);

	if (!r || r->fd >= 0)
		return ERR_PARSE;
	if (m->type == INTAKE_RANGE_END)
		return end_of(r, m->body);
	buf_put(&r->items, m->body);
	if (r->items.failed || r->batch_count == sizeof(r->batch_ends) / sizeof(r->batch_ends[0]))
		return ERR_PARSE;
	r->batch_ends[r->batch_count++] = r->items.n;
	return OK;
}
