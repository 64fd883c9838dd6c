/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "http/fetch.h"
#include "http/text.h"
#include "oidc/provider.h"
#include "oidc/token.h"

enum { ARENA_MAX = 4 << 20, FORM_MAX = 16 << 10, TEXT_MAX = 400 };

static const usec FETCH_TIME = 10 * USEC_PER_SEC;
static const usec FRESH = INT64_C(3600) * USEC_PER_SEC; /* what the provider says of itself */
static const usec KEYS_REST =
    30 * USEC_PER_SEC; /* before keys are asked for again because of an unknown one */
static const usec FAILED_REST = 3 * USEC_PER_SEC; /* after it could not be reached */

/* What is known of the provider, replaced as a whole. */
struct known {
	struct arena *arena; /* NULL: nothing yet */
	struct oidc_provider provider;
	usec at;
};

struct known_keys {
	struct arena *arena;
	struct oidc_keys keys;
	usec at;
};

struct oidc_client {
	struct oidc_client_options o;
	struct known known;
	struct known_keys keys;
	usec unknown_at; /* when keys were last asked for because one was unknown; 0: never */
	usec failed;     /* last time that it could not be reached; 0: never */
	char failure[TEXT_MAX];
	struct job *jobs;
	size_t job_count;
};

/* One who asked, on the way through: the provider's configuration, the code, the keys. */
struct job {
	struct job *next;
	struct oidc_client *client;
	struct arena *arena;
	struct http_fetch *fetch;
	struct oidc_code code; /* code.code.p NULL: only where to ask people */
	struct str id_token;
	oidc_done done;
	void *ctx;
};

struct oidc_client *oidc_client_new(const struct oidc_client_options *options)
{
	struct oidc_client *c = mem_alloc(sizeof(*c));

	*c = (struct oidc_client){.o = *options};
	return c;
}

static void job_free(struct job *j)
{
	struct job **at = &j->client->jobs;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	j->client->job_count--;
	http_fetch_cancel(j->fetch);
	arena_free(j->arena);
	mem_free(j);
}

static void finish(struct job *j, enum err rc, struct str text)
{
	j->done(j->ctx, rc, text);
	job_free(j);
}

void oidc_client_free(struct oidc_client *c)
{
	if (!c)
		return;
	while (c->jobs)
		finish(c->jobs, ERR_CLOSED, S("the node is stopping"));
	arena_free(c->known.arena);
	arena_free(c->keys.arena);
	mem_free(c);
}

static void fail_job(struct job *j, enum err rc, const char *what, struct str text)
{
	char words[TEXT_MAX];

	(void)snprintf(words, sizeof(words), "%s%.*s", what, STR_ARG(text));
	finish(j, rc, str_c(words));
}

typedef void (*fetched)(void *ctx, enum err rc, const struct http_fetch_answer *a, struct str text);

static void fetch(struct job *j, struct http_fetch_options *o, fetched done)
{
	struct fault fault = {.code = OK};
	enum err rc;

	o->loop = j->client->o.loop;
	o->tls = j->client->o.tls;
	o->body_max = OIDC_BODY_MAX;
	o->time_max = FETCH_TIME;
	o->done = done;
	o->ctx = j;
	rc = http_fetch_start(&j->fetch, o, &fault);
	if (rc != OK)
		done(j, ERR_IO, NULL, str_c(fault.text));
}

/* The fetch frees itself after its answer. True when the answer is one of the status 200. */
static bool arrived(
    struct job *j, enum err *rc, const struct http_fetch_answer *a, struct str *text)
{
	j->fetch = NULL;
	if (*rc != OK)
		return false;
	if (a->status == 200)
		return true;
	*rc = ERR_DENIED;
	*text = a->status >= 300 && a->status < 400 ? S("it sends elsewhere, which is not followed")
	                                            : S("it answers with an error");
	return false;
}

