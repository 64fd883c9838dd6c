/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal.h"

#include <string.h>

#include "base/base64.h"
#include "base/rd.h"
#include "codec/time.h"
#include "store/merkle.h"

enum { SMALL_ARENA = 4096, ENVELOPE_FORMAT = 1 };

enum copy { COPY_FULL = 0, COPY_REDACTED = 1 };

#define FIRST_LINE S("tocsin seal 1")

void seal_text(struct buf *out, const struct seal *s)
{
	char when[TIME_TEXT + 1];

	time_format(when, s->time);
	buf_printf(out, "%.*s\n%.*s\n%s\n", STR_ARG(FIRST_LINE), STR_ARG(s->identity), when);
	base64_put(out, (struct str){(const char *)s->root.b, SHA256_LEN});
	buf_byte(out, '\n');
}

static bool read_root(struct sha256 *out, struct str base64)
{
	struct arena *arena = arena_new(SMALL_ARENA);
	struct str bytes;
	bool good = base64.n <= SMALL_ARENA / 4 && base64_decode(&bytes, arena, base64) == OK &&
	            bytes.n == SHA256_LEN;

	if (good)
		memcpy(out->b, bytes.p, SHA256_LEN);
	arena_free(arena);
	return good;
}

/* What seal_text would write, and nothing else, is the beginning of `text`: its length; 0: not. */
static size_t spelled_as(struct str text, const struct seal *s)
{
	struct buf again;
	size_t n;

	buf_init(&again, SEAL_TEXT_MAX);
	seal_text(&again, s);
	n = again.failed == OK && str_starts(text, buf_str(&again)) ? again.n : 0;
	buf_free(&again);
	return n;
}

enum err seal_read(struct seal *out, struct str text, struct fault *fault)
{
	struct str rest = text;
	struct seal s = {0};
	struct str first = str_cut(&rest, '\n');
	struct str when;
	size_t n;

	s.identity = str_cut(&rest, '\n');
	when = str_cut(&rest, '\n');
	if (!str_eq(first, FIRST_LINE) || s.identity.n == 0 || s.identity.n > STATEMENT_TEXT_MAX ||
	    time_parse_utc(&s.time, when) != OK || !read_root(&s.root, str_cut(&rest, '\n')))
		return fail(fault, ERR_PARSE,
		    "a seal reads: tocsin seal 1, identity, time, root in base64, each on a line");
	n = spelled_as(text, &s);
	if (n == 0 || (n < text.n && text.p[n] != '\n'))
		return fail(fault, ERR_PARSE, "a seal's text is not in its one form");
	s.id = sha256(str_slice(text, 0, n));
	*out = s;
	return OK;
}

enum err seal_of(struct seal *out, struct str text, struct str identity, struct fault *fault)
{
	struct seal s;

	TRY(seal_read(&s, text, fault));
	if (str_search(text, S("\n\n")) != text.n)
		return fail(fault, ERR_PARSE, "a seal's text is not in its one form");
	if (!str_eq(s.identity, identity))
		return fail(fault, ERR_INVALID, "the seal is that of %.*s, not of %.*s",
		    STR_ARG(s.identity), STR_ARG(identity));
	*out = s;
	return OK;
}

enum err seal_open(struct seal *out, struct str note, struct str identity,
    const struct note_keys *keys, struct fault *fault)
{
	struct str text;

	if (note.n > SEAL_NOTE_MAX)
		return fail(fault, ERR_LIMIT, "a seal has at most %d bytes", SEAL_NOTE_MAX);
	TRY(note_open_all(&text, note, keys, fault));
	return seal_of(out, text, identity, fault);
}

void envelope_put(struct buf *out, const struct envelope *e)
{
	struct buf statement;

	buf_init(&statement, STATEMENT_BYTES_MAX);
	statement_put(&statement, &e->statement);
	buf_u8(out, ENVELOPE_FORMAT);
	buf_u16(out, (uint16_t)statement.n);
	buf_put(out, buf_str(&statement));
	buf_free(&statement);
	buf_put(out, (struct str){(const char *)e->seal.b, SHA256_LEN});
	buf_u8(out, e->index);
	for (size_t i = 0; i < SEAL_DEPTH; i++)
		buf_put(out, (struct str){(const char *)e->path[i].b, SHA256_LEN});
	buf_u8(out, e->leaves.p ? COPY_REDACTED : COPY_FULL);
	buf_put(out,
	    e->leaves.p ? e->leaves : (struct str){(const char *)e->seed.b, sizeof(e->seed.b)});
}

static void take_hash(struct sha256 *out, struct rd *r)
{
	struct str bytes = rd_bytes(r, SHA256_LEN);

	if (bytes.p)
		memcpy(out->b, bytes.p, SHA256_LEN);
}

/* One leaf of a copy with members left out: which of the two it is, and its bytes. */
static struct str take_entry(struct rd *r, enum seal_leaf *entry)
{
	uint8_t kind = rd_u8(r);

	*entry = kind == SEAL_LEAF_SALT ? SEAL_LEAF_SALT : SEAL_LEAF_HASH;
	if (kind != SEAL_LEAF_SALT && kind != SEAL_LEAF_HASH)
		r->failed = true;
	return rd_bytes(r, kind == SEAL_LEAF_SALT ? SEAL_SALT : SHA256_LEN);
}

