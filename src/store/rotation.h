/* SPDX-License-Identifier: Apache-2.0 */
/* The statement that a node's keys are followed by others: a C2SP signed note, signed by the old
 * keys and by the new ones, kept in ledgers as the decisions "rotation/IDENTITY/N", counted from 1.
 * Nothing is signed again: what the old keys signed stays theirs. Foreign bytes when it is another
 * node's. doc/ledger-format.md describes it. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "crypt/sign.h"
#include "store/store.h"

enum {
	ROTATION_NOTE_MAX = 32 << 10, /* bytes of a note */
	ROTATIONS_MAX = 256,          /* of one node that are looked at */
	ROTATION_KEY_ID = 8,          /* digits of a key id, as C2SP writes it */
};

/* What is signed by the old keys at the moment of the change is still on its way. */
static const usec ROTATION_OVERLAP = INT64_C(60) * USEC_PER_SEC;

#define ROTATION_HEAD S("tocsin keys 1\n")
#define ROTATION_PREFIX "rotation/"

/* Both public keys of a node, a C2SP verifier key each. */
struct key_lines {
	struct str key, pq_key;
};

struct rotation {
	struct str identity; /* of the node */
	usec time;           /* from then on the new ones sign */
	uint64_t size;       /* records of its ledger then */
	struct key_lines before, after;
};

void rotation_text(struct buf *out, const struct rotation *r);
/* A note that all four keys signed, in its one form. Strings live in the arena. */
MUST_USE enum err rotation_read(
    struct rotation *out, struct arena *arena, struct str note, struct fault *fault);
/* The same without looking at signatures, of a note that was read so before. */
MUST_USE enum err rotation_recall(
    struct rotation *out, struct arena *arena, struct str note, struct fault *fault);
/* The same two keys. */
bool key_lines_eq(const struct key_lines *a, const struct key_lines *b);
/* "name+0a1b2c3d": what people tell keys by. Borrowed. */
struct str key_lines_id(const struct key_lines *k);

/* "rotation/IDENTITY/N" */
struct str rotation_path(struct arena *arena, struct str identity, uint64_t number);
/* "former/IDENTITY/N": statements that lead back from the keys by which a node was met to those it
 * had before, the newest first. */
struct str former_path(struct arena *arena, struct str identity, uint64_t number);
/* How many there are of a node, pending ones included. */
uint64_t rotation_count(const struct store *s, struct str identity, struct arena *arena);
/* The note of the number-th (from 1); ERR_NOT_FOUND. It lives in the arena. */
MUST_USE enum err rotation_note(struct str *out, const struct store *s, struct str identity,
    uint64_t number, struct arena *arena);
/* Both of any notes that are kept so, as the decisions that `path` names; at most `most` are
 * counted. */
typedef struct str (*numbered_path)(struct arena *arena, struct str identity, uint64_t number);
uint64_t numbered_count(const struct store *s, numbered_path path, struct str identity,
    uint64_t most, struct arena *arena);
MUST_USE enum err numbered_note(struct str *out, const struct store *s, numbered_path path,
    struct str identity, uint64_t number, struct arena *arena);
/* What the decision holds, and the note in it; STR_NONE when there is none. */
void rotation_record(struct buf *out, struct str note, struct str by);
struct str rotation_record_note(struct arena *arena, struct str content);
