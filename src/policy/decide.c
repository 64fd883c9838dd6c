/* SPDX-License-Identifier: Apache-2.0 */
/* The decision as a table: the first row whose condition holds decides. Rows that deny come before
 * those that allow, but for the operator's. */
#include "policy/decide.h"

#include "policy/question.h"

static bool outlet_is_unknown(const struct question *q)
{
	return q->outlet < 0 || q->outlet >= OUTLETS;
}

static bool is_operator(const struct question *q)
{
	return q->reader->kind == READER_OPERATOR;
}

static bool kind_is_unknown(const struct question *q)
{
	return q->reader->kind >= READER_KINDS;
}

static bool is_peer(const struct question *q)
{
	return q->reader->kind == READER_PEER;
}

/* Not of this node: a peer, or a guest, who is bound as the node of its organisation would be. */
static bool is_outside(const struct question *q)
{
	return reader_is_outside(q->reader);
}

static bool is_unreadable(const struct question *q)
{
	return q->label->unreadable || !levels_valid(&q->label->levels);
}

static bool clearance_is_none(const struct question *q)
{
	return q->reader->clearance < TLP_CLEAR || q->reader->clearance > TLP_RED;
}

static bool level_is_unknown(const struct question *q)
{
	return q->level == TLP_UNKNOWN;
}

static bool unknown_is_barred(const struct question *q)
{
	return level_is_unknown(q) && (is_outside(q) || q->reader->clearance != TLP_RED);
}

static bool level_is_within(const struct question *q)
{
	return q->level <= q->reader->clearance;
}

static bool level_is_above(const struct question *q)
{
	return !level_is_unknown(q) && q->level > q->reader->clearance;
}

static bool eu_is_above(const struct question *q)
{
	return !levels_eu_within(&q->reader->levels, &q->label->levels);
}

static bool nato_is_above(const struct question *q)
{
	return !levels_nato_within(&q->reader->levels, &q->label->levels);
}

static bool national_is_above(const struct question *q)
{
	return !levels_national_within(&q->reader->levels, &q->label->levels);
}

static bool lacks_tag(const struct question *q)
{
	const struct reader_names *tags = &q->reader->tags;

	return !names_hold((struct str){tags->set, tags->n}, label_tags(q->label));
}

static bool has_expired(const struct question *q)
{
	return q->label->has_expiry && q->now >= q->label->expires;
}

static bool expired_outside(const struct question *q)
{
	return has_expired(q) && !q->reader->own && !q->is_originator;
}

static bool audience_is_empty(const struct question *q)
{
	return !q->is_originator && q->label->releasable.present && q->label->releasable.n == 0;
}

static bool not_releasable(const struct question *q)
{
	const struct reader *r = q->reader;
	struct str to = label_releasable(q->label);

	return !q->is_originator && q->label->releasable.present &&
	       !names_meet(to, (struct str){r->self, r->self_n}) &&
	       !names_meet(to, (struct str){r->organisations.set, r->organisations.n});
}

static bool no_community_named(const struct question *q)
{
	return !q->is_originator && q->label->communities.present && q->label->communities.n == 0;
}

static bool in_no_community(const struct question *q)
{
	return !q->is_originator && q->label->communities.present && !q->member;
}

static bool leads_elsewhere(const struct question *q)
{
	return !q->is_originator && q->label->communities.present && !q->open;
}

static bool type_not_shared(const struct question *q)
{
	return !q->is_originator && q->label->communities.present && !q->shared;
}

static bool community_too_low(const struct question *q)
{
	return !q->is_originator && q->label->communities.present && !q->carried;
}

static bool outside_without_audience(const struct question *q)
{
	return is_outside(q) && !q->is_originator && q->outside == OUTSIDE_NOBODY;
}

/* For named recipients: a country or an organisation is not enough. */
static bool outside_not_named(const struct question *q)
{
	return is_outside(q) && !q->is_originator && q->level >= TLP_AMBER_STRICT &&
	       !names_meet(
	           label_releasable(q->label), (struct str){q->reader->self, q->reader->self_n});
}

static bool outside_without_community(const struct question *q)
{
	return is_outside(q) && !q->is_originator && q->outside == OUTSIDE_MEMBERS && !q->carried;
}

/* What no more node may relay: only its originator sends it. */
static bool may_not_relay(const struct question *q)
{
	const struct label *l = q->label;

	return is_peer(q) && label_hops(l) == 0 &&
	       !(l->has_originator && uuid_eq(&l->originator, &q->reader->node));
}

static bool named_by_right(const struct question *q)
{
	return q->is_originator && (q->label->releasable.present || q->label->communities.present);
}

static bool is_classified(const struct question *q)
{
	return levels_any(&q->label->levels);
}

static bool always(const struct question *q)
{
	(void)q;
	return true;
}

