/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that are one operation of the core, of the running node or of a transient one. */
#pragma once

#include "api/args.h"
#include "cli/cmd.h"

/* A verb that is one operation. */
struct change {
	const char *op;
	const char *instead; /* the operation that it is when `when` says so; it answers nothing */
	const bool *when;    /* NULL: never */
	int words;           /* 1: DIR; 2 and 3: and the parameters that the row names first */
	const struct cmd_option *options;
	/* The parameters that come from options, and its context; NULL: none. What it sets must
	 * stay until the operation is done. */
	enum err (*set)(struct api_args *args, void *ctx, struct fault *fault);
	void *ctx;
	const bool *json;  /* --json; NULL: the verb has none */
	const char *plain; /* the reply's member to print without --json; NULL: nothing is said */
};
int change(int argc, char **argv, const struct change *c);

/* Sets a parameter when it was given on the command line. */
MUST_USE enum err set(
    struct api_args *args, const char *name, const char *value, struct fault *fault);
/* "amber" and "TLP:AMBER" alike. */
MUST_USE enum err set_level(
    struct api_args *args, const char *name, const char *text, struct fault *fault);
enum { PURPOSES_MAX = 2048 };
/* An option that is given several times as one text, with `between` between. Nothing is set when it
 * was not given. */
MUST_USE enum err set_list(struct api_args *args, const char *name, const struct cmd_list *list,
    const char *between, char text[PURPOSES_MAX], struct fault *fault);
