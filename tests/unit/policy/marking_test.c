/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "policy/marking.h"

static struct arena *memory;

static enum err read_text(struct marking *out, const char *extension, struct fault *fault)
{
	static char text[8192];
	yyjson_val *root;

	(void)snprintf(
	    text, sizeof(text), "{\"extensions\":{\"%s\":%s}}", TOCSIN_LABEL_EXTENSION, extension);
	assert_int_equal(json_parse(&root, memory, str_c(text), &JSON_LIMITS_OBJECT, NULL), OK);
	return marking_read(out, root, fault);
}

static struct marking marking_of(const char *extension)
{
	struct marking m;

	assert_int_equal(read_text(&m, extension, NULL), OK);
	return m;
}

static void every_member_is_read(void **state)
{
	struct marking m = marking_of(
	    "{\"extension_type\":\"property-extension\",\"scheme\":\"nato\",\"level\":\"NS\","
	    "\"tlp\":\"TLP:AMBER\",\"releasable_to\":[\"CZ\"],\"communities\":[\"csirt\"],"
	    "\"need_to_know\":[\"op-x\"],\"pap\":\"AMBER\","
	    "\"permitted_actions\":\"internally-visible\","
	    "\"affected_party_notification\":\"must-not\",\"attribution\":\"must\","
	    "\"max_hops\":2,\"expires\":\"2027-01-01T00:00:00Z\",\"personal_data\":\"present\","
	    "\"exercise\":true,\"precedence\":\"flash\",\"native_4774\":\"<x/>\","
	    "\"originator_ref\":\"identity--00000000-0000-4000-8000-000000000001\"}");
	const struct label *l = &m.label;

	(void)state;
	assert_int_equal(l->tlp, TLP_AMBER);
	assert_int_equal(l->levels.nato, LEVEL_SECRET);
	assert_true(l->releasable.present && l->communities.present && l->tags_n);
	assert_int_equal(l->pap, PAP_AMBER);
	assert_int_equal(l->action, IEP_INTERNAL);
	assert_int_equal(l->notify, NOTIFY_MUST_NOT);
	assert_int_equal(l->attribution, ATTRIBUTION_MUST);
	assert_int_equal(l->personal, PERSONAL_PRESENT);
	assert_int_equal(l->precedence, PRECEDENCE_FLASH);
	assert_int_equal(label_hops(l), 2);
	assert_true(l->has_expiry && l->exercise && l->has_originator && !l->unreadable);
}

/* G2: whatever is not understood makes the whole label unreadable. */
static void what_is_not_understood_is_most_restrictive(void **state)
{
	static const char *const BROKEN[] = {"[]", "7", "{\"scheme\":\"mars\",\"level\":\"S\"}",
	    "{\"scheme\":\"euci\"}", "{\"level\":\"S\"}", "{\"scheme\":\"none\",\"level\":\"S\"}",
	    "{\"tlp\":\"PINK\"}", "{\"tlp\":3}", "{\"releasable_to\":\"cz\"}",
	    "{\"releasable_to\":[\"a b\"]}", "{\"releasable_to\":[7]}",
	    "{\"caveats\":[\"NOFORN\"]}", "{\"max_hops\":-1}", "{\"max_hops\":1.5}",
	    "{\"expires\":\"soon\"}", "{\"exercise\":\"yes\"}", "{\"precedence\":\"soon\"}",
	    "{\"originator_ref\":\"identity--x\"}", "{\"pap\":\"BLUE\"}",
	    "{\"tlp\":\"TLP:CLEAR\",\"unheard_of\":1}"};
	struct label clear = {.tlp = TLP_CLEAR};

	(void)state;
	for (size_t i = 0; i < sizeof(BROKEN) / sizeof(BROKEN[0]); i++) {
		struct marking m = marking_of(BROKEN[i]);

		assert_true(m.label.unreadable);
		assert_true(marking_settle(&m, &clear).unreadable);
	}
}

static void a_level_of_its_own_wins_over_the_default(void **state)
{
	struct label amber = {.tlp = TLP_AMBER}, l;
	struct marking m = marking_of("{\"tlp\":\"TLP:GREEN\",\"need_to_know\":[\"x\"]}");

	(void)state;
	assert_int_equal(marking_settle(&m, &amber).tlp, TLP_GREEN);
	m = marking_of("{\"need_to_know\":[\"x\"]}");
	l = marking_settle(&m, &amber);
	assert_int_equal(l.tlp, TLP_AMBER);
	assert_true(l.tags_n > 0);
	assert_int_equal(marking_settle(&m, NULL).tlp, TLP_UNKNOWN);
	m = marking_of("{\"scheme\":\"euci\",\"level\":\"EU-R\"}");
	l = marking_settle(&m, &amber);
	assert_int_equal(l.tlp, TLP_NONE);
	assert_int_equal(l.levels.eu, LEVEL_RESTRICTED);
	/* NATO UNCLASSIFIED is no level. */
	m = marking_of("{\"scheme\":\"nato\",\"level\":\"NU\"}");
	assert_int_equal(marking_settle(&m, NULL).tlp, TLP_UNKNOWN);
}

