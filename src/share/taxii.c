/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask for what, media types, errors, and the resources that describe the server. */
#include "share/taxii.h"

#include "base/mem.h"
#include "http/text.h"
#include "ops/role.h"
#include "share/work.h"

enum { JSON_MAX = 16 << 20 };

static const struct str RESERVED[] = {
    S("api"), S("metrics"), S("healthz"), S("assets"), S("ui"), S("")};

struct taxii *taxii_new(const struct taxii_options *options)
{
	struct taxii *t = mem_alloc(sizeof(*t));

	*t = (struct taxii){*options};
	return t;
}

void taxii_free(struct taxii *t)
{
	mem_free(t);
}

bool taxii_wants(const struct http_request *rq)
{
	struct str rest = str_from(http_path(rq), 1);
	struct str first = str_cut(&rest, '/');
	struct str second = str_cut(&rest, '/');
	struct str accept = http_header(rq, "Accept");

	for (size_t i = 0; i < sizeof(RESERVED) / sizeof(RESERVED[0]); i++)
		if (str_eq(RESERVED[i], first))
			return false;
	return str_eq(first, S("taxii2")) || str_eq(second, S("collections")) ||
	       str_eq(second, S("status")) ||
	       str_search(accept, S("application/taxii+json")) < accept.n;
}

void work_reply_json(struct work *w, int status, struct str json)
{
	http_set(w->rq, "Content-Type", S(TAXII_MEDIA));
	http_set(w->rq, "Cache-Control", S("no-store"));
	http_set(w->rq, "X-Content-Type-Options", S("nosniff"));
	http_reply(w->rq, status, json);
}

/* The error resource (TAXII 2.1 §3.6.1); http_status is a string there. */
void work_refuse(struct work *w, int status, const char *title, const char *why)
{
	struct buf json;
	struct json_writer j;

	buf_init(&json, JSON_MAX);
	j = json_writer(&json);
	json_object(&j, NULL);
	json_put_str(&j, "title", str_c(title));
	if (why && why[0])
		json_put_str(&j, "description", str_c(why));
	json_put_str(&j, "http_status", arena_printf(w->arena, "%d", status));
	json_end_object(&j);
	if (status == 401)
		http_set(w->rq, "WWW-Authenticate", S("Basic realm=\"tocsin\", charset=\"UTF-8\""));
	work_reply_json(w, status, buf_str(&json));
	buf_free(&json);
}

static const struct {
	enum err rc;
	int status;
	const char *title;
} FAILURES[] = {
    {ERR_NOT_FOUND, 404, "Not found"},
    {ERR_INVALID, 400, "Bad request"},
    {ERR_PARSE, 400, "Bad request"},
    {ERR_LIMIT, 400, "Past a limit"},
    {ERR_DENIED, 403, "Forbidden"},
    {ERR_UNSUPPORTED, 422, "Not supported"},
    {ERR_CONFLICT, 422, "Conflict"},
    {ERR_BUSY, 503, "Busy; try again"},
    {ERR_CLOSED, 503, "Not available now; try again"},
    {ERR_FULL, 503, "No space; try again"},
    {ERR_NOMEM, 503, "No memory; try again"},
};

void work_fail(struct work *w, enum err rc)
{
	for (size_t i = 0; i < sizeof(FAILURES) / sizeof(FAILURES[0]); i++) {
		if (FAILURES[i].rc == rc) {
			work_refuse(w, FAILURES[i].status, FAILURES[i].title, w->fault.text);
			return;
		}
	}
	work_refuse(w, 500, "Internal error", NULL);
}

/* Whether one element of an Accept field takes what we send. */
static bool takes_taxii(const struct http_media *m)
{
	if (m->quality == 0)
		return false;
	if (str_eq(m->type, S("*/*")) || str_eq_nocase(m->type, S("application/*")))
		return true;
	return str_eq_nocase(m->type, S("application/taxii+json")) &&
	       (!m->version.p || str_eq(m->version, S("2.1")));
}

static bool is_acceptable(struct str accept)
{
	struct http_media media;

	while (http_media_next(&accept, &media) == OK)
		if (takes_taxii(&media))
			return true;
	return false;
}

static bool is_taxii_content(struct str type)
{
	struct http_media media;

	return http_media_next(&type, &media) == OK &&
	       str_eq_nocase(media.type, S("application/taxii+json")) && takes_taxii(&media);
}

