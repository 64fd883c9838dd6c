/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/extract/extract.h"

#include <string.h>

#include "base/hash.h"
#include "codec/json.h"
#include "stix/extract/internal.h"

enum { JSON_DEPTH = 64, JSON_MEMORY = 256 << 20 };

/* ---- what was found ---- */

static uint64_t hash_of(const struct extracted *e)
{
	const struct hash_key key = {(uint64_t)e->term.kind, e->term.prefix};

	return hash_bytes(&key, e->pattern.p ? e->pattern : e->term.value);
}

static bool same(const struct extracted *a, const struct extracted *b)
{
	if (a->pattern.p || b->pattern.p)
		return a->pattern.p && b->pattern.p && str_eq(a->pattern, b->pattern);
	return term_eq(&a->term, &b->term);
}

void extract_add(struct extracting *x, const struct extracted *e)
{
	size_t at = hash_of(e) % EXTRACT_SLOTS;
	struct extracted *kept = &x->got.list[x->got.count];

	for (; x->slots[at]; at = (at + 1) % EXTRACT_SLOTS)
		if (same(&x->got.list[x->slots[at] - 1], e))
			return;
	if (x->got.count == EXTRACT_VALUES_MAX) {
		x->got.more = true;
		return;
	}
	*kept = *e;
	if (e->pattern.p)
		kept->pattern = arena_str(x->arena, e->pattern);
	else
		kept->term.value = arena_str(x->arena, e->term.value);
	kept->written = arena_str(x->arena, str_slice(e->written, 0, EXTRACT_WRITTEN_MAX));
	if (!(e->pattern.p ? kept->pattern.p : kept->term.value.p) || !kept->written.p) {
		x->rc = ERR_NOMEM;
		return;
	}
	x->slots[at] = (uint16_t)++x->got.count;
}

/* ---- where it is found ---- */

static void find_in_line(struct extracting *x, struct str line)
{
	struct str rest = str_trim(line);
	size_t from = 0;

	/* A whole line first: it may begin with a parenthesis. */
	if ((str_starts(rest, S("[")) || str_starts(rest, S("("))) && extract_pattern(x, rest))
		return;
	for (size_t i = str_find(rest, '['); i < rest.n && x->rc == OK;) {
		size_t n = extract_pattern_end(x, str_from(rest, i));

		if (n && extract_pattern(x, str_slice(rest, i, i + n))) {
			extract_words(x, str_slice(rest, from, i));
			from = i + n;
			i += n;
		} else {
			i++;
		}
		i += str_find(str_from(rest, i), '[');
	}
	extract_words(x, str_from(rest, from));
}

/* One string of a document, which has lines of its own. */
static void find_in_lines(struct extracting *x, struct str text)
{
	struct str rest = text;

	while (rest.p && x->rc == OK)
		find_in_line(x, str_cut(&rest, '\n'));
}

/* Where a walk through a document is: in an object or a list. */
struct level {
	bool object;
	yyjson_obj_iter members;
	yyjson_arr_iter items;
};

static yyjson_val *next_of(struct level *l)
{
	yyjson_val *key;

	if (!l->object)
		return yyjson_arr_iter_next(&l->items);
	key = yyjson_obj_iter_next(&l->members);
	return key ? yyjson_obj_iter_get_val(key) : NULL;
}

static struct level level_of(yyjson_val *v)
{
	struct level l = {.object = yyjson_is_obj(v)};

	if (l.object)
		l.members = yyjson_obj_iter_with(v);
	else
		l.items = yyjson_arr_iter_with(v);
	return l;
}

static void find_in_document(struct extracting *x, yyjson_val *root)
{
	struct level levels[JSON_DEPTH + 1];
	size_t depth = 0;

	levels[depth++] = level_of(root);
	while (depth > 0 && x->rc == OK) {
		yyjson_val *v = next_of(&levels[depth - 1]);

		if (!v)
			depth--;
		else if (yyjson_is_ctn(v) && depth < sizeof(levels) / sizeof(levels[0]))
			levels[depth++] = level_of(v);
		else if (yyjson_is_str(v))
			find_in_lines(x, json_str(v));
	}
}

/* False when the text is no JSON, of which then nothing was taken. */
static bool find_in_json(struct extracting *x, struct str text)
{
	const struct json_limits limits = {.bytes = EXTRACT_TEXT_MAX, .depth = JSON_DEPTH};
	struct str s = str_trim(text);
	struct arena *memory;
	yyjson_val *root;
	bool is;

	if (s.n < 2 || !strchr("{[", s.p[0]) || !strchr("}]", s.p[s.n - 1]))
		return false;
	memory = arena_new(JSON_MEMORY);
	is = json_parse(&root, memory, s, &limits, NULL) == OK && yyjson_is_ctn(root);
	if (is)
		find_in_document(x, root);
	arena_free(memory);
	return is;
}

static void find_in_text(struct extracting *x, struct str text)
{
	struct str rest = text;

	if (find_in_json(x, text) || extract_mail(x, text, find_in_text))
		return;
	while (rest.p && x->rc == OK) {
		struct str line = str_cut(&rest, '\n');

		if (!str_starts(str_trim(line), S("{")) || !find_in_json(x, line))
			find_in_line(x, line);
	}
}

enum err extract_values(
    struct extract *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct extracting x = {.arena = arena, .pattern_bytes = 8 * text.n + (64 << 10)};

	if (text.n > EXTRACT_TEXT_MAX)
		return fail(fault, ERR_LIMIT, "a text of more than %d bytes cannot be hunted",
		    EXTRACT_TEXT_MAX);
	x.got.list = arena_array(arena, EXTRACT_VALUES_MAX + 1, sizeof(*x.got.list));
	x.slots = arena_zalloc(arena, EXTRACT_SLOTS * sizeof(*x.slots));
	if (!x.got.list || !x.slots)
		return fail(fault, ERR_NOMEM, "no memory for the values of a text");
	x.scratch = arena_new(EXTRACT_SCRATCH);
	find_in_text(&x, text);
	arena_free(x.scratch);
	if (x.rc != OK)
		return fail(fault, x.rc, "no memory for the values of a text");
	*out = x.got;
	return OK;
}
