/* SPDX-License-Identifier: Apache-2.0 */
/* The role that alone writes the ledger and the views. It takes calls from the front and from the
 * operator's commands, records from intake, and has the signer sign what was committed. */
#include "serve/core.h"

#include <unistd.h>

#include "admin/keys.h"
#include "base/mem.h"
#include "store/people.h"
#include "sys/files.h"
#include "sys/listen.h"
#include "sys/message.h"
#include "view/life/settings.h"

enum { CONTROL_BODY_MAX = RPC_ARGS_MAX + 1024 };

struct chan *core_chan(const struct core *core, enum conn_kind kind)
{
	for (size_t i = 0; i < CORE_CONNS_MAX; i++)
		if (core->conns[i].chan && core->conns[i].kind == kind)
			return core->conns[i].chan;
	return NULL;
}

void core_push_committed(struct core *core)
{
	static const enum conn_kind readers[] = {CONN_FRONT, CONN_LINK};
	struct buf b;

	buf_init(&b, 2 * sizeof(uint64_t));
	buf_u64(&b, store_size(core->store));
	buf_u64(&b, followers_cursor(core->followers));
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct chan *chan = core_chan(core, readers[i]);

		/* A reader too slow for one is told by the next. */
		if (chan)
			(void)!chan_send(chan,
			    &(struct chan_message){.type = MESSAGE_COMMITTED, .body = buf_str(&b)});
	}
	buf_free(&b);
}

/* To the parts that talk to intake; NULL: it is gone. */
static void tell_parts(struct core *core, struct chan *intake)
{
	for (size_t i = 0; CORE_PARTS[i]; i++)
		if (CORE_PARTS[i]->intake)
			CORE_PARTS[i]->intake(core->parts[i], intake);
}

static void drop_conn(struct conn *conn)
{
	struct chan *chan = conn->chan;

	if (!chan)
		return;
	conn->chan = NULL;
	core_forget(conn->core, conn);
	if (conn->kind == CONN_INTAKE)
		tell_parts(conn->core, NULL);
	chan_free(chan);
	core_stop_if_done(conn->core);
}

static void on_closed(void *ctx, struct chan *chan)
{
	(void)chan;
	drop_conn(ctx);
}

static enum err to_parts(struct core *core, const struct chan_message *m)
{
	for (size_t i = 0; CORE_PARTS[i]; i++)
		if (CORE_PARTS[i]->message)
			return CORE_PARTS[i]->message(core->parts[i], m);
	return ERR_PARSE;
}

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct conn *conn = ctx;
	struct core *core = conn->core;
	bool known = false;

	(void)chan;
	if (m->type == MESSAGE_CALL && conn->kind != CONN_INTAKE) {
		core_call(conn, m);
		known = true;
	} else if (m->type >= MESSAGE_INTAKE_FIRST && m->type <= MESSAGE_INTAKE_LAST &&
	           conn->kind == CONN_INTAKE) {
		known = to_parts(core, m) == OK;
	}
	if (!known) {
		log_event(&core->role->log, LOG_ERROR, "core.message", LOG_NONE);
		drop_conn(conn);
	}
}

static struct conn *conn_new(struct core *core, enum conn_kind kind, int fd)
{
	for (size_t i = 0; i < CORE_CONNS_MAX; i++) {
		struct conn *conn = &core->conns[i];

		if (conn->chan)
			continue;
		conn->core = core;
		conn->kind = kind;
		conn->chan = chan_new(&(struct chan_options){.loop = core->role->loop,
		    .fd = fd,
		    .body_max = kind == CONN_INTAKE ? CHAN_MESSAGE_MAX : CONTROL_BODY_MAX,
		    .message = on_message,
		    .closed = on_closed,
		    .ctx = conn});
		return conn;
	}
	close(fd);
	return NULL;
}

static void on_control(void *ctx)
{
	struct core *core = ctx;
	int fd;

	while (listen_accept_own(&fd, core->listener, NULL) == OK)
		(void)conn_new(core, CONN_CONTROL, fd);
}

