/* SPDX-License-Identifier: Apache-2.0 */
/* `pack key|make|check`: what who maintains warning lists for many nodes does with a policy pack,
 * and what anybody can check with public keys alone. Needs no node. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "cli/cmd.h"
#include "cli/pack/pack.h"
#include "cli/verbs.h"
#include "codec/time.h"
#include "crypt/random.h"
#include "sys/env.h"
#include "sys/files.h"

enum { SEED = 32, KEY_FILE_MAX = 4096, OUT_MAX = 256 << 10 };

_Static_assert(
    (int)SEED == (int)ED25519_SEED && (int)SEED == (int)MLDSA_SEED, "seeds have one length");

/* Who signs. */
struct maker {
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct str name;
};

static void maker_close(struct maker *m)
{
	sign_key_free(m->key);
	mldsa_key_free(m->mldsa);
}

/* The file: its name, then a seed in base64 for either key, a line each. */
static enum err maker_open(
    struct maker *out, struct arena *arena, const char *path, struct fault *fault)
{
	struct str text, seeds[2];
	struct maker m = {0};

	TRY(file_read(&text, arena, str_c(path), KEY_FILE_MAX, fault));
	m.name = str_cut(&text, '\n');
	for (size_t i = 0; i < 2; i++)
		if (base64_decode(&seeds[i], arena, str_cut(&text, '\n')) != OK ||
		    seeds[i].n != SEED)
			return fail(fault, ERR_INVALID, "%s: not a key for packs", path);
	if (!pack_name_valid(m.name, PACK_NAME_MAX) ||
	    sign_key_from_seed(&m.key, (const unsigned char *)seeds[0].p) != OK ||
	    mldsa_key_from_seed(&m.mldsa, (const unsigned char *)seeds[1].p) != OK) {
		maker_close(&m);
		return fail(fault, ERR_INVALID, "%s: not a key for packs", path);
	}
	*out = m;
	return OK;
}

static struct str public_lines(const struct maker *m, struct arena *arena)
{
	struct sign_public public = sign_key_public(m->key);

	return arena_printf(arena, "%.*s\n%.*s\n",
	    STR_ARG(note_verifier_format(arena, m->name, &public)),
	    STR_ARG(note_verifier_format_mldsa(arena, m->name, mldsa_key_public(m->mldsa))));
}

static enum err make_key(
    struct str *lines, struct arena *arena, const char *path, const char *name, struct fault *fault)
{
	char seeds[2][SEED];
	struct maker m = {0};
	struct str text;
	enum err rc;

	if (!pack_name_valid(str_c(name), PACK_NAME_MAX))
		return fail(fault, ERR_INVALID, PACK_NAME_RULE, PACK_NAME_MAX);
	random_secret(seeds, sizeof(seeds));
	text = arena_printf(arena, "%s\n%.*s\n%.*s\n", name,
	    STR_ARG(base64_encode(arena, (struct str){seeds[0], SEED})),
	    STR_ARG(base64_encode(arena, (struct str){seeds[1], SEED})));
	TRY(file_create(str_c(path), text, 0600, fault));
	rc = maker_open(&m, arena, path, fault);
	if (rc == OK) {
		*lines = public_lines(&m, arena);
		maker_close(&m);
	}
	return rc;
}

