/* SPDX-License-Identifier: Apache-2.0 */
/* How a node comes to know originators that are no peers of it: who passes on their objects passes
 * on what they stated of themselves (sync/node_statement.h). The first such statement of an
 * identity is believed, with the name of who brought it, until people meet that node; whoever it is
 * that was met counts more. Kept as "statement/IDENTITY", for peers too, so that it can be passed
 * on; and as "peer/IDENTITY", of the state "introduced", which nobody is ever spoken to under. */
#pragma once

#include "base/arena.h"
#include "store/store.h"
#include "sync/node_statement.h"

enum { INTRODUCTIONS_MAX = 1024 }; /* originators whose seals can be checked */

#define INTRODUCED S("introduced")

/* What this node holds of an identity, as it was signed, in the arena. ERR_NOT_FOUND. */
MUST_USE enum err introduction_note(
    struct str *out, const struct store *s, struct str identity, struct arena *arena);

struct introduction {
	struct node_statement said;
	struct str note; /* of the same */
	struct str by;   /* who brought it: "peer:NAME" */
	struct str label;
	usec now;
};

/* Appends the decisions. OK without any when the same is known; ERR_CONFLICT when the identity is
 * known with another statement, which stays. */
MUST_USE enum err introduction_keep(
    struct store *s, const struct introduction *i, struct arena *arena, struct fault *fault);
/* Of a node that people have met: the decision's path and content, for the caller to append.
 * STR_NONE when the arena refuses. */
struct str introduction_path(struct arena *arena, struct str identity);
struct str introduction_json(struct arena *arena, struct str note, struct str by);
