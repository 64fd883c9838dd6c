/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an event calls: the tables behind arms.h, from what patterns need (sift.h) to the numbers of
 * the patterns. One that is called too many costs time, one too few a match: every table is exact
 * or errs towards calling. */
#pragma once

#include "intake/live/observe.h"
#include "intake/live/sift.h"

struct calls;

struct calls *calls_new(void);
void calls_free(struct calls *c); /* NULL allowed */
void calls_clear(struct calls *c);
/* Not after calls_settle, before which nothing is asked. */
void calls_add(struct calls *c, uint32_t number, const struct sift *sift);
void calls_settle(struct calls *c);
bool calls_any(const struct calls *c);
/* How many must look at every event that has an object of some type. */
size_t calls_broad(const struct calls *c);

/* As arms_for_event() and arms_for_observed(). */
const uint32_t *calls_for_event(
    struct calls *c, const struct match_event *event, size_t *count, bool *deeper);
const uint32_t *calls_for_observed(
    struct calls *c, const struct match_event *event, const struct observed *o, size_t *count);
