/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form of host names and URLs, under which they are indexed; for stix/term.c. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Lower case, without a trailing dot. Letters, digits, '-' and '_' in labels of 1 to 63 bytes, 253
 * in all; ERR_INVALID otherwise (also for letters that are not ASCII). */
MUST_USE enum err host_canonical(struct str *out, struct arena *arena, struct str text);

/* scheme://host[:port]/path[?query]: scheme and host in lower case, the scheme's own port, user
 * information and fragment dropped (none of them is sent), an empty path made "/", percent-encoding
 * in RFC 3986 section 6.2.2's form. ERR_INVALID when it is no such URL. */
MUST_USE enum err url_canonical(struct str *out, struct arena *arena, struct str text);
