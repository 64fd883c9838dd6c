/* SPDX-License-Identifier: Apache-2.0 */
/* Peers: invitations, the exchange of statements, confirming, cutting. The link role brings what
 * comes by the network (peer.join); everything else only the operator on this machine may do. */
#include <string.h>

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/invitation.h"
#include "admin/peer_record.h"
#include "base/base64.h"
#include "base/mem.h"
#include "crypt/cert.h"
#include "crypt/random.h"
#include "ops/role.h"
#include "policy/level.h"
#include "store/store.h"
#include "sync/introduction.h"
#include "sys/files.h"

enum {
	MINUTES_DEFAULT = 60,
	MINUTES_MAX = 7 * 24 * 60,
	NONCE = 16,
	PEM_MAX = 1 << 20,
	PEERS_MAX = 256,
	LOOK_MAX = 1 << 20,
	SMALL = 8192,
};

static const usec MINUTE = 60 * USEC_PER_SEC;
#define CEILING_DEFAULT S("TLP:AMBER")

/* The certificate that our link shows. */
static enum err own_certificate(struct part *p, struct sha256 *out, struct fault *fault)
{
	const struct config *config = p->ctx->config;
	struct str path = config->link_certificate;
	struct str pem;

	if (!path.p)
		path = file_join(p->arena, p->ctx->dir, CONFIG_LINK_CERT);
	if (!file_exists(path))
		path = file_join(p->arena, p->ctx->dir, "tls/cert.pem");
	TRY(file_read(&pem, p->arena, path, PEM_MAX, fault));
	return cert_fingerprint(out, pem, fault);
}

static struct str hex_of(struct arena *arena, const void *bytes, size_t n)
{
	struct buf b;
	struct str out;

	buf_init(&b, 2 * n);
	buf_hex(&b, bytes, n);
	out = b.failed == OK ? arena_str(arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	return out;
}

static bool is_reachable(struct str listen)
{
	return listen.p && !str_starts(listen, S("0.0.0.0:")) && !str_starts(listen, S("[::]:")) &&
	       !str_ends(listen, S(":0"));
}

/* Where peers reach us, as far as the configuration says. */
static struct str own_address(const struct config *c)
{
	if (c->link_address.p)
		return c->link_address;
	return is_reachable(c->link_listen) ? c->link_listen : STR_NONE;
}

static enum err own_key(struct part *p, const char *file, struct str *out, struct fault *fault)
{
	struct str key;

	TRY(file_read(&key, p->arena, file_join(p->arena, p->ctx->dir, file), SMALL, fault));
	*out = str_trim(key);
	return OK;
}

static enum err own_statement(struct part *p, struct node_statement *out, struct fault *fault)
{
	const struct config *config = p->ctx->config;
	struct node_statement s = {.name = config->name,
	    .identity = config->identity,
	    .origin = config->origin,
	    .address = own_address(config),
	    .post_quantum = true};
	struct sha256 cert;

	TRY(own_certificate(p, &cert, fault));
	TRY(own_key(p, "ledger/public-key", &s.key, fault));
	TRY(own_key(p, "ledger/public-key-mldsa", &s.pq_key, fault));
	s.cert = hex_of(p->arena, cert.b, sizeof(cert.b));
	s.text = node_statement_text(p->arena, &s);
	if (!s.cert.p || !s.text.p)
		return fail(fault, ERR_NOMEM, "no memory for this node's statement");
	*out = s;
	return OK;
}

/* A command that needs our own signed statement: the signer is asked first, the rest is done when
 * it has answered. */
struct waiting {
	struct part *part;
	struct command_ticket *ticket;
	struct arena *arena; /* of args */
	struct str args;
	struct str by;
	enum err (*then)(struct part *p, const struct waiting *w, struct str note,
	    struct buf *reply, struct fault *fault);
};

static void on_signed(void *ctx, enum err status, struct str reply)
{
	struct waiting *w = ctx;
	struct fault fault = {.code = OK};
	struct buf out;

	buf_init(&out, 4 * NODE_STATEMENT_MAX);
	arena_reset(w->part->arena);
	if (status == OK)
		status = w->then(w->part, w, reply, &out, &fault);
	else
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	command_answer(w->ticket, status, status == OK ? buf_str(&out) : str_c(fault.text));
	buf_free(&out);
	arena_free(w->arena);
	mem_free(w);
}

static enum err ask_to_sign(struct waiting *w, struct fault *fault)
{
	const struct rpc *signer = &w->part->ctx->signer;
	struct rpc_call call = {.op = S("sign-statement"), .by = S("local"), .fd = -1};
	struct node_statement own;
	struct json_writer json;
	struct buf b;
	enum err rc;

