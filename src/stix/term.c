/* SPDX-License-Identifier: Apache-2.0 */
/* Values and their one canonical form, both ways, and what people do to them to make them harmless
 * ("defanging"). */
#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "stix/equality.h"
#include "stix/url.h"

static const struct {
	const char *name;
	const char *path;    /* of the pattern's comparison */
	size_t digest_bytes; /* of hashes */
} KINDS[TERM_KINDS] = {
    [TERM_IPV4] = {"ipv4-addr", "ipv4-addr:value", 0},
    [TERM_IPV6] = {"ipv6-addr", "ipv6-addr:value", 0},
    [TERM_DOMAIN] = {"domain-name", "domain-name:value", 0},
    [TERM_URL] = {"url", "url:value", 0},
    [TERM_EMAIL] = {"email-addr", "email-addr:value", 0},
    [TERM_MD5] = {"file:MD5", "file:hashes.MD5", 16},
    [TERM_SHA1] = {"file:SHA-1", "file:hashes.'SHA-1'", 20},
    [TERM_SHA256] = {"file:SHA-256", "file:hashes.'SHA-256'", 32},
    [TERM_SHA512] = {"file:SHA-512", "file:hashes.'SHA-512'", 64},
    [TERM_CERT_MD5] = {"x509-certificate:MD5", "x509-certificate:hashes.MD5", 16},
    [TERM_CERT_SHA1] = {"x509-certificate:SHA-1", "x509-certificate:hashes.'SHA-1'", 20},
    [TERM_CERT_SHA256] = {"x509-certificate:SHA-256", "x509-certificate:hashes.'SHA-256'", 32},
    [TERM_JA3] = {"ja3", "network-traffic:x_ja3", 16},
    [TERM_JA3S] = {"ja3s", "network-traffic:x_ja3s", 16},
    [TERM_JA4] = {"ja4", "network-traffic:x_ja4", 0},
    [TERM_USER_AGENT] = {"user-agent",
        "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", 0},
};

const char *term_kind_name(enum term_kind k)
{
	return KINDS[k].name;
}

enum { IPV4_BYTES = 4, IPV6_BYTES = 16 };

/* Dotted quad without leading zeros, which some programs read as octal. */
static bool read_ipv4(unsigned char out[IPV4_BYTES], struct str s)
{
	struct str rest = s;
	size_t n = 0;

	while (rest.p) {
		struct str part = str_cut(&rest, '.');
		uint64_t v;

		if (n == IPV4_BYTES || part.n > 3 || (part.n > 1 && part.p[0] == '0') ||
		    str_u64(part, &v) != OK || v > 255)
			return false;
		out[n++] = (unsigned char)v;
	}
	return n == IPV4_BYTES;
}

static bool read_ipv6(unsigned char out[IPV6_BYTES], struct str s)
{
	char text[INET6_ADDRSTRLEN + 1];

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, out) == 1;
}

static void clear_host_bits(unsigned char *bytes, size_t n, unsigned prefix)
{
	for (size_t i = 0; i < n; i++) {
		unsigned before = (unsigned)i * 8;

		if (before >= prefix)
			bytes[i] = 0;
		else if (prefix - before < 8)
			bytes[i] &= (unsigned char)(0xff << (8 - (prefix - before)));
	}
}

static enum err canonical_ip(
    struct term *out, struct arena *arena, enum term_kind kind, struct str text)
{
	size_t n = kind == TERM_IPV4 ? IPV4_BYTES : IPV6_BYTES;
	struct str rest = text;
	struct str address = str_cut(&rest, '/');
	uint64_t prefix = n * 8;
	unsigned char bytes[IPV6_BYTES];
	unsigned char *kept;

	if (!(kind == TERM_IPV4 ? read_ipv4(bytes, address) : read_ipv6(bytes, address)))
		return ERR_INVALID;
	if (rest.p && (rest.n > 3 || (rest.n > 1 && rest.p[0] == '0') ||
	                  str_u64(rest, &prefix) != OK || prefix > n * 8))
		return ERR_INVALID;
	clear_host_bits(bytes, n, (unsigned)prefix);
	kept = arena_alloc(arena, n);
	if (!kept)
		return ERR_NOMEM;
	memcpy(kept, bytes, n);
	*out = (struct term){kind, (uint8_t)prefix, {(const char *)kept, n}};
	return OK;
}

