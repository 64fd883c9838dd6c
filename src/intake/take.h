/* SPDX-License-Identifier: Apache-2.0 */
/* The core's side of an import: prepared objects into the ledger. What is there already is a
 * duplicate and joins the feed if it is not in it; the same id and version with other content is
 * refused. Appends, never commits. Keeps the account that the submitter is answered with. */
#pragma once

#include "base/buf.h"
#include "intake/authority.h"
#include "intake/prepare.h"
#include "policy/ceiling.h"
#include "store/store.h"
#include "view/feed.h"

enum {
	TAKE_NAMED_MAX = 1000, /* refused objects, and taken ones, that the answer names */
	TAKE_TEXT_MAX = 4 << 20,
};

/* Who is in which feed, as far as the feed view has not seen it yet. One for all imports. */
struct members;
struct members *members_new(const struct store *store, struct feeds *feeds);
void members_free(struct members *m); /* NULL allowed */

struct take;

struct take_options {
	struct store *store;
	struct members *members;
	uint32_t feed, source;
	struct authority authority; /* of who submits */
	struct ceiling ceiling;     /* of this node */
	bool detail;                /* name what was taken too */
};

struct take *take_new(const struct take_options *options);
void take_free(struct take *t); /* NULL allowed */

/* A message's objects: u32 count, then so many prepared ones. ERR_PARSE: it holds something else.
 * What the ledger refuses (ERR_FULL ...) is the result and left out of the account. */
MUST_USE enum err take_batch(struct take *t, struct str batch, struct fault *fault);
/* Of those refused: above the ceiling. */
uint64_t take_above(const struct take *t);
uint64_t take_good(const struct take *t); /* taken or duplicate */
/* The submission ends before its end: one refusal more. */
void take_break_off(struct take *t, struct str why);
/* {"total","taken","duplicates","refused","failures":[...],"successes":[...]?} */
void take_report(struct take *t, struct buf *out);
