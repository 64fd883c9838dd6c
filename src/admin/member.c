/* SPDX-License-Identifier: Apache-2.0 */
/* Members without a node, by file and by mail: what is pinned of them, and the numbering and
 * signing of what they are given. What a part holds was decided by the gate, where it is read; here
 * its record numbers, count and hash become the decision "member-out/ACCOUNT". */
#include <string.h>

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "base/base64.h"
#include "base/mem.h"
#include "codec/mime.h"
#include "codec/time.h"
#include "crypt/cms.h"
#include "sync/member.h"

enum {
	ARGS_MAX = 2 << 20, /* record numbers of a part */
	WRITE_MEMORY = 16 << 20,
	DECISION_MAX = 2 << 20,
	REPLY_MAX = 1 << 20,
	OBJECTS_MOST = 1 << 20,
};

/* A signature that the signer was asked for. */
struct pending {
	const struct command_ctx *ctx;
	struct command_ticket *ticket;
	struct arena *arena;
	struct str id; /* of the account */
	struct member_part part;
	struct str back;      /* likewise, of what is taken back */
	struct str given;     /* base64 */
	yyjson_val *recorded; /* ids of what is of the highest levels */
	int64_t recorded_more;
	bool mail;
};

static struct pending *pending_new(const struct command_ctx *ctx, struct command_ticket *ticket)
{
	struct pending *w = mem_alloc(sizeof(*w));

	*w = (struct pending){.ctx = ctx, .ticket = ticket, .arena = arena_new(WRITE_MEMORY)};
	return w;
}

static void pending_free(struct pending *w)
{
	arena_free(w->arena);
	mem_free(w);
}

static enum err args_of(
    yyjson_val **out, struct pending *w, const struct rpc_call *call, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 4};

	return json_parse(out, w->arena, call->args, &limits, fault);
}

/* An account of another organisation: what is a guest by network is a member by file. */
static enum err check_member(struct pending *w, struct str name, struct fault *fault)
{
	struct part p = {.ctx = w->ctx, .arena = w->arena};
	yyjson_val *account;

	TRY(part_account_named(&p, name, &w->id, &account, fault));
	if (!json_get_str(account, "organisation").n)
		return fail(fault, ERR_DENIED,
		    "%.*s belongs to this node: what is given as a file is for accounts of "
		    "another organisation (user add --organisation)",
		    STR_ARG(name));
	return OK;
}

static enum err hash_of(struct sha256 *out, struct arena *arena, yyjson_val *args, struct fault *f)
{
	struct str bytes;

	if (base64_decode(&bytes, arena, json_get_str(args, "sha256")) != OK ||
	    bytes.n != SHA256_LEN)
		return fail(f, ERR_INVALID, "sha256: not a hash");
	memcpy(out->b, bytes.p, SHA256_LEN);
	return OK;
}

/* ---- member.certificate ---- */

static void put_pin(struct json_writer *w, struct str name, const struct cms_certificate *c,
    struct str mail, struct arena *arena)
{
	struct buf hex;

	buf_init(&hex, 2u * SHA256_LEN);
	buf_hex(&hex, c->sha256.b, SHA256_LEN);
	json_object(w, NULL);
	json_put_str(w, "account", name);
	json_put_str(w, "certificate", base64_encode(arena, c->der));
	json_put_str(w, "sha256", buf_str(&hex));
	json_put_str(w, "subject", c->subject);
	json_put_time(w, "from", c->from);
	json_put_time(w, "until", c->until);
	if (mail.n)
		json_put_str(w, "mail", mail);
	json_end_object(w);
	buf_free(&hex);
}

/* The operator's own process has read the certificate; core keeps it as bytes. */
static enum err read_pin(
    struct cms_certificate *out, struct pending *w, yyjson_val *args, struct fault *fault)
{
	if (base64_decode(&out->der, w->arena, json_get_str(args, "certificate")) != OK ||
	    out->der.n == 0 || out->der.n > CMS_CERTIFICATE_MAX)
		return fail(fault, ERR_INVALID, "certificate: not the bytes of one");
	out->sha256 = sha256(out->der);
	out->subject = json_get_str(args, "subject");
	if (time_parse_utc(&out->from, json_get_str(args, "from")) != OK ||
	    time_parse_utc(&out->until, json_get_str(args, "until")) != OK)
		return fail(fault, ERR_INVALID, "from, until: not times");
	return OK;
}

static enum err pin(struct pending *w, const struct rpc_call *call, struct command_reply *reply,
    struct fault *fault)
{
	struct cms_certificate c = {0};
	struct json_writer json;
	struct str name, mail;
	yyjson_val *args;
	struct buf b;
	enum err rc;

