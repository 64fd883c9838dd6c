/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets an object and who does not, by name, as it is labelled and as it would be under another
 * label: peers, members of communities, and accounts, as many together as decisions cannot tell
 * apart. Every verdict is policy_decide's. Changes nothing. */
#pragma once

#include "gate/gate.h"
#include "policy/change.h"

enum { GATE_AUDIENCE_MAX = 1000 }; /* kinds of account, and communities; peers are all there */

enum gate_reader_kind { GATE_PEER, GATE_COMMUNITY, GATE_GUESTS, GATE_ACCOUNTS };

/* What a peer has of this version. */
enum gate_copy {
	GATE_COPY_NONE,
	GATE_COPY_GIVEN,     /* it is in the peer's feed */
	GATE_COPY_RECEIPTED, /* and the peer signed that it holds it */
	GATE_COPY_THEIRS,    /* it came from there */
};

struct gate_verdict {
	struct why why;
	const char *text;         /* the deciding rule, for people */
	struct str through;       /* name of the community that it hangs on; empty: none */
	struct gate_terms change; /* what that one's terms come to */
};

struct gate_audience_reader {
	enum gate_reader_kind kind;
	struct str name;     /* of the peer or community; a guest's organisation; a clearance */
	struct str title;    /* what the peer calls itself, the community's title; or empty */
	struct str state;    /* of a peer: "met", "active", "cut"; or empty */
	struct str who;      /* what policy takes it for, in words */
	struct str accounts; /* their names with commas, for who may administer; or empty */
	uint64_t count;      /* of accounts */
	enum gate_copy copy;
	struct gate_verdict now, then; /* `then` when another label was asked about */
};

struct gate_audience {
	struct gate_object object;
	struct str label, then; /* in words; `then` empty when no other label was asked about */
	/* The extension `tocsin-label` that says the label, or `then`, as JSON; empty when no
	 * marking can. */
	struct str marking;
	bool own; /* made by the asking reader's organisation */
	struct gate_audience_reader *items;
	size_t count;
};

/* For readers with ACTION_AUDIT who see the object. `change` without a part: as it is. */
MUST_USE enum err gate_audience(const struct gate_ask *ask, struct str id, int64_t version,
    const struct label_change *change, struct gate_audience *out, struct fault *fault);
