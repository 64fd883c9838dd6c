/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a role: the program executes itself again as `tocsin role NAME DIR`, with one socket to
 * its parent and nothing else of the parent's but standard error. */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

enum { ROLE_FD = 3 }; /* the role's end of the socket to its parent */

struct role_start {
	const char *name;
	const char *dir;
	bool quiet; /* logs only what is wrong */
};

/* *fd is the parent's end. The child dies with its socket, not with the parent's signals. */
MUST_USE enum err role_spawn(
    pid_t *pid, int *fd, const struct role_start *start, struct fault *fault);
/* Resident memory of a process in bytes; 0 when it is gone. */
uint64_t role_rss(pid_t pid);
