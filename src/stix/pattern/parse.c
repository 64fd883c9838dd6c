/* SPDX-License-Identifier: Apache-2.0 */
/* Recursive descent over the grammar of section 9, one function a rule. Nothing is kept but the
 * comparisons; where two are joined by more than OR, they lose their mark `alone`. */
#include "stix/pattern/pattern.h"

#include <string.h>

#include "stix/pattern/lex.h"

struct parser {
	struct arena *arena;
	struct str text;
	bool lenient;
	size_t at;
	struct token token; /* the next one */
	struct pattern_test *tests;
	size_t count;
	size_t cap;
	size_t depth;
	struct fault *fault;
};

static enum err advance(struct parser *p)
{
	return pattern_token(&p->token, p->text, &p->at, p->lenient, p->fault);
}

static enum err expected(const struct parser *p, const char *what)
{
	if (p->token.kind == TOKEN_END)
		return fail(p->fault, ERR_PARSE,
		    "position %zu: the pattern ends where %s is expected", p->token.at, what);
	return fail(p->fault, ERR_PARSE, "position %zu: %s expected", p->token.at, what);
}

static bool at_mark(const struct parser *p, char mark)
{
	return p->token.kind == TOKEN_MARK && p->token.mark == mark;
}

static bool at_word(const struct parser *p, struct str word)
{
	if (p->token.kind != TOKEN_WORD || p->token.text.n != word.n)
		return false;
	return p->lenient ? str_eq_nocase(p->token.text, word) : str_eq(p->token.text, word);
}

static enum err take_mark(struct parser *p, char mark, const char *what)
{
	return at_mark(p, mark) ? advance(p) : expected(p, what);
}

static enum err take_word(struct parser *p, struct str word)
{
	return at_word(p, word) ? advance(p) : expected(p, word.p);
}

static enum err deeper(struct parser *p)
{
	if (++p->depth > PATTERN_DEPTH_MAX)
		return fail(p->fault, ERR_LIMIT, "position %zu: nested deeper than %d parentheses",
		    p->token.at, PATTERN_DEPTH_MAX);
	return OK;
}

static void not_alone(struct parser *p, size_t from)
{
	for (size_t i = from; i < p->count; i++)
		p->tests[i].alone = false;
}

static enum err add_test(struct parser *p, const struct pattern_test *test)
{
	if (p->count == PATTERN_TESTS_MAX)
		return fail(p->fault, ERR_LIMIT, "more than %d comparisons", PATTERN_TESTS_MAX);
	if (p->count == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 4;
		struct pattern_test *tests = arena_array(p->arena, cap, sizeof(*tests));

		if (!tests)
			return fail(p->fault, ERR_NOMEM, "no memory for %zu comparisons", cap);
		if (p->count)
			memcpy(tests, p->tests, p->count * sizeof(*tests));
		p->tests = tests;
		p->cap = cap;
	}
	p->tests[p->count++] = *test;
	return OK;
}

static enum err unescape(struct str *out, struct arena *arena, const struct token *token)
{
	char *p;
	size_t n = 0;

	if (!token->escaped) {
		*out = token->text;
		return OK;
	}
	p = arena_alloc(arena, token->text.n);
	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < token->text.n; i++) {
		char next = i + 1 < token->text.n ? token->text.p[i + 1] : '\0';

		/* Leniently read, a backslash before another character stands for itself. */
		if (token->text.p[i] == '\\' && (next == '\\' || next == '\''))
			i++;
		p[n++] = token->text.p[i];
	}
	*out = (struct str){p, n};
	return OK;
}

static enum err take_literal(struct parser *p, struct pattern_value *value, const char *what)
{
	if (p->token.kind != TOKEN_LITERAL)
		return expected(p, what);
	value->kind = p->token.literal;
	value->text = p->token.text;
	if (value->kind == PATTERN_STRING)
		TRY(unescape(&value->text, p->arena, &p->token));
	return advance(p);
}

static enum err take_string(struct parser *p, struct pattern_value *value)
{
	if (p->token.kind != TOKEN_LITERAL || p->token.literal != PATTERN_STRING)
		return expected(p, "a string in single quotes");
	return take_literal(p, value, "a string");
}

static bool hyphenated(struct str word)
{
	return str_find(word, '-') < word.n;
}

/* A step behind ':' or '.': a name, or a string where the name has other characters. */
static enum err take_step(struct parser *p)
{
	if (p->token.kind == TOKEN_LITERAL && p->token.literal == PATTERN_STRING)
		return advance(p);
	if (p->token.kind == TOKEN_LITERAL && p->token.literal == PATTERN_BOOL)
		return expected(p, "a property's name");
	if (p->token.kind != TOKEN_WORD)
		return expected(p, "a property's name");
	if (!p->lenient && hyphenated(p->token.text))
		return fail(p->fault, ERR_PARSE,
		    "position %zu: a path step with a hyphen must stand in single quotes",
		    p->token.at);
	return advance(p);
}

