/* SPDX-License-Identifier: Apache-2.0 */
/* Peers as the core knows them from their decisions "peer/NAME", for what comes from them: who they
 * are, and whose signatures can be checked. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "crypt/sign.h"
#include "store/compromise.h"
#include "store/link_cert.h"

/* Keys that were followed by others. */
struct former_keys {
	struct str keys;
	usec until;   /* what they sealed counts up to then */
	bool foreign; /* they were in other hands: they sign no heads and receipts any more */
	usec learned; /* when those after them said so, of keys from before it was met; else 0 */
};

struct known_peer {
	struct str name, identity, origin;
	struct str keys; /* C2SP verifier keys, a line each */
	struct former_keys *former;
	size_t former_count;
	usec until;                 /* of `keys`; INT64_MAX: they are good */
	struct str cert, next_cert; /* of its link: both are let in; next_cert STR_NONE: none */
	bool active;
	bool introduced; /* known through others only (sync/introduction.h) */
	bool refused;    /* of these: nothing that it stated is taken */
};

/* The same for what goes to it, not comes: nothing but who it is need be known, so its origin and
 * keys may be empty. */
MUST_USE enum err known_recipient(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault);
/* ERR_NOT_FOUND, ERR_CORRUPT. Strings live in the arena. */
MUST_USE enum err known_peer(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault);
/* The Ed25519 key of two lines. */
struct str known_peer_first(struct str keys);
/* The text of a note about now (a head, a receipt) that the peer signed: its keys, or those that
 * they follow while notes of the moment of change may still be on their way. */
MUST_USE enum err known_peer_open(struct str *text, const struct known_peer *p, struct str note,
    usec now, struct arena *arena, struct fault *fault);

/* What its statement about its link's next certificate makes of the peer's decision; json STR_NONE:
 * all of it was known. Foreign bytes. */
struct peer_link {
	struct str path, json;
};
MUST_USE enum err known_peer_link(struct peer_link *out, const struct store *s, struct str name,
    struct str note, usec now, struct arena *arena, struct fault *fault);

/* A statement by the peer's good keys that others of its keys were in other hands; foreign bytes.
 * Strings are borrowed. */
MUST_USE enum err known_peer_compromise(struct compromise *out, const struct known_peer *p,
    struct str note, struct arena *arena, struct fault *fault);

/* What is left of a peer's keys by such a statement. */
void known_peer_disown(struct known_peer *p, const struct compromise *c);

/* What a peer's statement of rotation makes of what is known of it. */
struct peer_rotation {
	struct rotation rotation;
	bool news;                       /* else all of it was known */
	struct str path, json;           /* the decision that keeps the statement */
	struct str peer_path, peer_json; /* the peer's, renewed */
};

/* What a statement of rotation says of the keys that a peer had before those it was met by, when it
 * follows on what is known: path and json of the decision to append. ERR_NOT_FOUND when it does
 * not. Foreign bytes. */
MUST_USE enum err known_peer_former(struct peer_rotation *out, const struct store *s,
    struct str name, struct str note, struct arena *arena, struct fault *fault);

/* Appends a peer's renewed decision, under the label that is given. */
MUST_USE enum err known_peer_put(struct store *s, struct str path, struct str json,
    struct str label, usec now, struct fault *fault);
/* Appends both decisions, under the label that is given. */
MUST_USE enum err known_peer_keep(struct store *s, const struct peer_rotation *r, struct str label,
    usec now, struct fault *fault);
/* ERR_DENIED: the keys that it says it follows are not those pinned here. Foreign bytes. */
MUST_USE enum err known_peer_rotate(struct peer_rotation *out, const struct store *s,
    struct str name, struct str note, struct arena *arena, struct fault *fault);
