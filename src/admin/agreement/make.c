/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/agreement/make.h"

#include "admin/agreement/making.h"
#include "admin/decide.h"
#include "admin/list.h"
#include "codec/time.h"
#include "stix/type.h"

/* ---- a proposal ---- */

static struct str joined(struct arena *arena, yyjson_val *list, const char *between)
{
	struct str out = STR_NONE;
	size_t i, max;
	yyjson_val *v;

	yyjson_arr_foreach(list, i, max, v)
	{
		out = arena_printf(
		    arena, "%.*s%s%.*s", STR_ARG(out), i ? between : "", STR_ARG(json_str(v)));
	}
	return out;
}

void proposal_of(struct proposal *out, struct arena *arena, const struct agreement *a)
{
	*out = (struct proposal){.id = a->id,
	    .created = json_get_str(a->root, "created"),
	    .before = a->version,
	    .community = a->community,
	    .parties = list_text(arena, yyjson_obj_get(a->root, "parties")),
	    .title = a->name,
	    .kind = community_kind_name(a->kind),
	    .hub = a->hub,
	    .direction = community_direction_name(a->direction),
	    .incident = a->incident,
	    .ceiling = tlp_name(a->ceiling),
	    .types = list_text(arena, a->types),
	    .purposes = joined(arena, a->purposes, ";"),
	    .anonymise = list_text(arena, a->anonymise),
	    .retention = a->retention,
	    .legal_ref = a->legal_ref,
	    .from = json_get_str(a->root, "valid_from"),
	    .until = json_get_str(a->root, "valid_until"),
	    .reciprocity_visible = a->reciprocity_visible};
}

static void put_text(struct json_writer *w, const char *key, struct str text)
{
	if (text.n)
		json_put_str(w, key, text);
}

static void put_split(struct json_writer *w, const char *key, struct str text)
{
	if (!text.n)
		return;
	json_list(w, key);
	while (text.p) {
		struct str one = str_trim(str_cut(&text, ';'));

		if (one.n)
			json_put_str(w, NULL, one);
	}
	json_end_list(w);
}

static void put_directions(struct json_writer *w, struct str direction)
{
	if (!direction.n || str_eq(direction, S("both")))
		return;
	json_list(w, "directions");
	json_put_str(w, NULL, direction);
	json_end_list(w);
}

