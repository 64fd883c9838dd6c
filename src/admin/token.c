/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, by which programs are an account: of each only the digest is kept. */
#include "crypt/token.h"
#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "codec/time.h"
#include "crypt/digest.h"
#include "crypt/random.h"
#include "ops/role.h"

enum {
	TEXT_MOST = 1000,
	TOKEN_ID_BYTES = 12,
	DECISION_MAX = 8192,
};

static const usec TOKEN_TIME = INT64_C(365) * 24 * 3600 * USEC_PER_SEC;

struct token {
	struct str id, account, name, role, by;
	struct sha256 hash;
	usec expires;
};

static enum err decide_token(struct part *p, const struct token *t, struct fault *fault)
{
	struct json_writer w;
	struct buf hex, b;
	enum err rc;

	buf_init(&hex, (size_t)2 * SHA256_LEN);
	buf_hex(&hex, t->hash.b, SHA256_LEN);
	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "account", t->account);
	if (t->name.n)
		json_put_str(&w, "name", t->name);
	if (t->role.n)
		json_put_str(&w, "role", t->role);
	json_put_str(&w, "hash", buf_str(&hex));
	json_put_int(&w, "expires", t->expires);
	json_put_str(&w, "by", t->by);
	json_end_object(&w);
	rc = b.failed == OK
	         ? admin_decide(p->ctx, arena_printf(p->arena, "token/%.*s", STR_ARG(t->id)),
	               buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "token: too long");
	buf_free(&b);
	buf_free(&hex);
	return rc;
}

static enum err read_token(struct part *p, yyjson_val *args, struct token *t, struct fault *fault)
{
	struct str expires = json_get_str(args, "expires");
	usec now = env_now(p->ctx->env);
	yyjson_val *account;

	TRY(part_account_named(p, json_get_str(args, "account"), &t->account, &account, fault));
	t->name = json_get_str(args, "name");
	t->role = json_get_str(args, "role");
	if (t->name.n > TEXT_MOST)
		return fail(fault, ERR_LIMIT, "name: at most %d bytes", TEXT_MOST);
	if (t->role.p &&
	    (role_of_name(t->role) == ROLE_NONE ||
	        !role_covers(role_of_name(json_get_str(account, "role")), role_of_name(t->role))))
		return fail(fault, ERR_INVALID, "role: %.*s may more than the account",
		    STR_ARG(str_slice(t->role, 0, 40)));
	t->expires = now + TOKEN_TIME;
	if (expires.p && time_parse_utc(&t->expires, expires) != OK)
		return fail(fault, ERR_INVALID, "expires: not a time like 2030-01-31T00:00:00Z");
	return t->expires > now ? OK : fail(fault, ERR_INVALID, "expires: that is over already");
}

static enum err token_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct token t = {.by = call->by};
	unsigned char id[TOKEN_ID_BYTES];
	struct json_writer w;
	struct str secret;
	yyjson_val *args;

	TRY(part_begin(p, call, &args, fault));
	TRY(read_token(p, args, &t, fault));
	random_secret(id, sizeof(id));
	t.id = base64url_encode(p->arena, (struct str){(const char *)id, sizeof(id)});
	secret = random_token(p->arena);
	if (!t.id.p || !secret.p)
		return fail(fault, ERR_NOMEM, "out of memory for a token");
	t.hash = sha256(secret);
	TRY(decide_token(p, &t, fault));
	w = json_writer(reply->json);
	json_object(&w, NULL);
	json_put_str(
	    &w, "token", arena_printf(p->arena, "%.*s.%.*s", STR_ARG(t.id), STR_ARG(secret)));
	json_end_object(&w);
	return OK;
}

static enum err token_revoke(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	yyjson_val *args, *root;
	struct str id, path;

	(void)reply;
	TRY(part_begin(p, call, &args, fault));
	id = json_get_str(args, "id");
	path = arena_printf(p->arena, "token/%.*s", STR_ARG(str_slice(id, 0, 100)));
	if (id.n == 0 || part_decided(p, path, &root) != OK)
		return fail(fault, ERR_NOT_FOUND, "no token %.*s", STR_ARG(str_slice(id, 0, 100)));
	return part_remove(p, path, call->by, fault);
}

static const struct command COMMANDS[] = {
    {.op = "token.add", .run = token_add},
    {.op = "token.revoke", .run = token_revoke},
    {0},
};

const struct command_part ADMIN_TOKENS = {
    .name = "tokens",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
