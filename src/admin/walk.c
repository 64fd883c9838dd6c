/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/walk.h"

static struct str skip_space(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n' || s.p[0] == '\r'))
		s = str_from(s, 1);
	return s;
}

/* The length of the string that starts at s, quotes included; 0 when it does not end. */
static size_t string_length(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Up to the bracket that closes the first one; 0 when they do not pair or nest past 64. */
static size_t nested_length(struct str s)
{
	uint64_t lists = 0; /* a bit a level: it was opened by '[' */
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '"') {
			size_t n = string_length(str_from(s, i));

			if (n == 0)
				return 0;
			i += n - 1;
		} else if (c == '{' || c == '[') {
			if (++depth > 64)
				return 0;
			lists = lists << 1 | (c == '[');
		} else if (c == '}' || c == ']') {
			if ((lists & 1) != (c == ']'))
				return 0;
			lists >>= 1;
			if (--depth == 0)
				return i + 1;
		}
	}
	return 0;
}

/* Numbers and words end where something else starts. */
static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != ',' && s.p[n] != '}' && s.p[n] != ']' && s.p[n] != ':' &&
	       (unsigned char)s.p[n] > ' ')
		n++;
	return n;
}

static size_t value_length(struct str s)
{
	if (s.n == 0)
		return 0;
	if (s.p[0] == '"')
		return string_length(s);
	return s.p[0] == '{' || s.p[0] == '[' ? nested_length(s) : word_length(s);
}

enum err walk_open(struct walk *w, struct str value, char open)
{
	value = skip_space(value);
	if (value.n == 0 || value.p[0] != open)
		return ERR_PARSE;
	*w = (struct walk){str_from(value, 1), open == '{' ? '}' : ']', true};
	return OK;
}

static enum err take_key(struct str *rest, struct str *key)
{
	size_t n = rest->n && rest->p[0] == '"' ? string_length(*rest) : 0;

	if (n == 0)
		return ERR_PARSE;
	*key = str_slice(*rest, 1, n - 1);
	*rest = skip_space(str_from(*rest, n));
	if (rest->n == 0 || rest->p[0] != ':')
		return ERR_PARSE;
	*rest = skip_space(str_from(*rest, 1));
	return OK;
}

enum err walk_next(struct walk *w, struct str *key, struct str *value)
{
	struct str rest = skip_space(w->rest);
	size_t n;

	if (rest.n && rest.p[0] == w->close)
		return ERR_NOT_FOUND;
	if (!w->first) {
		if (rest.n == 0 || rest.p[0] != ',')
			return ERR_PARSE;
		rest = skip_space(str_from(rest, 1));
	}
	if (key)
		TRY(take_key(&rest, key));
	n = value_length(rest);
	if (n == 0)
		return ERR_PARSE;
	*value = str_slice(rest, 0, n);
	w->rest = str_from(rest, n);
	w->first = false;
	return OK;
}

bool walk_is_object(struct str value)
{
	struct str name = STR_NONE;
	struct str member = STR_NONE;
	struct walk w;
	enum err rc = walk_open(&w, value, '{');

	while (rc == OK)
		rc = walk_next(&w, &name, &member);
	return rc == ERR_NOT_FOUND;
}

struct str walk_find(struct str object, struct str key)
{
	struct str name = STR_NONE;
	struct str value = STR_NONE;
	struct walk w;

	if (walk_open(&w, object, '{') != OK)
		return STR_NONE;
	while (walk_next(&w, &name, &value) == OK)
		if (str_eq(name, key))
			return value;
	return STR_NONE;
}

struct str walk_text(struct str value)
{
	if (value.n < 2 || value.p[0] != '"' || str_find(value, '\\') < value.n)
		return STR_NONE;
	return str_slice(value, 1, value.n - 1);
}
