/* SPDX-License-Identifier: Apache-2.0 */
/* The slow way through a line: a tree of all of it, by the JSON reader that documents go through.
 */
#include "codec/json.h"
#include "match/eve_table.h"

static void item(
    struct eve_gather *g, struct arena *arena, yyjson_val *value, const struct eve_row *row);

static void members(
    struct eve_gather *g, struct arena *arena, yyjson_val *object, const struct eve_shape *shape)
{
	yyjson_obj_iter members = yyjson_obj_iter_with(object);
	yyjson_val *key;

	while ((key = yyjson_obj_iter_next(&members)) != NULL) {
		yyjson_val *value = yyjson_obj_iter_get_val(key);
		const struct eve_row *row = eve_row_of(shape, json_str(key));
		bool top = row && row->what == EVE_IS_OBJECT && shape == &EVE_EVENT;
		size_t mark = top ? eve_gather_enter(g) : 0;
		yyjson_arr_iter items = yyjson_arr_iter_with(value);

		if (row && yyjson_is_arr(value)) {
			while ((value = yyjson_arr_iter_next(&items)) != NULL)
				item(g, arena, value, row);
		} else if (row) {
			item(g, arena, value, row);
		}
		if (top)
			eve_gather_leave(g, mark);
	}
}

static void item(
    struct eve_gather *g, struct arena *arena, yyjson_val *value, const struct eve_row *row)
{
	if (yyjson_is_str(value)) {
		eve_gather_text(g, row, json_str(value));
	} else if (yyjson_is_uint(value) && eve_row_counts(row)) {
		eve_gather_text(g, row,
		    arena_printf(arena, "%llu", (unsigned long long)yyjson_get_uint(value)));
	} else if (yyjson_is_obj(value) && row->what == EVE_IS_OBJECT) {
		members(g, arena, value, row->shape);
		if (row->shape->id == EVE_SHAPE_ANSWER)
			eve_gather_answer(g);
	}
}

enum err eve_tree(struct eve_gather *g, struct arena *arena, struct str line)
{
	const struct json_limits limits = {.bytes = EVE_LINE_MAX, .depth = EVE_DEPTH_MAX};
	yyjson_val *root;

	eve_gather_start(g);
	TRY(json_parse(&root, arena, line, &limits, NULL));
	if (!yyjson_is_obj(root))
		return ERR_PARSE;
	members(g, arena, root, &EVE_EVENT);
	return g->overflow ? ERR_LIMIT : OK;
}
