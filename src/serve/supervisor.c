/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rd.h"
#include "codec/json.h"
#include "serve/guard/prepare.h"
#include "serve/role.h"
#include "serve/status_file.h"
#include "sys/files.h"
#include "sys/listen.h"
#include "sys/message.h"
#include "sys/role.h"

enum {
	CHILDREN_MAX = 8,
	ARENA_MAX = 1 << 20,
	UNANSWERED_MAX = 6,
};

static const usec BACKOFF_FIRST = USEC_PER_SEC / 10;
static const usec BACKOFF_LAST = 10 * USEC_PER_SEC;
static const usec STEADY = USEC_PER_SEC; /* who lived so long does not die of being started */
static const usec STOP_PATIENCE = 10 * USEC_PER_SEC;
static const usec STATUS_EVERY = 30 * USEC_PER_SEC; /* for the memory figures only */

struct supervisor;

struct child {
	struct supervisor *s;
	const struct node_role_class *class;
	pid_t pid; /* 0: not running */
	struct chan *chan;
	struct loop_timer *restart;
	bool ready;
	unsigned unanswered; /* questions in a row */
	unsigned restarts;
	unsigned failures; /* in a row */
	usec started;      /* monotonic */
	usec since;
};

struct supervisor {
	const struct supervise_options *o;
	struct loop *loop;
	struct arena *arena;
	struct log log;
	const char *dir;
	struct child children[CHILDREN_MAX];
	size_t count;
	int listeners[LISTENERS]; /* -1: none */
	char url[LISTEN_URL_MAX];
	char taxii_url[LISTEN_URL_MAX];
	char link_url[LISTEN_URL_MAX];
	bool was_ready;
	bool stopping;
	struct loop_timer *patience;
	struct loop_timer *ask_timer;
	struct loop_timer *status_timer;
	struct loop_task *status_task;
	struct status_alarms alarms;
	struct status_figures figures;
	enum err outcome;
	struct fault *fault;
};

/* Who talks to whom, by names: core is the middle of the star, and knows nothing of who asks
 * strangers who people are. */
static const char *const LINKS[][2] = {
    {"core", "signer"},
    {"core", "intake"},
    {"core", "link"},
    {"core", "front"},
    {"front", "signin"},
};

static struct child *child_of(struct supervisor *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->children[i].class->name, name) == 0)
			return &s->children[i];
	return NULL;
}

static void write_status(void *ctx)
{
	struct supervisor *s = ctx;
	struct status_role roles[CHILDREN_MAX];
	struct status_file f = {.url = str_c(s->url),
	    .taxii_url = str_c(s->taxii_url),
	    .alarms = &s->alarms,
	    .figures = &s->figures,
	    .roles = roles,
	    .role_count = s->count,
	    .ready = s->was_ready};
	struct fault fault;

	for (size_t i = 0; i < s->count; i++) {
		const struct child *c = &s->children[i];

		roles[i] = (struct status_role){.name = str_c(c->class->name),
		    .pid = c->pid,
		    .restarts = c->restarts,
		    .since = c->since,
		    .rss = c->pid > 0 ? role_rss(c->pid) : 0};
	}
	if (status_file_write(&f, s->o->dir, &fault) != OK)
		log_event(
		    &s->log, LOG_WARNING, "status.unwritten", LOG_KV({"text", str_c(fault.text)}));
	loop_timer_set(s->status_timer, STATUS_EVERY);
}

static void status_due(void *ctx)
{
	struct supervisor *s = ctx;

	loop_task_run(s->status_task);
}

static void introduce(struct child *a, struct child *b)
{
	struct chan_message m = {.type = MESSAGE_PEER, .fd_count = 1};
	int pair[2];
	struct fault fault;

	if (chan_pair(pair, &fault) != OK) {
		log_event(
		    &a->s->log, LOG_ALERT, "role.unpaired", LOG_KV({"text", str_c(fault.text)}));
		return;
	}
	m.body = str_c(b->class->name);
	m.fds = &pair[0];
	/* A side that is gone meanwhile is introduced again when it is back. */
	(void)!chan_send_always(a->chan, &m);
	m.body = str_c(a->class->name);
	m.fds = &pair[1];
	(void)!chan_send_always(b->chan, &m);
	close(pair[0]);
	close(pair[1]);
}

