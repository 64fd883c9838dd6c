/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that manage accounts, tokens and collections over a real ledger. The answer that is
 * owed for later (command_answer) is taken by the test. */
#include "world.h"

#include "admin/admin.h"
#include "base/buf.h"
#include "codec/json.h"
#include "crypt/digest.h"

struct command_ticket {
	bool answered;
	enum err status;
	char reply[1024];
};

static const struct command_part *const PARTS[] = {
    &ADMIN_ACCOUNTS, &ADMIN_TOKENS, &ADMIN_COLLECTIONS};
enum { PART_COUNT = sizeof(PARTS) / sizeof(PARTS[0]) };

struct scene {
	struct world w;
	struct config config;
	struct command_ctx ctx;
	void *parts[PART_COUNT];
	struct command_ticket ticket;
	struct buf reply;
	/* What the signer was asked. */
	char op[32], args[512];
	enum err signer_answer;
	bool signer_busy;
};

void command_answer(struct command_ticket *t, enum err status, struct str reply)
{
	t->answered = true;
	t->status = status;
	(void)snprintf(t->reply, sizeof(t->reply), "%.*s", STR_ARG(reply));
}

static enum err signer_call(void *ctx, const struct rpc_call *call, rpc_done done, void *done_ctx)
{
	struct scene *s = ctx;

	if (s->signer_busy)
		return ERR_BUSY;
	(void)snprintf(s->op, sizeof(s->op), "%.*s", STR_ARG(call->op));
	(void)snprintf(s->args, sizeof(s->args), "%.*s", STR_ARG(call->args));
	done(done_ctx, s->signer_answer,
	    str_eq(call->op, S("set-totp")) ? S("{\"secret\":\"JBSWY3DP\"}") : S("{}"));
	return OK;
}

static void make(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	world_make(&s->w);
	s->config.body_max = 4096;
	s->ctx = (struct command_ctx){.store = s->w.store,
	    .people = s->w.people,
	    .env = &s->w.env,
	    .config = &s->config,
	    .signer = {signer_call, s}};
	for (size_t i = 0; i < PART_COUNT; i++)
		assert_int_equal(PARTS[i]->open(&s->parts[i], &s->ctx, NULL), OK);
	buf_init(&s->reply, 1 << 16);
}

static void end(struct scene *s)
{
	for (size_t i = 0; i < PART_COUNT; i++)
		PARTS[i]->close(s->parts[i]);
	buf_free(&s->reply);
	world_end(&s->w);
}

/* Runs a command as somebody; what it says is in s->reply or in the ticket. */
static enum err run_as(struct scene *s, const char *by, const char *op, const char *args)
{
	struct str who = arena_str(s->w.arena, people_id(s->w.people, str_c(by)));
	struct rpc_call call = {str_c(op), who, str_c(args), -1};
	struct command_reply reply = {.json = &s->reply, .ticket = &s->ticket};
	const struct command *c = PARTS[0]->commands;
	size_t part = 0;
	enum err rc;

	while (strcmp(c->op, op) != 0) {
		c++;
		if (!c->op)
			c = PARTS[++part]->commands;
	}
	buf_reset(&s->reply);
	s->ticket = (struct command_ticket){0};
	s->w.fault = (struct fault){.code = OK};
	rc = c->run(s->parts[part], &call, &reply, &s->w.fault);
	if (rc == OK && reply.later) {
		assert_true(s->ticket.answered);
		rc = s->ticket.status;
	}
	world_commit(&s->w);
	return rc;
}

static enum err run(struct scene *s, const char *op, const char *args)
{
	return run_as(s, "local", op, args);
}

/* The newest decision of a path, "account/NAME" for that of the account's id. */
static bool decision_has(struct scene *s, const char *path, const char *part)
{
	struct str name = str_c(path), kind = str_cut(&name, '/');
	struct str of = arena_printf(s->w.arena, "%.*s/%.*s", STR_ARG(kind),
	    STR_ARG(str_eq(kind, S("account")) ? people_id(s->w.people, name) : name));
	uint64_t seq = store_find(s->w.store, name.p ? of : str_c(path));
	struct str content;

	if (seq == STORE_NONE)
		return false;
	content = store_content(s->w.store, seq);
	return str_search(content, str_c(part)) < content.n;
}

