/* SPDX-License-Identifier: Apache-2.0 */
/* Values of indicators for sensors: those that the reader may see and that may be used so. */
#pragma once

#include "gate/read.h"
#include "policy/guard/permit.h"

struct gate_export_query {
	enum permit_use use;
	struct str kind; /* of values: term_kind_name; STR_NONE: all */
	uint32_t limit;  /* indicators looked at, 1..GATE_LIST_MAX */
	struct str next;
};

struct gate_value {
	struct str value, kind, id; /* of the indicator */
};

/* Why indicators are not in it; names in gate_left_names. */
enum gate_left {
	LEFT_REVOKED,
	LEFT_TIME, /* not yet, or no longer, or decayed */
	LEFT_QUARANTINED,
	LEFT_PAP,
	LEFT_IEP,
	LEFT_LABEL,   /* it cannot be read */
	LEFT_PATTERN, /* it is no set of values */
	LEFT_KINDS,
};

/* "revoked" ... "pattern". */
const char *gate_left_name(enum gate_left left);

struct gate_export {
	struct gate_value *values; /* newest indicators first */
	size_t count;
	uint64_t indicators; /* that the values are of */
	uint64_t left[LEFT_KINDS];
	struct str next; /* STR_NONE at the end */
};
MUST_USE enum err gate_export(const struct gate_ask *ask, const struct gate_export_query *query,
    struct gate_export *out, struct fault *fault);
