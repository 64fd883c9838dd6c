/* SPDX-License-Identifier: Apache-2.0 */
/* `member read`, `member certificate` and `member status`: what members without a node send, by
 * what it is known, and how far each is. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/base64.h"
#include "cli/call.h"
#include "cli/cmd.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "crypt/cms.h"
#include "sys/env.h"
#include "sys/files.h"

enum { ARENA_MAX = 64 << 20, ARGS_MAX = 1 << 20, TEXT_MAX = 256 << 10, PEM_MAX = 64 << 10 };

/* ---- member read ---- */

struct reading {
	struct arena *arena;
	struct str dir, account;
	const char *path, *collection;
	bool json;
	uint64_t refused;
};

/* A signature beside the file says that the file is a bundle; else it is a mail. */
static enum err put_args(const struct reading *r, struct buf *out, struct fault *fault)
{
	struct json_writer j = json_writer(out);
	struct str beside = arena_printf(r->arena, "%s.p7s", r->path), signature;

	json_object(&j, NULL);
	json_put_str(&j, "name", r->account);
	if (r->collection)
		json_put_str(&j, "collection", str_c(r->collection));
	if (file_exists(beside)) {
		TRY(file_read(&signature, r->arena, beside, CMS_SIGNATURE_MAX, fault));
		json_put_str(&j, "signature", base64_encode(r->arena, signature));
	}
	json_end_object(&j);
	return OK;
}

static void put_report(struct buf *out, const struct reading *r, yyjson_val *root)
{
	yyjson_val *report = yyjson_obj_get(root, "report"), *failure;
	yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(report, "failures"));

	while ((failure = yyjson_arr_iter_next(&it))) {
		terminal_put(out, json_get_str(failure, "id"));
		buf_put(out, S(": "));
		terminal_put(out, json_get_str(failure, "message"));
		buf_byte(out, '\n');
	}
	terminal_put(out, str_c(r->path));
	buf_printf(out,
	    ": message %" PRIu64 " of %.*s: %" PRIu64 " taken, %" PRIu64 " there already, %" PRIu64
	    " refused",
	    yyjson_get_uint(yyjson_obj_get(root, "serial")), STR_ARG(r->account),
	    yyjson_get_uint(yyjson_obj_get(report, "taken")),
	    yyjson_get_uint(yyjson_obj_get(report, "duplicates")),
	    yyjson_get_uint(yyjson_obj_get(report, "refused")));
}

static int tell_read(struct reading *r, struct str reply)
{
	const struct json_limits limits = {.bytes = 32 << 20, .depth = 8};
	yyjson_val *root, *report;
	struct fault fault;
	struct buf out;
	int code;

	if (json_parse(&root, r->arena, reply, &limits, &fault) != OK)
		return cmd_fail("member read", &fault);
	buf_init(&out, 32 << 20);
	if (r->json)
		terminal_put_json(&out, reply);
	else
		put_report(&out, r, root);
	buf_byte(&out, '\n');
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	report = yyjson_obj_get(root, "report");
	if (code != EXIT_GOOD || yyjson_get_uint(yyjson_obj_get(report, "refused")) == 0)
		return code;
	/* Serial 0: nothing of it was good. */
	return yyjson_get_uint(yyjson_obj_get(root, "serial")) ? EXIT_SOME : EXIT_NONE;
}

