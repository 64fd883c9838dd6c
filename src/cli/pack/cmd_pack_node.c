/* SPDX-License-Identifier: Apache-2.0 */
/* `pack stage|activate|back|remove|list`: policy packs of a node. One is checked and laid beside
 * what counts, looked at, and counts when a person says so, from the node's next start on; nothing
 * comes by itself. NODE/packs has three folders: staged, active and previous, a file NAME.pack each
 * at most. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/pack/pack.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "serve/serve.h"
#include "sys/config.h"
#include "sys/env.h"
#include "sys/files.h"

enum { OUT_MAX = 4 << 20, ARGS_MAX = 4096 };

#define ARENA_MAX (3 * (size_t)PACK_BYTES_MAX)

enum place { STAGED, ACTIVE, PREVIOUS, PLACES };

static const char *const FOLDERS[] = {"staged", "active", "previous"};

struct node {
	struct arena *arena;
	struct str dir, packs;
	struct config config;
};

/* A pack of the node, as it lies there. */
struct held {
	struct pack pack;
	struct str signer, file;
};

static enum err open_node(struct node *n, const char *dir, struct fault *fault)
{
	n->dir = str_c(dir);
	n->packs = file_join(n->arena, n->dir, "packs");
	TRY(config_read(&n->config, n->arena, n->dir, fault));
	if (!n->config.packs_trust.p)
		return fail(fault, ERR_DENIED,
		    "no pack is taken: [packs] keys in tocsin.conf names the file with the keys "
		    "of "
		    "who may sign them");
	TRY(file_make_dir(n->packs, 0700, fault));
	for (size_t i = 0; i < PLACES; i++)
		TRY(file_make_dir(file_join(n->arena, n->packs, FOLDERS[i]), 0700, fault));
	return OK;
}

static struct str path_of(const struct node *n, enum place place, struct str name)
{
	const char *file = arena_printf(n->arena, "%s/%.*s" PACK_SUFFIX, FOLDERS[place],
	    STR_ARG(str_slice(name, 0, PACK_NAME_MAX)))
	                       .p;

	return file ? file_join(n->arena, n->packs, file) : STR_NONE;
}

static enum err read_held(
    struct held *out, const struct node *n, struct str path, struct fault *fault)
{
	return pack_read(&out->pack, &out->signer, &out->file, n->arena,
	    (struct pack_paths){.pack = path, .trust = n->config.packs_trust}, fault);
}

/* ERR_NOT_FOUND: there is none. */
static enum err held_at(
    struct held *out, const struct node *n, enum place place, struct str name, struct fault *fault)
{
	if (!pack_name_valid(name, PACK_NAME_MAX))
		return fail(fault, ERR_INVALID, PACK_NAME_RULE, PACK_NAME_MAX);
	if (!file_exists(path_of(n, place, name)))
		return fail(
		    fault, ERR_NOT_FOUND, "no pack %.*s is %s here", STR_ARG(name), FOLDERS[place]);
	return read_held(out, n, path_of(n, place, name), fault);
}

static enum err move(
    const struct node *n, struct str name, enum place from, enum place to, struct fault *fault)
{
	struct str source = path_of(n, from, name), target = path_of(n, to, name);

	if (!source.p || !target.p)
		return fail(fault, ERR_NOMEM, "no memory for a path");
	if (rename(source.p, target.p) != 0 && errno != ENOENT)
		return fail(fault, file_err(errno), "%s: %s", source.p, sys_error(errno));
	TRY(file_sync_dir(file_join(n->arena, n->packs, FOLDERS[from]), fault));
	return file_sync_dir(file_join(n->arena, n->packs, FOLDERS[to]), fault);
}

/* The ledger says who decided what, before it counts. */
static enum err record(
    const struct node *n, const struct held *h, const char *state, struct fault *fault)
{
	struct rpc_call rpc = {.op = S("pack.decide"), .by = S("local"), .fd = -1};
	struct str reply;
	struct json_writer j;
	struct buf args;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	j = json_writer(&args);
	json_object(&j, NULL);
	json_put_str(&j, "name", h->pack.name);
	json_put_str(&j, "state", str_c(state));
	if (h->file.p) {
		json_put_int(&j, "version", (int64_t)h->pack.version);
		json_put_str(&j, "sha256", sha256_hex(n->arena, &h->file, 1));
		json_put_str(&j, "signer", h->signer);
	}
	json_end_object(&j);
	rpc.args = buf_str(&args);
	rc = args.failed == OK ? node_call(n->dir, &rpc, n->arena, &reply, fault)
	                       : fail(fault, ERR_LIMIT, "the arguments are too long");
	buf_free(&args);
	return rc;
}

