/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/identify.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/json.h"
#include "gate/credentials.h"
#include "gate/internal.h"
#include "gate/limit.h"

enum {
	ARENA_MAX = 1 << 20,
	CHECKS_MAX = 128,
	WAITERS_MAX = 4096,
	ARGS_MAX = 8192,
	KNOWN_MAX = 256
};

static const usec SESSION_TIME = 12 * 3600 * USEC_PER_SEC;
static const usec RIGHT_TIME = 300 * USEC_PER_SEC;

/* One who waits for the outcome of a check. */
struct waiter {
	struct waiter *next;
	identify_done done;
	void *ctx;
	enum identity_kind kind;
};

/* A password that the signer looks at; the same question is asked once, however many wait. */
struct check {
	struct check *next;
	struct identify *id;
	struct waiter *waiters;
	struct sha256 digest;
	char name[ACCOUNT_NAME_MAX + 1];
	size_t name_n;
	char peer[64];
	size_t peer_n;
	bool with_code; /* is asked for itself alone: a code is good once */
};

struct account {
	struct reader reader; /* without its name */
	uint64_t generation;
	uint64_t principals; /* generation of the rest that readers are made of */
	struct sha256 certificate;
	bool has_certificate, has_totp;
};

/* Accounts parsed of late: of each the decision's number tells whether it still is the newest. */
struct known {
	char name[ACCOUNT_NAME_MAX];
	size_t name_n; /* 0: free */
	struct account account;
};

struct identify {
	struct gate *gate;
	const struct rpc *rpc;
	const struct env *env;
	struct arena *arena; /* for one request */
	struct sha256 session_key, right_key;
	unsigned code_roles;
	struct right right;
	struct limit by_name, by_peer;
	struct check *checks;
	size_t check_count, waiter_count;
	struct known known[KNOWN_MAX];
};

struct identify *identify_new(const struct identify_options *options)
{
	struct identify *id = mem_alloc(sizeof(*id));

	id->gate = options->gate;
	id->rpc = options->rpc;
	id->env = options->env;
	id->code_roles = options->code_roles;
	id->arena = arena_new(ARENA_MAX);
	id->session_key = gate_secret(id->gate, S("session"));
	env_random(id->env, &id->right_key, sizeof(id->right_key));
	limit_init(&id->by_name, id->env, 3 * USEC_PER_SEC, 20);
	limit_init(&id->by_peer, id->env, 2 * USEC_PER_SEC, 30);
	return id;
}

void identify_free(struct identify *id)
{
	if (!id)
		return;
	arena_free(id->arena);
	mem_free(id);
}

static bool account_parse(struct identify *id, struct str path, struct account *out)
{
	yyjson_val *root;

	if (node_decision(id->gate, path, id->arena, &root, NULL) != OK)
		return false;
	if (gate_account_reader(id->gate, STR_NONE, root, &out->reader, NULL) != OK)
		return false;
	out->has_certificate =
	    str_hex(out->certificate.b, SHA256_LEN, json_get_str(root, "certificate"));
	out->has_totp = yyjson_get_bool(yyjson_obj_get(root, "totp"));
	return out->reader.role != ROLE_NONE;
}

static struct known *known_slot(struct identify *id, struct str name)
{
	return &id->known[hash_bytes(&id->by_name.key, name) % KNOWN_MAX];
}

static bool account_find(struct identify *id, struct str name, struct account *out)
{
	struct account a = {0};
	struct known *known;
	struct str path;

	if (!account_name_valid(name))
		return false;
	path = arena_printf(id->arena, "account/%.*s", STR_ARG(name));
	a.generation = path.p ? store_find(id->gate->store, path) : STORE_NONE;
	if (a.generation == STORE_NONE)
		return false;
	a.principals = principals_generation(id->gate);
	known = known_slot(id, name);
	if (known->account.generation == a.generation &&
	    known->account.principals == a.principals &&
	    str_eq((struct str){known->name, known->name_n}, name)) {
		*out = known->account;
		return true;
	}
	if (!account_parse(id, path, &a))
		return false;
	known->account = a;
	known->name_n = name.n;
	memcpy(known->name, name.p, name.n);
	*out = a;
	return true;
}

