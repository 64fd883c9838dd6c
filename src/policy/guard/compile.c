/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guard/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "policy/guard/block.h"
#include "policy/guard/suffix.h"

enum {
	TEXT_MAX = 512 << 20,
	BLOCK_MAX = 1 << 30,
	ENTRY_BYTES_MAX = TERM_URL_MAX,
	LABELS_MAX = 128, /* of a name, whose upper names are entries too */
	JSON_DEPTH = 4,
};

#define ALL_KINDS ((UINT32_C(1) << TERM_KINDS) - 1)
#define KIND(k) (UINT32_C(1) << (k))
#define ADDRESSES (KIND(TERM_IPV4) | KIND(TERM_IPV6))

/* Before they are joined: an address of either kind as sixteen bytes. */
struct net {
	uint8_t first[16], last[16];
	uint32_t list;
	bool six;
};

struct guard_builder {
	struct rules_list lists[RULES_LISTS_MAX];
	uint32_t list_count;
	struct rules_entry *entries;
	uint32_t entry_count, entry_room;
	uint32_t *slots; /* for finding what is there already */
	uint32_t slot_count;
	struct net *nets;
	uint32_t net_count, net_room;
	struct rules_part *parts;
	uint32_t part_count, part_room;
	struct rules_part regexes[RULES_REGEXES_MAX];
	uint32_t regex_count;
	struct buf text;
	uint64_t ignored;
};

struct guard_builder *guard_builder_new(void)
{
	struct guard_builder *b = mem_alloc(sizeof(*b));

	buf_init(&b->text, TEXT_MAX);
	return b;
}

void guard_builder_free(struct guard_builder *b)
{
	if (!b)
		return;
	mem_free(b->entries);
	mem_free(b->slots);
	mem_free(b->nets);
	mem_free(b->parts);
	buf_free(&b->text);
	mem_free(b);
}

uint64_t guard_builder_ignored(const struct guard_builder *b)
{
	return b->ignored;
}

static enum err too_many(struct fault *fault)
{
	return fail(fault, ERR_LIMIT, "the guard takes at most %d lists with %d entries in all",
	    RULES_LISTS_MAX, RULES_ENTRIES_MAX);
}

static uint32_t put_text(struct guard_builder *b, struct str text)
{
	uint32_t at = (uint32_t)b->text.n;

	buf_put(&b->text, text);
	return at;
}

static enum err add_list(struct guard_builder *b, struct str name, enum guard_class class,
    uint32_t mask, struct fault *fault)
{
	struct rules_list *l = &b->lists[b->list_count];

	name = str_slice(name, 0, RULES_NAME_MAX);
	if (b->list_count == RULES_LISTS_MAX)
		return too_many(fault);
	*l = (struct rules_list){.name = put_text(b, name),
	    .name_n = (uint16_t)name.n,
	    .mask = mask,
	    .class = (uint16_t)class};
	b->list_count++;
	return OK;
}

/* ---- names and values ---- */

static struct str entry_text(const struct guard_builder *b, const struct rules_entry *e)
{
	return str_slice(buf_str(&b->text), e->at, (size_t)e->at + e->n);
}

static void put_slot(uint32_t *slots, uint32_t count, uint32_t slot, uint32_t value)
{
	while (slots[slot & (count - 1)])
		slot++;
	slots[slot & (count - 1)] = value;
}

static void more_slots(struct guard_builder *b)
{
	uint32_t count = b->slot_count ? b->slot_count * 2 : 1024;
	uint32_t *slots = mem_alloc((size_t)count * sizeof(*slots));

	for (uint32_t i = 0; i < b->entry_count; i++)
		put_slot(slots, count, rules_slot(0, entry_text(b, &b->entries[i])), i + 1);
	mem_free(b->slots);
	b->slots = slots;
	b->slot_count = count;
}

