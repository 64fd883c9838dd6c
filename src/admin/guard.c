/* SPDX-License-Identifier: Apache-2.0 */
/* A person's word about an indicator: released from quarantine, or put there. view/guard.h says
 * what it means. */
#include "view/guard.h"

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "stix/object.h"
#include "stix/type.h"

enum { REASON_MAX = 1000, DECISION_MAX = 8192 };

/* The pattern of the newest version. */
static enum err find_pattern(struct part *p, struct str id, struct str *out, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	uint64_t seq = id.n && id.n <= STORE_ID_MAX ? store_find(s, id) : STORE_NONE;
	const struct row *row = seq == STORE_NONE ? NULL : store_row(s, seq);
	struct stix_object o;

	if (!row || row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_INDICATOR ||
	    store_withdrawn(row) || store_tombstone_of(row) != STORE_NONE)
		return fail(fault, ERR_NOT_FOUND, "no indicator %.*s is here",
		    STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
	if (id.n > STORE_ID_MAX - (sizeof(STORE_GUARD) - 1))
		return fail(fault, ERR_LIMIT,
		    "an id of more than %zu bytes cannot be decided about",
		    STORE_ID_MAX - (sizeof(STORE_GUARD) - 1));
	TRY(stix_object_parse(&o, p->arena, store_content(s, seq), fault));
	*out = json_get_str(o.root, "pattern");
	return OK;
}

static enum err decide(void *part, const struct rpc_call *call, struct str state, struct buf *reply,
    struct fault *fault)
{
	struct part *p = part;
	struct str id, reason, pattern, path;
	struct json_writer w;
	yyjson_val *args;
	struct buf b;
	enum err rc;

	TRY(part_begin(p, call, &args, fault));
	id = json_get_str(args, "id");
	reason = json_get_str(args, "reason");
	if (reason.n == 0 || reason.n > REASON_MAX)
		return fail(fault, ERR_INVALID, "reason: 1 to %d bytes", REASON_MAX);
	TRY(find_pattern(p, id, &pattern, fault));
	path = arena_printf(p->arena, STORE_GUARD "%.*s", STR_ARG(id));
	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "id", id);
	json_put_str(&w, "state", state);
	json_put_str(&w, "reason", reason);
	json_put_str(&w, "by", call->by);
	json_put_time(&w, "time", env_now(p->ctx->env));
	json_put_str(&w, "pattern", guard_pattern_hash(p->arena, pattern));
	json_end_object(&w);
	rc = b.failed == OK ? admin_decide(p->ctx, path, buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "the reason is too long");
	buf_free(&b);
	TRY(rc);
	log_event(p->ctx->log, LOG_WARNING, "indicator.decided",
	    LOG_KV({"id", id}, {"state", state}, {"by", call->by}));
	w = json_writer(reply);
	json_object(&w, NULL);
	json_put_str(&w, "id", id);
	json_put_str(&w, "state", state);
	json_put_str(&w, "by", call->by);
	json_end_object(&w);
	return OK;
}

static enum err release(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return decide(part, call, S("released"), reply->json, fault);
}

static enum err quarantine(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return decide(part, call, S("quarantined"), reply->json, fault);
}

static const struct command COMMANDS[] = {
    {.op = "release", .local = true, .run = release},
    {.op = "quarantine", .local = true, .run = quarantine},
    {.op = "indicator.release", .run = release},
    {.op = "indicator.quarantine", .run = quarantine},
    {0},
};

const struct command_part ADMIN_GUARD = {
    .name = "guard",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
