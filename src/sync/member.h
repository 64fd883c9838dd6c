/* SPDX-License-Identifier: Apache-2.0 */
/* Members without a node: what was pinned of them, what they were given as files and what was taken
 * from them, out of the ledger's decisions; and the text under a part that is given
 * (doc/members.md). An account that was removed and made again is another member: what was decided
 * before does not count for it. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "crypt/digest.h"
#include "store/store.h"

/* ---- the signed text under a part ---- */

#define MEMBER_PART S("tocsin member part 1\n")

enum {
	MEMBER_PART_TEXT_MAX = 64 << 10,
	MEMBER_BACK_MAX = 500,           /* ids of one part */
	MEMBER_BACK_BYTES_MAX = 48 << 10 /* of them, a line each */
};

/* Strings are borrowed. */
struct member_part {
	struct str from; /* identity of the node */
	struct str to;   /* name of the account */
	uint64_t serial; /* from 1 on */
	usec made;
	uint64_t objects;
	struct sha256 previous; /* of the part before; zeros: it is the first */
	struct sha256 content;  /* of the bundle */
	/* Ids of objects that were given and are not for the member any more: withdrawn, or not
	 * shared with it now. A line each; empty: none. */
	struct str back;
};

/* The text to be signed; hashes as sha256sum prints them. */
void member_part_put(const struct member_part *p, struct buf *out);
/* ERR_PARSE for whatever member_part_put does not write. */
MUST_USE enum err member_part_get(
    struct member_part *out, struct arena *arena, struct str text, struct fault *fault);

/* ---- what the ledger says ---- */

/* "member/ACCOUNT": by what its messages are known, and where they go. */
struct member_pin {
	struct str certificate; /* DER */
	struct str sha256, subject;
	struct str mail; /* STR_NONE: none was given */
	usec from, until;
};
/* ERR_NOT_FOUND: nothing is pinned. Strings live in the arena. */
MUST_USE enum err member_pin(
    struct member_pin *out, const struct store *s, struct str account, struct arena *arena);

/* "member-out/ACCOUNT": a part that was given, newest first. */
struct member_given {
	uint64_t serial, objects;
	usec made;
	bool mail;
	struct sha256 content;
	struct str seqs; /* packed record numbers (member_seqs_next) */
	struct str back; /* likewise: of what was taken back */
	uint64_t record; /* STORE_NONE: there is none */
};
MUST_USE enum err member_given_last(
    struct member_given *out, const struct store *s, struct str account, struct arena *arena);
/* The one before; record STORE_NONE at the end. */
MUST_USE enum err member_given_before(
    struct member_given *g, const struct store *s, struct str account, struct arena *arena);

/* Ascending record numbers, as differences of variable length. */
void member_seqs_put(struct buf *out, uint64_t *last, uint64_t seq);
/* False at the end, or where they cannot be read. *last begins at 0 and is the number then. */
bool member_seqs_next(struct str *rest, uint64_t *last);

/* "member-in/ACCOUNT": the last message that was taken. */
struct member_taken {
	uint64_t serial;
	usec time;      /* here */
	usec signed_at; /* as it says; 0: it does not */
	struct str sha256;
	uint64_t record; /* STORE_NONE: there was none */
};
MUST_USE enum err member_taken_last(
    struct member_taken *out, const struct store *s, struct str account, struct arena *arena);

/* "member-message/SHA256": that a message was taken. */
struct str member_message_path(struct arena *arena, const struct sha256 *digest);
