/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what the match view knows of the life of indicators: under which settings it is made, and
 * what all that is known here comes to. For those who read; who may not know of all of it must not
 * be told this. */
#pragma once

#include "view/life/settings.h"

struct evidence;

/* `views` is the node's folder of views; it may hold nothing of it yet. */
MUST_USE enum err evidence_open(struct evidence **out, struct str views, struct fault *fault);
void evidence_close(struct evidence *e); /* NULL allowed */

/* Of a node where nothing ages, and of one that has never run, the threshold is 0. Valid until the
 * next call. */
const struct life_settings *evidence_settings(struct evidence *e);

struct evidence_sum {
	usec seen;        /* 0: never */
	uint64_t denied;  /* weight of false positives, in hundredths */
	uint64_t deniers; /* sources that say so */
};
/* Of the indicator with this id; zeros when there is none. */
MUST_USE enum err evidence_of(
    struct evidence *e, struct str indicator, struct evidence_sum *out, struct fault *fault);
