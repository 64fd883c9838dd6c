/* SPDX-License-Identifier: Apache-2.0 */
/* The data file, from the top down. It is gone through twice: first to see that all of it can be
 * read, then to append. Objects are in admin/restore_objects.c. */
#include "admin/restore.h"

#include "admin/decide.h"
#include "admin/restore_objects.h"
#include "admin/walk.h"
#include "codec/json.h"
#include "store/store.h"
#include "sys/files.h"

enum {
	META_MAX = 1 << 20, /* of one description, status, list of media types */
	SCRATCH_MAX = 16 << 20,
	NAME_MAX_BYTES = 64,
	PAGE_LIMIT_DEFAULT = 1000,
};

struct restore {
	const struct command_ctx *ctx;
	const struct restore_options *options;
	struct restore_objects *objects;
	struct arena *scratch; /* for one decision */
	struct fault *fault;
	bool dry;
	uint32_t last_feed; /* 0: not looked up yet */
	size_t roots, collections, statuses;
};

static enum err broken(struct restore *r, const char *where)
{
	return fail(r->fault, ERR_PARSE, "not a medallion data file: %s cannot be read", where);
}

/* "http://localhost:5000/api1/" names the root "api1". */
static struct str root_of_url(struct str url)
{
	size_t at;

	if (str_ends(url, S("/")))
		url.n--;
	for (at = url.n; at > 0 && url.p[at - 1] != '/'; at--)
		;
	return str_from(url, at);
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum =
		    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alnum && c != '-' && c != '_' && c != '.')
			return false;
	}
	return s.n > 0 && s.n <= NAME_MAX_BYTES;
}

/* A member of the file as it is, once it is known to be JSON. */
static enum err copy_member(
    struct restore *r, struct json_writer *j, struct str object, const char *key)
{
	struct json_limits limits = {.bytes = META_MAX, .depth = 16};
	struct str value = walk_find(object, str_c(key));
	yyjson_val *ignored = NULL;

	if (!value.p)
		return OK;
	TRY(json_parse(&ignored, r->scratch, value, &limits, r->fault));
	json_put_raw(j, key, value);
	return OK;
}

static enum err copy_members(struct restore *r, struct json_writer *j, struct str object,
    const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		TRY(copy_member(r, j, object, keys[i]));
	return OK;
}

/* Ends the object in `json` and appends it as a decision; rc is of what came before. */
static enum err decide(struct restore *r, enum err rc, struct buf *json, struct str path)
{
	buf_byte(json, '}');
	if (rc == OK && (json->failed != OK || !path.p))
		rc = fail(r->fault, ERR_NOMEM, "no memory to restore %.*s", STR_ARG(path));
	if (rc == OK && !r->dry)
		rc = admin_decide(r->ctx, path, buf_str(json), r->fault);
	buf_free(json);
	arena_reset(r->scratch);
	return rc;
}

static enum err put_root_names(struct json_writer *j, struct str list)
{
	struct str value = STR_NONE;
	struct walk w;
	enum err rc;

