/* SPDX-License-Identifier: Apache-2.0 */
/* Beaconing: connections of one host to one port of one destination at regular intervals. Private
 * to analytics/. */
#pragma once

#include "analytics/analytics.h"
#include "analytics/outbox.h"

struct beacon;

struct beacon *beacon_new(const struct analytics_settings *settings, const struct hash_key *key);
void beacon_free(struct beacon *b); /* NULL allowed */
void beacon_see(struct beacon *b, const struct analytics_event *e, struct outbox *out);
/* How many entries gave way to others. */
uint64_t beacon_crowded(const struct beacon *b);
