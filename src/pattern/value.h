/* SPDX-License-Identifier: Apache-2.0 */
/* Values of patterns and of observations, and how two of them compare (STIX 2.1 section 9.6). */
#pragma once

#include <stdbool.h>

#include <yyjson.h>

#include "base/arena.h"
#include "pattern/program.h"

/* Digits with an optional sign and fraction, as the pattern's grammar has them. */
struct pattern_number pattern_number(struct str text);
/* False for what is no number in JSON. */
bool pattern_number_json(struct pattern_number *out, yyjson_val *value);
/* By value: 5 is 5.0, and no integer of 64 bits is rounded. */
int pattern_number_order(struct pattern_number a, struct pattern_number b);
/* Of two texts that pattern_time_valid() takes, to the last digit. */
int pattern_time_order(struct str a, struct str b);

/* An address or CIDR block of either kind; false when it is none. */
bool pattern_network(struct pattern_network *out, struct arena *arena, struct str text);
/* Every address of `part` is one of `whole`. */
bool pattern_network_in(const struct pattern_network *part, const struct pattern_network *whole);
