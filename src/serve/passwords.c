/* SPDX-License-Identifier: Apache-2.0 */
/* A line is "NAME TAB VERIFIER LF"; the verifier "-" means that the account has no password. */
#include "serve/passwords.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "crypt/password.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	FILE_BYTES_MAX = 16 << 20,
	VERIFIER_MAX = 255,
	LINE_BYTES_MAX = PASSWORDS_NAME_MAX + VERIFIER_MAX + 2,
	SLACK = 2, /* lines per account before the file is rewritten */
};

struct entry {
	char name[PASSWORDS_NAME_MAX + 1];
	char verifier[VERIFIER_MAX + 1];
};

struct passwords {
	int fd;
	struct entry *list;
	size_t count;
	size_t lines;
};

static struct entry *find(const struct passwords *p, struct str name)
{
	for (size_t i = 0; i < p->count; i++)
		if (str_eq(str_c(p->list[i].name), name))
			return &p->list[i];
	return NULL;
}

static bool name_is_plain(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= 0x20 || name.p[i] == 0x7f)
			return false;
	return name.n > 0 && name.n <= PASSWORDS_NAME_MAX;
}

static enum err put(struct passwords *p, struct str name, struct str verifier, struct fault *fault)
{
	struct entry *e = find(p, name);

	if (str_eq(verifier, S("-"))) {
		if (e)
			*e = p->list[--p->count];
		return OK;
	}
	if (!e) {
		if (p->count == PASSWORDS_ACCOUNTS_MAX)
			return fail(fault, ERR_LIMIT,
			    "there are %d accounts with a password already",
			    PASSWORDS_ACCOUNTS_MAX);
		p->list = mem_grow(p->list, p->count + 1, sizeof(*e));
		e = &p->list[p->count++];
		*e = (struct entry){0};
		memcpy(e->name, name.p, name.n);
	}
	memset(e->verifier, 0, sizeof(e->verifier));
	memcpy(e->verifier, verifier.p, verifier.n);
	return OK;
}

static enum err load(struct passwords *p, struct str text, struct str path, struct fault *fault)
{
	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');
		struct str verifier = line;
		struct str name = str_cut(&verifier, '\t');

		p->lines++;
		/* A last line without its end was being written when the power went. */
		if (!text.p)
			break;
		if (!name_is_plain(name) || verifier.n == 0 || verifier.n > VERIFIER_MAX)
			return fail(fault, ERR_CORRUPT, "%.*s:%zu: not a password verifier",
			    STR_ARG(path), p->lines);
		TRY(put(p, name, verifier, fault));
	}
	return OK;
}

static enum err rewrite(const struct passwords *p, struct str path, struct fault *fault)
{
	struct buf text;
	enum err rc;

	buf_init(&text, FILE_BYTES_MAX);
	for (size_t i = 0; i < p->count; i++)
		buf_printf(&text, "%s\t%s\n", p->list[i].name, p->list[i].verifier);
	rc = text.failed;
	if (rc == OK)
		rc = file_write(path, buf_str(&text), 0600, fault);
	buf_free(&text);
	return rc;
}

static enum err open_at(
    struct passwords *p, struct str path, struct arena *arena, struct fault *fault)
{
	struct str text = STR_NONE;

	if (file_exists(path))
		TRY(file_read(&text, arena, path, FILE_BYTES_MAX, fault));
	TRY(load(p, text, path, fault));
	if (!text.p || p->lines > (p->count + 1) * SLACK || !str_ends(text, S("\n"))) {
		TRY(rewrite(p, path, fault));
		p->lines = p->count;
	}
	p->fd = open(arena_str(arena, path).p, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (p->fd < 0)
		return fail(fault, file_err(errno), "%.*s: cannot open: %s", STR_ARG(path),
		    sys_error(errno));
	return OK;
}

enum err passwords_open(struct passwords **out, struct str path, struct fault *fault)
{
	struct passwords *p = mem_alloc(sizeof(*p));
	struct arena *arena = arena_new(FILE_BYTES_MAX + (1 << 20));
	enum err rc;

	p->fd = -1;
	rc = open_at(p, path, arena, fault);
	arena_free(arena);
	if (rc != OK) {
		passwords_close(p);
		return rc;
	}
	*out = p;
	return OK;
}

void passwords_close(struct passwords *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		close(p->fd);
	if (p->list)
		explicit_bzero(p->list, p->count * sizeof(*p->list));
	mem_free(p->list);
	mem_free(p);
}

static enum err append(
    struct passwords *p, struct str name, struct str verifier, struct fault *fault)
{
	struct buf line;
	enum err rc = OK;

	buf_init(&line, LINE_BYTES_MAX);
	buf_put(&line, name);
	buf_byte(&line, '\t');
	buf_put(&line, verifier);
	buf_byte(&line, '\n');
	if (line.failed != OK)
		rc = fail(fault, ERR_LIMIT, "a password verifier is too long");
	else if (write(p->fd, line.p, line.n) != (ssize_t)line.n || fdatasync(p->fd) != 0)
		rc = fail(
		    fault, file_err(errno), "keys/passwords: cannot write: %s", sys_error(errno));
	buf_free(&line);
	if (rc != OK)
		return rc;
	p->lines++;
	return put(p, name, verifier, fault);
}

enum err passwords_set(
    struct passwords *p, struct str name, struct str password, struct fault *fault)
{
	struct arena *arena;
	struct str verifier;
	enum err rc;

	if (!name_is_plain(name))
		return fail(fault, ERR_INVALID,
		    "an account's name has 1 to %d bytes, no spaces and no control characters",
		    PASSWORDS_NAME_MAX);
	if (!find(p, name) && p->count == PASSWORDS_ACCOUNTS_MAX)
		return fail(fault, ERR_LIMIT, "there are %d accounts with a password already",
		    PASSWORDS_ACCOUNTS_MAX);
	arena = arena_new(64 << 10);
	rc = password_hash(&verifier, arena, password, fault);
	if (rc == OK)
		rc = append(p, name, verifier, fault);
	arena_free(arena);
	return rc;
}

bool passwords_verify(const struct passwords *p, struct str name, struct str password)
{
	const struct entry *e = find(p, name);

	return password_verify(e ? str_c(e->verifier) : STR_NONE, password);
}

enum err passwords_remove(struct passwords *p, struct str name, struct fault *fault)
{
	return find(p, name) ? append(p, name, S("-"), fault) : OK;
}
