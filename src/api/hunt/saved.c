/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/hunt/saved.h"

#include "api/hunt/hunt.h"
#include "api/page.h"

enum err api_read_saved_hunts(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_saved_hunts all;
	struct slice s;

	TRY(gate_saved_hunts(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	TRY(gate_hunt_news(r->ask, all.items + s.at, s.end - s.at, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++) {
		const struct gate_saved_hunt *h = &all.items[i];

		json_object(w, NULL);
		json_put_str(w, "name", h->name);
		json_put_str(w, "text", h->text);
		json_put_str(w, "by", h->by);
		json_put_time(w, "saved", h->saved);
		if (h->answered)
			json_put_time(w, "answered", h->answered);
		json_put_int(w, "news", h->news < INT64_MAX ? (int64_t)h->news : INT64_MAX);
		if (h->last_new)
			json_put_time(w, "last_new", h->last_new);
		json_put_bool(w, "more", h->more);
		json_end_object(w);
	}
	end_page(w, s.next);
	return OK;
}
