/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the tables over an object and collects findings. A value's path is worked out only when
 * there is something to say of it, so that a good object costs its lookups and nothing else. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "stix/check_context.h"

enum { FINDINGS_FIRST = 8, MESSAGE_MAX = 400 };

static bool room_for_finding(struct check *c)
{
	struct stix_finding *list;
	size_t cap = c->cap ? c->cap * 2 : FINDINGS_FIRST;

	if (c->out->count < c->cap)
		return true;
	if (cap > STIX_FINDINGS_MAX)
		cap = STIX_FINDINGS_MAX;
	list = arena_array(c->arena, cap, sizeof(*list));
	if (!list) {
		c->failed = ERR_NOMEM;
		return false;
	}
	if (c->out->count)
		memcpy(list, c->out->list, c->out->count * sizeof(*list));
	c->out->list = list;
	c->cap = cap;
	return true;
}

static struct str path_of(struct check *c, yyjson_val *where, const char *member)
{
	struct str path = where ? json_path(c->arena, c->o->root, where) : S("");

	if (!member)
		return path;
	return path.n ? arena_printf(c->arena, "%.*s.%s", STR_ARG(path), member)
	              : arena_str(c->arena, str_c(member));
}

static struct str section_of(const struct check *c, const struct rule *rule)
{
	if (!c->v21)
		return S("STIX 2.0");
	return rule->section ? str_c(rule->section) : stix_type_section(c->type);
}

void check_report(struct check *c, const struct rule *rule, yyjson_val *where, const char *member,
    const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	struct stix_finding f = {.level = rule->level, .rule = str_c(rule->name)};
	va_list ap;

	*(rule->level == STIX_MUST ? &c->out->musts : &c->out->shoulds) += 1;
	if (c->failed != OK || c->out->count == STIX_FINDINGS_MAX || !room_for_finding(c))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f.path = path_of(c, where, member);
	f.section = section_of(c, rule);
	f.message = arena_str(c->arena, str_c(text));
	if (!f.path.p || !f.message.p) {
		c->failed = ERR_NOMEM;
		return;
	}
	c->out->list[c->out->count++] = f;
}

static const struct property *find(const struct part *table, struct str name, size_t *hint)
{
	size_t n = name.n ? table->count : 0;

	/* Producers write properties in much the same order: begin where the last one was found. */
	for (size_t k = 0, i = *hint; k < n; k++, i = i + 1 < n ? i + 1 : 0) {
		const struct property *p = &table->list[i];

		if (p->name.n == name.n && p->name.p[0] == name.p[0] &&
		    memcmp(p->name.p, name.p, name.n) == 0) {
			*hint = i + 1 < n ? i + 1 : 0;
			return p;
		}
	}
	return NULL;
}

static bool in_version(const struct check *c, const struct property *p)
{
	return !(p->flags & (c->v21 ? FLAG_ONLY_20 : FLAG_ONLY_21));
}

/* Names that later versions may use (STIX 2.0 and 2.1). */
static const char *const RESERVED_20[] = {"confidence", "severity", "action", "usernames",
    "phone_numbers", "addresses", "first_seen_precision", "last_seen_precision",
    "valid_from_precision", "valid_until_precision"};
static const char *const RESERVED_21[] = {
    "severity", "action", "username", "phone_number", "phone_numbers"};
static const struct words RESERVED[] = {
    {RESERVED_20, sizeof(RESERVED_20) / sizeof(RESERVED_20[0])},
    {RESERVED_21, sizeof(RESERVED_21) / sizeof(RESERVED_21[0])},
};

static void custom_property(struct check *c, yyjson_val *key, bool top)
{
	static const struct rule FORM = {STIX_MUST, "property-name", "11"};
	static const struct rule NAME = {STIX_MUST, "reserved-property", "11"};
	static const struct rule EMPTY = {STIX_MUST, "empty-list", "2.12"};
	static const struct rule CUSTOM = {STIX_SHOULD, "custom-property", "11"};
	struct str name = json_str(key);

	if (!form_property_name(name, c->v21)) {
		check_report(c, &FORM, key, NULL,
		    "a property's name has 3 to 250 of a-z, 0-9 and _%s",
		    c->v21 ? ", the first one a letter" : "");
		return;
	}
	if (yyjson_is_arr(key + 1) && yyjson_arr_size(key + 1) == 0)
		check_report(c, &EMPTY, key, NULL, "a list must not be empty");
	if (top && words_have(&RESERVED[c->v21], name))
		check_report(c, &NAME, key, NULL, "this name is reserved");
	if (top && c->free_properties)
		return;
	if (c->v21)
		check_report(c, &CUSTOM, key, NULL,
		    "not a property of the specification: should be in an extension");
	else if (!str_starts(name, S("x_")))
		check_report(
		    c, &CUSTOM, key, NULL, "a custom property's name should start with x_");
}

