/* SPDX-License-Identifier: Apache-2.0 */
/* The one way out: everything that a node shows to anybody (TAXII, API, page, search, counts,
 * exports, metrics) is read through these functions, each of which asks policy_decide() for every
 * record. What serves readers (share/, api/) cannot name the ledger's or the views' own read
 * functions: src/LAYERS forbids it. What a reader may not see is not there: same error, same
 * shape, no gap. gate/feed.h has the pages of collections, gate/read.h lists, search and relations,
 * gate/identify.h who asks. One thread per gate; several processes may have one each. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "crypt/digest.h"
#include "ops/role.h"
#include "policy/decide.h"
#include "policy/why.h"
#include "stix/object.h"

struct gate;

/* Opens ledger and views of a node directory for reading, and its session key (keys/session) from
 * which tokens are keyed; without that file tokens last as long as the process. `env` must outlive
 * the gate. Views that are missing are waited for: until they are there, lists are short. */
MUST_USE enum err gate_open(
    struct gate **out, struct str node_dir, const struct env *env, struct fault *fault);
void gate_close(struct gate *g); /* NULL allowed */

/* Who asks, for which way out, and where the answer's memory comes from: the first argument of
 * every read. */
struct gate_ask {
	struct gate *gate;
	const struct reader *reader;
	enum outlet outlet;
	struct arena *arena;
};

/* The operator at the command line, to whom file permissions gave everything. */
struct reader gate_local_reader(void);
/* A peer as a reader, from what is decided about it and its communities. The name is borrowed.
 * ERR_NOT_FOUND; one that is not active gets a reader that may see nothing. */
MUST_USE enum err gate_peer_reader(
    struct gate *g, struct str name, struct reader *out, struct fault *fault);

/* What people call an account, and its id in the ledger, which is what `reader` and decisions name;
 * each is itself when there is no other. In the arena. */
struct str gate_account_name(struct gate *g, struct arena *arena, struct str id);
struct str gate_account_id(struct gate *g, struct arena *arena, struct str name);

/* One object version as a reader may have it. Strings live as long as the gate. */
struct gate_object {
	uint64_t
	    seq; /* for the gate's own functions; never shown to a reader without ACTION_AUDIT */
	struct str id;
	struct str bytes; /* as received */
	struct label label;
	int64_t version;
	usec received;
	usec added; /* in a page of a feed: when it joined that feed */
	uint32_t source;
	uint16_t type;
	bool revoked;
	bool redacted; /* its originator stated more members than are here */
	enum stix_spec spec;
};

/* ERR_NOT_FOUND both when it is not there and when the reader may not know of it. version
 * GATE_NEWEST: the newest that this reader may see. */
#define GATE_NEWEST INT64_MIN
MUST_USE enum err gate_get(const struct gate_ask *ask, struct str id, int64_t version,
    struct gate_object *out, struct fault *fault);
/* The rule that let it out to this reader: "tlp.within-clearance" ... */
const char *gate_rule(const struct gate_ask *ask, const struct gate_object *object);
/* Why another reader would get it or not, now: "account:NAME", "peer:NAME", "community:NAME" (a
 * member of it and nothing else), or a name alone. For readers with ACTION_AUDIT (ERR_DENIED) who
 * see the object themselves; ERR_NOT_FOUND, ERR_CONFLICT when a name alone is two readers. */
/* What the terms of a community come to for one object and reader. */
struct gate_terms {
	bool derives;        /* the reader gets a new object, derived from it */
	struct str left_out; /* names of members, with commas; or empty */
	struct str derived;  /* id of the new object; empty when it is not made yet */
};
struct gate_why {
	struct why why;
	int64_t version;
	struct str label, reader; /* in words, in the ask's arena */
	/* Likewise; STR_NONE when nothing is left out: the community and its terms. */
	struct str terms;
	struct gate_terms change;
};
MUST_USE enum err gate_why(const struct gate_ask *ask, struct str id, int64_t version,
    struct str who, struct gate_why *out, struct fault *fault);
/* How many members of a redacted object are not here. */
size_t gate_left_out(const struct gate_ask *ask, const struct gate_object *object);
/* The versions that the reader may see, newest first; at most GATE_VERSIONS_MAX. */
enum { GATE_VERSIONS_MAX = 10000 };
struct gate_versions {
	struct gate_object *items;
	size_t count;
};
MUST_USE enum err gate_versions(
    const struct gate_ask *ask, struct str id, struct gate_versions *out, struct fault *fault);
/* Name of a source number; "local" for 0, "unknown" when there is none. In the ask's arena. */
struct str gate_source_name(const struct gate_ask *ask, uint32_t source);

/* Opaque tokens: authenticated encryption under the session key of a few private bytes, bound to
 * `purpose` and to the reader. What they hold can neither be read nor made up nor used elsewhere.
 */
enum { GATE_TOKEN_PLAIN_MAX = 64 };
/* base64url; STR_NONE when the arena refuses. */
struct str gate_token_seal(const struct gate_ask *ask, struct str purpose, struct str plain);
/* ERR_INVALID for whatever gate_token_seal did not make with these. `out` lives in the arena. */
MUST_USE enum err gate_token_open(const struct gate_ask *ask, struct str purpose, struct str token,
    struct str *out, struct fault *fault);
/* A key of its own for a purpose, derived from the session key. */
struct sha256 gate_secret(const struct gate *g, struct str purpose);
