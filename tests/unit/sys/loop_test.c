/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdbool.h>
#include <unistd.h>

#include "sys/loop.h"

struct world {
	struct loop *loop;
	struct loop_task *task;
	int pipe[2];
	unsigned turns;
	bool read;
};

enum { TURNS_MAX = 1000 };

static void on_turn(void *ctx)
{
	struct world *w = ctx;

	if (w->turns == 0)
		assert_int_equal(write(w->pipe[1], "x", 1), 1);
	if (++w->turns < TURNS_MAX)
		loop_task_run(w->task);
	else
		loop_stop(w->loop);
}

static void on_readable(void *ctx)
{
	struct world *w = ctx;

	w->read = true;
	loop_stop(w->loop);
}

static void task_that_goes_on_lets_descriptors_have_their_turn(void **state)
{
	struct world w = {0};
	struct loop_watch *watch;

	(void)state;
	assert_int_equal(loop_new(&w.loop, NULL), OK);
	assert_int_equal(pipe(w.pipe), 0);
	w.task = loop_task_new(w.loop, on_turn, &w);
	watch = loop_watch_new(w.loop, w.pipe[0], on_readable, &w);
	loop_task_run(w.task);
	assert_int_equal(loop_run(w.loop, NULL), OK);
	assert_true(w.read);
	assert_true(w.turns < 10);
	loop_watch_free(watch);
	loop_task_free(w.task);
	close(w.pipe[0]);
	close(w.pipe[1]);
	loop_free(w.loop);
}

static void task_asked_for_twice_runs_once(void **state)
{
	struct world w = {.turns = TURNS_MAX - 1};

	(void)state;
	assert_int_equal(loop_new(&w.loop, NULL), OK);
	w.task = loop_task_new(w.loop, on_turn, &w);
	loop_task_run(w.task);
	loop_task_run(w.task);
	assert_int_equal(loop_run(w.loop, NULL), OK);
	assert_int_equal(w.turns, TURNS_MAX);
	loop_task_free(w.task);
	loop_free(w.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(task_that_goes_on_lets_descriptors_have_their_turn),
	    cmocka_unit_test(task_asked_for_twice_runs_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
