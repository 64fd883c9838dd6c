/* SPDX-License-Identifier: Apache-2.0 */
#include "view/guard/book.h"

#include <string.h>

#include "base/mem.h"
#include "pattern/text.h"
#include "sys/files.h"

enum { REGEX_MEMORY = 16 << 20, BOOK_MAX = 1 << 30, FILE_MEMORY = BOOK_MAX + 4096 };

struct guard_book {
	struct arena *arena; /* the file, and compiled expressions */
	struct guard_rules rules;
	bool any;
	struct sha256 stamp;
	void *regexes[RULES_REGEXES_MAX];
	struct text_runner *runner;
};

/* One that does not compile says nothing. */
static void compile(struct guard_book *b)
{
	struct fault fault;
	size_t at;

	for (uint32_t i = 0; i < b->rules.regex_count; i++) {
		const struct rules_part *p = &b->rules.regexes[i];
		struct str text = rules_text(&b->rules, p->at, p->n);

		if (p->nocase)
			text = arena_printf(b->arena, "(?i)%.*s", STR_ARG(text));
		if (!text.p || text_regex(&b->regexes[i], b->arena, text, false, &at, &fault) != OK)
			b->regexes[i] = NULL;
	}
	if (b->rules.regex_count)
		b->runner = text_runner_new();
}

enum err guard_book_open(struct guard_book **out, struct str views, struct fault *fault)
{
	struct guard_book *b = mem_alloc(sizeof(*b));
	struct str path, bytes;
	enum err rc;

	b->arena = arena_new((size_t)FILE_MEMORY + REGEX_MEMORY);
	path = file_join(b->arena, views, GUARD_BOOK_FILE);
	rc = file_read(&bytes, b->arena, path, BOOK_MAX, fault);
	if (rc == OK)
		rc = rules_open(&b->rules, bytes, fault);
	if (rc == OK) {
		b->any = true;
		memcpy(b->stamp.b, rules_stamp(bytes), sizeof(b->stamp.b));
		compile(b);
	}
	if (rc != OK && rc != ERR_NOT_FOUND) {
		guard_book_close(b);
		return rc;
	}
	*out = b;
	return OK;
}

void guard_book_close(struct guard_book *b)
{
	if (!b)
		return;
	text_runner_free(b->runner);
	arena_free(b->arena);
	mem_free(b);
}

struct sha256 guard_book_stamp(const struct guard_book *b)
{
	return b->stamp;
}

static void say(struct guard_verdict *out, struct arena *arena, const struct rules_hit *hit)
{
	static const char *const LISTED[] = {
	    [RULES_SAME] = "is on the warning list",
	    [RULES_HOLDS] = "holds what is on the warning list",
	    [RULES_INSIDE] = "has in it what is on the warning list",
	};

	out->class = hit->class;
	if (hit->class == GUARD_OWN)
		out->reason = hit->lie == RULES_HOLDS ? S("holds what is this organisation's own")
		                                      : S("is this organisation's own");
	else if (hit->class == GUARD_SUFFIX)
		out->reason = hit->lie == RULES_HOLDS
		                  ? S("holds public suffixes: below them are names of many owners")
		                  : S("is a public suffix: below it are names of many owners");
	else
		out->reason =
		    arena_printf(arena, "%s \"%.*s\"", LISTED[hit->lie], STR_ARG(hit->list));
	if (!out->reason.p)
		out->reason = S("is on a warning list");
}

/* An expression that finds no end within its limits says nothing: lists are not there to slow down
 * what they are to protect. */
static bool searched(
    struct rules_hit *out, const struct guard_book *b, enum term_kind kind, struct str text)
{
	for (uint32_t i = 0; i < b->rules.regex_count; i++) {
		uint32_t list = b->rules.regexes[i].list;

		if (!b->regexes[i] || !rules_applies(&b->rules, list, kind) ||
		    text_search(b->runner, b->regexes[i], text) != TEXT_YES)
			continue;
		out->class = GUARD_LIST;
		out->lie = RULES_INSIDE;
		out->list = rules_list_name(&b->rules, list);
		return true;
	}
	return false;
}

void guard_book_judge(
    struct guard_verdict *out, struct guard_book *b, struct arena *arena, const struct term *t)
{
	const char *why = guard_refuses(t, &out->class);
	struct rules_hit hit;
	struct str text;

	out->reason = str_c(why);
	if (why)
		return;
	out->class = GUARD_NONE;
	if (!b || !b->any)
		return;
	text = term_text(arena, t);
	if (!text.p) {
		out->class = GUARD_UNJUDGED;
		out->reason = S("is too large to be judged");
		return;
	}
	if (rules_refuse(&hit, &b->rules, t, text) || searched(&hit, b, t->kind, text))
		say(out, arena, &hit);
}
