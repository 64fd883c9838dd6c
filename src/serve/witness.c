/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/rd.h"
#include "store/merkle.h"
#include "sys/env.h"
#include "sys/files.h"

/* u64 size, root, SHA-256 of both: a torn write is seen. */
enum { MEMORY = 8 + SHA256_LEN, MEMORY_FILE = WITNESS_MEMORY };

static enum err remember(const struct witness *w, struct fault *fault)
{
	struct buf b;
	struct sha256 sum;
	ssize_t n;

	buf_init(&b, MEMORY_FILE);
	buf_u64(&b, w->size);
	buf_put(&b, (struct str){(const char *)w->root.b, SHA256_LEN});
	sum = sha256(buf_str(&b));
	buf_put(&b, (struct str){(const char *)sum.b, SHA256_LEN});
	n = pwrite(w->fd, b.p, b.n, w->at);
	buf_free(&b);
	if (n != MEMORY_FILE)
		return fail(
		    fault, ERR_IO, "what was signed cannot be remembered: %s", sys_error(errno));
	return OK;
}

enum err witness_recall(struct witness *w, struct str path, struct fault *fault)
{
	char bytes[MEMORY_FILE];
	ssize_t n = pread(w->fd, bytes, sizeof(bytes), w->at);
	struct rd r;
	struct sha256 sum;
	struct sha256 stored;

	if (n == 0)
		return OK;
	if (n != MEMORY_FILE)
		return fail(fault, ERR_CORRUPT,
		    "%.*s: damaged; after `tocsin ledger verify` passes, remove the file",
		    STR_ARG(path));
	sum = sha256((struct str){bytes, MEMORY});
	memcpy(stored.b, bytes + MEMORY, SHA256_LEN);
	if (!sha256_eq(&sum, &stored))
		return fail(fault, ERR_CORRUPT,
		    "%.*s: damaged; after `tocsin ledger verify` passes, remove the file",
		    STR_ARG(path));
	r = rd_of((struct str){bytes, MEMORY});
	w->size = rd_u64(&r);
	memcpy(w->root.b, rd_rest(&r).p, SHA256_LEN);
	return OK;
}

enum err witness_open(struct witness *out, struct str path, struct fault *fault)
{
	struct witness w = {0};
	char name[FILE_PATH_MAX + 1];
	enum err rc;
	int fd;

	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(path));
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(fault, file_err(errno), "%s: cannot open: %s", name, sys_error(errno));
	w.fd = fd;
	rc = witness_recall(&w, path, fault);
	if (rc != OK) {
		close(fd);
		return rc;
	}
	*out = w;
	return OK;
}

void witness_close(struct witness *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* Origin, size and root of a checkpoint, which has these three lines and, from us, no more. */
static enum err read_text(
    uint64_t *size, struct sha256 *root, struct str text, struct str origin, struct fault *fault)
{
	struct str rest = text;
	struct str name = str_cut(&rest, '\n');
	struct str number = str_cut(&rest, '\n');
	struct str hash = str_cut(&rest, '\n');
	struct arena *arena;
	struct str bytes = STR_NONE;
	enum err rc;

	if (!str_eq(name, origin))
		return fail(fault, ERR_INVALID, "a checkpoint of another origin is not signed");
	if (str_u64(number, size) != OK || rest.n != 0 || !rest.p)
		return fail(fault, ERR_INVALID, "not the text of a checkpoint");
	arena = arena_new(4096);
	rc = base64_decode(&bytes, arena, hash);
	if (rc == OK && bytes.n == SHA256_LEN)
		memcpy(root->b, bytes.p, SHA256_LEN);
	else
		rc = fail(fault, ERR_INVALID, "a checkpoint's root is not a hash");
	arena_free(arena);
	return rc;
}

static enum err check(const struct witness *w, uint64_t size, const struct sha256 *root,
    const struct witness_step *step, struct fault *fault)
{
	if (size < w->size)
		return fail(fault, ERR_CONFLICT,
		    "the ledger has %llu records, but %llu were signed: it was cut or replaced",
		    (unsigned long long)size, (unsigned long long)w->size);
	if (w->size == 0)
		return OK;
	if (step->old_size != w->size)
		return fail(fault, ERR_BUSY, "%llu", (unsigned long long)w->size);
	if (!merkle_verify_consistency(
	        w->size, size, &w->root, root, step->proof, step->proof_count))
		return fail(fault, ERR_CONFLICT,
		    "the first %llu records are not those that were signed: the ledger was "
		    "changed",
		    (unsigned long long)w->size);
	return OK;
}

enum err witness_admit(struct witness *w, struct str text, struct str origin,
    const struct witness_step *step, struct fault *fault)
{
	struct witness next = {.fd = w->fd, .at = w->at};

	TRY(read_text(&next.size, &next.root, text, origin, fault));
	TRY(check(w, next.size, &next.root, step, fault));
	TRY(remember(&next, fault));
	*w = next;
	return OK;
}

enum err witness_confirm(const struct witness *w, struct str text, struct str origin,
    const struct witness_step *step, struct fault *fault)
{
	struct sha256 root;
	uint64_t size;

	TRY(read_text(&size, &root, text, origin, fault));
	if (size >= w->size)
		return ERR_NOT_FOUND;
	if (step->old_size != w->size)
		return fail(fault, ERR_BUSY, "%llu", (unsigned long long)w->size);
	if (!merkle_verify_consistency(
	        size, w->size, &root, &w->root, step->proof, step->proof_count))
		return fail(fault, ERR_CONFLICT,
		    "these %llu records are not the first of those that were signed",
		    (unsigned long long)size);
	return OK;
}
