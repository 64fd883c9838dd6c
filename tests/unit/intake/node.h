/* SPDX-License-Identifier: Apache-2.0 */
/* Core part and intake role of one node in one process, on one loop, joined by a real channel: what
 * the two processes do, without the processes. A commit follows each turn, as in the core. */
#pragma once

#include "temp.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/json.h"
#include "intake/core.h"
#include "intake/role.h"
#include "ledger_io.h"
#include "store/store.h"
#include "sys/env.h"
#include "view/view.h"

#define NODE_IDENTITY "identity--3f7a1a9e-6b0f-4c3e-9a58-7a4f0f3d2b10"

struct node {
	char dir[TEMP_PATH], ledger[96], views[96], events[128];
	usec now; /* of the node's clock */
	struct env env;
	struct store *store;
	struct loop *loop;
	struct loop_task *commit;
	struct {
		void (*done)(void *ctx, enum err status);
		void *ctx;
	} waiters[16];
	size_t waiter_count;
	uint64_t history_seen, history_gaps; /* as core told last */
	uint64_t findings, findings_dropped, findings_crowded;
	struct config config;
	struct config_source source;
	struct command_ctx ctx;
	void *part;
	struct chan *to_intake, *to_core;
	struct intake *intake;
	struct view *match;
	const struct view_class *match_class;
	bool answered;
	enum err status;
	char reply[1 << 16];
	time_t writes; /* of the test's own files */
};

static inline usec node_now(void *ctx)
{
	struct node *n = ctx;

	/* The history's thread asks too. */
	return __atomic_add_fetch(&n->now, 10, __ATOMIC_SEQ_CST);
}

static inline void node_random(void *ctx, void *out, size_t size)
{
	(void)ctx;
	env_random(sys_env(), out, size);
}

static inline void node_commit(void *ctx)
{
	struct node *n = ctx;

	assert_int_equal(store_commit(n->store, NULL), OK);
	/* As the core's followers do. */
	if (n->match)
		assert_int_equal(view_catch_up(n->match, n->store, NULL), OK);
	for (size_t i = 0; i < n->waiter_count; i++)
		n->waiters[i].done(n->waiters[i].ctx, OK);
	n->waiter_count = 0;
}

static inline void node_commit_due(void *core, void (*done)(void *, enum err), void *ctx)
{
	struct node *n = core;

	if (done) {
		assert_true(n->waiter_count < sizeof(n->waiters) / sizeof(n->waiters[0]));
		n->waiters[n->waiter_count].done = done;
		n->waiters[n->waiter_count++].ctx = ctx;
	}
	loop_task_run(n->commit);
}

static inline void node_full(void *core)
{
	(void)core;
}

static inline void node_figure(void *core, const char *name, uint64_t value)
{
	struct node *n = core;

	if (strcmp(name, "history_seen") == 0)
		n->history_seen = value;
	if (strcmp(name, "history_gaps") == 0)
		n->history_gaps = value;
	if (strcmp(name, "findings_scan") == 0)
		n->findings = value;
	if (strcmp(name, "findings_dropped") == 0)
		n->findings_dropped = value;
	if (strcmp(name, "findings_crowded") == 0)
		n->findings_crowded = value;
}

static inline void node_alarm(void *core, const char *code, const char *text)
{
	(void)core;
	if (text)
		print_message("%s: %s\n", code, text);
	assert_null(text);
}

static inline void node_core_message(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct node *n = ctx;

	(void)c;
	assert_int_equal(COMMANDS_INTAKE.message(n->part, m), OK);
}

static inline void node_intake_message(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct node *n = ctx;

	(void)c;
	assert_int_equal(intake_message(n->intake, m), OK);
}

static inline void node_drained(void *ctx, struct chan *c)
{
	(void)c;
	intake_drained(((struct node *)ctx)->intake);
}

static inline void node_closed(void *ctx, struct chan *c)
{
	(void)ctx;
	(void)c;
}

/* A new intake on a new channel; the old one is gone as if it had been killed. */
static inline void node_start_intake(struct node *n)
{
	const struct intake_options options = {
	    .loop = n->loop, .env = &n->env, .dir = str_c(n->dir), .config = &n->config};
	struct chan_options chan = {.loop = n->loop, .closed = node_closed, .ctx = n};
	int fds[2];

	if (n->intake) {
		COMMANDS_INTAKE.intake(n->part, NULL);
		intake_attach(n->intake, NULL);
		intake_free(n->intake);
		chan_free(n->to_intake);
		chan_free(n->to_core);
	}
	assert_int_equal(chan_pair(fds, NULL), OK);
	chan.fd = fds[0];
	chan.message = node_core_message;
	n->to_intake = chan_new(&chan);
	chan.fd = fds[1];
	chan.message = node_intake_message;
	chan.drained = node_drained;
	n->to_core = chan_new(&chan);
	assert_int_equal(intake_new(&n->intake, &options, NULL), OK);
	intake_attach(n->intake, n->to_core);
	COMMANDS_INTAKE.intake(n->part, n->to_intake);
}

static inline void node_start_core(struct node *n)
{
	const struct store_options options = {.dir = str_c(n->ledger),
	    .write = true,
	    .create = true,
	    .env = &n->env,
	    .io = &LEDGER_IO};

	assert_int_equal(store_open(&n->store, &options, NULL), OK);
	n->ctx = (struct command_ctx){.store = n->store,
	    .env = &n->env,
	    .loop = n->loop,
	    .config = &n->config,
	    .dir = str_c(n->dir),
	    .identity = S(NODE_IDENTITY),
	    .commit = node_commit_due,
	    .full = node_full,
	    .alarm = node_alarm,
	    .figure = node_figure,
	    .core = n};
	assert_int_equal(COMMANDS_INTAKE.open(&n->part, &n->ctx, NULL), OK);
	assert_int_equal(view_open(&n->match, n->match_class, str_c(n->views), n->store, NULL), OK);
}