static void give_up(struct supervisor *s, const struct child *c)
{
	s->outcome = fail(s->fault, ERR_IO,
	    "the role %s could not start; its last words are above, on standard error",
	    c->class->name);
}

static void stop_next(void *ctx);

static void stop(struct supervisor *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	log_event(&s->log, LOG_INFO, "node.stopping", LOG_NONE);
	for (size_t i = 0; i < s->count; i++)
		loop_timer_clear(s->children[i].restart);
	stop_next(s);
}

/* Backwards through NODE_ROLES: those who ask before those who answer. */
static void stop_next(void *ctx)
{
	struct supervisor *s = ctx;

	for (size_t i = s->count; i-- > 0;) {
		struct child *c = &s->children[i];

		if (c->pid == 0)
			continue;
		if (chan_send_always(c->chan, &(struct chan_message){.type = MESSAGE_STOP}) != OK)
			(void)kill(c->pid, SIGKILL);
		loop_timer_set(s->patience, STOP_PATIENCE);
		return;
	}
	loop_stop(s->loop);
}

static void out_of_patience(void *ctx)
{
	struct supervisor *s = ctx;

	for (size_t i = s->count; i-- > 0;) {
		if (s->children[i].pid == 0)
			continue;
		log_event(&s->log, LOG_WARNING, "role.killed",
		    LOG_KV({"name", str_c(s->children[i].class->name)}));
		(void)kill(s->children[i].pid, SIGKILL);
		return;
	}
}

/* Where peers connect to: ADDR:PORT. */
static struct str link_place(const struct supervisor *s)
{
	struct str url = str_c(s->link_url);

	return s->o->link.p ? str_slice(url, sizeof("https://") - 1, url.n - 1) : S("");
}

static void announce(struct supervisor *s)
{
	char line[3 * LISTEN_URL_MAX + 96];
	bool taxii = s->taxii_url[0] != '\0';
	int n;

	s->was_ready = true;
	/* People may read the file as soon as they see the line. */
	write_status(s);
	if (s->o->listen.p)
		n = snprintf(line, sizeof(line),
		    "{\"event\":\"ready\",\"url\":\"%s\"%s%s%s%s%.*s%s}\n", s->url,
		    taxii ? ",\"taxii\":\"" : "", s->taxii_url, taxii ? "\"" : "",
		    s->o->link.p ? ",\"link\":\"" : "", STR_ARG(link_place(s)),
		    s->o->link.p ? "\"" : "");
	else
		n = snprintf(line, sizeof(line), "{\"event\":\"ready\"}\n");
	if (write(s->o->ready_fd, line, (size_t)n) != n)
		log_event(&s->log, LOG_WARNING, "ready.unsaid", LOG_NONE);
	log_event(&s->log, LOG_INFO, "node.ready", LOG_KV({"url", str_c(s->url)}));
}

static void spawn(void *ctx);

/* The others read what core has opened, recovered or made, so they wait for it. */
static void start_waiting(struct supervisor *s)
{
	const struct child *core = child_of(s, "core");
	bool all = true;

	if (s->stopping || !core || !core->ready)
		return;
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];

		if (c->pid == 0 && c->restarts == 0 && c->started == 0)
			spawn(c);
		all &= c->ready;
	}
	if (all && !s->was_ready)
		announce(s);
}

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct child *c = ctx;
	struct str text = m->body;
	struct rd r = rd_of(m->body);
	uint64_t value;
	struct str code;

	(void)chan;
	if (m->type == MESSAGE_ANSWER) {
		c->unanswered = 0;
		return; /* nothing that the status shows */
	}
	if (m->type == MESSAGE_READY) {
		c->ready = true;
		start_waiting(c->s);
	} else if (m->type == MESSAGE_ALARM) {
		code = str_cut(&text, '\0');
		status_alarm(&c->s->alarms, code, text, env_now(sys_env()));
	} else if (m->type == MESSAGE_FIGURE) {
		value = rd_u64(&r);
		status_figure(&c->s->figures, rd_rest(&r), value);
	} else {
		log_event(
		    &c->s->log, LOG_ERROR, "role.message", LOG_KV({"name", str_c(c->class->name)}));
		(void)kill(c->pid, SIGKILL);
	}
	loop_task_run(c->s->status_task);
}

