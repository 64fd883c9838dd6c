/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed, to be taken along and checked elsewhere with public keys alone.
 *
 * `tocsin object envelope|verify`: the originator's signature over an object. The first reads the
 * files of a node, running or not; the second needs two files and public keys, and no node.
 *
 * The file of an envelope is text: the line "tocsin envelope 1", the envelope in base64, and the
 * seal's note as it was signed.
 *
 * `tocsin evidence verify`: what `peer evidence --json` prints. */
#include <inttypes.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "seal/ledger.h"
#include "seal/redact.h"
#include "stix/object.h"
#include "sync/position.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 64 << 20,
	FILE_MAX = 1 << 20,
	CONTENT_MAX = 8 << 20,
};

#define FIRST_LINE S("tocsin envelope 1")

/* What both verbs have in common. */
struct object_cmd {
	struct arena *arena;
	struct buf out;
	struct fault fault;
	bool json;
};

static void object_begin(struct object_cmd *o)
{
	o->arena = arena_new(ARENA_MAX);
	buf_init(&o->out, FILE_MAX);
}

static int object_end(struct object_cmd *o, const char *verb, enum err rc, int code)
{
	if (rc == OK && o->out.failed != OK)
		rc = fail(&o->fault, o->out.failed, "the output passes %d bytes", FILE_MAX);
	if (rc != OK)
		code = cmd_fail(verb, &o->fault);
	else if (cmd_print(buf_str(&o->out)) != EXIT_GOOD)
		code = EXIT_NONE;
	buf_free(&o->out);
	arena_free(o->arena);
	return code;
}

/* ---- envelope ---- */

static enum err find_object(
    struct object_cmd *o, const struct store *s, const char *id, const char *version, uint64_t *out)
{
	uint64_t seq = store_find(s, str_c(id));
	usec when;

	if (version) {
		if (time_parse_utc(&when, str_c(version)) != OK)
			return fail(&o->fault, ERR_PARSE,
			    "--version %s: a time like 2026-11-21T10:00:00.000Z", version);
		seq = store_find_version(s, str_c(id), when);
	}
	if (seq == STORE_NONE || store_row(s, seq)->kind != RECORD_OBJECT)
		return fail(&o->fault, ERR_NOT_FOUND, "%s%s%s: there is no such object", id,
		    version ? " " : "", version ? version : "");
	*out = seq;
	return OK;
}

static void put_envelope(struct object_cmd *o, const struct sealed *sealed)
{
	struct buf bytes;

	buf_init(&bytes, ENVELOPE_BYTES_MAX);
	envelope_put(&bytes, &sealed->envelope);
	buf_put(&o->out, FIRST_LINE);
	buf_byte(&o->out, '\n');
	base64_put(&o->out, buf_str(&bytes));
	buf_byte(&o->out, '\n');
	buf_put(&o->out, sealed->note);
	if (bytes.failed != OK)
		o->out.failed = bytes.failed;
	buf_free(&bytes);
}

static enum err write_envelope(struct object_cmd *o, const struct store *s, const char *id,
    const char *version, const char *object)
{
	struct seal_cache *cache = seal_cache_new();
	struct sealed sealed;
	uint64_t seq;
	enum err rc = find_object(o, s, id, version, &seq);

	if (rc == OK)
		rc = seal_envelope_of(&sealed, cache, s, seq, &o->fault);
	if (rc == OK)
		put_envelope(o, &sealed);
	if (rc == OK && object && store_tombstone_of(store_row(s, seq)) != STORE_NONE)
		rc = fail(&o->fault, ERR_NOT_FOUND, "%s: its bytes were purged", id);
	if (rc == OK && object)
		rc = file_write(str_c(object), store_content(s, seq), 0600, &o->fault);
	seal_cache_free(cache);
	return rc;
}

int cmd_object_envelope(int argc, char **argv)
{
	struct object_cmd o = {0};
	const char *version = NULL;
	const char *object = NULL;
	const struct cmd_option options[] = {
	    {"version", CMD_TEXT, &version}, {"object", CMD_TEXT, &object}, {0}};
	struct store *store;
	enum err rc;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	object_begin(&o);
	rc = store_open(&store,
	    &(struct store_options){
	        .dir = file_join(o.arena, str_c(argv[1]), "ledger"), .env = sys_env()},
	    &o.fault);
	if (rc == OK) {
		rc = write_envelope(&o, store, argv[2], version, object);
		store_close(store);
	}
	/* There, but not signed yet: an answer, and it is no. */
	if (rc == ERR_NOT_FOUND) {
		(void)cmd_fail(argv[0], &o.fault);
		rc = OK;
		code = EXIT_SOME;
	}
	return object_end(&o, argv[0], rc, code);
}