static void a_password_goes_to_the_signer_and_never_into_the_ledger(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	assert_int_equal(
	    run(&s, "account.add",
	        "{\"name\":\"greta\",\"role\":\"reader\",\"password\":\"long enough\"}"),
	    OK);
	assert_string_equal(s.op, "set-password");
	assert_non_null(strstr(s.args, "long enough"));
	assert_non_null(strstr(s.ticket.reply, "\"clearance\":\"TLP:AMBER\""));
	assert_true(decision_has(&s, "account/greta", "\"password\":true"));
	for (uint64_t seq = 0; seq < store_size(s.w.store); seq++) {
		struct str c = store_content(s.w.store, seq);

		assert_int_equal(str_search(c, S("long enough")), c.n);
	}
	end(&s);
}

static void an_account_is_not_decided_when_the_signer_refuses(void **state)
{
	const char *args = "{\"name\":\"greta\",\"role\":\"reader\",\"password\":\"long enough\"}";
	struct scene s;

	(void)state;
	make(&s);
	s.signer_answer = ERR_IO;
	assert_int_equal(run(&s, "account.add", args), ERR_IO);
	s.signer_busy = true;
	assert_int_equal(run(&s, "account.add", args), ERR_BUSY);
	assert_int_equal(store_size(s.w.store), 0);
	end(&s);
}

static void arguments_that_cannot_be_are_refused_with_their_name(void **state)
{
	static const struct {
		const char *op, *args, *says;
	} CASES[] = {
	    {"account.add", "{\"name\":\"a b\",\"role\":\"reader\"}", "name"},
	    {"account.add", "{\"name\":\"local\",\"role\":\"reader\"}", "name"},
	    {"account.add", "{\"name\":\"a\",\"role\":\"king\"}", "role"},
	    {"account.add", "{\"name\":\"a\",\"role\":\"reader\",\"clearance\":\"high\"}",
	        "clearance"},
	    {"account.add", "{\"name\":\"a\",\"role\":\"reader\",\"password\":\"short\"}",
	        "password"},
	    {"account.password", "{\"name\":\"nobody\",\"password\":\"long enough\"}", "nobody"},
	    {"account.certificate", "{\"name\":\"nobody\",\"sha256\":\"aa\"}", "nobody"},
	    {"token.add", "{\"account\":\"nobody\"}", "nobody"},
	    {"token.revoke", "{\"id\":\"abc\"}", "abc"},
	    {"collection.add", "{\"title\":\"T\",\"root\":\"none\"}", "root"},
	    {"collection.add", "{\"root\":\"none\"}", "title"},
	    {"root.add", "{\"title\":\"T\",\"name\":\"api\"}", "name"},
	    {"root.add", "{\"title\":\"T\",\"name\":\"a/b\"}", "name"},
	    {"account.add", "[]", "arguments"},
	    {"account.add", "{", ""},
	};
	struct scene s;

	(void)state;
	make(&s);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_not_equal(run(&s, CASES[i].op, CASES[i].args), OK);
		assert_non_null(strstr(s.w.fault.text, CASES[i].says));
		assert_int_equal(store_size(s.w.store), 0);
	}
	end(&s);
}

/* G25: who asks is looked up in the ledger, for every command. */
static void only_administrators_administer(void **state)
{
	static const char *const NOBODIES[] = {"reader", "analyst", "auditor", "gone", "none", ""};
	struct scene s;

	(void)state;
	make(&s);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"reader\",\"role\":\"reader\"}"), OK);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"analyst\",\"role\":\"analyst\"}"), OK);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"auditor\",\"role\":\"auditor\"}"), OK);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"admin\",\"role\":\"admin\"}"), OK);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"gone\",\"role\":\"admin\"}"), OK);
	assert_int_equal(run(&s, "account.remove", "{\"name\":\"gone\"}"), OK);
	assert_string_equal(s.op, "remove-password");
	for (size_t i = 0; i < sizeof(NOBODIES) / sizeof(NOBODIES[0]); i++) {
		uint64_t size = store_size(s.w.store);

		for (size_t n = 0; n < PART_COUNT; n++)
			for (const struct command *c = PARTS[n]->commands; c->op; c++)
				assert_int_equal(
				    run_as(&s, NOBODIES[i], c->op,
				        "{\"name\":\"reader\",\"role\":\"admin\",\"title\":\"T\"}"),
				    ERR_DENIED);
		assert_int_equal(store_size(s.w.store), size);
	}
	assert_int_equal(
	    run_as(&s, "admin", "account.add", "{\"name\":\"reader\",\"role\":\"analyst\"}"), OK);
	assert_true(decision_has(&s, "account/reader", "\"role\":\"analyst\""));
	end(&s);
}

