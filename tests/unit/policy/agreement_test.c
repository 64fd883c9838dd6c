/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "codec/json.h"
#include "policy/agreement.h"
#include "policy/need.h"
#include "stix/type.h"

#define A "identity--00000000-0000-4000-8000-00000000000a"
#define B "identity--00000000-0000-4000-8000-00000000000b"
#define ID "tocsin-agreement--00000000-0000-4000-8000-000000000001"
#define TIMES "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\""
#define NEW_SDO "\"extensions\":{\"" AGREEMENT_EXTENSION "\":{\"extension_type\":\"new-sdo\"}}"
#define HEAD(parties, communities)                                                                 \
	"{\"type\":\"" AGREEMENT_TYPE "\",\"spec_version\":\"2.1\",\"id\":\"" ID                   \
	"\",\"created_by_ref\":\"" A "\"," TIMES ",\"parties\":" parties                           \
	",\"communities\":" communities "," NEW_SDO
#define BASE HEAD("[\"" A "\",\"" B "\"]", "[\"club\"]")
#define AMBER ",\"label_ceiling\":\"TLP:AMBER\""

static struct arena *memory;

static yyjson_val *parsed(const char *text)
{
	yyjson_val *root;

	assert_int_equal(json_parse(&root, memory, str_c(text), &JSON_LIMITS_OBJECT, NULL), OK);
	return root;
}

static void every_member_is_read(void **state)
{
	struct agreement a;

	(void)state;
	assert_int_equal(
	    agreement_read(&a,
	        parsed(BASE AMBER
	            ",\"name\":\"Club\",\"kind\":\"pillar\",\"hub_ref\":\"" B "\",\"directions\":"
	            "[\"out\"],\"object_types\":[\"indicator\"],\"purposes\":[\"x\"],\"anonymise\":"
	            "[\"victims\"],\"retention\":\"P1D\",\"legal_ref\":\"MoU\",\"valid_from\":"
	            "\"2026-01-01T00:00:00Z\",\"valid_until\":\"2027-01-01T00:00:00Z\","
	            "\"reciprocity_visible\":true}"),
	        NULL),
	    OK);
	assert_int_equal(a.party_count, 2);
	assert_true(agreement_has_party(&a, S(B)));
	assert_false(agreement_has_party(&a, S("identity--00000000-0000-4000-8000-00000000000c")));
	assert_true(str_eq(a.community, S("club")) && str_eq(a.by, S(A)) && str_eq(a.hub, S(B)));
	assert_int_equal(a.kind, COMMUNITY_PILLAR);
	assert_int_equal(a.direction, DIRECTION_OUT);
	assert_int_equal(a.ceiling, TLP_AMBER);
	assert_true(a.reciprocity_visible && a.from > 0 && a.until > a.from);
}

/* D-1, D-28, P11: nobody can be held to what is not understood, and each kind says what it must. */
static void what_is_not_understood_is_no_agreement(void **state)
{
	static const char *const BAD[] = {
	    BASE "}",
	    BASE ",\"label_ceiling\":\"TLP:PINK\"}",
	    HEAD("[\"" A "\"]", "[\"club\"]") AMBER "}",
	    HEAD("[\"" A "\",\"" A "\"]", "[\"club\"]") AMBER "}",
	    HEAD("[\"" B "\",\"identity--00000000-0000-4000-8000-00000000000c\"]", "[\"club\"]")
	        AMBER "}",
	    HEAD("[\"" A "\",\"milcert\"]", "[\"club\"]") AMBER "}",
	    HEAD("[\"" A "\",\"" B "\"]", "[\"Club\"]") AMBER "}",
	    HEAD("[\"" A "\",\"" B "\"]", "[\"club\",\"pub\"]") AMBER "}",
	    HEAD("[\"" A "\",\"" B "\"]", "[]") AMBER "}",
	    BASE AMBER ",\"kind\":\"club\"}",
	    BASE AMBER ",\"kind\":\"pillar\",\"hub_ref\":\"" A "\"}",
	    BASE AMBER ",\"kind\":\"pillar\",\"object_types\":[\"indicator\"]}",
	    BASE AMBER ",\"hub_ref\":\"" A "\"}",
	    BASE AMBER ",\"directions\":[\"in\"]}",
	    BASE AMBER ",\"kind\":\"pillar\",\"hub_ref\":\"" A
	               "\",\"object_types\":[],\"directions\":[\"up\"]}",
	    BASE AMBER ",\"kind\":\"room\",\"incident_ref\":\"incident--x\"}",
	    BASE AMBER ",\"kind\":\"room\",\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    BASE AMBER ",\"incident_ref\":\"incident--x\"}",
	    BASE AMBER ",\"object_types\":[\"x-thing\"]}",
	    BASE AMBER ",\"anonymise\":[\"everything\"]}",
	    BASE AMBER ",\"purposes\":\"x\"}",
	    BASE AMBER ",\"valid_until\":\"soon\"}",
	    BASE AMBER ",\"valid_from\":\"2027-01-01T00:00:00Z\",\"valid_until\":"
	               "\"2026-01-01T00:00:00Z\"}",
	    BASE AMBER ",\"reciprocity_visible\":\"yes\"}",
	};
	struct agreement a;
	struct fault fault;

	(void)state;
	assert_int_equal(agreement_read(&a, parsed(BASE AMBER "}"), &fault), OK);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		assert_int_equal(agreement_read(&a, parsed(BAD[i]), &fault), ERR_INVALID);
		assert_true(strlen(fault.text) > 0);
	}
}

