/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps a key from signing two histories: it remembers the size and root that it signed last,
 * and lets pass only a checkpoint that provably continues them (RFC 6962 §2.1.2). The memory is a
 * small file that stays open, keys/signed. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

struct witness {
	int fd;
	uint64_t size;
	struct sha256 root;
};

struct witness_step {
	uint64_t old_size; /* that the proof starts from */
	const struct sha256 *proof;
	size_t proof_count;
};

MUST_USE enum err witness_open(struct witness *out, struct str path, struct fault *fault);
void witness_close(struct witness *w);
/* `text` is a checkpoint's: origin, size, root, each a line. ERR_INVALID when it is none, or of
 * another origin; ERR_BUSY when the proof starts elsewhere: the fault's text is the size to start
 * from; ERR_CONFLICT when it does not continue what was signed last: the fault says how. OK: it is
 * remembered. */
MUST_USE enum err witness_admit(struct witness *w, struct str text, struct str origin,
    const struct witness_step *step, struct fault *fault);
