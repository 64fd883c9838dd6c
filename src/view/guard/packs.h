/* SPDX-License-Identifier: Apache-2.0 */
/* The policy packs of a node (seal/pack.h) as files: NODE/packs has the folders staged, active and
 * previous, with a file NAME.pack each at most. Believed is what a key of the trust file signed. */
#pragma once

#include "seal/pack.h"

enum { PACKS_MAX = 64 }; /* of one folder */

#define PACK_SUFFIX ".pack"

/* The names in a folder, in their order, in the arena; none when there is no folder. */
MUST_USE enum err packs_names(struct str names[PACKS_MAX], size_t *count, struct arena *arena,
    struct str folder, struct fault *fault);

struct pack_paths {
	struct str pack;
	struct str
	    trust; /* verifier keys, a line each, of everybody who may sign; STR_NONE: nobody */
};

/* Reads a file and opens it with the keys of who signed it, when the other file names them. Strings
 * live in the arena. ERR_DENIED: it does not. */
MUST_USE enum err pack_read(struct pack *out, struct str *signer, struct str *file,
    struct arena *arena, struct pack_paths paths, struct fault *fault);
