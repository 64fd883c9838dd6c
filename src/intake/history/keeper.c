/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/history/keeper.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/table.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	KEEPER_NICE = 10,
	SLICE_ROWS = 100000, /* between looks at what else is to be done */
	BEHIND_MAX = 32,     /* segments; then merging comes first */
};

static const usec RETRY_AFTER = USEC_PER_SEC;
static const usec RETAIN_EVERY = 3600 * USEC_PER_SEC;
static const usec BUSY_EVERY = 300 * USEC_PER_SEC;

enum work { WORK_NONE, WORK_JOB, WORK_MERGE, WORK_RETAIN, WORK_BUSY };

struct keeper {
	struct keeper_options options;
	struct history_store *store; /* the thread's, once it runs */
	struct arena *arena;
	bool more;               /* merging is due */
	bool noting;             /* of what is busy, has been begun */
	bool reserved;           /* what space is left is the ledger's */
	usec retain_at, busy_at; /* of the monotonic clock */
	usec failing_since;      /* a run cannot be written; 0: they can */
	unsigned failing;        /* bits by enum work: what failed when it was last done */
	pthread_t thread;
	bool started;
	int fd;
	struct loop_watch *watch;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock. */
	bool stop;
	struct keeper_job *queue, **queue_last, *done, **done_last;
	struct keeper_figures status;
};

static void tell(struct keeper *k)
{
	const uint64_t one = 1;
	ssize_t n = write(k->fd, &one, sizeof(one));

	(void)n; /* a full counter is readable already */
}

