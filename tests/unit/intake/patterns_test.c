/* SPDX-License-Identifier: Apache-2.0 */
/* Events as observed data, and which patterns they call: everything that an event is observed as is
 * asked for in every way, and must be found by the way through the tables as without them. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "intake/live/arms.h"
#include "stix/check.h"
#include "stix/object.h"
#include "sys/files.h"

enum { QUESTIONS_MAX = 4000 };

/* One of each kind that a sensor writes, old and new. */
#define HEAD(type)                                                                                 \
	"{\"timestamp\":\"2026-09-21T14:00:00.5+0200\",\"flow_id\":1,\"in_iface\":\"e_0\","        \
	"\"event_type\":\"" type "\",\"src_ip\":\"10.0.0.7\",\"src_port\":40000,"                  \
	"\"dest_ip\":\"2001:DB8::9\",\"dest_port\":443,\"proto\":\"TCP\","
static const char *const LINES[] = {
    HEAD("dns") "\"dns\":{\"type\":\"query\",\"rrname\":\"Www.Example.COM\",\"rrtype\":\"A\"}}",
    /* Nothing in it is a value. */
    ("{\"event_type\":\"dns\",\"dns\":{\"type\":\"answer\",\"answers\":[{\"rrname\":"
     "\"alone.example\",\"rrtype\":\"A\",\"rdata\":\"192.0.2.83\"}]}}"),
    HEAD("dns") "\"dns\":{\"version\":2,\"type\":\"answer\",\"rrname\":\"www.example.com\","
                "\"answers\":[{\"rrname\":\"www.example.com\",\"rrtype\":\"CNAME\","
                "\"rdata\":\"cdn.example.net\"},{\"rrname\":\"cdn.example.net\",\"rrtype\":\"A\","
                "\"rdata\":\"192.0.2.80\"}],\"grouped\":{\"AAAA\":[\"2001:db8::80\"]}}}",
    HEAD("dns") "\"dns\":{\"version\":3,\"type\":\"response\",\"queries\":[{\"rrname\":"
                "\"v3.example\"}],\"answers\":[{\"rrname\":\"v3.example\",\"rrtype\":\"A\","
                "\"rdata\":\"192.0.2.81\"}]}}",
    HEAD("tls") "\"tls\":{\"sni\":\"tls.example\",\"subject\":\"CN=tls \\\"x\\\" /y\","
                "\"issuerdn\":\"CN=Issuer\",\"serial\":\"0A:0B\",\"fingerprint\":"
                "\"2D:d1:9f:80:99:86:fc:ac:5f:2a:2a:fd:a3:f3:7e:96:7c:dd:24:37\","
                "\"notbefore\":\"2020-03-19T09:44:08\",\"ja3\":{\"hash\":"
                "\"B7202231ff2db28363c109cedc6d1642\"},\"ja4\":\"T13d1516h2_8daaf6152771_"
                "e5627efa2ab1\"}}",
    HEAD("http") "\"app_proto\":\"http\",\"http\":{\"hostname\":\"H.example\",\"http_port\":8080,"
                 "\"url\":\"/a/b?c=\\u00e9\",\"http_user_agent\":\"Agent/1 (x)\",\"http_method\":"
                 "\"GET\",\"protocol\":\"HTTP/1.1\",\"http_refer\":\"http://r.example/\"}}",
    HEAD("smtp") "\"smtp\":{\"helo\":\"x\",\"mail_from\":\"<S@Example.org>\",\"rcpt_to\":"
                 "[\"<r@example.org>\"]},\"email\":{\"from\":\"A <a@example.org>\",\"to\":"
                 "[\"b@example.org\"],\"cc\":[\"c@example.org\"],\"subject\":\"An invoice\"}}",
    HEAD("fileinfo") "\"fileinfo\":{\"filename\":\"\\/x\\/Evil file.exe\",\"size\":471233,"
                     "\"md5\":\"D41D8CD98F00B204E9800998ECF84270\",\"sha1\":"
                     "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"}}",
    HEAD("alert") "\"files\":[{\"filename\":\"only-name.doc\",\"size\":3,\"md5\":\"no\"}],\"dns\":{"
                  "\"query\":"
                  "[{\"rrname\":\"alert.example\"}],\"answer\":[{\"rrname\":\"alert.example\","
                  "\"rrtype\":\"A\",\"rdata\":\"192.0.2.82\"}]}}",
    HEAD("flow") "\"flow\":{\"pkts_toserver\":12,\"pkts_toclient\":2,\"bytes_toserver\":4056,"
                 "\"bytes_toclient\":7,\"start\":\"2021-06-06T16:38:55.855844+0200\","
                 "\"end\":\"2021-06-06T16:38:56.963027+0200\"}}",
    ("{\"src_ip\":\"10.0.0.8\",\"email\":{\"subject\":\"late\"},\"fileinfo\":{\"filename\":"
     "\"n.bin\"},\"dest_port\":25,\"dns\":{\"type\":\"answer\",\"rrname\":\"odd.example\"}}"),
};

