/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "gate/read.h"

#define ID(n) "indicator--" n "-0000-4000-8000-000000000000"

struct scene {
	struct world w;
	struct gate *gate;
	struct reader reader;
	struct gate_ask ask;
};

static void add(struct scene *s, const char *uuid, unsigned day, const char *pattern,
    const char *name, enum tlp tlp)
{
	char text[WORLD_TEXT];

	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--%s-0000-4000-"
	    "8000-000000000000\",\"created\":\"2023-01-01T00:00:00.000Z\",\"modified\":"
	    "\"2023-01-%02uT00:00:00.000Z\",\"name\":\"%s\",\"pattern\":\"%s\",\"pattern_type\":"
	    "\"stix\",\"valid_from\":\"2023-01-01T00:00:00Z\"}",
	    uuid, day, name, pattern);
	(void)world_add(&s->w, text, tlp);
}

static void make(struct scene *s)
{
	world_make(&s->w);
	add(s, "aaaa0001", 1, "[ipv4-addr:value = '198.51.100.7']", "Beacon of Turla", TLP_GREEN);
	add(s, "aaaa0002", 1, "[ipv4-addr:value = '198.51.100.0/24']", "Network", TLP_GREEN);
	add(s, "aaaa0003", 1, "[domain-name:value = 'evil.example']", "Parent", TLP_GREEN);
	add(s, "bbbb0004", 1, "[domain-name:value = 'www.evil.example']", "Child", TLP_GREEN);
	add(s, "bbbb0005", 1, "[url:value = 'http://evil.example/x']", "Páth", TLP_GREEN);
	add(s, "bbbb0006", 1, "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", "Empty",
	    TLP_GREEN);
	add(s, "cccc0007", 1, "[ipv4-addr:value = '203.0.113.1']", "Oldname", TLP_GREEN);
	add(s, "cccc0007", 2, "[ipv4-addr:value = '203.0.113.2']", "Newname", TLP_GREEN);
	add(s, "cccc0008", 1, "[ipv4-addr:value = '203.0.113.9']", "Shown", TLP_GREEN);
	add(s, "cccc0008", 2, "[ipv4-addr:value = '203.0.113.9']", "Secret", TLP_RED);
	world_follow(&s->w);
	WORLD_OK(&s->w, gate_open(&s->gate, str_c(s->w.dir), &s->w.env, &s->w.fault));
	s->reader = (struct reader){
	    .name = S("r"), .role = ROLE_READER, .own = true, .clearance = TLP_GREEN};
	s->ask = (struct gate_ask){s->gate, &s->reader, OUTLET_SEARCH, s->w.arena};
}

static void end(struct scene *s)
{
	gate_close(s->gate);
	world_end(&s->w);
}

/* The short names of what was found, in order. */
static void expect(struct scene *s, const char *q, const char *expected)
{
	struct gate_query query = {.limit = 100, .text = str_c(q)};
	struct gate_search found;
	char got[512] = "";

	WORLD_OK(&s->w, gate_search(&s->ask, &query, &found, &s->w.fault));
	for (size_t i = 0; i < found.count; i++) {
		size_t n = strlen(got);

		(void)snprintf(got + n, sizeof(got) - n, "%s%.*s/%s", n ? " " : "",
		    STR_ARG(str_slice(found.items[i].id, 11, 19)), found.items[i].why);
	}
	assert_string_equal(got, expected);
	assert_null(found.next.p);
}

/* What a person has in hand finds the indicator: a value as it is written in a report. */
static void values_are_found_as_people_write_them(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	expect(&s, "198.51.100.7", "aaaa0002/value aaaa0001/value");
	expect(&s, "198[.]51[.]100[.]7", "aaaa0002/value aaaa0001/value");
	expect(&s, "198.51.100.0/24", "aaaa0002/value");
	expect(&s, "hxxp://EVIL[.]example/x", "bbbb0005/value");
	expect(&s, "D41D8CD98F00B204E9800998ECF8427E", "bbbb0006/value");
	expect(&s, "a.www.evil.example", "bbbb0004/value aaaa0003/value");
	end(&s);
}

