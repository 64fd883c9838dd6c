/* SPDX-License-Identifier: Apache-2.0 */
/* A sensor's file through intake and core into the ledger, on one loop. */
#include "node.h"

#include "codec/json.h"
#include "policy/label.h"
#include "stix/check.h"
#include "stix/object.h"
#include "stix/type.h"

/* Counts of the newest versions of all sightings, and how many sightings there are. */
static uint64_t sightings(struct node *n, size_t *objects)
{
	struct arena *arena = arena_new(64 << 20);
	uint64_t sum = 0;

	*objects = 0;
	for (uint64_t i = 0; i < store_size(n->store); i++) {
		const struct row *row = store_row(n->store, i);
		struct stix_object o;

		if (row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_SIGHTING ||
		    (row->flags_index & ROW_SUPERSEDED))
			continue;
		arena_reset(arena);
		assert_int_equal(
		    stix_object_parse(&o, arena, store_content(n->store, i), NULL), OK);
		sum += yyjson_get_uint(yyjson_obj_get(o.root, "count"));
		++*objects;
	}
	arena_free(arena);
	return sum;
}

/* Turns the loop until the ledger has so many lines; time passes, so that nothing stays pending. */
static void until_lines(struct node *n, uint64_t lines)
{
	for (int turn = 0; node_position(n, "lines") < lines; turn++) {
		assert_true(turn < 60);
		n->now += 6 * USEC_PER_SEC;
		for (int poll = 0; poll < 8; poll++)
			node_poll(n);
		if (node_position(n, "lines") < lines)
			node_turn(n);
	}
	assert_int_equal(node_position(n, "lines"), lines);
}

static void indicators(struct node *n)
{
	node_import(
	    n, "{\"label\":\"TLP:AMBER\"}", S("evil.example\n198.51.100.0/24\n203.0.113.9\n"));
	assert_int_equal(n->status, OK);
}

#define DNS(time, name)                                                                            \
	"{\"timestamp\":\"" time "\",\"event_type\":\"dns\",\"src_ip\":\"10.0.0.1\",\"dns\":"      \
	"{\"type\":\"query\",\"rrname\":\"" name "\"}}\n"

/* US-01: a line that names an indicator's value is a sighting with its observed data, as valid
 * STIX, labelled no lower than both the indicator and the stream. */
static void a_line_becomes_a_sighting(void **state)
{
	struct node n;
	size_t objects;
	struct arena *arena = arena_new(64 << 20);
	size_t checked = 0;

	(void)state;
	node_open(&n);
	indicators(&n);
	node_write(&n, "w",
	    DNS("2026-09-21T14:00:00.5+0200", "www.evil.example")
	        DNS("2026-09-21T14:00:01+0200", "www.good.example") "broken\n");
	until_lines(&n, 3);
	assert_int_equal(sightings(&n, &objects), 1);
	assert_int_equal(objects, 1);
	assert_int_equal(node_position(&n, "hits"), 1);
	assert_int_equal(node_position(&n, "bad"), 1);
	for (uint64_t i = 0; i < store_size(n.store); i++) {
		const struct row *row = store_row(n.store, i);
		struct stix_findings findings;
		struct stix_object o;
		struct label label;

		if (row->kind != RECORD_OBJECT || row->tag == STIX_TYPE_INDICATOR)
			continue;
		arena_reset(arena);
		assert_int_equal(stix_object_parse(&o, arena, store_content(n.store, i), NULL), OK);
		assert_int_equal(stix_check(&findings, arena, &o), OK);
		if (findings.musts)
			print_message("%.*s: %.*s\n", STR_ARG(findings.list[0].path),
			    STR_ARG(findings.list[0].message));
		assert_int_equal(findings.musts, 0);
		label = label_decode(store_label(n.store, row->label));
		assert_int_equal(label.tlp, TLP_AMBER);
		assert_int_equal(stix_object_tlp(&o), TLP_AMBER);
		assert_int_equal(row->feed, 2);
		checked++;
	}
	assert_int_equal(checked, 3);
	arena_free(arena);
	node_close(&n);
}

static void hits_are_counted_by_value_and_hour(void **state)
{
	struct node n;
	size_t objects;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 100; i++)
		buf_put(&text, S(DNS("2026-09-21T14:10:00+0000", "evil.example")));
	for (int i = 0; i < 10; i++)
		buf_put(&text, S(DNS("2026-09-21T13:10:00+0000", "evil.example")));
	for (int i = 0; i < 5; i++)
		buf_put(&text, S("{\"dest_ip\":\"203.0.113.9\",\"src_ip\":\"198.51.100.1\"}\n"));
	buf_byte(&text, '\0');
	node_open(&n);
	indicators(&n);
	node_write(&n, "w", text.p);
	until_lines(&n, 115);
	assert_int_equal(sightings(&n, &objects), 120);
	assert_int_equal(objects, 4);
	node_close(&n);
	buf_free(&text);
}

