/* SPDX-License-Identifier: Apache-2.0 */
/* The detectors together: events in, findings out. Each counts what it says it counts, in memory of
 * a fixed size, by the events' own times; the same events in the same order give the same findings.
 * They look at what the organisation's own hosts do. Pure: no clock, no file. */
#pragma once

#include "analytics/finding.h"
#include "base/hash.h"

/* Each limit: reached, it is a finding. */
struct analytics_settings {
	struct networks own; /* beside those of private use */
	bool on[DETECTORS];
	uint32_t beacon_count;   /* connections; at most BEACON_COUNT_MAX */
	uint32_t beacon_percent; /* of the interval, that one may be off */
	uint32_t rare_days;      /* of events before anything is rare */
	uint32_t rare_count;     /* events */
	uint32_t scan_targets;
	uint32_t burst_factor;      /* times the highest ten minutes before */
	uint32_t burst_connections; /* less is none */
	uint32_t burst_megabytes;
	uint32_t tunnel_names;
	uint32_t tunnel_letters;
	uint32_t made_names;
};

enum { BEACON_COUNT_MIN = 8, BEACON_COUNT_MAX = 32 };

enum analytics_kind {
	ANALYTICS_CONNECTION,
	ANALYTICS_ENDED, /* the same, with its figures */
	ANALYTICS_LOOKUP,
	ANALYTICS_MISSING, /* an answer: there is no such name */
};

struct analytics_event {
	enum analytics_kind kind;
	usec when;
	struct address host; /* who began it */
	/* Of a connection. */
	struct address peer; /* with whom */
	uint16_t port;       /* of the peer; 0: not known */
	bool udp;
	uint64_t sent, replies; /* bytes to the peer, packets from it */
	unsigned hosts;         /* about so many talk to the peer; set by the detectors */
	/* Of a lookup. */
	struct str name, type;
};

struct analytics_counts {
	uint64_t events;  /* looked at */
	uint64_t crowded; /* hosts and pairs that were forgotten for others */
};

/* All detectors, and the limits that a node has unless it is told others. */
extern const struct analytics_settings ANALYTICS_DEFAULTS;

struct analytics;

/* `key` keeps who chooses names and addresses from choosing their places in the tables. */
struct analytics *analytics_new(
    const struct analytics_settings *settings, const struct hash_key *key);
void analytics_free(struct analytics *a); /* NULL allowed */
void analytics_see(struct analytics *a, const struct analytics_event *e);
struct analytics_counts analytics_counts(const struct analytics *a);
/* What was found since; the caller sets the count to 0 when it has taken them. */
struct outbox *analytics_found(struct analytics *a);
