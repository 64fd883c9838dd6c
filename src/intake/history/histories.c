/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/history/histories.h"

#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/json.h"
#include "intake/history/feed.h"
#include "intake/history/keeper.h"
#include "intake/messages.h"

enum { ERASED_MAX = 1000, ERASE_MEMORY = 4 << 20 };

#define DAY (24 * 3600 * USEC_PER_SEC)

/* How long a stream may wait for a history that cannot be written. */
static const usec PATIENCE = 300 * USEC_PER_SEC;

enum run_state {
	RUN_NONE,
	RUN_WAITS,   /* for the ledger */
	RUN_COMMITS, /* the ledger is being written */
	RUN_GIVEN,   /* to the keeper */
};

struct run {
	struct keeper_job job; /* first, so that it is found again */
	struct account *account;
	struct history_run_head head;
	enum run_state state;
};

struct account {
	struct histories *all;
	uint64_t stream;
	struct str source;
	struct tally *tally;
	bool keeps, heard; /* the present intake has sent a run */
	uint64_t taken;    /* batches of the present intake */
	struct stream_place place;
	struct run runs[INTAKE_RUNS_WINDOW];
};

struct histories {
	const struct command_ctx *ctx;
	struct keeper *keeper; /* NULL: there is no history */
	struct chan *intake;
	void (*idle)(void *ctx, uint64_t stream);
	void *idle_ctx;
	struct erasure *erasures; /* that the keeper has */
	uint64_t left_out, gaps;
	bool alarmed;
	size_t count;
	struct account each[CONFIG_SOURCES_MAX];
};

static void alarm_about(struct histories *h, const char *what, const struct fault *fault)
{
	const struct command_ctx *ctx = h->ctx;
	char text[FAULT_TEXT_MAX + 160];

	(void)snprintf(text, sizeof(text), "%s: %s", what, fault->text);
	log_event(ctx->log, LOG_ERROR, "history.failed", LOG_KV({"text", str_c(text)}));
	if (ctx->alarm)
		ctx->alarm(ctx->core, "history", text);
}

static void tell_figures(struct histories *h, const struct keeper_figures *f)
{
	const struct {
		const char *name;
		uint64_t value;
	} figures[] = {
	    {"history_seen", f->counts.seen},
	    {"history_runs", f->counts.runs},
	    {"history_ahead", f->counts.ahead},
	    {"history_ended", f->counts.old},
	    {"history_bytes", f->counts.bytes},
	    {"history_segments", f->counts.segments},
	    {"history_waiting", f->waiting},
	    {"history_refused", f->refused},
	    {"history_lost", f->lost},
	    {"history_left_out", h->left_out},
	    {"history_gaps", h->gaps},
	};

	for (size_t i = 0; h->ctx->figure && i < sizeof(figures) / sizeof(figures[0]); i++)
		h->ctx->figure(h->ctx->core, figures[i].name, figures[i].value);
}

/* The ledger's disk is for the core to tell of, which has all streams wait then; a history that has
 * no space of its own, or fails, holds up nobody else. */
static void tell_fault(struct histories *h, const struct keeper_figures *f)
{
	bool failed = f->fault.code != OK && !f->reserved;

	if (f->reserved)
		h->ctx->full(h->ctx->core);
	if (failed && !h->alarmed)
		alarm_about(h,
		    "The history cannot be written; streams are matched as ever, what cannot be "
		    "written within 5 minutes is missing in it",
		    &f->fault);
	else if (f->fault.code == OK && h->alarmed && h->ctx->alarm)
		h->ctx->alarm(h->ctx->core, "history", NULL);
	h->alarmed = failed || (h->alarmed && f->reserved);
}

static void tell_taken(struct account *a, uint64_t number)
{
	struct chan_message m = {.type = INTAKE_HISTORY_TAKEN, .id = a->stream};
	struct buf b;

	buf_init(&b, sizeof(number));
	buf_u64(&b, number);
	m.body = buf_str(&b);
	if (a->all->intake)
		(void)!chan_send_always(a->all->intake, &m);
	buf_free(&b);
}

static void let_go(struct run *r)
{
	(void)close(r->job.fd);
	r->state = RUN_NONE;
}

static void run_done(struct run *r)
{
	struct account *a = r->account;
	struct histories *h = a->all;

	if (r->job.rc != OK)
		log_event(h->ctx->log, LOG_ERROR,
		    r->job.rc == ERR_INVALID ? "history.refused" : "history.lost",
		    LOG_KV({"source", a->source}, {"reason", str_c(r->job.fault.text)}));
	a->place = r->job.place;
	let_go(r);
	if (a->heard)
		tell_taken(a, r->head.number);
	else if (histories_is_idle(h, a->stream))
		h->idle(h->idle_ctx, a->stream);
}

