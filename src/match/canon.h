/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form of a value seen in an event: the same as term_canonical() of stix/equality.h
 * gives (a property test holds the two together), by short ways for what events mostly hold. */
#pragma once

#include "base/arena.h"
#include "match/ascii.h"
#include "stix/equality.h"

enum { CANON_SLACK = ASCII_SLACK }; /* bytes that must be readable behind the text */

/* `kind` as in eve_field_kind(): TERM_IPV4 stands for either kind of address. The value lies in
 * `text`, in `room` (at least text.n + 16 bytes) or in the arena, which is used from its start.
 * ERR_INVALID when it cannot be the value of any indicator. */
MUST_USE enum err canon_term(
    struct term *out, enum term_kind kind, struct str text, char *room, struct arena *arena);
