/* SPDX-License-Identifier: Apache-2.0 */
/* The one way out: everything that a node shows to anybody (TAXII, API, page, search, counts,
 * exports, metrics) is read through these functions, each of which asks policy_decide() for every
 * record. What serves readers (share/, api/) cannot name the ledger's or the views' own read
 * functions: src/LAYERS forbids it. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "policy/label.h"
#include "stix/object.h"

struct gate;

/* Opens ledger and views of a node directory for reading. */
MUST_USE enum err gate_open(
    struct gate **out, struct str node_dir, const struct env *env, struct fault *fault);
void gate_close(struct gate *g);

/* One object version as a reader may have it. Strings live as long as the gate. */
struct gate_object {
	uint64_t seq;
	struct str id;
	struct str bytes; /* as received */
	struct label label;
	int64_t version;
	usec received;
	usec added;
	uint32_t source;
	uint16_t type;
	bool revoked;
	enum stix_spec spec;
};

/* ERR_NOT_FOUND both when it is not there and when the reader may not know of it. version 0: the
 * newest. */
MUST_USE enum err gate_get(struct gate *g, const struct reader *reader, enum outlet outlet,
    struct str id, int64_t version, struct gate_object *out, struct fault *fault);
