/* SPDX-License-Identifier: Apache-2.0 */
/* The quick way through a line: bit masks of its quotes and brackets, and a walk that goes into
 * the objects of the table and jumps over the others. Positions past the end read as NUL, which no
 * rule of the grammar allows, so every walk ends. */
#include "match/eve.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "match/eve_table.h"

enum { WORDS_MAX = EVE_LINE_MAX / 64 + 1, TREE_BYTES_MAX = 64 << 20 };

#define BAD SIZE_MAX

struct eve {
	bits_fn bits;
	struct arena *arena; /* of the line last read as a tree */
	struct eve_gather gather;
	struct bits_word words[WORDS_MAX];
};

struct walk {
	const char *p;
	size_t n;
	const struct bits_word *words;
	size_t count;
	struct eve_gather *gather;
	bool escapes; /* the line has backslashes */
	bool tree;    /* one is where it matters: read the line as a tree */
};

struct eve *eve_new(bits_fn bits)
{
	struct eve *e = mem_alloc(sizeof(*e));

	e->bits = bits ? bits : bits_best();
	e->arena = arena_new(TREE_BYTES_MAX);
	return e;
}

void eve_free(struct eve *e)
{
	if (!e)
		return;
	arena_free(e->arena);
	mem_free(e);
}

static inline char peek(const struct walk *w, size_t at)
{
	return at < w->n ? w->p[at] : '\0';
}

static inline size_t space(const struct walk *w, size_t at)
{
	while (at < w->n && (w->p[at] == ' ' || w->p[at] == '\t' || w->p[at] == '\r'))
		at++;
	return at;
}

/* The first quote at or after `at`, w->n when there is none. */
static inline size_t next_quote(const struct walk *w, size_t at)
{
	size_t i = at / 64;
	uint64_t word;

	if (i >= w->count)
		return w->n;
	word = w->words[i].quote & UINT64_MAX << at % 64;
	while (!word) {
		if (++i == w->count)
			return w->n;
		word = w->words[i].quote;
	}
	return i * 64 + (size_t)__builtin_ctzll(word);
}

/* From the bracket at `at` to behind the one that closes it. */
static size_t skip_container(const struct walk *w, size_t at)
{
	uint64_t curly = 0; /* one bit a level: is it an object? */
	unsigned depth = 0;
	size_t i = at / 64;
	uint64_t word = w->words[i].brace & UINT64_MAX << at % 64;

	for (;;) {
		char c;

		while (!word) {
			if (++i == w->count)
				return BAD;
			word = w->words[i].brace;
		}
		at = i * 64 + (size_t)__builtin_ctzll(word);
		word &= word - 1;
		c = w->p[at];
		if (c == '{' || c == '[') {
			if (++depth > EVE_DEPTH_MAX)
				return BAD;
			curly = curly << 1 | (c == '{');
			continue;
		}
		if ((curly & 1) != (c == '}'))
			return BAD;
		curly >>= 1;
		if (--depth == 0)
			return at + 1;
	}
}

static size_t digits(const struct walk *w, size_t at)
{
	size_t start = at;

	while (peek(w, at) >= '0' && peek(w, at) <= '9')
		at++;
	return at == start ? BAD : at;
}

static size_t walk_number(const struct walk *w, size_t at)
{
	at += peek(w, at) == '-';
	if (peek(w, at) == '0')
		at++;
	else
		at = digits(w, at);
	if (at != BAD && peek(w, at) == '.')
		at = digits(w, at + 1);
	if (at != BAD && (peek(w, at) | 0x20) == 'e') {
		at++;
		at += peek(w, at) == '+' || peek(w, at) == '-';
		at = digits(w, at);
	}
	return at;
}

static size_t walk_scalar(const struct walk *w, size_t at)
{
	static const struct str WORDS[] = {S("true"), S("false"), S("null")};
	struct str rest = {w->p + at, w->n - at};
	char c = peek(w, at);

	if (c == '-' || (c >= '0' && c <= '9'))
		return walk_number(w, at);
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		if (str_starts(rest, WORDS[i]))
			return at + WORDS[i].n;
	return BAD;
}

/* A string that matters: in sight of the tree when it has escapes. */
static struct str text_of(struct walk *w, size_t start, size_t end)
{
	struct str text = {w->p + start, end - start};

	if (w->escapes && memchr(text.p, '\\', text.n))
		w->tree = true;
	return text;
}

static size_t walk_object(struct walk *w, size_t at, const struct eve_shape *shape);

