/* SPDX-License-Identifier: Apache-2.0 */
/* `withdraw`: a call to the core, of the running node or of a transient one; and what became of
 * it. */
#include "cli/cmd.h"
#include "cli/decision/ask.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"

int cmd_withdraw(int argc, char **argv)
{
	return decision_verb(argc, argv,
	    &(const struct decision_verb){.op = S("withdraw"),
	        .done = "withdrawn",
	        .why = "--reason says to everybody who had the object why it is taken back"});
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
