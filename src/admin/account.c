/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts: checked, then decided in the ledger. Passwords go to the signer and nowhere else; names
 * and subjects are kept beside the ledger (store/people.h), which knows accounts by ids. Whoever
 * asks is looked up here again: the front is not believed when it says that somebody may
 * administer. */
#include <string.h>

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/list.h"
#include "admin/part.h"
#include "base/mem.h"
#include "codec/time.h"
#include "crypt/digest.h"
#include "ops/role.h"
#include "policy/label.h"
#include "policy/names.h"
#include "store/people.h"
#include "store/store.h"

enum { DECISION_MAX = 8192 };

/* What a role may see when nobody says otherwise. */
static const enum tlp CLEARANCES[ROLES] = {
    [ROLE_READER] = TLP_AMBER,
    [ROLE_CONTRIBUTOR] = TLP_AMBER,
    [ROLE_ANALYST] = TLP_RED,
    [ROLE_AUDITOR] = TLP_RED,
    [ROLE_ADMIN] = TLP_RED,
};

static struct str account_path(struct arena *arena, struct str id)
{
	return arena_printf(arena, "account/%.*s", STR_ARG(id));
}

/* An account as it is to be. */
struct account {
	struct str id, name, certificate, by;
	/* With an identity provider: what the ledger keeps of the subject; STR_NONE: not linked. */
	struct str issuer, digest;
	struct str subject;
	/* From whose hand what it signs in with is. */
	struct str password_by, certificate_by, subject_by;
	struct str organisation; /* STR_NONE: the node's own */
	struct str lists[3];     /* as LISTS names them; STR_NONE: none was given */
	enum role role;
	enum tlp clearance;
	struct levels levels;
	bool password, totp;
};

static const char *const LISTS[] = {"organisations", "communities", "tags"};
enum { LIST_COUNT = sizeof(LISTS) / sizeof(LISTS[0]), CLEARANCE_MAX = 200 };

static void put_clearance(struct json_writer *w, const struct account *a)
{
	struct buf text;

	buf_init(&text, CLEARANCE_MAX);
	clearance_put(&text, a->clearance, &a->levels);
	json_put_str(w, "clearance", buf_str(&text));
	buf_free(&text);
}

static void put_account(struct buf *out, const struct account *a)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "role", str_c(role_name(a->role)));
	put_clearance(&w, a);
	json_put_bool(&w, "password", a->password);
	if (a->totp)
		json_put_bool(&w, "totp", true);
	if (a->organisation.n)
		json_put_str(&w, "organisation", a->organisation);
	for (size_t i = 0; i < LIST_COUNT; i++)
		list_put(&w, LISTS[i], a->lists[i]);
	if (a->certificate.n)
		json_put_str(&w, "certificate", a->certificate);
	if (a->password_by.n)
		json_put_str(&w, "password_by", a->password_by);
	if (a->certificate_by.n)
		json_put_str(&w, "certificate_by", a->certificate_by);
	if (a->digest.n) {
		json_put_str(&w, "issuer", a->issuer);
		json_put_str(&w, "subject", a->digest);
		json_put_str(&w, "subject_by", a->subject_by);
	}
	json_put_str(&w, "by", a->by);
	json_end_object(&w);
}

/* The answer to who asked, as the API shows accounts. */
static void put_reply(struct buf *out, const struct account *a, usec now)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "name", a->name);
	json_put_str(&w, "id", a->id);
	json_put_str(&w, "role", str_c(role_name(a->role)));
	put_clearance(&w, a);
	if (a->organisation.n)
		json_put_str(&w, "organisation", a->organisation);
	for (size_t i = 0; i < LIST_COUNT; i++)
		if (a->lists[i].p)
			json_put_str(&w, LISTS[i], a->lists[i]);
	json_put_time(&w, "changed", now);
	json_put_bool(&w, "password", a->password);
	json_put_bool(&w, "certificate", a->certificate.n > 0);
	json_put_bool(&w, "totp", a->totp);
	if (a->digest.n)
		json_put_str(&w, "subject", a->subject);
	json_end_object(&w);
}

