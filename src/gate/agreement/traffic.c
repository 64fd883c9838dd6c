/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/agreement/traffic.h"

#include "codec/json.h"
#include "gate/internal.h"

enum { BATCH = 256 };

struct counting {
	const struct gate_ask *ask;
	const struct sight *sight;
	struct name community;
	uint64_t given[STIX_TYPES], received[STIX_TYPES];
};

/* What the asking reader may see, and whose label names the community. */
static bool counts(const struct counting *c, const struct row *row)
{
	struct label label;

	if (row->kind != RECORD_OBJECT || row->tag >= STIX_TYPES ||
	    !(c->sight->types[row->label] >> row->tag & 1))
		return false;
	label = gate_label(c->ask->gate, row->label);
	return names_have(label_communities(&label), &c->community);
}

static uint32_t source_of(const struct gate_ask *ask, struct str peer)
{
	struct str path = arena_printf(ask->arena, "source/peer:%.*s", STR_ARG(peer));
	yyjson_val *source;

	if (node_decision(ask->gate, path, ask->arena, &source, NULL) != OK)
		return 0;
	return (uint32_t)yyjson_get_uint(yyjson_obj_get(source, "number"));
}

static bool count_received(struct counting *c, uint32_t source)
{
	const struct store *s = c->ask->gate->store;
	uint64_t size = store_size(s);
	uint64_t from = size > GATE_AGREEMENTS_LOOK ? size - GATE_AGREEMENTS_LOOK : 0;

	for (uint64_t seq = source ? from : size; seq < size; seq++) {
		const struct row *row = store_row(s, seq);

		if (row->source == source && !store_withdrawn(row) && !store_superseded(row) &&
		    counts(c, row))
			c->received[row->tag]++;
	}
	return from > 0;
}

static bool count_given(struct counting *c, struct str identity)
{
	struct gate *g = c->ask->gate;
	struct egress_entry batch[BATCH];
	struct egress_feed feed;
	uint64_t at, from;
	size_t n = 0;

	if (egress_feed(g->egress, identity, &feed, NULL) != OK)
		return false;
	from = feed.size > GATE_AGREEMENTS_LOOK ? feed.size - GATE_AGREEMENTS_LOOK : 0;
	for (at = from; at < feed.size; at += n) {
		if (egress_entries(g->egress, feed.number, at, batch, BATCH, &n, NULL) != OK ||
		    n == 0)
			break;
		for (size_t i = 0; i < n; i++) {
			const struct row *row = store_row(g->store, batch[i].seq);

			if (batch[i].kind == SYNC_OBJECT && counts(c, row))
				c->given[row->tag]++;
		}
	}
	return from > 0;
}

enum err traffic_count(const struct gate_ask *ask, struct str community,
    const struct gate_peer *peer, struct gate_party *out, bool *more, struct fault *fault)
{
	struct counting c = {.ask = ask, .sight = gate_sight(ask)};

	TRY(name_encode(&c.community, community));
	out->types = arena_array(ask->arena, STIX_TYPES, sizeof(*out->types));
	if (!out->types)
		return fail(fault, ERR_NOMEM, "out of memory for counts");
	*more = count_given(&c, peer->identity) || *more;
	*more = count_received(&c, source_of(ask, peer->name)) || *more;
	for (unsigned i = 0; i < STIX_TYPES; i++) {
		struct str name = stix_type_name((enum stix_type_id)i);

		if (c.given[i] + c.received[i] > 0)
			out->types[out->type_count++] = (struct gate_traffic){
			    name.n ? name : S("other types"), c.given[i], c.received[i]};
	}
	return OK;
}
