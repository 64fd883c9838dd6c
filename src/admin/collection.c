/* SPDX-License-Identifier: Apache-2.0 */
/* Collections and API roots: each collection is a feed with a number that no other ever had. */
#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "base/uuid.h"
#include "store/store.h"

enum {
	TITLE_MAX = 250,
	NAME_MOST = 64,
	DECISION_MAX = 16384,
	PAGE_DEFAULT = 1000,
};

/* First segments of paths that the node itself answers under. */
static const char *const RESERVED[] = {"taxii2", "api", "metrics", "healthz", "assets", "ui"};

/* One segment of a URL that needs no escaping. */
static bool is_segment(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		            (c >= 'A' && c <= 'Z') || c == '-' || c == '_';

		if (!fine)
			return false;
	}
	return s.n > 0 && s.n <= NAME_MOST;
}

static enum err check_texts(yyjson_val *args, struct fault *fault)
{
	struct str title = json_get_str(args, "title");

	if (title.n == 0 || title.n > TITLE_MAX)
		return fail(fault, ERR_INVALID, "title: 1 to %d bytes", TITLE_MAX);
	if (json_get_str(args, "description").n > 4096)
		return fail(fault, ERR_INVALID, "description: at most 4096 bytes");
	return OK;
}

static bool flag(yyjson_val *args, const char *key, bool otherwise)
{
	yyjson_val *v = yyjson_obj_get(args, key);

	return v ? yyjson_get_bool(v) : otherwise;
}

/* Walks every decision ever made about a collection: numbers are never given twice, aliases of
 * those that are there now not either. */
static enum err survey(
    struct part *p, struct str root, struct str alias, uint64_t *last_feed, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct arena *look = arena_new((size_t)16 << 20);
	enum err rc = OK;

	*last_feed = 0;
	for (uint64_t seq = 0; rc == OK && seq < store_size_pending(s); seq++) {
		yyjson_val *c;
		uint64_t feed;

		if (store_row(s, seq)->kind != RECORD_DECISION ||
		    !str_starts(store_id(s, seq), S("collection/")))
			continue;
		arena_reset(look);
		if (json_parse(&c, look, store_content(s, seq), &limits, NULL) != OK)
			continue;
		feed = yyjson_get_uint(yyjson_obj_get(c, "feed"));
		*last_feed = feed > *last_feed && feed <= UINT32_MAX ? feed : *last_feed;
		if (alias.n && store_find(s, store_id(s, seq)) == seq &&
		    str_eq(json_get_str(c, "root"), root) &&
		    str_eq(json_get_str(c, "alias"), alias))
			rc = fail(fault, ERR_CONFLICT, "alias: %.*s is taken in this API root",
			    STR_ARG(alias));
	}
	arena_free(look);
	return rc;
}

struct collection {
	struct str id, root, alias;
	uint64_t feed;
	bool reply; /* with the id, without the feed's number */
};

static void put_collection(struct buf *out, yyjson_val *args, const struct collection *c)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	if (c->reply)
		json_put_str(&w, "id", c->id);
	else
		json_put_int(&w, "feed", (int64_t)c->feed);
	json_put_str(&w, "root", c->root);
	json_put_str(&w, "title", json_get_str(args, "title"));
	if (json_get_str(args, "description").n)
		json_put_str(&w, "description", json_get_str(args, "description"));
	if (c->alias.n)
		json_put_str(&w, "alias", c->alias);
	json_put_bool(&w, "can_read", flag(args, "can_read", true));
	json_put_bool(&w, "can_write", flag(args, "can_write", true));
	json_end_object(&w);
}

/* The root that was asked for, or the default one of the discovery text. */
static enum err find_root(struct part *p, yyjson_val *args, struct str *out, struct fault *fault)
{
	struct str name = json_get_str(args, "root");
	yyjson_val *found;

	if (!name.p && part_decided(p, S("discovery"), &found) == OK)
		name = json_get_str(found, "default");
	if (!name.p)
		return fail(fault, ERR_INVALID, "root: none is the default one; name one");
	if (part_decided(p, arena_printf(p->arena, "root/%.*s", STR_ARG(name)), &found) != OK)
		return fail(fault, ERR_NOT_FOUND, "root: no API root %.*s",
		    STR_ARG(str_slice(name, 0, NAME_MOST)));
	*out = name;
	return OK;
}

