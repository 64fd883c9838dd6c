/* SPDX-License-Identifier: Apache-2.0 */
/* A policy pack: warning lists of the guard that somebody maintains for many nodes, as one signed,
 * versioned file (doc/pack-format.md). A C2SP signed note says what is in it; the files follow as
 * they are. Bounded reading of foreign bytes; nothing is believed of a pack before a trusted key
 * has signed it. Knows no file and no node. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "crypt/digest.h"
#include "crypt/sign.h"

enum {
	PACK_NAME_MAX = 64,
	PACK_FILE_NAME_MAX = 100,
	PACK_FILES_MAX = 512,
	PACK_FILE_BYTES_MAX = 64 << 20,
	PACK_BYTES_MAX = 256 << 20, /* of the whole */
	PACK_NOTE_MAX = 192 << 10,
};

#define PACK_MAGIC S("tocsin pack 1\n")

struct pack_file {
	struct str name; /* a-z, 0-9, '-', '_', '.'; the first a letter or digit */
	struct sha256 hash;
	struct str content;
};

/* Strings are borrowed. */
struct pack {
	struct str name;  /* as those of files */
	uint64_t version; /* from 1 on; a higher one replaces a lower one */
	usec made;
	struct pack_file *files; /* each a warning list in MISP's format */
	size_t count;
};

bool pack_name_valid(struct str name, size_t max);
/* The text to be signed, from name, version, made and the files' hashes and contents' sizes. */
void pack_put_text(struct buf *out, const struct pack *p);
/* The file: a note over that text, and the files. */
void pack_put(struct buf *out, struct str note, const struct pack *p);

/* Cuts a pack's file into its note and what follows. ERR_PARSE, ERR_LIMIT. */
MUST_USE enum err pack_split(
    struct str *note, struct str *body, struct str file, struct fault *fault);
/* The name of who signed it, as the note says, to look up the keys by; nothing is proven yet. */
MUST_USE enum err pack_signer(struct str *out, struct str file, struct fault *fault);
/* What a text says that a trusted key has signed, and the files behind it: no more and no less. */
MUST_USE enum err pack_take(
    struct pack *out, struct arena *arena, struct str text, struct str body, struct fault *fault);
/* Opens one whose note all of the keys have signed. ERR_NOT_FOUND: these keys did not sign;
 * ERR_INVALID: a signature or a hash is wrong; ERR_PARSE, ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err pack_open(struct pack *out, struct arena *arena, struct str file,
    const struct note_keys *keys, struct fault *fault);
