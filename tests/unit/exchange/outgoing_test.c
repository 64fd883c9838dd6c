/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out of a record: as it is, without members, or not at all. */
#include "world.h"

#include "exchange/outgoing.h"
#include "policy/release.h"
#include "unit/seal/sealing.h"

#define VICTIM "identity--00000000-0000-4000-8000-0000000000f1"

static const char SIGHTING[] =
    "{ \"type\":\"sighting\", \"spec_version\":\"2.1\","
    "\"id\":\"sighting--00000000-0000-4000-8000-000000000001\","
    "\"created\":\"2024-02-01T00:00:00.000Z\",\"modified\":\"2024-02-01T00:00:00.000Z\","
    "\"description\":\"at home\",\"sighting_of_ref\":"
    "\"indicator--00000000-0000-4000-8000-000000000001\","
    "\"where_sighted_refs\":[\"" VICTIM "\"],\"count\":2 }";
static const char PART[] = "{\"type\":\"sighting\",\"spec_version\":\"2.1\","
                           "\"id\":\"sighting--00000000-0000-4000-8000-000000000001\","
                           "\"created\":\"2024-02-01T00:00:00.000Z\","
                           "\"modified\":\"2024-02-01T00:00:00.000Z\",\"sighting_of_ref\":"
                           "\"indicator--00000000-0000-4000-8000-000000000001\",\"count\":2}";
static const char NOTE[] = "{\"type\":\"note\",\"spec_version\":\"2.1\","
                           "\"id\":\"note--00000000-0000-4000-8000-000000000002\","
                           "\"created\":\"2024-02-01T00:00:00.000Z\","
                           "\"modified\":\"2024-02-01T00:00:00.000Z\",\"content\":\"x\","
                           "\"object_refs\":[\"" VICTIM "\"]}";

struct scene {
	struct world w;
	struct sealing t;
	struct envelope envelopes[2];
	struct outgoing_source from;
};

static void set_up(struct scene *s)
{
	const struct str contents[] = {str_c(SIGHTING), str_c(NOTE)};

	memset(&s->t, 0, sizeof(s->t));
	sealing_make(&s->t, contents, 2);
	world_make(&s->w);
	for (size_t i = 0; i < 2; i++) {
		s->envelopes[i] = sealing_envelope(&s->t, i);
		assert_int_equal(world_add(&s->w, contents[i].p, TLP_GREEN), i);
	}
	world_commit(&s->w);
	s->from = (struct outgoing_source){.store = s->w.store,
	    .kind = SYNC_OBJECT,
	    .envelope = &s->envelopes[0],
	    .sender = IDENTITY};
}

static void tear_down(struct scene *s)
{
	world_end(&s->w);
	sealing_free(&s->t);
	mem_free(s);
}

static bool holds(struct scene *s, const struct outgoing *out, const void *bytes, size_t n)
{
	struct str envelope = sealing_bytes(s->t.arena, &out->envelope);

	return str_search(envelope, (struct str){bytes, n}) < envelope.n;
}

/* G1: what the terms withhold is neither in the copy nor to be found with what goes along. */
static void a_copy_under_terms_is_proven_and_holds_no_more(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	struct outgoing out;

	(void)state;
	set_up(s);
	assert_int_equal(outgoing_make(&out, &s->from, NULL), OK);
	assert_true(str_eq(out.content, str_c(SIGHTING)));
	assert_int_equal(seal_verify(&out.envelope, &s->t.seal, out.content, NULL), OK);
	outgoing_free(&out);
	s->from.withheld = WITHHOLD_VICTIMS;
	assert_int_equal(outgoing_make(&out, &s->from, NULL), OK);
	assert_true(str_eq(out.content, str_c(PART)));
	assert_int_equal(seal_verify(&out.envelope, &s->t.seal, out.content, NULL), OK);
	assert_false(holds(s, &out, s->envelopes[0].seed.b, SEAL_SEED));
	outgoing_free(&out);
	tear_down(s);
}

/* Who had a part of it could try with the seed what the rest was. */
static void what_is_taken_back_brings_no_seed(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	struct outgoing out;

	(void)state;
	set_up(s);
	s->from.kind = SYNC_RETRACTION;
	assert_int_equal(outgoing_make(&out, &s->from, NULL), OK);
	assert_null(out.content.p);
	assert_false(holds(s, &out, s->envelopes[0].seed.b, SEAL_SEED));
	outgoing_free(&out);
	tear_down(s);
}

static void what_would_be_broken_does_not_go(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	struct outgoing out;

	(void)state;
	set_up(s);
	s->from.seq = 1;
	s->from.envelope = &s->envelopes[1];
	s->from.withheld = WITHHOLD_VICTIMS;
	assert_int_equal(outgoing_make(&out, &s->from, NULL), ERR_DENIED);
	outgoing_free(&out);
	s->from.seq = 0;
	s->from.withheld = WITHHOLD_UNKNOWN;
	assert_int_equal(outgoing_make(&out, &s->from, NULL), ERR_DENIED);
	outgoing_free(&out);
	/* An envelope of something else. */
	s->from.withheld = WITHHOLD_VICTIMS;
	assert_int_not_equal(outgoing_make(&out, &s->from, NULL), OK);
	outgoing_free(&out);
	tear_down(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_copy_under_terms_is_proven_and_holds_no_more),
	    cmocka_unit_test(what_is_taken_back_brings_no_seed),
	    cmocka_unit_test(what_would_be_broken_does_not_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