	TRY(own_statement(w->part, &own, fault));
	buf_init(&b, 2 * NODE_STATEMENT_MAX);
	json = json_writer(&b);
	json_object(&json, NULL);
	json_put_str(&json, "text", own.text);
	json_end_object(&json);
	call.args = buf_str(&b);
	rc = b.failed == OK ? signer->call(signer->ctx, &call, on_signed, w) : b.failed;
	buf_free(&b);
	return rc == OK ? OK : fail(fault, rc, "the signer cannot be asked now; try again");
}

static enum err with_statement(struct part *p, const struct rpc_call *call,
    struct command_reply *reply,
    enum err (*then)(struct part *p, const struct waiting *w, struct str note, struct buf *reply,
        struct fault *fault),
    struct fault *fault)
{
	struct waiting *w = mem_alloc(sizeof(*w));
	enum err rc;

	w->part = p;
	w->ticket = reply->ticket;
	w->then = then;
	w->arena = arena_new(4 * NODE_STATEMENT_MAX);
	w->args = arena_str(w->arena, call->args);
	w->by = arena_str(w->arena, call->by);
	/* Before the call: the answer may come within it. */
	reply->later = true;
	rc = w->args.p && w->by.p ? ask_to_sign(w, fault)
	                          : fail(fault, ERR_LIMIT, "the arguments are too long");
	if (rc != OK) {
		reply->later = false;
		arena_free(w->arena);
		mem_free(w);
	}
	return rc;
}

static enum err read_args(yyjson_val **out, struct part *p, struct str args, struct fault *fault)
{
	const struct json_limits limits = {.bytes = 4 * NODE_STATEMENT_MAX, .depth = 4};

	return json_parse(out, p->arena, args, &limits, fault);
}

/* Like part_begin, for arguments as long as a statement; who may ask was checked by the core. */
static enum err begin(
    struct part *p, const struct rpc_call *call, yyjson_val **args, struct fault *fault)
{
	arena_reset(p->arena);
	return read_args(args, p, call->args, fault);
}

/* Answers with our statement alone. */
static enum err statement_then(struct part *p, const struct waiting *w, struct str note,
    struct buf *reply, struct fault *fault)
{
	struct json_writer json = json_writer(reply);

	(void)p;
	(void)w;
	(void)fault;
	json_object(&json, NULL);
	json_put_str(&json, "statement", note);
	json_end_object(&json);
	return OK;
}

static enum err own_then(struct part *p, const struct waiting *w, struct str note,
    struct buf *reply, struct fault *fault)
{
	char fingerprint[NODE_STATEMENT_FINGERPRINT + 1];
	struct json_writer json = json_writer(reply);
	struct node_statement own;

	(void)w;
	TRY(node_statement_read(&own, p->arena, note, fault));
	node_statement_fingerprint_one(fingerprint, own.text);
	json_object(&json, NULL);
	json_put_str(&json, "statement", note);
	json_put_str(&json, "fingerprint", str_c(fingerprint));
	json_end_object(&json);
	return OK;
}

/* Our statement, to be carried to another node as a file. */
static enum err peer_statement(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return with_statement(part, call, reply, own_then, fault);
}

/* Refuses a node that is a peer under another name, and one peer too many. */
static enum err check_others(struct part *p, const struct node_statement *said, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	struct part look = {.ctx = p->ctx, .arena = arena_new(LOOK_MAX)};
	size_t count = 0;
	enum err rc = OK;

	for (uint64_t seq = 0; rc == OK && seq < store_size_pending(s); seq++) {
		struct str id =
		    store_row(s, seq)->kind == RECORD_DECISION ? store_id(s, seq) : S("");
		struct peer_record r;

		if (!str_starts(id, S("peer/")) || store_find(s, id) != seq)
			continue;
		arena_reset(look.arena);
		if (peer_find(&r, &look, str_from(id, 5), NULL) != OK || r.state == PEER_CUT)
			continue;
		if (++count >= PEERS_MAX)
			rc = fail(fault, ERR_LIMIT, "a node has at most %d peers", PEERS_MAX);
		else if (str_eq(r.said.identity, said->identity) ||
		         (said->cert.n && str_eq(r.said.cert, said->cert)))
			rc = fail(fault, ERR_CONFLICT,
			    "that node is a peer already, under the name %.*s", STR_ARG(r.name));
	}
	arena_free(look.arena);
	return rc;
}

static enum err check_free(struct part *p, struct str name, struct fault *fault)
{
	struct peer_record r;

