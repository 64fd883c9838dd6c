/* SPDX-License-Identifier: Apache-2.0 */
/* Which records of indicators the guard keeps back, and why: "kept" of the match view, a log of one
 * word a verdict, of which the last about a record counts. What became of the indicator since is
 * asked of the ledger. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "policy/guard.h"

struct kept;

/* `dir` is the match view's folder. */
MUST_USE enum err kept_open(struct kept **out, struct str dir, struct fault *fault);
void kept_close(struct kept *k); /* NULL allowed; what was written is durable then */
/* GUARD_NONE: not any more. Written by kept_write. */
void kept_note(struct kept *k, uint64_t seq, enum guard_class class);
MUST_USE enum err kept_write(struct kept *k, struct fault *fault);
MUST_USE enum err kept_drop(struct str dir, struct fault *fault);

struct kept_entry {
	uint64_t seq;
	enum guard_class class; /* never GUARD_NONE */
};

/* All there are, by number, each once; none when there is no such view. */
MUST_USE enum err kept_read(struct kept_entry **out, size_t *count, struct arena *arena,
    struct str dir, struct fault *fault);
/* Bytes of the log: it is as it was while they are. 0: there is none. */
uint64_t kept_bytes(struct str dir);