static void put_proposal(struct json_writer *w, const struct proposal *from)
{
	put_text(w, "name", from->title);
	list_put(w, "parties", from->parties);
	list_put(w, "communities", from->community);
	put_text(w, "kind", from->kind);
	put_text(w, "hub_ref", from->hub);
	put_directions(w, from->direction);
	put_text(w, "incident_ref", from->incident);
	put_text(w, "label_ceiling", from->ceiling);
	if (from->types.n)
		list_put(w, "object_types", from->types);
	put_split(w, "purposes", from->purposes);
	list_put(w, "anonymise", from->anonymise);
	put_text(w, "retention", from->retention);
	put_text(w, "legal_ref", from->legal_ref);
	put_text(w, "valid_from", from->from);
	put_text(w, "valid_until", from->until);
	json_put_bool(w, "reciprocity_visible", from->reciprocity_visible);
	json_object(w, "extensions");
	json_object(w, AGREEMENT_EXTENSION);
	json_put_str(w, "extension_type", S("new-sdo"));
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

/* What it says is read back before it is appended: nobody proposes what nobody could sign. */
static enum err append_proposal(const struct making *m, const struct proposal *from, struct str id,
    struct agreement *out, struct fault *fault)
{
	struct json_writer w;
	struct buf text;
	struct record r = {.tag = STIX_TYPE_CUSTOM, .id = id, .version = m->version};
	yyjson_val *root;
	enum err rc;

	buf_init(&text, MAKING_MAX);
	w = json_writer(&text);
	making_head(&w, m, S(AGREEMENT_TYPE), id, from->created);
	put_proposal(&w, from);
	r.content = buf_str(&text);
	rc = text.failed == OK ? json_parse(&root, m->p->arena, arena_str(m->p->arena, r.content),
	                             &JSON_LIMITS_OBJECT, fault)
	                       : fail(fault, ERR_LIMIT, "the agreement is too long");
	if (rc == OK)
		rc = agreement_read(out, root, fault);
	if (rc == OK)
		rc = making_append(m, &r, fault);
	buf_free(&text);
	return rc;
}

enum err agreement_propose(
    struct part *p, const struct proposal *from, struct agreement *out, struct fault *fault)
{
	struct making m = {.p = p, .version = making_version(p, from->before)};
	struct uuid uuid = uuid_v4(p->ctx->env);
	char text[UUID_TEXT + 1];
	struct str id = from->id, type;

	if (!id.p) {
		uuid_format(text, &uuid);
		id = arena_printf(p->arena, AGREEMENT_TYPE "--%s", text);
	} else if (!stix_id_split(&type, &uuid, id)) {
		return fail(fault, ERR_INVALID, "not the id of an agreement");
	}
	TRY(making_mark(&m, &uuid, from->parties, fault));
	return append_proposal(&m, from, id, out, fault);
}

/* ---- a party's word ---- */

/* How far who says it agrees, for who knows opinions alone. */
static struct str opinion_of(enum party_state word)
{
	static const char *const OPINIONS[PARTY_STATES] = {[PARTY_PROPOSED] = "neutral",
	    [PARTY_SIGNED] = "strongly-agree",
	    [PARTY_DECLINED] = "strongly-disagree",
	    [PARTY_LEFT] = "disagree"};

	return str_c(OPINIONS[word]);
}

struct saying {
	const struct agreement_state *of;
	enum party_state word;
	struct str reason, by;
};

static void put_answer(struct json_writer *w, const struct saying *s)
{
	json_put_str(w, "opinion", opinion_of(s->word));
	put_text(w, "explanation", s->reason);
	json_list(w, "object_refs");
	json_put_str(w, NULL, s->of->newest.id);
	json_end_list(w);
	json_object(w, "extensions");
	json_object(w, AGREEMENT_ANSWER_EXTENSION);
	json_put_str(w, "extension_type", S("property-extension"));
	json_put_str(w, "agreement_ref", s->of->newest.id);
	json_put_time(w, "agreement_modified", s->of->newest.version);
	json_put_str(w, "sha256", s->of->newest_hash);
	json_put_str(w, "answer", party_state_name(s->word));
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

static enum err append_answer(struct part *p, const struct saying *s, struct fault *fault)
{
	const struct agreement *a = &s->of->newest;
	struct str id = agreement_answer_id(p->arena, &a->uuid, p->ctx->identity);
	struct str parties = list_text(p->arena, yyjson_obj_get(a->root, "parties"));
	struct making m = {.p = p};
	struct record r = {.tag = STIX_TYPE_OPINION, .id = id};
	struct json_writer w;
	struct str created;
	struct buf text;
	int64_t before;
	enum err rc;

	if (!id.p || !parties.p)
		return fail(fault, ERR_NOMEM, "no memory for an answer");
	created = making_before(p, id, &before);
	m.version = making_version(p, before);
	r.version = m.version;
	TRY(making_mark(&m, &a->uuid, parties, fault));
	buf_init(&text, MAKING_MAX);
	w = json_writer(&text);
	making_head(&w, &m, S("opinion"), id, created);
	put_answer(&w, s);
	r.content = buf_str(&text);
	rc = making_append(&m, &r, fault);
	buf_free(&text);
	return rc;
}

static enum err decide_answer(struct part *p, const struct saying *s, struct fault *fault)
{
	struct str path = arena_printf(p->arena, AGREEMENT_PATH "%.*s", STR_ARG(s->of->newest.id));
	struct json_writer w;
	struct buf text;
	enum err rc;

	buf_init(&text, MAKING_MAX);
	w = json_writer(&text);
	json_object(&w, NULL);
	json_put_str(&w, "answer", party_state_name(s->word));
	json_put_int(&w, "version", s->of->newest.version);
	json_put_str(&w, "sha256", s->of->newest_hash);
	put_text(&w, "reason", s->reason);
	json_put_str(&w, "by", s->by);
	json_end_object(&w);
	rc = admin_decide(p->ctx, path, buf_str(&text), fault);
	buf_free(&text);
	return rc;
}

enum err agreement_say(struct part *p, const struct agreement_state *of, enum party_state word,
    struct str reason, struct str by, struct fault *fault)
{
	const struct saying s = {.of = of, .word = word, .reason = reason, .by = by};

	TRY(append_answer(p, &s, fault));
	return decide_answer(p, &s, fault);
}
