/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/sift.h"

#include <stdlib.h>
#include <string.h>

/* What observe.c tells of: a path that begins otherwise leads nowhere. */
static const struct {
	const char *type;
	enum observe_type bit;
	const char *members; /* each with a space around it */
} OBSERVED[] = {
    {"ipv4-addr", OBSERVE_ADDRESS, " type value "},
    {"ipv6-addr", OBSERVE_ADDRESS, " type value "},
    {"domain-name", OBSERVE_DOMAIN, " type value resolves_to_refs "},
    {"url", OBSERVE_URL, " type value "},
    {"email-addr", OBSERVE_EMAIL, " type value "},
    {"email-message", OBSERVE_MESSAGE, " type is_multipart from_ref to_refs cc_refs subject "},
    {"file", OBSERVE_FILE, " type name size hashes "},
    {"x509-certificate", OBSERVE_CERTIFICATE,
        " type hashes serial_number issuer subject validity_not_before validity_not_after "},
    {"network-traffic", OBSERVE_TRAFFIC,
        " type start end src_ref dst_ref src_port dst_port protocols src_byte_count "
        "dst_byte_count src_packets dst_packets x_ja3 x_ja3s x_ja4 extensions "},
};

enum { ROWS = sizeof(OBSERVED) / sizeof(OBSERVED[0]) };

/* Alternatives of an expression. */
struct keys {
	struct sift_key *list;
	size_t count, room;
};

struct sifting {
	struct arena *arena;
	unsigned types;
	enum err rc;
};

static void add(struct sifting *s, struct keys *k, const struct sift_key *key)
{
	if (k->count == SIFT_KEYS_MAX)
		s->rc = ERR_LIMIT;
	if (k->count == k->room && s->rc == OK) {
		size_t room = k->room ? 2 * k->room : 4;
		struct sift_key *list = arena_array(s->arena, room, sizeof(*list));

		if (!list) {
			s->rc = ERR_NOMEM;
			return;
		}
		if (k->count)
			memcpy(list, k->list, k->count * sizeof(*list));
		k->list = list;
		k->room = room;
	}
	if (s->rc == OK)
		k->list[k->count++] = *key;
}

static void join(struct sifting *s, struct keys *to, const struct keys *from)
{
	for (size_t i = 0; i < from->count && s->rc == OK; i++)
		add(s, to, &from->list[i]);
}

static unsigned cost_of(const struct sift_key *k)
{
	return 2 * (unsigned)k->kind + (k->kind == SIFT_TYPE && k->text.n == 0);
}

/* The less an event has of it, the lower. */
static unsigned cost(const struct keys *k)
{
	unsigned worst = 0;

	for (size_t i = 0; i < k->count; i++)
		if (cost_of(&k->list[i]) > worst)
			worst = cost_of(&k->list[i]);
	return worst;
}

static const char *members_of(struct str type, enum observe_type *bit)
{
	for (size_t i = 0; i < ROWS; i++)
		if (str_eq(type, str_c(OBSERVED[i].type))) {
			*bit = OBSERVED[i].bit;
			return OBSERVED[i].members;
		}
	return NULL;
}

/* Whether the path can lead to anything. */
static bool observed(const struct pattern_check *k, enum observe_type *bit)
{
	const char *members = members_of(k->type, bit);
	struct str key;
	size_t at;

	if (!members || k->step_count == 0 || k->steps[0].kind != PATTERN_KEY)
		return false;
	key = k->steps[0].key;
	if (key.n == 0 || memchr(key.p, ' ', key.n))
		return false;
	for (struct str rest = str_c(members);; rest = str_from(rest, at + 1)) {
		at = str_search(rest, key);
		if (at == rest.n)
			return false;
		if (at > 0 && rest.p[at - 1] == ' ' && rest.p[at + key.n] == ' ')
			break;
	}
	return !str_eq(key, S("extensions")) ||
	       (k->step_count > 1 && k->steps[1].kind == PATTERN_KEY &&
	           str_eq(k->steps[1].key, S("http-request-ext")));
}

