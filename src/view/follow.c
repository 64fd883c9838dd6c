/* SPDX-License-Identifier: Apache-2.0 */
#include "view/follow.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/env.h"
#include "view/sql.h"

enum { PATH_BYTES = 4096 };

/* After so long without work, memory for work is given back; after so long a failure is retried. */
static const usec REST_AFTER = 2 * USEC_PER_SEC;
static const usec RETRY_AFTER = 3 * USEC_PER_SEC;

/* What comes in is made durable first. While more than BULK records wait and more come, a view
 * steps back, but never for longer than STEP_BACK_MAX: then it catches up in larger transactions.
 */
enum { FOLLOWER_NICE = 19, BULK = 4096 };
static const usec BULK_OVER = USEC_PER_SEC / 50;
static const usec STEP_BACK_MAX = USEC_PER_SEC;

struct follower {
	struct followers *all;
	const struct view_class *class;
	pthread_t thread;
	_Atomic uint64_t cursor;
	struct fault fault; /* under the lock */
	bool opened;        /* likewise: or dropped, because it could not be */
};

struct followers {
	char ledger[PATH_BYTES], views[PATH_BYTES];
	const struct env *env;
	int fd;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint64_t notified; /* under the lock: how often there was news */
	bool stop;         /* under the lock */
	size_t started;
	struct follower each[VIEW_COUNT];
};

static struct timespec deadline(usec after)
{
	usec t = sys_monotonic() + after;

	return (struct timespec){.tv_sec = t / USEC_PER_SEC, .tv_nsec = t % USEC_PER_SEC * 1000};
}

static bool before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* Waits for news past *seen, at most `limit` (0: without end). False when it is time to stop. */
static bool wait_for_news(struct followers *f, uint64_t *seen, usec limit)
{
	struct timespec until = deadline(limit);
	bool go_on;
	int rc = 0;

	(void)pthread_mutex_lock(&f->lock);
	while (!f->stop && f->notified == *seen && rc == 0)
		rc = limit ? pthread_cond_timedwait(&f->wake, &f->lock, &until)
		           : pthread_cond_wait(&f->wake, &f->lock);
	*seen = f->notified;
	go_on = !f->stop;
	(void)pthread_mutex_unlock(&f->lock);
	return go_on;
}

/* News does not heal a full disk: only time is waited for. False when it is time to stop. */
static bool pause_for(struct followers *f, usec time)
{
	struct timespec until = deadline(time);
	bool go_on;
	int rc = 0;

	(void)pthread_mutex_lock(&f->lock);
	while (!f->stop && rc == 0)
		rc = pthread_cond_timedwait(&f->wake, &f->lock, &until);
	go_on = !f->stop;
	(void)pthread_mutex_unlock(&f->lock);
	return go_on;
}

static bool stopping(struct followers *f)
{
	bool stop;

	(void)pthread_mutex_lock(&f->lock);
	stop = f->stop;
	(void)pthread_mutex_unlock(&f->lock);
	return stop;
}

static void tell(struct followers *f)
{
	const uint64_t one = 1;
	ssize_t n = write(f->fd, &one, sizeof(one));

	(void)n; /* a full counter is readable already */
}

static void set_fault(struct follower *me, const struct fault *fault)
{
	(void)pthread_mutex_lock(&me->all->lock);
	me->fault = *fault;
	(void)pthread_mutex_unlock(&me->all->lock);
	tell(me->all);
}

/* While a bulk load is under way. */
static void step_back(struct follower *me, const struct store *s, uint64_t cursor)
{
	struct followers *f = me->all;
	struct timespec latest = deadline(STEP_BACK_MAX);
	int rc = 0;

	(void)pthread_mutex_lock(&f->lock);
	while (!f->stop && rc == 0 && store_size(s) - cursor > BULK) {
		uint64_t seen = f->notified;
		struct timespec quiet = deadline(BULK_OVER);

		if (!before(&quiet, &latest))
			break;
		while (!f->stop && f->notified == seen && rc == 0)
			rc = pthread_cond_timedwait(&f->wake, &f->lock, &quiet);
	}
	(void)pthread_mutex_unlock(&f->lock);
}

/* Takes what is committed, batch by batch. */
static enum err take_all(
    struct follower *me, struct view *v, const struct store *s, struct fault *fault)
{
	while (!stopping(me->all)) {
		uint64_t cursor = me->class->cursor(v);
		uint64_t size;

		if (!me->class->urgent)
			step_back(me, s, cursor);
		size = store_size(s);
		if (cursor >= size)
			break;
		if (size - cursor > VIEW_BATCH_RECORDS)
			size = cursor + VIEW_BATCH_RECORDS;
		TRY(me->class->follow(v, s, size, fault));
		atomic_store(&me->cursor, me->class->cursor(v));
		tell(me->all);
	}
	return OK;
}

/* From here on readers find either the view as it is or one that has yet to see the ledger. */
static void be_open(struct follower *me)
{
	(void)pthread_mutex_lock(&me->all->lock);
	me->opened = true;
	(void)pthread_cond_broadcast(&me->all->wake);
	(void)pthread_mutex_unlock(&me->all->lock);
	/* Of this thread alone; one that may not goes on as it is. Not before: somebody waits. */
	(void)setpriority(PRIO_PROCESS, 0, FOLLOWER_NICE);
}

