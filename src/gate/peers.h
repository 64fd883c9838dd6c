/* SPDX-License-Identifier: Apache-2.0 */
/* The other nodes that this one knows, as its decisions say: for who may audit, and for the link
 * itself. How their connections are is not in the ledger: see api/run_state.h. */
#pragma once

#include "gate/gate.h"

struct gate_peer {
	struct str name;  /* ours for it */
	struct str state; /* "met", "active" or "cut" */
	struct str node;  /* what it calls itself */
	struct str identity, origin, key, pq_key, cert, address, ceiling, fingerprint;
	struct str statement; /* as it was signed */
	bool post_quantum, invited;
	usec changed;
	/* How far it is. Only the ledger and the view of what it is given are asked. */
	uint64_t given;         /* entries of its feed */
	uint64_t behind_by;     /* of these, without its receipt */
	uint64_t back_unsigned; /* of these, those that take something back */
	uint64_t taken;         /* entries of its feed to this node */
	uint64_t unknown;  /* of these, stated by nodes whose keys are not known here: not taken */
	uint64_t differs;  /* objects whose version is here with another content: not taken */
	uint64_t refused;  /* objects that are not for their originator to state: not taken */
	usec last_receipt; /* when it signed the newest one; 0: never */
	usec last_proof;   /* when the newest signed head of its feed was checked; 0: never */
	usec contact;      /* when something of it was last entered here; 0: never */
	bool denies;       /* evidence against it stands: nothing is exchanged */
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
/* What proves, or at least says, that a peer denies what it had signed. ERR_NOT_FOUND when it never
 * did; ERR_DENIED without ACTION_AUDIT. */
struct gate_evidence {
	struct str peer, identity;
	struct str origin;           /* of its feed to this node, as both heads name it */
	struct str why, held, shown; /* the two signed heads */
	struct str keys;             /* C2SP verifier keys, a line each */
	usec time;
	bool rewound; /* its feed has become shorter; else: it has become another */
	bool proof;   /* the two heads prove it to everybody: one size, two roots */
	bool stands;  /* no new invitation came after it */
};
MUST_USE enum err gate_evidence(
    const struct gate_ask *ask, struct str name, struct gate_evidence *out, struct fault *fault);
/* Of every active peer against which it stands, by name. None for who may not audit: no error. */
struct gate_denials {
	struct gate_evidence *items;
	size_t count;
};
MUST_USE enum err gate_denials(
    const struct gate_ask *ask, struct gate_denials *out, struct fault *fault);
/* Whether a decision about a peer was committed at or after *seen; moves it to the ledger's end. */
bool gate_peers_changed(struct gate *g, uint64_t *seen);