static bool is_equality(const struct pattern_check *k)
{
	return !k->negated && (k->op == PATTERN_EQUAL || k->op == PATTERN_IN);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(
	    ((const struct pattern_constant *)a)->text, ((const struct pattern_constant *)b)->text);
}

/* A key a constant; one that is no value of the kind is equal to none. */
static void value_keys(
    struct sifting *s, struct keys *out, struct pattern_check *k, enum term_kind kind)
{
	for (size_t i = 0; i < k->value_count && s->rc == OK; i++) {
		struct sift_key key = {.kind = SIFT_TERM};
		struct str text = k->values[i].text;

		if (k->values[i].kind != PATTERN_STRING ||
		    equality_value(&key.term, s->arena, kind, text) != OK)
			continue;
		text = term_text(s->arena, &key.term);
		if (!text.p)
			s->rc = ERR_NOMEM;
		k->values[i].text = text;
		add(s, out, &key);
	}
	if (k->sorted && k->value_count)
		qsort(k->values, k->value_count, sizeof(*k->values), by_text);
}

static bool is_port(const struct pattern_check *k)
{
	return str_eq(k->path, S("dst_port")) || str_eq(k->path, S("src_port"));
}

static void port_keys(struct sifting *s, struct keys *out, const struct pattern_check *k)
{
	for (size_t i = 0; i < k->value_count; i++) {
		const struct pattern_number *n = &k->values[i].number;
		struct sift_key key = {.kind = SIFT_PORT};

		if (k->values[i].kind != PATTERN_NUMBER || !n->whole || n->negative ||
		    n->magnitude > UINT16_MAX)
			continue;
		key.port = (unsigned)n->magnitude;
		add(s, out, &key);
	}
}

static void name_keys(struct sifting *s, struct keys *out, const struct pattern_check *k)
{
	for (size_t i = 0; i < k->value_count; i++) {
		struct sift_key key = {.kind = SIFT_NAME, .text = k->values[i].text};

		if (k->values[i].kind == PATTERN_STRING)
			add(s, out, &key);
	}
}

/* ---- texts that a comparison by wording needs ---- */

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f && !strchr("\\^$.|?*+()[]{}", c);
}

static void longer(struct str *best, const char *p, size_t n)
{
	if (n > best->n)
		*best = (struct str){p, n};
}

static struct str like_part(struct str like)
{
	struct str best = STR_NONE;
	size_t start = 0;

	for (size_t i = 0; i <= like.n; i++)
		if (i == like.n || like.p[i] == '%' || like.p[i] == '_') {
			longer(&best, like.p + start, i - start);
			start = i + 1;
		}
	return best;
}

/* Behind the class that opens at `at`; past the end when it is not closed. */
static size_t class_end(struct str regex, size_t at)
{
	size_t i = at + 1;

	if (i < regex.n && regex.p[i] == '^')
		i++;
	/* A bracket that comes first stands for itself. */
	for (i++; i < regex.n && regex.p[i] != ']'; i++)
		if (regex.p[i] == '\\')
			i++;
	return i + 1;
}

/* Behind the group that opens at `at`; past the end when it says how the rest is to be read. */
static size_t group_end(struct str regex, size_t at)
{
	size_t depth = 0;

	if (at + 2 < regex.n &&
	    (regex.p[at + 1] == '*' || (regex.p[at + 1] == '?' && regex.p[at + 2] != ':')))
		return regex.n + 1;
	for (size_t i = at; i < regex.n;) {
		if (regex.p[i] == '[') {
			i = class_end(regex, i);
			continue;
		}
		depth += regex.p[i] == '(';
		depth -= regex.p[i] == ')';
		if (depth == 0)
			return i + 1;
		i += regex.p[i] == '\\' ? 2 : 1;
	}
	return regex.n + 1;
}