static void revoked_and_superseded_indicators_do_not_count(void **state)
{
	static const char OLD[] =
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--11111111-1111-"
	    "4111-"
	    "8111-111111111111\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"
	    "\"2026-01-01T00:00:00.000Z\",\"pattern\":\"[domain-name:value = 'old.example']\","
	    "\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"}\n";
	static const char GONE[] =
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--11111111-1111-"
	    "4111-"
	    "8111-111111111111\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"
	    "\"2026-01-02T00:00:00.000Z\",\"revoked\":true,\"pattern\":\"[domain-name:value = "
	    "'old.example']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"}\n";
	struct node n;
	size_t objects;

	(void)state;
	node_open(&n);
	node_import(&n, "{\"format\":\"lines\"}", S(OLD));
	node_write(&n, "w", DNS("2026-09-21T14:00:00+0000", "old.example"));
	until_lines(&n, 1);
	assert_int_equal(sightings(&n, &objects), 1);
	node_import(&n, "{\"format\":\"lines\"}", S(GONE));
	node_write(&n, "a", DNS("2026-09-21T14:00:01+0000", "old.example"));
	until_lines(&n, 2);
	assert_int_equal(sightings(&n, &objects), 1);
	node_close(&n);
}

static void indicators_out_of_their_time_do_not_count(void **state)
{
	struct node n;
	size_t objects;

	(void)state;
	node_open(&n);
	node_import(&n, "{}",
	    S("value,valid_from,valid_until\n"
	      "early.example,2030-01-01T00:00:00Z,\n"
	      "late.example,2020-01-01T00:00:00Z,2021-01-01T00:00:00Z\n"
	      "now.example,2020-01-01T00:00:00Z,2030-01-01T00:00:00Z\n"));
	node_write(&n, "w",
	    DNS("2026-09-21T14:00:00+0000", "early.example") DNS("2026-09-21T14:00:00+0000",
	        "late.example") DNS("2026-09-21T14:00:00+0000", "now.example"));
	until_lines(&n, 3);
	assert_int_equal(sightings(&n, &objects), 1);
	node_close(&n);
}

/* US-01: no line is lost and none counts twice, whatever is rotated and whoever is killed. The
 * lines are numbered by their time, so that each hour's count is known. */
static void no_line_is_lost_and_none_counts_twice(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		uint64_t random = seed * 7919, lines = 0, hits = 0;
		struct node n;
		size_t objects;

		node_open(&n);
		indicators(&n);
		node_write(&n, "w", "");
		until_lines(&n, 0);
		while (node_position(&n, "inode") == 0)
			node_poll(&n);
		for (int step = 0; step < 25; step++) {
			struct buf text;
			size_t many = next_random(&random) % 40;

			buf_init(&text, 1 << 20);
			for (size_t i = 0; i < many; i++, lines++) {
				bool hit = next_random(&random) % 3 == 0;

				hits += hit;
				buf_printf(&text,
				    "{\"timestamp\":\"2026-09-21T%02d:00:%02d+0000\",\"dns\":{"
				    "\"type\":"
				    "\"query\",\"rrname\":\"h%d.%s.example\"}}\n",
				    (int)(next_random(&random) % 3), (int)(lines % 60),
				    (int)(lines % 4), hit ? "evil" : "good");
			}
			buf_byte(&text, '\0');
			node_write(&n, "a", text.p);
			buf_free(&text);
			for (size_t turns = next_random(&random) % 6; turns > 0; turns--) {
				n.now += (int64_t)(next_random(&random) % 8) * USEC_PER_SEC;
				node_poll(&n);
			}
			node_disturb(&n, &random, step);
		}
		/* A rotation ends with a file of that name. */
		node_write(&n, "a", "");
		until_lines(&n, lines);
		/* Counts that were held back are written after a while. */
		for (int turn = 0; turn < 10 && sightings(&n, &objects) != hits; turn++) {
			n.now += 11 * USEC_PER_SEC;
			node_turn(&n);
		}
		if (sightings(&n, &objects) != hits)
			print_message("seed %d\n", (int)seed);
		assert_int_equal(sightings(&n, &objects), hits);
		assert_int_equal(node_position(&n, "hits"), hits);
		assert_int_equal(node_position(&n, "bad"), 0);
		node_close(&n);
	}
}

