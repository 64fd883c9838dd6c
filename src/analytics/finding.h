/* SPDX-License-Identifier: Apache-2.0 */
/* What a detector found: about whom, on what figures. The figures are all that is kept; the words
 * and the score follow from them here, in one place, so that no finding says more than it counted.
 * Pure. */
#pragma once

#include "analytics/address.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/rd.h"

enum detector {
	DETECTOR_BEACON,
	DETECTOR_RARE,
	DETECTOR_SCAN,
	DETECTOR_BURST,
	DETECTOR_TUNNEL,
	DETECTOR_MADE,
	DETECTORS,
};

enum { FINDING_NAME_MAX = 255, FINDING_FACTS = 6, FINDING_SCORE_MAX = 100 };

/* What facts[] holds. */
enum beacon_fact {
	BEACON_INTERVAL,  /* ms, the median */
	BEACON_DEVIATION, /* per mille of it, the median one */
	BEACON_REGULAR,   /* intervals that fit */
	BEACON_INTERVALS, /* of so many that were looked at */
	BEACON_HOSTS,     /* about so many talk to the destination */
};
enum rare_fact {
	RARE_DAYS,    /* for which nobody talked to the destination */
	RARE_MINUTES, /* since one does */
};
enum scan_fact {
	SCAN_TARGETS, /* about so many destinations, or ports of one */
	SCAN_VAIN,    /* tries without an answer */
	SCAN_ANSWERED,
};
enum burst_measure { BURST_CONNECTIONS, BURST_BYTES, BURST_MEASURES };
enum burst_fact {
	BURST_WHAT, /* enum burst_measure */
	BURST_NOW,  /* in the ten minutes it is about */
	BURST_HIGHEST,
	BURST_MEAN,
	BURST_HOURS, /* of past it is held against */
};
enum tunnel_fact {
	TUNNEL_NAMES,    /* about so many different ones */
	TUNNEL_LETTERS,  /* of each below the domain, the mean */
	TUNNEL_ENTROPY,  /* hundredths of a bit a letter, the mean */
	TUNNEL_CARRIERS, /* events with types that carry much */
};
enum made_fact {
	MADE_NAMES, /* about so many that no person would choose */
	MADE_VAIN,  /* of so many that do not exist */
};

struct finding {
	enum detector detector;
	struct address host;         /* whose behaviour it is */
	struct address peer;         /* towards whom; or none */
	char name[FINDING_NAME_MAX]; /* of a domain */
	uint8_t name_n;              /* 0: none */
	uint16_t port;               /* 0: none */
	usec first, last;            /* of the events it rests on */
	uint64_t count;              /* of them */
	uint64_t facts[FINDING_FACTS];
};

const char *detector_name(enum detector d); /* "beacon" */
struct str finding_name(const struct finding *f);
bool finding_name_may_hold(char c); /* of canonical names */

void finding_put(struct buf *out, const struct finding *f);
/* False when the message does not hold one that a detector could have made. */
bool finding_get(struct finding *out, struct rd *in);

/* 1 to FINDING_SCORE_MAX: how far the figures go, as a STIX confidence. */
unsigned finding_score(const struct finding *f);
/* One line that says what it is. */
void finding_title(struct buf *out, const struct finding *f);
/* The figures, what each adds to the score, and what else it may be. */
void finding_words(struct buf *out, const struct finding *f);