	if (peer_find(&r, p, name, NULL) == OK && r.state != PEER_CUT)
		return fail(fault, ERR_CONFLICT,
		    "%.*s is a peer already; `tocsin peer cut` ends that first", STR_ARG(name));
	return OK;
}

/* Whether a peer of this name that said this can be made. */
static enum err check_new(
    struct part *p, struct str name, const struct node_statement *said, struct fault *fault)
{
	TRY(check_free(p, name, fault));
	if (str_eq(said->identity, p->ctx->identity))
		return fail(fault, ERR_INVALID, "that is this node itself: the code is its own");
	return check_others(p, said, fault);
}

static enum err check_name(struct str name, struct fault *fault)
{
	return account_name_valid(name)
	           ? OK
	           : fail(fault, ERR_INVALID,
	                 "name: 1 to %d letters, digits and any of ._@- , the first a letter or "
	                 "digit; not \"local\"",
	                 ACCOUNT_NAME_MAX);
}

static enum err decide_invitation(
    struct part *p, const struct invitation *in, struct str name, usec expires, struct fault *fault)
{
	char id[INVITATION_ID + 1];
	struct sign_public verifier;
	struct json_writer w;
	struct buf b;
	enum err rc;

	TRY(invitation_verifier(&verifier, in, fault));
	invitation_id(id, in);
	buf_init(&b, SMALL);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "name", name);
	json_put_str(&w, "verifier", hex_of(p->arena, verifier.b, sizeof(verifier.b)));
	json_put_int(&w, "expires", expires);
	json_put_str(&w, "by", S("local"));
	json_end_object(&w);
	rc = b.failed == OK
	         ? admin_decide(p->ctx, arena_printf(p->arena, "invite/%s", id), buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "invitation: too long");
	buf_free(&b);
	return rc;
}

static enum err peer_invite(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	usec now = env_now(p->ctx->env);
	struct invitation in;
	yyjson_val *args, *minutes;
	int64_t count = MINUTES_DEFAULT;
	struct json_writer w;
	struct str name, code;

	TRY(begin(p, call, &args, fault));
	name = json_get_str(args, "name");
	TRY(check_name(name, fault));
	TRY(check_free(p, name, fault));
	minutes = yyjson_obj_get(args, "minutes");
	if (minutes)
		count = yyjson_get_sint(minutes);
	if (count < 1 || count > MINUTES_MAX)
		return fail(fault, ERR_INVALID, "minutes: 1 to %d", MINUTES_MAX);
	in.address = json_get_str(args, "address");
	if (!in.address.p)
		in.address = own_address(p->ctx->config);
	if (!in.address.p)
		return fail(fault, ERR_INVALID,
		    "address: where does this node's link listen? Give --address HOST:PORT, or "
		    "`address` in [link] of tocsin.conf");
	TRY(own_certificate(p, &in.cert, fault));
	random_secret(in.secret, sizeof(in.secret));
	TRY(invitation_format(&code, p->arena, &in, fault));
	TRY(decide_invitation(p, &in, name, now + count * MINUTE, fault));
	explicit_bzero(in.secret, sizeof(in.secret));
	w = json_writer(reply->json);
	json_object(&w, NULL);
	json_put_str(&w, "name", name);
	json_put_str(&w, "code", code);
	json_put_str(&w, "address", in.address);
	json_put_time(&w, "expires", now + count * MINUTE);
	json_end_object(&w);
	return OK;
}

