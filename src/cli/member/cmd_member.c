/* SPDX-License-Identifier: Apache-2.0 */
/* `member write`: what a member without a node may have and was not given yet, as a bundle with
 * signatures beside it, or as one signed mail. The gate says what it may have; the core numbers the
 * part and has it signed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/uuid.h"
#include "cli/call.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "codec/mime.h"
#include "codec/time.h"
#include "crypt/cms.h"
#include "gate/member/member.h"
#include "gate/reads.h"
#include "serve/serve.h"
#include "sys/config.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 1 << 30,
	OBJECTS_MOST = 100000,
	RECORDED_MOST = 1000,
	BYTES_MOST = 32 << 20,
	BUNDLE_MAX = BYTES_MOST + (16 << 20),
	MAIL_MAX = 256 << 20,
	ARGS_MAX = 2 << 20,
	TEXT_MAX = 64 << 10,
	BOUNDARY = 2 * 16,
};

static const struct str SUBJECT = S("Information");

struct writing {
	struct arena *arena;
	struct str dir, account, out;
	const char *since;
	uint64_t again;
	bool mail, encrypt, json;
	struct config config;
	struct gate *gate;
	struct gate_member_part part;
	struct buf bundle;
	struct sha256 hash;
	struct str reply, note, signature; /* signature: DER, of the bundle or of the mail */
	yyjson_val *written;
};

static bool to_stdout(const struct writing *w)
{
	return str_eq(w->out, S("-"));
}

/* ---- what is given ---- */

static enum err read_part(struct writing *w, struct fault *fault)
{
	const struct reader reader = gate_local_reader();
	struct gate_member_query q = {.account = w->account,
	    .since = INT64_MIN,
	    .again = w->again,
	    .limit = OBJECTS_MOST,
	    .bytes = BYTES_MOST};
	struct gate_ask ask = {.reader = &reader, .outlet = OUTLET_EXPORT, .arena = w->arena};
	struct rpc_call wait = {.op = S("views.wait"), .by = S("local"), .args = S("{}"), .fd = -1};
	struct str reply;

	if (w->since && strcmp(w->since, "last") != 0 &&
	    time_parse_utc(&q.since, str_c(w->since)) != OK)
		return fail(fault, ERR_INVALID, "since: last, or a time like 2030-01-31T00:00:00Z");
	TRY(config_read(&w->config, w->arena, w->dir, fault));
	/* What the views have not taken in yet would be left out as if it were not there. */
	TRY(node_call(w->dir, &wait, w->arena, &reply, fault));
	TRY(gate_open(&w->gate, w->dir, sys_env(), fault));
	ask.gate = w->gate;
	return gate_member_part(&ask, &q, &w->part, fault);
}

static struct str random_hex(struct writing *w)
{
	unsigned char bytes[BOUNDARY / 2];
	struct buf hex;
	struct str text;

	env_random(sys_env(), bytes, sizeof(bytes));
	buf_init(&hex, BOUNDARY);
	buf_hex(&hex, bytes, sizeof(bytes));
	text = arena_str(w->arena, buf_str(&hex));
	buf_free(&hex);
	return text;
}

/* Objects keep the bytes that they came with. */
static enum err make_bundle(struct writing *w, struct fault *fault)
{
	struct uuid id = uuid_v4(sys_env());
	char text[UUID_TEXT + 1];

	uuid_format(text, &id);
	buf_printf(&w->bundle, "{\"type\":\"bundle\",\"id\":\"bundle--%s\"", text);
	/* A bundle without objects has no list of them. */
	for (size_t i = 0; i < w->part.count; i++) {
		buf_put(&w->bundle, i ? S(",\n") : S(",\"objects\":[\n"));
		buf_put(&w->bundle, w->part.items[i].bytes);
	}
	buf_put(&w->bundle, w->part.count ? S("\n]}\n") : S("}\n"));
	if (w->bundle.failed != OK)
		return fail(fault, ERR_LIMIT, "the bundle would pass %d MiB", BUNDLE_MAX >> 20);
	w->hash = sha256(buf_str(&w->bundle));
	return OK;
}

