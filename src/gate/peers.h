/* SPDX-License-Identifier: Apache-2.0 */
/* The other nodes that this one knows, as its decisions say: for who may audit, and for the link
 * itself. How their connections are is not in the ledger: see api/run_state.h. */
#pragma once

#include "gate/gate.h"

/* A node's keys were followed by others. */
struct gate_rotation {
	usec time;
	struct str before, after; /* name and id of the keys, as C2SP writes them */
	struct str note;          /* the statement, signed by both */
};
enum { GATE_ROTATIONS_MAX = 16 }; /* the newest */
struct gate_rotations {
	struct gate_rotation *items;
	size_t count;
};

/* Keys of a node were in other hands. */
struct gate_compromise {
	usec since;
	struct str by; /* who said so: "local", "peer:NAME", "relay" */
	int64_t hidden;
	struct str ids;  /* the first of what is hidden, a JSON list */
	struct str note; /* the statement; without signatures when it was decided here */
};
struct gate_compromises {
	struct gate_compromise *items;
	size_t count;
};

struct gate_peer {
	struct str name;  /* ours for it */
	struct str state; /* "met", "active" or "cut" */
	struct str node;  /* what it calls itself */
	struct str identity, origin, key, pq_key, cert, address, ceiling, fingerprint;
	struct str next_cert; /* announced by it; STR_NONE: none */
	struct str statement; /* as it was signed */
	bool post_quantum, invited;
	usec changed;
	/* The oldest first; with gate_peer alone. */
	struct gate_rotations rotations;
	struct gate_compromises compromises;
};
struct gate_peers {
	struct gate_peer *items;
	size_t count;
};
/* By name. ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_peers(
    const struct gate_ask *ask, struct gate_peers *out, struct fault *fault);
/* ERR_NOT_FOUND. */
MUST_USE enum err gate_peer(
    const struct gate_ask *ask, struct str name, struct gate_peer *out, struct fault *fault);
/* Of a node, this one among them. ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_rotations(const struct gate_ask *ask, struct str identity,
    struct gate_rotations *out, struct fault *fault);
MUST_USE enum err gate_compromises(const struct gate_ask *ask, struct str identity,
    struct gate_compromises *out, struct fault *fault);
/* What this node says of the next certificate of its link, signed; ERR_NOT_FOUND. */
MUST_USE enum err gate_link_note(
    const struct gate_ask *ask, struct str identity, struct str *out, struct fault *fault);
/* Whether a decision about a peer or about keys was committed at or after *seen; moves it to the
 * ledger's end. */
bool gate_peers_changed(struct gate *g, uint64_t *seen);
