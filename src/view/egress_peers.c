/* SPDX-License-Identifier: Apache-2.0 */
#include "view/egress_peers.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "policy/principal.h"
#include "view/egress_table.h"

static const char PEER[] = "peer/", COMMUNITY[] = "community/", SOURCE[] = "source/peer:";

bool egress_peers_concern(struct str path)
{
	return str_starts(path, str_c(PEER)) || str_starts(path, str_c(COMMUNITY)) ||
	       str_starts(path, str_c(SOURCE));
}

struct loader {
	struct egress_peers *peers;
	struct sql *sql;
	const struct store *store;
	struct arena *arena;
	struct principal_node node;
};

static yyjson_val *decision_of(const struct loader *l, uint64_t seq)
{
	yyjson_val *root = NULL;

	if (json_parse(&root, l->arena, store_content(l->store, seq), &JSON_LIMITS_OBJECT, NULL) !=
	    OK)
		return NULL;
	return root;
}

static void copy(char out[EGRESS_NAME_MAX + 1], struct str s)
{
	(void)snprintf(out, EGRESS_NAME_MAX + 1, "%.*s", STR_ARG(str_slice(s, 0, EGRESS_NAME_MAX)));
}

/* One of this identity that is there already. */
static struct egress_peer *find_identity(const struct egress_peers *peers, struct str identity)
{
	for (size_t i = 0; i < peers->count; i++)
		if (str_eq(str_c(peers->all[i].identity), identity))
			return &peers->all[i];
	return NULL;
}

/* Its feed is that of its identity, whatever its name is. */
static enum err find_feed(
    const struct loader *l, struct egress_peer *p, struct str identity, struct fault *fault)
{
	uint64_t size = 0;
	enum err rc = egress_find(l->sql, identity, &p->feed, &size, NULL);

	if (rc == ERR_NOT_FOUND) {
		/* Numbers follow the order in which identities were met. */
		TRY(egress_next_feed(l->sql, &p->feed, fault));
		rc = egress_put(
		    l->sql, EGRESS_PUT_FEED, (const int64_t[]){p->feed, 0}, 2, identity, fault);
	}
	p->size = size;
	return rc;
}

static enum err add_peer(struct loader *l, struct str name, uint64_t seq, struct fault *fault)
{
	yyjson_val *peer = decision_of(l, seq);
	struct str identity = json_get_str(peer, "identity");
	bool active = str_eq(json_get_str(peer, "state"), S("active"));
	struct egress_peer *p = find_identity(l->peers, identity);

	if (json_get_str(peer, "introduced_by").p)
		return OK;
	/* Met twice: the active one counts. */
	if (p && (p->active || !active))
		return OK;
	if (identity.n == 0 || identity.n > EGRESS_NAME_MAX || name.n > EGRESS_NAME_MAX ||
	    (!p && l->peers->count == EGRESS_PEERS_MAX))
		return OK;
	if (!p)
		p = &l->peers->all[l->peers->count++];
	assert(p);
	*p = (struct egress_peer){.active = active};
	copy(p->name, name);
	copy(p->identity, identity);
	reader_of_peer(&p->reader, str_c(p->name), peer, &l->node);
	return find_feed(l, p, identity, fault);
}

static struct egress_peer *find_peer(const struct egress_peers *peers, struct str name)
{
	for (size_t i = 0; i < peers->count; i++)
		if (str_eq(str_c(peers->all[i].name), name))
			return &peers->all[i];
	return NULL;
}

static void add_community(const struct loader *l, struct str name, uint64_t seq)
{
	yyjson_val *community = decision_of(l, seq);

	for (size_t i = 0; i < l->peers->count && community; i++)
		reader_join_as_peer(&l->peers->all[i].reader, name, community);
}

static void add_source(const struct loader *l, struct str name, uint64_t seq)
{
	struct egress_peer *p = find_peer(l->peers, name);
	uint64_t number = yyjson_get_uint(yyjson_obj_get(decision_of(l, seq), "number"));

	if (p && number <= UINT32_MAX)
		p->source = (uint32_t)number;
}

struct path {
	struct str text;
	uint64_t seq;
};

/* The database's list, taken out before anything else asks it. */
static enum err list(const struct loader *l, struct path **out, size_t *count, struct fault *fault)
{
	sqlite3_stmt *st = l->sql->statements[EGRESS_GET_DECISIONS];
	struct path *paths = NULL;
	size_t n = 0, room = 0;
	int rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (n == room) {
			room = room ? room * 2 : 64;
			paths = mem_grow(paths, room, sizeof(*paths));
		}
		paths[n].text =
		    arena_str(l->arena, (struct str){(const char *)sqlite3_column_text(st, 0),
		                            (size_t)sqlite3_column_bytes(st, 0)});
		paths[n++].seq = (uint64_t)sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	*out = paths;
	*count = n;
	return rc == SQLITE_DONE ? OK : sql_fail(l->sql, rc, fault);
}

enum err egress_peers_load(struct egress_peers *p, struct sql *q, const struct store *s,
    struct arena *arena, struct fault *fault)
{
	struct loader l = {.peers = p, .sql = q, .store = s, .arena = arena};
	const struct str peer = str_c(PEER), community = str_c(COMMUNITY), source = str_c(SOURCE);
	struct path *paths = NULL;
	size_t count = 0;
	enum err rc = list(&l, &paths, &count, fault);

	/* A ledger begins with its node's identity. */
	l.node = principal_node(S(""), store_size(s) ? store_id(s, 0) : S(""));
	if (!p->all)
		p->all = mem_alloc(EGRESS_PEERS_MAX * sizeof(*p->all));
	p->count = 0;
	for (size_t i = 0; i < count && rc == OK; i++)
		if (str_starts(paths[i].text, peer))
			rc = add_peer(&l, str_from(paths[i].text, peer.n), paths[i].seq, fault);
	for (size_t i = 0; i < count && rc == OK; i++) {
		if (str_starts(paths[i].text, community))
			add_community(&l, str_from(paths[i].text, community.n), paths[i].seq);
		else if (str_starts(paths[i].text, source))
			add_source(&l, str_from(paths[i].text, source.n), paths[i].seq);
	}
	mem_free(paths);
	return rc;
}

void egress_peers_free(struct egress_peers *p)
{
	mem_free(p->all);
	p->all = NULL;
}
