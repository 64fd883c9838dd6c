/* SPDX-License-Identifier: Apache-2.0 */
/* The node's own state as decisions in the ledger: collections, API roots, statuses, names of
 * sources. What every request needs is parsed once and again when a decision came. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/jcs.h"
#include "codec/json.h"
#include "gate/internal.h"

enum { STATE_MAX = 64 << 20, SOURCES_MAX = 65536, PAGE_LIMIT_DEFAULT = 1000 };
enum { CONTENT_LENGTH_DEFAULT = 100 << 20 };

struct node_state {
	uint64_t seen; /* records looked at for decisions */
	struct arena *arena;
	bool fresh;
	struct gate_discovery discovery;
	bool has_discovery;
	struct gate_root *roots;
	size_t root_count;
	struct gate_collection *collections; /* by feed number */
	size_t collection_count;
	struct str *sources; /* by number, STR_NONE for gaps */
	size_t source_count;
};

enum err node_decision(
    struct gate *g, struct str path, struct arena *arena, yyjson_val **out, struct fault *fault)
{
	uint64_t seq = path.n && path.n <= STORE_ID_MAX ? store_find(g->store, path) : STORE_NONE;
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root;

	if (seq == STORE_NONE || store_row(g->store, seq)->kind != RECORD_DECISION)
		return fail(fault, ERR_NOT_FOUND, "nothing is decided about %.*s", STR_ARG(path));
	TRY(json_parse(&root, arena, store_content(g->store, seq), &limits, fault));
	if (yyjson_get_bool(yyjson_obj_get(root, "removed")))
		return fail(fault, ERR_NOT_FOUND, "%.*s was removed", STR_ARG(path));
	*out = root;
	return OK;
}

struct collect {
	struct arena *arena;
	struct node_paths *paths;
	bool failed;
};

static void add_path(void *ctx, struct str path)
{
	struct collect *c = ctx;
	struct node_paths *p = c->paths;

	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 32;
		struct str *items = arena_array(c->arena, room, sizeof(*items));

		if (!items) {
			c->failed = true;
			return;
		}
		if (p->count)
			memcpy(items, p->items, p->count * sizeof(*items));
		p->items = items;
		p->room = room;
	}
	p->items[p->count] = arena_str(c->arena, path);
	c->failed = c->failed || !p->items[p->count].p;
	p->count++;
}

/* str_cmp orders by length or bytes as it likes; all that matters is that equal ones meet. */
static void sort_unique(struct node_paths *p)
{
	size_t n = 0;

	if (p->count > 1)
		qsort(p->items, p->count, sizeof(*p->items), str_order);
	for (size_t i = 0; i < p->count; i++)
		if (n == 0 || !str_eq(p->items[n - 1], p->items[i]))
			p->items[n++] = p->items[i];
	p->count = n;
}

static bool is_removed(struct gate *g, struct str path, struct arena *arena)
{
	yyjson_val *root;

	return node_decision(g, path, arena, &root, NULL) != OK;
}

enum err node_paths(struct gate *g, struct str prefix, struct arena *arena, struct node_paths *out,
    struct fault *fault)
{
	struct collect c = {.arena = arena, .paths = out};
	struct arena *look;
	uint64_t from;
	size_t n = 0;
	enum err rc;

	*out = (struct node_paths){0};
	/* The cursor first: what the view takes meanwhile is then seen twice, never missed. */
	from = state_cursor(g->state);
	rc = state_list(g->state, prefix, add_path, &c, fault);
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	for (uint64_t seq = from; seq < store_size(g->store); seq++)
		if (store_row(g->store, seq)->kind == RECORD_DECISION &&
		    str_starts(store_id(g->store, seq), prefix))
			add_path(&c, store_id(g->store, seq));
	if (c.failed)
		return fail(
		    fault, ERR_NOMEM, "out of memory for the list of %.*s", STR_ARG(prefix));
	sort_unique(out);
	look = arena_new(STATE_MAX);
	for (size_t i = 0; i < out->count; i++) {
		arena_reset(look);
		if (!is_removed(g, out->items[i], look))
			out->items[n++] = out->items[i];
	}
	arena_free(look);
	out->count = n;
	return OK;
}

