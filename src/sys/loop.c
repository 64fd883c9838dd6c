/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/loop.h"

#include <stdlib.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"

struct loop {
	struct event_base *base;
};

/* Timers, tasks and watches are one libevent event and one callback each. */
struct handle {
	struct event *event;
	loop_fn fn;
	void *ctx;
};

struct loop_timer {
	struct handle h;
};

struct loop_task {
	struct handle h;
};

struct loop_watch {
	struct handle h;
};

struct loop_alarm {
	struct loop_watch *watch;
	int fd;
	loop_fn fn;
	void *ctx;
};

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	const struct handle *h = ctx;

	(void)fd;
	(void)what;
	h->fn(h->ctx);
}

static void handle_init(struct handle *h, struct loop *l, int fd, short what)
{
	h->event = event_new(l->base, fd, what, on_event, h);
	if (!h->event)
		abort();
}

static void handle_free(struct handle *h)
{
	event_free(h->event);
	mem_free(h);
}

enum err loop_new(struct loop **out, struct fault *fault)
{
	struct event_base *base = event_base_new();
	struct loop *l;

	if (!base)
		return fail(fault, ERR_IO, "cannot make an event loop");
	l = mem_alloc(sizeof(*l));
	l->base = base;
	*out = l;
	return OK;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	event_base_free(l->base);
	mem_free(l);
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

enum err loop_run(struct loop *l, struct fault *fault)
{
	if (event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY) < 0)
		return fail(fault, ERR_IO, "the event loop failed");
	return OK;
}

void loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *ctx)
{
	struct loop_timer *t = mem_alloc(sizeof(*t));

	t->h.fn = fn;
	t->h.ctx = ctx;
	handle_init(&t->h, l, -1, 0);
	return t;
}

void loop_timer_set(struct loop_timer *t, usec delay)
{
	struct timeval tv = {0};

	if (delay > 0) {
		tv.tv_sec = (time_t)(delay / USEC_PER_SEC);
		tv.tv_usec = (suseconds_t)(delay % USEC_PER_SEC);
	}
	if (event_add(t->h.event, &tv) != 0)
		abort();
}

void loop_timer_clear(struct loop_timer *t)
{
	event_del(t->h.event);
}

void loop_timer_free(struct loop_timer *t)
{
	if (t)
		handle_free(&t->h);
}

struct loop_task *loop_task_new(struct loop *l, loop_fn fn, void *ctx)
{
	struct loop_task *t = mem_alloc(sizeof(*t));

	t->h.fn = fn;
	t->h.ctx = ctx;
	handle_init(&t->h, l, -1, 0);
	return t;
}

void loop_task_run(struct loop_task *t)
{
	static const struct timeval NOW = {0};

	/* Not event_active: a task that asks for itself again would keep the loop from looking at
	 * its descriptors. */
	if (event_add(t->h.event, &NOW) != 0)
		abort();
}

void loop_task_free(struct loop_task *t)
{
	if (t)
		handle_free(&t->h);
}

static struct loop_watch *watch_new(struct loop *l, int fd, short what, struct handle h)
{
	struct loop_watch *w = mem_alloc(sizeof(*w));

	w->h = h;
	handle_init(&w->h, l, fd, what);
	if (event_add(w->h.event, NULL) != 0)
		abort();
	return w;
}

struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_fn fn, void *ctx)
{
	return watch_new(l, fd, EV_READ | EV_PERSIST, (struct handle){.fn = fn, .ctx = ctx});
}

struct loop_watch *loop_signal_new(struct loop *l, int signo, loop_fn fn, void *ctx)
{
	return watch_new(l, signo, EV_SIGNAL | EV_PERSIST, (struct handle){.fn = fn, .ctx = ctx});
}

void loop_watch_free(struct loop_watch *w)
{
	if (w)
		handle_free(&w->h);
}

static void on_alarm(void *ctx)
{
	const struct loop_alarm *a = ctx;
	uint64_t times;

	if (read(a->fd, &times, sizeof(times)) == (ssize_t)sizeof(times))
		a->fn(a->ctx);
}

struct loop_alarm *loop_alarm_new(struct loop *l, loop_fn fn, void *ctx)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	struct loop_alarm *a;

	if (fd < 0)
		return NULL;
	a = mem_alloc(sizeof(*a));
	*a = (struct loop_alarm){.fd = fd, .fn = fn, .ctx = ctx};
	a->watch = loop_watch_new(l, fd, on_alarm, a);
	return a;
}

void loop_alarm_set(struct loop_alarm *a, usec at)
{
	const struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / USEC_PER_SEC),
	                                    .tv_nsec = (long)(at % USEC_PER_SEC) * 1000 + 1}};

	if (timerfd_settime(a->fd, TFD_TIMER_ABSTIME, &when, NULL) != 0)
		abort();
}

void loop_alarm_free(struct loop_alarm *a)
{
	if (!a)
		return;
	loop_watch_free(a->watch);
	(void)close(a->fd);
	mem_free(a);
}
