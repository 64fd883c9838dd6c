/* SPDX-License-Identifier: Apache-2.0 */
#include "view/guard/make.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/guard/compile.h"
#include "sys/files.h"
#include "view/guard/book.h"
#include "view/guard/packs.h"

enum {
	PATHS_MAX = 1 << 20,
	WORK_MAX = 1 << 30, /* bytes of memory for reading one list */
	FILES_MAX = RULES_LISTS_MAX - 2,
	NAMES_LOOKED_MAX = 10000,
};

/* Changes when the same texts come to other rules, or the program's own tables change. */
#define MEANING "tocsin guard 1"

struct making {
	const struct guard_sources *from;
	const struct config *config;
	struct arena *paths, *work, *held; /* the last of one pack */
	struct str files[FILES_MAX], packs[PACKS_MAX];
	size_t count, pack_count;
	struct str suffixes; /* STR_NONE: there are none */
};

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* NAME.json, or NAME/list.json as in MISP's own repository; STR_NONE for what is neither. */
static struct str list_at(struct making *m, const char *name)
{
	struct str path = file_join(m->paths, m->config->guard_lists, name);

	if (name[0] == '.' || !path.p)
		return STR_NONE;
	if (str_ends(path, S(".json")))
		return path;
	path = file_join(m->paths, path, "list.json");
	return path.p && file_exists(path) ? path : STR_NONE;
}

static enum err find_files(struct making *m, struct fault *fault)
{
	struct str dir = m->config->guard_lists;
	DIR *d = dir.p ? opendir(dir.p) : NULL;
	size_t looked = 0;
	enum err rc = OK;

	if (!dir.p)
		return OK;
	if (!d)
		return fail(
		    fault, ERR_NOT_FOUND, "[guard] lists: %.*s cannot be read", STR_ARG(dir));
	for (struct dirent *e; rc == OK && (e = readdir(d)) != NULL;) {
		struct str path = list_at(m, e->d_name);

		if (++looked > NAMES_LOOKED_MAX || (path.p && m->count == FILES_MAX))
			rc = fail(fault, ERR_LIMIT, "[guard] lists: %.*s has more than %d lists",
			    STR_ARG(dir), FILES_MAX);
		else if (path.p)
			m->files[m->count++] = path;
	}
	(void)closedir(d);
	if (m->count)
		qsort(m->files, m->count, sizeof(m->files[0]), by_name);
	return rc;
}

static enum err read_one(struct making *m, struct str path, struct str *out, struct fault *fault)
{
	arena_reset(m->work);
	return file_read(out, m->work, path, GUARD_LIST_BYTES_MAX, fault);
}

static void join(struct sha256 *all, struct str name, struct str content)
{
	const struct sha256 one = sha256(content), before = *all;
	const struct str parts[] = {
	    {(const char *)before.b, SHA256_LEN}, name, S("\n"), {(const char *)one.b, SHA256_LEN}};

	*all = sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));
}

typedef enum err (*list_fn)(
    struct making *m, void *ctx, struct str name, struct str text, struct fault *fault);

/* One whose signature does not hold any more lets nothing of all this count. */
static enum err each_of_pack(
    struct making *m, struct str name, list_fn visit, void *ctx, struct fault *fault)
{
	struct str file = arena_printf(m->paths, "%.*s" PACK_SUFFIX, STR_ARG(name)), signer, bytes;
	struct pack_paths paths = {.trust = m->config->packs_trust};
	struct pack p;

	if (!file.p)
		return fail(fault, ERR_NOMEM, "no memory for a path");
	arena_reset(m->held);
	paths.pack = file_join(m->paths, m->from->packs, file.p);
	TRY(pack_read(&p, &signer, &bytes, m->held, paths, fault));
	for (size_t i = 0; i < p.count; i++) {
		arena_reset(m->work);
		TRY(visit(m, ctx, p.files[i].name, p.files[i].content, fault));
	}
	return OK;
}

/* Every warning list: those of the folder, then those of packs. */
static enum err each_list(struct making *m, list_fn visit, void *ctx, struct fault *fault)
{
	struct str text;

	for (size_t i = 0; i < m->count; i++) {
		TRY(read_one(m, m->files[i], &text, fault));
		TRY(visit(m, ctx, m->files[i], text, fault));
	}
	for (size_t i = 0; i < m->pack_count; i++)
		TRY(each_of_pack(m, m->packs[i], visit, ctx, fault));
	return OK;
}

static enum err stamp_list(
    struct making *m, void *ctx, struct str name, struct str text, struct fault *fault)
{
	(void)m;
	(void)name;
	(void)fault;
	join(ctx, S("list"), text);
	return OK;
}

/* Of all the texts that rules are made of. */
static enum err stamp(struct making *m, struct sha256 *out, struct fault *fault)
{
	struct sha256 all = sha256(S(MEANING));
	struct str text;

