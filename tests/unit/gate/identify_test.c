/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/base64.h"
#include "base/buf.h"
#include "gate/credentials.h"
#include "gate/identify.h"

/* A signer that knows one password and can be made to answer later. */
struct signer {
	size_t calls;
	bool later, busy, wants_code, many_wrong;
	rpc_done done;
	void *done_ctx;
	enum err answer;
	struct {
		rpc_done done;
		void *ctx;
	} kept[64]; /* those to answer later */
	size_t kept_count;
};

static enum err signer_call(void *ctx, const struct rpc_call *call, rpc_done done, void *done_ctx)
{
	struct signer *s = ctx;
	size_t at = str_search(call->args, S("correct horse"));
	bool code = str_search(call->args, S("\"code\":\"123456\"")) < call->args.n;

	if (s->busy)
		return ERR_BUSY;
	s->calls++;
	assert_true(str_eq(call->op, S("verify-password")));
	s->answer = at < call->args.n ? OK : ERR_DENIED;
	if (s->answer == OK && s->wants_code && !code)
		s->answer = str_search(call->args, S("\"code\"")) < call->args.n ? ERR_CONFLICT
		                                                                 : ERR_UNSUPPORTED;
	if (s->answer == OK && s->many_wrong)
		s->answer = ERR_LIMIT;
	s->done = done;
	s->done_ctx = done_ctx;
	if (!s->later)
		done(done_ctx, s->answer, S(""));
	else if (s->kept_count < 64) {
		s->kept[s->kept_count].done = done;
		s->kept[s->kept_count++].ctx = done_ctx;
	}
	return OK;
}

struct scene {
	struct world w;
	struct gate *gate;
	struct signer signer;
	struct rpc rpc;
	struct identify *id;
	unsigned code_roles;
	/* What the last answer said. */
	int answers;
	enum err rc;
	enum identity_kind kind;
	char name[65];
	enum role role;
	enum tlp clearance;
	struct identity who;
};

static void answered(void *ctx, enum err rc, const struct identity *who)
{
	struct scene *s = ctx;

	s->answers++;
	s->rc = rc;
	s->name[0] = 0;
	if (rc != OK)
		return;
	s->who = *who;
	s->kind = who->kind;
	s->role = (enum role)who->reader.role;
	s->clearance = who->reader.clearance;
	(void)snprintf(s->name, sizeof(s->name), "%.*s", STR_ARG(who->reader.name));
	s->who.reader.name = str_c(s->name);
}

#define CERT "00000000000000000000000000000000000000000000000000000000000000aa"
/* SHA-256 of "secret" */
#define SECRET_HASH "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

static void make_with(struct scene *s, unsigned code_roles)
{
	memset(s, 0, sizeof(*s));
	s->code_roles = code_roles;
	world_make(&s->w);
	world_decide(&s->w, "account/greta",
	    "{\"role\":\"analyst\",\"clearance\":\"TLP:AMBER\",\"password\":true,"
	    "\"certificate\":\"" CERT "\"}");
	world_decide(&s->w, "account/gone", "{\"removed\":true}");
	world_decide(&s->w, "certificate/" CERT, "{\"account\":\"greta\"}");
	world_decide(&s->w, "token/abc", "{\"account\":\"greta\",\"hash\":\"" SECRET_HASH "\"}");
	world_decide(&s->w, "token/less",
	    "{\"account\":\"greta\",\"role\":\"reader\",\"hash\":\"" SECRET_HASH "\"}");
	world_decide(&s->w, "token/more",
	    "{\"account\":\"greta\",\"role\":\"admin\",\"hash\":\"" SECRET_HASH "\"}");
	world_decide(&s->w, "token/old",
	    "{\"account\":\"greta\",\"expires\":1000,\"hash\":\"" SECRET_HASH "\"}");
	world_decide(&s->w, "token/orphan", "{\"account\":\"gone\",\"hash\":\"" SECRET_HASH "\"}");
	world_follow(&s->w);
	WORLD_OK(&s->w, gate_open(&s->gate, str_c(s->w.dir), &s->w.env, &s->w.fault));
	s->rpc = (struct rpc){signer_call, &s->signer};
	s->id = identify_new(&(struct identify_options){
	    .gate = s->gate, .rpc = &s->rpc, .env = &s->w.env, .code_roles = s->code_roles});
}

