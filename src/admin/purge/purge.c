/* SPDX-License-Identifier: Apache-2.0 */
/* Purging: view/purge.h does it; here is who may ask for it, and how. */
#include "view/purge/purge.h"

#include "admin/admin.h"
#include "admin/part.h"
#include "codec/time.h"
#include "policy/label.h"
#include "store/store.h"
#include "sys/files.h"

static enum err read_order(
    struct purge *out, const struct part *p, yyjson_val *args, struct fault *fault)
{
	struct str version = json_get_str(args, "version");

	out->reason = json_get_str(args, "reason");
	if (out->reason.n == 0 || out->reason.n > PURGE_REASON_MAX)
		return fail(fault, ERR_INVALID, "reason: 1 to %d bytes", PURGE_REASON_MAX);
	out->one = version.p != NULL;
	if (out->one && time_parse_utc(&out->version, version) != OK)
		return fail(fault, ERR_INVALID,
		    "version: not a time as objects have it, like 2026-01-01T00:00:00.000Z");
	out->identity = p->ctx->identity;
	out->views = file_join(p->arena, p->ctx->dir, "views");
	out->now = env_now(p->ctx->env);
	return OK;
}

/* The node that demands it, when one does. */
static struct str demander_of(const struct part *p, struct str id)
{
	uint64_t demand = purge_demanded(p->ctx->store, id);

	return demand == STORE_NONE ? STR_NONE : purge_originator(p->ctx->store, demand);
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
	order.id = json_get_str(args, "id");
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

/* Several objects, each whole, in their order. It answers how many it dealt with: at one that
 * cannot be purged it stops, and the next call, which begins with that one, says why. */
static enum err purge_each(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	char label[LABEL_ENCODED_MAX];
	const struct label red = {.tlp = TLP_RED};
	struct purge order = {.by = call->by, .label = {label, label_encode(&red, label)}};
	uint64_t dealt = 0, records = 0;
	struct json_writer w;
	yyjson_val *args, *id;
	size_t i, max;

	TRY(part_begin(p, call, &args, fault));
	TRY(read_order(&order, p, args, fault));
	if (order.one || yyjson_arr_size(yyjson_obj_get(args, "ids")) == 0)
		return fail(fault, ERR_INVALID, "ids: a list of objects, each with all versions");
	yyjson_arr_foreach(yyjson_obj_get(args, "ids"), i, max, id)
	{
		uint32_t count = 0;
		enum err rc;

		order.id = json_str(id);
		order.demander = demander_of(p, order.id);
		rc = purge_append(p->ctx->store, &order, &count, fault);
		if (rc != OK && rc != ERR_CONFLICT && dealt == 0)
			return rc;
		if (rc != OK && rc != ERR_CONFLICT)
			break;
		dealt++;
		records += count;
		log_event(p->ctx->log, LOG_WARNING, "object.purged",
		    LOG_KV({"id", order.id}, {"by", order.by}));
	}
	w = json_writer(reply->json);
	json_object(&w, NULL);
	json_put_int(&w, "dealt", (int64_t)dealt);
	json_put_int(&w, "records", (int64_t)records);
	json_end_object(&w);
	return OK;
}

/* A demand that came before the node complied with any, or when it was stopped too early. */
static void comply(void *ctx, struct str path)
{
	struct part *p = ctx;
	char label[LABEL_ENCODED_MAX];
	const struct label red = {.tlp = TLP_RED};
	struct str id, views, text = {label, label_encode(&red, label)};
	struct fault fault;
	bool done;

	arena_reset(p->arena);
	id = arena_str(p->arena, str_from(path, sizeof(STORE_PURGE) - 1));
	views = file_join(p->arena, p->ctx->dir, "views");
	if (!id.p ||
	    purge_comply(p->ctx->store, views, id, text, env_now(p->ctx->env), &done, &fault) != OK)
		log_event(p->ctx->log, LOG_ERROR, "object.unpurged", LOG_KV({"id", id}));
	else if (done)
		log_event(p->ctx->log, LOG_WARNING, "object.purged",
		    LOG_KV({"id", id}, {"by", S("demand")}));
}

static enum err purge_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	TRY(part_open(out, ctx, fault));
	return str_eq(ctx->config->purges, S("comply"))
	           ? part_each(*out, S(STORE_PURGE), comply, *out, fault)
	           : OK;
}

static const struct command COMMANDS[] = {
    {.op = "purge", .local = true, .run = purge},
    {.op = "purge.each", .local = true, .run = purge_each},
    {.op = "object.purge", .run = purge},
    {0},
};

const struct command_part ADMIN_PURGE = {
    .name = "purge",
    .open = purge_open,
    .close = part_close,
    .commands = COMMANDS,
};
