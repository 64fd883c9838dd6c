/* SPDX-License-Identifier: Apache-2.0 */
/* Date-times: RFC 3339 as STIX and TAXII narrow it (UTC, Z), and the looser forms that sensors
 * write (offsets with or without a colon). Pure arithmetic, proleptic Gregorian, years 0001-9999.
 */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

/* "2021-06-06T15:59:46.457984Z": upper-case T and Z, any number of fraction digits; those past the
 * microsecond are dropped. A leap second (:60) counts as the next second's start. */
MUST_USE enum err time_parse_utc(usec *out, struct str s);
/* Any RFC 3339 offset and also +0200, as Suricata writes it. */
MUST_USE enum err time_parse_any(usec *out, struct str s);

enum { TIME_TEXT = 27 };
/* "2021-06-06T15:59:46.457984Z", NUL-terminated. */
void time_format(char out[TIME_TEXT + 1], usec t);
/* With three digits, as STIX recommends. */
void time_format_ms(char out[TIME_TEXT + 1], usec t);