static enum err canonical_hash(
    struct term *out, struct arena *arena, enum term_kind kind, struct str text)
{
	size_t n = KINDS[kind].digest_bytes;
	unsigned char *p;

	if (text.n != 2 * n)
		return ERR_INVALID;
	p = arena_alloc(arena, n);
	if (!p)
		return ERR_NOMEM;
	if (!str_hex(p, n, text))
		return ERR_INVALID;
	*out = (struct term){kind, 0, {(const char *)p, n}};
	return OK;
}

/* Fingerprints of certificates may be written "0a:1b:2c". */
static enum err canonical_certificate(
    struct term *out, struct arena *arena, enum term_kind kind, struct str text)
{
	struct str bare = {NULL, 0};
	char *p;

	if (text.n != 3 * KINDS[kind].digest_bytes - 1)
		return canonical_hash(out, arena, kind, text);
	p = arena_alloc(arena, text.n);
	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < text.n; i++) {
		if (i % 3 != 2)
			p[bare.n++] = text.p[i];
		else if (text.p[i] != ':')
			return ERR_INVALID;
	}
	bare.p = p;
	return canonical_hash(out, arena, kind, bare);
}

enum { JA4_BYTES = 36, JA4_HEAD = 10, JA4_PART = 12 };

/* "t13d1516h2_8daaf6152771_e5627efa2ab1": ten letters and digits, two times twelve digits. */
static enum err canonical_ja4(struct term *out, struct arena *arena, struct str text)
{
	char *p;

	if (text.n != JA4_BYTES)
		return ERR_INVALID;
	p = arena_alloc(arena, text.n);
	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < text.n; i++) {
		char c =
		    text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 0x20) : text.p[i];
		bool gap = i == JA4_HEAD || i == JA4_HEAD + 1 + JA4_PART;
		bool head = i < JA4_HEAD && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));

		if (gap ? c != '_' : !head && (i < JA4_HEAD || str_hex_digit(c) < 0))
			return ERR_INVALID;
		p[i] = c;
	}
	*out = (struct term){TERM_JA4, 0, {p, text.n}};
	return OK;
}

static enum err canonical_user_agent(struct term *out, struct str text)
{
	if (text.n == 0 || text.n > TERM_URL_MAX)
		return ERR_INVALID;
	*out = (struct term){TERM_USER_AGENT, 0, text};
	return OK;
}

static enum err canonical_domain(struct term *out, struct arena *arena, struct str text)
{
	struct str host;

	TRY(host_canonical(&host, arena, text));
	*out = (struct term){TERM_DOMAIN, 0, host};
	return OK;
}

enum { EMAIL_MAX = 320 };

/* Of an address in front of its '@' (RFC 5322 section 3.4.1): what is no atom stands in quotes. */
static bool local_part(struct str s)
{
	bool quoted = str_starts(s, S("\""));

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= 0x20 || c == 0x7f || (!quoted && strchr("@<>,;", c)))
			return false;
	}
	return s.n > 0;
}

static enum err canonical_email(struct term *out, struct arena *arena, struct str text)
{
	size_t at = text.n;
	struct str host;
	char *p;

	while (at > 0 && text.p[at - 1] != '@')
		at--;
	if (at == 0 || text.n > EMAIL_MAX || !local_part(str_slice(text, 0, at - 1)))
		return ERR_INVALID;
	TRY(host_canonical(&host, arena, str_from(text, at)));
	p = arena_alloc(arena, at + host.n);
	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < at; i++)
		p[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] + 32 : text.p[i]);
	memcpy(p + at, host.p, host.n);
	*out = (struct term){TERM_EMAIL, 0, {p, at + host.n}};
	return OK;
}

static enum err canonical_url(struct term *out, struct arena *arena, struct str text)
{
	struct str url;

	TRY(url_canonical(&url, arena, text));
	*out = (struct term){TERM_URL, 0, url};
	return OK;
}

