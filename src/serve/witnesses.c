/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/witnesses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/env.h"
#include "sys/files.h"

/* SHA-256 of the origin, then a witness's memory. */
enum { SLOT = SHA256_LEN + WITNESS_MEMORY, SLOTS_AT_ONCE = 64 };

struct feed {
	struct sha256 origin;
	struct witness witness;
};

struct witnesses {
	int fd;
	struct feed *feeds;
	size_t count;
};

static struct feed *feed_add(struct witnesses *w)
{
	struct feed *f;

	if (w->count % SLOTS_AT_ONCE == 0)
		w->feeds = mem_grow(w->feeds, w->count + SLOTS_AT_ONCE, sizeof(*w->feeds));
	f = &w->feeds[w->count];
	*f = (struct feed){.witness = {.fd = w->fd, .at = (off_t)w->count * SLOT + SHA256_LEN}};
	return f;
}

static enum err recall_all(struct witnesses *w, struct str path, struct fault *fault)
{
	for (;;) {
		struct feed *f = feed_add(w);
		off_t at = (off_t)w->count * SLOT;
		ssize_t n = pread(w->fd, f->origin.b, SHA256_LEN, at);

		if (n < 0)
			return fail(fault, ERR_IO, "%.*s: %s", STR_ARG(path), sys_error(errno));
		/* A slot that was never finished was never signed from. */
		if (n < SHA256_LEN || w->count == WITNESSES_MAX)
			return OK;
		TRY(witness_recall(&f->witness, path, fault));
		w->count++;
	}
}

enum err witnesses_open(struct witnesses **out, struct str path, struct fault *fault)
{
	struct witnesses *w;
	char name[FILE_PATH_MAX + 1];
	enum err rc;
	int fd;

	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(path));
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(fault, file_err(errno), "%s: cannot open: %s", name, sys_error(errno));
	w = mem_alloc(sizeof(*w));
	w->fd = fd;
	rc = recall_all(w, path, fault);
	if (rc != OK) {
		witnesses_close(w);
		return rc;
	}
	*out = w;
	return OK;
}

void witnesses_close(struct witnesses *w)
{
	if (!w)
		return;
	close(w->fd);
	mem_free(w->feeds);
	mem_free(w);
}

/* The memory first: a slot counts once its origin stands there, and nothing is signed before. */
static enum err begin(struct witnesses *w, const struct sha256 *origin, struct str text,
    struct str name, const struct witness_step *step, struct fault *fault)
{
	struct feed *f;

	if (w->count == WITNESSES_MAX)
		return fail(
		    fault, ERR_LIMIT, "heads of more than %d feeds are not signed", WITNESSES_MAX);
	f = feed_add(w);
	TRY(witness_admit(&f->witness, text, name, step, fault));
	f->origin = *origin;
	if (pwrite(w->fd, origin->b, SHA256_LEN, (off_t)w->count * SLOT) != SHA256_LEN)
		return fail(fault, ERR_IO, "keys/signed-feeds: cannot write: %s", sys_error(errno));
	w->count++;
	return OK;
}

enum err witnesses_admit(struct witnesses *w, struct str text, struct str origin,
    const struct witness_step *step, struct fault *fault)
{
	struct sha256 hash = sha256(origin);

	for (size_t i = 0; i < w->count; i++) {
		struct witness *witness = &w->feeds[i].witness;
		enum err rc;

		if (!sha256_eq(&w->feeds[i].origin, &hash))
			continue;
		rc = witness_confirm(witness, text, origin, step, fault);
		return rc == ERR_NOT_FOUND ? witness_admit(witness, text, origin, step, fault) : rc;
	}
	return begin(w, &hash, text, origin, step, fault);
}
