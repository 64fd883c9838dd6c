/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/derived.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rd.h"

enum {
	FORMAT = 1,
	LISTED_AT_ONCE = 1024,
	MESSAGE_MAX = 1024,
	UUID_BYTES = 16,
	VERSION_AT = 6,
	VARIANT_AT = 8
};

void derived_put(struct buf *out, const struct derived *d)
{
	buf_u8(out, FORMAT);
	buf_u8(out, (uint8_t)d->kind);
	buf_u64(out, d->original);
	buf_u32(out, d->terms);
	buf_u8(out, (uint8_t)d->community.n);
	buf_put(out, d->community);
}

enum err derived_read(struct derived *out, struct str content, struct fault *fault)
{
	struct rd r = rd_of(content);
	uint8_t format = rd_u8(&r), kind = rd_u8(&r);
	struct derived d = {.original = rd_u64(&r), .terms = rd_u32(&r)};

	d.community = rd_bytes(&r, rd_u8(&r));
	if (!rd_done(&r) || format != FORMAT || kind >= DERIVED_KINDS)
		return fail(fault, ERR_INVALID, "not what a derived object stands for");
	d.kind = (enum derived_kind)kind;
	*out = d;
	return OK;
}

enum err derived_of(struct derived *out, const struct store *s, uint64_t seq)
{
	uint64_t behind = seq + 1;

	if (behind >= store_size_pending(s) || store_row(s, behind)->kind != RECORD_DERIVED ||
	    derived_read(out, store_content(s, behind), NULL) != OK)
		return ERR_NOT_FOUND;
	return out->original < seq || out->kind == DERIVED_MARKING ? OK : ERR_NOT_FOUND;
}

static int by_original(const void *pa, const void *pb)
{
	const struct derivation_of *a = pa, *b = pb;

	if (a->original != b->original)
		return a->original < b->original ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

void derivations_find(struct derivations *out, const struct store *s)
{
	uint64_t size = store_size_pending(s);
	struct derivations d = {0};

	for (uint64_t seq = 0; seq + 1 < size; seq++) {
		struct derived one;

		if (store_row(s, seq + 1)->kind != RECORD_DERIVED ||
		    store_row(s, seq)->kind != RECORD_OBJECT || derived_of(&one, s, seq) != OK ||
		    one.original == STORE_NONE)
			continue;
		if (d.count % LISTED_AT_ONCE == 0)
			d.list = mem_grow(d.list, d.count + LISTED_AT_ONCE, sizeof(*d.list));
		d.list[d.count++] = (struct derivation_of){.original = one.original, .seq = seq};
	}
	if (d.count > 0)
		qsort(d.list, d.count, sizeof(*d.list), by_original);
	*out = d;
}

void derivations_free(struct derivations *d)
{
	mem_free(d->list);
	*d = (struct derivations){0};
}

size_t derivations_of(const struct derivations *d, uint64_t original)
{
	size_t low = 0, high = d->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->list[middle].original < original)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct str derived_path(struct arena *arena, struct str id)
{
	return arena_printf(arena, "derived/%.*s", STR_ARG(id));
}

struct str derived_feed_path(struct arena *arena, struct str id, uint32_t feed)
{
	return arena_printf(arena, "derived/%.*s/feed/%u", STR_ARG(id), feed);
}

struct str derived_secret_path(struct arena *arena, struct str community)
{
	return arena_printf(arena, "pseudonyms/%.*s", STR_ARG(community));
}

enum err derived_secret(
    struct sha256 *out, const struct store *s, struct arena *arena, struct str community)
{
	struct str path = derived_secret_path(arena, community);
	uint64_t seq = path.n && path.n <= STORE_ID_MAX ? store_find(s, path) : STORE_NONE;
	struct str content;

	if (seq == STORE_NONE || store_row(s, seq)->kind != RECORD_DERIVED)
		return ERR_NOT_FOUND;
	content = store_content(s, seq);
	if (content.n != DERIVED_SECRET)
		return ERR_NOT_FOUND;
	memcpy(out->b, content.p, DERIVED_SECRET);
	return OK;
}

static struct sha256 keyed(const struct sha256 *secret, const char *purpose, struct str of,
    uint32_t terms, struct str type)
{
	struct buf b;
	struct sha256 out;

	buf_init(&b, MESSAGE_MAX);
	buf_put(&b, str_c(purpose));
	buf_byte(&b, 0);
	buf_u32(&b, terms);
	buf_put(&b, type);
	buf_byte(&b, 0);
	buf_put(&b, of);
	out = hmac_sha256((struct str){(const char *)secret->b, SHA256_LEN}, buf_str(&b));
	buf_free(&b);
	return out;
}

struct str derived_id(struct arena *arena, const struct sha256 *secret, enum derived_kind kind,
    struct str type, struct str of, uint32_t terms)
{
	static const char *const PURPOSES[] = {"copy", "pseudonym", "derived-from", "marking"};
	struct sha256 mac =
	    keyed(secret, PURPOSES[kind], of, kind == DERIVED_PSEUDONYM ? 0 : terms, type);
	char text[UUID_TEXT + 1];
	struct uuid uuid;

	memcpy(uuid.b, mac.b, UUID_BYTES);
	/* As a random one looks (RFC 9562, version 4): nothing tells that it is not. */
	uuid.b[VERSION_AT] = (unsigned char)((uuid.b[VERSION_AT] & 0x0fU) | 0x40U);
	uuid.b[VARIANT_AT] = (unsigned char)((uuid.b[VARIANT_AT] & 0x3fU) | 0x80U);
	uuid_format(text, &uuid);
	return arena_printf(arena, "%.*s--%s", STR_ARG(type), text);
}

struct str derived_name(struct arena *arena, const struct sha256 *secret, struct str of)
{
	struct sha256 mac = keyed(secret, "name", of, 0, STR_NONE);

	return arena_printf(arena, "victim %02x%02x%02x", mac.b[0], mac.b[1], mac.b[2]);
}
