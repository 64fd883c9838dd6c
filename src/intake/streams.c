/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/streams.h"

#include "base/mem.h"
#include "codec/json.h"
#include "intake/history/histories.h"
#include "intake/imports.h"
#include "intake/messages.h"
#include "intake/position.h"
#include "intake/tally.h"

enum { QUEUE_MAX = 8 /* batches that wait for space; intake's window is less */ };

static const usec SOON = USEC_PER_SEC / 2;
static const usec SILENT_AFTER = 90 * USEC_PER_SEC;

struct queued {
	uint64_t number;
	struct buf batch, found;
};

struct stream_account {
	struct streams *all;
	uint64_t id;
	struct tally *tally;
	struct stream_source source;
	struct str path;
	struct queued queue[QUEUE_MAX]; /* given, not taken: the ledger was full */
	size_t queued;
	struct buf found; /* what patterns found in the batch that comes next */
};

struct streams {
	const struct command_ctx *ctx;
	struct chan *intake;
	struct loop_timer *look;
	struct histories *histories;
	struct stream_account each[CONFIG_SOURCES_MAX];
	size_t count;
};

static void tell_taken(struct stream_account *s, uint64_t number)
{
	struct chan_message m = {.type = INTAKE_EVENTS_TAKEN, .id = s->id};
	struct buf b;

	buf_init(&b, 8);
	buf_u64(&b, number);
	m.body = buf_str(&b);
	if (s->all->intake)
		(void)!chan_send_always(s->all->intake, &m);
	buf_free(&b);
}

/* Appends what is due. What cannot be appended now is so a little later: it stays in the account.
 */
static void append(struct stream_account *s)
{
	const struct command_ctx *ctx = s->all->ctx;
	bool appended;
	enum err rc = tally_append(s->tally, false, &appended, NULL);

	if (rc == ERR_FULL)
		ctx->full(ctx->core);
	if (rc == OK && appended)
		ctx->commit(ctx->core, NULL, NULL);
}

/* A batch that was taken is never given again in this process. */
static enum err take(struct stream_account *s, uint64_t number, struct str batch, struct str found)
{
	const struct command_ctx *ctx = s->all->ctx;
	enum err rc = tally_take(s->tally, batch, found.n ? found : STR_NONE, NULL);

	if (rc == ERR_FULL)
		ctx->full(ctx->core);
	if (rc != OK)
		return rc;
	tell_taken(s, number);
	append(s);
	histories_taken(s->all->histories, s->id, number);
	return OK;
}

static void drop_queue(struct stream_account *s)
{
	for (size_t i = 0; i < s->queued; i++) {
		buf_free(&s->queue[i].batch);
		buf_free(&s->queue[i].found);
	}
	s->queued = 0;
	buf_reset(&s->found);
}

static void retry(struct stream_account *s)
{
	size_t done = 0;

	while (done < s->queued && take(s, s->queue[done].number, buf_str(&s->queue[done].batch),
	                               buf_str(&s->queue[done].found)) == OK) {
		buf_free(&s->queue[done].batch);
		buf_free(&s->queue[done++].found);
	}
	for (size_t i = done; i < s->queued; i++)
		s->queue[i - done] = s->queue[i];
	s->queued -= done;
}

/* Nothing wakes an idle node but the moment at which a stream has been silent for too long. */
static void look_again(struct streams *x)
{
	bool soon = histories_wait(x->histories), live = false;

	for (size_t i = 0; i < x->count; i++) {
		const struct stream_account *s = &x->each[i];

		soon |= s->queued > 0 || tally_owes(s->tally);
		live |= tally_state(s->tally) == STREAM_LIVE;
	}
	if (soon)
		loop_timer_set(x->look, SOON);
	else if (live)
		loop_timer_set(x->look, SILENT_AFTER / 9);
}

static void look(void *ctx)
{
	struct streams *x = ctx;

	for (size_t i = 0; i < x->count; i++) {
		retry(&x->each[i]);
		tally_check_silence(x->each[i].tally, SILENT_AFTER);
		append(&x->each[i]);
		histories_taken(x->histories, x->each[i].id, 0);
	}
	look_again(x);
}

static enum err open_account(
    struct streams *x, const struct config_source *source, struct fault *fault)
{
	struct stream_account *s = &x->each[x->count];
	const struct source_facts facts = {
	    .name = source->name,
	    .kind = S("suricata-eve"),
	    .path = source->path,
	    .label = source->label,
	    .trust = source->trust,
	};
	struct tally_options options = {
	    .store = x->ctx->store,
	    .env = x->ctx->env,
	    .name = source->name,
	    .label = {.tlp = source->label.n ? tlp_of_name(source->label) : TLP_UNKNOWN},
	    .identity = x->ctx->identity,
	};

