/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and the server's TLS settings, over a handshake in memory. */
#include "test.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "crypt/cert.h"
#include "crypt/tls.h"

static const struct str HOSTS[] = {S("localhost"), S("127.0.0.1"), S("::1")};

static struct arena *arena_of(void **state)
{
	return *state;
}

static int setup(void **state)
{
	*state = arena_new(1 << 20);
	return 0;
}

static int teardown(void **state)
{
	arena_free(arena_of(state));
	return 0;
}

static void make(struct arena *a, struct str *cert, struct str *key)
{
	struct cert_request request = {.name = S("node"),
	    .hosts = HOSTS,
	    .host_count = 3,
	    .not_before = 1700000000 * USEC_PER_SEC,
	    .days = 3650};

	assert_int_equal(cert_make(cert, key, a, &request, NULL), OK);
}

static void a_made_certificate_names_its_hosts(void **state)
{
	struct str cert = STR_NONE;
	struct str key = STR_NONE;
	BIO *bio;
	X509 *x;

	make(arena_of(state), &cert, &key);
	bio = BIO_new_mem_buf(cert.p, (int)cert.n);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	assert_non_null(x);
	assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
	assert_int_equal(X509_check_host(x, "example.org", 0, 0, NULL), 0);
	X509_free(x);
	BIO_free(bio);
}

static void host_names_cannot_smuggle_extensions(void **state)
{
	struct str bad = S("a,IP:1.2.3.4");
	struct cert_request request = {
	    .name = S("node"), .hosts = &bad, .host_count = 1, .days = 1};
	struct str cert = STR_NONE;
	struct str key = STR_NONE;

	assert_int_equal(cert_make(&cert, &key, arena_of(state), &request, NULL), ERR_INVALID);
	assert_null(cert.p);
}

static void a_foreign_key_is_refused(void **state)
{
	struct str cert = STR_NONE, key = STR_NONE, cert2 = STR_NONE, key2 = STR_NONE;
	struct ssl_ctx_st *tls = NULL;
	struct fault fault = {0};

	make(arena_of(state), &cert, &key);
	make(arena_of(state), &cert2, &key2);
	assert_int_equal(
	    tls_server_new(&tls, &(struct tls_options){.cert_pem = cert, .key_pem = key2}, &fault),
	    ERR_INVALID);
	assert_int_equal(
	    tls_server_new(&tls, &(struct tls_options){.cert_pem = key, .key_pem = key}, &fault),
	    ERR_PARSE);
	assert_null(tls);
}

/* Both sides in one thread, each reading what the other wrote. */
static bool handshake(SSL *server, SSL *client)
{
	for (int i = 0; i < 10; i++) {
		int c = SSL_do_handshake(client);
		int s = SSL_do_handshake(server);

		if (c == 1 && s == 1)
			return true;
	}
	return false;
}

struct pair {
	SSL_CTX *client_ctx;
	struct ssl_ctx_st *server_ctx;
	bool allow_12;
	SSL *client;
	SSL *server;
};

static bool connect_pair(struct pair *p, struct arena *a, int version, const char *groups)
{
	struct str cert = STR_NONE, key = STR_NONE;
	BIO *left = NULL;
	BIO *right = NULL;
	BIO *bio;

	make(a, &cert, &key);
	assert_int_equal(tls_server_new(&p->server_ctx,
	                     &(struct tls_options){.cert_pem = cert,
	                         .key_pem = key,
	                         .ask_client_cert = true,
	                         .allow_12 = p->allow_12},
	                     NULL),
	    OK);
	p->client_ctx = SSL_CTX_new(TLS_client_method());
	assert_int_equal(SSL_CTX_set_max_proto_version(p->client_ctx, version), 1);
	if (groups)
		assert_int_equal(SSL_CTX_set1_groups_list(p->client_ctx, groups), 1);
	bio = BIO_new_mem_buf(cert.p, (int)cert.n);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	bio = BIO_new_mem_buf(key.p, (int)key.n);
	EVP_PKEY *k = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	SSL_CTX_use_certificate(p->client_ctx, x);
	SSL_CTX_use_PrivateKey(p->client_ctx, k);
	X509_free(x);
	EVP_PKEY_free(k);
	p->client = SSL_new(p->client_ctx);
	p->server = SSL_new(p->server_ctx);
	assert_int_equal(BIO_new_bio_pair(&left, 1 << 16, &right, 1 << 16), 1);
	SSL_set_bio(p->client, left, left);
	SSL_set_bio(p->server, right, right);
	SSL_set_connect_state(p->client);
	SSL_set_accept_state(p->server);
	return handshake(p->server, p->client);
}

static void free_pair(struct pair *p)
{
	SSL_free(p->client);
	SSL_free(p->server);
	SSL_CTX_free(p->client_ctx);
	tls_server_free(p->server_ctx);
}

static void tls13_is_post_quantum_and_knows_the_client(void **state)
{
	struct pair p = {0};
	struct sha256 seen = {{0}};
	struct sha256 want = {{0}};
	char pem[4096];
	BIO *bio = BIO_new(BIO_s_mem());
	int n;

	assert_true(connect_pair(&p, arena_of(state), TLS1_3_VERSION, NULL));
	assert_int_equal(SSL_version(p.server), TLS1_3_VERSION);
	assert_string_equal(SSL_get0_group_name(p.server), "X25519MLKEM768");
	assert_true(tls_peer_fingerprint(p.server, &seen));
	PEM_write_bio_X509(bio, SSL_get_certificate(p.client));
	n = BIO_read(bio, pem, sizeof(pem));
	assert_int_equal(cert_fingerprint(&want, (struct str){pem, (size_t)n}, NULL), OK);
	assert_memory_equal(seen.b, want.b, SHA256_LEN);
	BIO_free(bio);
	free_pair(&p);
}

static void tls12_is_taken_where_allowed_and_tls11_is_not(void **state)
{
	struct pair p = {.allow_12 = true};
	struct pair old = {.allow_12 = true};
	struct pair strict = {0};

	assert_true(connect_pair(&p, arena_of(state), TLS1_2_VERSION, NULL));
	assert_int_equal(SSL_version(p.server), TLS1_2_VERSION);
	assert_true(tls_is_12(p.server));
	free_pair(&p);
	assert_false(connect_pair(&strict, arena_of(state), TLS1_2_VERSION, NULL));
	free_pair(&strict);
	assert_false(connect_pair(&old, arena_of(state), TLS1_1_VERSION, NULL));
	free_pair(&old);
}

static void a_fingerprint_needs_a_certificate(void **state)
{
	struct sha256 out;

	(void)state;
	assert_int_equal(cert_fingerprint(&out, S("no pem"), NULL), ERR_PARSE);
	assert_int_equal(cert_fingerprint(&out, S(""), NULL), ERR_PARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_made_certificate_names_its_hosts, setup, teardown),
	    cmocka_unit_test_setup_teardown(host_names_cannot_smuggle_extensions, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_foreign_key_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        tls13_is_post_quantum_and_knows_the_client, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        tls12_is_taken_where_allowed_and_tls11_is_not, setup, teardown),
	    cmocka_unit_test(a_fingerprint_needs_a_certificate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
