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

static enum err skip_comment(struct str t, size_t *at, struct fault *fault)
{
	size_t n;

	if (t.p[*at + 1] == '/') {
		*at += str_find(str_from(t, *at), '\n');
		return OK;
	}
	n = str_search(str_from(t, *at + 2), S("*/"));
	if (*at + 2 + n >= t.n)
		return fail(fault, ERR_PARSE, "position %zu: a comment is never closed", *at);
	*at += n + 4;
	return OK;
}

static enum err skip_blank(struct str t, size_t *at, struct fault *fault)
{
	while (*at < t.n) {
		size_t n = space_at(t, *at);

		if (n > 0) {
			*at += n;
			continue;
		}
		if (t.p[*at] != '/' || (peek(t, *at + 1) != '/' && peek(t, *at + 1) != '*'))
			break;
		TRY(skip_comment(t, at, fault));
	}
	return OK;
}

/* The text between the quotes at *at, and behind them. */
static enum err read_quoted(
    struct token *out, struct str t, size_t *at, bool lenient, struct fault *fault)
{
	size_t start = *at + 1;

	for (size_t i = start; i < t.n; i++) {
		if (t.p[i] == '\'') {
			out->text = str_slice(t, start, i);
			*at = i + 1;
			return OK;
		}
		if (t.p[i] != '\\')
			continue;
		out->escaped = true;
		if (!lenient && peek(t, i + 1) != '\'' && peek(t, i + 1) != '\\')
			return fail(fault, ERR_PARSE,
			    "position %zu: a backslash may only stand before ' or \\", i);
		i++;
	}
	return fail(fault, ERR_PARSE, "position %zu: a string is never closed", *at);
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

static bool timestamp(struct str s)
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

static enum err read_typed(
    struct token *out, struct str t, size_t *at, bool lenient, struct fault *fault)
{
	char c = t.p[*at];
	bool good;

	*at += 1;
	TRY(read_quoted(out, t, at, lenient, fault));
	out->literal = c == 't' ? PATTERN_TIME : c == 'h' ? PATTERN_HEX : PATTERN_BINARY;
	good = c == 't'   ? timestamp(out->text)
	       : c == 'h' ? hex_text(out->text)
	                  : base64_text(out->text);
	if (good)
		return OK;
	return fail(fault, ERR_PARSE, "position %zu: not a %s constant", out->at,
	    c == 't'   ? "timestamp"
	    : c == 'h' ? "hexadecimal"
	               : "base64");
}

static bool number_starts(struct str t, size_t at)
{
	char c = peek(t, at);

	if (c == '+' || c == '-')
		c = peek(t, ++at);
	return digit(c) || (c == '.' && digit(peek(t, at + 1)));
}

static enum err read_number(struct token *out, struct str t, size_t *at, struct fault *fault)
{
	size_t i = *at;
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
		return fail(fault, ERR_PARSE, "position %zu: a number with a leading zero", *at);
	}
	if (letter(peek(t, i)))
		return fail(fault, ERR_PARSE, "position %zu: a letter in a number", i);
	out->literal = PATTERN_NUMBER;
	out->text = str_slice(t, *at, i);
	*at = i;
	return OK;
}

static void read_word(struct token *out, struct str t, size_t *at)
{
	size_t i = *at;

	while (letter(peek(t, i)) || digit(peek(t, i)) || peek(t, i) == '-')
		i++;
	out->kind = TOKEN_WORD;
	out->text = str_slice(t, *at, i);
	*at = i;
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
		return '<';
	case '>':
		return '<';
	default:
		return '\0';
	}
}

static enum err read_mark(struct token *out, struct str t, size_t *at, struct fault *fault)
{
	const struct str single = S("[]():.,*");
	size_t n = 1;

	out->mark = str_find(single, t.p[*at]) < single.n ? t.p[*at] : sign(t, *at, &n);
	if (!out->mark)
		return fail(fault, ERR_PARSE, "position %zu: '%c' does not belong in a pattern",
		    *at, t.p[*at]);
	out->kind = TOKEN_MARK;
	out->text = str_slice(t, *at, *at + n);
	*at += n;
	return OK;
}

enum err pattern_token(
    struct token *out, struct str text, size_t *at, bool lenient, struct fault *fault)
{
	char c;

	TRY(skip_blank(text, at, fault));
	*out = (struct token){.kind = TOKEN_END, .at = *at};
	if (*at >= text.n)
		return OK;
	c = text.p[*at];
	out->kind = TOKEN_LITERAL;
	if (c == '\'')
		return read_quoted(out, text, at, lenient, fault);
	if ((c == 't' || c == 'h' || c == 'b') && peek(text, *at + 1) == '\'')
		return read_typed(out, text, at, lenient, fault);
	if (number_starts(text, *at))
		return read_number(out, text, at, fault);
	if (!letter(c))
		return read_mark(out, text, at, fault);
	read_word(out, text, at);
	return OK;
}