/* Values being taken out, for who asked. */
struct erasure {
	struct keeper_job job; /* first, so that it is found again */
	struct histories *all;
	struct erasure *next;
	struct arena *arena;
	struct term values[ERASED_MAX];
	struct command_ticket *ticket;
};

static void erasure_free(struct erasure *e)
{
	for (struct erasure **at = &e->all->erasures; *at; at = &(*at)->next)
		if (*at == e) {
			*at = e->next;
			break;
		}
	arena_free(e->arena);
	mem_free(e);
}

static void erased(struct erasure *e)
{
	char text[64];
	int n =
	    snprintf(text, sizeof(text), "{\"erased\":%llu}", (unsigned long long)e->job.erased);

	if (e->job.rc == OK)
		command_answer(e->ticket, OK, (struct str){text, (size_t)n});
	else
		command_answer(e->ticket, e->job.rc, str_c(e->job.fault.text));
	erasure_free(e);
}

static enum err read_values(struct erasure *e, struct str args, struct fault *fault)
{
	yyjson_val *root, *list, *item;
	size_t i, n;

	TRY(json_parse(&root, e->arena, args, &JSON_LIMITS_OBJECT, fault));
	list = yyjson_obj_get(root, "values");
	if (yyjson_arr_size(list) == 0 || yyjson_arr_size(list) > ERASED_MAX)
		return fail(fault, ERR_INVALID, "values: 1 to %d of them", ERASED_MAX);
	yyjson_arr_foreach(list, i, n, item)
	{
		if (term_canonical(&e->values[i], e->arena, TERM_EMAIL, json_str(item)) != OK)
			return fail(fault, ERR_INVALID, "values: %zu is no mail address", i);
	}
	e->job.erase = e->values;
	e->job.erase_count = n;
	return OK;
}

enum err histories_erase(struct histories *h, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault)
{
	struct erasure *e;
	enum err rc;

	if (!h->keeper)
		return fail(fault, ERR_NOT_FOUND, "there is no history just now");
	e = mem_alloc(sizeof(*e));
	e->all = h;
	e->arena = arena_new(ERASE_MEMORY);
	rc = read_values(e, call->args, fault);
	if (rc != OK) {
		erasure_free(e);
		return rc;
	}
	e->ticket = reply->ticket;
	reply->later = true;
	e->next = h->erasures;
	h->erasures = e;
	keeper_give(h->keeper, &e->job);
	return OK;
}

static void on_news(void *ctx)
{
	struct histories *h = ctx;
	struct keeper_figures figures;
	struct keeper_job *job;

	while ((job = keeper_take(h->keeper)) != NULL) {
		if (job->erase)
			erased((struct erasure *)(void *)job);
		else
			run_done((struct run *)(void *)job);
	}
	keeper_figures(h->keeper, &figures);
	tell_fault(h, &figures);
	tell_figures(h, &figures);
}

struct histories *histories_new(
    const struct command_ctx *ctx, void (*idle)(void *idle_ctx, uint64_t stream), void *idle_ctx)
{
	struct histories *h = mem_alloc(sizeof(*h));
	const struct keeper_options options = {.dir = ctx->dir,
	    .reserve = ctx->config->free_reserve,
	    .keep = ctx->config->retention_history * DAY,
	    .patience = PATIENCE,
	    .env = ctx->env,
	    .loop = ctx->loop,
	    .news = on_news,
	    .ctx = h};
	struct fault fault;

	h->ctx = ctx;
	h->idle = idle;
	h->idle_ctx = idle_ctx;
	if (keeper_open(&h->keeper, &options, &fault) != OK)
		alarm_about(h, "There is no history", &fault);
	return h;
}

void histories_close(struct histories *h)
{
	if (!h)
		return;
	keeper_close(h->keeper);
	while (h->erasures)
		erasure_free(h->erasures);
	for (size_t i = 0; i < h->count; i++)
		for (size_t n = 0; n < INTAKE_RUNS_WINDOW; n++)
			if (h->each[i].runs[n].state != RUN_NONE)
				let_go(&h->each[i].runs[n]);
	mem_free(h);
}

