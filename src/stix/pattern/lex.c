/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/pattern/lex.h"

#include <string.h>

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(struct str t, size_t at)
{
	return at < t.n ? t.p[at] : '\0';
}

static bool space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of white space at `at`: ASCII, or one of Unicode's spaces that the grammar names. */
static size_t space_at(struct str t, size_t at)
{
	static const char *const WIDE[] = {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8",
	    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

	if (space(t.p[at]))
		return 1;
	if ((unsigned char)t.p[at] < 0x80)
		return 0;
	for (size_t i = 0; i < sizeof(WIDE) / sizeof(WIDE[0]); i++)
		if (str_starts(str_from(t, at), str_c(WIDE[i])))
			return strlen(WIDE[i]);
	/* U+2000 to U+200A */
	if (str_starts(str_from(t, at), S("\xe2\x80")) && (unsigned char)peek(t, at + 2) >= 0x80 &&
	    (unsigned char)peek(t, at + 2) <= 0x8a)
		return 3;
	return 0;
}

static enum err wrong(struct lexer *l, size_t at, const char *what)
{
	l->failed = at;
	return fail(l->fault, ERR_PARSE, "position %zu: %s", at, what);
}

static enum err skip_comment(struct lexer *l)
{
	struct str t = l->text;
	size_t n;

	if (t.p[l->at + 1] == '/') {
		l->at += str_find(str_from(t, l->at), '\n');
		return OK;
	}
	n = str_search(str_from(t, l->at + 2), S("*/"));
	if (l->at + 2 + n >= t.n)
		return wrong(l, l->at, "a comment is never closed");
	l->at += n + 4;
	return OK;
}

static enum err skip_blank(struct lexer *l)
{
	struct str t = l->text;

	while (l->at < t.n) {
		size_t n = space_at(t, l->at);

		if (n > 0) {
			l->at += n;
			continue;
		}
		if (t.p[l->at] != '/' || (peek(t, l->at + 1) != '/' && peek(t, l->at + 1) != '*'))
			break;
		TRY(skip_comment(l));
	}
	return OK;
}

/* The text between the quotes at l->at, and behind them. */
static enum err read_quoted(struct token *out, struct lexer *l)
{
	struct str t = l->text;
	size_t start = l->at + 1;

	for (size_t i = start; i < t.n; i++) {
		if (t.p[i] == '\'') {
			out->text = str_slice(t, start, i);
			l->at = i + 1;
			return OK;
		}
		if (t.p[i] != '\\')
			continue;
		out->escaped = true;
		if (!l->lenient && peek(t, i + 1) != '\'' && peek(t, i + 1) != '\\')
			return wrong(l, i, "a backslash may only stand before ' or \\");
		i++;
	}
	return wrong(l, l->at, "a string is never closed");
}

/* The two-digit fields of "2016-04-06T20:03:48". The grammar does not know how long months are. */
static const struct {
	unsigned char at;
	unsigned char low;
	unsigned char high;
} TIME_FIELDS[] = {
    {0, 0, 99}, {2, 0, 99}, {5, 1, 12}, {8, 1, 31}, {11, 0, 23}, {14, 0, 59}, {17, 0, 60}};

static bool time_field(struct str s, size_t at, int low, int high)
{
	int v;

	if (!digit(peek(s, at)) || !digit(peek(s, at + 1)))
		return false;
	v = (s.p[at] - '0') * 10 + s.p[at + 1] - '0';
	return v >= low && v <= high;
}

bool pattern_time_valid(struct str s)
{
	static const char MARKS[] = "    -  -  T  :  :  ";
	size_t i = sizeof(MARKS) - 1;

	for (size_t k = 0; k < sizeof(TIME_FIELDS) / sizeof(TIME_FIELDS[0]); k++)
		if (!time_field(s, TIME_FIELDS[k].at, TIME_FIELDS[k].low, TIME_FIELDS[k].high))
			return false;
	for (size_t k = 0; k < i; k++)
		if (MARKS[k] != ' ' && s.p[k] != MARKS[k])
			return false;
	if (peek(s, i) == '.') {
		if (!digit(peek(s, ++i)))
			return false;
		while (digit(peek(s, i)))
			i++;
	}
	return peek(s, i) == 'Z' && i + 1 == s.n;
}

static bool hex_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (str_hex_digit(s.p[i]) < 0)
			return false;
	return s.n % 2 == 0;
}

