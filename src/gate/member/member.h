/* SPDX-License-Identifier: Apache-2.0 */
/* What a member without a node gets as files, and what it got: exactly what the account may read of
 * the collections by TAXII, by the same pages and the same decisions, less what it was given. For
 * administrators (ERR_DENIED). */
#pragma once

#include "gate/gate.h"

struct gate_member_query {
	struct str account;
	usec since;     /* INT64_MIN: what was not given yet; else what was added then or later */
	uint64_t again; /* what was in parts from this one on counts as not given; 0: none */
	size_t limit;   /* objects */
	size_t bytes;   /* of them together; one may pass it */
};

/* Strings live in the ask's arena, objects as long as the gate. */
struct gate_member_part {
	struct gate_object *items; /* in the order of the ledger */
	size_t count;
	bool more;       /* there are others */
	uint64_t after;  /* number of the part that was written last; 0: none was */
	struct str seqs; /* record numbers, packed (sync/member.h) */
	/* What was given and is not for the member any more: ids, a line each, and the numbers of
	 * the records that were given. */
	struct str back, back_seqs;
	size_t back_count;
	struct str certificate, mail; /* of the member; STR_NONE: none is pinned */
	usec certificate_until;
};
/* ERR_NOT_FOUND: no such account; ERR_DENIED: it is of this node, or may not read. */
MUST_USE enum err gate_member_part(const struct gate_ask *ask,
    const struct gate_member_query *query, struct gate_member_part *out, struct fault *fault);

/* Accounts of other organisations, by name. Times 0: never. */
struct gate_member {
	struct str name, organisation, mail;
	struct str certificate; /* SHA-256, hexadecimal; STR_NONE: none is pinned */
	usec certificate_until;
	uint64_t serial, objects; /* of the part given last; 0: none */
	usec given;
	struct str given_sha256;
	bool by_mail;
	uint64_t messages; /* that were taken */
	usec taken;
};
struct gate_members {
	struct gate_member *items;
	size_t count;
};
MUST_USE enum err gate_members(
    const struct gate_ask *ask, struct gate_members *out, struct fault *fault);
