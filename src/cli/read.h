/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that read: the API's own operation, run here on the node directory for the local operator,
 * printed as a table or, with --json, as the API answers it. Needs no running node. */
#pragma once

#include <yyjson.h>

#include "base/buf.h"

struct read_verb {
	const char *op; /* row of the table of operations */
	const char *const
	    *words; /* parameters that stand as plain words after DIR; ends with NULL */
	/* Prints the answer for people; returns the exit code. */
	int (*print)(struct buf *out, yyjson_val *answer);
};

/* Every other query parameter of the row is an option of the same name. */
int read_verb(int argc, char **argv, const struct read_verb *verb);
