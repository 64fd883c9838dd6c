/* SPDX-License-Identifier: Apache-2.0 */
/* What came for saved hunts since they were answered: asked of the history when somebody looks, so
 * that the streams have nothing to do with it. An hour that began before counts as one observation
 * when its last one is new: the history keeps no more of it. */
#include "gate/hunt/internal.h"
#include "gate/hunt/saved.h"

struct news {
	const struct gate_hunt *hunt;
	struct gate_saved_hunt *out;
	size_t values, looked; /* of this call */
};

static bool count_entry(void *ctx, const struct history_entry *e)
{
	struct news *n = ctx;
	usec since = n->hunt->options.since;

	n->looked += n->hunt->scan ? GATE_HUNT_SCAN_COST : 1;
	if (n->looked > GATE_NEWS_LOOK_MAX) {
		n->out->more = true;
		return false;
	}
	if (!hunt_sees(&n->hunt->sources, e->source) ||
	    (n->hunt->scan && !pattern_values_takes(n->hunt->scan, &e->term)))
		return true;
	for (size_t i = 0; i < e->bin_count; i++)
		n->out->news += e->bins[i].first >= since ? e->bins[i].count : 1;
	if (e->last > n->out->last_new)
		n->out->last_new = e->last;
	return true;
}

static enum err look_for_pattern(struct news *n, struct gate_hunt *h, struct history_reader *r,
    struct str pattern, struct fault *fault)
{
	enum err rc;

	/* Why one cannot be hunted is said when the hunt is run. */
	if (pattern_values_new(&h->scan, pattern, fault) != OK)
		return OK;
	rc = history_scan(
	    r, pattern_values_kind(h->scan), h->options.since, h->until, count_entry, n, fault);
	pattern_values_free(h->scan);
	h->scan = NULL;
	return rc;
}

static enum err look_at_all(
    struct news *n, struct gate_hunt *h, struct history_reader *r, struct fault *fault)
{
	for (size_t i = 0; i < h->found.count; i++) {
		const struct extracted *e = &h->found.list[i];

		if (n->values++ >= GATE_NEWS_VALUES_MAX || n->looked > GATE_NEWS_LOOK_MAX) {
			n->out->more = true;
			break;
		}
		TRY(e->pattern.p ? look_for_pattern(n, h, r, e->pattern, fault)
		                 : hunt_look_up(h, r, &e->term, count_entry, n, fault));
	}
	n->out->more |= h->found.more;
	return OK;
}

enum err gate_hunt_news(
    const struct gate_ask *ask, struct gate_saved_hunt *hunts, size_t count, struct fault *fault)
{
	struct news n = {.values = 0};

	for (size_t i = 0; i < count; i++) {
		/* The history keeps seconds. */
		usec saved = hunts[i].saved - hunts[i].saved % USEC_PER_SEC;
		const struct gate_hunt_options options = {
		    .text = hunts[i].text, .since = hunts[i].answered ? hunts[i].answered : saved};
		struct gate_hunt *h;
		enum err rc = gate_hunt_new(&h, ask, &options, fault);

		/* A text without values has no news. */
		if (rc == ERR_INVALID)
			continue;
		TRY(rc);
		n.hunt = h;
		n.out = &hunts[i];
		rc = look_at_all(&n, h, ask->gate->history, fault);
		gate_hunt_free(h);
		TRY(rc);
	}
	return OK;
}
