/* SPDX-License-Identifier: Apache-2.0 */
#include "api/audience.h"

#include "api/render.h"
#include "gate/audience.h"

struct label_change api_label_change(const struct api_args *args)
{
	const struct api_value *hops = api_args_get(args, "max_hops");
	const struct api_value *expires = api_args_get(args, "expires");

	return (struct label_change){.tlp = api_args_get(args, "tlp")->text,
	    .releasable_to = api_args_get(args, "releasable_to")->text,
	    .communities = api_args_get(args, "communities")->text,
	    .need_to_know = api_args_get(args, "need_to_know")->text,
	    .has_hops = hops->given,
	    .hops = (uint64_t)hops->number,
	    .has_expiry = expires->given,
	    .expires = expires->number};
}

static void put_verdict(struct json_writer *w, const char *key, const struct gate_verdict *v)
{
	json_object(w, key);
	json_put_str(w, "verdict", render_verdict(v->why.decision.verdict, &v->change));
	json_put_str(w, "rule", str_c(v->why.decision.rule));
	json_put_str(w, "text", str_c(v->text));
	if (v->through.n)
		json_put_str(w, "through", v->through);
	render_terms(w, &v->change);
	json_list(w, "conditions");
	for (size_t i = 0; i < v->why.count; i++) {
		json_object(w, NULL);
		json_put_str(w, "rule", str_c(v->why.conditions[i].rule));
		json_put_bool(w, "holds", v->why.conditions[i].holds);
		json_put_str(w, "text", str_c(v->why.conditions[i].text));
		json_end_object(w);
	}
	json_end_list(w);
	json_end_object(w);
}

static void put_reader(struct json_writer *w, const struct gate_audience_reader *r, bool then)
{
	static const char *const KINDS[] = {[GATE_PEER] = "peer",
	    [GATE_COMMUNITY] = "community",
	    [GATE_GUESTS] = "guests",
	    [GATE_ACCOUNTS] = "accounts"};
	static const char *const COPIES[] = {[GATE_COPY_NONE] = "none",
	    [GATE_COPY_GIVEN] = "given",
	    [GATE_COPY_RECEIPTED] = "receipted",
	    [GATE_COPY_THEIRS] = "theirs"};

	json_object(w, NULL);
	json_put_str(w, "kind", str_c(KINDS[r->kind]));
	json_put_str(w, "name", r->name);
	if (r->title.n)
		json_put_str(w, "title", r->title);
	if (r->state.n)
		json_put_str(w, "state", r->state);
	json_put_str(w, "who", r->who);
	if (r->kind == GATE_GUESTS || r->kind == GATE_ACCOUNTS)
		json_put_int(w, "count", (int64_t)r->count);
	if (r->accounts.n)
		json_put_str(w, "accounts", r->accounts);
	if (r->kind == GATE_PEER)
		json_put_str(w, "copy", str_c(COPIES[r->copy]));
	put_verdict(w, "now", &r->now);
	if (then)
		put_verdict(w, "after", &r->then);
	json_end_object(w);
}

/* Names of the peers that get it; an audience of none is said. */
static void put_outside(
    struct json_writer *w, const char *key, const struct gate_audience *a, bool then)
{
	struct buf names;

	buf_init(&names, 1 << 20);
	for (size_t i = 0; i < a->count; i++) {
		const struct gate_audience_reader *r = &a->items[i];
		const struct gate_verdict *v = then ? &r->then : &r->now;

		if (r->kind != GATE_PEER || v->why.decision.verdict == VERDICT_DENY)
			continue;
		if (names.n)
			buf_put(&names, S(", "));
		buf_put(&names, r->name);
	}
	json_put_str(w, key, names.n ? buf_str(&names) : S("nobody"));
	buf_free(&names);
}

enum err api_read_audience(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	const struct label_change change = api_label_change(r->args);
	const struct api_value *version = api_args_get(r->args, "version");
	struct gate_audience a;

	TRY(gate_audience(r->ask, api_args_get(r->args, "id")->text,
	    version->given ? version->number : GATE_NEWEST, &change, &a, fault));
	json_object(w, NULL);
	json_put_str(w, "id", a.object.id);
	if (a.object.version != 0)
		json_put_time(w, "version", a.object.version);
	json_put_str(w, "label", a.label);
	put_outside(w, "outside", &a, false);
	if (a.then.n) {
		json_put_str(w, "after_label", a.then);
		put_outside(w, "after_outside", &a, true);
	}
	if (a.marking.n)
		json_put_raw(w, "marking", a.marking);
	json_put_bool(w, "own", a.own);
	json_list(w, "readers");
	for (size_t i = 0; i < a.count; i++)
		put_reader(w, &a.items[i], a.then.n > 0);
	json_end_list(w);
	json_end_object(w);
	return OK;
}

void render_balance(struct json_writer *w, const struct gate_balance *b, const struct gate_ask *ask,
    const struct gate_needs *needs)
{
	json_object(w, NULL);
	json_put_str(w, "peer", b->peer);
	json_put_str(w, "node", b->node);
	json_put_str(w, "state", b->state);
	json_put_str(w, "communities", b->communities);
	json_list(w, "types");
	for (size_t i = 0; i < b->type_count; i++) {
		const struct gate_balance_type *t = &b->types[i];

		json_object(w, NULL);
		json_put_str(w, "type", t->type);
		json_put_int(w, "given", (int64_t)t->given);
		json_put_int(w, "confirmed", (int64_t)t->confirmed);
		json_put_int(w, "taken_back", (int64_t)t->taken_back);
		json_put_int(w, "received", (int64_t)t->received);
		json_end_object(w);
	}
	json_end_list(w);
	json_list(w, "withheld");
	for (size_t i = 0; i < b->rule_count; i++) {
		json_object(w, NULL);
		json_put_str(w, "rule", str_c(b->withheld[i].rule));
		json_put_str(w, "text", str_c(b->withheld[i].text));
		json_put_int(w, "count", (int64_t)b->withheld[i].count);
		json_end_object(w);
	}
	json_end_list(w);
	render_need_sums(w, ask, needs, b->peer);
	json_put_bool(w, "more", b->more);
	json_end_object(w);
}