	TRY(source_number(x->ctx, &facts, &options.number, fault));
	x->ctx->commit(x->ctx->core, NULL, NULL);
	s->all = x;
	s->id = x->count + 1;
	s->path = source->path;
	s->source = (struct stream_source){options.name, options.number, options.label};
	s->tally = tally_new(&options);
	histories_add(x->histories, source->name, s->tally, !str_eq(source->history, S("no")));
	buf_init(&s->found, CHAN_MESSAGE_MAX);
	x->count++;
	return OK;
}

/* Has intake follow the stream from where ledger and history are. */
static void follow(void *ctx, uint64_t stream);

enum err streams_new(struct streams **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct streams *x = mem_alloc(sizeof(*x));
	enum err rc = OK;

	x->ctx = ctx;
	x->histories = histories_new(ctx, follow, x);
	for (size_t i = 0; rc == OK && i < ctx->config->source_count; i++)
		if (str_eq(ctx->config->sources[i].kind, S("eve")))
			rc = open_account(x, &ctx->config->sources[i], fault);
	x->look = loop_timer_new(ctx->loop, look, x);
	if (rc != OK) {
		streams_close(x);
		return rc;
	}
	histories_start(x->histories);
	look_again(x);
	*out = x;
	return OK;
}

void streams_close(struct streams *x)
{
	if (!x)
		return;
	histories_close(x->histories);
	for (size_t i = 0; i < x->count; i++) {
		drop_queue(&x->each[i]);
		buf_free(&x->each[i].found);
		tally_close(x->each[i].tally);
	}
	loop_timer_free(x->look);
	mem_free(x);
}

struct histories *streams_histories(const struct streams *x)
{
	return x->histories;
}

const struct stream_source *streams_source(const struct streams *x, uint64_t id)
{
	return id == 0 || id > x->count ? NULL : &x->each[id - 1].source;
}

static void follow(void *ctx, uint64_t stream)
{
	struct streams *x = ctx;
	const struct stream_account *s = &x->each[stream - 1];
	struct chan_message m = {.type = INTAKE_FOLLOW, .id = s->id};
	struct stream_place place = tally_place(s->tally);
	struct json_writer w;
	struct buf b;

	if (!x->intake)
		return;
	buf_init(&b, 64 << 10);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "path", s->path);
	json_put_int(&w, "records", (int64_t)store_size(x->ctx->store));
	position_put_place(&w, &place);
	if (histories_place(x->histories, stream, &place)) {
		json_object(&w, "history");
		position_put_place(&w, &place);
		json_end_object(&w);
	}
	json_end_object(&w);
	m.body = buf_str(&b);
	(void)!chan_send_always(x->intake, &m);
	buf_free(&b);
}

void streams_attach(struct streams *x, struct chan *intake)
{
	x->intake = intake;
	histories_attach(x->histories, intake);
	for (size_t i = 0; i < x->count; i++) {
		/* What waited was never taken: the new process reads it again. */
		drop_queue(&x->each[i]);
		if (histories_is_idle(x->histories, x->each[i].id))
			follow(x, x->each[i].id);
	}
}

/* The ledger is full: until there is space again. */
static enum err put_aside(struct stream_account *s, uint64_t number, struct str batch)
{
	struct queued *q;

	if (s->queued == QUEUE_MAX)
		return ERR_PARSE;
	q = &s->queue[s->queued++];
	q->number = number;
	buf_init(&q->batch, CHAN_MESSAGE_MAX);
	buf_put(&q->batch, batch);
	q->found = s->found;
	buf_init(&s->found, CHAN_MESSAGE_MAX);
	loop_timer_set(s->all->look, SOON);
	return OK;
}

static enum err take_batch(struct streams *x, const struct chan_message *m)
{
	struct rd in = rd_of(m->body);
	uint64_t number = rd_u64(&in);
	struct stream_account *s;
	enum err rc;

	if (m->id == 0 || m->id > x->count)
		return ERR_PARSE;
	s = &x->each[m->id - 1];
	rc = s->queued ? ERR_FULL : take(s, number, m->body, buf_str(&s->found));
	look_again(x);
	if (rc != OK && rc != ERR_PARSE)
		return put_aside(s, number, m->body);
	buf_reset(&s->found);
	return rc;
}

enum err streams_message(struct streams *x, const struct chan_message *m)
{
	enum err rc;

	if (m->type != INTAKE_HISTORY)
		return take_batch(x, m);
	rc = histories_message(x->histories, m);
	look_again(x);
	return rc;
}

enum err streams_found(struct streams *x, const struct chan_message *m)
{
	struct stream_account *s;

	if (m->id == 0 || m->id > x->count)
		return ERR_PARSE;
	s = &x->each[m->id - 1];
	/* One a batch. */
	if (s->found.n)
		return ERR_PARSE;
	buf_put(&s->found, m->body);
	return s->found.failed;
}