/* A root's URL as this client reaches us; relative when it did not say. */
static struct str root_url(struct work *w, struct str name)
{
	struct str host = http_header(w->rq, "Host");

	for (size_t i = 0; i < host.n; i++)
		if (str_find(S("\"\\<>/ "), host.p[i]) < 6)
			host.n = 0;
	if (host.n == 0)
		return arena_printf(w->arena, "/%.*s/", STR_ARG(name));
	return arena_printf(w->arena, "%s://%.*s/%.*s/", http_secure(w->rq) ? "https" : "http",
	    STR_ARG(host), STR_ARG(name));
}

static void put_text(struct json_writer *j, const char *key, struct str value)
{
	if (value.n)
		json_put_str(j, key, value);
}

/* One JSON object, made by `put`, is the answer. */
static void reply_with(
    struct work *w, void (*put)(struct json_writer *j, struct work *w, void *what), void *what)
{
	struct buf json;
	struct json_writer j;

	buf_init(&json, JSON_MAX);
	j = json_writer(&json);
	json_object(&j, NULL);
	put(&j, w, what);
	json_end_object(&j);
	if (json.failed != OK)
		work_refuse(w, 503, "No memory; try again", NULL);
	else
		work_reply_json(w, 200, buf_str(&json));
	buf_free(&json);
}

/* A resource without any leaves the list out. */
static void put_texts(struct json_writer *j, const char *key, const struct str *list, size_t count)
{
	if (count == 0)
		return;
	json_list(j, key);
	for (size_t i = 0; i < count; i++)
		json_put_str(j, NULL, list[i]);
	json_end_list(j);
}

static void put_discovery(struct json_writer *j, struct work *w, void *what)
{
	const struct gate_discovery *d = what;

	json_put_str(j, "title", d->title);
	put_text(j, "description", d->description);
	put_text(j, "contact", d->contact);
	if (d->default_root.n)
		json_put_str(j, "default", root_url(w, d->default_root));
	if (d->root_count) {
		json_list(j, "api_roots");
		for (size_t i = 0; i < d->root_count; i++)
			json_put_str(j, NULL, root_url(w, d->roots[i]));
		json_end_list(j);
	}
}

static void get_discovery(struct work *w)
{
	struct gate_discovery found;
	enum err rc = gate_discovery(&w->ask, &found, &w->fault);

	if (rc != OK)
		work_fail(w, rc);
	else
		reply_with(w, put_discovery, &found);
}

static void put_root(struct json_writer *j, struct work *w, void *what)
{
	(void)what;
	json_put_str(j, "title", w->root.title);
	put_text(j, "description", w->root.description);
	put_texts(j, "versions", &S(TAXII_MEDIA), 1);
	json_put_int(j, "max_content_length", (int64_t)w->root.max_content_length);
}

static void get_root(struct work *w)
{
	reply_with(w, put_root, NULL);
}

static void put_collection(struct json_writer *j, struct work *w, void *what)
{
	const struct gate_collection *c = what;

	json_put_str(j, "id", c->id);
	json_put_str(j, "title", c->title);
	put_text(j, "description", c->description);
	put_text(j, "alias", c->alias);
	json_put_bool(j, "can_read", c->can_read && role_may(w->reader.role, ACTION_READ));
	json_put_bool(j, "can_write", c->can_write && role_may(w->reader.role, ACTION_WRITE));
	put_texts(j, "media_types", c->media_types, c->media_type_count);
}

static void put_collections(struct json_writer *j, struct work *w, void *what)
{
	const struct gate_collections *found = what;

	if (found->count == 0)
		return;
	json_list(j, "collections");
	for (size_t i = 0; i < found->count; i++) {
		json_object(j, NULL);
		put_collection(j, w, &found->items[i]);
		json_end_object(j);
	}
	json_end_list(j);
}

static void get_collections(struct work *w)
{
	struct gate_collections found = {0};
	enum err rc = gate_collections(&w->ask, w->root.name, &found, &w->fault);

	if (rc != OK)
		work_fail(w, rc);
	else
		reply_with(w, put_collections, &found);
}

static void get_collection(struct work *w)
{
	reply_with(w, put_collection, &w->collection);
}

