/* SPDX-License-Identifier: Apache-2.0 */
#include "view/guard/broad.h"

#include "pattern/text.h"
#include "stix/pattern/pattern.h"

enum {
	TEXT_LEAST = 3,      /* bytes of a value that narrows */
	ORDINARY_MOST = 1,   /* ordinary values that an expression may match */
	REPEATS_NARROW = 10, /* so many times is not what every event does */
};

/* What stands in the events of any network; an expression that matches several of them says
 * nothing. */
static const char *const ORDINARY[] = {"www.google.com", "api.microsoft.com", "example.org",
    "mail.example.net", "cdn7.example.de", "http://www.google.com/",
    "https://example.org/index.html?id=1", "https://cdn7.example.net/a/b.js", "93.184.216.34",
    "10.1.2.3", "2a00:1450:4001:80b::200e", "alice@example.com", "info@example.org",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", "curl/8.5.0", "setup.exe",
    "chrome.exe", "report.pdf", "index.html", "kernel32.dll",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "GET", "text/html"};

/* Ends of paths whose values are a few common words. */
static const char *const WORDS[] = {
    "protocols[*]", "protocols[0]", "request_method", "request_version", "mime_type", "is_active"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct judge {
	struct guard_book *book;
	struct arena *arena;
	struct text_runner *runner;
	const struct pattern *pattern;
};

static bool is_word(struct str path)
{
	for (size_t i = 0; i < COUNT(WORDS); i++)
		if (str_ends(path, str_c(WORDS[i])))
			return true;
	return false;
}

/* Whether being equal to this value narrows. One that is not of its kind is never met. */
static bool value_narrows(
    const struct judge *j, const struct pattern_test *t, const struct pattern_value *v)
{
	struct guard_verdict verdict;
	enum term_kind kind;
	struct term term;

	if (equality_path(&kind, t->type, t->path)) {
		if (equality_value(&term, j->arena, kind, v->text) != OK)
			return true;
		guard_book_judge(&verdict, j->book, j->arena, &term);
		return verdict.class == GUARD_NONE;
	}
	return (v->kind == PATTERN_STRING || v->kind == PATTERN_HEX || v->kind == PATTERN_BINARY) &&
	       v->text.n >= TEXT_LEAST && !is_word(t->path);
}

static bool all_narrow(const struct judge *j, const struct pattern_test *t)
{
	for (size_t i = 0; i < t->value_count; i++)
		if (!value_narrows(j, t, &t->values[i]))
			return false;
	return t->value_count > 0;
}

/* One that does not compile is never met. */
static bool expression_narrows(const struct judge *j, const struct pattern_test *t)
{
	struct str text = t->values[0].text;
	bool like = t->op == PATTERN_LIKE;
	unsigned met = 0;
	void *regex = NULL;
	size_t at;

	if (!like && text_regex(&regex, j->arena, text, false, &at, NULL) != OK)
		return true;
	for (size_t i = 0; i < COUNT(ORDINARY); i++)
		met += like ? text_like(str_c(ORDINARY[i]), text, false) != TEXT_NO
		            : text_search(j->runner, regex, str_c(ORDINARY[i])) != TEXT_NO;
	return met <= ORDINARY_MOST;
}

static bool test_narrows(const struct judge *j, const struct pattern_test *t)
{
	if (t->negated)
		return false;
	switch (t->op) {
	case PATTERN_EQUAL:
	case PATTERN_IN:
	case PATTERN_ISSUBSET:
		return all_narrow(j, t);
	case PATTERN_LIKE:
	case PATTERN_MATCHES:
		return expression_narrows(j, t);
	default:
		return false;
	}
}

static bool repeats(const struct pattern_node *n)
{
	uint64_t times;

	for (const struct pattern_qualifier *q = n->qualifiers; q; q = q->next)
		if (q->kind == PATTERN_REPEATS && str_u64(q->first, &times) == OK &&
		    times >= REPEATS_NARROW)
			return true;
	return false;
}

/* As deep as patterns may be (PATTERN_DEPTH_MAX). */
static bool node_narrows(const struct judge *j, const struct pattern_node *n)
{
	bool any = n->kind == PATTERN_ANY || n->kind == PATTERN_OR;

	if (n->kind == PATTERN_TEST)
		return test_narrows(j, &j->pattern->tests[n->test]);
	if (repeats(n))
		return true;
	/* Of alternatives all must narrow, of what must hold together one. */
	for (const struct pattern_node *child = n->first; child; child = child->next)
		if (node_narrows(j, child) != any)
			return !any;
	return any;
}

bool guard_is_broad(struct guard_book *b, struct arena *arena, struct str pattern)
{
	struct judge j = {.book = b, .arena = arena};
	struct pattern p;
	bool broad;

	if (pattern_parse(&p, arena, pattern, PATTERN_READ_LENIENT, NULL) != OK)
		return false;
	j.pattern = &p;
	j.runner = text_runner_new();
	broad = !node_narrows(&j, p.root);
	text_runner_free(j.runner);
	return broad;
}
