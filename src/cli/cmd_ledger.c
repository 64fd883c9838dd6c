/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin ledger verify|head|prove` and `tocsin audit list|export`: they read the files of a node,
 * running or not, and a public key; they need no node and no other part of it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "crypt/sign.h"
#include "store/checkpoint.h"
#include "store/frame.h"
#include "store/people.h"
#include "store/store.h"
#include "store/verify.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 4 << 20,
	OUTPUT_MAX = 32 << 20, /* one record is the most that is put together at a time */
	KEY_BYTES_MAX = 4096,
	CONTENT_SHOWN = 200, /* bytes of a decision, as people see it */
	AUDIT_ARENA_MAX = 64 << 20,
};

/* What the verbs have in common. */
struct ledger {
	struct arena *arena;
	struct buf out;
	struct str dir; /* of the ledger */
	struct fault fault;
	bool json;
};

static void ledger_begin(struct ledger *l, const char *node_dir)
{
	l->arena = arena_new(ARENA_MAX);
	buf_init(&l->out, OUTPUT_MAX);
	l->dir = file_join(l->arena, str_c(node_dir), "ledger");
}

/* Prints what was put together, or what went wrong. */
static int ledger_end(struct ledger *l, const char *verb, enum err rc, int code)
{
	if (rc == OK && l->out.failed != OK)
		rc = fail(&l->fault, l->out.failed, "the output passes %d bytes", OUTPUT_MAX);
	if (rc != OK)
		code = cmd_fail(verb, &l->fault);
	else if (cmd_print(buf_str(&l->out)) != EXIT_GOOD)
		code = EXIT_NONE;
	buf_free(&l->out);
	arena_free(l->arena);
	return code;
}

static void put_base64(struct buf *out, const void *bytes, size_t n)
{
	base64_put(out, (struct str){bytes, n});
}

static void put_hex(
    struct ledger *l, struct json_writer *w, const char *key, const void *bytes, size_t n)
{
	struct buf hex;

	buf_init(&hex, OUTPUT_MAX);
	buf_hex(&hex, bytes, n);
	json_put_str(w, key, buf_str(&hex));
	if (hex.failed != OK)
		l->out.failed = hex.failed;
	buf_free(&hex);
}

/* Text of several lines that end in a newline each. */
static void put_lines(struct buf *out, struct str text)
{
	while (text.n > 0) {
		terminal_put(out, str_cut(&text, '\n'));
		buf_byte(out, '\n');
	}
}

/* ---- verify ---- */

/* The second file is missing where no ML-DSA-65 key was ever made. */
static enum err read_key_files(struct ledger *l, struct str *lines)
{
	struct str path = file_join(l->arena, l->dir, "public-key-mldsa");
	struct str first;
	struct str second = S("");

	TRY(file_read(
	    &first, l->arena, file_join(l->arena, l->dir, "public-key"), KEY_BYTES_MAX, &l->fault));
	if (file_exists(path))
		TRY(file_read(&second, l->arena, path, KEY_BYTES_MAX, &l->fault));
	*lines = arena_printf(l->arena, "%.*s\n%.*s", STR_ARG(str_trim(first)), STR_ARG(second));
	return OK;
}

/* The options, else the files that `tocsin init` put beside the ledger. */
static enum err read_keys(
    struct ledger *l, const struct cmd_list *given, struct note_keys *out, struct str *from)
{
	struct str lines = S("");

	*from = given->count ? S("--key") : file_join(l->arena, l->dir, "public-key");
	if (!given->count)
		TRY(read_key_files(l, &lines));
	for (size_t i = 0; i < given->count; i++)
		lines = arena_printf(l->arena, "%.*s\n%s", STR_ARG(lines), given->list[i]);
	return note_keys_parse(out, l->arena, lines, &l->fault);
}

struct progress {
	usec start;
	usec shown;
	bool any;
};

static void show_progress(void *ctx, uint64_t bytes, uint64_t total)
{
	struct progress *p = ctx;
	usec now = sys_monotonic();

	if (now - p->start < USEC_PER_SEC || now - p->shown < USEC_PER_SEC / 10 || total == 0)
		return;
	p->shown = now;
	p->any = true;
	(void)fprintf(
	    stderr, "\r%3" PRIu64 " %% of %" PRIu64 " MiB", bytes * 100 / total, total >> 20);
}

static void put_rotations_json(struct json_writer *w, const struct verify_report *r)
{
	json_list(w, "rotations");
	for (size_t i = 0; i < r->rotation_count; i++) {
		const struct verify_rotation *step = &r->rotations[i];

		json_object(w, NULL);
		json_put_int(w, "record", (int64_t)step->record);
		json_put_time(w, "time", step->time);
		json_put_str(w, "before", str_c(step->before));
		json_put_str(w, "after", str_c(step->after));
		json_put_bool(w, "back", step->back);
		json_end_object(w);
	}
	json_end_list(w);
}

/* The way from the given key to the one that signed. */
static void put_rotations(struct ledger *l, const struct verify_report *r)
{
	char when[TIME_TEXT + 1];

	for (size_t i = 0; i < r->rotation_count; i++) {
		const struct verify_rotation *step = &r->rotations[i];

		time_format(when, step->time);
		buf_printf(&l->out, "followed: the rotation statement in record %" PRIu64 ", %s, ",
		    step->record, when);
		buf_printf(&l->out, "%s", step->back ? "back from " : "from ");
		terminal_put(&l->out, str_c(step->back ? step->after : step->before));
		buf_printf(&l->out, " to ");
		terminal_put(&l->out, str_c(step->back ? step->before : step->after));
		buf_byte(&l->out, '\n');
	}
}

static void put_report_json(
    struct ledger *l, const struct verify_report *r, const struct note_keys *keys, struct str from)
{
	struct json_writer w = json_writer(&l->out);

	json_object(&w, NULL);
	json_put_bool(&w, "good", r->good);
	json_put_int(&w, "records", (int64_t)r->records);
	json_put_int(&w, "signed", (int64_t)r->signed_size);
	json_put_int(&w, "bytes", (int64_t)r->bytes);
	json_put_bool(&w, "writing", r->writing);
	json_put_str(&w, "origin", keys->key.name);
	json_list(&w, "checked");
	json_put_str(&w, NULL, S("Ed25519"));
	if (keys->mldsa.name.p)
		json_put_str(&w, NULL, S("ML-DSA-65"));
	json_end_list(&w);
	json_put_str(&w, "key_from", from);
	put_rotations_json(&w, r);
	if (!r->good) {
		json_object(&w, "bad");
		if (r->bad.record != STORE_NONE)
			json_put_int(&w, "record", (int64_t)r->bad.record);
		if (r->bad.id[0])
			json_put_str(&w, "id", str_c(r->bad.id));
		json_put_str(&w, "file", str_c(r->bad.file));
		json_put_int(&w, "offset", (int64_t)r->bad.offset);
		json_put_str(&w, "reason", str_c(r->bad.reason));
		json_end_object(&w);
	}
	json_end_object(&w);
	buf_byte(&l->out, '\n');
}

static void put_bad(struct ledger *l, const struct verify_bad *bad)
{
	buf_printf(&l->out, "BAD: ");
	if (bad->record != STORE_NONE)
		buf_printf(&l->out, "record %" PRIu64, bad->record);
	if (bad->record != STORE_NONE && bad->id[0]) {
		buf_printf(&l->out, " (");
		terminal_put(&l->out, str_c(bad->id));
		buf_printf(&l->out, ")");
	}
	if (bad->record != STORE_NONE)
		buf_printf(&l->out, " in ");
	terminal_put(&l->out, l->dir);
	buf_printf(&l->out, "/%s", bad->file);
	if (bad->record != STORE_NONE)
		buf_printf(&l->out, " at byte %" PRIu64, bad->offset);
	buf_printf(&l->out, ": ");
	terminal_put(&l->out, str_c(bad->reason));
	buf_printf(&l->out, "\n");
}

static void put_report(
    struct ledger *l, const struct verify_report *r, const struct note_keys *keys, struct str from)
{
	if (!r->good)
		put_bad(l, &r->bad);
	buf_printf(&l->out, "%s%" PRIu64 " records, %" PRIu64 " bytes\n",
	    r->good ? "good: " : "good before that: ", r->records, r->bytes);
	buf_printf(&l->out, "signed: %" PRIu64 " records, by ", r->signed_size);
	terminal_put(&l->out, keys->key.name);
	buf_printf(
	    &l->out, " with Ed25519%s (key from ", keys->mldsa.name.p ? " and ML-DSA-65" : " only");
	terminal_put(&l->out, from);
	buf_printf(&l->out, ")\n");
	put_rotations(l, r);
	if (r->good && r->records > r->signed_size)
		buf_printf(
		    &l->out, "not signed yet: the last %" PRIu64 "\n", r->records - r->signed_size);
	if (r->writing)
		buf_printf(&l->out, "a node is writing; what it had not finished is left out\n");
}

static int ledger_verify(const char *verb, struct ledger *l, const struct cmd_list *given)
{
	struct progress progress = {.start = sys_monotonic()};
	struct verify_report report = {0};
	struct note_keys keys = {0};
	struct str from = STR_NONE;
	enum err rc = read_keys(l, given, &keys, &from);

	if (rc == OK)
		rc = store_verify(&report,
		    &(struct verify_options){
		        .dir = l->dir,
		        .keys = &keys,
		        .progress = cmd_interactive() ? show_progress : NULL,
		        .ctx = &progress,
		    },
		    &l->fault);
	if (progress.any)
		(void)fprintf(stderr, "\r\033[K");
	if (rc == OK && l->json)
		put_report_json(l, &report, &keys, from);
	else if (rc == OK)
		put_report(l, &report, &keys, from);
	return ledger_end(l, verb, rc, report.good ? EXIT_GOOD : EXIT_SOME);
}

int cmd_ledger_verify(int argc, char **argv)
{
	struct ledger l = {0};
	struct cmd_list given = {.list = mem_alloc((size_t)argc * sizeof(const char *))};
	const struct cmd_option options[] = {
	    {"key", CMD_LIST, &given}, {"json", CMD_FLAG, &l.json}, {0}};
	int code = EXIT_NONE;

	if (cmd_parse(argc, argv, options, 1, 1) >= 0) {
		ledger_begin(&l, argv[1]);
		code = ledger_verify(argv[0], &l, &given);
	}
	mem_free(given.list);
	return code;
}

/* ---- head and prove ---- */

struct signed_store {
	struct store *store;
	struct str note;
	struct checkpoint checkpoint;
};

static enum err open_signed(struct ledger *l, struct signed_store *out)
{
	struct signed_store s = {0};
	enum err rc;

	TRY(store_open(
	    &s.store, &(struct store_options){.dir = l->dir, .env = sys_env()}, &l->fault));
	rc = store_checkpoint(s.store, l->arena, &s.note, &l->fault);
	if (rc == OK && s.note.n == 0)
		rc = fail(
		    &l->fault, ERR_NOT_FOUND, "%.*s: there is no checkpoint yet", STR_ARG(l->dir));
	if (rc == OK)
		rc = checkpoint_parse(&s.checkpoint, s.note, &l->fault);
	if (rc == OK)
		*out = s;
	else
		store_close(s.store);
	return rc;
}

static void put_head_json(struct ledger *l, const struct signed_store *s)
{
	struct json_writer w = json_writer(&l->out);

	json_object(&w, NULL);
	json_put_str(&w, "origin", s->checkpoint.origin);
	json_put_int(&w, "size", (int64_t)s->checkpoint.size);
	put_hex(l, &w, "root", s->checkpoint.root.b, SHA256_LEN);
	json_put_int(&w, "records", (int64_t)store_size(s->store));
	json_put_str(&w, "checkpoint", s->note);
	json_end_object(&w);
	buf_byte(&l->out, '\n');
}

int cmd_ledger_head(int argc, char **argv)
{
	struct ledger l = {0};
	const struct cmd_option options[] = {{"json", CMD_FLAG, &l.json}, {0}};
	struct signed_store s;
	enum err rc;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	ledger_begin(&l, argv[1]);
	rc = open_signed(&l, &s);
	if (rc == OK) {
		if (l.json)
			put_head_json(&l, &s);
		else
			put_lines(&l.out, s.note);
		store_close(s.store);
	}
	return ledger_end(&l, argv[0], rc, EXIT_GOOD);
}

/* The end of a proof's object: the hashes, and the root and the checkpoint that they lead to. */
static void put_hashes_json(struct ledger *l, struct json_writer *w, const struct proof *proof,
    const struct signed_store *s)
{
	json_list(w, "hashes");
	for (size_t i = 0; i < proof->count; i++)
		put_hex(l, w, NULL, proof->hashes[i].b, SHA256_LEN);
	json_end_list(w);
	put_hex(l, w, "root", s->checkpoint.root.b, SHA256_LEN);
	json_put_str(w, "checkpoint", s->note);
	json_end_object(w);
	buf_byte(&l->out, '\n');
}

/* One base64 line a hash, an empty line, the checkpoint. */
static void put_hashes(struct ledger *l, const struct proof *proof, struct str note)
{
	for (size_t i = 0; i < proof->count; i++) {
		put_base64(&l->out, proof->hashes[i].b, SHA256_LEN);
		buf_byte(&l->out, '\n');
	}
	buf_byte(&l->out, '\n');
	put_lines(&l->out, note);
}

static enum err find_record(struct ledger *l, const struct signed_store *s, const char *id,
    const char *version, uint64_t *out)
{
	uint64_t seq = store_find(s->store, str_c(id));
	usec when;

	if (version) {
		if (time_parse_utc(&when, str_c(version)) != OK)
			return fail(&l->fault, ERR_PARSE,
			    "--version %s: a time like 2026-11-21T10:00:00.000Z", version);
		seq = store_find_version(s->store, str_c(id), when);
	}
	if (seq == STORE_NONE)
		return fail(&l->fault, ERR_NOT_FOUND, "%s%s%s: there is no such record", id,
		    version ? " " : "", version ? version : "");
	if (seq >= s->checkpoint.size)
		return fail(&l->fault, ERR_NOT_FOUND,
		    "%s is record %" PRIu64 ", the newest checkpoint covers %" PRIu64
		    ": try again when it is signed",
		    id, seq, s->checkpoint.size);
	*out = seq;
	return OK;
}

/* A record's header, whose hash is its leaf, and the path from there to the signed root. */
static enum err prove_inclusion(
    struct ledger *l, const struct signed_store *s, const char *id, const char *version)
{
	struct json_writer w = json_writer(&l->out);
	struct sha256 leaf;
	struct record record;
	struct proof proof;
	struct str header;
	uint64_t seq;

	TRY(find_record(l, s, id, version, &seq));
	TRY(store_prove_inclusion(s->store, seq, s->checkpoint.size, l->arena, &proof, &l->fault));
	header = store_header(s->store, seq);
	leaf = record_leaf(header);
	store_record(s->store, seq, &record);
	if (!l->json) {
		buf_printf(&l->out, "c2sp.org/tlog-proof@v1\nextra ");
		put_base64(&l->out, header.p, header.n);
		buf_printf(&l->out, "\nindex %" PRIu64 "\n", seq);
		put_hashes(l, &proof, s->note);
		return OK;
	}
	json_object(&w, NULL);
	json_put_str(&w, "id", record.id);
	json_put_int(&w, "index", (int64_t)seq);
	json_put_int(&w, "size", (int64_t)s->checkpoint.size);
	put_hex(l, &w, "content_sha256", record.hash.b, SHA256_LEN);
	put_hex(l, &w, "header", header.p, header.n);
	put_hex(l, &w, "leaf", leaf.b, SHA256_LEN);
	put_hashes_json(l, &w, &proof, s);
	return OK;
}

/* That the tree of `from` records is the beginning of the signed one. */
static enum err prove_growth(struct ledger *l, const struct signed_store *s, uint64_t from)
{
	struct json_writer w = json_writer(&l->out);
	struct sha256 old_root;
	struct proof proof;

	TRY(store_prove_consistency(
	    s->store, from, s->checkpoint.size, l->arena, &proof, &l->fault));
	TRY(store_root(s->store, from, &old_root, &l->fault));
	if (!l->json) {
		buf_printf(&l->out, "old %" PRIu64 "\n", from);
		put_hashes(l, &proof, s->note);
		return OK;
	}
	json_object(&w, NULL);
	json_put_int(&w, "from", (int64_t)from);
	json_put_int(&w, "size", (int64_t)s->checkpoint.size);
	put_hex(l, &w, "from_root", old_root.b, SHA256_LEN);
	put_hashes_json(l, &w, &proof, s);
	return OK;
}

int cmd_ledger_prove(int argc, char **argv)
{
	struct ledger l = {0};
	const char *version = NULL;
	uint64_t from = STORE_NONE;
	const struct cmd_option options[] = {{"version", CMD_TEXT, &version},
	    {"from", CMD_NUMBER, &from}, {"json", CMD_FLAG, &l.json}, {0}};
	int words = cmd_parse(argc, argv, options, 1, 2);
	struct signed_store s;
	bool absent = false;
	enum err rc;
	int code;

	if (words < 0)
		return EXIT_NONE;
	ledger_begin(&l, argv[1]);
	if ((words == 2) == (from != STORE_NONE))
		rc = fail(&l.fault, ERR_INVALID,
		    "either the ID of a record, or --from and the size of an earlier checkpoint");
	else
		rc = open_signed(&l, &s);
	if (rc == OK) {
		rc = words == 2 ? prove_inclusion(&l, &s, argv[2], version)
		                : prove_growth(&l, &s, from);
		absent = rc == ERR_NOT_FOUND;
		store_close(s.store);
	}
	code = ledger_end(&l, argv[0], rc, EXIT_GOOD);
	/* "No such record" is an answer, not a failure. */
	return absent ? EXIT_SOME : code;
}

/* ---- audit ---- */

struct audit {
	struct ledger *l;
	const struct store *store;
	struct people *people; /* whose names the decisions do not hold */
	const char *node, *since, *who;
	usec from;
	struct arena *arena; /* for one decision */
};

/* Where sensors were read to is no decision of anybody's, and changes all the time. */
static bool is_audited(const struct store *s, uint64_t seq)
{
	return store_row(s, seq)->kind == RECORD_DECISION &&
	       !str_starts(store_id(s, seq), S("position/"));
}

static bool is_about(struct str path, yyjson_val *root, struct str who)
{
	static const char *const MEMBERS[] = {"by", "second", "account"};

	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++)
		if (str_eq(json_get_str(root, MEMBERS[i]), who))
			return true;
	return str_eq(str_from(path, str_find(path, '/') + 1), who);
}

/* Who is the cause of a decision, as far as it says so. */
static struct str author_of(yyjson_val *root)
{
	struct str by = json_get_str(root, "by");

	return by.p ? by : json_get_str(root, "account");
}

/* Signatures are thousands of characters that nobody reads. */
static void put_short(struct buf *out, struct str text)
{
	size_t n = text.n < CONTENT_SHOWN ? text.n : CONTENT_SHOWN;

	while (n < text.n && n > 0 && ((unsigned char)text.p[n] & 0xc0U) == 0x80U)
		n--;
	terminal_put(out, str_slice(text, 0, n));
	if (n < text.n)
		buf_put(out, S("..."));
}

static void put_decision(struct audit *a, uint64_t seq, yyjson_val *root)
{
	struct buf *out = &a->l->out;
	struct str author = people_name(a->people, author_of(root));
	char when[TIME_TEXT + 1];

	time_format(when, store_row(a->store, seq)->received);
	if (a->l->json) {
		struct json_writer w = json_writer(out);

		json_object(&w, NULL);
		json_put_int(&w, "record", (int64_t)seq);
		json_put_str(&w, "received", str_c(when));
		json_put_str(&w, "path", store_id(a->store, seq));
		if (author.p)
			json_put_str(&w, "by", author);
		json_put_str(&w, "content", store_content(a->store, seq));
		json_end_object(&w);
	} else {
		buf_printf(out, "%s  %" PRIu64 "  ", when, seq);
		terminal_put(out, author.p ? author : S("-"));
		buf_put(out, S("  "));
		terminal_put(out, store_id(a->store, seq));
		buf_put(out, S("  "));
		put_short(out, store_content(a->store, seq));
	}
	buf_byte(out, '\n');
}

/* What was put together so far, so that no list is too long. */
static enum err flush(struct ledger *l)
{
	if (l->out.failed != OK)
		return fail(&l->fault, l->out.failed, "a record passes %d bytes", OUTPUT_MAX);
	if (cmd_print(buf_str(&l->out)) != EXIT_GOOD)
		return fail(&l->fault, ERR_IO, "the list ends here");
	buf_reset(&l->out);
	return OK;
}

static enum err list_decisions(struct audit *a)
{
	uint64_t size = store_size(a->store);

	for (uint64_t seq = 0; seq < size; seq++) {
		yyjson_val *root = NULL;

		if (!is_audited(a->store, seq) || store_row(a->store, seq)->received < a->from)
			continue;
		arena_reset(a->arena);
		/* What cannot be read is listed all the same, but for nobody in particular. */
		if (json_parse(&root, a->arena, store_content(a->store, seq), &JSON_LIMITS_OBJECT,
		        NULL) != OK)
			root = NULL;
		if (a->who &&
		    !is_about(store_id(a->store, seq), root, people_id(a->people, str_c(a->who))))
			continue;
		put_decision(a, seq, root);
		TRY(flush(a->l));
	}
	return OK;
}

static enum err audit_list(struct audit *a)
{
	struct store *store;
	enum err rc;

	if (a->since && time_parse_utc(&a->from, str_c(a->since)) != OK)
		return fail(&a->l->fault, ERR_PARSE,
		    "--since %s: a time like 2026-11-21T10:00:00.000Z", a->since);
	TRY(store_open(
	    &store, &(struct store_options){.dir = a->l->dir, .env = sys_env()}, &a->l->fault));
	a->store = store;
	a->arena = arena_new(AUDIT_ARENA_MAX);
	rc = people_open(&a->people, str_c(a->node), &a->l->fault);
	if (rc == OK)
		rc = list_decisions(a);
	people_close(a->people);
	arena_free(a->arena);
	store_close(store);
	return rc;
}

int cmd_audit_list(int argc, char **argv)
{
	struct ledger l = {0};
	struct audit a = {.l = &l, .from = INT64_MIN};
	const struct cmd_option options[] = {{"since", CMD_TEXT, &a.since},
	    {"who", CMD_TEXT, &a.who}, {"json", CMD_FLAG, &l.json}, {0}};

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	a.node = argv[1];
	ledger_begin(&l, argv[1]);
	return ledger_end(&l, argv[0], audit_list(&a), EXIT_GOOD);
}

/* A decision with the way from its leaf to the root of the checkpoint in the first line. */
static enum err put_proven(struct audit *a, const struct signed_store *s, uint64_t seq)
{
	struct ledger *l = a->l;
	struct json_writer w = json_writer(&l->out);
	struct str header = store_header(s->store, seq);
	char when[TIME_TEXT + 1];
	struct proof proof;

	arena_reset(a->arena);
	TRY(store_prove_inclusion(s->store, seq, s->checkpoint.size, a->arena, &proof, &l->fault));
	time_format(when, store_row(s->store, seq)->received);
	json_object(&w, NULL);
	json_put_int(&w, "record", (int64_t)seq);
	json_put_str(&w, "received", str_c(when));
	json_put_str(&w, "path", store_id(s->store, seq));
	json_put_str(&w, "content", store_content(s->store, seq));
	put_hex(l, &w, "header", header.p, header.n);
	json_list(&w, "hashes");
	for (size_t i = 0; i < proof.count; i++)
		put_hex(l, &w, NULL, proof.hashes[i].b, SHA256_LEN);
	json_end_list(&w);
	json_end_object(&w);
	buf_byte(&l->out, '\n');
	return flush(l);
}

static enum err export_decisions(
    struct audit *a, const struct signed_store *s, uint64_t from, uint64_t to)
{
	if (to > s->checkpoint.size)
		to = s->checkpoint.size;
	put_head_json(a->l, s);
	TRY(flush(a->l));
	for (uint64_t seq = from; seq < to; seq++)
		if (is_audited(s->store, seq))
			TRY(put_proven(a, s, seq));
	return OK;
}

int cmd_audit_export(int argc, char **argv)
{
	struct ledger l = {0};
	struct audit a = {.l = &l};
	uint64_t from = 0, to = UINT64_MAX;
	const struct cmd_option options[] = {
	    {"from", CMD_NUMBER, &from}, {"to", CMD_NUMBER, &to}, {0}};
	struct signed_store s;
	enum err rc;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	ledger_begin(&l, argv[1]);
	rc = open_signed(&l, &s);
	if (rc == OK) {
		a.arena = arena_new(AUDIT_ARENA_MAX);
		rc = export_decisions(&a, &s, from, to);
		arena_free(a.arena);
		store_close(s.store);
	}
	return ledger_end(&l, argv[0], rc, EXIT_GOOD);
}
