/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps a key from signing two histories: it remembers the size and root that it signed last,
 * and lets pass only a checkpoint that provably continues them (RFC 6962 §2.1.2). The memory is a
 * small file that stays open, keys/signed. */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

enum { WITNESS_MEMORY = 8 + 2 * SHA256_LEN };

struct witness {
	int fd;
	off_t at; /* of its memory in the file */
	uint64_t size;
	struct sha256 root;
};

struct witness_step {
	uint64_t old_size; /* that the proof starts from */
	const struct sha256 *proof;
	size_t proof_count;
};

MUST_USE enum err witness_open(struct witness *out, struct str path, struct fault *fault);
/* Reads the memory at w->at of w->fd; where the file ends before it nothing was signed yet. */
MUST_USE enum err witness_recall(struct witness *w, struct str path, struct fault *fault);
void witness_close(struct witness *w);
/* `text` is a checkpoint's: origin, size, root, each a line. ERR_INVALID when it is none, or of
 * another origin; ERR_BUSY when the proof starts elsewhere: the fault's text is the size to start
 * from; ERR_CONFLICT when it does not continue what was signed last: the fault says how. OK: it is
 * remembered. */
MUST_USE enum err witness_admit(struct witness *w, struct str text, struct str origin,
    const struct witness_step *step, struct fault *fault);
/* The same for a smaller size than is remembered, for somebody who is behind: OK when the proof,
 * from it to the remembered size, shows that it is the beginning; ERR_NOT_FOUND when it is not
 * smaller. Nothing changes. */
MUST_USE enum err witness_confirm(const struct witness *w, struct str text, struct str origin,
    const struct witness_step *step, struct fault *fault);
