/* SPDX-License-Identifier: Apache-2.0 */
#include "temp.h"

#include <string.h>

#include "cases.h"

static void every_rule_has_a_stable_id(void **state)
{
	static const struct {
		enum tlp level, clearance;
		int outlet;
		const char *rule;
	} CASES[] = {
	    {TLP_CLEAR, TLP_CLEAR, OUTLETS, "outlet.unknown"},
	    {TLP_CLEAR, TLP_NONE, OUTLET_API, "reader.no-clearance"},
	    {TLP_CLEAR, TLP_UNKNOWN, OUTLET_API, "reader.no-clearance"},
	    {TLP_UNKNOWN, TLP_RED, OUTLET_API, "label.unknown-as-red"},
	    {TLP_UNKNOWN, TLP_AMBER_STRICT, OUTLET_API, "label.unknown"},
	    {TLP_GREEN, TLP_GREEN, OUTLET_API, "tlp.within-clearance"},
	    {TLP_AMBER, TLP_GREEN, OUTLET_API, "tlp.above-clearance"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct label l = {.tlp = CASES[i].level};
		struct reader r = {.own = true, .clearance = CASES[i].clearance};

		assert_string_equal(
		    policy_decide(&l, &r, (enum outlet)CASES[i].outlet, 0).rule, CASES[i].rule);
	}
}

/* G2: unknown, missing or unparsable labels are the most restrictive. */
static void garbage_decodes_to_the_most_restrictive_label(void **state)
{
	uint64_t seed = 2;
	char bytes[16], good[LABEL_ENCODED_MAX];

	(void)state;
	assert_int_equal(label_decode(STR_NONE).tlp, TLP_UNKNOWN);
	assert_true(label_decode(STR_NONE).unreadable);
	for (int i = 0; i < 1000000; i++) {
		uint64_t r = next_random(&seed), s = next_random(&seed);
		size_t n = r % sizeof(bytes);
		struct label l;
		size_t m;

		memcpy(bytes, &r, 8);
		memcpy(bytes + 8, &s, 8);
		if (r >> 60 & 1)
			memcpy(bytes, "\1\1\1", 3);
		l = label_decode((struct str){bytes, n});
		/* Anything but the one encoding of a label is none. */
		m = label_encode(&l, good);
		if (n != m || memcmp(bytes, good, m) != 0)
			assert_true(l.unreadable && l.tlp == TLP_UNKNOWN);
	}
}

static void levels_keep_the_bytes_they_always_had(void **state)
{
	char bytes[LABEL_ENCODED_MAX];

	(void)state;
	for (int t = TLP_NONE - 2; t <= TLP_UNKNOWN + 2; t++) {
		struct label l = {.tlp = (enum tlp)t};
		enum tlp expected = t >= TLP_CLEAR && t <= TLP_RED ? (enum tlp)t : TLP_UNKNOWN;
		const char plain[4] = {1, 1, 1, (char)expected};

		assert_int_equal(label_encode(&l, bytes), 4);
		assert_memory_equal(bytes, plain, 4);
		assert_int_equal(label_decode((struct str){bytes, 4}).tlp, expected);
		/* A field of a later version may be a restriction. */
		memcpy(bytes + 4, "\x70\1x", 3);
		assert_true(label_decode((struct str){bytes, 7}).unreadable);
	}
}

static void labels_survive_encoding(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		struct plain_label p = random_label(&seed);
		struct label l = made_label(&p), again;
		char bytes[LABEL_ENCODED_MAX], twice[LABEL_ENCODED_MAX];
		size_t n = label_encode(&l, bytes);

		again = label_decode((struct str){bytes, n});
		assert_int_equal(label_encode(&again, twice), n);
		assert_memory_equal(bytes, twice, n);
		assert_int_equal(again.unreadable, p.unreadable);
		assert_true(label_equal(&l, &again));
	}
}