static enum err decide_account(struct part *p, const struct account *a, struct fault *fault)
{
	struct buf b;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	put_account(&b, a);
	rc = b.failed == OK
	         ? admin_decide(p->ctx, account_path(p->arena, a->id), buf_str(&b), fault)
	         : fail(fault, b.failed, "account %.*s: too long", STR_ARG(a->name));
	buf_free(&b);
	return rc;
}

static struct account account_of(struct part *p, yyjson_val *root, struct str id, struct str by)
{
	const struct named *named = people_by_id(p->ctx->people, id);
	struct account a = {
	    .id = id,
	    .name = part_name(p, id),
	    .certificate = json_get_str(root, "certificate"),
	    .certificate_by = json_get_str(root, "certificate_by"),
	    .password_by = json_get_str(root, "password_by"),
	    .issuer = json_get_str(root, "issuer"),
	    .digest = json_get_str(root, "subject"),
	    .subject = named ? arena_str(p->arena, named->subject) : S(""),
	    .subject_by = json_get_str(root, "subject_by"),
	    .organisation = json_get_str(root, "organisation"),
	    .by = by,
	    .role = role_of_name(json_get_str(root, "role")),
	    .clearance = TLP_CLEAR,
	    .password = yyjson_get_bool(yyjson_obj_get(root, "password")),
	    .totp = yyjson_get_bool(yyjson_obj_get(root, "totp")),
	};

	for (size_t i = 0; i < LIST_COUNT; i++)
		a.lists[i] = list_text(p->arena, yyjson_obj_get(root, LISTS[i]));
	/* What cannot be read there gave nothing before either. */
	(void)!clearance_parse(&a.clearance, &a.levels, json_get_str(root, "clearance"), NULL);
	return a;
}

static enum err read_clearance(yyjson_val *args, struct account *a, struct fault *fault)
{
	struct str text = json_get_str(args, "clearance");

	a->clearance = CLEARANCES[a->role];
	a->levels = (struct levels){0};
	return text.p ? clearance_parse(&a->clearance, &a->levels, text, fault) : OK;
}

/* "own" and "all" take back what was given before; what is not given stays. */
static enum err read_belonging(yyjson_val *args, struct account *a, struct fault *fault)
{
	struct str organisation = json_get_str(args, "organisation");
	struct name name;

	if (str_eq(organisation, S("own")))
		a->organisation = STR_NONE;
	else if (organisation.p && name_encode(&name, organisation) != OK)
		return fail(fault, ERR_INVALID,
		    "organisation: 1 to %d letters, digits and any of ._:+- , or the id of an "
		    "identity",
		    POLICY_NAME_MAX);
	else if (organisation.p)
		a->organisation = organisation;
	for (size_t i = 0; i < LIST_COUNT; i++) {
		struct str text = json_get_str(args, LISTS[i]);

		TRY(list_check(text, LISTS[i], fault));
		if (text.p)
			a->lists[i] = str_eq(text, S("all")) ? STR_NONE : text;
	}
	return OK;
}

/* What must be remembered until the signer has answered. The account is decided after it, so that
 * an account never is said to have a password that it has not. */
struct pending {
	struct part *part;
	struct command_ticket *ticket;
	struct account account; /* strings in `arena` */
	struct arena *arena;
};

static void password_set(void *ctx, enum err status, struct str reply)
{
	struct pending *w = ctx;
	struct fault fault = {.code = OK};
	struct buf b;

	buf_init(&b, DECISION_MAX);
	if (status == OK)
		status = decide_account(w->part, &w->account, &fault);
	else
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	if (status == OK)
		put_reply(&b, &w->account, env_now(w->part->ctx->env));
	command_answer(w->ticket, status, status == OK ? buf_str(&b) : str_c(fault.text));
	buf_free(&b);
	arena_free(w->arena);
	mem_free(w);
}

/* What of an account the signer is given. */
struct secret {
	const char *key; /* "password", or "from": the name under which it keeps one already */
	struct str value;
};

