/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper when nothing can be written: files may not grow then, as on a disk that is full. */
#include "temp.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/reader.h"
#include "history/table.h"
#include "intake/history/histories.h"
#include "intake/history/keeper.h"
#include "sys/env.h"

#define HOUR (3600 * USEC_PER_SEC)

void command_answer(struct command_ticket *ticket, enum err status, struct str reply)
{
	(void)ticket;
	(void)status;
	(void)reply;
	assert_true(false);
}

struct scene {
	char dir[TEMP_PATH];
	struct loop *loop;
	struct loop_timer *timer;
	struct keeper *keeper;
	size_t waits_for; /* jobs to be done; 0: for a fault */
	struct keeper_job *done[4];
	size_t done_count;
};

static void allow(bool writing)
{
	struct rlimit limit = {.rlim_cur = writing ? RLIM_INFINITY : 0, .rlim_max = RLIM_INFINITY};

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void look(void *ctx)
{
	struct scene *s = ctx;
	struct keeper_figures figures;
	struct keeper_job *job;

	while ((job = keeper_take(s->keeper)) != NULL)
		s->done[s->done_count++] = job;
	keeper_figures(s->keeper, &figures);
	if (s->waits_for ? s->done_count >= s->waits_for : figures.fault.code != OK)
		loop_stop(s->loop);
}

static void too_late(void *ctx)
{
	(void)ctx;
	assert_true(false);
}

static void wait_for(struct scene *s, size_t jobs)
{
	s->waits_for = jobs;
	loop_timer_set(s->timer, 60 * USEC_PER_SEC);
	assert_int_equal(loop_run(s->loop, NULL), OK);
}

static void make(struct scene *s, usec patience)
{
	struct keeper_options options = {
	    .patience = patience, .env = sys_env(), .news = look, .ctx = s};

	*s = (struct scene){.waits_for = 0};
	(void)signal(SIGXFSZ, SIG_IGN);
	make_folder(s->dir, "keeper");
	assert_int_equal(loop_new(&s->loop, NULL), OK);
	s->timer = loop_timer_new(s->loop, too_late, s);
	options.dir = str_c(s->dir);
	options.loop = s->loop;
	assert_int_equal(keeper_open(&s->keeper, &options, NULL), OK);
	assert_int_equal(keeper_start(s->keeper, NULL), OK);
}

static void end(struct scene *s)
{
	keeper_close(s->keeper);
	loop_timer_free(s->timer);
	loop_free(s->loop);
	remove_folder(s->dir);
}

/* A run with one value in the job's file. */
static void make_job(struct keeper_job *job, const char *name, uint64_t offset)
{
	const struct term term = {.kind = TERM_DOMAIN, .value = str_c(name)};
	struct history_table *t = history_table_new(1);
	struct buf run;

	*job = (struct keeper_job){.source = S("sensor"), .place = {.offset = offset}};
	buf_init(&run, HISTORY_RUN_MAX);
	assert_true(history_see(t, &term, NULL, INT64_C(1750000000) * USEC_PER_SEC));
	assert_int_equal(history_table_run(t, &run), OK);
	job->fd = memfd_create("run", MFD_CLOEXEC);
	assert_int_equal(write(job->fd, run.p, run.n), run.n);
	buf_free(&run);
	history_table_free(t);
}

static bool count_entry(void *ctx, const struct history_entry *e)
{
	*(uint64_t *)ctx += e->count;
	return true;
}

static uint64_t kept(const struct scene *s)
{
	const struct term top = {.kind = TERM_DOMAIN, .value = S("example")};
	struct history_reader *r;
	char dir[TEMP_PATH + 16];
	uint64_t count = 0;

	(void)snprintf(dir, sizeof(dir), "%s/history", s->dir);
	assert_int_equal(history_reader_open(&r, str_c(dir), NULL), OK);
	assert_int_equal(history_below(r, &top, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL,
	                     count_entry, &count, NULL),
	    OK);
	history_reader_close(r);
	return count;
}

static void a_run_waits_for_a_disk_that_is_full_for_a_while(void **state)
{
	struct keeper_figures figures;
	struct keeper_job job;
	struct scene s;

	(void)state;
	make(&s, HOUR);
	make_job(&job, "a.example", 1);
	allow(false);
	keeper_give(s.keeper, &job);
	wait_for(&s, 0);
	keeper_figures(s.keeper, &figures);
	allow(true);
	assert_false(figures.reserved);
	assert_int_equal(s.done_count, 0);
	wait_for(&s, 1);
	assert_int_equal(job.rc, OK);
	assert_int_equal(kept(&s), 1);
	keeper_figures(s.keeper, &figures);
	assert_int_equal(figures.lost, 0);
	close(job.fd);
	end(&s);
}

/* Streams do not stand still because the history does: what cannot be written is given up, and
 * counted. */
static void a_run_is_given_up_when_patience_ends(void **state)
{
	struct keeper_figures figures;
	struct keeper_job jobs[3];
	struct scene s;

	(void)state;
	make(&s, 0);
	make_job(&jobs[0], "a.example", 1);
	make_job(&jobs[1], "b.example", 2);
	make_job(&jobs[2], "c.example", 3);
	allow(false);
	keeper_give(s.keeper, &jobs[0]);
	keeper_give(s.keeper, &jobs[1]);
	wait_for(&s, 2);
	allow(true);
	assert_int_not_equal(jobs[0].rc, OK);
	assert_int_not_equal(jobs[0].rc, ERR_INVALID);
	assert_int_not_equal(jobs[1].rc, OK);
	keeper_give(s.keeper, &jobs[2]);
	wait_for(&s, 3);
	assert_int_equal(jobs[2].rc, OK);
	keeper_figures(s.keeper, &figures);
	assert_int_equal(figures.lost, 2);
	assert_int_equal(figures.refused, 0);
	assert_int_equal(kept(&s), 1);
	for (size_t i = 0; i < 3; i++)
		close(jobs[i].fd);
	end(&s);
}

static void never_idle(void *ctx, uint64_t stream)
{
	(void)ctx;
	(void)stream;
}

/* The leak checker has the say. */
static void an_erasure_that_is_never_done_is_let_go(void **state)
{
	struct config config = {.free_reserve = 0};
	struct command_ctx ctx = {.env = sys_env(), .config = &config};
	const struct rpc_call call = {.args = S("{\"values\":[\"jane@example.org\"]}")};
	struct command_reply reply = {.later = false};
	struct histories *h;
	char dir[TEMP_PATH];

	(void)state;
	make_folder(dir, "keeper");
	ctx.dir = str_c(dir);
	assert_int_equal(loop_new(&ctx.loop, NULL), OK);
	h = histories_new(&ctx, never_idle, NULL);
	assert_int_equal(histories_erase(h, &call, &reply, NULL), OK);
	assert_true(reply.later);
	assert_int_equal(histories_erase(h, &call, &reply, NULL), OK);
	histories_close(h);
	loop_free(ctx.loop);
	remove_folder(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_run_waits_for_a_disk_that_is_full_for_a_while),
	    cmocka_unit_test(a_run_is_given_up_when_patience_ends),
	    cmocka_unit_test(an_erasure_that_is_never_done_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
