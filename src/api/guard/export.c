/* SPDX-License-Identifier: Apache-2.0 */
#include "api/guard/export.h"

#include "gate/guard/export.h"

enum err api_read_export(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	const struct api_value *kind = api_args_get(r->args, "kind");
	const struct gate_export_query query = {
	    .use = str_eq(api_args_get(r->args, "for")->text, S("block")) ? PERMIT_BLOCK
	                                                                  : PERMIT_DETECT,
	    .kind = kind->given ? kind->text : STR_NONE,
	    .limit = (uint32_t)api_args_get(r->args, "limit")->number,
	    .next = api_args_get(r->args, "next")->text};
	struct gate_export page;

	TRY(gate_export(r->ask, &query, &page, fault));
	json_object(w, NULL);
	json_list(w, "values");
	for (size_t i = 0; i < page.count; i++) {
		json_object(w, NULL);
		json_put_str(w, "value", page.values[i].value);
		json_put_str(w, "kind", page.values[i].kind);
		json_put_str(w, "id", page.values[i].id);
		json_end_object(w);
	}
	json_end_list(w);
	json_put_int(w, "indicators", (int64_t)page.indicators);
	json_list(w, "left_out");
	for (unsigned i = 0; i < LEFT_KINDS; i++) {
		if (page.left[i] == 0)
			continue;
		json_object(w, NULL);
		json_put_str(w, "reason", str_c(gate_left_name((enum gate_left)i)));
		json_put_int(w, "count", (int64_t)page.left[i]);
		json_end_object(w);
	}
	json_end_list(w);
	if (page.next.p)
		json_put_str(w, "next", page.next);
	json_end_object(w);
	return OK;
}