/* However full a label is, it has its place. */
static void the_fullest_label_fits(void **state)
{
	struct label l = {.tlp = TLP_RED,
	    .levels = {.eu = 4, .nato = 4},
	    .outside = OUTSIDE_MEMBERS,
	    .exercise = true,
	    .pap = PAP_RED,
	    .action = IEP_NOTHING,
	    .notify = NOTIFY_MUST_NOT,
	    .attribution = ATTRIBUTION_MUST_NOT,
	    .personal = PERSONAL_SPECIAL,
	    .precedence = PRECEDENCE_FLASH,
	    .has_expiry = true,
	    .expires = LABEL_EXPIRES_MAX - 1,
	    .has_originator = true};
	static const char *const COUNTRIES[] = {"at", "be", "cz", "de", "es"};
	char bytes[LABEL_ENCODED_MAX], name[3] = "a0";
	struct label back;
	size_t n;

	(void)state;
	label_set_hops(&l, 0);
	for (int i = 0; i < NATIONAL_MAX; i++)
		assert_int_equal(levels_set(&l.levels, str_c(COUNTRIES[i]), S("4")), OK);
	assert_int_equal(levels_set(&l.levels, S("es"), S("4")), ERR_LIMIT);
	for (int i = 0; i < 20; i++) {
		name[1] = (char)('a' + i);
		assert_int_equal(label_add_releasable(&l, str_c(name)), OK);
	}
	for (int i = 0; i < 19; i++) {
		name[1] = (char)('a' + i);
		assert_int_equal(label_add_community(&l, str_c(name)), OK);
	}
	assert_int_equal(label_add_community(&l, S("zzz")), ERR_LIMIT);
	for (int i = 0; i < 20; i++) {
		name[1] = (char)('a' + i);
		assert_int_equal(label_add_tag(&l, str_c(name)), OK);
	}
	assert_int_equal(label_add_tag(&l, S("zz")), ERR_LIMIT);
	n = label_encode(&l, bytes);
	assert_in_range(n, 240, LABEL_ENCODED_MAX);
	back = label_decode((struct str){bytes, n});
	assert_false(back.unreadable);
	assert_true(label_equal(&back, &l));
}

/* Commutative, associative, idempotent; a join dominates both; the most restrictive absorbs. */
static void joins_form_a_lattice(void **state)
{
	uint64_t seed = 4;
	struct label top = label_most_restrictive();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct plain_label p = random_label(&seed), q = random_label(&seed),
		                   r = random_label(&seed);
		struct label a = made_label(&p), b = made_label(&q), c = made_label(&r);
		struct label ab = label_join(&a, &b), ba = label_join(&b, &a);
		struct label bc = label_join(&b, &c), aa = label_join(&a, &a);
		struct label ab_c = label_join(&ab, &c), a_bc = label_join(&a, &bc);
		struct label with_top = label_join(&a, &top);

		assert_true(label_equal(&ab, &ba));
		assert_true(label_equal(&ab_c, &a_bc));
		assert_true(label_equal(&aa, &a));
		assert_true(label_dominates(&ab, &a) && label_dominates(&ab, &b));
		assert_true(label_equal(&with_top, &top));
	}
}

/* Of two the higher counts; it hides nothing, and a newer version may have less of it. */
static void precedence_goes_up_and_restricts_nothing(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		struct plain_label p = random_label(&seed), q = random_label(&seed), other = p;
		struct plain_reader who = random_reader(&seed);
		struct label a = made_label(&p), b = made_label(&q), j = label_join(&a, &b), l;
		struct reader r = made_reader(&who);
		enum outlet o = (enum outlet)upto(&seed, OUTLETS);

		if (!j.unreadable)
			assert_int_equal(j.precedence,
			    p.precedence > q.precedence ? p.precedence : q.precedence);
		assert_int_equal(
		    label_is_urgent(&a), !a.unreadable && p.precedence >= PRECEDENCE_IMMEDIATE);
		other.precedence = upto(&seed, PRECEDENCES);
		l = made_label(&other);
		assert_true(label_dominates(&a, &l) && label_dominates(&l, &a));
		assert_string_equal(
		    policy_decide(&a, &r, o, 0).rule, policy_decide(&l, &r, o, 0).rule);
	}
}

/* Who has this much of it has at least that much. */
static bool at_least(struct decision more, struct decision less)
{
	if (less.verdict == VERDICT_DENY)
		return true;
	return more.verdict != VERDICT_DENY && (more.withheld & ~less.withheld) == 0;
}

/* G4: who may see what was derived may see each input, and as much of it. */
static void a_join_is_seen_only_by_who_sees_both(void **state)
{
	uint64_t seed = 5;
	long allowed = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		struct plain_label p = random_label(&seed), q = random_label(&seed);
		struct plain_reader who = random_reader(&seed);
		struct label a = made_label(&p), b = made_label(&q), j = label_join(&a, &b);
		struct reader r = made_reader(&who);
		enum outlet o = (enum outlet)upto(&seed, OUTLETS);
		uint16_t type = (uint16_t)upto(&seed, 5);
		usec now = upto(&seed, 100);

		struct decision d = policy_decide_type(&j, type, &r, o, now);

		allowed += d.verdict != VERDICT_DENY;
		assert_true(at_least(policy_decide_type(&a, type, &r, o, now), d));
		assert_true(at_least(policy_decide_type(&b, type, &r, o, now), d));
	}
	assert_in_range(allowed, 1000, 300000);
}

