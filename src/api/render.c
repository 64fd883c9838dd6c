/* SPDX-License-Identifier: Apache-2.0 */
#include "api/render.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/life/life.h"

static void put_text(struct json_writer *w, const char *key, struct str value)
{
	if (value.n > 0)
		json_put_str(w, key, value);
}

static void put_when(struct json_writer *w, const char *key, usec t)
{
	if (t != 0)
		json_put_time(w, key, t);
}

static void put_count(struct json_writer *w, const char *key, uint64_t n)
{
	json_put_int(w, key, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

void render_hex(struct json_writer *w, const char *key, const void *bytes, size_t n)
{
	static const char DIGITS[] = "0123456789abcdef";
	const unsigned char *in = bytes;
	char text[4096];

	if (n > sizeof(text) / 2)
		n = sizeof(text) / 2;
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = DIGITS[in[i] >> 4];
		text[2 * i + 1] = DIGITS[in[i] & 15];
	}
	json_put_str(w, key, (struct str){text, 2 * n});
}

static void put_label(struct json_writer *w, const struct label *l)
{
	/* Beside a classification alone there is no TLP level: shown as the highest. */
	json_put_str(w, "label", tlp_name(l->tlp == TLP_NONE ? TLP_RED : l->tlp));
}

void render_sighting(struct json_writer *w, const struct gate_sighting *s)
{
	json_object(w, NULL);
	json_put_str(w, "id", s->id);
	put_count(w, "count", s->count);
	put_when(w, "first_seen", s->first_seen);
	put_when(w, "last_seen", s->last_seen);
	if (s->indicator_id.n > 0) {
		json_object(w, "indicator");
		json_put_str(w, "id", s->indicator_id);
		put_text(w, "name", s->indicator_name);
		put_text(w, "pattern", s->pattern);
		if (s->confidence >= 0)
			json_put_int(w, "confidence", s->confidence);
		put_label(w, &s->indicator.label);
		json_put_str(w, "source", s->indicator_source);
		json_end_object(w);
	}
	put_text(w, "value", s->value);
	put_text(w, "value_type", s->value_type);
	json_put_str(w, "source", s->source);
	put_label(w, &s->object.label);
	json_put_time(w, "received", s->received);
	json_end_object(w);
}

static void put_indicator(struct json_writer *w, const struct gate_indicator *i)
{
	json_object(w, NULL);
	json_put_str(w, "id", i->id);
	put_text(w, "name", i->name);
	put_text(w, "pattern", i->pattern);
	put_when(w, "valid_from", i->valid_from);
	put_when(w, "valid_until", i->valid_until);
	put_when(w, "matched_until", i->matched_until);
	if (i->confidence >= 0)
		json_put_int(w, "confidence", i->confidence);
	json_put_bool(w, "revoked", i->revoked);
	json_put_bool(w, "active", i->active);
	json_put_bool(w, "quarantined", i->quarantined);
	if (i->quarantined_for != GUARD_NONE)
		json_put_str(w, "quarantined_for", str_c(guard_class_name(i->quarantined_for)));
	put_text(w, "reason", i->reason);
	put_text(w, "decided_by", i->decided_by);
	put_label(w, &i->object.label);
	json_put_str(w, "source", i->source);
	put_count(w, "hits", i->hits);
	if (i->hits_more)
		json_put_bool(w, "hits_more", true);
	if (i->seen_before)
		put_count(w, "seen_before", i->seen_before);
	if (i->seen_before && i->seen_before_more)
		json_put_bool(w, "seen_before_more", true);
	put_when(w, "last_hit", i->last_hit);
	json_put_time(w, "received", i->received);
}

void render_indicator(struct json_writer *w, const struct gate_indicator *i)
{
	put_indicator(w, i);
	json_end_object(w);
}

void render_indicator_how(
    struct json_writer *w, const struct gate_indicator *i, const struct live_how *how, usec now)
{
	put_indicator(w, i);
	render_life(w, &i->life, now);
	json_put_str(w, "matched", how->matched);
	put_text(w, "matched_reason", how->reason);
	put_text(w, "hunted_reason", how->hunted);
	json_end_object(w);
}

void render_source(struct json_writer *w, const struct gate_source *s)
{
	json_object(w, NULL);
	json_put_str(w, "name", s->name);
	json_put_str(w, "kind", s->kind);
	put_text(w, "path", s->path);
	put_label(w, &s->label);
	put_text(w, "trust", s->trust);
	json_put_str(w, "state", s->state);
	put_count(w, "position", s->position);
	put_count(w, "size", s->size);
	put_count(w, "lag_bytes", s->lag_bytes);
	put_count(w, "lines", s->lines);
	put_count(w, "hits", s->hits);
	put_count(w, "bad", s->bad);
	put_count(w, "skipped", s->skipped);
	put_count(w, "untimed", s->untimed);
	put_when(w, "last_event", s->last_event);
	put_when(w, "last_read", s->last_read);
	put_text(w, "error", s->error);
	json_end_object(w);
}

void render_found(struct json_writer *w, const struct gate_found *f)
{
	json_object(w, NULL);
	json_put_str(w, "id", f->id);
	json_put_str(w, "type", f->type);
	put_text(w, "title", f->title);
	put_text(w, "value", f->value);
	put_label(w, &f->object.label);
	put_when(w, "version", f->object.version);
	json_put_time(w, "received", f->object.received);
	json_put_str(w, "why", str_c(f->why));
	json_end_object(w);
}

void render_relation(struct json_writer *w, const struct gate_relation *r)
{
	json_object(w, NULL);
	json_put_str(w, "path", r->path);
	json_put_str(w, "direction", r->out ? S("out") : S("in"));
	json_put_str(w, "id", r->id);
	json_put_str(w, "type", r->type);
	put_text(w, "title", r->title);
	put_text(w, "via", r->via);
	put_text(w, "via_id", r->via_id);
	json_end_object(w);
}

void render_account(struct json_writer *w, const struct gate_account *a)
{
	json_object(w, NULL);
	json_put_str(w, "name", a->name);
	json_put_str(w, "id", a->id);
	json_put_str(w, "role", str_c(role_name(a->role)));
	json_put_str(w, "clearance", a->clearance);
	put_text(w, "organisation", a->organisation);
	put_text(w, "organisations", a->organisations);
	if (a->communities.p)
		json_put_str(w, "communities", a->communities);
	put_text(w, "tags", a->tags);
	put_when(w, "changed", a->changed);
	json_put_bool(w, "password", a->has_password);
	json_put_bool(w, "certificate", a->has_certificate);
	json_put_bool(w, "totp", a->has_totp);
	put_text(w, "subject", a->subject);
	json_end_object(w);
}

void render_member(struct json_writer *w, const struct gate_member *m)
{
	json_object(w, NULL);
	json_put_str(w, "name", m->name);
	json_put_str(w, "organisation", m->organisation);
	put_text(w, "mail", m->mail);
	put_text(w, "certificate", m->certificate);
	put_when(w, "certificate_until", m->certificate_until);
	json_put_int(w, "part", (int64_t)m->serial);
	if (m->serial) {
		json_put_int(w, "objects", (int64_t)m->objects);
		json_put_time(w, "given", m->given);
		json_put_str(w, "sha256", m->given_sha256);
		json_put_bool(w, "by_mail", m->by_mail);
	}
	json_put_int(w, "messages", (int64_t)m->messages);
	put_when(w, "taken", m->taken);
	json_end_object(w);
}

void render_gate_request(struct json_writer *w, const struct gate_request *q)
{
	json_object(w, NULL);
	json_put_str(w, "id", q->id);
	json_put_str(w, "op", q->op);
	json_put_str(w, "args", q->args);
	json_put_str(w, "hash", q->hash);
	json_put_str(w, "by", q->by);
	json_put_str(w, "state", q->state);
	json_put_time(w, "made", q->made);
	json_put_time(w, "expires", q->expires);
	put_text(w, "second", q->second);
	put_text(w, "text", q->text);
	json_end_object(w);
}

struct str render_verdict(enum verdict verdict, const struct gate_terms *change)
{
	static const char *const VERDICTS[] = {
	    [VERDICT_ALLOW] = "allow", [VERDICT_REDACT] = "redact", [VERDICT_DENY] = "deny"};

	return change->derives ? S("derive") : str_c(VERDICTS[verdict]);
}

void render_terms(struct json_writer *w, const struct gate_terms *change)
{
	if (change->left_out.n)
		json_put_str(w, "left_out", change->left_out);
	if (change->derived.n)
		json_put_str(w, "derived", change->derived);
}

void render_why(struct json_writer *w, struct str id, struct str reader, const struct gate_why *why)
{
	const struct why *y = &why->why;

	json_object(w, NULL);
	json_put_str(w, "id", id);
	put_when(w, "version", why->version);
	json_put_str(w, "reader", reader);
	json_put_str(w, "who", why->reader);
	json_put_str(w, "label", why->label);
	json_put_str(w, "verdict", render_verdict(y->decision.verdict, &why->change));
	json_put_str(w, "rule", str_c(y->decision.rule));
	put_text(w, "terms", why->terms);
	render_terms(w, &why->change);
	json_list(w, "conditions");
	for (size_t i = 0; i < y->count; i++) {
		json_object(w, NULL);
		json_put_str(w, "rule", str_c(y->conditions[i].rule));
		json_put_bool(w, "holds", y->conditions[i].holds);
		json_put_str(w, "text", str_c(y->conditions[i].text));
		json_end_object(w);
	}
	json_end_list(w);
	json_end_object(w);
}

void render_community(struct json_writer *w, const struct gate_community *c)
{
	json_object(w, NULL);
	json_put_str(w, "name", c->name);
	put_text(w, "title", c->title);
	json_put_str(w, "members", c->members);
	json_put_bool(w, "own", c->own);
	json_put_str(w, "kind", c->kind.n ? c->kind : S("community"));
	put_text(w, "hub", c->hub);
	put_text(w, "direction", c->direction);
	put_text(w, "incident", c->incident);
	put_text(w, "agreement", c->agreement);
	json_put_str(w, "ceiling", tlp_name(c->ceiling));
	put_text(w, "types", c->types);
	json_put_str(w, "anonymise", c->anonymise);
	put_text(w, "purposes", c->purposes);
	put_text(w, "expires", c->expires);
	put_when(w, "changed", c->changed);
	json_end_object(w);
}

void render_token(struct json_writer *w, const struct gate_token *t)
{
	json_object(w, NULL);
	json_put_str(w, "id", t->id);
	json_put_str(w, "account", t->account);
	put_text(w, "name", t->name);
	json_put_time(w, "created", t->created);
	put_when(w, "expires", t->expires);
	json_end_object(w);
}

/* Who sends at a constant rate: by us, by the other side. */
static const char *const PACE[2][2] = {{"none", "theirs"}, {"ours", "both"}};

static void put_link(struct json_writer *w, const struct run_link *l, bool full)
{
	json_put_time(w, "since", l->since);
	put_text(w, "group", l->group);
	put_when(w, "cert_expires", l->cert_expires);
	put_text(w, "error", l->error);
	if (!full)
		return;
	if (l->clock_known) {
		json_put_real(w, "clock_skew", (double)l->clock_skew / USEC_PER_SEC);
		json_put_real(w, "round_trip", (double)l->round_trip / USEC_PER_SEC);
	}
	if (l->connected)
		json_put_str(w, "pace", str_c(PACE[l->paced][l->paced_in]));
	put_count(w, "bytes_in", l->bytes_in);
	put_count(w, "bytes_out", l->bytes_out);
	put_count(w, "ranges_throttled", l->throttled);
	put_count(w, "urgent_sent", l->urgent_sent);
	put_count(w, "urgent_left", l->urgent_left);
	put_count(w, "urgent_taken", l->urgent_taken);
	put_count(w, "urgent_passed", l->urgent_passed);
}

static usec contact_of(const struct run_link *link, usec contact, usec now)
{
	return link && link->connected ? now : contact;
}

static void put_reach(
    struct json_writer *w, const struct gate_peer *p, const struct run_link *link, usec now)
{
	put_count(w, "given", p->given);
	put_count(w, "behind_by", p->behind_by);
	put_count(w, "receipts_outstanding", p->back_unsigned);
	put_when(w, "last_receipt", p->last_receipt);
	put_count(w, "received", p->taken);
	put_when(w, "last_proof", p->last_proof);
	put_when(w, "last_contact", contact_of(link, p->contact, now));
	if (link && link->connected)
		put_text(w, "stopped", link->stopped);
	if (link && link->connected && link->is_throttled)
		json_put_bool(w, "throttled", true);
	if (link && link->connected && link->stopped.n)
		json_put_bool(w, "stopped_there", link->stopped_there);
	json_put_bool(w, "denies", p->denies);
}

static void put_packages(struct json_writer *w, const struct gate_packages *p)
{
	char missing[64];

	if (p->read) {
		put_count(w, "package_read", p->read);
		put_when(w, "package_read_at", p->read_at);
		put_when(w, "package_made", p->made);
		put_count(w, "package_age", (uint64_t)(p->age / USEC_PER_SEC));
	}
	if (p->missing_from) {
		(void)snprintf(missing, sizeof(missing), "%" PRIu64 "-%" PRIu64, p->missing_from,
		    p->missing_to);
		json_put_str(w, "package_missing", str_c(missing));
	}
	if (p->written) {
		put_count(w, "package_written", p->written);
		put_when(w, "package_written_at", p->written_at);
		if (p->confirmed)
			put_count(w, "package_confirmed", p->confirmed);
	}
}

static void put_rotations(struct json_writer *w, const struct gate_rotations *all)
{
	json_list(w, "rotations");
	for (size_t i = 0; i < all->count; i++) {
		json_object(w, NULL);
		json_put_time(w, "time", all->items[i].time);
		json_put_str(w, "before", all->items[i].before);
		json_put_str(w, "after", all->items[i].after);
		json_end_object(w);
	}
	json_end_list(w);
}

static void put_compromises(struct json_writer *w, const struct gate_compromises *all)
{
	json_list(w, "compromises");
	for (size_t i = 0; i < all->count; i++) {
		json_object(w, NULL);
		json_put_time(w, "since", all->items[i].since);
		json_put_str(w, "by", all->items[i].by);
		json_put_int(w, "hidden", all->items[i].hidden);
		json_put_raw(w, "ids", all->items[i].ids);
		json_end_object(w);
	}
	json_end_list(w);
}

void render_originator(struct json_writer *w, const struct gate_peer *p)
{
	json_object(w, NULL);
	json_put_str(w, "identity", p->identity);
	json_put_str(w, "node", p->node);
	json_put_str(w, "origin", p->origin);
	json_put_str(w, "key", p->key);
	json_put_str(w, "introduced_by", p->introduced_by);
	json_put_bool(w, "taken", !str_eq(p->state, S("cut")));
	put_when(w, "changed", p->changed);
	json_end_object(w);
}

void render_peer(struct json_writer *w, const struct gate_peer *p, const struct run_links *links,
    usec now, bool full)
{
	const struct run_link *link = run_link_of(links, p->name);

	json_object(w, NULL);
	json_put_str(w, "name", p->name);
	json_put_str(w, "state", p->state);
	json_put_bool(w, "connected", link && link->connected);
	/* Of the newest connection; before there is one, of what it says that it can. */
	json_put_bool(
	    w, "post_quantum", link && link->group.n ? link->post_quantum : p->post_quantum);
	json_put_str(w, "node", p->node);
	json_put_str(w, "identity", p->identity);
	put_text(w, "address", p->address);
	json_put_str(w, "ceiling", p->ceiling);
	json_put_str(w, "fingerprint", p->fingerprint);
	put_when(w, "changed", p->changed);
	json_put_str(w, "fed_by", p->by_file ? S("packages") : S("link"));
	put_packages(w, &p->packages);
	if (link)
		put_link(w, link, full);
	put_reach(w, p, link, now);
	if (full) {
		put_count(w, "unknown", p->unknown);
		put_count(w, "above_ceiling", p->above);
		put_count(w, "differs", p->differs);
		put_count(w, "refused", p->refused);
		json_put_bool(w, "invited", p->invited);
		json_put_str(w, "origin", p->origin);
		json_put_str(w, "key", p->key);
		put_rotations(w, &p->rotations);
		put_compromises(w, &p->compromises);
		json_put_str(w, "cert", p->cert);
		put_text(w, "next_cert", p->next_cert);
		put_when(w, "own_cert_expires", links->cert_expires);
		json_put_str(w, "statement", p->statement);
	}
	json_end_object(w);
}

/* What a peer that had the object has done about its withdrawal. */
static const char *state_of(
    const struct gate_withdrawal *g, const struct gate_withdrawal_peer *p, usec contact)
{
	if (p->acted)
		return "acted";
	return contact > g->received ? "waiting" : "not-reached";
}

static void put_withdrawal_peer(struct json_writer *w, const struct gate_withdrawal *g,
    const struct gate_withdrawal_peer *p, usec contact)
{
	json_object(w, NULL);
	json_put_str(w, "name", p->name);
	json_put_str(w, "state", str_c(state_of(g, p, contact)));
	json_put_bool(w, "active", p->active);
	if (p->acted)
		put_when(w, "time", p->time);
	put_when(w, "purged", p->purged);
	put_when(w, "last_contact", contact);
	json_end_object(w);
}

/* "purged" with proof, "hidden" with its receipt, else as withdrawals have it. */
static const char *purge_state_of(
    const struct gate_purge *g, const struct gate_withdrawal_peer *p, usec contact)
{
	if (p->purged)
		return "purged";
	if (p->acted)
		return "hidden";
	return contact > g->time ? "waiting" : "not-reached";
}

void render_purge(
    struct json_writer *w, const struct gate_purge *g, const struct run_links *links, usec now)
{
	json_object(w, NULL);
	json_put_str(w, "id", g->id);
	json_put_str(w, "state", g->demanded ? S("demanded") : S("purged"));
	json_put_str(w, "reason", g->reason);
	json_put_str(w, "by", g->by);
	json_put_time(w, "time", g->time);
	put_count(w, "tombstones", g->tombstones);
	json_list(w, "peers");
	for (size_t i = 0; i < g->peer_count; i++) {
		const struct gate_withdrawal_peer *p = &g->peers[i];
		usec contact = contact_of(run_link_of(links, p->name), p->contact, now);

		json_object(w, NULL);
		json_put_str(w, "name", p->name);
		json_put_str(w, "state", str_c(purge_state_of(g, p, contact)));
		json_put_bool(w, "active", p->active);
		put_when(w, "time", p->purged);
		json_end_object(w);
	}
	json_end_list(w);
	json_end_object(w);
}

void render_withdrawal(struct json_writer *w, const struct gate_withdrawal *g,
    const struct run_links *links, usec now, bool full)
{
	uint64_t acted = 0, unreached = 0;

	for (size_t i = 0; i < g->peer_count; i++) {
		const struct gate_withdrawal_peer *p = &g->peers[i];
		usec contact = contact_of(run_link_of(links, p->name), p->contact, now);

		acted += p->acted;
		unreached += !p->acted && contact <= g->received;
	}
	json_object(w, NULL);
	json_put_str(w, "id", g->id);
	json_put_str(w, "reason", g->reason);
	json_put_str(w, "originator", g->originator);
	json_put_str(w, "by", g->by);
	json_put_time(w, "time", g->time);
	json_put_time(w, "received", g->received);
	put_count(w, "acted", acted);
	put_count(w, "outstanding", g->peer_count - acted);
	put_count(w, "unreached", unreached);
	if (full) {
		json_list(w, "peers");
		for (size_t i = 0; i < g->peer_count; i++) {
			const struct gate_withdrawal_peer *p = &g->peers[i];

			put_withdrawal_peer(
			    w, g, p, contact_of(run_link_of(links, p->name), p->contact, now));
		}
		json_end_list(w);
	}
	json_end_object(w);
}

void render_evidence(struct json_writer *w, const struct gate_evidence *e)
{
	struct str rest = e->keys;

	json_object(w, NULL);
	json_put_str(w, "peer", e->peer);
	json_put_str(w, "identity", e->identity);
	json_put_str(w, "origin", e->origin);
	json_put_str(w, "kind", e->rewound ? S("rewound") : S("equivocates"));
	json_put_str(w, "why", e->why);
	json_put_bool(w, "proof", e->proof);
	json_put_bool(w, "stands", e->stands);
	json_put_time(w, "time", e->time);
	json_put_str(w, "held", e->held);
	json_put_str(w, "shown", e->shown);
	json_list(w, "keys");
	while (rest.p) {
		struct str key = str_cut(&rest, '\n');

		if (key.n > 0)
			json_put_str(w, NULL, key);
	}
	json_end_list(w);
	json_end_object(w);
}

void render_proof(struct json_writer *w, const char *key, const struct gate_proof *p,
    const struct sha256 *content)
{
	json_object(w, key);
	put_count(w, "seq", p->seq);
	put_count(w, "size", p->size);
	render_hex(w, "leaf", p->leaf.b, SHA256_LEN);
	render_hex(w, "header", p->header.p, p->header.n);
	render_hex(w, "content_sha256", content->b, SHA256_LEN);
	render_hex(w, "root", p->root.b, SHA256_LEN);
	json_list(w, "hashes");
	for (size_t i = 0; i < p->count; i++)
		render_hex(w, NULL, p->hashes[i].b, SHA256_LEN);
	json_end_list(w);
	json_put_str(w, "checkpoint", p->checkpoint);
	json_put_str(w, "origin", p->origin);
	json_put_str(w, "public_key", p->public_key);
	json_end_object(w);
}

void render_collection(struct json_writer *w, const struct gate_collection *c, bool role_may_write)
{
	json_object(w, NULL);
	json_put_str(w, "id", c->id);
	json_put_str(w, "root", c->root);
	json_put_str(w, "title", c->title);
	put_text(w, "alias", c->alias);
	put_text(w, "description", c->description);
	json_put_bool(w, "can_read", c->can_read);
	json_put_bool(w, "can_write", c->can_write && role_may_write);
	json_end_object(w);
}

void render_session(
    struct json_writer *w, struct str name, const struct reader *reader, usec expires)
{
	json_object(w, NULL);
	json_put_str(w, "name", name);
	json_put_str(w, "role", str_c(role_name((enum role)reader->role)));
	json_put_str(w, "clearance", tlp_name(reader->clearance));
	put_when(w, "expires", expires);
	json_end_object(w);
}

void render_problem(struct buf *out, const char *code, struct str message)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_object(&w, "error");
	json_put_str(&w, "code", str_c(code));
	json_put_str(&w, "message", message);
	json_end_object(&w);
	json_end_object(&w);
}
