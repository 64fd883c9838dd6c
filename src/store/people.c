/* SPDX-License-Identifier: Apache-2.0 */
#include "store/people.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "crypt/random.h"
#include "sys/files.h"

enum {
	FILE_BYTES_MAX = 32 << 20,
	ARENA_MAX = 4 * FILE_BYTES_MAX,
	ID_BYTES = 10,
	ID_DIGITS = 16, /* of 5 bits */
	ID_TEXT = 2 + ID_DIGITS,
};

static const char DIGITS[] = "abcdefghijklmnopqrstuvwxyz234567";

/* One reading of the file. */
struct people {
	char path[FILE_PATH_MAX + 1];
	struct stat seen;    /* all zeros: there was no file */
	struct arena *arena; /* everything below */
	struct named *list;  /* by id */
	const struct named **by_name;
	size_t count;
};

static int id_order(const void *a, const void *b)
{
	return str_cmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

static int name_order(const void *a, const void *b)
{
	const struct named *const *x = a, *const *y = b;

	return str_cmp((*x)->name, (*y)->name);
}

/* ---- the file ---- */

bool people_is_field(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
			return false;
	return text.n > 0 && text.n <= PEOPLE_FIELD_MAX;
}

static bool is_subject(struct str text)
{
	return text.n == 0 || people_is_field(text);
}

static bool line_parse(struct named *out, struct str line)
{
	struct str rest = line, key;

	out->id = str_cut(&rest, '\t');
	out->name = str_cut(&rest, '\t');
	key = str_cut(&rest, '\t');
	out->subject = rest;
	return rest.p && people_is_field(out->id) && people_is_field(out->name) &&
	       is_subject(out->subject) && str_hex(out->key.b, SHA256_LEN, key);
}

static size_t lines_of(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

static enum err index_names(struct people *n, struct fault *fault)
{
	n->by_name = arena_array(n->arena, n->count + 1, sizeof(struct named *));
	if (!n->by_name)
		return fail(fault, ERR_NOMEM, "no memory for names");
	if (n->count > 1)
		qsort(n->list, n->count, sizeof(*n->list), id_order);
	for (size_t i = 0; i < n->count; i++)
		n->by_name[i] = &n->list[i];
	if (n->count > 1)
		qsort(n->by_name, n->count, sizeof(*n->by_name), name_order);
	return OK;
}

static enum err parse(struct people *n, struct str text, struct fault *fault)
{
	size_t lines = lines_of(text);

	if (lines > PEOPLE_MAX)
		return fail(fault, ERR_LIMIT, "%s: more than %d names", n->path, PEOPLE_MAX);
	n->list = arena_array(n->arena, lines + 1, sizeof(*n->list));
	if (!n->list)
		return fail(fault, ERR_NOMEM, "no memory for names");
	for (n->count = 0; n->count < lines; n->count++)
		if (!line_parse(&n->list[n->count], str_cut(&text, '\n')))
			return fail(fault, ERR_CORRUPT, "%s:%zu: not an account's name", n->path,
			    n->count + 1);
	if (text.n > 0)
		return fail(fault, ERR_CORRUPT, "%s: its last line has no end", n->path);
	return index_names(n, fault);
}

/* Into an arena of its own, which takes the place of the one before when all is well. */
static enum err load(struct people *n, struct fault *fault)
{
	struct people next = {.arena = arena_new(ARENA_MAX)};
	struct str path = str_c(n->path), text = S("");
	enum err rc = OK;

	memcpy(next.path, n->path, sizeof(next.path));
	if (stat(n->path, &next.seen) == 0)
		rc = file_read(&text, next.arena, path, FILE_BYTES_MAX, fault);
	else
		next.seen = (struct stat){0};
	if (rc == OK)
		rc = parse(&next, text, fault);
	if (rc != OK) {
		arena_free(next.arena);
		return rc;
	}
	arena_free(n->arena);
	*n = next;
	return OK;
}

enum err people_open(struct people **out, struct str node_dir, struct fault *fault)
{
	struct people *n = mem_alloc(sizeof(*n));
	struct str path;
	enum err rc;

	n->arena = arena_new(ARENA_MAX);
	path = file_join(n->arena, node_dir, "people/accounts");
	rc = path.p && path.n <= FILE_PATH_MAX
	         ? OK
	         : fail(fault, ERR_LIMIT, "path too long: %.*s", STR_ARG(node_dir));
	if (rc == OK) {
		memcpy(n->path, path.p, path.n);
		rc = load(n, fault);
	}
	if (rc != OK) {
		people_close(n);
		return rc;
	}
	*out = n;
	return OK;
}

void people_close(struct people *n)
{
	if (!n)
		return;
	arena_free(n->arena);
	mem_free(n);
}

void people_renew(struct people *n)
{
	struct stat now = {0};

	if (stat(n->path, &now) != 0)
		now = (struct stat){0};
	if (!file_same(&now, &n->seen))
		(void)!load(n, NULL);
}

/* ---- looking ---- */

const struct named *people_by_id(const struct people *n, struct str id)
{
	const struct named wanted = {.id = id};

	return n->count ? bsearch(&wanted, n->list, n->count, sizeof(*n->list), id_order) : NULL;
}

const struct named *people_by_name(const struct people *n, struct str name)
{
	const struct named wanted = {.name = name}, *at = &wanted;
	const struct named **found =
	    n->count ? bsearch(&at, n->by_name, n->count, sizeof(*n->by_name), name_order) : NULL;

	return found ? *found : NULL;
}

const struct named *people_by_subject(const struct people *n, struct str subject)
{
	for (size_t i = 0; subject.n > 0 && i < n->count; i++)
		if (str_eq(n->list[i].subject, subject))
			return &n->list[i];
	return NULL;
}

struct str people_name(const struct people *n, struct str id)
{
	const struct named *named = people_by_id(n, id);

	return named ? named->name : id;
}

struct str people_id(const struct people *n, struct str name)
{
	const struct named *named = people_by_name(n, name);

	return named ? named->id : name;
}

static struct str in_source(const struct people *n, struct arena *arena, struct str source,
    struct str (*other)(const struct people *n, struct str account))
{
	struct str account = source, way = str_cut(&account, ':');

	if (!account.p || (!str_eq(way, S("api")) && !str_eq(way, S("taxii"))))
		return source;
	return arena_printf(arena, "%.*s:%.*s", STR_ARG(way), STR_ARG(other(n, account)));
}

struct str people_source_name(const struct people *n, struct arena *arena, struct str source)
{
	return in_source(n, arena, source, people_name);
}

struct str people_source_id(const struct people *n, struct arena *arena, struct str source)
{
	return in_source(n, arena, source, people_id);
}

bool people_is_id(struct str text)
{
	if (text.n != ID_TEXT || !str_starts(text, S("u-")))
		return false;
	for (size_t i = 2; i < ID_TEXT; i++)
		if (!memchr(DIGITS, text.p[i], sizeof(DIGITS) - 1))
			return false;
	return true;
}

struct str people_in_json(const struct people *n, struct arena *arena, struct str json)
{
	struct str out;
	struct buf b;

	buf_init(&b, 2 * FILE_BYTES_MAX);
	for (size_t i = 0; i < json.n;) {
		struct str id = str_slice(json, i + 1, i + 1 + ID_TEXT);
		bool quoted = json.p[i] == '"' && i + 1 + ID_TEXT < json.n &&
		              json.p[i + 1 + ID_TEXT] == '"' && people_is_id(id);
		const struct named *named = quoted ? people_by_id(n, id) : NULL;

		/* What accounts may be called needs no escaping. */
		buf_byte(&b, json.p[i++]);
		if (named) {
			buf_put(&b, named->name);
			i += ID_TEXT;
		}
	}
	out = b.failed == OK ? arena_str(arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	return out;
}

struct sha256 people_digest(const struct named *named, struct str issuer)
{
	const struct str parts[] = {issuer, S("\n"), named->subject};
	struct sha256 whole = sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));

	return hmac_sha256((struct str){(const char *)named->key.b, SHA256_LEN},
	    (struct str){(const char *)whole.b, SHA256_LEN});
}

bool people_digest_is(const struct named *named, struct str issuer, struct str kept)
{
	struct sha256 digest = people_digest(named, issuer), of;

	return str_hex(of.b, SHA256_LEN, kept) && sha256_eq(&of, &digest);
}

/* ---- changing ---- */

/* Everything but `gone`, with `news` instead of what has its id, or behind all. */
static enum err rewrite(
    struct people *n, struct str gone, const struct named *news, struct fault *fault)
{
	struct buf text;
	enum err rc;

	buf_init(&text, FILE_BYTES_MAX);
	for (size_t i = 0; i <= n->count; i++) {
		const struct named *line = i < n->count ? &n->list[i] : news;

		if (!line || (i < n->count &&
		                 (str_eq(line->id, gone) || (news && str_eq(line->id, news->id)))))
			continue;
		buf_put(&text, line->id);
		buf_byte(&text, '\t');
		buf_put(&text, line->name);
		buf_byte(&text, '\t');
		buf_hex(&text, line->key.b, SHA256_LEN);
		buf_byte(&text, '\t');
		buf_put(&text, line->subject);
		buf_byte(&text, '\n');
	}
	rc = text.failed == OK ? file_write(str_c(n->path), buf_str(&text), 0600, fault)
	                       : fail(fault, text.failed, "%s: too long", n->path);
	if (text.p)
		explicit_bzero(text.p, text.n);
	buf_free(&text);
	return rc == OK ? load(n, fault) : rc;
}

static void new_id(char out[ID_TEXT])
{
	unsigned char random[ID_BYTES];
	uint64_t bits = 0;
	size_t have = 0, at = 0;

	random_secret(random, sizeof(random));
	out[0] = 'u';
	out[1] = '-';
	for (size_t i = 2; i < ID_TEXT; i++) {
		if (have < 5) {
			bits = bits << 8 | random[at++];
			have += 8;
		}
		have -= 5;
		out[i] = DIGITS[bits >> have & 31];
	}
}

static enum err put(struct people *n, const struct named *news, struct fault *fault)
{
	if (!people_is_field(news->name) || !is_subject(news->subject))
		return fail(fault, ERR_INVALID, "a name has 1 to %d bytes, none of them controls",
		    PEOPLE_FIELD_MAX);
	if (n->count == PEOPLE_MAX && !people_by_id(n, news->id))
		return fail(fault, ERR_LIMIT, "there are %d names of accounts already", PEOPLE_MAX);
	return rewrite(n, STR_NONE, news, fault);
}

enum err people_add(struct people *n, struct str name, struct str *id, struct fault *fault)
{
	const struct named *named = people_by_name(n, name);
	struct named news = {.name = name, .subject = S("")};
	char text[ID_TEXT];

	if (!named) {
		new_id(text);
		news.id = (struct str){text, ID_TEXT};
		random_secret(news.key.b, SHA256_LEN);
		TRY(put(n, &news, fault));
		named = people_by_id(n, news.id);
	}
	*id = named->id;
	return OK;
}

enum err people_link(struct people *n, struct str id, struct str subject, struct fault *fault)
{
	const struct named *named = people_by_id(n, id);
	struct named news = {.id = id, .name = id, .subject = subject};

	/* An account from before there were ids is its own. */
	if (named)
		news = (struct named){id, named->name, subject, named->key};
	else
		random_secret(news.key.b, SHA256_LEN);
	return put(n, &news, fault);
}

enum err people_forget(struct people *n, struct str id, struct fault *fault)
{
	if (!people_by_id(n, id))
		return fail(fault, ERR_NOT_FOUND, "%.*s has no name here", STR_ARG(id));
	return rewrite(n, id, NULL, fault);
}
