/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is a pattern, the rest lines of a sensor. Whatever the events hold, what they are
 * observed as is valid STIX with the ids that it should have, and the pattern is called by every
 * event that it is true of, and true of the part of it that it asks for. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "intake/live/arms.h"
#include "stix/check.h"
#include "stix/object.h"

static void must(int condition)
{
	if (!condition)
		abort();
}

struct run {
	struct arms *arms;
	struct arena *arena;
	struct observed *observed;
	struct pattern_machine *machine;
	uint64_t *leaves;
};

static void check_objects(struct run *r, const struct match_event *event)
{
	struct buf b;

	if (observe(r->observed, r->arena, event, OBSERVE_DETERMINISTIC, OBSERVE_ALL) != OK)
		return;
	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < r->observed->count; i++) {
		struct stix_findings findings;
		struct stix_object o;

		buf_reset(&b);
		observed_put(&b, &r->observed->list[i]);
		must(stix_object_parse(&o, r->arena, buf_str(&b), NULL) == OK);
		must(stix_check(&findings, r->arena, &o) != OK || findings.musts == 0);
	}
	buf_free(&b);
}

static bool is_called(struct run *r, const struct match_event *event)
{
	bool deeper;
	struct arms_answer who = arms_for_event(r->arms, event, &deeper);

	if (deeper)
		who = arms_for_observed(r->arms, event, r->observed);
	return who.count > 0;
}

static bool is_true(
    struct run *r, const struct arm *arm, const struct match_event *event, unsigned types)
{
	struct pattern_observation o;
	struct pattern_tally tally = {0};

	return observe(r->observed, r->arena, event, OBSERVE_LOCAL, types) == OK &&
	       observed_at(&o, r->arena, r->observed, 0) == OK &&
	       pattern_see(r->machine, arm->body->program, &o, r->leaves, &tally);
}

static void take_event(void *ctx, const struct match_event *event)
{
	struct run *r = ctx;
	const struct arm *arm = arms_at(r->arms, 0);

	arena_reset(r->arena);
	check_objects(r, event);
	if (arm->state != ARM_LIVE || !is_true(r, arm, event, OBSERVE_ALL))
		return;
	must(is_called(r, event));
	must(is_true(r, arm, event, arm->body->sift.types));
}

static void take_hit(void *ctx, const struct match_hit *hit)
{
	(void)ctx;
	(void)hit;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	struct live_pattern pattern = {.seq = 1, .until = UINT32_MAX, .text = str_cut(&rest, '\n')};
	struct run r = {.arena = arena_new(64 << 20), .machine = pattern_machine_new()};
	struct match_sink sink = {take_event, NULL, ARMS_WANT, take_hit, &r};
	struct matcher *m = matcher_new(NULL);
	struct match_counts counts = {0};
	char *lines = mem_alloc(rest.n + EVE_SLACK + 1);

	r.arms = arms_of(&pattern, 1);
	r.observed = mem_alloc(sizeof(*r.observed));
	r.leaves = mem_alloc(PATTERN_LEAVES_MAX / 8);
	if (rest.n)
		memcpy(lines, rest.p, rest.n);
	(void)matcher_feed(m, (struct str){lines, rest.n}, &counts, &sink);
	matcher_free(m);
	arms_close(r.arms);
	pattern_machine_free(r.machine);
	arena_free(r.arena);
	mem_free(r.observed);
	mem_free(r.leaves);
	mem_free(lines);
	return 0;
}
