/* SPDX-License-Identifier: Apache-2.0 */
/* Agreements between nodes, and what each party says to one: the object `tocsin-agreement` and the
 * extension of `opinion` that holds a party's word, which doc/agreements.md publishes. Reading and
 * checking only: who said it, and whether that can be proven, is the caller's. Pure, over parsed
 * objects. */
#pragma once

#include <yyjson.h>

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "stix/marking.h"

#define AGREEMENT_TYPE "tocsin-agreement"
#define AGREEMENT_EXTENSION "extension-definition--2b721f6e-e831-5a77-bcdc-b45a968cd603"
#define AGREEMENT_ANSWER_EXTENSION "extension-definition--edb988e9-d644-5dc0-b0e0-db5c234738c3"

enum {
	/* As many as a label that names each of them has room for. */
	AGREEMENT_PARTIES_MAX = 7,
	AGREEMENT_PURPOSES_MAX = 16,
	AGREEMENT_TEXT_MAX = 250,
	AGREEMENT_REASON_MAX = 1000,
};

enum community_kind { COMMUNITY_PLAIN, COMMUNITY_PILLAR, COMMUNITY_ROOM, COMMUNITY_KINDS };
/* Where what is in a pillar goes, as its hub sees it. */
enum community_direction { DIRECTION_BOTH, DIRECTION_IN, DIRECTION_OUT, DIRECTIONS };

struct str community_kind_name(enum community_kind kind);
struct str community_direction_name(enum community_direction direction);
/* False for what is no word; STR_NONE is the first one. */
bool community_kind_of(enum community_kind *out, struct str word);
bool community_direction_of(enum community_direction *out, struct str word);

struct agreement {
	struct str id, name;
	struct uuid uuid; /* of the id */
	struct str by;    /* who proposed it: a party */
	int64_t version;
	bool revoked;
	struct str parties[AGREEMENT_PARTIES_MAX]; /* ids of identities */
	size_t party_count;
	struct str community; /* as labels name it */
	enum community_kind kind;
	enum community_direction direction;
	struct str hub;      /* of a pillar: a party */
	struct str incident; /* of a room */
	enum tlp ceiling;
	yyjson_val *types;     /* NULL: all */
	yyjson_val *purposes;  /* NULL: none */
	yyjson_val *anonymise; /* NULL: nothing is said, so victims */
	struct str retention, legal_ref;
	usec from, until; /* until 0: it has no end */
	bool reciprocity_visible;
	yyjson_val *root;
};

/* ERR_INVALID says what in it is not understood: nobody can be held to that. Strings and values are
 * the object's. */
MUST_USE enum err agreement_read(struct agreement *out, yyjson_val *object, struct fault *fault);
bool agreement_has_party(const struct agreement *a, struct str identity);

/* What a party says, newest first: PARTY_PROPOSED is that it has not said anything. */
enum party_state { PARTY_PROPOSED, PARTY_SIGNED, PARTY_DECLINED, PARTY_LEFT, PARTY_STATES };
struct str party_state_name(enum party_state state);
bool party_state_of(enum party_state *out, struct str word);

struct party_answer {
	enum party_state state; /* never PARTY_PROPOSED */
	struct str agreement;   /* id */
	usec version;           /* of it */
	struct str sha256;      /* of its canonical form, in hexadecimal */
	struct str reason;
};

/* Whether an object claims to be one at all. */
bool party_answer_claimed(yyjson_val *object);
/* ERR_NOT_FOUND when it is none, ERR_INVALID when it cannot be read. */
MUST_USE enum err party_answer_read(struct party_answer *out, yyjson_val *object);