/* What was not committed is lost, as with a process that is killed. */
static inline void node_stop_core(struct node *n)
{
	COMMANDS_INTAKE.intake(n->part, NULL);
	COMMANDS_INTAKE.close(n->part);
	n->waiter_count = 0;
	n->match_class->close(n->match);
	n->match = NULL;
	store_close(n->store);
}

static inline void node_open(struct node *n)
{
	memset(n, 0, sizeof(*n));
	make_folder(n->dir, "intake");
	(void)snprintf(n->ledger, sizeof(n->ledger), "%s/ledger", n->dir);
	(void)snprintf(n->views, sizeof(n->views), "%s/views", n->dir);
	(void)snprintf(n->events, sizeof(n->events), "%s/eve.json", n->dir);
	assert_int_equal(mkdir(n->views, 0700), 0);
	n->now = INT64_C(1790000000000000);
	n->env = (struct env){node_now, node_random, n};
	n->source = (struct config_source){.name = S("sensor"),
	    .kind = S("eve"),
	    .path = str_c(n->events),
	    .label = S("TLP:GREEN"),
	    .trust = 50};
	n->config.sources = &n->source;
	n->config.source_count = 1;
	for (size_t i = 0; VIEW_CLASSES[i]; i++)
		if (strcmp(VIEW_CLASSES[i]->name, "match") == 0)
			n->match_class = VIEW_CLASSES[i];
	assert_int_equal(loop_new(&n->loop, NULL), OK);
	n->commit = loop_task_new(n->loop, node_commit, n);
	node_start_core(n);
	node_start_intake(n);
}

static inline void node_close(struct node *n)
{
	COMMANDS_INTAKE.intake(n->part, NULL);
	intake_attach(n->intake, NULL);
	intake_free(n->intake);
	chan_free(n->to_intake);
	chan_free(n->to_core);
	node_stop_core(n);
	loop_task_free(n->commit);
	loop_free(n->loop);
	remove_folder(n->dir);
}

/* One turn of the loop; waits for something to happen. */
static inline void node_turn(struct node *n)
{
	(void)event_base_loop(loop_base(n->loop), EVLOOP_ONCE);
}

/* What can be done at once, without waiting for a timer. */
static inline void node_poll(struct node *n)
{
	intake_drained(n->intake);
	(void)event_base_loop(loop_base(n->loop), EVLOOP_NONBLOCK);
}

struct command_ticket {
	struct node *node;
};

/* Runs the command and the loop until it is answered; the reply is in n->reply. */
static inline void node_import_fd(struct node *n, const char *args, int fd)
{
	struct command_ticket ticket = {n};
	struct buf json;
	struct command_reply reply = {.json = &json, .ticket = &ticket};
	const struct rpc_call call = {
	    .op = S("import"), .by = S("local"), .args = str_c(args), .fd = fd};
	struct fault fault = {.code = OK};
	const struct command *c = COMMANDS_INTAKE.commands;

	buf_init(&json, 1 << 20);
	n->answered = false;
	n->status = c->run(n->part, &call, &reply, &fault);
	if (n->status != OK) {
		(void)snprintf(n->reply, sizeof(n->reply), "%s", fault.text);
		n->answered = true;
	}
	while (!n->answered)
		node_turn(n);
	assert_int_equal(store_commit(n->store, NULL), OK);
	assert_int_equal(view_catch_up(n->match, n->store, NULL), OK);
	buf_free(&json);
}

static inline void node_import(struct node *n, const char *args, struct str text)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fflush(f), 0);
	node_import_fd(n, args, fileno(f));
	(void)fclose(f);
}

void command_answer(struct command_ticket *ticket, enum err status, struct str reply)
{
	struct node *n = ticket->node;

	n->answered = true;
	n->status = status;
	(void)snprintf(n->reply, sizeof(n->reply), "%.*s", STR_ARG(reply));
}

/* Files of a life are written at different times; those of a test perhaps within one tick. */
static inline void node_write(struct node *n, const char *mode, const char *text)
{
	FILE *f = fopen(n->events, mode);
	struct timespec times[2];

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
	times[0] = times[1] = (struct timespec){.tv_sec = 1000000 + n->writes++};
	assert_int_equal(utimensat(AT_FDCWD, n->events, times, 0), 0);
}

/* The newest position as the ledger has it. */
static inline uint64_t node_position(struct node *n, const char *key)
{
	const struct json_limits limits = {.bytes = 8 << 20, .depth = 8};
	struct arena *arena = arena_new(64 << 20);
	uint64_t seq = store_find(n->store, S("position/sensor")), value = 0;
	yyjson_val *root;

	if (seq != STORE_NONE &&
	    json_parse(&root, arena, store_content(n->store, seq), &limits, NULL) == OK)
		value = yyjson_get_uint(yyjson_obj_get(root, key));
	arena_free(arena);
	return value;
}

/* What a log rotation does, between two writes. */
static inline void node_disturb(struct node *n, uint64_t *random, int step)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s.%d", n->events, step);
	switch (next_random(random) % 6) {
	case 0:
		assert_int_equal(rename(n->events, path), 0);
		node_write(n, "w", "");
		break;
	case 1:
		assert_int_equal(rename(n->events, path), 0);
		break;
	case 2:
		node_start_intake(n);
		break;
	case 3:
		node_stop_core(n);
		node_start_core(n);
		node_start_intake(n);
		break;
	default:
		break;
	}
}
