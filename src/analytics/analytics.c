/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/analytics.h"

#include "analytics/beacon.h"
#include "analytics/burst.h"
#include "analytics/made.h"
#include "analytics/outbox.h"
#include "analytics/rare.h"
#include "analytics/scan.h"
#include "analytics/tunnel.h"
#include "base/mem.h"

const struct analytics_settings ANALYTICS_DEFAULTS = {
    .on = {true, true, true, true, true, true},
    .beacon_count = 20,
    .beacon_percent = 20,
    .rare_days = 7,
    .rare_count = 20,
    .scan_targets = 50,
    .burst_factor = 5,
    .burst_connections = 1000,
    .burst_megabytes = 200,
    .tunnel_names = 100,
    .tunnel_letters = 30,
    .made_names = 20,
};

struct analytics {
	struct analytics_settings settings;
	struct analytics_counts counts;
	struct beacon *beacon;
	struct rare *rare;
	struct scan *scan;
	struct burst *burst;
	struct tunnel *tunnel;
	struct made *made;
	struct outbox found;
};

struct analytics *analytics_new(
    const struct analytics_settings *settings, const struct hash_key *key)
{
	struct analytics *a = mem_alloc(sizeof(*a));

	a->settings = *settings;
	a->beacon = beacon_new(&a->settings, key);
	a->rare = rare_new(&a->settings, key);
	a->scan = scan_new(&a->settings, key);
	a->burst = burst_new(&a->settings, key);
	a->tunnel = tunnel_new(&a->settings, key);
	a->made = made_new(&a->settings, key);
	return a;
}

void analytics_free(struct analytics *a)
{
	if (!a)
		return;
	beacon_free(a->beacon);
	rare_free(a->rare);
	scan_free(a->scan);
	burst_free(a->burst);
	tunnel_free(a->tunnel);
	made_free(a->made);
	mem_free(a);
}

static void see_connection(struct analytics *a, struct analytics_event *e)
{
	const bool *on = a->settings.on;

	if (!address_is_host(&e->peer))
		return;
	if (!address_is_own(&e->peer, &a->settings.own)) {
		if (on[DETECTOR_RARE] || on[DETECTOR_BEACON])
			e->hosts = rare_see(a->rare, e, &a->found);
		if (on[DETECTOR_BEACON])
			beacon_see(a->beacon, e, &a->found);
	}
	if (e->kind != ANALYTICS_ENDED)
		return;
	if (on[DETECTOR_SCAN])
		scan_see(a->scan, e, &a->found);
	if (on[DETECTOR_BURST])
		burst_see(a->burst, e, &a->found);
}

void analytics_see(struct analytics *a, const struct analytics_event *e)
{
	struct analytics_event event = *e;

	if (!address_is_own(&e->host, &a->settings.own))
		return;
	a->counts.events++;
	if (e->kind == ANALYTICS_CONNECTION || e->kind == ANALYTICS_ENDED) {
		see_connection(a, &event);
		return;
	}
	if (a->settings.on[DETECTOR_TUNNEL])
		tunnel_see(a->tunnel, e, &a->found);
	if (a->settings.on[DETECTOR_MADE] && e->kind == ANALYTICS_MISSING)
		made_see(a->made, e, &a->found);
}

struct analytics_counts analytics_counts(const struct analytics *a)
{
	struct analytics_counts counts = a->counts;

	counts.crowded = beacon_crowded(a->beacon) + rare_crowded(a->rare) + scan_crowded(a->scan) +
	                 burst_crowded(a->burst) + tunnel_crowded(a->tunnel) +
	                 made_crowded(a->made);
	return counts;
}

struct outbox *analytics_found(struct analytics *a)
{
	return &a->found;
}
