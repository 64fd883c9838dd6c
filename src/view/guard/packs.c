/* SPDX-License-Identifier: Apache-2.0 */
#include "view/guard/packs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "sys/env.h"
#include "sys/files.h"

enum { TRUST_MAX = 1 << 20, LOOKED_MAX = 10000 };

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static enum err read_names(
    struct str names[PACKS_MAX], size_t *count, struct arena *arena, DIR *d, struct fault *fault)
{
	size_t looked = 0;

	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		struct str name = str_c(e->d_name);

		if (++looked > LOOKED_MAX)
			return fail(fault, ERR_LIMIT, "too many files");
		if (!str_ends(name, S(PACK_SUFFIX)))
			continue;
		name = str_slice(name, 0, name.n - (sizeof(PACK_SUFFIX) - 1));
		if (!pack_name_valid(name, PACK_NAME_MAX))
			continue;
		if (*count == PACKS_MAX)
			return fail(fault, ERR_LIMIT, "more than %d packs", PACKS_MAX);
		names[(*count)++] = arena_str(arena, name);
	}
	return OK;
}

enum err packs_names(struct str names[PACKS_MAX], size_t *count, struct arena *arena,
    struct str folder, struct fault *fault)
{
	struct fault why = {.code = OK};
	DIR *d = folder.p ? opendir(folder.p) : NULL;
	enum err rc;

	*count = 0;
	if (!d)
		return errno == ENOENT ? OK
		                       : fail(fault, file_err(errno), "%.*s: %s", STR_ARG(folder),
		                             sys_error(errno));
	rc = read_names(names, count, arena, d, &why);
	(void)closedir(d);
	if (rc != OK)
		return fail(fault, rc, "%.*s: %s", STR_ARG(folder), why.text);
	if (*count)
		qsort(names, *count, sizeof(*names), by_text);
	return OK;
}

/* The lines of one signer. */
static enum err keys_of(struct note_keys *out, struct str signer, struct str trusted,
    struct arena *arena, struct fault *fault)
{
	struct buf mine;
	enum err rc;

	buf_init(&mine, TRUST_MAX);
	while (trusted.p) {
		struct str line = str_cut(&trusted, '\n');

		if (str_starts(line, signer) && str_starts(str_from(line, signer.n), S("+")))
			buf_printf(&mine, "%.*s\n", STR_ARG(line));
	}
	rc = mine.n ? note_keys_parse(out, arena, arena_str(arena, buf_str(&mine)), fault)
	            : fail(fault, ERR_DENIED, "it is signed by %.*s, whom nobody trusts here",
	                  STR_ARG(str_slice(signer, 0, PACK_NAME_MAX)));
	buf_free(&mine);
	return rc;
}

enum err pack_read(struct pack *out, struct str *signer, struct str *file, struct arena *arena,
    struct pack_paths paths, struct fault *fault)
{
	struct fault why = {.code = OK};
	struct note_keys keys;
	struct str trusted = S("");
	enum err rc;

	TRY(file_read(file, arena, paths.pack, PACK_BYTES_MAX, fault));
	if (paths.trust.p)
		TRY(file_read(&trusted, arena, paths.trust, TRUST_MAX, fault));
	rc = pack_signer(signer, *file, &why);
	if (rc == OK)
		rc = keys_of(&keys, *signer, trusted, arena, &why);
	if (rc == OK)
		rc = pack_open(out, arena, *file, &keys, &why);
	return rc == OK ? OK : fail(fault, rc, "%.*s: %s", STR_ARG(paths.pack), why.text);
}