static enum err call_signer(
    struct part *p, const char *op, const struct secret *secret, rpc_done done, struct pending *w)
{
	const struct rpc *signer = &p->ctx->signer;
	struct rpc_call call = {.op = str_c(op), .by = S("local"), .fd = -1};
	struct json_writer json;
	struct buf b;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	json = json_writer(&b);
	json_object(&json, NULL);
	json_put_str(&json, "name", w->account.id);
	if (secret)
		json_put_str(&json, secret->key, secret->value);
	json_end_object(&json);
	call.args = buf_str(&b);
	rc = b.failed == OK ? signer->call(signer->ctx, &call, done, w) : b.failed;
	buf_free(&b);
	return rc;
}

static struct pending *pending_new(
    struct part *p, const struct account *a, const struct command_reply *reply)
{
	struct pending *w = mem_alloc(sizeof(*w));

	w->part = p;
	w->ticket = reply->ticket;
	w->arena = arena_new((size_t)2 * DECISION_MAX);
	w->account = *a;
	w->account.id = arena_str(w->arena, a->id);
	w->account.name = arena_str(w->arena, a->name);
	w->account.by = arena_str(w->arena, a->by);
	w->account.password_by = arena_str(w->arena, a->password_by);
	w->account.certificate_by = arena_str(w->arena, a->certificate_by);
	w->account.issuer = arena_str(w->arena, a->issuer);
	w->account.digest = arena_str(w->arena, a->digest);
	w->account.subject = arena_str(w->arena, a->subject);
	w->account.subject_by = arena_str(w->arena, a->subject_by);
	w->account.certificate = a->certificate.n ? arena_str(w->arena, a->certificate) : STR_NONE;
	w->account.organisation =
	    a->organisation.n ? arena_str(w->arena, a->organisation) : STR_NONE;
	for (size_t i = 0; i < LIST_COUNT; i++)
		w->account.lists[i] = a->lists[i].p ? arena_str(w->arena, a->lists[i]) : STR_NONE;
	return w;
}

/* Asks what is owed an answer later; nothing is owed when the signer cannot be asked. */
static enum err ask_later(struct command_reply *reply, const char *op, const struct secret *secret,
    rpc_done done, struct pending *w, struct fault *fault)
{
	enum err rc;

	/* Before the call: the answer may come within it. */
	reply->later = true;
	rc = call_signer(w->part, op, secret, done, w);
	if (rc == OK)
		return OK;
	reply->later = false;
	arena_free(w->arena);
	mem_free(w);
	return fail(fault, rc, "the signer cannot be asked now; try again");
}

/* Sets the password, which was checked, first and decides the account after, answering then. */
static enum err with_password(struct part *p, const struct account *a, struct str password,
    struct command_reply *reply, struct fault *fault)
{
	struct pending *w = pending_new(p, a, reply);

	w->account.password = true;
	w->account.password_by = w->account.by;
	return ask_later(reply, "set-password",
	    &(struct secret){.key = "password", .value = password}, password_set, w, fault);
}

/* The same with the one that came with a request and waited with the signer. */
static enum err with_kept_password(
    struct part *p, const struct account *a, struct command_reply *reply, struct fault *fault)
{
	struct pending *w = pending_new(p, a, reply);
	struct str from = arena_printf(w->arena, "request/%.*s", STR_ARG(reply->request));

	w->account.password = true;
	w->account.password_by = w->account.by;
	return ask_later(reply, "copy-password", &(struct secret){.key = "from", .value = from},
	    password_set, w, fault);
}