/* The process ends with its channel; its end is what counts. */
static void on_closed(void *ctx, struct chan *chan)
{
	(void)ctx;
	(void)chan;
}

static void give_listeners(const struct child *c)
{
	for (size_t i = 0; i < ROLE_LISTENERS_MAX; i++) {
		enum role_listener which = c->class->listeners[i];
		const char body = (char)which;

		if (c->s->listeners[which] >= 0)
			(void)!chan_send_always(
			    c->chan, &(struct chan_message){.type = MESSAGE_LISTEN,
			                 .body = {&body, 1},
			                 .fds = &c->s->listeners[which],
			                 .fd_count = 1});
	}
}

static void spawn(void *ctx)
{
	struct child *c = ctx;
	struct supervisor *s = c->s;
	const struct role_start start = {
	    .name = c->class->name, .dir = s->dir, .quiet = !s->o->listen.p};
	struct fault fault;
	int fd;

	if (role_spawn(&c->pid, &fd, &start, &fault) != OK) {
		c->pid = 0;
		log_event(
		    &s->log, LOG_ALERT, "role.unstarted", LOG_KV({"text", str_c(fault.text)}));
		loop_timer_set(c->restart, BACKOFF_LAST);
		return;
	}
	c->chan = chan_new(&(struct chan_options){.loop = s->loop,
	    .fd = fd,
	    .body_max = 64 << 10,
	    .message = on_message,
	    .closed = on_closed,
	    .ctx = c});
	c->ready = false;
	c->unanswered = 0;
	c->started = sys_monotonic();
	c->since = env_now(sys_env());
	give_listeners(c);
	for (size_t i = 0; i < sizeof(LINKS) / sizeof(LINKS[0]); i++) {
		struct child *a = child_of(s, LINKS[i][0]);
		struct child *b = child_of(s, LINKS[i][1]);

		if (a && b && a->pid > 0 && b->pid > 0 && (a == c || b == c))
			introduce(a, b);
	}
	loop_task_run(s->status_task);
}

static usec backoff(const struct child *c)
{
	usec wait = BACKOFF_FIRST;

	/* The first failure is likely a chance; what fails again will fail once more. */
	if (c->failures <= 1)
		return 0;
	for (unsigned i = 2; i < c->failures && wait < BACKOFF_LAST; i++)
		wait *= 2;
	return wait < BACKOFF_LAST ? wait : BACKOFF_LAST;
}

static void on_exit_of(struct child *c, int status)
{
	struct supervisor *s = c->s;
	char how[64];
	bool starting = !s->was_ready && !c->ready;

	if (WIFSIGNALED(status))
		(void)snprintf(how, sizeof(how), "signal %d", WTERMSIG(status));
	else
		(void)snprintf(how, sizeof(how), "exit code %d", WEXITSTATUS(status));
	c->pid = 0;
	chan_free(c->chan);
	c->chan = NULL;
	c->ready = false;
	loop_task_run(s->status_task);
	if (s->stopping) {
		loop_timer_clear(s->patience);
		stop_next(s);
		return;
	}
	log_event(&s->log, LOG_ERROR, "role.died",
	    LOG_KV({"name", str_c(c->class->name)}, {"how", str_c(how)}));
	if (starting && WIFEXITED(status)) {
		give_up(s, c);
		stop(s);
		return;
	}
	c->failures = sys_monotonic() - c->started > STEADY ? 1 : c->failures + 1;
	c->restarts++;
	loop_timer_set(c->restart, backoff(c));
}

static void on_child_signal(void *ctx)
{
	struct supervisor *s = ctx;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < s->count; i++)
			if (s->children[i].pid == pid)
				on_exit_of(&s->children[i], status);
}

