/* SPDX-License-Identifier: Apache-2.0 */
/* The statement that keys were in other hands from a time on: a C2SP signed note by keys that are
 * not among them, or a receiver's own decision. Kept in ledgers as "compromised/IDENTITY/N",
 * counted from 1. What those keys sealed before the time stays good. Foreign bytes when it is
 * another node's. doc/ledger-format.md describes it. */
#pragma once

#include "store/rotation.h"

enum { COMPROMISE_KEYS_MAX = 64, COMPROMISES_MAX = 64 };

#define COMPROMISE_HEAD S("tocsin compromised 1\n")
#define COMPROMISE_PREFIX "compromised/"

struct compromise {
	struct str identity;
	usec time;  /* when it was stated */
	usec since; /* what the keys signed from then on is worth nothing */
	struct str keys[COMPROMISE_KEYS_MAX]; /* C2SP verifier keys, Ed25519 */
	size_t count;
};

/* Also what the decision holds of it. */
void compromise_text(struct buf *out, const struct compromise *c);
/* A text in its one form, signatures behind it or not: they are for the caller to check. Strings
 * are borrowed. */
MUST_USE enum err compromise_read(struct compromise *out, struct str text, struct fault *fault);
bool compromise_names(const struct compromise *c, struct str key);

struct str compromise_path(struct arena *arena, struct str identity, uint64_t number);
uint64_t compromise_count(const struct store *s, struct str identity, struct arena *arena);
/* The number-th of a node (from 1) as it was signed, or as it was decided here; ERR_NOT_FOUND. */
MUST_USE enum err compromise_note(struct str *out, const struct store *s, struct str identity,
    uint64_t number, struct arena *arena);
