/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/why.h"

#include "policy/question.h"
#include "policy/release.h"

static bool always_asked(const struct question *q)
{
	(void)q;
	return true;
}

static bool has_unknown_level(const struct question *q)
{
	return q->level == TLP_UNKNOWN;
}

static bool has_tlp(const struct question *q)
{
	return q->level != TLP_UNKNOWN && q->level != TLP_NONE;
}

static bool has_eu(const struct question *q)
{
	return q->label->levels.eu != LEVEL_NONE;
}

static bool has_nato(const struct question *q)
{
	return q->label->levels.nato != LEVEL_NONE;
}

static bool has_national(const struct question *q)
{
	return q->label->levels.national_count > 0;
}

static bool has_tags(const struct question *q)
{
	return q->label->tags_n > 0;
}

static bool has_expiry(const struct question *q)
{
	return q->label->has_expiry;
}

static bool has_empty_releasable(const struct question *q)
{
	return q->label->releasable.present && q->label->releasable.n == 0;
}

static bool has_releasable(const struct question *q)
{
	return q->label->releasable.n > 0;
}

static bool has_empty_communities(const struct question *q)
{
	return q->label->communities.present && q->label->communities.n == 0;
}

static bool has_communities(const struct question *q)
{
	return q->label->communities.n > 0;
}

static bool direction_asked(const struct question *q)
{
	return has_communities(q) && q->member;
}

static bool member_asked(const struct question *q)
{
	return has_communities(q) && q->open;
}

static bool shared_asked(const struct question *q)
{
	return has_communities(q) && q->shared;
}

static bool is_peer(const struct question *q)
{
	return q->reader->kind == READER_PEER;
}

static bool is_outside(const struct question *q)
{
	return reader_is_outside(q->reader);
}

static bool is_strict_outside(const struct question *q)
{
	return is_outside(q) && q->level >= TLP_AMBER_STRICT;
}

static bool needs_community(const struct question *q)
{
	return is_outside(q) && q->outside == OUTSIDE_MEMBERS;
}

static bool has_hops(const struct question *q)
{
	return is_peer(q) && q->label->hops_less > 0;
}

static const struct condition {
	const char *rule;
	bool (*asked)(const struct question *q);
	const char *holds, *fails;
} CONDITIONS[] = {
    {"reader.no-clearance", always_asked, "the reader has a clearance",
        "the reader has no clearance: a peer that is not active, or nobody"},
    {"label.unreadable", always_asked, "the label can be read",
        "the label asks something that cannot be read here, so nobody but the operator has it"},
    {"label.unknown", has_unknown_level,
        "its marking is unknown or missing, which counts as the highest level; the reader is "
        "cleared to that",
        "its marking is unknown or missing, which counts as the highest level: only this node's "
        "readers cleared to TLP:RED have it, and no peer and no guest"},
    {"tlp.above-clearance", has_tlp, "the reader is cleared to its TLP level",
        "its TLP level is above the reader's clearance"},
    {"eu.above-clearance", has_eu, "the reader is cleared to its EU level",
        "its EU level is above the reader's EU clearance"},
    {"nato.above-clearance", has_nato, "the reader is cleared to its NATO level",
        "its NATO level is above the reader's NATO clearance"},
    {"national.above-clearance", has_national, "the reader is cleared to its national levels",
        "a national level of it is above the reader's clearance for that state"},
    {"need-to-know.missing", has_tags, "the reader holds every need-to-know tag",
        "the reader lacks a need-to-know tag that it asks for"},
    {"label.expired", has_expiry, "it has not expired, or not for this reader",
        "it has expired; only its originator and this node's own readers still have it"},
    {"releasable.nobody", has_empty_releasable,
        "it is releasable to nobody, but the reader is its originator",
        "it is releasable to nobody: the list is empty"},
    {"releasable.not-named", has_releasable,
        "the reader, or an organisation or state it belongs to, is among those it is releasable "
        "to, or is its originator",
        "neither the reader nor an organisation or state it belongs to is among those it is "
        "releasable to"},
    {"community.nobody", has_empty_communities,
        "it is for no community, but the reader is its originator",
        "it is for no community: the list is empty"},
    {"community.not-member", has_communities,
        "the reader is in a community that it is for, or is its originator",
        "the reader is in no community that it is for"},
    {"community.one-way", direction_asked, "that community leads to the reader",
        "what is in that community does not go to the reader: it is one-way"},
    {"community.type", member_asked, "that community shares objects of this type",
        "no such community shares objects of this type"},
    {"community.ceiling", shared_asked, "that community carries its level",
        "its level is above what such a community carries"},
    {"outside.no-audience", is_outside, "it says who outside may have it, or its level lets others",
        "it stays here: at its level it goes to others only when it names them, and a part of it "
        "names nobody"},
    {"outside.not-named", is_strict_outside, "the reader itself is named, as its level asks",
        "its level asks that the reader itself is named, and it is not"},
    {"outside.no-community", needs_community,
        "the reader shares a community with this node that carries it",
        "the reader shares no community with this node that carries it"},
    {"hops.none-left", has_hops, "it may be passed on once more",
        "no node may pass it on any more, and this node is not its originator"},
};

