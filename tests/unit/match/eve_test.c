/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "match/eve.h"

static const char *const LINES[] = {
    "{}",
    " { } \r",
    "{\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"198.51.100.7\",\"flow_id\":18446744073709551615}",
    "{\"timestamp\":\"2026-01-01T00:00:00.000001+0200\",\"event_type\":\"dns\",\"dns\":{\"type\":"
    "\"query\",\"rrname\":\"www.example.com\",\"id\":1}}",
    "{\"dns\":{\"rrname\":\"www.example.com\",\"type\":\"answer\",\"answers\":[{\"rrname\":\"x\"}]}"
    "}",
    "{\"dns\":{\"version\":3,\"type\":\"request\",\"queries\":[{\"rrname\":\"a.example\","
    "\"rrtype\":"
    "\"A\"},{\"rrname\":\"b.example\"}]}}",
    "{\"dns\":{\"type\":\"response\",\"queries\":[{\"rrname\":\"a.example\"}]},\"src_ip\":\"192.0."
    "2.9\"}",
    "{\"dns\":{\"query\":[{\"type\":\"query\",\"rrname\":\"alert.example\"}],\"answer\":{\"type\":"
    "\"answer\",\"rrname\":\"no.example\"}}}",
    "{\"http\":{\"hostname\":\"Files.Example\",\"http_port\":8080,\"url\":\"/a?b=c\"}}",
    "{\"http\":{\"url\":\"\\/a\\/b\",\"hostname\":\"files.example\"}}",
    "{\"http\":{\"url\":\"http://proxied.example/x\",\"hostname\":\"proxy.example\"}}",
    "{\"http\":{\"url\":\"files.example:443\",\"hostname\":\"files.example\",\"http_port\":99999}}",
    "{\"smtp\":{\"mail_from\":\"<a@example.com>\",\"rcpt_to\":[\"<b@example.com>\",\"c@example."
    "com\"]}"
    ",\"email\":{\"from\":\"\\\"A, B\\\" <a@example.com>\",\"to\":[\"x@example.com\"],\"cc\":[]}}",
    "{\"fileinfo\":{\"md5\":\"44d88612fea8a8f36de82e1278abb02f\",\"size\":-0.5e+3},\"files\":[{"
    "\"sha256\":\"aa\"},{\"sha1\":\"bb\",\"x\":[[[{}]]]},7,null]}",
    "{\"tls\":{\"fingerprint\":\"2d:d1\",\"sni\":\"s.example\",\"ja3\":{\"hash\":\"b720\","
    "\"string\":\"770,51\"},\"ja3s\":{\"hash\":\"ad90\"},\"ja4\":\"t13d\"},\"quic\":{\"ja4\":"
    "\"q13d\",\"ja3\":[{\"hash\":\"cd08\"}],\"ja3s\":null}}",
    "{\"http\":{\"http_user_agent\":\"a \\\"b\\\" c\",\"http_user_agen\":\"x\",\"hostnam\":\"y\"}}",
    "{\"tls\":{\"sni\":\"sni.example\"},\"quic\":{\"sni\":\"q.example\"},\"alert\":{\"metadata\":{"
    "\"src_ip\":[\"192.0.2.77\"]}},\"payload_printable\":\"{\\\"src_ip\\\":\\\"192.0.2.66\\\"}\"}",
    "{\"src\\u005fip\":\"192.0.2.5\",\"dest_ip\":[\"192.0.2.6\",[\"192.0.2.7\"],{\"a\":1}]}",
    "{\"dns\":{\"type\":\"answer\",\"rrname\":\"a.example\",\"answers\":[{\"rrname\":"
    "\"a.example\",\"rrtype\":\"CNAME\",\"ttl\":9,\"rdata\":\"b.example\"},{\"rrtype\":\"A\","
    "\"rdata\":\"192.0.2.7\",\"rrname\":\"b.example\"}],\"grouped\":{\"A\":[\"192.0.2.7\"]}}}",
    "{\"dns\":{\"version\":3,\"type\":\"response\",\"grouped\":{\"AAAA\":[\"2001:db8::1\","
    "\"2001:db8::2\"],\"TXT\":[\"text\"]},\"queries\":[{\"rrname\":\"c.example\"}]}}",
    "{\"event_type\":\"flow\",\"proto\":\"T\\u0043P\",\"dest_port\":443,\"flow\":{\"pkts_"
    "toclient\":0,"
    "\"bytes_toserver\":18446744073709551615,\"start\":\"2026-01-01T00:00:00.1+0000\"}}",
    "{\"event_type\":\"dns\",\"dest_port\":-5.3,\"dns\":{\"type\":\"answer\",\"rrname\":\"a."
    "example\","
    "\"rrtype\":\"TXT\",\"rcode\":\"NXDOMAIN\"},\"flow\":{\"pkts_toclient\":[1,2],\"start\":5}}",
    "{\"src_ip\":null,\"dest_ip\":true,\"dns\":\"text\",\"http\":[],\"files\":false,\"tls\":[[]]}",
};

