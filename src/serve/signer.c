/* SPDX-License-Identifier: Apache-2.0 */
/* The role that holds what must not leak: the ledger's private key and the password verifiers. It
 * answers core alone, opens nothing after its start and has no network. */
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "crypt/cert.h"
#include "crypt/pkcs11.h"
#include "crypt/random.h"
#include "seal/seal.h"
#include "serve/cert/expiry.h"
#include "serve/keys.h"
#include "serve/passwords.h"
#include "serve/role.h"
#include "serve/witnesses.h"
#include "store/compromise.h"
#include "store/link_cert.h"
#include "store/merkle.h"
#include "sync/member.h"
#include "sync/node_statement.h"
#include "sync/package.h"
#include "sys/env.h"
#include "sys/message.h"
#include "sys/rpc_chan.h"

enum { CALL_ARENA_MAX = 1 << 20, FEED_NAME_MAX = 512 };

struct signer {
	struct node_role *role;
	struct key_ring ring;
	struct pkcs11 *token; /* NULL: keys are files */
	struct passwords *passwords;
	struct witness witness;
	struct witnesses *feeds;
	struct cms_signer *mail; /* NULL: there is none, because of `no_mail` */
	struct expiry *expiry;   /* of its certificate */
	struct fault no_mail;
	struct chan *core;
	struct arena *arena; /* of one call */
};

/* Everything of one call. */
struct request {
	struct signer *s;
	yyjson_val *args;
	struct str reply;
};

struct op {
	const char *name;
	enum err (*run)(struct request *rq, struct fault *fault);
};

static struct note_signer signer_now(const struct signer *s)
{
	return ledger_keys_signer(&s->ring.keys[s->ring.current], s->role->config.origin);
}

static enum err read_proof(
    struct witness_step *out, struct arena *arena, yyjson_val *list, struct fault *fault)
{
	size_t count = yyjson_arr_size(list);
	struct sha256 *hashes;
	yyjson_arr_iter it = yyjson_arr_iter_with(list);

	if (count > MERKLE_PATH_MAX)
		return fail(fault, ERR_LIMIT, "a proof has at most %d hashes", MERKLE_PATH_MAX);
	hashes = arena_array(arena, count, sizeof(*hashes));
	if (!hashes)
		return fail(fault, ERR_NOMEM, "no memory for a proof");
	for (size_t i = 0; i < count; i++) {
		struct str bytes;

		TRY(base64_decode(&bytes, arena, json_str(yyjson_arr_iter_next(&it))));
		if (bytes.n != SHA256_LEN)
			return fail(fault, ERR_PARSE, "a hash of a proof is not 32 bytes");
		memcpy(hashes[i].b, bytes.p, SHA256_LEN);
	}
	out->proof = hashes;
	out->proof_count = count;
	return OK;
}

