/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that this node derives of others for guests of a community, whose terms leave something
 * out: how their ids are made, and the records that say what they stand for. Ids and pseudonyms are
 * HMAC-SHA-256 under a secret of the community, so they are the same in everything that goes to it,
 * differ in every other, and cannot be guessed. Nobody is shown the secret or these records.
 * doc/ledger-format.md describes the bytes. */
#pragma once

#include "base/buf.h"
#include "crypt/digest.h"
#include "store/store.h"

enum { DERIVED_SECRET = 32, DERIVED_TEXT_MAX = STORE_ID_MAX };

enum derived_kind {
	DERIVED_COPY,      /* the object without what the terms leave out */
	DERIVED_PSEUDONYM, /* an identity under another name */
	DERIVED_RELATION,  /* "derived-from", from a copy to its original */
	DERIVED_MARKING,   /* what labels them */
	DERIVED_KINDS,
};

/* What a derived object stands for. */
struct derived {
	enum derived_kind kind;
	uint64_t original; /* number of the record; of a marking STORE_NONE */
	uint32_t terms;    /* under which it was made: bits of policy/release.h */
	struct str community;
};

void derived_put(struct buf *out, const struct derived *d);
MUST_USE enum err derived_read(struct derived *out, struct str content, struct fault *fault);
/* Of the derived object at `seq`, from the record behind it. ERR_NOT_FOUND. */
MUST_USE enum err derived_of(struct derived *out, const struct store *s, uint64_t seq);
/* Which derived objects are of which records: all but markings, pending ones too, in the
 * order of their originals. */
struct derivations {
	struct derivation_of {
		uint64_t original, seq;
	} *list;
	size_t count;
};
void derivations_find(struct derivations *out, const struct store *s);
void derivations_free(struct derivations *d);
/* The first that is of this record or of a later one; count when there is none. */
size_t derivations_of(const struct derivations *d, uint64_t original);
/* The ids of these records, in the arena: of an object's, and of a community's secret. */
struct str derived_path(struct arena *arena, struct str id);
/* Of how far an original's joining and leaving of a feed was followed; its version and content are
 * the number of the last such record. */
struct str derived_feed_path(struct arena *arena, struct str id, uint32_t feed);
struct str derived_secret_path(struct arena *arena, struct str community);
/* ERR_NOT_FOUND when the community has none yet. */
MUST_USE enum err derived_secret(
    struct sha256 *out, const struct store *s, struct arena *arena, struct str community);

/* "TYPE--UUID" of what is derived of `of` (an id, or a marking's bytes) under the terms, in the
 * arena. A pseudonym's does not depend on the terms. */
struct str derived_id(struct arena *arena, const struct sha256 *secret, enum derived_kind kind,
    struct str type, struct str of, uint32_t terms);
/* "victim 7f3a91", in the arena. */
struct str derived_name(struct arena *arena, const struct sha256 *secret, struct str of);