static struct identity identity_of(
    const struct account *a, struct str name, enum identity_kind kind, usec expires)
{
	struct identity who = {.reader = a->reader, .kind = kind, .expires = expires};

	who.reader.name = name;
	return who;
}

static const struct identity ANONYMOUS = {
    .reader = {.role = ROLE_NONE, .clearance = TLP_CLEAR},
    .kind = IDENTITY_ANONYMOUS,
};

static struct sha256 digest_of(
    const struct identify *id, struct str name, struct str password, uint64_t generation)
{
	const uint64_t numbers[] = {generation, name.n};
	const struct str parts[] = {{(const char *)numbers, sizeof(numbers)}, name, password};
	struct sha256 d = sha256_parts(parts, 3);

	return hmac_sha256((struct str){(const char *)id->right_key.b, SHA256_LEN},
	    (struct str){(const char *)d.b, SHA256_LEN});
}

/* Answers one and the same to all who waited for a check. */
static void answer_check(struct check *c, enum err rc, const struct account *a)
{
	struct identify *id = c->id;
	struct str name = {c->name, c->name_n};
	usec now = env_now(id->env);

	while (c->waiters) {
		struct waiter *w = c->waiters;
		struct identity who = ANONYMOUS;

		c->waiters = w->next;
		id->waiter_count--;
		if (rc == OK)
			who = identity_of(
			    a, name, w->kind, w->kind == IDENTITY_SESSION ? now + SESSION_TIME : 0);
		w->done(w->ctx, rc, rc == OK ? &who : NULL);
		mem_free(w);
	}
	mem_free(c);
}

static void unlink_check(struct check *c)
{
	struct check **at = &c->id->checks;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->id->check_count--;
}

/* What the signer said, as who asks is told. */
static enum err told(enum err status)
{
	switch (status) {
	case OK:
	case ERR_DENIED:
	case ERR_UNSUPPORTED:
	case ERR_CONFLICT:
		return status;
	case ERR_LIMIT:
		return ERR_BUSY;
	default:
		return ERR_CLOSED;
	}
}

static bool lacks_code(const struct identify *id, const struct account *a)
{
	return !a->has_totp && (id->code_roles & 1u << a->reader.role) != 0;
}

static void check_done(void *ctx, enum err status, struct str reply)
{
	struct check *c = ctx;
	struct identify *id = c->id;
	struct str name = {c->name, c->name_n};
	struct account a = {0};
	usec now = env_now(id->env);

	(void)reply;
	unlink_check(c);
	arena_reset(id->arena);
	/* The account may have gone or changed while the signer was looking. */
	if (status == OK && !account_find(id, name, &a))
		status = ERR_DENIED;
	if (status == OK && !c->with_code && !lacks_code(id, &a))
		right_put(&id->right, &c->digest, now + RIGHT_TIME);
	/* Tries are charged when they are made; those that were no guesses are taken back. */
	if (status != ERR_DENIED && status != ERR_CONFLICT) {
		limit_refund(&id->by_name, name);
		limit_refund(&id->by_peer, (struct str){c->peer, c->peer_n});
	}
	status = told(status);
	answer_check(c, status == OK && lacks_code(id, &a) ? ERR_LIMIT : status, &a);
}

static enum err ask_signer(struct identify *id, struct check *c, const struct identify_login *login)
{
	struct rpc_call call = {.op = S("verify-password"), .by = S("identify"), .fd = -1};
	struct json_writer w;
	struct buf args;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "name", (struct str){c->name, c->name_n});
	json_put_str(&w, "password", login->password);
	if (login->code.p)
		json_put_str(&w, "code", login->code);
	json_end_object(&w);
	call.args = buf_str(&args);
	rc = args.failed == OK ? id->rpc->call(id->rpc->ctx, &call, check_done, c) : ERR_DENIED;
	buf_free(&args);
	return rc;
}

static struct check *find_check(struct identify *id, const struct sha256 *digest)
{
	struct check *c = id->checks;