/* Once a text and list, however often and in how many ways it is meant. */
static enum err add_entry(
    struct guard_builder *b, struct str text, unsigned how, struct fault *fault)
{
	uint32_t list = b->list_count - 1;
	uint32_t slot = rules_slot(0, text);

	if (b->entry_count * 2 >= b->slot_count)
		more_slots(b);
	for (uint32_t at; (at = b->slots[slot & (b->slot_count - 1)]) != 0; slot++) {
		struct rules_entry *e = &b->entries[at - 1];

		if (e->list == list && str_eq(entry_text(b, e), text)) {
			e->how = (uint16_t)(e->how | how);
			return OK;
		}
	}
	if (b->entry_count == RULES_ENTRIES_MAX)
		return too_many(fault);
	if (b->entry_count == b->entry_room) {
		b->entry_room = b->entry_room ? b->entry_room * 2 : 1024;
		b->entries = mem_grow(b->entries, b->entry_room, sizeof(*b->entries));
	}
	b->entries[b->entry_count++] = (struct rules_entry){
	    .at = put_text(b, text), .n = (uint16_t)text.n, .how = (uint16_t)how, .list = list};
	b->slots[slot & (b->slot_count - 1)] = b->entry_count;
	return OK;
}

/* A name, and that it is below those above it. */
static enum err add_name(
    struct guard_builder *b, struct str name, unsigned how, struct fault *fault)
{
	TRY(add_entry(b, name, how, fault));
	for (unsigned i = 0; i < LABELS_MAX; i++) {
		size_t dot = str_find(name, '.');

		name = str_from(name, dot + 1);
		/* Of one label none is matched in any case. */
		if (str_find(name, '.') >= name.n)
			break;
		TRY(add_entry(b, name, RULES_ABOVE, fault));
	}
	return OK;
}

/* ---- networks ---- */

static void add_net(struct guard_builder *b, const struct term *t)
{
	struct net n = {.list = b->list_count - 1, .six = t->kind == TERM_IPV6};

	/* IPv4 in the last four bytes. */
	memcpy(n.first + (n.six ? 0 : 12), t->value.p, t->value.n);
	rules_last(n.last, n.first, t->prefix + (n.six ? 0u : 96u));
	if (b->net_count == b->net_room) {
		b->net_room = b->net_room ? b->net_room * 2 : 1024;
		b->nets = mem_grow(b->nets, b->net_room, sizeof(*b->nets));
	}
	b->nets[b->net_count++] = n;
}

/* True when the text is an address or a network. */
static bool add_address(struct guard_builder *b, struct arena *arena, struct str text)
{
	struct term t;

	if (term_canonical(&t, arena, TERM_IPV4, text) != OK &&
	    term_canonical(&t, arena, TERM_IPV6, text) != OK)
		return false;
	if (b->net_count == RULES_ENTRIES_MAX)
		return false;
	add_net(b, &t);
	return true;
}

/* By kind and beginning, wider ones first. */
static int by_first(const void *a, const void *b)
{
	const struct net *x = a, *y = b;
	int c = x->six - y->six;

	c = c ? c : memcmp(x->first, y->first, 16);
	c = c ? c : -memcmp(x->last, y->last, 16);
	return c ? c : (x->list > y->list) - (x->list < y->list);
}

/* Those that lie in others say nothing more. */
static void join_nets(struct guard_builder *b)
{
	uint32_t kept = 0;

	if (b->net_count)
		qsort(b->nets, b->net_count, sizeof(b->nets[0]), by_first);
	for (uint32_t i = 0; i < b->net_count; i++) {
		const struct net *last = kept ? &b->nets[kept - 1] : NULL;

		if (!last || last->six != b->nets[i].six ||
		    memcmp(last->last, b->nets[i].first, 16) < 0)
			b->nets[kept++] = b->nets[i];
	}
	b->net_count = kept;
}

/* ---- warning lists ---- */

