/* SPDX-License-Identifier: Apache-2.0 */
#include "api/read.h"

#include <string.h>

#include "api/agreement/agreements.h"
#include "api/agreement/needs.h"
#include "api/audience.h"
#include "api/guard/export.h"
#include "api/hunt/hunt.h"
#include "api/life/worth.h"
#include "api/packages.h"
#include "api/page.h"
#include "api/render.h"
#include "api/run_state.h"
#include "intake/analytics/figures.h"
#include "intake/live/figures.h"

/* A list that the gate gives whole is cut into pages here, by place. */
enum err slice_of(struct slice *out, const struct api_read *r, size_t count, struct fault *fault)
{
	const struct api_value *next = api_args_get(r->args, "next");
	size_t limit = (size_t)api_args_get(r->args, "limit")->number;
	struct str purpose = str_c(r->args->op->name);
	struct slice s = {.at = 0};
	uint64_t at = 0;
	struct str plain;

	if (next->given) {
		TRY(gate_token_open(r->ask, purpose, next->text, &plain, fault));
		TRY(str_u64(plain, &at));
	}
	s.at = at < count ? (size_t)at : count;
	s.end = limit < count - s.at ? s.at + limit : count;
	if (s.end < count) {
		plain = arena_printf(r->ask->arena, "%zu", s.end);
		s.next = gate_token_seal(r->ask, purpose, plain);
		if (!s.next.p)
			return fail(fault, ERR_NOMEM, "list: no memory");
	}
	*out = s;
	return OK;
}

void begin_page(struct json_writer *w)
{
	json_object(w, NULL);
	json_list(w, "items");
}

void end_page(struct json_writer *w, struct str next)
{
	json_end_list(w);
	if (next.p)
		json_put_str(w, "next", next);
	json_end_object(w);
}

static struct gate_query query_of(const struct api_read *r)
{
	struct gate_query q = {
	    .limit = (uint32_t)api_args_get(r->args, "limit")->number,
	    .next = api_args_get(r->args, "next")->text,
	};

	return q;
}

static enum err read_sightings(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_query q = query_of(r);
	struct gate_sightings page;

	q.since = api_args_get(r->args, "since")->number;
	q.of = api_args_get(r->args, "indicator")->text;
	TRY(gate_sightings(r->ask, &q, &page, fault));
	begin_page(w);
	for (size_t i = 0; i < page.count; i++)
		render_sighting(w, &page.items[i]);
	end_page(w, page.next);
	return OK;
}

static enum err read_indicators(
    const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	const struct api_value *active = api_args_get(r->args, "active");
	const struct api_value *quarantined = api_args_get(r->args, "quarantined");
	struct gate_query q = query_of(r);
	struct gate_indicators page;

	q.text = api_args_get(r->args, "q")->text;
	if (active->given)
		q.active = active->number ? GATE_ACTIVE_ONLY : GATE_INACTIVE_ONLY;
	if (quarantined->given)
		q.quarantined = quarantined->number ? GATE_ACTIVE_ONLY : GATE_INACTIVE_ONLY;
	TRY(gate_indicators(r->ask, &q, &page, fault));
	begin_page(w);
	for (size_t i = 0; i < page.count; i++)
		render_indicator(w, &page.items[i]);
	end_page(w, page.next);
	return OK;
}

static enum err read_indicator(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_indicator indicator;
	struct live_how how;

	TRY(gate_indicator(r->ask, api_args_get(r->args, "id")->text, &indicator, fault));
	live_how(&how, r->ask->arena, indicator.pattern, indicator.active);
	render_indicator_how(w, &indicator, &how, env_now(r->node->env));
	return OK;
}

static enum err read_search(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_query q = query_of(r);
	struct gate_search page;

	q.text = api_args_get(r->args, "q")->text;
	q.type = api_args_get(r->args, "type")->text;
	if (q.text.n == 0 && q.type.n == 0)
		return fail(fault, ERR_INVALID, "search: give q, or type, or both");
	TRY(gate_search(r->ask, &q, &page, fault));
	begin_page(w);
	for (size_t i = 0; i < page.count; i++)
		render_found(w, &page.items[i]);
	end_page(w, page.next);
	return OK;
}

