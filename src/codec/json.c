/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: yyjson into an arena, then one walk over its flat array of values for what yyjson lets
 * pass (duplicate keys, depth). Offsets and paths are worked out only when something is wrong. */
#include "codec/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void *take(void *ctx, size_t n)
{
	return arena_alloc(ctx, n);
}

static void *take_more(void *ctx, void *p, size_t old, size_t n)
{
	void *q;

	if (n <= old)
		return p;
	q = arena_alloc(ctx, n);
	if (q && p)
		memcpy(q, p, old);
	return q;
}

static void give_back(void *ctx, void *p)
{
	(void)ctx;
	(void)p;
}

/* Offset of the first bracket that nests deeper than max, or text.n. */
static size_t too_deep_at(struct str text, size_t max)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted)
			i++;
		else if (!quoted && (c == '{' || c == '[') && ++depth > max)
			return i;
		else if (!quoted && (c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return text.n;
}

static enum err refuse(
    struct str text, const struct json_limits *limits, const yyjson_read_err *why, struct fault *f)
{
	size_t at = too_deep_at(text, limits->depth);

	if (at < text.n)
		return fail(
		    f, ERR_LIMIT, "byte %zu: nested deeper than %zu levels", at, limits->depth);
	if (why->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return fail(f, ERR_NOMEM,
		    "the JSON text of %zu bytes needs more memory than allowed", text.n);
	return fail(f, ERR_PARSE, "byte %zu: not valid JSON: %s", why->pos, why->msg);
}

static bool same_string(yyjson_val *a, yyjson_val *b)
{
	size_t n = unsafe_yyjson_get_len(a);

	return n == unsafe_yyjson_get_len(b) && memcmp(a->uni.str, b->uni.str, n) == 0;
}

static int by_text(const void *a, const void *b)
{
	yyjson_val *x = *(yyjson_val *const *)a;
	yyjson_val *y = *(yyjson_val *const *)b;
	size_t n = unsafe_yyjson_get_len(x), m = unsafe_yyjson_get_len(y);
	int order;

	if (n != m)
		return n < m ? -1 : 1;
	order = memcmp(x->uni.str, y->uni.str, n);
	/* The later one of a pair comes second and is the one to report. */
	return order ? order : (x > y) - (x < y);
}

/* For objects too wide to compare each key with each. */
static enum err find_twin_sorted(yyjson_val **twin, struct arena *arena, yyjson_val *object)
{
	size_t n = unsafe_yyjson_get_len(object);
	yyjson_val **keys = arena_array(arena, n, sizeof(yyjson_val *));
	yyjson_val *key = unsafe_yyjson_get_first(object);

	if (!keys)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1))
		keys[i] = key;
	qsort(keys, n, sizeof(yyjson_val *), by_text);
	for (size_t i = 1; i < n; i++)
		if (same_string(keys[i - 1], keys[i]))
			*twin = keys[i];
	return OK;
}

enum { WIDE = 64 };

/* A word with one bit for each (length, first, last byte) seen: most keys of an object differ in
 * it, and only where two agree are the keys before compared. */
static unsigned key_bit(yyjson_val *key)
{
	size_t n = unsafe_yyjson_get_len(key);
	const unsigned char *p = (const unsigned char *)key->uni.str;
	unsigned mix = n ? (unsigned)n * 7u + p[0] * 5u + p[n - 1] * 3u + p[n / 2] : 0;

	return mix & 63;
}

static enum err find_twin(yyjson_val **twin, struct arena *arena, yyjson_val *object)
{
	size_t n = unsafe_yyjson_get_len(object);
	yyjson_val *first = unsafe_yyjson_get_first(object);
	yyjson_val *key = first;
	uint64_t seen = 0;

	if (n > WIDE)
		return find_twin_sorted(twin, arena, object);
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		uint64_t bit = UINT64_C(1) << key_bit(key);
		yyjson_val *other = first;

		for (; (seen & bit) && other < key; other = unsafe_yyjson_get_next(other + 1))
			if (same_string(other, key))
				*twin = key;
		seen |= bit;
	}
	return OK;
}