	while (c && (c->with_code || !sha256_eq(&c->digest, digest)))
		c = c->next;
	return c;
}

static struct waiter *waiter_new(
    struct identify *id, enum identity_kind kind, identify_done done, void *ctx)
{
	struct waiter *w = mem_alloc(sizeof(*w));

	*w = (struct waiter){.done = done, .ctx = ctx, .kind = kind};
	id->waiter_count++;
	return w;
}

static struct check *check_new(
    struct identify *id, const struct identify_login *login, const struct sha256 *digest)
{
	struct check *c = mem_alloc(sizeof(*c));

	c->id = id;
	c->digest = *digest;
	c->with_code = login->code.p != NULL;
	c->name_n = login->name.n;
	memcpy(c->name, login->name.p, login->name.n);
	c->peer_n = login->peer.n < sizeof(c->peer) ? login->peer.n : sizeof(c->peer);
	if (c->peer_n)
		memcpy(c->peer, login->peer.p, c->peer_n);
	c->next = id->checks;
	id->checks = c;
	id->check_count++;
	return c;
}

/* OK: the signer may be asked. ERR_BUSY: too many failures, whatever comes of the tries that are
 * under way. ERR_CLOSED: it depends on those, or there is no room for more. */
static enum err check_room(const struct identify *id, struct str name, struct str peer, usec now)
{
	int by_name = 0, by_peer = 0;

	for (const struct check *c = id->checks; c; c = c->next) {
		by_name += str_eq((struct str){c->name, c->name_n}, name);
		by_peer += str_eq((struct str){c->peer, c->peer_n}, peer);
	}
	if (limit_blocks(&id->by_name, name, now, by_name) ||
	    limit_blocks(&id->by_peer, peer, now, by_peer))
		return ERR_BUSY;
	if (id->check_count >= CHECKS_MAX || id->waiter_count >= WAITERS_MAX ||
	    limit_blocks(&id->by_name, name, now, 0) || limit_blocks(&id->by_peer, peer, now, 0))
		return ERR_CLOSED;
	return OK;
}

/* Password known to be right, or asks the signer. Unknown accounts are asked about too: they cost
 * the same time and get the same answer. */
static void check_password(struct identify *id, const struct identify_login *typed,
    enum identity_kind kind, identify_done done, void *ctx)
{
	struct identify_login by_id = *typed;
	const struct identify_login *login = &by_id;
	usec now = env_now(id->env);
	struct account a = {0};
	struct sha256 digest;
	struct identity who;
	struct check *c;
	struct str peer;
	enum err rc;

	by_id.name = gate_account_id(id->gate, id->arena, typed->name);
	if (!account_name_valid(login->name) || login->password.n == 0) {
		done(ctx, ERR_DENIED, NULL);
		return;
	}
	if (!account_find(id, login->name, &a))
		a.generation = STORE_NONE;
	digest = digest_of(id, login->name, login->password, a.generation);
	if (a.generation != STORE_NONE && !login->code.p && right_has(&id->right, &digest, now)) {
		who = identity_of(
		    &a, login->name, kind, kind == IDENTITY_SESSION ? now + SESSION_TIME : 0);
		done(ctx, OK, &who);
		return;
	}
	c = id->waiter_count < WAITERS_MAX && !login->code.p ? find_check(id, &digest) : NULL;
	if (c) {
		struct waiter *w = waiter_new(id, kind, done, ctx);

		w->next = c->waiters;
		c->waiters = w;
		return;
	}
	peer = str_slice(login->peer, 0, sizeof(c->peer));
	rc = check_room(id, login->name, peer, now);
	if (rc != OK) {
		done(ctx, rc, NULL);
		return;
	}
	limit_charge(&id->by_name, login->name, now);
	limit_charge(&id->by_peer, peer, now);
	c = check_new(id, login, &digest);
	c->waiters = waiter_new(id, kind, done, ctx);
	rc = ask_signer(id, c, login);
	if (rc != OK)
		check_done(c, rc == ERR_DENIED ? ERR_DENIED : ERR_CLOSED, STR_NONE);
}

