/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/record.h"

#include <assert.h>
#include <string.h>

#include "base/rd.h"
#include "store/merkle.h"

enum { RECORD_FORMAT_1 = 1, ENTRY_BYTES = 4 + 2 + SHA256_LEN };

static struct str hash_bytes(const struct sha256 *h)
{
	return (struct str){(const char *)h->b, SHA256_LEN};
}

static void put_head(struct buf *out, size_t count)
{
	buf_u8(out, RECORD_FORMAT_1);
	buf_u8(out, 0);
	buf_u16(out, (uint16_t)count);
}

void seal_record_put(struct buf *out, const struct seal_record *r)
{
	assert(r->count >= 1 && r->count <= SEAL_LEAVES);
	put_head(out, r->count);
	buf_put(out, (struct str){(const char *)r->secret.b, SEAL_SECRET});
	for (size_t i = 0; i < r->count; i++) {
		buf_u32(out, r->entries[i].seq);
		buf_u16(out, r->entries[i].members);
		buf_put(out, hash_bytes(&r->entries[i].properties));
	}
	buf_put(out, r->note);
}

void seal_record_put_note(struct buf *out, struct str note)
{
	put_head(out, 0);
	buf_put(out, note);
}

static void read_own(struct seal_record *out, struct rd *r)
{
	struct str secret = rd_bytes(r, SEAL_SECRET);

	if (secret.p)
		memcpy(out->secret.b, secret.p, SEAL_SECRET);
	for (size_t i = 0; i < out->count; i++) {
		struct seal_entry *e = &out->entries[i];
		struct str hash;

		e->seq = rd_u32(r);
		e->members = rd_u16(r);
		hash = rd_bytes(r, SHA256_LEN);
		if (hash.p)
			memcpy(e->properties.b, hash.p, SHA256_LEN);
		if (i > 0 && e->seq <= out->entries[i - 1].seq)
			r->failed = true;
	}
}

enum err seal_record_read(struct seal_record *out, struct str bytes, struct fault *fault)
{
	struct rd r = rd_of(bytes);
	uint8_t format = rd_u8(&r);
	uint8_t zero = rd_u8(&r);

	out->count = rd_u16(&r);
	if (format != RECORD_FORMAT_1 || zero != 0 || out->count > SEAL_LEAVES)
		return fail(fault, ERR_PARSE, "a seal's record of a format that is not known here");
	if (out->count > 0)
		read_own(out, &r);
	out->note = rd_rest(&r);
	if (r.failed || out->note.n == 0 || out->note.n > SEAL_NOTE_MAX)
		return fail(fault, ERR_PARSE, "a seal's record is damaged");
	return OK;
}

bool seal_record_range(struct str bytes, uint64_t *first, uint64_t *last)
{
	struct rd r = rd_of(bytes);
	uint8_t format = rd_u8(&r);
	uint8_t zero = rd_u8(&r);
	size_t count = rd_u16(&r);
	struct rd end;

	if (format != RECORD_FORMAT_1 || zero != 0 || count == 0 || count > SEAL_LEAVES)
		return false;
	(void)rd_bytes(&r, SEAL_SECRET);
	end = r;
	(void)rd_bytes(&end, (count - 1) * ENTRY_BYTES);
	*first = rd_u32(&r);
	*last = rd_u32(&end);
	return !r.failed && !end.failed;
}

/* For one purpose and one number. */
static struct sha256 derive(const struct seal_secret *secret, char purpose, uint16_t i)
{
	const char message[] = {purpose, (char)(i >> 8), (char)i};

	return hmac_sha256((struct str){(const char *)secret->b, SEAL_SECRET},
	    (struct str){message, sizeof(message)});
}

struct seal_seed seal_seed_of(const struct seal_secret *secret, uint16_t i)
{
	struct sha256 hash = derive(secret, 's', i);
	struct seal_seed seed;

	memcpy(seed.b, hash.b, sizeof(seed.b));
	return seed;
}

/* A shuffle (Fisher and Yates) by numbers that only the secret tells. */
static void shuffle(uint8_t places[SEAL_LEAVES], const struct seal_secret *secret)
{
	struct sha256 block = {0};
	struct rd r = rd_of(STR_NONE);
	uint16_t blocks = 0;

	for (unsigned i = 0; i < SEAL_LEAVES; i++)
		places[i] = (uint8_t)i;
	for (unsigned left = SEAL_LEAVES; left > 1; left--) {
		unsigned with;
		uint8_t kept;

		if (r.n == 0) {
			block = derive(secret, 'o', blocks++);
			r = rd_of(hash_bytes(&block));
		}
		with = rd_u32(&r) % left;
		kept = places[left - 1];
		places[left - 1] = places[with];
		places[with] = kept;
	}
}

void seal_tree_make(struct seal_tree *tree, const struct seal_secret *secret,
    const struct sha256 *leaves, size_t count)
{
	struct sha256 *level = tree->nodes;

	assert(count <= SEAL_LEAVES);
	shuffle(tree->places, secret);
	for (size_t i = 0; i < SEAL_LEAVES; i++)
		level[tree->places[i]] = i < count ? leaves[i] : derive(secret, 'p', (uint16_t)i);
	for (size_t n = SEAL_LEAVES; n > 1; n /= 2) {
		struct sha256 *above = level + n;

		for (size_t i = 0; i < n / 2; i++)
			above[i] = merkle_node(&level[2 * i], &level[2 * i + 1]);
		level = above;
	}
}

const struct sha256 *seal_tree_root(const struct seal_tree *tree)
{
	return &tree->nodes[2 * SEAL_LEAVES - 2];
}

void seal_tree_prove(const struct seal_tree *tree, size_t i, struct envelope *out)
{
	const struct sha256 *level = tree->nodes;
	size_t at = tree->places[i];

	out->index = (uint8_t)at;
	for (size_t depth = 0; depth < SEAL_DEPTH; depth++) {
		out->path[depth] = level[at ^ 1];
		level += SEAL_LEAVES >> depth;
		at /= 2;
	}
}
