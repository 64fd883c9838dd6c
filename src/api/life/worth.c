/* SPDX-License-Identifier: Apache-2.0 */
#include "api/life/worth.h"

#include "gate/life/worth.h"

enum err api_read_worth(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_worth all;

	TRY(gate_worth(r->ask, &all, fault));
	json_object(w, NULL);
	json_list(w, "sources");
	for (size_t i = 0; i < all.count; i++) {
		const struct gate_source_worth *s = &all.items[i];

		json_object(w, NULL);
		json_put_str(w, "name", s->name);
		json_put_int(w, "indicators", (int64_t)s->indicators);
		json_put_int(w, "hit", (int64_t)s->hit);
		json_put_int(w, "hits", (int64_t)s->hits);
		json_put_int(w, "false_positives", (int64_t)s->denied);
		json_put_int(w, "first", (int64_t)s->first);
		json_end_object(w);
	}
	json_end_list(w);
	json_put_int(w, "sightings", (int64_t)all.sightings);
	json_put_bool(w, "more", all.more);
	json_end_object(w);
	return OK;
}
