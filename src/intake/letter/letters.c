/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/letter/letters.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/rd.h"
#include "codec/json.h"
#include "codec/time.h"
#include "crypt/cms.h"
#include "intake/messages.h"
#include "ops/role.h"
#include "policy/label.h"
#include "store/people.h"
#include "sync/member.h"

enum {
	JOB_MEMORY = 32 << 20,
	MESSAGE_MAX = 2 << 20,
	REPLY_MAX = 16 << 20,
	SMALL = 16 << 10,
	TEXT_MAX = 512,
};

/* The message that is being taken. */
struct job {
	struct command_ticket *ticket;
	struct arena *arena;
	uint64_t id;
	int fd;
	struct buf message;       /* what intake is told */
	bool handed;              /* it was */
	bool imports;             /* intake has checked it: its content is being imported */
	struct str name, account; /* what people call it, and its id */
	struct str collection;
	struct sha256 digest;
	usec signed_at;
};

struct letters {
	const struct command_ctx *ctx;
	struct imports *imports;
	struct chan *intake;
	struct job *job; /* one at a time */
	uint64_t last_id;
};

struct letters *letters_new(const struct command_ctx *ctx, struct imports *imports)
{
	struct letters *x = mem_alloc(sizeof(*x));

	x->ctx = ctx;
	x->imports = imports;
	return x;
}

static void job_free(struct job *j)
{
	if (j->fd >= 0)
		(void)close(j->fd);
	buf_free(&j->message);
	arena_free(j->arena);
	mem_free(j);
}

static void finish(struct letters *x, enum err status, struct str reply)
{
	struct job *j = x->job;

	x->job = NULL;
	command_answer(j->ticket, status, reply);
	job_free(j);
}

void letters_free(struct letters *x)
{
	if (!x)
		return;
	if (x->job)
		finish(x, ERR_CLOSED, S("the node is stopping"));
	mem_free(x);
}

/* ---- what is asked ---- */

/* Whose word it would be, and that it may give its word at all, as by TAXII. */
static enum err check_account(struct letters *x, struct job *j, struct fault *fault)
{
	struct str path = arena_printf(j->arena, "account/%.*s", STR_ARG(j->account));
	uint64_t seq =
	    account_name_valid(j->account) ? store_find(x->ctx->store, path) : STORE_NONE;
	yyjson_val *root = NULL;

	if (seq == STORE_NONE || store_row(x->ctx->store, seq)->kind != RECORD_DECISION ||
	    json_parse(&root, j->arena, store_content(x->ctx->store, seq), &JSON_LIMITS_OBJECT,
	        NULL) != OK ||
	    yyjson_get_bool(yyjson_obj_get(root, "removed")))
		return fail(fault, ERR_NOT_FOUND, "no account %.*s",
		    STR_ARG(str_slice(j->name, 0, ACCOUNT_NAME_MAX)));
	if (!json_get_str(root, "organisation").n)
		return fail(fault, ERR_DENIED,
		    "%.*s belongs to this node: what is sent as a file is for accounts of another "
		    "organisation (user add --organisation)",
		    STR_ARG(j->name));
	if (!role_may(role_of_name(json_get_str(root, "role")), ACTION_WRITE))
		return fail(
		    fault, ERR_DENIED, "the role of %.*s may not give objects", STR_ARG(j->name));
	return OK;
}

static enum err put_message(
    struct letters *x, struct job *j, struct str signature, struct fault *fault)
{
	struct json_writer w = json_writer(&j->message);
	struct member_pin pin;

	if (member_pin(&pin, x->ctx->store, j->account, j->arena) != OK)
		return fail(fault, ERR_NOT_FOUND,
		    "no certificate is pinned for %.*s: tocsin member certificate",
		    STR_ARG(j->name));
	json_object(&w, NULL);
	json_put_str(&w, "certificate", base64_encode(j->arena, pin.certificate));
	if (signature.p)
		json_put_str(&w, "signature", signature);
	json_put_int(&w, "now", env_now(x->ctx->env));
	json_end_object(&w);
	return j->message.failed == OK ? OK : fail(fault, ERR_LIMIT, "the signature is too long");
}

static enum err begin(
    struct letters *x, struct job *j, const struct rpc_call *call, struct fault *fault)
{
	const struct json_limits limits = {.bytes = MESSAGE_MAX, .depth = 4};
	yyjson_val *args;

