/* SPDX-License-Identifier: Apache-2.0 */
/* Classification levels of the EU, NATO and states: one ladder a scheme, nothing across schemes.
 * The same struct says what a label asks for and what a reader is cleared to. Pure. EU: Council
 * Decision 2013/488/EU; NATO: C-M(2002)49. */
#pragma once

#include "base/buf.h"
#include "stix/marking.h"

enum { LEVEL_NONE, LEVEL_RESTRICTED, LEVEL_CONFIDENTIAL, LEVEL_SECRET, LEVEL_TOP_SECRET };
enum { NATIONAL_MAX = 4 };

/* Of one state. */
struct national {
	char country[2]; /* lower case, ISO 3166-1 alpha-2 */
	uint8_t level;   /* never LEVEL_NONE */
};

struct levels {
	uint8_t eu, nato;       /* LEVEL_* */
	uint8_t national_count; /* ordered by country */
	struct national national[NATIONAL_MAX];
};

bool levels_valid(const struct levels *l);
bool levels_any(const struct levels *l);
/* Whether `have` is at least `need` on every ladder. */
bool levels_dominate(const struct levels *have, const struct levels *need);
bool levels_eu_within(const struct levels *have, const struct levels *need);
bool levels_nato_within(const struct levels *have, const struct levels *need);
bool levels_national_within(const struct levels *have, const struct levels *need);
/* The greater on every ladder; false when there are more states than a label has room for. */
MUST_USE bool levels_join(struct levels *out, const struct levels *a, const struct levels *b);

/* Raises one ladder. `scheme` is "eu" (or "euci"), "nato", or a state as "national:cz" or "cz";
 * `level` as people write it: "R-UE", "EU-S", "NC", "CTS", "S", "3" ... NATO UNCLASSIFIED (NU) is
 * no level. ERR_INVALID for an unknown scheme or level, ERR_LIMIT for too many states. */
MUST_USE enum err levels_set(struct levels *l, struct str scheme, struct str level);
/* "EU-S, NS, CZ:3"; nothing when there are none. True when something was appended. */
bool levels_put(struct buf *out, const struct levels *l);

/* What a person or peer is cleared to: "TLP:AMBER,EU:R-UE,NATO:NC,CZ:S". Parts in any order; a part
 * without a scheme is TLP. *tlp stays as it is when no part names it. */
MUST_USE enum err clearance_parse(
    enum tlp *tlp, struct levels *levels, struct str text, struct fault *fault);
void clearance_put(struct buf *out, enum tlp tlp, const struct levels *levels);
