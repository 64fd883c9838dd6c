/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "policy/change.h"

static struct arena *memory;

static const struct str BY = S("identity--00000000-0000-4000-8000-000000000001");

static struct label changed(const struct label *was, const struct label_change *c)
{
	struct label out;
	struct fault fault;

	assert_int_equal(label_change(&out, was, c, BY, NULL, memory, &fault), OK);
	return out;
}

static struct label full(void)
{
	struct label l = {.tlp = TLP_AMBER,
	    .levels = {.nato = LEVEL_SECRET},
	    .exercise = true,
	    .pap = PAP_AMBER,
	    .action = IEP_INTERNAL,
	    .notify = NOTIFY_MUST_NOT,
	    .attribution = ATTRIBUTION_MUST,
	    .personal = PERSONAL_PRESENT,
	    .precedence = PRECEDENCE_FLASH,
	    .has_expiry = true,
	    .expires = LABEL_EXPIRES_MAX / 2,
	    .has_originator = true};

	label_set_hops(&l, 3);
	assert_int_equal(uuid_parse(&l.originator, str_from(BY, 10)), OK);
	assert_int_equal(label_add_releasable(&l, S("milcert")), OK);
	assert_int_equal(
	    label_add_releasable(&l, S("identity--00000000-0000-4000-8000-000000000002")), OK);
	assert_int_equal(label_add_community(&l, S("csirt")), OK);
	assert_int_equal(label_add_tag(&l, S("op-x")), OK);
	return l;
}

/* US-03: what is not changed stays, every part of it, through the marking that says it. */
static void parts_that_are_not_named_stay(void **state)
{
	static const struct levels LEVELS[] = {{0}, {.eu = LEVEL_RESTRICTED},
	    {.eu = LEVEL_TOP_SECRET}, {.nato = LEVEL_CONFIDENTIAL},
	    {.national_count = 1, .national = {{.country = "cz", .level = LEVEL_SECRET}}}};
	const struct label_change nothing = {.has_hops = false};
	const struct label_change green = {.tlp = S("TLP:GREEN")};

	(void)state;
	assert_false(label_change_any(&nothing));
	assert_true(label_change_any(&green));
	for (size_t i = 0; i < sizeof(LEVELS) / sizeof(LEVELS[0]); i++) {
		struct label was = full(), is;

		was.levels = LEVELS[i];
		is = changed(&was, &nothing);
		assert_true(label_equal(&is, &was));
		is = changed(&was, &green);
		was.tlp = TLP_GREEN;
		assert_true(label_equal(&is, &was));
	}
}

static void lists_are_replaced_emptied_and_taken_away(void **state)
{
	struct label was = full();
	struct label is = changed(&was, &(struct label_change){.releasable_to = S(""),
	                                    .communities = S("*"),
	                                    .need_to_know = S("b, a,b"),
	                                    .has_hops = true});

	(void)state;
	assert_true(is.releasable.present && is.releasable.n == 0);
	assert_false(is.communities.present);
	assert_int_equal(is.tags_n, 4);
	assert_int_equal(label_hops(&is), 0);
}

/* Its maker sees it whatever audience it is given. */
static void an_audience_names_the_maker_as_originator(void **state)
{
	struct label was = {.tlp = TLP_AMBER};
	struct label is = changed(&was, &(struct label_change){.releasable_to = S("milcert")});

	(void)state;
	assert_true(is.has_originator && !was.has_originator);
	is = changed(&was, &(struct label_change){.tlp = S("TLP:GREEN")});
	assert_true(label_is_plain(&is));
}

static void what_cannot_be_said_is_refused_in_words(void **state)
{
	static const struct {
		struct label_change change;
		enum err rc;
	} BAD[] = {
	    {{.tlp = S("PINK")}, ERR_INVALID},
	    {{.releasable_to = S("a b")}, ERR_INVALID},
	    {{.communities = S("a,,b")}, ERR_INVALID},
	    {{.need_to_know = S("*,a")}, ERR_INVALID},
	    {{.releasable_to = S("a1234567890123456789012345678901234567890,"
	                         "b1234567890123456789012345678901234567890,"
	                         "c1234567890123456789012345678901234567890")},
	        ERR_LIMIT},
	};
	struct label was = full(), out;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
		    label_change(&out, &was, &BAD[i].change, BY, NULL, memory, &fault), BAD[i].rc);
	was.levels.eu = LEVEL_SECRET;
	assert_int_equal(
	    label_change(&out, &was, &(struct label_change){0}, BY, NULL, memory, &fault),
	    ERR_UNSUPPORTED);
	was = label_most_restrictive();
	assert_int_equal(label_change(&out, &was, &(struct label_change){.tlp = S("TLP:CLEAR")}, BY,
	                     NULL, memory, &fault),
	    ERR_INVALID);
	was = (struct label){.tlp = TLP_UNKNOWN};
	assert_int_equal(label_change(&out, &was, &(struct label_change){.communities = S("a")}, BY,
	                     NULL, memory, &fault),
	    ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_that_are_not_named_stay),
	    cmocka_unit_test(lists_are_replaced_emptied_and_taken_away),
	    cmocka_unit_test(an_audience_names_the_maker_as_originator),
	    cmocka_unit_test(what_cannot_be_said_is_refused_in_words),
	};
	int rc;

	memory = arena_new((size_t)64 << 20);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(memory);
	return rc;
}
