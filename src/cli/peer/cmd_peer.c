/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs about peers. What changes the node is asked of the core; what has to be said to another
 * node (accept, test) this process says itself, with the node's own certificate. */
#include <stdio.h>
#include <string.h>

#include "admin/invitation.h"
#include "base/base64.h"
#include "cli/cmd.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "gate/peers.h"
#include "link/admit.h"
#include "link/visit.h"
#include "serve/serve.h"
#include "stix/marking.h"
#include "sync/node_statement.h"
#include "sys/address.h"
#include "sys/config.h"
#include "sys/env.h"
#include "sys/files.h"

enum { ARENA_MAX = 32 << 20, ARGS_MAX = 64 << 10, TEXT_MAX = 256 << 10, PEM_MAX = 1 << 20 };

/* What one of these verbs works with. */
struct work {
	struct arena *arena;
	struct str dir;
	struct str name;
	struct config config;
	struct ssl_ctx_st *tls; /* NULL until open_tls */
	bool json;
};

/* One call to the core. `args` is written by the caller: an object that is not ended yet. */
static enum err call(struct work *w, const char *op, struct json_writer *args, struct str *reply,
    struct fault *fault)
{
	struct rpc_call rpc = {.op = str_c(op), .by = S("local"), .fd = -1};

	json_end_object(args);
	rpc.args = buf_str(args->out);
	if (args->out->failed != OK)
		return fail(fault, ERR_LIMIT, "the arguments are too long");
	return node_call(w->dir, &rpc, w->arena, reply, fault);
}

static struct json_writer begin_args(struct buf *b, const struct work *w)
{
	struct json_writer args = json_writer(b);

	json_object(&args, NULL);
	json_put_str(&args, "name", w->name);
	return args;
}

/* name and one more text: the commands that only decide something. */
static enum err decide(
    struct work *w, const char *op, const char *key, const char *value, struct fault *fault)
{
	struct json_writer args;
	struct str reply;
	struct buf b;
	enum err rc;

	buf_init(&b, ARGS_MAX);
	args = begin_args(&b, w);
	if (key)
		json_put_str(&args, key, str_c(value));
	rc = call(w, op, &args, &reply, fault);
	buf_free(&b);
	return rc;
}

static void open_work(struct work *w, char **argv)
{
	w->arena = arena_new(ARENA_MAX);
	w->dir = str_c(argv[1]);
	w->name = str_c(argv[2]);
}

static void close_work(struct work *w)
{
	tls_link_free(w->tls);
	arena_free(w->arena);
}

static enum err open_tls(struct work *w, struct fault *fault)
{
	struct tls_link_options o = {0};
	struct str cert, key;

	TRY(config_read(&w->config, w->arena, w->dir, fault));
	config_link_files(&cert, &key, &w->config, w->dir, w->arena);
	TRY(file_read(&o.cert_pem, w->arena, cert, PEM_MAX, fault));
	TRY(file_read(&o.key_pem, w->arena, key, PEM_MAX, fault));
	return tls_link_new(&w->tls, &o, fault);
}

