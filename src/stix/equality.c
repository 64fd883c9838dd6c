/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/equality.h"

#include <string.h>

#include "stix/pattern/pattern.h"

/* As kind of an object path's value: an address or a domain, the end of a connection. */
#define HOST TERM_KINDS

/* What an object path's value is. */
static const struct {
	const char *type;
	const char *path;
	enum term_kind kind;
} PATHS[] = {
    {"ipv4-addr", "value", TERM_IPV4},
    {"ipv6-addr", "value", TERM_IPV6},
    {"domain-name", "value", TERM_DOMAIN},
    {"url", "value", TERM_URL},
    {"email-addr", "value", TERM_EMAIL},
    {"network-traffic", "src_ref.value", HOST},
    {"network-traffic", "dst_ref.value", HOST},
    {"email-message", "from_ref.value", TERM_EMAIL},
    {"email-message", "sender_ref.value", TERM_EMAIL},
    {"email-message", "to_refs[*].value", TERM_EMAIL},
    {"email-message", "cc_refs[*].value", TERM_EMAIL},
    {"email-message", "bcc_refs[*].value", TERM_EMAIL},
    {"network-traffic", "extensions.'http-request-ext'.request_header.'User-Agent'",
        TERM_USER_AGENT},
    {"network-traffic", "x_ja3", TERM_JA3},
    {"network-traffic", "x_ja3_hash", TERM_JA3},
    {"network-traffic", "x_ja3s", TERM_JA3S},
    {"network-traffic", "x_ja3s_hash", TERM_JA3S},
    {"network-traffic", "x_ja4", TERM_JA4},
};

static const struct {
	const char *name;                 /* without '-' and '_' */
	enum term_kind file, certificate; /* TERM_KINDS: not told by it */
} HASHES[] = {
    {"MD5", TERM_MD5, TERM_CERT_MD5},
    {"SHA1", TERM_SHA1, TERM_CERT_SHA1},
    {"SHA256", TERM_SHA256, TERM_CERT_SHA256},
    {"SHA512", TERM_SHA512, TERM_KINDS},
};

/* "hashes.'SHA-256'", "hashes.SHA256", "hashes.sha_256" and the like. */
static bool hash_kind(enum term_kind *kind, struct str path, bool certificate)
{
	char name[16];
	size_t n = 0;

	if (!str_starts(path, S("hashes.")))
		return false;
	for (size_t i = 7; i < path.n; i++) {
		if (strchr("'\"-_ ", path.p[i]))
			continue;
		if (n == sizeof(name))
			return false;
		name[n++] = path.p[i];
	}
	for (size_t i = 0; i < sizeof(HASHES) / sizeof(HASHES[0]); i++)
		if (str_eq_nocase((struct str){name, n}, str_c(HASHES[i].name))) {
			*kind = certificate ? HASHES[i].certificate : HASHES[i].file;
			return *kind != TERM_KINDS;
		}
	return false;
}

bool equality_path(enum term_kind *kind, struct str type, struct str path)
{
	bool certificate = str_eq(type, S("x509-certificate"));

	if (certificate || str_eq(type, S("file")) || str_eq(type, S("artifact")))
		return hash_kind(kind, path, certificate);
	for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++)
		if (str_eq(type, str_c(PATHS[i].type)) && str_eq(path, str_c(PATHS[i].path))) {
			*kind = PATHS[i].kind;
			return true;
		}
	return false;
}

enum err equality_value(struct term *out, struct arena *arena, enum term_kind kind, struct str text)
{
	enum err rc;

	if (kind != HOST)
		return term_canonical(out, arena, kind, text);
	rc = term_canonical(out, arena, TERM_IPV4, text);
	if (rc == ERR_INVALID)
		rc = term_canonical(out, arena, TERM_IPV6, text);
	return rc == ERR_INVALID ? term_canonical(out, arena, TERM_DOMAIN, text) : rc;
}

static bool comparable(const struct pattern_test *t, enum term_kind kind)
{
	bool address = kind == TERM_IPV4 || kind == TERM_IPV6 || kind == HOST;

	if (!t->alone || t->negated)
		return false;
	return t->op == PATTERN_EQUAL || t->op == PATTERN_IN ||
	       (t->op == PATTERN_ISSUBSET && address);
}

struct gathering {
	struct term_list terms;
	size_t cap;
	struct arena *arena;
	struct fault *fault;
};

static enum err add_term(struct gathering *g, const struct term *term)
{
	struct term_list *l = &g->terms;

	if (l->count == TERMS_PER_PATTERN_MAX)
		return fail(g->fault, ERR_LIMIT, "a pattern with more than %d values",
		    TERMS_PER_PATTERN_MAX);
	if (l->count == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 2;
		struct term *list = arena_array(g->arena, cap, sizeof(*list));

		if (!list)
			return fail(g->fault, ERR_NOMEM, "no memory for %zu values", cap);
		if (l->count)
			memcpy(list, l->list, l->count * sizeof(*list));
		l->list = list;
		g->cap = cap;
	}
	l->list[l->count++] = *term;
	return OK;
}

static enum err add_test(struct gathering *g, const struct pattern_test *t)
{
	enum term_kind kind = HOST;

	if (!equality_path(&kind, t->type, t->path) || !comparable(t, kind)) {
		g->terms.partial = true;
		return OK;
	}
	for (size_t i = 0; i < t->value_count; i++) {
		struct term value;
		enum err rc = ERR_INVALID;

		if (t->values[i].kind == PATTERN_STRING)
			rc = equality_value(&value, g->arena, kind, t->values[i].text);
		if (rc == OK && t->op == PATTERN_ISSUBSET && value.kind == TERM_DOMAIN)
			rc = ERR_INVALID;
		if (rc == ERR_INVALID) {
			g->terms.partial = true;
			continue;
		}
		if (rc != OK)
			return fail(g->fault, rc, "no memory for the values of a pattern");
		TRY(add_term(g, &value));
	}
	return OK;
}

enum err equality_terms(
    struct term_list *out, struct arena *arena, struct str pattern, struct fault *fault)
{
	struct gathering g = {.arena = arena, .fault = fault};
	struct pattern p;

	TRY(pattern_parse(&p, arena, pattern, PATTERN_READ_LENIENT, fault));
	for (size_t i = 0; i < p.count; i++)
		TRY(add_test(&g, &p.tests[i]));
	if (g.terms.count == 0)
		return fail(fault, ERR_UNSUPPORTED,
		    "no part of the pattern is one plain value compared for equality");
	*out = g.terms;
	return OK;
}
