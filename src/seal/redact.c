/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/redact.h"

#include <string.h>

#include "base/rd.h"

struct redaction {
	struct buf *content, *leaves;
	struct rd given; /* leaves of a copy that lacks members already */
	bool partial;
	size_t there; /* members of the copy that were met */
	bool any;     /* one is in the new copy */
};

static struct str salt_bytes(const struct seal_salt *salt)
{
	return (struct str){(const char *)salt->b, SEAL_SALT};
}

static void put_hash(struct redaction *r, struct str hash)
{
	buf_u8(r->leaves, SEAL_LEAF_HASH);
	buf_put(r->leaves, hash);
}

static void put_member(struct redaction *r, const struct member *m, const struct seal_salt *salt)
{
	buf_u8(r->leaves, SEAL_LEAF_SALT);
	buf_put(r->leaves, salt_bytes(salt));
	buf_put(r->content, r->any ? S(",\"") : S("\""));
	buf_put(r->content, m->name);
	buf_put(r->content, S("\":"));
	buf_put(r->content, m->value);
	r->any = true;
}

static enum err misfit(struct fault *fault)
{
	return fail(fault, ERR_INVALID, "the copy is not what its envelope is about");
}

/* The salt of a leaf, or its hash when the member is not in the copy. */
static bool salt_of(struct redaction *r, const struct envelope *e, size_t i, struct seal_salt *salt)
{
	struct str bytes;

	if (!r->partial) {
		*salt = seal_salt(&e->seed, (uint16_t)i);
		return true;
	}
	if (rd_u8(&r->given) == SEAL_LEAF_SALT) {
		bytes = rd_bytes(&r->given, SEAL_SALT);
		if (bytes.p)
			memcpy(salt->b, bytes.p, SEAL_SALT);
		return true;
	}
	put_hash(r, rd_bytes(&r->given, SHA256_LEN));
	return false;
}

static enum err add_members(struct redaction *r, const struct envelope *e, struct str copy,
    seal_omits omits, const void *ctx, struct fault *fault)
{
	struct member member;
	struct members m;

	TRY(members_open(&m, copy, fault));
	for (size_t i = 0; i < e->statement.members; i++) {
		struct seal_salt salt = {{0}};
		struct sha256 leaf;

		if (!salt_of(r, e, i, &salt))
			continue;
		if (members_next(&m, &member, fault) != OK)
			return misfit(fault);
		leaf = member_leaf(&member, &salt);
		if (omits(ctx, r->there++))
			put_hash(r, (struct str){(const char *)leaf.b, SHA256_LEN});
		else
			put_member(r, &member, &salt);
	}
	return members_next(&m, &member, NULL) == ERR_NOT_FOUND ? OK : misfit(fault);
}

enum err seal_redact(struct buf *content, struct buf *leaves, const struct envelope *e,
    struct str copy, seal_omits omits, const void *ctx, struct fault *fault)
{
	struct redaction r = {.content = content,
	    .leaves = leaves,
	    .given = rd_of(e->leaves),
	    .partial = e->leaves.p != NULL};
	struct seal_salt salt;

	if (e->statement.members == 0)
		return fail(fault, ERR_INVALID, "the object can be proven as a whole only");
	buf_byte(content, '{');
	TRY(add_members(&r, e, copy, omits, ctx, fault));
	buf_byte(content, '}');
	/* The whole is not there any more; its leaf stays. */
	if (salt_of(&r, e, e->statement.members, &salt)) {
		struct sha256 leaf = content_leaf(copy, &salt);

		put_hash(&r, (struct str){(const char *)leaf.b, SHA256_LEN});
	}
	if (r.partial && !rd_done(&r.given))
		return misfit(fault);
	return content->failed != OK || leaves->failed != OK
	           ? fail(fault, ERR_LIMIT, "a copy with members left out is too long")
	           : OK;
}

size_t seal_left_out(const struct envelope *e)
{
	struct rd r = rd_of(e->leaves);
	size_t out = 0;

	for (size_t i = 0; e->leaves.p && i < e->statement.members && !r.failed; i++) {
		bool there = rd_u8(&r) == SEAL_LEAF_SALT;

		out += !there;
		(void)rd_bytes(&r, there ? (size_t)SEAL_SALT : (size_t)SHA256_LEN);
	}
	return out;
}

enum seal_copy seal_copy_compare(const struct envelope *e, struct str with)
{
	struct sha256 ours = statement_leaf(&e->statement), theirs;
	struct envelope other;

	if (envelope_read(&other, with, NULL) != OK)
		return SEAL_COPY_OTHER;
	theirs = statement_leaf(&other.statement);
	if (!sha256_eq(&ours, &theirs))
		return SEAL_COPY_OTHER;
	/* A full copy has what is between its members too. */
	if (!e->leaves.p && other.leaves.p)
		return SEAL_COPY_MORE;
	return seal_left_out(e) < seal_left_out(&other) ? SEAL_COPY_MORE : SEAL_COPY_LESS;
}
