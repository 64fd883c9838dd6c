/* SPDX-License-Identifier: Apache-2.0 */
/* Peers as the core knows them from their decisions "peer/NAME", for what comes from them: who they
 * are, and whose signatures can be checked. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "crypt/sign.h"
#include "store/store.h"

struct known_peer {
	struct str name, identity, origin;
	struct str keys; /* C2SP verifier keys, a line each */
	bool active;
};

/* The same for what goes to it, not comes: nothing but who it is need be known, so its origin and
 * keys may be empty. */
MUST_USE enum err known_recipient(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault);
/* ERR_NOT_FOUND, ERR_CORRUPT. Strings live in the arena. */
MUST_USE enum err known_peer(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault);
