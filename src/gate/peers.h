/* SPDX-License-Identifier: Apache-2.0 */
/* The other nodes that this one knows, as its decisions say: for who may audit, and for the link
 * itself. How their connections are is not in the ledger: see api/run_state.h. */
#pragma once

#include "base/buf.h"
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

/* What packages from and for a peer there were (doc/package-format.md). */
struct gate_packages {
	uint64_t read, written; /* numbers of the newest; 0: none */
	uint64_t confirmed;     /* of those written, the newest that a receipt covers */
	usec made, read_at;     /* of the newest that was read */
	usec written_at;
	uint64_t missing_from, missing_to; /* 0: none are missing */
	usec missing_since;
	usec age; /* how long ago the newest was made */
};

struct gate_peer {
	struct str name;  /* ours for it */
	struct str state; /* "met", "active" or "cut" */
	struct str node;  /* what it calls itself */
	struct str identity, origin, key, pq_key, cert, address, ceiling, fingerprint;
	struct str next_cert;     /* announced by it; STR_NONE: none */
	struct str statement;     /* as it was signed */
	struct str introduced_by; /* "peer:NAME", of an originator that people here have not met */
	bool post_quantum, invited;
	bool by_file; /* no link leads to it: packages feed whoever they are for */
	struct gate_packages packages;
	usec changed;
	/* The oldest first; with gate_peer alone. */
	struct gate_rotations rotations;
	struct gate_compromises compromises;
	/* How far it is. Only the ledger and the view of what it is given are asked. */
	uint64_t given;         /* entries of its feed */
	uint64_t behind_by;     /* of these, without its receipt */
	uint64_t back_unsigned; /* of these, those that take something back */
	uint64_t taken;         /* entries of its feed to this node */
	uint64_t above;         /* of these, labelled above this node's ceiling: not taken */
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
/* Those that people have met, by name. ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_peers(
    const struct gate_ask *ask, struct gate_peers *out, struct fault *fault);
/* Originators that are known through peers only, likewise; their state is "introduced", or "cut"
 * when nothing that they stated is taken. */
MUST_USE enum err gate_originators(
    const struct gate_ask *ask, struct gate_peers *out, struct fault *fault);
/* ERR_NOT_FOUND. */
MUST_USE enum err gate_peer(
    const struct gate_ask *ask, struct str name, struct gate_peer *out, struct fault *fault);
/* Of a node, this one among them. ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_rotations(const struct gate_ask *ask, struct str identity,
    struct gate_rotations *out, struct fault *fault);
MUST_USE enum err gate_compromises(const struct gate_ask *ask, struct str identity,
    struct gate_compromises *out, struct fault *fault);
/* The active peers whose packages feed this node, for every reader: a picture's age is part of it.
 * Their names are empty for who may not audit. */
MUST_USE enum err gate_fed(const struct gate_ask *ask, struct gate_peers *out, struct fault *fault);
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
/* What this node says of the next certificate of its link, signed; ERR_NOT_FOUND. */
MUST_USE enum err gate_link_note(
    const struct gate_ask *ask, struct str identity, struct str *out, struct fault *fault);
/* {"notes":[...]}: all of these of one identity, as its peers are told. How many there are; 0 when
 * they do not fit. */
size_t gate_key_notes(const struct gate_ask *ask, struct str identity, struct buf *out);
/* Whether a decision about a peer or about keys was committed at or after *seen; moves it to the
 * ledger's end. */
bool gate_peers_changed(struct gate *g, uint64_t *seen);
