/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "match/canon.h"
#include "match/fingerprint.h"

enum {
	FILTER_BITS = 16,
	PLACES = 4096,
	ROOM = EVE_VALUE_MAX + 64,
	WORK_MAX = 1 << 20,
	TYPES = 8,
};

/* Kinds of what has no kind of its own. */
enum { AS_NAME = TERM_KINDS, AS_PORT };

/* All numbers that one fingerprint calls stand in a row. */
struct called {
	uint64_t print;
	uint32_t number;
	struct str text; /* of parts: what must be there */
};

struct slot {
	uint64_t print;
	uint32_t first, count;
};

struct table {
	struct called *list;
	size_t count, room;
	struct slot *slots;
	size_t mask;
	uint64_t filter[(1 << FILTER_BITS) / 64];
};

struct numbers {
	uint32_t *list;
	size_t count, room;
};

/* Those who look at all of a type, or at all of them in whose line a text stands. */
struct typed {
	struct called *list;
	size_t count, room;
};

struct calls {
	uint64_t seed;
	struct table exact, parts;
	uint64_t beginnings[(1 << FILTER_BITS) / 64]; /* of parts, a bit each; see beginning() */
	struct typed by_type[TYPES];
	unsigned types;      /* bits that have someone */
	unsigned part_types; /* likewise, of parts */
	bool names, ports, any;
	/* Of the question: */
	struct numbers answer;
	uint64_t *asked; /* of each number, the question that it was called by */
	size_t asked_room;
	uint64_t question;
	struct arena *work;
	char room[ROOM];
};

struct calls *calls_new(void)
{
	struct calls *c = mem_alloc(sizeof(*c));

	c->seed = UINT64_C(0x6a09e667f3bcc908);
	c->work = arena_new(WORK_MAX);
	return c;
}

void calls_free(struct calls *c)
{
	if (!c)
		return;
	calls_clear(c);
	mem_free(c->exact.list);
	mem_free(c->parts.list);
	for (size_t i = 0; i < TYPES; i++)
		mem_free(c->by_type[i].list);
	mem_free(c->answer.list);
	mem_free(c->asked);
	arena_free(c->work);
	mem_free(c);
}

static void clear_table(struct table *t)
{
	t->count = 0;
	mem_free(t->slots);
	t->slots = NULL;
	memset(t->filter, 0, sizeof(t->filter));
}

void calls_clear(struct calls *c)
{
	clear_table(&c->exact);
	clear_table(&c->parts);
	memset(c->beginnings, 0, sizeof(c->beginnings));
	for (size_t i = 0; i < TYPES; i++)
		c->by_type[i].count = 0;
	c->types = c->part_types = 0;
	c->names = c->ports = c->any = false;
}

static void add_number(struct numbers *n, uint32_t number)
{
	if (n->count == n->room) {
		n->room = n->room ? 2 * n->room : 16;
		n->list = mem_grow(n->list, n->room, sizeof(*n->list));
	}
	n->list[n->count++] = number;
}

static void add_typed(struct typed *t, uint32_t number, struct str text)
{
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 16;
		t->list = mem_grow(t->list, t->room, sizeof(*t->list));
	}
	t->list[t->count++] = (struct called){0, number, text};
}

static void add_called(struct table *t, uint64_t print, uint32_t number, struct str text)
{
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		t->list = mem_grow(t->list, t->room, sizeof(*t->list));
	}
	t->list[t->count++] = (struct called){print, number, text};
}

static uint64_t print_of_term(const struct calls *c, const struct term *t)
{
	return fingerprint(c->seed, (unsigned)t->kind, t->prefix, t->value);
}

static uint64_t print_of_port(const struct calls *c, unsigned port)
{
	const char bytes[2] = {(char)(port & 255), (char)(port >> 8)};

	return fingerprint(c->seed, AS_PORT, 0, (struct str){bytes, 2});
}

