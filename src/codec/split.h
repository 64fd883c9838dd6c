/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the byte ranges of the members of a bundle's or envelope's `objects` list without building
 * a tree, so that each object keeps the bytes it came with and one bad object spoils no other.
 * Structure only: each range must still go through json_parse. */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct split {
	struct str text; /* the whole document */
	size_t at;       /* next byte to look at */
	unsigned state;  /* private */
};

/* `text` must stay in place. ERR_PARSE when it is not one JSON object with a list `objects` at its
 * top (members before and after the list may be in any order), with the offset in the fault. */
MUST_USE enum err split_open(struct split *s, struct str text, struct fault *fault);
/* The next member's bytes, without surrounding white space. ERR_NOT_FOUND at the end. ERR_PARSE
 * when the document ends early or brackets do not match: what was handed out before stays good. */
MUST_USE enum err split_next(struct split *s, struct str *out, struct fault *fault);
