/* SPDX-License-Identifier: Apache-2.0 */
/* The label rules a second time, written from the requirements and from doc/labels.md and sharing
 * nothing with the code under test: one question after another about plain numbers. */
#include "test.h"

#include "cases.h"
#include "policy/why.h"

struct plain_case {
	struct plain_label label;
	struct plain_reader reader;
	int outlet, type; /* -1: of every type */
	int now;
};

static bool is_classified(const struct plain_label *l)
{
	return l->eu || l->nato || l->state[0] || l->state[1];
}

/* What a membership is worth for this object at this time. */
static bool community_carries(const struct plain_case *c, const struct plain_community *m)
{
	bool over = m->expires && c->now >= m->expires;
	bool shares = !m->types || (c->type >= 0 && c->type < 4 && (m->types >> c->type & 1));
	int level = c->label.tlp > TLP_RED || c->label.tlp < TLP_NONE ? TLP_RED : c->label.tlp;

	if (c->label.tlp == TLP_NONE && !is_classified(&c->label))
		level = TLP_RED;
	/* D-28: a one-way pillar passes nothing against its direction. */
	return m->in && m->gives && !over && shares && level <= m->ceiling;
}

static bool some_community_carries(const struct plain_case *c, unsigned named)
{
	for (int i = 0; i < COMMUNITY_NAMES; i++)
		if ((named >> i & 1) && community_carries(c, &c->reader.communities[i]))
			return true;
	return false;
}

/* Another node, or an account of another organisation. */
static bool is_foreign(const struct plain_case *c)
{
	return c->reader.kind == READER_PEER ||
	       (c->reader.kind == READER_ACCOUNT && !c->reader.own);
}

static bool is_cleared(const struct plain_case *c)
{
	const struct plain_label *l = &c->label;
	const struct plain_reader *r = &c->reader;
	bool known =
	    (l->tlp >= TLP_CLEAR && l->tlp <= TLP_RED) || (l->tlp == 0 && is_classified(l));

	if (r->clearance < TLP_CLEAR || r->clearance > TLP_RED)
		return false;
	if (!known && (r->clearance != TLP_RED || is_foreign(c)))
		return false; /* unknown: as strict as can be, and nobody outside gets it */
	if (known && l->tlp > r->clearance)
		return false;
	return l->eu <= r->eu && l->nato <= r->nato && l->state[0] <= r->state[0] &&
	       l->state[1] <= r->state[1];
}

/* A limit on relaying: only the originator may send what nobody may pass on. */
static bool may_travel(const struct plain_case *c)
{
	return c->label.hops != 0 || c->label.origin == ORIGIN_NODE;
}

/* Foreigners of what names nobody, or only in part: GREEN is for those in a community with us. */
static bool outside_allows(const struct plain_case *c)
{
	const struct plain_label *l = &c->label;
	bool members = l->outside == OUTSIDE_MEMBERS ||
	               (l->tlp == TLP_GREEN && !l->has_releasable && !l->has_communities);

	if (l->outside == OUTSIDE_NOBODY)
		return false;
	return !members || some_community_carries(c, l->has_communities ? l->communities : ~0U);
}

static bool foreigner_may_have(const struct plain_case *c)
{
	const struct plain_label *l = &c->label;
	unsigned self = 1U << SELF_NAME | (c->reader.has_identity ? 1U << SELF_IDENTITY : 0);

	if (l->tlp >= TLP_AMBER_STRICT)
		return l->has_releasable && (l->releasable & self) && outside_allows(c);
	if ((l->tlp == TLP_AMBER || is_classified(l)) && !l->has_releasable && !l->has_communities)
		return false;
	return outside_allows(c);
}

/* Named, or belonging to who is named, and in a community that is; an empty list is nobody. */
static bool in_audience(const struct plain_case *c)
{
	const struct plain_label *l = &c->label;
	unsigned names = 1U << SELF_NAME | c->reader.organisations |
	                 (c->reader.has_identity ? 1U << SELF_IDENTITY : 0);

	if (l->has_releasable && !(l->releasable & names))
		return false;
	if (l->has_communities && !some_community_carries(c, l->communities))
		return false;
	return true;
}

/* All tags are needed; what is over is for this node's own and for who made it. */
static bool has_tags_and_time(const struct plain_case *c, bool mine)
{
	bool over = c->label.expires >= 0 && c->now >= c->label.expires;

	return !(c->label.tags & ~c->reader.tags) && (!over || c->reader.own || mine);
}