/* Behind what does not stand for itself at `at`; past the end when it takes more understanding. */
static size_t special_end(struct str regex, size_t at)
{
	const size_t none = regex.n + 1;
	size_t n = str_find(str_from(regex, at), '}');

	switch (regex.p[at]) {
	case '[':
		return class_end(regex, at);
	case '(':
		return group_end(regex, at);
	case '{':
		return at + n + 1;
	case '\\':
		return at + 1 < regex.n && strchr("dDwWsSbB", regex.p[at + 1]) ? at + 2 : none;
	case '|':
	case ')':
		return none;
	default:
		return at + 1;
	}
}

/* A run of characters that stand for themselves outside of every group; none when that takes more
 * understanding. */
static struct str regex_part(struct str regex)
{
	struct str best = STR_NONE;
	size_t start = 0, i = 0;

	while (i < regex.n) {
		char c = regex.p[i];
		bool missing = c == '?' || c == '*' || c == '{';

		if (is_plain(c)) {
			i++;
			continue;
		}
		/* What may be missing is not needed. */
		longer(&best, regex.p + start, i - start - (missing && i > start ? 1 : 0));
		if (c == '\\' && i + 1 < regex.n && strchr("./-:", regex.p[i + 1])) {
			start = i + 1;
			i += 2;
			continue;
		}
		i = start = special_end(regex, i);
	}
	if (i > regex.n)
		return STR_NONE;
	longer(&best, regex.p + start, i - start);
	return best;
}

/* The values of which types the path leads to; 0: it is not a text that is searched. */
static enum observe_type searched(const struct pattern_check *k, enum observe_type bit)
{
	bool value = str_eq(k->path, S("value")) &&
	             (bit == OBSERVE_DOMAIN || bit == OBSERVE_URL || bit == OBSERVE_EMAIL);

	return value || (bit == OBSERVE_FILE && str_eq(k->path, S("name"))) ? bit
	                                                                    : (enum observe_type)0;
}

static bool part_key(struct sift_key *out, const struct pattern_check *k, enum observe_type bit)
{
	*out = (struct sift_key){.kind = SIFT_PART, .type = searched(k, bit)};
	if (k->negated || !out->type || k->encoding != PATTERN_TEXT || !k->like_fits)
		return false;
	if (k->op == PATTERN_LIKE)
		out->text = like_part(k->like);
	else if (k->op == PATTERN_MATCHES)
		out->text = regex_part(k->like);
	for (size_t i = 0; i < out->text.n; i++)
		if ((unsigned char)out->text.p[i] >= 0x80)
			return false;
	return out->text.n >= SIFT_PART_MIN;
}

/* ---- expressions ---- */

/* The index has what this looks for. */
static bool is_indexed(const struct pattern_check *k, bool known, enum term_kind kind)
{
	bool address = kind == TERM_KINDS || kind == TERM_IPV4 || kind == TERM_IPV6;

	return k->alone && known && !k->negated &&
	       (is_equality(k) || (k->op == PATTERN_ISSUBSET && address));
}

/* Texts that are observed as the sensor writes them. */
static bool is_verbatim(const struct pattern_check *k)
{
	static const char *const PATHS[] = {"issuer", "subject", "serial_number"};

	for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++)
		if (str_eq(k->path, str_c(PATHS[i])))
			return true;
	return str_starts(k->path, S("extensions.'http-request-ext'.request_header."));
}

static void text_keys(
    struct sifting *s, struct keys *out, const struct pattern_check *k, enum observe_type type)
{
	for (size_t i = 0; i < k->value_count; i++)
		if (k->values[i].kind == PATTERN_STRING)
			add(s, out,
			    &(struct sift_key){
			        .kind = SIFT_TYPE, .type = type, .text = k->values[i].text});
}

static void other_keys(
    struct sifting *s, struct keys *out, const struct pattern_check *k, enum observe_type type)
{
	struct sift_key key;

