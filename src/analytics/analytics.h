/* SPDX-License-Identifier: Apache-2.0 */
/* The detectors together: events in, findings out. Each counts what it says it counts, in memory of
 * a fixed size, by the events' own times; the same events in the same order give the same findings.
 * They look at what the organisation's own hosts do. Pure: no clock, no file. */
#pragma once

#include "analytics/finding.h"
#include "base/hash.h"

struct analytics_settings {
	struct networks own; /* beside those of private use */
	bool on[DETECTORS];
	uint32_t beacon_count;   /* connections */
	uint32_t beacon_percent; /* of the interval, that one may be off */
};

#define ANALYTICS_DEFAULTS                                                                         \
	((struct analytics_settings){                                                              \
	    .on = {true},                                                                          \
	    .beacon_count = 20,                                                                    \
	    .beacon_percent = 20,                                                                  \
	})

enum analytics_kind { ANALYTICS_CONNECTION };

struct analytics_event {
	enum analytics_kind kind;
	usec when;
	struct address host; /* who began it */
	struct address peer; /* with whom */
	uint16_t port;       /* of the peer; 0: not known */
	bool udp;
};

struct analytics;

/* `key` keeps who chooses names and addresses from choosing their places in the tables. */
struct analytics *analytics_new(
    const struct analytics_settings *settings, const struct hash_key *key);
void analytics_free(struct analytics *a); /* NULL allowed */
void analytics_see(struct analytics *a, const struct analytics_event *e);
/* What was found since; the caller sets the count to 0 when it has taken them. */
struct outbox *analytics_found(struct analytics *a);
