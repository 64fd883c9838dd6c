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
#include "base/rd.h"
#include "crypt/digest.h"
#include "crypt/password.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	FILE_BYTES_MAX = 16 << 20,
	VERIFIER_MAX = 255,
	LINE_BYTES_MAX = PASSWORDS_NAME_MAX + VERIFIER_MAX + 2,
	SLACK = 2, /* lines per account before the file is rewritten */
	/* Of a slot: name, secret, step, failures, until; a part of the SHA-256 over them; zeros.
	 */
	SLOT_SAYS = 1 + PASSWORDS_TOTP_NAME_MAX + TOTP_SECRET + 8 + 4 + 8,
	SLOT_SUM = 16,
	SLOT = 128,
	SLOTS_AT_ONCE = 64,
};

static const usec WAIT_LEAST = 30 * USEC_PER_SEC, WAIT_MOST = 3600 * USEC_PER_SEC;

/* What makes an account's codes; in memory where it is in the file. */
struct factor {
	size_t name_n; /* 0: a free slot */
	char name[PASSWORDS_TOTP_NAME_MAX];
	unsigned char secret[TOTP_SECRET];
	uint64_t step;     /* of the code that was used last */
	uint32_t failures; /* in a row */
	usec until;        /* no code is looked at before */
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
	int totp_fd;
	struct factor *factors;
	size_t factor_count;
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

static struct str factor_name(const struct factor *f)
{
	return (struct str){f->name, f->name_n};
}

static enum err factor_read(struct factor *out, const char bytes[SLOT])
{
	struct rd r = rd_of((struct str){bytes, SLOT_SAYS});
	struct sha256 sum = sha256((struct str){bytes, SLOT_SAYS});
	struct factor f = {.name_n = rd_u8(&r)};

	memcpy(f.name, rd_bytes(&r, sizeof(f.name)).p, sizeof(f.name));
	memcpy(f.secret, rd_bytes(&r, sizeof(f.secret)).p, sizeof(f.secret));
	f.step = rd_u64(&r);
	f.failures = rd_u32(&r);
	f.until = (usec)rd_u64(&r);
	if (r.failed || f.name_n > sizeof(f.name) ||
	    memcmp(sum.b, bytes + SLOT_SAYS, SLOT_SUM) != 0)
		return ERR_CORRUPT;
	*out = f;
	return OK;
}

static enum err factor_write(
    const struct passwords *p, size_t at, const struct factor *f, struct fault *fault)
{
	char bytes[SLOT] = {0};
	struct sha256 sum;
	struct buf b;
	ssize_t n;

	buf_init(&b, SLOT);
	buf_u8(&b, (uint8_t)f->name_n);
	buf_put(&b, (struct str){f->name, sizeof(f->name)});
	buf_put(&b, (struct str){(const char *)f->secret, sizeof(f->secret)});
	buf_u64(&b, f->step);
	buf_u32(&b, f->failures);
	buf_u64(&b, (uint64_t)f->until);
	sum = sha256(buf_str(&b));
	memcpy(bytes, b.p, SLOT_SAYS);
	memcpy(bytes + SLOT_SAYS, sum.b, SLOT_SUM);
	explicit_bzero(b.p, b.n);
	buf_free(&b);
	n = pwrite(p->totp_fd, bytes, SLOT, (off_t)at * SLOT);
	explicit_bzero(bytes, sizeof(bytes));
	if (n != SLOT || fdatasync(p->totp_fd) != 0)
		return fail(fault, file_err(errno), "keys/passwords-totp: cannot write: %s",
		    sys_error(errno));
	return OK;
}

static struct factor *factor_new(struct passwords *p)
{
	if (p->factor_count % SLOTS_AT_ONCE == 0)
		p->factors =
		    mem_grow(p->factors, p->factor_count + SLOTS_AT_ONCE, sizeof(*p->factors));
	p->factors[p->factor_count] = (struct factor){0};
	return &p->factors[p->factor_count++];
}

static struct factor *factor_of(const struct passwords *p, struct str name)
{
	for (size_t i = 0; i < p->factor_count && name.n > 0; i++)
		if (str_eq(factor_name(&p->factors[i]), name))
			return &p->factors[i];
	return NULL;
}

static enum err factors_open(
    struct passwords *p, struct str path, struct arena *arena, struct fault *fault)
{
	struct str name = arena_printf(arena, "%.*s-totp", STR_ARG(path));
	char bytes[SLOT];
	ssize_t n;