/* ---- verify ---- */

struct checked {
	struct envelope envelope;
	struct seal seal;
	struct note_keys keys;
	size_t left_out;
};

static enum err read_envelope(
    struct object_cmd *o, const char *path, struct checked *c, struct str *note)
{
	struct str rest;
	struct str bytes;

	TRY(file_read(&rest, o->arena, str_c(path), FILE_MAX, &o->fault));
	if (!str_eq(str_cut(&rest, '\n'), FIRST_LINE) || !rest.p)
		return fail(&o->fault, ERR_PARSE, "%s: not the file of an envelope", path);
	if (base64_decode(&bytes, o->arena, str_cut(&rest, '\n')) != OK || !rest.p)
		return fail(&o->fault, ERR_PARSE, "%s: the second line is not base64", path);
	TRY(envelope_read(&c->envelope, bytes, &o->fault));
	*note = rest;
	return OK;
}

static enum err read_keys(struct object_cmd *o, const struct cmd_list *given, struct note_keys *out)
{
	struct str lines = S("");

	if (given->count == 0)
		return fail(&o->fault, ERR_INVALID,
		    "--key and the public key of who signed is needed, once or, for Ed25519 and "
		    "ML-DSA-65, twice");
	for (size_t i = 0; i < given->count; i++)
		lines = arena_printf(o->arena, "%.*s%s\n", STR_ARG(lines), given->list[i]);
	return note_keys_parse(out, o->arena, lines, &o->fault);
}

/* What was stated must be what the content says of itself. */
static enum err check_names(struct object_cmd *o, const struct checked *c, struct str content)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	const struct statement *s = &c->envelope.statement;
	struct stix_object object;
	yyjson_val *root, *id;

	if (s->kind == SEAL_OBJECT && !c->envelope.leaves.p) {
		TRY(stix_object_parse(&object, o->arena, content, &o->fault));
		if (!str_eq(object.id, s->id) || object.version != s->version)
			return fail(&o->fault, ERR_INVALID,
			    "content: its id or version is not the one stated");
		return OK;
	}
	TRY(json_parse(&root, o->arena, content, &limits, &o->fault));
	id = yyjson_obj_get(root, "id");
	if (id && !str_eq(json_str(id), s->id))
		return fail(&o->fault, ERR_INVALID, "content: its id is not the one stated");
	return OK;
}

static enum err verify(
    struct object_cmd *o, char **argv, const struct cmd_list *given, struct checked *c)
{
	struct str note, content;

	TRY(read_keys(o, given, &c->keys));
	TRY(read_envelope(o, argv[1], c, &note));
	TRY(file_read(&content, o->arena, str_c(argv[2]), CONTENT_MAX, &o->fault));
	TRY(seal_open(&c->seal, note, c->envelope.statement.originator, &c->keys, &o->fault));
	TRY(seal_verify(&c->envelope, &c->seal, content, &o->fault));
	TRY(check_names(o, c, content));
	c->left_out = seal_left_out(&c->envelope);
	return OK;
}

static void put_good_json(struct object_cmd *o, const struct checked *c)
{
	const struct statement *s = &c->envelope.statement;
	struct json_writer w = json_writer(&o->out);

	json_object(&w, NULL);
	json_put_bool(&w, "good", true);
	json_put_str(&w, "id", s->id);
	json_put_time(&w, "version", s->version);
	json_put_str(&w, "kind", s->kind == SEAL_OBJECT ? S("object") : S("withdrawal"));
	json_put_str(&w, "originator", s->originator);
	json_put_time(&w, "stated", s->time);
	json_put_time(&w, "sealed", c->seal.time);
	json_put_str(&w, "origin", c->keys.key.name);
	json_list(&w, "checked");
	json_put_str(&w, NULL, S("Ed25519"));
	if (c->keys.mldsa.name.p)
		json_put_str(&w, NULL, S("ML-DSA-65"));
	json_end_list(&w);
	json_put_int(&w, "members", s->members);
	json_put_int(&w, "left_out", (int64_t)c->left_out);
	json_end_object(&w);
	buf_byte(&o->out, '\n');
}

static void put_good(struct object_cmd *o, const struct checked *c)
{
	const struct statement *s = &c->envelope.statement;
	char stated[TIME_TEXT + 1], sealed[TIME_TEXT + 1];

	time_format(stated, s->time);
	time_format(sealed, c->seal.time);
	buf_printf(&o->out, "good: %s of ", s->kind == SEAL_OBJECT ? "a copy" : "the withdrawal");
	terminal_put(&o->out, s->id);
	buf_printf(&o->out, "\nstated by ");
	terminal_put(&o->out, s->originator);
	buf_printf(&o->out, " at %s\nsealed at %s by ", stated, sealed);
	terminal_put(&o->out, c->keys.key.name);
	buf_printf(&o->out, " with Ed25519%s\n", c->keys.mldsa.name.p ? " and ML-DSA-65" : " only");
	if (c->envelope.leaves.p)
		buf_printf(&o->out, "left out: %zu of %u members; the rest is as stated\n",
		    c->left_out, (unsigned)s->members);
}