static struct str text_member(yyjson_val *root, const char *key, struct arena *arena)
{
	struct str s = json_get_str(root, key);

	return s.p ? arena_str(arena, s) : STR_NONE;
}

static uint64_t number_member(yyjson_val *root, const char *key, uint64_t otherwise)
{
	yyjson_val *v = yyjson_obj_get(root, key);

	return yyjson_is_uint(v) ? yyjson_get_uint(v) : otherwise;
}

/* The strings of a list; what is no string is left out. */
static const struct str *text_list(
    yyjson_val *root, const char *key, struct arena *arena, size_t *count)
{
	yyjson_val *list = yyjson_obj_get(root, key);
	size_t i, max, n = 0;
	yyjson_val *v;
	struct str *out = arena_array(arena, yyjson_arr_size(list) + 1, sizeof(*out));

	*count = 0;
	if (!out)
		return NULL;
	yyjson_arr_foreach(list, i, max, v)
	{
		struct str s = json_str(v);

		if (s.p)
			out[n++] = arena_str(arena, s);
	}
	*count = n;
	return out;
}

static void load_discovery(struct gate *g, struct node_state *n)
{
	yyjson_val *root;

	n->has_discovery = node_decision(g, S("discovery"), n->arena, &root, NULL) == OK;
	if (!n->has_discovery)
		return;
	n->discovery = (struct gate_discovery){
	    .title = text_member(root, "title", n->arena),
	    .description = text_member(root, "description", n->arena),
	    .contact = text_member(root, "contact", n->arena),
	    .default_root = text_member(root, "default", n->arena),
	};
	n->discovery.roots = text_list(root, "api_roots", n->arena, &n->discovery.root_count);
}

static enum err load_roots(struct gate *g, struct node_state *n, struct fault *fault)
{
	struct node_paths paths;

	TRY(node_paths(g, S("root/"), n->arena, &paths, fault));
	n->roots = arena_array(n->arena, paths.count + 1, sizeof(*n->roots));
	for (size_t i = 0; n->roots && i < paths.count; i++) {
		yyjson_val *root;

		if (node_decision(g, paths.items[i], n->arena, &root, NULL) != OK)
			continue;
		n->roots[n->root_count++] = (struct gate_root){
		    .name = str_from(paths.items[i], 5),
		    .title = text_member(root, "title", n->arena),
		    .description = text_member(root, "description", n->arena),
		    .max_content_length =
		        number_member(root, "max_content_length", CONTENT_LENGTH_DEFAULT),
		    .page_limit = (uint32_t)number_member(root, "page_limit", PAGE_LIMIT_DEFAULT),
		};
	}
	return n->roots ? OK : fail(fault, ERR_NOMEM, "out of memory for API roots");
}

static bool bool_member(yyjson_val *root, const char *key)
{
	return yyjson_get_bool(yyjson_obj_get(root, key));
}

static int compare_collections(const void *pa, const void *pb)
{
	const struct gate_collection *a = pa, *b = pb;

	return a->feed < b->feed ? -1 : a->feed > b->feed;
}

static enum err load_collections(struct gate *g, struct node_state *n, struct fault *fault)
{
	struct node_paths paths;

	TRY(node_paths(g, S("collection/"), n->arena, &paths, fault));
	n->collections = arena_array(n->arena, paths.count + 1, sizeof(*n->collections));
	for (size_t i = 0; n->collections && i < paths.count; i++) {
		struct gate_collection *c = &n->collections[n->collection_count];
		yyjson_val *root;

		if (node_decision(g, paths.items[i], n->arena, &root, NULL) != OK)
			continue;
		n->collection_count++;
		*c = (struct gate_collection){
		    .id = str_from(paths.items[i], 11),
		    .root = text_member(root, "root", n->arena),
		    .title = text_member(root, "title", n->arena),
		    .description = text_member(root, "description", n->arena),
		    .alias = text_member(root, "alias", n->arena),
		    .feed = (uint32_t)number_member(root, "feed", 0),
		    .can_read = bool_member(root, "can_read"),
		    .can_write = bool_member(root, "can_write"),
		};
		c->media_types = text_list(root, "media_types", n->arena, &c->media_type_count);
	}
	if (!n->collections)
		return fail(fault, ERR_NOMEM, "out of memory for collections");
	if (n->collection_count > 1)
		qsort(n->collections, n->collection_count, sizeof(*n->collections),
		    compare_collections);
	return OK;
}

