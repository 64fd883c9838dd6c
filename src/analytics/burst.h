/* SPDX-License-Identifier: Apache-2.0 */
/* Bursts: one host that makes many times more connections, or sends many times more bytes, than in
 * the highest ten minutes of its own past. Private to analytics/. */
#pragma once

#include "analytics/analytics.h"
#include "analytics/outbox.h"

struct burst;

struct burst *burst_new(const struct analytics_settings *settings, const struct hash_key *key);
void burst_free(struct burst *b); /* NULL allowed */
/* A connection that has ended. */
void burst_see(struct burst *b, const struct analytics_event *e, struct outbox *out);
/* How many entries gave way to others. */
uint64_t burst_crowded(const struct burst *b);
