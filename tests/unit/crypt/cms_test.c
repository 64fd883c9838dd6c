/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "crypt/cert.h"
#include "crypt/cms.h"

static const usec DAY = 24 * 3600 * USEC_PER_SEC;
static const usec NOW = INT64_C(1790000000) * USEC_PER_SEC;

struct node {
	struct arena *arena;
	struct cms_signer *signer;
	struct cms_certificate cert;
};

static void make(struct node *n, const char *name)
{
	const struct cert_request request = {.name = str_c(name),
	    .mail = true,
	    .address = S("cert@node.example"),
	    .not_before = NOW - DAY,
	    .days = 10};
	struct str cert, key;

	n->arena = arena_new(8 << 20);
	assert_int_equal(cert_make(&cert, &key, n->arena, &request, NULL), OK);
	assert_int_equal(cms_signer_new(&n->signer,
	                     arena_printf(n->arena, "%.*s%.*s", STR_ARG(key), STR_ARG(cert)), NULL),
	    OK);
	assert_int_equal(cms_certificate_read(&n->cert, n->arena,
	                     cms_signer_certificates(n->signer, n->arena), NULL),
	    OK);
}

static void drop(struct node *n)
{
	cms_signer_free(n->signer);
	arena_free(n->arena);
}

static struct str sign(struct node *n, struct str content)
{
	struct sha256 digest = sha256(content);
	struct str der;

	assert_int_equal(cms_sign(&der, n->arena, n->signer, &digest, NOW, NULL), OK);
	return der;
}

static enum err check(
    struct node *n, struct str signature, struct str content, usec now, struct cms_signed *out)
{
	struct cms_check c = {
	    .signature = signature, .content = content, .certificate = n->cert.der, .now = now};

	return cms_verify(out, n->arena, &c, NULL);
}

static void a_signature_fits_its_content_and_no_other(void **state)
{
	struct cms_signed found;
	struct node n;
	struct str der;

	(void)state;
	make(&n, "one");
	der = sign(&n, S("content"));
	assert_int_equal(check(&n, der, S("content"), NOW, &found), OK);
	assert_true(str_eq(found.content, S("content")));
	assert_true(found.time == NOW);
	assert_memory_equal(found.digest.b, sha256(S("content")).b, SHA256_LEN);
	assert_int_equal(check(&n, der, S("content "), NOW, &found), ERR_INVALID);
	assert_int_equal(check(&n, der, S(""), NOW, &found), ERR_INVALID);
	assert_int_equal(check(&n, der, STR_NONE, NOW, &found), ERR_UNSUPPORTED);
	drop(&n);
}

/* The pinned certificate alone counts, from its beginning to its end. */
static void nobody_elses_signature_counts(void **state)
{
	struct cms_signed found;
	struct node n, other, twin;

	(void)state;
	make(&n, "one");
	make(&other, "other");
	make(&twin, "one");
	assert_int_equal(check(&n, sign(&other, S("x")), S("x"), NOW, &found), ERR_DENIED);
	assert_int_equal(check(&n, sign(&twin, S("x")), S("x"), NOW, &found), ERR_DENIED);
	assert_int_equal(check(&n, sign(&n, S("x")), S("x"), NOW + 9 * DAY, &found), ERR_DENIED);
	assert_int_equal(check(&n, sign(&n, S("x")), S("x"), NOW - 2 * DAY, &found), ERR_DENIED);
	assert_int_equal(check(&n, sign(&n, S("x")), S("x"), NOW + 8 * DAY, &found), OK);
	drop(&n);
	drop(&other);
	drop(&twin);
}

/* No byte of a signature can be another. */
static void a_signature_with_any_byte_changed_fits_nothing(void **state)
{
	struct cms_signed found;
	struct str der, copy;
	struct node n;
	char *bytes;
	size_t fits = 0;

	(void)state;
	make(&n, "one");
	der = sign(&n, S("x"));
	copy = arena_str(n.arena, der);
	bytes = arena_alloc(n.arena, der.n);
	for (size_t i = 0; i < der.n; i++) {
		memcpy(bytes, copy.p, copy.n);
		bytes[i] ^= 0x20;
		fits += check(&n, (struct str){bytes, copy.n}, S("x"), NOW, &found) == OK;
	}
	/* What is not signed are versions, lists of algorithms and the certificates that go along,
	 * none of which is believed. */
	assert_true(fits < n.cert.der.n + 64);
	for (size_t i = 0; i < der.n; i++)
		assert_int_not_equal(check(&n, str_slice(der, 0, i), S("x"), NOW, &found), OK);
	assert_int_equal(check(&n, S("no"), S("x"), NOW, &found), ERR_PARSE);
	drop(&n);
}

static void what_is_encrypted_is_no_signature(void **state)
{
	struct cms_signed found;
	struct node n;
	struct str der;

	(void)state;
	make(&n, "one");
	assert_int_equal(cms_encrypt(&der, n.arena, S("secret"), n.cert.der, NULL), OK);
	assert_int_equal(str_search(der, S("secret")), der.n);
	assert_int_equal(check(&n, der, S("secret"), NOW, &found), ERR_UNSUPPORTED);
	assert_int_not_equal(
	    cms_encrypt(&der, n.arena, S("secret"), S("no certificate"), NULL), OK);
	drop(&n);
}

static void a_certificate_says_who_and_how_long(void **state)
{
	struct cms_certificate c;
	struct node n;

	(void)state;
	make(&n, "one");
	assert_true(str_eq(n.cert.subject, S("CN = one")));
	assert_true(n.cert.from == NOW - DAY && n.cert.until == NOW + 9 * DAY);
	assert_int_equal(cms_certificate_read(&c, n.arena, n.cert.der, NULL), OK);
	assert_memory_equal(c.sha256.b, n.cert.sha256.b, SHA256_LEN);
	assert_int_not_equal(cms_certificate_read(&c, n.arena, S("x"), NULL), OK);
	assert_int_not_equal(cms_certificate_read(&c, n.arena, S(""), NULL), OK);
	drop(&n);
}

/* An operator's own file: the certificates go along, the key never. */
static void a_pair_in_any_order_publishes_no_key(void **state)
{
	const struct cert_request request = {
	    .name = S("one"), .mail = true, .not_before = NOW, .days = 1};
	struct arena *arena = arena_new(1 << 20);
	struct cms_signer *signer = NULL;
	struct str cert, key, text;

	(void)state;
	assert_int_equal(cert_make(&cert, &key, arena, &request, NULL), OK);
	assert_int_equal(cms_signer_new(&signer,
	                     arena_printf(arena, "%.*s%.*s", STR_ARG(cert), STR_ARG(key)), NULL),
	    OK);
	text = cms_signer_certificates(signer, arena);
	assert_true(str_eq(text, cert));
	cms_signer_free(signer);
	signer = NULL;
	assert_int_not_equal(cms_signer_new(&signer, cert, NULL), OK);
	assert_int_not_equal(cms_signer_new(&signer, key, NULL), OK);
	assert_null(signer);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_signature_fits_its_content_and_no_other),
	    cmocka_unit_test(nobody_elses_signature_counts),
	    cmocka_unit_test(a_signature_with_any_byte_changed_fits_nothing),
	    cmocka_unit_test(what_is_encrypted_is_no_signature),
	    cmocka_unit_test(a_certificate_says_who_and_how_long),
	    cmocka_unit_test(a_pair_in_any_order_publishes_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