static enum err take_index(struct parser *p)
{
	bool number = p->token.kind == TOKEN_LITERAL && p->token.literal == PATTERN_NUMBER &&
	              str_find(p->token.text, '.') == p->token.text.n;

	if (!number && !at_mark(p, '*'))
		return expected(p, "a list index or *");
	TRY(advance(p));
	return take_mark(p, ']', "']'");
}

/* Where the token before the next one ends: the lexer stands behind the next one. */
static struct str path_until(const struct parser *p, size_t start)
{
	return str_trim(str_slice(p->text, start, p->token.at));
}

static enum err take_path(struct parser *p, struct pattern_test *test)
{
	size_t start;

	if (p->token.kind != TOKEN_WORD)
		return expected(p, "an object type");
	test->type = p->token.text;
	test->at = p->token.at;
	TRY(advance(p));
	start = p->at;
	TRY(take_mark(p, ':', "':'"));
	TRY(take_step(p));
	while (at_mark(p, '.') || at_mark(p, '[')) {
		bool index = at_mark(p, '[');

		TRY(advance(p));
		TRY(index ? take_index(p) : take_step(p));
	}
	test->path = path_until(p, start);
	return OK;
}

static enum err take_set(struct parser *p, struct pattern_test *test)
{
	size_t cap = 0;

	TRY(take_mark(p, '(', "'('"));
	while (!at_mark(p, ')')) {
		if (test->value_count > 0)
			TRY(take_mark(p, ',', "',' or ')'"));
		if (test->value_count == PATTERN_TESTS_MAX)
			return fail(p->fault, ERR_LIMIT, "more than %d values", PATTERN_TESTS_MAX);
		if (test->value_count == cap) {
			size_t more = cap ? cap * 2 : 8;
			struct pattern_value *values = arena_array(p->arena, more, sizeof(*values));

			if (!values)
				return fail(p->fault, ERR_NOMEM, "no memory for %zu values", more);
			if (cap)
				memcpy(values, test->values, cap * sizeof(*values));
			test->values = values;
			cap = more;
		}
		TRY(take_literal(p, &test->values[test->value_count], "a constant"));
		test->value_count++;
	}
	return advance(p);
}

static const struct {
	struct str word;
	enum pattern_op op;
} WORDS[] = {
    {{"IN", 2}, PATTERN_IN},
    {{"LIKE", 4}, PATTERN_LIKE},
    {{"MATCHES", 7}, PATTERN_MATCHES},
    {{"ISSUBSET", 8}, PATTERN_ISSUBSET},
    {{"ISSUPERSET", 10}, PATTERN_ISSUPERSET},
};

static bool at_operator(const struct parser *p, enum pattern_op *op)
{
	if (at_mark(p, '=') || at_mark(p, '!') || at_mark(p, '<')) {
		*op = p->token.mark == '='   ? PATTERN_EQUAL
		      : p->token.mark == '!' ? PATTERN_NOT_EQUAL
		                             : PATTERN_ORDER;
		return true;
	}
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		if (at_word(p, WORDS[i].word)) {
			*op = WORDS[i].op;
			return true;
		}
	return false;
}

static enum err take_operand(struct parser *p, struct pattern_test *test)
{
	bool literal = test->op <= PATTERN_ORDER;

	if (test->op == PATTERN_IN)
		return take_set(p, test);
	test->values = arena_alloc(p->arena, sizeof(*test->values));
	if (!test->values)
		return fail(p->fault, ERR_NOMEM, "no memory for a constant");
	test->value_count = 1;
	if (!literal)
		return take_string(p, test->values);
	TRY(take_literal(p, test->values, "a constant"));
	if (test->op == PATTERN_ORDER && test->values->kind == PATTERN_BOOL)
		return fail(
		    p->fault, ERR_PARSE, "position %zu: true and false have no order", test->at);
	return OK;
}

static enum err take_exists(struct parser *p, bool negated)
{
	struct pattern_test test = {.op = PATTERN_EXISTS, .negated = negated, .alone = true};

	TRY(advance(p));
	TRY(take_path(p, &test));
	return add_test(p, &test);
}

static enum err take_test(struct parser *p)
{
	struct pattern_test test = {.alone = true};

	TRY(take_path(p, &test));
	if (at_word(p, S("NOT"))) {
		test.negated = true;
		TRY(advance(p));
	}
	if (!at_operator(p, &test.op))
		return expected(p, "a comparison operator");
	TRY(advance(p));
	TRY(take_operand(p, &test));
	return add_test(p, &test);
}

static enum err comparison_or(struct parser *p);

/* A comparison, or an expression in parentheses. */
static enum err comparison(struct parser *p)
{
	struct parser before;

