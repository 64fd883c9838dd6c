/* SPDX-License-Identifier: Apache-2.0 */
/* Short forms for the rows of the property tables; included by those tables alone. */
#pragma once

#include "stix/property.h"

#define L FLAG_LIST
#define R FLAG_REQUIRED
#define R21 FLAG_REQUIRED_21
#define R20 FLAG_REQUIRED_20
#define N21 FLAG_ONLY_21
#define N20 FLAG_ONLY_20

#define P(text, kind_, flags_) {.name = NAME(text), .kind = KIND_##kind_, .flags = (flags_)}
#define REF(text, flags_, targets_)                                                                \
	{.name = NAME(text), .kind = KIND_REF, .flags = (flags_), .targets = (targets_)}
#define VOCABULARY(text, kind_, flags_, words_)                                                    \
	{.name = NAME(text), .kind = KIND_##kind_, .flags = (flags_), .words = &WORDS_##words_}
#define RANGE(text, kind_, flags_, low_, high_)                                                    \
	{.name = NAME(text),                                                                       \
	    .kind = KIND_##kind_,                                                                  \
	    .flags = (flags_),                                                                     \
	    .low = (low_),                                                                         \
	    .high = (high_)}
#define PARTS(text, flags_, part_)                                                                 \
	{.name = NAME(text), .kind = KIND_PART, .flags = (flags_), .part = (part_)}

/* STIX integers have 54 bits (section 2.8). */
#define INT_MAX_STIX INT64_C(9007199254740991)
