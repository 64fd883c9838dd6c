/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of what a reader may see, and proofs that it is in the ledger. Counting once through the
 * ledger per kind of reader, then only what is new. */
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "gate/internal.h"
#include "gate/tally.h"

/* True when no other version that this reader may see came before: each object counts once. */
static bool is_first_seen(const struct gate *g, const struct sight *sight, uint64_t seq)
{
	const struct row *row = store_row(g->store, seq);

	if (!store_superseded(row) && store_older(g->store, seq) == STORE_NONE)
		return true;
	for (uint64_t o = store_find(g->store, store_id(g->store, seq)); o != STORE_NONE;
	    o = store_older(g->store, o))
		if (o < seq && sight_allows(g, sight, o))
			return false;
	return true;
}

/* A version that came after one of which something was derived may hide that. */
static bool may_hide_derived(const struct gate *g, const struct sight *s, uint64_t seq)
{
	const struct row *row = store_row(g->store, seq), *before;
	uint64_t older = store_older(g->store, seq);

	if (s->reader.own || older == STORE_NONE || (row->flags & RECORD_FLAG_DERIVED))
		return false;
	before = store_row(g->store, older);
	return before->kind == RECORD_OBJECT && before->tag < STIX_TYPES &&
	       (s->terms[before->label] >> before->tag & 1) && !sight_releases(g, s, older);
}

static void count_row(struct tally *t, const struct row *row)
{
	t->objects++;
	if (row->tag < STIX_TYPES)
		t->by_type[row->tag]++;
	if (row->tag == STIX_TYPE_SIGHTING && row->source < TALLY_SOURCES)
		t->sightings_of[row->source]++;
	if (row->tag == STIX_TYPE_INDICATOR && row->source < TALLY_SOURCES)
		t->indicators_of[row->source]++;
}

static struct tally *tally_slot(struct gate *g, const struct sight *sight)
{
	struct tally **place = &g->tallies[0];

	for (size_t i = 0; i < TALLIES_MAX; i++) {
		struct tally *t = g->tallies[i];

		if (t && t->sight == sight->number)
			return t;
		if (!t || (*place && t->used < (*place)->used))
			place = &g->tallies[i];
	}
	if (!*place)
		*place = mem_alloc(sizeof(**place));
	memset(*place, 0, sizeof(**place));
	(*place)->sight = sight->number;
	return *place;
}

/* True when what was counted before has to be counted again. */
static bool count_new(struct tally *t, struct gate *g, const struct sight *sight, uint64_t size)
{
	bool again = false;

	for (; t->seen < size; t->seen++) {
		const struct row *row = store_row(g->store, t->seen);

		if (row->kind != RECORD_OBJECT)
			continue;
		again = again || may_hide_derived(g, sight, t->seen);
		if (sight_allows(g, sight, t->seen) && is_first_seen(g, sight, t->seen))
			count_row(t, row);
	}
	return again;
}

const struct tally *gate_tally(const struct gate_ask *ask)
{
	struct gate *g = ask->gate;
	const struct sight *sight = gate_sight(ask);
	uint64_t size = store_size(g->store);
	uint64_t withdrawals = store_withdrawals(g->store);
	struct tally *t = tally_slot(g, sight);

	if (t->withdrawals != withdrawals) {
		*t = (struct tally){.sight = t->sight};
		t->withdrawals = withdrawals;
	}
	t->used = ++g->clock;
	if (t->seen > 0 && count_new(t, g, sight, size))
		*t = (struct tally){.sight = t->sight, .withdrawals = withdrawals, .used = t->used};
	(void)count_new(t, g, sight, size);
	return t;
}

void figures_free(struct tally *t)
{
	mem_free(t);
}

struct checkpoint {
	struct str text, origin;
	uint64_t size;
	struct sha256 root;
};

/* C2SP tlog-checkpoint: origin, size and root, a line each. */
static enum err read_checkpoint(
    const struct gate_ask *ask, struct checkpoint *out, struct fault *fault)
{
	struct checkpoint c = {0};
	struct str rest, root;

	TRY(store_checkpoint(ask->gate->store, ask->arena, &c.text, fault));
	rest = c.text;
	c.origin = str_cut(&rest, '\n');
	if (c.origin.n == 0 || str_u64(str_cut(&rest, '\n'), &c.size) != OK ||
	    base64_decode(&root, ask->arena, str_cut(&rest, '\n')) != OK || root.n != SHA256_LEN)
		return fail(fault, ERR_BUSY, "no checkpoint is signed yet");
	memcpy(c.root.b, root.p, SHA256_LEN);
	*out = c;
	return OK;
}

