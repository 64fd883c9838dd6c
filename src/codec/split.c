/* SPDX-License-Identifier: Apache-2.0 */
/* Sixty-four bytes at a time: bit masks of quotes, backslashes and brackets, the quotes folded into
 * a mask of what lies inside strings, so that only brackets outside strings cost a step each. */
#include "codec/split.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BLOCK = 64 };

struct masks {
	uint64_t quote;
	uint64_t backslash;
	uint64_t open;  /* { and [ */
	uint64_t close; /* } and ] */
};

/* '[' and '{', and ']' and '}', differ in one bit only. */
enum { CASE_BIT = 0x20 };

#ifdef __SSE2__
static uint64_t equal(const __m128i part[4], char c)
{
	const __m128i want = _mm_set1_epi8(c);
	uint64_t mask = 0;

	for (unsigned i = 0; i < 4; i++) {
		int bits = _mm_movemask_epi8(_mm_cmpeq_epi8(part[i], want));

		mask |= (uint64_t)(unsigned)bits << (16 * i);
	}
	return mask;
}

static struct masks masks_of(const char *p)
{
	const __m128i bit = _mm_set1_epi8(CASE_BIT);
	__m128i part[4], folded[4];

	for (unsigned i = 0; i < 4; i++) {
		part[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + (size_t)i * 16));
		folded[i] = _mm_or_si128(part[i], bit);
	}
	return (struct masks){
	    equal(part, '"'), equal(part, '\\'), equal(folded, '{'), equal(folded, '}')};
}
#else
static struct masks masks_of(const char *p)
{
	struct masks m = {0, 0, 0, 0};

	for (unsigned i = 0; i < BLOCK; i++) {
		m.quote |= (uint64_t)(p[i] == '"') << i;
		m.backslash |= (uint64_t)(p[i] == '\\') << i;
		m.open |= (uint64_t)((p[i] | CASE_BIT) == '{') << i;
		m.close |= (uint64_t)((p[i] | CASE_BIT) == '}') << i;
	}
	return m;
}
#endif

/* The bytes that a backslash escapes; *carry says whether the first is, and then whether the one
 * after the block is. */
static uint64_t escaped(uint64_t backslash, uint64_t *carry)
{
	uint64_t marked = *carry;
	uint64_t left = backslash & ~marked;

	*carry = 0;
	while (left) {
		int i = __builtin_ctzll(left);

		if (i == BLOCK - 1) {
			*carry = 1;
			break;
		}
		marked |= UINT64_C(2) << i;
		left &= ~(UINT64_C(3) << i);
	}
	return marked;
}

/* Each bit: the parity of the bits at and below it. */
static uint64_t parity_up_to(uint64_t x)
{
	for (unsigned shift = 1; shift < BLOCK; shift *= 2)
		x ^= x << shift;
	return x;
}

struct walk {
	uint64_t kinds; /* of the open brackets, innermost lowest: 1 for braces */
	size_t depth;
	bool deep; /* more levels than `kinds` holds were open: kinds are not known any more */
	uint64_t escape;   /* 1 when the next block's first byte is escaped */
	uint64_t in_quote; /* all ones when the next block starts inside a string, or zero */
};

enum outcome { GOES_ON, ENDED, MISMATCH };

static enum outcome bracket(struct walk *w, char c)
{
	bool brace = (c & CASE_BIT) != 0;

	if (c == '{' || c == '[') {
		w->kinds = w->kinds << 1 | brace;
		w->depth++;
		w->deep = w->deep || w->depth > BLOCK;
		return GOES_ON;
	}
	if (!w->deep && (w->kinds & 1) != brace)
		return MISMATCH;
	w->kinds >>= 1;
	w->depth--;
	return w->depth ? GOES_ON : ENDED;
}

/* One block: *at becomes the index of the byte that decided, when the outcome is not GOES_ON. */
static enum outcome walk_block(struct walk *w, const char *p, size_t *at)
{
	struct masks m = masks_of(p);
	uint64_t marked = m.backslash | w->escape ? escaped(m.backslash, &w->escape) : 0;
	uint64_t quoted = parity_up_to(m.quote & ~marked) ^ w->in_quote;
	uint64_t left = (m.open | m.close) & ~quoted;

	w->in_quote = quoted >> (BLOCK - 1) ? UINT64_MAX : 0;
	for (; left; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);
		enum outcome o = bracket(w, p[i]);

		if (o != GOES_ON) {
			*at = i;
			return o;
		}
	}
	return GOES_ON;
}

/* From the opening bracket at `at` to behind the one that closes it. */
static enum err container_end(size_t *end, struct str text, size_t at, struct fault *fault)
{
	struct walk w = {.depth = 0};
	size_t from = at;

	while (from < text.n) {
		char tail[BLOCK];
		size_t n = text.n - from;
		const char *p = text.p + from;
		size_t i = 0;

		if (n < BLOCK) {
			memset(tail, ' ', BLOCK);
			memcpy(tail, p, n);
			p = tail;
		}
		switch (walk_block(&w, p, &i)) {
		case ENDED:
			*end = from + i + 1;
			return OK;
		case MISMATCH:
			return fail(fault, ERR_PARSE,
			    "byte %zu: '%c' closes a bracket of the other kind", from + i,
			    text.p[from + i]);
		case GOES_ON:
			break;
		}
		from += BLOCK;
	}
	return fail(fault, ERR_PARSE, "byte %zu: the text ends inside what '%c' opened at byte %zu",
	    text.n, text.p[at], at);
}