static void orcon_ends_relaying(void **state)
{
	struct marking m = marking_of("{\"max_hops\":3,\"caveats\":[\"orcon\"]}");

	(void)state;
	assert_int_equal(label_hops(&m.label), 0);
	m = marking_of("{\"caveats\":[\"ORCON\"],\"max_hops\":3}");
	assert_int_equal(label_hops(&m.label), 0);
}

static void too_many_names_are_refused_by_member(void **state)
{
	struct fault fault;
	struct marking m;

	(void)state;
	assert_int_equal(read_text(&m,
	                     "{\"need_to_know\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
	                     "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\"cccccccccccccccccccc\"]}",
	                     &fault),
	    ERR_LIMIT);
	assert_non_null(strstr(fault.text, "need_to_know"));
	assert_int_equal(marking_read(&m, NULL, NULL), ERR_NOT_FOUND);
}

static struct marking definition_of(const char *text, enum err rc)
{
	struct marking m = marking_nothing();
	yyjson_val *root;

	assert_int_equal(json_parse(&root, memory, str_c(text), &JSON_LIMITS_OBJECT, NULL), OK);
	assert_int_equal(marking_read(&m, root, NULL), rc);
	return m;
}

#define RED_PAP(more)                                                                              \
	"{\"extensions\":{\"extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b\":{"        \
	"\"pap\":"                                                                                 \
	"\"red\"}" more "}}"
#define IEP(action, tlp)                                                                           \
	"{\"extensions\":{\"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a\":{"        \
	"\"permitted_actions\":\"" action "\",\"affected_party_notifications\":\"must-not\","      \
	"\"provider_attribution\":\"must\",\"tlp\":\"" tlp "\"}}}"

static void markings_of_others_are_read(void **state)
{
	struct label amber = {.tlp = TLP_AMBER};
	struct marking m = definition_of(RED_PAP(""), OK);

	(void)state;
	/* PAP says nothing of who may see it. */
	assert_int_equal(m.label.pap, PAP_RED);
	assert_int_equal(marking_settle(&m, &amber).tlp, TLP_AMBER);
	m = definition_of(IEP("internally-visible-actions", "green"), OK);
	assert_int_equal(m.label.action, IEP_INTERNAL);
	assert_int_equal(m.label.notify, NOTIFY_MUST_NOT);
	assert_int_equal(m.label.attribution, ATTRIBUTION_MUST);
	assert_int_equal(marking_settle(&m, &amber).tlp, TLP_GREEN);
	m = definition_of("{\"definition_type\":\"PAP\",\"definition\":{\"pap\":\"amber\"}}", OK);
	assert_int_equal(m.label.pap, PAP_AMBER);
	m = definition_of(
	    "{\"definition_type\":\"statement\",\"definition\":{\"statement\":\"pap:green\"}}", OK);
	assert_int_equal(m.label.pap, PAP_GREEN);
	m = definition_of(
	    "{\"definition_type\":\"statement\",\"definition\":{\"statement\":\"red\"}}", OK);
	assert_int_equal(m.label.pap, 0);
}

/* G2: what of them is not understood, or stands beside what is not. */
static void of_others_too_what_is_not_understood_is_most_restrictive(void **state)
{
	static const char *const ODD[] = {IEP("as-you-like", "green"), IEP("none", "pink"),
	    "{\"extensions\":{\"extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b\":{}}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(ODD) / sizeof(ODD[0]); i++) {
		struct marking m = definition_of(ODD[i], OK);

		assert_true(m.has_tlp && m.label.tlp == TLP_UNKNOWN);
	}
	(void)definition_of(RED_PAP(",\"extension-definition--0\":{}"), ERR_NOT_FOUND);
	(void)definition_of(
	    "{\"definition_type\":\"PAP\",\"definition\":{\"pap\":\"blue\"}}", ERR_NOT_FOUND);
	(void)definition_of("{\"definition_type\":\"x\",\"definition\":{}}", ERR_NOT_FOUND);
}

static int make_memory(void **state)
{
	(void)state;
	memory = arena_new(1 << 20);
	return 0;
}

static int free_memory(void **state)
{
	(void)state;
	arena_free(memory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_member_is_read),
	    cmocka_unit_test(what_is_not_understood_is_most_restrictive),
	    cmocka_unit_test(a_level_of_its_own_wins_over_the_default),
	    cmocka_unit_test(orcon_ends_relaying),
	    cmocka_unit_test(too_many_names_are_refused_by_member),
	    cmocka_unit_test(markings_of_others_are_read),
	    cmocka_unit_test(of_others_too_what_is_not_understood_is_most_restrictive),
	};

	return cmocka_run_group_tests(tests, make_memory, free_memory);
}
