/* SPDX-License-Identifier: Apache-2.0 */
/* The parent of a node's roles: starts them, introduces them to each other, starts again those that
 * die or hang, and stops them in order. It reads nothing foreign and holds no data; what it knows
 * people see in DIR/run/status.json. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/config.h"

struct supervise_options {
	struct str dir;    /* absolute */
	struct str listen; /* STR_NONE: a transient node, without front and link */
	struct str taxii;  /* a listener for TAXII alone; STR_NONE: none */
	struct str link;   /* where the link role listens; STR_NONE: it only dials */
	bool oidc;         /* people sign in with an identity provider: there is a role for it */
	const struct config *config; /* for what is made before the roles start */
	usec role_timeout; /* a role that does not answer so long is started again; 0: never */
	int ready_fd;      /* gets the one JSON line when everything answers */
	int until_fd;      /* -1, or a descriptor whose closing means stop, like SIGTERM */
	int lock_fd;       /* -1, or run/lock as its starter has locked it; then owned */
};

/* Where a transient node finds the lock that its starter took: between taking and starting no
 * other command gets in. */
enum { TRANSIENT_LOCK_FD = 3 };

/* Runs until SIGTERM or SIGINT; SIGHUP lets front read its certificate and key again; 0 after a
 * clean stop. ERR_BUSY when the directory's node runs already. The fault says what failed when the
 * roles could not be started at all. */
MUST_USE enum err supervise(const struct supervise_options *options, struct fault *fault);