/* An invitation as it was decided. */
struct invited {
	struct str path;
	struct str name;
	struct str verifier;
	usec expires;
};

static enum err find_invitation(
    struct part *p, struct str id, struct invited *out, struct fault *fault)
{
	struct str path =
	    arena_printf(p->arena, "invite/%.*s", STR_ARG(str_slice(id, 0, INVITATION_ID)));
	yyjson_val *root;

	if (id.n != INVITATION_ID || part_decided(p, path, &root) != OK)
		return fail(fault, ERR_DENIED,
		    "no such invitation here: the code is wrong, or of another node");
	if (yyjson_obj_get(root, "used"))
		return fail(fault, ERR_DENIED,
		    "this code was used already: each one works once; ask for another");
	*out = (struct invited){.path = path,
	    .name = json_get_str(root, "name"),
	    .verifier = json_get_str(root, "verifier"),
	    .expires = yyjson_get_sint(yyjson_obj_get(root, "expires"))};
	if (env_now(p->ctx->env) > out->expires)
		return fail(fault, ERR_DENIED, "this code has expired: ask for another");
	return OK;
}

static enum err check_proof(struct part *p, const struct invited *invited, yyjson_val *args,
    struct str statement, struct fault *fault)
{
	unsigned char binding[INVITATION_BINDING];
	struct sign_public verifier;
	struct str proof;

	if (!str_hex(verifier.b, sizeof(verifier.b), invited->verifier))
		return fail(fault, ERR_CORRUPT, "the invitation's record is damaged");
	if (!str_hex(binding, sizeof(binding), json_get_str(args, "binding")) ||
	    base64_decode(&proof, p->arena, json_get_str(args, "proof")) != OK ||
	    proof.n != ED25519_SIGNATURE)
		return fail(fault, ERR_PARSE, "the proof of the invitation is malformed");
	return invitation_check(&verifier, binding, statement, (const unsigned char *)proof.p)
	           ? OK
	           : fail(fault, ERR_DENIED, "the code is wrong: it does not prove the invitation");
}

static enum err use_invitation(struct part *p, const struct invited *invited, struct fault *fault)
{
	struct json_writer w;
	struct buf b;
	enum err rc;

	buf_init(&b, SMALL);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "name", invited->name);
	json_put_int(&w, "expires", invited->expires);
	json_put_int(&w, "used", env_now(p->ctx->env));
	json_end_object(&w);
	rc = admin_decide(p->ctx, invited->path, buf_str(&b), fault);
	buf_free(&b);
	return rc;
}

/* The other side's statement, as what it is to be held against. */
static enum err meet(struct part *p, struct peer_record *r, yyjson_val *args, struct str shown_cert,
    struct fault *fault)
{
	r->note = json_get_str(args, "statement");
	TRY(node_statement_read(&r->said, p->arena, r->note, fault));
	if (!str_eq(r->said.cert, shown_cert))
		return fail(fault, ERR_INVALID,
		    "the other node's statement names another certificate than its link shows");
	r->state = PEER_MET;
	r->ceiling = CEILING_DEFAULT;
	r->address = r->said.address;
	return OK;
}

static enum err set_fingerprint(struct part *p, struct peer_record *r, struct str own_note,
    struct str nonce, struct fault *fault)
{
	char fingerprint[NODE_STATEMENT_FINGERPRINT + 1];
	struct node_statement own;

	TRY(node_statement_read(&own, p->arena, own_note, fault));
	node_statement_fingerprint(fingerprint, own.text, r->said.text, nonce);
	r->fingerprint = arena_str(p->arena, str_c(fingerprint));
	return r->fingerprint.p ? OK : fail(fault, ERR_NOMEM, "no memory for a fingerprint");
}

static enum err join_then(struct part *p, const struct waiting *w, struct str note,
    struct buf *reply, struct fault *fault)
{
	struct peer_record r = {.invited = true, .by = S("link")};
	struct invited invited;
	unsigned char nonce[NONCE];
	struct json_writer json;
	struct str nonce_hex;
	yyjson_val *args;

