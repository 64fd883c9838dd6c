/* SPDX-License-Identifier: Apache-2.0 */
/* Collections as a reader may have them: what API roots and collections there are, and pages of
 * their objects in the order of the date they were added (TAXII 2.1 §3.4, §5). Objects are given as
 * borrowed ranges of the mapped ledger: a page copies nothing. */
#pragma once

#include "gate/gate.h"

struct gate_discovery {
	struct str title, description, contact, default_root; /* STR_NONE when absent */
	const struct str *roots;
	size_t root_count;
};

struct gate_root {
	struct str name, title, description;
	uint64_t max_content_length;
	uint32_t page_limit;
};

struct gate_collection {
	struct str id, root, title, description, alias; /* STR_NONE when absent */
	uint32_t feed;
	bool can_read, can_write; /* the collection's own; the reader's role comes on top */
	const struct str *media_types;
	size_t media_type_count;
};

/* Strings and lists live in the ask's arena. ERR_NOT_FOUND. */
MUST_USE enum err gate_discovery(
    const struct gate_ask *ask, struct gate_discovery *out, struct fault *fault);
MUST_USE enum err gate_root(
    const struct gate_ask *ask, struct str name, struct gate_root *out, struct fault *fault);
struct gate_collections {
	struct gate_collection *items;
	size_t count;
};
/* Of one root, or of all when root is STR_NONE; ordered by feed number. */
MUST_USE enum err gate_collections(
    const struct gate_ask *ask, struct str root, struct gate_collections *out, struct fault *fault);
MUST_USE enum err gate_collection(const struct gate_ask *ask, struct str root,
    struct str id_or_alias, struct gate_collection *out, struct fault *fault);
/* The bytes of a TAXII status resource: for who submitted it and for administrators; to everybody
 * else it is not there. */
MUST_USE enum err gate_status(const struct gate_ask *ask, struct str root, struct str id,
    struct str *out, struct fault *fault);

/* A place in a feed: the last entry already given. Order is (added, seq). */
struct feed_position {
	usec added;
	uint64_t seq;
};
#define FEED_START ((struct feed_position){INT64_MIN, 0})

enum { FEED_VERSION_LAST = 1, FEED_VERSION_FIRST = 2, FEED_VERSION_ALL = 4 };
enum { FEED_SPEC_20 = 1, FEED_SPEC_21 = 2 };

/* Candidates are the members of the feed that the reader may see. `specs` filters first; FIRST and
 * LAST are taken per id among what remains, whatever the other members say; then all others apply.
 * A newer version that the reader may not see does not hide an older one. */
struct feed_query {
	uint32_t feed;
	struct feed_position after; /* strictly after this one; FEED_START */
	usec added_after;           /* strictly later; INT64_MIN for none */
	const struct str *ids;      /* 0: any */
	size_t id_count;
	const struct str *types; /* names of STIX types, 0: any */
	size_t type_count;
	uint8_t versions;     /* FEED_VERSION_*, ORed with the exact ones; 0 and none exact: LAST */
	const int64_t *exact; /* versions; of objects without one (version 0) it is `added` */
	size_t exact_count;
	uint8_t specs;    /* FEED_SPEC_*; 0: per object only its newest spec version in the feed */
	size_t limit;     /* objects, at least 1 */
	size_t bytes_max; /* stop early when the content passes this, after one object at least */
};

struct feed_page {
	struct gate_object *items; /* in the arena */
	size_t count;
	bool more; /* exact: a further one matches */
};

MUST_USE enum err gate_feed_page(const struct gate_ask *ask, const struct feed_query *query,
    struct feed_page *out, struct fault *fault);
/* How many object versions of a feed the reader may see. */
MUST_USE enum err gate_feed_count(
    const struct gate_ask *ask, uint32_t feed, uint64_t *out, struct fault *fault);
