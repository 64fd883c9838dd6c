/* SPDX-License-Identifier: Apache-2.0 */
/* Recursive descent over the grammar of section 9, one function a rule. Where two comparisons are
 * joined by more than OR, they lose their mark `alone`. */
#include "stix/pattern/pattern.h"

#include <stdint.h>
#include <string.h>

#include "stix/pattern/lex.h"

struct parser {
	struct arena *arena;
	struct lexer lexer;
	enum pattern_reading reading;
	struct token token; /* the next one */
	struct pattern_test *tests;
	size_t count;
	size_t cap;
	size_t depth;
	struct fault *fault;
};

static enum err advance(struct parser *p)
{
	return pattern_token(&p->token, &p->lexer);
}

static enum err wrong(struct parser *p, enum err code, size_t at, const char *what)
{
	p->lexer.failed = at;
	return fail(p->fault, code, "position %zu: %s", at, what);
}

static enum err expected(struct parser *p, const char *what)
{
	p->lexer.failed = p->token.at;
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
	return p->lexer.lenient ? str_eq_nocase(p->token.text, word) : str_eq(p->token.text, word);
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
		return wrong(p, ERR_LIMIT, p->token.at, "parentheses are nested too deep");
	return OK;
}

static enum err no_memory(struct parser *p)
{
	return fail(p->fault, ERR_NOMEM, "no memory for a pattern of %zu bytes", p->lexer.text.n);
}

static enum err add_node(struct pattern_node **out, struct parser *p, enum pattern_node_kind kind)
{
	struct pattern_node *node = arena_zalloc(p->arena, sizeof(*node));

	if (!node)
		return no_memory(p);
	node->kind = kind;
	node->at = p->token.at;
	*out = node;
	return OK;
}

static void not_alone(struct parser *p, size_t from)
{
	for (size_t i = from; i < p->count; i++)
		p->tests[i].alone = false;
}