enum err term_canonical(struct term *out, struct arena *arena, enum term_kind kind, struct str text)
{
	switch (kind) {
	case TERM_IPV4:
	case TERM_IPV6:
		return canonical_ip(out, arena, kind, text);
	case TERM_DOMAIN:
		return canonical_domain(out, arena, text);
	case TERM_URL:
		return canonical_url(out, arena, text);
	case TERM_EMAIL:
		return canonical_email(out, arena, text);
	case TERM_CERT_MD5:
	case TERM_CERT_SHA1:
	case TERM_CERT_SHA256:
		return canonical_certificate(out, arena, kind, text);
	case TERM_JA4:
		return canonical_ja4(out, arena, text);
	case TERM_USER_AGENT:
		return canonical_user_agent(out, text);
	default:
		return canonical_hash(out, arena, kind, text);
	}
}

/* Letters are matched in either case. */
static const struct {
	const char *from;
	const char *to;
} FANGS[] = {
    {"[://]", "://"},
    {"[.]", "."},
    {"(.)", "."},
    {"{.}", "."},
    {"[dot]", "."},
    {"(dot)", "."},
    {"{dot}", "."},
    {"[:]", ":"},
    {"(:)", ":"},
    {"[at]", "@"},
    {"(at)", "@"},
    {"{at}", "@"},
    {"[@]", "@"},
    {"(@)", "@"},
    {"[/]", "/"},
    {"\\.", "."},
};

static const struct {
	const char *from;
	const char *to;
} SCHEMES[] = {
    {"hxxps", "https"},
    {"hxxp", "http"},
    {"htxps", "https"},
    {"htxp", "http"},
    {"h**ps", "https"},
    {"h**p", "http"},
    {"fxps", "ftps"},
    {"fxp", "ftp"},
};

static bool starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq_nocase(str_slice(s, 0, prefix.n), prefix);
}

/* The scheme at the start, when what follows it can only be a URL's. */
static size_t refang_scheme(char *out, size_t *n, struct str s)
{
	for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++) {
		struct str from = str_c(SCHEMES[i].from);
		struct str to = str_c(SCHEMES[i].to);
		struct str rest = str_from(s, from.n);

		if (!starts_nocase(s, from))
			continue;
		if (!str_starts(rest, S(":")) && !str_starts(rest, S("[:")) &&
		    !str_starts(rest, S("(:")))
			continue;
		memcpy(out, to.p, to.n);
		*n = to.n;
		return from.n;
	}
	return 0;
}

static size_t refang_mark(char *out, size_t *n, struct str s)
{
	if (*s.p != '[' && *s.p != '(' && *s.p != '{' && *s.p != '\\')
		return 0;
	for (size_t i = 0; i < sizeof(FANGS) / sizeof(FANGS[0]); i++) {
		struct str from = str_c(FANGS[i].from);
		struct str to = str_c(FANGS[i].to);

		if (!starts_nocase(s, from))
			continue;
		memcpy(out + *n, to.p, to.n);
		*n += to.n;
		return from.n;
	}
	return 0;
}

struct str term_refang(struct arena *arena, struct str text)
{
	struct str s = str_trim(text);
	char *p = arena_alloc(arena, s.n);
	size_t n = 0;

	if (!p)
		return STR_NONE;
	for (size_t i = refang_scheme(p, &n, s); i < s.n;) {
		size_t taken = refang_mark(p, &n, str_from(s, i));

		if (taken == 0) {
			p[n++] = s.p[i];
			taken = 1;
		}
		i += taken;
	}
	return (struct str){p, n};
}

/* Takes off quotes, and brackets as they stand around addresses in text. */
static struct str unwrap(struct str text)
{
	static const char PAIRS[] = "\"\"''<>``";
	struct str s = str_trim(text);

	for (size_t i = 0; PAIRS[i]; i += 2)
		if (s.n >= 2 && s.p[0] == PAIRS[i] && s.p[s.n - 1] == PAIRS[i + 1])
			s = str_trim(str_slice(s, 1, s.n - 1));
	return starts_nocase(s, S("mailto:")) ? str_from(s, 7) : s;
}

/* A name that a person means as a domain: two labels or more, the last one not a number. */
static enum err guess_domain(struct term *out, struct arena *arena, struct str s)
{
	struct str name = str_starts(s, S("*.")) ? str_from(s, 2) : s;
	struct term t;
	size_t dot;

