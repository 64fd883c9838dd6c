/* SPDX-License-Identifier: Apache-2.0 */
#include "api/hunt/hunt.h"

enum { NAME_BYTES_MAX = 250 };

static void put_seen(struct json_writer *w, uint64_t count, usec first, usec last)
{
	json_put_int(w, "count", count > INT64_MAX ? INT64_MAX : (int64_t)count);
	if (!count)
		return;
	json_put_time(w, "first_seen", first);
	json_put_time(w, "last_seen", last);
}

void render_hunt_value(struct json_writer *w, const struct gate_hunt_value *v, size_t n)
{
	json_object(w, NULL);
	json_put_int(w, "n", (int64_t)n);
	json_put_str(w, "value", v->value);
	json_put_str(w, "type", v->type);
	if (v->written.p)
		json_put_str(w, "written", v->written);
	json_end_object(w);
}

static void put_indicators(struct json_writer *w, const struct gate_hunt_answer *a)
{
	json_list(w, "indicators");
	for (size_t i = 0; i < a->indicator_count; i++) {
		const struct gate_indicator *in = &a->indicators[i].is;
		struct str by = a->indicators[i].by;

		json_object(w, NULL);
		json_put_str(w, "id", in->id);
		if (in->name.n > 0)
			json_put_str(w, "name", str_slice(in->name, 0, NAME_BYTES_MAX));
		json_put_str(w, "label", tlp_name(in->object.label.tlp));
		json_put_str(w, "source", in->source);
		json_put_bool(w, "active", in->active);
		json_put_bool(w, "quarantined", in->quarantined);
		if (by.n > 0)
			json_put_str(w, "matches", by);
		json_end_object(w);
	}
	json_end_list(w);
}

static void put_lists(struct json_writer *w, const struct gate_hunt_answer *a)
{
	json_list(w, "bins");
	for (size_t i = 0; i < a->bin_count; i++) {
		json_object(w, NULL);
		json_put_time(w, "time", a->bins[i].time);
		json_put_int(w, "count", (int64_t)a->bins[i].count);
		json_end_object(w);
	}
	json_end_list(w);
	json_list(w, "sources");
	for (size_t i = 0; i < a->source_count; i++) {
		const struct gate_hunt_source *s = &a->sources[i];

		json_object(w, NULL);
		json_put_str(w, "name", s->name);
		put_seen(w, s->count, s->first, s->last);
		json_end_object(w);
	}
	json_end_list(w);
	json_list(w, "names");
	for (size_t i = 0; i < a->name_count; i++) {
		const struct gate_hunt_name *n = &a->names[i];

		json_object(w, NULL);
		json_put_str(w, "name", n->name);
		json_put_str(w, "answer", n->answer);
		put_seen(w, n->count, n->first, n->last);
		json_end_object(w);
	}
	json_end_list(w);
}

void render_hunt_answer(struct json_writer *w, const struct gate_hunt_answer *a)
{
	json_object(w, NULL);
	json_put_int(w, "n", (int64_t)a->n);
	json_put_str(w, "value", a->value);
	json_put_str(w, "type", a->type);
	json_put_bool(w, "seen", a->count > 0);
	put_seen(w, a->count, a->first, a->last);
	json_put_int(w, "hosts", a->hosts);
	json_put_int(w, "step", a->step / USEC_PER_SEC);
	put_lists(w, a);
	put_indicators(w, a);
	json_put_bool(w, "more", a->more);
	if (a->refused.p)
		json_put_str(w, "refused", a->refused);
	json_end_object(w);
}

void hunt_sum(struct hunt_sums *sums, const struct gate_hunt_answers *answers)
{
	bool seen = false;

	for (size_t i = 0; i < answers->count; i++)
		seen |= answers->items[i].count > 0;
	sums->values++;
	sums->seen += seen;
	sums->refused += answers->count > 0 && answers->items[0].refused.p;
}

void render_hunt_end(struct json_writer *w, const struct gate_hunt *h, const struct hunt_sums *sums)
{
	json_object(w, NULL);
	json_put_int(w, "values", (int64_t)sums->values);
	json_put_int(w, "seen", (int64_t)sums->seen);
	json_put_int(w, "refused", (int64_t)sums->refused);
	json_put_bool(w, "left_out", gate_hunt_more(h));
	if (gate_hunt_since(h))
		json_put_time(w, "since", gate_hunt_since(h));
	json_put_time(w, "until", gate_hunt_until(h));
	json_end_object(w);
}
