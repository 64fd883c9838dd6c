/* SPDX-License-Identifier: Apache-2.0 */
/* Times the pattern language on one core: compiling, one observation against many patterns, and a
 * stream through patterns over time. `pattern_bench FILE` takes the patterns from the rows of FILE
 * (JSON lines with "pattern"), else it makes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/json.h"
#include "pattern/machine.h"
#include "pattern/state.h"

enum { PATTERNS = 1000, ROUNDS = 5, FED = 20000, TEXT_MAX = 64 << 20 };

/* Processor time: other programs on the machine do not count. */
static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct texts {
	struct str *list;
	size_t count;
	size_t bytes;
};

static void add(struct texts *t, struct arena *arena, struct str text)
{
	if (t->count == PATTERNS * 4 || !text.p)
		return;
	t->list[t->count] = arena_str(arena, text);
	t->bytes += text.n;
	t->count += t->list[t->count].p != NULL;
}

static void make_texts(struct texts *t, struct arena *arena)
{
	for (unsigned i = 0; i < PATTERNS; i++) {
		char text[256];
		int n = 0;

		switch (i % 4) {
		case 0:
			n = snprintf(
			    text, sizeof(text), "[ipv4-addr:value = '198.51.100.%u']", i & 255);
			break;
		case 1:
			n = snprintf(text, sizeof(text),
			    "[file:hashes.MD5 = '%032x' OR file:name LIKE 'evil%%%u']", i, i);
			break;
		case 2:
			n = snprintf(text, sizeof(text),
			    "[domain-name:value MATCHES '^(www\\\\.)?evil%u\\\\.example$']", i);
			break;
		default:
			n = snprintf(text, sizeof(text),
			    "([process:name = 'p%u'] FOLLOWEDBY [network-traffic:dst_port = %u]) "
			    "WITHIN 60 SECONDS",
			    i, i);
		}
		add(t, arena, (struct str){text, (size_t)n});
	}
}

static bool read_texts(struct texts *t, struct arena *arena, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!f)
		return false;
	while ((n = getline(&line, &room, f)) > 0) {
		struct arena *work = arena_new(TEXT_MAX);
		yyjson_val *root;

		if (json_parse(&root, work, (struct str){line, (size_t)n}, &JSON_LIMITS_OBJECT,
		        NULL) == OK)
			add(t, arena, json_get_str(root, "pattern"));
		arena_free(work);
	}
	free(line);
	return fclose(f) == 0;
}

static double compile_seconds(const struct texts *t, struct arena *arena)
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double begun = seconds(), took;

		for (size_t i = 0; i < t->count; i++) {
			struct pattern_program *p;
			size_t at;

			arena_reset(arena);
			if (pattern_compile(&p, arena, t->list[i], PATTERN_READ_21, &at, NULL) ==
			    OK)
				continue;
		}
		took = seconds() - begun;
		best = took < best ? took : best;
	}
	return best;
}

static const char OBSERVED[] =
    "{\"first_observed\":\"2024-05-01T10:00:00Z\",\"last_observed\":\"2024-05-01T10:00:00Z\","
    "\"number_observed\":1,\"objects\":{"
    "\"0\":{\"type\":\"ipv4-addr\",\"value\":\"203.0.113.9\"},"
    "\"1\":{\"type\":\"domain-name\",\"value\":\"www.good.example\",\"resolves_to_refs\":[\"0\"]},"
    "\"2\":{\"type\":\"file\",\"name\":\"report.pdf\",\"hashes\":{\"MD5\":"
    "\"cead3f77f6cda6ec00f57d76c9a6879f\"}},"
    "\"3\":{\"type\":\"network-traffic\",\"dst_ref\":\"0\",\"dst_port\":443,"
    "\"protocols\":[\"tcp\"]}}}";

/* Patterns a second against one observation of four objects. */
static double see_rate(const struct texts *t, struct arena *arena)
{
	struct pattern_machine *m = pattern_machine_new();
	struct pattern_program *programs[PATTERNS];
	struct pattern_observation o;
	struct pattern_tally tally = {0};
	uint64_t leaves[PATTERN_LEAVES_MAX / 64];
	yyjson_val *root;
	size_t n = 0, at;
	double best = 0;

	arena_reset(arena);
	for (size_t i = 0; i < t->count && n < PATTERNS; i++)
		n += pattern_compile(&programs[n], arena, t->list[i], PATTERN_READ_21, &at, NULL) ==
		     OK;
	if (json_parse(&root, arena, S(OBSERVED), &JSON_LIMITS_OBJECT, NULL) != OK ||
	    pattern_observation(&o, arena, root, &(struct pattern_things){NULL, 0}, NULL) != OK)
		return 0;
	for (int round = 0; round < ROUNDS; round++) {
		double begun = seconds(), rate;

		for (int again = 0; again < 100; again++)
			for (size_t i = 0; i < n; i++)
				(void)pattern_see(m, programs[i], &o, leaves, &tally);
		rate = 100.0 * (double)n / (seconds() - begun);
		best = rate > best ? rate : best;
	}
	pattern_machine_free(m);
	return best;
}

/* Observations a second through one pattern over time whose first half is true of every one. */
static double feed_rate(struct arena *arena)
{
	struct arena *work = arena_new(TEXT_MAX);
	const struct pattern_limits limits = PATTERN_LIMITS;
	const uint64_t leaves = 1;
	struct pattern_program *p;
	struct pattern_state *s;
	double begun;
	size_t at;

	arena_reset(arena);
	if (pattern_compile(&p, arena, S("([a:b = 1] FOLLOWEDBY [a:b = 2]) WITHIN 60 SECONDS"),
	        PATTERN_READ_21, &at, NULL) != OK)
		return 0;
	s = pattern_state_new(p, &limits);
	begun = seconds();
	for (uint64_t i = 0; i < FED; i++) {
		const usec now = (usec)i * USEC_PER_SEC;
		struct pattern_item item = {now, now, 1, &leaves};
		struct pattern_hit hit;

		arena_reset(work);
		(void)!pattern_feed(&hit, s, work, &item, i, now);
	}
	begun = seconds() - begun;
	pattern_state_free(s);
	arena_free(work);
	return FED / begun;
}

int main(int argc, char **argv)
{
	struct arena *texts_arena = arena_new(TEXT_MAX), *arena = arena_new(TEXT_MAX);
	struct texts t = {
	    .list = arena_array(texts_arena, (size_t)PATTERNS * 4, sizeof(struct str))};
	double took;

	if (argc == 2) {
		if (!t.list || !read_texts(&t, texts_arena, argv[1]))
			return 2;
	} else if (t.list) {
		make_texts(&t, texts_arena);
	}
	if (t.count == 0)
		return 2;
	took = compile_seconds(&t, arena);
	(void)printf(
	    "STIX patterns compiled (%zu %s, %zu B each)\t%.0f k/s a core, %.0f MB/s\t-\t-\t-\n",
	    t.count, argc == 2 ? "found in public" : "made", t.bytes / t.count,
	    (double)t.count / took / 1e3, (double)t.bytes / took / 1e6);
	(void)printf("one observation of four objects against %d patterns\t%.0f k patterns/s a "
	             "core\t-\t-\t-\n",
	    PATTERNS, see_rate(&t, arena) / 1e3);
	if (argc != 2)
		(void)printf("observations through FOLLOWEDBY WITHIN 60 SECONDS, one a second\t"
		             "%.0f k/s a core\t-\t-\t60 kept at once\n",
		    feed_rate(arena) / 1e3);
	arena_free(arena);
	arena_free(texts_arena);
	return 0;
}