enum { LINE_COUNT = sizeof(LINES) / sizeof(LINES[0]), ROOM = 8192 };

/* A copy of the line with its newline and readable slack behind it that no answer may depend on. */
static struct str slacked(char room[ROOM + EVE_SLACK], const char *line, size_t n)
{
	memset(room, '"', ROOM + EVE_SLACK);
	memcpy(room, line, n);
	room[n] = '\n';
	return (struct str){room, n};
}

static bool same_values(const struct eve_event *a, const struct eve_event *b)
{
	if (a->count != b->count || !str_eq(a->timestamp, b->timestamp))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->values[i].field != b->values[i].field ||
		    !str_eq(a->values[i].text, b->values[i].text))
			return false;
	return true;
}

static bool same_answers(const struct eve_event *a, const struct eve_event *b)
{
	if (a->answer_count != b->answer_count)
		return false;
	for (size_t i = 0; i < a->answer_count; i++)
		if (!str_eq(a->answers[i].name, b->answers[i].name) ||
		    !str_eq(a->answers[i].data, b->answers[i].data) ||
		    a->answers[i].kind != b->answers[i].kind)
			return false;
	return true;
}

static bool same_kind(const struct eve_event *a, const struct eve_event *b)
{
	static const enum eve_trait KIND[] = {
	    EVE_SRC_PORT, EVE_DEST_PORT, EVE_FILE_NAME, EVE_LISTED_FILE, EVE_SUBJECT};

	for (size_t i = 0; i < sizeof(KIND) / sizeof(KIND[0]); i++)
		if (!str_eq(a->traits[KIND[i]], b->traits[KIND[i]]))
			return false;
	return true;
}

static bool same_traits(const struct eve_event *a, const struct eve_event *b)
{
	for (size_t i = 0; i < EVE_TRAITS; i++)
		if (!str_eq(a->traits[i], b->traits[i]))
			return false;
	return true;
}

static bool same(const struct eve_event *a, const struct eve_event *b)
{
	return same_values(a, b) && same_answers(a, b) && same_traits(a, b);
}

/* What the tree takes, the walk takes, with the same result; returns whether the walk took it. */
static bool hold_together(struct eve *walk, struct eve *tree, struct str line)
{
	const struct eve_event *quick, *slow;
	enum err quick_rc = eve_extract(walk, line, &quick);
	enum err slow_rc = eve_extract_tree(tree, line, &slow);

	if (slow_rc == OK && (quick_rc != OK || !same(quick, slow))) {
		(void)fprintf(stderr, "differs: %.*s\n", STR_ARG(line));
		assert_int_equal(quick_rc, OK);
		assert_true(same(quick, slow));
	}
	/* Who wants less gets the same of it. */
	for (unsigned wants = 0; wants < EVE_WANTS && slow_rc == OK; wants++) {
		eve_want(walk, wants);
		assert_int_equal(eve_extract(walk, line, &quick), OK);
		assert_true(same_values(quick, slow));
		assert_true(
		    (wants & EVE_WANT_TRAITS) != EVE_WANT_TRAITS || same_traits(quick, slow));
		assert_true(!(wants & EVE_WANT_KIND) || same_kind(quick, slow));
		assert_true(!(wants & EVE_WANT_ANSWERS) || same_answers(quick, slow));
	}
	eve_want(walk, EVE_WANT_ALL);
	return quick_rc == OK;
}

static void walk_and_tree_agree_on_every_level(void **state)
{
	struct eve *tree = eve_new(NULL);
	char room[ROOM + EVE_SLACK];

	(void)state;
	for (int level = 0; level < BITS_LEVELS; level++) {
		bits_fn bits = bits_at_level((enum bits_level)level);
		struct eve *walk;

		if (!bits)
			continue;
		walk = eve_new(bits);
		for (size_t i = 0; i < LINE_COUNT; i++)
			assert_true(
			    hold_together(walk, tree, slacked(room, LINES[i], strlen(LINES[i]))));
		eve_free(walk);
	}
	eve_free(tree);
}

static uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static void walk_and_tree_agree_on_mutated_lines(void **state)
{
	static const char BYTES[] = "{}[]\",:\\ 0e-.u\tntf\x80";
	struct eve *walk[BITS_LEVELS] = {0}, *tree = eve_new(NULL);
	uint64_t random = 20261122;
	char room[ROOM + EVE_SLACK];

	(void)state;
	for (int level = 0; level < BITS_LEVELS; level++)
		if (bits_at_level((enum bits_level)level))
			walk[level] = eve_new(bits_at_level((enum bits_level)level));
	for (int round = 0; round < 60000; round++) {
		const char *base = LINES[next_random(&random) % LINE_COUNT];
		struct str line = slacked(room, base, strlen(base));
		size_t changes = next_random(&random) % 4;
		bool taken[BITS_LEVELS] = {0};

		for (size_t i = 0; i < changes; i++)
			room[next_random(&random) % line.n] =
			    BYTES[next_random(&random) % (sizeof(BYTES) - 1)];
		for (int level = 0; level < BITS_LEVELS; level++)
			taken[level] = walk[level] && hold_together(walk[level], tree, line);
		for (int level = 1; level < BITS_LEVELS; level++)
			if (walk[level])
				assert_int_equal(taken[level], taken[0]);
	}
	for (int level = 0; level < BITS_LEVELS; level++)
		eve_free(walk[level]);
	eve_free(tree);
}

/* Appends a line, perhaps a damaged one; now and then one without end, an empty or a long one. */
static void put_random_line(struct buf *b, uint64_t *random)
{
	static const char BYTES[] = "{}[]\",:\\ 0\x01\x80\r";
	const char *base = LINES[next_random(random) % LINE_COUNT];
	size_t start = b->n, size;

	switch (next_random(random) % 16) {
	case 0:
		break;
	case 1:
		buf_put(b, S("{\"a\":\""));
		for (size_t i = next_random(random) % 70000; i > 0; i--)
			buf_byte(b, 'x');
		buf_put(b, S("\",\"src_ip\":\"192.0.2.1\"}"));
		break;
	case 2:
		buf_put(b, str_slice(str_c(base), 0, next_random(random) % strlen(base)));
		break;
	default:
		buf_put(b, str_c(base));
	}
	size = b->n - start;
	if (size && next_random(random) % 4 == 0)
		b->p[start + next_random(random) % size] =
		    BYTES[next_random(random) % (sizeof(BYTES) - 1)];
	buf_byte(b, '\n');
}

/* However lines come together, each reads as it would alone; a broken one spoils no other. */
static void a_block_reads_as_its_lines_do(void **state)
{
	uint64_t random = 20261128;

	(void)state;
	for (int round = 0; round < 300; round++) {
		bits_fn bits = bits_at_level((enum bits_level)(round % BITS_LEVELS));
		struct eve *block = eve_new(bits), *alone = eve_new(NULL);
		struct eve_line got;
		struct str rest;
		struct buf b;

		buf_init(&b, 64 << 20);
		for (size_t n = next_random(&random) % 200; n > 0; n--)
			put_random_line(&b, &random);
		rest = (struct str){b.p, b.n};
		for (size_t i = 0; i < EVE_SLACK; i++)
			buf_byte(&b, '"');
		rest.p = b.p;
		eve_start(block, rest);
		while (rest.n) {
			const struct eve_event *event;
			struct str line = str_cut(&rest, '\n');
			enum err rc;

			if (line.n == 0 || str_eq(line, S("\r")))
				continue;
			rc = eve_extract(alone, line, &event);
			assert_true(eve_next(block, &got));
			assert_true(got.text.p == line.p && got.text.n == line.n);
			assert_int_equal(got.rc, rc);
			assert_true(rc != OK || same(got.event, event));
		}
		assert_false(eve_next(block, &got));
		buf_free(&b);
		eve_free(block);
		eve_free(alone);
	}
}

static void a_line_cut_short_is_malformed(void **state)
{
	struct eve *e = eve_new(NULL);
	const struct eve_event *event;
	char room[ROOM + EVE_SLACK];

	(void)state;
	for (size_t i = 2; i < LINE_COUNT; i++)
		for (size_t n = 0; n < strlen(LINES[i]); n++)
			assert_int_equal(
			    eve_extract(e, slacked(room, LINES[i], n), &event), ERR_PARSE);
	eve_free(e);
}