enum list_type { LIST_CIDR, LIST_HOSTNAME, LIST_STRING, LIST_SUBSTRING, LIST_REGEX, LIST_TYPES };

static const char *const TYPES[LIST_TYPES] = {"cidr", "hostname", "string", "substring", "regex"};

/* What MISP's attributes are here; a list that names none is of all. */
static const struct {
	const char *name;
	uint32_t kinds;
} ATTRIBUTES[] = {
    {"ip-src", ADDRESSES},
    {"ip-dst", ADDRESSES},
    {"ip-src|port", ADDRESSES},
    {"ip-dst|port", ADDRESSES},
    {"domain|ip", ADDRESSES | KIND(TERM_DOMAIN)},
    {"domain", KIND(TERM_DOMAIN)},
    {"hostname", KIND(TERM_DOMAIN)},
    {"hostname|port", KIND(TERM_DOMAIN)},
    {"url", KIND(TERM_URL)},
    {"uri", KIND(TERM_URL)},
    {"link", KIND(TERM_URL)},
    {"email", KIND(TERM_EMAIL)},
    {"email-src", KIND(TERM_EMAIL)},
    {"email-dst", KIND(TERM_EMAIL)},
    {"email-reply-to", KIND(TERM_EMAIL)},
    {"md5", KIND(TERM_MD5)},
    {"sha1", KIND(TERM_SHA1)},
    {"sha256", KIND(TERM_SHA256)},
    {"sha512", KIND(TERM_SHA512)},
    {"filename|md5", KIND(TERM_MD5)},
    {"filename|sha1", KIND(TERM_SHA1)},
    {"filename|sha256", KIND(TERM_SHA256)},
    {"filename|sha512", KIND(TERM_SHA512)},
    {"malware-sample", KIND(TERM_MD5)},
    {"x509-fingerprint-md5", KIND(TERM_CERT_MD5)},
    {"x509-fingerprint-sha1", KIND(TERM_CERT_SHA1)},
    {"x509-fingerprint-sha256", KIND(TERM_CERT_SHA256)},
    {"ja3-fingerprint-md5", KIND(TERM_JA3) | KIND(TERM_JA3S)},
    {"ja4-plus", KIND(TERM_JA4)},
    {"user-agent", KIND(TERM_USER_AGENT)},
};

static uint32_t read_kinds(yyjson_val *attributes)
{
	uint32_t mask = 0;
	size_t i, max;
	yyjson_val *one;

	if (yyjson_arr_size(attributes) == 0)
		return ALL_KINDS;
	yyjson_arr_foreach(attributes, i, max, one) for (size_t k = 0;
	    k < sizeof(ATTRIBUTES) / sizeof(ATTRIBUTES[0]);
	    k++) if (str_eq(json_str(one), str_c(ATTRIBUTES[k].name))) mask |= ATTRIBUTES[k].kinds;
	return mask;
}

static enum err read_type(enum list_type *out, yyjson_val *root, struct fault *fault)
{
	struct str type = json_get_str(root, "type");

	for (unsigned i = 0; i < LIST_TYPES; i++) {
		if (str_eq_nocase(type, str_c(TYPES[i]))) {
			*out = (enum list_type)i;
			return OK;
		}
	}
	return fail(fault, ERR_INVALID,
	    "type: must be cidr, hostname, string, substring or regex, is \"%.*s\"",
	    STR_ARG(str_slice(type, 0, 40)));
}

/* Lower case, without blanks, and the dots that lists put before or behind names. */
static struct str plain(struct arena *arena, struct str text, bool dots)
{
	struct str s = str_trim(text);
	char *p;

