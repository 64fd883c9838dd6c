/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/read.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/read.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "gate/read.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 512 << 20,
	OPTION_MAX = 32,
	OWN_MAX = 4, /* options of a verb that are not the row's */
	NEXT_MAX = 1024,
	BEHIND_MAX = 10000, /* records: seconds of a node that takes in much */
};

struct session {
	const struct read_verb *verb;
	const struct read_pages *pages; /* NULL: one answer */
	struct arena *arena, *page;
	struct gate *gate;
	struct config config;
	struct api_node node;
	struct api_args args;
	struct buf answer, text;
	bool json;
};

static bool is_word(const struct read_verb *verb, const char *param)
{
	for (size_t i = 0; verb->words[i]; i++)
		if (strcmp(verb->words[i], param) == 0)
			return true;
	return false;
}

/* "releasable_to" is --releasable-to. */
static const char *option_name(char out[OPTION_MAX], const char *param)
{
	size_t n = 0;

	for (; n < OPTION_MAX - 1 && param[n]; n++)
		out[n] = param[n] == '_' ? '-' : param[n];
	out[n] = 0;
	return out;
}

/* Options named after the row's query parameters, --json, and the verb's own. */
static void list_options(struct cmd_option *options, const char **texts,
    char names[API_PARAMS_MAX][OPTION_MAX], struct session *s)
{
	const struct op *op = s->args.op;
	size_t n = 0;

	options[n++] = (struct cmd_option){"json", CMD_FLAG, &s->json};
	for (size_t i = 0; i < op->param_count; i++)
		if (!is_word(s->verb, op->params[i].name))
			options[n++] = (struct cmd_option){
			    option_name(names[i], op->params[i].name), CMD_TEXT, &texts[i]};
	for (size_t i = 0; s->pages && s->pages->own[i].name && i < OWN_MAX; i++)
		options[n++] = s->pages->own[i];
}

/* texts: of the row's parameters, in its order. */
static enum err take(struct session *s, const char *const *texts, struct fault *fault)
{
	const struct op *op = s->args.op;

	for (size_t i = 0; i < op->param_count; i++)
		if (texts[i])
			TRY(api_args_set(
			    &s->args, str_c(op->params[i].name), str_c(texts[i]), fault));
	if (s->pages && !api_args_get(&s->args, "limit")->given)
		TRY(api_args_set(&s->args, S("limit"), S("1000"), fault));
	return api_args_done(&s->args, fault);
}

static int parse(struct session *s, int argc, char **argv, struct fault *fault)
{
	struct cmd_option options[API_PARAMS_MAX + OWN_MAX + 2] = {{0}};
	const char *texts[API_PARAMS_MAX] = {NULL};
	char names[API_PARAMS_MAX][OPTION_MAX];
	int words = 1;

	list_options(options, texts, names, s);
	while (s->verb->words[words - 1])
		words++;
	if (cmd_parse(argc, argv, options, words, words) < 0)
		return EXIT_NONE;
	for (int i = 1; i < words; i++)
		if (api_args_set(
		        &s->args, str_c(s->verb->words[i - 1]), str_c(argv[i + 1]), fault) != OK)
			return cmd_fail(argv[0], fault);
	return take(s, texts, fault) == OK ? EXIT_GOOD : cmd_fail(argv[0], fault);
}

