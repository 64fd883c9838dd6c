/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "match/matcher.h"

enum { HITS_MAX = 64 };

struct got {
	size_t count;
	uint64_t seqs[HITS_MAX];
	enum eve_field fields[HITS_MAX];
	char seen[HITS_MAX][64];
	size_t events, values; /* told of at all, whether they hit or not */
	size_t answers, addresses;
};

static void take(void *ctx, const struct match_hit *hit)
{
	struct got *g = ctx;
	struct arena *arena = arena_new(4096);
	struct str text = term_text(arena, &hit->value);

	assert_true(g->count < HITS_MAX);
	g->seqs[g->count] = hit->entry.seq;
	g->fields[g->count] = hit->field;
	(void)snprintf(g->seen[g->count], sizeof(g->seen[0]), "%.*s", STR_ARG(text));
	g->count++;
	arena_free(arena);
}

static void count(void *ctx, const struct match_event *event)
{
	struct got *g = ctx;

	g->events += !event->goes_on;
	g->values += event->count;
	g->answers += event->answer_count;
	for (size_t i = 0; i < event->answer_count; i++) {
		assert_int_equal(event->answers[i].name.kind, TERM_DOMAIN);
		g->addresses += event->answers[i].data.kind == TERM_IPV4;
	}
}

static const char *const PATTERNS[] = {
    "[ipv4-addr:value = '198.51.100.7']",
    "[ipv4-addr:value ISSUBSET '198.51.100.0/24']",
    "[ipv4-addr:value ISSUBSET '192.0.2.128/25']",
    "[ipv6-addr:value ISSUBSET '2001:db8:7::/48']",
    "[domain-name:value = 'evil.example']",
    "[url:value = 'http://files.example:8080/a?b=c']",
    "[email-addr:value = 'phish@mail.example']",
    "[file:hashes.MD5 = '44d88612fea8a8f36de82e1278abb02f']",
    "[domain-name:value = 'evil.example' OR ipv4-addr:value = '203.0.113.9']",
};

enum { PATTERN_COUNT = sizeof(PATTERNS) / sizeof(PATTERNS[0]) };

/* seq is the pattern's place above. */
static void add_patterns(const char *const *patterns, struct index_builder *b,
    struct match_delta *d, size_t from, size_t to)
{
	struct arena *arena = arena_new(1 << 20);
	struct term_list terms;

	for (size_t i = from; i < to; i++) {
		assert_int_equal(equality_terms(&terms, arena, str_c(patterns[i]), NULL), OK);
		for (size_t t = 0; t < terms.count; t++) {
			struct index_entry e = {terms.list[t], i, 0, UINT32_MAX};

			assert_int_equal(b ? index_builder_add(b, &e) : delta_add(d, &e), OK);
		}
	}
	arena_free(arena);
}

static void add_all(struct index_builder *b, struct match_delta *d, size_t from, size_t to)
{
	add_patterns(PATTERNS, b, d, from, to);
}

/* Half of the patterns in a generation, the others in a delta, as `split` says. */
struct layers {
	void *generation, *delta;
	struct match_index index;
	struct match_delta *added;
};

static void layers_make(struct layers *l, size_t split)
{
	struct index_builder *b = index_builder_new(11);
	size_t size;

	add_all(b, NULL, 0, split);
	size = index_builder_size(b);
	l->generation = mem_alloc(size);
	index_builder_write(b, 0, l->generation);
	assert_int_equal(match_open(&l->index, (struct str){l->generation, size}, NULL), OK);
	index_builder_free(b);
	l->delta = mem_alloc(delta_size(100));
	l->added = delta_format(l->delta, 100, 11);
	add_all(NULL, l->added, split, PATTERN_COUNT);
}

static void layers_free(struct layers *l)
{
	mem_free(l->generation);
	mem_free(l->delta);
}

/* Feeds a text that is copied behind readable slack. */
static size_t feed(
    struct matcher *m, const char *text, size_t n, struct match_counts *c, struct got *got)
{
	char *copy = mem_alloc(n + EVE_SLACK);
	size_t done;

	memcpy(copy, text, n);
	done = matcher_feed(m, (struct str){copy, n}, c,
	    &(struct match_sink){.event = count, .wants = EVE_WANT_ALL, .hit = take, .ctx = got});
	mem_free(copy);
	return done;
}

