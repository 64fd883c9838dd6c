/* SPDX-License-Identifier: Apache-2.0 */
/* Scans: one host that tries many destinations at one port, or many ports of one destination,
 * within ten minutes, and is not answered. Private to analytics/. */
#pragma once

#include "analytics/analytics.h"
#include "analytics/outbox.h"

struct scan;

struct scan *scan_new(const struct analytics_settings *settings, const struct hash_key *key);
void scan_free(struct scan *s); /* NULL allowed */
/* A connection that has ended. */
void scan_see(struct scan *s, const struct analytics_event *e, struct outbox *out);
/* How many entries gave way to others. */
uint64_t scan_crowded(const struct scan *s);
