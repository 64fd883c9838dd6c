/* SPDX-License-Identifier: Apache-2.0 */
/* Purging: view/purge.h does it; here is who may ask for it, and how. */
#include "view/purge.h"

#include "admin/admin.h"
#include "admin/part.h"
#include "codec/time.h"
#include "policy/label.h"
#include "store/store.h"

static enum err read_order(
    struct purge *out, const struct part *p, yyjson_val *args, struct fault *fault)
{
	struct str version = json_get_str(args, "version");

	out->id = json_get_str(args, "id");
	out->reason = json_get_str(args, "reason");
	if (out->reason.n == 0 || out->reason.n > PURGE_REASON_MAX)
		return fail(fault, ERR_INVALID, "reason: 1 to %d bytes", PURGE_REASON_MAX);
	out->one = version.p != NULL;
	if (out->one && time_parse_utc(&out->version, version) != OK)
		return fail(fault, ERR_INVALID,
		    "version: not a time as objects have it, like 2026-01-01T00:00:00.000Z");
	out->identity = p->ctx->identity;
	out->now = env_now(p->ctx->env);
	return OK;
}

/* The node that demands it, when one does. */
static struct str demander_of(struct part *p, struct str id)
{
	(void)p;
	(void)id;
	return STR_NONE;
}

static enum err purge(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	char label[LABEL_ENCODED_MAX];
	const struct label red = {.tlp = TLP_RED};
	struct purge order = {.by = call->by, .label = {label, label_encode(&red, label)}};
	struct json_writer w;
	yyjson_val *args;
	uint32_t count;

	TRY(part_begin(p, call, &args, fault));
	TRY(read_order(&order, p, args, fault));
	order.demander = demander_of(p, order.id);
	TRY(purge_append(p->ctx->store, &order, &count, fault));
	log_event(
	    p->ctx->log, LOG_WARNING, "object.purged", LOG_KV({"id", order.id}, {"by", order.by}));
	w = json_writer(reply->json);
	json_object(&w, NULL);
	json_put_str(&w, "id", order.id);
	json_put_int(&w, "versions", count);
	json_put_str(&w, "by", order.by);
	json_end_object(&w);
	return OK;
}

static const struct command COMMANDS[] = {
    {.op = "purge", .local = true, .run = purge},
    {.op = "object.purge", .run = purge},
    {0},
};

const struct command_part ADMIN_PURGE = {
    .name = "purge",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