static enum err sign_checkpoint(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	struct str origin = s->role->config.origin;
	struct str text = json_get_str(rq->args, "text");
	struct witness_step step = {
	    .old_size = yyjson_get_uint(yyjson_obj_get(rq->args, "old_size"))};
	const struct note_signer signer = signer_now(s);

	TRY(read_proof(&step, s->arena, yyjson_obj_get(rq->args, "proof"), fault));
	TRY(witness_admit(&s->witness, text, origin, &step, fault));
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

/* Texts of one form and of this node's own identity alone: whatever else core is made to ask for, a
 * signature of this key never stands under it. */
static enum err sign_seal(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	const struct note_signer signer = signer_now(s);
	struct str text = json_get_str(rq->args, "text");
	struct seal seal;

	TRY(seal_read(&seal, text, fault));
	if (str_search(text, S("\n\n")) != text.n)
		return fail(fault, ERR_INVALID, "not the text of a seal");
	if (!str_eq(seal.identity, s->role->config.identity))
		return fail(fault, ERR_DENIED, "a seal of another identity is not signed");
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

/* The head of a peer's feed: "<origin>/to/<peer>", a witness each. */
static enum err sign_head(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	struct str origin = s->role->config.origin;
	const struct note_signer signer = signer_now(s);
	struct str text = json_get_str(rq->args, "text");
	struct str rest = text;
	struct str feed = str_cut(&rest, '\n');
	struct witness_step step = {
	    .old_size = yyjson_get_uint(yyjson_obj_get(rq->args, "old_size"))};

	if (!str_starts(feed, origin) || !str_starts(str_from(feed, origin.n), S("/to/")) ||
	    feed.n > FEED_NAME_MAX)
		return fail(fault, ERR_DENIED, "a head of another node's feed is not signed");
	TRY(read_proof(&step, s->arena, yyjson_obj_get(rq->args, "proof"), fault));
	TRY(witnesses_admit(s->feeds, text, feed, &step, fault));
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

/* That something was taken: it claims nothing about this node's own records. */
static enum err sign_receipt(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	const struct note_signer signer = signer_now(s);
	struct str text = json_get_str(rq->args, "text");

	if (!str_starts(text, S("tocsin receipt 1\n")) || str_search(text, S("\n\n")) != text.n)
		return fail(fault, ERR_DENIED, "not the text of a receipt");
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

/* The header of a package from this node and no other. */
static enum err sign_package(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	const struct note_signer signer = signer_now(s);
	struct str text = json_get_str(rq->args, "text");
	struct sync_package package;

	TRY(sync_package_get(&package, text, fault));
	if (!str_eq(package.from, s->role->config.identity) ||
	    str_search(text, S("\n\n")) != text.n)
		return fail(fault, ERR_DENIED, "not the header of a package of this node");
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

static enum err sign_cms(
    struct str *out, struct request *rq, const struct sha256 *digest, struct fault *fault)
{
	struct signer *s = rq->s;
	struct str der;

	if (!s->mail)
		return fail(fault, s->no_mail.code, "%s", s->no_mail.text);
	TRY(cms_sign(&der, s->arena, s->mail, digest,
	    yyjson_get_sint(yyjson_obj_get(rq->args, "time")), fault));
	*out = base64_encode(s->arena, der);
	return out->p ? OK : fail(fault, ERR_NOMEM, "no memory for a signature");
}

static enum err signed_reply(
    struct request *rq, struct str note, struct str signature, struct fault *fault)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, CALL_ARENA_MAX / 4);
	w = json_writer(&b);
	json_object(&w, NULL);
	if (note.p)
		json_put_str(&w, "note", note);
	if (signature.p)
		json_put_str(&w, "signature", signature);
	json_end_object(&w);
	rq->reply = b.failed == OK ? arena_str(rq->s->arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	return rq->reply.p ? OK : fail(fault, ERR_NOMEM, "no memory for a signature");
}

/* A part for a member of this node: the ledger's keys sign what it is, the key for mail its
 * content, unless a mail around it will be signed. */
static enum err sign_member(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	const struct note_signer signer = signer_now(s);
	struct str text = json_get_str(rq->args, "text"), note, signature = STR_NONE;
	struct member_part part;

	TRY(member_part_get(&part, s->arena, text, fault));
	if (!str_eq(part.from, s->role->config.identity))
		return fail(fault, ERR_DENIED, "a part of another node is not signed");
	TRY(note_sign(&note, s->arena, text, &signer, fault));
	if (!yyjson_get_bool(yyjson_obj_get(rq->args, "mail")))
		TRY(sign_cms(&signature, rq, &part.content, fault));
	return signed_reply(rq, note, signature, fault);
}

/* A mail to a member, of which only the hash comes here. */
static enum err sign_mail(struct request *rq, struct fault *fault)
{
	struct str signature = STR_NONE, bytes;
	struct sha256 digest;

	TRY(base64_decode(&bytes, rq->s->arena, json_get_str(rq->args, "sha256")));
	if (bytes.n != SHA256_LEN)
		return fail(fault, ERR_INVALID, "not a hash to be signed");
	memcpy(digest.b, bytes.p, SHA256_LEN);
	TRY(sign_cms(&signature, rq, &digest, fault));
	return signed_reply(rq, STR_NONE, signature, fault);
}

/* A statement of this node, for its peers; its key signs nothing else that begins so. */
static enum err sign_statement(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	struct str text = json_get_str(rq->args, "text");
	const struct note_signer signer = signer_now(s);

	if (!str_starts(text, NODE_STATEMENT_HEAD) || text.n > NODE_STATEMENT_MAX ||
	    str_search(text, S("\n\n")) != text.n)
		return fail(fault, ERR_INVALID, "not a statement to be signed");
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

static struct key_lines lines_of(struct signer *s, int place)
{
	const struct ledger_keys *keys = &s->ring.keys[place];
	struct str origin = s->role->config.origin;
	struct sign_public public = sign_key_public(keys->key);

	return (struct key_lines){.key = note_verifier_format(s->arena, origin, &public),
	    .pq_key = note_verifier_format_mldsa(s->arena, origin, mldsa_key_public(keys->mldsa))};
}

/* Fresh keys, and the statement that they follow the ones that sign now, signed by both. They do
 * not count before core has that in the ledger and says so. */
static enum err make_keys(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	const struct note_signer old = signer_now(s);
	struct rotation r = {.identity = s->role->config.identity,
	    .time = yyjson_get_sint(yyjson_obj_get(rq->args, "time")),
	    .size = yyjson_get_uint(yyjson_obj_get(rq->args, "size"))};
	struct note_signer new;
	struct str first, second;
	struct buf text;
	enum err rc;

	TRY(key_ring_make(&s->ring, fault));
	new = ledger_keys_signer(&s->ring.keys[!s->ring.current], old.name);
	r.before = lines_of(s, s->ring.current);
	r.after = lines_of(s, !s->ring.current);
	buf_init(&text, ROTATION_NOTE_MAX);
	rotation_text(&text, &r);
	rc = text.failed;
	if (rc == OK)
		rc = note_sign(&first, s->arena, buf_str(&text), &old, fault);
	if (rc == OK)
		rc = note_sign(&second, s->arena, buf_str(&text), &new, fault);
	if (rc == OK)
		rq->reply = arena_printf(
		    s->arena, "%.*s%.*s", STR_ARG(first), STR_ARG(str_from(second, text.n + 1)));
	buf_free(&text);
	return rc != OK || rq->reply.p ? rc : fail(fault, ERR_NOMEM, "no memory for a statement");
}

/* That earlier keys were in other hands; never of those that sign it. */
static enum err sign_compromise(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	struct str text = json_get_str(rq->args, "text");
	const struct note_signer signer = signer_now(s);
	struct compromise c;

	TRY(compromise_read(&c, text, fault));
	if (str_search(text, S("\n\n")) != text.n ||
	    !str_eq(c.identity, s->role->config.identity) ||
	    compromise_names(&c, lines_of(s, s->ring.current).key))
		return fail(fault, ERR_DENIED, "not a statement about this node's earlier keys");
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

/* Which certificate this node's link will show. */
static enum err sign_link(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;
	struct str text = json_get_str(rq->args, "text");
	const struct note_signer signer = signer_now(s);
	struct link_cert c;

	TRY(link_cert_read(&c, text, fault));
	if (str_search(text, S("\n\n")) != text.n || !str_eq(c.identity, s->role->config.identity))
		return fail(fault, ERR_DENIED, "not a statement about this node's link");
	return note_sign(&rq->reply, s->arena, text, &signer, fault);
}

static enum err use_keys(struct request *rq, struct fault *fault)
{
	struct signer *s = rq->s;

	return key_ring_use(
	    &s->ring, s->role->config.origin, json_get_str(rq->args, "key"), s->arena, fault);
}

static enum err set_password(struct request *rq, struct fault *fault)
{
	return passwords_set(rq->s->passwords, json_get_str(rq->args, "name"),
	    json_get_str(rq->args, "password"), fault);
}

static enum err copy_password(struct request *rq, struct fault *fault)
{
	return passwords_copy(rq->s->passwords, json_get_str(rq->args, "name"),
	    json_get_str(rq->args, "from"), fault);
}

/* Whether there is a second factor is said only to who knows the first. */
static enum err verify_password(struct request *rq, struct fault *fault)
{
	struct str name = json_get_str(rq->args, "name");

	if (!passwords_verify(rq->s->passwords, name, json_get_str(rq->args, "password")))
		return fail(fault, ERR_DENIED, "wrong name or password");
	return passwords_totp_check(
	    rq->s->passwords, name, json_get_str(rq->args, "code"), env_now(sys_env()), fault);
}

/* The secret is made here, leaves once, and stays. */
static enum err set_totp(struct request *rq, struct fault *fault)
{
	unsigned char secret[TOTP_SECRET];
	char text[TOTP_TEXT + 1];
	enum err rc;

	random_secret(secret, sizeof(secret));
	totp_text(text, secret);
	rc = passwords_totp_set(rq->s->passwords, json_get_str(rq->args, "name"), secret, fault);
	explicit_bzero(secret, sizeof(secret));
	rq->reply = arena_printf(rq->s->arena, "{\"secret\":\"%s\"}", text);
	explicit_bzero(text, sizeof(text));
	return rc == OK && !rq->reply.p ? fail(fault, ERR_NOMEM, "no memory for a secret") : rc;
}

static enum err remove_totp(struct request *rq, struct fault *fault)
{
	return passwords_totp_remove(rq->s->passwords, json_get_str(rq->args, "name"), fault);
}

static enum err remove_password(struct request *rq, struct fault *fault)
{
	return passwords_remove(rq->s->passwords, json_get_str(rq->args, "name"), fault);
}

static const struct op OPS_OF_SIGNER[] = {
    {"sign-checkpoint", sign_checkpoint},
    {"sign-seal", sign_seal},
    {"sign-head", sign_head},
    {"sign-receipt", sign_receipt},
    {"sign-package", sign_package},
    {"sign-member", sign_member},
    {"sign-mail", sign_mail},
    {"sign-statement", sign_statement},
    {"make-keys", make_keys},
    {"use-keys", use_keys},
    {"sign-compromise", sign_compromise},
    {"sign-link", sign_link},
    {"set-password", set_password},
    {"copy-password", copy_password},
    {"verify-password", verify_password},
    {"remove-password", remove_password},
    {"set-totp", set_totp},
    {"remove-totp", remove_totp},
};

static enum err run(struct request *rq, const struct rpc_call *call, struct fault *fault)
{
	bool signs = str_starts(call->op, S("sign-")) || str_eq(call->op, S("make-keys"));

	if (signs && rq->s->ring.lost)
		return fail(fault, ERR_DENIED,
		    "the keys that the ledger says to sign with are not in keys/: put back the "
		    "folder keys/ of this node's newest backup");
	TRY(json_parse(&rq->args, rq->s->arena, call->args, &JSON_LIMITS_OBJECT, fault));
	for (size_t i = 0; i < sizeof(OPS_OF_SIGNER) / sizeof(OPS_OF_SIGNER[0]); i++)
		if (str_eq(call->op, str_c(OPS_OF_SIGNER[i].name)))
			return OPS_OF_SIGNER[i].run(rq, fault);
	return fail(fault, ERR_UNSUPPORTED, "the signer has no such operation");
}

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct signer *s = ctx;
	struct request rq = {.s = s, .reply = S("{}")};
	struct rpc_call call;
	struct fault fault;
	enum err rc = rpc_call_read(&call, m, &fault);

	arena_reset(s->arena);
	if (rc == OK)
		rc = run(&rq, &call, &fault);
	/* When core is gone meanwhile, on_closed says so. */
	(void)!rpc_reply_send(chan, m->id, rc, rc == OK ? rq.reply : str_c(fault.text));
}

static void on_closed(void *ctx, struct chan *chan)
{
	struct signer *s = ctx;

	chan_free(chan);
	if (s->core == chan)
		s->core = NULL;
}

static void signer_peer(struct node_role *role, struct str name, int fd)
{
	struct signer *s = role->state;

	(void)name;
	chan_free(s->core);
	s->core = chan_new(&(struct chan_options){.loop = role->loop,
	    .fd = fd,
	    .body_max = RPC_ARGS_MAX + 1024,
	    .message = on_message,
	    .closed = on_closed,
	    .ctx = s});
}

/* A token's module runs in here: it may have the folder that the operator gives it, where it keeps
 * what it needs while it works, and nothing else. */
static enum err confine(struct signer *s, struct fault *fault)
{
	struct str files = s->role->config.pkcs11_files;
	const struct sandbox_path path = {files, true};

	if (!s->token || !files.p)
		return role_confine(s->role, &(struct sandbox){0}, fault);
	return role_confine(s->role,
	    &(struct sandbox){
	        .needs = SANDBOX_FILES | SANDBOX_CHANGE, .paths = &path, .path_count = 1},
	    fault);
}

/* A node does not stand still because mail cannot be signed. */
static void open_mail(struct signer *s)
{
	struct node_role *role = s->role;
	usec expires;

	if (mail_key_open(&s->mail, role->dir, &role->config, s->arena, &s->no_mail) != OK) {
		log_event(&role->log, LOG_ERROR, "signer.no-mail",
		    LOG_KV({"text", str_c(s->no_mail.text)}));
		return;
	}
	if (cert_expires(&expires, cms_signer_certificates(s->mail, s->arena), NULL) == OK)
		s->expiry = expiry_new(
		    &(struct expiry_of){role, "mail-certificate-expires",
		        "The certificate by which members without a node check mail and bundles",
		        "Put a new key and certificate in keys/mail.pem, start the node again, and "
		        "give "
		        "the members tls/mail.pem."},
		    expires);
}

static enum err signer_open(struct node_role *role, struct fault *fault)
{
	struct signer *s = mem_alloc(sizeof(*s));

	s->role = role;
	s->witness.fd = -1;
	s->ring = (struct key_ring){.files = {{-1, -1}, {-1, -1}}};
	s->arena = arena_new(CALL_ARENA_MAX);
	role->state = s;
	TRY(ledger_token_open(&s->token, &role->config, role->arena, fault));
	TRY(key_ring_open(&s->ring, role->dir, role->config.origin, s->token, s->arena, fault));
	TRY(passwords_open(&s->passwords, role_path(role, "keys/passwords"), fault));
	TRY(witness_open(&s->witness, role_path(role, "keys/signed"), fault));
	TRY(witnesses_open(&s->feeds, role_path(role, "keys/signed-feeds"), fault));
	open_mail(s);
	TRY(confine(s, fault));
	role_ready(role);
	return OK;
}

static void signer_close(struct node_role *role)
{
	struct signer *s = role->state;

	chan_free(s->core);
	key_ring_close(&s->ring);
	pkcs11_close(s->token);
	passwords_close(s->passwords);
	witness_close(&s->witness);
	witnesses_close(s->feeds);
	expiry_free(s->expiry);
	cms_signer_free(s->mail);
	arena_free(s->arena);
	mem_free(s);
}

const struct node_role_class ROLE_SIGNER_CLASS = {
    .name = "signer", .open = signer_open, .peer = signer_peer, .close = signer_close};
