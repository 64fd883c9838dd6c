/* SPDX-License-Identifier: Apache-2.0 */
/* A request is read from the ledger each time: what is approved is what stands there. In memory is
 * only which of them wait. The operation runs first and the request is said to be done after it, in
 * one commit: a crash between leaves one that waits, never one that is done in name only. */
#include "admin/request.h"

#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "base/mem.h"
#include "crypt/digest.h"
#include "crypt/random.h"
#include "ops/ops.h"
#include "store/people.h"
#include "store/store.h"

enum {
	ID_BYTES = 10, /* of the time, then of chance: ids rise with time */
	ID_TEXT = 2 * ID_BYTES,
	ID_RANDOM = 2,
	ARGS_MAX = 8192,
	DECISION_MAX = 2 * ARGS_MAX,
	REASON_MAX = 1000,
};

static const usec LIFE = INT64_C(24) * 3600 * USEC_PER_SEC;
static const struct str PREFIX = S("request/");
static const char ACCOUNT_ADD[] = "account.add";

struct requests {
	struct part *part;
	struct waiting {
		char id[ID_TEXT + 1];
		usec expires;
		bool secret;
	} waiting[REQUESTS_MAX];
	size_t count;
	bool running; /* an operation that was approved */
};

/* One as it stands in the ledger, or is to stand there. */
struct request {
	struct str id, op, args, hash, by, second, text;
	const char *state; /* "waiting", "done", "failed", "refused" or "expired" */
	usec made, expires;
	bool secret; /* the signer keeps a password of it */
};

static struct str path_of(struct arena *arena, struct str id)
{
	return arena_printf(arena, "%.*s%.*s", STR_ARG(PREFIX), STR_ARG(id));
}

static struct str hash_of(struct arena *arena, const struct request *q)
{
	const struct str parts[] = {q->id, S("\n"), q->op, S("\n"), q->by, S("\n"), q->args};
	struct sha256 hash = sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));
	char text[2 * SHA256_LEN + 1];

	for (size_t i = 0; i < SHA256_LEN; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", hash.b[i]);
	return arena_str(arena, str_c(text));
}

/* With names of accounts for people, with their ids for the ledger. */
static void put_request(struct part *p, struct json_writer *w, const struct request *q, bool reply)
{
	const struct people *people = p->ctx->people;

	if (reply)
		json_put_str(w, "id", q->id);
	json_put_str(w, "op", q->op);
	json_put_str(w, "args", reply ? people_in_json(people, p->arena, q->args) : q->args);
	json_put_str(w, "hash", q->hash);
	json_put_str(w, "by", reply ? people_name(people, q->by) : q->by);
	json_put_str(w, "state", str_c(q->state));
	if (reply) {
		json_put_time(w, "made", q->made);
		json_put_time(w, "expires", q->expires);
	} else {
		json_put_int(w, "made", q->made);
		json_put_int(w, "expires", q->expires);
	}
	if (q->second.n)
		json_put_str(w, "second", reply ? people_name(people, q->second) : q->second);
	if (q->text.n)
		json_put_str(w, "text", q->text);
	if (q->secret && !reply)
		json_put_bool(w, "secret", true);
}

static enum err decide(struct part *p, const struct request *q, struct fault *fault)
{
	struct json_writer w;
	struct buf b;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	put_request(p, &w, q, false);
	json_end_object(&w);
	rc = b.failed == OK ? admin_decide(p->ctx, path_of(p->arena, q->id), buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "the request is too long");
	buf_free(&b);
	return rc;
}

static void put_reply(struct part *p, struct buf *out, const struct request *q)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_object(&w, "request");
	put_request(p, &w, q, true);
	json_end_object(&w);
	json_end_object(&w);
}

static enum err load(struct requests *r, struct str id, struct request *out, struct fault *fault)
{
	struct part *p = r->part;
	struct str state;
	yyjson_val *root;

	if (id.n != ID_TEXT || part_decided(p, path_of(p->arena, id), &root) != OK)
		return fail(fault, ERR_NOT_FOUND, "no request %.*s", STR_ARG(str_slice(id, 0, 64)));
	state = json_get_str(root, "state");
	*out = (struct request){
	    .id = id,
	    .op = json_get_str(root, "op"),
	    .args = json_get_str(root, "args"),
	    .hash = json_get_str(root, "hash"),
	    .by = json_get_str(root, "by"),
	    .second = json_get_str(root, "second"),
	    .state = arena_str(p->arena, state).p,
	    .made = yyjson_get_sint(yyjson_obj_get(root, "made")),
	    .expires = yyjson_get_sint(yyjson_obj_get(root, "expires")),
	    .secret = yyjson_get_bool(yyjson_obj_get(root, "secret")),
	};
	return out->state ? OK : fail(fault, ERR_NOMEM, "no memory for a request");
}