static const struct {
	const char *line;
	const char *seqs; /* one digit a hit, in any order */
} EVENTS[] = {
    {"{\"src_ip\":\"198.51.100.7\",\"dest_ip\":\"192.0.2.1\"}", "01"},
    {"{\"src_ip\":\"198.51.100.8\",\"dest_ip\":\"192.0.2.200\"}", "12"},
    {"{\"src_ip\":\"198.51.101.7\",\"dest_ip\":\"192.0.2.127\"}", ""},
    {"{\"dest_ip\":\"2001:0db8:0007:0000:0000:0000:0000:0001\"}", "3"},
    {"{\"dest_ip\":\"2001:db8:7::1\",\"src_ip\":\"2001:db8:8::1\"}", "3"},
    {"{\"dns\":{\"type\":\"query\",\"rrname\":\"a.b.Evil.example\"}}", "48"},
    {"{\"dns\":{\"type\":\"query\",\"rrname\":\"notevil.example\"}}", ""},
    {"{\"dns\":{\"type\":\"answer\",\"rrname\":\"evil.example\"}}", ""},
    {"{\"tls\":{\"sni\":\"evil.example\"},\"dest_ip\":\"203.0.113.9\"}", "488"},
    {"{\"http\":{\"hostname\":\"FILES.example\",\"http_port\":8080,\"url\":\"\\/a?b=c\"}}", "5"},
    {"{\"http\":{\"hostname\":\"files.example\",\"url\":\"/a?b=c\"}}", ""},
    {"{\"email\":{\"from\":\"X <Phish@mail.example>\"}}", "6"},
    {"{\"fileinfo\":{\"md5\":\"44D88612FEA8A8F36DE82E1278ABB02F\"}}", "7"},
    {"{\"dns\":{\"answers\":[{\"rrname\":\"evil.example\",\"rdata\":\"198.51.100.7\"}]}}", ""},
};

enum { EVENT_COUNT = sizeof(EVENTS) / sizeof(EVENTS[0]) };

/* US-01: a line that holds an indicator's value in a field that matches is a hit, no other is. */
static void each_field_finds_its_indicators_in_generation_and_delta(void **state)
{
	(void)state;
	for (size_t split = 0; split <= PATTERN_COUNT; split++) {
		struct matcher *m = matcher_new(NULL);
		struct layers l;

		layers_make(&l, split);
		matcher_layers(m, &l.index, l.added);
		for (size_t i = 0; i < EVENT_COUNT; i++) {
			struct match_counts c = {0};
			struct got got = {0};
			char line[512], want[10] = {0}, have[10] = {0};
			int n = snprintf(line, sizeof(line), "%s\n", EVENTS[i].line);

			assert_int_equal(feed(m, line, (size_t)n, &c, &got), n);
			assert_int_equal(c.lines, 1);
			assert_int_equal(c.bad, 0);
			for (const char *s = EVENTS[i].seqs; *s; s++)
				want[*s - '0']++;
			for (size_t h = 0; h < got.count; h++)
				have[got.seqs[h]]++;
			if (memcmp(want, have, sizeof(want)) != 0)
				print_message("split %zu: %s\n", split, line);
			assert_memory_equal(want, have, sizeof(want));
		}
		matcher_free(m);
		layers_free(&l);
	}
}

