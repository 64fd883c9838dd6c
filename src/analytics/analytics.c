/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/analytics.h"

#include "analytics/beacon.h"
#include "analytics/outbox.h"
#include "base/mem.h"

struct analytics {
	struct analytics_settings settings;
	struct beacon *beacon;
	struct outbox found;
};

struct analytics *analytics_new(
    const struct analytics_settings *settings, const struct hash_key *key)
{
	struct analytics *a = mem_alloc(sizeof(*a));

	a->settings = *settings;
	a->beacon = beacon_new(&a->settings, key);
	return a;
}

void analytics_free(struct analytics *a)
{
	if (!a)
		return;
	beacon_free(a->beacon);
	mem_free(a);
}

static void see_connection(struct analytics *a, const struct analytics_event *e)
{
	if (!address_is_own(&e->host, &a->settings.own) || !address_is_host(&e->peer))
		return;
	if (a->settings.on[DETECTOR_BEACON] && !address_is_own(&e->peer, &a->settings.own))
		beacon_see(a->beacon, e, &a->found);
}

void analytics_see(struct analytics *a, const struct analytics_event *e)
{
	switch (e->kind) {
	case ANALYTICS_CONNECTION:
		see_connection(a, e);
		break;
	}
}

struct outbox *analytics_found(struct analytics *a)
{
	return &a->found;
}
