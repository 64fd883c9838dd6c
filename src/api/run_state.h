/* SPDX-License-Identifier: Apache-2.0 */
/* What the running node says of itself in DIR/run/status.json: its processes and alarms. A node
 * that is not running has none. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "intake/live/figures.h"

enum { RUN_PROCESSES_MAX = 64, RUN_ALARMS_MAX = 64, RUN_FIGURES_MAX = 64 };

struct run_process {
	struct str role;
	int64_t pid;
	uint64_t restarts;
	uint64_t rss; /* bytes; 0: not known */
};

struct run_alarm {
	struct str code, message;
	usec since;
};

struct run_state {
	int64_t pid; /* of the supervisor that wrote it; 0: none did */
	struct run_process processes[RUN_PROCESSES_MAX];
	size_t process_count;
	struct run_alarm alarms[RUN_ALARMS_MAX];
	size_t alarm_count;
	struct str taxii_url;        /* of TAXII's own listener; STR_NONE: it has none */
	uint64_t taxii_tls12;        /* connections there that spoke TLS 1.2 */
	uint64_t live[LIVE_FIGURES]; /* what patterns on events came to */
	/* Counted by roles since they started, by name. */
	struct run_figure {
		struct str name;
		uint64_t value;
	} figures[RUN_FIGURES_MAX];
	size_t figure_count;
};

/* A file that is not there, or that no running supervisor wrote, gives an empty state. Strings live
 * in the arena. */
MUST_USE enum err run_state_read(
    struct run_state *out, struct arena *arena, struct str run_dir, struct fault *fault);
/* False when no role told it. */
bool run_state_figure(const struct run_state *s, const char *name, uint64_t *out);
/* Of a role; 0 when it is not running. */
int64_t run_state_pid(const struct run_state *s, struct str role);