/* The reply as --json gives it, or `text` for people. */
static int print(const struct work *w, struct str reply, struct str text)
{
	struct buf out;
	int code;

	buf_init(&out, TEXT_MAX);
	if (w->json)
		terminal_put_json(&out, reply);
	else
		buf_put(&out, text);
	if (w->json)
		buf_byte(&out, '\n');
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

struct invite_options {
	const char *address;
	uint64_t minutes;
};

static enum err invite(
    struct work *w, const struct invite_options *o, struct str *reply, struct fault *fault)
{
	struct json_writer args;
	struct buf b;
	enum err rc;

	buf_init(&b, ARGS_MAX);
	args = begin_args(&b, w);
	if (o->address)
		json_put_str(&args, "address", str_c(o->address));
	if (o->minutes)
		json_put_int(&args, "minutes", (int64_t)(o->minutes & INT32_MAX));
	rc = call(w, "peer.invite", &args, reply, fault);
	buf_free(&b);
	return rc;
}

static int print_invitation(struct work *w, struct str reply)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	yyjson_val *root;
	struct str text;

	if (json_parse(&root, w->arena, reply, &limits, &fault) != OK)
		return cmd_fail("peer invite", &fault);
	text = arena_printf(w->arena,
	    "%.*s\n\nGive this code to %.*s over a way you trust; it works once, until %.*s.\n"
	    "There: tocsin peer accept DIR YOUR-NAME CODE\n"
	    "Then compare the fingerprint that `tocsin peer show` prints on both sides, by "
	    "telephone,\n"
	    "and make the link active on both: tocsin peer confirm DIR NAME FINGERPRINT\n",
	    STR_ARG(json_get_str(root, "code")), STR_ARG(json_get_str(root, "name")),
	    STR_ARG(json_get_str(root, "expires")));
	return print(w, reply, text);
}

int cmd_peer_invite(int argc, char **argv)
{
	struct work w = {0};
	struct invite_options o = {0};
	const struct cmd_option options[] = {{"address", CMD_TEXT, &o.address},
	    {"minutes", CMD_NUMBER, &o.minutes}, {"json", CMD_FLAG, &w.json}, {0}};
	struct fault fault;
	struct str reply;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	open_work(&w, argv);
	if (invite(&w, &o, &reply, &fault) == OK)
		code = print_invitation(&w, reply);
	else
		code = cmd_fail(argv[0], &fault);
	close_work(&w);
	return code;
}

/* What proves, to the node that made the code, that we have it. */
struct proving {
	struct work *work;
	struct invitation invitation;
	struct str address; /* the invitation's, numeric */
	struct str note;    /* our statement, signed */
};

static enum err say_join(
    void *ctx, const struct tls_facts *facts, struct buf *body, struct fault *fault)
{
	struct proving *p = ctx;
	struct arena *arena = p->work->arena;
	unsigned char proof[ED25519_SIGNATURE];
	char id[INVITATION_ID + 1];
	struct node_statement own;
	struct join j;

	if (!sha256_eq(&facts->cert, &p->invitation.cert))
		return fail(fault, ERR_DENIED,
		    "%.*s: the node there has another certificate than the code says: the code is "
		    "of another node, or somebody is between; nothing was said to it",
		    STR_ARG(p->invitation.address));
	if (!facts->post_quantum)
		return fail(fault, ERR_DENIED,
		    "%.*s: the key exchange is classical only (%s); something between takes "
		    "X25519MLKEM768 away; nothing was said",
		    STR_ARG(p->invitation.address), facts->group);
	TRY(node_statement_read(&own, arena, p->note, fault));
	TRY(invitation_prove(proof, &p->invitation, facts->binding, own.text, fault));
	invitation_id(id, &p->invitation);
	j = (struct join){.id = str_c(id),
	    .proof = base64_encode(arena, (struct str){(const char *)proof, sizeof(proof)}),
	    .statement = p->note};
	join_put(body, &j);
	return OK;
}

/* The word of the other node, or why there is none. */
static enum err visit_inviter(struct proving *p, struct joined *out, struct fault *fault)
{
	struct arena *arena = p->work->arena;
	struct visit visit = {.tls = p->work->tls,
	    .say = say_join,
	    .ctx = p,
	    .type = LINK_JOIN,
	    .expected = LINK_JOINED};
	struct visit_result result;
	struct fault why;
	enum err rc;

	TRY(address_resolve(&p->address, arena, p->invitation.address, fault));
	visit.address = p->address;
	rc = link_visit(&result, arena, &visit, &why);
	if (rc != OK && result.end == WIRE_REFUSED)
		return fail(fault, rc, "%.*s: the inviting node says: %s",
		    STR_ARG(p->invitation.address), why.text);
	if (rc != OK && result.end != WIRE_OPEN)
		return fail(fault, rc,
		    "%.*s: not reachable: %s; does the node there run, with [link] listen?",
		    STR_ARG(p->invitation.address), why.text);
	if (rc != OK)
		return fail(fault, rc, "%s", why.text);
	return joined_read(out, arena, result.answer, fault);
}

