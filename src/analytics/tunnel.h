/* SPDX-License-Identifier: Apache-2.0 */
/* DNS tunnels: one host asks for very many different, long names below one domain. Private to
 * analytics/. */
#pragma once

#include "analytics/analytics.h"
#include "analytics/outbox.h"

struct tunnel;

struct tunnel *tunnel_new(const struct analytics_settings *settings, const struct hash_key *key);
void tunnel_free(struct tunnel *t); /* NULL allowed */
/* A question, or its answer. */
void tunnel_see(struct tunnel *t, const struct analytics_event *e, struct outbox *out);
/* How many entries gave way to others. */
uint64_t tunnel_crowded(const struct tunnel *t);
