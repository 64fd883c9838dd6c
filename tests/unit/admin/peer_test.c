/* SPDX-License-Identifier: Apache-2.0 */
/* Invitations, meeting, confirming and cutting, over two real ledgers with a signer each and a
 * clock that the test turns. */
#include "world.h"

#include "admin/admin.h"
#include "admin/invitation.h"
#include "base/base64.h"
#include "codec/json.h"
#include "crypt/cert.h"
#include "crypt/sign.h"
#include "sync/node_statement.h"
#include "sys/files.h"

enum { REPLY_MAX = 64 << 10 };

static const unsigned char BINDING[INVITATION_BINDING] = {7};

struct command_ticket {
	enum err status;
	char reply[REPLY_MAX];
};

struct node {
	struct world w;
	struct config config;
	struct command_ctx ctx;
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct arena *arena;
	char cert[65];
	void *part;
	struct command_ticket ticket;
	struct buf reply;
	struct str said; /* what the newest command answered, in the arena */
};

void command_answer(struct command_ticket *t, enum err status, struct str reply)
{
	t->status = status;
	(void)snprintf(t->reply, sizeof(t->reply), "%.*s", STR_ARG(reply));
}

static enum err signer_call(void *ctx, const struct rpc_call *call, rpc_done done, void *done_ctx)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct node *n = ctx;
	const struct note_signer by = {.name = n->config.origin, .key = n->key, .mldsa = n->mldsa};
	struct str note;
	yyjson_val *args;

	assert_true(str_eq(call->op, S("sign-statement")));
	assert_int_equal(json_parse(&args, n->arena, call->args, &limits, NULL), OK);
	assert_int_equal(note_sign(&note, n->arena, json_get_str(args, "text"), &by, NULL), OK);
	done(done_ctx, OK, note);
	return OK;
}

static void put_file(struct node *n, const char *name, struct str text)
{
	assert_int_equal(
	    file_write(file_join(n->arena, str_c(n->w.dir), name), text, 0600, NULL), OK);
}

static void make_files(struct node *n, struct str name)
{
	const struct str hosts[] = {S("localhost")};
	const struct cert_request request = {
	    .name = name, .hosts = hosts, .host_count = 1, .days = 30};
	struct sign_public public = sign_key_public(n->key);
	struct sha256 cert;
	struct str pem, key;
	struct buf hex;

	assert_int_equal(cert_make(&pem, &key, n->arena, &request, NULL), OK);
	assert_int_equal(cert_fingerprint(&cert, pem, NULL), OK);
	buf_init(&hex, 64);
	buf_hex(&hex, cert.b, sizeof(cert.b));
	(void)snprintf(n->cert, sizeof(n->cert), "%.*s", STR_ARG(buf_str(&hex)));
	buf_free(&hex);
	assert_int_equal(
	    file_make_dir(file_join(n->arena, str_c(n->w.dir), "tls"), 0700, NULL), OK);
	put_file(n, "tls/cert.pem", pem);
	put_file(n, "ledger/public-key", note_verifier_format(n->arena, n->config.origin, &public));
	put_file(n, "ledger/public-key-mldsa",
	    note_verifier_format_mldsa(n->arena, n->config.origin, mldsa_key_public(n->mldsa)));
}

static void node_make(struct node *n, unsigned char number)
{
	unsigned char seed[ED25519_SEED] = {number};

	memset(n, 0, sizeof(*n));
	world_make(&n->w);
	n->arena = arena_new(64 << 20);
	assert_int_equal(sign_key_from_seed(&n->key, seed), OK);
	assert_int_equal(mldsa_key_from_seed(&n->mldsa, seed), OK);
	n->config.name = arena_printf(n->arena, "Node %u", number);
	n->config.origin = arena_printf(n->arena, "tocsin/%u", number);
	n->config.identity =
	    arena_printf(n->arena, "identity--00000000-0000-4000-8000-%012u", number);
	n->config.link_listen = S("192.0.2.1:9443");
	n->ctx = (struct command_ctx){.store = n->w.store,
	    .people = n->w.people,
	    .env = &n->w.env,
	    .config = &n->config,
	    .dir = str_c(n->w.dir),
	    .identity = n->config.identity,
	    .signer = {signer_call, n}};
	make_files(n, n->config.name);
	assert_int_equal(ADMIN_PEERS.open(&n->part, &n->ctx, NULL), OK);
	buf_init(&n->reply, REPLY_MAX);
}

static void node_end(struct node *n)
{
	ADMIN_PEERS.close(n->part);
	buf_free(&n->reply);
	sign_key_free(n->key);
	mldsa_key_free(n->mldsa);
	arena_free(n->arena);
	world_end(&n->w);
}

static enum err run(struct node *n, const char *op, struct str args)
{
	struct rpc_call call = {str_c(op), S("local"), args, -1};
	struct command_reply reply = {.json = &n->reply, .ticket = &n->ticket};
	const struct command *c;
	enum err rc;