static void tlp_alone_joins_to_exactly_both(void **state)
{
	(void)state;
	for (int a = TLP_CLEAR; a <= TLP_UNKNOWN; a++)
		for (int b = TLP_CLEAR; b <= TLP_UNKNOWN; b++)
			for (int c = TLP_CLEAR; c <= TLP_RED; c++) {
				struct label la = {.tlp = (enum tlp)a}, lb = {.tlp = (enum tlp)b};
				struct label j = label_join(&la, &lb);
				struct reader r = {.own = true, .clearance = (enum tlp)c};
				bool both =
				    policy_decide(&la, &r, OUTLET_API, 0).verdict ==
				        VERDICT_ALLOW &&
				    policy_decide(&lb, &r, OUTLET_API, 0).verdict == VERDICT_ALLOW;

				assert_int_equal(
				    policy_decide(&j, &r, OUTLET_API, 0).verdict == VERDICT_ALLOW,
				    both);
			}
}

/* A reader with more of anything (level, tag, community, organisation) never sees less. */
static void more_clearance_never_shows_less(void **state)
{
	uint64_t seed = 6;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		struct plain_label p = random_label(&seed);
		struct plain_reader less = random_reader(&seed), more = less;
		struct label l = made_label(&p);
		struct reader a, b;
		enum outlet o = (enum outlet)upto(&seed, OUTLETS);
		usec now = upto(&seed, 100);

		if (more.clearance >= TLP_CLEAR && more.clearance < TLP_RED)
			more.clearance += upto(&seed, 2);
		if (more.eu < 4)
			more.eu += upto(&seed, 2);
		if (more.state[0] < 4)
			more.state[0] += upto(&seed, 2);
		more.tags |= 1U << upto(&seed, TAG_NAMES);
		more.organisations |= 1U << ORG_STATE;
		if (!more.communities[0].in)
			more.communities[0] =
			    (struct plain_community){.in = true, .ceiling = TLP_RED};
		a = made_reader(&less);
		b = made_reader(&more);
		assert_true(at_least(policy_decide(&l, &b, o, now), policy_decide(&l, &a, o, now)));
	}
}

/* An empty audience is nobody, whatever the clearance; what has none is not restricted by it. */
static void an_empty_audience_is_nobody(void **state)
{
	struct label l = {.tlp = TLP_CLEAR};
	struct reader r = {.clearance = TLP_RED, .own = true};

	(void)state;
	assert_int_equal(policy_decide(&l, &r, OUTLET_API, 0).verdict, VERDICT_ALLOW);
	assert_int_equal(label_add_releasable(&l, STR_NONE), OK);
	assert_string_equal(policy_decide(&l, &r, OUTLET_API, 0).rule, "releasable.nobody");
	assert_int_equal(label_add_releasable(&l, S("CZ")), OK);
	assert_string_equal(policy_decide(&l, &r, OUTLET_API, 0).rule, "releasable.not-named");
	assert_int_equal(reader_add_organisation(&r, S("cz")), OK);
	assert_int_equal(policy_decide(&l, &r, OUTLET_API, 0).verdict, VERDICT_ALLOW);
	assert_int_equal(label_add_community(&l, STR_NONE), OK);
	assert_string_equal(policy_decide(&l, &r, OUTLET_API, 0).rule, "community.nobody");
}

static void a_default_label_never_lowers_markings(void **state)
{
	struct label green = {.tlp = TLP_GREEN};

	(void)state;
	assert_int_equal(label_of(TLP_RED, &green).tlp, TLP_RED);
	assert_int_equal(label_of(TLP_CLEAR, &green).tlp, TLP_CLEAR);
	assert_int_equal(label_of(TLP_UNKNOWN, &green).tlp, TLP_UNKNOWN);
	assert_int_equal(label_of(TLP_NONE, &green).tlp, TLP_GREEN);
	assert_int_equal(label_of(TLP_NONE, NULL).tlp, TLP_UNKNOWN);
}

static void same_readers_get_the_same_decisions(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct plain_reader p = random_reader(&seed), q = p;
		struct plain_label pl = random_label(&seed);
		struct label l = made_label(&pl);
		struct reader a = made_reader(&p), b;

		switch (upto(&seed, 6)) {
		case 0:
			q.own = !q.own;
			break;
		case 1:
			q.tags ^= 1;
			break;
		case 2:
			q.communities[1].ceiling = TLP_CLEAR;
			break;
		case 3:
			q.communities[2].in = !q.communities[2].in;
			break;
		case 4:
			q.state[1] = upto(&seed, 5);
			break;
		default:
			break;
		}
		b = made_reader(&q);
		b.name = S("another name");
		b.role = 3;
		if (memcmp(&p, &q, sizeof(p)) == 0)
			assert_true(policy_same_reader(&a, &b));
		if (policy_same_reader(&a, &b))
			assert_int_equal(policy_decide(&l, &a, OUTLET_API, 50).verdict,
			    policy_decide(&l, &b, OUTLET_API, 50).verdict);
	}
}