	if (j->fd < 0)
		return fail(fault, ERR_IO, "a message comes with a file");
	TRY(json_parse(&args, j->arena, call->args, &limits, fault));
	j->name = json_get_str(args, "name");
	j->account = arena_str(j->arena, people_id(x->ctx->people, j->name));
	j->collection = json_get_str(args, "collection");
	TRY(check_account(x, j, fault));
	return put_message(x, j, json_get_str(args, "signature"), fault);
}

static void hand_over(struct letters *x)
{
	struct job *j = x->job;
	struct chan_message m = {.type = INTAKE_LETTER,
	    .id = j->id,
	    .body = buf_str(&j->message),
	    .fds = &j->fd,
	    .fd_count = 1};

	if (x->intake && !j->handed)
		j->handed = chan_send_always(x->intake, &m) == OK;
}

enum err letters_read(struct letters *x, const struct rpc_call *call, struct command_reply *reply,
    struct fault *fault)
{
	struct job *j;
	enum err rc;

	if (x->job)
		return fail(fault, ERR_BUSY, "another message is being read; try again");
	j = mem_alloc(sizeof(*j));
	j->arena = arena_new(JOB_MEMORY);
	j->id = ++x->last_id;
	j->fd = call->fd < 0 ? -1 : fcntl(call->fd, F_DUPFD_CLOEXEC, 3);
	buf_init(&j->message, MESSAGE_MAX);
	rc = begin(x, j, call, fault);
	if (rc != OK) {
		job_free(j);
		return rc;
	}
	j->ticket = reply->ticket;
	reply->later = true;
	x->job = j;
	hand_over(x);
	return OK;
}

void letters_attach(struct letters *x, struct chan *intake)
{
	x->intake = intake;
	/* What is being imported is told by the import. */
	if (!x->job || x->job->imports)
		return;
	if (!intake && x->job->handed)
		finish(x, ERR_BUSY, S("the process that read the message ended"));
	else if (intake)
		hand_over(x);
}

/* ---- what becomes of it ---- */

static enum err append(struct letters *x, struct str path, struct buf *json, struct fault *fault)
{
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	struct record r = {.kind = RECORD_DECISION,
	    .id = path,
	    .version = env_now(x->ctx->env),
	    .content = buf_str(json)};
	uint64_t newest = store_find(x->ctx->store, path), seq;
	enum err rc;

	if (json->failed != OK || !path.p)
		return fail(fault, ERR_LIMIT, "a decision is too long");
	r.label = (struct str){label, label_encode(&red, label)};
	if (newest != STORE_NONE && store_row(x->ctx->store, newest)->version >= r.version)
		r.version = store_row(x->ctx->store, newest)->version + 1;
	rc = store_append(x->ctx->store, &r, 1, &seq, fault);
	if (rc == ERR_FULL)
		x->ctx->full(x->ctx->core);
	return rc;
}

static void put_taken(
    struct json_writer *w, const struct job *j, struct str account, uint64_t serial, usec now)
{
	struct buf hex;

	buf_init(&hex, 2u * SHA256_LEN);
	buf_hex(&hex, j->digest.b, SHA256_LEN);
	json_put_str(w, "account", account);
	json_put_int(w, "serial", (int64_t)serial);
	json_put_str(w, "sha256", buf_str(&hex));
	json_put_time(w, "time", now);
	if (j->signed_at)
		json_put_time(w, "signed", j->signed_at);
	buf_free(&hex);
}

/* What was taken, and that it is not taken again. */
static enum err decide(
    struct letters *x, struct job *j, yyjson_val *report, uint64_t *serial, struct fault *fault)
{
	static const char *const COUNTS[] = {"taken", "duplicates", "refused"};
	struct member_taken last;
	struct json_writer w;
	struct buf b;
	enum err rc;

	if (member_taken_last(&last, x->ctx->store, j->account, j->arena) != OK)
		return fail(fault, ERR_CORRUPT, "what was taken last cannot be read");
	*serial = last.serial + 1;
	buf_init(&b, SMALL);
	w = json_writer(&b);
	json_object(&w, NULL);
	put_taken(&w, j, j->account, *serial, env_now(x->ctx->env));
	for (size_t i = 0; i < sizeof(COUNTS) / sizeof(COUNTS[0]); i++)
		json_put_int(&w, COUNTS[i], yyjson_get_sint(yyjson_obj_get(report, COUNTS[i])));
	json_end_object(&w);
	rc = append(x, member_message_path(j->arena, &j->digest), &b, fault);
	if (rc == OK)
		rc = append(
		    x, arena_printf(j->arena, "member-in/%.*s", STR_ARG(j->account)), &b, fault);
	buf_free(&b);
	return rc;
}

