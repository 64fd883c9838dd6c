/* SPDX-License-Identifier: Apache-2.0 */
/* What a node says of itself to a peer and both pin: a C2SP signed note, "tocsin statement 1", one
 * line of JSON, signed by the ledger keys that it names. And the short fingerprint over the two
 * statements that people compare. Pure; a statement of another node is foreign bytes. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum {
	NODE_STATEMENT_MAX = 16 << 10,          /* bytes of the note */
	NODE_STATEMENT_NAME_MAX = 64,           /* of the node's name */
	NODE_STATEMENT_ADDRESS_MAX = 200,       /* HOST:PORT */
	NODE_STATEMENT_FINGERPRINT = 4 * 5 + 3, /* "12345-67890-abcde-f0123": 80 bits */
};

#define NODE_STATEMENT_HEAD S("tocsin statement 1\n")

struct node_statement {
	struct str name;     /* of the node, as people read it */
	struct str identity; /* its STIX identity */
	struct str origin;   /* of its ledger's checkpoints */
	struct str key;      /* C2SP verifier key of its ledger: Ed25519 */
	struct str pq_key;   /* the same, ML-DSA-65; STR_NONE: it has none, and no post_quantum */
	struct str cert;     /* SHA-256 of its link certificate, hexadecimal */
	struct str address;  /* where its link listens; STR_NONE: it only dials */
	bool post_quantum;   /* it must never be spoken to without */
	struct str text;     /* what is signed */
};

bool node_identity_valid(struct str identity);
/* The text to be signed, in the arena. STR_NONE when the arena refuses. */
struct str node_statement_text(struct arena *arena, const struct node_statement *s);
/* Strings live in the arena. ERR_PARSE, ERR_INVALID, ERR_LIMIT name what is wrong. */
MUST_USE enum err node_statement_read(
    struct node_statement *out, struct arena *arena, struct str note, struct fault *fault);
/* The same for both sides, whichever is given first. The nonce is the inviter's, which it says only
 * when it has the other statement: so nobody between can prepare two that look alike. */
void node_statement_fingerprint(
    char out[NODE_STATEMENT_FINGERPRINT + 1], struct str one, struct str other, struct str nonce);
/* Of one statement alone, which its own node's people read out: nobody can make another statement
 * that has it too. */
void node_statement_fingerprint_one(char out[NODE_STATEMENT_FINGERPRINT + 1], struct str text);
/* True when people mean the same fingerprint: case, spaces and hyphens do not count. */
bool node_statement_fingerprint_eq(struct str typed, struct str fingerprint);