static enum err account_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct account a = {.subject = S("")};
	yyjson_val *args, *before;
	struct str name, password;

	TRY(part_begin(p, call, &args, fault));
	name = json_get_str(args, "name");
	a.id = arena_str(p->arena, people_id(p->ctx->people, name));
	if (part_decided(p, account_path(p->arena, a.id), &before) == OK)
		a = account_of(p, before, a.id, call->by);
	a.by = call->by;
	a.role = role_of_name(json_get_str(args, "role"));
	if (a.role == ROLE_NONE)
		return fail(fault, ERR_INVALID,
		    "role: one of reader, contributor, analyst, auditor, admin");
	TRY(read_clearance(args, &a, fault));
	TRY(read_belonging(args, &a, fault));
	password = json_get_str(args, "password");
	if (password.p)
		TRY(part_password(password, fault));
	TRY(part_account_id(p, name, &a.id, fault));
	a.name = part_name(p, a.id);
	if (reply->request.p && !password.p)
		return with_kept_password(p, &a, reply, fault);
	if (password.p)
		return with_password(p, &a, password, reply, fault);
	TRY(decide_account(p, &a, fault));
	put_reply(reply->json, &a, env_now(p->ctx->env));
	return OK;
}

static enum err account_password(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args, *root;
	struct str password;
	struct account a;

	TRY(part_begin(p, call, &args, fault));
	TRY(part_account_named(p, json_get_str(args, "name"), &a.id, &root, fault));
	a = account_of(p, root, a.id, call->by);
	if (reply->request.p)
		return with_kept_password(p, &a, reply, fault);
	password = json_get_str(args, "password");
	TRY(part_password(password, fault));
	return with_password(p, &a, password, reply, fault);
}

static void password_removed(void *ctx, enum err status, struct str reply)
{
	/* The account is gone whether or not its verifier is: nothing depends on it. */
	(void)ctx;
	(void)status;
	(void)reply;
}

static enum err account_remove(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct rpc_call forget = {.op = S("remove-password"), .by = S("local"), .fd = -1};
	yyjson_val *args, *root;
	struct str id;

	(void)reply;
	TRY(part_begin(p, call, &args, fault));
	TRY(part_account_named(p, json_get_str(args, "name"), &id, &root, fault));
	TRY(part_remove(p, account_path(p->arena, id), call->by, fault));
	/* An account's id needs no escaping. */
	forget.args = arena_printf(p->arena, "{\"name\":\"%.*s\"}", STR_ARG(id));
	(void)!p->ctx->signer.call(p->ctx->signer.ctx, &forget, password_removed, NULL);
	return OK;
}

/* As a part of a URL (RFC 3986). */
static void put_escaped(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    str_find(S("-._~"), c) < 4)
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

/* What authenticator apps read, by hand or as a picture of the URL. */
static void put_totp(struct buf *out, const struct account *a, struct str issuer, struct str secret)
{
	struct json_writer w = json_writer(out);
	struct buf url;

	buf_init(&url, DECISION_MAX);
	buf_put(&url, S("otpauth://totp/"));
	put_escaped(&url, issuer);
	buf_byte(&url, ':');
	put_escaped(&url, a->name);
	buf_printf(&url, "?secret=%.*s&issuer=", STR_ARG(secret));
	put_escaped(&url, issuer);
	buf_put(&url, S("&algorithm=SHA1&digits=6&period=30"));
	json_object(&w, NULL);
	json_put_str(&w, "name", a->name);
	json_put_str(&w, "secret", secret);
	json_put_str(&w, "url", buf_str(&url));
	json_end_object(&w);
	explicit_bzero(url.p, url.n);
	buf_free(&url);
}

static void totp_set(void *ctx, enum err status, struct str reply)
{
	struct pending *w = ctx;
	struct fault fault = {.code = OK};
	yyjson_val *root = NULL;
	struct buf b;

	buf_init(&b, DECISION_MAX);
	if (status != OK)
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	else
		status = json_parse(&root, w->arena, reply, &JSON_LIMITS_OBJECT, &fault);
	if (status == OK)
		status = decide_account(w->part, &w->account, &fault);
	if (status == OK)
		put_totp(&b, &w->account, w->part->ctx->config->name, json_get_str(root, "secret"));
	command_answer(w->ticket, status, status == OK ? buf_str(&b) : str_c(fault.text));
	if (b.n)
		explicit_bzero(b.p, b.n);
	buf_free(&b);
	arena_free(w->arena);
	mem_free(w);
}

