/* SPDX-License-Identifier: Apache-2.0 */
/* A decision in words: which conditions the label sets for this reader, and which of them hold. The
 * answers come from the rules of policy/decide.c themselves. Pure. */
#pragma once

#include "policy/decide.h"

struct why_condition {
	const char *rule; /* the rule that denies when it does not hold */
	bool holds;
	const char *text; /* for a person */
};

enum { WHY_CONDITIONS_MAX = 24 };

struct why {
	struct decision decision;
	struct why_condition conditions[WHY_CONDITIONS_MAX];
	size_t count;
};

void policy_why(struct why *out, const struct label *label, uint16_t type,
    const struct reader *reader, enum outlet outlet, usec now);
/* The rule that decided, for a person. */
const char *policy_why_text(const struct why *why);
/* The name of the community without which the reader would not get it, borrowed from the reader and
 * as policy/names.h has it in its bytes; empty when it needs none, or does not get it. */
struct str policy_through(const struct label *label, uint16_t type, const struct reader *reader,
    enum outlet outlet, usec now);
/* The terms of a VERDICT_REDACT: "csirt: victims"; nothing when there are none. */
void policy_terms_put(struct buf *out, const struct label *label, uint16_t type,
    const struct reader *reader, enum outlet outlet, usec now);
/* "a peer, cleared to TLP:AMBER; known as: milcert; communities: csirt" */
void reader_put(struct buf *out, const struct reader *r);