static enum err refuse_twin(
    const yyjson_doc *doc, struct arena *arena, yyjson_val *twin, struct fault *fault)
{
	struct str path = json_path(arena, doc->root, twin);

	return fail(fault, ERR_PARSE, "byte %td: %.*s: duplicate key",
	    twin->uni.str - doc->str_pool - 1, STR_ARG(path));
}

/* Walks the values in the order they lie; `ends` holds where each open container ends. */
static enum err check_values(const yyjson_doc *doc, struct arena *arena, struct str text,
    const struct json_limits *limits, struct fault *fault)
{
	const yyjson_val *ends[JSON_DEPTH_MAX];
	size_t depth = 0;
	yyjson_val *end = doc->root + doc->val_read;

	for (yyjson_val *v = doc->root; v < end; v++) {
		yyjson_val *twin = NULL;

		if (!unsafe_yyjson_is_ctn(v))
			continue;
		while (depth > 0 && v >= ends[depth - 1])
			depth--;
		if (depth == limits->depth)
			return fail(fault, ERR_LIMIT, "byte %zu: nested deeper than %zu levels",
			    too_deep_at(text, limits->depth), limits->depth);
		ends[depth++] = unsafe_yyjson_get_next(v);
		if (!unsafe_yyjson_is_obj(v))
			continue;
		TRY(find_twin(&twin, arena, v));
		if (twin)
			return refuse_twin(doc, arena, twin, fault);
	}
	return OK;
}

enum err json_parse(yyjson_val **out, struct arena *arena, struct str text,
    const struct json_limits *limits, struct fault *fault)
{
	const yyjson_alc alc = {take, take_more, give_back, arena};
	yyjson_read_err why;
	yyjson_doc *doc;

	assert(limits->depth <= JSON_DEPTH_MAX);
	if (text.n > limits->bytes)
		return fail(fault, ERR_LIMIT, "%zu bytes of JSON, more than the %zu allowed",
		    text.n, limits->bytes);
	if (text.n == 0)
		return fail(fault, ERR_PARSE, "byte 0: not valid JSON: empty");
	/* Without YYJSON_READ_INSITU the text is copied, never written to. */
	doc = yyjson_read_opts(
	    (char *)(uintptr_t)text.p, text.n, YYJSON_READ_BIGNUM_AS_RAW, &alc, &why);
	if (!doc)
		return refuse(text, limits, &why, fault);
	TRY(check_values(doc, arena, text, limits, fault));
	*out = doc->root;
	return OK;
}

struct step {
	yyjson_val *key; /* of an object's member, or NULL */
	size_t index;    /* of a list's member */
};

/* The member of `container` in whose range of values `target` lies: values lie in document order,
 * each container directly before its members. */
static yyjson_val *step_down(struct step *out, yyjson_val *container, const yyjson_val *target)
{
	bool object = unsafe_yyjson_is_obj(container);
	size_t n = unsafe_yyjson_get_len(container);
	yyjson_val *at = unsafe_yyjson_get_first(container);

	for (size_t i = 0; i < n; i++) {
		yyjson_val *member = object ? at + 1 : at;
		yyjson_val *next = unsafe_yyjson_get_next(member);

		if (target >= at && target < next) {
			*out = (struct step){object ? at : NULL, i};
			return target == at ? NULL : member;
		}
		at = next;
	}
	return NULL;
}

struct str json_path(struct arena *arena, yyjson_val *root, const yyjson_val *value)
{
	struct str path = {"", 0};
	yyjson_val *at = root;

	while (at && at != value && unsafe_yyjson_is_ctn(at)) {
		struct step step = {NULL, SIZE_MAX};
		const char *dot = path.n ? "." : "";

		at = step_down(&step, at, value);
		if (step.index == SIZE_MAX)
			break;
		path = step.key
		           ? arena_printf(arena, "%.*s%s%.*s", STR_ARG(path), dot,
		                 STR_ARG(json_str(step.key)))
		           : arena_printf(arena, "%.*s%s[%zu]", STR_ARG(path), dot, step.index);
		if (!path.p)
			return STR_NONE;
	}
	return path;
}

struct str json_str(yyjson_val *value)
{
	if (!yyjson_is_str(value))
		return STR_NONE;
	return (struct str){unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value)};
}

struct str json_get_str(yyjson_val *object, const char *key)
{
	return json_str(yyjson_obj_get(object, key));
}
