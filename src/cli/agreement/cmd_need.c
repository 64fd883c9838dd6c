/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs about needs. */
#include "cli/change.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"

static void put_need(struct buf *out, yyjson_val *need)
{
	static const struct terminal_column FACTS[] = {{"id", "id"}, {"own", "asked by this node"},
	    {"by", "by"}, {"community", "community"}, {"type", "type"}, {"text", "text"},
	    {"state", "state"}, {"asked", "asked"}, {"expires", "until"}, {"gap", "no supplier"},
	    {NULL, NULL}};
	static const struct terminal_column SIDES[] = {{"peer", "PEER"}, {"answer", "ANSWER"},
	    {"delivered", "DELIVERED"}, {"latency_s", "SECONDS"}, {"withheld", "WITHHELD"},
	    {"rule", "RULE"}, {"reason", "REASON"}, {NULL, NULL}};
	yyjson_val *sides = yyjson_obj_get(need, "sides");

	terminal_facts(out, need, FACTS);
	if (yyjson_arr_size(sides) > 0)
		terminal_table(out, sides, SIDES);
}

static int print_needs(struct buf *out, yyjson_val *answer)
{
	struct str next = json_get_str(answer, "next");
	yyjson_val *need;
	size_t i, max;

	yyjson_arr_foreach(yyjson_obj_get(answer, "items"), i, max, need)
	{
		if (i)
			buf_byte(out, '\n');
		put_need(out, need);
	}
	if (next.p)
		buf_printf(out, "more: --next %.*s\n", STR_ARG(next));
	return EXIT_GOOD;
}

int cmd_need_list(int argc, char **argv)
{
	static const char *const NO_WORDS[] = {NULL};

	return read_verb(argc, argv, &(struct read_verb){"need.list", NO_WORDS, print_needs});
}

struct need_options {
	const char *community, *type, *text, *until;
	bool json;
};

static enum err set_need(struct api_args *args, void *ctx, struct fault *fault)
{
	const struct need_options *o = ctx;

	TRY(set(args, "community", o->community, fault));
	TRY(set(args, "type", o->type, fault));
	TRY(set(args, "text", o->text, fault));
	return set(args, "expires", o->until, fault);
}

int cmd_need_add(int argc, char **argv)
{
	struct need_options o = {0};
	const struct cmd_option options[] = {{"community", CMD_TEXT, &o.community},
	    {"type", CMD_TEXT, &o.type}, {"text", CMD_TEXT, &o.text}, {"until", CMD_TEXT, &o.until},
	    {"json", CMD_FLAG, &o.json}, {0}};

	return change(argc, argv,
	    &(struct change){.op = "need.add",
	        .words = 1,
	        .options = options,
	        .set = set_need,
	        .ctx = &o,
	        .json = &o.json,
	        .plain = "id"});
}

int cmd_need_close(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};

	return change(
	    argc, argv, &(struct change){.op = "need.close", .words = 2, .options = options});
}

static enum err set_reason(struct api_args *args, void *ctx, struct fault *fault)
{
	return set(args, "reason", *(const char **)ctx, fault);
}

static int answer(int argc, char **argv, const char *op)
{
	const char *reason = NULL;
	const struct cmd_option options[] = {{"reason", CMD_TEXT, &reason}, {0}};

	return change(argc, argv,
	    &(struct change){
	        .op = op, .words = 2, .options = options, .set = set_reason, .ctx = &reason});
}

int cmd_need_offer(int argc, char **argv)
{
	return answer(argc, argv, "need.offer");
}

int cmd_need_decline(int argc, char **argv)
{
	return answer(argc, argv, "need.decline");
}