	TRY(term_canonical(&t, arena, TERM_DOMAIN, name));
	for (dot = t.value.n; dot > 0 && t.value.p[dot - 1] != '.'; dot--)
		;
	if (dot == 0 || t.value.p[dot] < 'a' || t.value.p[dot] > 'z')
		return ERR_INVALID;
	*out = t;
	return OK;
}

static bool has_letter(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z'))
			return true;
	return false;
}

/* "evil.example/path": a URL without its scheme. "198.51.100.3/33" is a network gone wrong. */
static enum err guess_bare_url(struct term *out, struct arena *arena, struct str s)
{
	struct str host = str_slice(s, 0, str_find(s, '/'));
	struct term ignored;
	struct str url;

	if (host.n == s.n || str_starts(s, S("*.")) || !has_letter(s))
		return ERR_INVALID;
	host = str_slice(host, 0, str_find(host, ':'));
	if (guess_domain(&ignored, arena, host) != OK)
		TRY(term_canonical(&ignored, arena, TERM_IPV4, host));
	url = arena_printf(arena, "http://%.*s", STR_ARG(s));
	return url.p ? term_canonical(out, arena, TERM_URL, url) : ERR_NOMEM;
}

static enum err guess_exact(struct term *out, struct arena *arena, struct str s)
{
	/* In this order: what one kind takes no later one means. */
	static const enum term_kind ORDER[] = {TERM_IPV4, TERM_IPV6, TERM_MD5, TERM_SHA1,
	    TERM_SHA256, TERM_SHA512, TERM_JA4, TERM_URL, TERM_EMAIL};
	struct str bare = s;

	if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		bare = str_slice(s, 1, s.n - 1);
	for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++) {
		enum err rc = term_canonical(out, arena, ORDER[i], bare);

		if (rc != ERR_INVALID)
			return rc;
	}
	return ERR_INVALID;
}

enum err term_guess(struct term *out, struct arena *arena, struct str text)
{
	struct str s = term_refang(arena, unwrap(text));
	enum err rc;

	if (!s.p)
		return ERR_NOMEM;
	rc = guess_exact(out, arena, s);
	if (rc == ERR_INVALID)
		rc = guess_domain(out, arena, s);
	return rc == ERR_INVALID ? guess_bare_url(out, arena, s) : rc;
}

static struct str hex_of(struct arena *arena, struct str bytes)
{
	static const char DIGITS[] = "0123456789abcdef";
	char *p = arena_alloc(arena, 2 * bytes.n);

	for (size_t i = 0; p && i < bytes.n; i++) {
		p[2 * i] = DIGITS[(unsigned char)bytes.p[i] >> 4];
		p[2 * i + 1] = DIGITS[bytes.p[i] & 15];
	}
	return p ? (struct str){p, 2 * bytes.n} : STR_NONE;
}

static bool whole_address(const struct term *t)
{
	return t->prefix == t->value.n * 8;
}

struct str term_text(struct arena *arena, const struct term *t)
{
	char address[INET6_ADDRSTRLEN];

	switch (t->kind) {
	case TERM_IPV4:
	case TERM_IPV6:
		if (!inet_ntop(t->kind == TERM_IPV4 ? AF_INET : AF_INET6, t->value.p, address,
		        sizeof(address)))
			return STR_NONE;
		return whole_address(t) ? arena_str(arena, str_c(address))
		                        : arena_printf(arena, "%s/%u", address, t->prefix);
	case TERM_DOMAIN:
	case TERM_URL:
	case TERM_EMAIL:
	case TERM_JA4:
	case TERM_USER_AGENT:
		return t->value;
	default:
		return hex_of(arena, t->value);
	}
}

struct str term_pattern(struct arena *arena, const struct term *t)
{
	bool network = (t->kind == TERM_IPV4 || t->kind == TERM_IPV6) && !whole_address(t);
	struct str text = term_text(arena, t);
	char *p = arena_alloc(arena, 2 * text.n);
	size_t n = 0;

	if (!text.p || !p)
		return STR_NONE;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'' || text.p[i] == '\\')
			p[n++] = '\\';
		p[n++] = text.p[i];
	}
	return arena_printf(
	    arena, "[%s %s '%.*s']", KINDS[t->kind].path, network ? "ISSUBSET" : "=", (int)n, p);
}