/* A token's identity; every failure is the same to who asks. */
static enum err by_token(struct identify *id, const struct credentials *c, struct account *a,
    struct str *name, usec *expires)
{
	struct str path = arena_printf(id->arena, "token/%.*s", STR_ARG(c->id));
	struct sha256 digest = sha256(c->secret), kept;
	yyjson_val *root;
	struct str role;
	bool same;

	if (node_decision(id->gate, path, id->arena, &root, NULL) != OK)
		return ERR_DENIED;
	same = str_hex(kept.b, SHA256_LEN, json_get_str(root, "hash")) && sha256_eq(&kept, &digest);
	*expires = yyjson_get_sint(yyjson_obj_get(root, "expires"));
	*name = json_get_str(root, "account");
	if (!same || (*expires != 0 && *expires <= env_now(id->env)) || !account_find(id, *name, a))
		return ERR_DENIED;
	role = json_get_str(root, "role");
	if (!role.p)
		return OK;
	/* Never more than the account itself may by now. */
	if (!role_covers((enum role)a->reader.role, role_of_name(role)))
		return ERR_DENIED;
	a->reader.role = (uint8_t)role_of_name(role);
	return OK;
}

static void check_token(struct identify *id, const struct credentials *c, struct str peer,
    identify_done done, void *ctx)
{
	usec now = env_now(id->env);
	struct identity who;
	struct account a;
	struct str name;
	usec expires;

	if (limit_blocks(&id->by_peer, peer, now, 0)) {
		done(ctx, ERR_BUSY, NULL);
		return;
	}
	if (by_token(id, c, &a, &name, &expires) != OK) {
		limit_charge(&id->by_peer, peer, now);
		done(ctx, ERR_DENIED, NULL);
		return;
	}
	who = identity_of(&a, name, IDENTITY_TOKEN, expires);
	done(ctx, OK, &who);
}

/* What others wrote since the question before counts for this one. */
static void begin(struct identify *id)
{
	people_renew(id->gate->people);
	gate_renew(id->gate);
	arena_reset(id->arena);
}

/* The account that a subject is linked to. Its own decision has the last word: a link that was
 * taken away, or of another provider, is none. */
static bool by_subject(
    struct identify *id, const struct identify_foreign *whom, struct identity *out)
{
	const struct named *named = people_by_subject(id->gate->people, whom->subject);
	yyjson_val *account;
	struct account a;
	struct str name;

	if (!named)
		return false;
	name = arena_str(id->arena, named->id);
	if (!account_name_valid(name) ||
	    node_decision(id->gate, arena_printf(id->arena, "account/%.*s", STR_ARG(name)),
	        id->arena, &account, NULL) != OK ||
	    !str_eq(json_get_str(account, "issuer"), whom->issuer) ||
	    !people_digest_is(named, whom->issuer, json_get_str(account, "subject")) ||
	    !account_find(id, name, &a))
		return false;
	*out = identity_of(&a, name, IDENTITY_SESSION, env_now(id->env) + SESSION_TIME);
	return true;
}

enum err identify_foreign_try(struct identify *id, struct str peer)
{
	usec now = env_now(id->env);

	if (limit_blocks(&id->by_peer, peer, now, 0))
		return ERR_BUSY;
	limit_charge(&id->by_peer, peer, now);
	return OK;
}

void identify_foreign(
    struct identify *id, const struct identify_foreign *whom, identify_done done, void *ctx)
{
	struct identity who = ANONYMOUS;

	begin(id);
	if (!by_subject(id, whom, &who)) {
		done(ctx, ERR_DENIED, NULL);
		return;
	}
	limit_refund(&id->by_peer, whom->peer);
	done(ctx, OK, &who);
}

static const char COOKIE_NAME[] = "__Host-session";

