/* SPDX-License-Identifier: Apache-2.0 */
/* How the connections to peers are, as the link role says in DIR/run/link/state.json while it runs.
 * Without a running link role there are none. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

struct run_link {
	struct str name;
	bool connected, post_quantum, clock_known;
	bool paced, paced_in;     /* by us, by the other side */
	struct str group;         /* of the newest key exchange; empty: there was none */
	struct str error;         /* why there is no link; empty: no reason is known */
	struct str stopped;       /* why nothing is exchanged over it; empty: it is */
	bool stopped_there;       /* in the words of the peer */
	usec since, cert_expires; /* 0: not known */
	usec clock_skew, round_trip;
	uint64_t bytes_in, bytes_out;
	bool is_throttled;  /* it gives more than its quota, and others are taken first */
	uint64_t throttled; /* ranges of its that waited so */
	uint64_t urgent_sent, urgent_left;    /* ahead of its feed; left to it: too many */
	uint64_t urgent_taken, urgent_passed; /* of its; passed over: too many */
};

struct run_links {
	usec cert_expires; /* of this node's own link certificate; 0: not known */
	struct run_link *items;
	size_t count;
};

/* `link_pid` is the running link role's; a file that another process left says nothing. */
MUST_USE enum err run_links_read(struct run_links *out, struct arena *arena, struct str run_dir,
    int64_t link_pid, struct fault *fault);
/* NULL when nothing is known of it. */
const struct run_link *run_link_of(const struct run_links *links, struct str name);