	if (at_mark(p, '(')) {
		TRY(deeper(p));
		TRY(advance(p));
		TRY(comparison_or(p));
		p->depth--;
		return take_mark(p, ')', "')'");
	}
	if (at_word(p, S("NOT"))) {
		before = *p;
		TRY(advance(p));
		if (at_word(p, S("EXISTS")))
			return take_exists(p, true);
		*p = before;
	}
	if (at_word(p, S("EXISTS")))
		return take_exists(p, false);
	return take_test(p);
}

static enum err comparison_and(struct parser *p)
{
	size_t first = p->count;

	TRY(comparison(p));
	while (at_word(p, S("AND"))) {
		TRY(advance(p));
		TRY(comparison(p));
		not_alone(p, first);
	}
	return OK;
}

static enum err comparison_or(struct parser *p)
{
	TRY(comparison_and(p));
	while (at_word(p, S("OR"))) {
		TRY(advance(p));
		TRY(comparison_and(p));
	}
	return OK;
}

enum qualifier { START_STOP = 1, WITHIN = 2, REPEATS = 4 };

static bool positive_number(const struct parser *p, bool fraction)
{
	return p->token.kind == TOKEN_LITERAL && p->token.literal == PATTERN_NUMBER &&
	       p->token.text.p[0] != '-' &&
	       (fraction || str_find(p->token.text, '.') == p->token.text.n);
}

/* STIX 2.0 wrote the times of START and STOP as strings. */
static enum err take_time(struct parser *p)
{
	if (p->token.kind != TOKEN_LITERAL ||
	    (p->token.literal != PATTERN_TIME &&
	        !(p->lenient && p->token.literal == PATTERN_STRING)))
		return expected(p, "a timestamp t'...'");
	return advance(p);
}

static enum err take_qualifier(struct parser *p, enum qualifier which)
{
	TRY(advance(p));
	if (which == START_STOP) {
		TRY(take_time(p));
		TRY(take_word(p, S("STOP")));
		return take_time(p);
	}
	if (!positive_number(p, which == WITHIN))
		return expected(p, "a positive number");
	TRY(advance(p));
	return take_word(p, which == WITHIN ? S("SECONDS") : S("TIMES"));
}

static bool at_qualifier(const struct parser *p, enum qualifier *which)
{
	*which = at_word(p, S("START")) ? START_STOP : at_word(p, S("WITHIN")) ? WITHIN : REPEATS;
	return *which != REPEATS || at_word(p, S("REPEATS"));
}

/* Qualifiers bind to what stands before them. The same one twice on one expression is refused, but
 * for WITHIN, where the narrower window simply wins. */
static enum err take_qualifiers(struct parser *p, size_t first)
{
	unsigned seen = 0;
	enum qualifier which;

	while (at_qualifier(p, &which)) {
		if (seen & which & (START_STOP | REPEATS))
			return fail(p->fault, ERR_PARSE,
			    "position %zu: the same qualifier twice on one expression",
			    p->token.at);
		seen |= which;
		TRY(take_qualifier(p, which));
		not_alone(p, first);
	}
	return OK;
}

static enum err observations(struct parser *p);

static enum err observation(struct parser *p)
{
	size_t first = p->count;

	if (at_mark(p, '[')) {
		TRY(advance(p));
		TRY(comparison_or(p));
		TRY(take_mark(p, ']', "']'"));
	} else if (at_mark(p, '(')) {
		TRY(deeper(p));
		TRY(advance(p));
		TRY(observations(p));
		p->depth--;
		TRY(take_mark(p, ')', "')'"));
	} else {
		return expected(p, "'['");
	}
	return take_qualifiers(p, first);
}

static enum err observation_and(struct parser *p)
{
	size_t first = p->count;

	TRY(observation(p));
	while (at_word(p, S("AND"))) {
		TRY(advance(p));
		TRY(observation(p));
		not_alone(p, first);
	}
	return OK;
}

static enum err observation_or(struct parser *p)
{
	TRY(observation_and(p));
	while (at_word(p, S("OR"))) {
		TRY(advance(p));
		TRY(observation_and(p));
	}
	return OK;
}

static enum err observations(struct parser *p)
{
	size_t first = p->count;

	TRY(observation_or(p));
	while (at_word(p, S("FOLLOWEDBY"))) {
		TRY(advance(p));
		TRY(observation_or(p));
		not_alone(p, first);
	}
	return OK;
}

enum err pattern_parse(
    struct pattern *out, struct arena *arena, struct str text, bool lenient, struct fault *fault)
{
	struct parser p = {.arena = arena, .text = text, .lenient = lenient, .fault = fault};

	TRY(advance(&p));
	TRY(observations(&p));
	if (p.token.kind != TOKEN_END)
		return expected(&p, "the end of the pattern");
	*out = (struct pattern){p.tests, p.count};
	return OK;
}