/* A hash says something to a person, the id of the object that holds it does not. */
static void a_file_without_a_name_is_called_by_its_strongest_hash(void **state)
{
	static const char FILE_OF[] = "file--11111111-0000-4000-8000-000000000000";
	struct gate_query query = {.limit = 1, .text = str_c(FILE_OF)};
	struct gate_search found;
	struct scene s;

	(void)state;
	make(&s);
	(void)world_add(&s.w,
	    "{\"type\":\"file\",\"spec_version\":\"2.1\",\"id\":"
	    "\"file--11111111-0000-4000-8000-000000000000\",\"hashes\":{\"MD5\":"
	    "\"d41d8cd98f00b204e9800998ecf8427e\",\"SHA-1\":"
	    "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"}}",
	    TLP_GREEN);
	world_follow(&s.w);
	WORLD_OK(&s.w, gate_search(&s.ask, &query, &found, &s.w.fault));
	assert_int_equal(found.count, 1);
	assert_true(str_eq(found.items[0].title, S("da39a3ee5e6b4b0d3255bfef95601890afd80709")));
	end(&s);
}

static void ids_are_found_by_their_beginnings(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	expect(&s, ID("aaaa0003"), "aaaa0003/id");
	expect(&s, "indicator--bbbb", "bbbb0006/id bbbb0005/id bbbb0004/id");
	expect(&s, "BBBB0005-00", "bbbb0005/id");
	expect(&s, "malware--bbbb", "");
	end(&s);
}

static void words_are_found_whole_or_as_they_are_typed(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	expect(&s, "turla", "aaaa0001/text");
	expect(&s, "BEACON tur", "aaaa0001/text");
	expect(&s, "path", "bbbb0005/text");
	expect(&s, "turla network", "");
	expect(&s, "\"'*():^-", "");
	end(&s);
}

static void search_shows_the_newest_version_that_the_reader_may_see(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	expect(&s, "newname", "cccc0007/text");
	expect(&s, "oldname", "");
	expect(&s, "203.0.113.1", "");
	expect(&s, "203.0.113.2", "cccc0007/value");
	/* A newer version that is hidden from this reader changes nothing. */
	expect(&s, "shown", "cccc0008/text");
	expect(&s, "secret", "");
	s.reader.clearance = TLP_RED;
	expect(&s, "shown", "");
	expect(&s, "secret", "cccc0008/text");
	end(&s);
}

static void lists_are_paged_without_gaps_or_repeats(void **state)
{
	struct gate_query q = {.limit = 2};
	struct gate_indicators page;
	struct scene s;
	size_t n = 0;
	usec last = INT64_MAX;

	(void)state;
	make(&s);
	do {
		WORLD_OK(&s.w, gate_indicators(&s.ask, &q, &page, &s.w.fault));
		for (size_t i = 0; i < page.count; i++, n++) {
			assert_true(page.items[i].received < last);
			last = page.items[i].received;
		}
		q.next = page.next;
	} while (q.next.p);
	assert_int_equal(n, 8);
	/* A token of one list is none of another. */
	q.limit = 1;
	q.next = STR_NONE;
	WORLD_OK(&s.w, gate_indicators(&s.ask, &q, &page, &s.w.fault));
	q.next = page.next;
	{
		struct gate_sightings sightings;
		struct gate_search found;

		assert_int_equal(gate_sightings(&s.ask, &q, &sightings, NULL), ERR_INVALID);
		q.text = S("evil");
		assert_int_equal(gate_search(&s.ask, &q, &found, NULL), ERR_INVALID);
	}
	end(&s);
}

