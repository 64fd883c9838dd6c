/* SPDX-License-Identifier: Apache-2.0 */
/* However much one batch finds, and wherever the process ends: what the ledger's position says was
 * read is counted in its sightings, or can be made again from it. */
#include "world.h"

#include "intake/live/found.h"
#include "intake/tally.h"
#include "stix/object.h"
#include "stix/sighted.h"
#include "stix/type.h"

#define IDENTITY "identity--3f7a1a9e-6b0f-4c3e-9a58-7a4f0f3d2b10"
#define OBSERVABLE "domain-name--5c2b1f62-1c6a-5d57-8a3f-9a1f0f6b2c11"

enum { VALUES = 9000, HITS_EACH = 3, WITNESSES = 2 };

struct scene {
	struct world w;
	struct tally_options options;
	struct tally *tally;
	uint64_t indicator, pattern;
};

static void make(struct scene *s)
{
	char text[WORLD_TEXT];

	*s = (struct scene){0};
	world_make(&s->w);
	s->w.clock = INT64_C(1750000000) * USEC_PER_SEC;
	world_indicator(text, 1, 1, "[domain-name:value = 'evil.example']", "evil");
	s->indicator = world_add(&s->w, text, TLP_GREEN);
	world_indicator(text, 2, 2, "[domain-name:value = 'a' AND url:value = 'b']", "pattern");
	s->pattern = world_add(&s->w, text, TLP_AMBER);
	world_commit(&s->w);
	s->options = (struct tally_options){.store = s->w.store,
	    .env = &s->w.env,
	    .name = S("sensor"),
	    .number = 1,
	    .label = {.tlp = TLP_CLEAR},
	    .identity = S(IDENTITY)};
	s->tally = tally_new(&s->options);
}

static void end(struct scene *s)
{
	tally_close(s->tally);
	world_end(&s->w);
}

/* One batch with every value, and one match of the pattern. */
static void take(struct scene *s)
{
	struct events e = {
	    .number = 1, .lines = VALUES, .hits = VALUES * HITS_EACH, .hit_count = VALUES};
	const struct found match = {s->pattern, 1, s->w.clock, s->w.clock, WITNESSES};
	const struct found_object object = {S(OBSERVABLE),
	    S("{\"type\":\"domain-name\",\"spec_version\":\"2.1\",\"id\":\"" OBSERVABLE
	      "\",\"value\":\"a\"}")};
	struct buf batch, found;

	buf_init(&batch, 8 << 20);
	buf_init(&found, 1 << 20);
	e.place = (struct stream_place){.offset = 1000, .inode = 7, .device = 1};
	events_put(&batch, &e);
	for (unsigned i = 0; i < VALUES; i++) {
		char name[32];
		int n = snprintf(name, sizeof(name), "v%u.example", i);
		const struct event_hit hit = {s->indicator,
		    {.kind = TERM_DOMAIN, .value = {name, (size_t)n}}, HITS_EACH, s->w.clock,
		    s->w.clock};

		event_hit_put(&batch, &hit);
	}
	buf_u32(&found, 1);
	found_put(&found, &match);
	for (unsigned i = 0; i < WITNESSES; i++) {
		found_witness_put(&found, &(struct found_witness){s->w.clock, 1});
		found_object_put(&found, &object);
	}
	WORLD_OK(&s->w, tally_take(s->tally, buf_str(&batch), buf_str(&found), &s->w.fault));
	buf_free(&batch);
	buf_free(&found);
}

static bool append(struct scene *s)
{
	bool appended;

	WORLD_OK(&s->w, tally_append(s->tally, false, &appended, &s->w.fault));
	world_commit(&s->w);
	return appended;
}

static void restart(struct scene *s)
{
	tally_close(s->tally);
	s->tally = tally_new(&s->options);
}

/* The newest version of each sighting. */
static void sightings(const struct scene *s, size_t *sightings, uint64_t *hits)
{
	const struct store *store = s->w.store;
	struct arena *arena = arena_new(1 << 20);

	*sightings = 0;
	*hits = 0;
	for (uint64_t seq = 0; seq < store_size(store); seq++) {
		const struct row *row = store_row(store, seq);
		struct stix_object o;

		if (row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_SIGHTING ||
		    store_find(store, store_id(store, seq)) != seq)
			continue;
		arena_reset(arena);
		assert_int_equal(stix_object_parse(&o, arena, store_content(store, seq), NULL), OK);
		++*sightings;
		*hits += yyjson_get_uint(yyjson_obj_get(o.root, "count"));
	}
	arena_free(arena);
}

static void assert_all_is_there(struct scene *s)
{
	size_t count;
	uint64_t hits;

	while (append(s))
		;
	sightings(s, &count, &hits);
	assert_int_equal(count, VALUES + 1);
	assert_int_equal(hits, VALUES * HITS_EACH + 1);
}

static void more_than_one_append_takes_is_told_in_several(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	take(&s);
	assert_true(append(&s));
	assert_true(append(&s));
	assert_all_is_there(&s);
	end(&s);
}

/* G1: kill -9 between two of them. */
static void what_was_not_told_yet_outlives_the_process(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	take(&s);
	assert_true(append(&s));
	restart(&s);
	assert_int_equal(tally_place(s.tally).offset, 1000);
	assert_all_is_there(&s);
	end(&s);
}

/* What it was told with: the labels of its indicator and of its source, joined. */
static void it_keeps_its_label(void **state)
{
	struct scene s;
	size_t amber = 0, green = 0;

	(void)state;
	make(&s);
	take(&s);
	assert_true(append(&s));
	restart(&s);
	while (append(&s))
		;
	for (uint64_t seq = 0; seq < store_size(s.w.store); seq++) {
		const struct row *row = store_row(s.w.store, seq);
		struct label label = label_decode(store_label(s.w.store, row->label));

		if (row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_SIGHTING)
			continue;
		amber += label.tlp == TLP_AMBER;
		green += label.tlp == TLP_GREEN;
	}
	assert_int_equal(amber, 1);
	assert_int_equal(green, VALUES);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(more_than_one_append_takes_is_told_in_several),
	    cmocka_unit_test(what_was_not_told_yet_outlives_the_process),
	    cmocka_unit_test(it_keeps_its_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
