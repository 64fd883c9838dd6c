/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/role.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rd.h"
#include "intake/job.h"
#include "intake/letter/letter.h"
#include "intake/live/arms.h"
#include "intake/messages.h"
#include "intake/package/look.h"
#include "intake/range/range.h"
#include "intake/stream.h"
#include "match/matcher.h"
#include "sys/files.h"

/* However still the kernel is, files are looked at so often: where it tells of changes, and where
 * it cannot. */
static const usec LOOK_WATCHED = 10 * USEC_PER_SEC;
static const usec LOOK_UNWATCHED = USEC_PER_SEC;
/* While the history is owed something. */
static const usec LOOK_OWED = USEC_PER_SEC;
static const usec LOOK_WAITED = USEC_PER_SEC / 20;

static const usec TELL_AFTER = USEC_PER_SEC / 2;

/* Of an alarm: its text, and how many indicators it names. */
enum { ALARM_TEXT = 512, ALARM_NAMES = 4 };

struct intake {
	struct intake_options options;
	struct chan *core;
	struct job *jobs[INTAKE_JOBS_MAX]; /* the first is at work */
	size_t job_count;
	struct range_job *ranges[INTAKE_RANGES_MAX]; /* likewise; what is urgent before the rest */
	size_t range_count;
	struct stream *streams[CONFIG_SOURCES_MAX];
	size_t stream_count;
	struct stream_tools tools;
	struct loop_task *work;
	struct loop_timer *look, *owed;
	struct loop_timer *tell;
	bool telling;
	struct live_figures told;
	struct loop_watch *watch;
	int notify;
	bool paused, stopped, blocked;
	bool unwatched; /* the kernel does not tell of some folder */
};

/* Who is not matched any more, by name as far as there is room. */
static void tell_disarmed(struct intake *x, uint64_t count)
{
	char text[ALARM_TEXT];
	size_t n = 0, named = 0;

	if (count == 0) {
		x->options.alarm(x->options.ctx, "patterns-disarmed", NULL);
		return;
	}
	n = (size_t)snprintf(text, sizeof(text),
	    "patterns that took too much work are not matched on events until intake starts "
	    "again:");
	for (size_t i = 0; i < arms_count(x->tools.arms) && named < ALARM_NAMES; i++) {
		const struct arm *arm = arms_at(x->tools.arms, i);

		if (arm->state != ARM_DISARMED)
			continue;
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %s", arm->id);
		named++;
	}
	if (count > named)
		(void)snprintf(text + n, sizeof(text) - n, " and %llu more",
		    (unsigned long long)(count - named));
	x->options.alarm(x->options.ctx, "patterns-disarmed", text);
}

static void tell(void *ctx)
{
	struct intake *x = ctx;
	const struct live_figures *now = arms_figures(x->tools.arms);

	x->telling = false;
	for (size_t i = 0; i < LIVE_FIGURES; i++)
		if (live_figure(now, i) != live_figure(&x->told, i))
			x->options.figure(x->options.ctx, LIVE_FIGURE[i].name, live_figure(now, i));
	if (now->disarmed != x->told.disarmed)
		tell_disarmed(x, now->disarmed);
	x->told = *now;
}

/* A little later, with what changes until then. */
static void tell_soon(struct intake *x)
{
	if (x->telling || !x->options.figure)
		return;
	arms_count_due(x->tools.arms, env_now(x->tools.env));
	if (memcmp(&x->told, arms_figures(x->tools.arms), sizeof(x->told)) == 0)
		return;
	loop_timer_set(x->tell, TELL_AFTER);
	x->telling = true;
}

static void work_on_streams(struct intake *x)
{
	bool more = false, owes = false, waits = false;

	for (size_t i = 0; i < x->stream_count; i++) {
		more |= stream_step(x->streams[i], &x->tools);
		owes |= stream_owes(x->streams[i]);
		waits |= stream_waits(x->streams[i]);
	}
	tell_soon(x);
	if (more)
		loop_task_run(x->work);
	else if (owes || waits)
		loop_timer_set(x->owed, waits ? LOOK_WAITED : LOOK_OWED);
}

static void work_on_jobs(struct intake *x)
{
	if (x->job_count == 0 || x->blocked)
		return;
	if (!job_step(x->jobs[0], x->core, &x->blocked)) {
		job_free(x->jobs[0]);
		x->job_count--;
		for (size_t i = 0; i < x->job_count; i++)
			x->jobs[i] = x->jobs[i + 1];
	}
	if (x->job_count && !x->blocked)
		loop_task_run(x->work);
}

/* Ranges of peers are small: one is not held up by a large import. */
static void work_on_ranges(struct intake *x)
{
	if (x->range_count == 0 || x->blocked)
		return;
	if (!range_job_step(x->ranges[0], x->core, &x->blocked)) {
		range_job_free(x->ranges[0]);
		x->range_count--;
		for (size_t i = 0; i < x->range_count; i++)
			x->ranges[i] = x->ranges[i + 1];
	}
	if (x->range_count && !x->blocked)
		loop_task_run(x->work);
}

static void work(void *ctx)
{
	struct intake *x = ctx;

	if (!x->core || x->stopped)
		return;
	if (!x->paused)
		work_on_streams(x);
	work_on_ranges(x);
	work_on_jobs(x);
}

static void look(void *ctx)
{
	struct intake *x = ctx;

	loop_task_run(x->work);
	if (x->options.config->source_count)
		loop_timer_set(x->look, x->unwatched ? LOOK_UNWATCHED : LOOK_WATCHED);
}

static void look_owed(void *ctx)
{
	struct intake *x = ctx;

	loop_task_run(x->work);
}

static void notified(void *ctx)
{
	struct intake *x = ctx;
	_Alignas(struct inotify_event) char events[4096];

	while (read(x->notify, events, sizeof(events)) > 0)
		;
	loop_task_run(x->work);
}