static void make(struct scene *s)
{
	make_with(s, 0);
}

static void end(struct scene *s)
{
	identify_free(s->id);
	gate_close(s->gate);
	world_end(&s->w);
}

static void ask(struct scene *s, const char *authorization)
{
	struct identify_request rq = {
	    .authorization = str_c(authorization), .peer = S("192.0.2.1")};

	identify_request(s->id, &rq, answered, s);
}

static void ask_basic(struct scene *s, const char *pair)
{
	char header[256];
	struct str text = base64_encode(s->w.arena, str_c(pair));

	(void)snprintf(header, sizeof(header), "Basic %.*s", STR_ARG(text));
	ask(s, header);
}

static void a_right_password_is_asked_of_the_signer_once(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	for (int i = 0; i < 5; i++) {
		ask_basic(&s, "greta:correct horse");
		assert_int_equal(s.rc, OK);
		assert_string_equal(s.name, "greta");
		assert_int_equal(s.role, ROLE_ANALYST);
		assert_int_equal(s.clearance, TLP_AMBER);
		assert_int_equal(s.kind, IDENTITY_PASSWORD);
	}
	assert_int_equal(s.signer.calls, 1);
	s.w.clock += 301 * USEC_PER_SEC;
	ask_basic(&s, "greta:correct horse");
	assert_int_equal(s.signer.calls, 2);
	end(&s);
}

static void unknown_accounts_and_wrong_passwords_look_the_same(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	ask_basic(&s, "greta:wrong");
	assert_int_equal(s.rc, ERR_DENIED);
	ask_basic(&s, "nobody:wrong");
	assert_int_equal(s.rc, ERR_DENIED);
	/* The signer is asked in both cases, so that both take as long. */
	assert_int_equal(s.signer.calls, 2);
	/* An account that was removed, with a password that still verifies. */
	ask_basic(&s, "gone:correct horse");
	assert_int_equal(s.rc, ERR_DENIED);
	end(&s);
}

static void many_failures_are_slowed_down(void **state)
{
	struct scene s;
	int tries = 0;

	(void)state;
	make(&s);
	do {
		char pair[64];

		(void)snprintf(pair, sizeof(pair), "greta:guess%d", tries);
		ask_basic(&s, pair);
	} while (s.rc == ERR_DENIED && ++tries < 1000);
	assert_int_equal(s.rc, ERR_BUSY);
	assert_in_range(tries, 10, 40);
	/* Who knows the password from before is not locked out by others' guesses; a minute helps.
	 */
	s.w.clock += 120 * USEC_PER_SEC;
	ask_basic(&s, "greta:correct horse");
	assert_int_equal(s.rc, OK);
	end(&s);
}

/* Until core and signer are back nobody has failed: 503 for all, 429 for none. */
static void a_signer_that_is_away_is_no_failed_attempt(void **state)
{
	struct scene s;
	char pair[64];

	(void)state;
	make(&s);
	s.signer.busy = true; /* core or signer gone: calls fail at once */
	for (int i = 0; i < 100; i++) {
		ask_basic(&s, "greta:correct horse");
		assert_int_equal(s.rc, ERR_CLOSED);
	}
	s.signer.busy = false;
	s.signer.later = true; /* core starting: calls wait for it */
	for (int i = 0; i < 60; i++) {
		(void)snprintf(pair, sizeof(pair), "somebody%d:%s", i, "correct horse");
		ask_basic(&s, pair);
		assert_int_equal(s.rc, ERR_CLOSED);
	}
	assert_in_range(s.signer.kept_count, 10, 40); /* guesses are not free meanwhile */
	for (size_t i = 0; i < s.signer.kept_count; i++) {
		s.answers = 0;
		s.signer.kept[i].done(s.signer.kept[i].ctx, ERR_CLOSED, S("gone"));
		assert_int_equal(s.answers, 1);
		assert_int_equal(s.rc, ERR_CLOSED);
	}
	s.signer.later = false;
	ask_basic(&s, "greta:correct horse");
	assert_int_equal(s.rc, OK);
	end(&s);
}