/* One value of a row that matters, not a list. */
static size_t walk_item(struct walk *w, size_t at, const struct eve_row *row)
{
	size_t end;

	switch (peek(w, at)) {
	case '"':
		end = next_quote(w, at + 1);
		if (end >= w->n)
			return BAD;
		eve_gather_text(w->gather, row, text_of(w, at + 1, end));
		return end + 1;
	case '{':
		if (row->what == EVE_IS_OBJECT)
			return walk_object(w, at, row->shape);
		return skip_container(w, at);
	case '[':
		return skip_container(w, at);
	default:
		end = walk_scalar(w, at);
		if (end != BAD && row->what == EVE_IS_HTTP_PORT)
			eve_gather_text(w->gather, row, (struct str){w->p + at, end - at});
		return end;
	}
}

static size_t walk_list(struct walk *w, size_t at, const struct eve_row *row)
{
	at = space(w, at + 1);
	if (peek(w, at) == ']')
		return at + 1;
	for (;;) {
		at = walk_item(w, at, row);
		if (at == BAD)
			return BAD;
		at = space(w, at);
		if (peek(w, at) == ']')
			return at + 1;
		if (peek(w, at) != ',')
			return BAD;
		at = space(w, at + 1);
	}
}

static size_t walk_row(struct walk *w, size_t at, const struct eve_row *row)
{
	return peek(w, at) == '[' ? walk_list(w, at, row) : walk_item(w, at, row);
}

static size_t skip_value(struct walk *w, size_t at)
{
	size_t end;

	switch (peek(w, at)) {
	case '"':
		end = next_quote(w, at + 1);
		return end < w->n ? end + 1 : BAD;
	case '{':
	case '[':
		return skip_container(w, at);
	default:
		return walk_scalar(w, at);
	}
}

static size_t walk_value(struct walk *w, size_t at, const struct eve_shape *shape, struct str key)
{
	const struct eve_row *row = eve_row_of(shape, key);
	size_t mark, end;

	if (!row)
		return skip_value(w, at);
	if (row->what != EVE_IS_OBJECT || shape != &EVE_EVENT)
		return walk_row(w, at, row);
	mark = eve_gather_enter(w->gather);
	end = walk_row(w, at, row);
	eve_gather_leave(w->gather, mark);
	return end;
}

static size_t walk_object(struct walk *w, size_t at, const struct eve_shape *shape)
{
	at = space(w, at + 1);
	if (peek(w, at) == '}')
		return at + 1;
	for (;;) {
		struct str key;
		size_t end;

		if (peek(w, at) != '"')
			return BAD;
		end = next_quote(w, at + 1);
		if (end >= w->n)
			return BAD;
		key = text_of(w, at + 1, end);
		at = space(w, end + 1);
		if (peek(w, at) != ':')
			return BAD;
		at = walk_value(w, space(w, at + 1), shape, key);
		if (at == BAD)
			return BAD;
		at = space(w, at);
		if (peek(w, at) == '}')
			return at + 1;
		if (peek(w, at) != ',')
			return BAD;
		at = space(w, at + 1);
	}
}

enum err eve_extract_tree(struct eve *e, struct str line, const struct eve_event **out)
{
	if (line.n > EVE_LINE_MAX)
		return ERR_LIMIT;
	arena_reset(e->arena);
	TRY(eve_tree(&e->gather, e->arena, line));
	*out = &e->gather.event;
	return OK;
}

enum err eve_extract(struct eve *e, struct str line, const struct eve_event **out)
{
	struct walk w = {
	    .p = line.p,
	    .n = line.n,
	    .words = e->words,
	    .count = (line.n + 63) / 64,
	    .gather = &e->gather,
	};
	unsigned flags;
	size_t at;

	if (line.n > EVE_LINE_MAX)
		return ERR_LIMIT;
	flags = e->bits(e->words, line.p, line.n);
	if (flags & BITS_WRONG)
		return ERR_PARSE;
	w.escapes = flags & BITS_ESCAPES;
	eve_gather_start(&e->gather);
	at = space(&w, 0);
	if (peek(&w, at) != '{')
		return ERR_PARSE;
	at = walk_object(&w, at, &EVE_EVENT);
	if (at == BAD || space(&w, at) != line.n)
		return ERR_PARSE;
	if (w.tree)
		return eve_extract_tree(e, line, out);
	if (e->gather.overflow)
		return ERR_LIMIT;
	*out = &e->gather.event;
	return OK;
}