/* Who asks next is told at once, for a while. */
static void unreachable(struct job *j, enum err rc, struct str text)
{
	struct oidc_client *c = j->client;

	c->failed = env_now(c->o.env);
	(void)snprintf(c->failure, sizeof(c->failure),
	    "the identity provider cannot be asked: %.*s", STR_ARG(text));
	finish(j, rc, str_c(c->failure));
}

static void give_code(struct job *j);

static void go_on(struct job *j)
{
	if (j->code.code.p)
		give_code(j);
	else
		finish(j, OK, j->client->known.provider.authorization);
}

static void on_configuration(
    void *ctx, enum err rc, const struct http_fetch_answer *a, struct str text)
{
	struct job *j = ctx;
	struct oidc_client *c = j->client;
	struct known known = {.at = env_now(c->o.env)};
	struct fault fault;

	if (!arrived(j, &rc, a, &text)) {
		unreachable(j, rc, text);
		return;
	}
	known.arena = arena_new(ARENA_MAX);
	rc = oidc_provider_parse(&known.provider, known.arena, a->body, c->o.issuer, &fault);
	if (rc != OK) {
		arena_free(known.arena);
		unreachable(j, rc, str_c(fault.text));
		return;
	}
	arena_free(c->known.arena);
	c->known = known;
	go_on(j);
}

static void look(struct job *j)
{
	struct oidc_client *c = j->client;
	struct str issuer = c->o.issuer;
	usec now = env_now(c->o.env);
	struct http_fetch_options o = {0};

	if (c->known.arena && now < c->known.at + FRESH) {
		go_on(j);
		return;
	}
	if (c->failed && now < c->failed + FAILED_REST) {
		finish(j, ERR_BUSY, str_c(c->failure));
		return;
	}
	if (issuer.n > 0 && issuer.p[issuer.n - 1] == '/')
		issuer.n--;
	o.url = arena_printf(j->arena, "%.*s/.well-known/openid-configuration", STR_ARG(issuer));
	fetch(j, &o, on_configuration);
}

static void check_token(struct job *j);

static void on_keys(void *ctx, enum err rc, const struct http_fetch_answer *a, struct str text)
{
	struct job *j = ctx;
	struct oidc_client *c = j->client;
	struct known_keys fresh = {.at = env_now(c->o.env)};
	struct fault fault;

	if (!arrived(j, &rc, a, &text)) {
		fail_job(j, rc, "the identity provider's keys cannot be had: ", text);
		return;
	}
	fresh.arena = arena_new(ARENA_MAX);
	rc = oidc_keys_parse(&fresh.keys, fresh.arena, a->body, &fault);
	if (rc != OK) {
		arena_free(fresh.arena);
		fail_job(j, rc, "", str_c(fault.text));
		return;
	}
	arena_free(c->keys.arena);
	c->keys = fresh;
	check_token(j);
}

static void ask_keys(struct job *j)
{
	fetch(j, &(struct http_fetch_options){.url = j->client->known.provider.keys}, on_keys);
}

/* Keys are asked for again when they are old, and for one that is unknown: it may be new. That not
 * at everybody's wish. */
static bool may_be_new(struct oidc_client *c, usec now)
{
	if (c->unknown_at && now < c->unknown_at + KEYS_REST)
		return false;
	c->unknown_at = now;
	return true;
}

static void check_token(struct job *j)
{
	struct oidc_client *c = j->client;
	const struct oidc_rules rules = {.issuer = c->o.issuer,
	    .client_id = c->o.client_id,
	    .nonce = j->code.nonce,
	    .claim = c->o.claim,
	    .now = env_now(c->o.env)};
	bool stale = !c->keys.arena || rules.now > c->keys.at + FRESH;
	const struct jws_key *key;
	struct oidc_token token;
	struct fault fault;
	struct str subject;
	enum err rc = oidc_token_read(&token, j->arena, j->id_token, &fault);

	if (rc != OK) {
		fail_job(j, rc, "", str_c(fault.text));
		return;
	}
	key = oidc_token_key(&token, &c->keys.keys);
	if (stale || (!key && may_be_new(c, rules.now))) {
		ask_keys(j);
		return;
	}
	if (!key) {
		fail_job(j, ERR_DENIED, "",
		    S("the ID token is signed with a key that the provider does not show"));
		return;
	}
	rc = oidc_token_check(&subject, &token, key, &rules, j->arena, &fault);
	if (rc == OK)
		finish(j, OK, subject);
	else
		fail_job(j, rc, "", str_c(fault.text));
}

