/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/observation.h"

#include <stdlib.h>

#include "codec/json.h"
#include "codec/time.h"

static int by_id(const void *a, const void *b)
{
	return str_cmp(
	    ((const struct pattern_thing *)a)->id, ((const struct pattern_thing *)b)->id);
}

static enum err no_memory(struct fault *fault)
{
	return fail(fault, ERR_NOMEM, "no memory for the observations");
}

static enum err add_room(
    struct pattern_things *out, struct arena *arena, size_t count, struct fault *fault)
{
	if (count > PATTERN_THINGS_MAX)
		return fail(fault, ERR_LIMIT, "more than %d objects together", PATTERN_THINGS_MAX);
	out->list = arena_array(arena, count, sizeof(*out->list));
	return out->list ? OK : no_memory(fault);
}

static void sort(struct pattern_things *things)
{
	if (things->count > 0)
		qsort(things->list, things->count, sizeof(*things->list), by_id);
}

const struct pattern_thing *pattern_thing(const struct pattern_things *things, struct str id)
{
	struct pattern_thing key = {.id = id};

	if (things->count == 0 || !id.p)
		return NULL;
	return bsearch(&key, things->list, things->count, sizeof(key), by_id);
}

/* STIX 2.0: a dictionary of the observables themselves. */
static enum err take_objects(
    struct pattern_things *out, struct arena *arena, yyjson_val *objects, struct fault *fault)
{
	yyjson_obj_iter iter = yyjson_obj_iter_with(objects);
	yyjson_val *key;

	TRY(add_room(out, arena, yyjson_obj_size(objects), fault));
	while ((key = yyjson_obj_iter_next(&iter))) {
		yyjson_val *json = yyjson_obj_iter_get_val(key);

		out->list[out->count++] =
		    (struct pattern_thing){json_str(key), json_get_str(json, "type"), json};
	}
	sort(out);
	return OK;
}

static enum err take_refs(struct pattern_things *out, struct arena *arena, yyjson_val *refs,
    const struct pattern_things *members, struct fault *fault)
{
	yyjson_arr_iter iter = yyjson_arr_iter_with(refs);
	yyjson_val *ref;

	TRY(add_room(out, arena, yyjson_arr_size(refs), fault));
	while ((ref = yyjson_arr_iter_next(&iter))) {
		const struct pattern_thing *thing = pattern_thing(members, json_str(ref));

		if (thing)
			out->list[out->count++] = *thing;
	}
	sort(out);
	return OK;
}

static enum err take_times(
    struct pattern_observation *out, yyjson_val *observed, struct fault *fault)
{
	struct str first = json_get_str(observed, "first_observed");
	struct str last = json_get_str(observed, "last_observed");

	if (!first.p || time_parse_utc(&out->first, first) != OK)
		return fail(fault, ERR_INVALID, "observed data without a first_observed");
	if (!last.p || time_parse_utc(&out->last, last) != OK)
		return fail(fault, ERR_INVALID, "observed data without a last_observed");
	if (out->last < out->first)
		return fail(fault, ERR_INVALID, "last_observed is before first_observed");
	return OK;
}

enum err pattern_observation(struct pattern_observation *out, struct arena *arena,
    yyjson_val *observed, const struct pattern_things *members, struct fault *fault)
{
	yyjson_val *number = yyjson_obj_get(observed, "number_observed");
	yyjson_val *refs = yyjson_obj_get(observed, "object_refs");
	yyjson_val *objects = yyjson_obj_get(observed, "objects");

	*out = (struct pattern_observation){.id = json_get_str(observed, "id"), .number = 1};
	TRY(take_times(out, observed, fault));
	if (number && (!yyjson_is_uint(number) || yyjson_get_uint(number) == 0))
		return fail(fault, ERR_INVALID, "number_observed is an integer above zero");
	if (number)
		out->number = yyjson_get_uint(number);
	if (yyjson_is_arr(refs))
		return take_refs(&out->things, arena, refs, members, fault);
	if (yyjson_is_obj(objects))
		return take_objects(&out->things, arena, objects, fault);
	return fail(fault, ERR_INVALID, "observed data without objects");
}

struct reading {
	struct pattern_observations *out;
	struct arena *arena;
	size_t cap;
	struct fault *fault;
};

static enum err add(struct reading *r, const struct pattern_observation *o)
{
	struct pattern_observations *out = r->out;

	if (out->count == PATTERN_OBSERVATIONS_MAX)
		return fail(r->fault, ERR_LIMIT, "more than %d observed-data objects",
		    PATTERN_OBSERVATIONS_MAX);
	if (out->count == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;
		struct pattern_observation *list = arena_array(r->arena, cap, sizeof(*list));

		if (!list)
			return no_memory(r->fault);
		for (size_t i = 0; i < out->count; i++)
			list[i] = out->list[i];
		out->list = list;
		r->cap = cap;
	}
	out->list[out->count++] = *o;
	return OK;
}

/* The observed data of one bundle, or of the list itself; its members are looked up together. */
static enum err take_list(struct reading *r, yyjson_val *list, bool top)
{
	struct pattern_things members = {NULL, 0};
	struct pattern_observation o;
	yyjson_arr_iter iter = yyjson_arr_iter_with(list);
	yyjson_val *json;

	TRY(add_room(&members, r->arena, yyjson_arr_size(list), r->fault));
	while ((json = yyjson_arr_iter_next(&iter)))
		if (json_get_str(json, "id").p)
			members.list[members.count++] = (struct pattern_thing){
			    json_get_str(json, "id"), json_get_str(json, "type"), json};
	sort(&members);
	iter = yyjson_arr_iter_with(list);
	while ((json = yyjson_arr_iter_next(&iter))) {
		struct str type = json_get_str(json, "type");

		if (!yyjson_is_obj(json))
			return fail(r->fault, ERR_INVALID, "an observation that is no object");
		if (top && str_eq(type, S("bundle"))) {
			if (yyjson_is_arr(yyjson_obj_get(json, "objects")))
				TRY(take_list(r, yyjson_obj_get(json, "objects"), false));
			continue;
		}
		/* The second is how drafts of 2.0 called it. */
		if (!str_eq(type, S("observed-data")) && !str_eq(type, S("cybox-container")))
			continue;
		TRY(pattern_observation(&o, r->arena, json, &members, r->fault));
		TRY(add(r, &o));
	}
	return OK;
}

enum err pattern_observations(
    struct pattern_observations *out, struct arena *arena, yyjson_val *list, struct fault *fault)
{
	struct reading r = {.out = out, .arena = arena, .fault = fault};

	*out = (struct pattern_observations){NULL, 0};
	if (!yyjson_is_arr(list))
		return fail(fault, ERR_INVALID, "observations is a list");
	return take_list(&r, list, true);
}