static void waiters_for_one_password_share_one_check(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	s.signer.later = true;
	for (int i = 0; i < 10; i++)
		ask_basic(&s, "greta:correct horse");
	assert_int_equal(s.answers, 0);
	assert_int_equal(s.signer.calls, 1);
	s.signer.done(s.signer.done_ctx, OK, S("{}"));
	assert_int_equal(s.answers, 10);
	assert_int_equal(s.rc, OK);
	s.signer.busy = true;
	ask_basic(&s, "greta:another");
	assert_int_equal(s.rc, ERR_CLOSED);
	end(&s);
}

static void tokens_hold_until_they_expire_and_never_say_more_than_the_account(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	ask(&s, "Bearer abc.secret");
	assert_int_equal(s.rc, OK);
	assert_int_equal(s.role, ROLE_ANALYST);
	ask(&s, "Bearer less.secret");
	assert_int_equal(s.rc, OK);
	assert_int_equal(s.role, ROLE_READER);
	ask(&s, "Bearer more.secret");
	assert_int_equal(s.rc, ERR_DENIED);
	ask(&s, "Bearer old.secret");
	assert_int_equal(s.rc, ERR_DENIED);
	ask(&s, "Bearer orphan.secret");
	assert_int_equal(s.rc, ERR_DENIED);
	ask(&s, "Bearer abc.Secret");
	assert_int_equal(s.rc, ERR_DENIED);
	ask(&s, "Bearer nope.secret");
	assert_int_equal(s.rc, ERR_DENIED);
	ask(&s, "Digest abc");
	assert_int_equal(s.rc, ERR_DENIED);
	end(&s);
}

/* Signs in and gives the cookie as a browser sends it back. */
static struct str sign_in(struct scene *s)
{
	const struct identify_login login = {
	    .name = S("greta"), .password = S("correct horse"), .peer = S("192.0.2.1")};
	struct str cookie;

	identify_login(s->id, &login, answered, s);
	assert_int_equal(s->rc, OK);
	assert_int_equal(s->kind, IDENTITY_SESSION);
	cookie = identify_cookie(s->id, &s->who, s->w.arena);
	assert_true(str_search(cookie, S("HttpOnly")) < cookie.n);
	assert_true(str_search(cookie, S("SameSite=Strict")) < cookie.n);
	assert_true(str_search(cookie, S("Secure")) < cookie.n);
	return str_slice(cookie, 0, str_find(cookie, ';'));
}

static void ask_cookie(struct scene *s, struct identify_request rq)
{
	rq.peer = S("192.0.2.1");
	identify_request(s->id, &rq, answered, s);
}

static void a_session_ends_with_time_or_a_change_of_the_account(void **state)
{
	struct scene s;
	struct str cookie;

	(void)state;
	make(&s);
	cookie = sign_in(&s);
	ask_cookie(&s, (struct identify_request){.cookie = cookie});
	assert_int_equal(s.kind, IDENTITY_SESSION);
	assert_string_equal(s.name, "greta");
	/* Any change makes a new decision: password, role, certificate, removal. */
	world_decide(&s.w, "account/greta", "{\"role\":\"analyst\",\"clearance\":\"TLP:AMBER\"}");
	world_commit(&s.w);
	ask_cookie(&s, (struct identify_request){.cookie = cookie});
	assert_int_equal(s.rc, OK);
	assert_int_equal(s.kind, IDENTITY_ANONYMOUS);
	assert_int_equal(s.clearance, TLP_CLEAR);
	cookie = sign_in(&s);
	s.w.clock += 13 * 3600 * USEC_PER_SEC;
	ask_cookie(&s, (struct identify_request){.cookie = cookie});
	assert_int_equal(s.kind, IDENTITY_ANONYMOUS);
	end(&s);
}

