/* SPDX-License-Identifier: Apache-2.0 */
/* A command's way to the core: over the control socket, of a transient node when none runs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/serve.h"
#include "serve/supervisor.h"
#include "sys/files.h"
#include "sys/listen.h"
#include "sys/message.h"
#include "sys/rpc_chan.h"

enum { PENDING_MAX = 2, READY_LINE_MAX = 256 };

static const usec WAIT_FOR_OTHERS = 20 * USEC_PER_SEC; /* another command's transient node */
static const int WAIT_TICK_MS = 20;

/* A conversation over the control socket. */
struct talk {
	struct loop *loop;
	struct chan *chan;
	struct rpc_client *client;
	struct arena *arena;
	struct str *reply; /* NULL: not wanted */
	struct fault *fault;
	enum err outcome;
};

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct talk *t = ctx;

	(void)chan;
	if (rpc_client_take(t->client, m) != OK)
		rpc_client_attach(t->client, NULL);
}

static void on_closed(void *ctx, struct chan *chan)
{
	struct talk *t = ctx;

	(void)chan;
	rpc_client_attach(t->client, NULL);
}

static void on_reply(void *ctx, enum err status, struct str reply)
{
	struct talk *t = ctx;
	struct str copy;

	loop_stop(t->loop);
	t->outcome = status;
	if (status != OK) {
		(void)fail(t->fault, status, "%.*s", STR_ARG(reply));
		return;
	}
	if (!t->reply)
		return;
	copy = arena_str(t->arena, reply);
	if (copy.p)
		*t->reply = copy;
	else
		t->outcome = fail(t->fault, ERR_NOMEM, "no memory for the node's answer");
}

static enum err say(struct talk *t, const struct rpc_call *call)
{
	struct rpc rpc = rpc_client_rpc(t->client);
	enum err rc = rpc.call(rpc.ctx, call, on_reply, t);

	if (rc != OK)
		return fail(t->fault, rc, "the node's core cannot be asked");
	TRY(loop_run(t->loop, t->fault));
	return t->outcome;
}

static enum err converse(struct talk *t, const struct rpc_call *call, struct str *reply)
{
	const struct rpc_call wait = {.op = S("views.wait"), .args = S("{}"), .fd = -1};

	t->reply = reply;
	TRY(say(t, call));
	t->reply = NULL;
	return say(t, &wait);
}

static enum err call_over(int fd, const struct rpc_call *call, struct arena *arena,
    struct str *reply, struct fault *fault)
{
	struct talk t = {.arena = arena, .fault = fault};
	enum err rc = loop_new(&t.loop, fault);

	if (rc != OK) {
		close(fd);
		return rc;
	}
	t.client = rpc_client_new(PENDING_MAX);
	t.chan = chan_new(&(struct chan_options){
	    .loop = t.loop, .fd = fd, .message = on_message, .closed = on_closed, .ctx = &t});
	rpc_client_attach(t.client, t.chan);
	rc = converse(&t, call, reply);
	rpc_client_free(t.client);
	chan_free(t.chan);
	loop_free(t.loop);
	return rc;
}

/* A node that this process has started for itself. */
struct transient {
	pid_t pid;
	int until; /* closing it ends the node */
	int ready;
};

static void become_transient(const struct transient *t, int lock, const char *dir)
{
	char program[] = "tocsin";
	char verb[] = "serve";
	char option[] = "--transient";
	char copy[FILE_PATH_MAX + 1];
	char *const argv[] = {program, verb, option, copy, NULL};

	(void)snprintf(copy, sizeof(copy), "%s", dir);
	if (dup2(t->until, STDIN_FILENO) < 0 || dup2(t->ready, STDOUT_FILENO) < 0 ||
	    dup2(lock, TRANSIENT_LOCK_FD) < 0 || fcntl(TRANSIENT_LOCK_FD, F_SETFD, 0) != 0)
		_exit(2);
	execve("/proc/self/exe", argv, environ);
	_exit(2);
}

static enum err start(struct transient *out, int lock, const char *dir, struct fault *fault)
{
	int until[2];
	int ready[2];
	struct transient t;

	if (pipe2(until, O_CLOEXEC) != 0)
		return fail(fault, ERR_IO, "cannot make a pipe: %s", sys_error(errno));
	if (pipe2(ready, O_CLOEXEC) != 0) {
		close(until[0]);
		close(until[1]);
		return fail(fault, ERR_IO, "cannot make a pipe: %s", sys_error(errno));
	}
	t.pid = fork();
	if (t.pid == 0) {
		t.until = until[0];
		t.ready = ready[1];
		become_transient(&t, lock, dir);
	}
	close(until[0]);
	close(ready[1]);
	t.until = until[1];
	t.ready = ready[0];
	if (t.pid < 0) {
		close(t.until);
		close(t.ready);
		return fail(fault, ERR_IO, "cannot start a process: %s", sys_error(errno));
	}
	*out = t;
	return OK;
}

static void stop(const struct transient *t)
{
	int status;

	close(t->until);
	close(t->ready);
	while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		;
}

/* True when the node said that it is ready; false when it ended instead. */
static bool is_ready(const struct transient *t)
{
	char line[READY_LINE_MAX];
	ssize_t n;

	do {
		n = read(t->ready, line, sizeof(line));
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Consumes the lock: the node holds it from its first moment to its end. */
static enum err with_transient(
    int *fd, struct transient *t, int lock, const char *dir, struct str socket, struct fault *fault)
{
	enum err rc = start(t, lock, dir, fault);

	close(lock);
	TRY(rc);
	rc = is_ready(t) ? listen_connect(fd, socket, fault)
	                 : fail(fault, ERR_BUSY, "%s: the node could not be started", dir);
	if (rc != OK)
		stop(t);
	return rc;
}

enum err node_call(struct str dir, const struct rpc_call *call, struct arena *arena,
    struct str *reply, struct fault *fault)
{
	const usec deadline = sys_monotonic() + WAIT_FOR_OTHERS;
	struct str socket = file_join(arena, dir, "run/control.sock");
	struct str lock = file_join(arena, dir, "run/lock");
	const char *dir_text = arena_str(arena, dir).p;
	struct transient t = {.pid = 0};
	enum err rc;
	int fd;

	for (;;) {
		int held;

		rc = listen_connect(&fd, socket, fault);
		if (rc != ERR_NOT_FOUND)
			break;
		/* Held: somebody's node is starting or stopping; look again shortly. */
		rc = file_lock(&held, lock, fault);
		if (rc == OK) {
			rc = with_transient(&fd, &t, held, dir_text, socket, fault);
			break;
		}
		if (rc != ERR_BUSY || sys_monotonic() > deadline)
			break;
		(void)poll(NULL, 0, WAIT_TICK_MS);
	}
	if (rc != OK)
		return rc;
	rc = call_over(fd, call, arena, reply, fault);
	if (t.pid > 0)
		stop(&t);
	return rc;
}
