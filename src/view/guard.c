/* SPDX-License-Identifier: Apache-2.0 */
#include "view/guard.h"

#include <stdio.h>

#include "codec/json.h"
#include "crypt/digest.h"
#include "policy/guard.h"
#include "stix/object.h"
#include "view/guard/broad.h"

enum { SHOWN_MAX = 200 };

struct str guard_pattern_hash(struct arena *arena, struct str pattern)
{
	return sha256_hex(arena, &pattern, 1);
}

uint64_t guard_decision(const struct store *s, struct str id)
{
	char path[STORE_ID_MAX + sizeof(STORE_GUARD)];
	uint64_t seq;

	if (id.n > STORE_ID_MAX - (sizeof(STORE_GUARD) - 1))
		return STORE_NONE;
	(void)snprintf(path, sizeof(path), STORE_GUARD "%.*s", STR_ARG(id));
	seq = store_find(s, str_c(path));
	return seq == STORE_NONE || store_row(s, seq)->kind != RECORD_DECISION ? STORE_NONE : seq;
}

/* NULL when there is none. False when memory does not suffice to know. */
static bool decided(yyjson_val **out, struct arena *arena, const struct store *s, uint64_t decision)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;

	*out = NULL;
	return decision == STORE_NONE ||
	       json_parse(out, arena, store_content(s, decision), &limits, NULL) == OK;
}

/* Whether the decision, if there is one, is about another pattern than this, and so about nothing:
 * what a person put away is away in every version. */
static bool is_past(yyjson_val *decision, bool quarantined, struct str hash)
{
	return !(quarantined && json_get_str(decision, "by").p) &&
	       !str_eq(json_get_str(decision, "pattern"), hash);
}

bool guard_keeps_back(struct arena *arena, const struct store *s, uint64_t decision, uint64_t seq)
{
	struct stix_object o;
	yyjson_val *root;

	if (!decided(&root, arena, s, decision))
		return true;
	if (!str_eq(json_get_str(root, "state"), S("quarantined")))
		return false;
	if (json_get_str(root, "by").p)
		return true;
	return stix_object_parse(&o, arena, store_content(s, seq), NULL) != OK ||
	       !is_past(root, true, guard_pattern_hash(arena, json_get_str(o.root, "pattern")));
}

/* The first of the values that something speaks against. */
static void judge(struct guard_state *out, struct guard_book *book, struct arena *arena,
    struct str pattern, const struct term_list *terms)
{
	struct guard_verdict v;

	for (size_t i = 0; terms && i < terms->count; i++) {
		guard_book_judge(&v, book, arena, &terms->list[i]);
		if (v.class == GUARD_NONE)
			continue;
		out->quarantined = true;
		out->class = v.class;
		out->reason = arena_printf(arena, "%.*s %.*s",
		    STR_ARG(str_slice(term_text(arena, &terms->list[i]), 0, SHOWN_MAX)),
		    STR_ARG(v.reason));
		/* Without memory for the reason it is quarantined all the same. */
		if (!out->reason.p)
			out->reason = v.reason;
		return;
	}
	if ((!terms || terms->count == 0 || terms->partial) &&
	    guard_is_broad(book, arena, pattern)) {
		out->quarantined = true;
		out->class = GUARD_WIDE;
		out->reason = S("nothing in the pattern narrows what it matches");
	}
}

void guard_state(struct guard_state *out, struct guard_book *book, struct arena *arena,
    const struct store *s, struct str id, struct str pattern, const struct term_list *terms)
{
	struct str hash = guard_pattern_hash(arena, pattern);
	yyjson_val *decision;

	*out = (struct guard_state){.quarantined = true, .class = GUARD_UNJUDGED};
	if (!decided(&decision, arena, s, guard_decision(s, id)) || !hash.p) {
		out->reason = S("it is too large to be judged");
		return;
	}
	out->quarantined = str_eq(json_get_str(decision, "state"), S("quarantined"));
	if (is_past(decision, out->quarantined, hash)) {
		out->quarantined = false;
		out->class = GUARD_NONE;
		judge(out, book, arena, pattern, terms);
		return;
	}
	out->class = guard_class_of(json_get_str(decision, "class"));
	if (out->quarantined && out->class == GUARD_NONE)
		out->class = GUARD_PERSON;
	out->reason = json_get_str(decision, "reason");
	out->by = json_get_str(decision, "by");
}