static enum err tell_core(
    struct proving *p, const struct joined *joined, struct str *reply, struct fault *fault)
{
	char cert[2 * SHA256_LEN + 1];
	struct json_writer args;
	struct buf b;
	enum err rc;

	admit_hex(cert, &p->invitation.cert);
	buf_init(&b, ARGS_MAX);
	args = begin_args(&b, p->work);
	json_put_str(&args, "statement", joined->statement);
	json_put_str(&args, "nonce", joined->nonce);
	json_put_str(&args, "cert", str_c(cert));
	/* The link role may look no names up. */
	json_put_str(&args, "address", p->address);
	rc = call(p->work, "peer.met", &args, reply, fault);
	buf_free(&b);
	return rc;
}

/* Whether a peer of this name can be made, before the code is used up; gives our statement. */
static enum err ask_core(struct proving *p, struct fault *fault)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct json_writer args;
	yyjson_val *root;
	struct str reply;
	struct buf b;
	enum err rc;

	buf_init(&b, ARGS_MAX);
	args = begin_args(&b, p->work);
	rc = call(p->work, "peer.may", &args, &reply, fault);
	buf_free(&b);
	TRY(rc);
	TRY(json_parse(&root, p->work->arena, reply, &limits, fault));
	p->note = json_get_str(root, "statement");
	return OK;
}

static enum err accept_code(
    struct work *w, const char *code, struct str *reply, struct fault *fault)
{
	struct proving p = {.work = w};
	struct joined joined;

	TRY(invitation_parse(&p.invitation, w->arena, str_c(code), fault));
	TRY(open_tls(w, fault));
	TRY(ask_core(&p, fault));
	TRY(visit_inviter(&p, &joined, fault));
	return tell_core(&p, &joined, reply, fault);
}

static int print_met(struct work *w, struct str reply)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	yyjson_val *root;
	struct buf text;
	int code;

	if (json_parse(&root, w->arena, reply, &limits, &fault) != OK)
		return cmd_fail("peer accept", &fault);
	buf_init(&text, TEXT_MAX);
	buf_put(&text, S("met "));
	terminal_put(&text, json_get_str(root, "node"));
	buf_printf(&text, " (%.*s)\nfingerprint %.*s\n\n", STR_ARG(json_get_str(root, "identity")),
	    STR_ARG(json_get_str(root, "fingerprint")));
	buf_put(
	    &text, S("Compare it with the other side by telephone. When it is the same, on both "
	             "sides:\ntocsin peer confirm DIR NAME FINGERPRINT\n"));
	code = print(w, reply, buf_str(&text));
	buf_free(&text);
	return code;
}

int cmd_peer_accept(int argc, char **argv)
{
	struct work w = {0};
	const struct cmd_option options[] = {{"json", CMD_FLAG, &w.json}, {0}};
	struct fault fault;
	struct str reply;
	int code;

	if (cmd_parse(argc, argv, options, 3, 3) < 0)
		return EXIT_NONE;
	open_work(&w, argv);
	if (accept_code(&w, argv[3], &reply, &fault) == OK)
		code = print_met(&w, reply);
	else
		code = cmd_fail(argv[0], &fault);
	close_work(&w);
	return code;
}

static int print_statement(struct work *w, struct str reply)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	yyjson_val *root;

	if (json_parse(&root, w->arena, reply, &limits, &fault) != OK)
		return cmd_fail("peer statement", &fault);
	/* Beside the statement, which is mostly sent into a file. */
	if (!w->json)
		(void)fprintf(
		    stderr, "fingerprint %.*s\n", STR_ARG(json_get_str(root, "fingerprint")));
	return print(w, reply, json_get_str(root, "statement"));
}