	TRY(args_of(&args, w, call, fault));
	name = json_get_str(args, "name");
	mail = json_get_str(args, "mail");
	TRY(check_member(w, name, fault));
	TRY(read_pin(&c, w, args, fault));
	if (mail.n && !mail_address_valid(mail))
		return fail(fault, ERR_INVALID, "mail: not an address like cert@example.org");
	buf_init(&b, DECISION_MAX);
	json = json_writer(&b);
	put_pin(&json, w->id, &c, mail, w->arena);
	rc = b.failed == OK
	         ? admin_decide(w->ctx, arena_printf(w->arena, "member/%.*s", STR_ARG(w->id)),
	               buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "the certificate is too long");
	json = json_writer(reply->json);
	if (rc == OK)
		put_pin(&json, name, &c, mail, w->arena);
	buf_free(&b);
	return rc;
}

static enum err member_certificate(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct pending *w = pending_new(((struct part *)part)->ctx, NULL);
	enum err rc = pin(w, call, reply, fault);

	pending_free(w);
	return rc;
}

/* ---- member.write ---- */

static void put_hex(struct json_writer *w, const char *key, const struct sha256 *hash)
{
	struct buf hex;

	buf_init(&hex, 2u * SHA256_LEN);
	buf_hex(&hex, hash->b, SHA256_LEN);
	json_put_str(w, key, buf_str(&hex));
	buf_free(&hex);
}

static void put_part(
    struct json_writer *json, struct str account, const struct member_part *part, bool mail)
{
	json_put_str(json, "account", account);
	json_put_int(json, "serial", (int64_t)part->serial);
	json_put_time(json, "made", part->made);
	json_put_int(json, "objects", (int64_t)part->objects);
	put_hex(json, "previous", &part->previous);
	put_hex(json, "sha256", &part->content);
	json_put_bool(json, "mail", mail);
}

/* Who was given what of the highest levels is in the ledger by name. */
static void put_recorded(struct json_writer *json, const struct pending *w)
{
	size_t i, max;
	yyjson_val *v;

	if (yyjson_arr_size(w->recorded) == 0)
		return;
	json_list(json, "recorded");
	yyjson_arr_foreach(w->recorded, i, max, v)
	{
		json_put_str(json, NULL, json_str(v));
	}
	json_end_list(json);
	json_put_int(json, "recorded_more", w->recorded_more);
}

static enum err decide(struct pending *w, struct fault *fault)
{
	struct str path = arena_printf(w->arena, "member-out/%.*s", STR_ARG(w->id));
	struct json_writer json;
	struct buf b;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	json = json_writer(&b);
	json_object(&json, NULL);
	put_part(&json, w->id, &w->part, w->mail);
	json_put_str(&json, "given", w->given);
	if (w->back.n)
		json_put_str(&json, "back", w->back);
	put_recorded(&json, w);
	json_end_object(&json);
	rc = b.failed == OK ? admin_decide(w->ctx, path, buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "a part has too many objects");
	if (rc == ERR_FULL)
		w->ctx->full(w->ctx->core);
	buf_free(&b);
	return rc;
}

static enum err put_written(
    struct buf *out, struct pending *w, struct str reply, struct fault *fault)
{
	struct json_writer json = json_writer(out);
	yyjson_val *root;

	TRY(json_parse(&root, w->arena, reply, &JSON_LIMITS_OBJECT, fault));
	json_object(&json, NULL);
	put_part(&json, w->part.to, &w->part, w->mail);
	json_put_str(&json, "note", json_get_str(root, "note"));
	if (json_get_str(root, "signature").p)
		json_put_str(&json, "signature", json_get_str(root, "signature"));
	json_end_object(&json);
	return out->failed == OK ? OK : fail(fault, ERR_LIMIT, "the signatures are too long");
}

static void part_signed(void *ctx, enum err status, struct str reply)
{
	struct pending *w = ctx;
	struct fault fault = {.code = OK};
	struct buf out;

	buf_init(&out, REPLY_MAX);
	if (status != OK)
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	else
		status = put_written(&out, w, reply, &fault);
	if (status == OK)
		status = decide(w, &fault);
	command_answer(w->ticket, status, status == OK ? buf_str(&out) : str_c(fault.text));
	buf_free(&out);
	pending_free(w);
}

static enum err read_part(struct pending *w, const struct rpc_call *call, struct fault *fault)
{
	struct member_given last;
	yyjson_val *args;

