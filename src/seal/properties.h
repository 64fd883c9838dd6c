/* SPDX-License-Identifier: Apache-2.0 */
/* The tree over an object's top-level members, one salted leaf each in order of appearance, and one
 * leaf over the whole content: RFC 6962's shape. A full copy is proven byte for byte; a copy with
 * members left out is proven member by member, and says nothing of what they held. Pure. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

enum { SEAL_SEED = 16, SEAL_SALT = 16, SEAL_MEMBERS_MAX = 1024 };

/* From which an object's salts are derived; travels with full copies only. */
struct seal_seed {
	unsigned char b[SEAL_SEED];
};

struct seal_salt {
	unsigned char b[SEAL_SALT];
};

/* Of leaf i; i = count of members: that of the whole content. */
struct seal_salt seal_salt(const struct seal_seed *seed, uint16_t i);

/* One top-level member of a JSON object, as its bytes stand there. */
struct member {
	struct str name;  /* between its quotes, escapes and all */
	struct str value; /* without white space around it */
};

/* Walks an object's members without building a tree. Structure only: brackets, strings, commas;
 * what is between them is json_parse's to judge. */
struct members {
	const char *p;
	const char *end;
	unsigned state; /* private */
};
MUST_USE enum err members_open(struct members *m, struct str json, struct fault *fault);
/* ERR_NOT_FOUND behind the last. */
MUST_USE enum err members_next(struct members *m, struct member *out, struct fault *fault);

/* Leaf hashes. */
struct sha256 member_leaf(const struct member *member, const struct seal_salt *salt);
struct sha256 content_leaf(struct str content, const struct seal_salt *salt);

/* The root over a full copy, and the number of its members: 0 when there are more than
 * SEAL_MEMBERS_MAX, and then the tree is the content's leaf alone. */
MUST_USE enum err properties_root(struct sha256 *root, uint16_t *members, struct str content,
    const struct seal_seed *seed, struct fault *fault);
