/* SPDX-License-Identifier: Apache-2.0 */
/* `key rotate`: calls to the core, of the running node or of a transient one. */
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "serve/serve.h"

enum { ARENA_MAX = 4 << 20, TEXT_MAX = 64 << 10 };

static int print(struct arena *arena, struct str reply, bool json)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	yyjson_val *root;
	struct buf out;
	int code;

	if (json_parse(&root, arena, reply, &limits, &fault) != OK)
		return cmd_fail("key rotate", &fault);
	buf_init(&out, TEXT_MAX);
	if (json)
		terminal_put_json(&out, reply);
	else
		buf_printf(&out,
		    "rotated: %.*s is followed by %.*s since %.*s\n"
		    "Peers learn it over their links. Give the new key to whoever checks this "
		    "ledger elsewhere; the old one still leads there:\n%.*s",
		    STR_ARG(json_get_str(root, "before")), STR_ARG(json_get_str(root, "after")),
		    STR_ARG(json_get_str(root, "time")), STR_ARG(json_get_str(root, "key")));
	buf_byte(&out, '\n');
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

int cmd_key_rotate(int argc, char **argv)
{
	struct rpc_call rpc = {.op = S("key.rotate"), .by = S("local"), .args = S("{}"), .fd = -1};
	bool json = false;
	const struct cmd_option options[] = {{"json", CMD_FLAG, &json}, {0}};
	struct fault fault = {0};
	struct arena *arena;
	struct str reply;
	int code;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	if (node_call(str_c(argv[1]), &rpc, arena, &reply, &fault) == OK)
		code = print(arena, reply, json);
	else
		code = cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}
