/* SPDX-License-Identifier: Apache-2.0 */
/* What a role gives up before it reads the first foreign byte: every path but those it names
 * (Landlock), every system call but those of its profile (seccomp), gaining privileges for ever.
 * Irrevocable, inherited by threads made afterwards. A kernel without Landlock is reported, not
 * refused: the node then says so in its log and its status. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Bits: what a role still needs beside memory, its open descriptors, messages and time. */
enum sandbox_need {
	SANDBOX_FILES = 1,   /* opening, within the paths */
	SANDBOX_CHANGE = 2,  /* making, growing, renaming, removing and syncing files */
	SANDBOX_THREADS = 4, /* starting threads, at a lower priority; never processes */
	SANDBOX_ACCEPT = 8,  /* taking connections from a listening socket it already has */
	SANDBOX_DIAL = 16,   /* making TCP connections of its own */
	SANDBOX_NAMES = 32,  /* with DIAL: asking for addresses of names, over UDP and TCP */
};

enum { SANDBOX_PATHS_MAX = 300 };

struct sandbox_path {
	struct str path; /* a file, or a directory with all below; one that is missing is skipped */
	bool write;
};

struct sandbox {
	unsigned needs;
	const struct sandbox_path *paths;
	size_t path_count;
	/* Of SANDBOX_DIAL: only to these TCP ports, where the kernel knows ports; NULL: to any. */
	const uint16_t *ports;
	size_t port_count;
};

/* What the process found out about itself by trying, after the doors closed. */
struct sandbox_report {
	int landlock;        /* version of the kernel's interface; 0: it has none */
	bool seccomp;        /* false only in builds for sanitizers */
	bool files_refused;  /* /etc/passwd could not be opened */
	bool socket_refused; /* no socket could be made */
	bool exec_refused;   /* no program could be started */
};

MUST_USE enum err sandbox_enter(
    struct sandbox_report *out, const struct sandbox *s, struct fault *fault);
