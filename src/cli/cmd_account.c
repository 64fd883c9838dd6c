/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that administer accounts, tokens, collections and API roots: calls to the core, of the
 * running node or of a transient one. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/args.h"
#include "cli/call.h"
#include "cli/change.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "stix/marking.h"
#include "sys/env.h"

enum { WORDS_MAX = 64, ARENA_MAX = 4 << 20, PASSWORD_BYTES_MAX = 1024, DAYS_MAX = 3650 };

enum err set(struct api_args *args, const char *name, const char *value, struct fault *fault)
{
	return value ? api_args_set(args, str_c(name), str_c(value), fault) : OK;
}

static enum err call(struct str *reply, struct arena *arena, struct str dir, struct api_args *args,
    struct fault *fault)
{
	const struct call c = {.dir = dir, .op = str_c(args->op->name), .fd = -1};
	struct buf json;

	TRY(api_args_done(args, fault));
	buf_init(&json, 64 << 10);
	api_args_json(args, &json);
	return call_core(reply, arena, &c, &json, fault);
}

/* The first line of standard input. */
static enum err read_password(char out[PASSWORD_BYTES_MAX + 1], struct fault *fault)
{
	size_t n = 0;
	char *end;

	while (n < PASSWORD_BYTES_MAX + 1) {
		ssize_t got = read(STDIN_FILENO, out + n, PASSWORD_BYTES_MAX + 1 - n);

		if (got < 0)
			return fail(fault, ERR_IO, "the password cannot be read");
		if (got == 0)
			break;
		n += (size_t)got;
		if (memchr(out, '\n', n))
			break;
	}
	end = memchr(out, '\n', n);
	if (!end && n > PASSWORD_BYTES_MAX)
		return fail(
		    fault, ERR_LIMIT, "the password has more than %d bytes", PASSWORD_BYTES_MAX);
	n = end ? (size_t)(end - out) : n;
	if (n > 0 && out[n - 1] == '\r')
		n--;
	out[n] = 0;
	return OK;
}

enum err set_level(struct api_args *args, const char *name, const char *text, struct fault *fault)
{
	enum tlp tlp = text ? tlp_of_name(str_c(text)) : TLP_NONE;

	if (!text)
		return OK;
	return api_args_set(
	    args, str_c(name), tlp == TLP_UNKNOWN ? str_c(text) : tlp_name(tlp), fault);
}

enum err set_list(struct api_args *args, const char *name, const struct cmd_list *list,
    const char *between, char text[PURPOSES_MAX], struct fault *fault)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++) {
		int put =
		    snprintf(text + n, PURPOSES_MAX - n, "%s%s", i ? between : "", list->list[i]);

		if (put < 0 || (size_t)put >= PURPOSES_MAX - n)
			return fail(fault, ERR_LIMIT, "--%s: at most %d bytes", name, PURPOSES_MAX);
		n += (size_t)put;
	}
	return set(args, name, list->count ? text : NULL, fault);
}