static bool account_may_see(const struct plain_case *c, bool mine)
{
	return mine || (in_audience(c) && (c->reader.own || foreigner_may_have(c)));
}

static bool peer_may_see(const struct plain_case *c, bool mine)
{
	return may_travel(c) && (mine || (in_audience(c) && foreigner_may_have(c)));
}

static bool may_see(const struct plain_case *c)
{
	bool mine = c->label.origin == ORIGIN_READER && c->reader.has_identity;

	if (c->outlet < 0 || c->outlet >= OUTLETS)
		return false;
	if (c->reader.kind == READER_OPERATOR)
		return true;
	if (c->label.unreadable || !is_cleared(c) || !has_tags_and_time(c, mine))
		return false;
	switch (c->reader.kind) {
	case READER_ACCOUNT:
		return account_may_see(c, mine);
	case READER_PEER:
		return peer_may_see(c, mine);
	default:
		return false;
	}
}

/* What every community that brings it leaves out: who may have more through one of them has it. Own
 * people are in communities without terms, as principals are made. */
static unsigned withheld_from(const struct plain_case *c)
{
	const struct plain_label *l = &c->label;
	bool mine = l->origin == ORIGIN_READER && c->reader.has_identity;
	bool members = l->outside == OUTSIDE_MEMBERS ||
	               (l->tlp == TLP_GREEN && !l->has_releasable && !l->has_communities);
	unsigned named = l->has_communities ? l->communities : ~0U, withheld = ~0U;

	if (c->reader.kind == READER_OPERATOR || mine)
		return 0;
	if (!l->has_communities && !(members && is_foreign(c)))
		return 0;
	for (int i = 0; i < COMMUNITY_NAMES; i++)
		if ((named >> i & 1) && community_carries(c, &c->reader.communities[i]))
			withheld &= c->reader.communities[i].withheld;
	return withheld;
}

/* G1, G2, P11: a million random labels, readers, ways out and times: the node decides as the rules
 * say, and everything that is not allowed is denied. */
static void a_million_decisions_agree_with_the_written_rules(void **state)
{
	uint64_t seed = 1;
	long allowed = 0, redacted = 0;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		struct plain_case c = {
		    .label = random_label(&seed),
		    .reader = random_reader(&seed),
		    .outlet = once_in(&seed, 50) ? upto(&seed, 200) - 100 : upto(&seed, OUTLETS),
		    .type = upto(&seed, 6) - 1,
		    .now = upto(&seed, 100),
		};
		struct label l = made_label(&c.label);
		struct reader r = made_reader(&c.reader);
		struct decision d = c.type < 0 ? policy_decide(&l, &r, (enum outlet)c.outlet, c.now)
		                               : policy_decide_type(&l, (uint16_t)c.type, &r,
		                                     (enum outlet)c.outlet, c.now);

		assert_non_null(d.rule);
		if ((d.verdict != VERDICT_DENY) != may_see(&c))
			assert_string_equal(d.rule, may_see(&c) ? "allow" : "deny");
		assert_int_equal(d.withheld, may_see(&c) ? withheld_from(&c) : 0);
		assert_int_equal(d.verdict == VERDICT_REDACT, d.withheld != 0);
		allowed += d.verdict == VERDICT_ALLOW;
		redacted += d.verdict == VERDICT_REDACT;
	}
	/* Both answers are common enough to mean something. */
	assert_in_range(allowed, 50000, 950000);
	assert_in_range(redacted, 5000, 950000);
}

/* P7: whatever lets a reader have something is said in words of its own. */
static void every_way_to_get_something_has_words(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct plain_label label = random_label(&seed);
		struct plain_reader reader = random_reader(&seed);
		struct label l = made_label(&label);
		struct reader r = made_reader(&reader);
		struct why why;

		policy_why(&why, &l, (uint16_t)upto(&seed, 5), &r, OUTLET_API, upto(&seed, 100));
		if (why.decision.verdict == VERDICT_DENY)
			continue;
		if (strcmp(policy_why_text(&why), "no rule lets it out") == 0)
			assert_string_equal(why.decision.rule, "a rule with words");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_million_decisions_agree_with_the_written_rules),
	    cmocka_unit_test(every_way_to_get_something_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