static enum err put_reply(struct buf *out, struct letters *x, struct str text, struct fault *fault)
{
	const struct json_limits limits = {.bytes = REPLY_MAX, .depth = 8};
	struct json_writer w = json_writer(out);
	struct job *j = x->job;
	uint64_t serial = 0;
	yyjson_val *report;

	TRY(json_parse(&report, j->arena, text, &limits, fault));
	/* Of which nothing was good may come again, when the reason is gone. */
	if (yyjson_get_uint(yyjson_obj_get(report, "taken")) +
	        yyjson_get_uint(yyjson_obj_get(report, "duplicates")) >
	    0)
		TRY(decide(x, j, report, &serial, fault));
	json_object(&w, NULL);
	put_taken(&w, j, j->name, serial, env_now(x->ctx->env));
	json_put_raw(&w, "report", text);
	json_end_object(&w);
	return out->failed == OK ? OK : fail(fault, ERR_LIMIT, "the report is too long");
}

static void imported(void *ctx, enum err status, struct str text)
{
	struct letters *x = ctx;
	struct fault fault = {.code = OK};
	struct buf out;

	if (status != OK) {
		finish(x, status, text);
		return;
	}
	buf_init(&out, REPLY_MAX + SMALL);
	status = put_reply(&out, x, text, &fault);
	finish(x, status, status == OK ? buf_str(&out) : str_c(fault.text));
	buf_free(&out);
}

/* A message that was taken before is named by when that was. */
static enum err check_replay(struct letters *x, struct job *j, struct fault *fault)
{
	struct str path = member_message_path(j->arena, &j->digest), time;
	uint64_t seq = path.p ? store_find(x->ctx->store, path) : STORE_NONE;
	yyjson_val *root;

	if (seq == STORE_NONE)
		return OK;
	if (json_parse(&root, j->arena, store_content(x->ctx->store, seq), &JSON_LIMITS_OBJECT,
	        NULL) != OK)
		return fail(fault, ERR_CONFLICT, "the message was taken before");
	time = json_get_str(root, "time");
	return fail(fault, ERR_CONFLICT,
	    "a replay: this is message %" PRIu64 " of %.*s, which was taken on %.*s",
	    yyjson_get_uint(yyjson_obj_get(root, "serial")),
	    STR_ARG(people_name(x->ctx->people, json_get_str(root, "account"))), STR_ARG(time));
}

/* Exactly what a POST by TAXII asks. */
static enum err import(struct letters *x, struct job *j, int fd, struct fault *fault)
{
	struct rpc_call call = {.op = S("import"), .by = j->account, .fd = fd};
	struct json_writer w;
	struct buf args;
	enum err rc;

	buf_init(&args, SMALL);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "source", arena_printf(j->arena, "taxii:%.*s", STR_ARG(j->account)));
	json_put_str(&w, "format", S("stix"));
	json_put_str(&w, "collection", j->collection.p ? j->collection : S("all"));
	json_end_object(&w);
	call.args = buf_str(&args);
	j->imports = true;
	rc = args.failed == OK ? imports_take(x->imports, &call, imported, x, fault)
	                       : fail(fault, ERR_LIMIT, "the arguments are too long");
	buf_free(&args);
	return rc;
}

enum err letters_message(struct letters *x, const struct chan_message *m)
{
	struct job *j = x->job;
	struct rd in = rd_of(m->body);
	enum err rc = (enum err)rd_u8(&in);
	struct str text = str_slice(rd_text(&in), 0, TEXT_MAX), digest = STR_NONE;
	struct fault fault = {.code = OK};

	if (!j || m->id != j->id || !j->handed || j->imports || rc > ERR_CLOSED)
		return ERR_PARSE;
	if (rc == OK) {
		digest = rd_bytes(&in, SHA256_LEN);
		j->signed_at = (usec)rd_u64(&in);
	}
	if (!rd_done(&in) || (rc == OK && m->fd_count != 1))
		return ERR_PARSE;
	if (rc != OK) {
		finish(x, rc, text);
		return OK;
	}
	memcpy(j->digest.b, digest.p, SHA256_LEN);
	rc = check_replay(x, j, &fault);
	if (rc == OK)
		rc = import(x, j, m->fds[0], &fault);
	if (rc != OK)
		finish(x, rc, str_c(fault.text));
	return OK;
}
