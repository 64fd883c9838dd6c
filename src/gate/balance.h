/* SPDX-License-Identifier: Apache-2.0 */
/* Who gives whom how much, by type: what each peer was given and signed for, what was taken back,
 * what came from it, and what it is not given, by the rule that keeps it. Counts only what the
 * asking reader may see. A map of the exchange's gaps, for who may audit (D-36). */
#pragma once

#include "gate/read.h"

/* Records, and entries of all feeds together, that one answer looks at, newest first. */
enum { GATE_BALANCE_LOOK = 200000, GATE_BALANCE_RULES = 32 };

struct gate_balance_type {
	struct str type;
	uint64_t given, confirmed, taken_back, received;
};
struct gate_balance_rule {
	const char *rule, *text;
	uint64_t count; /* of the newest versions of objects that did not come from the peer */
};
struct gate_balance {
	struct str peer, node, state;
	struct str communities; /* that both nodes are in, with commas */
	struct gate_balance_type *types;
	size_t type_count;
	struct gate_balance_rule withheld[GATE_BALANCE_RULES];
	size_t rule_count;
	bool more; /* there is more than was looked at */
};
struct gate_balances {
	struct gate_balance *items;
	size_t count;
};
/* By name of peer; of what was received here at or after `since` (0: all). ERR_DENIED without
 * ACTION_AUDIT. */
MUST_USE enum err gate_balances(
    const struct gate_ask *ask, usec since, struct gate_balances *out, struct fault *fault);
