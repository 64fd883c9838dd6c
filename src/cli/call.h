/* SPDX-License-Identifier: Apache-2.0 */
/* How verbs ask the core of a node, running or not, for what a person at its machine decides. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct call {
	struct str dir;       /* of the node */
	struct str op;        /* of the core */
	int fd;               /* that goes with it; -1: none */
	const char *too_long; /* said of arguments that did not fit; NULL: the usual words */
};

/* With the JSON object that `args` holds; frees it, whatever comes of it. OK: *reply as node_call
 * gives it. */
MUST_USE enum err call_core(struct str *reply, struct arena *arena, const struct call *c,
    struct buf *args, struct fault *fault);
