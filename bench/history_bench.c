/* SPDX-License-Identifier: Apache-2.0 */
/* Times the history from inside, on made-up observations of which a few values have the most (Zipf,
 * exponent 1), spread over 30 days, from 2,000 hosts and 4 sources. As in a node, runs are made on
 * one side (there a process) and kept on another (there a thread of core), both at once; each
 * side's time is that of its processor.
 *
 *   history_bench DIR OBSERVATIONS VALUES BATCHES
 *
 * fills DIR/history and prints a row of figures a line; the first so many batches, as they came out
 * of the table, are left in DIR/batches for peers: each is a count (u32) and rows of key length
 * (u16), key, hour, count, first and last second (u32 each, as this processor has them). */
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/cursor.h"
#include "history/reader.h"
#include "history/run.h"
#include "history/store.h"
#include "history/table.h"
#include "sys/env.h"

enum {
	HOSTS = 2000,
	SOURCES = 4,
	HOURS = 720,
	MANY = 10000,
	TEXT = 80,
	RUNS_WAITING = 2, /* as intake may be ahead of core */
	MADE = 1 << 13,   /* at a time: as near as what was just read of a line */
	EACH = 600
};

#define T0 (INT64_C(1750000000) * USEC_PER_SEC)
#define HOUR (3600 * USEC_PER_SEC)
#define MERGE_ROWS UINT64_C(1000000)

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Value number n; the same number is the same value always. */
static struct term value_of(char text[TEXT], uint64_t n)
{
	uint64_t r = n, a = next_random(&r), b = next_random(&r), parent = a % 200003;
	struct term t = {.kind = TERM_DOMAIN};
	int length;

	switch (n % 10) {
	case 0:
	case 1:
	case 2:
	case 3:
		memcpy(text, &a, 4);
		t = (struct term){TERM_IPV4, 32, {text, 4}};
		break;
	case 4:
		memcpy(text, "\x20\x01\x0d\xb8", 4);
		memcpy(text + 4, &a, 4);
		memcpy(text + 8, &b, 8);
		t = (struct term){TERM_IPV6, 128, {text, 16}};
		break;
	case 5:
		length = snprintf(
		    text, TEXT, "http://www.n%" PRIx64 ".example/p/%" PRIx64, parent, b >> 32);
		t = (struct term){TERM_URL, 0, {text, (size_t)length}};
		break;
	case 6:
		memcpy(text, &a, 8);
		memcpy(text + 8, &b, 8);
		memcpy(text + 16, &a, 8);
		memcpy(text + 24, &b, 8);
		t = (struct term){TERM_SHA256, 0, {text, 32}};
		break;
	default:
		length = snprintf(
		    text, TEXT, "h%x.n%" PRIx64 ".example", (unsigned)(b & 0xffffff), parent);
		t.value = (struct str){text, (size_t)length};
	}
	return t;
}

struct observation {
	uint64_t value;
	uint32_t host;
	usec when;
};

struct kept_run {
	struct buf bytes;
	usec when;
};

/* The other side: takes runs in their order. */
struct keeping {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct history_store *store;
	struct kept_run runs[RUNS_WAITING];
	uint64_t given, taken;
	bool over;
	double adopt_s, merge_s;
};

struct bench {
	uint64_t observations, values, batches;
	struct history_table *table;
	struct keeping keeping;
	FILE *peers;
	uint64_t random, done, runs;
	double log_values;
	double table_s, run_s;
};

