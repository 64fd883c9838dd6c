/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/tls_link.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "crypt/cert.h"
#include "crypt/tls.h"

static const unsigned char PROTOCOLS[] = "\x08tocsin/1";
static const char HYBRID[] = "X25519MLKEM768";
static const char BINDING_LABEL[] = "EXPORTER-Channel-Binding"; /* RFC 9266 §2 */

/* Any certificate will do here: its fingerprint is looked up after the handshake. */
static int take_any(int preverified, X509_STORE_CTX *store)
{
	(void)preverified;
	(void)store;
	return 1;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
    const unsigned char *offered, unsigned offered_n, void *ctx)
{
	unsigned char *chosen;

	(void)ssl;
	(void)ctx;
	if (SSL_select_next_proto(&chosen, out_n, PROTOCOLS, sizeof(PROTOCOLS) - 1, offered,
	        offered_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_protocol(SSL_CTX *ctx, bool classical)
{
	/* Not const: the library's macro casts it so. */
	char groups[] = "X25519MLKEM768:X25519";
	char classical_groups[] = "X25519";

	SSL_CTX_set_options(
	    ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	/* RFC 8446 §5.4: short messages of different lengths look the same. */
	if (SSL_CTX_set_block_padding(ctx, TLS_LINK_BUCKET) != 1)
		return false;
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, take_any);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, classical ? classical_groups : groups) == 1 &&
	       SSL_CTX_set_max_early_data(ctx, 0) == 1 && SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
	       SSL_CTX_set_alpn_protos(ctx, PROTOCOLS, sizeof(PROTOCOLS) - 1) == 0;
}

enum err tls_link_new(
    struct ssl_ctx_st **out, const struct tls_link_options *options, struct fault *fault)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	enum err rc;

	if (!ctx)
		return fail(fault, ERR_NOMEM, "no memory for TLS");
	rc = set_protocol(ctx, options->classical)
	         ? tls_use_identity(ctx, options->cert_pem, options->key_pem, fault)
	         : fail(fault, ERR_UNSUPPORTED, "the TLS library refuses our protocol settings");
	if (rc != OK) {
		SSL_CTX_free(ctx);
		return rc;
	}
	*out = ctx;
	return OK;
}

void tls_link_free(struct ssl_ctx_st *tls)
{
	SSL_CTX_free(tls);
}

struct ssl_st *tls_link_session(struct ssl_ctx_st *tls, int fd, bool client)
{
	SSL *ssl = SSL_new(tls);

	if (!ssl || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	if (client)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	return ssl;
}

enum err tls_link_facts(struct tls_facts *out, const struct ssl_st *ssl, struct fault *fault)
{
	/* The library's getters want it so; they change nothing. */
	SSL *own = (SSL *)(uintptr_t)ssl;
	const char *group = SSL_get0_group_name(own);
	const unsigned char *protocol = NULL;
	struct tls_facts facts = {0};
	unsigned protocol_n = 0;

	SSL_get0_alpn_selected(ssl, &protocol, &protocol_n);
	if (protocol_n != sizeof(PROTOCOLS) - 2 || memcmp(protocol, PROTOCOLS + 1, protocol_n) != 0)
		return fail(fault, ERR_INVALID, "the other side is no tocsin link (ALPN tocsin/1)");
	if (!tls_peer_fingerprint(ssl, &facts.cert) ||
	    cert_of_session(&facts.cert_expires, ssl) != OK)
		return fail(fault, ERR_INVALID, "the other side has no certificate");
	if (SSL_export_keying_material(own, facts.binding, sizeof(facts.binding), BINDING_LABEL,
	        sizeof(BINDING_LABEL) - 1, NULL, 0, 0) != 1)
		return fail(fault, ERR_UNSUPPORTED, "the TLS library exports no channel binding");
	(void)snprintf(facts.group, sizeof(facts.group), "%s", group ? group : "unknown");
	facts.post_quantum = strcasecmp(facts.group, HYBRID) == 0;
	*out = facts;
	return OK;
}

/* What people meet, in their words; anything else in the library's. */
static const struct {
	int reason;
	const char *text;
} PROBLEMS[] = {
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
        "it refused the handshake: no common protocol or key exchange"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, "no common key exchange"},
    {SSL_R_NO_SUITABLE_GROUPS, "no common key exchange"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "it does not speak TLS 1.3"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "it does not speak TLS 1.3"},
    {SSL_R_WRONG_VERSION_NUMBER, "it does not speak TLS there"},
    {SSL_R_PACKET_LENGTH_TOO_LONG, "it does not speak TLS there"},
    {SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL, "it is no tocsin link (ALPN tocsin/1)"},
    {SSL_R_NO_APPLICATION_PROTOCOL, "it is no tocsin link (ALPN tocsin/1)"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "it showed no certificate"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "it wants a certificate and was shown none"},
};

void tls_link_problem(char *text, size_t room)
{
	unsigned long code = ERR_peek_error();
	const char *said = code ? ERR_reason_error_string(code) : NULL;

	for (size_t i = 0; i < sizeof(PROBLEMS) / sizeof(PROBLEMS[0]); i++)
		if (code && ERR_GET_REASON(code) == PROBLEMS[i].reason)
			said = PROBLEMS[i].text;
	(void)snprintf(text, room, "%s", said ? said : "the connection was closed");
	ERR_clear_error();
}