	while (dots && s.n && s.p[0] == '.')
		s = str_from(s, 1);
	while (dots && s.n && s.p[s.n - 1] == '.')
		s.n--;
	if (s.n == 0 || s.n > ENTRY_BYTES_MAX)
		return STR_NONE;
	p = arena_alloc(arena, s.n);
	for (size_t i = 0; p && i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
	return (struct str){p, p ? s.n : 0};
}

static void add_part(struct rules_part *out, struct guard_builder *b, struct str text, bool nocase)
{
	*out = (struct rules_part){.at = put_text(b, text),
	    .n = (uint16_t)text.n,
	    .nocase = nocase,
	    .list = b->list_count - 1};
}

static bool add_substring(struct guard_builder *b, struct str text)
{
	if (text.n < RULES_PART_LEAST || b->part_count == RULES_PARTS_MAX)
		return false;
	if (b->part_count == b->part_room) {
		b->part_room = b->part_room ? b->part_room * 2 : 256;
		b->parts = mem_grow(b->parts, b->part_room, sizeof(*b->parts));
	}
	add_part(&b->parts[b->part_count++], b, text, false);
	return true;
}

/* "/…/i" as PHP writes it, or the expression alone. */
static bool add_regex(struct guard_builder *b, struct str text)
{
	size_t end = text.n;
	bool nocase = false;

	if (text.n > 1 && text.p[0] == '/') {
		while (end > 1 && text.p[end - 1] != '/')
			end--;
		if (end < 2)
			return false;
		nocase = str_find(str_from(text, end), 'i') < text.n - end;
		text = str_slice(text, 1, end - 1);
	}
	if (text.n == 0 || text.n > RULES_REGEX_MAX || b->regex_count == RULES_REGEXES_MAX)
		return false;
	add_part(&b->regexes[b->regex_count++], b, text, nocase);
	return true;
}

static enum err add_value(struct guard_builder *b, struct arena *arena, struct str text,
    unsigned how, struct fault *fault)
{
	uint32_t mask = b->lists[b->list_count - 1].mask;
	struct str s = plain(arena, text, true);
	struct term t;

	if ((mask & ADDRESSES) && add_address(b, arena, s))
		return OK;
	if (str_search(s, S("://")) < s.n) {
		if (term_canonical(&t, arena, TERM_URL, s) == OK)
			return add_entry(b, t.value, RULES_IS, fault);
	} else if (term_canonical(&t, arena, TERM_DOMAIN, s) == OK) {
		return add_name(b, t.value, how, fault);
	} else if (s.n > 0) {
		return add_entry(b, s, RULES_IS, fault);
	}
	b->ignored++;
	return OK;
}

static enum err add_one(struct guard_builder *b, struct arena *arena, enum list_type type,
    struct str text, struct fault *fault)
{
	bool taken = true;

	switch (type) {
	case LIST_CIDR:
		taken = add_address(b, arena, str_trim(text));
		break;
	case LIST_SUBSTRING:
		taken = add_substring(b, plain(arena, text, false));
		break;
	case LIST_REGEX:
		taken = add_regex(b, text);
		break;
	default:
		return add_value(b, arena, text,
		    type == LIST_HOSTNAME ? RULES_IS | RULES_BELOW : RULES_IS, fault);
	}
	b->ignored += !taken;
	return OK;
}

enum err guard_add_list(
    struct guard_builder *b, struct arena *arena, struct str json, struct fault *fault)
{
	const struct json_limits limits = {.bytes = GUARD_LIST_BYTES_MAX, .depth = JSON_DEPTH};
	enum list_type type = LIST_STRING;
	yyjson_val *root, *list, *one;
	struct str name;
	size_t i, max;

	TRY(json_parse(&root, arena, json, &limits, fault));
	name = json_get_str(root, "name");
	list = yyjson_obj_get(root, "list");
	if (name.n == 0 || !yyjson_is_arr(list))
		return fail(fault, ERR_INVALID, "not a warning list: it has no name or no list");
	TRY(read_type(&type, root, fault));
	TRY(add_list(
	    b, name, GUARD_LIST, read_kinds(yyjson_obj_get(root, "matching_attributes")), fault));
	b->lists[b->list_count - 1].entries = (uint32_t)yyjson_arr_size(list);
	yyjson_arr_foreach(list, i, max, one) TRY(add_one(b, arena, type, json_str(one), fault));
	return b->text.failed == OK ? OK : too_many(fault);
}

/* ---- what is one's own, and public suffixes ---- */

enum err guard_add_own(
    struct guard_builder *b, struct arena *arena, struct str words, struct fault *fault)
{
	unsigned count = 0;
	struct term t;