static enum err load_sources(struct gate *g, struct node_state *n, struct fault *fault)
{
	struct node_paths paths;
	uint64_t most = 0;
	uint64_t *numbers;

	TRY(node_paths(g, S("source/"), n->arena, &paths, fault));
	numbers = arena_array(n->arena, paths.count + 1, sizeof(*numbers));
	for (size_t i = 0; numbers && i < paths.count; i++) {
		yyjson_val *root;

		numbers[i] = 0;
		if (node_decision(g, paths.items[i], n->arena, &root, NULL) == OK)
			numbers[i] = number_member(root, "number", 0);
		if (numbers[i] < SOURCES_MAX && numbers[i] > most)
			most = numbers[i];
	}
	n->sources = arena_zalloc(n->arena, (most + 1) * sizeof(*n->sources));
	if (!numbers || !n->sources)
		return fail(fault, ERR_NOMEM, "out of memory for sources");
	n->source_count = most + 1;
	for (size_t i = 0; i < paths.count; i++)
		if (numbers[i] > 0 && numbers[i] <= most)
			n->sources[numbers[i]] = str_from(paths.items[i], 7);
	return OK;
}

/* Of the decisions only these are kept parsed; positions and statuses come all the time. */
static bool matters(struct str path)
{
	return str_starts(path, S("collection/")) || str_starts(path, S("root/")) ||
	       str_starts(path, S("source/")) || str_eq(path, S("discovery"));
}

static enum err node_refresh(struct gate *g, struct node_state **out, struct fault *fault)
{
	struct node_state *n = g->node;
	uint64_t size = store_size(g->store);

	if (!n) {
		n = g->node = mem_alloc(sizeof(*n));
		n->arena = arena_new(STATE_MAX);
		n->seen = size;
	}
	for (; n->fresh && n->seen < size; n->seen++)
		if (store_row(g->store, n->seen)->kind == RECORD_DECISION &&
		    matters(store_id(g->store, n->seen)))
			n->fresh = false;
	n->seen = size;
	if (!n->fresh) {
		struct arena *a = n->arena;

		arena_reset(a);
		*n = (struct node_state){.seen = size, .arena = a};
		load_discovery(g, n);
		TRY(load_roots(g, n, fault));
		TRY(load_collections(g, n, fault));
		TRY(load_sources(g, n, fault));
		n->fresh = true;
	}
	*out = n;
	return OK;
}

void node_free(struct node_state *n)
{
	if (!n)
		return;
	arena_free(n->arena);
	mem_free(n);
}

/* Copies a text out of the parsed state, which the next request may parse anew. */
static struct str keep(const struct gate_ask *ask, struct str s)
{
	return s.p ? arena_str(ask->arena, s) : STR_NONE;
}

static const struct str *keep_list(const struct gate_ask *ask, const struct str *list, size_t count)
{
	struct str *out = arena_array(ask->arena, count + 1, sizeof(*out));

	for (size_t i = 0; out && i < count; i++)
		out[i] = keep(ask, list[i]);
	return out;
}

enum err gate_discovery(const struct gate_ask *ask, struct gate_discovery *out, struct fault *fault)
{
	struct node_state *n;

	TRY(node_refresh(ask->gate, &n, fault));
	if (!n->has_discovery)
		return fail(fault, ERR_NOT_FOUND, "this node announces no API root");
	*out = (struct gate_discovery){
	    .title = keep(ask, n->discovery.title),
	    .description = keep(ask, n->discovery.description),
	    .contact = keep(ask, n->discovery.contact),
	    .default_root = keep(ask, n->discovery.default_root),
	    .roots = keep_list(ask, n->discovery.roots, n->discovery.root_count),
	    .root_count = n->discovery.root_count,
	};
	return out->roots ? OK : fail(fault, ERR_NOMEM, "out of memory");
}

