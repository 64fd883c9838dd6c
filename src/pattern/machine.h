/* SPDX-License-Identifier: Apache-2.0 */
/* Runs what stands between a program's brackets on one observation. A machine is what that needs
 * besides the program: one a thread. */
#pragma once

#include "base/arena.h"
#include "pattern/observation.h"
#include "pattern/program.h"

/* VISITS: values that the paths of one leaf may lead to in one observation. SEARCHED: bytes that
 * the LIKE and MATCHES of one pattern go through there; ABANDONED: of these, how many may pass a
 * limit before the rest is given up too. */
enum {
	PATTERN_VISITS_MAX = 100000,
	PATTERN_SEARCHED_MAX = 4 << 20,
	PATTERN_ABANDONED_MAX = 16,
	PATTERN_WORK_BYTES_MAX = 16 << 20,
};

struct pattern_tally {
	uint64_t limits;    /* comparisons given up: they are false, negated or not */
	uint64_t untimely;  /* texts that had to be a timestamp and are none: not equal to any */
	struct str example; /* of the latter, the last one; borrowed from the observation */
};

struct pattern_machine;

struct pattern_machine *pattern_machine_new(void);
void pattern_machine_free(struct pattern_machine *m); /* NULL allowed */

/* Sets in `leaves` (program->words words) the bit of each leaf that is true of the observation;
 * false when none is. What happened is added to `tally`. */
bool pattern_see(struct pattern_machine *m, const struct pattern_program *p,
    const struct pattern_observation *o, uint64_t *leaves, struct pattern_tally *tally);
