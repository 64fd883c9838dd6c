/* SPDX-License-Identifier: Apache-2.0 */
/* DIR/run/status.json: what the supervisor knows of a running node, for `tocsin status`, the API
 * and people. Replaced at once at every change; gone when the node has stopped. */
#pragma once

#include <sys/types.h>

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

enum {
	STATUS_ALARMS_MAX = 16,
	STATUS_CODE_MAX = 31,
	STATUS_TEXT_MAX = 511,
	STATUS_FIGURES_MAX = 64,
};

struct status_alarm {
	char code[STATUS_CODE_MAX + 1];
	char text[STATUS_TEXT_MAX + 1];
	usec since;
};

struct status_alarms {
	struct status_alarm list[STATUS_ALARMS_MAX];
	size_t count;
};

/* Sets an alarm, or ends it when text is empty. One more than fit is left out. */
void status_alarm(struct status_alarms *a, struct str code, struct str text, usec now);

#define STATUS_TAXII_TLS12 "taxii_tls12" /* connections of the TAXII listener */

/* Counted by a role since it started. */
struct status_figure {
	char name[STATUS_CODE_MAX + 1];
	uint64_t value;
};

struct status_figures {
	struct status_figure list[STATUS_FIGURES_MAX];
	size_t count;
};

/* One more name than fit is left out. */
void status_figure(struct status_figures *f, struct str name, uint64_t value);

struct status_role {
	struct str name;
	pid_t pid; /* 0: not running just now */
	unsigned restarts;
	usec since;
	uint64_t rss; /* bytes */
};

struct status_file {
	struct str url;       /* empty: a transient node */
	struct str taxii_url; /* empty: TAXII has no listener of its own */
	bool ready;
	const struct status_role *roles;
	size_t role_count;
	const struct status_alarms *alarms;
	const struct status_figures *figures;
};

MUST_USE enum err status_file_write(
    const struct status_file *f, struct str node_dir, struct fault *fault);
void status_file_remove(struct str node_dir);