	join(&all, S("own"), m->config->guard_own);
	TRY(each_list(m, stamp_list, &all, fault));
	if (m->suffixes.p) {
		TRY(read_one(m, m->suffixes, &text, fault));
		join(&all, S("suffixes"), text);
	}
	*out = all;
	return OK;
}

static enum err named(struct fault *fault, struct str path, const struct fault *why)
{
	return fail(fault, why->code, "[guard] %.*s: %s", STR_ARG(path), why->text);
}

static enum err add_list(
    struct making *m, void *ctx, struct str name, struct str text, struct fault *fault)
{
	struct fault why = {.code = OK};

	return guard_add_list(ctx, m->work, text, &why) == OK ? OK : named(fault, name, &why);
}

static enum err read_all(struct making *m, struct guard_builder *b, struct fault *fault)
{
	struct fault why = {.code = OK};
	struct str text;

	/* First, so that what is one's own is said to be so wherever else it is listed. */
	arena_reset(m->work);
	TRY(guard_add_own(b, m->work, m->config->guard_own, fault));
	TRY(each_list(m, add_list, b, fault));
	if (!m->suffixes.p)
		return OK;
	TRY(read_one(m, m->suffixes, &text, fault));
	return guard_add_suffixes(b, m->work, text, &why) == OK ? OK
	                                                        : named(fault, m->suffixes, &why);
}

static enum err compile(struct making *m, struct guard_made *made, const struct sha256 *stamp_of,
    struct str path, struct fault *fault)
{
	struct guard_builder *b = guard_builder_new();
	struct buf block = {.n = 0};
	uint64_t seed;
	enum err rc = read_all(m, b, fault);

	memcpy(&seed, stamp_of->b, sizeof(seed));
	if (rc == OK)
		rc = guard_build(b, seed, stamp_of->b, &block, fault);
	if (rc == OK)
		rc = file_write(path, buf_str(&block), 0600, fault);
	made->ignored = guard_builder_ignored(b);
	guard_builder_free(b);
	buf_free(&block);
	return rc;
}

static void count(struct guard_made *out, const struct guard_rules *r)
{
	for (uint32_t i = 0; i < r->list_count; i++) {
		out->lists += r->lists[i].class == GUARD_LIST;
		out->entries += r->lists[i].entries;
	}
}

/* What is there, when it is whole and of these texts. */
static bool is_there(struct making *m, struct str path, const struct sha256 *stamp_of)
{
	struct guard_rules rules;
	struct str bytes;

	arena_reset(m->work);
	return file_read(&bytes, m->work, path, WORK_MAX, NULL) == OK &&
	       rules_open(&rules, bytes, NULL) == OK &&
	       memcmp(rules_stamp(bytes), stamp_of->b, RULES_STAMP) == 0;
}

static enum err make(struct making *m, struct guard_made *out, struct fault *fault)
{
	struct str path = file_join(m->paths, m->from->views, GUARD_BOOK_FILE);
	struct sha256 stamp_of;
	struct guard_rules rules;
	struct str bytes;

	if (m->config->guard_suffixes.p && file_exists(m->config->guard_suffixes))
		m->suffixes = m->config->guard_suffixes;
	TRY(find_files(m, fault));
	TRY(packs_names(m->packs, &m->pack_count, m->paths, m->from->packs, fault));
	TRY(stamp(m, &stamp_of, fault));
	if (!is_there(m, path, &stamp_of)) {
		out->anew = true;
		TRY(compile(m, out, &stamp_of, path, fault));
	}
	arena_reset(m->work);
	TRY(file_read(&bytes, m->work, path, WORK_MAX, fault));
	TRY(rules_open(&rules, bytes, fault));
	count(out, &rules);
	return OK;
}

enum err guard_make(struct guard_made *out, const struct guard_sources *from, struct fault *fault)
{
	struct making *m = mem_alloc(sizeof(*m));
	struct guard_made made = {0};
	enum err rc;

	m->from = from;
	m->config = from->config;
	m->paths = arena_new(PATHS_MAX);
	m->work = arena_new(WORK_MAX);
	m->held = arena_new(2 * (size_t)PACK_BYTES_MAX);
	rc = make(m, &made, fault);
	arena_free(m->held);
	arena_free(m->paths);
	arena_free(m->work);
	mem_free(m);
	if (rc == OK)
		*out = made;
	return rc;
}

enum err guard_check_own(const struct config *config, struct fault *fault)
{
	struct guard_builder *b = guard_builder_new();
	struct arena *arena = arena_new(PATHS_MAX);
	enum err rc = guard_add_own(b, arena, config->guard_own, fault);

	arena_free(arena);
	guard_builder_free(b);
	return rc;
}
