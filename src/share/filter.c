/* SPDX-License-Identifier: Apache-2.0 */
#include "share/filter.h"

#include "codec/time.h"
#include "gate/feed.h"
#include "http/text.h"

struct reading {
	struct filter *out;
	struct arena *arena;
	struct fault *fault;
};

static enum err read_limit(struct reading *r, struct str value)
{
	if (str_u64(value, &r->out->limit) != OK || r->out->limit == 0)
		return fail(r->fault, ERR_INVALID, "limit: must be an integer above 0");
	return OK;
}

static enum err read_next(struct reading *r, struct str value)
{
	if (value.n == 0 || value.n > FILTER_NEXT_MAX)
		return fail(r->fault, ERR_INVALID, "next: not a value that this server gave");
	r->out->next = value;
	return OK;
}

static enum err read_added_after(struct reading *r, struct str value)
{
	if (time_parse_utc(&r->out->added_after, value) != OK)
		return fail(r->fault, ERR_INVALID,
		    "added_after: \"%.*s\" is not a timestamp like 2016-05-07T11:22:30.000000Z",
		    STR_ARG(str_slice(value, 0, 64)));
	return OK;
}

struct list {
	const struct str *items;
	size_t count;
};

/* Cuts a comma list; every element must be there. */
static enum err read_list(struct reading *r, const char *field, struct str value, struct list *out)
{
	size_t n = 1;
	struct str *items;

	for (size_t i = 0; i < value.n; i++)
		n += value.p[i] == ',';
	if (n > FILTER_VALUES_MAX)
		return fail(r->fault, ERR_LIMIT, "match[%s]: more than %d values", field,
		    FILTER_VALUES_MAX);
	items = arena_array(r->arena, n, sizeof(*items));
	if (!items)
		return fail(r->fault, ERR_NOMEM, "no memory for a filter");
	n = 0;
	for (struct str rest = value; rest.p;) {
		items[n] = str_cut(&rest, ',');
		if (items[n++].n == 0)
			return fail(r->fault, ERR_INVALID, "match[%s]: an empty value", field);
	}
	if (n == 0)
		return fail(r->fault, ERR_INVALID, "match[%s]: no value", field);
	*out = (struct list){items, n};
	return OK;
}

static enum err read_ids(struct reading *r, struct str value)
{
	struct list list = {0};

	TRY(read_list(r, "id", value, &list));
	r->out->ids = list.items;
	r->out->id_count = list.count;
	return OK;
}

static enum err read_types(struct reading *r, struct str value)
{
	struct list list = {0};

	TRY(read_list(r, "type", value, &list));
	r->out->types = list.items;
	r->out->type_count = list.count;
	return OK;
}

static const struct {
	struct str word;
	uint8_t bit;
} VERSION_WORDS[] = {
    {S("last"), FEED_VERSION_LAST},
    {S("first"), FEED_VERSION_FIRST},
    {S("all"), FEED_VERSION_ALL},
};

static uint8_t version_word(struct str word)
{
	for (size_t i = 0; i < sizeof(VERSION_WORDS) / sizeof(VERSION_WORDS[0]); i++)
		if (str_eq(VERSION_WORDS[i].word, word))
			return VERSION_WORDS[i].bit;
	return 0;
}

static enum err read_versions(struct reading *r, struct str value)
{
	struct list list = {0};
	int64_t *exact;

	TRY(read_list(r, "version", value, &list));
	exact = arena_array(r->arena, list.count, sizeof(*exact));
	if (!exact)
		return fail(r->fault, ERR_NOMEM, "no memory for a filter");
	for (size_t i = 0; i < list.count; i++) {
		struct str item = list.items[i];
		uint8_t bit = version_word(item);

		r->out->versions |= bit;
		if (!bit && time_parse_utc(&exact[r->out->exact_count++], item) != OK)
			return fail(r->fault, ERR_INVALID,
			    "match[version]: \"%.*s\" is neither last, first, all nor a timestamp",
			    STR_ARG(str_slice(item, 0, 64)));
	}
	r->out->exact = exact;
	if (r->out->versions & FEED_VERSION_ALL && list.count > 1)
		return fail(r->fault, ERR_INVALID, "match[version]: all must stand alone");
	return OK;
}