static enum err add_test(
    struct pattern_node **out, struct parser *p, const struct pattern_test *test)
{
	TRY(add_node(out, p, PATTERN_TEST));
	(*out)->at = test->at;
	(*out)->test = p->count;
	if (p->count == PATTERN_TESTS_MAX)
		return fail(p->fault, ERR_LIMIT, "more than %d comparisons", PATTERN_TESTS_MAX);
	if (p->count == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 4;
		struct pattern_test *tests = arena_array(p->arena, cap, sizeof(*tests));

		if (!tests)
			return no_memory(p);
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
	value->at = p->token.at;
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

static enum err add_step(struct parser *p, struct pattern_test *test, struct pattern_step step)
{
	if (test->step_count == PATTERN_STEPS_MAX)
		return wrong(p, ERR_LIMIT, p->token.at, "an object path with too many steps");
	/* Room grows by doubling: at 1, 2, 4 ... steps. */
	if ((test->step_count & (test->step_count - 1)) == 0) {
		size_t cap = test->step_count ? 2 * test->step_count : 1;
		struct pattern_step *steps = arena_array(p->arena, cap, sizeof(*steps));

		if (!steps)
			return no_memory(p);
		if (test->step_count)
			memcpy(steps, test->steps, test->step_count * sizeof(*steps));
		test->steps = steps;
	}
	test->steps[test->step_count++] = step;
	return advance(p);
}

/* A step behind ':' or '.': a name, or a string where the name has other characters. */
static enum err take_step(struct parser *p, struct pattern_test *test)
{
	struct pattern_step step = {.kind = PATTERN_KEY, .key = p->token.text};

	if (p->token.kind == TOKEN_LITERAL && p->token.literal == PATTERN_STRING) {
		if (unescape(&step.key, p->arena, &p->token) != OK)
			return no_memory(p);
		return add_step(p, test, step);
	}
	if (p->token.kind != TOKEN_WORD)
		return expected(p, "a property's name");
	if (!p->lexer.lenient && hyphenated(p->token.text))
		return wrong(p, ERR_PARSE, p->token.at,
		    "a path step with a hyphen must stand in single quotes");
	return add_step(p, test, step);
}

static enum err take_index(struct parser *p, struct pattern_test *test)
{
	bool number = p->token.kind == TOKEN_LITERAL && p->token.literal == PATTERN_NUMBER &&
	              str_find(p->token.text, '.') == p->token.text.n;
	struct pattern_step step = {.kind = number ? PATTERN_INDEX : PATTERN_EACH};
	uint64_t index = SIZE_MAX;

	if (!number && !at_mark(p, '*'))
		return expected(p, "a list index or *");
	/* A negative index, and one past 64 bits, is of no list. */
	if (str_u64(str_from(p->token.text, p->token.text.p[0] == '+'), &index) != OK)
		index = SIZE_MAX;
	step.index = (size_t)index;
	TRY(add_step(p, test, step));
	return take_mark(p, ']', "']'");
}

/* Where the token before the next one ends: the lexer stands behind the next one. */
static struct str path_until(const struct parser *p, size_t start)
{
	return str_trim(str_slice(p->lexer.text, start, p->token.at));
}

static enum err take_path(struct parser *p, struct pattern_test *test)
{
	size_t start;

	if (p->token.kind != TOKEN_WORD)
		return expected(p, "an object type");
	test->type = p->token.text;
	test->at = p->token.at;
	TRY(advance(p));
	start = p->lexer.at;
	TRY(take_mark(p, ':', "':'"));
	TRY(take_step(p, test));
	while (at_mark(p, '.') || at_mark(p, '[')) {
		bool index = at_mark(p, '[');

		TRY(advance(p));
		TRY(index ? take_index(p, test) : take_step(p, test));
	}
	test->path = path_until(p, start);
	return OK;
}

/* Integers and floats are compared by value, so they may stand in one list (section 9.2). */
static bool one_kind(const struct pattern_value *a, const struct pattern_value *b)
{
	bool bytes_a = a->kind == PATTERN_HEX || a->kind == PATTERN_BINARY;
	bool bytes_b = b->kind == PATTERN_HEX || b->kind == PATTERN_BINARY;

	return a->kind == b->kind || (bytes_a && bytes_b);
}

static enum err take_member(struct parser *p, struct pattern_test *test, size_t *cap)
{
	struct pattern_value *value;

	if (test->value_count == PATTERN_TESTS_MAX)
		return wrong(p, ERR_LIMIT, p->token.at, "a list with too many values");
	if (test->value_count == *cap) {
		size_t more = *cap ? *cap * 2 : 8;
		struct pattern_value *values = arena_array(p->arena, more, sizeof(*values));

		if (!values)
			return no_memory(p);
		if (*cap)
			memcpy(values, test->values, *cap * sizeof(*values));
		test->values = values;
		*cap = more;
	}
	value = &test->values[test->value_count];
	TRY(take_literal(p, value, "a constant"));
	test->value_count++;
	if (!p->lexer.lenient && !one_kind(test->values, value))
		return wrong(p, ERR_PARSE, value->at, "the constants of a list are of one type");
	return OK;
}

static enum err take_set(struct parser *p, struct pattern_test *test)
{
	size_t cap = 0;

	TRY(take_mark(p, '(', "'('"));
	while (!at_mark(p, ')')) {
		if (test->value_count > 0)
			TRY(take_mark(p, ',', "',' or ')'"));
		TRY(take_member(p, test, &cap));
	}
	return advance(p);
}

static const struct {
	char mark;
	enum pattern_op op;
} SIGNS[] = {
    {'=', PATTERN_EQUAL},
    {'!', PATTERN_NOT_EQUAL},
    {'<', PATTERN_LESS},
    {'l', PATTERN_LESS_EQUAL},
    {'>', PATTERN_GREATER},
    {'g', PATTERN_GREATER_EQUAL},
};

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
	for (size_t i = 0; i < sizeof(SIGNS) / sizeof(SIGNS[0]); i++)
		if (at_mark(p, SIGNS[i].mark)) {
			*op = SIGNS[i].op;
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
	if (test->op == PATTERN_IN)
		return take_set(p, test);
	test->values = arena_zalloc(p->arena, sizeof(*test->values));
	if (!test->values)
		return no_memory(p);
	test->value_count = 1;
	if (test->op > PATTERN_GREATER_EQUAL)
		return take_string(p, test->values);
	TRY(take_literal(p, test->values, "a constant"));
	if (test->op >= PATTERN_LESS && test->values->kind == PATTERN_BOOL)
		return wrong(p, ERR_PARSE, test->at, "true and false have no order");
	return OK;
}

static enum err take_exists(struct pattern_node **out, struct parser *p, bool negated)
{
	struct pattern_test test = {.op = PATTERN_EXISTS, .negated = negated, .alone = true};

	TRY(advance(p));
	TRY(take_path(p, &test));
	return add_test(out, p, &test);
}

static enum err take_test(struct pattern_node **out, struct parser *p)
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
	return add_test(out, p, &test);
}

typedef enum err (*rule)(struct pattern_node **out, struct parser *p);

/* PART, or PART WORD PART ... as one node over its parts. `together`: they make the pattern true
 * only together. */
static enum err take_joined(struct pattern_node **out, struct parser *p, rule part, struct str word,
    enum pattern_node_kind kind, bool together)
{
	size_t first = p->count, at = p->token.at;
	struct pattern_node *list, *last = NULL;

