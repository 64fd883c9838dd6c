/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/list.h"

#include "policy/names.h"

enum err list_check(struct str text, const char *what, struct fault *fault)
{
	struct name name;

	if (text.n > LIST_TEXT_MAX)
		return fail(fault, ERR_LIMIT, "%s: at most %d bytes", what, LIST_TEXT_MAX);
	while (text.p) {
		struct str part = str_trim(str_cut(&text, ','));

		if (part.n && name_encode(&name, part) != OK)
			return fail(fault, ERR_INVALID,
			    "%s: not a name: %.*s (1 to %d letters, digits and any of ._:+-)", what,
			    STR_ARG(str_slice(part, 0, 40)), POLICY_NAME_MAX);
	}
	return OK;
}

void list_put(struct json_writer *w, const char *key, struct str text)
{
	if (!text.p)
		return;
	json_list(w, key);
	while (text.p) {
		struct str part = str_trim(str_cut(&text, ','));

		if (part.n)
			json_put_str(w, NULL, part);
	}
	json_end_list(w);
}

struct str list_text(struct arena *arena, yyjson_val *list)
{
	struct str out = STR_NONE;
	size_t i, max;
	yyjson_val *v;

	if (!yyjson_is_arr(list))
		return STR_NONE;
	out = S("");
	yyjson_arr_foreach(list, i, max, v)
	{
		out = arena_printf(
		    arena, "%.*s%s%.*s", STR_ARG(out), out.n ? "," : "", STR_ARG(json_str(v)));
	}
	return out;
}
