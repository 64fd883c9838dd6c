/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, tokens and sources as lists. */
#include "codec/json.h"
#include "gate/internal.h"
#include "gate/tally.h"
#include "policy/release.h"

enum { WORDS_MAX = 1024 };

static struct str text_of(const struct gate_ask *ask, yyjson_val *root, const char *key)
{
	struct str s = json_get_str(root, key);

	return s.p ? arena_str(ask->arena, s) : STR_NONE;
}

/* The strings of a list with commas between; STR_NONE when there is no list. */
static struct str list_of(const struct gate_ask *ask, yyjson_val *root, const char *key)
{
	yyjson_val *list = yyjson_obj_get(root, key), *v;
	struct str out = yyjson_is_arr(list) ? S("") : STR_NONE;
	size_t i, max;

	yyjson_arr_foreach(list, i, max, v)
	{
		out = arena_printf(
		    ask->arena, "%.*s%s%.*s", STR_ARG(out), i ? "," : "", STR_ARG(json_str(v)));
	}
	return out;
}

static uint64_t number_of(yyjson_val *root, const char *key)
{
	return yyjson_get_uint(yyjson_obj_get(root, key));
}

struct str gate_account_name(struct gate *g, struct arena *arena, struct str id)
{
	return arena_str(arena, people_name(g->people, id));
}

struct str gate_account_id(struct gate *g, struct arena *arena, struct str name)
{
	return arena_str(arena, people_id(g->people, name));
}

/* Who a decision names. */
static struct str person_of(const struct gate_ask *ask, yyjson_val *root, const char *key)
{
	struct str id = json_get_str(root, key);

	return id.p ? gate_account_name(ask->gate, ask->arena, id) : STR_NONE;
}

static usec time_of(yyjson_val *root, const char *key)
{
	return yyjson_get_sint(yyjson_obj_get(root, key));
}

/* A word or a number, as whoever decided wrote it. */
static struct str trust_of(const struct gate_ask *ask, yyjson_val *v)
{
	struct str s = json_str(v);

	if (yyjson_is_uint(v))
		return arena_printf(ask->arena, "%llu", (unsigned long long)yyjson_get_uint(v));
	return s.p ? arena_str(ask->arena, s) : STR_NONE;
}

static usec decided_at(struct gate *g, struct str path)
{
	uint64_t seq = store_find(g->store, path);

	return seq == STORE_NONE ? 0 : store_row(g->store, seq)->received;
}

static enum err may_administer(const struct gate_ask *ask, struct fault *fault)
{
	return role_may((enum role)ask->reader->role, ACTION_ADMINISTER)
	           ? OK
	           : fail(fault, ERR_DENIED, "only administrators see this");
}

enum err gate_accounts(const struct gate_ask *ask, struct gate_accounts *out, struct fault *fault)
{
	struct gate_account *items;
	struct node_paths paths;
	size_t n = 0;