static enum err collection_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct collection c = {0};
	char id[UUID_TEXT + 1];
	struct uuid uuid;
	yyjson_val *args;
	struct buf b;
	enum err rc;

	TRY(part_begin(p, call, &args, fault));
	TRY(check_texts(args, fault));
	TRY(find_root(p, args, &c.root, fault));
	c.alias = json_get_str(args, "alias");
	if (c.alias.p && !is_segment(c.alias))
		return fail(
		    fault, ERR_INVALID, "alias: 1 to %d letters, digits, - and _", NAME_MOST);
	TRY(survey(p, c.root, c.alias, &c.feed, fault));
	if (++c.feed > UINT32_MAX)
		return fail(fault, ERR_LIMIT, "no number is left for a collection");
	uuid = uuid_v4(p->ctx->env);
	uuid_format(id, &uuid);
	c.id = str_c(id);
	buf_init(&b, DECISION_MAX);
	put_collection(&b, args, &c);
	rc = b.failed == OK ? admin_decide(p->ctx, arena_printf(p->arena, "collection/%s", id),
	                          buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "collection: too long");
	buf_free(&b);
	TRY(rc);
	c.reply = true;
	put_collection(reply->json, args, &c);
	return OK;
}

static enum err check_root_name(struct str name, struct fault *fault)
{
	if (!is_segment(name))
		return fail(
		    fault, ERR_INVALID, "name: 1 to %d letters, digits, - and _", NAME_MOST);
	for (size_t i = 0; i < sizeof(RESERVED) / sizeof(RESERVED[0]); i++)
		if (str_eq(name, str_c(RESERVED[i])))
			return fail(fault, ERR_INVALID, "name: %s is the node's own", RESERVED[i]);
	return OK;
}

/* The list of roots that discovery shows, with one more. */
static enum err announce(struct part *p, struct str name, struct fault *fault)
{
	yyjson_val *before = NULL, *root;
	struct json_writer w;
	size_t i, max;
	struct buf b;
	enum err rc;

	if (part_decided(p, S("discovery"), &before) != OK)
		before = NULL;
	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "title", json_get_str(before, "title"));
	if (json_get_str(before, "description").p)
		json_put_str(&w, "description", json_get_str(before, "description"));
	if (json_get_str(before, "contact").p)
		json_put_str(&w, "contact", json_get_str(before, "contact"));
	if (json_get_str(before, "default").p)
		json_put_str(&w, "default", json_get_str(before, "default"));
	json_list(&w, "api_roots");
	yyjson_arr_foreach(yyjson_obj_get(before, "api_roots"), i, max, root)
	{
		json_put_str(&w, NULL, json_str(root));
	}
	json_put_str(&w, NULL, name);
	json_end_list(&w);
	json_end_object(&w);
	rc = b.failed == OK ? admin_decide(p->ctx, S("discovery"), buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "too many API roots");
	buf_free(&b);
	return rc;
}

static enum err root_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args, *root, *page_limit;
	int64_t page = PAGE_DEFAULT;
	struct str name, path;
	struct json_writer w;
	struct buf b;
	enum err rc;

	(void)reply;
	TRY(part_begin(p, call, &args, fault));
	TRY(check_texts(args, fault));
	name = json_get_str(args, "name");
	TRY(check_root_name(name, fault));
	page_limit = yyjson_obj_get(args, "page_limit");
	if (page_limit)
		page = yyjson_get_sint(page_limit);
	if (page < 1 || page > TAXII_PAGE_MAX)
		return fail(fault, ERR_INVALID, "page_limit: 1 to %d", TAXII_PAGE_MAX);
	path = arena_printf(p->arena, "root/%.*s", STR_ARG(name));
	if (part_decided(p, path, &root) == OK)
		return fail(fault, ERR_CONFLICT, "name: there is an API root %.*s", STR_ARG(name));
	TRY(announce(p, name, fault));
	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "title", json_get_str(args, "title"));
	if (json_get_str(args, "description").p)
		json_put_str(&w, "description", json_get_str(args, "description"));
	json_put_int(&w, "max_content_length", (int64_t)p->ctx->config->body_max);
	json_put_int(&w, "page_limit", page);
	json_end_object(&w);
	rc = b.failed == OK ? admin_decide(p->ctx, path, buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "API root: too long");
	buf_free(&b);
	return rc;
}

static const struct command COMMANDS[] = {
    {.op = "collection.add", .run = collection_add},
    {.op = "root.add", .run = root_add},
    {0},
};

const struct command_part ADMIN_COLLECTIONS = {
    .name = "collections",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
