/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs about policy packs share. */
#pragma once

#include "base/arena.h"
#include "seal/pack.h"

#define PACK_NAME_RULE "1 to %d of a-z, 0-9, '-', '_' and '.', the first a letter or digit"

struct pack_paths {
	struct str pack;
	struct str trust; /* verifier keys, a line each, of everybody who may sign */
};

/* Reads a file and opens it with the keys of who signed it, when the other file names them. Strings
 * live in the arena. ERR_DENIED: it does not. */
MUST_USE enum err pack_read(struct pack *out, struct str *signer, struct str *file,
    struct arena *arena, struct pack_paths paths, struct fault *fault);
/* What it is, as people read it. */
void pack_print(struct buf *out, const struct pack *p, struct str signer);