	TRY(may_administer(ask, fault));
	TRY(node_paths(ask->gate, S("account/"), ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for accounts");
	for (size_t i = 0; i < paths.count; i++) {
		struct str id = str_from(paths.items[i], 8);
		const struct named *named = people_by_id(ask->gate->people, id);
		bool linked;
		yyjson_val *root;

		if (node_decision(ask->gate, paths.items[i], ask->arena, &root, NULL) != OK)
			continue;
		linked = named && json_get_str(root, "subject").n > 0;
		items[n++] = (struct gate_account){
		    .name = gate_account_name(ask->gate, ask->arena, id),
		    .id = id,
		    .role = role_of_name(json_get_str(root, "role")),
		    .clearance = text_of(ask, root, "clearance"),
		    .organisation = text_of(ask, root, "organisation"),
		    .organisations = list_of(ask, root, "organisations"),
		    .communities = list_of(ask, root, "communities"),
		    .tags = list_of(ask, root, "tags"),
		    .subject = linked ? arena_str(ask->arena, named->subject) : STR_NONE,
		    .changed = decided_at(ask->gate, paths.items[i]),
		    .has_password = yyjson_get_bool(yyjson_obj_get(root, "password")),
		    .has_certificate = json_get_str(root, "certificate").n > 0,
		    .has_totp = yyjson_get_bool(yyjson_obj_get(root, "totp")),
		};
	}
	*out = (struct gate_accounts){.items = items, .count = n};
	return OK;
}

enum err gate_communities(
    const struct gate_ask *ask, struct gate_communities *out, struct fault *fault)
{
	struct gate_community *items;
	struct node_paths paths;
	struct buf words;
	size_t n = 0;

	TRY(may_administer(ask, fault));
	TRY(node_paths(ask->gate, S("community/"), ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count + 1, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for communities");
	buf_init(&words, WORDS_MAX);
	for (size_t i = 0; i < paths.count; i++) {
		struct reader_community terms = {.ceiling = TLP_CLEAR};
		yyjson_val *root, *own;

		if (node_decision(ask->gate, paths.items[i], ask->arena, &root, NULL) != OK)
			continue;
		own = yyjson_obj_get(root, "own");
		(void)community_terms(&terms, root);
		buf_reset(&words);
		withhold_put(&words, terms.withheld);
		items[n++] = (struct gate_community){
		    .name = str_from(paths.items[i], 10),
		    .title = text_of(ask, root, "title"),
		    .members = list_of(ask, root, "members"),
		    .types = list_of(ask, root, "types"),
		    .anonymise = arena_str(ask->arena, buf_str(&words)),
		    .purposes = text_of(ask, root, "purposes"),
		    .expires = text_of(ask, root, "expires"),
		    .kind = text_of(ask, root, "kind"),
		    .hub = text_of(ask, root, "hub"),
		    .direction = text_of(ask, root, "direction"),
		    .incident = text_of(ask, root, "incident"),
		    .agreement = text_of(ask, root, "agreement"),
		    .ceiling = terms.ceiling,
		    .own = !own || yyjson_get_bool(own),
		    .changed = decided_at(ask->gate, paths.items[i]),
		};
	}
	buf_free(&words);
	*out = (struct gate_communities){.items = items, .count = n};
	return OK;
}

enum err gate_tokens(const struct gate_ask *ask, struct gate_tokens *out, struct fault *fault)
{
	struct gate_token *items;
	struct node_paths paths;
	size_t n = 0;

	TRY(may_administer(ask, fault));
	TRY(node_paths(ask->gate, S("token/"), ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for tokens");
	for (size_t i = 0; i < paths.count; i++) {
		yyjson_val *root;

		if (node_decision(ask->gate, paths.items[i], ask->arena, &root, NULL) != OK)
			continue;
		items[n++] = (struct gate_token){
		    .id = str_from(paths.items[i], 6),
		    .account = person_of(ask, root, "account"),
		    .name = text_of(ask, root, "name"),
		    .created = decided_at(ask->gate, paths.items[i]),
		    .expires = time_of(root, "expires"),
		};
	}
	*out = (struct gate_tokens){.items = items, .count = n};
	return OK;
}

enum err gate_requests(const struct gate_ask *ask, struct gate_requests *out, struct fault *fault)
{
	usec now = env_now(ask->gate->env);
	struct gate_request *items;
	struct node_paths paths;
	size_t n = 0;

	TRY(may_administer(ask, fault));
	TRY(node_paths(ask->gate, S("request/"), ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for requests");
	for (size_t i = paths.count; i > 0; i--) {
		struct str path = paths.items[i - 1];
		struct gate_request *q = &items[n];
		yyjson_val *root;

		if (node_decision(ask->gate, path, ask->arena, &root, NULL) != OK)
			continue;
		*q = (struct gate_request){
		    .id = str_from(path, 8),
		    .op = text_of(ask, root, "op"),
		    .args =
		        people_in_json(ask->gate->people, ask->arena, json_get_str(root, "args")),
		    .hash = text_of(ask, root, "hash"),
		    .by = person_of(ask, root, "by"),
		    .state = text_of(ask, root, "state"),
		    .second = person_of(ask, root, "second"),
		    .text = text_of(ask, root, "text"),
		    .made = time_of(root, "made"),
		    .expires = time_of(root, "expires"),
		};
		if (str_eq(q->state, S("waiting")) && q->expires <= now)
			q->state = S("expired");
		n++;
	}
	*out = (struct gate_requests){.items = items, .count = n};
	return OK;
}

/* Of everything: only such a reader may know how often the node's indicators were hit in all. */
bool gate_sees_all(const struct gate_ask *ask)
{
	const struct label highest = label_most_restrictive();

	return policy_decide(&highest, ask->reader, ask->outlet, env_now(ask->gate->env)).verdict ==
	       VERDICT_ALLOW;
}

/* How far it was read, from its position; counts of hits are derived from indicators, so others
 * than the all-seeing get the number of sightings they may see themselves. */
static void fill_position(const struct gate_ask *ask, yyjson_val *source, struct gate_source *out)
{
	struct str path = arena_printf(ask->arena, "position/%.*s", STR_ARG(out->name));
	uint64_t number = number_of(source, "number");
	yyjson_val *p = NULL;
	struct str state;

	out->state = S("stopped");
	if (node_decision(ask->gate, path, ask->arena, &p, NULL) != OK)
		p = NULL;
	state = text_of(ask, p, "state");
	if (state.p)
		out->state = state;
	out->error = text_of(ask, p, "error");
	out->position = number_of(p, "offset");
	out->size = number_of(p, "size");
	out->lag_bytes = out->size > out->position ? out->size - out->position : 0;
	out->lines = number_of(p, "lines");
	out->bad = number_of(p, "bad");
	out->skipped = number_of(p, "skipped");
	out->untimed = number_of(p, "untimed");
	out->last_event = time_of(p, "last_event");
	out->last_read = time_of(p, "last_read");
	if (gate_sees_all(ask))
		out->hits = number_of(p, "hits");
	else if (number < TALLY_SOURCES)
		out->hits = gate_tally(ask)->sightings_of[number];
}

enum err gate_sources(const struct gate_ask *ask, struct gate_sources *out, struct fault *fault)
{
	struct gate_source *items;
	struct node_paths paths;
	size_t n = 0;

	TRY(node_paths(ask->gate, S("source/"), ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for sources");
	for (size_t i = 0; i < paths.count; i++) {
		struct gate_source *s = &items[n];
		struct label label;
		yyjson_val *root;

		if (node_decision(ask->gate, paths.items[i], ask->arena, &root, NULL) != OK)
			continue;
		label = (struct label){.tlp = tlp_of_name(json_get_str(root, "label"))};
		if (policy_decide(&label, ask->reader, ask->outlet, env_now(ask->gate->env))
		        .verdict != VERDICT_ALLOW)
			continue;
		*s = (struct gate_source){
		    .name = people_source_name(
		        ask->gate->people, ask->arena, str_from(paths.items[i], 7)),
		    .kind = text_of(ask, root, "kind"),
		    .path = text_of(ask, root, "path"),
		    .trust = trust_of(ask, yyjson_obj_get(root, "trust")),
		    .label = label,
		};
		fill_position(ask, root, s);
		n++;
	}
	*out = (struct gate_sources){.items = items, .count = n};
	return OK;
}
