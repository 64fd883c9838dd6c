/* SPDX-License-Identifier: Apache-2.0 */
/* What changes a collection: POST of an envelope (TAXII 2.1 §5.5) and DELETE of an object (§5.7).
 * The front role does neither itself: core imports the body through intake, keeps the status, and
 * removes; this builds the calls and answers with what came back. */
#include <unistd.h>

#include "base/uuid.h"
#include "codec/time.h"
#include "gate/gate.h"
#include "share/work.h"

enum { ARGS_MAX = 1 << 20, STATUS_MAX = 8 << 20 };

/* One submission: import, then the status that tells of it. */
struct post {
	struct work *work;
	char id[UUID_TEXT + 1];
	usec received;
	struct str status;
};

static void call(struct work *w, const struct rpc_call *rpc_call, rpc_done done, void *ctx)
{
	const struct rpc *rpc = w->taxii->options.rpc;
	enum err rc = rpc->call(rpc->ctx, rpc_call, done, ctx);

	if (rc != OK) {
		(void)fail(&w->fault, rc, "the node takes no changes at the moment");
		work_fail(w, rc);
	}
}

static void answer_post(void *ctx, enum err status, struct str reply)
{
	struct post *p = ctx;

	(void)status;
	(void)reply;
	work_reply_json(p->work, 202, p->status);
}

static void on_status_kept(void *ctx, enum err status, struct str reply)
{
	struct post *p = ctx;

	if (status != OK) {
		(void)fail(&p->work->fault, status, "%.*s", STR_ARG(reply));
		work_fail(p->work, status);
		return;
	}
	rpc_when_visible(p->work->taxii->options.rpc, p->work->reader.name, answer_post, p);
}

/* A version as manifests have it, so that clients can compare the two. */
static void put_version(struct json_writer *j, struct str text)
{
	struct gate_object object = {0};
	char version[TIME_TEXT + 1];

	if (time_parse_utc(&object.version, text) == OK && object.version) {
		pages_version(version, &object);
		text = str_c(version);
	}
	json_put_str(j, "version", text);
}

/* A list of {id, version, message} of the status resource; left out when it is empty. */
static void put_details(
    struct json_writer *j, struct arena *arena, const char *key, yyjson_val *list)
{
	yyjson_arr_iter iter;
	yyjson_val *item;

	if (yyjson_arr_size(list) == 0)
		return;
	json_list(j, key);
	yyjson_arr_iter_init(list, &iter);
	while ((item = yyjson_arr_iter_next(&iter))) {
		struct str message = json_get_str(item, "message");
		struct str path = json_get_str(item, "path");

		if (path.n)
			message =
			    arena_printf(arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(message));
		json_object(j, NULL);
		json_put_str(j, "id", json_get_str(item, "id"));
		put_version(j, json_get_str(item, "version"));
		if (message.n)
			json_put_str(j, "message", message);
		json_end_object(j);
	}
	json_end_list(j);
}

static int64_t count_of(yyjson_val *reply, const char *key)
{
	return yyjson_get_sint(yyjson_obj_get(reply, key));
}

static void put_status(struct buf *out, const struct post *p, yyjson_val *reply)
{
	struct json_writer j = json_writer(out);

	json_object(&j, NULL);
	json_put_str(&j, "id", str_c(p->id));
	json_put_str(&j, "status", S("complete"));
	json_put_time(&j, "request_timestamp", p->received);
	json_put_int(&j, "total_count", count_of(reply, "total"));
	json_put_int(&j, "success_count", count_of(reply, "taken") + count_of(reply, "duplicates"));
	put_details(&j, p->work->arena, "successes", yyjson_obj_get(reply, "successes"));
	json_put_int(&j, "failure_count", count_of(reply, "refused"));
	put_details(&j, p->work->arena, "failures", yyjson_obj_get(reply, "failures"));
	json_put_int(&j, "pending_count", 0);
	json_end_object(&j);
}

static enum err build_status(struct post *p, struct str reply)
{
	struct json_limits limits = {.bytes = STATUS_MAX, .depth = 8};
	struct work *w = p->work;
	yyjson_val *root = NULL;
	struct buf json;
	enum err rc;

	TRY(json_parse(&root, w->arena, reply, &limits, NULL));
	buf_init(&json, STATUS_MAX);
	put_status(&json, p, root);
	rc = json.failed;
	if (rc == OK)
		p->status = arena_str(w->arena, buf_str(&json));
	buf_free(&json);
	return rc != OK || p->status.p ? rc : ERR_NOMEM;
}