static struct waiting *find_waiting(struct requests *r, struct str id)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_eq(str_c(r->waiting[i].id), id))
			return &r->waiting[i];
	return NULL;
}

static void add_waiting(struct requests *r, const struct request *q)
{
	struct waiting *w;

	if (r->count == REQUESTS_MAX || find_waiting(r, q->id))
		return;
	w = &r->waiting[r->count++];
	*w = (struct waiting){.expires = q->expires, .secret = q->secret};
	memcpy(w->id, q->id.p, ID_TEXT);
}

static void collect(void *ctx, struct str path)
{
	struct requests *r = ctx;
	struct request q;

	arena_reset(r->part->arena);
	path = arena_str(r->part->arena, path);
	if (path.p && load(r, str_from(path, PREFIX.n), &q, NULL) == OK &&
	    strcmp(q.state, "waiting") == 0)
		add_waiting(r, &q);
}

static enum err requests_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct requests *r = mem_alloc(sizeof(*r));
	void *part;

	*out = r;
	TRY(part_open(&part, ctx, fault));
	r->part = part;
	return part_each(r->part, PREFIX, collect, r, fault);
}

static void requests_close(void *part)
{
	struct requests *r = part;

	part_close(r->part);
	mem_free(r);
}

static void forgotten(void *ctx, enum err status, struct str reply)
{
	/* A verifier under a name that nobody can have signs nobody in. */
	(void)ctx;
	(void)status;
	(void)reply;
}

/* An account that was asked for and never was leaves no name behind. */
static void forget_name(struct part *p, const struct request *q)
{
	yyjson_val *args;
	struct str id;

	if (!str_eq(q->op, str_c(ACCOUNT_ADD)) ||
	    json_parse(&args, p->arena, q->args, &JSON_LIMITS_OBJECT, NULL) != OK)
		return;
	id = json_get_str(args, "name");
	if (people_by_id(p->ctx->people, id) && !part_account_known(p, id))
		(void)!people_forget(p->ctx->people, id, NULL);
}

/* The request waits no longer, whatever became of it. */
static void settle(struct requests *r, const struct request *q)
{
	const struct rpc *signer = &r->part->ctx->signer;
	struct waiting *w = find_waiting(r, q->id);
	struct rpc_call forget = {.op = S("remove-password"), .by = S("local"), .fd = -1};

	if (w)
		*w = r->waiting[--r->count];
	forget_name(r->part, q);
	if (!q->secret)
		return;
	forget.args = arena_printf(
	    r->part->arena, "{\"name\":\"%.*s%.*s\"}", STR_ARG(PREFIX), STR_ARG(q->id));
	(void)!signer->call(signer->ctx, &forget, forgotten, NULL);
}

/* Those whose time is over make room. */
static enum err expire(struct requests *r, struct fault *fault)
{
	usec now = env_now(r->part->ctx->env);

	for (size_t i = 0; i < r->count;) {
		struct request q;
		struct str id = str_c(r->waiting[i].id);

		arena_reset(r->part->arena);
		if (r->waiting[i].expires > now) {
			i++;
			continue;
		}
		TRY(load(r, arena_str(r->part->arena, id), &q, fault));
		q.state = "expired";
		TRY(decide(r->part, &q, fault));
		settle(r, &q);
	}
	return OK;
}

/* Operations whose argument names an account. */
static bool is_account(const struct op *op, const char *name)
{
	static const struct {
		const char *ops, *argument;
	} NAMED[] = {
	    {"account.", "name"}, {"oidc.", "name"}, {"totp.", "name"}, {"token.", "account"}};

	for (size_t i = 0; i < sizeof(NAMED) / sizeof(NAMED[0]); i++)
		if (str_starts(str_c(op->name), str_c(NAMED[i].ops)) &&
		    strcmp(name, NAMED[i].argument) == 0)
			return true;
	return false;
}

