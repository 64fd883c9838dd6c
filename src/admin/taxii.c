/* SPDX-License-Identifier: Apache-2.0 */
/* What the TAXII server asks the core to change: keep a status, take versions out of a collection,
 * take over another server's data. */
#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/restore.h"
#include "admin/walk.h"
#include "base/mem.h"
#include "codec/json.h"
#include "stix/object.h"
#include "store/store.h"

enum { WORK_MAX = 64 << 20, VERSIONS_MAX = 10000, NAME_MAX_BYTES = 64 };

struct part {
	const struct command_ctx *ctx;
	struct arena *arena; /* for one command */
};

static enum err part_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct part *p = mem_alloc(sizeof(*p));

	(void)fault;
	p->ctx = ctx;
	p->arena = arena_new(WORK_MAX);
	*out = p;
	return OK;
}

static void part_close(void *state)
{
	struct part *p = state;

	if (!p)
		return;
	arena_free(p->arena);
	mem_free(p);
}

static enum err parse_args(
    struct part *p, const struct rpc_call *call, yyjson_val **out, struct fault *fault)
{
	struct json_limits limits = {.bytes = 16u << 20, .depth = 16};

	arena_reset(p->arena);
	return json_parse(out, p->arena, call->args, &limits, fault);
}

/* {"id","root","status":{…}} */
static enum err run_status(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = state;
	yyjson_val *args = NULL;
	struct str id, root, path, status;
	struct buf json;
	struct json_writer j;
	enum err rc;

	(void)reply;
	TRY(parse_args(p, call, &args, fault));
	id = json_get_str(args, "id");
	root = json_get_str(args, "root");
	status = walk_find(call->args, S("status"));
	path = arena_printf(p->arena, "status/%.*s", STR_ARG(id));
	buf_init(&json, WORK_MAX);
	j = json_writer(&json);
	json_object(&j, NULL);
	json_put_str(&j, "root", root);
	json_put_str(&j, "by", call->by);
	json_put_raw(&j, "status", status);
	json_end_object(&j);
	if (id.n == 0 || id.n > NAME_MAX_BYTES || root.n == 0 || status.n == 0)
		rc = fail(fault, ERR_INVALID, "taxii.status needs id, root and status");
	else if (json.failed != OK || !path.p)
		rc = fail(fault, ERR_NOMEM, "no memory for a status");
	else
		rc = admin_decide(p->ctx, path, buf_str(&json), fault);
	buf_free(&json);
	return rc;
}

/* A record that takes one version out; ERR_NOT_FOUND when there is no such version. */
static enum err removal(struct part *p, struct record *out, struct str id, int64_t version)
{
	const struct store *s = p->ctx->store;
	uint64_t seq = store_find_version(s, id, version);
	const struct row *row = seq == STORE_NONE ? NULL : store_row(s, seq);

	if (!row || row->kind != RECORD_OBJECT)
		return ERR_NOT_FOUND;
	*out = (struct record){.kind = RECORD_REMOVAL,
	    .tag = row->tag,
	    .id = id,
	    .version = version,
	    .label = store_label(s, row->label)};
	return OK;
}

/* {"feed":N,"id","versions":[N…]} */
static enum err run_delete(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = state;
	yyjson_val *args = NULL;
	yyjson_val *versions;
	yyjson_val *item;
	yyjson_arr_iter iter;
	struct str id;
	struct record *records;
	uint64_t first;
	uint64_t feed;
	size_t n = 0;

	TRY(parse_args(p, call, &args, fault));
	id = json_get_str(args, "id");
	feed = yyjson_get_uint(yyjson_obj_get(args, "feed"));
	versions = yyjson_obj_get(args, "versions");
	if (id.n == 0 || feed == 0 || feed > UINT32_MAX || yyjson_arr_size(versions) > VERSIONS_MAX)
		return fail(fault, ERR_INVALID, "taxii.delete needs feed, id and versions");
	records = arena_array(p->arena, yyjson_arr_size(versions) + 1, sizeof(*records));
	if (!records)
		return fail(fault, ERR_NOMEM, "no memory for removing versions");
	yyjson_arr_iter_init(versions, &iter);
	while ((item = yyjson_arr_iter_next(&iter))) {
		/* One that is not there needs no removing. */
		if (removal(p, &records[n], id, yyjson_get_sint(item)) == OK)
			records[n++].feed = (uint32_t)feed;
	}
	buf_printf(reply->json, "{\"removed\":%zu}", n);
	return n ? store_append(p->ctx->store, records, n, &first, fault) : OK;
}

/* {"page_limit":N?,"label":…?}, the file as fd */
static enum err run_restore(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = state;
	yyjson_val *args = NULL;
	struct restore_options options = {.fallback = {.tlp = TLP_UNKNOWN}};
	yyjson_val *limit;
	struct str label;

	TRY(parse_args(p, call, &args, fault));
	limit = yyjson_obj_get(args, "page_limit");
	options.page_limit = yyjson_get_uint(limit);
	if (limit && (options.page_limit < 1 || options.page_limit > TAXII_PAGE_MAX))
		return fail(fault, ERR_INVALID, "page_limit: 1 to %d", TAXII_PAGE_MAX);
	label = json_get_str(args, "label");
	if (label.n) {
		options.fallback.tlp = tlp_of_name(label);
		if (options.fallback.tlp == TLP_UNKNOWN)
			return fail(fault, ERR_INVALID,
			    "label: \"%.*s\" is no TLP level (TLP:CLEAR … TLP:RED)",
			    STR_ARG(label));
	}
	return restore_file(p->ctx, call->fd, &options, reply->json, fault);
}

static const struct command COMMANDS[] = {
    {.op = "taxii.status", .run = run_status},
    {.op = "taxii.delete", .run = run_delete},
    {.op = "taxii.restore", .local = true, .run = run_restore},
    {0},
};

const struct command_part ADMIN_TAXII = {
    .name = "taxii",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