static void of_a_token_only_the_digest_is_kept(void **state)
{
	struct scene s;
	char path[128], hex[65] = "";
	struct str token, id, secret, rest;
	struct sha256 digest;

	(void)state;
	make(&s);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"bot\",\"role\":\"analyst\"}"), OK);
	assert_int_equal(
	    run(&s, "token.add", "{\"account\":\"bot\",\"role\":\"admin\"}"), ERR_INVALID);
	assert_int_equal(
	    run(&s, "token.add", "{\"account\":\"bot\",\"expires\":\"2001-01-01T00:00:00Z\"}"),
	    ERR_INVALID);
	assert_int_equal(run(&s, "token.add", "{\"account\":\"bot\",\"role\":\"reader\"}"), OK);
	rest = str_from(buf_str(&s.reply), S("{\"token\":\"").n);
	token = str_cut(&rest, '"');
	secret = token;
	id = str_cut(&secret, '.');
	assert_true(secret.n >= 43);
	digest = sha256(secret);
	for (size_t i = 0; i < SHA256_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest.b[i]);
	(void)snprintf(path, sizeof(path), "token/%.*s", STR_ARG(id));
	assert_true(decision_has(&s, path, hex));
	for (uint64_t seq = 0; seq < store_size(s.w.store); seq++) {
		struct str c = store_content(s.w.store, seq);

		assert_int_equal(str_search(c, secret), c.n);
	}
	{
		char args[128];

		(void)snprintf(args, sizeof(args), "{\"id\":\"%.*s\"}", STR_ARG(id));
		assert_int_equal(run(&s, "token.revoke", args), OK);
		assert_true(decision_has(&s, path, "\"removed\":true,\"by\":\"local\""));
		assert_int_equal(run(&s, "token.revoke", args), ERR_NOT_FOUND);
	}
	end(&s);
}

#define CERT "AA000000000000000000000000000000000000000000000000000000000000ff"

static void a_certificate_is_one_accounts_only(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"a\",\"role\":\"reader\"}"), OK);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"b\",\"role\":\"reader\"}"), OK);
	assert_int_equal(
	    run(&s, "account.certificate", "{\"name\":\"a\",\"sha256\":\"" CERT "\"}"), OK);
	assert_int_equal(run(&s, "account.certificate", "{\"name\":\"b\",\"sha256\":\"" CERT "\"}"),
	    ERR_CONFLICT);
	/* A change of the role keeps the certificate; a removal frees it. */
	assert_int_equal(run(&s, "account.add", "{\"name\":\"a\",\"role\":\"analyst\"}"), OK);
	assert_true(decision_has(&s, "account/a", "\"certificate\":\"aa0"));
	assert_int_equal(run(&s, "account.remove", "{\"name\":\"a\"}"), OK);
	assert_int_equal(
	    run(&s, "account.certificate", "{\"name\":\"b\",\"sha256\":\"" CERT "\"}"), OK);
	end(&s);
}

static void a_subject_is_one_accounts_only_and_of_its_issuer(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"a\",\"role\":\"reader\"}"), OK);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"b\",\"role\":\"reader\"}"), OK);
	assert_int_equal(run(&s, "oidc.add", "{\"name\":\"a\",\"subject\":\"1\"}"), ERR_INVALID);
	s.config.oidc_issuer = S("https://sso.example");
	assert_int_equal(run(&s, "oidc.add", "{\"name\":\"a\",\"subject\":\"1\"}"), OK);
	assert_true(
	    decision_has(&s, "account/a", "\"issuer\":\"https://sso.example\",\"subject\":\""));
	assert_true(str_eq(people_by_name(s.w.people, S("a"))->subject, S("1")));
	assert_int_equal(run(&s, "oidc.add", "{\"name\":\"b\",\"subject\":\"1\"}"), ERR_CONFLICT);
	assert_int_equal(
	    run(&s, "oidc.add", "{\"name\":\"b\",\"subject\":\"a\\nb\"}"), ERR_INVALID);
	assert_int_equal(run(&s, "oidc.remove", "{\"name\":\"b\"}"), ERR_NOT_FOUND);
	/* A change of the role keeps the link. The same word of another provider is somebody else.
	 */
	assert_int_equal(run(&s, "account.add", "{\"name\":\"a\",\"role\":\"analyst\"}"), OK);
	assert_true(decision_has(&s, "account/a", "\"subject\":\""));
	s.config.oidc_issuer = S("https://other.example");
	assert_int_equal(run(&s, "oidc.add", "{\"name\":\"b\",\"subject\":\"1\"}"), OK);
	s.config.oidc_issuer = S("https://sso.example");
	assert_int_equal(run(&s, "oidc.remove", "{\"name\":\"a\"}"), OK);
	assert_false(decision_has(&s, "account/a", "subject"));
	assert_int_equal(run(&s, "oidc.add", "{\"name\":\"b\",\"subject\":\"1\"}"), OK);
	end(&s);
}

