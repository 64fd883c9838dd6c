/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs about packages: files that carry a peer's feed where no network leads. The core makes and
 * takes them; here are only files and folders. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/call.h"
#include "cli/cmd.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "serve/serve.h"
#include "sync/package.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = SYNC_PACKAGE_MOST + (16 << 20),
	ARGS_MAX = 4096,
	TEXT_MAX = 256 << 10,
	SIZE_DEFAULT = 16, /* MiB */
	NAMES_MAX = 1000,  /* files of one number in a folder */
	FILES_MAX = 100000,
};

/* ---- package write ---- */

struct writing {
	struct arena *arena; /* for one package */
	struct str dir, peer, folder;
	uint64_t size, again; /* MiB; 0: go on after the last */
	bool json;
};

static enum err ask(struct writing *w, int fd, struct str *reply, struct fault *fault)
{
	const struct call call = {.dir = w->dir, .op = S("package.write"), .fd = fd};
	struct json_writer j;
	struct buf args;

	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "name", w->peer);
	json_put_int(&j, "size", (int64_t)((w->size & UINT16_MAX) << 20));
	if (w->again)
		json_put_int(&j, "again", (int64_t)w->again);
	json_end_object(&j);
	return call_core(reply, w->arena, &call, &args, fault);
}

/* The serial number and nothing else; a second one of that number, of another peer, is told apart.
 */
static enum err save(
    struct writing *w, uint64_t serial, struct str bytes, struct str *out, struct fault *fault)
{
	enum err rc = ERR_CONFLICT;

	for (unsigned n = 1; n <= NAMES_MAX && rc == ERR_CONFLICT; n++) {
		struct str path = n == 1 ? arena_printf(w->arena, "%.*s/%012" PRIu64 ".package",
		                               STR_ARG(w->folder), serial)
		                         : arena_printf(w->arena, "%.*s/%012" PRIu64 "-%u.package",
		                               STR_ARG(w->folder), serial, n);

		rc = file_create(path, bytes, 0600, fault);
		*out = path;
	}
	return rc;
}

static enum err tell_written(
    const struct writing *w, yyjson_val *root, struct str reply, struct str path)
{
	struct buf out;
	int code;

	buf_init(&out, TEXT_MAX);
	if (w->json) {
		struct str rest = str_from(reply, 1);

		buf_put(&out, S("{\"file\":"));
		json_quote(&out, path);
		buf_byte(&out, ',');
		buf_put(&out, rest);
	} else {
		buf_printf(&out,
		    "%.*s: package %" PRIu64 " for %.*s: %" PRIu64 " entries, from %" PRIu64,
		    STR_ARG(path), yyjson_get_uint(yyjson_obj_get(root, "serial")),
		    STR_ARG(w->peer),
		    yyjson_get_uint(yyjson_obj_get(root, "end")) -
		        yyjson_get_uint(yyjson_obj_get(root, "begin")),
		    yyjson_get_uint(yyjson_obj_get(root, "begin")));
	}
	buf_byte(&out, '\n');
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code == EXIT_GOOD ? OK : ERR_IO;
}

static enum err write_one(struct writing *w, int fd, bool *more, struct fault *fault)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct str reply, bytes, path;
	yyjson_val *root;

	TRY(ask(w, fd, &reply, fault));
	TRY(json_parse(&root, w->arena, reply, &limits, fault));
	TRY(file_read_fd(&bytes, w->arena, fd, SYNC_PACKAGE_MOST, fault));
	TRY(save(w, yyjson_get_uint(yyjson_obj_get(root, "serial")), bytes, &path, fault));
	*more = yyjson_get_bool(yyjson_obj_get(root, "more"));
	return tell_written(w, root, reply, path);
}

static enum err write_all(struct writing *w, struct fault *fault)
{
	bool more = true;
	enum err rc = OK;

	while (rc == OK && more) {
		int fd = memfd_create("package", MFD_CLOEXEC);

		if (fd < 0)
			return fail(fault, ERR_IO, "no memory file: %s", sys_error(errno));
		arena_reset(w->arena);
		rc = write_one(w, fd, &more, fault);
		(void)close(fd);
		/* What follows goes on behind it. */
		w->again = 0;
	}
	return rc;
}