static void put_bad(struct object_cmd *o)
{
	struct json_writer w = json_writer(&o->out);

	if (!o->json) {
		buf_printf(&o->out, "BAD: ");
		terminal_put(&o->out, str_c(o->fault.text));
		buf_byte(&o->out, '\n');
		return;
	}
	json_object(&w, NULL);
	json_put_bool(&w, "good", false);
	json_put_str(&w, "reason", str_c(o->fault.text));
	json_end_object(&w);
	buf_byte(&o->out, '\n');
}

static int object_verify(struct object_cmd *o, char **argv, const struct cmd_list *given)
{
	struct checked c = {.left_out = 0};
	enum err rc = verify(o, argv, given, &c);
	/* Files and keys that cannot be read are errors; what they say is an answer. */
	bool answer = rc == ERR_INVALID || rc == ERR_NOT_FOUND || rc == ERR_PARSE;

	if (rc == OK && o->json)
		put_good_json(o, &c);
	else if (rc == OK)
		put_good(o, &c);
	else if (answer && c.keys.key.name.p)
		put_bad(o);
	else
		return object_end(o, argv[0], rc, EXIT_NONE);
	return object_end(o, argv[0], OK, rc == OK ? EXIT_GOOD : EXIT_SOME);
}

int cmd_object_verify(int argc, char **argv)
{
	struct object_cmd o = {0};
	struct cmd_list given = {.list = mem_alloc((size_t)argc * sizeof(const char *))};
	const struct cmd_option options[] = {
	    {"key", CMD_LIST, &given}, {"json", CMD_FLAG, &o.json}, {0}};
	int code = EXIT_NONE;

	if (cmd_parse(argc, argv, options, 2, 2) >= 0) {
		object_begin(&o);
		code = object_verify(&o, argv, &given);
	}
	mem_free(given.list);
	return code;
}

/* ---- evidence ---- */

static enum err check_evidence(struct object_cmd *o, const char *path, const struct cmd_list *given,
    struct note_keys *keys, struct checkpoint *out)
{
	const struct json_limits limits = {.bytes = FILE_MAX, .depth = 4};
	yyjson_val *root;
	struct str text;

	TRY(read_keys(o, given, keys));
	TRY(file_read(&text, o->arena, str_c(path), FILE_MAX, &o->fault));
	TRY(json_parse(&root, o->arena, text, &limits, &o->fault));
	return evidence_check(
	    out, json_get_str(root, "held"), json_get_str(root, "shown"), keys, &o->fault);
}

static void put_proof(struct object_cmd *o, const struct checkpoint *head)
{
	struct json_writer w = json_writer(&o->out);

	if (!o->json) {
		buf_put(&o->out, S("proof: the holder of the key signed two different heads of "));
		terminal_put(&o->out, head->origin);
		buf_printf(&o->out, " over its first %" PRIu64 " entries\n", head->size);
		return;
	}
	json_object(&w, NULL);
	json_put_bool(&w, "good", true);
	json_put_str(&w, "origin", head->origin);
	json_put_int(&w, "size", (int64_t)head->size);
	json_end_object(&w);
	buf_byte(&o->out, '\n');
}

static int evidence_verify(struct object_cmd *o, char **argv, const struct cmd_list *given)
{
	struct note_keys keys = {0};
	struct checkpoint head;
	enum err rc = check_evidence(o, argv[1], given, &keys, &head);

	if (rc == OK)
		put_proof(o, &head);
	else if (rc == ERR_INVALID && keys.key.name.p)
		put_bad(o);
	else
		return object_end(o, argv[0], rc, EXIT_NONE);
	return object_end(o, argv[0], OK, rc == OK ? EXIT_GOOD : EXIT_SOME);
}

int cmd_evidence_verify(int argc, char **argv)
{
	struct object_cmd o = {0};
	struct cmd_list given = {.list = mem_alloc((size_t)argc * sizeof(const char *))};
	const struct cmd_option options[] = {
	    {"key", CMD_LIST, &given}, {"json", CMD_FLAG, &o.json}, {0}};
	int code = EXIT_NONE;

	if (cmd_parse(argc, argv, options, 1, 1) >= 0) {
		object_begin(&o);
		code = evidence_verify(&o, argv, &given);
	}
	mem_free(given.list);
	return code;
}