/* What one verb does with a node and a word: answers in `out`. */
typedef enum err (*pack_fn)(
    struct node *n, const char *word, bool flag, struct buf *out, struct fault *fault);

/* ---- pack stage ---- */

static const struct pack_file *file_in(const struct pack *p, struct str name)
{
	for (size_t i = 0; i < p->count; i++)
		if (str_eq(p->files[i].name, name))
			return &p->files[i];
	return NULL;
}

/* What would be other than now. */
static void compare(struct buf *out, const struct pack *now, const struct pack *then)
{
	for (size_t i = 0; i < then->count; i++) {
		const struct pack_file *f = &then->files[i], *was = file_in(now, f->name);

		if (!was || !sha256_eq(&was->hash, &f->hash))
			buf_printf(out, "  %s %.*s\n", was ? "changed" : "new", STR_ARG(f->name));
	}
	for (size_t i = 0; i < now->count; i++)
		if (!file_in(then, now->files[i].name))
			buf_printf(out, "  gone %.*s\n", STR_ARG(now->files[i].name));
}

static enum err stage(
    struct node *n, const char *word, bool older, struct buf *out, struct fault *fault)
{
	struct held then, now;
	bool active;

	if (!n->config.packs_trust.p)
		return fail(fault, ERR_DENIED,
		    "no pack is taken: [packs] keys in tocsin.conf names the file with the keys "
		    "of "
		    "who may sign them");
	TRY(read_held(&then, n, str_c(word), fault));
	active = held_at(&now, n, ACTIVE, then.pack.name, NULL) == OK;
	if (active && !older && now.pack.version >= then.pack.version)
		return fail(fault, ERR_CONFLICT,
		    "version %" PRIu64 " of %.*s is active; --older stages one that is not newer",
		    now.pack.version, STR_ARG(then.pack.name));
	TRY(file_write(path_of(n, STAGED, then.pack.name), then.file, 0600, fault));
	pack_print(out, &then.pack, then.signer);
	if (active) {
		buf_printf(
		    out, "against version %" PRIu64 ", which is active:\n", now.pack.version);
		compare(out, &now.pack, &then.pack);
	}
	buf_printf(out, "staged; nothing has changed yet: tocsin pack activate %.*s %.*s\n",
	    STR_ARG(n->dir), STR_ARG(then.pack.name));
	return OK;
}

/* ---- pack activate, back, remove ---- */

static const char COUNTS[] = "counts from the next start of the node on";

static enum err activate(
    struct node *n, const char *word, bool flag, struct buf *out, struct fault *fault)
{
	struct held h;

	(void)flag;
	TRY(held_at(&h, n, STAGED, str_c(word), fault));
	TRY(record(n, &h, "active", fault));
	TRY(move(n, h.pack.name, ACTIVE, PREVIOUS, fault));
	TRY(move(n, h.pack.name, STAGED, ACTIVE, fault));
	buf_printf(out, "active: %.*s version %" PRIu64 "; it %s\n", STR_ARG(h.pack.name),
	    h.pack.version, COUNTS);
	return OK;
}

static enum err back(
    struct node *n, const char *word, bool flag, struct buf *out, struct fault *fault)
{
	struct held h;

	(void)flag;
	TRY(held_at(&h, n, PREVIOUS, str_c(word), fault));
	TRY(record(n, &h, "active", fault));
	TRY(move(n, h.pack.name, ACTIVE, STAGED, fault));
	TRY(move(n, h.pack.name, PREVIOUS, ACTIVE, fault));
	buf_printf(out, "active: %.*s version %" PRIu64 " again; it %s\n", STR_ARG(h.pack.name),
	    h.pack.version, COUNTS);
	return OK;
}

static enum err take_off(
    struct node *n, const char *word, bool flag, struct buf *out, struct fault *fault)
{
	struct held h = {.pack = {.name = str_c(word)}};

