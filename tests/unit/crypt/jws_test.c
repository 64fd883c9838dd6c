/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of others: the examples of RFC 7515 A.3 and RFC 8037 A.4, and one of RSA that Python's
 * cryptography made. */
#include "test.h"

#include <string.h>

#include "base/arena.h"
#include "crypt/jws.h"
#include "crypt/token.h"

static const char RSA_N[] =
    "6GaPZmbGelZBfV3KHYuGM2veDfZ5HOYROEZfwdvHS6-BL8uf4Qw2pHjMCIjL1_1YA3FP7KUj"
    "kbUv6MXtqu3oaMdPb28CK9Tsy_8bP_ZaRiVZL1jUKde6nErlIDax8GwWL8WlKArp2VNhFPlN"
    "xNLexkUIsJMkwjLZhR0OyzhqM5uOeY8szIZ73eugKChsuapt7pMKHp00OLfFVqinxiLgRgKL"
    "6Zvi5MuzlkZKbptJ0ep4hjCIi_C0g66RTyGrA86IFTbp39DZe0oEV35oyBZtKeFm5N1kn3I2"
    "JGxGxl4Vp6aRil--mu5sYKfC3RQvgP2VVLmkd8oTgzzdLP3TH_XrOw";

static const char RSA_TOKEN[] =
    "eyJhbGciOiJSUzI1NiJ9.QW4gaWRlbnRpdHkgcHJvdmlkZXIgc2F5cyBzby4.lQcr0D-uq2U"
    "TUFmirnq0muQ93FV1zlUGa2zamvNsQ5bl43LmdZmMp0eAi-pZ2XKfQ60RTItJJR6dlSmYzb4"
    "ng3Ui3y7w8gcdhok-uE2jgYLF_-Zs3CTwnICx97O-4m1h4-UoJbXcxL5p0NeZNjHV7I8D2db"
    "5O7cn_Q3V9eGkjuj71X-WcPxh10ZFVMyvs8zsKcrFnURkWD6d4HiXB6dE2USjhSmFBZ1ruFt"
    "SNOnnlFMZninE71R6FtRK_NyfUxlL8cz6VP0S8agYJAe2n7G6T-Guw8VO9nrEvJwVN19JuB1"
    "ZAiwE-rCNUKPhhVCYJVKIE04SAAFpWi3pdFsDorkvzA";

static const char EC_X[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";

static const char EC_Y[] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

static const char EC_TOKEN[] =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh"
    "0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6"
    "-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

static const char ED_X[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

static const char ED_TOKEN[] =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0J"
    "zlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

struct sample {
	struct jws_key key;
	struct str message, signature;
};

static struct str bytes_of(struct arena *a, const char *text)
{
	struct str out = STR_NONE;

	assert_int_equal(base64url_decode(&out, a, str_c(text)), OK);
	return out;
}

static void read_token(struct sample *s, struct arena *a, const char *token)
{
	size_t dot = strrchr(token, '.') - token;

	s->message = (struct str){token, dot};
	s->signature = bytes_of(a, token + dot + 1);
}

static void samples(struct sample out[JWS_ALGS], struct arena *a)
{
	out[JWS_RS256].key = (struct jws_key){JWS_RS256, bytes_of(a, RSA_N), bytes_of(a, "AQAB")};
	read_token(&out[JWS_RS256], a, RSA_TOKEN);
	out[JWS_ES256].key = (struct jws_key){JWS_ES256, bytes_of(a, EC_X), bytes_of(a, EC_Y)};
	read_token(&out[JWS_ES256], a, EC_TOKEN);
	out[JWS_EDDSA].key = (struct jws_key){JWS_EDDSA, bytes_of(a, ED_X), STR_NONE};
	read_token(&out[JWS_EDDSA], a, ED_TOKEN);
}

static void signatures_of_others_hold_and_changed_ones_do_not(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sample all[JWS_ALGS];

	(void)state;
	samples(all, a);
	for (unsigned i = 0; i < JWS_ALGS; i++) {
		struct sample *s = &all[i];
		char *bytes = (char *)s->signature.p;

		assert_true(jws_verify(&s->key, s->message, s->signature));
		assert_false(jws_verify(&s->key, str_from(s->message, 1), s->signature));
		assert_false(jws_verify(&s->key, s->message, str_from(s->signature, 1)));
		assert_false(jws_verify(&s->key, s->message, STR_NONE));
		bytes[s->signature.n / 2] ^= 1;
		assert_false(jws_verify(&s->key, s->message, s->signature));
		bytes[s->signature.n / 2] ^= 1;
		memset(bytes, 0, s->signature.n);
		assert_false(jws_verify(&s->key, s->message, s->signature));
	}
	arena_free(a);
}

/* A key of one kind is never taken for one of another. */
static void keys_are_of_their_kind_and_size(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sample all[JWS_ALGS];

	(void)state;
	samples(all, a);
	for (unsigned i = 0; i < JWS_ALGS; i++)
		for (unsigned k = 0; k < JWS_ALGS; k++) {
			struct jws_key other = all[i].key;

			other.alg = (enum jws_alg)k;
			assert_int_equal(
			    jws_verify(&other, all[i].message, all[i].signature), i == k);
		}
	all[JWS_RS256].key.first.n = 128; /* 1024 bits */
	assert_false(jws_key_fits(&all[JWS_RS256].key));
	/* Not on the curve. */
	((char *)all[JWS_ES256].key.first.p)[5] ^= 1;
	assert_false(
	    jws_verify(&all[JWS_ES256].key, all[JWS_ES256].message, all[JWS_ES256].signature));
	arena_free(a);
}

static void no_other_algorithm_has_a_name(void **state)
{
	static const char *const OTHERS[] = {"none", "None", "", "HS256", "HS512", "RS512", "PS256",
	    "ES384", "rs256", "EdDSA ", "Ed25519"};
	enum jws_alg alg;

	(void)state;
	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
		assert_int_equal(jws_alg_of(&alg, str_c(OTHERS[i])), ERR_UNSUPPORTED);
	assert_int_equal(jws_alg_of(&alg, STR_NONE), ERR_UNSUPPORTED);
	assert_int_equal(jws_alg_of(&alg, S("ES256")), OK);
	assert_int_equal(alg, JWS_ES256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signatures_of_others_hold_and_changed_ones_do_not),
	    cmocka_unit_test(keys_are_of_their_kind_and_size),
	    cmocka_unit_test(no_other_algorithm_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
