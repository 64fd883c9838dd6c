/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of the command line share: one row a verb, one way to read options, one way to
 * fail. A verb's function gets its own words only: argv[0] is the verb ("ledger verify"), then
 * what followed it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum exit_code {
	EXIT_GOOD = 0,
	EXIT_SOME = 1, /* some of it was refused, or the answer is no */
	EXIT_NONE = 2, /* nothing was done: wrong usage, or an error */
};

struct verb {
	const char *name; /* one word or two */
	int (*run)(int argc, char **argv);
	const char *args; /* "DIR FILE... [--source NAME]" */
	const char *help; /* one line; NULL: for the program's own use, not listed */
};

extern const struct verb VERBS[]; /* ends with name NULL */

enum cmd_option_type {
	CMD_FLAG,   /* bool: given */
	CMD_TEXT,   /* const char *: the last one given */
	CMD_NUMBER, /* uint64_t */
	CMD_LIST,   /* struct cmd_list: each one given */
};

struct cmd_list {
	const char **list; /* borrowed from argv; room for argc pointers is the caller's */
	size_t count;
};

struct cmd_option {
	const char *name; /* without "--" */
	enum cmd_option_type type;
	void *into;
};

/* Reads "--name value", "--name=value" and "--flag" wherever they stand; "--" ends them, "-" is a
 * plain word. The plain words are moved to argv[1..]; their count is returned. When something is
 * wrong, or there are fewer than `least` or more than `most` words, it says so with the usage line
 * on standard error and returns -1: return EXIT_NONE then. `options` ends with name NULL. */
int cmd_parse(int argc, char **argv, const struct cmd_option *options, int least, int most);

/* Says "tocsin VERB: text" on standard error; returns EXIT_NONE. */
int cmd_fail(const char *verb, const struct fault *fault);
/* Prints to standard output; EXIT_NONE, with a word on standard error, when it cannot be written.
 */
int cmd_print(struct str text);
/* True when standard error is a terminal: only then progress is shown. */
bool cmd_interactive(void);
