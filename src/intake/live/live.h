/* SPDX-License-Identifier: Apache-2.0 */
/* STIX patterns on a stream: each event becomes observed data for the patterns that it calls, each
 * pattern keeps what it may need of them in memory of a fixed size, and what makes one true goes to
 * core with the events that witness it. Time is the events' own. Nothing of this outlives the
 * process: after a restart a pattern is true of what comes from then on. */
#pragma once

#include "intake/watch.h"

/* ITEMS: events that one pattern keeps, more when it wants more. STATES, WITNESSES: bytes of one
 * stream. */
enum {
	LIVE_ITEMS = 256,
	LIVE_WORK = 50000, /* steps of the search for one event */
	LIVE_STATES_MAX = 64 << 20,
	LIVE_WITNESSES_MAX = 64 << 20,
};

#define LIVE_WINDOW (24 * 3600 * USEC_PER_SEC) /* an event is kept no longer */
#define LIVE_LATE (60 * USEC_PER_SEC)          /* events come out of their order by so much */

extern const struct watch_class WATCH_LIVE;