/* Base64 of any number of bytes; line feeds are ignored (section 9.2). */
static bool base64_text(struct str s)
{
	size_t digits = 0, pads = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\n' || c == '\r')
			continue;
		if (c == '=')
			pads++;
		else if (pads > 0 || !(letter(c) || digit(c) || c == '+' || c == '/') || c == '_')
			return false;
		else
			digits++;
	}
	return (digits + pads) % 4 == 0 && pads <= 2 && (digits > 0 || pads == 0);
}

static enum err read_typed(struct token *out, struct lexer *l)
{
	char c = l->text.p[l->at];
	bool good;

	l->at++;
	TRY(read_quoted(out, l));
	out->literal = c == 't' ? PATTERN_TIME : c == 'h' ? PATTERN_HEX : PATTERN_BINARY;
	good = c == 't'   ? pattern_time_valid(out->text)
	       : c == 'h' ? hex_text(out->text)
	                  : base64_text(out->text);
	if (good)
		return OK;
	return wrong(l, out->at,
	    c == 't'   ? "not a timestamp constant"
	    : c == 'h' ? "not a hexadecimal constant"
	               : "not a base64 constant");
}

static bool number_starts(struct str t, size_t at)
{
	char c = peek(t, at);

	if (c == '+' || c == '-')
		c = peek(t, ++at);
	return digit(c) || (c == '.' && digit(peek(t, at + 1)));
}

static enum err read_number(struct token *out, struct lexer *l)
{
	struct str t = l->text;
	size_t i = l->at;
	size_t start;

	if (t.p[i] == '+' || t.p[i] == '-')
		i++;
	start = i;
	while (digit(peek(t, i)))
		i++;
	if (peek(t, i) == '.' && digit(peek(t, i + 1))) {
		for (i++; digit(peek(t, i)); i++)
			;
	} else if (i > start + 1 && t.p[start] == '0') {
		return wrong(l, l->at, "a number with a leading zero");
	}
	if (letter(peek(t, i)))
		return wrong(l, i, "a letter in a number");
	out->literal = PATTERN_NUMBER;
	out->text = str_slice(t, l->at, i);
	l->at = i;
	return OK;
}

static void read_word(struct token *out, struct lexer *l)
{
	struct str t = l->text;
	size_t i = l->at;

	while (letter(peek(t, i)) || digit(peek(t, i)) || peek(t, i) == '-')
		i++;
	out->kind = TOKEN_WORD;
	out->text = str_slice(t, l->at, i);
	l->at = i;
	if (str_eq(out->text, S("true")) || str_eq(out->text, S("false"))) {
		out->kind = TOKEN_LITERAL;
		out->literal = PATTERN_BOOL;
	}
}

/* The operators that are written with signs, in one character each. */
static char sign(struct str t, size_t at, size_t *n)
{
	char next = peek(t, at + 1);

	*n = next == '=' ? 2 : 1;
	switch (t.p[at]) {
	case '=':
		return '=';
	case '!':
		return next == '=' ? '!' : '\0';
	case '<':
		if (next == '>') {
			*n = 2;
			return '!';
		}
		return next == '=' ? 'l' : '<';
	case '>':
		return next == '=' ? 'g' : '>';
	default:
		return '\0';
	}
}

static enum err read_mark(struct token *out, struct lexer *l)
{
	const struct str single = S("[]():.,*");
	char c = l->text.p[l->at];
	size_t n = 1;

	out->mark = str_find(single, c) < single.n ? c : sign(l->text, l->at, &n);
	if (!out->mark) {
		l->failed = l->at;
		return fail(l->fault, ERR_PARSE, "position %zu: '%c' does not belong in a pattern",
		    l->at, c);
	}
	out->kind = TOKEN_MARK;
	out->text = str_slice(l->text, l->at, l->at + n);
	l->at += n;
	return OK;
}

enum err pattern_token(struct token *out, struct lexer *l)
{
	char c;

	TRY(skip_blank(l));
	*out = (struct token){.kind = TOKEN_END, .at = l->at};
	if (l->at >= l->text.n)
		return OK;
	c = l->text.p[l->at];
	out->kind = TOKEN_LITERAL;
	if (c == '\'')
		return read_quoted(out, l);
	if ((c == 't' || c == 'h' || c == 'b') && peek(l->text, l->at + 1) == '\'')
		return read_typed(out, l);
	if (number_starts(l->text, l->at))
		return read_number(out, l);
	if (!letter(c))
		return read_mark(out, l);
	read_word(out, l);
	return OK;
}