/* G27: what the ledger holds of people is an id, so that a name can go and nothing else does. */
static void no_name_and_no_subject_is_in_the_ledger(void **state)
{
	static const char *const SAID[] = {"jane-canary", "subject-canary"};
	struct scene s;
	struct str id;
	char text[64];

	(void)state;
	make(&s);
	s.config.oidc_issuer = S("https://sso.example");
	assert_int_equal(
	    run(&s, "account.add", "{\"name\":\"jane-canary\",\"role\":\"admin\"}"), OK);
	assert_int_equal(
	    run(&s, "oidc.add", "{\"name\":\"jane-canary\",\"subject\":\"subject-canary\"}"), OK);
	assert_int_equal(run(&s, "token.add", "{\"account\":\"jane-canary\"}"), OK);
	assert_int_equal(
	    run_as(&s, "jane-canary", "account.add", "{\"name\":\"other\",\"role\":\"reader\"}"),
	    OK);
	id = arena_str(s.w.arena, people_id(s.w.people, S("jane-canary")));
	assert_true(people_is_id(id));
	for (uint64_t seq = 0; seq < store_size(s.w.store); seq++)
		for (size_t i = 0; i < 2; i++) {
			struct str c = store_content(s.w.store, seq);
			struct str path = store_id(s.w.store, seq);

			assert_int_equal(str_search(c, str_c(SAID[i])), c.n);
			assert_int_equal(str_search(path, str_c(SAID[i])), path.n);
		}
	(void)snprintf(text, sizeof(text), "\"by\":\"%.*s\"", STR_ARG(id));
	assert_true(decision_has(&s, "account/other", text));
	/* One that is there is not forgotten; one that was is called by its id. */
	assert_int_equal(run(&s, "account.forget", "{\"name\":\"jane-canary\"}"), ERR_CONFLICT);
	assert_int_equal(run(&s, "account.remove", "{\"name\":\"jane-canary\"}"), OK);
	assert_true(decision_has(&s, "account/jane-canary", "\"removed\":true,\"by\":\"local\""));
	assert_int_equal(run(&s, "account.forget", "{\"name\":\"jane-canary\"}"), OK);
	assert_int_equal(run(&s, "account.forget", "{\"name\":\"jane-canary\"}"), ERR_NOT_FOUND);
	assert_true(str_eq(people_name(s.w.people, id), id));
	assert_null(people_by_subject(s.w.people, S("subject-canary")));
	/* Nobody becomes who that was: neither by the name nor by the id. */
	assert_int_equal(
	    run(&s, "account.add", "{\"name\":\"jane-canary\",\"role\":\"reader\"}"), OK);
	assert_false(str_eq(people_id(s.w.people, S("jane-canary")), id));
	assert_int_equal(
	    run(&s, "account.add", "{\"name\":\"u-aaaaaaaaaaaaaaaa\",\"role\":\"reader\"}"),
	    ERR_INVALID);
	end(&s);
}

/* An account from before there were ids keeps its name as one, and works on. */
static void an_account_without_an_id_works_on(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	world_decide(&s.w, "account/old", "{\"role\":\"admin\"}");
	world_commit(&s.w);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"old\",\"role\":\"admin\"}"), OK);
	assert_int_equal(
	    run_as(&s, "old", "account.add", "{\"name\":\"new\",\"role\":\"reader\"}"), OK);
	s.config.oidc_issuer = S("https://sso.example");
	assert_int_equal(run(&s, "oidc.add", "{\"name\":\"old\",\"subject\":\"1\"}"), OK);
	assert_true(str_eq(people_by_subject(s.w.people, S("1"))->id, S("old")));
	assert_true(decision_has(&s, "account/new", "\"by\":\"old\""));
	end(&s);
}

