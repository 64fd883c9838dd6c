/* SPDX-License-Identifier: Apache-2.0 */
/* The findings on one document of a conformance row: an object, a bundle or a list of objects. */
#pragma once

#include "conformance/rows.h"

#include "codec/json.h"
#include "codec/split.h"
#include "stix/check.h"

struct verdict {
	size_t musts;
	size_t shoulds; /* without sco-id, which the reference does not look at */
	char first[512];
};

static inline void verdict_note(struct verdict *v, struct str path, struct str text)
{
	if (v->first[0] == '\0')
		(void)snprintf(
		    v->first, sizeof(v->first), "%.*s: %.*s", STR_ARG(path), STR_ARG(text));
}

/* `spec` is the version that the row asks for, or empty. */
static inline void verdict_object(
    struct verdict *v, struct arena *arena, struct str json, struct str spec)
{
	struct fault fault = {OK, ""};
	struct stix_findings found;
	struct stix_object o;

	if (stix_object_parse(&o, arena, json, &fault) != OK) {
		v->musts++;
		verdict_note(v, S(""), str_c(fault.text));
		return;
	}
	if (spec.n)
		o.spec = str_eq(spec, S("2.0")) ? STIX_SPEC_20 : STIX_SPEC_21;
	assert_int_equal(stix_check(&found, arena, &o), OK);
	v->musts += found.musts;
	for (size_t i = 0; i < found.count; i++) {
		v->shoulds +=
		    found.list[i].level == STIX_SHOULD && !str_eq(found.list[i].rule, S("sco-id"));
		if (found.list[i].level == STIX_MUST)
			verdict_note(v, found.list[i].path, found.list[i].message);
	}
}

static inline void verdict_members(
    struct verdict *v, struct arena *arena, struct str json, struct str spec)
{
	struct split s;
	struct str member;

	if (split_open(&s, json, NULL) != OK)
		return;
	while (split_next(&s, &member, NULL) == OK)
		verdict_object(v, arena, member, spec);
}

static inline struct verdict verdict_of(struct arena *arena, yyjson_val *input, struct str spec)
{
	struct verdict v = {.musts = 0};
	struct str json = {yyjson_get_str(input), yyjson_get_len(input)};
	char *made = NULL;

	if (!json.p) {
		made = yyjson_val_write(input, 0, &json.n);
		json.p = made;
	}
	json = str_trim(json);
	if (json.n > 0 && json.p[0] == '[')
		json = arena_printf(arena, "{\"objects\":%.*s}", STR_ARG(json));
	else
		verdict_object(&v, arena, json, spec);
	verdict_members(&v, arena, json, spec);
	free(made);
	return v;
}

/* One data set of verdicts. */
struct verdict_set {
	const char *name;
	/* The version to read a row by, from the one that its options name (may be empty). */
	struct str (*spec_of)(struct str named);
	/* Rows that are known not to be met, by what their `source` ends in; doc/conformance.md has
	 * each one's reason. Ends with NULL. */
	const char *const *departures;
	struct arena *arena;
	size_t met, departed;
};

static inline bool verdict_departs(const struct verdict_set *set, yyjson_val *row)
{
	for (const char *const *d = set->departures; *d; d++)
		if (str_ends(row_str(row, "source"), str_c(*d)))
			return true;
	return false;
}

/* Whether a row has MUST findings must be what the reference says of it. */
static inline void verdict_row(struct verdict_set *set, yyjson_val *row, size_t number)
{
	struct str named = str_c(yyjson_get_str(yyjson_ptr_get(row, "/options/version")));
	struct verdict v;

	arena_reset(set->arena);
	v = verdict_of(set->arena, yyjson_obj_get(row, "input"), set->spec_of(named));
	if ((v.musts == 0) == row_is(row, "expect_must_only", "valid")) {
		set->met++;
		return;
	}
	set->departed++;
	if (!verdict_departs(set, row))
		ROW_FAIL("row %zu: %s expected, %zu MUST findings (%s): %s", number,
		    row_str(row, "expect_must_only").p, v.musts, v.first, row_str(row, "source").p);
}

static inline void verdict_walk(struct verdict_set *set, void (*row)(yyjson_val *r, size_t number))
{
	set->arena = arena_new(64 << 20);
	rows_walk(set->name, row);
	print_message("%s: %zu met, %zu departures\n", set->name, set->met, set->departed);
	arena_free(set->arena);
}
