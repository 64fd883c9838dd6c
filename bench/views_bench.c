/* SPDX-License-Identifier: Apache-2.0 */
/* Times the views on a ledger of indicators: until all have taken it, a page of a feed, a search.
 * Usage: views_bench DIR RECORDS; DIR must not exist and is left for inspection. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "gate/feed.h"
#include "gate/read.h"
#include "policy/label.h"
#include "stix/type.h"
#include "store/store.h"
#include "sys/env.h"
#include "view/follow.h"

enum { BATCH = 1000, CONTENT = 1024, ROUNDS = 2000, PAGE_OBJECTS = 1000 };

struct bench {
	struct str dir;
	struct store *store;
	uint64_t records;
	struct fault fault;
};

static void check(const struct bench *b, enum err rc)
{
	if (rc == OK)
		return;
	(void)fprintf(stderr, "views_bench: %s\n", b->fault.text);
	exit(2);
}

static uint64_t mix(uint64_t n)
{
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

static struct str id_of(char out[80], uint64_t n)
{
	uint64_t m = mix(n + 1);

	return (struct str){
	    out, (size_t)snprintf(out, 80, "indicator--%08x-%04x-4%03x-8%03x-%012" PRIx64,
	             (unsigned)(m >> 32), (unsigned)(m >> 16 & 0xffff), (unsigned)(n & 0xfff),
	             (unsigned)(m & 0xfff), n)};
}

static struct str content_of(char out[CONTENT], struct str id, uint64_t n)
{
	uint64_t m = mix(n);

	return (struct str){
	    out, (size_t)snprintf(out, CONTENT,
	             "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%.*s\","
	             "\"created_by_ref\":\"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff\","
	             "\"created\":\"2024-05-01T08:00:00.000Z\","
	             "\"modified\":\"2024-05-01T08:00:00.000Z\",\"name\":\"Host of campaign %u\","
	             "\"description\":\"Seen in mail to suppliers of airports, stage %u\","
	             "\"indicator_types\":[\"malicious-activity\"],"
	             "\"pattern\":\"[domain-name:value = 'h%08x.c%u.example']\","
	             "\"pattern_type\":\"stix\",\"pattern_version\":\"2.1\","
	             "\"valid_from\":\"2024-05-01T08:00:00Z\",\"object_marking_refs\":"
	             "[\"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb\"]}",
	             STR_ARG(id), (unsigned)(m % 997), (unsigned)(m >> 20) % 7, (unsigned)(m >> 32),
	             (unsigned)(m % 997))};
}

static void fill(struct bench *b)
{
	struct record *records = mem_alloc(sizeof(*records) * BATCH);
	char(*ids)[80] = mem_alloc(sizeof(*ids) * BATCH);
	char(*contents)[CONTENT] = mem_alloc(sizeof(*contents) * BATCH);
	char label[LABEL_ENCODED_MAX];
	const struct label green = {.tlp = TLP_GREEN};
	size_t label_n = label_encode(&green, label);
	uint64_t first;

	for (uint64_t n = 0; n < b->records; n += BATCH) {
		for (size_t i = 0; i < BATCH; i++) {
			struct str id = id_of(ids[i], n + i);

			records[i] = (struct record){.kind = RECORD_OBJECT,
			    .tag = STIX_TYPE_INDICATOR,
			    .id = id,
			    .version = INT64_C(1714550400000000),
			    .label = {label, label_n},
			    .feed = 1,
			    .content = content_of(contents[i], id, n + i)};
		}
		check(b, store_append(b->store, records, BATCH, &first, &b->fault));
		check(b, store_commit(b->store, &b->fault));
	}
	mem_free(records);
	mem_free(ids);
	mem_free(contents);
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void follow(struct bench *b)
{
	struct followers *f;
	struct rusage use;
	usec start = sys_monotonic();
	struct pollfd p = {.events = POLLIN};
	bool done[VIEW_COUNT] = {false};
	double time;

	check(b, followers_start(&f, b->dir, sys_env(), &b->fault));
	p.fd = followers_fd(f);
	while (followers_cursor(f) < b->records) {
		uint64_t beats;

		if (poll(&p, 1, -1) == 1 && read(p.fd, &beats, sizeof(beats)) < 0)
			continue;
		for (size_t i = 0; i < VIEW_COUNT; i++) {
			struct follower_status s;

			followers_status(f, i, &s);
			if (s.cursor == b->records && !done[i]) {
				done[i] = true;
				(void)fprintf(stderr, "views_bench: %s after %.1f s\n", s.name,
				    (double)(sys_monotonic() - start) / 1e6);
			}
		}
	}
	time = (double)(sys_monotonic() - start) / 1e6;
	(void)getrusage(RUSAGE_SELF, &use);
	(void)printf("records until queryable in every view, 2 threads busy\t%.0f/s\t50000/s\t-\t"
	             "%.1f s; %.1f s of CPU in all with the filling\n",
	    (double)b->records / time, time, seconds_of(use.ru_utime) + seconds_of(use.ru_stime));
	followers_stop(f);
}

static void read_pages(const struct gate_ask *ask, struct bench *b)
{
	struct feed_query q = {.feed = 1,
	    .after = FEED_START,
	    .added_after = INT64_MIN,
	    .limit = PAGE_OBJECTS,
	    .bytes_max = SIZE_MAX};
	usec start = sys_monotonic();
	uint64_t objects = 0;
	double time;

	for (int i = 0; i < ROUNDS; i++) {
		struct feed_page page;

		arena_reset(ask->arena);
		check(b, gate_feed_page(ask, &q, &page, &b->fault));
		objects += page.count;
		q.after = FEED_START;
		if (page.more)
			q.after = (struct feed_position){
			    page.items[page.count - 1].added, page.items[page.count - 1].seq};
	}
	time = (double)(sys_monotonic() - start) / 1e6;
	(void)printf("page of 1,000 objects through the gate\t%.3f ms\t0.1 ms\t-\t%.0f objects/s\n",
	    time * 1000 / (double)ROUNDS, (double)objects / time);
}

static void search(const struct gate_ask *ask, struct bench *b, const char *what, const char *q)
{
	struct gate_query query = {.limit = 50, .text = str_c(q)};
	usec start = sys_monotonic();
	size_t found = 0;
	int rounds = 50;

	for (int i = 0; i < rounds; i++) {
		struct gate_search page;

		arena_reset(ask->arena);
		check(b, gate_search(ask, &query, &page, &b->fault));
		found = page.count;
	}
	(void)printf("search by %s, first page\t%.2f ms\t-\t-\t%zu found\n", what,
	    (double)(sys_monotonic() - start) / 1000 / rounds, found);
}

static void read_all(struct bench *b)
{
	const struct reader reader = {
	    .name = S("bench"), .role = ROLE_READER, .own = true, .clearance = TLP_GREEN};
	struct gate_ask ask = {NULL, &reader, OUTLET_TAXII, arena_new((size_t)64 << 20)};
	struct gate_figures figures;
	usec start = sys_monotonic();
	char id[80];

	check(b, gate_open(&ask.gate, b->dir, sys_env(), &b->fault));
	(void)printf(
	    "opening the gate\t%.2f ms\t-\t-\t-\n", (double)(sys_monotonic() - start) / 1e3);
	start = sys_monotonic();
	check(b, gate_figures(&ask, &figures, &b->fault));
	(void)printf("counting what a reader may see, first time\t%.1f ms\t-\t-\t%" PRIu64
	             " objects\n",
	    (double)(sys_monotonic() - start) / 1e3, figures.objects);
	read_pages(&ask, b);
	(void)id_of(id, b->records / 2);
	search(&ask, b, "id", id);
	search(&ask, b, "beginning of an id", "indicator--beef");
	search(&ask, b, "value", "www.h00000000.c1[.]example");
	search(&ask, b, "one word", "suppliers");
	search(&ask, b, "three words", "airports campaign 42");
	gate_close(ask.gate);
	arena_free(ask.arena);
}

int main(int argc, char **argv)
{
	struct bench b = {0};
	char path[4096];
	struct store_options options = {.write = true, .create = true, .env = sys_env()};

	if (argc != 3 || str_u64(str_c(argv[2]), &b.records) != OK || mkdir(argv[1], 0700) < 0) {
		(void)fputs("usage: views_bench DIR RECORDS (DIR must not exist)\n", stderr);
		return 2;
	}
	b.dir = str_c(argv[1]);
	(void)snprintf(path, sizeof(path), "%s/ledger", argv[1]);
	(void)mkdir(path, 0700);
	options.dir = str_c(path);
	check(&b, store_open(&b.store, &options, &b.fault));
	b.records = b.records / BATCH * BATCH;
	fill(&b);
	follow(&b);
	read_all(&b);
	store_close(b.store);
	return 0;
}