static void signer_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct core *core = ctx;

	(void)chan;
	if (rpc_client_take(core->signer, m) != OK)
		log_event(&core->role->log, LOG_ERROR, "signer.message", LOG_NONE);
}

static void signer_closed(void *ctx, struct chan *chan)
{
	struct core *core = ctx;

	if (core->signer_chan == chan) {
		core->signer_chan = NULL;
		rpc_client_attach(core->signer, NULL);
	}
	chan_free(chan);
	core_stop_if_done(core);
}

static void signer_attach(struct core *core, int fd)
{
	struct chan *old = core->signer_chan;

	core->signer_chan = chan_new(&(struct chan_options){.loop = core->role->loop,
	    .fd = fd,
	    .message = signer_message,
	    .closed = signer_closed,
	    .ctx = core});
	rpc_client_attach(core->signer, core->signer_chan);
	chan_free(old);
	admin_keys_settle(&core->ctx);
	core_sign_due(core);
	core_seal_due(core->seal);
}

static void core_peer(struct node_role *role, struct str name, int fd)
{
	struct core *core = role->state;
	enum conn_kind kind = str_eq(name, S("front"))  ? CONN_FRONT
	                      : str_eq(name, S("link")) ? CONN_LINK
	                                                : CONN_INTAKE;
	struct conn *conn;

	if (str_eq(name, S("signer"))) {
		signer_attach(core, fd);
		return;
	}
	for (size_t i = 0; i < CORE_CONNS_MAX; i++)
		if (core->conns[i].chan && core->conns[i].kind == kind)
			drop_conn(&core->conns[i]);
	conn = conn_new(core, kind, fd);
	if (!conn)
		return;
	if (kind == CONN_INTAKE) {
		if (core->full)
			(void)!chan_send_always(
			    conn->chan, &(struct chan_message){.type = MESSAGE_PAUSE});
		tell_parts(core, conn->chan);
	} else {
		core_push_committed(core);
	}
}

static void on_followers(void *ctx)
{
	struct core *core = ctx;
	const struct fault *bad = NULL;
	struct follower_status status;
	uint64_t count;
	struct arena *arena;

	if (read(followers_fd(core->followers), &count, sizeof(count)) < 0)
		return;
	for (size_t i = 0; i < VIEW_COUNT && !bad; i++) {
		followers_status(core->followers, i, &status);
		bad = status.fault.code != OK ? &status.fault : NULL;
	}
	if (bad && !core->views_alarm) {
		arena = arena_new(4096);
		role_alarm(core->role, "views-behind",
		    arena_printf(arena, "The view %s cannot follow: %s", status.name, bad->text).p);
		arena_free(arena);
	} else if (!bad && core->views_alarm) {
		role_alarm(core->role, "views-behind", NULL);
	}
	core->views_alarm = bad != NULL;
	core_views_moved(core);
	core_push_committed(core);
}

static enum err confine(struct core *core, struct fault *fault)
{
	struct node_role *role = core->role;
	const struct sandbox_path paths[] = {
	    {role_path(role, "ledger"), true},
	    {role_path(role, "people"), true},
	    {role_path(role, "views"), true},
	    {role_path(role, "history"), true},
	    {role_path(role, "run"), true},
	    {role->config.link_certificate.p ? role->config.link_certificate
	                                     : role_path(role, "tls"),
	        false}, /* what this node says of itself to peers */
	    {S("/proc/sys/kernel/random/boot_id"), false},
	};

	return role_confine(role,
	    &(struct sandbox){
	        .needs = SANDBOX_FILES | SANDBOX_CHANGE | SANDBOX_THREADS | SANDBOX_ACCEPT,
	        .paths = paths,
	        .path_count = sizeof(paths) / sizeof(paths[0])},
	    fault);
}

static void core_alarm(void *ctx, const char *code, const char *text)
{
	role_alarm(((struct core *)ctx)->role, code, text);
}

static void core_figure(void *ctx, const char *name, uint64_t value)
{
	role_figure(((struct core *)ctx)->role, name, value);
}

