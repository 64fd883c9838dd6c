/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator decides about policy packs, for the audit: which version counts from the next
 * start on, and whose it is. The files themselves are the command line's (cli/pack). */
#include "seal/pack.h"
#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"

enum { DECISION_MAX = 4096, SIGNER_MAX = 200 };

static enum err check(yyjson_val *args, struct fault *fault)
{
	struct str state = json_get_str(args, "state"), signer = json_get_str(args, "signer");
	bool removed = str_eq(state, S("removed"));

	if (!pack_name_valid(json_get_str(args, "name"), PACK_NAME_MAX))
		return fail(fault, ERR_INVALID, "pack: no name");
	if (!str_eq(state, S("active")) && !removed)
		return fail(fault, ERR_INVALID, "pack: active or removed");
	if (removed)
		return OK;
	if (signer.n == 0 || signer.n > SIGNER_MAX ||
	    json_get_str(args, "sha256").n != 2 * (size_t)SHA256_LEN ||
	    yyjson_get_uint(yyjson_obj_get(args, "version")) == 0)
		return fail(fault, ERR_INVALID, "pack: needs version, sha256 and signer");
	return OK;
}

/* {"name","state"}, and of one that is active {"version","sha256","signer"} */
static enum err decide(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct json_writer w;
	yyjson_val *args;
	struct buf b;
	enum err rc;

	(void)reply;
	TRY(part_begin(p, call, &args, fault));
	TRY(check(args, fault));
	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "name", json_get_str(args, "name"));
	json_put_str(&w, "state", json_get_str(args, "state"));
	if (json_get_str(args, "sha256").p) {
		json_put_int(&w, "version", yyjson_get_sint(yyjson_obj_get(args, "version")));
		json_put_str(&w, "sha256", json_get_str(args, "sha256"));
		json_put_str(&w, "signer", json_get_str(args, "signer"));
	}
	json_put_str(&w, "by", call->by);
	json_put_time(&w, "time", env_now(p->ctx->env));
	json_end_object(&w);
	rc = b.failed == OK
	         ? admin_decide(p->ctx,
	               arena_printf(p->arena, "pack/%.*s", STR_ARG(json_get_str(args, "name"))),
	               buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "pack: too long");
	buf_free(&b);
	return rc;
}

static const struct command COMMANDS[] = {{.op = "pack.decide", .local = true, .run = decide}, {0}};

const struct command_part ADMIN_PACKS = {
    .name = "packs", .open = part_open, .close = part_close, .commands = COMMANDS};