	TRY(part(&last, p));
	*out = last;
	if (!at_word(p, word))
		return OK;
	TRY(add_node(&list, p, kind));
	list->at = at;
	list->first = last;
	*out = list;
	while (last && at_word(p, word)) {
		TRY(advance(p));
		TRY(part(&last->next, p));
		last = last->next;
		if (together)
			not_alone(p, first);
	}
	return OK;
}

static enum err comparison_or(struct pattern_node **out, struct parser *p);

/* A comparison, or an expression in parentheses. */
static enum err comparison(struct pattern_node **out, struct parser *p)
{
	struct parser before;

	if (at_mark(p, '(')) {
		TRY(deeper(p));
		TRY(advance(p));
		TRY(comparison_or(out, p));
		p->depth--;
		return take_mark(p, ')', "')'");
	}
	if (at_word(p, S("NOT"))) {
		before = *p;
		TRY(advance(p));
		if (at_word(p, S("EXISTS")))
			return take_exists(out, p, true);
		*p = before;
	}
	if (at_word(p, S("EXISTS")))
		return take_exists(out, p, false);
	return take_test(out, p);
}

static enum err comparison_and(struct pattern_node **out, struct parser *p)
{
	return take_joined(out, p, comparison, S("AND"), PATTERN_ALL, true);
}

static enum err comparison_or(struct pattern_node **out, struct parser *p)
{
	return take_joined(out, p, comparison_and, S("OR"), PATTERN_ANY, false);
}

static bool positive_number(const struct parser *p, bool fraction)
{
	return p->token.kind == TOKEN_LITERAL && p->token.literal == PATTERN_NUMBER &&
	       p->token.text.p[0] != '-' &&
	       (fraction || str_find(p->token.text, '.') == p->token.text.n);
}

static bool zero(struct str number)
{
	for (size_t i = 0; i < number.n; i++)
		if (number.p[i] >= '1' && number.p[i] <= '9')
			return false;
	return true;
}

static enum err take_time(struct parser *p, struct str *out)
{
	if (p->token.kind != TOKEN_LITERAL ||
	    (p->token.literal != PATTERN_TIME &&
	        !(p->lexer.lenient && p->token.literal == PATTERN_STRING)))
		return expected(p, "a timestamp t'...'");
	*out = p->token.text;
	return advance(p);
}

static enum err take_qualifier(struct parser *p, struct pattern_qualifier *q)
{
	q->at = p->token.at;
	TRY(advance(p));
	if (q->kind == PATTERN_START_STOP) {
		TRY(take_time(p, &q->first));
		TRY(take_word(p, S("STOP")));
		return take_time(p, &q->second);
	}
	if (!positive_number(p, q->kind == PATTERN_WITHIN))
		return expected(p, "a positive number");
	if (zero(p->token.text))
		return wrong(p, ERR_PARSE, p->token.at, "a number above zero expected");
	q->first = p->token.text;
	TRY(advance(p));
	return take_word(p, q->kind == PATTERN_WITHIN ? S("SECONDS") : S("TIMES"));
}

static bool at_qualifier(const struct parser *p, enum pattern_qualifier_kind *which)
{
	*which = at_word(p, S("START"))    ? PATTERN_START_STOP
	         : at_word(p, S("WITHIN")) ? PATTERN_WITHIN
	                                   : PATTERN_REPEATS;
	return *which != PATTERN_REPEATS || at_word(p, S("REPEATS"));
}

/* Qualifiers bind to what stands before them. In 2.1 the same one twice on one expression is
 * refused; only for WITHIN it makes no difference, where the narrower window simply wins. */
static enum err take_qualifiers(struct parser *p, struct pattern_node *node, size_t first)
{
	struct pattern_qualifier **end = &node->qualifiers;
	bool seen[PATTERN_REPEATS + 1] = {false};
	size_t count = 0;
	enum pattern_qualifier_kind which;

