/* SPDX-License-Identifier: Apache-2.0 */
/* A witness (serve/witness.h) for each feed that the node signs heads of: one story to each peer.
 * The memory of all is one file that stays open, keys/signed-feeds. */
#pragma once

#include "serve/witness.h"

enum { WITNESSES_MAX = 4096 };

struct witnesses;

MUST_USE enum err witnesses_open(struct witnesses **out, struct str path, struct fault *fault);
void witnesses_close(struct witnesses *w); /* NULL allowed */
/* As witness_admit, for the feed of this origin, and as witness_confirm for what was signed of it
 * before; a new one begins. ERR_LIMIT past WITNESSES_MAX. */
MUST_USE enum err witnesses_admit(struct witnesses *w, struct str text, struct str origin,
    const struct witness_step *step, struct fault *fault);
