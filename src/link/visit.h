/* SPDX-License-Identifier: Apache-2.0 */
/* One question to another node's link and its answer, for commands: connects, lets the caller look
 * at who answers before anything is said, says one thing, waits for one answer, leaves. Blocks. */
#pragma once

#include "base/arena.h"
#include "link/hello.h"
#include "wire/wire.h"

struct visit {
	struct ssl_ctx_st *tls; /* of tls_link_new */
	struct str address;     /* numeric */
	/* Looks at who answered and writes what to say. Not OK: nothing is said, and the visit ends
	 * with this fault. */
	enum err (*say)(
	    void *ctx, const struct tls_facts *facts, struct buf *body, struct fault *fault);
	void *ctx;
	uint16_t type;     /* of what is said */
	uint16_t expected; /* of the answer */
};

struct visit_result {
	enum wire_end end;      /* how it ended when there is no answer; the fault has the words */
	struct tls_facts facts; /* zeroes when the handshake failed */
	struct str answer;      /* in the arena */
	usec trip;              /* from question to answer */
};

/* `result` is filled as far as the visit came, also when it fails. ERR_DENIED: the other side
 * refused, in its own words; ERR_IO: it could not be reached or spoken to. */
MUST_USE enum err link_visit(struct visit_result *result, struct arena *arena,
    const struct visit *visit, struct fault *fault);