/* US-01: an address counts where it is a peer, nowhere else. */
static void only_fields_of_the_table_count(void **state)
{
	const char *line =
	    "{\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"192.0.2.2\",\"dns\":{\"type\":\"query\","
	    "\"rrname\":\"a.example\",\"grouped\":{\"A\":[\"192.0.2.3\"]}},\"xff\":"
	    "\"192.0.2.4\",\"http\":{\"xff\":\"192.0.2.5\"},\"flow\":{\"src_ip\":\"192.0.2.6\"}}";
	struct eve *e = eve_new(NULL);
	const struct eve_event *event;
	char room[ROOM + EVE_SLACK];

	(void)state;
	assert_int_equal(eve_extract(e, slacked(room, line, strlen(line)), &event), OK);
	assert_int_equal(event->count, 3);
	assert_true(str_eq(event->values[0].text, S("192.0.2.1")));
	assert_true(str_eq(event->values[1].text, S("192.0.2.2")));
	assert_true(str_eq(event->values[2].text, S("a.example")));
	eve_free(e);
}

/* Each line with its answers, name=data, in the order of the line; "@" marks an address. */
static const struct {
	const char *line, *answers;
} ANSWERS[] = {
    /* version 2, one by one and grouped: each once */
    {"{\"dns\":{\"type\":\"answer\",\"rrname\":\"a.example\",\"answers\":[{\"rrname\":"
     "\"a.example\",\"rrtype\":\"CNAME\",\"rdata\":\"b.example\"},{\"rrname\":\"b.example\","
     "\"rrtype\":\"A\",\"ttl\":60,\"rdata\":\"192.0.2.7\"}],\"grouped\":{\"CNAME\":[\"b.example\"],"
     "\"A\":[\"192.0.2.7\"]}}}",
        "a.example=b.example b.example=@192.0.2.7 "},
    /* grouped alone: of the name that was asked for */
    {"{\"dns\":{\"type\":\"answer\",\"grouped\":{\"A\":[\"192.0.2.7\",\"192.0.2.8\"]},"
     "\"rrname\":\"a.example\"}}",
        "a.example=@192.0.2.7 a.example=@192.0.2.8 "},
    /* version 3 */
    {"{\"dns\":{\"version\":3,\"type\":\"response\",\"queries\":[{\"rrname\":\"c.example\","
     "\"rrtype\":\"AAAA\"}],\"answers\":[{\"rrname\":\"c.example\",\"rrtype\":\"AAAA\",\"rdata\":"
     "\"2001:db8::1\"}]}}",
        "c.example=@2001:db8::1 "},
    {"{\"dns\":{\"version\":3,\"type\":\"response\",\"queries\":[{\"rrname\":\"c.example\"}],"
     "\"grouped\":{\"MX\":[\"mx.example\"]}}}",
        "c.example=mx.example "},
    /* what is no answer, of no kept type, or of no name */
    {"{\"dns\":{\"type\":\"query\",\"rrname\":\"a.example\",\"grouped\":{\"A\":[\"192.0.2.7\"]}}}",
        ""},
    {"{\"dns\":{\"type\":\"answer\",\"answers\":[{\"rrname\":\"a.example\",\"rrtype\":\"TXT\","
     "\"rdata\":\"x\"},{\"rrname\":\"a.example\",\"rrtype\":\"SOA\",\"soa\":{\"rdata\":\"y\"}},{"
     "\"rrtype\":\"A\",\"rdata\":\"192.0.2.7\"}]}}",
        ""},
    {"{\"dns\":{\"type\":\"answer\",\"grouped\":{\"A\":[\"192.0.2.7\"]}}}", ""},
};

/* US-02: what DNS answered is known to the history, and is not what somebody asked for. */
static void answers_are_told_apart_from_values(void **state)
{
	struct eve *e = eve_new(NULL);
	char room[ROOM + EVE_SLACK];

	(void)state;
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
		const struct eve_event *event;
		struct buf got;

		buf_init(&got, 4096);
		assert_int_equal(
		    eve_extract(e, slacked(room, ANSWERS[i].line, strlen(ANSWERS[i].line)), &event),
		    OK);
		for (size_t a = 0; a < event->answer_count; a++)
			buf_printf(&got, "%.*s=%s%.*s ", STR_ARG(event->answers[a].name),
			    event->answers[a].kind == TERM_IPV4 ? "@" : "",
			    STR_ARG(event->answers[a].data));
		buf_byte(&got, '\0');
		assert_string_equal(got.p, ANSWERS[i].answers);
		buf_free(&got);
	}
	eve_free(e);
}

