/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/marking.h"

#include "codec/json.h"
#include "codec/time.h"

static const struct str IDENTITY = S("identity--");

bool marking_is_statement(yyjson_val *object)
{
	return str_eq(json_get_str(object, "definition_type"), S("statement")) &&
	       yyjson_is_obj(yyjson_obj_get(object, "definition")) &&
	       !yyjson_obj_get(object, "extensions");
}

struct marking marking_nothing(void)
{
	return (struct marking){.label = {.tlp = TLP_CLEAR}};
}

struct marking marking_unknown(void)
{
	return (struct marking){.label = {.tlp = TLP_UNKNOWN}, .has_tlp = true};
}

/* A member of the extension: ERR_PARSE for what is not understood. */
typedef enum err (*member_fn)(struct marking *m, yyjson_val *v);

static enum err add_names(
    struct label *l, yyjson_val *v, enum err (*add)(struct label *l, struct str name))
{
	size_t i, max;
	yyjson_val *at;

	if (!yyjson_is_arr(v))
		return ERR_PARSE;
	yyjson_arr_foreach(v, i, max, at)
	{
		enum err rc = yyjson_is_str(at) ? add(l, json_str(at)) : ERR_PARSE;

		if (rc != OK)
			return rc;
	}
	return OK;
}

static enum err take_releasable(struct marking *m, yyjson_val *v)
{
	(void)!label_add_releasable(&m->label, STR_NONE);
	return add_names(&m->label, v, label_add_releasable);
}

static enum err take_communities(struct marking *m, yyjson_val *v)
{
	(void)!label_add_community(&m->label, STR_NONE);
	return add_names(&m->label, v, label_add_community);
}

static enum err take_tags(struct marking *m, yyjson_val *v)
{
	return add_names(&m->label, v, label_add_tag);
}

static enum err take_tlp(struct marking *m, yyjson_val *v)
{
	enum tlp tlp = tlp_of_name(json_str(v));

	if (tlp == TLP_UNKNOWN)
		return ERR_PARSE;
	if (tlp > m->label.tlp)
		m->label.tlp = tlp;
	m->has_tlp = true;
	return OK;
}

/* ORCON: only the originator passes it on. What other caveats ask is not known here. */
static enum err take_caveats(struct marking *m, yyjson_val *v)
{
	size_t i, max;
	yyjson_val *at;

	if (!yyjson_is_arr(v))
		return ERR_PARSE;
	yyjson_arr_foreach(v, i, max, at)
	{
		if (!str_eq_nocase(json_str(at), S("ORCON")))
			return ERR_PARSE;
		label_set_hops(&m->label, 0);
	}
	return OK;
}

static enum err take_hops(struct marking *m, yyjson_val *v)
{
	uint64_t n = yyjson_get_uint(v);

	if (!yyjson_is_uint(v))
		return ERR_PARSE;
	n = n > LABEL_HOPS_MAX ? LABEL_HOPS_MAX : n;
	if (n < label_hops(&m->label))
		label_set_hops(&m->label, (uint8_t)n);
	return OK;
}

static enum err take_expiry(struct marking *m, yyjson_val *v)
{
	usec t;

	if (time_parse_utc(&t, json_str(v)) != OK || t < 0)
		return ERR_PARSE;
	m->label.has_expiry = true;
	m->label.expires = t;
	return OK;
}

static enum err take_originator(struct marking *m, yyjson_val *v)
{
	struct str id = json_str(v);

	if (!str_starts(id, IDENTITY) ||
	    uuid_parse(&m->label.originator, str_from(id, IDENTITY.n)) != OK)
		return ERR_PARSE;
	m->label.has_originator = true;
	return OK;
}

static enum err take_exercise(struct marking *m, yyjson_val *v)
{
	if (!yyjson_is_bool(v))
		return ERR_PARSE;
	m->label.exercise = yyjson_get_bool(v);
	return OK;
}

static enum err take_word(uint8_t *out, yyjson_val *v, bool (*find)(uint8_t *out, struct str name))
{
	return find(out, json_str(v)) ? OK : ERR_PARSE;
}

static enum err take_pap(struct marking *m, yyjson_val *v)
{
	return take_word(&m->label.pap, v, pap_of_name);
}

static enum err take_action(struct marking *m, yyjson_val *v)
{
	return take_word(&m->label.action, v, iep_action_of_name);
}

static enum err take_notify(struct marking *m, yyjson_val *v)
{
	return take_word(&m->label.notify, v, iep_notify_of_name);
}

static enum err take_attribution(struct marking *m, yyjson_val *v)
{
	return take_word(&m->label.attribution, v, iep_attribution_of_name);
}

static enum err take_personal(struct marking *m, yyjson_val *v)
{
	return take_word(&m->label.personal, v, personal_of_name);
}

static enum err take_precedence(struct marking *m, yyjson_val *v)
{
	return take_word(&m->label.precedence, v, precedence_of_name);
}

/* Kept in the object and without a meaning for who may see it; `scheme` and `level` are read
 * together. */
static enum err take_nothing(struct marking *m, yyjson_val *v)
{
	(void)m;
	(void)v;
	return OK;
}

