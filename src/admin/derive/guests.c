/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/derive/guests.h"

#include "base/mem.h"
#include "codec/json.h"
#include "policy/principal.h"
#include "stix/type.h"

enum { PARSE_MEMORY = 4 << 20, PATHS_AT_ONCE = 64 };

static const struct str ACCOUNT = S("account/"), COMMUNITY = S("community/");

struct guests {
	struct principal_node node;
	struct arena *arena; /* for one reading */
	uint64_t looked;
	bool stale;
	uint64_t *paths; /* the first decision of each account and community */
	size_t path_count;
	struct reader *readers;
	size_t count;
	struct str communities[READER_COMMUNITIES_MAX]; /* in the ledger */
	size_t community_count;
	/* What guests get objects without, by label, then type and community; NULL: not asked yet.
	 */
	uint32_t *answers[UINT16_MAX + 1];
};

#define NOT_ASKED UINT32_MAX

struct guests *guests_new(const struct config *config)
{
	struct guests *g = mem_alloc(sizeof(*g));

	g->node = principal_node(config->name, config->identity);
	g->arena = arena_new(PARSE_MEMORY);
	return g;
}

static void forget(struct guests *g)
{
	for (size_t i = 0; i <= UINT16_MAX; i++) {
		mem_free(g->answers[i]);
		g->answers[i] = NULL;
	}
}

void guests_free(struct guests *g)
{
	if (!g)
		return;
	forget(g);
	arena_free(g->arena);
	mem_free(g->paths);
	mem_free(g->readers);
	mem_free(g);
}

size_t guests_communities(const struct guests *g)
{
	return g->community_count;
}

struct str guests_community(const struct guests *g, size_t i)
{
	return g->communities[i];
}

/* ---- reading ---- */

static bool decided(const struct store *s, struct arena *arena, struct str path, yyjson_val **out)
{
	uint64_t seq = store_find(s, path);

	return seq != STORE_NONE && store_row(s, seq)->kind == RECORD_DECISION &&
	       json_parse(out, arena, store_content(s, seq), &JSON_LIMITS_OBJECT, NULL) == OK &&
	       !yyjson_get_bool(yyjson_obj_get(*out, "removed"));
}

static void join_all(
    struct guests *g, const struct store *s, struct reader *reader, yyjson_val *account)
{
	for (size_t i = 0; i < g->path_count; i++) {
		struct str path = store_id(s, g->paths[i]);
		yyjson_val *decision;

		if (str_starts(path, COMMUNITY) && decided(s, g->arena, path, &decision))
			reader_join_as_account(
			    reader, str_from(path, COMMUNITY.n), decision, account);
	}
}

static bool is_known(const struct reader *all, size_t count, const struct reader *one)
{
	for (size_t i = 0; i < count; i++)
		if (policy_same_reader(&all[i], one))
			return true;
	return false;
}

/* Whose decision it is, when it is a guest's who shares a community. */
static void add_guest(struct guests *g, const struct store *s, struct str path)
{
	struct reader reader;
	yyjson_val *account;

	arena_reset(g->arena);
	if (g->count == GUESTS_MAX || !decided(s, g->arena, path, &account))
		return;
	reader_of_account(&reader, STR_NONE, account, &g->node);
	if (reader.own)
		return;
	join_all(g, s, &reader, account);
	if (reader.community_count == 0 || is_known(g->readers, g->count, &reader))
		return;
	if (g->count % PATHS_AT_ONCE == 0)
		g->readers = mem_grow(g->readers, g->count + PATHS_AT_ONCE, sizeof(*g->readers));
	g->readers[g->count++] = reader;
}

static bool has_guest(const struct guests *g, struct str community)
{
	for (size_t i = 0; i < g->count; i++)
		if (reader_only_in(&g->readers[i], community).community_count > 0)
			return true;
	return false;
}

static bool read_all(struct guests *g, const struct store *s)
{
	struct reader *before = g->readers;
	size_t count = g->count;
	bool same;

	g->readers = NULL;
	g->count = g->community_count = 0;
	for (size_t i = 0; i < g->path_count; i++)
		if (str_starts(store_id(s, g->paths[i]), ACCOUNT))
			add_guest(g, s, store_id(s, g->paths[i]));
	for (size_t i = 0; i < g->path_count; i++) {
		struct str path = store_id(s, g->paths[i]);

		if (str_starts(path, COMMUNITY) && g->community_count < READER_COMMUNITIES_MAX &&
		    has_guest(g, str_from(path, COMMUNITY.n)))
			g->communities[g->community_count++] = str_from(path, COMMUNITY.n);
	}
	same = g->count == count;
	for (size_t i = 0; same && i < count; i++)
		same = policy_same_reader(&before[i], &g->readers[i]);
	mem_free(before);
	if (!same)
		forget(g);
	return !same;
}

/* ---- following ---- */

static void note(struct guests *g, const struct store *s, uint64_t seq)
{
	struct str path = store_id(s, seq);

	if (!str_starts(path, ACCOUNT) && !str_starts(path, COMMUNITY))
		return;
	g->stale = true;
	if (store_older(s, seq) != STORE_NONE || g->path_count == GUESTS_PATHS_MAX)
		return;
	if (g->path_count % PATHS_AT_ONCE == 0)
		g->paths = mem_grow(g->paths, g->path_count + PATHS_AT_ONCE, sizeof(*g->paths));
	g->paths[g->path_count++] = seq;
}

bool guests_follow(struct guests *g, const struct store *s, uint64_t end)
{
	for (; g->looked < end; g->looked++)
		if (store_row(s, g->looked)->kind == RECORD_DECISION)
			note(g, s, g->looked);
	if (!g->stale)
		return false;
	g->stale = false;
	return read_all(g, s);
}

static uint32_t withheld_from(
    const struct guests *g, size_t community, const struct label *label, uint16_t type, usec now)
{
	for (size_t i = 0; i < g->count; i++) {
		struct reader one = reader_only_in(&g->readers[i], g->communities[community]);
		struct decision d;

		if (one.community_count == 0)
			continue;
		d = policy_decide_type(label, type, &one, OUTLET_TAXII, now);
		if (d.verdict == VERDICT_REDACT)
			return d.withheld;
	}
	return 0;
}

uint32_t guests_withheld(
    struct guests *g, const struct store *s, size_t community, const struct row *row, usec now)
{
	uint32_t **of = &g->answers[row->label], *answer;
	size_t count = STIX_TYPES * g->community_count;
	struct label label;

	if (!*of) {
		*of = mem_alloc(count * sizeof(**of));
		for (size_t i = 0; i < count; i++)
			(*of)[i] = NOT_ASKED;
	}
	answer = &(*of)[row->tag * g->community_count + community];
	if (*answer == NOT_ASKED) {
		label = label_decode(store_label(s, row->label));
		*answer = withheld_from(g, community, &label, row->tag, now);
	}
	return *answer;
}