static void wait_for_all(struct followers *f)
{
	(void)pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < VIEW_COUNT; i++)
		while (!f->each[i].opened)
			(void)pthread_cond_wait(&f->wake, &f->lock);
	(void)pthread_mutex_unlock(&f->lock);
}

/* Until there is an error or it is time to stop. */
static enum err follow(struct follower *me, const struct store *s, struct fault *fault)
{
	static const struct fault NONE = {.code = OK};
	uint64_t seen = 0;
	struct view *v;
	enum err rc;

	TRY(view_open(&v, me->class, str_c(me->all->views), s, fault));
	atomic_store(&me->cursor, me->class->cursor(v));
	be_open(me);
	set_fault(me, &NONE);
	for (;;) {
		uint64_t before = me->class->cursor(v);

		rc = take_all(me, v, s, fault);
		if (rc != OK || stopping(me->all) || store_stale(s))
			break;
		if (me->class->cursor(v) != before) {
			(void)wait_for_news(me->all, &seen, REST_AFTER);
			continue;
		}
		me->class->rest(v);
		mem_trim();
		if (!wait_for_news(me->all, &seen, 0))
			break;
	}
	me->class->close(v);
	return rc;
}

static void *run(void *arg)
{
	struct follower *me = arg;
	struct followers *f = me->all;
	const struct store_options options = {.dir = str_c(f->ledger), .env = f->env};
	bool go_on = true;

	while (go_on) {
		struct fault fault = {.code = OK};
		struct store *s;
		enum err rc = store_open(&s, &options, &fault);

		if (rc == OK) {
			rc = follow(me, s, &fault);
			store_close(s);
		}
		go_on = !stopping(f);
		if (rc == OK || !go_on)
			continue;
		set_fault(me, &fault);
		if (rc == ERR_CORRUPT)
			(void)!me->class->drop(str_c(f->views), NULL);
		be_open(me);
		go_on = pause_for(f, RETRY_AFTER);
	}
	return NULL;
}

static enum err prepare(struct followers *f, struct str node_dir, struct fault *fault)
{
	pthread_condattr_t attr;

	if (node_dir.n + 16 > PATH_BYTES)
		return fail(fault, ERR_LIMIT, "path too long: %.*s", STR_ARG(node_dir));
	(void)snprintf(f->ledger, sizeof(f->ledger), "%.*s/ledger", STR_ARG(node_dir));
	(void)snprintf(f->views, sizeof(f->views), "%.*s/views", STR_ARG(node_dir));
	if (mkdir(f->views, 0700) < 0 && errno != EEXIST)
		return fail(fault, errno == ENOSPC ? ERR_FULL : ERR_IO, "%s: %s", f->views,
		    sys_error(errno));
	f->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (f->fd < 0)
		return fail(fault, ERR_IO, "eventfd: %s", sys_error(errno));
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&f->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	return OK;
}

enum err followers_start(
    struct followers **out, struct str node_dir, const struct env *env, struct fault *fault)
{
	struct followers *f = mem_alloc(sizeof(*f));
	enum err rc;

	f->env = env;
	sql_set_up();
	rc = prepare(f, node_dir, fault);
	if (rc != OK) {
		mem_free(f);
		return rc;
	}
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		struct follower *me = &f->each[i];
		int error;

		me->all = f;
		me->class = VIEW_CLASSES[i];
		error = pthread_create(&me->thread, NULL, run, me);
		if (error != 0) {
			followers_stop(f);
			return fail(
			    fault, ERR_NOMEM, "cannot start a thread: %s", sys_error(error));
		}
		f->started++;
	}
	wait_for_all(f);
	*out = f;
	return OK;
}

void followers_stop(struct followers *f)
{
	if (!f)
		return;
	(void)pthread_mutex_lock(&f->lock);
	f->stop = true;
	(void)pthread_cond_broadcast(&f->wake);
	(void)pthread_mutex_unlock(&f->lock);
	for (size_t i = 0; i < f->started; i++)
		(void)pthread_join(f->each[i].thread, NULL);
	(void)pthread_cond_destroy(&f->wake);
	(void)pthread_mutex_destroy(&f->lock);
	(void)close(f->fd);
	mem_free(f);
}

void followers_notify(struct followers *f)
{
	(void)pthread_mutex_lock(&f->lock);
	f->notified++;
	(void)pthread_cond_broadcast(&f->wake);
	(void)pthread_mutex_unlock(&f->lock);
}

int followers_fd(const struct followers *f)
{
	return f->fd;
}

uint64_t followers_cursor(const struct followers *f)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < VIEW_COUNT; i++) {
		uint64_t c = atomic_load(&f->each[i].cursor);

		if (c < least)
			least = c;
	}
	return least;
}

void followers_status(struct followers *f, size_t i, struct follower_status *out)
{
	out->name = f->each[i].class->name;
	out->cursor = atomic_load(&f->each[i].cursor);
	(void)pthread_mutex_lock(&f->lock);
	out->fault = f->each[i].fault;
	(void)pthread_mutex_unlock(&f->lock);
}
