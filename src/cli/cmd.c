/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/env.h"

int cmd_fail(const char *verb, const struct fault *fault)
{
	(void)fprintf(stderr, "tocsin %s: %s\n", verb, fault->text);
	return EXIT_NONE;
}

int cmd_print(struct str text)
{
	if ((text.n > 0 && fwrite(text.p, 1, text.n, stdout) != text.n) || fflush(stdout) != 0) {
		(void)fprintf(stderr, "tocsin: cannot write the output: %s\n", sys_error(errno));
		return EXIT_NONE;
	}
	return EXIT_GOOD;
}

bool cmd_interactive(void)
{
	return isatty(STDERR_FILENO) == 1;
}

static void usage(const char *verb)
{
	for (const struct verb *v = VERBS; v->name; v++)
		if (strcmp(v->name, verb) == 0)
			(void)fprintf(stderr, "usage: tocsin %s %s\n", v->name, v->args);
}

static const struct cmd_option *find(const struct cmd_option *options, struct str name)
{
	for (; options->name; options++)
		if (str_eq(name, str_c(options->name)))
			return options;
	return NULL;
}

/* Where the words are read from. */
struct words {
	int argc;
	char **argv;
	int at;
};

static bool take_value(const struct cmd_option *o, const char *value)
{
	struct cmd_list *list = o->into;

	switch (o->type) {
	case CMD_TEXT:
		*(const char **)o->into = value;
		return true;
	case CMD_NUMBER:
		return str_u64(str_c(value), o->into) == OK;
	case CMD_LIST:
		list->list[list->count++] = value;
		return true;
	default:
		return false;
	}
}

static const char *needs(enum cmd_option_type type)
{
	if (type == CMD_FLAG)
		return "takes no value";
	return type == CMD_NUMBER ? "needs a whole number" : "needs a value";
}

static bool take_option(struct words *w, const struct cmd_option *options)
{
	const char *word = w->argv[w->at++];
	struct str rest = str_c(word + 2);
	struct str name = str_cut(&rest, '=');
	const struct cmd_option *o = find(options, name);
	const char *value = rest.p;

	if (!o) {
		(void)fprintf(stderr, "tocsin %s: there is no option %s\n", w->argv[0], word);
		return false;
	}
	if (o->type == CMD_FLAG && !value) {
		*(bool *)o->into = true;
		return true;
	}
	if (o->type != CMD_FLAG && !value && w->at < w->argc)
		value = w->argv[w->at++];
	if (!value || !take_value(o, value)) {
		(void)fprintf(stderr, "tocsin %s: --%s %s\n", w->argv[0], o->name, needs(o->type));
		return false;
	}
	return true;
}

int cmd_parse(int argc, char **argv, const struct cmd_option *options, int least, int most)
{
	struct words w = {.argc = argc, .argv = argv, .at = 1};
	bool plain = false; /* after "--" */
	int count = 0;

	while (w.at < argc) {
		char *word = argv[w.at];

		if (!plain && strcmp(word, "--") == 0) {
			plain = true;
			w.at++;
		} else if (!plain && strncmp(word, "--", 2) == 0) {
			if (!take_option(&w, options)) {
				usage(argv[0]);
				return -1;
			}
		} else {
			argv[++count] = word;
			w.at++;
		}
	}
	if (count < least || count > most) {
		(void)fprintf(stderr, "tocsin %s: %s\n", argv[0],
		    count < least ? "something is missing" : "there is a word too many");
		usage(argv[0]);
		return -1;
	}
	return count;
}
