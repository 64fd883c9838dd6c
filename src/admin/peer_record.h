/* SPDX-License-Identifier: Apache-2.0 */
/* What a node keeps of a peer: the decision `peer/NAME`. It comes into being as "met" when two
 * nodes have exchanged statements, is "active" when a person here confirmed the fingerprint, and
 * "cut" when somebody had enough. Nothing but an active peer is ever spoken to. */
#pragma once

#include "admin/part.h"
#include "sync/node_statement.h"

enum peer_state { PEER_MET, PEER_ACTIVE, PEER_CUT, PEER_STATES };

struct peer_record {
	struct str name; /* ours for it: like an account's */
	enum peer_state state;
	struct node_statement said; /* its statement; `text` is not kept apart */
	struct str note;            /* the statement as it was signed */
	struct str address;         /* where it is dialled; STR_NONE: it dials us */
	struct str ceiling;         /* the highest TLP level that it may get, "TLP:AMBER" */
	struct str fingerprint;
	struct str next_cert;     /* of its link, announced by it; STR_NONE: none */
	struct str introduced_by; /* known through this one only; STR_NONE: met */
	struct str by;            /* who decided this */
	bool invited;             /* by us */
	bool by_file; /* its statement came as a file: there is no link, packages go and come */
};

const char *peer_state_name(enum peer_state state);
/* "peer/NAME" */
struct str peer_path(struct arena *arena, struct str name);
/* ERR_NOT_FOUND, with words, when there is no such peer. Strings live in the part's arena. */
MUST_USE enum err peer_find(
    struct peer_record *out, struct part *p, struct str name, struct fault *fault);
/* Appends the decision. */
MUST_USE enum err peer_decide(struct part *p, const struct peer_record *r, struct fault *fault);
