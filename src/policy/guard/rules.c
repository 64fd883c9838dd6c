/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guard/rules.h"

#include <string.h>

#include "base/hash.h"
#include "policy/guard/block.h"

const char RULES_MAGIC[8] = {'t', 'o', 'c', 'g', 'r', 'd', '0', '1'};

uint32_t rules_slot(uint64_t seed, struct str text)
{
	const struct hash_key key = {seed, 0x67756172642e2e2e};

	return (uint32_t)hash_bytes(&key, text);
}

uint32_t rules_first(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (v * 0x9e3779b1u) >> (32 - RULES_FIRSTS_LOG);
}

struct str rules_text(const struct guard_rules *r, uint32_t at, size_t n)
{
	return str_slice(r->text, at, at + n);
}

struct str rules_list_name(const struct guard_rules *r, uint32_t list)
{
	return rules_text(r, r->lists[list].name, r->lists[list].name_n);
}

bool rules_applies(const struct guard_rules *r, uint32_t list, enum term_kind kind)
{
	return r->lists[list].mask >> kind & 1;
}

/* ---- opening ---- */

const unsigned char *rules_stamp(struct str bytes)
{
	if (bytes.n < RULES_HEADER || memcmp(bytes.p, RULES_MAGIC, sizeof(RULES_MAGIC)) != 0)
		return NULL;
	return (const unsigned char *)bytes.p + offsetof(struct rules_header, stamp);
}

/* The next `count` things of `size` bytes, at a multiple of eight. */
static const void *section(struct str *rest, uint64_t count, size_t size)
{
	uint64_t bytes = (count * size + 7) & ~UINT64_C(7);
	const void *p = rest->p;

	if (!rest->p || bytes > rest->n) {
		*rest = STR_NONE;
		return NULL;
	}
	*rest = str_from(*rest, bytes);
	return p;
}

static bool in_text(const struct guard_rules *r, uint32_t at, size_t n)
{
	return (uint64_t)at + n <= r->text.n;
}

static bool parts_whole(
    const struct guard_rules *r, const struct rules_part *parts, uint32_t count, size_t least)
{
	for (uint32_t i = 0; i < count; i++)
		if (!in_text(r, parts[i].at, parts[i].n) || parts[i].n < least ||
		    parts[i].list >= r->list_count)
			return false;
	return true;
}

static bool names_whole(const struct guard_rules *r)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < r->list_count; i++)
		if (!in_text(r, r->lists[i].name, r->lists[i].name_n) ||
		    r->lists[i].class >= GUARD_CLASSES)
			return false;
	for (uint32_t i = 0; i < r->entry_count; i++)
		if (!in_text(r, r->entries[i].at, r->entries[i].n) ||
		    r->entries[i].list >= r->list_count)
			return false;
	for (uint32_t i = 0; i < r->slot_count; i++) {
		if (r->slots[i] > r->entry_count)
			return false;
		used += r->slots[i] != 0;
	}
	/* A search ends at a free one. */
	return (r->slot_count & (r->slot_count - 1)) == 0 && used < r->slot_count;
}

static bool whole(const struct guard_rules *r)
{
	for (uint32_t i = 0; i < r->net4_count; i++)
		if (r->net4[i].list >= r->list_count)
			return false;
	for (uint32_t i = 0; i < r->net6_count; i++)
		if (r->net6[i].list >= r->list_count)
			return false;
	return names_whole(r) && parts_whole(r, r->parts, r->part_count, RULES_PART_LEAST) &&
	       parts_whole(r, r->regexes, r->regex_count, 1);
}

enum err rules_open(struct guard_rules *out, struct str bytes, struct fault *fault)
{
	struct guard_rules r = {.bytes = bytes};
	struct rules_header h;
	struct str rest;