static void indicators_are_filtered_by_words_and_by_being_active(void **state)
{
	struct gate_query q = {.limit = 2, .text = S("evil.example")};
	struct gate_indicators page;
	struct scene s;
	size_t n = 0;

	(void)state;
	make(&s);
	do {
		WORLD_OK(&s.w, gate_indicators(&s.ask, &q, &page, &s.w.fault));
		n += page.count;
		q.next = page.next;
	} while (q.next.p);
	assert_int_equal(n, 3);
	q = (struct gate_query){.limit = 100, .active = GATE_ACTIVE_ONLY};
	WORLD_OK(&s.w, gate_indicators(&s.ask, &q, &page, &s.w.fault));
	assert_int_equal(page.count, 7);
	/* That of the empty file: the guard keeps it back. */
	q.active = GATE_INACTIVE_ONLY;
	WORLD_OK(&s.w, gate_indicators(&s.ask, &q, &page, &s.w.fault));
	assert_int_equal(page.count, 1);
	assert_true(page.items[0].quarantined);
	q = (struct gate_query){.limit = 100, .quarantined = GATE_INACTIVE_ONLY};
	WORLD_OK(&s.w, gate_indicators(&s.ask, &q, &page, &s.w.fault));
	assert_int_equal(page.count, 7);
	assert_null(page.next.p);
	end(&s);
}

static void unreasonable_questions_are_refused(void **state)
{
	struct gate_query q = {.limit = 10};
	struct gate_search found;
	struct scene s;
	char big[GATE_QUERY_MAX + 2];

	(void)state;
	make(&s);
	assert_int_equal(gate_search(&s.ask, &q, &found, NULL), ERR_INVALID);
	memset(big, 'a', sizeof(big));
	q.text = (struct str){big, sizeof(big)};
	assert_int_equal(gate_search(&s.ask, &q, &found, NULL), ERR_LIMIT);
	q.text = S("evil");
	q.limit = 0;
	assert_int_equal(gate_search(&s.ask, &q, &found, NULL), ERR_INVALID);
	q.limit = 10;
	q.next = S("AAAA");
	assert_int_equal(gate_search(&s.ask, &q, &found, NULL), ERR_INVALID);
	end(&s);
}

/* Makes the index look like one of another boot, as it is after a crash of the machine. */
static void age_index(struct world *w)
{
	char path[96], boot[36], bytes[4096];
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");
	size_t n;
	char *at;

	assert_non_null(f);
	assert_int_equal(fread(boot, 1, sizeof(boot), f), sizeof(boot));
	(void)fclose(f);
	(void)snprintf(path, sizeof(path), "%s/index/head", w->ledger);
	f = fopen(path, "r+");
	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	at = memmem(bytes, n, boot, sizeof(boot));
	assert_non_null(at);
	assert_int_equal(fseek(f, at - bytes, SEEK_SET), 0);
	assert_int_equal(fputc('x', f), 'x');
	assert_int_equal(fclose(f), 0);
}

static void a_ledger_whose_index_was_made_anew_is_read_on(void **state)
{
	struct gate_object before, after;
	struct scene s;

	(void)state;
	make(&s);
	WORLD_OK(&s.w, gate_get(&s.ask, S(ID("aaaa0001")), GATE_NEWEST, &before, &s.w.fault));
	store_close(s.w.store);
	age_index(&s.w);
	world_open(&s.w);
	add(&s, "dddd0009", 1, "[ipv4-addr:value = '192.0.2.9']", "Later", TLP_AMBER);
	add(&s, "dddd000a", 1, "[ipv4-addr:value = '192.0.2.10']", "Later", TLP_CLEAR);
	world_follow(&s.w);
	WORLD_OK(&s.w, gate_get(&s.ask, S(ID("dddd000a")), GATE_NEWEST, &after, &s.w.fault));
	assert_int_equal(
	    gate_get(&s.ask, S(ID("dddd0009")), GATE_NEWEST, &after, NULL), ERR_NOT_FOUND);
	/* What was given out earlier can still be read. */
	assert_true(str_search(before.bytes, S("Turla")) < before.bytes.n);
	expect(&s, "later", "dddd000a/text");
	end(&s);
}

