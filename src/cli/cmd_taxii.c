/* SPDX-License-Identifier: Apache-2.0 */
/* `taxii restore`: a call to the core, of the running node or of a transient one, with the file
 * open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/call.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "sys/env.h"

enum { ARENA_MAX = 32 << 20, ARGS_MAX = 4096, NAMED_MAX = 20 };

struct restore_args {
	const char *label;
	uint64_t page_limit; /* UINT64_MAX: not given */
	bool json;
};

static enum err restore(struct str *reply, struct arena *arena, char **argv,
    const struct restore_args *o, struct fault *fault)
{
	struct buf args;
	struct json_writer j;
	const struct call call = {.dir = str_c(argv[1]),
	    .op = S("taxii.restore"),
	    .fd = open(argv[2], O_RDONLY | O_CLOEXEC),
	    .too_long = "the label is too long"};
	enum err rc;

	if (call.fd < 0)
		return fail(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", argv[2],
		    sys_error(errno));
	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	if (o->page_limit != UINT64_MAX)
		json_put_int(&j, "page_limit", (int64_t)(o->page_limit & INT64_MAX));
	if (o->label)
		json_put_str(&j, "label", str_c(o->label));
	json_end_object(&j);
	rc = call_core(reply, arena, &call, &args, fault);
	(void)close(call.fd);
	return rc;
}

static void put_failures(struct buf *out, yyjson_val *reply)
{
	yyjson_val *failures = yyjson_obj_get(reply, "failures");
	yyjson_val *item;
	yyjson_arr_iter iter;
	size_t n = 0;

	yyjson_arr_iter_init(failures, &iter);
	while ((item = yyjson_arr_iter_next(&iter)) && n++ < NAMED_MAX) {
		buf_put(out, S("refused: "));
		terminal_put(out, json_get_str(item, "id"));
		buf_put(out, S(": "));
		terminal_put(out, json_get_str(item, "message"));
		buf_byte(out, '\n');
	}
	if (yyjson_arr_size(failures) > NAMED_MAX)
		buf_put(out, S("refused: and more; --json names up to 1000\n"));
}

static int64_t figure(yyjson_val *reply, const char *key)
{
	return yyjson_get_sint(yyjson_obj_get(reply, key));
}

static void put_summary(struct buf *out, yyjson_val *reply)
{
	buf_printf(out,
	    "%lld API roots, %lld collections, %lld statuses; %lld objects: %lld taken, "
	    "%lld here already, %lld refused\n",
	    (long long)figure(reply, "roots"), (long long)figure(reply, "collections"),
	    (long long)figure(reply, "statuses"), (long long)figure(reply, "total"),
	    (long long)figure(reply, "taken"), (long long)figure(reply, "duplicates"),
	    (long long)figure(reply, "refused"));
	put_failures(out, reply);
}

static int report(const char *verb, struct arena *arena, struct str reply, bool json)
{
	struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root = NULL;
	struct fault fault = {0};
	struct buf out;
	int code;

	if (json_parse(&root, arena, reply, &limits, &fault) != OK)
		return cmd_fail(verb, &fault);
	buf_init(&out, ARENA_MAX);
	if (json) {
		terminal_put_json(&out, reply);
		buf_byte(&out, '\n');
	} else {
		put_summary(&out, root);
	}
	code = cmd_print(buf_str(&out));
	if (code == EXIT_GOOD && figure(root, "refused") > 0)
		code = figure(root, "refused") < figure(root, "total") ? EXIT_SOME : EXIT_NONE;
	buf_free(&out);
	return code;
}

int cmd_taxii_restore(int argc, char **argv)
{
	struct restore_args o = {.page_limit = UINT64_MAX};
	const struct cmd_option options[] = {{"page-limit", CMD_NUMBER, &o.page_limit},
	    {"label", CMD_TEXT, &o.label}, {"json", CMD_FLAG, &o.json}, {0}};
	struct arena *arena;
	struct str reply = STR_NONE;
	struct fault fault = {0};
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	if (restore(&reply, arena, argv, &o, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	else
		code = report(argv[0], arena, reply, o.json);
	arena_free(arena);
	return code;
}
