/* SPDX-License-Identifier: Apache-2.0 */
/* How many different keys were seen, in a few bytes: linear counting (Whang, Vander-Zanden and
 * Taylor 1990). Exact enough up to twice its bits. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SKETCH_BITS = 1024 };

/* Starts as all zeros. */
struct sketch {
	uint64_t words[SKETCH_BITS / 64];
	uint32_t ones;
};

void sketch_add(struct sketch *s, uint64_t hash);
uint64_t sketch_count(const struct sketch *s);
