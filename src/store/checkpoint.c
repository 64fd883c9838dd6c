/* SPDX-License-Identifier: Apache-2.0 */
#include "store/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "store/internal.h"
#include "store/merkle.h"

enum err checkpoint_parse(struct checkpoint *out, struct str text, struct fault *fault)
{
	struct checkpoint c = {0};
	struct str rest = text;
	struct str size, root, bytes;
	struct arena *arena;
	enum err rc = OK;

	c.origin = str_cut(&rest, '\n');
	size = rest.p ? str_cut(&rest, '\n') : STR_NONE;
	root = rest.p ? str_cut(&rest, '\n') : STR_NONE;
	if (!rest.p || c.origin.n == 0 || str_u64(size, &c.size) != OK ||
	    (size.n > 1 && size.p[0] == '0'))
		return fail(fault, ERR_PARSE,
		    "checkpoint: expected the lines origin, size in decimal, root in base64");
	if (root.n != (SHA256_LEN + 2) / 3 * 4)
		return fail(
		    fault, ERR_PARSE, "checkpoint: a root has %d bytes in base64", SHA256_LEN);
	arena = arena_new(1024);
	if (base64_decode(&bytes, arena, root) == OK && bytes.n == SHA256_LEN)
		memcpy(c.root.b, bytes.p, SHA256_LEN);
	else
		rc = fail(
		    fault, ERR_PARSE, "checkpoint: the root is not %d bytes in base64", SHA256_LEN);
	arena_free(arena);
	if (rc == OK)
		*out = c;
	return rc;
}

enum err store_checkpoint(
    const struct store *s, struct arena *arena, struct str *out, struct fault *fault)
{
	int fd = openat(s->dir_fd, "checkpoint", O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;
	char *p;

	*out = (struct str){"", 0};
	if (fd < 0)
		return errno == ENOENT ? OK : fail(fault, ERR_IO, "%s/checkpoint: %m", s->dir);
	p = arena_alloc(arena, CHECKPOINT_BYTES_MAX);
	if (!p) {
		(void)close(fd);
		return fail(fault, ERR_NOMEM, "no memory for a checkpoint");
	}
	while ((got = read(fd, p + n, CHECKPOINT_BYTES_MAX - n)) > 0)
		n += (size_t)got;
	(void)close(fd);
	if (got < 0)
		return fail(fault, ERR_IO, "%s/checkpoint: %m", s->dir);
	*out = (struct str){p, n};
	return OK;
}

enum err store_checkpoint_text(const struct store *s, struct str origin, uint64_t size,
    struct arena *arena, struct str *out, struct fault *fault)
{
	struct sha256 root;
	struct str text, base64;

	TRY(store_root(s, size, &root, fault));
	base64 = base64_encode(arena, (struct str){(const char *)root.b, sizeof(root.b)});
	if (!base64.p)
		return fail(fault, ERR_NOMEM, "no memory for a checkpoint");
	text = arena_printf(
	    arena, "%.*s\n%" PRIu64 "\n%.*s\n", STR_ARG(origin), size, STR_ARG(base64));
	if (!text.p)
		return fail(fault, ERR_NOMEM, "no memory for a checkpoint");
	*out = text;
	return OK;
}

static enum err check_against_tree(
    const struct store *s, const struct checkpoint *c, struct fault *fault)
{
	struct sha256 root;

	if (c->size > store_size(s))
		return fail(fault, ERR_CORRUPT,
		    "%s: a checkpoint counts %" PRIu64 " records, the ledger has %" PRIu64, s->dir,
		    c->size, store_size(s));
	TRY(store_root(s, c->size, &root, fault));
	if (!sha256_eq(&root, &c->root))
		return fail(fault, ERR_CORRUPT,
		    "%s: the first %" PRIu64 " records are not those of the checkpoint", s->dir,
		    c->size);
	return OK;
}

enum err checkpoint_agrees(const struct store *s, struct fault *fault)
{
	struct arena *arena = arena_new(2 * CHECKPOINT_BYTES_MAX);
	struct checkpoint c;
	struct str note;
	enum err rc = store_checkpoint(s, arena, &note, fault);

	if (rc == OK && note.n > 0) {
		rc = checkpoint_parse(&c, note, fault);
		if (rc == OK)
			rc = check_against_tree(s, &c, fault);
	}
	arena_free(arena);
	return rc;
}

static enum err replace_file(struct store *s, struct str note, struct fault *fault)
{
	int fd =
	    openat(s->dir_fd, "checkpoint.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return fail(fault, segment_errno(), "%s/checkpoint.new: %m", s->dir);
	good = s->io->pwrite(fd, note.p, note.n, 0) == (ssize_t)note.n && s->io->fdatasync(fd) == 0;
	if (close(fd) != 0)
		good = false;
	if (!good || renameat(s->dir_fd, "checkpoint.new", s->dir_fd, "checkpoint") != 0)
		return fail(fault, segment_errno(), "%s/checkpoint: %m", s->dir);
	return OK;
}

enum err store_put_checkpoint(struct store *s, struct str note, struct fault *fault)
{
	struct checkpoint c;

	if (note.n > CHECKPOINT_BYTES_MAX)
		return fail(
		    fault, ERR_LIMIT, "a checkpoint has at most %d bytes", CHECKPOINT_BYTES_MAX);
	TRY(checkpoint_parse(&c, note, fault));
	TRY(check_against_tree(s, &c, fault));
	return replace_file(s, note, fault);
}