/* False when there is no session, or one that is over, or from before the account changed. */
static bool by_session(struct identify *id, struct str cookie, struct identity *out)
{
	struct str text = cookie_value(cookie, str_c(COOKIE_NAME));
	struct session s;
	struct account a;
	struct str name;

	if (!text.n || session_open(&s, &id->session_key, text, id->arena) != OK ||
	    s.expires <= env_now(id->env))
		return false;
	name = arena_str(id->arena, (struct str){s.name, s.name_n});
	if (!name.p || !account_find(id, name, &a) || a.generation != s.generation)
		return false;
	*out = identity_of(&a, name, IDENTITY_SESSION, s.expires);
	return true;
}

static bool by_certificate(struct identify *id, const struct sha256 *cert, struct identity *out)
{
	struct str hex = sha256_text(id->arena, cert), name;
	yyjson_val *root;
	struct account a;
	bool found;

	found = hex.p &&
	        node_decision(id->gate, arena_printf(id->arena, "certificate/%.*s", STR_ARG(hex)),
	            id->arena, &root, NULL) == OK;
	if (!found)
		return false;
	name = json_get_str(root, "account");
	/* The account has the last word on which certificate is its own. */
	if (!account_find(id, name, &a) || !a.has_certificate || !sha256_eq(&a.certificate, cert))
		return false;
	*out = identity_of(&a, name, IDENTITY_CERTIFICATE, 0);
	return true;
}

/* Browsers send cookies, passwords and certificates by themselves, so a change that another site
 * asked for is refused; where the browser does not say, a cookie alone is not enough. */
static bool is_cross_site(const struct identify_request *rq, bool by_cookie)
{
	if (!rq->changes)
		return false;
	if (rq->fetch_site.n)
		return !str_eq(rq->fetch_site, S("same-origin")) &&
		       !str_eq(rq->fetch_site, S("none"));
	if (rq->origin.n)
		return !origin_is(rq->origin, rq->host);
	return by_cookie;
}

static void by_authorization(
    struct identify *id, const struct identify_request *rq, identify_done done, void *ctx)
{
	struct credentials c;

	if (credentials_parse(&c, id->arena, rq->authorization) != OK) {
		done(ctx, ERR_DENIED, NULL);
		return;
	}
	if (c.scheme == SCHEME_BEARER) {
		check_token(id, &c, rq->peer, done, ctx);
		return;
	}
	check_password(id,
	    &(struct identify_login){.name = c.name, .password = c.password, .peer = rq->peer},
	    IDENTITY_PASSWORD, done, ctx);
}

void identify_request(
    struct identify *id, const struct identify_request *request, identify_done done, void *ctx)
{
	struct identity who = ANONYMOUS;

	begin(id);
	if (request->authorization.p) {
		if (is_cross_site(request, false))
			done(ctx, ERR_INVALID, NULL);
		else
			by_authorization(id, request, done, ctx);
		return;
	}
	if (!by_session(id, request->cookie, &who) && request->has_cert)
		(void)by_certificate(id, &request->cert, &who);
	if (who.kind != IDENTITY_ANONYMOUS && is_cross_site(request, who.kind == IDENTITY_SESSION))
		done(ctx, ERR_INVALID, NULL);
	else
		done(ctx, OK, &who);
}

void identify_login(
    struct identify *id, const struct identify_login *login, identify_done done, void *ctx)
{
	begin(id);
	check_password(id, login, IDENTITY_SESSION, done, ctx);
}

struct str identify_cookie(struct identify *id, const struct identity *who, struct arena *arena)
{
	struct session s = {.expires = who->expires, .name_n = who->reader.name.n};
	usec left = who->expires - env_now(id->env);
	struct account a;
	struct str text;

	/* The name may lie in the arena that account_find uses: no reset here. */
	if (s.name_n > sizeof(s.name) || !account_find(id, who->reader.name, &a))
		return STR_NONE;
	memcpy(s.name, who->reader.name.p, s.name_n);
	s.generation = a.generation;
	text = session_seal(&s, &id->session_key, arena);
	if (!text.p)
		return STR_NONE;
	return arena_printf(arena,
	    "%s=%.*s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%lld", COOKIE_NAME,
	    STR_ARG(text), (long long)(left / USEC_PER_SEC));
}

struct str identify_cookie_end(struct arena *arena)
{
	return arena_printf(
	    arena, "%s=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0", COOKIE_NAME);
}