/* A name that no account has yet is known from now on, as another person would make it. */
static enum err put_account(struct part *p, const struct op *op, struct json_writer *w,
    const char *key, struct str name, struct fault *fault)
{
	struct str id = people_id(p->ctx->people, name);

	if (strcmp(op->name, ACCOUNT_ADD) == 0)
		TRY(part_account_id(p, name, &id, fault));
	json_put_str(w, key, id);
	return OK;
}

/* What was asked, but for the password, and with ids for names of accounts: each member is a text,
 * a number, true or false, as the row's parameters are. */
static enum err take_args(struct part *p, const struct op *op, struct str text, struct request *q,
    struct str *password, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 2};
	yyjson_obj_iter it;
	yyjson_val *root, *key;
	struct json_writer w;
	struct buf b;
	enum err rc = OK;

	TRY(json_parse(&root, p->arena, text, &limits, fault));
	if (!yyjson_is_obj(root))
		return fail(fault, ERR_INVALID, "arguments: not an object");
	*password = json_get_str(root, "password");
	buf_init(&b, ARGS_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	it = yyjson_obj_iter_with(root);
	while (rc == OK && (key = yyjson_obj_iter_next(&it))) {
		yyjson_val *v = yyjson_obj_iter_get_val(key);
		const char *name = json_str(key).p;

		if (strcmp(name, "password") == 0)
			continue;
		if (yyjson_is_str(v) && is_account(op, name))
			rc = put_account(p, op, &w, name, json_str(v), fault);
		else if (yyjson_is_str(v))
			json_put_str(&w, name, json_str(v));
		else if (yyjson_is_bool(v))
			json_put_bool(&w, name, yyjson_get_bool(v));
		else
			json_put_int(&w, name, yyjson_get_sint(v));
	}
	json_end_object(&w);
	q->args = b.failed == OK ? arena_str(p->arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	TRY(rc);
	return q->args.p ? OK : fail(fault, ERR_LIMIT, "the arguments are too long");
}

/* What must be remembered until somebody else has answered. */
struct pending {
	struct requests *requests;
	struct command_ticket *ticket;
	struct arena *arena;
	struct request request; /* strings in `arena` */
};

static struct pending *pending_new(
    struct requests *r, const struct request *q, const struct command_reply *reply)
{
	struct pending *w = mem_alloc(sizeof(*w));

	w->requests = r;
	w->ticket = reply->ticket;
	w->arena = arena_new((size_t)2 * DECISION_MAX);
	w->request = *q;
	w->request.id = arena_str(w->arena, q->id);
	w->request.op = arena_str(w->arena, q->op);
	w->request.args = arena_str(w->arena, q->args);
	w->request.hash = arena_str(w->arena, q->hash);
	w->request.by = arena_str(w->arena, q->by);
	w->request.second = q->second.n ? arena_str(w->arena, q->second) : STR_NONE;
	return w;
}

static void pending_free(struct pending *w)
{
	arena_free(w->arena);
	mem_free(w);
}

static enum err keep(
    struct requests *r, const struct request *q, struct buf *out, struct fault *fault)
{
	TRY(decide(r->part, q, fault));
	add_waiting(r, q);
	put_reply(r->part, out, q);
	return OK;
}

static void password_kept(void *ctx, enum err status, struct str reply)
{
	struct pending *w = ctx;
	struct fault fault = {.code = OK};
	struct buf b;

	buf_init(&b, DECISION_MAX);
	arena_reset(w->requests->part->arena);
	if (status != OK)
		(void)fail(&fault, status, "%.*s", STR_ARG(reply));
	else if (w->requests->count == REQUESTS_MAX)
		status = fail(&fault, ERR_LIMIT, "%d requests wait already", REQUESTS_MAX);
	else
		status = keep(w->requests, &w->request, &b, &fault);
	command_answer(w->ticket, status, status == OK ? buf_str(&b) : str_c(fault.text));
	buf_free(&b);
	pending_free(w);
}

static enum err keep_password(struct requests *r, const struct request *q, struct str password,
    struct command_reply *reply, struct fault *fault)
{
	const struct rpc *signer = &r->part->ctx->signer;
	struct rpc_call call = {.op = S("set-password"), .by = S("local"), .fd = -1};
	struct pending *w = pending_new(r, q, reply);
	struct json_writer json;
	struct buf b;
	enum err rc;

	buf_init(&b, ARGS_MAX);
	json = json_writer(&b);
	json_object(&json, NULL);
	json_put_str(&json, "name", path_of(r->part->arena, q->id));
	json_put_str(&json, "password", password);
	json_end_object(&json);
	call.args = buf_str(&b);
	reply->later = true;
	rc = b.failed == OK ? signer->call(signer->ctx, &call, password_kept, w) : b.failed;
	if (b.n)
		explicit_bzero(b.p, b.n);
	buf_free(&b);
	if (rc == OK)
		return OK;
	reply->later = false;
	pending_free(w);
	return fail(fault, rc, "the signer takes no password now; try again");
}

static struct str new_id(struct part *p, usec now)
{
	unsigned char chance[ID_RANDOM];

	random_secret(chance, sizeof(chance));
	return arena_printf(
	    p->arena, "%016llx%02x%02x", (unsigned long long)now, chance[0], chance[1]);
}

enum err admin_request_make(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct requests *r = part;
	struct part *p = r->part;
	const struct op *op = op_of_name(call->op);
	struct request q = {.op = call->op, .by = call->by, .state = "waiting"};
	struct str password = STR_NONE;
	yyjson_val *account;

	arena_reset(p->arena);
	if (!op || part_account(p, call->by, &account, NULL) != OK ||
	    !role_may(role_of_name(json_get_str(account, "role")), op->action))
		return fail(fault, ERR_DENIED, "your role may not ask this");
	TRY(expire(r, fault));
	if (r->count == REQUESTS_MAX)
		return fail(fault, ERR_LIMIT, "%d requests wait already: approve or refuse some",
		    REQUESTS_MAX);
	TRY(take_args(p, op, call->args, &q, &password, fault));
	q.made = env_now(p->ctx->env);
	q.expires = q.made + LIFE;
	q.secret = password.p != NULL;
	q.id = new_id(p, q.made);
	if (q.id.n != ID_TEXT)
		return fail(fault, ERR_NOMEM, "no memory for a request");
	q.hash = hash_of(p->arena, &q);
	if (!password.p)
		return keep(r, &q, reply->json, fault);
	TRY(part_password(password, fault));
	return keep_password(r, &q, password, reply, fault);
}

/* Whether what somebody signs in with is from another's hand. What cannot be read counts as if. */
struct hand {
	struct part part; /* with an arena for one decision */
	struct str whose, by;
	bool found;
};

static void look_at_token(void *ctx, struct str path)
{
	struct hand *h = ctx;
	yyjson_val *root;
	enum err rc;

	if (h->found)
		return;
	arena_reset(h->part.arena);
	rc = part_decided(&h->part, path, &root);
	if (rc == OK)
		h->found = str_eq(json_get_str(root, "account"), h->whose) &&
		           str_eq(json_get_str(root, "by"), h->by);
	else
		h->found = rc != ERR_NOT_FOUND;
}

static enum err not_from_hand(struct part *p, struct str whose, struct str by, struct fault *fault)
{
	struct hand h = {.part = *p, .whose = whose, .by = by};
	yyjson_val *account;
	struct str hands[3];
	enum err rc;

	TRY(part_account(p, whose, &account, fault));
	hands[0] = json_get_str(account, "password_by");
	hands[1] = json_get_str(account, "certificate_by");
	hands[2] = json_get_str(account, "subject_by");
	/* Accounts from before that was kept. */
	if (!hands[0].p && yyjson_get_bool(yyjson_obj_get(account, "password")))
		hands[0] = json_get_str(account, "by");
	h.found = str_eq(hands[0], by) || str_eq(hands[1], by) || str_eq(hands[2], by);
	h.part.arena = arena_new(1 << 20);
	rc = part_each(p, S("token/"), look_at_token, &h, fault);
	arena_free(h.part.arena);
	TRY(rc);
	if (!h.found)
		return OK;
	return fail(fault, ERR_DENIED,
	    "password, certificate, link to the identity provider or a token of %.*s are from the "
	    "hand of %.*s: another second "
	    "person is needed, or the operator gives %.*s another password",
	    STR_ARG(part_name(p, whose)), STR_ARG(part_name(p, by)), STR_ARG(part_name(p, whose)));
}

static enum err check_second(
    struct requests *r, const struct request *q, const struct rpc_call *call, struct fault *fault)
{
	const struct op *op = op_of_name(q->op);
	yyjson_val *account;

	if (!op)
		return fail(fault, ERR_UNSUPPORTED, "%.*s: there is no such operation any more",
		    STR_ARG(q->op));
	if (str_eq(call->by, S("local")))
		return OK;
	if (str_eq(call->by, q->by))
		return fail(fault, ERR_DENIED, "nobody approves what they asked for themselves");
	TRY(part_account(r->part, call->by, &account, fault));
	if (!role_may(role_of_name(json_get_str(account, "role")), op->action))
		return fail(fault, ERR_DENIED, "your role may not do this itself");
	return not_from_hand(r->part, call->by, q->by, fault);
}

/* The request, if it still waits. */
static enum err begin(struct requests *r, const struct rpc_call *call, yyjson_val **args,
    struct request *q, struct fault *fault)
{
	TRY(part_begin(r->part, call, args, fault));
	TRY(load(r, json_get_str(*args, "id"), q, fault));
	if (r->running)
		return fail(fault, ERR_BUSY, "another request runs at this moment; try again");
	if (strcmp(q->state, "waiting") != 0)
		return fail(fault, ERR_CONFLICT, "the request is %s already", q->state);
	if (q->expires <= env_now(r->part->ctx->env))
		return fail(fault, ERR_CONFLICT, "the request waited for more than 24 hours");
	return OK;
}

/* It ran. What was no fault of the request's leaves it waiting. */
static void ran(void *ctx, enum err status, struct str reply)
{
	struct pending *w = ctx;
	struct requests *r = w->requests;
	struct request *q = &w->request;
	struct fault fault = {.code = OK};
	struct buf b;

	r->running = false;
	arena_reset(r->part->arena);
	buf_init(&b, DECISION_MAX);
	if (status == ERR_BUSY || status == ERR_CLOSED || status == ERR_FULL ||
	    status == ERR_NOMEM || status == ERR_IO) {
		command_answer(w->ticket, status, reply);
		buf_free(&b);
		pending_free(w);
		return;
	}
	q->state = status == OK ? "done" : "failed";
	if (status != OK)
		q->text = arena_str(w->arena, str_slice(reply, 0, REASON_MAX));
	if (decide(r->part, q, &fault) == OK) {
		settle(r, q);
		put_reply(r->part, &b, q);
	} else {
		status = fault.code;
		q->text = str_c(fault.text);
	}
	command_answer(w->ticket, status, status == OK ? buf_str(&b) : q->text);
	buf_free(&b);
	pending_free(w);
}

static enum err approve(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct requests *r = part;
	const struct command_ctx *ctx = r->part->ctx;
	struct rpc_call run = {.fd = -1};
	struct pending *w;
	struct request q;
	yyjson_val *args;
	enum err rc;

	TRY(begin(r, call, &args, &q, fault));
	TRY(check_second(r, &q, call, fault));
	if (!str_eq(json_get_str(args, "hash"), q.hash) ||
	    !str_eq(q.hash, hash_of(r->part->arena, &q)))
		return fail(fault, ERR_CONFLICT,
		    "hash: not that of this request; look again at what it asks");
	q.second = call->by;
	w = pending_new(r, &q, reply);
	run.op = w->request.op;
	run.by = w->request.by;
	run.args = w->request.args;
	reply->later = true;
	r->running = true;
	rc = ctx->run(ctx->core, &run, w->request.id, ran, w);
	if (rc == OK)
		return OK;
	reply->later = false;
	r->running = false;
	pending_free(w);
	return fail(fault, rc, "the operation cannot run now; try again");
}

static enum err refuse(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct requests *r = part;
	struct request q;
	yyjson_val *args;

	TRY(begin(r, call, &args, &q, fault));
	q.second = call->by;
	q.text = json_get_str(args, "reason");
	if (q.text.n > REASON_MAX)
		return fail(fault, ERR_LIMIT, "reason: at most %d bytes", REASON_MAX);
	q.state = "refused";
	TRY(decide(r->part, &q, fault));
	settle(r, &q);
	put_reply(r->part, reply->json, &q);
	return OK;
}

static const struct command COMMANDS[] = {
    {.op = "request.approve", .run = approve},
    {.op = "request.refuse", .run = refuse},
    {0},
};

const struct command_part ADMIN_REQUESTS = {
    .name = "requests",
    .open = requests_open,
    .close = requests_close,
    .commands = COMMANDS,
};