	TRY(read_args(&args, p, w->args, fault));
	TRY(find_invitation(p, json_get_str(args, "id"), &invited, fault));
	TRY(meet(p, &r, args, json_get_str(args, "cert"), fault));
	TRY(check_proof(p, &invited, args, r.said.text, fault));
	r.name = invited.name;
	TRY(check_new(p, r.name, &r.said, fault));
	random_secret(nonce, sizeof(nonce));
	nonce_hex = hex_of(p->arena, nonce, sizeof(nonce));
	TRY(set_fingerprint(p, &r, note, nonce_hex, fault));
	TRY(use_invitation(p, &invited, fault));
	TRY(peer_decide(p, &r, fault));
	json = json_writer(reply);
	json_object(&json, NULL);
	json_put_str(&json, "statement", note);
	json_put_str(&json, "nonce", nonce_hex);
	json_end_object(&json);
	return OK;
}

/* From the link role: somebody unknown says that they were invited. */
static enum err peer_join(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct invited invited;
	yyjson_val *args;

	TRY(begin(p, call, &args, fault));
	/* Nobody unknown makes the signer work. */
	TRY(find_invitation(p, json_get_str(args, "id"), &invited, fault));
	return with_statement(p, call, reply, join_then, fault);
}

static enum err met_then(struct part *p, const struct waiting *w, struct str note,
    struct buf *reply, struct fault *fault)
{
	struct peer_record r = {.by = w->by};
	struct json_writer json;
	struct str nonce;
	yyjson_val *args;

	TRY(read_args(&args, p, w->args, fault));
	r.name = json_get_str(args, "name");
	nonce = json_get_str(args, "nonce");
	if (nonce.n != 2 * NONCE)
		return fail(fault, ERR_PARSE, "the other node's answer is malformed");
	TRY(meet(p, &r, args, json_get_str(args, "cert"), fault));
	TRY(check_new(p, r.name, &r.said, fault));
	/* It answered where the code said. */
	r.address = json_get_str(args, "address");
	TRY(set_fingerprint(p, &r, note, nonce, fault));
	TRY(peer_decide(p, &r, fault));
	json = json_writer(reply);
	json_object(&json, NULL);
	json_put_str(&json, "name", r.name);
	json_put_str(&json, "node", r.said.name);
	json_put_str(&json, "identity", r.said.identity);
	json_put_str(&json, "fingerprint", r.fingerprint);
	json_end_object(&json);
	return OK;
}

static enum err peer_met(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args;

	TRY(begin(p, call, &args, fault));
	TRY(check_name(json_get_str(args, "name"), fault));
	return with_statement(p, call, reply, met_then, fault);
}

/* Nothing ever comes from it, so there is nothing to check and to confirm. */
static enum err name_only(struct peer_record *r, struct str identity, struct fault *fault)
{
	if (!node_identity_valid(identity))
		return fail(fault, ERR_INVALID, "identity: not a STIX identity, identity--UUID");
	r->state = PEER_ACTIVE;
	r->said = (struct node_statement){
	    .name = r->name, .identity = identity, .origin = S(""), .key = S(""), .cert = S("")};
	r->note = r->fingerprint = S("");
	return OK;
}

/* A peer that no network leads to: its statement came as a file. What people compare is the
 * fingerprint of that statement, which its own node prints, so that one side alone can check it. */
static enum err peer_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct peer_record r = {.state = PEER_MET, .ceiling = CEILING_DEFAULT, .by_file = true};
	char fingerprint[NODE_STATEMENT_FINGERPRINT + 1];
	struct part *p = part;
	struct json_writer json;
	yyjson_val *args;

	TRY(begin(p, call, &args, fault));
	r.name = json_get_str(args, "name");
	TRY(check_name(r.name, fault));
	r.by = call->by;
	if (yyjson_obj_get(args, "identity")) {
		TRY(name_only(&r, json_get_str(args, "identity"), fault));
	} else {
		r.note = json_get_str(args, "statement");
		TRY(node_statement_read(&r.said, p->arena, r.note, fault));
		node_statement_fingerprint_one(fingerprint, r.said.text);
		r.fingerprint = str_c(fingerprint);
	}
	TRY(check_new(p, r.name, &r.said, fault));
	TRY(peer_decide(p, &r, fault));
	json = json_writer(reply->json);
	json_object(&json, NULL);
	json_put_str(&json, "name", r.name);
	json_put_str(&json, "node", r.said.name);
	json_put_str(&json, "identity", r.said.identity);
	json_put_str(&json, "fingerprint", r.fingerprint);
	json_end_object(&json);
	return OK;
}

