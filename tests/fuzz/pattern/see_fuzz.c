/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is a pattern, the rest a list of observations. What is compiled is run; the
 * answers do not depend on the order of the observations, witnesses alone are a match, and the
 * stream of them finds nothing that all of them together do not hold. */
#include <stdlib.h>

#include "codec/json.h"
#include "pattern/machine.h"
#include "pattern/state.h"

enum { WORK = 200000, OBSERVED_MAX = 64 };

static void must(int condition)
{
	if (!condition)
		abort();
}

static enum pattern_verdict find(struct pattern_found *found, struct arena *arena,
    const struct pattern_program *p, const struct pattern_item *items, size_t n)
{
	return pattern_find(found, arena, p, items, n, WORK) == OK ? found->verdict
	                                                           : PATTERN_UNDECIDED;
}

static void compare(struct arena *arena, const struct pattern_program *p,
    const struct pattern_item *items, size_t n)
{
	const struct pattern_limits limits = {
	    .items = OBSERVED_MAX, .window = INT64_MAX / 8, .work = WORK};
	struct pattern_item other[OBSERVED_MAX];
	struct pattern_found found, again;
	enum pattern_verdict verdict = find(&found, arena, p, items, n), back;
	struct pattern_state *s = pattern_state_new(p, &limits);

	for (size_t i = 0; i < n; i++)
		other[i] = items[n - 1 - i];
	back = find(&again, arena, p, other, n);
	must(verdict == back || verdict == PATTERN_UNDECIDED || back == PATTERN_UNDECIDED);
	for (size_t i = 0; i < found.count; i++)
		other[i] = items[found.witnesses[i]];
	if (verdict == PATTERN_MATCH)
		must(find(&again, arena, p, other, found.count) != PATTERN_NO_MATCH);
	for (size_t i = 0; i < n; i++) {
		struct pattern_hit hit;

		if (pattern_feed(&hit, s, arena, &items[i], i, 0) == OK && hit.match)
			must(verdict != PATTERN_NO_MATCH);
	}
	pattern_state_free(s);
}

static void run(
    struct arena *arena, const struct pattern_program *p, const struct pattern_observations *o)
{
	size_t n = o->count < OBSERVED_MAX ? o->count : OBSERVED_MAX;
	struct pattern_item items[OBSERVED_MAX];
	uint64_t *leaves = arena_array(arena, n * p->words, sizeof(*leaves));
	struct pattern_machine *m = pattern_machine_new();
	struct pattern_tally tally = {0};

	for (size_t i = 0; leaves && i < n; i++) {
		(void)pattern_see(m, p, &o->list[i], leaves + i * p->words, &tally);
		items[i] = (struct pattern_item){
		    o->list[i].first, o->list[i].last, o->list[i].number, leaves + i * p->words};
	}
	if (leaves)
		compare(arena, p, items, n);
	pattern_machine_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	struct str pattern = str_cut(&rest, '\n');
	struct arena *arena = arena_new(64 << 20);
	struct pattern_observations observations;
	struct pattern_program *p;
	struct fault fault;
	yyjson_val *root;
	size_t at;

	for (int reading = PATTERN_READ_21; reading <= PATTERN_READ_LENIENT; reading++) {
		arena_reset(arena);
		if (pattern_compile(
		        &p, arena, pattern, (enum pattern_reading)reading, &at, &fault) != OK) {
			must(at <= pattern.n + 1);
			continue;
		}
		if (rest.p && json_parse(&root, arena, rest, &JSON_LIMITS_OBJECT, &fault) == OK &&
		    pattern_observations(&observations, arena, root, &fault) == OK)
			run(arena, p, &observations);
	}
	arena_free(arena);
	return 0;
}
