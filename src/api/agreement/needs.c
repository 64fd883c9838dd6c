/* SPDX-License-Identifier: Apache-2.0 */
#include "api/agreement/needs.h"

#include "api/page.h"
#include "stix/type.h"

static void put_side(
    struct json_writer *w, const struct gate_need *need, const struct gate_need_side *s)
{
	json_object(w, NULL);
	json_put_str(w, "peer", s->peer);
	json_put_str(w, "answer", s->answered ? need_answer_name(s->answer) : S("none"));
	if (s->answered && s->reason.n)
		json_put_str(w, "reason", s->reason);
	json_put_int(w, "delivered", (int64_t)s->delivered);
	if (s->first) {
		json_put_time(w, "first", s->first);
		json_put_real(
		    w, "latency_s", (double)(s->first - need->asked) / (double)USEC_PER_SEC);
	}
	if (s->rule) {
		json_put_int(w, "withheld", (int64_t)s->withheld);
		json_put_str(w, "rule", str_c(s->rule));
		json_put_str(w, "text", str_c(s->text));
	}
	json_end_object(w);
}

static void put_need(struct json_writer *w, const struct gate_need *n)
{
	json_object(w, NULL);
	json_put_str(w, "id", n->need.id);
	json_put_bool(w, "own", n->own);
	json_put_str(w, "by", n->need.by);
	json_put_str(w, "community", n->need.community);
	json_put_str(w, "type", stix_type_name((enum stix_type_id)n->need.type));
	json_put_str(w, "text", n->need.text.p ? n->need.text : S(""));
	json_put_str(w, "state", str_c(n->state));
	json_put_time(w, "asked", n->asked);
	if (n->need.until)
		json_put_time(w, "expires", n->need.until);
	json_put_bool(w, "gap", n->gap);
	json_list(w, "sides");
	for (size_t i = 0; i < n->count; i++)
		put_side(w, n, &n->sides[i]);
	json_end_list(w);
	json_end_object(w);
}

/* Only those without a supplier, when that is asked. */
static size_t only_gaps(struct gate_needs *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].gap)
			all->items[n++] = all->items[i];
	return n;
}

enum err api_read_needs(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	const struct api_value *gaps = api_args_get(r->args, "gap");
	struct gate_needs all;
	struct slice s;

	TRY(gate_needs(r->ask, &all, fault));
	if (gaps->given && gaps->number)
		all.count = only_gaps(&all);
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		put_need(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

void render_need_sums(struct json_writer *w, const struct gate_ask *ask,
    const struct gate_needs *all, struct str peer)
{
	struct gate_need_sum *sums;
	size_t n = gate_need_sums(ask, all, peer, &sums);

	json_list(w, "needs");
	for (size_t i = 0; i < n; i++) {
		const struct gate_need_sum *s = &sums[i];

		json_object(w, NULL);
		json_put_bool(w, "own", s->own);
		json_put_str(w, "type", stix_type_name((enum stix_type_id)s->type));
		json_put_int(w, "requested", (int64_t)s->requested);
		json_put_int(w, "offered", (int64_t)s->offered);
		json_put_int(w, "delivered", (int64_t)s->delivered);
		json_put_int(w, "refused", (int64_t)s->refused);
		if (s->rule)
			json_put_str(w, "rule", str_c(s->rule));
		if (s->delivered)
			json_put_real(w, "latency_s", (double)s->latency / (double)USEC_PER_SEC);
		json_end_object(w);
	}
	json_end_list(w);
}
