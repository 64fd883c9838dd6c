/* SPDX-License-Identifier: Apache-2.0 */
/* `hunt save|run|list|remove`: hunts that are kept under a name in the ledger. */
#include "cli/call.h"
#include "cli/cmd.h"
#include "cli/hunt/hunt.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "gate/hunt/saved.h"
#include "ops/ops.h"
#include "sys/env.h"

enum { ARENA_MAX = 64 << 20, ARGS_MAX = 8 * OPS_HUNT_TEXT_MAX };

/* A call to the core with some texts as arguments. */
struct asked {
	struct str op, name;
	const char *key; /* beside the name; NULL: nothing */
	struct str value;
};

static enum err ask_core(const char *dir, const struct asked *q, struct fault *fault)
{
	struct arena *arena = arena_new(ARENA_MAX);
	const struct call call = {
	    .dir = str_c(dir), .op = q->op, .fd = -1, .too_long = "the hunt's text is too long"};
	struct json_writer w;
	struct str reply;
	struct buf args;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "name", q->name);
	if (q->key)
		json_put_str(&w, q->key, q->value);
	json_end_object(&w);
	rc = call_core(&reply, arena, &call, &args, fault);
	arena_free(arena);
	return rc;
}

int cmd_hunt_save(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct asked q = {.op = S("hunt.save"), .key = "text"};
	int count = cmd_parse(argc, argv, options, 3, argc);
	struct fault fault;
	struct buf text;
	enum err rc;

	if (count < 0)
		return EXIT_NONE;
	buf_init(&text, OPS_HUNT_TEXT_MAX);
	for (int i = 3; i <= count; i++) {
		buf_put(&text, str_c(argv[i]));
		if (i < count)
			buf_byte(&text, '\n');
	}
	q.name = str_c(argv[2]);
	q.value = buf_str(&text);
	rc = text.failed == OK
	         ? ask_core(argv[1], &q, &fault)
	         : fail(&fault, ERR_LIMIT, "a saved hunt has at most %d bytes", OPS_HUNT_TEXT_MAX);
	buf_free(&text);
	return rc == OK ? EXIT_GOOD : cmd_fail(argv[0], &fault);
}

int cmd_hunt_remove(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct asked q = {.op = S("hunt.remove")};
	struct fault fault;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	q.name = str_c(argv[2]);
	return ask_core(argv[1], &q, &fault) == OK ? EXIT_GOOD : cmd_fail(argv[0], &fault);
}

static int print_hunts(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"}, {"by", "BY"},
	    {"saved", "SAVED"}, {"answered", "ANSWERED"}, {"news", "NEW"}, {"last_new", "LAST"},
	    {"more", "MORE"}, {"text", "TEXT"}, {NULL, NULL}};
	struct str next = json_get_str(answer, "next");

	terminal_table(out, yyjson_obj_get(answer, "items"), COLUMNS);
	if (next.p)
		buf_printf(out, "more: --next %.*s\n", STR_ARG(next));
	return EXIT_GOOD;
}

int cmd_hunt_list(int argc, char **argv)
{
	static const char *const WORDS[] = {NULL};

	return read_verb(argc, argv, &(struct read_verb){"hunt.list", WORDS, print_hunts});
}

static enum err find_saved(
    struct hunting *h, struct str name, struct gate_saved_hunt *out, struct fault *fault)
{
	const struct gate_ask ask = hunting_ask(h, h->arena);
	struct gate_saved_hunts all;

	TRY(gate_saved_hunts(&ask, &all, fault));
	for (size_t i = 0; i < all.count; i++)
		if (str_eq(all.items[i].name, name)) {
			*out = all.items[i];
			return OK;
		}
	return fail(fault, ERR_NOT_FOUND, "no hunt of that name is saved");
}

static int mark(const struct hunting *h, struct str name, usec until)
{
	struct asked q = {.op = S("hunt.mark"), .name = name, .key = "until"};
	char text[TIME_TEXT + 1];
	struct fault fault;

	time_format(text, until);
	q.value = str_c(text);
	return ask_core(h->dir, &q, &fault) == OK ? EXIT_GOOD : cmd_fail(h->verb, &fault);
}

static int run_saved(struct hunting *h, struct str name, bool only_new)
{
	struct gate_hunt_options options = {.exact = h->exact, .patient = true};
	usec now = env_now(sys_env()), until = 0;
	struct gate_saved_hunt saved;
	struct fault fault;
	int code;

	if ((h->since && hunting_time(&options.since, h->since, now, &fault) != OK) ||
	    hunting_open(h, &fault) != OK || find_saved(h, name, &saved, &fault) != OK)
		return cmd_fail(h->verb, &fault);
	options.text = saved.text;
	if (only_new)
		options.since = saved.answered;
	code = hunting_run(h, &options, &until);
	if (only_new && code != EXIT_NONE && mark(h, name, until) != EXIT_GOOD)
		code = EXIT_NONE;
	return code;
}

int cmd_hunt_run(int argc, char **argv)
{
	struct hunting h = {.verb = argv[0]};
	bool only_new = false;
	const struct cmd_option options[] = {{"since", CMD_TEXT, &h.since},
	    {"exact", CMD_FLAG, &h.exact}, {"new", CMD_FLAG, &only_new},
	    {"json", CMD_FLAG, &h.json}, {0}};
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	h.dir = argv[1];
	code = run_saved(&h, str_c(argv[2]), only_new);
	hunting_close(&h);
	return code;
}