	if (!rules_stamp(bytes))
		return fail(fault, ERR_CORRUPT, "not the rules of a guard");
	memcpy(&h, bytes.p, sizeof(h));
	rest = str_from(bytes, RULES_HEADER);
	r.seed = h.seed;
	r.list_count = h.lists;
	r.slot_count = h.slots;
	r.entry_count = h.entries;
	r.net4_count = h.net4;
	r.net6_count = h.net6;
	r.part_count = h.parts;
	r.regex_count = h.regexes;
	r.lists = section(&rest, h.lists, sizeof(*r.lists));
	r.slots = section(&rest, h.slots, sizeof(*r.slots));
	r.entries = section(&rest, h.entries, sizeof(*r.entries));
	r.net4 = section(&rest, h.net4, sizeof(*r.net4));
	r.net6 = section(&rest, h.net6, sizeof(*r.net6));
	r.parts = section(&rest, h.parts, sizeof(*r.parts));
	r.firsts = section(&rest, RULES_FIRSTS_BYTES, 1);
	r.regexes = section(&rest, h.regexes, sizeof(*r.regexes));
	r.text = rest;
	if (!rest.p || rest.n != h.text || !whole(&r))
		return fail(fault, ERR_CORRUPT, "the rules of the guard are damaged");
	*out = r;
	return OK;
}

/* ---- asking ---- */

/* Where a look-up stands: the entries of one text, one after the other. */
struct look {
	const struct guard_rules *r;
	struct str text;
	uint32_t slot;
};

static struct look look_for(const struct guard_rules *r, struct str text)
{
	return (struct look){r, text, rules_slot(r->seed, text)};
}

static const struct rules_entry *look_next(struct look *l)
{
	const struct guard_rules *r = l->r;

	for (;;) {
		uint32_t slot = r->slots[l->slot++ & (r->slot_count - 1)];
		const struct rules_entry *e;

		if (slot == 0)
			return NULL;
		e = &r->entries[slot - 1];
		if (str_eq(rules_text(r, e->at, e->n), l->text))
			return e;
	}
}

static bool hit(
    struct rules_hit *out, const struct guard_rules *r, uint32_t list, enum rules_lie lie)
{
	out->class = (enum guard_class)r->lists[list].class;
	out->lie = lie;
	out->list = rules_list_name(r, list);
	return true;
}

/* An entry of exactly this text that means it in one of these ways. */
static bool listed(struct rules_hit *out, const struct guard_rules *r, struct str text,
    enum term_kind kind, unsigned how)
{
	struct look l = look_for(r, text);
	const struct rules_entry *e, *found = NULL;

	while ((e = look_next(&l)) != NULL) {
		if (!rules_applies(r, e->list, kind))
			continue;
		if ((e->how & how) && (!found || (e->how & RULES_IS)))
			found = e;
	}
	if (!found)
		return false;
	return hit(out, r, found->list,
	    how == RULES_BELOW || how == RULES_CHILDREN ? RULES_INSIDE
	    : found->how & (RULES_IS | RULES_BELOW)     ? RULES_SAME
	                                                : RULES_HOLDS);
}

/* A name below a listed one. */
static bool below_listed(
    struct rules_hit *out, const struct guard_rules *r, struct str name, enum term_kind kind)
{
	for (size_t dot = str_find(name, '.'); dot < name.n; dot = str_find(name, '.')) {
		name = str_from(name, dot + 1);
		if (listed(out, r, name, kind, RULES_BELOW))
			return true;
	}
	return false;
}

static bool refuse_name(struct rules_hit *out, const struct guard_rules *r, struct str name)
{
	struct rules_hit exception;
	size_t dot = str_find(name, '.');

	if (listed(out, r, name, TERM_DOMAIN, RULES_IS | RULES_ABOVE | RULES_BELOW) ||
	    below_listed(out, r, name, TERM_DOMAIN))
		return true;
	return dot < name.n &&
	       listed(out, r, str_from(name, dot + 1), TERM_DOMAIN, RULES_CHILDREN) &&
	       !(listed(&exception, r, name, TERM_DOMAIN, RULES_EXCEPTION));
}

/* The first network that ends at `first` or later, when it begins at `last` or before. */
static bool refuse_net4(struct rules_hit *out, const struct guard_rules *r, const struct term *t)
{
	const uint8_t *b = (const uint8_t *)t->value.p;
	uint32_t first = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	uint32_t last = first | (t->prefix < 32 ? UINT32_MAX >> t->prefix : 0);
	uint32_t low = 0, high = r->net4_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->net4[middle].last < first)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->net4_count || r->net4[low].first > last)
		return false;
	return hit(out, r, r->net4[low].list,
	    r->net4[low].first > first || r->net4[low].last < last ? RULES_HOLDS : RULES_SAME);
}