	if (is_equality(k) && is_port(k)) {
		port_keys(s, out, k);
	} else if (is_equality(k) && type == OBSERVE_FILE && str_eq(k->path, S("name"))) {
		name_keys(s, out, k);
	} else if (is_equality(k) && is_verbatim(k)) {
		text_keys(s, out, k, type);
	} else {
		if (!part_key(&key, k, type))
			key = (struct sift_key){.kind = SIFT_TYPE, .type = type};
		add(s, out, &key);
	}
}

static void check_keys(struct sifting *s, struct keys *out, struct pattern_check *k)
{
	enum term_kind kind = TERM_KINDS;
	bool known = equality_path(&kind, k->type, k->path);
	enum observe_type type;

	if (!observed(k, &type))
		return;
	s->types |= (unsigned)type;
	if (is_indexed(k, known, kind)) {
		/* IN of nothing. */
		k->op = PATTERN_IN;
		k->value_count = 0;
		k->sorted = false;
	} else if (is_equality(k) && known) {
		value_keys(s, out, k, kind);
	} else {
		other_keys(s, out, k, type);
	}
}

static void expr_keys(struct sifting *s, struct keys *out, struct pattern_expr *e);

/* Those that nothing can make true are asked no more. */
static void some_keys(struct sifting *s, struct keys *out, struct pattern_expr *e)
{
	struct pattern_expr **place = &e->first;

	while (*place && s->rc == OK) {
		struct keys keys = {0};

		expr_keys(s, &keys, *place);
		join(s, out, &keys);
		if (keys.count)
			place = &(*place)->next;
		else
			*place = (*place)->next;
	}
}

/* The rarest of what all of it needs. */
static void every_keys(struct sifting *s, struct keys *out, struct pattern_expr *e)
{
	for (struct pattern_expr *part = e->first; part && s->rc == OK; part = part->next) {
		struct keys keys = {0};

		expr_keys(s, &keys, part);
		if (keys.count == 0) {
			out->count = 0;
			return;
		}
		if (part == e->first || cost(&keys) < cost(out) ||
		    (cost(&keys) == cost(out) && keys.count < out->count))
			*out = keys;
	}
}

/* None when nothing can make it true. */
static void expr_keys(struct sifting *s, struct keys *out, struct pattern_expr *e)
{
	if (e->kind == PATTERN_CHECK)
		check_keys(s, out, e->check);
	else if (e->kind == PATTERN_SOME)
		some_keys(s, out, e);
	else
		every_keys(s, out, e);
}

/* Whether there can be observations for it, given which leaves can be true. */
static bool possible(const struct pattern_span *span, const bool *leaves, size_t count)
{
	if (span->kind == PATTERN_GROUP) {
		for (size_t i = 0; i < count; i++)
			if (leaves[i] && (span->leaves[i / 64] >> i % 64 & 1))
				return true;
		return false;
	}
	for (const struct pattern_span *part = span->first; part; part = part->next)
		if (possible(part, leaves, count) == (span->kind == PATTERN_EITHER))
			return span->kind == PATTERN_EITHER;
	return span->kind != PATTERN_EITHER;
}

enum err sift_program(struct sift *out, struct arena *arena, struct pattern_program *p)
{
	struct sifting s = {.arena = arena};
	struct keys all = {0};
	bool *leaves = arena_zalloc(arena, p->leaf_count + 1);

	if (!leaves)
		return ERR_NOMEM;
	for (size_t i = 0; i < p->leaf_count && s.rc == OK; i++) {
		struct keys keys = {0};

		expr_keys(&s, &keys, p->leaves[i]);
		leaves[i] = keys.count > 0;
		join(&s, &all, &keys);
	}
	*out = (struct sift){all.list, all.count, s.types, false};
	if (s.rc == OK)
		out->never = !possible(p->root, leaves, p->leaf_count);
	return s.rc;
}
