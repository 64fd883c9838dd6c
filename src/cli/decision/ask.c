/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decision/ask.h"

#include "cli/call.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "codec/json.h"
#include "serve/serve.h"

enum { ARENA_MAX = 4 << 20, ARGS_MAX = 16384 };

enum err decision_wait(struct arena *arena, const char *dir, struct str wait, struct fault *fault)
{
	const struct rpc_call call = {.op = wait, .by = S("local"), .args = S("{}"), .fd = -1};
	struct str nothing;

	return node_call(str_c(dir), &call, arena, &nothing, fault);
}

enum err decision_ask(
    struct str *reply, struct arena *arena, const struct decision *d, struct fault *fault)
{
	const struct call call = {.dir = str_c(d->dir), .op = d->op, .fd = -1};
	struct json_writer j;
	struct buf args;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "id", str_c(d->id));
	json_put_str(&j, "reason", str_c(d->reason));
	if (d->version)
		json_put_str(&j, "version", str_c(d->version));
	json_end_object(&j);
	rc = call_core(reply, arena, &call, &args, fault);
	return rc == OK && d->wait.n ? decision_wait(arena, d->dir, d->wait, fault) : rc;
}

int decision_verb(int argc, char **argv, const struct decision_verb *v)
{
	struct decision d = {.op = v->op, .wait = v->wait};
	bool json = false;
	const struct cmd_option options[] = {
	    {"reason", CMD_TEXT, &d.reason}, {"json", CMD_FLAG, &json}, {0}};
	struct fault fault = {0};
	struct arena *arena;
	struct str reply;
	struct buf out;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	if (!d.reason) {
		fault_set(&fault, ERR_INVALID, "%s", v->why);
		return cmd_fail(argv[0], &fault);
	}
	d.dir = argv[1];
	d.id = argv[2];
	arena = arena_new(ARENA_MAX);
	buf_init(&out, ARENA_MAX);
	if (decision_ask(&reply, arena, &d, &fault) != OK) {
		code = cmd_fail(argv[0], &fault);
	} else {
		if (json)
			terminal_put_json(&out, reply);
		else
			buf_printf(&out, "%s: %s", v->done, d.id);
		buf_byte(&out, '\n');
		code = cmd_print(buf_str(&out));
	}
	buf_free(&out);
	arena_free(arena);
	return code;
}