	while (*end)
		end = &(*end)->next;
	while (at_qualifier(p, &which)) {
		if (seen[which] && which != PATTERN_WITHIN && p->reading != PATTERN_READ_20)
			return wrong(p, ERR_PARSE, p->token.at,
			    "the same qualifier twice on one expression");
		seen[which] = true;
		if (++count > PATTERN_QUALIFIERS_MAX)
			return wrong(
			    p, ERR_LIMIT, p->token.at, "too many qualifiers on one expression");
		*end = arena_zalloc(p->arena, sizeof(**end));
		if (!*end)
			return no_memory(p);
		(*end)->kind = which;
		TRY(take_qualifier(p, *end));
		end = &(*end)->next;
		not_alone(p, first);
	}
	return OK;
}

static enum err observations(struct pattern_node **out, struct parser *p);

static enum err observation(struct pattern_node **out, struct parser *p)
{
	size_t first = p->count;

	if (at_mark(p, '[')) {
		TRY(add_node(out, p, PATTERN_OBSERVE));
		TRY(advance(p));
		TRY(comparison_or(&(*out)->first, p));
		(*out)->end = p->token.at;
		TRY(take_mark(p, ']', "']'"));
	} else if (at_mark(p, '(')) {
		TRY(deeper(p));
		TRY(advance(p));
		TRY(observations(out, p));
		p->depth--;
		TRY(take_mark(p, ')', "')'"));
	} else {
		return expected(p, "'['");
	}
	return take_qualifiers(p, *out, first);
}

static enum err observation_and(struct pattern_node **out, struct parser *p)
{
	return take_joined(out, p, observation, S("AND"), PATTERN_AND, true);
}

static enum err observation_or(struct pattern_node **out, struct parser *p)
{
	return take_joined(out, p, observation_and, S("OR"), PATTERN_OR, false);
}

static enum err observations(struct pattern_node **out, struct parser *p)
{
	return take_joined(out, p, observation_or, S("FOLLOWEDBY"), PATTERN_FOLLOWEDBY, true);
}

static enum err parse(struct pattern *out, struct parser *p)
{
	TRY(advance(p));
	TRY(observations(&out->root, p));
	if (p->token.kind != TOKEN_END)
		return expected(p, "the end of the pattern");
	out->tests = p->tests;
	out->count = p->count;
	return OK;
}

enum err pattern_parse(struct pattern *out, struct arena *arena, struct str text,
    enum pattern_reading reading, struct fault *fault)
{
	struct parser p = {.arena = arena,
	    .lexer = {.text = text, .lenient = reading == PATTERN_READ_LENIENT, .fault = fault},
	    .reading = reading,
	    .fault = fault};
	enum err rc;

	*out = (struct pattern){.root = NULL};
	rc = parse(out, &p);
	out->at = p.lexer.failed;
	return rc;
}