#define fail_with(...)                                                                             \
	do {                                                                                       \
		print_message(__VA_ARGS__);                                                        \
		print_message("\n");                                                               \
		assert_true(false);                                                                \
	} while (0)

struct question {
	char text[512];
};

struct run {
	struct arena *arena;
	struct observed *observed, *part; /* all of the event; what one pattern looks at */
	struct pattern_machine *machine;
	struct question *questions;
	struct live_pattern *patterns;
	size_t count;
	struct arms *arms; /* NULL: questions are being made */
	size_t events, asked, called, matched;
};

static void ask(struct run *r, const char *format, const char *type, const char *path, struct str v)
{
	struct question *q = &r->questions[r->count];
	struct live_pattern *p = &r->patterns[r->count];
	int n;

	if (r->count == QUESTIONS_MAX)
		return;
	n = snprintf(q->text, sizeof(q->text), "[%s:%s %s '%.*s' AND %s:%s != 'nothing']", type,
	    path, format, STR_ARG(v), type, path);
	if (n < 0 || (size_t)n >= sizeof(q->text))
		return;
	*p = (struct live_pattern){.seq = ++r->count, .until = UINT32_MAX, .text = str_c(q->text)};
}

static void ask_number(
    struct run *r, const char *op, const char *type, const char *path, uint64_t v)
{
	struct question *q = &r->questions[r->count];

	if (r->count == QUESTIONS_MAX)
		return;
	(void)snprintf(q->text, sizeof(q->text), "[%s:%s %s %llu AND %s:%s >= 0]", type, path, op,
	    (unsigned long long)v, type, path);
	r->patterns[r->count] =
	    (struct live_pattern){.seq = r->count + 1, .until = UINT32_MAX, .text = str_c(q->text)};
	r->count++;
}

static void ask_text(struct run *r, const char *type, const char *path, struct str v)
{
	char part[256];
	size_t n;

	if (v.n == 0 || v.n > 100 || memchr(v.p, '\'', v.n) || memchr(v.p, '\\', v.n))
		return;
	ask(r, "=", type, path, v);
	ask(r, "LIKE", type, path, v);
	if (v.n > 6 && (v.p[v.n - 1] & 0x80) == 0) {
		(void)snprintf(part, sizeof(part), "%%%.*s_", STR_ARG(str_slice(v, 1, v.n - 1)));
		ask(r, "LIKE", type, path, str_c(part));
		(void)snprintf(part, sizeof(part), "%.*s", STR_ARG(v));
		part[v.n - 1] = '\0';
		for (char *p = part; *p; p++)
			if (p == part || strchr("()[]{}+*?^$|", *p))
				*p = '.';
		n = strlen(part);
		(void)snprintf(part + n, sizeof(part) - n, "(.|x)+$");
		ask(r, "MATCHES", type, path, str_c(part));
	}
	ask(r, "NOT =", type, path, S("else"));
}

static void ask_about(struct run *r, const char *type, const char *path, yyjson_val *value)
{
	yyjson_val *key, *item;
	yyjson_obj_iter members = yyjson_obj_iter_with(value);
	char below[256];
	struct str text = {yyjson_get_str(value), yyjson_get_len(value)};

	while ((key = yyjson_obj_iter_next(&members)) != NULL) {
		if (*path)
			(void)snprintf(below, sizeof(below), "%s.'%s'", path, yyjson_get_str(key));
		else
			(void)snprintf(below, sizeof(below), "%s", yyjson_get_str(key));
		ask_about(r, type, below, yyjson_obj_iter_get_val(key));
	}
	if (yyjson_is_arr(value) && (item = yyjson_arr_get_first(value)) != NULL) {
		(void)snprintf(below, sizeof(below), "%s[*]", path);
		ask_about(r, type, below, item);
	}
	if (yyjson_is_uint(value)) {
		ask_number(r, "=", type, path, yyjson_get_uint(value));
		ask_number(r, "<=", type, path, yyjson_get_uint(value));
	}
	if (yyjson_is_str(value) && !str_ends(str_c(path), S("_ref")) &&
	    !str_ends(str_c(path), S("_refs[*]")))
		ask_text(r, type, path, text);
}

