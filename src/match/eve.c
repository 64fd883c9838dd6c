/* SPDX-License-Identifier: Apache-2.0 */
/* The quick way through a line: where its strings, brackets and members are, found for a whole
 * chunk of lines at once, and a walk that goes into the objects of the table and jumps over the
 * others. A line that is written as programs write JSON (no blanks, parts in a possible order) is
 * run through from stop to stop, another one step by step, each checked. Every line ends with a
 * newline, which no rule of the grammar allows, so every walk ends. A chunk in which some line
 * leaves a string open is taken line by line: that way it spoils no other. */
#include "match/eve.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "match/eve_table.h"

enum {
	CHUNK = 16 << 10, /* what lies in the nearest cache together with its masks */
	WORDS_MAX = EVE_LINE_MAX / 64 + BITS_WORDS + 1, /* the last one ends every search */
	TREE_BYTES_MAX = 64 << 20,
};

#define BAD SIZE_MAX

struct eve {
	bits_fn bits;
	struct arena *arena; /* of the line last read as a tree */
	struct eve_gather gather;
	struct eve_keys keys[EVE_WANTS][EVE_SHAPES];
	unsigned wants;        /* by which of them it reads */
	struct str rest;       /* of the block, behind the chunk */
	struct str chunk;      /* whose masks are below */
	size_t line, start;    /* the chunk's next line, and where it starts */
	const uint32_t *stop;  /* none of that line is before it */
	struct str one_by_one; /* what is left of a chunk with a line that spoils the masks */
	struct bits bits_of_it;
	uint64_t quotes[WORDS_MAX], braces[WORDS_MAX];
	struct bits_line lines[CHUNK];
	uint32_t stops[EVE_LINE_MAX + 1 + BITS_STOPS];
};

struct walk {
	const char *p;
	const uint64_t *quotes, *braces;
	const uint32_t *stop; /* the next one, of a line that is run through */
	const struct eve_keys *keys;
	struct eve_gather *gather;
	size_t end;   /* the line's newline */
	bool odd;     /* step by step */
	bool escapes; /* the line may have backslashes */
	bool tree;    /* one is where it matters: read the line as a tree */
};

struct eve *eve_new(bits_fn bits)
{
	struct eve *e = mem_alloc(sizeof(*e));

	e->bits = bits ? bits : bits_best();
	e->bits_of_it = (struct bits){e->quotes, e->braces, e->stops, e->lines, 0, 0};
	e->arena = arena_new(TREE_BYTES_MAX);
	for (unsigned wants = 0; wants < EVE_WANTS; wants++)
		eve_keys_fill(e->keys[wants], wants);
	e->wants = EVE_WANT_ALL;
	return e;
}

void eve_want(struct eve *e, unsigned wants)
{
	assert(wants < EVE_WANTS);
	e->wants = wants;
}

void eve_free(struct eve *e)
{
	if (!e)
		return;
	arena_free(e->arena);
	mem_free(e);
}

static inline size_t space(const struct walk *w, size_t at)
{
	while (w->p[at] == ' ' || w->p[at] == '\t' || w->p[at] == '\r')
		at++;
	return at;
}

/* The first quote at or after `at`; past the line when it has none. */
static inline size_t next_quote(const struct walk *w, size_t at)
{
	size_t i = at / 64;
	uint64_t word = w->quotes[i] & UINT64_MAX << at % 64;

	while (!word)
		word = w->quotes[++i];
	return i * 64 + (size_t)__builtin_ctzll(word);
}

/* From the quote at `at` to behind the one that closes the string. */
static inline size_t skip_string(const struct walk *w, size_t at)
{
	size_t end = next_quote(w, at + 1);

	return end < w->end ? end + 1 : BAD;
}