static void a_forged_cookie_is_nobody(void **state)
{
	struct scene s;
	struct str cookie;
	char text[512];

	(void)state;
	make(&s);
	cookie = sign_in(&s);
	for (size_t i = S("__Host-session=").n; i < cookie.n; i++) {
		(void)snprintf(text, sizeof(text), "a=b; %.*s; c", STR_ARG(cookie));
		text[i + 5] = text[i + 5] == 'A' ? 'B' : 'A';
		ask_cookie(&s, (struct identify_request){.cookie = str_c(text)});
		assert_int_equal(s.kind, IDENTITY_ANONYMOUS);
	}
	end(&s);
}

/* What a browser sends by itself changes nothing when another site asked for it. */
static void another_site_cannot_use_a_cookie_to_change_things(void **state)
{
	static const struct {
		const char *site, *origin;
		enum err rc;
	} CASES[] = {
	    {"same-origin", NULL, OK},
	    {"none", NULL, OK},
	    {"same-site", NULL, ERR_INVALID},
	    {"cross-site", "https://node.example:8443", ERR_INVALID},
	    {NULL, "https://node.example:8443", OK},
	    {NULL, "https://evil.example", ERR_INVALID},
	    {NULL, "null", ERR_INVALID},
	    {NULL, NULL, ERR_INVALID},
	};
	struct scene s;
	struct str cookie;

	(void)state;
	make(&s);
	cookie = sign_in(&s);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct identify_request rq = {
		    .cookie = cookie,
		    .host = S("node.example:8443"),
		    .origin = str_c(CASES[i].origin),
		    .fetch_site = str_c(CASES[i].site),
		};

		ask_cookie(&s, rq);
		assert_int_equal(s.rc, OK); /* reading is harmless */
		rq.changes = true;
		ask_cookie(&s, rq);
		assert_int_equal(s.rc, CASES[i].rc);
	}
	end(&s);
}

static void a_certificate_is_its_account_while_the_account_says_so(void **state)
{
	struct identify_request rq = {.has_cert = true};
	struct scene s;

	(void)state;
	make(&s);
	rq.cert.b[31] = 0xaa;
	ask_cookie(&s, rq);
	assert_int_equal(s.kind, IDENTITY_CERTIFICATE);
	assert_string_equal(s.name, "greta");
	rq.cert.b[31] = 0xab;
	ask_cookie(&s, rq);
	assert_int_equal(s.kind, IDENTITY_ANONYMOUS);
	rq.cert.b[31] = 0xaa;
	world_decide(&s.w, "account/greta", "{\"role\":\"analyst\",\"clearance\":\"TLP:AMBER\"}");
	world_commit(&s.w);
	ask_cookie(&s, rq);
	assert_int_equal(s.kind, IDENTITY_ANONYMOUS);
	end(&s);
}

static void tokens_open_only_for_their_purpose_and_reader(void **state)
{
	struct reader a = {.name = S("a"), .clearance = TLP_GREEN};
	struct reader b = {.name = S("b"), .clearance = TLP_GREEN};
	struct scene s;
	struct gate_ask as_a, as_b;
	struct str token, out;

	(void)state;
	make(&s);
	as_a = (struct gate_ask){s.gate, &a, OUTLET_API, s.w.arena};
	as_b = (struct gate_ask){s.gate, &b, OUTLET_API, s.w.arena};
	token = gate_token_seal(&as_a, S("list"), S("12345678"));
	assert_int_equal(gate_token_open(&as_a, S("list"), token, &out, NULL), OK);
	assert_true(str_eq(out, S("12345678")));
	assert_int_equal(gate_token_open(&as_b, S("list"), token, &out, NULL), ERR_INVALID);
	assert_int_equal(gate_token_open(&as_a, S("lisu"), token, &out, NULL), ERR_INVALID);
	assert_int_equal(
	    gate_token_open(&as_a, S("list"), str_from(token, 1), &out, NULL), ERR_INVALID);
	assert_true(str_search(token, S("12345678")) == token.n);
	end(&s);
}

static void login_with(struct scene *s, const char *code)
{
	const struct identify_login login = {.name = S("greta"),
	    .password = S("correct horse"),
	    .peer = S("192.0.2.1"),
	    .code = str_c(code)};

	identify_login(s->id, &login, answered, s);
}