static void keep_status(struct post *p)
{
	struct work *w = p->work;
	struct buf args;
	struct json_writer j;

	buf_init(&args, STATUS_MAX + ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "id", str_c(p->id));
	json_put_str(&j, "root", w->root.name);
	json_put_raw(&j, "status", p->status);
	json_end_object(&j);
	if (args.failed != OK)
		work_refuse(w, 503, "No memory; try again", NULL);
	else
		call(w,
		    &(struct rpc_call){.op = S("taxii.status"),
		        .by = w->reader.name,
		        .args = buf_str(&args),
		        .fd = -1},
		    on_status_kept, p);
	buf_free(&args);
}

static void on_imported(void *ctx, enum err status, struct str reply)
{
	struct post *p = ctx;
	struct work *w = p->work;

	if (status == ERR_PARSE || status == ERR_INVALID || status == ERR_UNSUPPORTED) {
		(void)fail(&w->fault, status, "%.*s", STR_ARG(reply));
		work_refuse(w, 422, "Unprocessable content", w->fault.text);
		return;
	}
	if (status == ERR_LIMIT) {
		(void)fail(&w->fault, status, "%.*s", STR_ARG(reply));
		work_refuse(w, 413, "Too large", w->fault.text);
		return;
	}
	if (status == OK)
		status = build_status(p, reply);
	else
		(void)fail(&w->fault, status, "%.*s", STR_ARG(reply));
	if (status != OK)
		work_fail(w, status);
	else
		keep_status(p);
}

void write_post(struct work *w)
{
	struct post *p = arena_zalloc(w->arena, sizeof(*p));
	struct uuid id = uuid_v4(w->taxii->options.env);
	struct buf args;
	struct json_writer j;
	int fd = -1;
	enum err rc = p ? http_body_fd(&fd, w->rq, &w->fault) : ERR_NOMEM;

	if (rc != OK) {
		work_fail(w, rc);
		return;
	}
	p->work = w;
	p->received = env_now(w->taxii->options.env);
	uuid_format(p->id, &id);
	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "source", arena_printf(w->arena, "taxii:%.*s", STR_ARG(w->reader.name)));
	json_put_str(&j, "format", S("stix"));
	json_put_int(&j, "feed", w->collection.feed);
	json_put_str(&j, "root", w->root.name);
	json_put_str(&j, "collection", w->collection.id);
	json_put_bool(&j, "detail", true);
	json_end_object(&j);
	call(w,
	    &(struct rpc_call){
	        .op = S("import"), .by = w->reader.name, .args = buf_str(&args), .fd = fd},
	    on_imported, p);
	buf_free(&args);
	(void)close(fd);
}

static void answer_delete(void *ctx, enum err status, struct str reply)
{
	(void)status;
	(void)reply;
	work_reply_json(ctx, 200, S(""));
}

static void on_deleted(void *ctx, enum err status, struct str reply)
{
	struct work *w = ctx;

	if (status != OK) {
		(void)fail(&w->fault, status, "%.*s", STR_ARG(reply));
		work_fail(w, status);
		return;
	}
	rpc_when_visible(w->taxii->options.rpc, w->reader.name, answer_delete, w);
}

static void remove_versions(struct work *w, const struct feed_page *page)
{
	struct buf args;
	struct json_writer j;

	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_int(&j, "feed", w->collection.feed);
	json_put_str(&j, "id", w->route.item);
	json_list(&j, "versions");
	for (size_t i = 0; i < page->count; i++)
		json_put_int(&j, NULL, page->items[i].version);
	json_end_list(&j);
	json_end_object(&j);
	call(w,
	    &(struct rpc_call){
	        .op = S("taxii.delete"), .by = w->reader.name, .args = buf_str(&args), .fd = -1},
	    on_deleted, w);
	buf_free(&args);
}

void write_delete(struct work *w)
{
	struct feed_page page = {0};
	struct filter filter = {0};
	bool exists = false;
	enum err rc = filter_parse(
	    &filter, w->arena, http_query(w->rq), FILTER_VERSION | FILTER_SPEC, &w->fault);

	/* Without match[version] every version goes (TAXII 2.1 §5.7). */
	if (rc == OK && !(filter.seen & FILTER_VERSION))
		filter.versions = FEED_VERSION_ALL;
	if (rc == OK && !(filter.seen & FILTER_SPEC))
		filter.specs = FEED_SPEC_20 | FEED_SPEC_21;
	if (rc == OK)
		rc = pages_exists(w, &exists);
	if (rc == OK && exists)
		rc = pages_query(w, &filter, GATE_VERSIONS_MAX, &page);
	if (rc != OK)
		work_fail(w, rc);
	else if (!exists)
		work_refuse(w, 404, "Not found", "no such object in this collection");
	else if (page.count == 0)
		work_reply_json(w, 200, S(""));
	else
		remove_versions(w, &page);
}
