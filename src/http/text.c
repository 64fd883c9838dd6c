/* SPDX-License-Identifier: Apache-2.0 */
#include "http/text.h"

#include <string.h>

enum err http_decode(struct str *out, struct arena *arena, struct str raw, bool plus_is_space)
{
	char *text;
	size_t n = 0;

	if (str_find(raw, '\0') < raw.n)
		return ERR_PARSE;
	if (str_find(raw, '%') == raw.n && (!plus_is_space || str_find(raw, '+') == raw.n)) {
		*out = raw;
		return OK;
	}
	text = arena_alloc(arena, raw.n);
	if (!text)
		return ERR_NOMEM;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '%') {
			int high = i + 2 < raw.n ? str_hex_digit(raw.p[i + 1]) : -1;
			int low = high >= 0 ? str_hex_digit(raw.p[i + 2]) : -1;

			if (low < 0 || (high == 0 && low == 0))
				return ERR_PARSE;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		text[n++] = c;
	}
	*out = (struct str){text, n};
	return OK;
}

bool http_query_next(struct str *rest, struct str *key, struct str *value)
{
	while (rest->p) {
		struct str pair = str_cut(rest, '&');

		if (pair.n == 0)
			continue;
		*value = pair;
		*key = str_cut(value, '=');
		return true;
	}
	return false;
}

/* Index of the first such byte outside quoted strings. */
static size_t find_unquoted(struct str s, char byte)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] == byte)
			return i;
	}
	return s.n;
}

static struct str cut_unquoted(struct str *rest, char sep)
{
	size_t at = find_unquoted(*rest, sep);
	struct str head = str_slice(*rest, 0, at);

	*rest = at < rest->n ? str_from(*rest, at + 1) : STR_NONE;
	return str_trim(head);
}

static struct str unquote(struct str s)
{
	bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';

	return quoted ? str_slice(s, 1, s.n - 1) : s;
}

/* "0.8" as thousandths: a digit, then at most three after a point. */
static bool read_quality(struct str s, unsigned *out)
{
	unsigned value = 0;
	unsigned scale = 1000;

	if (s.n == 0 || s.n > 5 || (s.n > 1 && s.p[1] != '.'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (i == 1)
			continue;
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		value += (unsigned)(s.p[i] - '0') * scale;
		scale /= 10;
	}
	*out = value;
	return value <= 1000;
}

static bool type_is_clean(struct str type)
{
	size_t slash = str_find(type, '/');

	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] <= 0x20 || type.p[i] >= 0x7f || type.p[i] == '"' ||
		    (type.p[i] == '/' && i != slash))
			return false;
	return slash > 0 && slash + 1 < type.n;
}

enum err http_media_next(struct str *rest, struct http_media *out)
{
	struct http_media media = {.quality = 1000};
	struct str element = STR_NONE;

	while (rest->p && element.n == 0)
		element = cut_unquoted(rest, ',');
	if (element.n == 0)
		return ERR_NOT_FOUND;
	media.type = cut_unquoted(&element, ';');
	if (!type_is_clean(media.type))
		return ERR_PARSE;
	while (element.p) {
		struct str value = cut_unquoted(&element, ';');
		struct str name = str_trim(str_cut(&value, '='));

		value = unquote(str_trim(value));
		if (str_eq_nocase(name, S("version")))
			media.version = value;
		else if (str_eq_nocase(name, S("q")) && !read_quality(value, &media.quality))
			return ERR_PARSE;
	}
	*out = media;
	return OK;
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

/* A name or an IPv4 address, or in brackets an IPv6 address. */
static enum err read_host(struct http_url *out, struct str host)
{
	bool brackets = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';

	if (brackets)
		host = str_slice(host, 1, host.n - 1);
	if (host.n == 0 || host.n > HTTP_HOST_MAX || host.p[0] == '-')
		return ERR_PARSE;
	for (size_t i = 0; i < host.n; i++)
		if (brackets ? str_hex_digit(host.p[i]) < 0 && host.p[i] != ':' && host.p[i] != '.'
		             : !is_host_char(host.p[i]))
			return ERR_PARSE;
	out->host = host;
	return OK;
}

static enum err read_authority(struct http_url *out, struct str authority)
{
	size_t colon = authority.n;
	uint64_t port = 443;

	while (colon > 0 && authority.p[colon - 1] != ':' && authority.p[colon - 1] != ']')
		colon--;
	if (colon > 0 && authority.p[colon - 1] == ':') {
		if (str_u64(str_from(authority, colon), &port) != OK || port == 0 || port > 65535)
			return ERR_PARSE;
		colon--;
	} else {
		colon = authority.n;
	}
	out->authority = authority;
	out->port = (uint16_t)port;
	return read_host(out, str_slice(authority, 0, colon));
}

enum err http_url_parse(struct http_url *out, struct str text)
{
	struct str rest = str_from(text, sizeof("https://") - 1);
	struct http_url url = {0};
	size_t end;

	if (text.n > HTTP_URL_MAX || !str_starts(text, S("https://")))
		return ERR_PARSE;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= 0x20 || text.p[i] >= 0x7f || text.p[i] == '#')
			return ERR_PARSE;
	end = str_find(rest, '/');
	if (str_find(rest, '?') < end)
		return ERR_PARSE;
	TRY(read_authority(&url, str_slice(rest, 0, end)));
	url.target = end < rest.n ? str_from(rest, end) : S("/");
	*out = url;
	return OK;
}

void http_escape(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    str_find(S("-._~"), c) < 4)
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}