static void a_code_is_asked_of_the_signer_each_time_and_never_shared(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	s.signer.wants_code = true;
	login_with(&s, NULL);
	assert_int_equal(s.rc, ERR_UNSUPPORTED);
	ask_basic(&s, "greta:correct horse");
	assert_int_equal(s.rc, ERR_UNSUPPORTED);
	login_with(&s, "123456");
	assert_int_equal(s.rc, OK);
	assert_int_equal(s.kind, IDENTITY_SESSION);
	/* The right one of a moment ago is no password that is known to be right. */
	ask_basic(&s, "greta:correct horse");
	assert_int_equal(s.rc, ERR_UNSUPPORTED);
	assert_int_equal(s.signer.calls, 4);
	s.signer.later = true;
	login_with(&s, "123456");
	login_with(&s, "123456");
	ask_basic(&s, "greta:correct horse");
	assert_int_equal(s.signer.calls, 7);
	for (size_t i = 0; i < s.signer.kept_count; i++)
		s.signer.kept[i].done(s.signer.kept[i].ctx, ERR_CONFLICT, S(""));
	assert_int_equal(s.answers, 7);
	s.signer.later = false;
	s.signer.many_wrong = true;
	login_with(&s, "123456");
	assert_int_equal(s.rc, ERR_BUSY);
	end(&s);
}

static void wrong_codes_count_as_failures_and_missing_ones_do_not(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	s.signer.wants_code = true;
	for (int i = 0; i < 100; i++) {
		login_with(&s, NULL);
		assert_int_equal(s.rc, ERR_UNSUPPORTED);
	}
	for (int i = 0; i < 100 && s.rc != ERR_BUSY; i++)
		login_with(&s, "000000");
	assert_int_equal(s.rc, ERR_BUSY);
	assert_true(s.signer.calls < 130);
	end(&s);
}

static void a_role_that_needs_a_second_factor_is_not_let_in_without(void **state)
{
	struct scene s;

	(void)state;
	make_with(&s, 1u << ROLE_ANALYST);
	for (int i = 0; i < 3; i++) {
		login_with(&s, NULL);
		assert_int_equal(s.rc, ERR_LIMIT);
		ask_basic(&s, "greta:correct horse");
		assert_int_equal(s.rc, ERR_LIMIT);
	}
	ask_basic(&s, "greta:wrong");
	assert_int_equal(s.rc, ERR_DENIED);
	ask(&s, "Bearer abc.secret");
	assert_int_equal(s.rc, OK);
	world_decide(
	    &s.w, "account/greta", "{\"role\":\"analyst\",\"password\":true,\"totp\":true}");
	world_follow(&s.w);
	s.signer.wants_code = true;
	login_with(&s, "123456");
	assert_int_equal(s.rc, OK);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_right_password_is_asked_of_the_signer_once),
	    cmocka_unit_test(unknown_accounts_and_wrong_passwords_look_the_same),
	    cmocka_unit_test(many_failures_are_slowed_down),
	    cmocka_unit_test(a_signer_that_is_away_is_no_failed_attempt),
	    cmocka_unit_test(waiters_for_one_password_share_one_check),
	    cmocka_unit_test(tokens_hold_until_they_expire_and_never_say_more_than_the_account),
	    cmocka_unit_test(a_session_ends_with_time_or_a_change_of_the_account),
	    cmocka_unit_test(a_forged_cookie_is_nobody),
	    cmocka_unit_test(another_site_cannot_use_a_cookie_to_change_things),
	    cmocka_unit_test(a_certificate_is_its_account_while_the_account_says_so),
	    cmocka_unit_test(tokens_open_only_for_their_purpose_and_reader),
	    cmocka_unit_test(a_code_is_asked_of_the_signer_each_time_and_never_shared),
	    cmocka_unit_test(wrong_codes_count_as_failures_and_missing_ones_do_not),
	    cmocka_unit_test(a_role_that_needs_a_second_factor_is_not_let_in_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