/* From the bracket at `at` to behind the one that closes it. */
static size_t skip_container(const struct walk *w, size_t at)
{
	uint64_t curly = 0; /* one bit a level: is it an object? */
	unsigned depth = 0;
	size_t i = at / 64;
	uint64_t word = w->braces[i] & UINT64_MAX << at % 64;

	for (;;) {
		char c;

		while (!word)
			word = w->braces[++i];
		at = i * 64 + (size_t)__builtin_ctzll(word);
		word &= word - 1;
		if (at >= w->end)
			return BAD;
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

/* How many of the eight bytes at p are digits before one is not. */
static inline size_t count_digits(const char *p)
{
	uint64_t x = bits_eight(p) ^ UINT64_C(0x3030303030303030);
	uint64_t other = (x | (x + UINT64_C(0x0606060606060606))) & UINT64_C(0xf0f0f0f0f0f0f0f0);

	return other ? (size_t)__builtin_ctzll(other) / 8 : 8;
}

static inline size_t digits(const struct walk *w, size_t at)
{
	size_t start = at, n;

	do {
		n = count_digits(w->p + at);
		at += n;
	} while (n == 8);
	return at == start ? BAD : at;
}

static size_t walk_number(const struct walk *w, size_t at)
{
	at += w->p[at] == '-';
	if (w->p[at] == '0')
		at++;
	else
		at = digits(w, at);
	if (at != BAD && w->p[at] == '.')
		at = digits(w, at + 1);
	if (at != BAD && (w->p[at] | 0x20) == 'e') {
		at++;
		at += w->p[at] == '+' || w->p[at] == '-';
		at = digits(w, at);
	}
	return at;
}

static size_t walk_scalar(const struct walk *w, size_t at)
{
	const char *p = w->p + at;

	if (*p == '-' || (*p >= '0' && *p <= '9'))
		return walk_number(w, at);
	if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
		return at + 4;
	return memcmp(p, "false", 5) == 0 ? at + 5 : BAD;
}

/* A string that matters: in sight of the tree when it has escapes. */
static inline struct str text_of(struct walk *w, size_t start, size_t end)
{
	struct str text = {w->p + start, end - start};

	if (w->escapes && memchr(text.p, '\\', text.n))
		w->tree = true;
	return text;
}

static size_t walk_object(struct walk *w, size_t at, const struct eve_shape *shape);

/* One value of a row that matters, not a list. */
static inline size_t walk_item(struct walk *w, size_t at, const struct eve_row *row)
{
	size_t end;

	switch (w->p[at]) {
	case '"':
		end = skip_string(w, at);
		if (end != BAD)
			eve_gather_text(w->gather, row, text_of(w, at + 1, end - 1));
		return end;
	case '{':
		/* Answers that are there one by one say more. */
		if (row->what != EVE_IS_OBJECT ||
		    (row->shape->id == EVE_SHAPE_GROUPED && w->gather->listed))
			return skip_container(w, at);
		end = walk_object(w, at, row->shape);
		if (row->shape->id == EVE_SHAPE_ANSWER)
			eve_gather_answer(w->gather);
		return end;
	case '[':
		return skip_container(w, at);
	default:
		end = walk_scalar(w, at);
		if (end != BAD && eve_row_counts(row))
			eve_gather_text(w->gather, row, (struct str){w->p + at, end - at});
		return end;
	}
}

static size_t walk_list(struct walk *w, size_t at, const struct eve_row *row)
{
	at = space(w, at + 1);
	while (w->p[at] != ']') {
		at = walk_item(w, at, row);
		if (at == BAD)
			return BAD;
		at = space(w, at);
		if (w->p[at] == ']')
			break;
		if (w->p[at] != ',')
			return BAD;
		at = space(w, at + 1);
		if (w->p[at] == ']')
			return BAD;
	}
	return at + 1;
}

static inline size_t walk_row(struct walk *w, size_t at, const struct eve_row *row)
{
	return w->p[at] == '[' ? walk_list(w, at, row) : walk_item(w, at, row);
}

static inline size_t skip_value(struct walk *w, size_t at)
{
	char c = w->p[at];

	if (c == '"')
		return skip_string(w, at);
	return c == '{' || c == '[' ? skip_container(w, at) : walk_scalar(w, at);
}

static inline size_t walk_value(
    struct walk *w, size_t at, const struct eve_shape *shape, const struct eve_row *row)
{
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

/* An object step by step. */
static size_t step_object(struct walk *w, size_t at, const struct eve_shape *shape)
{
	at = space(w, at + 1);
	if (w->p[at] == '}')
		return at + 1;
	for (;;) {
		struct str key;
		size_t end;

		if (w->p[at] != '"')
			return BAD;
		end = skip_string(w, at);
		if (end == BAD)
			return BAD;
		key = text_of(w, at + 1, end - 1);
		at = space(w, end);
		if (w->p[at] != ':')
			return BAD;
		at = walk_value(w, space(w, at + 1), shape, eve_row_of(shape, key));
		if (at == BAD)
			return BAD;
		at = space(w, at);
		if (w->p[at] == '}')
			return at + 1;
		if (w->p[at] != ',')
			return BAD;
		at = space(w, at + 1);
	}
}

/* Has the text, which ends at a quote, another one? */
static inline bool has_quote(const char *p, size_t n)
{
	for (; n >= 8; p += 8, n -= 8)
		if (bits_equal(bits_eight(p), '"'))
			return true;
	return bits_equal(bits_eight(p), '"') & ((1U << n) - 1);
}

/* The string that opens at `at`: it ends right in front of the next stop, or there is a comma
 * between. */
static inline bool run_string(struct walk *w, size_t at, const struct eve_row *row)
{
	size_t next = *w->stop, end = next - 1 - (w->p[next] == '"');
	struct str text;

	if (end <= at || w->p[end] != '"' || (w->p[next] != '"' && w->p[next] != '}'))
		return false;
	text = text_of(w, at + 1, end);
	if (!w->tree && has_quote(text.p, text.n))
		return false;
	eve_gather_text(w->gather, row, text);
	return true;
}

/* From the opening bracket, the next stop, past the one that closes it. */
static bool run_over(struct walk *w)
{
	uint64_t curly = 0; /* one bit a level: is it an object? */
	unsigned depth = 0;

	for (;;) {
		char c = w->p[*w->stop++];

		while (c == '"')
			c = w->p[*w->stop++];
		if (c == '{' || c == '[') {
			if (++depth > EVE_DEPTH_MAX)
				return false;
			curly = curly << 1 | (c == '{');
			continue;
		}
		if (c != ((curly & 1) ? '}' : ']'))
			return false;
		curly >>= 1;
		if (--depth == 0)
			return true;
	}
}

static bool run_object(struct walk *w, const struct eve_shape *shape);

/* The object whose bracket is the next stop. */
static inline bool run_inside(struct walk *w, const struct eve_row *row)
{
	if (row->what != EVE_IS_OBJECT ||
	    (row->shape->id == EVE_SHAPE_GROUPED && w->gather->listed))
		return run_over(w);
	w->stop++;
	return run_object(w, row->shape);
}

/* The value of a name in the table, which starts at `at`; a comma or the object's end must follow.
 */
static inline bool run_value(struct walk *w, size_t at, const struct eve_row *row)
{
	switch (w->p[at]) {
	case '"':
		return run_string(w, at, row);
	case '{':
		if (!run_inside(w, row))
			return false;
		at = w->stop[-1] + 1;
		break;
	case '[':
		at = walk_list(w, at, row);
		if (at == BAD)
			return false;
		while (*w->stop < at)
			w->stop++;
		break;
	default:
		at = walk_item(w, at, row);
		if (at == BAD)
			return false;
	}
	return w->p[at] == ',' || w->p[at] == '}';
}

static bool run_member(
    struct walk *w, size_t at, const struct eve_shape *shape, const struct eve_row *row)
{
	size_t mark;
	bool good;

	if (row->what != EVE_IS_OBJECT || shape != &EVE_EVENT)
		return run_value(w, at, row);
	mark = eve_gather_enter(w->gather);
	good = run_value(w, at, row);
	eve_gather_leave(w->gather, mark);
	return good;
}

/* An object from stop to stop, from the one behind its bracket to past the one that closes it.
 * Where a name is not in the table its value need not be known: its stops alone say where the next
 * one is. */
static bool run_object(struct walk *w, const struct eve_shape *shape)
{
	const struct eve_keys *keys = &w->keys[shape->id];
	const char *p = w->p;

	for (;;) {
		size_t at = *w->stop++;
		const struct eve_row *row;

		if (p[at] != '"') {
			if (p[at] != '{' && p[at] != '[')
				return p[at] == '}';
			w->stop--;
			if (!run_over(w))
				return false;
			continue;
		}
		row = eve_row_quick(keys, p + at + 1);
		if (row) {
			if (!run_member(w, at + row->key.n + 3, shape, row))
				return false;
		} else if (w->escapes) {
			(void)text_of(w, at + 1, next_quote(w, at + 1));
		}
	}
}

/* Of a list that is walked through. */
static size_t walk_object(struct walk *w, size_t at, const struct eve_shape *shape)
{
	if (w->odd)
		return step_object(w, at, shape);
	while (*w->stop <= at)
		w->stop++;
	return run_object(w, shape) ? w->stop[-1] + 1 : BAD;
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

/* The line from `start` on of what the masks are of. */
static enum err walk_line(struct eve *e, const char *p, size_t start, const struct bits_line *line,
    const struct eve_event **out)
{
	struct walk w = {
	    .p = p,
	    .quotes = e->quotes,
	    .braces = e->braces,
	    .stop = e->stop,
	    .keys = e->keys[e->wants],
	    .gather = &e->gather,
	    .end = line->end,
	    .odd = line->odd,
	    .escapes = line->escapes,
	};
	size_t at;

	eve_gather_start(&e->gather);
	at = space(&w, start);
	if (p[at] != '{')
		return ERR_PARSE;
	at = walk_object(&w, at, &EVE_EVENT);
	e->stop = w.stop;
	if (at == BAD || space(&w, at) != w.end)
		return ERR_PARSE;
	if (w.tree)
		return eve_extract_tree(e, (struct str){p + start, w.end - start}, out);
	if (e->gather.overflow)
		return ERR_LIMIT;
	*out = &e->gather.event;
	return OK;
}

/* Makes the masks of a text of whole lines; behind it every search finds something. */
static bool make_masks(struct eve *e, struct str text)
{
	bool good = e->bits(&e->bits_of_it, text.p, text.n);

	e->quotes[(text.n + 63) / 64] = e->braces[(text.n + 63) / 64] = UINT64_MAX;
	e->stop = e->stops;
	return good;
}

enum err eve_extract(struct eve *e, struct str line, const struct eve_event **out)
{
	assert(line.p[line.n] == '\n');
	if (line.n > EVE_LINE_MAX)
		return ERR_LIMIT;
	if (!make_masks(e, (struct str){line.p, line.n + 1}) || e->lines[0].end != line.n)
		return ERR_PARSE;
	return walk_line(e, line.p, 0, &e->lines[0], out);
}

void eve_start(struct eve *e, struct str block)
{
	assert(block.n == 0 || block.p[block.n - 1] == '\n');
	e->rest = block;
	e->one_by_one = STR_NONE;
	e->bits_of_it.line_count = e->line = 0;
}

/* As many lines as a chunk holds; a longer one by itself. */
static void next_chunk(struct eve *e)
{
	size_t n = e->rest.n < CHUNK ? e->rest.n : CHUNK;
	while (n > 0 && e->rest.p[n - 1] != '\n')
		n--;
	e->line = e->start = e->bits_of_it.line_count = 0;
	if (n == 0) {
		e->one_by_one = str_slice(e->rest, 0, str_find(e->rest, '\n') + 1);
		e->rest = str_from(e->rest, e->one_by_one.n);
		return;
	}
	e->chunk = str_slice(e->rest, 0, n);
	e->rest = str_from(e->rest, n);
	if (!make_masks(e, e->chunk)) {
		e->one_by_one = e->chunk;
		e->bits_of_it.line_count = 0;
	}
}

static inline bool blank(struct str line)
{
	return line.n == 0 || (line.n == 1 && line.p[0] == '\r');
}

static bool next_alone(struct eve *e, struct eve_line *out)
{
	size_t end = str_find(e->one_by_one, '\n');

	out->text = str_slice(e->one_by_one, 0, end);
	e->one_by_one = str_from(e->one_by_one, end + 1);
	if (blank(out->text))
		return false;
	out->rc = eve_extract(e, out->text, &out->event);
	e->bits_of_it.line_count = 0;
	return true;
}

static bool next_of_chunk(struct eve *e, struct eve_line *out)
{
	const struct bits_line *line = &e->lines[e->line++];
	size_t start = e->start;

	out->text = (struct str){e->chunk.p + start, line->end - start};
	e->start = line->end + 1;
	if (blank(out->text))
		return false;
	out->rc = walk_line(e, e->chunk.p, start, line, &out->event);
	return true;
}

bool eve_next(struct eve *e, struct eve_line *out)
{
	for (;;) {
		if (e->line < e->bits_of_it.line_count) {
			if (next_of_chunk(e, out))
				return true;
		} else if (e->one_by_one.n) {
			if (next_alone(e, out))
				return true;
		} else if (e->rest.n) {
			next_chunk(e);
		} else {
			return false;
		}
	}
}