/* ---- the core ---- */

/* Of the highest levels each object is named, as when an account reads it; of very many, the first.
 */
static void put_recorded(const struct writing *w, struct json_writer *j)
{
	size_t n = 0;

	json_list(j, "recorded");
	for (size_t i = 0; i < w->part.count; i++)
		if (reads_records(&w->part.items[i]) && n++ < RECORDED_MOST)
			json_put_str(j, NULL, w->part.items[i].id);
	json_end_list(j);
	json_put_int(j, "recorded_more", (int64_t)(n > RECORDED_MOST ? n - RECORDED_MOST : 0));
}

static enum err ask(struct writing *w, const char *op, const struct sha256 *hash, bool part,
    struct str *reply, struct fault *fault)
{
	const struct call call = {
	    .dir = w->dir, .op = str_c(op), .fd = -1, .too_long = "a part has too many objects"};
	struct json_writer j;
	struct buf args;

	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "name", w->account);
	json_put_str(
	    &j, "sha256", base64_encode(w->arena, (struct str){(const char *)hash->b, SHA256_LEN}));
	if (part) {
		json_put_int(&j, "objects", (int64_t)w->part.count);
		json_put_int(&j, "after", (int64_t)w->part.after);
		json_put_bool(&j, "mail", w->mail);
		json_put_str(&j, "given", base64_encode(w->arena, w->part.seqs));
		if (w->part.back_seqs.n) {
			json_put_str(&j, "back", base64_encode(w->arena, w->part.back_seqs));
			json_put_str(&j, "back_ids", w->part.back);
		}
		put_recorded(w, &j);
	}
	json_end_object(&j);
	return call_core(reply, w->arena, &call, &args, fault);
}

static enum err read_signature(struct writing *w, yyjson_val *root, struct fault *fault)
{
	if (base64_decode(&w->signature, w->arena, json_get_str(root, "signature")) != OK ||
	    w->signature.n == 0)
		return fail(fault, ERR_CORRUPT, "the node's answer has no signature");
	return OK;
}

static enum err number_part(struct writing *w, struct fault *fault)
{
	TRY(ask(w, "member.write", &w->hash, true, &w->reply, fault));
	TRY(json_parse(&w->written, w->arena, w->reply, &JSON_LIMITS_OBJECT, fault));
	w->note = json_get_str(w->written, "note");
	return w->mail ? OK : read_signature(w, w->written, fault);
}

/* ---- files ---- */

static struct str beside(struct writing *w, const char *suffix)
{
	return arena_printf(w->arena, "%.*s%s", STR_ARG(w->out), suffix);
}

static enum err check_free(struct writing *w, struct fault *fault)
{
	static const char *const SUFFIXES[] = {"", ".sig", ".p7s"};

	for (size_t i = 0; i < (w->mail ? 1 : 3) && !to_stdout(w); i++) {
		struct str path = beside(w, SUFFIXES[i]);

		if (file_exists(path))
			return fail(fault, ERR_CONFLICT, "%.*s exists already", STR_ARG(path));
	}
	return OK;
}

/* The bundle first: what cannot be written is not counted as given. */
static enum err write_files(struct writing *w, struct fault *fault)
{
	enum err rc;

	TRY(file_create(w->out, buf_str(&w->bundle), 0600, fault));
	rc = number_part(w, fault);
	if (rc != OK) {
		(void)unlink(w->out.p);
		return rc;
	}
	TRY(file_create(beside(w, ".sig"), w->note, 0600, fault));
	return file_create(beside(w, ".p7s"), w->signature, 0600, fault);
}

/* ---- mail ---- */

