/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "base/base64.h"

/* RFC 4648 §10 */
static const struct {
	const char *bytes, *text;
} VECTORS[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void vectors_of_the_rfc_go_both_ways(void **state)
{
	struct arena *arena = arena_new(4096);
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
		assert_true(
		    str_eq(base64_encode(arena, str_c(VECTORS[i].bytes)), str_c(VECTORS[i].text)));
		assert_int_equal(base64_decode(&out, arena, str_c(VECTORS[i].text)), OK);
		assert_true(str_eq(out, str_c(VECTORS[i].bytes)));
	}
	arena_free(arena);
}

static void any_other_spelling_is_refused(void **state)
{
	static const char *const BAD[] = {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm 9",
	    "Zm9v\n", "Zm-_", "=AAA", "A=AA", "Zg==Zg=="};
	struct arena *arena = arena_new(4096);
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(base64_decode(&out, arena, str_c(BAD[i])), ERR_PARSE);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors_of_the_rfc_go_both_ways),
	    cmocka_unit_test(any_other_spelling_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