static void a_partys_word_names_what_it_is_about(void **state)
{
#define ANSWER(members)                                                                            \
	"{\"type\":\"opinion\",\"explanation\":\"why\",\"extensions\":{"                           \
	"\"" AGREEMENT_ANSWER_EXTENSION "\":{" members "}}}"
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ABOUT "\"agreement_ref\":\"" ID "\",\"agreement_modified\":\"2026-01-01T00:00:00.000001Z\""
	static const char *const BAD[] = {
	    ANSWER(ABOUT ",\"sha256\":\"" HASH "\""),
	    ANSWER(ABOUT ",\"sha256\":\"" HASH "\",\"answer\":\"proposed\""),
	    ANSWER(ABOUT ",\"sha256\":\"12\",\"answer\":\"signed\""),
	    ANSWER("\"agreement_ref\":\"" ID "\",\"sha256\":\"" HASH "\",\"answer\":\"signed\""),
	};
	struct party_answer answer;

	(void)state;
	assert_int_equal(party_answer_read(&answer,
	                     parsed(ANSWER(ABOUT ",\"sha256\":\"" HASH "\",\"answer\":\"left\""))),
	    OK);
	assert_int_equal(answer.state, PARTY_LEFT);
	assert_int_equal(answer.version % USEC_PER_SEC, 1);
	assert_true(str_eq(answer.reason, S("why")) && str_eq(answer.agreement, S(ID)));
	assert_int_equal(party_answer_read(&answer, parsed("{}")), ERR_NOT_FOUND);
	assert_false(party_answer_claimed(parsed("{\"extensions\":{}}")));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		assert_true(party_answer_claimed(parsed(BAD[i])));
		assert_int_equal(party_answer_read(&answer, parsed(BAD[i])), ERR_INVALID);
	}
}

/* D-36 */
static void a_need_says_what_is_needed_and_where(void **state)
{
#define NEED(members)                                                                              \
	"{\"type\":\"note\",\"id\":\"note--00000000-0000-4000-8000-000000000004\",\"spec_"         \
	"version\":"                                                                               \
	"\"2.1\",\"created_by_ref\":\"" A "\"," TIMES                                              \
	",\"content\":\"x\",\"extensions\":{\"" NEED_EXTENSION "\":{" members "}}}"
	static const char *const BAD[] = {
	    NEED("\"community\":\"club\",\"object_type\":\"x-thing\",\"state\":\"open\""),
	    NEED("\"community\":\"a club\",\"object_type\":\"malware\",\"state\":\"open\""),
	    NEED("\"community\":\"club\",\"object_type\":\"malware\",\"state\":\"soon\""),
	    NEED("\"community\":\"club\",\"object_type\":\"malware\",\"state\":\"open\","
	         "\"valid_until\":\"soon\""),
	};
	struct need_word word;
	struct need need;

	(void)state;
	assert_int_equal(
	    need_read(&need, parsed(NEED("\"community\":\"club\",\"object_type\":\"malware\","
	                                 "\"state\":\"closed\""))),
	    OK);
	assert_int_equal(need.type, STIX_TYPE_MALWARE);
	assert_true(need.closed && str_eq(need.by, S(A)));
	assert_int_equal(need_read(&need, parsed("{\"extensions\":{}}")), ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(need_read(&need, parsed(BAD[i])), ERR_INVALID);
	assert_int_equal(need_word_read(&word,
	                     parsed("{\"extensions\":{\"" NEED_ANSWER_EXTENSION
	                            "\":{\"need_ref\":\"note--x\",\"answer\":\"declined\"}}}")),
	    OK);
	assert_int_equal(word.answer, NEED_DECLINED);
	assert_int_equal(
	    need_word_read(&word, parsed("{\"extensions\":{\"" NEED_ANSWER_EXTENSION
	                                 "\":{\"need_ref\":\"note--x\",\"answer\":\"maybe\"}}}")),
	    ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_member_is_read),
	    cmocka_unit_test(what_is_not_understood_is_no_agreement),
	    cmocka_unit_test(a_partys_word_names_what_it_is_about),
	    cmocka_unit_test(a_need_says_what_is_needed_and_where),
	};
	int failed;

	memory = arena_new(64 << 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(memory);
	return failed;
}
