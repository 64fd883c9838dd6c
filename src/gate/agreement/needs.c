/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/agreement/needs.h"

#include <stdlib.h>

#include "codec/json.h"
#include "gate/internal.h"
#include "seal/ledger.h"
#include "view/agreement/agreement.h"
#include "view/list.h"

enum { BATCH = 256, RULES_MAX = 32 };

struct needing {
	const struct gate_ask *ask;
	const struct sight *sight;
	struct gate_peers peers;
	struct uuid own;
	struct str own_id;
	usec now;
};

static uint32_t source_of(const struct gate_ask *ask, struct str peer)
{
	struct str path = arena_printf(ask->arena, "source/peer:%.*s", STR_ARG(peer));
	yyjson_val *source;

	if (node_decision(ask->gate, path, ask->arena, &source, NULL) != OK)
		return 0;
	return (uint32_t)yyjson_get_uint(yyjson_obj_get(source, "number"));
}

/* ---- words ---- */

/* This node's own, or what came with the seal of who says it. */
static bool is_word_of(const struct gate *g, uint64_t seq, struct str identity, bool own)
{
	const struct row *row = store_row(g->store, seq);
	struct sealed sealed;

	if (row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_OPINION || store_withdrawn(row))
		return false;
	if (own)
		return !(row->flags & RECORD_FLAG_RECEIVED);
	return (row->flags & RECORD_FLAG_RECEIVED) &&
	       seal_envelope_of(&sealed, NULL, g->store, seq, NULL) == OK &&
	       str_eq(sealed.envelope.statement.originator, identity);
}

static void read_word(const struct needing *n, const struct need *need, struct str identity,
    bool own, struct gate_need_side *out)
{
	const struct gate *g = n->ask->gate;
	struct str id = agreement_answer_id(n->ask->arena, &need->uuid, identity);
	uint64_t seq = id.p ? store_find(g->store, id) : STORE_NONE;
	struct need_word word;
	yyjson_val *object;

	if (seq == STORE_NONE || !is_word_of(g, seq, identity, own) ||
	    json_parse(&object, n->ask->arena, store_content(g->store, seq), &JSON_LIMITS_OBJECT,
	        NULL) != OK ||
	    need_word_read(&word, object) != OK || !str_eq(word.need, need->id))
		return;
	out->answered = true;
	out->answer = word.answer;
	out->reason = word.reason;
}

/* ---- what went ---- */

static bool fits(const struct needing *n, const struct row *row, const struct gate_need *need)
{
	return row->kind == RECORD_OBJECT && row->tag == need->need.type &&
	       row->received >= need->asked && (n->sight->types[row->label] >> row->tag & 1);
}

static void count(struct gate_need_side *side, const struct row *row)
{
	side->delivered++;
	if (!side->first || row->received < side->first)
		side->first = row->received;
}

/* Objects of that type that came from who was asked, since it was asked. */
static void count_received(
    const struct needing *n, const struct gate_need *need, struct gate_need_side *side)
{
	const struct store *s = n->ask->gate->store;
	uint64_t size = store_size(s);
	uint64_t from = size > GATE_NEEDS_LOOK ? size - GATE_NEEDS_LOOK : 0;
	uint32_t source = source_of(n->ask, side->peer);

	for (uint64_t seq = source ? from : size; seq < size; seq++)
		if (store_row(s, seq)->source == source && fits(n, store_row(s, seq), need))
			count(side, store_row(s, seq));
}

/* Likewise what was put into the feed of who asks. */
static void count_given(
    const struct needing *n, const struct gate_need *need, struct gate_need_side *side)
{
	struct gate *g = n->ask->gate;
	struct egress_entry batch[BATCH];
	struct egress_feed feed;
	uint64_t at;
	size_t got = 0;

	if (egress_feed(g->egress, side->identity, &feed, NULL) != OK)
		return;
	at = feed.size > GATE_NEEDS_LOOK ? feed.size - GATE_NEEDS_LOOK : 0;
	for (; at < feed.size; at += got) {
		if (egress_entries(g->egress, feed.number, at, batch, BATCH, &got, NULL) != OK ||
		    got == 0)
			return;
		for (size_t i = 0; i < got; i++) {
			const struct row *row = store_row(g->store, batch[i].seq);

			if (batch[i].kind == SYNC_OBJECT && fits(n, row, need))
				count(side, row);
		}
	}
}

