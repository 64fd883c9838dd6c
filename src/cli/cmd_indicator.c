/* SPDX-License-Identifier: Apache-2.0 */
/* `indicator release|quarantine`: a call to the core, of the running node or of a transient one. */
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "serve/serve.h"

enum { ARENA_MAX = 4 << 20, ARGS_MAX = 16384 };

static enum err ask(struct str *reply, struct arena *arena, struct str op, char **argv,
    const char *reason, struct fault *fault)
{
	struct rpc_call rpc = {.op = op, .by = S("local"), .fd = -1};
	const struct rpc_call wait = {
	    .op = S("views.wait"), .by = S("local"), .args = S("{}"), .fd = -1};
	struct str nothing;
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
	/* Until the matching goes by it. */
	return rc == OK ? node_call(str_c(argv[1]), &wait, arena, &nothing, fault) : rc;
}

static int decide(int argc, char **argv, struct str op, const char *done)
{
	const char *reason = NULL;
	bool json = false;
	const struct cmd_option options[] = {
	    {"reason", CMD_TEXT, &reason}, {"json", CMD_FLAG, &json}, {0}};
	struct fault fault = {0};
	struct arena *arena;
	struct str reply;
	struct buf out;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	if (!reason) {
		fault_set(&fault, ERR_INVALID, "--reason says for good why it was decided so");
		return cmd_fail(argv[0], &fault);
	}
	arena = arena_new(ARENA_MAX);
	buf_init(&out, ARENA_MAX);
	if (ask(&reply, arena, op, argv, reason, &fault) != OK) {
		code = cmd_fail(argv[0], &fault);
	} else {
		if (json)
			terminal_put_json(&out, reply);
		else
			buf_printf(&out, "%s: %s", done, argv[2]);
		buf_byte(&out, '\n');
		code = cmd_print(buf_str(&out));
	}
	buf_free(&out);
	arena_free(arena);
	return code;
}

int cmd_indicator_release(int argc, char **argv)
{
	return decide(argc, argv, S("release"), "released");
}

int cmd_indicator_quarantine(int argc, char **argv)
{
	return decide(argc, argv, S("quarantine"), "quarantined");
}