static uint32_t four(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static uint64_t print_of_part(const struct calls *c, enum observe_type type, const char *p)
{
	return fingerprint_mix(
	    c->seed ^ ((uint64_t)type << 32 | four(p)), UINT64_C(0x9e3779b97f4a7c15));
}

/* Asked at every byte of a value, so it is no more than a product. */
static inline size_t beginning(const char *p)
{
	return four(p) * UINT32_C(0x9e3779b1) >> (32 - FILTER_BITS);
}

static size_t type_index(enum observe_type type)
{
	return (size_t)__builtin_ctz((unsigned)type);
}

static void add_key(struct calls *c, uint32_t number, const struct sift_key *k)
{
	switch (k->kind) {
	case SIFT_TERM:
		add_called(&c->exact, print_of_term(c, &k->term), number, STR_NONE);
		break;
	case SIFT_NAME:
		add_called(&c->exact, fingerprint(c->seed, AS_NAME, 0, k->text), number, STR_NONE);
		c->names = true;
		break;
	case SIFT_PORT:
		add_called(&c->exact, print_of_port(c, k->port), number, STR_NONE);
		c->ports = true;
		break;
	case SIFT_PART:
		add_called(&c->parts, print_of_part(c, k->type, k->text.p), number, k->text);
		c->beginnings[beginning(k->text.p) / 64] |= UINT64_C(1)
		                                            << beginning(k->text.p) % 64;
		c->part_types |= (unsigned)k->type;
		break;
	case SIFT_TYPE:
		add_typed(&c->by_type[type_index(k->type)], number, k->text);
		c->types |= (unsigned)k->type;
		break;
	}
}

void calls_add(struct calls *c, uint32_t number, const struct sift *sift)
{
	for (size_t i = 0; i < sift->count; i++)
		add_key(c, number, &sift->keys[i]);
	if (number >= c->asked_room) {
		size_t room = c->asked_room ? 2 * c->asked_room : 1024;

		while (room <= number)
			room *= 2;
		c->asked = mem_grow(c->asked, room, sizeof(*c->asked));
		memset(c->asked + c->asked_room, 0, (room - c->asked_room) * sizeof(*c->asked));
		c->asked_room = room;
	}
	c->any = true;
}

static int by_print(const void *a, const void *b)
{
	const struct called *x = a, *y = b;

	if (x->print != y->print)
		return x->print < y->print ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static size_t filter_bit(uint64_t print)
{
	return (size_t)(print >> (64 - FILTER_BITS));
}

static void settle(struct table *t)
{
	size_t size = 64;

	if (t->count == 0)
		return;
	qsort(t->list, t->count, sizeof(*t->list), by_print);
	while (size < 2 * t->count)
		size *= 2;
	t->slots = mem_alloc(size * sizeof(*t->slots));
	t->mask = size - 1;
	for (size_t i = 0; i < t->count;) {
		size_t end = i, bit = filter_bit(t->list[i].print), at;

		while (end < t->count && t->list[end].print == t->list[i].print)
			end++;
		for (at = t->list[i].print & t->mask; t->slots[at].count;)
			at = (at + 1) & t->mask;
		t->slots[at] = (struct slot){t->list[i].print, (uint32_t)i, (uint32_t)(end - i)};
		t->filter[bit / 64] |= UINT64_C(1) << bit % 64;
		i = end;
	}
}

void calls_settle(struct calls *c)
{
	settle(&c->exact);
	settle(&c->parts);
}

bool calls_any(const struct calls *c)
{
	return c->any;
}

size_t calls_broad(const struct calls *c)
{
	size_t n = 0;

	for (size_t i = 0; i < TYPES; i++)
		for (size_t k = 0; k < c->by_type[i].count; k++)
			n += c->by_type[i].list[k].text.n == 0;
	return n;
}

/* ---- questions ---- */

static void call(struct calls *c, uint32_t number)
{
	if (c->asked[number] == c->question)
		return;
	c->asked[number] = c->question;
	add_number(&c->answer, number);
}

static inline const struct slot *find(const struct table *t, uint64_t print)
{
	size_t bit = filter_bit(print);

	if (!(t->filter[bit / 64] >> bit % 64 & 1))
		return NULL;
	for (size_t at = print & t->mask; t->slots[at].count; at = (at + 1) & t->mask)
		if (t->slots[at].print == print)
			return &t->slots[at];
	return NULL;
}

static inline void call_exact(struct calls *c, uint64_t print)
{
	const struct slot *s = find(&c->exact, print);

	for (uint32_t i = 0; s && i < s->count; i++)
		call(c, c->exact.list[s->first + i].number);
}

/* Those whose text stands at the start of `rest`. */
static void call_part(struct calls *c, enum observe_type type, struct str rest)
{
	const struct slot *s = find(&c->parts, print_of_part(c, type, rest.p));

	for (uint32_t k = 0; s && k < s->count; k++) {
		const struct called *p = &c->parts.list[s->first + k];

		if (str_starts(rest, p->text))
			call(c, p->number);
	}
}

/* Those whose text stands somewhere in the value. */
static void call_parts(struct calls *c, enum observe_type type, struct str value)
{
	if (!(c->part_types & (unsigned)type))
		return;
	for (size_t i = 0; i + 4 <= value.n; i++) {
		size_t bit = beginning(value.p + i);

		if (c->beginnings[bit / 64] >> bit % 64 & 1)
			call_part(c, type, str_from(value, i));
	}
}

/* In a line with escapes any text may stand. */
static void call_types(struct calls *c, unsigned types, struct str line)
{
	bool escaped = false, looked = false;

	for (types &= c->types; types; types &= types - 1) {
		const struct typed *t = &c->by_type[__builtin_ctz(types)];

		for (size_t i = 0; i < t->count; i++) {
			const struct called *p = &t->list[i];

			if (p->text.n && !looked) {
				escaped = memchr(line.p, '\\', line.n) != NULL;
				looked = true;
			}
			if (p->text.n == 0 || escaped || str_search(line, p->text) < line.n)
				call(c, p->number);
		}
	}
}

static unsigned types_of(enum term_kind kind)
{
	switch (kind) {
	case TERM_IPV4:
	case TERM_IPV6:
		return OBSERVE_ADDRESS | OBSERVE_TRAFFIC;
	case TERM_DOMAIN:
		return OBSERVE_DOMAIN;
	case TERM_URL:
		return OBSERVE_URL;
	case TERM_EMAIL:
		return OBSERVE_EMAIL | OBSERVE_MESSAGE;
	case TERM_MD5:
	case TERM_SHA1:
	case TERM_SHA256:
	case TERM_SHA512:
		return OBSERVE_FILE;
	case TERM_CERT_MD5:
	case TERM_CERT_SHA1:
	case TERM_CERT_SHA256:
		return OBSERVE_CERTIFICATE;
	default:
		return 0;
	}
}

/* The bit of the values that are searched for parts. */
static enum observe_type text_type(enum term_kind kind)
{
	return kind == TERM_DOMAIN  ? OBSERVE_DOMAIN
	       : kind == TERM_URL   ? OBSERVE_URL
	       : kind == TERM_EMAIL ? OBSERVE_EMAIL
	                            : (enum observe_type)0;
}

static unsigned call_term(struct calls *c, const struct term *t)
{
	enum observe_type text = text_type(t->kind);

	if (c->exact.count)
		call_exact(c, print_of_term(c, t));
	if (text)
		call_parts(c, text, t->value);
	return types_of(t->kind);
}

static unsigned call_text(struct calls *c, struct str text)
{
	struct term t;

	arena_reset(c->work);
	if (canon_term(&t, TERM_IPV4, text, c->room, c->work) == OK ||
	    canon_term(&t, TERM_DOMAIN, text, c->room, c->work) == OK)
		return call_term(c, &t);
	return 0;
}

/* What the event does not tell: every string of it that could be a name or an address. */
static unsigned call_strings(struct calls *c, struct str rest)
{
	unsigned types = 0;

	for (size_t places = 0; places < PLACES && rest.n; places++) {
		size_t open = str_find(rest, '"'), shut;
		struct str text;

		rest = str_from(rest, open + 1);
		shut = str_find(rest, '"');
		text = str_slice(rest, 0, shut);
		rest = str_from(rest, shut + 1);
		if (text.n >= 2 && text.n <= 255 && !(rest.n && rest.p[0] == ':'))
			types |= call_text(c, text);
	}
	return types;
}

static void call_port(struct calls *c, struct str digits)
{
	unsigned port = 0;

	for (size_t i = 0; i < digits.n && i < 6; i++)
		port = 10 * port + (unsigned)(digits.p[i] - '0');
	if (digits.n)
		call_exact(c, print_of_port(c, port));
}

static void call_name(struct calls *c, struct str name)
{
	if (name.n == 0 || name.n > OBSERVE_TEXT_MAX)
		return;
	if (c->names)
		call_exact(c, fingerprint(c->seed, AS_NAME, 0, name));
	call_parts(c, OBSERVE_FILE, name);
}

/* The file and the mail of the event, where it has one. */
static unsigned call_others(struct calls *c, const struct match_event *e)
{
	struct str path = e->traits[EVE_FILE_NAME];
	unsigned types = e->traits[EVE_SUBJECT].n ? OBSERVE_MESSAGE : 0;

	if (path.n) {
		call_name(c, observe_file_name(path));
		types |= OBSERVE_FILE;
	}
	return types;
}

/* Whether someone waits for names of files of which there may be more than the event tells. */
static bool goes_deeper(const struct calls *c, const struct match_event *e)
{
	const unsigned file = OBSERVE_FILE;

	return e->traits[EVE_LISTED_FILE].n && (c->names || ((c->types | c->part_types) & file));
}

/* Whether the name that was asked for is no value of the event, as that of an answer is not. */
static bool is_untold(const struct match_event *e)
{
	enum eve_field last = e->count ? e->values[e->count - 1].field : EVE_FIELDS;

	return last != EVE_DNS_RRNAME && last != EVE_DNS_QUERIES && last != EVE_DNS_QUERY;
}

/* Names and addresses of DNS, which are no values of the event. */
static unsigned call_dns(struct calls *c, const struct match_event *e)
{
	struct str asked = e->traits[EVE_DNS_NAME];
	unsigned types = 0;

	if (e->answers_cut)
		return call_strings(c, e->line);
	if (asked.n && is_untold(e))
		types |= call_text(c, asked);
	for (size_t i = 0; i < e->answer_count; i++)
		types |= call_term(c, &e->answers[i].data);
	return types;
}

static void begin(struct calls *c)
{
	c->question++;
	c->answer.count = 0;
}

const uint32_t *calls_for_event(
    struct calls *c, const struct match_event *event, size_t *count, bool *deeper)
{
	unsigned types = 0;

	begin(c);
	for (size_t i = 0; i < event->count; i++)
		types |= call_term(c, &event->values[i].term);
	if (c->ports) {
		call_port(c, event->traits[EVE_SRC_PORT]);
		call_port(c, event->traits[EVE_DEST_PORT]);
	}
	types |= call_dns(c, event);
	types |= call_others(c, event);
	call_types(c, types, event->line);
	*deeper = goes_deeper(c, event);
	*count = c->answer.count;
	return c->answer.list;
}

/* ---- of observed data ---- */

static unsigned type_of(struct str type)
{
	static const struct {
		const char *name;
		enum observe_type bit;
	} ROWS[] = {
	    {"ipv4-addr", OBSERVE_ADDRESS},
	    {"ipv6-addr", OBSERVE_ADDRESS},
	    {"domain-name", OBSERVE_DOMAIN},
	    {"url", OBSERVE_URL},
	    {"email-addr", OBSERVE_EMAIL},
	    {"email-message", OBSERVE_MESSAGE},
	    {"file", OBSERVE_FILE},
	    {"x509-certificate", OBSERVE_CERTIFICATE},
	    {"network-traffic", OBSERVE_TRAFFIC},
	};

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if (str_eq(type, str_c(ROWS[i].name)))
			return ROWS[i].bit;
	return 0;
}

const uint32_t *calls_for_observed(
    struct calls *c, const struct match_event *event, const struct observed *o, size_t *count)
{
	unsigned types = 0;

	for (size_t i = 0; i < o->count; i++) {
		unsigned type = type_of(o->list[i].type);
		struct str name;

		types |= type;
		if (type != OBSERVE_FILE)
			continue;
		name = (struct str){yyjson_get_str(yyjson_obj_get(o->list[i].json, "name")),
		    yyjson_get_len(yyjson_obj_get(o->list[i].json, "name"))};
		call_name(c, name);
	}
	call_types(c, types, event->line);
	*count = c->answer.count;
	return c->answer.list;
}
