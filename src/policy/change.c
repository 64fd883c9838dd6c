/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/change.h"

#include "codec/json.h"
#include "policy/marking.h"

enum { EXTENSION_MAX = 16 << 10 };

bool label_change_any(const struct label_change *c)
{
	return c->tlp.p || c->releasable_to.p || c->communities.p || c->need_to_know.p ||
	       c->has_hops || c->has_expiry;
}

/* ---- the extension's members ---- */

static enum err put_list(
    struct json_writer *w, const char *key, struct str list, struct fault *fault)
{
	struct name name;

	if (str_eq(list, S("*")))
		return OK;
	json_list(w, key);
	while (list.n) {
		struct str one = str_trim(str_cut(&list, ','));

		if (name_encode(&name, one) != OK)
			return fail(fault, ERR_INVALID,
			    "%s: \"%.*s\" is no name: 1 to %d letters, digits and any of ._:+-, "
			    "separated by commas",
			    key, STR_ARG(str_slice(one, 0, 80)), POLICY_NAME_MAX);
		json_put_str(w, NULL, one);
	}
	json_end_list(w);
	return OK;
}

static void put_set(struct json_writer *w, const char *key, struct str set)
{
	struct buf name;

	buf_init(&name, 256);
	json_list(w, key);
	while (names_next(&set, &name)) {
		json_put_str(w, NULL, buf_str(&name));
		buf_reset(&name);
	}
	json_end_list(w);
	buf_free(&name);
}

/* A list as it is asked for, or as it is. */
static enum err put_names(struct json_writer *w, const char *key, struct str asked, bool present,
    struct str set, struct fault *fault)
{
	if (asked.p)
		return put_list(w, key, asked, fault);
	if (present)
		put_set(w, key, set);
	return OK;
}

static enum err put_tlp(
    struct json_writer *w, const struct label *was, struct str asked, struct fault *fault)
{
	enum tlp tlp = asked.p ? tlp_of_name(asked) : was->tlp;

	if (asked.p && (tlp < TLP_CLEAR || tlp > TLP_RED))
		return fail(fault, ERR_INVALID,
		    "tlp: must be TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED");
	if (tlp == TLP_UNKNOWN)
		return fail(fault, ERR_INVALID,
		    "tlp: the object has no level that can be told; say which it is to have");
	if (tlp != TLP_NONE)
		json_put_str(w, "tlp", tlp_name(tlp));
	return OK;
}

static enum err put_levels(struct json_writer *w, const struct levels *l, struct fault *fault)
{
	struct buf text;
	struct str level;
	char scheme[] = "national:xx";

	if (!levels_any(l))
		return OK;
	if ((l->eu ? 1 : 0) + (l->nato ? 1 : 0) + l->national_count > 1)
		return fail(fault, ERR_UNSUPPORTED,
		    "the object is classified in several schemes; one marking cannot say that");
	buf_init(&text, 64);
	(void)levels_put(&text, l);
	level = buf_str(&text);
	if (l->national_count) {
		scheme[9] = l->national[0].country[0];
		scheme[10] = l->national[0].country[1];
		(void)str_cut(&level, ':');
	}
	json_put_str(w, "scheme", l->eu ? S("euci") : l->nato ? S("nato") : str_c(scheme));
	json_put_str(w, "level", level);
	buf_free(&text);
	return OK;
}

static void put_word(struct json_writer *w, const char *key, struct str word)
{
	if (word.n)
		json_put_str(w, key, word);
}

static void put_terms(struct json_writer *w, const struct label *was)
{
	struct str pap = pap_name(was->pap);

	put_word(w, "pap", str_starts(pap, S("PAP:")) ? str_from(pap, 4) : pap);
	put_word(w, "permitted_actions", iep_action_name(was->action));
	put_word(w, "affected_party_notification", iep_notify_name(was->notify));
	put_word(w, "attribution", iep_attribution_name(was->attribution));
	if (was->personal != PERSONAL_NONE)
		put_word(w, "personal_data", personal_name(was->personal));
	if (was->exercise)
		json_put_bool(w, "exercise", true);
	if (was->precedence != PRECEDENCE_ROUTINE)
		put_word(w, "precedence", precedence_name(was->precedence));
}

static void put_limits(struct json_writer *w, const struct label *was, const struct label_change *c)
{
	uint64_t hops = c->has_hops ? c->hops : label_hops(was);

	if (hops < LABEL_HOPS_ANY)
		json_put_int(w, "max_hops", (int64_t)hops);
	if (c->has_expiry)
		json_put_time(w, "expires", c->expires);
	else if (was->has_expiry)
		json_put_time(w, "expires", was->expires);
}

static void put_originator(struct json_writer *w, const struct label *was, struct str by)
{
	char text[UUID_TEXT + 1];
	struct buf id;

	if (!was->has_originator)
		return;
	uuid_format(text, &was->originator);
	buf_init(&id, 64);
	buf_printf(&id, "identity--%s", text);
	/* Without the member it is who made the object. */
	if (!str_eq(buf_str(&id), by))
		json_put_str(w, "originator_ref", buf_str(&id));
	buf_free(&id);
}

static enum err put_extension(struct buf *out, const struct label *was,
    const struct label_change *c, struct str by, struct fault *fault)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "extension_type", S("property-extension"));
	TRY(put_tlp(&w, was, c->tlp, fault));
	TRY(put_levels(&w, &was->levels, fault));
	TRY(put_names(&w, "releasable_to", c->releasable_to, was->releasable.present,
	    label_releasable(was), fault));
	TRY(put_names(&w, "communities", c->communities, was->communities.present,
	    label_communities(was), fault));
	TRY(put_names(
	    &w, "need_to_know", c->need_to_know, was->tags_n > 0, label_tags(was), fault));
	put_terms(&w, was);
	put_limits(&w, was, c);
	put_originator(&w, was, by);
	json_end_object(&w);
	return out->failed == OK ? OK : fail(fault, ERR_LIMIT, "the label is too long");
}

static enum err read_back(struct label *out, struct str extension, struct str by,
    struct arena *arena, struct fault *fault)
{
	struct str text = arena_printf(
	    arena, "{\"extensions\":{\"%s\":%.*s}}", TOCSIN_LABEL_EXTENSION, STR_ARG(extension));
	struct marking m;
	yyjson_val *root;

	TRY(json_parse(&root, arena, text, &JSON_LIMITS_OBJECT, fault));
	TRY(marking_read(&m, root, fault));
	*out = marking_settle(&m, NULL);
	if (out->unreadable)
		return fail(fault, ERR_INVALID, "there is no such label");
	if (!label_is_plain(out))
		label_name_originator(out, by);
	return OK;
}

enum err label_change(struct label *out, const struct label *was, const struct label_change *change,
    struct str by, struct buf *json, struct arena *arena, struct fault *fault)
{
	struct buf text;
	enum err rc;

	if (was->unreadable)
		return fail(fault, ERR_INVALID,
		    "the label that is there cannot be read, so no part of it can be changed");
	buf_init(&text, EXTENSION_MAX);
	rc = put_extension(&text, was, change, by, fault);
	if (rc == OK)
		rc = read_back(out, buf_str(&text), by, arena, fault);
	if (rc == OK && json)
		buf_put(json, buf_str(&text));
	buf_free(&text);
	return rc;
}
