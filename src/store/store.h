/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: an append-only sequence of labelled records in segment files, hashed into an RFC 6962
 * tree, with an index that finds every record and every version of an id. It is the only thing of
 * a node, beside its keys, that must survive. It knows bytes, ids and versions; it knows no STIX,
 * no policy and no reader: nothing leaves a node from here except through gate/.
 *
 * One writer (the core role, or a tool that holds the lock) and any number of readers in other
 * processes, which map the same files. doc/ledger-format.md describes the bytes. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

enum record_kind {
	RECORD_OBJECT = 1,   /* a version of an object; content is its bytes as received */
	RECORD_DECISION = 4, /* a change of the node's own state; content is JSON */
	RECORD_MEMBER = 7,   /* an object version that is here already joins a feed; no content */
	RECORD_REMOVAL = 8,  /* an object version leaves a feed; no content */
	RECORD_SEAL = 9,     /* signatures over statements about objects (seal/record.h) */
	/* Proves what stands directly before it, of its id and version, against a seal. Not found
	 * by its id. */
	RECORD_ENVELOPE = 10,
	RECORD_TOMBSTONE = 11, /* the content of an object's record was removed */
	/* What an object that this node derived stands for, directly behind it; or the secret that
	 * such objects' ids are made with (seal/derived.h). */
	RECORD_DERIVED = 12,
};

enum {
	STORE_ID_MAX = 255,
	STORE_LABEL_MAX = 255,
	STORE_CONTENT_MAX = 8 << 20,
	STORE_BATCH_RECORDS_MAX = 65536,
	STORE_BATCH_BYTES_MAX = 64 << 20, /* headers included */
	STORE_RECORDS_MAX = 1 << 30,
};

#define STORE_NONE UINT64_MAX

struct record {
	enum record_kind kind;
	uint16_t tag;     /* the caller's type number (stix/type.h); kept in the row */
	uint8_t flags;    /* the caller's, kept in the row: RECORD_FLAG_* of stix/object.h */
	struct str id;    /* 1..STORE_ID_MAX bytes; a decision's is like "account/alice" */
	int64_t version;  /* orders the versions of an id (STIX: modified, in microseconds) */
	struct str label; /* encoded label (policy/label.h); interned, at most 65,535 distinct */
	uint32_t source;  /* the caller's number of where it came from; 0 is this node */
	uint32_t feed;    /* the feed it joins or leaves; 0 is none */
	usec received;    /* set by the store: strictly increasing over records */
	usec added;       /* when it joined the feed; 0 on append means `received` */
	struct str content;
	struct sha256 hash; /* of content; set by the store */
};

/* What the index keeps of each record. Written once, except `flags_index`, `tombstone` and `older`,
 * which other threads and processes may be changing: store_superseded(), store_withdrawn(),
 * store_tombstone_of() and store_older() read them. */
struct row {
	uint64_t at;     /* of the content, private */
	uint32_t length; /* of the content */
	uint32_t source;
	int64_t version;
	usec received;
	usec added;
	uint32_t feed;
	uint16_t label; /* store_label() gives the bytes */
	uint16_t tag;
	uint8_t kind;
	uint8_t flags;
	uint8_t flags_index; /* ROW_* below */
	uint8_t id_length;
	uint32_t tombstone; /* number of the record; read it with store_tombstone_of() */
	uint64_t older;     /* read it with store_older() */
};

enum {
	ROW_SUPERSEDED = 1,
	ROW_WITHDRAWN = 2,
	ROW_RETRACTED = 4,
	ROW_REPLACED = 8,
};

/* A decision of this path and an object's id takes the object back: every version of it, those that
 * come later too, for good. */
#define STORE_WITHDRAW "withdraw/"
/* One of this path hides it while the newest has RECORD_FLAG_RETRACTED: who gave it to us has taken
 * it back and may give it again. */
#define STORE_RETRACT "retract/"
/* One of "void/VERSION/ID" hides that version alone, for good: the one before it counts again. */
#define STORE_VOID "void/"
/* One of this path says that the contents of an object are removed: this node's that it did so and
 * that others shall, a received one that its node did so or asks for it. It hides nothing. */
#define STORE_PURGE "purge/"
struct str store_void_path(struct arena *arena, int64_t version, struct str id);
enum { RECORD_FLAG_RETRACTED = 1 }; /* of a decision; objects' flags are the caller's */
/* But for one: of an object, it takes the place of the copy of the same version that is here. */
enum { RECORD_FLAG_REPLACES = 8 };

/* A newer version of this id is here. */
static inline bool store_superseded(const struct row *row)
{
	return __atomic_load_n(&row->flags_index, __ATOMIC_RELAXED) & ROW_SUPERSEDED;
}

/* There is a decision that takes this object back, or hides it for now; or another copy of this
 * version has taken its place. */
static inline bool store_withdrawn(const struct row *row)
{
	return __atomic_load_n(&row->flags_index, __ATOMIC_RELAXED) &
	       (ROW_WITHDRAWN | ROW_RETRACTED | ROW_REPLACED);
}

struct store;
struct store_io; /* store/segment.h */