static const struct {
	struct str name;
	member_fn take;
} MEMBERS[] = {
    {S("extension_type"), take_nothing},
    {S("scheme"), take_nothing},
    {S("level"), take_nothing},
    {S("tlp"), take_tlp},
    {S("releasable_to"), take_releasable},
    {S("communities"), take_communities},
    {S("need_to_know"), take_tags},
    {S("caveats"), take_caveats},
    {S("pap"), take_pap},
    {S("permitted_actions"), take_action},
    {S("affected_party_notification"), take_notify},
    {S("attribution"), take_attribution},
    {S("max_hops"), take_hops},
    {S("expires"), take_expiry},
    {S("personal_data"), take_personal},
    {S("exercise"), take_exercise},
    {S("precedence"), take_precedence},
    {S("originator_ref"), take_originator},
    /* A label is never lowered by itself: the originator's newer version does. */
    {S("downgrade_after"), take_nothing},
    {S("downgrade_authority"), take_nothing},
    {S("native_4774"), take_nothing},
};

static enum err take_level(struct marking *m, yyjson_val *extension)
{
	yyjson_val *level = yyjson_obj_get(extension, "level");
	struct str scheme = json_get_str(extension, "scheme");

	if (!scheme.p)
		return level ? ERR_PARSE : OK;
	if (str_eq(scheme, S("none")))
		return level ? ERR_PARSE : OK;
	if (str_eq(scheme, S("tlp2")))
		return take_tlp(m, level);
	return levels_set(&m->label.levels, scheme, json_str(level)) == OK ? OK : ERR_PARSE;
}

static enum err take_member(struct marking *m, struct str key, yyjson_val *v)
{
	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++)
		if (str_eq(MEMBERS[i].name, key))
			return MEMBERS[i].take(m, v);
	return ERR_PARSE;
}

static enum err take_members(struct marking *m, yyjson_val *extension, struct fault *fault)
{
	enum err rc = OK;
	size_t i, max;
	yyjson_val *key, *v;

	if (!yyjson_is_obj(extension))
		return ERR_PARSE;
	rc = take_level(m, extension);
	yyjson_obj_foreach(extension, i, max, key, v)
	{
		if (rc != OK)
			return rc;
		rc = take_member(m, json_str(key), v);
		if (rc == ERR_LIMIT)
			return fail(fault, rc,
			    "extensions.%s.%.*s: names more than a label has room for (%d bytes in "
			    "all, a name takes its length and one, the id of an identity 17)",
			    TOCSIN_LABEL_EXTENSION, STR_ARG(json_str(key)),
			    str_eq(json_str(key), S("need_to_know")) ? LABEL_TAGS_MAX
			                                             : LABEL_AUDIENCE_MAX);
	}
	return rc;
}

/* Part of a label is not a label. */
static enum err read_ours(struct marking *out, yyjson_val *extension, struct fault *fault)
{
	enum err rc;

	*out = marking_nothing();
	rc = take_members(out, extension, fault);
	if (rc == ERR_LIMIT)
		return rc;
	if (rc != OK)
		*out = (struct marking){.label = label_most_restrictive(), .has_tlp = true};
	return OK;
}

/* Who does not know what one of them asks does not know the marking, unless it is ours. */
static enum err read_extensions(struct marking *out, yyjson_val *extensions, struct fault *fault)
{
	bool ours = yyjson_obj_get(extensions, TOCSIN_LABEL_EXTENSION) != NULL;
	struct marking all = marking_nothing(), one;
	size_t i, max;
	yyjson_val *key, *v;

	if (yyjson_obj_size(extensions) == 0)
		return ERR_NOT_FOUND;
	yyjson_obj_foreach(extensions, i, max, key, v)
	{
		bool known = true;

		if (str_eq(json_str(key), S(TOCSIN_LABEL_EXTENSION)))
			TRY(read_ours(&one, v, fault));
		else
			known = marking_of_extension(&one, json_str(key), v);
		if (!known && !ours)
			return ERR_NOT_FOUND;
		if (known)
			all = marking_join(&all, &one);
	}
	*out = all;
	return OK;
}

enum err marking_read(struct marking *out, yyjson_val *object, struct fault *fault)
{
	if (marking_of_definition(out, object))
		return OK;
	return read_extensions(out, yyjson_obj_get(object, "extensions"), fault);
}

struct marking marking_join(const struct marking *a, const struct marking *b)
{
	struct marking out = {.has_tlp = a->has_tlp || b->has_tlp};

	out.label = label_join(&a->label, &b->label);
	/* Of one object: a marking that names no originator takes nobody's place. */
	if (a->label.has_originator != b->label.has_originator) {
		out.label.has_originator = true;
		out.label.originator =
		    a->label.has_originator ? a->label.originator : b->label.originator;
	}
	return out;
}

struct label marking_settle(const struct marking *m, const struct label *fallback)
{
	const struct marking given = {
	    .label = fallback ? *fallback : (struct label){.tlp = TLP_UNKNOWN}};

	struct label out = m->label;

	if (m->has_tlp || out.unreadable)
		return out;
	if (!levels_any(&out.levels))
		return marking_join(m, &given).label;
	out.tlp = TLP_NONE;
	return out;
}