/* Before a code is used: whether a peer of this name could be made. Answers with our statement. */
static enum err peer_may(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args;

	TRY(begin(p, call, &args, fault));
	TRY(check_name(json_get_str(args, "name"), fault));
	TRY(check_free(p, json_get_str(args, "name"), fault));
	return with_statement(p, call, reply, statement_then, fault);
}

/* Who gets objects of it through us learns from us who it is. What others had introduced under its
 * identity was somebody else when the keys differ: people must know. */
static enum err keep_statement(struct part *p, const struct peer_record *r, struct fault *fault)
{
	struct peer_record introduced;
	struct str path = introduction_path(p->arena, r->said.identity),
	           json = introduction_json(p->arena, r->note, r->by);

	if (r->note.n == 0)
		return OK;
	if (peer_find(&introduced, p, r->said.identity, NULL) == OK && introduced.introduced_by.n &&
	    !str_eq(introduced.said.key, r->said.key))
		log_event(p->ctx->log, LOG_ALERT, "peer.introduced-otherwise",
		    LOG_KV({"peer", r->name}, {"by", introduced.introduced_by}));
	return path.p && json.p ? admin_decide(p->ctx, path, json, fault)
	                        : fail(fault, ERR_NOMEM, "no memory for a statement");
}

static enum err peer_confirm(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct peer_record r;
	yyjson_val *args;

	(void)reply;
	TRY(begin(p, call, &args, fault));
	TRY(peer_find(&r, p, json_get_str(args, "name"), fault));
	if (r.state == PEER_CUT)
		return fail(fault, ERR_CONFLICT,
		    "%.*s was cut: a new invitation makes it a peer again", STR_ARG(r.name));
	if (!node_statement_fingerprint_eq(json_get_str(args, "fingerprint"), r.fingerprint))
		return fail(fault, ERR_DENIED,
		    "that is not the fingerprint: either it was misread, or somebody is between "
		    "the two nodes; compare it with the other side by telephone, and cut the peer "
		    "when it differs");
	r.state = PEER_ACTIVE;
	r.by = call->by;
	TRY(keep_statement(p, &r, fault));
	return peer_decide(p, &r, fault);
}

static enum err peer_cut(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct peer_record r;
	yyjson_val *args;

	(void)reply;
	TRY(begin(p, call, &args, fault));
	TRY(peer_find(&r, p, json_get_str(args, "name"), fault));
	r.state = PEER_CUT;
	r.by = call->by;
	return peer_decide(p, &r, fault);
}

static enum err peer_ceiling(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct levels levels = {0};
	enum tlp tlp = TLP_CLEAR;
	struct peer_record r;
	yyjson_val *args;
	struct buf text;

	(void)reply;
	TRY(begin(p, call, &args, fault));
	TRY(peer_find(&r, p, json_get_str(args, "name"), fault));
	TRY(clearance_parse(&tlp, &levels, json_get_str(args, "ceiling"), fault));
	buf_init(&text, SMALL);
	clearance_put(&text, tlp, &levels);
	r.ceiling = text.failed == OK ? arena_str(p->arena, buf_str(&text)) : STR_NONE;
	buf_free(&text);
	if (!r.ceiling.p)
		return fail(fault, ERR_LIMIT, "ceiling: too long");
	r.by = call->by;
	return peer_decide(p, &r, fault);
}

static const struct command COMMANDS[] = {
    {.op = "peer.invite", .local = true, .run = peer_invite},
    {.op = "peer.may", .local = true, .run = peer_may},
    {.op = "peer.met", .local = true, .run = peer_met},
    {.op = "peer.statement", .local = true, .run = peer_statement},
    {.op = "peer.add", .local = true, .run = peer_add},
    {.op = "peer.confirm", .local = true, .run = peer_confirm},
    {.op = "peer.cut", .local = true, .run = peer_cut},
    {.op = "peer.ceiling", .local = true, .run = peer_ceiling},
    {.op = "peer.join", .link = true, .run = peer_join},
    {0},
};

const struct command_part ADMIN_PEERS = {
    .name = "peers",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