	for (c = ADMIN_PEERS.commands; strcmp(c->op, op) != 0; c++)
		;
	buf_reset(&n->reply);
	n->w.fault = (struct fault){.code = OK};
	rc = c->run(n->part, &call, &reply, &n->w.fault);
	if (rc == OK && reply.later) {
		rc = n->ticket.status;
		n->said = arena_str(n->arena, str_c(n->ticket.reply));
		if (rc != OK)
			(void)fail(&n->w.fault, rc, "%s", n->ticket.reply);
	} else {
		n->said = arena_str(n->arena, buf_str(&n->reply));
	}
	world_commit(&n->w);
	return rc;
}

static struct str member(struct node *n, const char *key)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root;

	assert_int_equal(json_parse(&root, n->arena, n->said, &limits, NULL), OK);
	return json_get_str(root, key);
}

/* One node invites, the other has the code; what its link would bring. */
struct meeting {
	struct node host, guest;
	struct invitation invitation;
	struct str statement; /* the guest's, signed */
	struct str fingerprint;
};

static void meeting_make(struct meeting *m)
{
	node_make(&m->host, 1);
	node_make(&m->guest, 2);
	assert_int_equal(run(&m->host, "peer.invite", S("{\"name\":\"guest\"}")), OK);
	assert_int_equal(
	    invitation_parse(&m->invitation, m->host.arena, member(&m->host, "code"), NULL), OK);
	assert_int_equal(run(&m->guest, "peer.may", S("{\"name\":\"host\"}")), OK);
	m->statement = member(&m->guest, "statement");
}

static void meeting_end(struct meeting *m)
{
	node_end(&m->host);
	node_end(&m->guest);
}

static struct str join_args(struct meeting *m, const char *cert)
{
	struct arena *arena = m->host.arena;
	unsigned char proof[ED25519_SIGNATURE];
	char id[INVITATION_ID + 1];
	struct node_statement said;
	struct json_writer w;
	struct str args;
	struct buf b;

	assert_int_equal(node_statement_read(&said, arena, m->statement, NULL), OK);
	assert_int_equal(invitation_prove(proof, &m->invitation, BINDING, said.text, NULL), OK);
	invitation_id(id, &m->invitation);
	buf_init(&b, REPLY_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "id", str_c(id));
	json_put_str(
	    &w, "proof", base64_encode(arena, (struct str){(const char *)proof, sizeof(proof)}));
	json_put_str(&w, "statement", m->statement);
	json_put_str(
	    &w, "binding", S("0700000000000000000000000000000000000000000000000000000000000000"));
	json_put_str(&w, "cert", str_c(cert));
	json_end_object(&w);
	args = arena_str(arena, buf_str(&b));
	buf_free(&b);
	return args;
}

static enum err join(struct meeting *m)
{
	return run(&m->host, "peer.join", join_args(m, m->guest.cert));
}

static bool says(const struct node *n, const char *words)
{
	if (!strstr(n->w.fault.text, words))
		print_error("said: %s\n", n->w.fault.text);
	return strstr(n->w.fault.text, words) != NULL;
}

static bool record_has(struct node *n, const char *path, const char *part)
{
	uint64_t seq = store_find(n->w.store, str_c(path));

	return seq != STORE_NONE && str_search(store_content(n->w.store, seq), str_c(part)) <
	                                store_content(n->w.store, seq).n;
}

static void both_sides_hold_the_same_fingerprint_and_confirm_it(void **state)
{
	struct meeting m;
	struct json_writer w;
	struct str print;
	struct buf b;

	(void)state;
	meeting_make(&m);
	assert_int_equal(join(&m), OK);
	assert_true(record_has(&m.host, "peer/guest", "\"state\":\"met\""));
	buf_init(&b, REPLY_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "name", S("host"));
	json_put_str(&w, "statement", member(&m.host, "statement"));
	json_put_str(&w, "nonce", member(&m.host, "nonce"));
	json_put_str(&w, "cert", str_c(m.host.cert));
	json_put_str(&w, "address", m.invitation.address);
	json_end_object(&w);
	assert_int_equal(run(&m.guest, "peer.met", buf_str(&b)), OK);
	buf_free(&b);
	print = member(&m.guest, "fingerprint");
	assert_true(record_has(&m.host, "peer/guest", print.p));
	assert_int_equal(run(&m.guest, "peer.confirm",
	                     S("{\"name\":\"host\",\"fingerprint\":\"00000-00000-00000-00000\"}")),
	    ERR_DENIED);
	assert_true(record_has(&m.guest, "peer/host", "\"state\":\"met\""));
	assert_int_equal(
	    run(&m.guest, "peer.confirm",
	        arena_printf(m.guest.arena, "{\"name\":\"host\",\"fingerprint\":\"%s\"}", print.p)),
	    OK);
	assert_true(record_has(&m.guest, "peer/host", "\"state\":\"active\""));
	/* G18: one command. */
	assert_int_equal(run(&m.guest, "peer.cut", S("{\"name\":\"host\"}")), OK);
	assert_true(record_has(&m.guest, "peer/host", "\"state\":\"cut\""));
	meeting_end(&m);
}