static enum err read_sources(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_sources all;
	struct slice s;

	TRY(gate_sources(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_source(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

static enum err read_accounts(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_accounts all;
	struct slice s;

	TRY(gate_accounts(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_account(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

static enum err read_members(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_members all;
	struct slice s;

	TRY(gate_members(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_member(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

static enum err read_communities(
    const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_communities all;
	struct slice s;

	TRY(gate_communities(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_community(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

static enum err read_requests(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_requests all;
	struct slice s;

	TRY(gate_requests(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_gate_request(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

static enum err read_tokens(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_tokens all;
	struct slice s;

	TRY(gate_tokens(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_token(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

/* How the links are now; none when the node does not run. */
static enum err read_links(const struct api_read *r, struct run_links *out, struct fault *fault)
{
	struct run_state state;
	int64_t pid;

	TRY(run_state_read(&state, r->ask->arena, r->node->run_dir, fault));
	pid = run_state_pid(&state, S("link"));
	if (r->node->alive && !r->node->alive(state.pid))
		pid = 0;
	return run_links_read(out, r->ask->arena, r->node->run_dir, pid, fault);
}

static enum err read_peers(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct run_links links;
	struct gate_peers all;
	struct slice s;

	TRY(gate_peers(r->ask, &all, fault));
	TRY(read_links(r, &links, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_peer(w, &all.items[i], &links, env_now(r->node->env), false);
	end_page(w, s.next);
	return OK;
}

static enum err read_originators(
    const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_peers all;
	struct slice s;

	TRY(gate_originators(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_originator(w, &all.items[i]);
	end_page(w, s.next);
	return OK;
}

static enum err read_peer(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct run_links links;
	struct gate_peer peer;

	TRY(gate_peer(r->ask, api_args_get(r->args, "name")->text, &peer, fault));
	TRY(read_links(r, &links, fault));
	render_peer(w, &peer, &links, env_now(r->node->env), true);
	return OK;
}

static enum err read_evidence(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_evidence evidence;

	TRY(gate_evidence(r->ask, api_args_get(r->args, "name")->text, &evidence, fault));
	render_evidence(w, &evidence);
	return OK;
}

static enum err read_exchange(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_balances all;
	struct gate_needs needs;
	struct slice s;

	TRY(gate_balances(r->ask, api_args_get(r->args, "since")->number, &all, fault));
	TRY(gate_needs(r->ask, &needs, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_balance(w, &all.items[i], r->ask, &needs);
	end_page(w, s.next);
	return OK;
}

static enum err read_withdrawals(
    const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_query q = query_of(r);
	struct gate_withdrawals page;
	struct run_links links;

	TRY(gate_withdrawals(r->ask, &q, &page, fault));
	TRY(read_links(r, &links, fault));
	begin_page(w);
	for (size_t i = 0; i < page.count; i++)
		render_withdrawal(w, &page.items[i], &links, env_now(r->node->env), false);
	end_page(w, page.next);
	return OK;
}

static enum err read_withdrawal(
    const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_withdrawal withdrawal;
	struct run_links links;

	TRY(gate_withdrawal(r->ask, api_args_get(r->args, "id")->text, &withdrawal, fault));
	TRY(read_links(r, &links, fault));
	render_withdrawal(w, &withdrawal, &links, env_now(r->node->env), true);
	return OK;
}

static enum err read_purges(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_purges all;
	struct run_links links;
	struct slice s;

	TRY(gate_purges(r->ask, api_args_get(r->args, "id")->text, &all, fault));
	TRY(read_links(r, &links, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_purge(w, &all.items[i], &links, env_now(r->node->env));
	end_page(w, s.next);
	return OK;
}

static enum err read_collections(
    const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	bool may_write = role_may((enum role)r->ask->reader->role, ACTION_WRITE);
	struct gate_collections all;
	struct slice s;

	TRY(gate_collections(r->ask, STR_NONE, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++)
		render_collection(w, &all.items[i], may_write);
	end_page(w, s.next);
	return OK;
}

static int64_t version_of(const struct api_read *r)
{
	const struct api_value *v = api_args_get(r->args, "version");

	return v->given ? v->number : GATE_NEWEST;
}

static enum err read_proof(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct str id = api_args_get(r->args, "id")->text;
	struct gate_object object;
	struct gate_proof proof;
	struct sha256 content;

	TRY(gate_get(r->ask, id, version_of(r), &object, fault));
	TRY(gate_prove(r->ask, id, object.version, &proof, fault));
	content = sha256(object.bytes);
	render_proof(w, NULL, &proof, &content);
	return OK;
}

static enum err read_why(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct str id = api_args_get(r->args, "id")->text;
	struct str who = api_args_get(r->args, "reader")->text;
	struct gate_why why;

	TRY(gate_why(r->ask, id, version_of(r), who, &why, fault));
	render_why(w, id, who, &why);
	return OK;
}

static void put_label(struct json_writer *w, const struct api_read *r, const struct gate_object *o)
{
	static const char *const MEANING[] = {
	    [TLP_CLEAR] = "may be shared with everybody",
	    [TLP_GREEN] = "may be shared within the community",
	    [TLP_AMBER] = "for the own organisation and its clients, who need to know",
	    [TLP_AMBER_STRICT] = "for the own organisation only, who need to know",
	    [TLP_RED] = "for the named recipients' eyes only",
	    [TLP_UNKNOWN] = "its marking cannot be read, so it is treated as TLP:RED",
	};
	enum tlp tlp = o->label.tlp;
	struct buf words;

	if (tlp < TLP_CLEAR || tlp > TLP_UNKNOWN)
		tlp = TLP_UNKNOWN;
	buf_init(&words, 4096);
	label_put(&words, &o->label);
	json_object(w, "label");
	json_put_str(w, "tlp", tlp_name(tlp));
	json_put_str(w, "text", label_is_plain(&o->label) ? str_c(MEANING[tlp]) : buf_str(&words));
	buf_free(&words);
	json_put_str(w, "rule", str_c(gate_rule(r->ask, o)));
	json_end_object(w);
}

static enum err put_versions(
    struct json_writer *w, const struct api_read *r, struct str id, struct fault *fault)
{
	bool may_audit = role_may((enum role)r->ask->reader->role, ACTION_AUDIT);
	struct gate_versions versions;

	TRY(gate_versions(r->ask, id, &versions, fault));
	json_list(w, "versions");
	for (size_t i = 0; i < versions.count; i++) {
		json_object(w, NULL);
		if (versions.items[i].version != 0)
			json_put_time(w, "version", versions.items[i].version);
		json_put_time(w, "received", versions.items[i].received);
		if (may_audit)
			json_put_int(w, "seq", (int64_t)versions.items[i].seq);
		json_end_object(w);
	}
	json_end_list(w);
	return OK;
}

static enum err put_relations(
    struct json_writer *w, const struct api_read *r, struct str id, struct fault *fault)
{
	struct gate_relations relations;

	TRY(gate_relations(r->ask, id, &relations, fault));
	json_list(w, "relations");
	for (size_t i = 0; i < relations.count; i++)
		render_relation(w, &relations.items[i]);
	json_end_list(w);
	return OK;
}

/* A proof is an extra here: who may not have it, and an object not signed yet, go without. */
static enum err put_proof(struct json_writer *w, const struct api_read *r,
    const struct gate_object *object, struct fault *fault)
{
	struct gate_proof proof;
	struct sha256 content;
	enum err rc = gate_prove(r->ask, object->id, object->version, &proof, fault);

	if (rc == ERR_DENIED || rc == ERR_BUSY)
		return OK;
	TRY(rc);
	content = sha256(object->bytes);
	render_proof(w, "proof", &proof, &content);
	return OK;
}

static enum err read_object(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct str id = api_args_get(r->args, "id")->text;
	struct gate_object o;

	TRY(gate_get(r->ask, id, version_of(r), &o, fault));
	json_object(w, NULL);
	json_put_str(w, "id", o.id);
	json_put_str(w, "type", str_slice(o.id, 0, str_search(o.id, S("--"))));
	if (o.version != 0)
		json_put_time(w, "version", o.version);
	put_label(w, r, &o);
	json_put_str(w, "source", gate_source_name(r->ask, o.source));
	json_put_time(w, "received", o.received);
	json_put_bool(w, "revoked", o.revoked);
	if (o.redacted) {
		json_put_bool(w, "redacted", true);
		json_put_int(w, "left_out", (int64_t)gate_left_out(r->ask, &o));
	}
	json_put_str(w, "spec_version", o.spec == STIX_SPEC_20 ? S("2.0") : S("2.1"));
	json_put_raw(w, "object", o.bytes);
	TRY(put_versions(w, r, o.id, fault));
	TRY(put_relations(w, r, o.id, fault));
	TRY(put_proof(w, r, &o, fault));
	json_end_object(w);
	return OK;
}

/* Only reasons that there are. */
static void put_kept(struct json_writer *w, const struct gate_figures *f)
{
	uint64_t all = 0;

	json_list(w, "quarantined_for");
	for (unsigned i = 0; i < GUARD_CLASSES; i++) {
		all += f->kept[i];
		if (f->kept[i] == 0 || !f->has_ledger)
			continue;
		json_object(w, NULL);
		json_put_str(w, "reason", str_c(guard_class_name((enum guard_class)i)));
		json_put_int(w, "count", (int64_t)f->kept[i]);
		json_end_object(w);
	}
	json_end_list(w);
	json_put_int(w, "quarantined", (int64_t)all);
}

static void put_ledger(struct json_writer *w, const struct gate_figures *f)
{
	json_list(w, "views");
	for (size_t i = 0; f->has_ledger && i < f->view_count; i++) {
		json_object(w, NULL);
		json_put_str(w, "name", str_c(f->views[i].name));
		json_put_int(w, "cursor", (int64_t)f->views[i].cursor);
		json_put_int(w, "lag", (int64_t)f->views[i].lag);
		json_end_object(w);
	}
	json_end_list(w);
	if (!f->has_ledger)
		return;
	json_object(w, "ledger");
	json_put_int(w, "size", (int64_t)f->ledger_size);
	json_put_int(w, "checkpoint_size", (int64_t)f->checkpoint_size);
	if (f->checkpoint_size > 0)
		render_hex(w, "root", f->root.b, SHA256_LEN);
	json_end_object(w);
}

/* What the ledger says needs a person, whether the node runs or not. */
static enum err add_denials(const struct api_read *r, struct run_state *s, struct fault *fault)
{
	static const struct {
		const char *code, *text;
		bool rewound;
	} KINDS[] = {
	    {"peer-equivocates",
	        "denies what it had signed: it is not spoken to until it is cut and invited anew. "
	        "`tocsin peer evidence` prints both signed heads.",
	        false},
	    {"peer-rewound",
	        "shows a shorter feed than it had signed, like a node restored from a backup: "
	        "nothing is exchanged until it goes on from there, or is cut and invited anew.",
	        true},
	};
	struct gate_denials all;

	TRY(gate_denials(r->ask, &all, fault));
	for (size_t k = 0; k < sizeof(KINDS) / sizeof(KINDS[0]); k++) {
		struct run_alarm a = {.code = str_c(KINDS[k].code)};
		struct str names = S("");

		for (size_t i = 0; i < all.count; i++) {
			if (all.items[i].rewound != KINDS[k].rewound)
				continue;
			names = arena_printf(r->ask->arena, "%.*s%s%.*s", STR_ARG(names),
			    names.n ? ", " : "", STR_ARG(all.items[i].peer));
			if (!a.since || all.items[i].time < a.since)
				a.since = all.items[i].time;
		}
		if (!names.n || s->alarm_count == RUN_ALARMS_MAX)
			continue;
		a.message =
		    arena_printf(r->ask->arena, "The peer %.*s %s", STR_ARG(names), KINDS[k].text);
		s->alarms[s->alarm_count++] = a;
	}
	return OK;
}

/* Links that are up and over which nothing is exchanged, where no evidence here says why. */
static enum err add_stopped(const struct api_read *r, struct run_state *s, struct fault *fault)
{
	struct run_alarm a = {.code = S("exchange-stopped"), .message = S("")};
	int64_t pid = run_state_pid(s, S("link"));
	struct run_links links;
	struct gate_peer peer;

	if (!role_may((enum role)r->ask->reader->role, ACTION_AUDIT) || !pid)
		return OK;
	TRY(run_links_read(&links, r->ask->arena, r->node->run_dir, pid, fault));
	for (size_t i = 0; i < links.count; i++) {
		const struct run_link *link = &links.items[i];

		if (!link->connected || !link->stopped.n ||
		    gate_peer(r->ask, link->name, &peer, NULL) != OK || peer.denies)
			continue;
		a.message = arena_printf(r->ask->arena, "%.*s%s with the peer %.*s (%s%.*s)",
		    STR_ARG(a.message), a.message.n ? "," : "Nothing is exchanged",
		    STR_ARG(link->name), link->stopped_there ? "it says: " : "",
		    STR_ARG(link->stopped));
		if (!a.since || link->since < a.since)
			a.since = link->since;
	}
	if (a.message.n && s->alarm_count < RUN_ALARMS_MAX)
		s->alarms[s->alarm_count++] = a;
	return OK;
}

enum err api_read_run(const struct api_read *r, struct run_state *out, struct fault *fault)
{
	struct run_state state;

	TRY(run_state_read(&state, r->ask->arena, r->node->run_dir, fault));
	if (r->node->alive && !r->node->alive(state.pid))
		state = (struct run_state){.process_count = 0};
	TRY(add_denials(r, &state, fault));
	TRY(add_stopped(r, &state, fault));
	*out = state;
	return OK;
}

static void put_run_state(struct json_writer *w, const struct run_state *s,
    const struct gate_peers *fed, const struct api_node *node, struct arena *arena)
{
	uint64_t tls12;

	json_list(w, "roles");
	for (size_t i = 0; i < s->process_count; i++) {
		const struct run_process *p = &s->processes[i];

		json_object(w, NULL);
		json_put_str(w, "role", p->role);
		json_put_int(w, "pid", p->pid);
		json_put_int(w, "restarts", (int64_t)p->restarts);
		if (p->rss > 0)
			json_put_int(w, "rss", (int64_t)p->rss);
		json_end_object(w);
	}
	json_end_list(w);
	json_list(w, "alarms");
	for (size_t i = 0; i < s->alarm_count; i++) {
		json_object(w, NULL);
		json_put_str(w, "code", s->alarms[i].code);
		json_put_str(w, "message", s->alarms[i].message);
		json_put_time(w, "since", s->alarms[i].since);
		json_end_object(w);
	}
	packages_put_alarms(w, fed, node->config->package_age_hours, env_now(node->env), arena);
	json_end_list(w);
	packages_put_picture(w, fed);
	if (!s->taxii_url.p)
		return;
	(void)run_state_figure(s, "taxii_tls12", &tls12);
	json_put_str(w, "taxii_url", s->taxii_url);
	json_put_int(w, "taxii_tls12", (int64_t)tls12);
}

static void put_history(struct json_writer *w, const struct run_state *s)
{
	static const char *const NAMES[] = {"history_seen", "history_bytes", "history_waiting",
	    "history_refused", "history_lost", "history_gaps"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		uint64_t value;

		if (run_state_figure(s, NAMES[i], &value))
			json_put_int(w, NAMES[i], (int64_t)value);
	}
}

/* For those alone who see everything: it tells of indicators. */
static void put_patterns(struct json_writer *w, const struct run_state *s)
{
	json_object(w, "patterns");
	for (size_t i = 0; i < LIVE_FIGURES; i++) {
		uint64_t n;

		(void)run_state_figure(s, LIVE_FIGURE[i].name, &n);
		json_put_int(w, strchr(LIVE_FIGURE[i].name, '_') + 1, (int64_t)n);
	}
	json_end_object(w);
}

/* Likewise. */
static void put_findings(struct json_writer *w, const struct run_state *s)
{
	json_object(w, "findings");
	for (size_t i = 0; i < FINDING_FIGURES; i++) {
		uint64_t value;

		(void)run_state_figure(s, FINDING_FIGURE[i].name, &value);
		json_put_int(
		    w, FINDING_FIGURE[i].name + sizeof(FINDING_PREFIX) - 1, (int64_t)value);
	}
	json_end_object(w);
}

enum err api_read_status(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_figures figures;
	struct gate_peers fed;
	struct run_state state;

	TRY(gate_figures(r->ask, &figures, fault));
	TRY(gate_fed(r->ask, &fed, fault));
	TRY(api_read_run(r, &state, fault));
	json_object(w, NULL);
	json_put_str(w, "name", r->node->config->name);
	json_put_str(w, "version", r->node->version);
	json_put_str(w, "identity", r->node->config->identity);
	json_put_int(w, "objects", (int64_t)figures.objects);
	json_put_int(w, "indicators", (int64_t)figures.indicators);
	json_put_int(w, "sightings", (int64_t)figures.sightings);
	json_put_int(w, "sources", (int64_t)figures.sources);
	put_kept(w, &figures);
	put_ledger(w, &figures);
	if (figures.has_ledger) {
		put_patterns(w, &state);
		put_findings(w, &state);
		put_history(w, &state);
	}
	put_run_state(w, &state, &fed, r->node, r->ask->arena);
	json_put_time(w, "now", env_now(r->node->env));
	json_end_object(w);
	return OK;
}

static enum err read_health(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	(void)r;
	(void)fault;
	json_object(w, NULL);
	json_put_str(w, "status", S("ok"));
	json_end_object(w);
	return OK;
}

static const struct {
	const char *op;
	enum err (*run)(const struct api_read *r, struct json_writer *w, struct fault *fault);
} READS[] = {
    {"status.show", api_read_status},
    {"sighting.list", read_sightings},
    {"indicator.list", read_indicators},
    {"indicator.show", read_indicator},
    {"indicator.export", api_read_export},
    {"source.list", read_sources},
    {"source.worth", api_read_worth},
    {"object.search", read_search},
    {"object.show", read_object},
    {"object.prove", read_proof},
    {"object.why", read_why},
    {"object.audience", api_read_audience},
    {"account.list", read_accounts},
    {"member.list", read_members},
    {"token.list", read_tokens},
    {"request.list", read_requests},
    {"community.list", read_communities},
    {"agreement.list", api_read_agreements},
    {"agreement.show", api_read_agreement},
    {"agreement.verify", api_read_signatures},
    {"need.list", api_read_needs},
    {"hunt.list", api_read_saved_hunts},
    {"collection.list", read_collections},
    {"originator.list", read_originators},
    {"peer.list", read_peers},
    {"peer.show", read_peer},
    {"peer.evidence", read_evidence},
    {"exchange.list", read_exchange},
    {"purge.list", read_purges},
    {"withdrawal.list", read_withdrawals},
    {"withdrawal.show", read_withdrawal},
    {"health.show", read_health},
};

enum { READ_COUNT = sizeof(READS) / sizeof(*READS) };

static size_t read_of(const struct op *op)
{
	size_t i = 0;

	while (i < READ_COUNT && strcmp(READS[i].op, op->name) != 0)
		i++;
	return i;
}

bool api_reads(const struct op *op)
{
	return read_of(op) < READ_COUNT;
}

enum err api_read(const struct api_read *r, struct buf *out, struct fault *fault)
{
	size_t i = read_of(r->args->op);
	struct json_writer w = json_writer(out);

	if (i == READ_COUNT)
		return fail(
		    fault, ERR_UNSUPPORTED, "%s is not a reading operation", r->args->op->name);
	TRY(READS[i].run(r, &w, fault));
	if (out->failed != OK)
		return fail(
		    fault, out->failed, "the answer would pass %zu bytes; ask for less", out->max);
	return OK;
}