/* US-01: what a hello, a certificate or a request says of the software behind it. */
static void fingerprints_of_software_find_their_indicators(void **state)
{
	static const char *const LIST[] = {
	    "[x509-certificate:hashes.'SHA-1' = '2dd19f809986fcac5f2a2afda3f37e967cdd2437']",
	    "[network-traffic:x_ja3 = 'b7202231ff2db28363c109cedc6d1642']",
	    "[network-traffic:x_ja3s = 'ad90cab724fafab2660fbf61673c91a9']",
	    "[network-traffic:x_ja4 = 't13d1516h2_8daaf6152771_e5627efa2ab1']",
	    "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Bad/1']",
	};
	static const char LINES[] =
	    "{\"tls\":{\"fingerprint\":"
	    "\"2d:d1:9f:80:99:86:fc:ac:5f:2a:2a:fd:a3:f3:7e:96:7c:dd:24:37\",\"ja3\":{\"hash\":"
	    "\"b7202231ff2db28363c109cedc6d1642\",\"string\":\"ad90cab724fafab2660fbf61673c91a9\"},"
	    "\"ja3s\":{\"hash\":\"ad90cab724fafab2660fbf61673c91a9\"},\"ja4\":"
	    "\"t13d1516h2_8daaf6152771_e5627efa2ab1\"}}\n"
	    "{\"http\":{\"http_user_agent\":\"Bad/1\"}}\n"
	    "{\"http\":{\"http_user_agent\":\"bad/1\"},\"fileinfo\":{\"sha1\":"
	    "\"2dd19f809986fcac5f2a2afda3f37e967cdd2437\",\"md5\":"
	    "\"b7202231ff2db28363c109cedc6d1642\"}}\n";
	static const enum eve_field FIELDS[] = {
	    EVE_TLS_CERTIFICATE, EVE_TLS_JA3, EVE_TLS_JA3S, EVE_TLS_JA4, EVE_HTTP_USER_AGENT};
	const size_t count = sizeof(LIST) / sizeof(LIST[0]);
	struct match_delta *added = delta_format(mem_alloc(delta_size(100)), 100, 11);
	struct matcher *m = matcher_new(NULL);
	struct match_counts c = {0};
	struct got got = {0};

	(void)state;
	add_patterns(LIST, NULL, added, 0, count);
	matcher_layers(m, NULL, added);
	(void)feed(m, LINES, sizeof(LINES) - 1, &c, &got);
	assert_int_equal(c.bad, 0);
	assert_int_equal(got.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(got.seqs[i], i);
		assert_int_equal(got.fields[i], FIELDS[i]);
	}
	matcher_free(m);
	mem_free(added);
}

/* What is added counts from the next call on, in a generation's stead or beside it. */
static void what_is_added_matches_at_once(void **state)
{
	static const char LINE[] = "{\"dns\":{\"type\":\"query\",\"rrname\":\"a.evil.example\"},"
	                           "\"src_ip\":\"198.51.100.9\"}\n";
	struct matcher *m = matcher_new(NULL);
	struct match_counts c = {0};
	struct got got = {0};
	struct layers l;

	(void)state;
	layers_make(&l, 0);
	l.added = delta_format(memset(l.delta, 0, delta_size(100)), 100, 11);
	matcher_layers(m, &l.index, l.added);
	for (size_t i = 0; i < PATTERN_COUNT; i++) {
		uint64_t before = c.hits;

		add_all(NULL, l.added, i, i + 1);
		got.count = 0;
		(void)feed(m, LINE, sizeof(LINE) - 1, &c, &got);
		/* The network of 1, and the names of 4 and 8. */
		assert_int_equal(c.hits - before, (i >= 1) + (i >= 4) + (i >= 8));
	}
	matcher_free(m);
	layers_free(&l);
}

static void a_hit_says_what_was_seen_not_what_was_looked_for(void **state)
{
	const char *line = "{\"dns\":{\"type\":\"query\",\"rrname\":\"a.b.Evil.example\"}}\n";
	struct matcher *m = matcher_new(NULL);
	struct match_counts c = {0};
	struct got got = {0};
	struct layers l;

	(void)state;
	layers_make(&l, PATTERN_COUNT);
	matcher_layers(m, &l.index, NULL);
	(void)feed(m, line, strlen(line), &c, &got);
	assert_string_equal(got.seen[0], "a.b.evil.example");
	assert_int_equal(got.fields[0], EVE_DNS_RRNAME);
	matcher_free(m);
	layers_free(&l);
}

static void lines_are_whole_however_the_stream_is_cut(void **state)
{
	struct buf stream;
	struct layers l;

	(void)state;
	buf_init(&stream, 1 << 20);
	layers_make(&l, 4);
	for (int i = 0; i < 200; i++)
		buf_printf(&stream, "%s%s", EVENTS[i % EVENT_COUNT].line,
		    i % 7 ? "\n" : "\r\n\nnot json\n");
	for (size_t piece = 1; piece < 400; piece = piece * 2 + 1) {
		struct matcher *m = matcher_new(NULL);
		struct match_counts c = {0};
		struct got got = {0};
		size_t begin = 0, end = 0;

		matcher_layers(m, &l.index, l.added);
		while (end < stream.n) {
			end = end + piece < stream.n ? end + piece : stream.n;
			got.count = 0;
			begin += feed(m, stream.p + begin, end - begin, &c, &got);
		}
		assert_int_equal(begin, stream.n);
		assert_int_equal(c.bytes, stream.n);
		assert_int_equal(c.lines, 229);
		assert_int_equal(c.bad, 29);
		assert_int_equal(c.hits, 201);
		matcher_free(m);
	}
	layers_free(&l);
	buf_free(&stream);
}