static bool process_is_there(int64_t pid)
{
	return pid > 0 && pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static enum err open_node(struct session *s, struct str dir, struct fault *fault)
{
	TRY(config_read(&s->config, s->arena, dir, fault));
	TRY(gate_open(&s->gate, dir, sys_env(), fault));
	s->node = (struct api_node){.config = &s->config,
	    .env = sys_env(),
	    .run_dir = file_join(s->arena, dir, "run"),
	    .version = S(TOCSIN_VERSION),
	    .alive = process_is_there};
	return OK;
}

static enum err ask(struct session *s, struct fault *fault)
{
	const struct reader reader = gate_local_reader();
	const struct gate_ask gate_ask = {
	    .gate = s->gate, .reader = &reader, .outlet = OUTLET_API, .arena = s->page};
	const struct api_read read = {.ask = &gate_ask, .args = &s->args, .node = &s->node};

	arena_reset(s->page);
	buf_reset(&s->answer);
	return api_read(&read, &s->answer, fault);
}

/* An answer from views that are not there, or far behind, is not "nothing found". */
static void say_behind(const struct session *s, const char *name)
{
	uint64_t all = gate_ledger_end(s->gate);
	uint64_t held = gate_views_end(s->gate);

	if (held < all && (held == 0 || all - held > BEHIND_MAX))
		(void)fprintf(stderr,
		    "tocsin %s: the views hold %llu of the ledger's %llu records, so the answer "
		    "may "
		    "lack some; a running node or `tocsin rebuild` adds the others\n",
		    name, (unsigned long long)held, (unsigned long long)all);
}

static int print_json(struct session *s)
{
	/* Bytes as they are for programs; nothing that moves a cursor for people. */
	if (isatty(STDOUT_FILENO))
		terminal_put_json(&s->text, buf_str(&s->answer));
	else
		buf_put(&s->text, buf_str(&s->answer));
	buf_byte(&s->text, '\n');
	return cmd_print(buf_str(&s->text));
}

/* The token of the page after this one; "" at the end. */
static int print(struct session *s, const char *name, char next[NEXT_MAX])
{
	const struct json_limits limits = {.bytes = API_ANSWER_MAX, .depth = 80};
	yyjson_val *answer;
	struct fault fault;
	int code, written;

	if (json_parse(&answer, s->page, buf_str(&s->answer), &limits, &fault) != OK)
		return cmd_fail(name, &fault);
	(void)snprintf(
	    next, NEXT_MAX, "%.*s", STR_ARG(s->pages ? json_get_str(answer, "next") : STR_NONE));
	buf_reset(&s->text);
	code = s->pages ? s->pages->print(s->pages->ctx, &s->text, answer)
	                : s->verb->print(&s->text, answer);
	if (s->json)
		buf_reset(&s->text);
	written = s->json ? print_json(s) : cmd_print(buf_str(&s->text));
	return written == EXIT_GOOD ? code : written;
}

static enum err turn_page(struct api_args *args, const char *next, struct fault *fault)
{
	for (size_t i = 0; i < args->op->param_count; i++)
		if (strcmp(args->op->params[i].name, "next") == 0)
			args->values[i] = (struct api_value){.given = false};
	return api_args_set(args, S("next"), str_c(next), fault);
}

int read_verb(int argc, char **argv, const struct read_verb *verb)
{
	return read_pages(argc, argv, verb, NULL);
}

int read_pages(int argc, char **argv, const struct read_verb *verb, const struct read_pages *pages)
{
	struct session s = {.verb = verb, .pages = pages};
	char next[NEXT_MAX] = "";
	struct fault fault;
	enum err rc;
	int code;

	s.args.op = op_of_name(str_c(verb->op));
	assert(s.args.op);
	code = parse(&s, argc, argv, &fault);
	if (code != EXIT_GOOD)
		return code;
	s.arena = arena_new(ARENA_MAX);
	s.page = arena_new(ARENA_MAX);
	buf_init(&s.answer, API_ANSWER_MAX);
	buf_init(&s.text, 2u * API_ANSWER_MAX);
	rc = open_node(&s, str_c(argv[1]), &fault);
	if (rc == OK)
		say_behind(&s, argv[0]);
	do {
		if (rc == OK && next[0])
			rc = turn_page(&s.args, next, &fault);
		if (rc == OK)
			rc = ask(&s, &fault);
		if (rc == OK)
			code = print(&s, argv[0], next);
	} while (rc == OK && code == EXIT_GOOD && next[0]);
	if (rc != OK) {
		code = cmd_fail(argv[0], &fault);
		/* "No such object" is an answer, not a failure. */
		code = rc == ERR_NOT_FOUND && s.gate ? EXIT_SOME : code;
	}
	buf_free(&s.text);
	buf_free(&s.answer);
	gate_close(s.gate);
	arena_free(s.page);
	arena_free(s.arena);
	return code;
}
