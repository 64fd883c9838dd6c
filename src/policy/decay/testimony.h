/* SPDX-License-Identifier: Apache-2.0 */
/* What an object says about indicators: that one was seen, or that it was a false positive. A
 * sighting of it says the first, unless it counts nothing (STIX 2.1 section 5.2: it was not seen,
 * which says neither); one with "x_opencti_negative", as OpenCTI marks them, says the second. So
 * does an opinion that disagrees with it (section 4.13), as MISP writes false positives: strongly
 * it weighs 100, else 50. Pure. */
#pragma once

#include "policy/decay/decay.h"
#include "stix/object.h"

enum { TESTIMONY_ABOUT_MAX = 16 }; /* indicators of one opinion; more are passed over */

struct testimony {
	usec seen;                             /* when; of one that was seen */
	uint32_t weight;                       /* of a false positive; 0: it was seen */
	struct str author;                     /* who says so; may be empty */
	struct str about[TESTIMONY_ABOUT_MAX]; /* ids of indicators */
	size_t about_count;
};

/* False when it says nothing about indicators. Times that lie after `received` are taken for that
 * one. Strings live as long as the object. */
bool testimony_read(struct testimony *out, const struct stix_object *o, usec received);
/* The facts that an indicator itself states. */
void testimony_stated(struct decay_facts *out, const struct stix_object *indicator, usec received);