/* Between now and that time the answer stays what it is. */
static void a_decision_keeps_until_it_says(void **state)
{
	uint64_t seed = 8;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct plain_label p = random_label(&seed);
		struct plain_reader who = random_reader(&seed);
		struct label l = made_label(&p);
		struct reader r = made_reader(&who);
		usec now = upto(&seed, 100), later = now + upto(&seed, 100 - (int)now);
		usec until = policy_label_until(&l, now), other = policy_reader_until(&r, now);

		until = other < until ? other : until;
		if (later < until)
			assert_string_equal(policy_decide(&l, &r, OUTLET_PEER, now).rule,
			    policy_decide(&l, &r, OUTLET_PEER, later).rule);
	}
}

static void labels_are_told_in_words(void **state)
{
	struct label l = {.tlp = TLP_AMBER, .levels = {.eu = LEVEL_SECRET}, .pap = PAP_GREEN};
	struct buf b;

	(void)state;
	assert_int_equal(levels_set(&l.levels, S("national:CZ"), S("C")), OK);
	assert_int_equal(label_add_releasable(&l, S("CZ")), OK);
	assert_int_equal(label_add_releasable(&l, str_c(AUDIENCE[SELF_IDENTITY])), OK);
	assert_int_equal(label_add_community(&l, STR_NONE), OK);
	assert_int_equal(label_add_tag(&l, S("Op-X")), OK);
	assert_int_equal(label_add_tag(&l, S("not a name")), ERR_INVALID);
	label_set_hops(&l, 1);
	l.has_expiry = true;
	buf_init(&b, 4096);
	label_put(&b, &l);
	buf_byte(&b, '\0');
	assert_string_equal(b.p,
	    "TLP:AMBER, EU-S, CZ:C; releasable to: "
	    "identity--00000000-0000-4000-8000-000000000001, cz; communities: none; need to know: "
	    "op-x; PAP:GREEN; 1 more may pass it on; until 1970-01-01T00:00:00.000000Z");
	buf_free(&b);
}

static void clearances_are_read_and_written(void **state)
{
	struct levels levels = {0};
	struct fault fault;
	enum tlp tlp = TLP_CLEAR;
	struct buf b;

	(void)state;
	assert_int_equal(
	    clearance_parse(&tlp, &levels, S("amber, EU:R-UE/EU-R,nato:NS, cz:ts"), &fault), OK);
	assert_int_equal(tlp, TLP_AMBER);
	buf_init(&b, 200);
	clearance_put(&b, tlp, &levels);
	buf_byte(&b, '\0');
	assert_string_equal(b.p, "TLP:AMBER,EU:EU-R,NATO:NS,CZ:TS");
	buf_free(&b);
	assert_int_equal(clearance_parse(&tlp, &levels, S("EU:COSMIC"), &fault), ERR_INVALID);
	assert_int_equal(clearance_parse(&tlp, &levels, S("TLP:PINK"), &fault), ERR_INVALID);
	assert_int_equal(clearance_parse(&tlp, &levels, S("ZZ:S"), &fault), ERR_INVALID);
	assert_int_equal(clearance_parse(&tlp, &levels, S(""), &fault), ERR_INVALID);
	assert_int_equal(tlp, TLP_AMBER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_rule_has_a_stable_id),
	    cmocka_unit_test(garbage_decodes_to_the_most_restrictive_label),
	    cmocka_unit_test(levels_keep_the_bytes_they_always_had),
	    cmocka_unit_test(labels_survive_encoding),
	    cmocka_unit_test(the_fullest_label_fits),
	    cmocka_unit_test(joins_form_a_lattice),
	    cmocka_unit_test(precedence_goes_up_and_restricts_nothing),
	    cmocka_unit_test(a_join_is_seen_only_by_who_sees_both),
	    cmocka_unit_test(tlp_alone_joins_to_exactly_both),
	    cmocka_unit_test(more_clearance_never_shows_less),
	    cmocka_unit_test(an_empty_audience_is_nobody),
	    cmocka_unit_test(a_default_label_never_lowers_markings),
	    cmocka_unit_test(same_readers_get_the_same_decisions),
	    cmocka_unit_test(a_decision_keeps_until_it_says),
	    cmocka_unit_test(labels_are_told_in_words),
	    cmocka_unit_test(clearances_are_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