static bool refuse_net6(struct rules_hit *out, const struct guard_rules *r, const struct term *t)
{
	const uint8_t *first = (const uint8_t *)t->value.p;
	uint8_t last[16];
	uint32_t low = 0, high = r->net6_count;

	rules_last(last, first, t->prefix);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(r->net6[middle].last, first, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->net6_count || memcmp(r->net6[low].first, last, 16) > 0)
		return false;
	return hit(out, r, r->net6[low].list,
	    memcmp(r->net6[low].first, first, 16) > 0 || memcmp(r->net6[low].last, last, 16) < 0
	        ? RULES_HOLDS
	        : RULES_SAME);
}

void rules_last(uint8_t last[16], const uint8_t first[16], unsigned prefix)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned before = i * 8;
		unsigned mask = before >= prefix       ? 0xff
		                : prefix - before >= 8 ? 0
		                                       : 0xffu >> (prefix - before);

		last[i] = (uint8_t)(first[i] | mask);
	}
}

/* Those parts that begin as the text does at p. */
static bool refuse_at(
    struct rules_hit *out, const struct guard_rules *r, struct str rest, enum term_kind kind)
{
	struct str key = str_slice(rest, 0, RULES_PART_LEAST);
	uint32_t low = 0, high = r->part_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct str begin = rules_text(r, r->parts[middle].at, RULES_PART_LEAST);

		if (memcmp(begin.p, key.p, RULES_PART_LEAST) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < r->part_count; low++) {
		const struct rules_part *p = &r->parts[low];
		struct str part = rules_text(r, p->at, p->n);

		if (!str_starts(part, key))
			break;
		if (str_starts(rest, part) && rules_applies(r, p->list, kind))
			return hit(out, r, p->list, RULES_INSIDE);
	}
	return false;
}

static bool refuse_parts(
    struct rules_hit *out, const struct guard_rules *r, struct str text, enum term_kind kind)
{
	if (r->part_count == 0)
		return false;
	for (size_t i = 0; i + RULES_PART_LEAST <= text.n; i++) {
		uint32_t bit = rules_first(text.p + i);

		if ((r->firsts[bit / 8] >> bit % 8 & 1) &&
		    refuse_at(out, r, str_from(text, i), kind))
			return true;
	}
	return false;
}

static bool is_under(
    struct rules_hit *out, const struct guard_rules *r, struct str name, enum term_kind kind)
{
	if (!listed(out, r, name, kind, RULES_BELOW) && !below_listed(out, r, name, kind))
		return false;
	out->lie = RULES_INSIDE;
	return true;
}

/* Names that are listed with all below them count whatever the path; a front page is as good as its
 * host. */
static bool refuse_url(struct rules_hit *out, const struct guard_rules *r, struct str url)
{
	struct str host = guard_url_host(url, false), front = guard_url_host(url, true);
	struct term t = {.kind = TERM_IPV4, .prefix = 32, .value = {NULL, 4}};
	uint8_t address[16];
	unsigned n;

	if (listed(out, r, url, TERM_URL, RULES_IS))
		return true;
	if (host.n > 0 && is_under(out, r, host, TERM_URL))
		return true;
	t.value.p = (const char *)address;
	if (guard_url_address(address, host, &n) && refuse_net4(out, r, &t))
		return front.n > 0 || out->class == GUARD_OWN;
	return front.n > 0 && refuse_name(out, r, front);
}

static bool refuse_mail(struct rules_hit *out, const struct guard_rules *r, struct str address)
{
	struct str host = str_from(address, str_find(address, '@') + 1);

	return listed(out, r, address, TERM_EMAIL, RULES_IS) || is_under(out, r, host, TERM_EMAIL);
}

bool rules_refuse(
    struct rules_hit *out, const struct guard_rules *r, const struct term *t, struct str text)
{
	switch (t->kind) {
	case TERM_IPV4:
		return refuse_net4(out, r, t);
	case TERM_IPV6:
		return refuse_net6(out, r, t);
	case TERM_DOMAIN:
		return refuse_name(out, r, text) || refuse_parts(out, r, text, t->kind);
	case TERM_URL:
		return refuse_url(out, r, text) || refuse_parts(out, r, text, t->kind);
	case TERM_EMAIL:
		return refuse_mail(out, r, text) || refuse_parts(out, r, text, t->kind);
	default:
		return listed(out, r, text, t->kind, RULES_IS) ||
		       refuse_parts(out, r, text, t->kind);
	}
}