static void get_status(struct work *w)
{
	struct str json = STR_NONE;
	enum err rc = gate_status(&w->ask, w->route.root, w->route.item, &json, &w->fault);

	if (rc != OK)
		work_fail(w, rc);
	else
		work_reply_json(w, 200, json);
}

static void (*const GET[TAXII_RESOURCES])(struct work *w) = {
    [TAXII_DISCOVERY] = get_discovery,
    [TAXII_ROOT] = get_root,
    [TAXII_STATUS] = get_status,
    [TAXII_COLLECTIONS] = get_collections,
    [TAXII_COLLECTION] = get_collection,
    [TAXII_MANIFEST] = pages_get,
    [TAXII_OBJECTS] = pages_get,
    [TAXII_OBJECT] = pages_get,
    [TAXII_VERSIONS] = pages_get,
};

/* Finds the root and the collection that the path names. */
static enum err resolve(struct work *w)
{
	if (w->route.resource == TAXII_DISCOVERY)
		return OK;
	TRY(gate_root(&w->ask, w->route.root, &w->root, &w->fault));
	if (w->route.resource < TAXII_COLLECTION)
		return OK;
	TRY(gate_collection(
	    &w->ask, w->route.root, w->route.collection, &w->collection, &w->fault));
	w->can_read = w->collection.can_read && role_may(w->reader.role, ACTION_READ);
	w->can_write = w->collection.can_write && role_may(w->reader.role, ACTION_WRITE);
	return OK;
}

static void post(struct work *w)
{
	if (!is_taxii_content(http_header(w->rq, "Content-Type")))
		work_refuse(w, 415, "Unsupported media type", "Content-Type must be " TAXII_MEDIA);
	else if (!w->can_write)
		work_refuse(w, 403, "Forbidden", "no right to write to this collection");
	else if (http_body(w->rq).n > w->root.max_content_length)
		work_refuse(w, 413, "Too large", "longer than this API root's max_content_length");
	else
		write_post(w);
}

/* TAXII 2.1 §5.7: which of the two it is depends on what the client may know. */
static void delete_object(struct work *w)
{
	if (!w->can_read && !w->can_write)
		work_refuse(w, 404, "Not found", NULL);
	else if (!w->can_read || !w->can_write || !role_may(w->reader.role, ACTION_DELETE))
		work_refuse(w, 403, "Forbidden", "no right to delete from this collection");
	else
		write_delete(w);
}

static bool is_allowed(enum taxii_resource resource, enum http_method method)
{
	return method == HTTP_GET || method == HTTP_HEAD ||
	       (method == HTTP_POST && resource == TAXII_OBJECTS) ||
	       (method == HTTP_DELETE && resource == TAXII_OBJECT);
}

static void answer(struct work *w)
{
	enum http_method method = http_method(w->rq);
	enum err rc = route_parse(&w->route, w->arena, http_path(w->rq));

	if (rc != OK) {
		work_fail(w, rc);
		return;
	}
	if (!is_allowed(w->route.resource, method)) {
		http_set(w->rq, "Allow", route_methods(w->route.resource));
		work_refuse(w, 405, "Method not allowed", NULL);
		return;
	}
	if (!is_acceptable(http_header(w->rq, "Accept"))) {
		work_refuse(w, 406, "Not acceptable", "Accept must allow " TAXII_MEDIA);
		return;
	}
	rc = resolve(w);
	if (rc != OK)
		work_fail(w, rc);
	else if (method == HTTP_POST)
		post(w);
	else if (method == HTTP_DELETE)
		delete_object(w);
	else if (w->route.resource >= TAXII_MANIFEST && !w->can_read)
		work_refuse(w, 403, "Forbidden", "no right to read this collection");
	else
		GET[w->route.resource](w);
}

void taxii_handle(
    struct taxii *t, struct http_request *rq, const struct reader *reader, const char *why)
{
	struct arena *arena = http_arena(rq);
	struct work *w = arena_zalloc(arena, sizeof(*w));

	if (!w) {
		http_reply(rq, 503, S(""));
		return;
	}
	*w = (struct work){.taxii = t, .rq = rq, .arena = arena};
	if (!reader || reader->role == ROLE_NONE) {
		work_refuse(w, 401, "Authentication required", why);
		return;
	}
	w->reader = *reader;
	w->reader.name = arena_str(arena, reader->name);
	w->ask = (struct gate_ask){t->options.gate, &w->reader, OUTLET_TAXII, arena};
	answer(w);
}
