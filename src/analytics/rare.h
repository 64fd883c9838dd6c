/* SPDX-License-Identifier: Apache-2.0 */
/* Rare destinations: nobody here talked to it as long as can be remembered, and now one host does,
 * again and again, and no other. Also knows how many hosts talk to a destination. Private to
 * analytics/. */
#pragma once

#include "analytics/analytics.h"
#include "analytics/outbox.h"

struct rare;

struct rare *rare_new(const struct analytics_settings *settings, const struct hash_key *key);
void rare_free(struct rare *r); /* NULL allowed */
/* A connection to the outside. Returns about how many hosts have one to the same peer. */
unsigned rare_see(struct rare *r, const struct analytics_event *e, struct outbox *out);
/* How many entries gave way to others. */
uint64_t rare_crowded(const struct rare *r);