struct seen {
	const struct part *table;
	uint64_t bits; /* of the table's first 64 properties */
	size_t hint;
};

static const struct property *look_up(struct seen *s, struct str name)
{
	const struct property *p = s->table ? find(s->table, name, &s->hint) : NULL;

	if (p)
		s->bits |= UINT64_C(1) << ((size_t)(p - s->table->list) & 63);
	return p;
}

static void require(struct check *c, yyjson_val *object, const struct seen *s)
{
	static const struct rule MISSING = {STIX_MUST, "required", NULL};
	unsigned flag = c->v21 ? FLAG_REQUIRED_21 : FLAG_REQUIRED_20;

	for (size_t i = 0; s->table && i < s->table->count; i++)
		if ((s->table->list[i].flags & flag) && !(s->bits >> i & 1))
			check_report(c, &MISSING, object, s->table->list[i].name.p,
			    "a required property is missing");
}

void check_members(struct check *c, yyjson_val *object, const struct part *common,
    const struct part *own, bool top)
{
	struct seen first = {.table = own}, second = {.table = common};
	size_t n = unsafe_yyjson_get_len(object);
	yyjson_val *key = unsafe_yyjson_get_first(object);

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str name = json_str(key);
		const struct property *p = look_up(&first, name);

		if (!p)
			p = look_up(&second, name);
		if (p && in_version(c, p))
			check_value(c, p, key + 1);
		else
			custom_property(c, key, top);
	}
	require(c, object, &first);
	require(c, object, &second);
}

static const struct part *common_table(const struct check *c)
{
	/* An extension may define a type as that of an observable, which has no created. */
	if (c->observable)
		return property_common(STIX_TYPE_URL, false);
	return property_common(c->type, false);
}

static void custom_type(struct check *c, yyjson_val *object)
{
	static const struct rule FORM = {STIX_MUST, "type-name", "11"};
	static const struct rule TAKEN = {STIX_MUST, "reserved-type", "11"};
	static const struct rule CUSTOM = {STIX_SHOULD, "custom-type", "11"};

	if (!form_type_name(c->o->type_name))
		check_report(c, &FORM, object, "type",
		    "a type's name has 3 to 250 of a-z, 0-9 and single hyphens");
	else if (str_eq(c->o->type_name, S("action")))
		check_report(c, &TAKEN, object, "type", "this type's name is reserved");
	else if (c->v21 && !c->typed_by_extension)
		check_report(c, &CUSTOM, object, "type",
		    "not a type of the specification: should be defined by an extension");
	else if (!c->v21 && !str_starts(c->o->type_name, S("x-")))
		check_report(
		    c, &CUSTOM, object, "type", "a custom type's name should start with x-");
}

static void check_object(struct check *c)
{
	yyjson_val *root = c->o->root;

	check_extensions_read(c, yyjson_obj_get(root, "extensions"));
	if (c->type == STIX_TYPE_CUSTOM) {
		custom_type(c, root);
		c->free_properties = true;
	}
	check_members(c, root, common_table(c), property_table(c->type), true);
	check_identifier(c, root);
	check_type(c, root);
	check_markings(c, root);
}

enum err stix_check(struct stix_findings *out, struct arena *arena, const struct stix_object *o)
{
	struct stix_findings findings = {.list = NULL};
	struct check c = {.arena = arena,
	    .out = &findings,
	    .o = o,
	    .type = (enum stix_type_id)o->type,
	    .v21 = o->spec == STIX_SPEC_21};

	check_object(&c);
	TRY(c.failed);
	*out = findings;
	return OK;
}

void check_embedded(struct check *c, yyjson_val *object)
{
	static const struct rule FORM = {STIX_MUST, "type-name", "11"};
	enum stix_type_id before = c->type;
	struct str name = json_get_str(object, "type");

	c->type = stix_type_of(name);
	if (c->type != STIX_TYPE_CUSTOM) {
		check_members(
		    c, object, property_common(c->type, true), property_table(c->type), false);
		check_type(c, object);
	} else if (!form_type_name(name) || str_eq(name, S("action"))) {
		check_report(c, &FORM, object, "type",
		    "a type's name has 3 to 250 of a-z, 0-9 and single hyphens, and is not "
		    "\"action\"");
	}
	c->type = before;
}
