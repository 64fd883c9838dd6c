/* SPDX-License-Identifier: Apache-2.0 */
/* Until when an indicator is matched, as the index has it: its own end of validity or the end of
 * its life, whichever comes first. For those who read. */
#pragma once

#include "base/env.h"
#include "stix/equality.h"
#include "view/indicators.h"

/* Whether indicators age on this node at all. */
bool indicators_age(const struct indicators *x);
/* In microseconds; INT64_MAX: there is no end, or the index does not have the record. */
usec indicators_until(const struct indicators *x, uint64_t seq, const struct term_list *terms);
