/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON (JCS, RFC 8785): one text for each value, to be hashed, signed and compared. It
 * does not read text: duplicate keys and lone surrogates were refused by json_parse. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Appends the canonical text of value. An integer whose digits a double does not keep (most above
 * 2^53) is ERR_INVALID: two different values would get one text. The arena holds sorted keys while
 * it works. ERR_LIMIT and ERR_NOMEM are the buf's or the arena's. What was appended before an error
 * stays. */
MUST_USE enum err jcs_write(
    struct buf *out, struct arena *arena, yyjson_val *value, struct fault *fault);

/* Orders member names as JCS does, by UTF-16 code units. Both must be valid UTF-8. */
int jcs_key_cmp(struct str a, struct str b);

enum { JCS_NUMBER_MAX = 32 };
/* The ECMAScript form of a finite number ("1e+21", "0.000001", "0" for -0), in `text`. */
struct str jcs_number(char text[JCS_NUMBER_MAX], double value);
