/* SPDX-License-Identifier: Apache-2.0 */
/* How an indicator ages, for who asks. Who sees everything is told by what the match view knows,
 * which is what is done. For others the same is computed of the sightings and opinions that they
 * may see, each in the version that they see: what is hidden moves no figure and no time. */
#include "codec/json.h"
#include "gate/internal.h"
#include "policy/decay/testimony.h"

enum { BATCH = 256, LOOK_MAX = 200000, TESTIMONY_MAX = 4096, DENIERS_MAX = 256 };

struct denier {
	uint32_t source, weight;
};

struct gathered {
	const struct life_settings *settings;
	struct str id;
	usec seen;
	struct denier deniers[DENIERS_MAX];
	size_t count;
	bool more;
};

static bool is_about(const struct testimony *t, struct str id)
{
	for (size_t i = 0; i < t->about_count; i++)
		if (str_eq(t->about[i], id))
			return true;
	return false;
}

/* However often a source says so, it says it once. */
static void deny(struct gathered *all, uint32_t source, uint32_t weight)
{
	size_t i = 0;

	while (i < all->count && all->deniers[i].source != source)
		i++;
	if (i == DENIERS_MAX) {
		all->more = true;
		return;
	}
	if (i == all->count)
		all->deniers[all->count++] = (struct denier){source, 0};
	if (weight > all->deniers[i].weight)
		all->deniers[i].weight = weight;
}

static void hear(const struct gate_ask *ask, struct gathered *all, uint64_t seq)
{
	struct gate *g = ask->gate;
	const struct row *row = store_row(g->store, seq);
	struct stix_object o;
	struct testimony t;
	uint32_t trust, weight;

	arena_reset(g->testimony);
	if (stix_object_parse(&o, g->testimony, store_content(g->store, seq), NULL) != OK ||
	    !testimony_read(&t, &o, row->received) || !is_about(&t, all->id))
		return;
	trust = life_trust(all->settings, gate_source_name(ask, row->source));
	weight = t.weight * trust / DECAY_FULL;
	if (trust == 0)
		return;
	if (t.weight == 0)
		all->seen = t.seen > all->seen ? t.seen : all->seen;
	else if (weight > 0)
		deny(all, row->source, weight);
}

static bool can_testify(const struct row *row)
{
	return row->kind == RECORD_OBJECT && !(row->flags & RECORD_FLAG_DERIVED) &&
	       (row->tag == STIX_TYPE_SIGHTING || row->tag == STIX_TYPE_OPINION);
}

/* Only what the reader may see is held against the limit. */
static void gather(const struct gate_ask *ask, const struct sight *sight, struct gathered *all)
{
	struct gate *g = ask->gate;
	struct relations_find find = {
	    RELATIONS_REFERENCE, relations_id_key(all->id), store_size(g->store)};
	size_t n = 0, looked = 0, heard = 0;
	uint64_t seqs[BATCH];

	do {
		if (relations_find(g->relations, &find, seqs, BATCH, &n, NULL) != OK)
			return;
		for (size_t i = 0; i < n; i++) {
			find.before = seqs[i];
			if (!can_testify(store_row(g->store, seqs[i])) ||
			    !gate_is_newest(g, sight, seqs[i]))
				continue;
			if (heard++ == TESTIMONY_MAX) {
				all->more = true;
				return;
			}
			hear(ask, all, seqs[i]);
		}
		looked += n;
	} while (n == BATCH && looked < LOOK_MAX);
	all->more |= n == BATCH;
}

/* Of the evidence that the reader may see. */
static void weigh(struct gathered *all, const struct gate_ask *ask, const struct sight *sight,
    struct decay_facts *facts, struct gate_life *out)
{
	struct evidence_sum sum = {0};

	if (out->whole) {
		/* A view that is not there yet knows of nothing. */
		if (evidence_of(ask->gate->evidence, all->id, &sum, NULL) != OK)
			sum = (struct evidence_sum){0};
		facts->seen = sum.seen;
		facts->denied = sum.denied;
		out->deniers = sum.deniers;
		return;
	}
	gather(ask, sight, all);
	facts->seen = all->seen;
	for (size_t i = 0; i < all->count; i++)
		facts->denied += all->deniers[i].weight;
	out->deniers = all->count;
	out->more = all->more;
}

static enum decay_kind kind_of(
    const struct gate *g, const struct decay *decay, const struct stix_object *o)
{
	struct str pattern = json_get_str(o->root, "pattern");
	struct term_list terms;
	bool any = equality_terms(&terms, g->scratch, pattern, NULL) == OK;

	return decay_kind_of(decay, any ? &terms : NULL);
}

/* Everything that follows of the facts. */
static void conclude(
    struct gate_life *out, const struct decay *d, const struct decay_facts *f, usec now)
{
	out->kind = f->kind;
	out->model = d->models[f->kind];
	out->threshold = d->threshold;
	out->confidence = f->confidence < 0 ? d->confidence : (uint32_t)f->confidence;
	out->trust = f->trust;
	out->begins = decay_begins(f);
	out->seen = f->seen;
	out->denied = decay_denied(d, f);
	out->start = decay_start(d, f);
	out->score = decay_score(d, f, now);
	out->below = decay_below(d, f, d->threshold);
	for (size_t i = 0; i < out->model.point_count; i++)
		out->points[i] = decay_below(d, f, out->model.points[i]);
}

void gate_read_life(const struct gate_ask *ask, const struct sight *sight, uint64_t seq,
    const struct stix_object *o, struct gate_life *out)
{
	struct gate *g = ask->gate;
	const struct row *row = store_row(g->store, seq);
	const struct life_settings *s = evidence_settings(g->evidence);
	struct gathered all = {.settings = s, .id = o->id};
	struct decay_facts facts = {0};

	*out = (struct gate_life){.told = false};
	if (s->decay.threshold == 0 || !ask->reader->own)
		return;
	out->told = true;
	out->whole = gate_sees_all(ask);
	testimony_stated(&facts, o, row->received);
	facts.kind = kind_of(g, &s->decay, o);
	facts.trust = life_trust(s, gate_source_name(ask, row->source));
	weigh(&all, ask, sight, &facts, out);
	conclude(out, &s->decay, &facts, env_now(g->env));
}
