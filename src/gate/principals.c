/* SPDX-License-Identifier: Apache-2.0 */
/* Readers out of the ledger's decisions. Communities are few and asked for with every request: they
 * are kept parsed, and again when a decision about one came. */
#include "base/mem.h"
#include "codec/json.h"
#include "gate/internal.h"
#include "sys/config.h"
#include "sys/files.h"

enum { PRINCIPALS_MAX = 16 << 20, CONFIG_MEMORY = 4 << 20 };

struct community {
	struct str name;
	yyjson_val *decision;
};

struct principals {
	struct arena *arena;
	struct principal_node node;
	struct arena *node_arena;
	uint64_t seen;       /* records looked at */
	uint64_t generation; /* counts what changed */
	bool fresh;
	struct community *communities;
	size_t count;
};

struct principals *principals_new(struct str node_dir)
{
	struct principals *p = mem_alloc(sizeof(*p));
	struct str path;
	struct config config;

	p->arena = arena_new(PRINCIPALS_MAX);
	p->node_arena = arena_new(CONFIG_MEMORY);
	path = file_join(p->node_arena, node_dir, "tocsin.conf");
	/* Who reads a ledger without its configuration is nobody's own. */
	if (path.p && file_exists(path) &&
	    config_read(&config, p->node_arena, node_dir, NULL) == OK)
		p->node = principal_node(config.name, config.identity);
	return p;
}

void principals_free(struct principals *p)
{
	if (!p)
		return;
	arena_free(p->arena);
	arena_free(p->node_arena);
	mem_free(p);
}

void principals_forget(struct principals *p)
{
	p->fresh = false;
}

static enum err load(struct gate *g, struct principals *p, struct fault *fault)
{
	struct node_paths paths;

	arena_reset(p->arena);
	p->count = 0;
	TRY(node_paths(g, S("community/"), p->arena, &paths, fault));
	p->communities = arena_array(p->arena, paths.count + 1, sizeof(*p->communities));
	if (!p->communities)
		return fail(fault, ERR_NOMEM, "out of memory for communities");
	for (size_t i = 0; i < paths.count; i++) {
		struct community *c = &p->communities[p->count];

		if (node_decision(g, paths.items[i], p->arena, &c->decision, NULL) != OK)
			continue;
		c->name = str_from(paths.items[i], 10);
		p->count++;
	}
	p->generation++;
	p->fresh = true;
	return OK;
}

static enum err refresh(struct gate *g, struct fault *fault)
{
	struct principals *p = g->principals;
	uint64_t size = store_size(g->store);

	if (!p->fresh)
		p->seen = size;
	for (; p->fresh && p->seen < size; p->seen++)
		if (store_row(g->store, p->seen)->kind == RECORD_DECISION &&
		    str_starts(store_id(g->store, p->seen), S("community/")))
			p->fresh = false;
	p->seen = size;
	return p->fresh ? OK : load(g, p, fault);
}

const struct uuid *principals_identity(const struct gate *g)
{
	return g->principals->node.has_identity ? &g->principals->node.identity : NULL;
}

uint64_t principals_generation(struct gate *g)
{
	return refresh(g, NULL) == OK ? g->principals->generation : 0;
}

enum err gate_account_reader(
    struct gate *g, struct str name, yyjson_val *account, struct reader *out, struct fault *fault)
{
	struct principals *p = g->principals;

	TRY(refresh(g, fault));
	reader_of_account(out, name, account, &p->node);
	out->role = (uint8_t)role_of_name(json_get_str(account, "role"));
	for (size_t i = 0; i < p->count; i++)
		reader_join_as_account(
		    out, p->communities[i].name, p->communities[i].decision, account);
	return OK;
}

enum err gate_peer_reader(struct gate *g, struct str name, struct reader *out, struct fault *fault)
{
	struct principals *p = g->principals;
	struct arena *a = arena_new(1 << 20);
	struct str path = arena_printf(a, "peer/%.*s", STR_ARG(str_slice(name, 0, 100)));
	yyjson_val *peer;
	enum err rc = refresh(g, fault);

	if (rc == OK)
		rc = node_decision(g, path, a, &peer, NULL);
	if (rc == OK) {
		reader_of_peer(out, name, peer, &p->node);
		for (size_t i = 0; i < p->count; i++)
			reader_join_as_peer(
			    out, p->communities[i].name, p->communities[i].decision);
	} else if (rc == ERR_NOT_FOUND) {
		rc = fail(fault, rc, "no peer %.*s", STR_ARG(str_slice(name, 0, 100)));
	}
	arena_free(a);
	return rc;
}
