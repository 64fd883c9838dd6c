/* SPDX-License-Identifier: Apache-2.0 */
/* One word of text to the values in it. */
#include <string.h>

#include "stix/extract/internal.h"

enum { WORD_MAX = TERM_URL_MAX, COLONS_MAX = 8 };

/* Ends of names that are files', where no top-level domain is called so. */
static const char *const FILES[] = {"7z", "apk", "asp", "aspx", "avi", "bak", "bat", "bin", "bmp",
    "cfg", "class", "cmd", "cpp", "css", "csv", "dat", "dll", "dmg", "doc", "docm", "docx", "elf",
    "eml", "exe", "gif", "gz", "hta", "htm", "html", "ico", "img", "ini", "iso", "jar", "jpeg",
    "jpg", "js", "json", "jsp", "lnk", "log", "msg", "msi", "ocx", "odt", "pcap", "pdf", "php",
    "png", "ppt", "pptx", "ps1", "rar", "reg", "rtf", "scr", "sha256", "sqlite", "svg", "sys",
    "tar", "tgz", "tmp", "txt", "vbe", "vbs", "wsf", "xls", "xlsm", "xlsx", "xml", "yaml", "yml"};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_letters(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]))
			return false;
	return true;
}

/* Whether a name ends like one of the Internet's rather than like a file's or a sentence. */
static bool plausible_name(struct str name)
{
	size_t dot = name.n;
	struct str last;

	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	last = str_from(name, dot);
	if (last.n < 2 || (!all_letters(last) && !str_starts(last, S("xn--"))))
		return false;
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++)
		if (str_eq(last, str_c(FILES[i])))
			return false;
	return true;
}

static struct str host_of(const struct term *url)
{
	size_t at = str_search(url->value, S("://"));
	struct str host = str_from(url->value, at + 3);

	host = str_slice(host, 0, str_find(host, '/'));
	return str_starts(host, S("[")) ? str_slice(host, 1, str_find(host, ']'))
	                                : str_slice(host, 0, str_find(host, ':'));
}

static bool plausible(const struct term *t)
{
	struct str name;

	if (t->kind == TERM_IPV6)
		return t->value.n == 16 && memcmp(t->value.p, (const char[16]){0}, 16) != 0;
	if (t->kind != TERM_DOMAIN && t->kind != TERM_EMAIL && t->kind != TERM_URL)
		return true;
	name = t->kind == TERM_URL ? host_of(t) : t->value;
	if (t->kind == TERM_URL &&
	    (str_find(name, ':') < name.n ||
	        (name.n && name.p[name.n - 1] >= '0' && name.p[name.n - 1] <= '9')))
		return true; /* an address */
	return plausible_name(name);
}

/* ---- URLs ---- */

/* A URL's host is hunted too: names and TLS tell of it where no path is seen. */
static void add_host(struct extracting *x, const struct term *url, struct str written)
{
	struct extracted e = {.written = written};

	if (term_guess(&e.term, x->scratch, host_of(url)) == OK)
		extract_add(x, &e);
}

/* The value that the text is as a whole. */
static bool whole(struct extracting *x, struct str text, struct str written)
{
	struct extracted e = {.written = written};

	if (text.n < 3 || text.n > WORD_MAX)
		return false;
	arena_reset(x->scratch);
	if (term_guess(&e.term, x->scratch, text) != OK || !plausible(&e.term))
		return false;
	extract_add(x, &e);
	if (e.term.kind == TERM_URL)
		add_host(x, &e.term, written);
	return true;
}

/* What ends a sentence, a list or a parenthesis around the URL is not the URL's. */
static struct str trim_url(struct str s)
{
	while (s.n > 0) {
		char c = s.p[s.n - 1];
		struct str rest = str_slice(s, 0, s.n - 1);

		if (strchr(".,;:!?'*\\", c) == NULL &&
		    !(c == ')' && str_find(rest, '(') == rest.n) &&
		    !(c == ']' && str_find(rest, '[') == rest.n))
			break;
		s = rest;
	}
	return s;
}