struct kept {
	const char *rule, *text;
	uint64_t count;
};

static void keep(struct kept list[RULES_MAX], const struct why *why)
{
	for (size_t i = 0; i < RULES_MAX; i++) {
		if (list[i].rule && !str_eq(str_c(list[i].rule), str_c(why->decision.rule)))
			continue;
		list[i].rule = why->decision.rule;
		list[i].text = policy_why_text(why);
		list[i].count++;
		return;
	}
}

/* What of that type is here, did not come from who asks, and is kept from it. */
static void count_withheld(
    const struct needing *n, const struct gate_need *need, struct gate_need_side *side)
{
	const struct store *s = n->ask->gate->store;
	uint64_t size = store_size(s);
	uint64_t from = size > GATE_NEEDS_LOOK ? size - GATE_NEEDS_LOOK : 0;
	uint32_t source = source_of(n->ask, side->peer);
	struct kept kept[RULES_MAX] = {{0}}, *most = kept;
	struct reader reader;

	if (gate_peer_reader(n->ask->gate, side->peer, &reader, NULL) != OK)
		return;
	for (uint64_t seq = from; seq < size; seq++) {
		const struct row *row = store_row(s, seq);
		struct label label;
		struct why why;

		if (row->kind != RECORD_OBJECT || row->tag != need->need.type ||
		    (source && row->source == source) || store_withdrawn(row) ||
		    store_superseded(row) || !(n->sight->types[row->label] >> row->tag & 1))
			continue;
		label = gate_label(n->ask->gate, row->label);
		policy_why(&why, &label, row->tag, &reader, OUTLET_PEER, n->now);
		if (why.decision.verdict != VERDICT_DENY)
			continue;
		side->withheld++;
		keep(kept, &why);
	}
	for (size_t i = 0; i < RULES_MAX; i++)
		if (kept[i].count > most->count)
			most = &kept[i];
	side->rule = most->rule;
	side->text = most->text;
}

/* ---- one need ---- */

static bool is_asked(const struct label *label, struct str identity)
{
	struct name name;

	return name_encode(&name, identity) == OK && names_have(label_releasable(label), &name);
}

static void add_side(const struct needing *n, struct gate_need *need, const struct gate_peer *peer)
{
	struct gate_need_side *side = &need->sides[need->count++];

	*side = (struct gate_need_side){.peer = peer->name, .identity = peer->identity};
	if (need->own) {
		read_word(n, &need->need, peer->identity, false, side);
		count_received(n, need, side);
	} else {
		read_word(n, &need->need, n->own_id, true, side);
		count_given(n, need, side);
		count_withheld(n, need, side);
	}
}

static enum err add_sides(
    const struct needing *n, struct gate_need *need, const struct label *label, struct fault *fault)
{
	need->sides = arena_array(n->ask->arena, n->peers.count + 1, sizeof(*need->sides));
	if (!need->sides)
		return fail(fault, ERR_NOMEM, "out of memory for needs");
	for (size_t i = 0; i < n->peers.count; i++) {
		const struct gate_peer *peer = &n->peers.items[i];

		if (!str_eq(peer->state, S("active")))
			continue;
		if (need->own ? is_asked(label, peer->identity)
		              : str_eq(peer->identity, need->need.by))
			add_side(n, need, peer);
	}
	need->gap = str_eq(str_c(need->state), S("open"));
	for (size_t i = 0; i < need->count; i++)
		if (need->sides[i].delivered ||
		    (need->sides[i].answered && need->sides[i].answer == NEED_OFFERED))
			need->gap = false;
	return OK;
}

/* When its first version was entered. */
static usec asked_at(const struct store *s, uint64_t seq)
{
	uint64_t older;

	while ((older = store_older(s, seq)) != STORE_NONE)
		seq = older;
	return store_row(s, seq)->received;
}