static void fill_ctx(struct core *core)
{
	struct node_role *role = core->role;

	core->ctx = (struct command_ctx){.store = core->store,
	    .people = core->people,
	    .env = sys_env(),
	    .log = &role->log,
	    .loop = role->loop,
	    .config = &role->config,
	    .dir = role->dir,
	    .identity = role->config.identity,
	    .signer = rpc_client_rpc(core->signer),
	    .commit = core_commit,
	    .full = core_space_full,
	    .alarm = core_alarm,
	    .figure = core_figure,
	    .run = core_run,
	    .core = core};
}

static enum err open_parts(struct core *core, struct fault *fault)
{
	for (size_t i = 0; CORE_PARTS[i]; i++)
		if (CORE_PARTS[i]->open)
			TRY(CORE_PARTS[i]->open(&core->parts[i], &core->ctx, fault));
	return OK;
}

static enum err core_open(struct node_role *role, struct fault *fault)
{
	struct core *core = mem_alloc(sizeof(*core));
	struct store_options options = {.write = true, .env = sys_env()};

	core->role = role;
	role->state = core;
	core->listener = -1;
	core->answered_last = &core->answered;
	core->turn = loop_task_new(role->loop, core_turn, core);
	core->space_timer = loop_timer_new(role->loop, core_space_retry, core);
	core->signer = rpc_client_new(CORE_SIGNER_PENDING_MAX);
	TRY(listen_local(&core->listener, role_path(role, "run/control.sock"), fault));
	TRY(confine(core, fault));
	options.dir = role_path(role, "ledger");
	TRY(store_open(&core->store, &options, fault));
	TRY(people_open(&core->people, role->dir, fault));
	fill_ctx(core);
	TRY(core_sign_open(core, fault));
	TRY(core_seal_open(&core->seal, core, fault));
	TRY(life_settings_keep(&role->config, role->arena, role_path(role, "views"), fault));
	TRY(followers_start(&core->followers, role->dir, sys_env(), fault));
	core->followers_watch =
	    loop_watch_new(role->loop, followers_fd(core->followers), on_followers, core);
	TRY(open_parts(core, fault));
	core->listener_watch = loop_watch_new(role->loop, core->listener, on_control, core);
	core_space_check(core);
	/* A part may have appended while it opened. */
	loop_task_run(core->turn);
	role_ready(role);
	return OK;
}

void core_stop_if_done(struct core *core)
{
	if (!core->stopping || core->ticket_count > 0 || !core_sign_done(core) ||
	    core_chan(core, CONN_CONTROL))
		return;
	role_exit(core->role, 0);
}

static void core_stop(struct node_role *role)
{
	struct core *core = role->state;

	core->stopping = true;
	loop_watch_free(core->listener_watch);
	core->listener_watch = NULL;
	/* Who connected until now is answered. */
	on_control(core);
	(void)unlink(role_path(role, "run/control.sock").p);
	loop_task_run(core->turn);
}

static void core_close(struct node_role *role)
{
	struct core *core = role->state;

	for (size_t i = 0; i < CORE_CONNS_MAX; i++)
		drop_conn(&core->conns[i]);
	for (size_t i = 0; CORE_PARTS[i]; i++)
		if (CORE_PARTS[i]->close && core->parts[i])
			CORE_PARTS[i]->close(core->parts[i]);
	loop_watch_free(core->followers_watch);
	followers_stop(core->followers);
	rpc_client_free(core->signer);
	chan_free(core->signer_chan);
	core_seal_close(core->seal);
	core_drop_tickets(core);
	if (core->sign.timer)
		core_sign_close(core);
	loop_watch_free(core->listener_watch);
	if (core->listener >= 0)
		close(core->listener);
	loop_timer_free(core->space_timer);
	loop_task_free(core->turn);
	people_close(core->people);
	store_close(core->store);
	mem_free(core);
}

const struct node_role_class ROLE_CORE_CLASS = {
    .name = "core", .open = core_open, .peer = core_peer, .stop = core_stop, .close = core_close};
