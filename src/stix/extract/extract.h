/* SPDX-License-Identifier: Apache-2.0 */
/* The values in text as people paste it: a report, a mail, a log, a list, a STIX bundle, defanged
 * or not. Patterns of STIX are found too. Every kind of value but free text (a user agent) is
 * found; what only looks like a name (a file's, "report.pdf") is left out as far as that can be
 * told without asking anybody. Pure, in time linear in the text. */
#pragma once

#include "stix/equality.h"

enum {
	EXTRACT_TEXT_MAX = 4 << 20,
	EXTRACT_VALUES_MAX = 10000,
	EXTRACT_WRITTEN_MAX = 1024,
};

struct extracted {
	struct term term;
	struct str pattern; /* a pattern that is not a set of plain values, in place of a term */
	struct str written; /* as the text has it */
};

struct extract {
	struct extracted *list; /* each value once, in the order of the text */
	size_t count;
	bool more; /* the text holds more than EXTRACT_VALUES_MAX */
};

/* Strings live in the arena. ERR_LIMIT for a text that is too long; ERR_NOMEM. */
MUST_USE enum err extract_values(
    struct extract *out, struct arena *arena, struct str text, struct fault *fault);