	TRY(walk_open(&w, list, '['));
	json_list(j, "api_roots");
	while ((rc = walk_next(&w, NULL, &value)) == OK)
		json_put_str(j, NULL, root_of_url(walk_text(value)));
	json_end_list(j);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static enum err restore_discovery(struct restore *r, struct str value)
{
	static const char *const KEYS[] = {"title", "description", "contact"};
	struct str roots = walk_find(value, S("api_roots"));
	struct str first = walk_text(walk_find(value, S("default")));
	struct buf json;
	struct json_writer j;
	enum err rc;

	if (!walk_is_object(value))
		return broken(r, "\"/discovery\"");
	buf_init(&json, SCRATCH_MAX);
	j = json_writer(&json);
	json_object(&j, NULL);
	rc = copy_members(r, &j, value, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
	if (first.n)
		json_put_str(&j, "default", root_of_url(first));
	if (rc == OK && roots.p && put_root_names(&j, roots) != OK)
		rc = broken(r, "\"/discovery\".api_roots");
	return decide(r, rc, &json, S("discovery"));
}

static enum err restore_information(struct restore *r, struct str name, struct str value)
{
	static const char *const KEYS[] = {"title", "description"};
	uint64_t limit = r->options->page_limit ? r->options->page_limit : PAGE_LIMIT_DEFAULT;
	uint64_t length;
	struct buf json;
	struct json_writer j;
	enum err rc;

	if (!walk_is_object(value))
		return broken(r, "the information of an API root");
	/* Clients must not be told of more than this node takes. */
	if (str_u64(walk_find(value, S("max_content_length")), &length) != OK || length == 0 ||
	    length > r->ctx->config->body_max)
		length = r->ctx->config->body_max;
	buf_init(&json, SCRATCH_MAX);
	j = json_writer(&json);
	json_object(&j, NULL);
	rc = copy_members(r, &j, value, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
	json_put_int(&j, "max_content_length", (int64_t)length);
	json_put_int(&j, "page_limit", (int64_t)limit);
	r->roots += !r->dry;
	return decide(r, rc, &json, arena_printf(r->scratch, "root/%.*s", STR_ARG(name)));
}

static enum err restore_status(struct restore *r, struct str root, struct str value)
{
	struct json_limits limits = {.bytes = STORE_CONTENT_MAX / 2, .depth = 16};
	struct str id = walk_text(walk_find(value, S("id")));
	yyjson_val *ignored = NULL;
	struct buf json;
	struct json_writer j;
	enum err rc;

	if (!is_name(id))
		return broken(r, "the id of a status");
	rc = json_parse(&ignored, r->scratch, value, &limits, r->fault);
	buf_init(&json, SCRATCH_MAX);
	j = json_writer(&json);
	json_object(&j, NULL);
	json_put_str(&j, "root", root);
	json_put_str(&j, "by", S("local"));
	json_put_raw(&j, "status", value);
	r->statuses += !r->dry;
	return decide(r, rc, &json, arena_printf(r->scratch, "status/%.*s", STR_ARG(id)));
}

static uint32_t feed_of(struct restore *r, uint64_t seq)
{
	struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root = NULL;
	uint64_t feed = 0;

	if (json_parse(&root, r->scratch, store_content(r->ctx->store, seq), &limits, NULL) == OK)
		feed = yyjson_get_uint(yyjson_obj_get(root, "feed"));
	return feed <= UINT32_MAX ? (uint32_t)feed : 0;
}

/* The number of this collection's feed: what it has, or one that none ever had. */
static uint32_t choose_feed(struct restore *r, struct str path)
{
	const struct store *s = r->ctx->store;
	uint64_t known = store_find(s, path);

	if (known != STORE_NONE)
		return feed_of(r, known);
	for (uint64_t seq = 0; r->last_feed == 0 && seq < store_size_pending(s); seq++) {
		uint32_t feed = 0;

		if (store_row(s, seq)->kind == RECORD_DECISION &&
		    str_starts(store_id(s, seq), S("collection/")))
			feed = feed_of(r, seq);
		r->last_feed = feed > r->last_feed ? feed : r->last_feed;
	}
	return ++r->last_feed;
}

static enum err restore_collection(struct restore *r, struct str root, struct str value)
{
	static const char *const KEYS[] = {
	    "title", "description", "alias", "can_read", "can_write", "media_types"};
	struct str id = walk_text(walk_find(value, S("id")));
	struct restore_collection collection = {
	    .objects = walk_find(value, S("objects")),
	    .manifest = walk_find(value, S("manifest")),
	};
	struct str path;
	struct buf json;
	struct json_writer j;
	enum err rc;

	if (!walk_is_object(value) || !is_name(id))
		return broken(r, "a collection or its id");
	path = arena_printf(r->scratch, "collection/%.*s", STR_ARG(id));
	if (!r->dry)
		collection.feed = choose_feed(r, path);
	buf_init(&json, SCRATCH_MAX);
	j = json_writer(&json);
	json_object(&j, NULL);
	json_put_int(&j, "feed", collection.feed);
	json_put_str(&j, "root", root);
	rc = copy_members(r, &j, value, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
	r->collections += !r->dry;
	TRY(decide(r, rc, &json, path));
	return restore_objects_take(r->objects, &collection, r->dry, r->fault);
}

static enum err restore_list(struct restore *r, struct str root, struct str list,
    enum err (*take)(struct restore *r, struct str root, struct str value))
{
	struct str value = STR_NONE;
	struct walk w;
	enum err rc;

	if (!list.p)
		return OK;
	if (walk_open(&w, list, '[') != OK)
		return broken(r, "a list of collections or statuses");
	while ((rc = walk_next(&w, NULL, &value)) == OK)
		TRY(take(r, root, value));
	return rc == ERR_NOT_FOUND ? OK : broken(r, "a list of collections or statuses");
}

static enum err restore_root(struct restore *r, struct str name, struct str value)
{
	struct str information = walk_find(value, S("information"));

	if (!walk_is_object(value) || !is_name(name) || !information.p)
		return fail(r->fault, ERR_INVALID,
		    "not a medallion data file: \"%.*s\" is no API root",
		    STR_ARG(str_slice(name, 0, NAME_MAX_BYTES)));
	TRY(restore_information(r, name, information));
	TRY(restore_list(r, name, walk_find(value, S("status")), restore_status));
	return restore_list(r, name, walk_find(value, S("collections")), restore_collection);
}

static enum err restore_all(struct restore *r, struct str text)
{
	struct str key = STR_NONE;
	struct str value = STR_NONE;
	struct walk w;
	enum err rc;

	if (walk_open(&w, text, '{') != OK)
		return broken(r, "its start");
	while ((rc = walk_next(&w, &key, &value)) == OK) {
		if (str_eq(key, S("/discovery")))
			TRY(restore_discovery(r, value));
		else
			TRY(restore_root(r, key, value));
	}
	return rc == ERR_NOT_FOUND ? OK : broken(r, "its structure");
}

enum err restore_file(const struct command_ctx *ctx, int fd, const struct restore_options *options,
    struct buf *reply, struct fault *fault)
{
	struct arena *file = arena_new((size_t)RESTORE_FILE_MAX + META_MAX);
	struct restore r = {.ctx = ctx,
	    .options = options,
	    .scratch = arena_new(SCRATCH_MAX),
	    .fault = fault,
	    .dry = true};
	struct str text = STR_NONE;
	enum err rc = file_read_fd(&text, file, fd, RESTORE_FILE_MAX, fault);

	r.objects = restore_objects_new(ctx, options);
	if (rc == OK)
		rc = restore_all(&r, text);
	r.dry = false;
	if (rc == OK)
		rc = restore_all(&r, text);
	if (rc == OK) {
		buf_printf(reply, "{\"roots\":%zu,\"collections\":%zu,\"statuses\":%zu,", r.roots,
		    r.collections, r.statuses);
		restore_objects_report(r.objects, reply);
		buf_byte(reply, '}');
	}
	restore_objects_free(r.objects);
	arena_free(r.scratch);
	arena_free(file);
	return rc;
}