int cmd_peer_statement(int argc, char **argv)
{
	struct work w = {0};
	const struct cmd_option options[] = {{"json", CMD_FLAG, &w.json}, {0}};
	struct rpc_call rpc = {
	    .op = S("peer.statement"), .by = S("local"), .args = S("{}"), .fd = -1};
	struct fault fault;
	struct str reply;
	int code;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	w.arena = arena_new(ARENA_MAX);
	w.dir = str_c(argv[1]);
	if (node_call(w.dir, &rpc, w.arena, &reply, &fault) == OK)
		code = print_statement(&w, reply);
	else
		code = cmd_fail(argv[0], &fault);
	close_work(&w);
	return code;
}

/* A statement in a file, or an identity alone. */
static enum err add(
    struct work *w, const char *file, const char *identity, struct str *reply, struct fault *fault)
{
	struct str note = STR_NONE;
	struct json_writer args;
	struct buf b;
	enum err rc;

	if (!file == !identity)
		return fail(fault, ERR_INVALID, "either FILE or --identity says who it is");
	if (file)
		TRY(file_read(&note, w->arena, str_c(file), NODE_STATEMENT_MAX, fault));
	buf_init(&b, ARGS_MAX);
	args = begin_args(&b, w);
	json_put_str(&args, file ? "statement" : "identity", file ? note : str_c(identity));
	rc = call(w, "peer.add", &args, reply, fault);
	buf_free(&b);
	return rc;
}

static int print_added(struct work *w, struct str reply)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	struct str fingerprint;
	yyjson_val *root;
	struct buf text;
	int code;

	if (json_parse(&root, w->arena, reply, &limits, &fault) != OK)
		return cmd_fail("peer add", &fault);
	buf_init(&text, TEXT_MAX);
	buf_put(&text, S("met "));
	terminal_put(&text, json_get_str(root, "node"));
	buf_printf(&text, " (%.*s)\n", STR_ARG(json_get_str(root, "identity")));
	fingerprint = json_get_str(root, "fingerprint");
	if (fingerprint.n)
		buf_printf(&text,
		    "fingerprint %.*s\n\nHave somebody of that node read out what `tocsin peer "
		    "statement` prints there. When\nit is the same: tocsin peer confirm DIR NAME "
		    "FINGERPRINT\n",
		    STR_ARG(fingerprint));
	code = print(w, reply, buf_str(&text));
	buf_free(&text);
	return code;
}

int cmd_peer_add(int argc, char **argv)
{
	struct work w = {0};
	const char *identity = NULL;
	const struct cmd_option options[] = {
	    {"identity", CMD_TEXT, &identity}, {"json", CMD_FLAG, &w.json}, {0}};
	int words = cmd_parse(argc, argv, options, 2, 3);
	struct fault fault;
	struct str reply;
	int code;

	if (words < 0)
		return EXIT_NONE;
	open_work(&w, argv);
	if (add(&w, words > 2 ? argv[3] : NULL, identity, &reply, &fault) == OK)
		code = print_added(&w, reply);
	else
		code = cmd_fail(argv[0], &fault);
	close_work(&w);
	return code;
}