static enum err send(struct reading *r, struct str *reply, struct fault *fault)
{
	const struct call call = {.dir = r->dir,
	    .op = S("member.read"),
	    .fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
	struct buf args;
	enum err rc;

	if (call.fd < 0)
		return fail(fault, ERR_IO, "%s: %s", r->path, sys_error(errno));
	buf_init(&args, ARGS_MAX);
	rc = put_args(r, &args, fault);
	if (rc == OK)
		rc = call_core(reply, r->arena, &call, &args, fault);
	else
		buf_free(&args);
	(void)close(call.fd);
	return rc;
}

int cmd_member_read(int argc, char **argv)
{
	struct reading r = {0};
	const struct cmd_option options[] = {
	    {"collection", CMD_TEXT, &r.collection}, {"json", CMD_FLAG, &r.json}, {0}};
	struct fault fault = {.code = OK};
	struct str reply;
	int code;

	if (cmd_parse(argc, argv, options, 3, 3) < 0)
		return EXIT_NONE;
	r.arena = arena_new(ARENA_MAX);
	r.dir = str_c(argv[1]);
	r.account = str_c(argv[2]);
	r.path = argv[3];
	if (send(&r, &reply, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	else
		code = tell_read(&r, reply);
	arena_free(r.arena);
	return code;
}

/* ---- member certificate ---- */

static void put_certificate(struct buf *out, const struct cms_certificate *c, char **argv,
    const char *mail, struct arena *arena)
{
	struct json_writer j = json_writer(out);

	json_object(&j, NULL);
	json_put_str(&j, "name", str_c(argv[2]));
	json_put_str(&j, "certificate", base64_encode(arena, c->der));
	json_put_str(&j, "subject", c->subject);
	json_put_time(&j, "from", c->from);
	json_put_time(&j, "until", c->until);
	if (mail)
		json_put_str(&j, "mail", str_c(mail));
	json_end_object(&j);
}

static enum err pin(
    char **argv, const char *mail, struct arena *arena, struct str *reply, struct fault *fault)
{
	const struct call call = {.dir = str_c(argv[1]), .op = S("member.certificate"), .fd = -1};
	struct cms_certificate c;
	struct str text;
	struct buf args;

	TRY(file_read(&text, arena, str_c(argv[3]), PEM_MAX, fault));
	TRY(cms_certificate_read(&c, arena, text, fault));
	buf_init(&args, ARGS_MAX);
	put_certificate(&args, &c, argv, mail, arena);
	return call_core(reply, arena, &call, &args, fault);
}

int cmd_member_certificate(int argc, char **argv)
{
	static const struct terminal_column FACTS[] = {{"account", "account"},
	    {"sha256", "SHA-256"}, {"subject", "subject"}, {"from", "from"}, {"until", "until"},
	    {"mail", "mail"}, {NULL, NULL}};
	const char *mail = NULL;
	bool json = false;
	const struct cmd_option options[] = {
	    {"mail", CMD_TEXT, &mail}, {"json", CMD_FLAG, &json}, {0}};
	struct fault fault = {.code = OK};
	struct arena *arena;
	yyjson_val *root;
	struct str reply;
	struct buf out;
	int code;

	if (cmd_parse(argc, argv, options, 3, 3) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	buf_init(&out, TEXT_MAX);
	if (pin(argv, mail, arena, &reply, &fault) != OK ||
	    json_parse(&root, arena, reply, &JSON_LIMITS_OBJECT, &fault) != OK) {
		code = cmd_fail(argv[0], &fault);
	} else {
		if (json)
			terminal_put_json(&out, reply);
		else
			terminal_facts(&out, root, FACTS);
		if (json)
			buf_byte(&out, '\n');
		code = cmd_print(buf_str(&out));
	}
	buf_free(&out);
	arena_free(arena);
	return code;
}

/* ---- member status ---- */

static int print_members(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"},
	    {"organisation", "ORGANISATION"}, {"given", "GIVEN"}, {"part", "PART"},
	    {"objects", "OBJECTS"}, {"taken", "TAKEN"}, {"messages", "MESSAGES"},
	    {"certificate_until", "CERTIFICATE UNTIL"}, {"mail", "MAIL"}, {NULL, NULL}};

	terminal_table(out, yyjson_obj_get(answer, "items"), COLUMNS);
	return EXIT_GOOD;
}

int cmd_member_status(int argc, char **argv)
{
	static const char *const WORDS[] = {NULL};

	return read_verb(argc, argv, &(struct read_verb){"member.list", WORDS, print_members});
}