static void make_questions(struct run *r)
{
	for (size_t i = 0; i < r->observed->count; i++)
		ask_about(r, arena_str(r->arena, r->observed->list[i].type).p, "",
		    r->observed->list[i].json);
}

static bool among(const struct arms_answer *who, size_t number)
{
	for (size_t i = 0; i < who->count; i++)
		if (who->list[i] == number)
			return true;
	return false;
}

static bool is_true(struct run *r, struct pattern_program *p, const struct pattern_observation *o)
{
	uint64_t leaves[PATTERN_LEAVES_MAX / 64];
	struct pattern_tally tally = {0};

	return pattern_see(r->machine, p, o, leaves, &tally);
}

/* As the pattern is written, without what was made of it. */
static bool true_as_written(struct run *r, struct str text, const struct pattern_observation *o)
{
	struct arena *arena = arena_new(16 << 20);
	struct pattern_program *p;
	bool answer;
	size_t at;

	if (pattern_compile(&p, arena, text, PATTERN_READ_LENIENT, &at, NULL) != OK)
		fail_with("%.*s", STR_ARG(text));
	answer = is_true(r, p, o);
	arena_free(arena);
	return answer;
}

/* Whether the armed pattern is true of what it looks at of the event. */
static bool true_as_armed(struct run *r, const struct arm *arm, const struct match_event *event)
{
	struct arena *arena = arena_new(OBSERVE_MEMORY);
	struct pattern_observation o;
	bool answer;

	if (arm->state != ARM_LIVE) {
		arena_free(arena);
		return false;
	}
	assert_int_equal(observe(r->part, arena, event, OBSERVE_LOCAL, arm->body->sift.types), OK);
	assert_int_equal(observed_at(&o, arena, r->part, 0), OK);
	answer = is_true(r, arm->body->program, &o);
	arena_free(arena);
	return answer;
}

static void hold_against(struct run *r, const struct match_event *event)
{
	struct pattern_observation o;
	struct arms_answer who;
	bool deeper;

	assert_int_equal(observed_at(&o, r->arena, r->observed, 0), OK);
	who = arms_for_event(r->arms, event, &deeper);
	if (deeper)
		who = arms_for_observed(r->arms, event, r->observed);
	r->called += who.count;
	for (size_t i = 0; i < r->count; i++) {
		struct arm *arm = arms_at(r->arms, i);
		bool written = true_as_written(r, r->patterns[i].text, &o);
		bool here = true_as_armed(r, arm, event);

		r->asked++;
		if (written && (!here || !among(&who, i)))
			fail_with(
			    "%s is not found in %.*s", r->questions[i].text, STR_ARG(event->line));
		r->matched += here;
	}
}

static void take_event(void *ctx, const struct match_event *event)
{
	struct run *r = ctx;

	arena_reset(r->arena);
	assert_int_equal(observe(r->observed, r->arena, event, OBSERVE_LOCAL, OBSERVE_ALL), OK);
	r->events++;
	if (r->arms)
		hold_against(r, event);
	else
		make_questions(r);
}

static void take_hit(void *ctx, const struct match_hit *hit)
{
	(void)ctx;
	(void)hit;
}

static void feed(void (*event)(void *ctx, const struct match_event *event), void *ctx)
{
	struct match_sink sink = {event, NULL, ARMS_WANT, take_hit, ctx};
	struct matcher *m = matcher_new(NULL);
	struct match_counts counts = {0};
	struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		buf_put(&b, str_c(LINES[i]));
		buf_byte(&b, '\n');
	}
	for (size_t i = 0; i < EVE_SLACK; i++)
		buf_byte(&b, '\0');
	(void)matcher_feed(m, str_slice(buf_str(&b), 0, b.n - EVE_SLACK), &counts, &sink);
	assert_int_equal(counts.bad, 0);
	buf_free(&b);
	matcher_free(m);
}

