/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the relations view: which records refer to an object, hold a value, have an id that
 * begins so. Keys are hashes, so an answer is a candidate: whoever asks looks into the record
 * itself. All answers are record numbers in descending order, every version of every object among
 * them. */
#pragma once

#include "stix/equality.h"
#include "view/view.h"

struct relations;

MUST_USE enum err relations_open(struct relations **out, struct str dir, struct fault *fault);
void relations_close(struct relations *r); /* NULL allowed */
uint64_t relations_cursor(struct relations *r);

enum relations_index {
	RELATIONS_REFERENCE, /* key: relations_id_key of the target */
	RELATIONS_VALUE,     /* key: relations_value_key */
};

int64_t relations_id_key(struct str id);
int64_t relations_value_key(const struct term *t);

/* Up to max record numbers below `before`. ERR_NOT_FOUND when there is no such view yet. */
struct relations_find {
	enum relations_index index;
	int64_t key;
	uint64_t before;
};
MUST_USE enum err relations_find(struct relations *r, const struct relations_find *what,
    uint64_t *out, size_t max, size_t *count, struct fault *fault);

/* First records of objects whose UUID begins with these hexadecimal digits (and dashes), at least
 * RELATIONS_PREFIX_MIN of them; in no order, at most max. */
enum { RELATIONS_PREFIX_MIN = 4 };
MUST_USE enum err relations_find_uuid(struct relations *r, struct str prefix, uint64_t *out,
    size_t max, size_t *count, struct fault *fault);

/* What sightings say of an indicator, per record of a sighting. */
struct relations_hit {
	uint64_t seq;
	uint64_t count;
	usec last;
};
MUST_USE enum err relations_hits(struct relations *r, struct str indicator_id, uint64_t before,
    struct relations_hit *out, size_t max, size_t *count, struct fault *fault);
