/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/balance.h"

#include "codec/json.h"
#include "gate/internal.h"
#include "gate/peers.h"

enum { BATCH = 256, LEAST_ENTRIES = 1000, WORDS_MAX = 8192, KEPT_MAX = 4096 };

/* Objects that are alike to every rule: label, type, and where they came from. */
struct kept {
	uint16_t label, type;
	uint32_t source;
	uint64_t count;
};

struct tallying {
	const struct gate_ask *ask;
	const struct sight *sight;
	usec since, now;
	uint64_t entries; /* that may be looked at of one feed */
	struct kept *kept;
	size_t kept_count;
	bool more;
};

struct counts {
	uint64_t given[STIX_TYPES], confirmed[STIX_TYPES], back[STIX_TYPES], received[STIX_TYPES];
};

/* Whether the asking reader may see it, or might if it were not taken back. */
static bool may_know(const struct tallying *t, const struct row *row)
{
	return row->kind == RECORD_OBJECT && row->tag < STIX_TYPES && row->received >= t->since &&
	       !(row->flags & RECORD_FLAG_DERIVED) && (t->sight->types[row->label] >> row->tag & 1);
}

/* ---- the ledger, once: what there is to give ---- */

static void keep(struct tallying *t, const struct row *row)
{
	struct kept *k = t->kept;

	for (size_t i = 0; i < t->kept_count; i++, k++)
		if (k->label == row->label && k->type == row->tag && k->source == row->source) {
			k->count++;
			return;
		}
	if (t->kept_count == KEPT_MAX) {
		t->more = true;
		return;
	}
	*k = (struct kept){row->label, row->tag, row->source, 1};
	t->kept_count++;
}

static void look(struct tallying *t)
{
	const struct store *s = t->ask->gate->store;
	uint64_t size = store_size(s), from = 0;

	if (size > GATE_BALANCE_LOOK) {
		from = size - GATE_BALANCE_LOOK;
		t->more = store_row(s, from)->received >= t->since;
	}
	for (uint64_t seq = from; seq < size; seq++) {
		const struct row *row = store_row(s, seq);

		if (may_know(t, row) && !store_withdrawn(row) && !store_superseded(row))
			keep(t, row);
	}
}

/* ---- one peer ---- */

/* The object that an entry is about: a withdrawal or a purge names the decision. */
static const struct row *row_of(const struct gate *g, const struct egress_entry *e)
{
	const struct row *row = store_row(g->store, e->seq);
	struct str id;
	uint64_t seq;

	if (row->kind != RECORD_DECISION)
		return row;
	id = store_id(g->store, e->seq);
	(void)str_cut(&id, '/');
	seq = store_find(g->store, id);
	return seq == STORE_NONE ? row : store_row(g->store, seq);
}

static bool count_entries(
    const struct tallying *t, const struct gate_peer *p, struct counts *c, struct fault *fault)
{
	struct gate *g = t->ask->gate;
	struct egress_entry batch[BATCH];
	struct egress_feed feed;
	uint64_t at, receipted = p->given - p->behind_by;
	size_t n = 0;

	if (egress_feed(g->egress, p->identity, &feed, NULL) != OK)
		return false;
	at = feed.size > t->entries ? feed.size - t->entries : 0;
	for (; at < feed.size; at += n) {
		if (egress_entries(g->egress, feed.number, at, batch, BATCH, &n, fault) != OK ||
		    n == 0)
			break;
		for (size_t i = 0; i < n; i++) {
			const struct row *row = row_of(g, &batch[i]);
			bool gives = batch[i].kind == SYNC_OBJECT;

			if (!may_know(t, row))
				continue;
			c->given[row->tag] += gives;
			c->confirmed[row->tag] += gives && at + i < receipted;
			c->back[row->tag] += !gives;
		}
	}
	return feed.size > t->entries;
}

static uint32_t source_of(const struct gate_ask *ask, struct str peer)
{
	struct str path = arena_printf(ask->arena, "source/peer:%.*s", STR_ARG(peer));
	yyjson_val *source;

	if (node_decision(ask->gate, path, ask->arena, &source, NULL) != OK)
		return 0;
	return (uint32_t)yyjson_get_uint(yyjson_obj_get(source, "number"));
}

