/* SPDX-License-Identifier: Apache-2.0 */
#include "temp.h"

#include <string.h>

#include "policy/label.h"

/* The rules again, written from the requirements (G1, G2) and from FIRST's TLP 2.0, sharing nothing
 * with the code under test: who may see what is spelled out case by case. */
static bool oracle_allows(int level, int clearance, int outlet)
{
	static const char MAY[5][6] = {
	    /* level:      CLEAR GREEN AMBER A+S RED unknown */
	    /* clear */ {1, 0, 0, 0, 0, 0},
	    /* green */ {1, 1, 0, 0, 0, 0},
	    /* amber */ {1, 1, 1, 0, 0, 0},
	    /* a+s */ {1, 1, 1, 1, 0, 0},
	    /* red */ {1, 1, 1, 1, 1, 1},
	};
	int row = clearance == TLP_CLEAR          ? 0
	          : clearance == TLP_GREEN        ? 1
	          : clearance == TLP_AMBER        ? 2
	          : clearance == TLP_AMBER_STRICT ? 3
	          : clearance == TLP_RED          ? 4
	                                          : -1;
	int column = level == TLP_CLEAR          ? 0
	             : level == TLP_GREEN        ? 1
	             : level == TLP_AMBER        ? 2
	             : level == TLP_AMBER_STRICT ? 3
	             : level == TLP_RED          ? 4
	                                         : 5;

	return outlet >= 0 && outlet < OUTLETS && row >= 0 && MAY[row][column];
}

/* G1: a million random cases against an independent oracle. */
static void decisions_agree_with_the_written_rules(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		uint64_t r = next_random(&seed);
		int level = (int)(r % 12) - 3, clearance = (int)(r >> 8) % 12 - 3;
		int outlet = (int)(r >> 16) % (OUTLETS + 4) - 2;
		struct label l = {.tlp = (enum tlp)level};
		struct reader reader = {
		    .role = (uint8_t)(r >> 40), .clearance = (enum tlp)clearance};
		struct decision d = policy_decide(&l, &reader, (enum outlet)outlet);

		assert_int_equal(
		    d.verdict == VERDICT_ALLOW, oracle_allows(level, clearance, outlet));
		assert_true(d.verdict == VERDICT_ALLOW || d.verdict == VERDICT_DENY);
		assert_non_null(d.rule);
	}
}

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
		struct reader r = {.clearance = CASES[i].clearance};

		assert_string_equal(
		    policy_decide(&l, &r, (enum outlet)CASES[i].outlet).rule, CASES[i].rule);
	}
}

/* G2: unknown, missing or unparsable labels are the most restrictive. */
static void garbage_decodes_to_the_most_restrictive_label(void **state)
{
	uint64_t seed = 2;
	char bytes[16], good[LABEL_ENCODED_MAX];

	(void)state;
	assert_int_equal(label_decode(STR_NONE).tlp, TLP_UNKNOWN);
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
		/* Anything but the one encoding of a level is unknown. */
		m = label_encode(&l, good);
		if (n != m || memcmp(bytes, good, m) != 0)
			assert_int_equal(l.tlp, TLP_UNKNOWN);
	}
}

static void labels_survive_encoding(void **state)
{
	char bytes[LABEL_ENCODED_MAX];

	(void)state;
	for (int t = TLP_NONE - 2; t <= TLP_UNKNOWN + 2; t++) {
		struct label l = {.tlp = (enum tlp)t};
		size_t n = label_encode(&l, bytes);
		enum tlp expected = t >= TLP_CLEAR && t <= TLP_RED ? (enum tlp)t : TLP_UNKNOWN;

		assert_int_equal(label_decode((struct str){bytes, n}).tlp, expected);
		/* A field of a later version may be a restriction. */
		memcpy(bytes + n, "\7\1x", 3);
		assert_int_equal(label_decode((struct str){bytes, n + 3}).tlp, TLP_UNKNOWN);
	}
}

static bool sees(const struct label *l, int clearance)
{
	struct reader r = {.clearance = (enum tlp)clearance};

	return policy_decide(l, &r, OUTLET_API).verdict == VERDICT_ALLOW;
}

/* G4: who may see what was derived may see each input, and the join is the least such label. */
static void a_join_is_the_least_upper_bound(void **state)
{
	(void)state;
	for (int a = TLP_NONE; a <= TLP_UNKNOWN; a++)
		for (int b = TLP_NONE; b <= TLP_UNKNOWN; b++) {
			struct label la = {.tlp = (enum tlp)a}, lb = {.tlp = (enum tlp)b};
			struct label j = label_join(&la, &lb);
			struct label k = label_join(&lb, &la);

			assert_int_equal(j.tlp, k.tlp);
			for (int c = TLP_NONE; c <= TLP_UNKNOWN; c++)
				assert_int_equal(sees(&j, c), sees(&la, c) && sees(&lb, c));
		}
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

static void readers_with_equal_keys_get_equal_decisions(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t r = next_random(&seed);
		struct reader a = {
		    .name = S("a"), .role = (uint8_t)r, .clearance = (enum tlp)(r >> 8 & 7)};
		struct reader b = {.name = S("b"),
		    .role = (uint8_t)(r >> 16),
		    .clearance = (enum tlp)(r >> 24 & 7)};
		struct label l = {.tlp = (enum tlp)(r >> 32 & 7)};
		enum outlet o = (enum outlet)(r >> 40 & 7);

		if (policy_reader_key(&a) == policy_reader_key(&b))
			assert_int_equal(
			    policy_decide(&l, &a, o).verdict, policy_decide(&l, &b, o).verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decisions_agree_with_the_written_rules),
	    cmocka_unit_test(every_rule_has_a_stable_id),
	    cmocka_unit_test(garbage_decodes_to_the_most_restrictive_label),
	    cmocka_unit_test(labels_survive_encoding),
	    cmocka_unit_test(a_join_is_the_least_upper_bound),
	    cmocka_unit_test(a_default_label_never_lowers_markings),
	    cmocka_unit_test(readers_with_equal_keys_get_equal_decisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
