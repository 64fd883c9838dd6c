/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a C2SP tlog-checkpoint: origin, size, root, each on a line. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"
#include "store/store.h"

enum { CHECKPOINT_BYTES_MAX = 64 << 10 };

struct checkpoint {
	struct str origin; /* borrowed from the text */
	uint64_t size;
	struct sha256 root;
};

/* Of a note or its text alone; extension lines are passed over. Signatures are note_open's. */
MUST_USE enum err checkpoint_parse(struct checkpoint *out, struct str text, struct fault *fault);

/* ERR_CORRUPT when the ledger has fewer records than its stored checkpoint, or others. */
MUST_USE enum err checkpoint_agrees(const struct store *s, struct fault *fault);
