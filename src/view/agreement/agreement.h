/* SPDX-License-Identifier: Apache-2.0 */
/* How an agreement stands, from the ledger alone: which of its versions all parties have signed,
 * and what each of them said last. The word of another party counts when it came with that party's
 * seal over it; this node's own is the decision "agreement/ID". Reads either handle, never writes.
 */
#pragma once

#include "base/arena.h"
#include "crypt/digest.h"
#include "policy/agreement.h"
#include "store/store.h"

#define AGREEMENT_PATH "agreement/"

enum {
	AGREEMENTS_MAX = 256,        /* that a node keeps in mind */
	AGREEMENT_VERSIONS_MAX = 64, /* of one, and answers of one party, that are looked at */
	AGREEMENT_ANSWER_ID = 9 + UUID_TEXT,
};

/* The id of the opinion that holds a party's word; STR_NONE when the arena refuses. */
struct str agreement_answer_id(
    struct arena *arena, const struct uuid *agreement, struct str identity);
/* Of the canonical form (RFC 8785): what is signed. */
MUST_USE enum err agreement_hash(
    struct sha256 *out, yyjson_val *object, struct arena *arena, struct fault *fault);

struct agreement_party {
	struct str identity;
	bool own;
	enum party_state state; /* what it said last, of whichever version */
	usec said;              /* when; 0: it has not */
	int64_t version;        /* of the agreement that it is about */
	struct str reason;      /* STR_NONE: none */
	uint64_t seq;           /* of the record that says so; STORE_NONE */
	bool consents;          /* to the version that holds, and has not left */
	bool left;              /* it had signed that one */
};

struct agreement_state {
	struct agreement newest;
	struct str newest_hash; /* in hexadecimal */
	uint64_t seq;           /* of the newest version's record */
	struct agreement held;  /* the version that holds; id STR_NONE: none does */
	/* Those of `held`, or of the newest version when none holds. */
	struct agreement_party parties[AGREEMENT_PARTIES_MAX];
	size_t count;
	struct agreement_party asked[AGREEMENT_PARTIES_MAX]; /* those of the newest version */
	bool own;    /* this node is a party of the newest version */
	bool ended;  /* its proposer took it back */
	usec begins; /* a version that all signed, and that is newer than `held`; 0: none */
};

/* `own` is the id of this node's identity. Strings live in the arena or as long as the store.
 * ERR_NOT_FOUND when no such agreement is here, ERR_INVALID when its newest version cannot be
 * understood. */
MUST_USE enum err agreement_state_read(struct agreement_state *out, const struct store *s,
    struct str id, struct str own, usec now, struct arena *arena, struct fault *fault);
/* What holds has not ended, and this node and another are in it. */
bool agreement_in_force(const struct agreement_state *a, usec now);
