/* SPDX-License-Identifier: Apache-2.0 */
/* `key statement` and `peer keys`: what became of a node's keys, as a file, for whoever no network
 * leads to. What is in it is signed; the core checks it against what is known of the peer. */
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "gate/peers.h"
#include "link/link.h"
#include "serve/serve.h"
#include "sys/config.h"
#include "sys/env.h"
#include "sys/files.h"

enum { ARENA_MAX = 16 << 20, CALL_MAX = LINK_KEYS_MAX + 4096 };

static enum err put_notes(struct buf *out, struct str dir, struct arena *arena, struct fault *fault)
{
	struct reader reader = gate_local_reader();
	struct gate_ask ask = {.reader = &reader, .outlet = OUTLET_API, .arena = arena};
	struct config config;

	TRY(config_read(&config, arena, dir, fault));
	TRY(gate_open(&ask.gate, dir, sys_env(), fault));
	(void)gate_key_notes(&ask, config.identity, out);
	gate_close(ask.gate);
	buf_byte(out, '\n');
	return out->failed == OK ? OK
	                         : fail(fault, ERR_LIMIT, "more was said of keys than is taken");
}

int cmd_key_statement(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct fault fault = {0};
	struct arena *arena;
	struct buf out;
	int code;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	buf_init(&out, LINK_KEYS_MAX);
	code = put_notes(&out, str_c(argv[1]), arena, &fault) == OK ? cmd_print(buf_str(&out))
	                                                            : cmd_fail(argv[0], &fault);
	buf_free(&out);
	arena_free(arena);
	return code;
}

static enum err give(
    const char *dir, const char *name, const char *file, struct arena *arena, struct fault *fault)
{
	const struct json_limits limits = {.bytes = LINK_KEYS_MAX, .depth = 3};
	struct rpc_call rpc = {.op = S("peer.keys.file"), .by = S("local"), .fd = -1};
	yyjson_val *root, *notes;
	struct json_writer w;
	struct str text;
	struct buf args;
	enum err rc;

	TRY(file_read(&text, arena, str_c(file), LINK_KEYS_MAX, fault));
	TRY(json_parse(&root, arena, text, &limits, fault));
	notes = yyjson_obj_get(root, "notes");
	if (!yyjson_is_arr(notes))
		return fail(fault, ERR_INVALID, "%s: not what `tocsin key statement` prints", file);
	buf_init(&args, CALL_MAX);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "name", str_c(name));
	json_list(&w, "notes");
	for (size_t i = 0; i < yyjson_arr_size(notes); i++)
		json_put_str(&w, NULL, json_str(yyjson_arr_get(notes, i)));
	json_end_list(&w);
	json_end_object(&w);
	rpc.args = buf_str(&args);
	rc = args.failed == OK ? node_call(str_c(dir), &rpc, arena, &text, fault)
	                       : fail(fault, ERR_LIMIT, "%s: too long", file);
	buf_free(&args);
	return rc;
}

int cmd_peer_keys(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct fault fault = {0};
	struct arena *arena;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, 3, 3) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	if (give(argv[1], argv[2], argv[3], arena, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}