/* DIR NAME and, with a key, one more word. */
static int decide_verb(int argc, char **argv, const char *op, const char *key)
{
	const struct cmd_option options[] = {{0}};
	int words = key ? 3 : 2;
	struct work w = {0};
	struct fault fault;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, words, words) < 0)
		return EXIT_NONE;
	open_work(&w, argv);
	if (decide(&w, op, key, key ? argv[3] : NULL, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	close_work(&w);
	return code;
}

int cmd_peer_confirm(int argc, char **argv)
{
	return decide_verb(argc, argv, "peer.confirm", "fingerprint");
}

int cmd_peer_cut(int argc, char **argv)
{
	return decide_verb(argc, argv, "peer.cut", NULL);
}

int cmd_peer_ceiling(int argc, char **argv)
{
	return decide_verb(argc, argv, "peer.ceiling", "ceiling");
}

/* What a test found; one line of text for people. */
struct finding {
	bool good;
	const char *code; /* for programs */
	struct str text;
	struct tls_facts facts;
	bool shook;
	struct clock_skew clock;
};

struct testing {
	struct work *work;
	struct link_peer peer;
	enum admit verdict;
	usec asked;
	bool by_file;
};

static enum err say_hello(
    void *ctx, const struct tls_facts *facts, struct buf *body, struct fault *fault)
{
	struct testing *t = ctx;

	t->verdict = link_admit(&t->peer, facts);
	if (t->verdict != ADMIT_YES)
		return fail(fault, ERR_DENIED, "%s", admit_words_here(t->verdict));
	t->asked = env_now(sys_env());
	hello_put(body, &(struct hello){.identity = t->work->config.identity, .test = true});
	return OK;
}

/* What stands in the way before anything is dialled. */
static bool stands_in_the_way(const struct testing *t, struct finding *f)
{
	static const struct {
		const char *state, *code;
		enum admit verdict;
	} STATES[] = {{"met", "unconfirmed", ADMIT_MET}, {"cut", "cut", ADMIT_CUT}};

	for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
		if (!str_eq(t->peer.state, str_c(STATES[i].state)))
			continue;
		f->code = STATES[i].code;
		f->text = str_c(admit_words_here(STATES[i].verdict));
		return true;
	}
	if (t->peer.address.n)
		return false;
	f->code = "no-address";
	f->text =
	    t->by_file
	        ? S("no link leads to it, its statement came as a file: `tocsin package status` "
	            "says how old its packages are")
	        : S("no address of it is known: it has to dial this node; `tocsin peer list` says "
	            "whether it has, `tocsin peer test` on its side why not");
	return true;
}

static const char *code_of(const struct testing *t, const struct visit_result *r)
{
	static const char *const CODES[] = {
	    [WIRE_OPEN] = "protocol",
	    [WIRE_UNREACHABLE] = "unreachable",
	    [WIRE_NO_TLS] = "tls",
	    [WIRE_REFUSED] = "refused",
	    [WIRE_GONE] = "gone",
	    [WIRE_SILENT] = "silent",
	    [WIRE_BROKEN] = "protocol",
	    [WIRE_LEFT] = "protocol",
	};

	if (t->verdict == ADMIT_OTHER)
		return "certificate";
	if (t->verdict == ADMIT_CLASSICAL)
		return "classical";
	return CODES[r->end];
}

static const char *words_before(enum wire_end end)
{
	return end == WIRE_UNREACHABLE ? "not reachable: "
	       : end == WIRE_NO_TLS    ? "no TLS connection can be made: "
	       : end == WIRE_REFUSED   ? "it refuses: "
	       : end == WIRE_GONE      ? "it ended the connection: "
	                               : "";
}

static void judge_answer(
    struct testing *t, const struct visit_result *r, struct finding *f, struct fault *fault)
{
	struct arena *arena = t->work->arena;
	struct welcome welcome;

	f->code = "protocol";
	if (welcome_read(&welcome, arena, r->answer, fault) != OK) {
		f->text = str_c(fault->text);
		return;
	}
	if (!str_eq(welcome.identity, t->peer.identity)) {
		f->text = S("it answers under another identity than the one pinned");
		return;
	}
	f->clock = clock_skew(t->asked, welcome.now, t->asked + r->trip);
	f->good = !clock_is_off(&f->clock);
	f->code = f->good ? "good" : "clock";
	f->text =
	    f->good
	        ? S("good")
	        : arena_printf(arena, "its clock is %.1f s %s this node's: set both clocks (NTP)",
	              (double)(f->clock.skew < 0 ? -f->clock.skew : f->clock.skew) / USEC_PER_SEC,
	              f->clock.skew < 0 ? "behind" : "ahead of");
}