static bool is_spec_version(struct str s)
{
	struct str rest = s;
	uint64_t number;

	return str_u64(str_cut(&rest, '.'), &number) == OK && rest.p &&
	       str_u64(rest, &number) == OK;
}

static enum err read_specs(struct reading *r, struct str value)
{
	struct list list = {0};

	TRY(read_list(r, "spec_version", value, &list));
	for (size_t i = 0; i < list.count; i++) {
		struct str item = list.items[i];

		if (!is_spec_version(item))
			return fail(r->fault, ERR_INVALID,
			    "match[spec_version]: \"%.*s\" is not a version like 2.1",
			    STR_ARG(str_slice(item, 0, 64)));
		if (str_eq(item, S("2.0")))
			r->out->specs |= FEED_SPEC_20;
		else if (str_eq(item, S("2.1")))
			r->out->specs |= FEED_SPEC_21;
	}
	return OK;
}

static const struct {
	struct str key;
	enum filter_field field;
	enum err (*read)(struct reading *r, struct str value);
} FIELDS[] = {
    {S("limit"), FILTER_LIMIT, read_limit},
    {S("next"), FILTER_NEXT, read_next},
    {S("added_after"), FILTER_ADDED_AFTER, read_added_after},
    {S("match[id]"), FILTER_ID, read_ids},
    {S("match[type]"), FILTER_TYPE, read_types},
    {S("match[version]"), FILTER_VERSION, read_versions},
    {S("match[spec_version]"), FILTER_SPEC, read_specs},
};

enum { FIELD_COUNT = sizeof(FIELDS) / sizeof(FIELDS[0]) };

struct pair {
	struct str key, value;
};

static enum err take_pair(
    struct reading *r, struct str values[FIELD_COUNT], unsigned known, struct pair pair)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		unsigned bit = (unsigned)FIELDS[i].field;

		if (!(known & bit) || !str_eq(FIELDS[i].key, pair.key))
			continue;
		if (r->out->seen & bit)
			return fail(r->fault, ERR_INVALID, "%.*s: given twice", STR_ARG(pair.key));
		r->out->seen |= bit;
		values[i] = pair.value;
		return FIELDS[i].read(r, pair.value);
	}
	return OK;
}

/* The same filters in any order and spelling give the same text. */
static enum err bind_next(struct reading *r, const struct str values[FIELD_COUNT])
{
	struct str text = S("");

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (FIELDS[i].field == FILTER_LIMIT || FIELDS[i].field == FILTER_NEXT ||
		    !values[i].p)
			continue;
		text = arena_printf(r->arena, "%.*s%zu=%zu:%.*s;", STR_ARG(text), i, values[i].n,
		    STR_ARG(values[i]));
		if (!text.p)
			return fail(r->fault, ERR_NOMEM, "no memory for a filter");
	}
	r->out->binding = text;
	return OK;
}

enum err filter_parse(
    struct filter *out, struct arena *arena, struct str query, unsigned known, struct fault *fault)
{
	struct filter filter = {.added_after = INT64_MIN};
	struct reading r = {&filter, arena, fault};
	struct str values[FIELD_COUNT] = {{NULL, 0}};
	struct str rest = query;
	struct pair pair = {{NULL, 0}, {NULL, 0}};

	while (http_query_next(&rest, &pair.key, &pair.value)) {
		if (http_decode(&pair.key, arena, pair.key, true) != OK ||
		    http_decode(&pair.value, arena, pair.value, true) != OK)
			return fail(fault, ERR_INVALID, "the query has a broken percent-escape");
		TRY(take_pair(&r, values, known, pair));
	}
	TRY(bind_next(&r, values));
	*out = filter;
	return OK;
}