static void collections_get_numbers_that_none_had(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	world_decide(&s.w, "collection/00000000-0000-4000-8000-000000000001",
	    "{\"feed\":7,\"root\":\"intel\",\"alias\":\"all\"}");
	world_decide(&s.w, "collection/00000000-0000-4000-8000-000000000001", "{\"removed\":true}");
	assert_int_equal(run(&s, "root.add", "{\"name\":\"intel\",\"title\":\"Intel\"}"), OK);
	assert_true(decision_has(&s, "discovery", "[\"intel\"]"));
	/* What clients are told is what the server takes. */
	assert_true(decision_has(&s, "root/intel", "\"max_content_length\":4096,"));
	assert_int_equal(
	    run(&s, "root.add", "{\"name\":\"intel\",\"title\":\"Intel\"}"), ERR_CONFLICT);
	assert_int_equal(
	    run(&s, "collection.add", "{\"root\":\"intel\",\"title\":\"T\",\"alias\":\"all\"}"),
	    OK);
	{
		struct str rest = str_from(buf_str(&s.reply), S("{\"id\":\"").n);
		struct str id = str_cut(&rest, '"');
		char path[64];

		(void)snprintf(path, sizeof(path), "collection/%.*s", STR_ARG(id));
		assert_true(decision_has(&s, path, "\"feed\":8"));
	}
	assert_int_equal(
	    run(&s, "collection.add", "{\"root\":\"intel\",\"title\":\"T\",\"alias\":\"all\"}"),
	    ERR_CONFLICT);
	end(&s);
}

static void a_second_factor_is_decided_and_its_secret_is_not_in_the_ledger(void **state)
{
	const char *greta = "{\"name\":\"greta\"}";
	struct scene s;

	(void)state;
	make(&s);
	s.config.name = S("A & B");
	assert_int_equal(run(&s, "totp.add", greta), ERR_NOT_FOUND);
	assert_int_equal(run(&s, "account.add", "{\"name\":\"greta\",\"role\":\"reader\"}"), OK);
	s.signer_answer = ERR_LIMIT;
	assert_int_equal(run(&s, "totp.add", greta), ERR_LIMIT);
	assert_false(decision_has(&s, "account/greta", "totp"));
	s.signer_answer = OK;
	assert_int_equal(run(&s, "totp.add", greta), OK);
	assert_string_equal(s.op, "set-totp");
	assert_non_null(strstr(s.ticket.reply,
	    "\"otpauth://totp/A%20%26%20B:greta?secret=JBSWY3DP&issuer=A%20%26%20B&"
	    "algorithm=SHA1&digits=6&period=30\""));
	assert_true(decision_has(&s, "account/greta", "\"totp\":true"));
	for (uint64_t seq = 0; seq < store_size(s.w.store); seq++) {
		struct str c = store_content(s.w.store, seq);

		assert_int_equal(str_search(c, S("JBSWY3DP")), c.n);
	}
	/* Whatever else is changed of the account, it stays. */
	assert_int_equal(
	    run(&s, "account.add",
	        "{\"name\":\"greta\",\"role\":\"admin\",\"password\":\"long enough\"}"),
	    OK);
	assert_true(decision_has(&s, "account/greta", "\"totp\":true"));
	/* It is said to be gone before it is: never the other way round. */
	s.signer_answer = ERR_IO;
	assert_int_equal(run(&s, "totp.remove", greta), ERR_IO);
	assert_string_equal(s.op, "remove-totp");
	assert_false(decision_has(&s, "account/greta", "totp"));
	s.signer_busy = true;
	assert_int_equal(run(&s, "totp.add", greta), ERR_BUSY);
	assert_false(decision_has(&s, "account/greta", "totp"));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_password_goes_to_the_signer_and_never_into_the_ledger),
	    cmocka_unit_test(an_account_is_not_decided_when_the_signer_refuses),
	    cmocka_unit_test(arguments_that_cannot_be_are_refused_with_their_name),
	    cmocka_unit_test(only_administrators_administer),
	    cmocka_unit_test(of_a_token_only_the_digest_is_kept),
	    cmocka_unit_test(a_certificate_is_one_accounts_only),
	    cmocka_unit_test(a_subject_is_one_accounts_only_and_of_its_issuer),
	    cmocka_unit_test(no_name_and_no_subject_is_in_the_ledger),
	    cmocka_unit_test(an_account_without_an_id_works_on),
	    cmocka_unit_test(collections_get_numbers_that_none_had),
	    cmocka_unit_test(a_second_factor_is_decided_and_its_secret_is_not_in_the_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