enum err gate_root(
    const struct gate_ask *ask, struct str name, struct gate_root *out, struct fault *fault)
{
	struct node_state *n;

	TRY(node_refresh(ask->gate, &n, fault));
	for (size_t i = 0; i < n->root_count; i++)
		if (str_eq(n->roots[i].name, name)) {
			*out = n->roots[i];
			out->name = keep(ask, out->name);
			out->title = keep(ask, out->title);
			out->description = keep(ask, out->description);
			return OK;
		}
	return fail(fault, ERR_NOT_FOUND, "no API root %.*s", STR_ARG(str_slice(name, 0, 100)));
}

static struct gate_collection keep_collection(
    const struct gate_ask *ask, const struct gate_collection *c)
{
	struct gate_collection out = *c;

	out.id = keep(ask, c->id);
	out.root = keep(ask, c->root);
	out.title = keep(ask, c->title);
	out.description = keep(ask, c->description);
	out.alias = keep(ask, c->alias);
	out.media_types = keep_list(ask, c->media_types, c->media_type_count);
	return out;
}

enum err gate_collections(
    const struct gate_ask *ask, struct str root, struct gate_collections *out, struct fault *fault)
{
	struct gate_collection *items;
	struct node_state *n;
	size_t count = 0;

	TRY(node_refresh(ask->gate, &n, fault));
	items = arena_array(ask->arena, n->collection_count + 1, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for collections");
	for (size_t i = 0; i < n->collection_count; i++)
		if (!root.p || str_eq(n->collections[i].root, root))
			items[count++] = keep_collection(ask, &n->collections[i]);
	*out = (struct gate_collections){.items = items, .count = count};
	return OK;
}

enum err gate_collection(const struct gate_ask *ask, struct str root, struct str id_or_alias,
    struct gate_collection *out, struct fault *fault)
{
	struct node_state *n;

	TRY(node_refresh(ask->gate, &n, fault));
	for (size_t i = 0; i < n->collection_count; i++) {
		const struct gate_collection *c = &n->collections[i];

		if (!str_eq(c->root, root))
			continue;
		if (str_eq(c->id, id_or_alias) || (c->alias.p && str_eq(c->alias, id_or_alias))) {
			*out = keep_collection(ask, c);
			return OK;
		}
	}
	return fail(
	    fault, ERR_NOT_FOUND, "no collection %.*s", STR_ARG(str_slice(id_or_alias, 0, 100)));
}

static enum err status_text(
    yyjson_val *status, struct arena *arena, struct str *out, struct fault *fault)
{
	struct str text;
	struct buf b;
	enum err rc;

	buf_init(&b, STATE_MAX);
	rc = jcs_write(&b, arena, status, fault);
	text = rc == OK ? arena_str(arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	TRY(rc);
	if (!text.p)
		return fail(fault, ERR_NOMEM, "out of memory for a status");
	*out = text;
	return OK;
}

enum err gate_status(const struct gate_ask *ask, struct str root, struct str id, struct str *out,
    struct fault *fault)
{
	struct str path = arena_printf(ask->arena, "status/%.*s", STR_ARG(str_slice(id, 0, 100)));
	const struct reader *reader = ask->reader;
	yyjson_val *decision;
	bool mine;

	if (node_decision(ask->gate, path, ask->arena, &decision, NULL) != OK)
		return fail(fault, ERR_NOT_FOUND, "no such status");
	mine = str_eq(json_get_str(decision, "by"), reader->name) ||
	       role_may((enum role)reader->role, ACTION_ADMINISTER);
	if (!mine || !str_eq(json_get_str(decision, "root"), root))
		return fail(fault, ERR_NOT_FOUND, "no such status");
	return status_text(yyjson_obj_get(decision, "status"), ask->arena, out, fault);
}

struct str gate_source_name(const struct gate_ask *ask, uint32_t source)
{
	struct node_state *n;

	if (source == 0)
		return S("local");
	if (node_refresh(ask->gate, &n, NULL) != OK || source >= n->source_count ||
	    !n->sources[source].p)
		return S("unknown");
	return keep(ask, people_source_name(ask->gate->people, ask->arena, n->sources[source]));
}
