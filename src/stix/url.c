/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/url.h"

#include <string.h>

#include "base/buf.h"
#include "stix/equality.h"

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

enum { LABEL_MAX = 63, HOST_MAX = 253 };

enum err host_canonical(struct str *out, struct arena *arena, struct str text)
{
	size_t n = text.n > 0 && text.p[text.n - 1] == '.' ? text.n - 1 : text.n;
	size_t label = 0;
	char *p;

	if (n == 0 || n > HOST_MAX)
		return ERR_INVALID;
	p = arena_alloc(arena, n);
	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		char c = text.p[i];

		p[i] = lower(c);
		if (c == '.') {
			if (label == 0)
				return ERR_INVALID;
			label = 0;
			continue;
		}
		if (!alphanumeric(c) && c != '-' && c != '_')
			return ERR_INVALID;
		if (++label > LABEL_MAX)
			return ERR_INVALID;
	}
	if (label == 0)
		return ERR_INVALID;
	*out = (struct str){p, n};
	return OK;
}

struct parts {
	struct str scheme;
	struct str host; /* with brackets around IPv6 */
	struct str port;
	struct str rest; /* path and query */
};

static bool scheme_valid(struct str s)
{
	if (s.n == 0 || s.n > 32 || lower(s.p[0]) < 'a' || lower(s.p[0]) > 'z')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!alphanumeric(s.p[i]) && s.p[i] != '+' && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return true;
}

static bool port_valid(struct str s)
{
	uint64_t v;

	return s.n == 0 || (str_u64(s, &v) == OK && v <= 65535);
}

/* Where the authority ends: at the path, the query or the fragment. */
static size_t authority_end(struct str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '/' && s.p[i] != '?' && s.p[i] != '#')
		i++;
	return i;
}

static bool split_url(struct parts *u, struct str text)
{
	size_t mark = str_search(text, S("://"));
	struct str authority, rest;
	size_t end, colon;

	if (mark == text.n)
		return false;
	u->scheme = str_slice(text, 0, mark);
	rest = str_from(text, mark + 3);
	end = authority_end(rest);
	authority = str_slice(rest, 0, end);
	u->rest = str_slice(rest, end, end + str_find(str_from(rest, end), '#'));
	for (size_t at; (at = str_find(authority, '@')) < authority.n;)
		authority = str_from(authority, at + 1);
	colon = authority.n;
	while (colon > 0 && authority.p[colon - 1] >= '0' && authority.p[colon - 1] <= '9')
		colon--;
	if (colon > 0 && authority.p[colon - 1] == ':') {
		u->host = str_slice(authority, 0, colon - 1);
		u->port = str_from(authority, colon);
	} else {
		u->host = authority;
		u->port = S("");
	}
	return scheme_valid(u->scheme) && port_valid(u->port);
}

static bool default_port(struct str scheme, struct str port)
{
	static const struct {
		const char *scheme;
		const char *port;
	} ROWS[] = {{"http", "80"}, {"https", "443"}, {"ftp", "21"}, {"ws", "80"}, {"wss", "443"}};

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if (str_eq_nocase(scheme, str_c(ROWS[i].scheme)))
			return str_eq(port, str_c(ROWS[i].port));
	return false;
}

struct sink {
	char *p;
	size_t n;
	size_t max;
};

static void put(struct sink *out, char c)
{
	if (out->n < out->max)
		out->p[out->n] = c;
	out->n++;
}

static void put_lower(struct sink *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		put(out, lower(s.p[i]));
}

static void put_percent(struct sink *out, unsigned char c)
{
	static const char DIGITS[] = "0123456789ABCDEF";

	put(out, '%');
	put(out, DIGITS[c >> 4]);
	put(out, DIGITS[c & 15]);
}

static bool unreserved(char c)
{
	return alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Stands in no URL (RFC 3986 section 2), whatever programs send. */
static bool excluded(unsigned char c)
{
	return c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c);
}

/* Path and query: one spelling for each percent-encoded byte. A '%' that encodes nothing is one
 * itself, so that the canonical form of a canonical form is the same. */
static void put_encoded(struct sink *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		int high = c == '%' && i + 2 < s.n ? str_hex_digit(s.p[i + 1]) : -1;
		int low = high >= 0 ? str_hex_digit(s.p[i + 2]) : -1;

		if (low >= 0) {
			c = (unsigned char)(high << 4 | low);
			i += 2;
			if (!unreserved((char)c)) {
				put_percent(out, c);
				continue;
			}
		}
		if (excluded(c) || (c == '%' && low < 0))
			put_percent(out, c);
		else
			put(out, (char)c);
	}
}

static bool host_readable(struct str *host, struct arena *arena, struct str text)
{
	struct term ip;

	if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']') {
		if (term_canonical(&ip, arena, TERM_IPV6, str_slice(text, 1, text.n - 1)) != OK)
			return false;
		*host = arena_printf(arena, "[%.*s]", STR_ARG(term_text(arena, &ip)));
		return host->p != NULL;
	}
	return host_canonical(host, arena, text) == OK;
}

enum err url_canonical(struct str *out, struct arena *arena, struct str text)
{
	struct parts u;
	struct sink s = {.max = TERM_URL_MAX};
	struct str host;

	if (text.n > TERM_URL_MAX || !split_url(&u, text) || !host_readable(&host, arena, u.host))
		return ERR_INVALID;
	/* Encoding makes three bytes of one at most. */
	s.max = u.scheme.n + host.n + u.port.n + 3 * u.rest.n + 8;
	s.p = arena_alloc(arena, s.max);
	if (!s.p)
		return ERR_NOMEM;
	put_lower(&s, u.scheme);
	put_lower(&s, S("://"));
	put_lower(&s, host);
	if (u.port.n > 0 && !default_port(u.scheme, u.port)) {
		put(&s, ':');
		put_lower(&s, u.port);
	}
	if (u.rest.n == 0 || u.rest.p[0] != '/')
		put(&s, '/');
	put_encoded(&s, u.rest);
	if (s.n > TERM_URL_MAX)
		return ERR_INVALID;
	*out = (struct str){s.p, s.n};
	return OK;
}
