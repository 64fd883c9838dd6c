/* SPDX-License-Identifier: Apache-2.0 */
/* Whose seals can be checked here, for the process that checks them: every peer with the keys that
 * it has and those that it had. */
#pragma once

#include "base/buf.h"
#include "view/state.h"

/* A list of {"identity", "name", "keys", "refused", "until", "former": [{"keys", "until",
 * "foreign"}]}. */
MUST_USE enum err authors_put(struct buf *out, const struct store *s, struct state *state,
    struct arena *arena, struct fault *fault);
