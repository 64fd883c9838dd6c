/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/package.h"

#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "codec/time.h"

enum { BASE64_OF_HASH = 44, LINE_MAX_BYTES = 300 };

/* Beyond this no feed goes; sums of two stay far from the type's end. */
#define ENTRIES_END (UINT64_C(1) << 48)

static void put_hash(struct buf *out, const struct sha256 *hash)
{
	base64_put(out, (struct str){(const char *)hash->b, SHA256_LEN});
	buf_byte(out, '\n');
}

void sync_package_put(const struct sync_package *p, struct buf *out)
{
	char time[TIME_TEXT + 1];

	time_format(time, p->made);
	buf_put(out, SYNC_PACKAGE);
	buf_printf(out, "from %.*s\nto %.*s\nserial %" PRIu64 "\n", STR_ARG(p->from),
	    STR_ARG(p->to), p->serial);
	buf_put(out, S("previous "));
	put_hash(out, &p->previous);
	buf_printf(out, "made %s\nbegin %" PRIu64 "\nend %" PRIu64 "\nsize %" PRIu64 "\n", time,
	    p->begin, p->end, p->size);
	buf_put(out, S("body "));
	put_hash(out, &p->body);
}

/* The lines of a header, one after the other. */
struct lines {
	struct str rest;
	struct fault *fault;
	enum err failed;
};

static struct str value(struct lines *l, const char *key)
{
	struct str line = str_cut(&l->rest, '\n');
	struct str name = str_cut(&line, ' ');

	if (l->failed == OK &&
	    (!l->rest.p || !str_eq(name, str_c(key)) || line.n == 0 || line.n > LINE_MAX_BYTES))
		l->failed = fail(l->fault, ERR_PARSE, "its header has no line \"%s\"", key);
	return l->failed == OK ? line : S("");
}

/* As it is written: no zero before it. */
static uint64_t number(struct lines *l, const char *key)
{
	struct str digits = value(l, key);
	uint64_t n = 0;

	if (l->failed == OK &&
	    (str_u64(digits, &n) != OK || n > ENTRIES_END || (digits.n > 1 && digits.p[0] == '0')))
		l->failed = fail(l->fault, ERR_PARSE, "its header's \"%s\" is no number", key);
	return n;
}

static struct sha256 hash(struct lines *l, const char *key)
{
	struct str text = value(l, key);
	struct sha256 h = {{0}};
	struct arena *arena;
	struct str bytes;

	if (l->failed != OK)
		return h;
	arena = arena_new(1024);
	if (text.n != BASE64_OF_HASH || base64_decode(&bytes, arena, text) != OK ||
	    bytes.n != SHA256_LEN)
		l->failed = fail(l->fault, ERR_PARSE, "its header's \"%s\" is no hash", key);
	else
		memcpy(h.b, bytes.p, SHA256_LEN);
	arena_free(arena);
	return h;
}

static usec moment(struct lines *l, const char *key)
{
	struct str text = value(l, key);
	usec t = 0;

	if (l->failed == OK && (text.n != TIME_TEXT || time_parse_utc(&t, text) != OK))
		l->failed = fail(l->fault, ERR_PARSE, "its header's \"%s\" is no time in UTC", key);
	return t;
}

static enum err check(const struct sync_package *p, struct fault *fault)
{
	if (p->serial == 0 || p->begin > p->end)
		return fail(fault, ERR_PARSE, "its header numbers packages or entries wrongly");
	if (p->size < SYNC_PACKAGE_LEAST || p->size > SYNC_PACKAGE_MOST ||
	    p->size % SYNC_PACKAGE_LEAST != 0)
		return fail(fault, ERR_LIMIT,
		    "its header says %" PRIu64 " bytes; allowed are whole MiB, 1 to %d", p->size,
		    SYNC_PACKAGE_MOST >> 20);
	return OK;
}

enum err sync_package_get(struct sync_package *out, struct str text, struct fault *fault)
{
	struct lines l = {.rest = str_from(text, SYNC_PACKAGE.n), .fault = fault};
	struct sync_package p;

	if (!str_starts(text, SYNC_PACKAGE))
		return fail(fault, ERR_PARSE, "not a package of tocsin, or one of another version");
	p.from = value(&l, "from");
	p.to = value(&l, "to");
	p.serial = number(&l, "serial");
	p.previous = hash(&l, "previous");
	p.made = moment(&l, "made");
	p.begin = number(&l, "begin");
	p.end = number(&l, "end");
	p.size = number(&l, "size");
	p.body = hash(&l, "body");
	if (l.failed != OK)
		return l.failed;
	/* Behind the text stand the note's signatures, after an empty line, or nothing. */
	if (l.rest.n > 0 && l.rest.p[0] != '\n')
		return fail(fault, ERR_PARSE, "its header has a line too many");
	TRY(check(&p, fault));
	*out = p;
	return OK;
}

struct sha256 sync_package_name(struct str text)
{
	return sha256(text);
}

enum err sync_package_note(struct str *out, struct str head, struct fault *fault)
{
	size_t n = str_find(head, '\0');

	for (size_t i = n; i < head.n; i++)
		if (head.p[i] != '\0')
			return fail(
			    fault, ERR_PARSE, "its header is damaged: byte %zu is not zero", i);
	*out = str_slice(head, 0, n);
	return OK;
}

void sync_package_put_range(struct buf *body, struct str message)
{
	buf_u32(body, (uint32_t)message.n);
	buf_put(body, message);
}

void sync_package_put_end(struct buf *body)
{
	buf_u32(body, 0);
}

struct sync_pieces sync_package_pieces(const struct sync_package *p, struct str body)
{
	return (struct sync_pieces){
	    .rest = rd_of(body), .next = p->begin, .end = p->end, .left = SYNC_PACKAGE_RANGES_MAX};
}

enum err sync_package_piece(struct sync_pieces *p, struct sync_piece *out, struct fault *fault)
{
	size_t length = rd_u32(&p->rest);
	struct sync_message m;
	struct str bytes;

	if (p->rest.failed)
		return fail(fault, ERR_PARSE, "it is cut short between two ranges");
	if (length == 0)
		return p->next == p->end ? ERR_NOT_FOUND
		                         : fail(fault, ERR_PARSE,
		                               "it ends at entry %" PRIu64 " instead of %" PRIu64,
		                               p->next, p->end);
	bytes = rd_bytes(&p->rest, length);
	if (p->rest.failed || length > SYNC_BODY_MAX || p->left == 0)
		return fail(fault, ERR_LIMIT, "it has a range too long or too many");
	TRY(sync_message_get(&m, SYNC_RANGE, bytes, fault));
	if (m.from != p->next || m.count > p->end - p->next)
		return fail(fault, ERR_PARSE, "its ranges do not follow each other");
	p->left--;
	*out = (struct sync_piece){
	    .at = p->at + 4, .length = length, .from = m.from, .count = m.count};
	p->at += 4 + length;
	p->next += m.count;
	return OK;
}