static void a_file_cut_to_nothing_is_read_from_its_start(void **state)
{
	struct node n;
	size_t objects;

	(void)state;
	node_open(&n);
	indicators(&n);
	node_write(&n, "w", DNS("2026-09-21T14:00:00+0000", "a.evil.example"));
	until_lines(&n, 1);
	node_write(&n, "w", "");
	for (int i = 0; i < 3; i++)
		node_turn(&n);
	node_write(&n, "a",
	    DNS("2026-09-21T14:00:00+0000", "b.evil.example")
	        DNS("2026-09-21T14:00:00+0000", "c.evil.example"));
	until_lines(&n, 3);
	assert_int_equal(sightings(&n, &objects), 3);
	node_close(&n);
}

static void a_file_that_comes_late_is_found_and_its_absence_said(void **state)
{
	struct node n;
	size_t objects;
	uint64_t seq;

	(void)state;
	node_open(&n);
	indicators(&n);
	for (int i = 0; i < 50 && store_find(n.store, S("position/sensor")) == STORE_NONE; i++)
		node_turn(&n);
	seq = store_find(n.store, S("position/sensor"));
	assert_true(seq != STORE_NONE);
	assert_true(str_search(store_content(n.store, seq), S("\"state\":\"error\"")) <
	            store_content(n.store, seq).n);
	node_write(&n, "w", DNS("2026-09-21T14:00:00+0000", "a.evil.example"));
	until_lines(&n, 1);
	assert_int_equal(sightings(&n, &objects), 1);
	node_close(&n);
}

/* A view that is made anew has nothing at first: what was written meanwhile is matched when it has
 * everything again, and by that. */
static void a_view_that_is_made_anew_is_waited_for(void **state)
{
	struct node n;
	size_t objects;
	char match[128];

	(void)state;
	node_open(&n);
	indicators(&n);
	n.match_class->close(n.match);
	n.match = NULL;
	(void)snprintf(match, sizeof(match), "%s/match", n.views);
	remove_folder(match);
	node_start_intake(&n);
	node_write(&n, "w", DNS("2026-09-21T14:00:00+0200", "www.evil.example"));
	for (int poll = 0; poll < 8; poll++)
		node_poll(&n);
	assert_int_equal(node_position(&n, "lines"), 0);
	assert_int_equal(view_open(&n.match, n.match_class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(view_catch_up(n.match, n.store, NULL), OK);
	until_lines(&n, 1);
	assert_int_equal(sightings(&n, &objects), 1);
	node_close(&n);
}

static void the_real_sample_goes_through(void **state)
{
	static const char SAMPLE[] = "../shared/samples/eve/slips-test6-malicious.eve.json";
	struct node n;
	size_t objects;
	FILE *in = fopen(SAMPLE, "rb"), *out;
	static const size_t SIZE = 4 << 20;
	char *text;
	size_t size;

	(void)state;
	if (!in) {
		print_message("SKIP: ../shared/samples/eve is not there\n");
		if (getenv("TOCSIN_NO_SKIP"))
			assert_non_null(in);
		skip();
	}
	node_open(&n);
	node_import(&n, "{}", S("78.36.196.213\nwww.google.com\n"));
	text = mem_alloc(SIZE);
	size = fread(text, 1, SIZE, in);
	(void)fclose(in);
	out = fopen(n.events, "wb");
	assert_int_equal(fwrite(text, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
	until_lines(&n, 5000);
	assert_true(sightings(&n, &objects) > 0);
	assert_int_equal(node_position(&n, "bad"), 0);
	assert_int_equal(node_position(&n, "offset"), size);
	mem_free(text);
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_becomes_a_sighting),
	    cmocka_unit_test(hits_are_counted_by_value_and_hour),
	    cmocka_unit_test(revoked_and_superseded_indicators_do_not_count),
	    cmocka_unit_test(indicators_out_of_their_time_do_not_count),
	    cmocka_unit_test(a_file_cut_to_nothing_is_read_from_its_start),
	    cmocka_unit_test(a_file_that_comes_late_is_found_and_its_absence_said),
	    cmocka_unit_test(no_line_is_lost_and_none_counts_twice),
	    cmocka_unit_test(a_view_that_is_made_anew_is_waited_for),
	    cmocka_unit_test(the_real_sample_goes_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