/* The folders of the streams: what happens to a name shows there. One that is not there yet is
 * found by looking. */
static void watch_folders(struct intake *x)
{
	const uint32_t mask =
	    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
	char folder[FILE_PATH_MAX + 1];

	x->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	x->unwatched = x->notify < 0;
	if (x->notify < 0)
		return;
	for (size_t i = 0; i < x->options.config->source_count; i++) {
		struct str path = x->options.config->sources[i].path;

		while (path.n > 1 && path.p[path.n - 1] != '/')
			path.n--;
		if (path.n == 0 || path.n >= sizeof(folder))
			continue;
		memcpy(folder, path.p, path.n);
		folder[path.n] = '\0';
		x->unwatched |= inotify_add_watch(x->notify, folder, mask) < 0;
	}
	x->watch = loop_watch_new(x->options.loop, x->notify, notified, x);
}

enum err intake_new(struct intake **out, const struct intake_options *options, struct fault *fault)
{
	struct intake *x = mem_alloc(sizeof(*x));
	struct arena *arena = arena_new(2 * FILE_PATH_MAX);
	struct str views = file_join(arena, options->dir, "views");
	enum err rc = indicators_open(&x->tools.indicators, views, fault);

	if (rc == OK)
		rc = arms_open(&x->tools.arms, views, fault);
	arena_free(arena);
	if (rc != OK) {
		indicators_close(x->tools.indicators);
		mem_free(x);
		return rc;
	}
	x->options = *options;
	x->tools.env = options->env;
	x->tools.config = options->config;
	x->tools.matcher = matcher_new(NULL);
	x->work = loop_task_new(options->loop, work, x);
	x->look = loop_timer_new(options->loop, look, x);
	x->owed = loop_timer_new(options->loop, look_owed, x);
	x->tell = loop_timer_new(options->loop, tell, x);
	watch_folders(x);
	look(x);
	*out = x;
	return OK;
}

static void let_go(struct intake *x)
{
	for (size_t i = 0; i < x->job_count; i++)
		job_free(x->jobs[i]);
	for (size_t i = 0; i < x->range_count; i++)
		range_job_free(x->ranges[i]);
	for (size_t i = 0; i < x->stream_count; i++)
		stream_free(x->streams[i]);
	x->job_count = x->stream_count = x->range_count = 0;
	x->blocked = x->paused = false;
}

void intake_free(struct intake *x)
{
	if (!x)
		return;
	let_go(x);
	loop_watch_free(x->watch);
	if (x->notify >= 0)
		(void)close(x->notify);
	loop_timer_free(x->look);
	loop_timer_free(x->owed);
	loop_timer_free(x->tell);
	loop_task_free(x->work);
	matcher_free(x->tools.matcher);
	indicators_close(x->tools.indicators);
	arms_close(x->tools.arms);
	mem_free(x);
}

void intake_attach(struct intake *x, struct chan *core)
{
	let_go(x);
	x->core = x->tools.core = core;
}

static enum err follow(struct intake *x, const struct chan_message *m)
{
	struct fault fault = {.code = OK};

	if (x->stream_count == CONFIG_SOURCES_MAX)
		return ERR_PARSE;
	TRY(stream_new(&x->streams[x->stream_count], m, &x->tools, &fault));
	x->stream_count++;
	loop_task_run(x->work);
	return OK;
}

static enum err taken(
    struct intake *x, const struct chan_message *m, void (*fn)(struct stream *s, uint64_t number))
{
	struct rd in = rd_of(m->body);
	uint64_t number = rd_u64(&in);

	for (size_t i = 0; i < x->stream_count; i++)
		if (stream_id(x->streams[i]) == m->id)
			fn(x->streams[i], number);
	loop_task_run(x->work);
	return rd_done(&in) ? OK : ERR_PARSE;
}

/* What is urgent does not even wait for the range that is at work. */
static enum err take_range(struct intake *x, const struct chan_message *m)
{
	struct range_job *j;
	size_t at = x->range_count;

	if (x->range_count == INTAKE_RANGES_MAX)
		return ERR_PARSE;
	j = range_job_new(m);
	if (range_job_is_urgent(j))
		for (at = 0; at < x->range_count && range_job_is_urgent(x->ranges[at]);)
			at++;
	for (size_t i = x->range_count++; i > at; i--)
		x->ranges[i] = x->ranges[i - 1];
	x->ranges[at] = j;
	loop_task_run(x->work);
	return OK;
}

enum err intake_message(struct intake *x, const struct chan_message *m)
{
	switch (m->type) {
	case INTAKE_IMPORT:
		if (x->job_count == INTAKE_JOBS_MAX)
			return ERR_PARSE;
		x->jobs[x->job_count++] = job_new(m);
		loop_task_run(x->work);
		return OK;
	case INTAKE_RANGE:
		return take_range(x, m);
	case INTAKE_PACKAGE:
		package_look(m, x->core);
		return OK;
	case INTAKE_LETTER:
		letter_look(m, x->core);
		return OK;
	case INTAKE_FOLLOW:
		return follow(x, m);
	case INTAKE_EVENTS_TAKEN:
		return taken(x, m, stream_taken);
	case INTAKE_HISTORY_TAKEN:
		return taken(x, m, stream_run_taken);
	case MESSAGE_PAUSE:
	case MESSAGE_RESUME:
		x->paused = m->type == MESSAGE_PAUSE;
		loop_task_run(x->work);
		return OK;
	default:
		return ERR_PARSE;
	}
}

void intake_drained(struct intake *x)
{
	x->blocked = false;
	loop_task_run(x->work);
}

void intake_stop(struct intake *x)
{
	x->stopped = true;
}
