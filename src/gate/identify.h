/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: from what a request carries (Basic, Bearer, session cookie, client certificate) to a
 * reader with a role and a clearance. It holds no password: new ones are verified by the signer
 * role through rpc `verify-password` {"name","password","code"}; an unknown account costs and
 * answers the same as a wrong password. Every table is bounded. RFC 7617, RFC 6750, RFC 6265. */
#pragma once

#include "gate/gate.h"
#include "sys/rpc.h"

struct identify;

struct identify_options {
	struct gate *gate;
	const struct rpc *rpc;
	const struct env *env;
	unsigned code_roles; /* bits of roles that sign in with a code too or not by password */
};

/* All must outlive it. */
struct identify *identify_new(const struct identify_options *options);
void identify_free(struct identify *id); /* NULL allowed; no answer may be outstanding */

enum identity_kind {
	IDENTITY_ANONYMOUS,
	IDENTITY_PASSWORD,
	IDENTITY_TOKEN,
	IDENTITY_SESSION,
	IDENTITY_CERTIFICATE,
	IDENTITY_KINDS,
};

struct identity {
	struct reader reader; /* the name lives as long as the callback */
	enum identity_kind kind;
	usec expires; /* of the session or token; 0: does not */
};

/* For people, where ERR_UNSUPPORTED and ERR_LIMIT are answered. */
#define IDENTIFY_TOKEN_INSTEAD                                                                     \
	"this account signs in with a code of its authenticator too, on the page: a program "      \
	"needs "                                                                                   \
	"a token (tocsin token add)"
#define IDENTIFY_NO_CODE                                                                           \
	"accounts of this role must have a second factor, and this one has none: the operator "    \
	"gives it one with `tocsin user totp DIR NAME`"

/* What the request carried; STR_NONE for absent headers. */
struct identify_request {
	struct str authorization, cookie;
	struct str origin, host, fetch_site; /* Origin, Host, Sec-Fetch-Site */
	struct str peer;                     /* address, as text */
	bool has_cert;
	struct sha256 cert; /* SHA-256 of the certificate the TLS layer verified possession of */
	bool changes;       /* the method is not GET, HEAD or OPTIONS */
};

/* rc OK: identity (anonymous when the request carries nothing, or a session that is over).
 * ERR_DENIED: credentials that do not hold (401). ERR_BUSY: too many failures from this address or
 * for this account (429). ERR_CLOSED: passwords cannot be verified just now (503). ERR_INVALID: a
 * change asked with a cookie from another site (403). Of a password that is right: ERR_UNSUPPORTED:
 * there must be a code too; ERR_CONFLICT: the code is wrong or was used; ERR_LIMIT: the account's
 * role must have a second factor, and it has none. May be called before the asking function
 * returns; else the caller must keep its ctx until then. */
typedef void (*identify_done)(void *ctx, enum err rc, const struct identity *who);
void identify_request(
    struct identify *id, const struct identify_request *request, identify_done done, void *ctx);
/* A person signs in: OK gives an IDENTITY_SESSION with its expiry. */
struct identify_login {
	struct str name, password, peer;
	struct str code; /* STR_NONE: none was given */
};
void identify_login(
    struct identify *id, const struct identify_login *login, identify_done done, void *ctx);

/* Somebody comes from the identity provider. It costs to ask that, so tries are counted as failed
 * until `identify_foreign` finds an account: ERR_BUSY when there were too many from this address.
 */
MUST_USE enum err identify_foreign_try(struct identify *id, struct str peer);
/* Whom the provider means. ERR_DENIED: no account is linked to that. */
struct identify_foreign {
	struct str issuer, subject, peer;
};
void identify_foreign(
    struct identify *id, const struct identify_foreign *whom, identify_done done, void *ctx);

/* Value of Set-Cookie that carries the session, and one that ends it. */
struct str identify_cookie(struct identify *id, const struct identity *who, struct arena *arena);
struct str identify_cookie_end(struct arena *arena);