	/* Also one that nobody trusts any more, or that is damaged. */
	(void)flag;
	if (!pack_name_valid(h.pack.name, PACK_NAME_MAX) ||
	    !file_exists(path_of(n, ACTIVE, h.pack.name)))
		return fail(fault, ERR_NOT_FOUND, "no pack %.*s is active here",
		    STR_ARG(str_slice(h.pack.name, 0, PACK_NAME_MAX)));
	TRY(record(n, &h, "removed", fault));
	TRY(move(n, h.pack.name, ACTIVE, PREVIOUS, fault));
	buf_printf(out, "removed: %.*s; that %s\n", STR_ARG(h.pack.name), COUNTS);
	return OK;
}

/* ---- pack list ---- */

static void put_one(struct json_writer *w, const struct node *n, enum place place, struct str name)
{
	struct node one = {arena_new(ARENA_MAX), n->dir, n->packs, n->config};
	struct fault fault = {.code = OK};
	struct held h;
	enum err rc = held_at(&h, &one, place, name, &fault);

	json_object(w, NULL);
	json_put_str(w, "name", name);
	json_put_str(w, "state", str_c(FOLDERS[place]));
	if (rc == OK) {
		json_put_int(w, "version", (int64_t)h.pack.version);
		json_put_str(w, "signer", h.signer);
		json_put_time(w, "made", h.pack.made);
		json_put_int(w, "lists", (int64_t)h.pack.count);
	} else {
		json_put_str(w, "refused", str_c(fault.text));
	}
	json_end_object(w);
	arena_free(one.arena);
}

static enum err put_table(
    struct buf *out, const struct node *n, struct str json, struct fault *fault)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"}, {"state", "STATE"},
	    {"version", "VERSION"}, {"signer", "SIGNER"}, {"lists", "LISTS"}, {"made", "MADE"},
	    {"refused", "REFUSED"}, {NULL, NULL}};
	const struct json_limits limits = {.bytes = OUT_MAX, .depth = 8};
	yyjson_val *root;

	TRY(json_parse(&root, n->arena, json, &limits, fault));
	terminal_table(out, yyjson_obj_get(root, "items"), COLUMNS);
	return OK;
}

static enum err put_list(
    struct node *n, const char *word, bool json, struct buf *out, struct fault *fault)
{
	struct str names[PACKS_MAX];
	struct json_writer w;
	struct buf text;
	enum err rc = OK;
	size_t count;

	(void)word;
	buf_init(&text, OUT_MAX);
	w = json_writer(&text);
	json_object(&w, NULL);
	json_list(&w, "items");
	for (size_t place = 0; rc == OK && place < PLACES; place++) {
		rc = packs_names(
		    names, &count, n->arena, file_join(n->arena, n->packs, FOLDERS[place]), fault);
		for (size_t i = 0; rc == OK && i < count; i++)
			put_one(&w, n, (enum place)place, names[i]);
	}
	json_end_list(&w);
	json_end_object(&w);
	if (rc == OK && json)
		buf_printf(out, "%.*s\n", STR_ARG(buf_str(&text)));
	else if (rc == OK)
		rc = put_table(out, n, buf_str(&text), fault);
	buf_free(&text);
	return rc;
}

/* ---- */

static int run(int argc, char **argv, const char *option, int words, pack_fn work)
{
	bool flag = false;
	const struct cmd_option options[] = {{option, CMD_FLAG, &flag}, {0}};
	struct fault fault = {0};
	struct node n = {0};
	struct buf out;
	int code;

	if (cmd_parse(argc, argv, options, words, words) < 0)
		return EXIT_NONE;
	n.arena = arena_new(ARENA_MAX);
	buf_init(&out, OUT_MAX);
	if (open_node(&n, argv[1], &fault) != OK ||
	    work(&n, words > 1 ? argv[2] : NULL, flag, &out, &fault) != OK)
		code = cmd_fail(argv[0], &fault);
	else
		code = cmd_print(buf_str(&out));
	buf_free(&out);
	arena_free(n.arena);
	return code;
}

int cmd_pack_stage(int argc, char **argv)
{
	return run(argc, argv, "older", 2, stage);
}

int cmd_pack_activate(int argc, char **argv)
{
	return run(argc, argv, NULL, 2, activate);
}

int cmd_pack_back(int argc, char **argv)
{
	return run(argc, argv, NULL, 2, back);
}

int cmd_pack_remove(int argc, char **argv)
{
	return run(argc, argv, NULL, 2, take_off);
}

int cmd_pack_list(int argc, char **argv)
{
	return run(argc, argv, "json", 1, put_list);
}
