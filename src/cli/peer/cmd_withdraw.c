/* SPDX-License-Identifier: Apache-2.0 */
/* `withdraw`: a call to the core, of the running node or of a transient one; and what became of
 * it. */
#include "cli/cmd.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "serve/serve.h"

enum { ARENA_MAX = 4 << 20, ARGS_MAX = 16384 };

static enum err ask(
    struct str *reply, struct arena *arena, char **argv, const char *reason, struct fault *fault)
{
	struct rpc_call rpc = {.op = S("withdraw"), .by = S("local"), .fd = -1};
	struct buf args;
	struct json_writer j;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "id", str_c(argv[2]));
	json_put_str(&j, "reason", str_c(reason));
	json_end_object(&j);
	rpc.args = buf_str(&args);
	rc = args.failed == OK ? node_call(str_c(argv[1]), &rpc, arena, reply, fault)
	                       : fail(fault, ERR_LIMIT, "the arguments are too long");
	buf_free(&args);
	return rc;
}

int cmd_withdraw(int argc, char **argv)
{
	const char *reason = NULL;
	bool json = false;
	const struct cmd_option options[] = {
	    {"reason", CMD_TEXT, &reason}, {"json", CMD_FLAG, &json}, {0}};
	struct fault fault = {0};
	struct str reply;
	struct arena *arena;
	struct buf out;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	if (!reason) {
		fault_set(&fault, ERR_INVALID,
		    "--reason says to everybody who had the object why it is taken back");
		return cmd_fail(argv[0], &fault);
	}
	arena = arena_new(ARENA_MAX);
	buf_init(&out, ARENA_MAX);
	if (ask(&reply, arena, argv, reason, &fault) != OK) {
		code = cmd_fail(argv[0], &fault);
	} else {
		if (json)
			terminal_put_json(&out, reply);
		else
			buf_printf(&out, "withdrawn: %s", argv[2]);
		buf_byte(&out, '\n');
		code = cmd_print(buf_str(&out));
	}
	buf_free(&out);
	arena_free(arena);
	return code;
}

static int print_withdrawals(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"time", "TIME"}, {"acted", "ACTED"},
	    {"outstanding", "OUTSTANDING"}, {"unreached", "UNREACHED"}, {"by", "BY"}, {"id", "ID"},
	    {"reason", "REASON"}, {NULL, NULL}};
	struct str next = json_get_str(answer, "next");

	terminal_table(out, yyjson_obj_get(answer, "items"), COLUMNS);
	if (next.p)
		buf_printf(out, "more: --next %.*s\n", STR_ARG(next));
	return EXIT_GOOD;
}

/* Whoever had it and has not acted makes the answer "not yet". */
static int print_withdrawal(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"id", "object"}, {"reason", "reason"},
	    {"originator", "originator"}, {"by", "by"}, {"time", "time"}, {"acted", "acted"},
	    {"outstanding", "outstanding"}, {"unreached", "not reached"}, {NULL, NULL}};
	static const struct terminal_column PEERS[] = {{"name", "PEER"}, {"state", "STATE"},
	    {"time", "RECEIPT"}, {"purged", "PURGED"}, {"last_contact", "LAST CONTACT"},
	    {"active", "ACTIVE"}, {NULL, NULL}};
	yyjson_val *peers = yyjson_obj_get(answer, "peers");

	terminal_facts(out, answer, FACTS);
	buf_byte(out, '\n');
	if (yyjson_arr_size(peers) > 0)
		terminal_table(out, peers, PEERS);
	else
		buf_put(out, S("No peer had it from here.\n"));
	return yyjson_get_uint(yyjson_obj_get(answer, "outstanding")) > 0 ? EXIT_SOME : EXIT_GOOD;
}

int cmd_withdrawal_list(int argc, char **argv)
{
	static const char *const WORDS[] = {NULL};

	return read_verb(
	    argc, argv, &(struct read_verb){"withdrawal.list", WORDS, print_withdrawals});
}

int cmd_withdrawal_show(int argc, char **argv)
{
	static const char *const WORDS[] = {"id", NULL};

	return read_verb(
	    argc, argv, &(struct read_verb){"withdrawal.show", WORDS, print_withdrawal});
}
