/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of policy/decide.c look at, worked out once; private to this folder. */
#pragma once

#include "policy/decide.h"

/* No type in particular: only what is shared of every type counts. */
enum { POLICY_TYPE_EVERY = UINT16_MAX };

struct question {
	const struct label *label;
	const struct reader *reader;
	int outlet; /* as given */
	usec now;
	enum tlp level; /* TLP_CLEAR..TLP_RED, TLP_UNKNOWN, or TLP_NONE beside a classification */
	bool is_originator;
	enum outside outside;
	/* Of the communities of the reader that the label names, or of all when it names none:
	 * there is one; one that leads to the reader; one that also shares the type; one that also
	 * may carry the level. */
	bool member, open, shared, carried;
	bool through;      /* it needs such a community: what that one withholds is withheld */
	uint32_t withheld; /* by every community that carries it */
	uint8_t by;        /* the first of them that withholds something, in the reader */
};

struct question question_of(const struct label *label, uint16_t type, const struct reader *reader,
    enum outlet outlet, usec now);

struct rule {
	const char *id;
	bool (*applies)(const struct question *q);
	enum verdict verdict;
};
/* In order; the last always applies. */
const struct rule *policy_rules(size_t *count);
