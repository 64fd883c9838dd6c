/* SPDX-License-Identifier: Apache-2.0 */
/* `purge`: a call to the core, of the running node or of a transient one, and then the wait until
 * nothing of the object is left in any view and the tombstones are signed. */
#include "cli/call.h"
#include "cli/decision/purge.h"

#include "cli/cmd.h"
#include "cli/decision/ask.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"

enum { ARENA_MAX = 4 << 20, ARGS_MAX = 16384, EACH_BYTES = 4096 };

/* As many as one call takes; *dealt: those that are done. */
static enum err each(
    const struct purge_list *l, size_t from, size_t *dealt, uint64_t *records, struct fault *fault)
{
	const struct call call = {.dir = str_c(l->dir), .op = l->op, .fd = -1};
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 4};
	struct arena *arena = arena_new(ARENA_MAX);
	struct json_writer j;
	yyjson_val *root;
	struct str reply;
	struct buf args;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "reason", l->reason);
	json_list(&j, "ids");
	for (size_t i = from; i < l->count && (i == from || args.n < EACH_BYTES); i++)
		json_put_str(&j, NULL, l->ids[i]);
	json_end_list(&j);
	json_end_object(&j);
	rc = call_core(&reply, arena, &call, &args, fault);
	if (rc == OK)
		rc = json_parse(&root, arena, reply, &limits, fault);
	if (rc == OK) {
		*dealt = (size_t)yyjson_get_uint(yyjson_obj_get(root, "dealt"));
		*records += yyjson_get_uint(yyjson_obj_get(root, "records"));
		if (*dealt == 0)
			rc = fail(fault, ERR_INVALID, "the node purges nothing");
	}
	arena_free(arena);
	return rc;
}

enum err purge_each(
    const struct purge_list *l, size_t *dealt, uint64_t *records, struct fault *fault)
{
	struct arena *arena;
	enum err rc;

	*dealt = 0;
	*records = 0;
	while (*dealt < l->count) {
		size_t some = 0;

		TRY(each(l, *dealt, &some, records, fault));
		*dealt += some;
	}
	arena = arena_new(ARENA_MAX);
	rc = decision_wait(arena, l->dir, S("signed.wait"), fault);
	arena_free(arena);
	return rc;
}

static int print(struct arena *arena, struct str reply, bool json)
{
	const struct json_limits limits = {.bytes = ARENA_MAX, .depth = 4};
	yyjson_val *root;
	struct buf out;
	int code;

	buf_init(&out, ARENA_MAX);
	if (json || json_parse(&root, arena, reply, &limits, NULL) != OK)
		terminal_put_json(&out, reply);
	else
		buf_printf(&out, "purged: %.*s, %llu records", STR_ARG(json_get_str(root, "id")),
		    (unsigned long long)yyjson_get_uint(yyjson_obj_get(root, "versions")));
	buf_byte(&out, '\n');
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

int cmd_purge(int argc, char **argv)
{
	struct decision o = {.op = S("purge"), .wait = S("signed.wait")};
	bool json = false;
	const struct cmd_option options[] = {{"reason", CMD_TEXT, &o.reason},
	    {"version", CMD_TEXT, &o.version}, {"json", CMD_FLAG, &json}, {0}};
	struct fault fault = {0};
	struct arena *arena;
	struct str reply;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	if (!o.reason) {
		fault_set(&fault, ERR_INVALID, "--reason says for good why bytes were removed");
		return cmd_fail(argv[0], &fault);
	}
	o.dir = argv[1];
	o.id = argv[2];
	arena = arena_new(ARENA_MAX);
	code = decision_ask(&reply, arena, &o, &fault) == OK ? print(arena, reply, json)
	                                                     : cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

static int print_purges(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"id", "object"}, {"state", "state"},
	    {"reason", "reason"}, {"by", "by"}, {"time", "time"}, {"tombstones", "tombstones"},
	    {NULL, NULL}};
	static const struct terminal_column PEERS[] = {{"name", "PEER"}, {"state", "STATE"},
	    {"time", "PURGED"}, {"active", "ACTIVE"}, {NULL, NULL}};
	struct str next = json_get_str(answer, "next");
	size_t i, max;
	yyjson_val *item;

	yyjson_arr_foreach(yyjson_obj_get(answer, "items"), i, max, item)
	{
		yyjson_val *peers = yyjson_obj_get(item, "peers");

		terminal_facts(out, item, FACTS);
		if (yyjson_arr_size(peers) > 0)
			terminal_table(out, peers, PEERS);
		buf_byte(out, '\n');
	}
	if (next.p)
		buf_printf(out, "more: --next %.*s\n", STR_ARG(next));
	return EXIT_GOOD;
}

int cmd_purge_list(int argc, char **argv)
{
	static const char *const WORDS[] = {NULL};

	return read_verb(argc, argv, &(struct read_verb){"purge.list", WORDS, print_purges});
}
