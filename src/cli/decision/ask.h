/* SPDX-License-Identifier: Apache-2.0 */
/* What a person decides about one object, for good and with a reason: a call to the core, of the
 * running node or of a transient one. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct decision {
	struct str op;       /* of the core */
	struct str wait;     /* and then this one, which returns when it has taken effect */
	const char *dir;     /* of the node */
	const char *id;      /* of the object */
	const char *version; /* NULL: of all */
	const char *reason;
};

/* The reply to `op`, in the arena. */
MUST_USE enum err decision_ask(
    struct str *reply, struct arena *arena, const struct decision *d, struct fault *fault);
/* A verb that decides: "VERB DIR ID --reason TEXT [--json]". Says "`done`: ID", or with --json the
 * reply. */
struct decision_verb {
	struct str op, wait;
	const char *done;
	const char *why; /* what --reason is for, said when it is missing */
};
int decision_verb(int argc, char **argv, const struct decision_verb *v);
/* Until what was decided has taken effect: `wait` alone. */
MUST_USE enum err decision_wait(
    struct arena *arena, const char *dir, struct str wait, struct fault *fault);