	TRY(add_list(b, S("own names and networks"), GUARD_OWN, ALL_KINDS, fault));
	for (size_t i = 0; i < words.n;) {
		size_t end = i;
		struct str word;

		while (end < words.n && !strchr(" ,\t", words.p[end]))
			end++;
		word = str_slice(words, i, end);
		i = end + 1;
		if (word.n == 0)
			continue;
		if (++count > GUARD_OWN_MAX)
			return fail(fault, ERR_LIMIT, "own: at most %d", GUARD_OWN_MAX);
		if (add_address(b, arena, word))
			continue;
		word = plain(arena, word, true);
		if (term_canonical(&t, arena, TERM_EMAIL, word) == OK)
			TRY(add_entry(b, t.value, RULES_IS, fault));
		else if (term_canonical(&t, arena, TERM_DOMAIN, word) == OK)
			TRY(add_name(b, t.value, RULES_IS | RULES_BELOW, fault));
		else
			return fail(fault, ERR_INVALID,
			    "own: %.*s is no name, address, network or mail address",
			    STR_ARG(str_slice(word, 0, 100)));
	}
	b->lists[b->list_count - 1].entries = count;
	return OK;
}

enum err guard_add_suffixes(
    struct guard_builder *b, struct arena *arena, struct str text, struct fault *fault)
{
	struct suffix_rule rule;