int cmd_package_write(int argc, char **argv)
{
	struct writing w = {.size = SIZE_DEFAULT};
	const char *folder = NULL;
	const struct cmd_option options[] = {{"out", CMD_TEXT, &folder},
	    {"size", CMD_NUMBER, &w.size}, {"again", CMD_NUMBER, &w.again},
	    {"json", CMD_FLAG, &w.json}, {0}};
	struct fault fault = {.code = OK};
	struct stat st;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	if (!folder || stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
		fault_set(&fault, ERR_INVALID, "--out names the folder for the packages");
		return cmd_fail(argv[0], &fault);
	}
	w.arena = arena_new(ARENA_MAX);
	w.dir = str_c(argv[1]);
	w.peer = str_c(argv[2]);
	w.folder = str_c(folder);
	if (write_all(&w, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	arena_free(w.arena);
	return code;
}

/* ---- package read ---- */

enum outcome { WAITS, TAKEN, KNOWN, GAP, REFUSED };

struct file {
	struct str path;
	enum outcome outcome;
};

struct reading {
	struct arena *names; /* paths */
	struct arena *arena; /* for one package */
	struct str dir;
	struct file *files;
	size_t count;
	bool json;
};

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static enum err add_file(struct reading *r, struct str path, struct fault *fault)
{
	if (r->count == FILES_MAX || !path.p)
		return fail(fault, ERR_LIMIT, "at most %d files at once", FILES_MAX);
	if (r->count % NAMES_MAX == 0)
		r->files = mem_grow(r->files, r->count + NAMES_MAX, sizeof(*r->files));
	r->files[r->count++] = (struct file){.path = path};
	return OK;
}

/* The packages in a folder, by their names. */
static enum err add_folder(struct reading *r, const char *path, struct fault *fault)
{
	DIR *dir = opendir(path);
	size_t first = r->count;
	const struct dirent *entry;
	enum err rc = OK;

	if (!dir)
		return fail(fault, ERR_IO, "%s: %s", path, sys_error(errno));
	while (rc == OK && (entry = readdir(dir)) != NULL)
		if (str_ends(str_c(entry->d_name), S(".package")))
			rc = add_file(
			    r, arena_printf(r->names, "%s/%s", path, entry->d_name), fault);
	(void)closedir(dir);
	if (r->count > first)
		qsort(r->files + first, r->count - first, sizeof(*r->files), by_path);
	return rc;
}

static enum err add_path(struct reading *r, const char *path, struct fault *fault)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_folder(r, path, fault);
	return add_file(r, arena_str(r->names, str_c(path)), fault);
}

static enum outcome outcome_of(struct str status)
{
	return str_eq(status, S("taken")) ? TAKEN : str_eq(status, S("known")) ? KNOWN : GAP;
}

static void tell_read(
    const struct reading *r, const struct file *f, yyjson_val *root, struct str reply)
{
	struct str text = json_get_str(root, "text");
	struct buf out;

	buf_init(&out, TEXT_MAX);
	if (r->json) {
		buf_put(&out, S("{\"file\":"));
		json_quote(&out, f->path);
		buf_byte(&out, ',');
		buf_put(&out, str_from(reply, 1));
	} else {
		terminal_put(&out, f->path);
		buf_put(&out, S(": "));
		if (text.n)
			terminal_put(&out, text);
		else
			buf_printf(&out,
			    "package %" PRIu64 " of %.*s, made %.*s: %" PRIu64 " taken, %" PRIu64
			    " there already, %" PRIu64 " withdrawn, %" PRIu64 " refused",
			    yyjson_get_uint(yyjson_obj_get(root, "serial")),
			    STR_ARG(json_get_str(root, "peer")),
			    STR_ARG(json_get_str(root, "made")),
			    yyjson_get_uint(yyjson_obj_get(root, "taken")),
			    yyjson_get_uint(yyjson_obj_get(root, "duplicates")),
			    yyjson_get_uint(yyjson_obj_get(root, "withdrawn")),
			    yyjson_get_uint(yyjson_obj_get(root, "refused")));
	}
	buf_byte(&out, '\n');
	(void)cmd_print(buf_str(&out));
	buf_free(&out);
}

static enum err read_file(struct reading *r, struct file *f, bool quiet, struct fault *fault)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct rpc_call rpc = {.op = S("package.read"), .by = S("local"), .args = S("{}")};
	struct str reply;
	yyjson_val *root;
	enum err rc;
	int fd = open(f->path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return fail(fault, ERR_IO, "%s", sys_error(errno));
	arena_reset(r->arena);
	rpc.fd = fd;
	rc = node_call(r->dir, &rpc, r->arena, &reply, fault);
	(void)close(fd);
	TRY(rc);
	TRY(json_parse(&root, r->arena, reply, &limits, fault));
	f->outcome = outcome_of(json_get_str(root, "status"));
	if (f->outcome != GAP || !quiet)
		tell_read(r, f, root, reply);
	return OK;
}

/* One behind a gap is tried again when others came meanwhile. False: nothing more can come of it.
 */
static bool read_round(struct reading *r, bool quiet)
{
	bool moved = false;

	for (size_t i = 0; i < r->count; i++) {
		struct file *f = &r->files[i];
		struct fault fault = {.code = OK}, named;

		if (f->outcome != WAITS && f->outcome != GAP)
			continue;
		if (read_file(r, f, quiet, &fault) != OK) {
			f->outcome = REFUSED;
			(void)fail(&named, fault.code, "%.*s: %s", STR_ARG(f->path), fault.text);
			(void)cmd_fail("package read", &named);
		}
		moved |= f->outcome == TAKEN;
	}
	return moved;
}

static int read_files(struct reading *r)
{
	size_t good = 0, waiting = 0;

	while (read_round(r, true))
		;
	for (size_t i = 0; i < r->count; i++) {
		good += r->files[i].outcome == TAKEN || r->files[i].outcome == KNOWN;
		waiting += r->files[i].outcome == GAP;
	}
	if (waiting > 0)
		(void)read_round(r, false);
	if (good == r->count)
		return EXIT_GOOD;
	return good > 0 ? EXIT_SOME : EXIT_NONE;
}

int cmd_package_read(int argc, char **argv)
{
	struct reading r = {0};
	const struct cmd_option options[] = {{"json", CMD_FLAG, &r.json}, {0}};
	struct fault fault = {.code = OK};
	int words = cmd_parse(argc, argv, options, 2, argc);
	enum err rc = OK;
	int code;

	if (words < 0)
		return EXIT_NONE;
	r.names = arena_new(64 << 20);
	r.arena = arena_new(1 << 20);
	r.dir = str_c(argv[1]);
	for (int i = 2; i <= words && rc == OK; i++)
		rc = add_path(&r, argv[i], &fault);
	code = rc == OK ? read_files(&r) : cmd_fail(argv[0], &fault);
	mem_free(r.files);
	arena_free(r.names);
	arena_free(r.arena);
	return code;
}

/* ---- receipts ---- */

static enum err call_about(const char *op, char **argv, struct str receipt, struct arena *arena,
    struct str *reply, struct fault *fault)
{
	const struct call call = {.dir = str_c(argv[1]), .op = str_c(op), .fd = -1};
	struct json_writer j;
	struct buf args;

	buf_init(&args, ARGS_MAX + 2 * SYNC_NOTE_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "name", str_c(argv[2]));
	if (receipt.p)
		json_put_str(&j, "receipt", receipt);
	json_end_object(&j);
	return call_core(reply, arena, &call, &args, fault);
}

static enum err write_receipt(
    char **argv, const char *path, struct arena *arena, struct fault *fault)
{
	struct str reply, note;
	yyjson_val *root;

	TRY(call_about("package.receipt", argv, STR_NONE, arena, &reply, fault));
	TRY(json_parse(&root, arena, reply, &JSON_LIMITS_OBJECT, fault));
	note = json_get_str(root, "receipt");
	if (note.n == 0)
		return fail(fault, ERR_BUSY, "the signer cannot be asked now; try again");
	return file_write(str_c(path), note, 0600, fault);
}

int cmd_package_receipt(int argc, char **argv)
{
	const char *path = NULL;
	const struct cmd_option options[] = {{"out", CMD_TEXT, &path}, {0}};
	struct fault fault = {.code = OK};
	struct arena *arena;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	arena = arena_new(1 << 20);
	if (!path)
		fault_set(&fault, ERR_INVALID, "--out names the file for the receipt");
	if (!path || write_receipt(argv, path, arena, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

int cmd_package_accept(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct fault fault = {.code = OK};
	struct str note, reply;
	struct arena *arena;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, 3, 3) < 0)
		return EXIT_NONE;
	arena = arena_new(1 << 20);
	if (file_read(&note, arena, str_c(argv[3]), SYNC_NOTE_MAX, &fault) != OK ||
	    call_about("package.accept", argv, note, arena, &reply, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

/* ---- package status ---- */

static int print_packages(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"}, {"state", "STATE"},
	    {"fed_by", "FED BY"}, {"package_read", "READ"}, {"package_made", "MADE"},
	    {"package_age", "AGE (S)"}, {"package_missing", "MISSING"},
	    {"package_written", "WRITTEN"}, {"package_confirmed", "CONFIRMED"}, {"node", "NODE"},
	    {NULL, NULL}};

	terminal_table(out, yyjson_obj_get(answer, "items"), COLUMNS);
	return EXIT_GOOD;
}

int cmd_package_status(int argc, char **argv)
{
	static const char *const WORDS[] = {NULL};

	return read_verb(argc, argv, &(struct read_verb){"peer.list", WORDS, print_packages});
}