static void put_content(struct writing *w, struct buf *out)
{
	struct buf first, second;

	buf_init(&first, TEXT_MAX);
	buf_init(&second, MAIL_MAX);
	mail_put_file(&first, S("text/plain; charset=utf-8"), S("bundle.json.sig"), w->note);
	mail_put_file(&second, S("application/stix+json; version=2.1"), S("bundle.json"),
	    buf_str(&w->bundle));
	if (first.failed == OK && second.failed == OK)
		mail_put_mixed(out, random_hex(w), buf_str(&first), buf_str(&second));
	else
		out->failed = ERR_LIMIT;
	buf_free(&first);
	buf_free(&second);
}

/* What the mail's header is followed by: everything signed, and encrypted when that is wanted. */
static enum err put_body(struct writing *w, struct buf *out, struct fault *fault)
{
	struct buf content;
	struct sha256 hash;
	struct str reply;
	yyjson_val *root;
	enum err rc;

	buf_init(&content, MAIL_MAX);
	put_content(w, &content);
	hash = sha256(buf_str(&content));
	rc = content.failed == OK ? ask(w, "member.sign", &hash, false, &reply, fault)
	                          : fail(fault, ERR_LIMIT, "the mail is too long");
	if (rc == OK)
		rc = json_parse(&root, w->arena, reply, &JSON_LIMITS_OBJECT, fault);
	if (rc == OK)
		rc = read_signature(w, root, fault);
	if (rc == OK)
		mail_put_signed(out, random_hex(w), buf_str(&content), w->signature);
	buf_free(&content);
	return rc;
}

static enum err encrypt(struct writing *w, struct buf *body, struct fault *fault)
{
	struct str der;

	TRY(cms_encrypt(&der, w->arena, buf_str(body), w->part.certificate, fault));
	buf_reset(body);
	mail_put_encrypted(body, der);
	return OK;
}

static enum err check_mail(struct writing *w, struct fault *fault)
{
	if (!w->config.mail.n)
		return fail(fault, ERR_INVALID,
		    "mail: [node] in tocsin.conf names no address that mail comes from");
	if (!w->part.mail.n)
		return fail(fault, ERR_INVALID,
		    "%.*s has no address: tocsin member certificate --mail", STR_ARG(w->account));
	if (w->encrypt && !w->part.certificate.n)
		return fail(fault, ERR_INVALID,
		    "%.*s has no certificate to encrypt for: tocsin member certificate",
		    STR_ARG(w->account));
	if (w->encrypt && w->part.certificate_until <= env_now(sys_env()))
		return fail(
		    fault, ERR_DENIED, "the certificate of %.*s has expired", STR_ARG(w->account));
	return OK;
}

static enum err write_out(struct writing *w, struct str message, struct fault *fault)
{
	struct buf lines;
	enum err rc;

	buf_init(&lines, MAIL_MAX);
	mail_put_lines(&lines, message);
	if (lines.failed != OK)
		rc = fail(fault, ERR_LIMIT, "the mail is too long");
	else if (!to_stdout(w))
		rc = file_create(w->out, buf_str(&lines), 0600, fault);
	else
		rc = cmd_print(buf_str(&lines)) == EXIT_GOOD
		         ? OK
		         : fail(fault, ERR_IO, "the mail cannot be written");
	buf_free(&lines);
	return rc;
}

static enum err write_mail(struct writing *w, struct fault *fault)
{
	struct str domain = str_from(w->config.mail, str_find(w->config.mail, '@') + 1);
	struct mail head = {.from = w->config.mail,
	    .to = w->part.mail,
	    .subject = SUBJECT,
	    .id = arena_printf(w->arena, "%.*s@%.*s", STR_ARG(random_hex(w)), STR_ARG(domain)),
	    .date = env_now(sys_env())};
	struct buf body, message;
	enum err rc;

	TRY(check_mail(w, fault));
	TRY(number_part(w, fault));
	buf_init(&body, MAIL_MAX);
	buf_init(&message, MAIL_MAX);
	rc = put_body(w, &body, fault);
	if (rc == OK && w->encrypt)
		rc = encrypt(w, &body, fault);
	mail_put_head(&message, &head);
	buf_put(&message, buf_str(&body));
	if (rc == OK && (body.failed != OK || message.failed != OK))
		rc = fail(fault, ERR_LIMIT, "the mail is too long");
	if (rc == OK)
		rc = write_out(w, buf_str(&message), fault);
	buf_free(&body);
	buf_free(&message);
	return rc;
}