static void kill_hung(struct child *c)
{
	log_event(&c->s->log, LOG_ERROR, "role.hung", LOG_KV({"name", str_c(c->class->name)}));
	(void)kill(c->pid, SIGKILL);
	c->unanswered = 0;
}

/* Who is at work answers from its loop between two steps. Questions are counted, not time: while
 * the machine slept, or this process was stopped, none was asked. Until a role is ready it may
 * recover a ledger for as long as that takes. */
static void ask_roles(void *ctx)
{
	struct supervisor *s = ctx;

	for (size_t i = 0; i < s->count && !s->stopping; i++) {
		struct child *c = &s->children[i];

		if (c->pid == 0 || !c->ready)
			continue;
		if (c->unanswered == UNANSWERED_MAX) {
			kill_hung(c);
			continue;
		}
		c->unanswered++;
		(void)!chan_send_always(c->chan, &(struct chan_message){.type = MESSAGE_ASK});
	}
	loop_timer_set(s->ask_timer, s->o->role_timeout / UNANSWERED_MAX);
}

static void on_stop_signal(void *ctx)
{
	stop(ctx);
}

/* Locked in, front cannot open files: it is handed them. Returns how many there are. */
static size_t open_reloaded(struct supervisor *s, int fds[CHAN_FDS_MAX])
{
	static const char *const FILES[] = {"tls/cert.pem", "keys/tls.pem"};
	char path[FILE_PATH_MAX + 1];
	size_t n = 0;

	for (; n < sizeof(FILES) / sizeof(FILES[0]); n++) {
		(void)snprintf(path, sizeof(path), "%s/%s", s->dir, FILES[n]);
		fds[n] = open(path, O_RDONLY | O_CLOEXEC);
		if (fds[n] < 0) {
			log_event(&s->log, LOG_ERROR, "node.unreloaded",
			    LOG_KV({"path", str_c(path)}, {"text", str_c(sys_error(errno))}));
			break;
		}
	}
	return n;
}

/* The link's own certificate, when it has one. */
static void reload_link(struct supervisor *s)
{
	struct child *link = child_of(s, "link");
	char path[FILE_PATH_MAX + 1];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, CONFIG_LINK_PAIR);
	if (!link || link->pid == 0)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!chan_send_always(
	    link->chan, &(struct chan_message){.type = MESSAGE_RELOAD, .fds = &fd, .fd_count = 1});
	(void)close(fd);
}

static void on_reload_signal(void *ctx)
{
	struct supervisor *s = ctx;
	struct child *front = child_of(s, "front");
	int fds[CHAN_FDS_MAX];
	struct chan_message m = {.type = MESSAGE_RELOAD, .fds = fds};

	if (!s->stopping)
		reload_link(s);
	/* Who is not there yet reads them when it starts. */
	if (s->stopping || !front || front->pid == 0)
		return;
	log_event(&s->log, LOG_INFO, "node.reload",
	    LOG_KV({"text", S("the TLS certificate and key are read again; what tocsin.conf says "
	                      "counts from the next start on")}));
	m.fd_count = open_reloaded(s, fds);
	/* With one of them missing, front says that it keeps what it has. */
	(void)!chan_send_always(front->chan, &m);
	while (m.fd_count > 0)
		(void)close(fds[--m.fd_count]);
}

/* Whoever holds the other end says nothing; its closing is what counts. */
static void on_until(void *ctx)
{
	struct supervisor *s = ctx;
	char drain[64];

	if (read(s->o->until_fd, drain, sizeof(drain)) <= 0)
		stop(s);
}

static void add_children(struct supervisor *s)
{
	for (const struct node_role_class *const *class = NODE_ROLES; *class; class ++) {
		struct child *c = &s->children[s->count];

		if ((*class)->listeners[0] != LISTENER_NONE && !s->o->listen.p)
			continue;
		if (*class == &ROLE_SIGNIN_CLASS && !(s->o->oidc && s->o->listen.p))
			continue;
		c->s = s;
		c->class = *class;
		c->restart = loop_timer_new(s->loop, spawn, c);
		s->count++;
	}
}