struct store_options {
	struct str dir; /* the folder "ledger" of a node directory */
	bool write;     /* take the writer's lock (ERR_BUSY when held), recover, allow appends */
	bool create;    /* with write: make an empty ledger when there is none */
	const struct env *env;
	const struct store_io *io; /* NULL: the system's own; tests pass failing ones */
};

/* A reader that finds no index of this boot recovers the ledger as a writer first; ERR_BUSY when
 * one is at it already: try again. A writer recovers: a torn last batch is cut off whole, the index
 * is rebuilt when it does not belong to this boot or does not match. Names file and offset when the
 * ledger is damaged before its end (ERR_CORRUPT). */
MUST_USE enum err store_open(
    struct store **out, const struct store_options *options, struct fault *fault);
void store_close(struct store *s);

/* Appends one batch: after a crash all of its records are there or none. Not durable and not
 * visible until store_commit. Fills received, added and hash of each record; *first is the number
 * of the first. ERR_FULL leaves the ledger as it was. Several batches may precede one commit. */
MUST_USE enum err store_append(
    struct store *s, struct record *records, size_t count, uint64_t *first, struct fault *fault);
/* Makes all that was appended durable (fdatasync) and visible to readers. Acknowledge after it.
 * When it fails, everything since the last commit is undone; when what a tombstone is of could not
 * be erased, the next writer that opens the ledger does it. */
MUST_USE enum err store_commit(struct store *s, struct fault *fault);

/* Committed records; in a reader this looks at what the writer has published. */
uint64_t store_size(const struct store *s);
/* The writer's own view, records of uncommitted batches included. */
uint64_t store_size_pending(const struct store *s);
/* In a reader: the index was thrown away and built anew; close the store and open it again. */
bool store_stale(const struct store *s);

/* seq < store_size (or store_size_pending in the writer). Borrowed until store_close. Any thread.
 * Strings are STR_NONE when the system refuses to map the file. */
const struct row *store_row(const struct store *s, uint64_t seq);
struct str store_id(const struct store *s, uint64_t seq);
struct str store_content(const struct store *s, uint64_t seq);
struct str store_label(const struct store *s, uint16_t label);
uint32_t store_labels(const struct store *s); /* how many distinct ones */
/* How many decisions have taken objects back; what was counted before one may have changed. */
uint64_t store_withdrawals(const struct store *s);
void store_record(const struct store *s, uint64_t seq, struct record *out);

/* The newest version of an id (of an object, a decision, a seal or a derivation), or STORE_NONE. On
 * the writer's handle pending records are found too; other threads compare with store_size. */
uint64_t store_find(const struct store *s, struct str id);
uint64_t store_find_version(const struct store *s, struct str id, int64_t version);
/* The next older version of the same id, STORE_NONE if none. */
uint64_t store_older(const struct store *s, uint64_t seq);

/* A tombstone says that the content of an object's record was removed. Once one is committed, that
 * content is zeros when store_commit returns, or, after a crash, when the next writer has opened
 * the ledger. The record's header stays, and so do the tree and every proof. */
#define STORE_TOMBSTONE "tombstone"
/* Makes the record to append, but for its label; `json` says who and why. For several in one batch,
 * raise the version from one to the next. */
MUST_USE enum err store_tombstone(struct record *out, struct store *s, uint64_t seq,
    struct str json, struct arena *arena, struct fault *fault);
struct tombstone {
	uint64_t record;
	struct sha256 hash; /* of the content that was there */
	struct str json;
};
/* False when it is none. */
bool tombstone_read(struct tombstone *out, const struct record *r);
/* An object's content that is nothing but zeros. */
bool store_erased(const struct record *r);

/* The record of the tombstone of this one, STORE_NONE when there is none. */
static inline uint64_t store_tombstone_of(const struct row *row)
{
	uint32_t at = __atomic_load_n(&row->tombstone, __ATOMIC_RELAXED);

	return at ? at : STORE_NONE;
}

/* The tree (RFC 6962). A leaf is the record's header with its content's hash, so content can be
 * purged later and the tree still verifies. size <= store_size. */
MUST_USE enum err store_root(
    const struct store *s, uint64_t size, struct sha256 *out, struct fault *fault);
struct proof {
	struct sha256 *hashes;
	size_t count;
};
MUST_USE enum err store_prove_inclusion(const struct store *s, uint64_t seq, uint64_t size,
    struct arena *arena, struct proof *out, struct fault *fault);
MUST_USE enum err store_prove_consistency(const struct store *s, uint64_t old_size, uint64_t size,
    struct arena *arena, struct proof *out, struct fault *fault);
/* The bytes that a leaf is the hash of: SHA-256(0x00 || header). */
struct str store_header(const struct store *s, uint64_t seq);
struct sha256 store_leaf(const struct store *s, uint64_t seq);

/* The newest signed checkpoint (C2SP), as text; empty when none yet. */
MUST_USE enum err store_checkpoint(
    const struct store *s, struct arena *arena, struct str *out, struct fault *fault);
/* The text to be signed for `size`: origin, size, root. */
MUST_USE enum err store_checkpoint_text(const struct store *s, struct str origin, uint64_t size,
    struct arena *arena, struct str *out, struct fault *fault);
MUST_USE enum err store_put_checkpoint(struct store *s, struct str note, struct fault *fault);