/* ---- the verb ---- */

static int tell(const struct writing *w)
{
	static const char *const MEMBERS[] = {"account", "made", "previous", "sha256"};
	struct json_writer j;
	struct buf out;
	int code = EXIT_GOOD;

	buf_init(&out, TEXT_MAX);
	if (w->json) {
		j = json_writer(&out);
		json_object(&j, NULL);
		json_put_str(&j, "file", w->out);
		for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++)
			json_put_str(&j, MEMBERS[i], json_get_str(w->written, MEMBERS[i]));
		json_put_int(&j, "serial", yyjson_get_sint(yyjson_obj_get(w->written, "serial")));
		json_put_int(&j, "objects", (int64_t)w->part.count);
		json_put_int(&j, "back", (int64_t)w->part.back_count);
		json_put_bool(&j, "more", w->part.more);
		json_end_object(&j);
	} else {
		terminal_put(&out, w->out);
		buf_printf(&out, ": part %" PRIu64 " for %.*s: %zu objects, %zu taken back%s",
		    yyjson_get_uint(yyjson_obj_get(w->written, "serial")), STR_ARG(w->account),
		    w->part.count, w->part.back_count,
		    w->part.more ? "; there are more: run it again" : "");
	}
	buf_byte(&out, '\n');
	if (to_stdout(w))
		(void)fwrite(out.p, 1, out.n, stderr);
	else
		code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

/* Whether there was something to be written. */
static enum err write_part(struct writing *w, bool *any, struct fault *fault)
{
	TRY(check_free(w, fault));
	TRY(read_part(w, fault));
	*any = w->part.count > 0 || w->part.back_seqs.n > 0;
	if (!*any)
		return OK;
	TRY(make_bundle(w, fault));
	return w->mail ? write_mail(w, fault) : write_files(w, fault);
}

static int check_options(const struct writing *w, const char *verb, const char *out)
{
	struct fault fault;

	if (!out)
		fault_set(&fault, ERR_INVALID, "--out names the file");
	else if (to_stdout(w) && !w->mail)
		fault_set(&fault, ERR_INVALID,
		    "--out -: a bundle has its signatures beside it; only --mail is one file");
	else if (w->encrypt && !w->mail)
		fault_set(&fault, ERR_INVALID, "--encrypt: only with --mail");
	else
		return EXIT_GOOD;
	return cmd_fail(verb, &fault);
}

int cmd_member_write(int argc, char **argv)
{
	struct writing w = {0};
	const char *out = NULL;
	const struct cmd_option options[] = {{"out", CMD_TEXT, &out}, {"since", CMD_TEXT, &w.since},
	    {"again", CMD_NUMBER, &w.again}, {"mail", CMD_FLAG, &w.mail},
	    {"encrypt", CMD_FLAG, &w.encrypt}, {"json", CMD_FLAG, &w.json}, {0}};
	struct fault fault = {.code = OK};
	bool any = false;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	w.out = str_c(out);
	code = check_options(&w, argv[0], out);
	if (code != EXIT_GOOD)
		return code;
	w.arena = arena_new(ARENA_MAX);
	w.dir = str_c(argv[1]);
	w.account = str_c(argv[2]);
	buf_init(&w.bundle, BUNDLE_MAX);
	if (write_part(&w, &any, &fault) != OK) {
		code = cmd_fail(argv[0], &fault);
	} else if (any) {
		code = tell(&w);
	} else {
		(void)fprintf(
		    stderr, "tocsin member write: nothing new for %.*s\n", STR_ARG(w.account));
		code = EXIT_SOME;
	}
	buf_free(&w.bundle);
	gate_close(w.gate);
	arena_free(w.arena);
	return code;
}