	p->totp_fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (p->totp_fd < 0)
		return fail(
		    fault, file_err(errno), "%s: cannot open: %s", name.p, sys_error(errno));
	for (size_t i = 0; (n = pread(p->totp_fd, bytes, SLOT, (off_t)i * SLOT)) != 0; i++) {
		if (n < 0)
			return fail(fault, ERR_IO, "%s: cannot read: %s", name.p, sys_error(errno));
		if (i == PASSWORDS_ACCOUNTS_MAX)
			return fail(fault, ERR_LIMIT, "%s: too long", name.p);
		/* A last slot without its end was being written, and nobody was told of it. */
		if (n < SLOT)
			break;
		if (factor_read(factor_new(p), bytes) != OK)
			return fail(fault, ERR_CORRUPT,
			    "%s: slot %zu is damaged: put the file back from a backup, or remove "
			    "it and give each account another secret with `tocsin user totp`",
			    name.p, i);
	}
	explicit_bzero(bytes, sizeof(bytes));
	return OK;
}

enum err passwords_open(struct passwords **out, struct str path, struct fault *fault)
{
	struct passwords *p = mem_alloc(sizeof(*p));
	struct arena *arena = arena_new(FILE_BYTES_MAX + (1 << 20));
	enum err rc;

	p->fd = p->totp_fd = -1;
	rc = open_at(p, path, arena, fault);
	if (rc == OK)
		rc = factors_open(p, path, arena, fault);
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
	if (p->totp_fd >= 0)
		close(p->totp_fd);
	if (p->factors)
		explicit_bzero(p->factors, p->factor_count * sizeof(*p->factors));
	mem_free(p->factors);
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

enum err passwords_copy(struct passwords *p, struct str name, struct str from, struct fault *fault)
{
	const struct entry *e = find(p, from);
	struct entry copy;

	if (!e)
		return fail(fault, ERR_NOT_FOUND, "there is no such password to be given");
	if (!name_is_plain(name))
		return fail(fault, ERR_INVALID, "not a name of an account");
	/* The list may move as it grows. */
	copy = *e;
	return append(p, name, str_c(copy.verifier), fault);
}

bool passwords_verify(const struct passwords *p, struct str name, struct str password)
{
	const struct entry *e = find(p, name);

	return password_verify(e ? str_c(e->verifier) : STR_NONE, password);
}

enum err passwords_remove(struct passwords *p, struct str name, struct fault *fault)
{
	TRY(passwords_totp_remove(p, name, fault));
	return find(p, name) ? append(p, name, S("-"), fault) : OK;
}

enum err passwords_totp_set(struct passwords *p, struct str name,
    const unsigned char secret[TOTP_SECRET], struct fault *fault)
{
	struct factor made = {.name_n = name.n};
	struct factor *f = factor_of(p, name);

	if (!name_is_plain(name) || name.n > sizeof(made.name))
		return fail(fault, ERR_INVALID, "an account's name has 1 to %d bytes",
		    PASSWORDS_TOTP_NAME_MAX);
	memcpy(made.name, name.p, name.n);
	memcpy(made.secret, secret, sizeof(made.secret));
	for (size_t i = 0; !f && i < p->factor_count; i++)
		if (p->factors[i].name_n == 0)
			f = &p->factors[i];
	if (!f && p->factor_count == PASSWORDS_ACCOUNTS_MAX)
		return fail(fault, ERR_LIMIT, "there are %d accounts with one-time codes already",
		    PASSWORDS_ACCOUNTS_MAX);
	if (!f)
		f = factor_new(p);
	TRY(factor_write(p, (size_t)(f - p->factors), &made, fault));
	*f = made;
	return OK;
}

enum err passwords_totp_remove(struct passwords *p, struct str name, struct fault *fault)
{
	const struct factor none = {0};
	struct factor *f = factor_of(p, name);

	if (!f)
		return OK;
	TRY(factor_write(p, (size_t)(f - p->factors), &none, fault));
	explicit_bzero(f, sizeof(*f));
	return OK;
}

static usec wait_after(uint32_t failures)
{
	usec wait = WAIT_LEAST;

	if (failures < PASSWORDS_WRONG_MAX)
		return 0;
	while (failures-- > PASSWORDS_WRONG_MAX && wait < WAIT_MOST)
		wait *= 2;
	return wait < WAIT_MOST ? wait : WAIT_MOST;
}

enum err passwords_totp_check(
    struct passwords *p, struct str name, struct str code, usec now, struct fault *fault)
{
	struct factor *f = factor_of(p, name);
	struct factor after;
	uint64_t step;
	bool right;

	if (!f)
		return OK;
	if (!code.n)
		return fail(fault, ERR_UNSUPPORTED, "a code is needed too");
	/* A clock that was set back keeps nobody out for longer than there ever is to wait. */
	if (now < f->until && f->until - now <= WAIT_MOST)
		return fail(fault, ERR_LIMIT, "too many codes were wrong");
	after = *f;
	right = totp_check(&step, f->secret, code, now, f->step);
	if (right) {
		after.step = step;
		after.failures = 0;
		after.until = 0;
	} else {
		after.failures += after.failures < UINT32_MAX;
		after.until = now + wait_after(after.failures);
	}
	TRY(factor_write(p, (size_t)(f - p->factors), &after, fault));
	*f = after;
	explicit_bzero(&after, sizeof(after));
	return right ? OK : fail(fault, ERR_CONFLICT, "the code is wrong or was used");
}
