/* SPDX-License-Identifier: Apache-2.0 */
/* Times the store alone: appending and committing, opening, rebuilding, finding, proving.
 * Usage: ledger_bench DIR RECORDS BATCH; DIR must not exist and is left for inspection. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/store.h"
#include "store/verify.h"
#include "sys/env.h"

enum { LEAST = 600, SPREAD = 700, ID_MAX = 64 };

struct bench {
	struct str dir;
	uint64_t records;
	size_t batch;
	struct record *batch_records;
	char (*ids)[ID_MAX];
	char *content;
	struct fault fault;
};

static void check(const struct bench *b, enum err rc)
{
	if (rc == OK)
		return;
	(void)fprintf(stderr, "ledger_bench: %s\n", b->fault.text);
	exit(2);
}

static struct store *open_store(struct bench *b, bool write)
{
	struct store_options options = {
	    .dir = b->dir, .write = write, .create = write, .env = sys_env()};
	struct store *s;

	check(b, store_open(&s, &options, &b->fault));
	return s;
}

static struct str id_of(char out[ID_MAX], uint64_t n)
{
	uint64_t mixed = n * UINT64_C(0x9e3779b97f4a7c15);

	return (struct str){
	    out, (size_t)snprintf(out, ID_MAX, "indicator--%08x-%04x-4%03x-8%03x-%012" PRIx64,
	             (unsigned)(mixed >> 32), (unsigned)(mixed >> 16 & 0xffff),
	             (unsigned)(n & 0xfff), (unsigned)(mixed & 0xfff), n)};
}

static void fill(struct bench *b, uint64_t from)
{
	for (size_t i = 0; i < b->batch; i++) {
		uint64_t n = from + i;
		size_t length = LEAST + n * 7919 % SPREAD;

		b->batch_records[i] = (struct record){
		    .kind = RECORD_OBJECT,
		    .tag = 3,
		    .id = id_of(b->ids[i], n),
		    .version = (int64_t)n,
		    .label = n % 4 ? S("\1\2green") : S("\1\3amber"),
		    .source = 1,
		    .feed = 1,
		    .content = {b->content + n % 4096, length},
		};
	}
}

static double seconds_since(usec start)
{
	return (double)(sys_monotonic() - start) / (double)USEC_PER_SEC;
}

static double cpu_seconds(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / (double)USEC_PER_SEC;
}

static void row(const char *what, double value, const char *unit)
{
	(void)printf("%s\t%.0f\t%s\n", what, value, unit);
}

static void write_all(struct bench *b)
{
	struct store *s = open_store(b, true);
	double cpu, took = 0, busy = 0, worst = 0, syncing = 0;
	usec start;
	uint64_t first;

	for (uint64_t n = 0; n < b->records; n += b->batch) {
		double one;

		fill(b, n);
		cpu = cpu_seconds();
		start = sys_monotonic();
		check(b, store_append(s, b->batch_records, b->batch, &first, &b->fault));
		one = seconds_since(start);
		check(b, store_commit(s, &b->fault));
		syncing -= one;
		one = seconds_since(start);
		syncing += one;
		took += one;
		worst = one > worst ? one : worst;
		busy += cpu_seconds() - cpu;
	}
	row("append+commit", (double)b->records / took, "records/s");
	row("append+commit, processor time", busy * 1e9 / (double)b->records, "ns/record");
	row("of it waiting for the disk", syncing * 1e9 / (double)b->records, "ns/record");
	row("slowest batch", worst * 1e6, "us");
	start = sys_monotonic();
	store_close(s);
	row("close", seconds_since(start) * 1e3, "ms");
}

static void read_all(struct bench *b)
{
	usec start = sys_monotonic();
	struct store *s = open_store(b, false);
	char id[ID_MAX];
	uint64_t found = 0, bytes = 0;
	struct arena *arena = arena_new(1 << 20);
	struct sha256 root;

	row("open for reading", seconds_since(start) * 1e6, "us");
	start = sys_monotonic();
	for (uint64_t n = 0; n < b->records; n++) {
		uint64_t seq = store_find(s, id_of(id, n * 7 % b->records));

		found += seq != STORE_NONE;
		bytes += seq != STORE_NONE ? store_content(s, seq).n : 0;
	}
	row("find by id", (double)b->records / seconds_since(start), "finds/s");
	if (found != b->records || bytes == 0)
		exit(2);
	start = sys_monotonic();
	for (uint64_t n = 0; n < 1000; n++) {
		struct proof proof;

		arena_reset(arena);
		check(b, store_prove_inclusion(
		             s, n * 991 % b->records, b->records, arena, &proof, &b->fault));
	}
	row("inclusion proof", seconds_since(start) * 1e3, "us");
	start = sys_monotonic();
	for (int n = 0; n < 1000; n++)
		check(b, store_root(s, b->records, &root, &b->fault));
	row("root", seconds_since(start) * 1e3, "us");
	arena_free(arena);
	store_close(s);
}

static void reopen(struct bench *b, const char *what)
{
	usec start = sys_monotonic();
	struct store *s = open_store(b, true);
	double took = seconds_since(start);

	row(what, took * 1e3, "ms");
	if (store_size(s) != b->records)
		exit(2);
	store_close(s);
}

static void rebuild(struct bench *b)
{
	char path[512];
	usec start;
	struct store *s;

	(void)snprintf(path, sizeof(path), "%.*s/index/head", STR_ARG(b->dir));
	(void)unlink(path);
	start = sys_monotonic();
	s = open_store(b, true);
	row("index rebuilt", (double)store_size(s) / seconds_since(start), "records/s");
	store_close(s);
}

static void verify(struct bench *b)
{
	struct verify_options options = {.dir = b->dir};
	struct verify_report report;
	usec start = sys_monotonic();

	check(b, store_verify(&report, &options, &b->fault));
	row("verify", (double)report.records / seconds_since(start), "records/s");
	if (report.records != b->records)
		exit(2);
}

int main(int argc, char **argv)
{
	struct bench b = {0};
	uint64_t batch;

	if (argc != 4 || str_u64(str_c(argv[2]), &b.records) != OK ||
	    str_u64(str_c(argv[3]), &batch) != OK || batch == 0) {
		(void)fputs("usage: ledger_bench DIR RECORDS BATCH\n", stderr);
		return 2;
	}
	b.dir = str_c(argv[1]);
	b.batch = batch;
	b.records -= b.records % batch;
	b.batch_records = mem_alloc(batch * sizeof(*b.batch_records));
	b.ids = mem_alloc(batch * sizeof(*b.ids));
	b.content = mem_alloc(1 << 16);
	for (size_t i = 0; i < 1 << 16; i++)
		b.content[i] = (char)(' ' + (i * 31 + i / 97) % 90);
	write_all(&b);
	reopen(&b, "open for writing");
	read_all(&b);
	rebuild(&b);
	verify(&b);
	return 0;
}