/* Where the scheme before "://" at `at` begins. */
static size_t scheme_before(struct str s, size_t at)
{
	size_t i = at;

	while (i > 0 && (is_letter(s.p[i - 1]) || s.p[i - 1] == '*' || s.p[i - 1] == '+'))
		i--;
	while (i < at && !is_letter(s.p[i]))
		i++;
	return i;
}

/* The end of the URL that begins at `from`: another may follow behind a comma. */
static size_t url_end(struct str s, size_t from, size_t colon)
{
	size_t next = colon + 3 + str_search(str_from(s, colon + 3), S("://"));

	if (next < s.n) {
		size_t begin = scheme_before(s, next);

		if (begin > from && strchr(",;|", s.p[begin - 1]))
			return begin - 1;
	}
	return s.n;
}

/* ---- all else ---- */

static bool has_slash(struct str s)
{
	return str_find(s, '/') < s.n;
}

/* Whether a value may go on over this byte. */
static bool goes_on(struct str before, char c)
{
	if (strchr(",;()[]'*!$\\", c))
		return false;
	return !strchr("=&#?", c) || has_slash(before);
}

static bool certificate(struct extracting *x, struct str s)
{
	static const enum term_kind KINDS[] = {TERM_CERT_MD5, TERM_CERT_SHA1, TERM_CERT_SHA256};
	struct extracted e = {.written = s};

	arena_reset(x->scratch);
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		if (s.n < 3 || s.p[2] != ':' ||
		    term_canonical(&e.term, x->scratch, KINDS[i], s) != OK)
			continue;
		extract_add(x, &e);
		return true;
	}
	return false;
}

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* "203.0.113.7:443", "md5:d41d...": what is before or behind a colon. */
static void around_colon(struct extracting *x, struct str s)
{
	struct str rest = s;

	for (int i = 0; i < COLONS_MAX && rest.p; i++) {
		size_t last = rest.n;

		if (whole(x, rest, rest))
			return;
		while (last > 0 && rest.p[last - 1] != ':')
			last--;
		if (last > 1 && all_digits(str_from(rest, last)) &&
		    whole(x, str_slice(rest, 0, last - 1), rest))
			return;
		(void)str_cut(&rest, ':');
	}
}

static struct str trim_word(struct str s)
{
	while (s.n > 0 && strchr(".-_/?@+~%:", s.p[0]) && !str_starts(s, S("::")))
		s = str_from(s, 1);
	while (s.n > 0 && strchr(".-_?@+~%:", s.p[s.n - 1]) && !str_ends(s, S("::")))
		s = str_slice(s, 0, s.n - 1);
	return s;
}

static void find_word(struct extracting *x, struct str text, struct str written)
{
	struct str s = trim_word(text);

	if (s.n < 3 || s.n > WORD_MAX || whole(x, s, s.n == text.n ? written : s) ||
	    str_find(s, ':') == s.n || certificate(x, s))
		return;
	around_colon(x, s);
}

static void find_words(struct extracting *x, struct str text, struct str written)
{
	size_t from = 0;

	for (size_t i = 0; i <= text.n && x->rc == OK; i++) {
		struct str before = str_slice(text, from, i);

		if (i < text.n && goes_on(before, text.p[i]))
			continue;
		if (before.n)
			find_word(x, before, before.n == text.n ? written : before);
		from = i + 1;
	}
}

void extract_token(struct extracting *x, struct str token, struct str written)
{
	struct str rest = token;

	while (rest.n > 0 && x->rc == OK) {
		size_t colon = str_search(rest, S("://"));
		size_t from, end;
		struct str url;

		if (colon == rest.n) {
			find_words(x, rest, rest.n == token.n ? written : rest);
			return;
		}
		from = scheme_before(rest, colon);
		end = url_end(rest, from, colon);
		find_words(x, str_slice(rest, 0, from), str_slice(rest, 0, from));
		url = trim_url(str_slice(rest, from, end));
		if (!whole(x, url, url.n == token.n ? written : url))
			find_words(x, str_from(str_slice(rest, 0, end), colon + 3),
			    str_from(str_slice(rest, 0, end), colon + 3));
		rest = str_from(rest, end);
	}
}
