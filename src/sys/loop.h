/* SPDX-License-Identifier: Apache-2.0 */
/* One event loop a process (libevent underneath), timers and signals on it. Callbacks never block.
 */
#pragma once

#include <event2/event.h>

#include "base/env.h"
#include "base/err.h"

struct loop;

MUST_USE enum err loop_new(struct loop **out, struct fault *fault);
void loop_free(struct loop *l);
struct event_base *loop_base(struct loop *l);
/* Runs until loop_stop. */
MUST_USE enum err loop_run(struct loop *l, struct fault *fault);
void loop_stop(struct loop *l);

typedef void (*loop_fn)(void *ctx);

struct loop_timer;
/* Calls fn once after `delay`; re-armed with loop_timer_set. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *ctx);
void loop_timer_set(struct loop_timer *t, usec delay);
void loop_timer_free(struct loop_timer *t);

/* The real clock and the kernel's random source. */
const struct env *sys_env(void);
