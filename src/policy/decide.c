/* SPDX-License-Identifier: Apache-2.0 */
/* The decision as a table: the first row whose condition holds decides. */
#include "policy/label.h"

struct question {
	enum tlp level;     /* TLP_CLEAR..TLP_RED, or TLP_UNKNOWN */
	enum tlp clearance; /* as given */
	int outlet;
};

static bool clearance_is_none(const struct question *q)
{
	return q->clearance < TLP_CLEAR || q->clearance > TLP_RED;
}

static bool outlet_is_unknown(const struct question *q)
{
	return q->outlet < 0 || q->outlet >= OUTLETS;
}

static bool level_is_unknown(const struct question *q)
{
	return q->level == TLP_UNKNOWN;
}

static bool unknown_for_red(const struct question *q)
{
	return level_is_unknown(q) && q->clearance == TLP_RED;
}

static bool level_is_within(const struct question *q)
{
	return q->level <= q->clearance;
}

static bool always(const struct question *q)
{
	(void)q;
	return true;
}

static const struct rule {
	const char *id;
	bool (*applies)(const struct question *q);
	enum verdict verdict;
} RULES[] = {
    {"outlet.unknown", outlet_is_unknown, VERDICT_DENY},
    {"reader.no-clearance", clearance_is_none, VERDICT_DENY},
    {"label.unknown-as-red", unknown_for_red, VERDICT_ALLOW},
    {"label.unknown", level_is_unknown, VERDICT_DENY},
    {"tlp.within-clearance", level_is_within, VERDICT_ALLOW},
    {"tlp.above-clearance", always, VERDICT_DENY},
};

struct decision policy_decide(
    const struct label *label, const struct reader *reader, enum outlet outlet)
{
	const struct question q = {
	    .level = label->tlp >= TLP_CLEAR && label->tlp <= TLP_RED ? label->tlp : TLP_UNKNOWN,
	    .clearance = reader->clearance,
	    .outlet = (int)outlet,
	};
	const struct rule *r = RULES;

	while (!r->applies(&q))
		r++; /* the last row always applies */
	return (struct decision){.verdict = r->verdict, .rule = r->id};
}

uint32_t policy_reader_key(const struct reader *reader)
{
	return (uint32_t)reader->clearance;
}
