/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns against observed data, as the tests of OASIS's matcher have them. */
#include "conformance/rows.h"

#include "base/arena.h"
#include "codec/json.h"
#include "pattern/find.h"
#include "pattern/machine.h"

static struct arena *arena;
static struct pattern_machine *machine;
static size_t met, departed;

struct outcome {
	enum err rc;
	struct pattern_found found;
	struct pattern_tally tally;
	struct pattern_observations seen;
	struct fault fault;
};

static struct outcome play(struct str pattern, enum pattern_reading reading, yyjson_val *list)
{
	struct outcome o = {.rc = OK};
	struct pattern_program *program;
	size_t at;

	o.rc = pattern_compile(&program, arena, pattern, reading, &at, &o.fault);
	if (o.rc == OK)
		o.rc = pattern_observations(&o.seen, arena, list, &o.fault);
	if (o.rc == OK) {
		size_t n = o.seen.count;
		struct pattern_item *items = arena_array(arena, n, sizeof(*items));
		uint64_t *leaves = arena_array(arena, n * program->words, sizeof(*leaves));

		for (size_t i = 0; i < n; i++) {
			uint64_t *own = leaves + i * program->words;

			items[i] = (struct pattern_item){
			    o.seen.list[i].first, o.seen.list[i].last, o.seen.list[i].number, own};
			(void)pattern_see(machine, program, &o.seen.list[i], own, &o.tally);
		}
		o.rc = pattern_find(&o.found, arena, program, items, n, PATTERN_WORK_MAX);
	}
	return o;
}

static const char *answer_of(const struct outcome *o)
{
	if (o->rc != OK || o->tally.untimely > 0 || o->tally.limits > 0)
		return "error";
	return o->found.verdict == PATTERN_MATCH ? "match" : "nomatch";
}

/* 2.1 forbids a qualifier twice on one expression (section 9.5), which the matcher of the same
 * committee evaluates and its validator refuses. */
static bool spec_differs(yyjson_val *r, const struct outcome *o)
{
	return row_str(r, "spec_conflict").n > 0 ||
	       (row_is(r, "spec_version", "2.1") &&
	           strstr(o->fault.text, "the same qualifier twice"));
}

static void row(yyjson_val *r, size_t number)
{
	struct outcome o;
	enum pattern_reading reading =
	    row_is(r, "spec_version", "2.0") ? PATTERN_READ_20 : PATTERN_READ_21;

	arena_reset(arena);
	o = play(row_str(r, "pattern"), reading, yyjson_obj_get(r, "observations"));
	if (row_is(r, "expect", answer_of(&o))) {
		met++;
		return;
	}
	departed++;
	print_message("row %zu: %s, not %.*s: %.*s\n", number, answer_of(&o),
	    STR_ARG(row_str(r, "expect")), STR_ARG(row_str(r, "pattern")));
	if (!spec_differs(r, &o))
		ROW_FAIL("row %zu departs: %s", number, o.fault.text);
}

static void walk(const char *set, size_t most)
{
	arena = arena_new(256 << 20);
	machine = pattern_machine_new();
	met = departed = 0;
	rows_walk(set, row);
	print_message("%s: %zu met, %zu departures\n", set, met, departed);
	assert_true(departed <= most);
	pattern_machine_free(machine);
	arena_free(arena);
}

static void patterns_of_2_1_match_what_the_specification_says(void **state)
{
	(void)state;
	walk("stix_pattern_matching_v21", 4);
}

static void patterns_of_2_0_match_what_the_specification_says(void **state)
{
	(void)state;
	walk("stix_pattern_matching_v20", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_of_2_1_match_what_the_specification_says),
	    cmocka_unit_test(patterns_of_2_0_match_what_the_specification_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
