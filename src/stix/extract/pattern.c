/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of STIX within text. */
#include <string.h>

#include "stix/extract/internal.h"
#include "stix/pattern/pattern.h"

enum { TYPE_MIN = 2, PATTERN_BYTES_MAX = 16 << 10 };

static size_t skip_space(struct str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return i;
}

static bool is_type_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* "[type:", with parentheses and NOT before the type. */
static bool begins(struct str s)
{
	size_t i = 1, from;

	for (;;) {
		i = skip_space(s, i);
		if (i < s.n && s.p[i] == '(')
			i++;
		else if (str_starts(str_from(s, i), S("NOT ")))
			i += 4;
		else
			break;
	}
	for (from = i; i < s.n && is_type_char(s.p[i]); i++)
		;
	return i - from >= TYPE_MIN && i < s.n && s.p[i] == ':' && s.p[from] >= 'a';
}

/* Behind the ']' of the observation that begins at `i`; 0: there is none. */
static size_t observation_end(struct str s, size_t i)
{
	size_t depth = 0;

	for (; i < s.n; i++) {
		char c = s.p[i];

		if (c == '[') {
			depth++;
		} else if (c == ']' && --depth == 0) {
			return i + 1;
		} else if (c == '\'') {
			for (i++; i < s.n && s.p[i] != '\''; i++)
				i += s.p[i] == '\\';
		}
	}
	return 0;
}

/* Behind a qualifier that begins at `i`, or `i`. */
static size_t qualifier_end(struct str s, size_t i)
{
	static const struct {
		const char *begin, *end;
	} QUALIFIERS[] = {{"WITHIN ", " SECONDS"}, {"REPEATS ", " TIMES"}, {"START ", "STOP t'"}};
	enum { SPAN_MAX = 80 };

	for (size_t k = 0; k < sizeof(QUALIFIERS) / sizeof(QUALIFIERS[0]); k++) {
		struct str rest = str_slice(str_from(s, i), 0, SPAN_MAX);
		struct str end = str_c(QUALIFIERS[k].end);
		size_t at = str_search(rest, end);

		if (!str_starts(rest, str_c(QUALIFIERS[k].begin)) || at == rest.n)
			continue;
		at += end.n;
		if (end.p[end.n - 1] == '\'')
			at += str_find(str_from(rest, at), '\'') + 1;
		return at <= rest.n ? i + at : i;
	}
	return i;
}

/* Behind the operator that begins at `i` and what it joins: where a '[' stands; or 0. */
static size_t joined(struct str s, size_t i)
{
	static const char *const OPERATORS[] = {"AND", "OR", "FOLLOWEDBY"};

	for (size_t k = 0; k < sizeof(OPERATORS) / sizeof(OPERATORS[0]); k++) {
		size_t at;

		if (!str_starts(str_from(s, i), str_c(OPERATORS[k])))
			continue;
		at = skip_space(s, i + strlen(OPERATORS[k]));
		return at < s.n && s.p[at] == '[' ? at : 0;
	}
	return 0;
}

size_t extract_pattern_end(struct extracting *x, struct str text)
{
	size_t most = x->pattern_bytes < PATTERN_BYTES_MAX ? x->pattern_bytes : PATTERN_BYTES_MAX;
	struct str s = str_slice(text, 0, most);
	size_t end = 0, at = 0, next, cost;

	if (!begins(s))
		return 0;
	do {
		next = observation_end(s, at);
		cost = (next ? next : s.n) - at;
		x->pattern_bytes -= cost < x->pattern_bytes ? cost : x->pattern_bytes;
		if (next == 0)
			return end;
		do {
			end = next;
			next = qualifier_end(s, skip_space(s, end));
		} while (next > skip_space(s, end));
		at = joined(s, skip_space(s, end));
	} while (at);
	return end;
}

bool extract_pattern(struct extracting *x, struct str text)
{
	struct extracted e = {.pattern = text, .written = text};
	struct term_list terms;
	struct pattern p;

	if (text.n > PATTERN_BYTES_MAX || text.n > x->pattern_bytes)
		return false;
	x->pattern_bytes -= text.n;
	arena_reset(x->scratch);
	if (pattern_parse(&p, x->scratch, text, PATTERN_READ_LENIENT, NULL) != OK)
		return false;
	if (equality_terms(&terms, x->scratch, text, NULL) != OK || terms.partial) {
		extract_add(x, &e);
		return true;
	}
	e.pattern = STR_NONE;
	for (size_t i = 0; i < terms.count && x->rc == OK; i++) {
		e.term = terms.list[i];
		extract_add(x, &e);
	}
	return true;
}