static void add_sightings(struct scene *s, unsigned from, unsigned count, enum tlp tlp)
{
	char text[WORLD_TEXT];

	for (unsigned n = from; n < from + count; n++) {
		(void)snprintf(text, sizeof(text),
		    "{\"type\":\"sighting\",\"spec_version\":\"2.1\","
		    "\"id\":\"sighting--%08x-0000-4000-8000-000000000000\","
		    "\"created\":\"2024-02-01T00:00:00.000Z\","
		    "\"modified\":\"2024-02-01T00:00:00.000Z\",\"count\":2,"
		    "\"sighting_of_ref\":\"" ID("aaaa0001") "\"}",
		    n);
		(void)world_add(&s->w, text, tlp);
	}
}

static struct gate_indicator beacon(struct scene *s, enum tlp clearance)
{
	struct gate_query query = {.limit = 1, .text = S("turla")};
	struct gate_indicators found;

	s->reader.clearance = clearance;
	WORLD_OK(&s->w, gate_indicators(&s->ask, &query, &found, &s->w.fault));
	assert_int_equal(found.count, 1);
	return found.items[0];
}

/* The end of counting is told, and does not come from sightings that the reader may not see. */
static void hits_too_many_to_count_are_said_to_be_more(void **state)
{
	struct gate_indicator found;
	struct scene s;

	(void)state;
	make(&s);
	add_sightings(&s, 0, 20000, TLP_GREEN);
	add_sightings(&s, 20000, 300, TLP_RED);
	world_follow(&s.w);
	found = beacon(&s, TLP_GREEN);
	assert_int_equal(found.hits, 40000);
	assert_false(found.hits_more);
	found = beacon(&s, TLP_RED);
	assert_int_equal(found.hits, 40000);
	assert_true(found.hits_more);
	end(&s);
}

/* US-02: what one indicator met, page by page; what the reader may not see leaves no gap. */
static void sightings_of_one_indicator_are_those_that_the_reader_may_see(void **state)
{
	struct gate_query q = {.limit = 7, .of = S(ID("aaaa0001"))};
	struct gate_sightings page;
	size_t count = 0, pages = 0;
	struct scene s;

	(void)state;
	make(&s);
	for (unsigned n = 0; n < 600; n += 20) {
		add_sightings(&s, n, 1, TLP_GREEN);
		add_sightings(&s, n + 1, 19, TLP_RED);
	}
	world_follow(&s.w);
	s.reader.clearance = TLP_GREEN;
	do {
		WORLD_OK(&s.w, gate_sightings(&s.ask, &q, &page, &s.w.fault));
		assert_true(page.count <= 7);
		for (size_t i = 0; i < page.count; i++)
			assert_int_equal(page.items[i].object.label.tlp, TLP_GREEN);
		assert_int_equal(page.count, pages < 4 ? 7 : 2);
		count += page.count;
		pages++;
		q.next = page.next;
	} while (page.next.p);
	assert_int_equal(count, 30);
	q = (struct gate_query){.limit = 7, .of = S(ID("aaaa0002"))};
	WORLD_OK(&s.w, gate_sightings(&s.ask, &q, &page, &s.w.fault));
	assert_int_equal(page.count, 0);
	assert_null(page.next.p);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_found_as_people_write_them),
	    cmocka_unit_test(a_file_without_a_name_is_called_by_its_strongest_hash),
	    cmocka_unit_test(ids_are_found_by_their_beginnings),
	    cmocka_unit_test(words_are_found_whole_or_as_they_are_typed),
	    cmocka_unit_test(search_shows_the_newest_version_that_the_reader_may_see),
	    cmocka_unit_test(lists_are_paged_without_gaps_or_repeats),
	    cmocka_unit_test(indicators_are_filtered_by_words_and_by_being_active),
	    cmocka_unit_test(unreasonable_questions_are_refused),
	    cmocka_unit_test(hits_too_many_to_count_are_said_to_be_more),
	    cmocka_unit_test(sightings_of_one_indicator_are_those_that_the_reader_may_see),
	    cmocka_unit_test(a_ledger_whose_index_was_made_anew_is_read_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