static size_t skip_space(struct str text, size_t at)
{
	while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\n' || text.p[at] == '\r' ||
	                          text.p[at] == '\t'))
		at++;
	return at;
}

/* Behind the string whose opening quote is at `at`. */
static enum err string_end(size_t *end, struct str text, size_t at, struct fault *fault)
{
	size_t i = at + 1;

	for (;;) {
		size_t quote = i + str_find(str_from(text, i), '"');
		size_t back = quote;

		if (quote >= text.n)
			return fail(fault, ERR_PARSE,
			    "byte %zu: the text ends inside the string that starts at byte %zu",
			    text.n, at);
		while (back > i && text.p[back - 1] == '\\')
			back--;
		i = quote + 1;
		if ((quote - back) % 2 == 0)
			break;
	}
	*end = i;
	return OK;
}

static bool ends_scalar(char c)
{
	return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Behind the value that starts at `at`, whatever it is. */
static enum err value_end(size_t *end, struct str text, size_t at, struct fault *fault)
{
	size_t i = at;

	if (at < text.n && (text.p[at] == '{' || text.p[at] == '['))
		return container_end(end, text, at, fault);
	if (at < text.n && text.p[at] == '"')
		return string_end(end, text, at, fault);
	while (i < text.n && !ends_scalar(text.p[i]))
		i++;
	if (i == at)
		return fail(fault, ERR_PARSE, "byte %zu: a value is missing", at);
	*end = i;
	return OK;
}

static enum err expect(struct str text, size_t at, char c, struct fault *fault)
{
	if (at < text.n && text.p[at] == c)
		return OK;
	return fail(fault, ERR_PARSE, "byte %zu: '%c' expected", at, c);
}

enum state {
	FIRST, /* behind the list's opening bracket */
	LATER, /* behind a member of the list */
	DONE,  /* the whole document was seen */
};

/* Reads a member's name and colon at `at`: *value is where its value starts. */
static enum err read_name(
    struct str *name, size_t *value, struct str text, size_t at, struct fault *fault)
{
	size_t end;

	TRY(expect(text, at, '"', fault));
	TRY(string_end(&end, text, at, fault));
	*name = str_slice(text, at + 1, end - 1);
	at = skip_space(text, end);
	TRY(expect(text, at, ':', fault));
	*value = skip_space(text, at + 1);
	return OK;
}

/* Behind a member: at the next name, or behind the closing brace with *closed set. */
static enum err next_name(size_t *at, bool *closed, struct str text, struct fault *fault)
{
	size_t i = skip_space(text, *at);

	*closed = i < text.n && text.p[i] == '}';
	if (!*closed)
		TRY(expect(text, i, ',', fault));
	*at = *closed ? i + 1 : skip_space(text, i + 1);
	return OK;
}

enum err split_open(struct split *s, struct str text, struct fault *fault)
{
	size_t at = skip_space(text, 0);
	bool closed;

	TRY(expect(text, at, '{', fault));
	at = skip_space(text, at + 1);
	closed = at < text.n && text.p[at] == '}';
	while (!closed) {
		struct str name;
		size_t value;

		TRY(read_name(&name, &value, text, at, fault));
		if (str_eq(name, S("objects"))) {
			TRY(expect(text, value, '[', fault));
			*s = (struct split){.text = text, .at = value + 1, .state = FIRST};
			return OK;
		}
		TRY(value_end(&at, text, value, fault));
		TRY(next_name(&at, &closed, text, fault));
	}
	return fail(fault, ERR_PARSE, "the JSON object has no list `objects`");
}

/* What follows the list: further members, the closing brace, and nothing else. */
static enum err finish(struct split *s, struct fault *fault)
{
	size_t at = s->at;
	bool closed;

	TRY(next_name(&at, &closed, s->text, fault));
	while (!closed) {
		struct str name;
		size_t value;

		TRY(read_name(&name, &value, s->text, at, fault));
		if (str_eq(name, S("objects")))
			return fail(fault, ERR_PARSE, "byte %zu: objects: duplicate key", at);
		TRY(value_end(&at, s->text, value, fault));
		TRY(next_name(&at, &closed, s->text, fault));
	}
	at = skip_space(s->text, at);
	if (at < s->text.n)
		return fail(fault, ERR_PARSE, "byte %zu: something follows the JSON object", at);
	s->at = at;
	s->state = DONE;
	return ERR_NOT_FOUND;
}

enum err split_next(struct split *s, struct str *out, struct fault *fault)
{
	size_t at = skip_space(s->text, s->at);
	size_t end;

	if (s->state == DONE)
		return ERR_NOT_FOUND;
	if (at < s->text.n && s->text.p[at] == ']') {
		s->at = at + 1;
		return finish(s, fault);
	}
	if (s->state == LATER) {
		TRY(expect(s->text, at, ',', fault));
		at = skip_space(s->text, at + 1);
	}
	TRY(value_end(&end, s->text, at, fault));
	*out = str_slice(s->text, at, end);
	s->at = end;
	s->state = LATER;
	return OK;
}
