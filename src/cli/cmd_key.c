/* SPDX-License-Identifier: Apache-2.0 */
/* `key rotate`, `key compromised` and `peer compromised`: calls to the core, of the running node or
 * of a transient one. */
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

/* What is hidden now, and an id a line. */
static int print_hidden(struct arena *arena, struct str reply, bool json, const char *verb)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	yyjson_arr_iter it;
	yyjson_val *root, *id;
	struct buf out;
	int code;

	if (json_parse(&root, arena, reply, &limits, &fault) != OK)
		return cmd_fail(verb, &fault);
	buf_init(&out, ARENA_MAX);
	if (json) {
		terminal_put_json(&out, reply);
		buf_byte(&out, '\n');
	} else {
		buf_printf(&out, "since %.*s: %lld hidden here\n",
		    STR_ARG(json_get_str(root, "since")),
		    (long long)yyjson_get_sint(yyjson_obj_get(root, "hidden")));
		it = yyjson_arr_iter_with(yyjson_obj_get(root, "ids"));
		while ((id = yyjson_arr_iter_next(&it))) {
			terminal_put(&out, json_str(id));
			buf_byte(&out, '\n');
		}
	}
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

/* `name` NULL: of this node's own keys. */
static int compromised(char **argv, const char *name, const char *since, bool json)
{
	struct rpc_call rpc = {
	    .op = name ? S("peer.compromised") : S("key.compromised"), .by = S("local"), .fd = -1};
	struct arena *arena = arena_new(ARENA_MAX);
	struct fault fault = {0};
	struct json_writer w;
	struct str reply;
	struct buf args;
	int code;

	buf_init(&args, 8192);
	w = json_writer(&args);
	json_object(&w, NULL);
	if (name)
		json_put_str(&w, "name", str_c(name));
	if (since)
		json_put_str(&w, "since", str_c(since));
	json_end_object(&w);
	rpc.args = buf_str(&args);
	if (args.failed == OK && node_call(str_c(argv[1]), &rpc, arena, &reply, &fault) == OK)
		code = print_hidden(arena, reply, json, argv[0]);
	else
		code = cmd_fail(argv[0], &fault);
	buf_free(&args);
	arena_free(arena);
	return code;
}

int cmd_key_compromised(int argc, char **argv)
{
	const char *since = NULL;
	bool json = false;
	const struct cmd_option options[] = {
	    {"since", CMD_TEXT, &since}, {"json", CMD_FLAG, &json}, {0}};

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	return compromised(argv, NULL, since, json);
}

int cmd_peer_compromised(int argc, char **argv)
{
	const char *since = NULL;
	bool json = false;
	const struct cmd_option options[] = {
	    {"since", CMD_TEXT, &since}, {"json", CMD_FLAG, &json}, {0}};

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	return compromised(argv, argv[2], since, json);
}
