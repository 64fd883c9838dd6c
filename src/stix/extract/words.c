/* SPDX-License-Identifier: Apache-2.0 */
/* Text to words: what defanging did to its marks is undone first, with the white space around them,
 * then it is cut where no value goes on. */
#include <string.h>

#include "stix/extract/internal.h"

enum { PIECE_MAX = 64 << 10, MARK_MAX = 12 };

/* Between brackets of any kind, white space left out; letters in either case. */
static const struct {
	const char *word;
	const char *means;
	bool apart; /* may stand between blanks: "name [at] example [dot] org" */
} MARKS[] = {
    {".", ".", true},
    {"dot", ".", true},
    {"punto", ".", true},
    {"@", "@", true},
    {"at", "@", true},
    {":", ":", false},
    {"://", "://", false},
    {"/", "/", false},
};

/* Length of the mark that begins at s.p, or 0. */
static size_t mark_at(struct str s, size_t *which)
{
	static const char OPEN[] = "[({", CLOSE[] = "])}";
	const char *open = s.n > 2 && s.p[0] ? strchr(OPEN, s.p[0]) : NULL;
	struct str inner;
	size_t end;

	if (!open)
		return 0;
	end = str_find(str_slice(s, 0, MARK_MAX), CLOSE[open - OPEN]);
	if (end == s.n || end == MARK_MAX)
		return 0;
	inner = str_trim(str_slice(s, 1, end));
	for (*which = 0; *which < sizeof(MARKS) / sizeof(MARKS[0]); (*which)++)
		if (str_eq_nocase(inner, str_c(MARKS[*which].word)))
			return end + 1;
	return 0;
}

static bool is_end(char c)
{
	unsigned char u = (unsigned char)c;

	return u <= 0x20 || u >= 0x7f || strchr("\"<>`|{}^", c) != NULL;
}

/* The text with its marks undone, and where each of its bytes was. */
struct plain {
	char *text;
	uint32_t *from;
	size_t n;
};

static size_t undo_mark(struct plain *p, struct str s, size_t i)
{
	size_t which, length = mark_at(str_from(s, i), &which);
	const char *means;

	if (length == 0)
		return 0;
	means = MARKS[which].means;
	while (MARKS[which].apart && p->n > 0 && p->text[p->n - 1] == ' ')
		p->n--;
	for (size_t k = 0; means[k]; k++) {
		p->text[p->n] = means[k];
		p->from[p->n++] = (uint32_t)i;
	}
	while (MARKS[which].apart && i + length < s.n && s.p[i + length] == ' ')
		length++;
	return length;
}

static bool make_plain(struct plain *out, struct arena *arena, struct str s)
{
	struct plain p = {
	    arena_alloc(arena, s.n + 1), arena_array(arena, s.n + 1, sizeof(*p.from)), 0};

	if (!p.text || !p.from)
		return false;
	for (size_t i = 0; i < s.n;) {
		size_t taken = undo_mark(&p, s, i);

		if (taken == 0) {
			/* "evil\.example": of a regular expression. */
			taken = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '.' ? 2 : 1;
			p.text[p.n] = s.p[i + taken - 1];
			p.from[p.n++] = (uint32_t)i;
		}
		i += taken;
	}
	p.from[p.n] = (uint32_t)s.n;
	*out = p;
	return true;
}

static void cut_words(struct extracting *x, struct str piece, const struct plain *p)
{
	struct str text = {p->text, p->n};
	size_t from = 0;

	for (size_t i = 0; i <= text.n && x->rc == OK; i++) {
		if (i < text.n && !is_end(text.p[i]))
			continue;
		if (i > from)
			extract_token(x, str_slice(text, from, i),
			    str_trim(str_slice(piece, p->from[from], p->from[i])));
		from = i + 1;
	}
}

/* At most PIECE_MAX, to the end of a word. */
static size_t piece_of(struct str s)
{
	size_t n = s.n < PIECE_MAX ? s.n : PIECE_MAX;

	while (n < s.n && !is_end(s.p[n]))
		n++;
	return n;
}

void extract_words(struct extracting *x, struct str text)
{
	for (struct str rest = text; rest.n > 0 && x->rc == OK;) {
		struct str piece = str_slice(rest, 0, piece_of(rest));
		struct arena *memory = arena_new(EXTRACT_SCRATCH);
		struct plain p;

		if (make_plain(&p, memory, piece))
			cut_words(x, piece, &p);
		else
			x->rc = ERR_NOMEM;
		arena_free(memory);
		rest = str_from(rest, piece.n);
	}
}