static void a_code_that_has_expired_is_refused(void **state)
{
	struct meeting m;

	(void)state;
	meeting_make(&m);
	m.host.w.clock += 61 * 60 * USEC_PER_SEC;
	assert_int_equal(join(&m), ERR_DENIED);
	assert_true(says(&m.host, "expired"));
	assert_int_equal(store_find(m.host.w.store, S("peer/guest")), STORE_NONE);
	m.host.w.clock -= 2 * 60 * USEC_PER_SEC;
	assert_int_equal(join(&m), OK);
	meeting_end(&m);
}

static void a_code_works_once(void **state)
{
	struct meeting m;

	(void)state;
	meeting_make(&m);
	assert_int_equal(join(&m), OK);
	assert_int_equal(join(&m), ERR_DENIED);
	assert_true(says(&m.host, "used already"));
	meeting_end(&m);
}

static void who_has_not_the_code_is_refused_whatever_else_he_has(void **state)
{
	struct meeting m;
	struct str args;
	char *p;

	(void)state;
	meeting_make(&m);
	/* Over another connection: the proof was made for a binding that begins with 07. */
	args = join_args(&m, m.guest.cert);
	p = strstr((char *)(uintptr_t)args.p, "\"binding\":\"07");
	assert_non_null(p);
	memcpy(p, "\"binding\":\"08", 13);
	assert_int_equal(run(&m.host, "peer.join", args), ERR_DENIED);
	assert_true(says(&m.host, "does not prove"));
	/* With another certificate than the statement's. */
	assert_int_equal(run(&m.host, "peer.join", join_args(&m, m.host.cert)), ERR_INVALID);
	assert_true(says(&m.host, "another certificate"));
	/* An id that nobody gave. */
	m.invitation.secret[0] ^= 1;
	assert_int_equal(join(&m), ERR_DENIED);
	assert_true(says(&m.host, "no such invitation"));
	assert_int_equal(store_find(m.host.w.store, S("peer/guest")), STORE_NONE);
	meeting_end(&m);
}

static void the_ledger_keeps_nothing_that_proves_an_invitation(void **state)
{
	struct meeting m;
	struct str secret;

	(void)state;
	meeting_make(&m);
	secret = (struct str){(const char *)m.invitation.secret, INVITATION_SECRET};
	for (uint64_t seq = 0; seq < store_size(m.host.w.store); seq++) {
		struct str c = store_content(m.host.w.store, seq);
		struct buf hex;

		buf_init(&hex, 64);
		buf_hex(&hex, secret.p, secret.n);
		assert_int_equal(str_search(c, secret), c.n);
		assert_int_equal(str_search(c, buf_str(&hex)), c.n);
		buf_free(&hex);
	}
	meeting_end(&m);
}

static void a_node_is_a_peer_under_one_name(void **state)
{
	struct meeting m;

	(void)state;
	meeting_make(&m);
	assert_int_equal(join(&m), OK);
	assert_int_equal(run(&m.host, "peer.invite", S("{\"name\":\"guest\"}")), ERR_CONFLICT);
	assert_int_equal(run(&m.host, "peer.invite", S("{\"name\":\"other\"}")), OK);
	assert_int_equal(
	    invitation_parse(&m.invitation, m.host.arena, member(&m.host, "code"), NULL), OK);
	assert_int_equal(join(&m), ERR_CONFLICT);
	assert_true(says(&m.host, "under the name guest"));
	/* Cut, it may come again, under whatever name. */
	assert_int_equal(run(&m.host, "peer.cut", S("{\"name\":\"guest\"}")), OK);
	assert_int_equal(join(&m), OK);
	meeting_end(&m);
}

static void what_people_may_ask_is_bounded(void **state)
{
	static const char *const BAD[] = {"{\"name\":\"\"}", "{\"name\":\"local\"}",
	    "{\"name\":\"a b\"}", "{\"name\":\"x\",\"minutes\":0}",
	    "{\"name\":\"x\",\"minutes\":100000}"};
	struct node n;

	(void)state;
	node_make(&n, 1);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(run(&n, "peer.invite", str_c(BAD[i])), ERR_INVALID);
	n.config.link_listen = S("0.0.0.0:9443");
	assert_int_equal(run(&n, "peer.invite", S("{\"name\":\"x\"}")), ERR_INVALID);
	assert_true(says(&n, "--address"));
	assert_int_equal(
	    run(&n, "peer.invite", S("{\"name\":\"x\",\"address\":\"192.0.2.9:1\"}")), OK);
	assert_int_equal(run(&n, "peer.cut", S("{\"name\":\"x\"}")), ERR_NOT_FOUND);
	node_end(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_sides_hold_the_same_fingerprint_and_confirm_it),
	    cmocka_unit_test(a_code_that_has_expired_is_refused),
	    cmocka_unit_test(a_code_works_once),
	    cmocka_unit_test(who_has_not_the_code_is_refused_whatever_else_he_has),
	    cmocka_unit_test(the_ledger_keeps_nothing_that_proves_an_invitation),
	    cmocka_unit_test(a_node_is_a_peer_under_one_name),
	    cmocka_unit_test(what_people_may_ask_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
