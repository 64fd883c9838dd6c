/* SPDX-License-Identifier: Apache-2.0 */
/* What the indicators of each source were worth, over what the reader may see. How many indicators
 * there are is counted on; the rest is of the newest sightings and opinions, so the work of a
 * question is bounded however large the ledger is, and it is done anew at most once in a few
 * seconds for each kind of reader. */
#pragma once

#include "gate/read.h"

struct gate_source_worth {
	struct str name;
	uint64_t indicators;
	uint64_t hit;    /* of these, those that were sighted */
	uint64_t hits;   /* counts of their sightings, summed */
	uint64_t denied; /* false positives held against them: of each, the sources that say so */
	uint64_t first;  /* values of sighted indicators that this source stated before any other */
};

struct gate_worth {
	struct gate_source_worth *items; /* the most first, then the most hits */
	size_t count;
	uint64_t sightings; /* that were counted */
	bool more;          /* there are older ones that were not, or more opinions */
};

MUST_USE enum err gate_worth(
    const struct gate_ask *ask, struct gate_worth *out, struct fault *fault);
