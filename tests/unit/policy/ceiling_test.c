/* SPDX-License-Identifier: Apache-2.0 */
/* What a node may hold at all. G19 */
#include "test.h"

#include <string.h>

#include "policy/ceiling.h"
#include "stix/type.h"

enum { OTHER = STIX_TYPE_INDICATOR, DEFINITION = STIX_TYPE_MARKING_DEFINITION };

static struct label label(enum tlp tlp, const char *scheme, const char *level)
{
	struct label l = {.tlp = tlp};

	if (scheme)
		assert_int_equal(levels_set(&l.levels, str_c(scheme), str_c(level)), OK);
	return l;
}

/* "" when it may be here, else the word that tells which part is above. */
static void check(const char *ceiling, struct label l, const char *word)
{
	struct ceiling c;
	const char *why;

	assert_int_equal(ceiling_read(&c, ceiling ? str_c(ceiling) : STR_NONE, NULL), OK);
	why = ceiling_refuses(&c, OTHER, &l);
	if (!*word) {
		assert_null(why);
		return;
	}
	assert_non_null(why);
	assert_non_null(strstr(why, word));
	assert_non_null(strstr(why, "ceiling"));
}

static void a_level_above_its_part_is_refused(void **state)
{
	(void)state;
	check("TLP:AMBER", label(TLP_AMBER, NULL, NULL), "");
	check("TLP:AMBER", label(TLP_CLEAR, NULL, NULL), "");
	check("TLP:AMBER", label(TLP_AMBER_STRICT, NULL, NULL), "TLP");
	check("TLP:AMBER", label(TLP_RED, NULL, NULL), "TLP");
	check("EU:R-UE", label(TLP_RED, "eu", "R-UE"), "");
	check("EU:R-UE", label(TLP_NONE, "eu", "R-UE"), "");
	check("EU:R-UE", label(TLP_CLEAR, "eu", "C-UE"), "EU");
	check("TLP:GREEN,NATO:NC", label(TLP_GREEN, "nato", "NC"), "");
	check("TLP:GREEN,NATO:NC", label(TLP_GREEN, "nato", "NS"), "NATO");
	check("TLP:GREEN,NATO:NC", label(TLP_AMBER, "nato", "NC"), "TLP");
	check("CZ:S", label(TLP_GREEN, "cz", "S"), "");
	check("CZ:S", label(TLP_GREEN, "cz", "TS"), "national");
}

static void a_scheme_that_is_not_named_is_above(void **state)
{
	(void)state;
	check("TLP:RED", label(TLP_CLEAR, "eu", "R-UE"), "EU");
	check("TLP:RED", label(TLP_CLEAR, "nato", "NR"), "NATO");
	check("TLP:RED,EU:TS-UE,NATO:CTS,CZ:TS", label(TLP_CLEAR, "sk", "R"), "national");
	check("TLP:RED,EU:TS-UE,NATO:CTS,CZ:TS", label(TLP_RED, "cz", "TS"), "");
}

static void what_cannot_be_told_is_above_every_ceiling(void **state)
{
	struct label unreadable = {.tlp = TLP_CLEAR, .unreadable = true};
	const struct label unknown = {.tlp = TLP_UNKNOWN};
	struct ceiling c;

	(void)state;
	check("TLP:RED", label_most_restrictive(), "cannot be told");
	check("TLP:RED", unknown, "cannot be told");
	check("TLP:RED", unreadable, "cannot be told");
	/* But what says what labels are has none. */
	assert_int_equal(ceiling_read(&c, S("TLP:GREEN"), NULL), OK);
	assert_null(ceiling_refuses(&c, DEFINITION, &unknown));
	assert_non_null(ceiling_refuses(&c, DEFINITION, &unreadable));
	unreadable = label(TLP_RED, NULL, NULL);
	assert_non_null(ceiling_refuses(&c, DEFINITION, &unreadable));
}

static void without_a_ceiling_everything_may_be_here(void **state)
{
	(void)state;
	check(NULL, label_most_restrictive(), "");
	check(NULL, label(TLP_RED, "eu", "TS-UE"), "");
}

static void what_is_no_clearance_is_no_ceiling(void **state)
{
	static const char *const BAD[] = {
	    "", "TLP:PURPLE", "EU:Z", "TLP:RED,,EU:R-UE", "RED;EU:R-UE"};
	struct ceiling c;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_not_equal(ceiling_read(&c, str_c(BAD[i]), NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_level_above_its_part_is_refused),
	    cmocka_unit_test(a_scheme_that_is_not_named_is_above),
	    cmocka_unit_test(what_cannot_be_told_is_above_every_ceiling),
	    cmocka_unit_test(without_a_ceiling_everything_may_be_here),
	    cmocka_unit_test(what_is_no_clearance_is_no_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