/* D-49: whatever an event is observed as, every way to ask for it is called by the event, and says
 * of it what it says without the tables. */
static void every_question_that_is_true_is_asked(void **state)
{
	struct run r = {.arena = arena_new(64 << 20), .machine = pattern_machine_new()};

	(void)state;
	r.observed = mem_alloc(sizeof(*r.observed));
	r.part = mem_alloc(sizeof(*r.part));
	r.questions = mem_alloc(QUESTIONS_MAX * sizeof(*r.questions));
	r.patterns = mem_alloc(QUESTIONS_MAX * sizeof(*r.patterns));
	feed(take_event, &r);
	assert_int_equal(r.events, sizeof(LINES) / sizeof(LINES[0]));
	assert_true(r.count > 200 && r.count < QUESTIONS_MAX);
	r.arms = arms_of(r.patterns, r.count);
	feed(take_event, &r);
	print_message("%zu questions, %zu asked, %zu called, %zu true\n", r.count, r.asked,
	    r.called, r.matched);
	/* Each is true of the event that it was made of, and few are called in vain. */
	assert_true(r.matched >= r.count);
	assert_true(r.called - r.matched < r.asked / 4);
	arms_close(r.arms);
	pattern_machine_free(r.machine);
	arena_free(r.arena);
	mem_free(r.observed);
	mem_free(r.part);
	mem_free(r.questions);
	mem_free(r.patterns);
}

static void check_event(void *ctx, const struct match_event *event)
{
	struct run *r = ctx;
	struct buf b;

	arena_reset(r->arena);
	assert_int_equal(
	    observe(r->observed, r->arena, event, OBSERVE_DETERMINISTIC, OBSERVE_ALL), OK);
	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < r->observed->count; i++) {
		struct stix_findings findings;
		struct stix_object o;

		buf_reset(&b);
		observed_put(&b, &r->observed->list[i]);
		assert_int_equal(stix_object_parse(&o, r->arena, buf_str(&b), NULL), OK);
		assert_int_equal(stix_check(&findings, r->arena, &o), OK);
		if (findings.musts)
			fail_with("%s: %.*s: %.*s", b.p, STR_ARG(findings.list[0].path),
			    STR_ARG(findings.list[0].message));
		r->asked++;
	}
	buf_free(&b);
}

static void events_are_observed_as_valid_stix(void **state)
{
	struct run r = {.arena = arena_new(64 << 20)};

	(void)state;
	r.observed = mem_alloc(sizeof(*r.observed));
	feed(check_event, &r);
	assert_true(r.asked > 40);
	arena_free(r.arena);
	mem_free(r.observed);
}

static void what_no_event_tells_is_not_armed(void **state)
{
	static const struct {
		const char *text;
		enum arm_state state;
	} CASES[] = {
	    {"[mutex:name = 'x']", ARM_NEVER},
	    {"[mutex:name = 'x'] AND [url:value LIKE '%x%']", ARM_NEVER},
	    {"[mutex:name = 'x'] OR [url:value LIKE '%x%']", ARM_LIVE},
	    {"[file:parent_directory_ref.path = 'x' AND file:name = 'y']", ARM_NEVER},
	    {"[domain-name:value = 'a.example' OR mutex:name = 'x']", ARM_NEVER},
	    {"[ipv4-addr:value = 'foo' AND ipv4-addr:value = 'foo']", ARM_NEVER},
	    {"[url:value MATCHES '(']", ARM_REFUSED},
	    {"[url:value LIKE '%x%'] REPEATS 4096 TIMES", ARM_LIVE},
	    {"[url:value LIKE '%x%'] REPEATS 4097 TIMES", ARM_REFUSED},
	    {"([url:value LIKE '%x%'] REPEATS 100 TIMES AND [file:size > 1]) REPEATS 100 TIMES",
	        ARM_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct live_pattern p = {
		    .seq = 1, .until = UINT32_MAX, .text = str_c(CASES[i].text)};
		struct arms *arms = arms_of(&p, 1);

		if (arms_at(arms, 0)->state != CASES[i].state)
			fail_with("%s: %d", CASES[i].text, (int)arms_at(arms, 0)->state);
		arms_close(arms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_question_that_is_true_is_asked),
	    cmocka_unit_test(events_are_observed_as_valid_stix),
	    cmocka_unit_test(what_no_event_tells_is_not_armed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