static const struct rule RULES[] = {
    {"outlet.unknown", outlet_is_unknown, VERDICT_DENY},
    {"reader.operator", is_operator, VERDICT_ALLOW},
    {"reader.unknown", kind_is_unknown, VERDICT_DENY},
    {"reader.no-clearance", clearance_is_none, VERDICT_DENY},
    {"label.unreadable", is_unreadable, VERDICT_DENY},
    {"label.unknown", unknown_is_barred, VERDICT_DENY},
    {"tlp.above-clearance", level_is_above, VERDICT_DENY},
    {"eu.above-clearance", eu_is_above, VERDICT_DENY},
    {"nato.above-clearance", nato_is_above, VERDICT_DENY},
    {"national.above-clearance", national_is_above, VERDICT_DENY},
    {"need-to-know.missing", lacks_tag, VERDICT_DENY},
    {"label.expired", expired_outside, VERDICT_DENY},
    {"releasable.nobody", audience_is_empty, VERDICT_DENY},
    {"releasable.not-named", not_releasable, VERDICT_DENY},
    {"community.nobody", no_community_named, VERDICT_DENY},
    {"community.not-member", in_no_community, VERDICT_DENY},
    {"community.one-way", leads_elsewhere, VERDICT_DENY},
    {"community.type", type_not_shared, VERDICT_DENY},
    {"community.ceiling", community_too_low, VERDICT_DENY},
    {"outside.no-audience", outside_without_audience, VERDICT_DENY},
    {"outside.not-named", outside_not_named, VERDICT_DENY},
    {"outside.no-community", outside_without_community, VERDICT_DENY},
    {"hops.none-left", may_not_relay, VERDICT_DENY},
    {"label.expired", has_expired, VERDICT_ALLOW},
    {"label.unknown-as-red", level_is_unknown, VERDICT_ALLOW},
    {"label.originator", named_by_right, VERDICT_ALLOW},
    {"level.within-clearance", is_classified, VERDICT_ALLOW},
    {"tlp.within-clearance", level_is_within, VERDICT_ALLOW},
    {"rule.none", always, VERDICT_DENY},
};

const struct rule *policy_rules(size_t *count)
{
	*count = sizeof(RULES) / sizeof(RULES[0]);
	return RULES;
}

static struct str community_name(const struct reader *r, size_t i)
{
	return (struct str){r->community_names + r->communities[i].at, r->communities[i].n};
}

static void weigh(struct question *q, const struct reader_community *c, uint16_t type)
{
	/* What has no level that can be told is carried where everything is. */
	enum tlp level = q->level == TLP_UNKNOWN ? TLP_RED : q->level;

	if (c->expires && q->now >= c->expires)
		return;
	q->member = true;
	if (c->closed)
		return;
	q->open = true;
	if (c->types != COMMUNITY_TYPES_ALL && (type >= 64 || !(c->types >> type & 1)))
		return;
	q->shared = true;
	if (level > c->ceiling)
		return;
	/* Who gets it in full through one of them has it. */
	if (!q->carried && c->withheld)
		q->by = (uint8_t)(c - q->reader->communities);
	q->withheld = q->carried ? q->withheld & c->withheld : c->withheld;
	q->carried = true;
}

/* Both lists are in order. */
static void weigh_named(struct question *q, uint16_t type)
{
	struct str rest = label_communities(q->label), name = names_cut(&rest);
	const struct reader *r = q->reader;
	size_t i = 0;

	while (name.n && i < r->community_count) {
		int c = names_compare(name, community_name(r, i));

		if (c == 0)
			weigh(q, &r->communities[i], type);
		if (c <= 0)
			name = names_cut(&rest);
		if (c >= 0)
			i++;
	}
}

struct question question_of(const struct label *label, uint16_t type, const struct reader *reader,
    enum outlet outlet, usec now)
{
	struct question q = {
	    .label = label,
	    .reader = reader,
	    .outlet = (int)outlet,
	    .now = now,
	    .level = label_tlp(label),
	    .is_originator = label->has_originator && reader->has_identity &&
	                     uuid_eq(&label->originator, &reader->identity),
	    .outside = label_outside(label),
	};

	if (label->communities.present)
		weigh_named(&q, type);
	else if (q.outside == OUTSIDE_MEMBERS && reader_is_outside(reader))
		for (size_t i = 0; i < reader->community_count; i++)
			weigh(&q, &reader->communities[i], type);
	q.through = !q.is_originator && (label->communities.present || q.carried);
	return q;
}

struct decision policy_decide_type(const struct label *label, uint16_t type,
    const struct reader *reader, enum outlet outlet, usec now)
{
	const struct question q = question_of(label, type, reader, outlet, now);
	const struct rule *r = RULES;

	while (!r->applies(&q))
		r++; /* the last row always applies */
	if (r->verdict == VERDICT_ALLOW && reader->kind != READER_OPERATOR && q.through &&
	    q.withheld)
		return (struct decision){VERDICT_REDACT, "community.anonymised", q.withheld};
	return (struct decision){.verdict = r->verdict, .rule = r->id};
}

struct decision policy_decide(
    const struct label *label, const struct reader *reader, enum outlet outlet, usec now)
{
	return policy_decide_type(label, POLICY_TYPE_EVERY, reader, outlet, now);
}