	if (text.n > GUARD_LIST_BYTES_MAX)
		return fail(fault, ERR_LIMIT, "longer than %d bytes", GUARD_LIST_BYTES_MAX);
	TRY(add_list(b, S("public suffixes"), GUARD_SUFFIX, KIND(TERM_DOMAIN), fault));
	while (text.p) {
		enum err rc = suffix_read(&rule, arena, str_cut(&text, '\n'));

		if (rc == ERR_NOT_FOUND)
			continue;
		if (rc != OK) {
			b->ignored++;
			continue;
		}
		b->lists[b->list_count - 1].entries++;
		TRY(rule.how == RULES_IS ? add_name(b, rule.name, RULES_IS, fault)
		                         : add_entry(b, rule.name, rule.how, fault));
	}
	return b->text.failed == OK ? OK : too_many(fault);
}

/* ---- the block ---- */

struct sorting {
	struct str text;
	struct rules_part part;
};

static int by_text(const void *a, const void *b)
{
	const struct sorting *x = a, *y = b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int c = memcmp(x->text.p, y->text.p, n);

	c = c ? c : (x->text.n > y->text.n) - (x->text.n < y->text.n);
	return c ? c : (x->part.list > y->part.list) - (x->part.list < y->part.list);
}

/* Their first bytes are looked for by a search, so they lie in the order of their bytes. */
static void sort_parts(struct guard_builder *b)
{
	struct sorting *sorted = mem_alloc((b->part_count + (size_t)1) * sizeof(*sorted));

	for (uint32_t i = 0; i < b->part_count; i++)
		sorted[i] = (struct sorting){str_slice(buf_str(&b->text), b->parts[i].at,
		                                 (size_t)b->parts[i].at + b->parts[i].n),
		    b->parts[i]};
	if (b->part_count)
		qsort(sorted, b->part_count, sizeof(*sorted), by_text);
	for (uint32_t i = 0; i < b->part_count; i++)
		b->parts[i] = sorted[i].part;
	mem_free(sorted);
}

/* What began at `from` ends at a multiple of eight. */
static void pad(struct buf *out, size_t from)
{
	static const char zeroes[8] = {0};

	buf_put(out, (struct str){zeroes, (8 - (out->n - from) % 8) % 8});
}

static void put_section(struct buf *out, const void *p, size_t n)
{
	size_t from = out->n;

	if (n > 0)
		buf_put(out, (struct str){p, n});
	pad(out, from);
}

static void put_slots(struct buf *out, const struct guard_builder *b, uint32_t count, uint64_t seed)
{
	uint32_t *slots = mem_alloc((size_t)count * sizeof(*slots));

	for (uint32_t i = 0; i < b->entry_count; i++)
		put_slot(slots, count, rules_slot(seed, entry_text(b, &b->entries[i])), i + 1);
	put_section(out, slots, (size_t)count * sizeof(*slots));
	mem_free(slots);
}

static uint32_t word_of(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Those of IPv4 come first. */
static uint32_t put_nets(struct buf *out, const struct guard_builder *b)
{
	uint32_t count = 0;
	size_t before = out->n;

	while (count < b->net_count && !b->nets[count].six) {
		const struct net *n = &b->nets[count++];
		const struct rules_net4 four = {
		    word_of(n->first + 12), word_of(n->last + 12), n->list};

		buf_put(out, (struct str){(const char *)&four, sizeof(four)});
	}
	pad(out, before);
	before = out->n;
	for (uint32_t i = count; i < b->net_count; i++) {
		struct rules_net6 six = {.list = b->nets[i].list};

		memcpy(six.first, b->nets[i].first, 16);
		memcpy(six.last, b->nets[i].last, 16);
		buf_put(out, (struct str){(const char *)&six, sizeof(six)});
	}
	pad(out, before);
	return count;
}

static void put_firsts(struct buf *out, const struct guard_builder *b)
{
	unsigned char *bits = mem_alloc(RULES_FIRSTS_BYTES);

	for (uint32_t i = 0; i < b->part_count; i++) {
		uint32_t bit = rules_first(b->text.p + b->parts[i].at);

		bits[bit / 8] |= (unsigned char)(1u << bit % 8);
	}
	put_section(out, bits, RULES_FIRSTS_BYTES);
	mem_free(bits);
}

enum err guard_build(struct guard_builder *b, uint64_t seed, const unsigned char stamp[RULES_STAMP],
    struct buf *out, struct fault *fault)
{
	struct rules_header h = {.seed = seed,
	    .lists = b->list_count,
	    .entries = b->entry_count,
	    .slots = 2,
	    .parts = b->part_count,
	    .regexes = b->regex_count,
	    .text = b->text.n};
	char *head;

	while (h.slots < b->entry_count * 2)
		h.slots *= 2;
	join_nets(b);
	sort_parts(b);
	memcpy(h.magic, RULES_MAGIC, sizeof(h.magic));
	memcpy(h.stamp, stamp, RULES_STAMP);
	buf_init(out, BLOCK_MAX);
	if (!buf_grow(out, RULES_HEADER))
		return fail(fault, ERR_NOMEM, "no memory for the rules of the guard");
	put_section(out, b->lists, b->list_count * sizeof(b->lists[0]));
	put_slots(out, b, h.slots, seed);
	put_section(out, b->entries, b->entry_count * sizeof(b->entries[0]));
	h.net4 = put_nets(out, b);
	h.net6 = b->net_count - h.net4;
	put_section(out, b->parts, b->part_count * sizeof(b->parts[0]));
	put_firsts(out, b);
	put_section(out, b->regexes, b->regex_count * sizeof(b->regexes[0]));
	buf_put(out, buf_str(&b->text));
	head = out->p;
	if (out->failed != OK || b->text.failed != OK)
		return fail(fault, ERR_LIMIT, "the rules of the guard have grown too large");
	memset(head, 0, RULES_HEADER);
	memcpy(head, &h, sizeof(h));
	return OK;
}
