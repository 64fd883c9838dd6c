/* SPDX-License-Identifier: Apache-2.0 */
/* Saved hunts: what somebody is after says much, so each is for who saved it, and for those who
 * administer the node. */
#pragma once

#include "gate/gate.h"

struct gate_saved_hunt {
	struct str name, text, by;
	usec saved, answered; /* answered 0: never */
	uint64_t news;        /* observations since then, at least, as far as the reader may know */
	usec last_new;        /* the last of them; 0: none */
	bool more;            /* not everything could be looked at */
};

/* What is looked at in one call: values of hunts looked up, and entries that the history has. */
enum { GATE_NEWS_VALUES_MAX = 4096, GATE_NEWS_LOOK_MAX = 1 << 16 };

struct gate_saved_hunts {
	struct gate_saved_hunt *items; /* by name */
	size_t count;
};

/* Without the news. */
MUST_USE enum err gate_saved_hunts(
    const struct gate_ask *ask, struct gate_saved_hunts *out, struct fault *fault);
/* Fills in the news of so many of them. */
MUST_USE enum err gate_hunt_news(
    const struct gate_ask *ask, struct gate_saved_hunt *hunts, size_t count, struct fault *fault);
