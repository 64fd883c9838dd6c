/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of one object against STIX 2.1 (OASIS Standard; Errata 01) or 2.0, from tables. MUST
 * and SHOULD findings are kept apart; each names its JSON path and the section. Pure. */
#pragma once

#include "stix/object.h"

enum stix_level { STIX_MUST, STIX_SHOULD };

struct stix_finding {
	enum stix_level level;
	struct str path;    /* "external_references.[0].hashes" */
	struct str rule;    /* short, stable: "required", "enum", "id-form", "sco-id" ... */
	struct str message; /* for a person */
	struct str section; /* of the specification: "3.2" */
};

enum { STIX_FINDINGS_MAX = 100 };

struct stix_findings {
	struct stix_finding *list;
	size_t count; /* <= STIX_FINDINGS_MAX; what goes past it is only counted in the totals */
	size_t musts;
	size_t shoulds;
};

/* Never fails on content: whatever is wrong is a finding. ERR_NOMEM only. */
MUST_USE enum err stix_check(
    struct stix_findings *out, struct arena *arena, const struct stix_object *o);