static int print_reply(struct str reply, bool json, const char *member, struct arena *arena)
{
	struct fault fault;
	yyjson_val *root;
	struct buf out;
	int code;

	if (json_parse(&root, arena, reply, &JSON_LIMITS_OBJECT, &fault) != OK)
		return cmd_fail("reply", &fault);
	buf_init(&out, 64 << 10);
	if (json)
		terminal_put_json(&out, reply);
	else
		terminal_put(&out, json_get_str(root, member));
	buf_byte(&out, '\n');
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

static enum err ask(struct str *reply, struct arena *arena, char **argv, const struct change *c,
    struct fault *fault)
{
	bool instead = c->when && *c->when;
	struct api_args args = {.op = op_of_name(str_c(instead ? c->instead : c->op))};

	for (int i = 2; i <= c->words; i++)
		TRY(set(&args, args.op->params[i - 2].name, argv[i], fault));
	if (c->set)
		TRY(c->set(&args, c->ctx, fault));
	return call(reply, arena, str_c(argv[1]), &args, fault);
}

int change(int argc, char **argv, const struct change *c)
{
	struct arena *arena;
	struct fault fault;
	struct str reply;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, c->options, c->words, c->words) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	if (ask(&reply, arena, argv, c, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	else if (!(c->when && *c->when) && (c->plain || (c->json && *c->json)))
		code = print_reply(reply, c->json && *c->json, c->plain, arena);
	arena_free(arena);
	return code;
}

struct password_options {
	bool from_stdin;
	char text[PASSWORD_BYTES_MAX + 2];
};

static enum err set_password(struct api_args *args, void *ctx, struct fault *fault)
{
	struct password_options *o = ctx;

	if (!o->from_stdin)
		return fail(fault, ERR_INVALID,
		    "give the password on standard input, with --password-stdin");
	TRY(read_password(o->text, fault));
	return set(args, "password", o->text, fault);
}

struct user_options {
	const char *role, *clearance, *organisation, *organisations, *communities, *tags;
	struct password_options password;
	bool json;
};

static enum err set_user(struct api_args *args, void *ctx, struct fault *fault)
{
	struct user_options *o = ctx;

	TRY(set_password(args, &o->password, fault));
	TRY(set(args, "role", o->role, fault));
	TRY(set(args, "organisation", o->organisation, fault));
	TRY(set(args, "organisations", o->organisations, fault));
	TRY(set(args, "communities", o->communities, fault));
	TRY(set(args, "tags", o->tags, fault));
	return set(args, "clearance", o->clearance, fault);
}

int cmd_user_add(int argc, char **argv)
{
	struct user_options o = {0};
	const struct cmd_option options[] = {{"role", CMD_TEXT, &o.role},
	    {"clearance", CMD_TEXT, &o.clearance}, {"organisation", CMD_TEXT, &o.organisation},
	    {"organisations", CMD_TEXT, &o.organisations},
	    {"communities", CMD_TEXT, &o.communities}, {"tags", CMD_TEXT, &o.tags},
	    {"json", CMD_FLAG, &o.json}, {"password-stdin", CMD_FLAG, &o.password.from_stdin}, {0}};
	int code = change(argc, argv,
	    &(struct change){.op = "account.add",
	        .words = 2,
	        .options = options,
	        .set = set_user,
	        .ctx = &o,
	        .json = &o.json});

	explicit_bzero(&o, sizeof(o));
	return code;
}

int cmd_user_remove(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};

	return change(
	    argc, argv, &(struct change){.op = "account.remove", .words = 2, .options = options});
}

int cmd_user_forget(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct arena *arena;
	struct fault fault;
	struct json_writer w;
	struct buf args;
	struct str reply;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	buf_init(&args, 8 << 10);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "name", str_c(argv[2]));
	json_end_object(&w);
	if (call_core(&reply, arena,
	        &(struct call){.dir = str_c(argv[1]), .op = S("account.forget"), .fd = -1}, &args,
	        &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

int cmd_token_revoke(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};

	return change(
	    argc, argv, &(struct change){.op = "token.revoke", .words = 2, .options = options});
}

int cmd_user_password(int argc, char **argv)
{
	struct password_options o = {0};
	const struct cmd_option options[] = {{"password-stdin", CMD_FLAG, &o.from_stdin}, {0}};
	int code = change(argc, argv,
	    &(struct change){.op = "account.password",
	        .words = 2,
	        .options = options,
	        .set = set_password,
	        .ctx = &o});

	explicit_bzero(&o, sizeof(o));
	return code;
}

int cmd_user_totp(int argc, char **argv)
{
	bool remove = false, json = false;
	const struct cmd_option options[] = {
	    {"remove", CMD_FLAG, &remove}, {"json", CMD_FLAG, &json}, {0}};

	return change(argc, argv,
	    &(struct change){.op = "totp.add",
	        .instead = "totp.remove",
	        .when = &remove,
	        .words = 2,
	        .options = options,
	        .json = &json,
	        .plain = "url"});
}

static enum err set_sha256(struct api_args *args, void *ctx, struct fault *fault)
{
	return set(args, "sha256", *(const char **)ctx, fault);
}

int cmd_user_certificate(int argc, char **argv)
{
	const char *sha256 = NULL;
	const struct cmd_option options[] = {{"sha256", CMD_TEXT, &sha256}, {0}};

	return change(argc, argv,
	    &(struct change){.op = "account.certificate",
	        .words = 2,
	        .options = options,
	        .set = set_sha256,
	        .ctx = &sha256});
}

static enum err set_subject(struct api_args *args, void *ctx, struct fault *fault)
{
	return set(args, "subject", *(const char **)ctx, fault);
}

int cmd_user_oidc(int argc, char **argv)
{
	const char *subject = NULL;
	bool remove = false;
	const struct cmd_option options[] = {
	    {"subject", CMD_TEXT, &subject}, {"remove", CMD_FLAG, &remove}, {0}};

	return change(argc, argv,
	    &(struct change){.op = "oidc.add",
	        .instead = "oidc.remove",
	        .when = &remove,
	        .words = 2,
	        .options = options,
	        .set = set_subject,
	        .ctx = &subject});
}

struct token_options {
	const char *user, *name, *role;
	uint64_t days;
	char expires[TIME_TEXT + 1];
	bool json;
};

static enum err set_token(struct api_args *args, void *ctx, struct fault *fault)
{
	struct token_options *o = ctx;

	if (!o->user)
		return fail(fault, ERR_INVALID, "--user is missing: whose token is it?");
	TRY(set(args, "account", o->user, fault));
	TRY(set(args, "name", o->name, fault));
	TRY(set(args, "role", o->role, fault));
	if (o->days == 0)
		return OK;
	/* Days from now as the time that the operation wants. */
	if (o->days > DAYS_MAX)
		return fail(fault, ERR_INVALID, "--expires: 1 to %d days", DAYS_MAX);
	time_format(o->expires, env_now(sys_env()) + (usec)o->days * 24 * 3600 * USEC_PER_SEC);
	return set(args, "expires", o->expires, fault);
}

int cmd_token_add(int argc, char **argv)
{
	struct token_options o = {0};
	const struct cmd_option options[] = {{"user", CMD_TEXT, &o.user},
	    {"name", CMD_TEXT, &o.name}, {"role", CMD_TEXT, &o.role},
	    {"expires", CMD_NUMBER, &o.days}, {"json", CMD_FLAG, &o.json}, {0}};

	return change(argc, argv,
	    &(struct change){.op = "token.add",
	        .words = 1,
	        .options = options,
	        .set = set_token,
	        .ctx = &o,
	        .json = &o.json,
	        .plain = "token"});
}

int cmd_request_approve(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};

	return change(
	    argc, argv, &(struct change){.op = "request.approve", .words = 3, .options = options});
}

static enum err set_reason(struct api_args *args, void *ctx, struct fault *fault)
{
	return set(args, "reason", *(const char **)ctx, fault);
}

int cmd_request_refuse(int argc, char **argv)
{
	const char *reason = NULL;
	const struct cmd_option options[] = {{"reason", CMD_TEXT, &reason}, {0}};

	return change(argc, argv,
	    &(struct change){.op = "request.refuse",
	        .words = 2,
	        .options = options,
	        .set = set_reason,
	        .ctx = &reason});
}

struct collection_options {
	const char *title, *alias, *root, *description;
	bool no_write, no_read, json;
};

static enum err set_collection(struct api_args *args, void *ctx, struct fault *fault)
{
	const struct collection_options *o = ctx;

	TRY(set(args, "title", o->title, fault));
	TRY(set(args, "alias", o->alias, fault));
	TRY(set(args, "root", o->root, fault));
	TRY(set(args, "description", o->description, fault));
	TRY(set(args, "can_write", o->no_write ? "false" : NULL, fault));
	return set(args, "can_read", o->no_read ? "false" : NULL, fault);
}

int cmd_collection_add(int argc, char **argv)
{
	struct collection_options o = {0};
	const struct cmd_option options[] = {{"title", CMD_TEXT, &o.title},
	    {"alias", CMD_TEXT, &o.alias}, {"root", CMD_TEXT, &o.root},
	    {"description", CMD_TEXT, &o.description}, {"no-write", CMD_FLAG, &o.no_write},
	    {"no-read", CMD_FLAG, &o.no_read}, {"json", CMD_FLAG, &o.json}, {0}};

	return change(argc, argv,
	    &(struct change){.op = "collection.add",
	        .words = 1,
	        .options = options,
	        .set = set_collection,
	        .ctx = &o,
	        .json = &o.json,
	        .plain = "id"});
}

struct community_options {
	const char *title, *members, *ceiling, *types, *purposes, *expires, *anonymise;
	const char *kind, *hub, *direction, *incident;
	struct cmd_list purpose;
	bool share_victims, json;
	char text[PURPOSES_MAX];
};

static enum err set_community(struct api_args *args, void *ctx, struct fault *fault)
{
	struct community_options *o = ctx;

	TRY(set(args, "title", o->title, fault));
	TRY(set(args, "members", o->members, fault));
	TRY(set_level(args, "ceiling", o->ceiling, fault));
	TRY(set(args, "types", o->types, fault));
	TRY(set(args, "kind", o->kind, fault));
	TRY(set(args, "hub", o->hub, fault));
	TRY(set(args, "direction", o->direction, fault));
	TRY(set(args, "incident", o->incident, fault));
	if (o->purpose.count && o->purposes)
		return fail(fault, ERR_INVALID, "--purpose or --purposes, not both");
	TRY(set(args, "purposes", o->purposes, fault));
	TRY(set_list(args, "purposes", &o->purpose, "; ", o->text, fault));
	if (o->share_victims && o->anonymise)
		return fail(fault, ERR_INVALID, "--anonymise or --share-victims, not both");
	TRY(set(args, "anonymise", o->share_victims ? "" : o->anonymise, fault));
	return set(args, "expires", o->expires, fault);
}

int cmd_community_add(int argc, char **argv)
{
	struct community_options o = {0};
	const struct cmd_option options[] = {{"title", CMD_TEXT, &o.title},
	    {"members", CMD_TEXT, &o.members}, {"ceiling", CMD_TEXT, &o.ceiling},
	    {"types", CMD_TEXT, &o.types}, {"purposes", CMD_TEXT, &o.purposes},
	    {"anonymise", CMD_TEXT, &o.anonymise}, {"share-victims", CMD_FLAG, &o.share_victims},
	    {"expires", CMD_TEXT, &o.expires}, {"until", CMD_TEXT, &o.expires},
	    {"kind", CMD_TEXT, &o.kind}, {"hub", CMD_TEXT, &o.hub},
	    {"direction", CMD_TEXT, &o.direction}, {"incident", CMD_TEXT, &o.incident},
	    {"purpose", CMD_LIST, &o.purpose}, {"json", CMD_FLAG, &o.json}, {0}};
	const char *purposes[WORDS_MAX];

	o.purpose.list = purposes;
	if (argc > WORDS_MAX)
		return cmd_fail(argv[0], &(struct fault){ERR_LIMIT, "too many words"});
	return change(argc, argv,
	    &(struct change){.op = "community.add",
	        .words = 2,
	        .options = options,
	        .set = set_community,
	        .ctx = &o,
	        .json = &o.json});
}

int cmd_community_remove(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};

	return change(
	    argc, argv, &(struct change){.op = "community.remove", .words = 2, .options = options});
}