static void totp_removed(void *ctx, enum err status, struct str reply)
{
	struct pending *w = ctx;

	command_answer(w->ticket, status, reply);
	arena_free(w->arena);
	mem_free(w);
}

/* The account that a call names, with or without a second factor. */
static enum err with_totp(struct account *out, struct part *p, const struct rpc_call *call,
    bool totp, struct fault *fault)
{
	yyjson_val *args, *root;
	struct str id;

	TRY(part_begin(p, call, &args, fault));
	TRY(part_account_named(p, json_get_str(args, "name"), &id, &root, fault));
	*out = account_of(p, root, id, call->by);
	out->totp = totp;
	return OK;
}

/* The signer makes the secret and asks for its codes from then on. */
static enum err totp_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct account a;

	TRY(with_totp(&a, p, call, true, fault));
	return ask_later(reply, "set-totp", NULL, totp_set, pending_new(p, &a, reply), fault);
}

/* Decided before the signer forgets: an account is never said to have a factor that it has not. */
static enum err totp_remove(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct account a;

	TRY(with_totp(&a, p, call, false, fault));
	TRY(decide_account(p, &a, fault));
	return ask_later(
	    reply, "remove-totp", NULL, totp_removed, pending_new(p, &a, reply), fault);
}

/* 64 hexadecimal digits, with or without the colons that OpenSSL puts between bytes, lower-cased
 * into the arena; STR_NONE for anything else. */
static struct str fingerprint(struct arena *arena, struct str text)
{
	char lower[2 * SHA256_LEN];
	bool colons = text.n == sizeof(lower) + SHA256_LEN - 1;
	size_t n = 0;

	if (text.n != sizeof(lower) && !colons)
		return STR_NONE;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (colons && i % 3 == 2) {
			if (c != ':')
				return STR_NONE;
			continue;
		}
		if (c >= 'A' && c <= 'F')
			c = (char)(c | 0x20);
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return STR_NONE;
		lower[n++] = c;
	}
	return arena_str(arena, (struct str){lower, n});
}

/* Whether an account holds the certificate now: its own decision has the last word. */
static bool holds(struct part *p, struct str account, struct str certificate)
{
	yyjson_val *root;

	return account_name_valid(account) &&
	       part_decided(p, account_path(p->arena, account), &root) == OK &&
	       str_eq(json_get_str(root, "certificate"), certificate);
}

static enum err account_certificate(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args, *root, *other;
	struct account a;
	struct str path;

	TRY(part_begin(p, call, &args, fault));
	TRY(part_account_named(p, json_get_str(args, "name"), &a.id, &root, fault));
	a = account_of(p, root, a.id, call->by);
	a.certificate = fingerprint(p->arena, json_get_str(args, "sha256"));
	if (!a.certificate.p)
		return fail(fault, ERR_INVALID,
		    "sha256: 64 hexadecimal digits, the SHA-256 of the certificate (DER)");
	path = arena_printf(p->arena, "certificate/%.*s", STR_ARG(a.certificate));
	if (part_decided(p, path, &other) == OK) {
		struct str holder = json_get_str(other, "account");

		if (!str_eq(holder, a.id) && holds(p, holder, a.certificate))
			return fail(fault, ERR_CONFLICT, "this certificate is account %.*s's",
			    STR_ARG(part_name(p, holder)));
	}
	TRY(admin_decide(
	    p->ctx, path, arena_printf(p->arena, "{\"account\":\"%.*s\"}", STR_ARG(a.id)), fault));
	a.certificate_by = call->by;
	TRY(decide_account(p, &a, fault));
	put_reply(reply->json, &a, env_now(p->ctx->env));
	return OK;
}

/* Whether the account is linked to the subject that it is called after: the ledger has the last
 * word. */
static bool is_linked(struct part *p, const struct named *named, struct str issuer)
{
	yyjson_val *root;

	return part_decided(p, account_path(p->arena, named->id), &root) == OK &&
	       str_eq(json_get_str(root, "issuer"), issuer) &&
	       people_digest_is(named, issuer, json_get_str(root, "subject"));
}