static enum err add_need(
    const struct needing *n, uint64_t seq, struct gate_needs *out, struct fault *fault)
{
	const struct store *s = n->ask->gate->store;
	struct gate_need *need = &out->items[out->count];
	struct label label = gate_label(n->ask->gate, store_row(s, seq)->label);
	yyjson_val *object;

	*need = (struct gate_need){.state = "open"};
	if (json_parse(&object, n->ask->arena, store_content(s, seq), &JSON_LIMITS_OBJECT, NULL) !=
	        OK ||
	    need_read(&need->need, object) != OK)
		return OK;
	need->own = str_eq(need->need.by, n->own_id);
	/* Nobody asks in another's name: what a peer asks came with its seal. */
	if (need->own == ((store_row(s, seq)->flags & RECORD_FLAG_RECEIVED) != 0))
		return OK;
	need->asked = asked_at(s, seq);
	if (need->need.closed)
		need->state = "closed";
	else if (need->need.until && need->need.until <= n->now)
		need->state = "over";
	TRY(add_sides(n, need, &label, fault));
	out->count++;
	return OK;
}

static enum err begin(struct needing *n, const struct gate_ask *ask, struct fault *fault)
{
	const struct uuid *own = principals_identity(ask->gate);
	char text[UUID_TEXT + 1];

	*n = (struct needing){.ask = ask, .now = env_now(ask->gate->env), .own_id = S("")};
	if (!role_may((enum role)ask->reader->role, ACTION_AUDIT))
		return fail(fault, ERR_DENIED, "needs are for who may audit");
	if (own) {
		uuid_format(text, own);
		n->own_id = arena_printf(ask->arena, "identity--%s", text);
	}
	TRY(gate_peers(ask, &n->peers, fault));
	n->sight = gate_sight(ask);
	return OK;
}

enum err gate_needs(const struct gate_ask *ask, struct gate_needs *out, struct fault *fault)
{
	struct gate *g = ask->gate;
	struct needing n;
	struct list *list;
	size_t at;

	TRY(begin(&n, ask, fault));
	*out = (struct gate_needs){
	    .items = arena_array(ask->arena, GATE_NEEDS_MAX, sizeof(*out->items))};
	if (!out->items)
		return fail(fault, ERR_NOMEM, "out of memory for needs");
	list = feeds_of_type(g->feeds, STIX_TYPE_NOTE);
	at = list ? list_count(list) : 0;
	for (size_t looked = 0; at > 0 && looked < GATE_NEEDS_NOTES; looked++) {
		uint64_t seq = list_at(list, --at).seq & ~LIST_GONE;
		struct str content;

		if (!gate_is_newest(g, n.sight, seq))
			continue;
		content = store_content(g->store, seq);
		if (str_search(content, S(NEED_EXTENSION)) == content.n)
			continue;
		if (out->count == GATE_NEEDS_MAX)
			break;
		TRY(add_need(&n, seq, out, fault));
	}
	return OK;
}

/* ---- sums ---- */

static int compare_usec(const void *a, const void *b)
{
	usec x = *(const usec *)a, y = *(const usec *)b;

	return x < y ? -1 : x > y;
}

static const struct gate_need_side *side_of(const struct gate_need *need, struct str peer)
{
	for (size_t i = 0; i < need->count; i++)
		if (str_eq(need->sides[i].peer, peer))
			return &need->sides[i];
	return NULL;
}

static void sum(struct gate_need_sum *out, const struct gate_needs *all, struct str peer)
{
	usec latencies[GATE_NEEDS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct gate_need *need = &all->items[i];
		const struct gate_need_side *side = side_of(need, peer);

		if (!side || need->own != out->own || need->need.type != out->type)
			continue;
		out->requested++;
		out->offered += side->answered && side->answer == NEED_OFFERED;
		out->refused += side->answered && side->answer == NEED_DECLINED;
		out->delivered += side->delivered > 0;
		if (side->rule)
			out->rule = side->rule;
		if (side->first)
			latencies[n++] = side->first - need->asked;
	}
	if (n == 0)
		return;
	qsort(latencies, n, sizeof(*latencies), compare_usec);
	out->latency = n % 2 ? latencies[n / 2] : (latencies[n / 2 - 1] + latencies[n / 2]) / 2;
}

size_t gate_need_sums(const struct gate_ask *ask, const struct gate_needs *all, struct str peer,
    struct gate_need_sum **out)
{
	size_t n = 0;

	*out = arena_array(ask->arena, 2 * (size_t)STIX_TYPES, sizeof(**out));
	for (unsigned i = 0; *out && i < 2 * (unsigned)STIX_TYPES; i++) {
		struct gate_need_sum *s = &(*out)[n];

		*s = (struct gate_need_sum){.type = (uint16_t)(i / 2), .own = i % 2 == 0};
		sum(s, all, peer);
		n += s->requested > 0;
	}
	return n;
}
