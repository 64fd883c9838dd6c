/* SPDX-License-Identifier: Apache-2.0 */
/* What the node's own retro-hunt told of an indicator. */
#include "codec/json.h"
#include "gate/internal.h"
#include "stix/sighted.h"

enum { BATCH = 256, LOOK_MAX = 4096 };

/* A sighting by this node that says so. */
static bool is_before(const struct stix_object *o, const struct uuid *own)
{
	struct str by = json_get_str(o->root, "created_by_ref"), type;
	struct uuid identity;

	return own && stix_id_split(&type, &identity, by) && uuid_eq(&identity, own) &&
	       str_ends(json_get_str(o->root, "description"), SIGHTED_BEFORE);
}

void gate_seen_before(
    const struct gate_ask *ask, const struct sight *sight, struct gate_indicator *out)
{
	struct gate *g = ask->gate;
	const struct uuid *own = principals_identity(g);
	struct relations_hit hits[BATCH];
	uint64_t before = UINT64_MAX;
	size_t looked = 0, told = 0, n;

	do {
		if (relations_hits(g->relations, out->id, before, hits, BATCH, &n, NULL) != OK)
			break;
		for (size_t i = 0; i < n; i++) {
			struct stix_object o;

			before = hits[i].seq;
			if (!gate_is_newest(g, sight, before) || gate_parse(g, before, &o) != OK ||
			    !is_before(&o, own))
				continue;
			out->seen_before += hits[i].count;
			told++;
		}
		looked += n;
	} while (n == BATCH && looked < LOOK_MAX);
	out->seen_before_more = told >= SIGHTED_BEFORE_MAX || looked >= LOOK_MAX;
}
