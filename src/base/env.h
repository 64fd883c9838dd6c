/* SPDX-License-Identifier: Apache-2.0 */
/* The outside world that decisions may ask for, as an argument: wall clock and randomness. The
 * real one is sys_env() of sys/env.h; tests and simulations pass their own. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Microseconds since 1970-01-01T00:00:00Z; every time in the program has this shape. */
typedef int64_t usec;

#define USEC_PER_SEC INT64_C(1000000)

struct env {
	usec (*now)(void *ctx);
	void (*random)(void *ctx, void *out, size_t n);
	void *ctx;
};

static inline usec env_now(const struct env *e)
{
	return e->now(e->ctx);
}

static inline void env_random(const struct env *e, void *out, size_t n)
{
	e->random(e->ctx, out, n);
}
