/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/collections.h"

#include "base/mem.h"
#include "codec/json.h"
#include "view/state.h"

enum { LOOK_MAX = 16 << 20, NAME_SHOWN_MAX = 64 };

static const struct str PREFIX = S("collection/");

struct collections {
	const struct store *store;
	struct state *state;
	struct arena *arena; /* of one decision */
};

enum err collections_open(
    struct collections **out, const struct store *store, struct str views, struct fault *fault)
{
	struct collections *c = mem_alloc(sizeof(*c));
	enum err rc;

	*c = (struct collections){.store = store};
	rc = state_open(&c->state, views, fault);
	if (rc != OK) {
		mem_free(c);
		return rc;
	}
	c->arena = arena_new(LOOK_MAX);
	*out = c;
	return OK;
}

void collections_close(struct collections *c)
{
	if (!c)
		return;
	state_close(c->state);
	arena_free(c->arena);
	mem_free(c);
}

/* One question. */
struct look {
	struct collections *c;
	struct str alias;
	uint64_t from; /* the records from here on are looked at one by one */
	struct collection found;
	size_t count;
};

/* The newest decision of a collection that is still there. */
static bool read_collection(
    struct collections *c, uint64_t seq, struct collection *out, struct str *alias)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root;

	if (seq == STORE_NONE || store_row(c->store, seq)->kind != RECORD_DECISION)
		return false;
	arena_reset(c->arena);
	if (json_parse(&root, c->arena, store_content(c->store, seq), &limits, NULL) != OK ||
	    yyjson_get_bool(yyjson_obj_get(root, "removed")))
		return false;
	*alias = json_get_str(root, "alias");
	out->feed = yyjson_get_uint(yyjson_obj_get(root, "feed"));
	out->can_write = yyjson_get_bool(yyjson_obj_get(root, "can_write"));
	return true;
}

static void take_if_meant(struct look *k, uint64_t seq)
{
	struct collection found;
	struct str alias;

	if (!read_collection(k->c, seq, &found, &alias) || !str_eq(alias, k->alias))
		return;
	k->found = found;
	k->count++;
}

static void look_at_path(void *ctx, struct str path)
{
	struct look *k = ctx;
	uint64_t seq = store_find(k->c->store, path);

	/* What was decided since comes with the records behind the view. */
	if (seq != STORE_NONE && seq < k->from)
		take_if_meant(k, seq);
}

static void find_alias(struct look *k)
{
	struct collections *c = k->c;
	uint64_t size = store_size_pending(c->store);

	k->from = state_cursor(c->state);
	/* A view of another ledger, or that cannot be read, or that was dropped just now, tells
	 * nothing: then every record is looked at. */
	if (k->from > size || state_list(c->state, PREFIX, look_at_path, k, NULL) != OK ||
	    state_cursor(c->state) < k->from)
		*k = (struct look){.c = c, .alias = k->alias};
	for (uint64_t seq = k->from; seq < size; seq++)
		if (store_row(c->store, seq)->kind == RECORD_DECISION &&
		    str_starts(store_id(c->store, seq), PREFIX) &&
		    store_find(c->store, store_id(c->store, seq)) == seq)
			take_if_meant(k, seq);
}

enum err collections_find(
    struct collections *c, struct str name, struct collection *out, struct fault *fault)
{
	struct look k = {.c = c, .alias = name};
	struct str shown = str_slice(name, 0, NAME_SHOWN_MAX);
	struct str path, alias;
	uint64_t seq;

	arena_reset(c->arena);
	path = arena_printf(c->arena, "%.*s%.*s", STR_ARG(PREFIX), STR_ARG(name));
	seq = path.n && path.n <= STORE_ID_MAX ? store_find(c->store, path) : STORE_NONE;
	if (seq != STORE_NONE)
		k.count = read_collection(c, seq, &k.found, &alias);
	else
		find_alias(&k);
	if (k.count == 0)
		return fail(fault, ERR_NOT_FOUND, "collection: none is named %.*s", STR_ARG(shown));
	if (k.count > 1)
		return fail(fault, ERR_CONFLICT,
		    "collection: %zu have the alias %.*s; give the id of one", k.count,
		    STR_ARG(shown));
	*out = k.found;
	return OK;
}