static enum err set_member(struct api_args *args, void *ctx, struct fault *fault)
{
	return set(args, "member", *(const char **)ctx, fault);
}

static int change_member(int argc, char **argv, const char *op)
{
	const char *member = NULL;
	const struct cmd_option options[] = {{"member", CMD_TEXT, &member}, {0}};

	return change(argc, argv,
	    &(struct change){
	        .op = op, .words = 2, .options = options, .set = set_member, .ctx = &member});
}

int cmd_community_join(int argc, char **argv)
{
	return change_member(argc, argv, "community.join");
}

int cmd_community_leave(int argc, char **argv)
{
	return change_member(argc, argv, "community.leave");
}

struct root_options {
	const char *title, *description, *page_limit;
};

static enum err set_root(struct api_args *args, void *ctx, struct fault *fault)
{
	const struct root_options *o = ctx;

	TRY(set(args, "title", o->title, fault));
	TRY(set(args, "description", o->description, fault));
	return set(args, "page_limit", o->page_limit, fault);
}

int cmd_root_add(int argc, char **argv)
{
	struct root_options o = {0};
	const struct cmd_option options[] = {{"title", CMD_TEXT, &o.title},
	    {"description", CMD_TEXT, &o.description}, {"page-limit", CMD_TEXT, &o.page_limit},
	    {0}};

	return change(argc, argv,
	    &(struct change){
	        .op = "root.add", .words = 2, .options = options, .set = set_root, .ctx = &o});
}
