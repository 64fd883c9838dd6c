/* SPDX-License-Identifier: Apache-2.0 */
/* Algorithmic names: one host asks for many domains that do not exist and whose names no person
 * would choose. Private to analytics/. */
#pragma once

#include "analytics/analytics.h"
#include "analytics/outbox.h"

struct made;

struct made *made_new(const struct analytics_settings *settings, const struct hash_key *key);
void made_free(struct made *m); /* NULL allowed */
/* An answer: there is no such name. */
void made_see(struct made *m, const struct analytics_event *e, struct outbox *out);
/* Whether the letters of a label are as chance throws them. */
bool made_is_odd(struct str label);
/* How many entries gave way to others. */
uint64_t made_crowded(const struct made *m);
