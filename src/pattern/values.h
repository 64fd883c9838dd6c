/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern over values of one kind, asked of one value after the other: what can be found with it
 * where values are kept and not whole events. */
#pragma once

#include "base/str.h"
#include "stix/equality.h"

struct pattern_values;

/* ERR_UNSUPPORTED with the reason when the pattern is more than that; ERR_PARSE, ERR_LIMIT,
 * ERR_NOMEM. */
MUST_USE enum err pattern_values_new(
    struct pattern_values **out, struct str pattern, struct fault *fault);
void pattern_values_free(struct pattern_values *v); /* NULL allowed */
enum term_kind pattern_values_kind(const struct pattern_values *v);
/* Whether it is true of the value, which is of that kind. */
bool pattern_values_takes(struct pattern_values *v, const struct term *value);
