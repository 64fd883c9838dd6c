/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a whole ledger again, every frame, header, content and hash, and holds it against its
 * signed checkpoint. Needs the files and a public key, nothing else: the first that the node ever
 * had will do, statements of rotation in the ledger lead to the others. Trusts no index, but uses
 * one to name a forged record. Never writes, and may run beside a writer. */
#pragma once

#include "crypt/sign.h"
#include "store/rotation.h"
#include "store/store.h"

enum { VERIFY_KEY_MAX = 256, VERIFY_ROTATIONS_MAX = 64 };

struct verify_options {
	struct str dir;               /* the folder "ledger" of a node directory */
	const struct note_keys *keys; /* NULL: signatures are not looked at */
	void (*progress)(void *ctx, uint64_t bytes, uint64_t total); /* NULL: none */
	void *ctx;
};

/* The first thing that is wrong. */
struct verify_bad {
	uint64_t record;           /* STORE_NONE: a file as a whole */
	char id[STORE_ID_MAX + 1]; /* as it stands there; empty when it cannot be read */
	char file[64];             /* below the ledger's folder */
	uint64_t offset;
	char reason[256];
};

/* A change of keys that led from the given key to the one that signed the checkpoint. */
struct verify_rotation {
	uint64_t record; /* where the statement stands */
	usec time;
	bool back; /* the given key is the newer one: the checkpoint does not reach so far yet */
	char before[VERIFY_KEY_MAX], after[VERIFY_KEY_MAX]; /* name and id of the keys */
};

struct verify_report {
	bool good;
	bool writing;          /* a writer was at work; what it had not finished is not counted */
	uint64_t records;      /* that are good, from the first on */
	uint64_t bytes;        /* of files that were read */
	uint64_t signed_size;  /* records under the checkpoint */
	size_t rotation_count; /* that were followed */
	struct verify_rotation rotations[VERIFY_ROTATIONS_MAX];
	struct verify_bad bad;
};

/* OK: the report says whether it is good. Else the ledger could not be read at all. */
MUST_USE enum err store_verify(
    struct verify_report *out, const struct verify_options *options, struct fault *fault);
