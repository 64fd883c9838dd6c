/* SPDX-License-Identifier: Apache-2.0 */
/* What a hit becomes: an observable, the observed data that hold it, and the sighting of the
 * indicator, as STIX 2.1 objects. One sighting stands for every hit of one indicator on one value
 * from one source within an hour of event time; its ids follow from those, so that the same events
 * always give the same ids. Pure. STIX 2.1 sections 4.14, 5.2, 6. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "base/uuid.h"
#include "stix/equality.h"
#include "stix/marking.h"

#define SIGHTING_WINDOW (3600 * USEC_PER_SEC)

enum { SIGHTING_ID_MAX = 80, SIGHTING_COUNT_MAX = 999999999 };

struct sighting {
	struct uuid key; /* the UUID of the sighting's and of its observed data's id */
	char indicator[SIGHTING_ID_MAX];
	char observable[SIGHTING_ID_MAX]; /* empty when there are witnesses */
	uint32_t witnesses;               /* of a pattern's match; each is observed data */
	enum tlp tlp;                     /* TLP_NONE: no marking */
	uint64_t count;
	usec first, last;
	usec created, modified; /* 0: never written yet */
	struct str description; /* of the sighting; STR_NONE: none */
};

struct sighting_of {
	struct str indicator;     /* id */
	const struct term *value; /* what was seen; NULL: what the whole pattern asks for */
	struct str source;        /* name of the sensor's stream */
	usec when;
	uint32_t part; /* tells sightings of one window apart; 0 */
};

/* `space` is the UUID of the node's identity. */
struct uuid sighting_key(const struct uuid *space, const struct sighting_of *of, struct arena *a);

/* Appends the observable's JSON and writes its id (deterministic, section 2.9). ERR_NOMEM,
 * ERR_LIMIT. */
MUST_USE enum err sighting_observable(struct buf *out, char id[SIGHTING_ID_MAX],
    const struct term *value, enum tlp tlp, struct arena *a);
/* The id of a witness's observed data. */
struct str sighting_witness(
    char out[SIGHTING_ID_MAX], const struct uuid *key, uint32_t i, struct arena *a);
/* One event that a pattern was true of, with the observables of these ids. */
void sighting_witness_data(struct buf *out, const struct sighting *s, struct str id,
    struct str identity, usec when, const struct str *refs, size_t count);
/* Appends one object each; observed data only of what has no witnesses. `identity` STR_NONE: made
 * by nobody in particular. */
void sighting_observed_data(struct buf *out, const struct sighting *s, struct str identity);
void sighting_object(struct buf *out, const struct sighting *s, struct str identity);
void sighting_ids(
    char observed[SIGHTING_ID_MAX], char sighting[SIGHTING_ID_MAX], const struct uuid *key);

/* Back from the two objects as they were written (with witnesses, `observed` is STR_NONE);
 * ERR_INVALID when they were not written here. */
MUST_USE enum err sighting_read(
    struct sighting *out, struct str sighting, struct str observed, struct arena *a);