int cmd_pack_key(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct fault fault = {0};
	struct arena *arena;
	struct str lines;
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	arena = arena_new(OUT_MAX);
	code = make_key(&lines, arena, argv[1], argv[2], &fault) == OK ? cmd_print(lines)
	                                                               : cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

/* ---- pack make ---- */

static int by_name(const void *pa, const void *pb)
{
	const struct pack_file *a = pa, *b = pb;

	return str_cmp(a->name, b->name);
}

static enum err add_file(struct pack *p, struct arena *arena, const char *path, struct fault *fault)
{
	struct pack_file *f = &p->files[p->count];
	const char *slash = strrchr(path, '/');

	f->name = str_c(slash ? slash + 1 : path);
	if (!pack_name_valid(f->name, PACK_FILE_NAME_MAX))
		return fail(fault, ERR_INVALID,
		    "%s: the name of a file in a pack has " PACK_NAME_RULE, path,
		    PACK_FILE_NAME_MAX);
	TRY(file_read(&f->content, arena, str_c(path), PACK_FILE_BYTES_MAX, fault));
	if (f->content.n == 0)
		return fail(fault, ERR_INVALID, "%s: is empty", path);
	f->hash = sha256(f->content);
	p->count++;
	return OK;
}

struct making {
	const char *key, *out;
	uint64_t version;
	struct str name;
	char **paths;
	size_t count;
};

static enum err read_files(
    struct pack *p, const struct making *w, struct arena *arena, struct fault *fault)
{
	p->files = arena_array(arena, PACK_FILES_MAX, sizeof(*p->files));
	if (w->count > PACK_FILES_MAX)
		return fail(fault, ERR_LIMIT, "a pack has at most %d files", PACK_FILES_MAX);
	if (!p->files)
		return fail(fault, ERR_NOMEM, "no memory for a pack");
	for (size_t i = 0; i < w->count; i++)
		TRY(add_file(p, arena, w->paths[i], fault));
	qsort(p->files, p->count, sizeof(*p->files), by_name);
	for (size_t i = 1; i < p->count; i++)
		if (str_eq(p->files[i - 1].name, p->files[i].name))
			return fail(fault, ERR_CONFLICT, "two files have the name %.*s",
			    STR_ARG(p->files[i].name));
	return OK;
}

static enum err write_pack(struct buf *out, const struct pack *p, const struct maker *m,
    struct arena *arena, struct fault *fault)
{
	struct note_signer signer = {.name = m->name, .key = m->key, .mldsa = m->mldsa};
	struct str note;
	struct buf text;
	enum err rc;

	buf_init(&text, PACK_NOTE_MAX);
	pack_put_text(&text, p);
	rc = text.failed == OK ? note_sign(&note, arena, buf_str(&text), &signer, fault)
	                       : fail(fault, ERR_LIMIT, "the names of the files are too long");
	if (rc == OK)
		pack_put(out, note, p);
	buf_free(&text);
	return rc == OK && out->failed != OK
	           ? fail(fault, ERR_LIMIT, "a pack has at most %d MiB", PACK_BYTES_MAX >> 20)
	           : rc;
}

static enum err make(const struct making *w, struct arena *arena, struct fault *fault)
{
	struct pack p = {.name = w->name, .version = w->version, .made = env_now(sys_env())};
	struct maker m;
	struct buf out;
	enum err rc;

	if (!pack_name_valid(w->name, PACK_NAME_MAX))
		return fail(fault, ERR_INVALID, PACK_NAME_RULE, PACK_NAME_MAX);
	if (w->version == 0 || w->version > INT64_MAX)
		return fail(fault, ERR_INVALID, "--version: a number from 1 on");
	TRY(read_files(&p, w, arena, fault));
	TRY(maker_open(&m, arena, w->key, fault));
	buf_init(&out, PACK_BYTES_MAX);
	rc = write_pack(&out, &p, &m, arena, fault);
	if (rc == OK)
		rc = file_write(str_c(w->out), buf_str(&out), 0644, fault);
	buf_free(&out);
	maker_close(&m);
	return rc;
}

int cmd_pack_make(int argc, char **argv)
{
	struct making w = {0};
	const struct cmd_option options[] = {{"key", CMD_TEXT, &w.key},
	    {"version", CMD_NUMBER, &w.version}, {"out", CMD_TEXT, &w.out}, {0}};
	struct fault fault = {0};
	struct arena *arena;
	int words = cmd_parse(argc, argv, options, 2, argc), code = EXIT_GOOD;

	if (words < 0)
		return EXIT_NONE;
	if (!w.key || !w.out || !w.version) {
		fault_set(&fault, ERR_INVALID, "--key, --version and --out must be given");
		return cmd_fail(argv[0], &fault);
	}
	w.name = str_c(argv[1]);
	w.paths = argv + 2;
	w.count = (size_t)words - 1;
	arena = arena_new(2 * (size_t)PACK_BYTES_MAX);
	if (make(&w, arena, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

/* ---- pack check ---- */

void pack_print(struct buf *out, const struct pack *p, struct str signer)
{
	char time[TIME_TEXT + 1];

	time_format(time, p->made);
	buf_printf(out, "%.*s version %" PRIu64 ", made %s, signed by %.*s\n", STR_ARG(p->name),
	    p->version, time, STR_ARG(signer));
	for (size_t i = 0; i < p->count; i++)
		buf_printf(
		    out, "  %.*s  %zu bytes\n", STR_ARG(p->files[i].name), p->files[i].content.n);
}

int cmd_pack_check(int argc, char **argv)
{
	const char *trust = NULL;
	const struct cmd_option options[] = {{"trust", CMD_TEXT, &trust}, {0}};
	struct fault fault = {0};
	struct str signer, file;
	struct arena *arena;
	struct pack p;
	struct buf out;
	int code;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	if (!trust) {
		fault_set(
		    &fault, ERR_INVALID, "--trust names the file with the keys of who may sign");
		return cmd_fail(argv[0], &fault);
	}
	arena = arena_new(2 * (size_t)PACK_BYTES_MAX);
	buf_init(&out, OUT_MAX);
	if (pack_read(&p, &signer, &file, arena,
	        (struct pack_paths){.pack = str_c(argv[1]), .trust = str_c(trust)}, &fault) != OK) {
		code = cmd_fail(argv[0], &fault);
	} else {
		pack_print(&out, &p, signer);
		code = cmd_print(buf_str(&out));
	}
	buf_free(&out);
	arena_free(arena);
	return code;
}
