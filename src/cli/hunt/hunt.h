/* SPDX-License-Identifier: Apache-2.0 */
/* What `hunt` and its kin share: the node's gate for the operator, and answers as they come. */
#pragma once

#include "gate/hunt/hunt.h"

struct hunting {
	const char *verb, *dir;
	const char *since, *until; /* a time, or "90d" before now; NULL: not given */
	bool exact, json;
	struct arena *arena; /* as long as the verb runs */
	struct gate *gate;
	struct reader reader;
};

/* Opens the gate. */
MUST_USE enum err hunting_open(struct hunting *h, struct fault *fault);
void hunting_close(struct hunting *h);
struct gate_ask hunting_ask(const struct hunting *h, struct arena *arena);

/* "90d", "12h", "30m" or "45s" before now, or a time. */
MUST_USE enum err hunting_time(usec *out, const char *text, usec now, struct fault *fault);

/* Runs it and prints what is answered; *until is where what was looked at ends. Returns the exit
 * code: good when something was seen. */
int hunting_run(struct hunting *h, const struct gate_hunt_options *options, usec *until);
