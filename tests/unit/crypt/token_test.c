/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "crypt/token.h"

static const struct sha256 KEY = {{1, 2, 3}};

static void what_was_sealed_is_opened(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char plain[TOKEN_PLAIN_MAX];

	(void)state;
	memset(plain, 'x', sizeof(plain));
	for (size_t n = 0; n <= sizeof(plain); n++) {
		struct str text = token_seal(&KEY, S("bound"), (struct str){plain, n}, a);
		struct str out;

		assert_non_null(text.p);
		assert_int_equal(token_open(&out, &KEY, S("bound"), text, a), OK);
		assert_int_equal(out.n, n);
		assert_memory_equal(out.p, plain, n);
		arena_reset(a);
	}
	assert_null(token_seal(&KEY, S("b"), (struct str){plain, sizeof(plain) + 1}, a).p);
	arena_free(a);
}

static void every_changed_character_is_noticed(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct str text = token_seal(&KEY, S("bound"), S("twelve bytes"), a);
	char copy[256];
	struct str out;

	(void)state;
	for (size_t i = 0; i < text.n; i++) {
		memcpy(copy, text.p, text.n);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		assert_int_equal(
		    token_open(&out, &KEY, S("bound"), (struct str){copy, text.n}, a), ERR_INVALID);
		assert_int_equal(
		    token_open(&out, &KEY, S("bound"), (struct str){text.p, i}, a), ERR_INVALID);
	}
	arena_free(a);
}

static void another_key_or_binding_opens_nothing(void **state)
{
	const struct sha256 other = {{9}};
	struct arena *a = arena_new(1 << 20);
	struct str text = token_seal(&KEY, S("bound"), S("plain"), a);
	struct str out;

	(void)state;
	assert_int_equal(token_open(&out, &other, S("bound"), text, a), ERR_INVALID);
	assert_int_equal(token_open(&out, &KEY, S("bounds"), text, a), ERR_INVALID);
	assert_int_equal(token_open(&out, &KEY, STR_NONE, text, a), ERR_INVALID);
	arena_free(a);
}

static void equal_content_gives_equal_tokens(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	assert_true(str_eq(
	    token_seal(&KEY, S("b"), S("plain"), a), token_seal(&KEY, S("b"), S("plain"), a)));
	assert_false(str_eq(
	    token_seal(&KEY, S("b"), S("plain"), a), token_seal(&KEY, S("c"), S("plain"), a)));
	arena_free(a);
}

static void base64url_has_one_form(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct str out;

	(void)state;
	assert_true(str_eq(base64url_encode(a, S("\xff\xfe\xfd")), S("__79")));
	assert_int_equal(base64url_decode(&out, a, S("__79")), OK);
	assert_true(str_eq(out, S("\xff\xfe\xfd")));
	assert_int_equal(base64url_decode(&out, a, S("//79")), ERR_PARSE);
	assert_int_equal(base64url_decode(&out, a, S("_w==")), ERR_PARSE);
	assert_int_equal(base64url_decode(&out, a, S("_x")), ERR_PARSE);
	assert_int_equal(base64url_decode(&out, a, S("_")), ERR_PARSE);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_sealed_is_opened),
	    cmocka_unit_test(every_changed_character_is_noticed),
	    cmocka_unit_test(another_key_or_binding_opens_nothing),
	    cmocka_unit_test(equal_content_gives_equal_tokens),
	    cmocka_unit_test(base64url_has_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
