/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/text.h"

#include <string.h>

#include <utf8proc.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/mem.h"
#include "codec/utf8.h"

static bool ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

bool text_octets(struct str *out, struct arena *arena, struct str text)
{
	char *p;
	size_t n = 0;

	*out = text;
	if (ascii(text))
		return true;
	p = arena_alloc(arena, text.n);
	for (size_t i = 0; p && i < text.n;) {
		size_t bytes = utf8_char(text, i);
		uint32_t c = bytes ? utf8_value(text, i, bytes) : 0x100;

		if (c > 0xff)
			return false;
		p[n++] = (char)c;
		i += bytes;
	}
	*out = (struct str){p, n};
	return p != NULL;
}

static bool overloaded(struct str text)
{
	size_t marks = 0;

	for (size_t i = 0; i < text.n;) {
		size_t n = utf8_char(text, i);
		uint32_t c = n ? utf8_value(text, i, n) : 0;

		marks = utf8proc_get_property((utf8proc_int32_t)c)->combining_class ? marks + 1 : 0;
		if (marks > TEXT_MARKS_MAX)
			return true;
		i += n ? n : 1;
	}
	return false;
}

/* Decomposed characters are 32 bits each; composing writes UTF-8 over them, which is shorter. */
enum err text_normal(struct str *out, struct arena *arena, struct str text)
{
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.p;
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_int32_t *wide;
	utf8proc_ssize_t n, written;

	*out = text;
	if (ascii(text))
		return OK;
	if (overloaded(text))
		return ERR_LIMIT;
	n = utf8proc_decompose(bytes, (utf8proc_ssize_t)text.n, NULL, 0, options);
	if (n < 0)
		return ERR_INVALID;
	wide = arena_array(arena, (size_t)n + 1, sizeof(*wide));
	if (!wide)
		return ERR_NOMEM;
	n = utf8proc_decompose(bytes, (utf8proc_ssize_t)text.n, wide, n, options);
	written = n < 0 ? n : utf8proc_reencode(wide, n, options);
	if (written < 0)
		return ERR_INVALID;
	*out = (struct str){(const char *)wide, (size_t)written};
	return OK;
}

static size_t char_at(struct str s, size_t at, bool octets)
{
	size_t n = octets ? 1 : utf8_char(s, at);

	return n ? n : 1;
}

/* After a mismatch the last `%` takes one character more: earlier ones need never be tried again.
 */
enum text_answer text_like(struct str text, struct str like, bool octets)
{
	size_t i = 0, k = 0, star = SIZE_MAX, from = 0, steps = 0;

	while (i < text.n) {
		size_t n = char_at(text, i, octets);

		if (++steps > TEXT_LIKE_STEPS_MAX)
			return TEXT_LIMIT;
		if (k < like.n && like.p[k] == '%') {
			star = k++;
			from = i;
		} else if (k < like.n && like.p[k] == '_') {
			k++;
			i += n;
		} else if (k + n <= like.n && memcmp(like.p + k, text.p + i, n) == 0) {
			k += n;
			i += n;
		} else if (star != SIZE_MAX) {
			k = star + 1;
			from += char_at(text, from, octets);
			i = from;
		} else {
			return TEXT_NO;
		}
	}
	while (k < like.n && like.p[k] == '%')
		k++;
	return k == like.n ? TEXT_YES : TEXT_NO;
}

/* Compiled expressions live and die with the arena. */
static void *in_arena(PCRE2_SIZE n, void *arena)
{
	return arena_alloc(arena, n);
}

static void left_in_arena(void *p, void *arena)
{
	(void)p;
	(void)arena;
}

static enum err refused(int code, struct fault *fault)
{
	PCRE2_UCHAR text[160];

	if (pcre2_get_error_message(code, text, sizeof(text)) < 0)
		text[0] = '\0';
	return fail(fault, code == PCRE2_ERROR_HEAP_FAILED ? ERR_LIMIT : ERR_INVALID,
	    "not a regular expression: %s", (const char *)text);
}

enum err text_regex(void **out, struct arena *arena, struct str expression, bool octets, size_t *at,
    struct fault *fault)
{
	const uint32_t options =
	    PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C |
	    (octets ? PCRE2_NEVER_UTF | PCRE2_NEVER_UCP : PCRE2_UTF | PCRE2_UCP);
	pcre2_general_context *memory =
	    pcre2_general_context_create(in_arena, left_in_arena, arena);
	pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
	PCRE2_SIZE where = 0;
	int code = 0;

	*at = 0;
	if (!context)
		return fail(fault, ERR_NOMEM, "no memory for a regular expression");
	(void)pcre2_set_parens_nest_limit(context, 100);
	/* As Perl has it: registry keys are often written without doubling their backslashes. */
	(void)pcre2_set_compile_extra_options(context, PCRE2_EXTRA_BAD_ESCAPE_IS_LITERAL);
	*out = pcre2_compile((PCRE2_SPTR)(expression.n ? expression.p : ""), expression.n, options,
	    &code, &where, context);
	*at = where;
	return *out ? OK : refused(code, fault);
}

struct text_runner {
	pcre2_general_context *memory;
	pcre2_match_context *context;
	pcre2_match_data *data;
};

static void *take(PCRE2_SIZE n, void *none)
{
	(void)none;
	return mem_alloc(n);
}

static void give_back(void *p, void *none)
{
	(void)none;
	mem_free(p);
}

struct text_runner *text_runner_new(void)
{
	struct text_runner *r = mem_alloc(sizeof(*r));

	/* None of these can be refused: mem_alloc never is. */
	r->memory = pcre2_general_context_create(take, give_back, NULL);
	r->context = pcre2_match_context_create(r->memory);
	r->data = pcre2_match_data_create(1, r->memory);
	(void)pcre2_set_depth_limit(r->context, TEXT_DEPTH_MAX);
	(void)pcre2_set_heap_limit(r->context, TEXT_HEAP_KIB_MAX);
	return r;
}

void text_runner_free(struct text_runner *r)
{
	if (!r)
		return;
	pcre2_match_data_free(r->data);
	pcre2_match_context_free(r->context);
	pcre2_general_context_free(r->memory);
	mem_free(r);
}

/* PCRE2 counts its calls anew from each place in the text: so a long text gets fewer from each. */
static uint32_t calls_for(size_t bytes)
{
	size_t calls = TEXT_CALLS_ALL / (bytes + 1);

	return (uint32_t)(calls > TEXT_CALLS_MAX     ? TEXT_CALLS_MAX
	                  : calls < TEXT_CALLS_LEAST ? TEXT_CALLS_LEAST
	                                             : calls);
}

enum text_answer text_search(struct text_runner *r, const void *regex, struct str text)
{
	int rc;

	if (text.n > TEXT_VALUE_BYTES_MAX)
		return TEXT_LIMIT;
	(void)pcre2_set_match_limit(r->context, calls_for(text.n));
	rc = pcre2_match(
	    regex, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, 0, 0, r->data, r->context);
	if (rc >= 0)
		return TEXT_YES;
	return rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT ||
	               rc == PCRE2_ERROR_HEAPLIMIT
	           ? TEXT_LIMIT
	           : TEXT_NO;
}