static enum err test_way(struct testing *t, struct finding *f, struct fault *fault)
{
	struct arena *arena = t->work->arena;
	struct visit visit = {.tls = t->work->tls,
	    .say = say_hello,
	    .ctx = t,
	    .type = LINK_HELLO,
	    .expected = LINK_WELCOME};
	struct visit_result result;
	enum err rc = address_resolve(&visit.address, arena, t->peer.address, fault);

	if (rc != OK) {
		f->code = "unreachable";
		f->text = arena_str(arena, str_c(fault->text));
		return OK;
	}
	rc = link_visit(&result, arena, &visit, fault);
	f->facts = result.facts;
	f->shook = result.facts.group[0] != '\0';
	if (rc == OK) {
		judge_answer(t, &result, f, fault);
		return OK;
	}
	f->code = code_of(t, &result);
	f->text = arena_printf(
	    arena, "%s%s", t->verdict == ADMIT_YES ? words_before(result.end) : "", fault->text);
	return f->text.p ? OK : fail(fault, ERR_NOMEM, "no memory for an answer");
}

static enum err load_peer(struct testing *t, struct fault *fault)
{
	struct reader reader = gate_local_reader();
	struct gate_ask ask = {.reader = &reader, .outlet = OUTLET_API, .arena = t->work->arena};
	struct gate_peer peer;
	enum err rc;

	TRY(gate_open(&ask.gate, t->work->dir, sys_env(), fault));
	rc = gate_peer(&ask, t->work->name, &peer, fault);
	gate_close(ask.gate);
	TRY(rc);
	t->by_file = peer.by_file;
	t->peer = (struct link_peer){.name = t->work->name,
	    .state = peer.state,
	    .identity = peer.identity,
	    .cert = peer.cert,
	    .next_cert = peer.next_cert,
	    .address = peer.address,
	    .post_quantum = peer.post_quantum};
	return OK;
}

static enum err test(struct work *w, struct finding *f, struct fault *fault)
{
	struct testing t = {.work = w};

	TRY(open_tls(w, fault));
	TRY(load_peer(&t, fault));
	if (stands_in_the_way(&t, f))
		return OK;
	return test_way(&t, f, fault);
}

static int print_finding(struct work *w, const struct finding *f)
{
	struct json_writer json;
	struct buf reply, text;
	int code;

	buf_init(&reply, TEXT_MAX);
	buf_init(&text, TEXT_MAX);
	json = json_writer(&reply);
	json_object(&json, NULL);
	json_put_str(&json, "name", w->name);
	json_put_bool(&json, "good", f->good);
	json_put_str(&json, "code", str_c(f->code));
	json_put_str(&json, "message", f->text);
	if (f->shook) {
		json_put_str(&json, "group", str_c(f->facts.group));
		json_put_bool(&json, "post_quantum", f->facts.post_quantum);
	}
	if (f->good)
		json_put_real(&json, "clock_skew", (double)f->clock.skew / USEC_PER_SEC);
	json_end_object(&json);
	buf_printf(&text, "%.*s: ", STR_ARG(w->name));
	terminal_put(&text, f->text);
	if (f->shook)
		buf_printf(&text, " (%s, %s)", f->facts.group,
		    f->facts.post_quantum ? "post-quantum" : "classical");
	buf_byte(&text, '\n');
	code = print(w, buf_str(&reply), buf_str(&text));
	buf_free(&reply);
	buf_free(&text);
	return code != EXIT_GOOD ? code : f->good ? EXIT_GOOD : EXIT_SOME;
}

int cmd_peer_test(int argc, char **argv)
{
	struct work w = {0};
	const struct cmd_option options[] = {{"json", CMD_FLAG, &w.json}, {0}};
	struct finding f = {0};
	struct fault fault;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	open_work(&w, argv);
	if (test(&w, &f, &fault) == OK)
		code = print_finding(&w, &f);
	else
		code = cmd_fail(argv[0], &fault);
	close_work(&w);
	return code;
}
