/* SPDX-License-Identifier: Apache-2.0 */
/* Counts for one kind of reader and one way out; private to this folder. */
#pragma once

#include "gate/internal.h"
#include "stix/type.h"

enum { TALLY_SOURCES = 4096 };

struct tally {
	uint64_t sight; /* number of the answers that they are counted by */
	uint64_t used;
	uint64_t seen;        /* records counted */
	uint64_t withdrawals; /* what was counted before one is counted again */
	uint64_t objects;
	uint64_t by_type[STIX_TYPES];
	uint64_t sightings_of[TALLY_SOURCES];
	uint64_t indicators_of[TALLY_SOURCES];
};

/* Up to date; valid until the next call. */
const struct tally *gate_tally(const struct gate_ask *ask);
