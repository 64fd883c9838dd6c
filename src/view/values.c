/* SPDX-License-Identifier: Apache-2.0 */
#include "view/values.h"

#include "codec/json.h"

/* Where an observable keeps its value. */
static const struct {
	const char *type;
	const char *property;
	enum term_kind kind;
} OBSERVABLES[] = {
    {"ipv4-addr", "value", TERM_IPV4},
    {"ipv6-addr", "value", TERM_IPV6},
    {"domain-name", "value", TERM_DOMAIN},
    {"url", "value", TERM_URL},
    {"email-addr", "value", TERM_EMAIL},
};

static const struct {
	const char *name;
	enum term_kind file, certificate; /* TERM_KINDS: no value of such */
} HASHES[] = {
    {"MD5", TERM_MD5, TERM_CERT_MD5},
    {"SHA-1", TERM_SHA1, TERM_CERT_SHA1},
    {"SHA-256", TERM_SHA256, TERM_CERT_SHA256},
    {"SHA-512", TERM_SHA512, TERM_KINDS},
};

static void give(
    struct arena *arena, enum term_kind kind, struct str text, value_fn visit, void *ctx)
{
	struct term t;

	if (text.p && term_canonical(&t, arena, kind, text) == OK)
		visit(ctx, &t);
}

static void pattern_values(
    const struct stix_object *o, struct arena *arena, value_fn visit, void *ctx)
{
	struct term_list terms;
	struct str type = json_get_str(o->root, "pattern_type");
	struct str pattern = json_get_str(o->root, "pattern");

	/* STIX 2.0 knows no other pattern language. */
	if (!pattern.p || (type.p && !str_eq(type, S("stix"))))
		return;
	if (equality_terms(&terms, arena, pattern, NULL) != OK)
		return;
	for (size_t i = 0; i < terms.count; i++)
		visit(ctx, &terms.list[i]);
}

static void hash_values(
    const struct stix_object *o, bool certificate, struct arena *arena, value_fn visit, void *ctx)
{
	yyjson_val *hashes = yyjson_obj_get(o->root, "hashes");

	for (size_t i = 0; i < sizeof(HASHES) / sizeof(HASHES[0]); i++) {
		enum term_kind kind = certificate ? HASHES[i].certificate : HASHES[i].file;

		if (kind != TERM_KINDS)
			give(arena, kind, json_get_str(hashes, HASHES[i].name), visit, ctx);
	}
}

void object_values(const struct stix_object *o, struct arena *arena, value_fn visit, void *ctx)
{
	if (str_eq(o->type_name, S("indicator"))) {
		pattern_values(o, arena, visit, ctx);
		return;
	}
	for (size_t i = 0; i < sizeof(OBSERVABLES) / sizeof(OBSERVABLES[0]); i++)
		if (str_eq(o->type_name, str_c(OBSERVABLES[i].type)))
			give(arena, OBSERVABLES[i].kind,
			    json_get_str(o->root, OBSERVABLES[i].property), visit, ctx);
	if (str_eq(o->type_name, S("file")) || str_eq(o->type_name, S("artifact")))
		hash_values(o, false, arena, visit, ctx);
	if (str_eq(o->type_name, S("x509-certificate")))
		hash_values(o, true, arena, visit, ctx);
}
