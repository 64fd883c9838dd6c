/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of short names (countries, organisations, communities, tags): sorted, without doubles, in
 * the bytes in which labels keep them, so that comparing is one walk and copying is memcpy. Pure.
 * A name is 1 to 64 of A-Z a-z 0-9 . _ : + - and compares without regard to case. The STIX id of an
 * identity takes 17 bytes instead of 47. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

enum { POLICY_NAME_MAX = 64, POLICY_NAME_ENCODED = POLICY_NAME_MAX + 1 };

/* A name in the form in which sets hold it. */
struct name {
	uint8_t n;
	char bytes[POLICY_NAME_ENCODED];
};

/* ERR_INVALID for what is no name. */
MUST_USE enum err name_encode(struct name *out, struct str text);
struct name name_of_identity(const struct uuid *identity);

/* All take sets in their bytes; STR_NONE and S("") are empty ones. */
bool names_valid(struct str set);
bool names_have(struct str set, const struct name *name);
bool names_meet(struct str a, struct str b);       /* a name in both */
bool names_hold(struct str set, struct str names); /* every name of `names` is in `set` */
/* Both write at most `room` bytes and return how many; SIZE_MAX when they do not suffice. `out` may
 * not overlap a or b. */
size_t names_union(char *out, size_t room, struct str a, struct str b);
size_t names_intersection(char *out, size_t room, struct str a, struct str b);
/* Adds to the *n bytes of a set with room for `room`. ERR_LIMIT when it is full. */
MUST_USE enum err names_add(char *set, size_t *n, size_t room, const struct name *name);
/* Cuts the first name off, in its bytes; empty at the end. */
struct str names_cut(struct str *rest);
/* The order of names in sets. */
int names_compare(struct str a, struct str b);
/* Walks a set: appends the next name as people read it. False at the end. */
bool names_next(struct str *rest, struct buf *out);
/* "cz, milcert"; nothing for an empty set. */
void names_put(struct buf *out, struct str set);
