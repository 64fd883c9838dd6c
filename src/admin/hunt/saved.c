/* SPDX-License-Identifier: Apache-2.0 */
/* Saved hunts: decisions "hunt/NAME" with the text, who saved it, and up to when it was answered.
 * Whoever may write saves hunts; changing and removing one is for who saved it and for
 * administrators. */
#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "codec/time.h"
#include "ops/ops.h"

#define HUNT_PATH "hunt/"

enum { ARGS_MAX = 8 * OPS_HUNT_TEXT_MAX, DECISION_MAX = 8 * OPS_HUNT_TEXT_MAX };

struct saved {
	struct str name, text, by;
	usec saved, answered;
};

/* The role by which it may; ROLE_NONE: it may not. */
static enum role role_of(struct part *p, struct str by)
{
	yyjson_val *account;
	enum role role;

	if (str_eq(by, S("local")))
		return ROLE_ADMIN;
	if (part_account(p, by, &account, NULL) != OK)
		return ROLE_NONE;
	role = role_of_name(json_get_str(account, "role"));
	return role_may(role, ACTION_WRITE) ? role : ROLE_NONE;
}

static struct str path_of(struct part *p, struct str name)
{
	return arena_printf(p->arena, HUNT_PATH "%.*s", STR_ARG(name));
}

/* What is saved under args' name; its name is STR_NONE when nothing is. ERR_DENIED when that is not
 * for this one. */
static enum err begin(struct part *p, const struct rpc_call *call, yyjson_val **args,
    struct saved *was, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 2};
	enum role role;
	yyjson_val *root;
	struct str name;

	arena_reset(p->arena);
	role = role_of(p, call->by);
	if (role == ROLE_NONE)
		return fail(fault, ERR_DENIED, "hunts are saved by who may write");
	TRY(json_parse(args, p->arena, call->args, &limits, fault));
	name = json_get_str(*args, "name");
	if (!account_name_valid(name))
		return fail(fault, ERR_INVALID,
		    "name: 1 to 64 letters, digits and ._@-, the first a letter or digit");
	*was = (struct saved){.name = STR_NONE};
	if (part_decided(p, path_of(p, name), &root) != OK)
		return OK;
	*was = (struct saved){
	    .name = name, .text = json_get_str(root, "text"), .by = json_get_str(root, "by")};
	(void)!time_parse_utc(&was->saved, json_get_str(root, "saved"));
	(void)!time_parse_utc(&was->answered, json_get_str(root, "answered"));
	if (!str_eq(was->by, call->by) && !role_may(role, ACTION_ADMINISTER))
		return fail(fault, ERR_DENIED,
		    "%.*s saved the hunt %.*s: it is not yours to change",
		    STR_ARG(part_name(p, was->by)), STR_ARG(name));
	return OK;
}

static void put(struct buf *out, const struct saved *h)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "name", h->name);
	json_put_str(&w, "text", h->text);
	json_put_str(&w, "by", h->by);
	json_put_time(&w, "saved", h->saved);
	if (h->answered)
		json_put_time(&w, "answered", h->answered);
	json_end_object(&w);
}

static enum err decide(struct part *p, const struct saved *h, struct buf *json, struct fault *fault)
{
	struct buf b;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	put(&b, h);
	rc = b.failed == OK ? admin_decide(p->ctx, path_of(p, h->name), buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "the text is too long");
	if (rc == OK)
		buf_put(json, buf_str(&b));
	buf_free(&b);
	return rc;
}

static enum err save(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct saved h;
	yyjson_val *args;

	TRY(begin(p, call, &args, &h, fault));
	h = (struct saved){.name = json_get_str(args, "name"),
	    .text = json_get_str(args, "text"),
	    .by = call->by,
	    .saved = env_now(p->ctx->env)};
	if (h.text.n == 0 || h.text.n > OPS_HUNT_TEXT_MAX)
		return fail(fault, ERR_INVALID, "text: 1 to %d bytes", OPS_HUNT_TEXT_MAX);
	return decide(p, &h, reply->json, fault);
}

static enum err not_there(struct fault *fault)
{
	return fail(fault, ERR_NOT_FOUND, "no hunt of that name is saved");
}

static enum err mark(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct saved h;
	yyjson_val *args;

	TRY(begin(p, call, &args, &h, fault));
	if (!h.name.p)
		return not_there(fault);
	if (time_parse_any(&h.answered, json_get_str(args, "until")) != OK || h.answered <= 0)
		return fail(fault, ERR_INVALID, "until: a time like 2026-01-31T12:00:00Z");
	return decide(p, &h, reply->json, fault);
}

static enum err forget(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct saved h;
	yyjson_val *args;

	(void)reply;
	TRY(begin(p, call, &args, &h, fault));
	if (!h.name.p)
		return not_there(fault);
	return part_remove(p, path_of(p, h.name), call->by, fault);
}

static const struct command COMMANDS[] = {
    {.op = "hunt.save", .run = save},
    {.op = "hunt.mark", .run = mark},
    {.op = "hunt.remove", .run = forget},
    {.op = NULL},
};

const struct command_part ADMIN_HUNTS = {
    .name = "hunts",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
