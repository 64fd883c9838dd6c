/* SPDX-License-Identifier: Apache-2.0 */
/* What is left out of an object for who gets it through a community, and whether what remains is
 * still an object. Which terms hold is policy/decide.h's; what they mean for the members of one
 * object is decided here, on the object alone. Pure, over a parsed object. doc/labels.md has the
 * table in words. */
#pragma once

#include <yyjson.h>

#include "base/buf.h"
#include "policy/decide.h"

/* Terms are bits: classes of members, and members by name. */
enum {
	WITHHOLD_VICTIMS = 1, /* whatever names who was hit */
	/* A word that this program does not know: nothing can be released under it. */
	WITHHOLD_UNKNOWN = 1 << 30,
};

/* False when it is no word of the table. */
bool withhold_of_name(uint32_t *out, struct str name);
/* "victims, description"; nothing for 0. */
void withhold_put(struct buf *out, uint32_t withheld);

enum { RELEASE_MEMBERS_MAX = 1024 };

struct release {
	enum verdict verdict;
	const char *rule;                         /* of a denial, else NULL */
	uint16_t count;                           /* of members that are left out */
	uint8_t members[RELEASE_MEMBERS_MAX / 8]; /* which, in the order in which they stand */
};

static inline bool release_omits(const struct release *r, size_t member)
{
	return member < RELEASE_MEMBERS_MAX && (r->members[member / 8] >> member % 8 & 1);
}

/* What becomes of a member in an object that is made anew, under an id of its own, for who cannot
 * prove a copy. */
enum derive_part {
	DERIVE_KEEP,
	DERIVE_DROP,
	DERIVE_REFS,     /* of the identities in it, those that it is about get pseudonyms */
	DERIVE_SIGHTED,  /* every identity gets a pseudonym; nothing else stays */
	DERIVE_REPLACED, /* the new object has its own: id, creator, markings */
};

struct derivation {
	/* VERDICT_ALLOW: nothing is left out, so nothing is to be derived; VERDICT_DENY: nothing
	 * that is an object still can be. */
	enum verdict verdict;
	const char *rule; /* of a denial, else NULL */
	bool pseudonym;   /* it is an identity of which no more than a pseudonym may go */
	uint8_t parts[RELEASE_MEMBERS_MAX]; /* enum derive_part, in the order of the members */
};

void policy_derive(struct derivation *out, uint16_t type, yyjson_val *object, uint32_t withheld,
    const struct uuid *sender);
/* Whether `id` is an identity that an object by `creator` is about. */
bool release_is_somebody(struct str id, struct str creator, const struct uuid *sender);

/* `object` is of this type (enum stix_type_id); `sender` is the identity of the node that would
 * release it, or NULL. What STIX requires, what labels the object and what a granular marking
 * points at is never left out: where the terms ask for it, nothing of the object is released. */
void policy_release(struct release *out, uint16_t type, yyjson_val *object, uint32_t withheld,
    const struct uuid *sender);