	TRY(args_of(&args, w, call, fault));
	w->part.from = w->ctx->identity;
	w->part.to = json_get_str(args, "name");
	w->part.objects = yyjson_get_uint(yyjson_obj_get(args, "objects"));
	w->part.made = env_now(w->ctx->env);
	w->given = json_get_str(args, "given");
	w->back = json_get_str(args, "back");
	w->part.back = json_get_str(args, "back_ids");
	w->mail = yyjson_get_bool(yyjson_obj_get(args, "mail"));
	w->recorded = yyjson_obj_get(args, "recorded");
	w->recorded_more = yyjson_get_sint(yyjson_obj_get(args, "recorded_more"));
	TRY(check_member(w, w->part.to, fault));
	TRY(hash_of(&w->part.content, w->arena, args, fault));
	if (!w->given.p || (w->part.objects == 0 && !w->back.n) || w->part.objects > OBJECTS_MOST)
		return fail(fault, ERR_INVALID, "not what a part holds");
	if (member_given_last(&last, w->ctx->store, w->id, w->arena) != OK)
		return fail(fault, ERR_CORRUPT, "what was given last cannot be read");
	if (last.serial != yyjson_get_uint(yyjson_obj_get(args, "after")))
		return fail(fault, ERR_CONFLICT,
		    "another part was written for %.*s meanwhile; try again", STR_ARG(w->part.to));
	w->part.serial = last.serial + 1;
	w->part.previous = last.content;
	return OK;
}

static enum err ask_signer(struct pending *w, const char *op, struct str text,
    const struct sha256 *digest, rpc_done done, struct fault *fault)
{
	const struct rpc *signer = &w->ctx->signer;
	struct rpc_call call = {.op = str_c(op), .fd = -1};
	struct json_writer json;
	struct buf args;
	enum err rc;

	buf_init(&args, REPLY_MAX);
	json = json_writer(&args);
	json_object(&json, NULL);
	json_put_int(&json, "time", env_now(w->ctx->env));
	json_put_bool(&json, "mail", w->mail);
	if (text.p)
		json_put_str(&json, "text", text);
	if (digest)
		json_put_str(&json, "sha256",
		    base64_encode(w->arena, (struct str){(const char *)digest->b, SHA256_LEN}));
	json_end_object(&json);
	call.args = buf_str(&args);
	rc = args.failed == OK ? signer->call(signer->ctx, &call, done, w) : args.failed;
	buf_free(&args);
	return rc == OK ? OK : fail(fault, rc, "the signer cannot be asked now; try again");
}

/* "member.write" {name, objects, given, sha256, after, mail}: {serial, ..., note, signature?}. */
static enum err member_write(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct pending *w = pending_new(((struct part *)part)->ctx, reply->ticket);
	enum err rc = read_part(w, call, fault);
	struct buf text;

	buf_init(&text, MEMBER_PART_TEXT_MAX);
	if (rc == OK)
		member_part_put(&w->part, &text);
	if (rc == OK && text.failed != OK)
		rc = fail(fault, ERR_LIMIT, "the text under a part is too long");
	if (rc == OK)
		rc = ask_signer(w, "sign-member", buf_str(&text), NULL, part_signed, fault);
	buf_free(&text);
	if (rc == OK)
		reply->later = true;
	else
		pending_free(w);
	return rc;
}

/* ---- member.sign ---- */

static void mail_signed(void *ctx, enum err status, struct str reply)
{
	struct pending *w = ctx;

	command_answer(w->ticket, status, reply);
	pending_free(w);
}

static enum err read_mail(
    struct sha256 *digest, struct pending *w, const struct rpc_call *call, struct fault *fault)
{
	yyjson_val *args;

	TRY(args_of(&args, w, call, fault));
	TRY(check_member(w, json_get_str(args, "name"), fault));
	return hash_of(digest, w->arena, args, fault);
}

/* "member.sign" {name, sha256} of what a mail to the member holds: {signature}. */
static enum err member_sign(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct pending *w = pending_new(((struct part *)part)->ctx, reply->ticket);
	struct sha256 digest;
	enum err rc = read_mail(&digest, w, call, fault);

	if (rc == OK)
		rc = ask_signer(w, "sign-mail", STR_NONE, &digest, mail_signed, fault);
	if (rc == OK)
		reply->later = true;
	else
		pending_free(w);
	return rc;
}

static const struct command COMMANDS[] = {
    {.op = "member.certificate", .local = true, .run = member_certificate},
    {.op = "member.write", .local = true, .run = member_write},
    {.op = "member.sign", .local = true, .always = true, .run = member_sign},
    {0},
};

const struct command_part ADMIN_MEMBERS = {
    .name = "members",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
