/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "crypt/digest.h"

static bool is_hex(const struct sha256 *hash, const char *hex)
{
	struct buf b;
	bool same;

	buf_init(&b, 128);
	buf_hex(&b, hash->b, sizeof(hash->b));
	same = str_eq(buf_str(&b), str_c(hex));
	buf_free(&b);
	return same;
}

static void sha256_of_known_texts(void **state)
{
	struct sha256 empty = sha256(STR_NONE);
	struct sha256 abc = sha256(S("abc"));
	struct sha256 joined = sha256_parts((const struct str[]){S("a"), STR_NONE, S("bc")}, 3);

	(void)state;
	assert_true(
	    is_hex(&empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	assert_true(
	    is_hex(&abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	assert_true(sha256_eq(&abc, &joined));
	assert_false(sha256_eq(&abc, &empty));
}

/* RFC 4231, test cases 1, 2 and 6 */
static void hmac_of_the_rfc(void **state)
{
	char key[131];
	struct sha256 mac;

	(void)state;
	memset(key, 0x0b, 20);
	mac = hmac_sha256((struct str){key, 20}, S("Hi There"));
	assert_true(
	    is_hex(&mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
	mac = hmac_sha256(S("Jefe"), S("what do ya want for nothing?"));
	assert_true(
	    is_hex(&mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	memset(key, 0xaa, sizeof(key));
	mac = hmac_sha256((struct str){key, sizeof(key)},
	    S("Test Using Larger Than Block-Size Key - Hash Key First"));
	assert_true(
	    is_hex(&mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

/* RFC 9562, appendix A.4 */
static void uuid_v5_of_the_rfc(void **state)
{
	char text[UUID_TEXT + 1];
	struct uuid dns, out;

	(void)state;
	assert_int_equal(uuid_parse(&dns, S("6ba7b810-9dad-11d1-80b4-00c04fd430c8")), OK);
	out = uuid_v5(&dns, S("www.example.com"));
	uuid_format(text, &out);
	assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sha256_of_known_texts),
	    cmocka_unit_test(hmac_of_the_rfc),
	    cmocka_unit_test(uuid_v5_of_the_rfc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