static enum err run(struct supervisor *s, struct fault *fault)
{
	struct loop_watch *watches[5];
	size_t n = 0;
	enum err rc;

	s->patience = loop_timer_new(s->loop, out_of_patience, s);
	s->status_timer = loop_timer_new(s->loop, status_due, s);
	s->ask_timer = loop_timer_new(s->loop, ask_roles, s);
	s->status_task = loop_task_new(s->loop, write_status, s);
	watches[n++] = loop_signal_new(s->loop, SIGCHLD, on_child_signal, s);
	watches[n++] = loop_signal_new(s->loop, SIGTERM, on_stop_signal, s);
	watches[n++] = loop_signal_new(s->loop, SIGINT, on_stop_signal, s);
	watches[n++] = loop_signal_new(s->loop, SIGHUP, on_reload_signal, s);
	if (s->o->until_fd >= 0)
		watches[n++] = loop_watch_new(s->loop, s->o->until_fd, on_until, s);
	add_children(s);
	if (s->o->role_timeout > 0)
		ask_roles(s);
	spawn(child_of(s, "signer"));
	spawn(child_of(s, "core"));
	rc = loop_run(s->loop, fault);
	for (size_t i = 0; i < s->count; i++)
		loop_timer_free(s->children[i].restart);
	for (size_t i = 0; i < n; i++)
		loop_watch_free(watches[i]);
	loop_task_free(s->status_task);
	loop_timer_free(s->status_timer);
	loop_timer_free(s->ask_timer);
	loop_timer_free(s->patience);
	status_file_remove(s->o->dir);
	return rc != OK ? rc : s->outcome;
}

/* Before the roles confine themselves: each is given the folders that are there then. */
static enum err make_folders(struct supervisor *s, struct fault *fault)
{
	static const char *const FOLDERS[] = {"run", "views", "history", "people"};

	for (size_t i = 0; i < sizeof(FOLDERS) / sizeof(FOLDERS[0]); i++)
		TRY(file_make_dir(file_join(s->arena, s->o->dir, FOLDERS[i]), 0700, fault));
	return OK;
}

static enum err open_and_run(struct supervisor *s, struct fault *fault)
{
	struct str lock_path = file_join(s->arena, s->o->dir, "run/lock");
	int lock = s->o->lock_fd;
	enum err rc = OK;

	TRY(make_folders(s, fault));
	if (lock < 0)
		rc = file_lock(&lock, lock_path, fault);
	if (rc == ERR_BUSY)
		return fail(
		    fault, ERR_BUSY, "%.*s: this node is running already", STR_ARG(s->o->dir));
	TRY(rc);
	rc = guard_prepare(s->o->dir, s->o->config, &s->log, fault);
	if (rc == OK && s->o->listen.p)
		rc = listen_tcp(&s->listeners[LISTENER_WEB], s->url, s->o->listen, fault);
	if (rc == OK && s->o->taxii.p)
		rc = listen_tcp(&s->listeners[LISTENER_TAXII], s->taxii_url, s->o->taxii, fault);
	if (rc == OK && s->o->link.p)
		rc = listen_tcp(&s->listeners[LISTENER_LINK], s->link_url, s->o->link, fault);
	if (rc == OK)
		rc = loop_new(&s->loop, fault);
	if (rc == OK)
		rc = run(s, fault);
	loop_free(s->loop);
	for (size_t i = 0; i < LISTENERS; i++)
		if (s->listeners[i] >= 0)
			close(s->listeners[i]);
	close(lock);
	return rc;
}

enum err supervise(const struct supervise_options *options, struct fault *fault)
{
	struct supervisor s = {.o = options, .fault = fault};
	enum err rc;

	for (size_t i = 0; i < LISTENERS; i++)
		s.listeners[i] = -1;
	s.arena = arena_new(ARENA_MAX);
	s.dir = arena_str(s.arena, options->dir).p;
	s.log = (struct log){.env = sys_env(),
	    .role = S("supervisor"),
	    .level = options->listen.p ? LOG_INFO : LOG_WARNING,
	    .fd = 2};
	rc = open_and_run(&s, fault);
	arena_free(s.arena);
	return rc;
}