/* Exactly one entry a member, and the hash of the content's leaf. */
static bool leaves_are_whole(const struct envelope *e)
{
	struct rd r = rd_of(e->leaves);
	enum seal_leaf last = SEAL_LEAF_SALT;

	if (e->statement.members == 0)
		return false;
	for (size_t i = 0; i <= e->statement.members; i++)
		(void)take_entry(&r, &last);
	return rd_done(&r) && last == SEAL_LEAF_HASH;
}

enum err envelope_read(struct envelope *out, struct str bytes, struct fault *fault)
{
	struct rd r = rd_of(bytes);
	struct envelope e = {.leaves = STR_NONE};
	struct str statement, rest;
	uint8_t copy;

	if (bytes.n > ENVELOPE_BYTES_MAX)
		return fail(
		    fault, ERR_LIMIT, "an envelope has at most %d bytes", ENVELOPE_BYTES_MAX);
	if (rd_u8(&r) != ENVELOPE_FORMAT)
		return fail(fault, ERR_PARSE, "an envelope of a format that is not known here");
	statement = rd_bytes(&r, rd_u16(&r));
	take_hash(&e.seal, &r);
	e.index = rd_u8(&r);
	for (size_t i = 0; i < SEAL_DEPTH; i++)
		take_hash(&e.path[i], &r);
	copy = rd_u8(&r);
	rest = rd_rest(&r);
	if (r.failed)
		return fail(fault, ERR_PARSE, "an envelope is cut short");
	TRY(statement_read(&e.statement, statement, fault));
	if (copy == COPY_FULL && rest.n == SEAL_SEED)
		memcpy(e.seed.b, rest.p, SEAL_SEED);
	else
		e.leaves = rest;
	if (copy > COPY_REDACTED || (copy == COPY_FULL) != (e.leaves.p == NULL) ||
	    (e.leaves.p && !leaves_are_whole(&e)))
		return fail(fault, ERR_PARSE, "an envelope is damaged");
	*out = e;
	return OK;
}

static enum err verify_full(const struct envelope *e, struct str content, struct fault *fault)
{
	uint16_t members;
	struct sha256 root;

	TRY(properties_root(&root, &members, content, &e->seed, fault));
	if (members != e->statement.members || !sha256_eq(&root, &e->statement.properties))
		return fail(fault, ERR_INVALID,
		    "content: it is not what the originator stated, or not with this seed");
	return OK;
}

/* The next member must be there. */
static enum err given_leaf(struct sha256 *leaf, struct members *m, struct str salt_bytes,
    size_t *bytes, struct fault *fault)
{
	struct seal_salt salt;
	struct member member;
	enum err rc = members_next(m, &member, fault);

	if (rc == ERR_NOT_FOUND || (rc == OK && member.name.n > UINT16_MAX - 1))
		return fail(fault, ERR_INVALID,
		    "content: a member is missing that the envelope says is there");
	TRY(rc);
	memcpy(salt.b, salt_bytes.p, SEAL_SALT);
	*leaf = member_leaf(&member, &salt);
	*bytes += member.name.n + member.value.n + 4; /* quotes, colon, comma or brace */
	return OK;
}

static enum err verify_redacted(const struct envelope *e, struct str content, struct fault *fault)
{
	struct merkle_frontier tree = {.size = 0};
	struct rd r = rd_of(e->leaves);
	struct member more;
	struct members m;
	struct sha256 root;
	size_t bytes = 1;
	size_t given = 0;

	TRY(members_open(&m, content, fault));
	for (size_t i = 0; i <= e->statement.members; i++) {
		struct sha256 leaf;
		enum seal_leaf entry;
		struct str value = take_entry(&r, &entry);

		if (entry == SEAL_LEAF_SALT) {
			TRY(given_leaf(&leaf, &m, value, &bytes, fault));
			given++;
		} else {
			memcpy(leaf.b, value.p, SHA256_LEN);
		}
		merkle_frontier_add(&tree, &leaf);
	}
	if (members_next(&m, &more, fault) != ERR_NOT_FOUND)
		return fail(fault, ERR_INVALID,
		    "content: more stands there than the envelope says was left in");
	/* One spelling: nothing may hide between what is proven. */
	if (content.n != bytes + (given == 0))
		return fail(fault, ERR_INVALID,
		    "content: a copy with members left out has no white space around members");
	root = merkle_frontier_root(&tree);
	if (!sha256_eq(&root, &e->statement.properties))
		return fail(fault, ERR_INVALID,
		    "content: a member is not what the originator stated, or not in its place");
	return OK;
}

enum err seal_verify(
    const struct envelope *e, const struct seal *seal, struct str content, struct fault *fault)
{
	struct sha256 leaf;

	if (!sha256_eq(&e->seal, &seal->id))
		return fail(fault, ERR_INVALID, "seal: the envelope belongs to another seal");
	if (!str_eq(e->statement.originator, seal->identity))
		return fail(fault, ERR_INVALID,
		    "originator: the statement says %.*s, the seal is that of %.*s",
		    STR_ARG(e->statement.originator), STR_ARG(seal->identity));
	leaf = statement_leaf(&e->statement);
	if (!merkle_verify_inclusion(
	        e->index, SEAL_LEAVES, &leaf, e->path, SEAL_DEPTH, &seal->root))
		return fail(fault, ERR_INVALID, "statement: it is not one of those sealed");
	return e->leaves.p ? verify_redacted(e, content, fault) : verify_full(e, content, fault);
}