static void withhold(struct gate_balance *b, const struct why *why, uint64_t count)
{
	for (size_t i = 0; i < b->rule_count; i++)
		if (str_eq(str_c(b->withheld[i].rule), str_c(why->decision.rule))) {
			b->withheld[i].count += count;
			return;
		}
	if (b->rule_count < GATE_BALANCE_RULES)
		b->withheld[b->rule_count++] =
		    (struct gate_balance_rule){why->decision.rule, policy_why_text(why), count};
}

static void count_kept(const struct tallying *t, const struct reader *peer, uint32_t source,
    struct gate_balance *b, struct counts *c)
{
	for (size_t i = 0; i < t->kept_count; i++) {
		const struct kept *k = &t->kept[i];
		struct label label;
		struct why why;

		if (source && k->source == source) {
			c->received[k->type] += k->count;
			continue;
		}
		label = gate_label(t->ask->gate, k->label);
		policy_why(&why, &label, k->type, peer, OUTLET_PEER, t->now);
		if (why.decision.verdict == VERDICT_DENY)
			withhold(b, &why, k->count);
	}
}

static enum err put_types(
    const struct tallying *t, const struct counts *c, struct gate_balance *b, struct fault *fault)
{
	b->types = arena_array(t->ask->arena, STIX_TYPES, sizeof(*b->types));
	if (!b->types)
		return fail(fault, ERR_NOMEM, "out of memory for counts");
	for (unsigned i = 0; i < STIX_TYPES; i++) {
		struct str name = stix_type_name((enum stix_type_id)i);

		if (c->given[i] + c->back[i] + c->received[i] == 0)
			continue;
		b->types[b->type_count++] =
		    (struct gate_balance_type){name.n ? name : S("other types"), c->given[i],
		        c->confirmed[i], c->back[i], c->received[i]};
	}
	return OK;
}

static struct str communities_of(const struct gate_ask *ask, const struct reader *r)
{
	struct buf text;
	struct str out;

	buf_init(&text, WORDS_MAX);
	for (size_t i = 0; i < r->community_count; i++) {
		if (i)
			buf_put(&text, S(", "));
		names_put(&text,
		    (struct str){r->community_names + r->communities[i].at, r->communities[i].n});
	}
	out = arena_str(ask->arena, buf_str(&text));
	buf_free(&text);
	return out;
}

static enum err balance_of(const struct tallying *t, const struct gate_peer *p,
    struct gate_balance *out, struct fault *fault)
{
	struct counts c = {0};
	struct reader r;

	TRY(gate_peer_reader(t->ask->gate, p->name, &r, fault));
	*out = (struct gate_balance){.peer = p->name,
	    .node = p->node,
	    .state = p->state,
	    .communities = communities_of(t->ask, &r),
	    .more = t->more};
	out->more |= count_entries(t, p, &c, fault);
	count_kept(t, &r, source_of(t->ask, p->name), out, &c);
	return put_types(t, &c, out, fault);
}

enum err gate_balances(
    const struct gate_ask *ask, usec since, struct gate_balances *out, struct fault *fault)
{
	struct tallying t = {.ask = ask, .since = since, .now = env_now(ask->gate->env)};
	struct gate_peers peers;
	struct gate_balance *items;

	TRY(gate_peers(ask, &peers, fault));
	t.sight = gate_sight(ask);
	t.entries = peers.count ? GATE_BALANCE_LOOK / peers.count : 0;
	if (t.entries < LEAST_ENTRIES)
		t.entries = LEAST_ENTRIES;
	t.kept = arena_array(ask->arena, KEPT_MAX, sizeof(*t.kept));
	items = arena_array(ask->arena, peers.count + 1, sizeof(*items));
	if (!t.kept || !items)
		return fail(fault, ERR_NOMEM, "out of memory for counts");
	look(&t);
	for (size_t i = 0; i < peers.count; i++)
		TRY(balance_of(&t, &peers.items[i], &items[i], fault));
	*out = (struct gate_balances){.items = items, .count = peers.count};
	return OK;
}
