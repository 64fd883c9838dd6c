/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over all of an object's values: its references and its searchable texts. Both go by the
 * property's name, so that custom properties and extensions are seen too. Recursion is as deep as
 * the document, which json_parse bounded. */
#include <stdio.h>
#include <string.h>

#include "base/uuid.h"
#include "codec/json.h"
#include "stix/object.h"

enum { PATH_MAX_BYTES = 512 };

/* Where the walk stands; a path that does not fit is cut. */
struct path {
	char text[PATH_MAX_BYTES];
	size_t n;
};

static size_t path_push(struct path *p, struct str name)
{
	size_t before = p->n;
	size_t room = sizeof(p->text) - p->n;
	size_t n;

	if (p->n > 0 && room > 1) {
		p->text[p->n++] = '.';
		room--;
	}
	n = name.n < room ? name.n : room;
	memcpy(p->text + p->n, name.p, n);
	p->n += n;
	return before;
}

static size_t path_push_index(struct path *p, size_t index)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "[%zu]", index);

	return path_push(p, (struct str){text, (size_t)n});
}

struct refs_walk {
	struct path path;
	stix_ref_fn visit;
	void *ctx;
};

static void visit_ref(struct refs_walk *w, yyjson_val *value)
{
	struct str target = json_str(value);
	struct str type;
	struct uuid uuid;

	if (stix_id_split(&type, &uuid, target))
		w->visit(w->ctx, (struct str){w->path.text, w->path.n}, target);
}

static void refs_of_value(struct refs_walk *w, struct str name, yyjson_val *value);

static void refs_of_object(struct refs_walk *w, yyjson_val *object)
{
	size_t n = unsafe_yyjson_get_len(object);
	yyjson_val *key = unsafe_yyjson_get_first(object);

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str name = json_str(key);
		size_t before = path_push(&w->path, name);

		refs_of_value(w, name, key + 1);
		w->path.n = before;
	}
}

static void refs_of_list(struct refs_walk *w, struct str name, yyjson_val *list)
{
	size_t n = unsafe_yyjson_get_len(list);
	yyjson_val *at = unsafe_yyjson_get_first(list);
	bool refs = str_ends(name, S("_refs"));

	for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at)) {
		size_t before = path_push_index(&w->path, i);

		if (refs)
			visit_ref(w, at);
		else
			refs_of_value(w, S(""), at);
		w->path.n = before;
	}
}

static void refs_of_value(struct refs_walk *w, struct str name, yyjson_val *value)
{
	if (yyjson_is_obj(value))
		refs_of_object(w, value);
	else if (yyjson_is_arr(value))
		refs_of_list(w, name, value);
	else if (str_ends(name, S("_ref")))
		visit_ref(w, value);
}

void stix_object_refs(const struct stix_object *o, stix_ref_fn visit, void *ctx)
{
	struct refs_walk w = {.visit = visit, .ctx = ctx};

	refs_of_value(&w, S(""), o->root);
}

/* Properties whose text a person would search by. */
static const struct str TEXTS[] = {S("name"), S("description"), S("aliases"), S("pattern"),
    S("value"), S("labels"), S("external_id"), S("source_name"), S("url"), S("path"), S("key"),
    S("content"), S("abstract"), S("opinion"), S("explanation"), S("product"), S("vendor"),
    S("cpe"), S("swid"), S("command_line"), S("cwd"), S("subject"), S("issuer"), S("serial_number"),
    S("user_id"), S("account_login"), S("display_name"), S("message_id"), S("rir"), S("objective"),
    S("goals"), S("roles"), S("statement"), S("country"), S("region"), S("city"),
    S("administrative_area"), S("street_address"), S("indicator_types"), S("malware_types"),
    S("tool_types"), S("threat_actor_types"), S("infrastructure_types"), S("report_types"),
    S("sectors"), S("kill_chain_name"), S("phase_name"), S("contact_information"),
    S("relationship_type"), S("context"), S("x_mitre_aliases"), S("x_mitre_platforms")};

static bool searched(struct str name)
{
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		if (TEXTS[i].n == name.n && memcmp(TEXTS[i].p, name.p, name.n) == 0)
			return true;
	return false;
}

struct texts_walk {
	stix_text_fn visit;
	void *ctx;
};

/* `name` is the nearest property's; within hashes the values count, whatever the algorithm. */
static void texts_of_value(const struct texts_walk *w, struct str name, yyjson_val *value)
{
	size_t n = unsafe_yyjson_is_ctn(value) ? unsafe_yyjson_get_len(value) : 0;
	yyjson_val *at = n ? unsafe_yyjson_get_first(value) : NULL;
	bool hashes = str_eq(name, S("hashes"));

	if (yyjson_is_str(value) && (hashes || searched(name)))
		w->visit(w->ctx, name, json_str(value));
	for (size_t i = 0; i < n; i++) {
		bool object = unsafe_yyjson_is_obj(value);
		yyjson_val *member = object ? at + 1 : at;

		texts_of_value(w, object && !hashes ? json_str(at) : name, member);
		at = unsafe_yyjson_get_next(member);
	}
}

void stix_object_texts(const struct stix_object *o, stix_text_fn visit, void *ctx)
{
	const struct texts_walk w = {visit, ctx};

	texts_of_value(&w, S(""), o->root);
}
