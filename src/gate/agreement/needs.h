/* SPDX-License-Identifier: Apache-2.0 */
/* Needs that the asking reader may see, this node's and those that peers asked it for, and what
 * became of each: who offers, who declines, what was delivered and when first, what is kept from
 * who asks and by which rule; and which have no supplier. For who may audit (D-36). */
#pragma once

#include "gate/gate.h"
#include "gate/peers.h"
#include "policy/need.h"

enum {
	GATE_NEEDS_MAX = 200,
	GATE_NEEDS_NOTES = 20000, /* notes looked at for them, newest first */
	GATE_NEEDS_LOOK = 200000, /* records, and entries of each feed, looked at for what went */
};

/* What became of a need between this node and one peer: the one that was asked, or that asks. */
struct gate_need_side {
	struct str peer, identity;
	bool answered;
	enum need_answer answer;
	struct str reason; /* STR_NONE: none was given */
	uint64_t delivered;
	usec first;              /* when the first was delivered; 0: none */
	uint64_t withheld;       /* of a peer's need: objects here that it does not get */
	const char *rule, *text; /* that keeps most of these; NULL */
};

struct gate_need {
	struct need need;
	const char *state; /* "open", "closed" or "over" */
	bool own;          /* this node asks */
	usec asked;        /* when it was entered here */
	struct gate_need_side *sides;
	size_t count;
	bool gap; /* open, and nobody has delivered or offered */
};

struct gate_needs {
	struct gate_need *items; /* newest first */
	size_t count;
};

/* ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_needs(
    const struct gate_ask *ask, struct gate_needs *out, struct fault *fault);

/* What needs came to between this node and a peer, by type and by who asks. */
struct gate_need_sum {
	uint16_t type;
	bool own;
	uint64_t requested, offered, delivered, refused; /* of needs */
	usec latency;     /* median, from need to first delivery; of those delivered */
	const char *rule; /* that keeps most of what is asked of this node; NULL */
};
/* *out lives in the ask's arena; returns how many. */
size_t gate_need_sums(const struct gate_ask *ask, const struct gate_needs *all, struct str peer,
    struct gate_need_sum **out);