static void a_line_without_end_is_let_go_without_growing(void **state)
{
	struct matcher *m = matcher_new(NULL);
	struct match_counts c = {0};
	struct got got = {0};
	const struct match_sink sink = {.hit = take, .ctx = &got};
	size_t n = EVE_LINE_MAX + 1;
	char *part = mem_alloc(n + EVE_SLACK);
	const char *tail = "x\n{\"src_ip\":\"198.51.100.7\"}\n";
	struct layers l;

	(void)state;
	layers_make(&l, 1);
	matcher_layers(m, &l.index, l.added);
	memset(part, 'x', n);
	assert_int_equal(matcher_feed(m, (struct str){part, n - 1}, &c, &sink), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(matcher_feed(m, (struct str){part, n}, &c, &sink), n);
	assert_true(matcher_inside(m));
	assert_int_equal(c.lines, 0);
	assert_int_equal(feed(m, tail, strlen(tail), &c, &got), strlen(tail));
	assert_false(matcher_inside(m));
	assert_int_equal(c.lines, 2);
	assert_int_equal(got.events, 1);
	assert_int_equal(c.skipped, 1);
	assert_int_equal(c.bad, 0);
	assert_int_equal(c.hits, 2);
	mem_free(part);
	matcher_free(m);
	layers_free(&l);
}

static void an_event_with_very_many_values_loses_none(void **state)
{
	struct matcher *m = matcher_new(NULL);
	struct match_counts c = {0};
	struct got got = {0};
	struct layers l;
	struct buf line;

	(void)state;
	layers_make(&l, 5);
	matcher_layers(m, &l.index, l.added);
	buf_init(&line, 1 << 20);
	buf_put(&line, S("{\"dns\":{\"queries\":["));
	for (int i = 0; i < 3000; i++)
		buf_printf(&line, "{\"rrname\":\"h%d.a.b.c.d.%s.example\"},", i,
		    i % 100 ? "good" : "evil");
	buf_put(&line, S("{}]}}\n"));
	buf_put(&line, S("{\"src_ip\":\"192.0.2.1\"}\n"));
	(void)feed(m, line.p, line.n, &c, &got);
	assert_int_equal(got.count, 60);
	assert_int_equal(got.values, 3001);
	assert_int_equal(got.events, 2);
	assert_int_equal(c.bad, 0);
	buf_free(&line);
	matcher_free(m);
	layers_free(&l);
}

/* US-02: answers are told with their event, hit nothing, and are all there however many come. */
static void answers_are_told_and_hit_nothing(void **state)
{
	struct matcher *m = matcher_new(NULL);
	struct match_counts c = {0};
	struct got got = {0};
	struct layers l;
	struct buf lines;

	(void)state;
	layers_make(&l, 5);
	matcher_layers(m, &l.index, l.added);
	buf_init(&lines, 4 << 20);
	for (int i = 0; i < 2000; i++)
		buf_printf(&lines,
		    "{\"src_ip\":\"192.0.2.1\",\"dns\":{\"type\":\"answer\",\"answers\":[{"
		    "\"rrname\":"
		    "\"H%d.Evil.example\",\"rrtype\":\"CNAME\",\"rdata\":\"evil.example\"},{"
		    "\"rrname\":"
		    "\"evil.example\",\"rrtype\":\"A\",\"rdata\":\"198.51.100.%d\"},{\"rrname\":"
		    "\"evil.example\",\"rrtype\":\"A\",\"rdata\":\"no address\"}]}}\n",
		    i, i % 256);
	(void)feed(m, lines.p, lines.n, &c, &got);
	assert_int_equal(c.bad, 0);
	assert_int_equal(got.count, 0);
	assert_int_equal(got.events, 2000);
	assert_int_equal(got.values, 2000);
	assert_int_equal(got.answers, 4000);
	assert_int_equal(got.addresses, 2000);
	buf_free(&lines);
	matcher_free(m);
	layers_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_field_finds_its_indicators_in_generation_and_delta),
	    cmocka_unit_test(fingerprints_of_software_find_their_indicators),
	    cmocka_unit_test(what_is_added_matches_at_once),
	    cmocka_unit_test(a_hit_says_what_was_seen_not_what_was_looked_for),
	    cmocka_unit_test(lines_are_whole_however_the_stream_is_cut),
	    cmocka_unit_test(a_line_without_end_is_let_go_without_growing),
	    cmocka_unit_test(an_event_with_very_many_values_loses_none),
	    cmocka_unit_test(answers_are_told_and_hit_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