/* Of this thread, in seconds. */
static double used(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now_s(void)
{
	return (double)sys_monotonic() / 1e6;
}

static void check(enum err rc, const struct fault *fault)
{
	if (rc == OK)
		return;
	(void)fprintf(stderr, "history_bench: %s\n", fault->text);
	exit(1);
}

/* What is written for peers: the rows of the run, in its order. */
static void put_batch(struct bench *b, struct str bytes)
{
	struct cursor *c = mem_alloc(sizeof(*c));
	struct history_run run;
	struct fault fault;
	enum cursor_step step;
	uint32_t count;

	check(history_run_check(&run, bytes, &fault), &fault);
	count = (uint32_t)run.rows;
	(void)fwrite(&count, sizeof(count), 1, b->peers);
	for (step = cursor_run(c, bytes, 0); step == CURSOR_GROUP || step == CURSOR_ROW;
	    step = cursor_next(c)) {
		struct str key = cursor_key(c);
		uint16_t n = (uint16_t)key.n;
		uint32_t row[4] = {c->row.hour, (uint32_t)c->row.count, c->row.first, c->row.last};

		(void)fwrite(&n, sizeof(n), 1, b->peers);
		(void)fwrite(key.p, 1, key.n, b->peers);
		(void)fwrite(row, sizeof(row), 1, b->peers);
	}
	mem_free(c);
}

static void keep_one(struct keeping *k, const struct kept_run *run, uint64_t number)
{
	static const char *const NAMES[SOURCES] = {"north", "south", "east", "west"};
	struct fault fault = {.text = ""};
	double start = used();
	bool more = true;

	check(history_adopt(k->store, buf_str(&run->bytes), str_c(NAMES[number % SOURCES]), S("at"),
	          run->when, &fault),
	    &fault);
	k->adopt_s += used() - start;
	start = used();
	while (more)
		check(history_merge(k->store, MERGE_ROWS, &more, &fault), &fault);
	k->merge_s += used() - start;
}

static void *keep(void *ctx)
{
	struct keeping *k = ctx;

	pthread_mutex_lock(&k->lock);
	for (;;) {
		while (k->taken == k->given && !k->over)
			pthread_cond_wait(&k->moved, &k->lock);
		if (k->taken == k->given)
			break;
		pthread_mutex_unlock(&k->lock);
		keep_one(k, &k->runs[k->taken % RUNS_WAITING], k->taken);
		pthread_mutex_lock(&k->lock);
		k->taken++;
		pthread_cond_signal(&k->moved);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

static void keeping_start(struct keeping *k, const char *path)
{
	struct fault fault;

	check(history_open(&k->store, str_c(path), &fault), &fault);
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->moved, NULL);
	for (int i = 0; i < RUNS_WAITING; i++)
		buf_init(&k->runs[i].bytes, HISTORY_RUN_MAX);
	if (pthread_create(&k->thread, NULL, keep, k) != 0)
		exit(1);
}

static void keeping_end(struct keeping *k)
{
	pthread_mutex_lock(&k->lock);
	k->over = true;
	pthread_cond_signal(&k->moved);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	for (int i = 0; i < RUNS_WAITING; i++)
		buf_free(&k->runs[i].bytes);
}

static void flush(struct bench *b, usec when)
{
	struct keeping *k = &b->keeping;
	struct kept_run *run = &k->runs[b->runs % RUNS_WAITING];
	struct fault fault = {.text = ""};
	double start;

	pthread_mutex_lock(&k->lock);
	while (k->given - k->taken == RUNS_WAITING)
		pthread_cond_wait(&k->moved, &k->lock);
	pthread_mutex_unlock(&k->lock);
	start = used();
	buf_reset(&run->bytes);
	check(history_table_run(b->table, &run->bytes), &fault);
	b->run_s += used() - start;
	run->when = when;
	if (b->peers && b->runs < b->batches)
		put_batch(b, buf_str(&run->bytes));
	b->runs++;
	pthread_mutex_lock(&k->lock);
	k->given++;
	pthread_cond_signal(&k->moved);
	pthread_mutex_unlock(&k->lock);
}

static void make(struct bench *b, struct observation *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t r = next_random(&b->random);
		double rank = exp((double)(r >> 11) / 9007199254740992.0 * b->log_values);
		uint64_t at = b->done + i;

		out[i].value = (uint64_t)rank - 1;
		out[i].host = (uint32_t)(next_random(&b->random) % HOSTS);
		out[i].when =
		    T0 + (usec)((double)at / (double)b->observations * HOURS * 3600) * USEC_PER_SEC;
	}
}

/* Making them up is not timed; only what the history does is. */
static void fill(struct bench *b)
{
	struct observation *list = mem_alloc(MADE * sizeof(*list));
	char(*texts)[TEXT] = mem_alloc((size_t)MADE * TEXT);
	struct term *terms = mem_alloc(MADE * sizeof(*terms));
	struct term *ends = mem_alloc(MADE * sizeof(*ends));
	uint32_t *hosts = mem_alloc(MADE * sizeof(*hosts));
	struct history_observation *seen = mem_alloc(MADE * sizeof(*seen));

	while (b->done < b->observations) {
		size_t n = b->observations - b->done < MADE ? b->observations - b->done : MADE;
		double start;

		make(b, list, n);
		for (size_t i = 0; i < n; i++)
			terms[i] = value_of(texts[i], list[i].value);
		for (size_t i = 0; i < n; i++) {
			hosts[i] = 0x0a000000U + list[i].host;
			ends[i] = (struct term){TERM_IPV4, 32, {(const char *)&hosts[i], 4}};
			seen[i] = (struct history_observation){&terms[i], &ends[i], list[i].when};
		}
		for (size_t i = 0; i < n;) {
			start = used();
			/* As many at a time as a stream gives. */
			i += history_see_all(b->table, seen + i, n - i < EACH ? n - i : EACH);
			b->table_s += used() - start;
			if (i < n && history_table_is_nearly_full(b->table))
				flush(b, list[i].when);
		}
		b->done += n;
	}
	flush(b, T0 + HOURS * HOUR);
	mem_free(list);
	mem_free(texts);
	mem_free(terms);
	mem_free(ends);
	mem_free(hosts);
	mem_free(seen);
}

struct tally {
	uint64_t entries, count;
};

static bool tally(void *ctx, const struct history_entry *e)
{
	struct tally *t = ctx;

	t->entries++;
	t->count += e->count;
	return true;
}

/* Gives the pages of the history back, so that what is read next comes from the disk. */
static void forget_pages(const char *dir)
{
	char path[4200];

	for (uint64_t i = 0; i < 10000; i++) {
		int fd;

		(void)snprintf(path, sizeof(path), "%s/segment-%" PRIu64, dir, i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		(void)fsync(fd);
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		(void)close(fd);
	}
}

static void hunt_one(const char *dir, const char *what, bool cold, const struct bench *b)
{
	double worst = 0, sum = 0;
	struct tally t = {0, 0};
	struct fault fault;
	enum { TRIES = 20 };

	for (uint64_t i = 0; i < TRIES; i++) {
		struct history_reader *r;
		char text[TEXT];
		/* From the most frequent to the rarest. */
		struct term v = value_of(text, (uint64_t)exp(b->log_values * (double)i / TRIES));
		double start;

		if (cold)
			forget_pages(dir);
		start = now_s();
		check(history_reader_open(&r, str_c(dir), &fault), &fault);
		check(history_find(
		          r, &v, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL, tally, &t, &fault),
		    &fault);
		start = now_s() - start;
		history_reader_close(r);
		worst = start > worst ? start : worst;
		sum += start;
	}
	printf("%s\t%.2f ms\tworst %.2f ms\t%" PRIu64 "\n", what, sum / TRIES * 1e3, worst * 1e3,
	    t.count);
}

static void hunt_many(const char *dir, const char *what, bool cold, const struct bench *b)
{
	struct term *list = mem_alloc(MANY * sizeof(*list));
	char(*texts)[TEXT] = mem_alloc((size_t)MANY * TEXT);
	uint64_t random = 77;
	struct tally t = {0, 0};
	struct history_reader *r;
	struct fault fault;
	double start;

	/* Half of them were never seen. */
	for (size_t i = 0; i < MANY; i++)
		list[i] = value_of(texts[i], next_random(&random) % (b->values * 2));
	if (cold)
		forget_pages(dir);
	start = now_s();
	check(history_reader_open(&r, str_c(dir), &fault), &fault);
	check(history_find_many(r, &(struct term_list){.list = list, .count = MANY},
	          HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL, tally, &t, &fault),
	    &fault);
	printf("%s\t%.0f ms\t%" PRIu64 " entries\n", what, (now_s() - start) * 1e3, t.entries);
	history_reader_close(r);
	mem_free(list);
	mem_free(texts);
}

static void ask(const char *dir, struct bench *b)
{
	struct fault fault;
	double start = now_s();
	bool more;

	check(history_note_busy(b->keeping.store, T0 + HOURS * HOUR, UINT64_MAX, &more, &fault),
	    &fault);
	printf("busy\t%.2f s\n", now_s() - start);
	hunt_one(dir, "one, warm", false, b);
	hunt_one(dir, "one, cold", true, b);
	hunt_many(dir, "many, cold", true, b);
	hunt_many(dir, "many, warm", false, b);
}

int main(int argc, char **argv)
{
	struct bench b = {.random = 1};
	struct history_counts c;
	char path[4096];
	double making, keeping, start;

	if (argc != 5)
		return 2;
	b.observations = strtoull(argv[2], NULL, 10);
	b.values = strtoull(argv[3], NULL, 10);
	b.batches = strtoull(argv[4], NULL, 10);
	b.log_values = log((double)b.values);
	b.table = history_table_new(1);
	(void)snprintf(path, sizeof(path), "%s/batches", argv[1]);
	b.peers = b.batches > 0 ? fopen(path, "w") : NULL;
	(void)snprintf(path, sizeof(path), "%s/history", argv[1]);
	keeping_start(&b.keeping, path);
	start = now_s();
	fill(&b);
	keeping_end(&b.keeping);
	if (b.peers)
		(void)fclose(b.peers);
	making = b.table_s + b.run_s;
	keeping = b.keeping.adopt_s + b.keeping.merge_s;
	c = history_counts(b.keeping.store);
	printf("observations\t%" PRIu64 "\t%" PRIu64 " runs, %.0f s in all\n", c.seen, c.runs,
	    now_s() - start);
	printf("rate\t%.2f M observations/s\n",
	    (double)c.seen / (making > keeping ? making : keeping) / 1e6);
	printf("one core\t%.2f M observations/s\n", (double)c.seen / (making + keeping) / 1e6);
	printf("parts\ttable %.0f ns, run %.0f ns, adopt %.0f ns, merge %.0f ns\n",
	    b.table_s / (double)c.seen * 1e9, b.run_s / (double)c.seen * 1e9,
	    b.keeping.adopt_s / (double)c.seen * 1e9, b.keeping.merge_s / (double)c.seen * 1e9);
	printf("bytes\t%.3f GB\t%.2f bytes an observation, %" PRIu64 " rows in %u segments\n",
	    (double)c.bytes / 1e9, (double)c.bytes / (double)c.seen, c.rows, c.segments);
	ask(path, &b);
	history_close(b.keeping.store);
	history_table_free(b.table);
	return 0;
}