static bool rule_applies(const char *id, const struct question *q)
{
	size_t count;
	const struct rule *rules = policy_rules(&count);

	for (size_t i = 0; i < count; i++)
		if (rules[i].verdict == VERDICT_DENY && str_eq(str_c(rules[i].id), str_c(id)))
			return rules[i].applies(q);
	return true; /* a condition without a rule would not hold */
}

void policy_why(struct why *out, const struct label *label, uint16_t type,
    const struct reader *reader, enum outlet outlet, usec now)
{
	const struct question q = question_of(label, type, reader, outlet, now);

	*out = (struct why){
	    .decision = policy_decide_type(label, type, reader, outlet, now),
	};
	if (reader->kind == READER_OPERATOR)
		return;
	for (size_t i = 0; i < sizeof(CONDITIONS) / sizeof(CONDITIONS[0]); i++) {
		const struct condition *c = &CONDITIONS[i];
		bool fails;

		if (!c->asked(&q))
			continue;
		fails = rule_applies(c->rule, &q);
		out->conditions[out->count++] = (struct why_condition){
		    .rule = c->rule, .holds = !fails, .text = fails ? c->fails : c->holds};
	}
}

static const struct {
	const char *rule, *text;
} ALLOWED[] = {
    {"reader.operator", "the operator of this node has the files themselves"},
    {"label.expired", "it has expired; this node's own readers and its originator keep it"},
    {"label.unknown-as-red", "its marking counts as the highest level, and it is cleared to that"},
    {"community.anonymised", "it gets it without what its community's terms name"},
    {"community.derived",
        "it gets a new object, derived from it, without what its community's terms name"},
    {"label.originator", "it is the originator, and sees its own whatever audience is named"},
    {"level.within-clearance", "it is cleared to its levels, and in its audience"},
    {"tlp.within-clearance", "its TLP level is within the clearance, and it is in the audience"},
};

const char *policy_why_text(const struct why *why)
{
	const char *rule = why->decision.rule;

	for (size_t i = 0; why->decision.verdict == VERDICT_DENY && i < why->count; i++)
		if (str_eq(str_c(why->conditions[i].rule), str_c(rule)))
			return why->conditions[i].text;
	for (size_t i = 0; i < sizeof(ALLOWED) / sizeof(ALLOWED[0]); i++)
		if (why->decision.verdict != VERDICT_DENY &&
		    str_eq(str_c(ALLOWED[i].rule), str_c(rule)))
			return ALLOWED[i].text;
	return "no rule lets it out";
}

struct str policy_through(const struct label *label, uint16_t type, const struct reader *reader,
    enum outlet outlet, usec now)
{
	struct reader one = *reader;

	if (policy_decide_type(label, type, reader, outlet, now).verdict == VERDICT_DENY)
		return S("");
	/* Without any, and then with each alone: the same rules say what it hangs on. */
	one.community_count = 0;
	if (policy_decide_type(label, type, &one, outlet, now).verdict != VERDICT_DENY)
		return S("");
	one.community_count = 1;
	for (size_t i = 0; i < reader->community_count; i++) {
		const struct reader_community *c = &reader->communities[i];

		one.communities[0] = *c;
		if (policy_decide_type(label, type, &one, outlet, now).verdict != VERDICT_DENY)
			return (struct str){reader->community_names + c->at, c->n};
	}
	return S("");
}

void policy_terms_put(struct buf *out, const struct label *label, uint16_t type,
    const struct reader *reader, enum outlet outlet, usec now)
{
	const struct question q = question_of(label, type, reader, outlet, now);
	const struct reader_community *c = &reader->communities[q.by];
	const struct decision d = policy_decide_type(label, type, reader, outlet, now);

	if (d.verdict != VERDICT_REDACT)
		return;
	names_put(out, (struct str){reader->community_names + c->at, c->n});
	buf_put(out, S(": "));
	withhold_put(out, d.withheld);
}

static void put_set(struct buf *out, const char *words, struct str set)
{
	if (set.n == 0)
		return;
	buf_put(out, str_c(words));
	names_put(out, set);
}

void reader_put(struct buf *out, const struct reader *r)
{
	static const char *const KINDS[READER_KINDS] = {"", "a peer", "the operator of this node"};

	if (r->kind == READER_OPERATOR) {
		buf_put(out, str_c(KINDS[r->kind]));
		return;
	}
	if (r->kind == READER_PEER)
		buf_put(out, str_c(KINDS[r->kind]));
	else
		buf_put(out, r->own ? S("an account of this node") : S("a guest account"));
	if (r->clearance == TLP_NONE) {
		buf_put(out, S(", without a clearance"));
	} else {
		buf_put(out, S(", cleared to "));
		clearance_put(out, r->clearance, &r->levels);
	}
	put_set(out, "; known as: ", (struct str){r->self, r->self_n});
	put_set(out, "; belongs to: ", (struct str){r->organisations.set, r->organisations.n});
	for (size_t i = 0; i < r->community_count; i++)
		put_set(out, i ? ", " : "; communities: ",
		    (struct str){r->community_names + r->communities[i].at, r->communities[i].n});
	put_set(out, "; holds: ", (struct str){r->tags.set, r->tags.n});
}