enum err gate_prove(const struct gate_ask *ask, struct str id, int64_t version,
    struct gate_proof *out, struct fault *fault)
{
	struct gate_object object;
	struct checkpoint c;
	struct proof p;

	if (!role_may((enum role)ask->reader->role, ACTION_AUDIT))
		return fail(fault, ERR_DENIED, "proofs are for who may audit");
	TRY(gate_get(ask, id, version, &object, fault));
	TRY(read_checkpoint(ask, &c, fault));
	if (object.seq >= c.size)
		return fail(fault, ERR_BUSY, "the checkpoint over this record is being signed");
	/* Keys may have been rotated since. */
	TRY(gate_load_public_key(ask->gate, fault));
	TRY(store_prove_inclusion(ask->gate->store, object.seq, c.size, ask->arena, &p, fault));
	*out = (struct gate_proof){.seq = object.seq,
	    .size = c.size,
	    .leaf = store_leaf(ask->gate->store, object.seq),
	    .root = c.root,
	    .hashes = p.hashes,
	    .count = p.count,
	    .checkpoint = c.text,
	    .origin = c.origin,
	    .header = store_header(ask->gate->store, object.seq),
	    .public_key = {ask->gate->public_key, ask->gate->public_key_size}};
	return OK;
}

uint64_t gate_ledger_end(const struct gate *g)
{
	return store_size(g->store);
}

uint64_t gate_views_end(const struct gate *g)
{
	const uint64_t cursors[] = {feeds_cursor(g->feeds), relations_cursor(g->relations),
	    text_cursor(g->text), state_cursor(g->state), indicators_cursor(g->indicators)};
	uint64_t end = cursors[0];

	for (size_t i = 1; i < sizeof(cursors) / sizeof(cursors[0]); i++)
		if (cursors[i] < end)
			end = cursors[i];
	return end;
}

static uint64_t count_derived(struct gate *g)
{
	for (uint64_t size = store_size(g->store); g->derived_seen < size; g->derived_seen++) {
		const struct row *row = store_row(g->store, g->derived_seen);

		g->derived += row->kind == RECORD_OBJECT && (row->flags & RECORD_FLAG_DERIVED) != 0;
	}
	return g->derived;
}

static void fill_views(struct gate *g, struct gate_figures *out)
{
	const struct gate_view views[] = {
	    {"feed", feeds_cursor(g->feeds), 0},
	    {"relations", relations_cursor(g->relations), 0},
	    {"text", text_cursor(g->text), 0},
	    {"state", state_cursor(g->state), 0},
	    {"match", indicators_cursor(g->indicators), 0},
	    {"egress", egress_cursor(g->egress), 0},
	};
	uint64_t size = store_size(g->store);

	out->view_count = sizeof(views) / sizeof(views[0]);
	for (size_t i = 0; i < out->view_count; i++) {
		out->views[i] = views[i];
		out->views[i].lag = size > views[i].cursor ? size - views[i].cursor : 0;
		if (!out->has_ledger)
			out->views[i].cursor = 0;
	}
}

enum err gate_figures(const struct gate_ask *ask, struct gate_figures *out, struct fault *fault)
{
	struct gate_figures f = {0};
	struct gate_sources sources;
	const struct tally *t;
	struct checkpoint c;

	TRY(gate_sources(ask, &sources, fault));
	TRY(gate_kept(ask, f.kept, fault));
	t = gate_tally(ask);
	f.objects = t->objects;
	f.indicators = t->by_type[STIX_TYPE_INDICATOR];
	f.sightings = t->by_type[STIX_TYPE_SIGHTING];
	f.sources = sources.count;
	f.has_ledger = role_may((enum role)ask->reader->role, ACTION_AUDIT);
	if (f.has_ledger) {
		f.ledger_size = store_size(ask->gate->store);
		f.derived = count_derived(ask->gate);
		if (read_checkpoint(ask, &c, NULL) == OK) {
			f.checkpoint_size = c.size;
			f.root = c.root;
		}
	}
	fill_views(ask->gate, &f);
	*out = f;
	return OK;
}