static void on_token(void *ctx, enum err rc, const struct http_fetch_answer *a, struct str text)
{
	struct job *j = ctx;
	struct fault fault;

	j->fetch = NULL;
	if (rc != OK) {
		fail_job(j, rc, "the identity provider does not take the code: ", text);
		return;
	}
	rc = oidc_answer_parse(&j->id_token, j->arena, a->status, a->body, &fault);
	if (rc == OK)
		check_token(j);
	else
		fail_job(j, rc, "", str_c(fault.text));
}

static void put_pair(struct buf *form, const char *key, struct str value)
{
	buf_printf(form, "%s%s=", form->n ? "&" : "", key);
	http_escape(form, value);
}

/* RFC 6749 §2.3.1: both are escaped before they are joined. */
static struct str basic_of(struct job *j)
{
	const struct oidc_client_options *o = &j->client->o;
	struct str encoded = STR_NONE;
	struct buf pair;

	buf_init(&pair, FORM_MAX);
	http_escape(&pair, o->client_id);
	buf_byte(&pair, ':');
	http_escape(&pair, o->client_secret);
	if (pair.failed == OK)
		encoded = base64_encode(j->arena, buf_str(&pair));
	buf_free(&pair);
	return encoded.p ? arena_printf(j->arena, "Basic %.*s", STR_ARG(encoded)) : STR_NONE;
}

static void give_code(struct job *j)
{
	const struct oidc_client *c = j->client;
	const struct oidc_provider *p = &c->known.provider;
	struct http_fetch_options o = {.url = p->token};
	struct buf form;

	buf_init(&form, FORM_MAX);
	put_pair(&form, "grant_type", S("authorization_code"));
	put_pair(&form, "code", j->code.code);
	put_pair(&form, "redirect_uri", j->code.redirect);
	put_pair(&form, "code_verifier", j->code.verifier);
	put_pair(&form, "client_id", c->o.client_id);
	if (p->by_form)
		put_pair(&form, "client_secret", c->o.client_secret);
	else
		o.authorization = basic_of(j);
	o.form = buf_str(&form);
	if (form.failed == OK)
		fetch(j, &o, on_token);
	else
		fail_job(j, ERR_LIMIT, "", S("the code is too long"));
	buf_free(&form);
}

static struct job *job_new(struct oidc_client *c, oidc_done done, void *ctx)
{
	struct job *j;

	if (c->job_count == OIDC_JOBS_MAX) {
		done(ctx, ERR_BUSY, S("too many are signing in just now; try again in a moment"));
		return NULL;
	}
	j = mem_alloc(sizeof(*j));
	*j = (struct job){
	    .client = c, .arena = arena_new(ARENA_MAX), .done = done, .ctx = ctx, .next = c->jobs};
	c->jobs = j;
	c->job_count++;
	return j;
}

void oidc_client_look(struct oidc_client *c, oidc_done done, void *ctx)
{
	struct job *j = job_new(c, done, ctx);

	if (j)
		look(j);
}

void oidc_client_take(
    struct oidc_client *c, const struct oidc_code *code, oidc_done done, void *ctx)
{
	struct job *j = job_new(c, done, ctx);

	if (!j)
		return;
	j->code = (struct oidc_code){.code = arena_str(j->arena, code->code),
	    .verifier = arena_str(j->arena, code->verifier),
	    .nonce = arena_str(j->arena, code->nonce),
	    .redirect = arena_str(j->arena, code->redirect)};
	if (j->code.code.p && j->code.verifier.p && j->code.nonce.p && j->code.redirect.p)
		look(j);
	else
		fail_job(j, ERR_NOMEM, "", S("no memory for a sign-in"));
}
