/* SPDX-License-Identifier: Apache-2.0 */
/* One event loop a process (libevent underneath): timers, signals, readable descriptors and work
 * put off to the end of the turn. Callbacks never block. Whatever is made on a loop is freed before
 * it. */
#pragma once

#include <event2/event.h>

#include "base/env.h"
#include "base/err.h"
#include "sys/env.h"

struct loop;

MUST_USE enum err loop_new(struct loop **out, struct fault *fault);
void loop_free(struct loop *l); /* NULL allowed */
struct event_base *loop_base(struct loop *l);
/* Runs until loop_stop. */
MUST_USE enum err loop_run(struct loop *l, struct fault *fault);
void loop_stop(struct loop *l);

typedef void (*loop_fn)(void *ctx);

struct loop_timer;
/* Calls fn once after `delay`; re-armed with loop_timer_set. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *ctx);
void loop_timer_set(struct loop_timer *t, usec delay);
void loop_timer_clear(struct loop_timer *t); /* not called any more until set again */
void loop_timer_free(struct loop_timer *t);  /* NULL allowed */

struct loop_alarm;
/* Calls fn once at a time of sys_monotonic, to the microsecond: a timer may be late by as much as
 * others can measure. NULL: the kernel refuses one. */
struct loop_alarm *loop_alarm_new(struct loop *l, loop_fn fn, void *ctx);
void loop_alarm_set(struct loop_alarm *a, usec at);
void loop_alarm_free(struct loop_alarm *a); /* NULL allowed */

struct loop_task;
/* Calls fn once for each turn in which loop_task_run was called, after the events that were ready
 * then: what came in together is finished together (one commit, one write). */
struct loop_task *loop_task_new(struct loop *l, loop_fn fn, void *ctx);
void loop_task_run(struct loop_task *t);
void loop_task_free(struct loop_task *t); /* NULL allowed */

struct loop_watch;
/* Calls fn whenever fd is readable (or closed by its other side), and when the signal arrived. */
struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_fn fn, void *ctx);
struct loop_watch *loop_signal_new(struct loop *l, int signo, loop_fn fn, void *ctx);
void loop_watch_free(struct loop_watch *w); /* NULL allowed; fd stays open */