void histories_add(struct histories *h, struct str source, struct tally *tally, bool keep)
{
	struct account *a = &h->each[h->count++];
	struct fault fault;
	enum err rc = OK;

	a->all = h;
	a->stream = h->count;
	a->source = source;
	a->tally = tally;
	if (!h->keeper || !keep)
		return;
	if (!keeper_place(h->keeper, source, &a->place)) {
		a->place = tally_place(tally);
		rc = keeper_begin(h->keeper, source, &a->place, &fault);
	}
	a->keeps = rc == OK;
	if (rc != OK)
		alarm_about(h, "The history of a source cannot begin", &fault);
}

void histories_start(struct histories *h)
{
	struct fault fault;

	if (!h->keeper || keeper_start(h->keeper, &fault) == OK)
		return;
	alarm_about(h, "There is no history", &fault);
	keeper_close(h->keeper);
	h->keeper = NULL;
	for (size_t i = 0; i < h->count; i++)
		h->each[i].keeps = false;
}

void histories_attach(struct histories *h, struct chan *intake)
{
	h->intake = intake;
	for (size_t i = 0; i < h->count; i++) {
		struct account *a = &h->each[i];

		a->taken = 0;
		a->heard = false;
		for (size_t n = 0; n < INTAKE_RUNS_WINDOW; n++)
			if (a->runs[n].state == RUN_WAITS)
				let_go(&a->runs[n]);
	}
}

static const struct account *account_of(const struct histories *h, uint64_t stream)
{
	return stream > 0 && stream <= h->count ? &h->each[stream - 1] : NULL;
}

bool histories_place(const struct histories *h, uint64_t stream, struct stream_place *out)
{
	const struct account *a = account_of(h, stream);

	if (!a || !a->keeps)
		return false;
	*out = a->place;
	return true;
}

bool histories_is_idle(const struct histories *h, uint64_t stream)
{
	const struct account *a = account_of(h, stream);

	for (size_t i = 0; a && i < INTAKE_RUNS_WINDOW; i++)
		if (a->runs[i].state != RUN_NONE)
			return false;
	return true;
}

bool histories_wait(const struct histories *h)
{
	for (size_t i = 0; i < h->count; i++)
		for (size_t n = 0; n < INTAKE_RUNS_WINDOW; n++)
			if (h->each[i].runs[n].state == RUN_WAITS)
				return true;
	return false;
}

static void on_committed(void *ctx, enum err status)
{
	struct run *r = ctx;

	/* Else this process ends. */
	if (status != OK)
		return;
	r->state = RUN_GIVEN;
	keeper_give(r->account->all->keeper, &r->job);
}

/* The run that waits longest; NULL when none does. */
static struct run *first_waiting(struct account *a)
{
	struct run *first = NULL;

	for (size_t i = 0; i < INTAKE_RUNS_WINDOW; i++) {
		struct run *r = &a->runs[i];

		if (r->state == RUN_WAITS && (!first || r->head.number < first->head.number))
			first = r;
	}
	return first;
}

/* The ledger gets the place first. */
static void go_on(struct account *a)
{
	const struct command_ctx *ctx = a->all->ctx;
	struct run *r;

	while ((r = first_waiting(a)) != NULL && r->head.batch <= a->taken) {
		bool appended;
		enum err rc;

		tally_place_soon(a->tally);
		rc = tally_append(a->tally, false, &appended, NULL);
		if (rc == ERR_FULL)
			ctx->full(ctx->core);
		if (rc != OK)
			return;
		r->state = RUN_COMMITS;
		ctx->commit(ctx->core, on_committed, r);
	}
}

void histories_taken(struct histories *h, uint64_t stream, uint64_t batch)
{
	struct account *a = &h->each[stream - 1];

	if (batch > a->taken)
		a->taken = batch;
	go_on(a);
}

enum err histories_message(struct histories *h, const struct chan_message *m)
{
	struct account *a = m->id > 0 && m->id <= h->count ? &h->each[m->id - 1] : NULL;
	struct history_run_head head;
	struct run *r = NULL;

	if (!a || !a->keeps || m->fd_count != 1 || !history_run_head_get(&head, m->body))
		return ERR_PARSE;
	for (size_t i = 0; i < INTAKE_RUNS_WINDOW && !r; i++)
		if (a->runs[i].state == RUN_NONE)
			r = &a->runs[i];
	if (!r)
		return ERR_PARSE;
	*r = (struct run){.job = {.source = a->source, .fd = m->fds[0], .place = head.place},
	    .account = a,
	    .head = head,
	    .state = RUN_WAITS};
	m->fds[0] = -1;
	a->heard = true;
	h->left_out += head.left_out;
	h->gaps += head.gap;
	if (head.gap)
		log_event(h->ctx->log, LOG_WARNING, "history.gap", LOG_KV({"source", a->source}));
	go_on(a);
	return OK;
}
