/* SPDX-License-Identifier: Apache-2.0 */
/* Which sightings are being counted, and when one is due to be told of: at once for the first hit,
 * then whenever the count has doubled, and no later than ten seconds after a hit. A table of fixed
 * size by key; pure. */
#pragma once

#include "intake/sighting.h"
#include "policy/label.h"

#define AGGREGATE_DELAY (10 * USEC_PER_SEC)

struct aggregate {
	struct sighting sighting;
	struct label label; /* of its record: the marking in `sighting` tells its TLP level alone */
	uint64_t told;      /* the count in the last version written */
	usec told_at;
};

struct aggregator;

struct aggregator *aggregator_new(size_t max); /* entries; a power of two */
void aggregator_free(struct aggregator *a);    /* NULL allowed */
size_t aggregator_count(const struct aggregator *a);
/* The entry of a key, NULL when there is none. */
struct aggregate *aggregator_find(struct aggregator *a, const struct uuid *key);
/* A new empty one; NULL when the table is full: tell of what is due, then aggregator_clear. */
struct aggregate *aggregator_add(struct aggregator *a, const struct uuid *key);
void aggregator_clear(struct aggregator *a);
struct aggregate *aggregator_at(struct aggregator *a, size_t i); /* i < aggregator_count */

/* More hits. */
void aggregate_count(struct aggregate *g, uint64_t count, usec first, usec last);
bool aggregate_due(const struct aggregate *g, usec now);
/* A new version is about to be written: sets its times (each later than the one before). */
void aggregate_tell(struct aggregate *g, usec now);