static void more_answers_than_fit_are_left_out(void **state)
{
	struct eve *e = eve_new(NULL);
	const struct eve_event *event;
	struct buf line;
	size_t n;

	(void)state;
	buf_init(&line, 1 << 20);
	buf_put(&line,
	    S("{\"dns\":{\"type\":\"answer\",\"rrname\":\"a.example\",\"grouped\":{\"A\":["));
	for (int i = 0; i < 2 * EVE_ANSWERS_MAX; i++)
		buf_printf(&line, "%s\"192.0.2.%d\"", i ? "," : "", i % 256);
	buf_put(&line, S("]}}}"));
	n = line.n;
	buf_byte(&line, '\n');
	for (int i = 0; i < EVE_SLACK; i++)
		buf_byte(&line, '"');
	assert_int_equal(eve_extract(e, (struct str){line.p, n}, &event), OK);
	assert_int_equal(event->answer_count, EVE_ANSWERS_MAX);
	buf_free(&line);
	eve_free(e);
}

static void urls_are_joined_from_host_port_and_path(void **state)
{
	struct eve *e = eve_new(NULL);
	const struct eve_event *event;
	char room[ROOM + EVE_SLACK];

	(void)state;
	assert_int_equal(eve_extract(e, slacked(room, LINES[8], strlen(LINES[8])), &event), OK);
	assert_int_equal(event->count, 2);
	assert_int_equal(event->values[1].field, EVE_HTTP_URL);
	assert_true(str_eq(event->values[1].text, S("http://Files.Example:8080/a?b=c")));
	assert_int_equal(eve_extract(e, slacked(room, LINES[9], strlen(LINES[9])), &event), OK);
	assert_true(str_eq(event->values[1].text, S("http://files.example/a/b")));
	assert_int_equal(eve_extract(e, slacked(room, LINES[11], strlen(LINES[11])), &event), OK);
	assert_int_equal(event->count, 1);
	eve_free(e);
}

static void too_long_lines_and_too_many_values_are_refused(void **state)
{
	struct eve *e = eve_new(NULL);
	const struct eve_event *event;
	size_t n = EVE_LINE_MAX + 1;
	char *line = mem_alloc(n + EVE_SLACK);
	size_t at;

	(void)state;
	memset(line, ' ', n);
	line[0] = '{';
	line[n - 1] = '}';
	line[n] = '\n';
	assert_int_equal(eve_extract(e, (struct str){line, n}, &event), ERR_LIMIT);
	line[n - 2] = '}';
	line[n - 1] = '\n';
	assert_int_equal(eve_extract(e, (struct str){line, n - 1}, &event), OK);
	at = (size_t)sprintf(line, "{\"email\":{\"to\":[\"a\"");
	for (size_t i = 0; i < EVE_VALUES_MAX; i++)
		at += (size_t)sprintf(line + at, ",\"a\"");
	at += (size_t)sprintf(line + at, "]}}");
	line[at] = '\n';
	assert_int_equal(eve_extract(e, (struct str){line, at}, &event), ERR_LIMIT);
	mem_free(line);
	eve_free(e);
}

static void real_events_read_the_same_both_ways(void **state)
{
	FILE *f = fopen("../shared/samples/eve/slips-test6-malicious.eve.json", "rb");
	struct eve *walk = eve_new(NULL), *tree = eve_new(NULL);
	char room[ROOM + EVE_SLACK];
	size_t lines = 0;

	(void)state;
	if (!f) {
		eve_free(walk);
		eve_free(tree);
		print_message("SKIP: ../shared/samples/eve is not there\n");
		if (getenv("TOCSIN_NO_SKIP"))
			assert_non_null(f);
		skip();
	}
	while (fgets(room, ROOM, f)) {
		assert_true(hold_together(walk, tree, (struct str){room, strcspn(room, "\n")}));
		lines++;
	}
	(void)fclose(f);
	assert_int_equal(lines, 5000);
	eve_free(walk);
	eve_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walk_and_tree_agree_on_every_level),
	    cmocka_unit_test(walk_and_tree_agree_on_mutated_lines),
	    cmocka_unit_test(a_block_reads_as_its_lines_do),
	    cmocka_unit_test(a_line_cut_short_is_malformed),
	    cmocka_unit_test(only_fields_of_the_table_count),
	    cmocka_unit_test(answers_are_told_apart_from_values),
	    cmocka_unit_test(more_answers_than_fit_are_left_out),
	    cmocka_unit_test(urls_are_joined_from_host_port_and_path),
	    cmocka_unit_test(too_long_lines_and_too_many_values_are_refused),
	    cmocka_unit_test(real_events_read_the_same_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
