/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/properties.h"

#include <assert.h>
#include <string.h>

#include "store/merkle.h"

enum {
	CONTENT_MARK = 0xffff, /* where a member's leaf has the length of its name */
	NAME_MAX_BYTES = CONTENT_MARK - 1,
	SALTS_A_HASH = SHA256_LEN / SEAL_SALT,
};

/* One hash gives two salts. What is hashed has one length, so no salt tells of another. */
static struct sha256 salts(const struct seal_seed *seed, uint16_t block)
{
	unsigned char in[SEAL_SEED + 2];

	memcpy(in, seed->b, SEAL_SEED);
	in[SEAL_SEED] = (unsigned char)(block >> 8);
	in[SEAL_SEED + 1] = (unsigned char)block;
	return sha256((struct str){(const char *)in, sizeof(in)});
}

static struct seal_salt salt_in(const struct sha256 *block, uint16_t i)
{
	struct seal_salt salt;

	memcpy(salt.b, block->b + (size_t)(i % SALTS_A_HASH) * SEAL_SALT, SEAL_SALT);
	return salt;
}

struct seal_salt seal_salt(const struct seal_seed *seed, uint16_t i)
{
	struct sha256 block = salts(seed, i / SALTS_A_HASH);

	return salt_in(&block, i);
}

enum { BEFORE_FIRST, BEHIND_MEMBER, BEHIND_LAST };

static void skip_space(struct members *m)
{
	while (m->p < m->end && (*m->p == ' ' || *m->p == '\t' || *m->p == '\n' || *m->p == '\r'))
		m->p++;
}

static bool take_byte(struct members *m, char c)
{
	if (m->p == m->end || *m->p != c)
		return false;
	m->p++;
	return true;
}

static enum err broken(struct fault *fault)
{
	return fail(fault, ERR_PARSE, "the content is not one JSON object");
}

enum err members_open(struct members *m, struct str json, struct fault *fault)
{
	*m = (struct members){
	    .p = json.p, .end = json.p ? json.p + json.n : NULL, .state = BEFORE_FIRST};
	skip_space(m);
	return take_byte(m, '{') ? OK : broken(fault);
}

/* Behind a string's closing quote; NULL when there is none. p is behind the opening one. */
static const char *string_end(const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p++;
	}
	return NULL;
}

/* Behind the bracket that closes the one at p. */
static const char *nested_end(const char *p, const char *end)
{
	size_t depth = 0;

	while (p && p < end) {
		char c = *p++;

		if (c == '"')
			p = string_end(p, end);
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return p;
	}
	return NULL;
}

static const char *scalar_end(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && !strchr(" \t\r\n,:{}[]\"", *p))
		p++;
	return p > from ? p : NULL;
}

static const char *value_end(const char *p, const char *end)
{
	if (p == end)
		return NULL;
	if (*p == '"')
		return string_end(p + 1, end);
	if (*p == '{' || *p == '[')
		return nested_end(p, end);
	return scalar_end(p, end);
}

/* What stands between members, or behind the last of them. */
static enum err step(struct members *m, struct fault *fault)
{
	skip_space(m);
	if (m->state == BEHIND_LAST)
		return ERR_NOT_FOUND;
	if (take_byte(m, '}')) {
		m->state = BEHIND_LAST;
		skip_space(m);
		return m->p == m->end ? ERR_NOT_FOUND : broken(fault);
	}
	if (m->state == BEHIND_MEMBER) {
		if (!take_byte(m, ','))
			return broken(fault);
		skip_space(m);
	}
	m->state = BEHIND_MEMBER;
	return OK;
}

enum err members_next(struct members *m, struct member *out, struct fault *fault)
{
	const char *from, *to;

	TRY(step(m, fault));
	if (!take_byte(m, '"'))
		return broken(fault);
	from = m->p;
	to = string_end(from, m->end);
	if (!to)
		return broken(fault);
	out->name = (struct str){from, (size_t)(to - from) - 1};
	m->p = to;
	skip_space(m);
	if (!take_byte(m, ':'))
		return broken(fault);
	skip_space(m);
	from = m->p;
	to = value_end(from, m->end);
	if (!to)
		return broken(fault);
	out->value = (struct str){from, (size_t)(to - from)};
	m->p = to;
	return OK;
}

static struct str length_of(unsigned char out[2], size_t n)
{
	out[0] = (unsigned char)(n >> 8);
	out[1] = (unsigned char)n;
	return (struct str){(const char *)out, 2};
}

static struct str bytes_of(const void *p, size_t n)
{
	return (struct str){p, n};
}

struct sha256 member_leaf(const struct member *member, const struct seal_salt *salt)
{
	unsigned char length[2];

	assert(member->name.n <= NAME_MAX_BYTES);
	return sha256_parts((const struct str[]){{"\0", 1}, bytes_of(salt->b, SEAL_SALT),
	                        length_of(length, member->name.n), member->name, member->value},
	    5);
}

struct sha256 content_leaf(struct str content, const struct seal_salt *salt)
{
	struct sha256 hash = sha256(content);
	unsigned char mark[2];

	return sha256_parts((const struct str[]){{"\0", 1}, bytes_of(salt->b, SEAL_SALT),
	                        length_of(mark, CONTENT_MARK), bytes_of(hash.b, SHA256_LEN)},
	    4);
}

/* ERR_LIMIT: it cannot be divided. */
static enum err add_members(struct merkle_frontier *tree, struct str content,
    const struct seal_seed *seed, struct fault *fault)
{
	struct sha256 block = {0};
	struct member member;
	struct members m;
	enum err rc;

	TRY(members_open(&m, content, fault));
	while ((rc = members_next(&m, &member, fault)) == OK) {
		uint16_t i = (uint16_t)tree->size;
		struct seal_salt salt;
		struct sha256 leaf;

		if (tree->size == SEAL_MEMBERS_MAX || member.name.n > NAME_MAX_BYTES)
			return ERR_LIMIT;
		if (i % SALTS_A_HASH == 0)
			block = salts(seed, i / SALTS_A_HASH);
		salt = salt_in(&block, i);
		leaf = member_leaf(&member, &salt);
		merkle_frontier_add(tree, &leaf);
	}
	return rc == ERR_NOT_FOUND ? OK : rc;
}

enum err properties_root(struct sha256 *root, uint16_t *members, struct str content,
    const struct seal_seed *seed, struct fault *fault)
{
	struct merkle_frontier tree = {.size = 0};
	enum err rc = add_members(&tree, content, seed, fault);
	struct seal_salt salt;
	struct sha256 leaf;

	if (rc == ERR_LIMIT)
		tree.size = 0;
	else if (rc != OK)
		return rc;
	*members = (uint16_t)tree.size;
	salt = seal_salt(seed, *members);
	leaf = content_leaf(content, &salt);
	merkle_frontier_add(&tree, &leaf);
	*root = merkle_frontier_root(&tree);
	return OK;
}
