/* SPDX-License-Identifier: Apache-2.0 */
/* Saved hunts: what somebody is after says much, so each is for who saved it, and for those who
 * administer the node. */
#pragma once

#include "gate/gate.h"

struct gate_saved_hunt {
	struct str name, text, by;
	usec saved, answered; /* answered 0: never */
};

struct gate_saved_hunts {
	struct gate_saved_hunt *items; /* by name */
	size_t count;
};

MUST_USE enum err gate_saved_hunts(
    const struct gate_ask *ask, struct gate_saved_hunts *out, struct fault *fault);
