/* SPDX-License-Identifier: Apache-2.0 */
/* The program `tocsin`: finds the verb and hands over. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cmd.h"

static int help(FILE *to, int code)
{
	(void)fputs("usage: tocsin VERB ...\n\n", to);
	for (const struct verb *v = VERBS; v->name; v++)
		if (v->help)
			(void)fprintf(
			    to, "  tocsin %s %s\n        %s\n", v->name, v->args, v->help);
	(void)fputs("\nExit codes: 0 done, 1 some refused or the answer is no, 2 nothing done.\n"
	            "See tocsin(1).\n",
	    to);
	return code;
}

/* How many words of argv name the verb: 0, 1 or 2. */
static int matches(const struct verb *v, int argc, char **argv)
{
	size_t n = strlen(argv[1]);
	const char *space = strchr(v->name, ' ');

	if (!space)
		return strcmp(v->name, argv[1]) == 0;
	if (argc < 3 || (size_t)(space - v->name) != n || strncmp(v->name, argv[1], n) != 0)
		return 0;
	return strcmp(space + 1, argv[2]) == 0 ? 2 : 0;
}

static const struct verb *find(int argc, char **argv, int *words)
{
	for (const struct verb *v = VERBS; v->name; v++) {
		*words = matches(v, argc, argv);
		if (*words > 0)
			return v;
	}
	return NULL;
}

/* "tocsin ledger" is half a verb: say how it goes on. */
static int unknown(int argc, char **argv)
{
	struct str first = str_c(argv[1]);
	bool half = false;

	for (const struct verb *v = VERBS; v->name; v++) {
		struct str rest = str_c(v->name);

		if (!str_eq(str_cut(&rest, ' '), first) || !rest.p)
			continue;
		(void)fprintf(
		    stderr, "%s tocsin %s %s\n", half ? "      " : "usage:", v->name, v->args);
		half = true;
	}
	if (!half)
		(void)fprintf(stderr, "tocsin: there is no verb %s%s%s; `tocsin help` lists them\n",
		    argv[1], argc > 2 ? " " : "", argc > 2 ? argv[2] : "");
	return EXIT_NONE;
}

/* A verb's own words begin with its whole name. */
static int run(const struct verb *v, int argc, char **argv)
{
	size_t n = strlen(v->name) + 1;
	char *name = mem_alloc(n);
	int code;

	memcpy(name, v->name, n);
	argv[0] = name;
	code = v->run(argc, argv);
	mem_free(name);
	return code;
}

int main(int argc, char **argv)
{
	const struct verb *v;
	int words;

	if (argc < 2)
		return help(stderr, EXIT_NONE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout, EXIT_GOOD);
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("tocsin " TOCSIN_VERSION);
		return EXIT_GOOD;
	}
	/* A reader of the output that went away is an error of write(), not the end. */
	(void)signal(SIGPIPE, SIG_IGN);
	v = find(argc, argv, &words);
	if (!v)
		return unknown(argc, argv);
	if (argc - words == 2 && strcmp(argv[words + 1], "--help") == 0) {
		(void)printf("usage: tocsin %s %s\n%s\n", v->name, v->args, v->help ? v->help : "");
		return EXIT_GOOD;
	}
	return run(v, argc - words, argv + words);
}
