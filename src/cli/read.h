/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that read: the API's own operation, run here on the node directory for the local operator,
 * printed as a table or, with --json, as the API answers it. Needs no running node. */
#pragma once

#include <yyjson.h>

#include "base/buf.h"
#include "cli/cmd.h"

struct read_verb {
	const char *op; /* row of the table of operations */
	const char *const
	    *words; /* parameters that stand as plain words after DIR; ends with NULL */
	/* Prints the answer for people; returns the exit code. */
	int (*print)(struct buf *out, yyjson_val *answer);
};

/* Every other query parameter of the row is an option of the same name. */
int read_verb(int argc, char **argv, const struct read_verb *verb);

/* Page after page until the last, each printed before the next is asked for; instead of the verb's
 * own `print`. `own`: options that are not the row's, ending with name NULL. */
struct read_pages {
	int (*print)(void *ctx, struct buf *out, yyjson_val *answer);
	void *ctx;
	const struct cmd_option *own;
};
int read_pages(int argc, char **argv, const struct read_verb *verb, const struct read_pages *pages);
