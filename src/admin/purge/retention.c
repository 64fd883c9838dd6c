/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that were kept long enough (view/purge/retention.h) are purged for this node alone: when
 * the operator says so, or by the node itself once a day. */
#include "view/purge/retention.h"

#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/part.h"
#include "base/mem.h"
#include "policy/label.h"
#include "store/store.h"
#include "view/purge/purge.h"

enum {
	OBJECT_MEMORY = 96 << 20,
	SLICE = 4096, /* records looked at in one turn */
	SLICE_PURGED = 64,
	A_DAY_MAX = 1000, /* objects */
};

static const usec DAY = 86400 * USEC_PER_SEC;

struct retaining {
	struct part *part;
	struct retention retention;
	struct arena *arena; /* for one object */
	struct loop_timer *timer;
	uint64_t next; /* to be looked at */
	uint32_t today;
};

static enum err purge_one(struct retaining *r, const struct retained *one, struct str by,
    uint32_t *count, struct fault *fault)
{
	const struct command_ctx *ctx = r->part->ctx;
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX], reason[64], id[STORE_ID_MAX];
	int n = snprintf(reason, sizeof(reason), "retention %.*s %u",
	    STR_ARG(stix_type_name((enum stix_type_id)one->type)), one->days);
	const struct purge purge = {.id = {id, one->id.n},
	    .reason = {reason, (size_t)n},
	    .by = by,
	    .identity = ctx->identity,
	    .label = {label, label_encode(&red, label)},
	    .now = env_now(ctx->env)};

	/* The ledger's own copy may move while it grows. */
	memcpy(id, one->id.p, one->id.n);
	TRY(purge_quietly(ctx->store, &purge, count, fault));
	log_event(ctx->log, LOG_WARNING, "object.purged",
	    LOG_KV({"id", purge.id}, {"by", by}, {"reason", purge.reason}));
	return OK;
}

/* Objects that the operator's command has found; each is looked at again. */
static enum err apply(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct retaining *r = part;
	struct store *s = r->part->ctx->store;
	usec now = env_now(r->part->ctx->env);
	uint64_t dealt = 0, records = 0;
	struct json_writer w;
	yyjson_val *args, *id;
	size_t i, max;

	TRY(part_begin(r->part, call, &args, fault));
	yyjson_arr_foreach(yyjson_obj_get(args, "ids"), i, max, id)
	{
		struct str text = json_str(id);
		uint64_t seq =
		    text.n > 0 && text.n <= STORE_ID_MAX ? store_find(s, text) : STORE_NONE;
		struct retained one;
		uint32_t count = 0;

		while (seq != STORE_NONE && store_tombstone_of(store_row(s, seq)) != STORE_NONE)
			seq = store_older(s, seq);
		if (seq != STORE_NONE) {
			enum err rc =
			    retention_is_past(&one, s, seq, &r->retention, now, r->arena)
			        ? purge_one(r, &one, call->by, &count, fault)
			        : fail(fault, ERR_CONFLICT,
			              "%.*s is to be kept, by the configuration that the node "
			              "started with",
			              STR_ARG(text));

			if (rc != OK && dealt == 0)
				return rc;
			if (rc != OK)
				break;
		}
		dealt++;
		records += count;
	}
	w = json_writer(reply->json);
	json_object(&w, NULL);
	json_put_int(&w, "dealt", (int64_t)dealt);
	json_put_int(&w, "records", (int64_t)records);
	json_end_object(&w);
	return OK;
}

/* A slice of the ledger; then the next, or the next day's first. */
static void look(void *part)
{
	struct retaining *r = part;
	const struct command_ctx *ctx = r->part->ctx;
	uint64_t size = store_size(ctx->store), end = r->next + SLICE;
	usec now = env_now(ctx->env);
	uint32_t purged = 0, count;
	struct retained one;
	struct fault fault;

	end = end < size ? end : size;
	for (; r->next < end && purged < SLICE_PURGED && r->today < A_DAY_MAX; r->next++) {
		if (!retention_is_past(&one, ctx->store, r->next, &r->retention, now, r->arena))
			continue;
		purged++;
		r->today++;
		if (purge_one(r, &one, S("retention"), &count, &fault) != OK)
			log_event(ctx->log, LOG_ERROR, "object.unpurged",
			    LOG_KV({"reason", str_c(fault.text)}));
	}
	if (purged > 0)
		ctx->commit(ctx->core, NULL, NULL);
	if (r->next < size && r->today < A_DAY_MAX) {
		loop_timer_set(r->timer, 0);
		return;
	}
	r->next = 0;
	r->today = 0;
	loop_timer_set(r->timer, DAY);
}

static void retention_close(void *part)
{
	struct retaining *r = part;

	loop_timer_free(r->timer);
	part_close(r->part);
	arena_free(r->arena);
	mem_free(r);
}

static enum err retention_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct retaining *r = mem_alloc(sizeof(*r));
	void *shared;

	*out = r;
	TRY(retention_of(&r->retention, ctx->config, fault));
	TRY(part_open(&shared, ctx, fault));
	r->part = shared;
	r->arena = arena_new(OBJECT_MEMORY);
	r->timer = loop_timer_new(ctx->loop, look, r);
	if (str_eq(ctx->config->retention_apply, S("daily")) && ctx->config->retention_count > 0)
		loop_timer_set(r->timer, 0);
	return OK;
}

static const struct command COMMANDS[] = {
    {.op = "retention.apply", .local = true, .run = apply},
    {0},
};

const struct command_part ADMIN_RETENTION = {
    .name = "retention",
    .open = retention_open,
    .close = retention_close,
    .commands = COMMANDS,
};