static void on_news(void *ctx)
{
	struct keeper *k = ctx;
	uint64_t count;

	if (read(k->fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
		k->options.news(k->options.ctx);
}

static enum err prepare(struct keeper *k, struct fault *fault)
{
	pthread_condattr_t attr;

	k->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (k->fd < 0)
		return fail(fault, ERR_IO, "no descriptor for the history");
	k->queue_last = &k->queue;
	k->done_last = &k->done;
	(void)pthread_mutex_init(&k->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&k->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	k->watch = loop_watch_new(k->options.loop, k->fd, on_news, k);
	return OK;
}

enum err keeper_open(struct keeper **out, const struct keeper_options *options, struct fault *fault)
{
	struct keeper *k = mem_alloc(sizeof(*k));
	enum err rc;

	k->options = *options;
	k->arena = arena_new(HISTORY_RUN_MAX + 4096);
	rc = prepare(k, fault);
	if (rc == OK)
		rc = history_open(&k->store, file_join(k->arena, options->dir, "history"), fault);
	if (rc != OK) {
		keeper_close(k);
		return rc;
	}
	arena_reset(k->arena);
	k->more = true;
	k->status.counts = history_counts(k->store);
	*out = k;
	return OK;
}

bool keeper_place(const struct keeper *k, struct str source, struct stream_place *out)
{
	struct str bytes = history_place(k->store, source);
	struct rd in = rd_of(bytes);

	return bytes.n > 0 && place_get(out, &in) && rd_done(&in);
}

static enum err adopt(struct keeper *k, struct str run, struct str source,
    const struct stream_place *place, struct fault *fault)
{
	struct buf bytes;
	enum err rc;

	buf_init(&bytes, HISTORY_PLACE_MAX);
	place_put(&bytes, place);
	rc = bytes.failed;
	if (rc == OK)
		rc = history_adopt(
		    k->store, run, source, buf_str(&bytes), env_now(k->options.env), fault);
	buf_free(&bytes);
	return rc;
}

/* Moves the place alone. */
static enum err adopt_nothing(
    struct keeper *k, struct str source, const struct stream_place *place, struct fault *fault)
{
	return adopt(k, S("tochrun1"), source, place, fault);
}

enum err keeper_begin(
    struct keeper *k, struct str source, const struct stream_place *place, struct fault *fault)
{
	return adopt_nothing(k, source, place, fault);
}

/* ---- the thread ---- */

static struct timespec deadline(usec at)
{
	return (struct timespec){.tv_sec = at / USEC_PER_SEC, .tv_nsec = at % USEC_PER_SEC * 1000};
}

/* News does not heal a full disk: only time is waited for. False when it is time to stop. */
static bool pause_for(struct keeper *k, usec time)
{
	struct timespec until = deadline(sys_monotonic() + time);
	bool go_on;
	int rc = 0;

	(void)pthread_mutex_lock(&k->lock);
	while (!k->stop && rc == 0)
		rc = pthread_cond_timedwait(&k->wake, &k->lock, &until);
	go_on = !k->stop;
	(void)pthread_mutex_unlock(&k->lock);
	return go_on;
}

/* What others are to know of the store: a fault until all that failed works again. */
static void publish(struct keeper *k, enum work work, enum err rc, const struct fault *fault)
{
	struct history_counts counts = history_counts(k->store);
	unsigned bit = 1U << work;
	bool news = false;

	k->failing = rc != OK ? k->failing | bit : k->failing & ~bit;
	(void)pthread_mutex_lock(&k->lock);
	k->status.counts = counts;
	if (rc != OK || !k->failing) {
		news = k->status.fault.code != rc || k->status.reserved != k->reserved;
		k->status.fault = *fault;
		k->status.fault.code = rc;
		k->status.reserved = k->reserved;
	}
	(void)pthread_mutex_unlock(&k->lock);
	if (news)
		tell(k);
}

/* Room is left for the ledger and its views. */
static enum err check_space(struct keeper *k, struct fault *fault)
{
	uint64_t space;

	k->reserved =
	    file_free_space(&space, k->options.dir, fault) == OK && space < k->options.reserve;
	if (!k->reserved)
		return OK;
	return fail(fault, ERR_FULL, "less than %llu MB free",
	    (unsigned long long)(k->options.reserve >> 20));
}

static enum err take_run(struct keeper *k, struct keeper_job *job, struct fault *fault)
{
	struct str run;
	enum err rc;

	arena_reset(k->arena);
	TRY(check_space(k, fault));
	/* Who made the run may still change the file: what is checked is what is kept. */
	rc = file_read_fd(&run, k->arena, job->fd, HISTORY_RUN_MAX, fault);
	if (rc == OK)
		rc = adopt(k, run, job->source, &job->place, fault);
	if (rc != ERR_INVALID && rc != ERR_LIMIT)
		return rc;
	TRY(adopt_nothing(k, job->source, &job->place, fault));
	job->rc = ERR_INVALID;
	job->fault = *fault;
	return OK;
}

/* Whether the job is done with, be it lost. While space is kept for the ledger nothing is: then no
 * stream goes on anyway. */
static bool do_job(struct keeper *k, struct keeper_job *job, enum err *rc, struct fault *fault)
{
	usec now = sys_monotonic();

	if (job->erase) {
		job->rc = history_erase(
		    k->store, job->erase, job->erase_count, &job->erased, &job->fault);
		/* What is noted may be of what went. */
		k->noting = false;
		k->busy_at = 0;
		return true;
	}
	*rc = take_run(k, job, fault);
	if (*rc == OK || k->reserved) {
		k->failing_since = 0;
		return *rc == OK;
	}
	if (!k->failing_since)
		k->failing_since = now;
	if (now - k->failing_since < k->options.patience)
		return false;
	job->rc = *rc;
	job->fault = *fault;
	return true;
}

static void finish(struct keeper *k, struct keeper_job *job)
{
	struct history_counts counts = history_counts(k->store);

	(void)pthread_mutex_lock(&k->lock);
	k->status.counts = counts;
	k->queue = job->next;
	if (!k->queue)
		k->queue_last = &k->queue;
	k->status.waiting--;
	k->status.refused += !job->erase && job->rc == ERR_INVALID;
	k->status.lost += !job->erase && job->rc != OK && job->rc != ERR_INVALID;
	job->next = NULL;
	*k->done_last = job;
	k->done_last = &job->next;
	(void)pthread_mutex_unlock(&k->lock);
	tell(k);
}

static enum err merge(struct keeper *k, struct fault *fault)
{
	TRY(check_space(k, fault));
	return history_merge(k->store, SLICE_ROWS, &k->more, fault);
}

static enum err note_busy(struct keeper *k, struct fault *fault)
{
	enum err rc =
	    history_note_busy(k->store, env_now(k->options.env), SLICE_ROWS, &k->noting, fault);

	if (k->noting)
		return OK;
	k->busy_at = sys_monotonic() + BUSY_EVERY;
	/* A merge that failed is tried again. */
	k->more |= k->failing >> WORK_MERGE & 1;
	return rc;
}

/* One thing after the other, the most urgent first. */
static enum work do_something(
    struct keeper *k, struct keeper_job *job, enum err *rc, struct fault *fault)
{
	usec now = sys_monotonic();

	if (job && !(k->more && history_behind(k->store) > BEHIND_MAX)) {
		if (do_job(k, job, rc, fault))
			finish(k, job);
		k->more = true;
		return WORK_JOB;
	}
	if (k->more) {
		*rc = merge(k, fault);
		return WORK_MERGE;
	}
	if (k->options.keep && now >= k->retain_at) {
		*rc = history_retain(k->store, k->options.keep, env_now(k->options.env), fault);
		k->retain_at = now + RETAIN_EVERY;
		k->more = true;
		return WORK_RETAIN;
	}
	if (k->noting || now >= k->busy_at) {
		*rc = note_busy(k, fault);
		return WORK_BUSY;
	}
	return WORK_NONE;
}

/* The first job; with `wait` not before there is one, or something falls due. */
static bool next_job(struct keeper *k, struct keeper_job **job, bool wait)
{
	usec due = k->busy_at;
	struct timespec until;
	bool go_on;
	int rc = 0;

	if (k->options.keep && k->retain_at < due)
		due = k->retain_at;
	until = deadline(due);
	(void)pthread_mutex_lock(&k->lock);
	while (wait && !k->stop && !k->queue && rc == 0)
		rc = pthread_cond_timedwait(&k->wake, &k->lock, &until);
	*job = k->queue;
	go_on = !k->stop;
	(void)pthread_mutex_unlock(&k->lock);
	return go_on;
}

static bool has_given_up(const struct keeper *k)
{
	return k->failing_since && sys_monotonic() - k->failing_since >= k->options.patience;
}

static void *run(void *arg)
{
	struct keeper *k = arg;
	struct keeper_job *job;
	enum work work = WORK_JOB;

	/* Of this thread alone; one that may not goes on as it is. */
	(void)setpriority(PRIO_PROCESS, 0, KEEPER_NICE);
	while (next_job(k, &job, work == WORK_NONE)) {
		struct fault fault = {.code = OK};
		enum err rc = OK;

		work = do_something(k, job, &rc, &fault);
		publish(k, work, rc, &fault);
		/* There is nothing to wait for with a run that was given up. */
		if (rc != OK && !has_given_up(k) && !pause_for(k, RETRY_AFTER))
			break;
	}
	return NULL;
}

/* ---- from the loop ---- */

enum err keeper_start(struct keeper *k, struct fault *fault)
{
	int error = pthread_create(&k->thread, NULL, run, k);

	if (error != 0)
		return fail(fault, ERR_NOMEM, "cannot start a thread: %s", sys_error(error));
	k->started = true;
	return OK;
}

void keeper_close(struct keeper *k)
{
	if (!k)
		return;
	if (k->started) {
		(void)pthread_mutex_lock(&k->lock);
		k->stop = true;
		(void)pthread_cond_broadcast(&k->wake);
		(void)pthread_mutex_unlock(&k->lock);
		(void)pthread_join(k->thread, NULL);
	}
	loop_watch_free(k->watch);
	history_close(k->store);
	arena_free(k->arena);
	if (k->fd >= 0) {
		(void)close(k->fd);
		(void)pthread_cond_destroy(&k->wake);
		(void)pthread_mutex_destroy(&k->lock);
	}
	mem_free(k);
}

void keeper_give(struct keeper *k, struct keeper_job *job)
{
	job->rc = OK;
	job->erased = 0;
	job->next = NULL;
	(void)pthread_mutex_lock(&k->lock);
	*k->queue_last = job;
	k->queue_last = &job->next;
	k->status.waiting++;
	(void)pthread_cond_broadcast(&k->wake);
	(void)pthread_mutex_unlock(&k->lock);
}

struct keeper_job *keeper_take(struct keeper *k)
{
	struct keeper_job *job;

	(void)pthread_mutex_lock(&k->lock);
	job = k->done;
	if (job) {
		k->done = job->next;
		if (!k->done)
			k->done_last = &k->done;
	}
	(void)pthread_mutex_unlock(&k->lock);
	return job;
}

void keeper_figures(struct keeper *k, struct keeper_figures *out)
{
	(void)pthread_mutex_lock(&k->lock);
	*out = k->status;
	(void)pthread_mutex_unlock(&k->lock);
}