/* Nobody is called after a subject any more but the account that is to be. */
static enum err free_subject(struct part *p, const struct account *a, struct fault *fault)
{
	const struct named *other = people_by_subject(p->ctx->people, a->subject);

	if (!other || str_eq(other->id, a->id))
		return OK;
	if (is_linked(p, other, a->issuer))
		return fail(fault, ERR_CONFLICT, "this subject is account %.*s's",
		    STR_ARG(part_name(p, other->id)));
	return people_link(p->ctx->people, arena_str(p->arena, other->id), S(""), fault);
}

/* The link between an account and whom the identity provider knows: the subject is kept with the
 * account's name, its digest in the ledger. */
static enum err oidc_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args, *root;
	struct sha256 digest;
	struct account a;

	TRY(part_begin(p, call, &args, fault));
	if (!p->ctx->config->oidc_issuer.p)
		return fail(fault, ERR_INVALID,
		    "this node has no identity provider: tocsin.conf names one as [oidc] issuer");
	TRY(part_account_named(p, json_get_str(args, "name"), &a.id, &root, fault));
	a = account_of(p, root, a.id, call->by);
	a.issuer = p->ctx->config->oidc_issuer;
	a.subject = json_get_str(args, "subject");
	a.subject_by = call->by;
	if (!people_is_field(a.subject))
		return fail(fault, ERR_INVALID,
		    "subject: 1 to %d bytes of text, as the identity provider says it",
		    PEOPLE_FIELD_MAX);
	TRY(free_subject(p, &a, fault));
	TRY(people_link(p->ctx->people, a.id, a.subject, fault));
	digest = people_digest(people_by_id(p->ctx->people, a.id), a.issuer);
	a.digest = sha256_text(p->arena, &digest);
	if (!a.digest.p)
		return fail(fault, ERR_NOMEM, "no memory for a subject");
	TRY(decide_account(p, &a, fault));
	put_reply(reply->json, &a, env_now(p->ctx->env));
	return OK;
}

/* In the ledger first: a link that cannot be removed from the names is none any more. */
static enum err oidc_remove(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args, *root;
	struct account a;

	(void)reply;
	TRY(part_begin(p, call, &args, fault));
	TRY(part_account_named(p, json_get_str(args, "name"), &a.id, &root, fault));
	a = account_of(p, root, a.id, call->by);
	if (!a.digest.n)
		return fail(
		    fault, ERR_NOT_FOUND, "account %.*s is linked to no subject", STR_ARG(a.name));
	a.issuer = a.digest = a.subject_by = STR_NONE;
	TRY(decide_account(p, &a, fault));
	return people_link(p->ctx->people, a.id, S(""), fault);
}

/* Of one that was removed: what it did stays, as the id's. */
static enum err account_forget(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args, *root;
	struct str id;

	(void)reply;
	TRY(part_begin(p, call, &args, fault));
	if (part_account_named(p, json_get_str(args, "name"), &id, &root, NULL) == OK)
		return fail(fault, ERR_CONFLICT,
		    "account %.*s is there still: remove it first (tocsin user remove)",
		    STR_ARG(part_name(p, id)));
	id = arena_str(p->arena, people_id(p->ctx->people, json_get_str(args, "name")));
	TRY(people_forget(p->ctx->people, id, fault));
	log_event(
	    p->ctx->log, LOG_WARNING, "account.forgotten", LOG_KV({"id", id}, {"by", call->by}));
	return OK;
}

static const struct command COMMANDS[] = {
    {.op = "account.add", .run = account_add},
    {.op = "account.password", .run = account_password},
    {.op = "account.certificate", .run = account_certificate},
    {.op = "account.remove", .run = account_remove},
    {.op = "account.forget", .local = true, .run = account_forget},
    {.op = "oidc.add", .run = oidc_add},
    {.op = "oidc.remove", .run = oidc_remove},
    {.op = "totp.add", .run = totp_add},
    {.op = "totp.remove", .run = totp_remove},
    {0},
};

const struct command_part ADMIN_ACCOUNTS = {
    .name = "accounts",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
