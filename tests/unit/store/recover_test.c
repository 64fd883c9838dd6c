/* SPDX-License-Identifier: Apache-2.0 */
/* What a ledger is after the power went, after the disk was full, after a write failed. */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ledger.h"
#include "store/frame.h"
#include "store/index.h"

static void path_of(const struct ledger *l, const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/%s", l->dir, name);
}

/* The index of a machine that was started again without a word from the writer. */
static void lose_power(struct ledger *l)
{
	char path[256];
	struct index_head *head;
	int fd;

	path_of(l, "index/head", path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	head = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(head != MAP_FAILED);
	atomic_store(&head->clean, 0);
	memset(head->boot, 'x', sizeof(head->boot) - 1);
	(void)munmap(head, 4096);
	(void)close(fd);
}

static void overwrite(const struct ledger *l, off_t at, const void *bytes, size_t n)
{
	char path[256];
	int fd;

	path_of(l, "segments/00000000000000000000.seg", path);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	(void)close(fd);
}

static void read_back(const struct ledger *l, off_t at, void *bytes, size_t n)
{
	char path[256];
	int fd;

	path_of(l, "segments/00000000000000000000.seg", path);
	fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, bytes, n, at), n);
	(void)close(fd);
}

/* The frame that holds a record: where it begins and how long it is. */
static off_t frame_of(const struct ledger *l, uint64_t seq, size_t *length)
{
	unsigned char bytes[FRAME_HEAD];
	struct frame_head head;
	off_t at = SEGMENT_HEAD;

	for (;; at += (off_t)(FRAME_HEAD + head.length)) {
		read_back(l, at, bytes, sizeof(bytes));
		assert_int_equal(frame_head_read(&head, bytes, sizeof(bytes)), FRAME_GOOD);
		if (seq < head.first + head.count)
			break;
	}
	*length = FRAME_HEAD + head.length;
	return at;
}

static void append_batches(struct ledger *l, uint64_t from, int batches)
{
	for (int i = 0; i < batches; i++) {
		struct sample s[10];
		struct record r[10];
		uint64_t first;

		for (uint64_t n = 0; n < 10; n++) {
			sample_make(&s[n], (from + n) % 7, (int64_t)(from + n), 300);
			r[n] = s[n].record;
		}
		assert_int_equal(store_append(l->store, r, 10, &first, &l->fault), OK);
		assert_int_equal(first, from);
		ledger_commit(l);
		from += 10;
	}
}

static void torn_last_batch_is_cut_off_whole(void **state)
{
	unsigned char zeros[8192] = {0};
	struct ledger l;
	size_t length;
	uint64_t seed = 5;
	off_t at;

	(void)state;
	for (int round = 0; round < 30; round++) {
		size_t kept;

		ledger_make(&l);
		append_batches(&l, 0, 3);
		store_close(l.store);
		lose_power(&l);
		at = frame_of(&l, 20, &length);
		assert_true(length < sizeof(zeros));
		kept = next_random(&seed) % length;
		overwrite(&l, at + (off_t)kept, zeros, length - kept);
		ledger_open(&l);
		assert_int_equal(store_size(l.store), 20);
		append_batches(&l, 20, 2);
		assert_int_equal(store_size(l.store), 40);
		ledger_compare_with_rebuilt(&l);
		ledger_remove(&l);
	}
}

static void damage_before_the_end_is_named_with_file_and_byte(void **state)
{
	struct ledger l;
	char byte, where[64];
	size_t length;
	off_t at;

	(void)state;
	ledger_make(&l);
	append_batches(&l, 0, 3);
	store_close(l.store);
	lose_power(&l);
	at = frame_of(&l, 10, &length);
	read_back(&l, at + 500, &byte, 1);
	byte ^= 4;
	overwrite(&l, at + 500, &byte, 1);
	assert_int_equal(ledger_try_open(&l, true, &l.store), ERR_CORRUPT);
	assert_non_null(strstr(l.fault.text, "00000000000000000000.seg"));
	(void)snprintf(where, sizeof(where), "byte %lld,", (long long)at);
	assert_non_null(strstr(l.fault.text, where));
	remove_folder(l.dir);
}

static void zeros_before_the_end_are_damage_too(void **state)
{
	unsigned char zeros[8192] = {0};
	struct ledger l;
	size_t length;
	off_t at;

	(void)state;
	ledger_make(&l);
	append_batches(&l, 0, 3);
	store_close(l.store);
	lose_power(&l);
	at = frame_of(&l, 0, &length);
	overwrite(&l, at, zeros, length);
	assert_int_equal(ledger_try_open(&l, true, &l.store), ERR_CORRUPT);
	remove_folder(l.dir);
}

static void a_checkpoint_of_more_records_than_there_are_is_damage(void **state)
{
	static const char ZEROS[8192] = {0};
	struct arena *arena = arena_new(1 << 20);
	struct ledger l;
	struct str text;
	size_t length;
	off_t at;

	(void)state;
	ledger_make(&l);
	append_batches(&l, 0, 3);
	assert_int_equal(
	    store_checkpoint_text(l.store, S("node.example"), 30, arena, &text, NULL), OK);
	assert_int_equal(store_put_checkpoint(l.store, text, NULL), OK);
	store_close(l.store);
	lose_power(&l);
	at = frame_of(&l, 20, &length);
	overwrite(&l, at, ZEROS, length);
	assert_int_equal(ledger_try_open(&l, true, &l.store), ERR_CORRUPT);
	assert_non_null(strstr(l.fault.text, "counts 30 records"));
	remove_folder(l.dir);
	arena_free(arena);
}

static void a_reader_recovers_what_no_writer_has(void **state)
{
	struct ledger l;
	struct store *reader;

	(void)state;
	ledger_make(&l);
	append_batches(&l, 0, 3);
	store_close(l.store);
	lose_power(&l);
	assert_int_equal(ledger_try_open(&l, false, &reader), OK);
	assert_int_equal(store_size(reader), 30);
	assert_false(store_stale(reader));
	lose_power(&l);
	ledger_open(&l);
	assert_true(store_stale(reader));
	assert_int_equal(store_size(reader), 30);
	store_close(reader);
	ledger_remove(&l);
}

static void a_reader_waits_while_the_index_is_made(void **state)
{
	struct store *reader;
	struct ledger l;
	char path[256];

	(void)state;
	ledger_make(&l);
	append_batches(&l, 0, 1);
	path_of(&l, "index/head", path);
	assert_int_equal(unlink(path), 0); /* as it is before the writer has finished it */
	assert_int_equal(ledger_try_open(&l, false, &reader), ERR_BUSY);
	assert_non_null(strstr(l.fault.text, "try again"));
	ledger_reopen(&l);
	assert_int_equal(ledger_try_open(&l, false, &reader), OK);
	assert_int_equal(store_size(reader), 10);
	store_close(reader);
	ledger_remove(&l);
}

static void copy_folder(const char *from, const char *to)
{
	static const char *const FILES[] = {"segments/00000000000000000000.seg", "index/head",
	    "index/rows", "index/labels", "index/tiles0", "index/tiles1", "index/tiles2",
	    "index/tiles3", "index/ids.12"};
	char path[256], bytes[4096];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/segments", to);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/index", to);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		int in, out;

		(void)snprintf(path, sizeof(path), "%s/%s", from, FILES[i]);
		in = open(path, O_RDONLY);
		(void)snprintf(path, sizeof(path), "%s/%s", to, FILES[i]);
		out = open(path, O_WRONLY | O_CREAT, 0600);
		assert_true(in >= 0 && out >= 0);
		while ((n = read(in, bytes, sizeof(bytes))) > 0)
			assert_int_equal(write(out, bytes, n), n);
		(void)close(in);
		(void)close(out);
	}
}

/* The rows of such a copy may be older than its head: it is read from the segments instead. */
static void a_copy_made_beside_a_writer_is_indexed_anew(void **state)
{
	struct ledger l, copy;
	char path[256];
	int fd;

	(void)state;
	ledger_make(&l);
	append_batches(&l, 0, 3);
	ledger_make(&copy);
	store_close(copy.store);
	remove_folder(copy.dir);
	assert_int_equal(mkdir(copy.dir, 0700), 0);
	copy_folder(l.dir, copy.dir);
	path_of(&copy, "index/rows", path);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "\0\0\0\0\0\0\0\0", 8, 64), 8);
	(void)close(fd);
	ledger_open(&copy);
	assert_int_equal(store_size(copy.store), 30);
	assert_true(str_eq(store_content(copy.store, 1), store_content(l.store, 1)));
	ledger_compare_with_rebuilt(&copy);
	ledger_remove(&copy);
	ledger_remove(&l);
}

static void large_batches_go_on_in_the_next_segment(void **state)
{
	struct sample s;
	struct record r[6];
	struct ledger l;
	char *big = malloc(STORE_CONTENT_MAX);
	uint64_t first;

	(void)state;
	for (size_t i = 0; i < STORE_CONTENT_MAX; i++)
		big[i] = (char)(i * 7 + i / 1000);
	ledger_make(&l);
	for (uint64_t n = 0; n < 4; n++) {
		sample_make(&s, n, 1, 10);
		for (size_t i = 0; i < 6; i++) {
			r[i] = s.record;
			r[i].version = (int64_t)i;
			r[i].content = (struct str){big, STORE_CONTENT_MAX - n * 6 - i};
		}
		assert_int_equal(store_append(l.store, r, 6, &first, &l.fault), OK);
		ledger_commit(&l);
	}
	assert_int_equal(store_row(l.store, 23)->at >> SEGMENT_BITS, 1);
	ledger_compare_with_rebuilt(&l);
	for (uint64_t n = 0; n < 24; n++)
		assert_true(
		    str_eq(store_content(l.store, n), (struct str){big, STORE_CONTENT_MAX - n}));
	ledger_remove(&l);
	free(big);
}

/* Calls of the system that go wrong: from `after` on, `count` of them, with `error`. */
static struct {
	int calls, after, count;
	int error;
	bool cut_short;
} plan;

static bool goes_wrong(void)
{
	int call = plan.calls++;

	errno = plan.error;
	return call >= plan.after && call < plan.after + plan.count;
}

static ssize_t bad_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	if (!goes_wrong())
		return pwrite(fd, bytes, plan.cut_short && n > 1 ? n / 2 : n, at);
	/* Half of it arrives, as on a disk that fills up. */
	(void)!pwrite(fd, bytes, n / 2, at);
	errno = plan.error;
	return -1;
}

static int bad_fdatasync(int fd)
{
	return goes_wrong() ? -1 : ledger_no_sync(fd);
}

static int bad_reserve(int fd, off_t at, off_t n)
{
	return goes_wrong() ? plan.error : posix_fallocate(fd, at, n);
}

static const struct store_io BAD_IO = {bad_pwrite, bad_fdatasync, bad_reserve, ledger_no_start};

static void short_writes_are_finished(void **state)
{
	struct ledger l;

	(void)state;
	plan.after = plan.count = 0;
	ledger_make(&l);
	store_close(l.store);
	l.io = &BAD_IO;
	plan.cut_short = true;
	ledger_open(&l);
	append_batches(&l, 0, 3);
	plan.cut_short = false;
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
}

/* One run: batches are appended while calls fail, each acknowledged one is remembered. */
static void run_with_failures(uint64_t seed)
{
	struct ledger l;
	uint64_t acknowledged = 0;
	enum err rc;

	plan.after = plan.count = 0;
	ledger_make(&l);
	store_close(l.store);
	l.io = &BAD_IO;
	ledger_open(&l);
	plan.calls = 0;
	plan.after = (int)(next_random(&seed) % 60);
	plan.count = 1 + (int)(next_random(&seed) % 6);
	plan.error = next_random(&seed) % 2 ? ENOSPC : EIO;
	for (int i = 0; i < 40; i++) {
		struct sample s[40];
		struct record r[40];
		uint64_t first, count = 1 + next_random(&seed) % 40;

		for (uint64_t n = 0; n < count; n++) {
			sample_make(&s[n], next_random(&seed) % 50,
			    (int64_t)(next_random(&seed) % 9), 1500);
			r[n] = s[n].record;
		}
		rc = store_append(l.store, r, count, &first, &l.fault);
		if (rc == OK)
			rc = store_commit(l.store, &l.fault);
		if (rc == OK)
			acknowledged += count;
		else
			assert_true(
			    rc == (plan.error == ENOSPC ? ERR_FULL : ERR_IO) || rc == ERR_IO);
		assert_int_equal(store_size(l.store), acknowledged);
		assert_int_equal(store_size_pending(l.store), acknowledged);
	}
	/* It goes on by itself once the disk does. */
	plan.count = 0;
	ledger_append(&l, 1, 100);
	ledger_commit(&l);
	assert_int_equal(store_size(l.store), acknowledged + 1);
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
}

static void failing_calls_leave_the_ledger_as_it_was(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		run_with_failures(seed);
}

static void a_full_disk_is_told_apart_and_passes(void **state)
{
	struct ledger l;
	struct sample s[100];
	struct record r[100];
	uint64_t first;
	enum err rc = OK;

	(void)state;
	plan.after = plan.count = 0;
	ledger_make(&l);
	store_close(l.store);
	l.io = &BAD_IO;
	ledger_open(&l);
	append_batches(&l, 0, 2);
	plan.after = 0;
	plan.count = 1 << 30;
	plan.error = ENOSPC;
	for (uint64_t n = 0; n < 100; n++) {
		sample_make(&s[n], n, 1, 1600);
		r[n] = s[n].record;
	}
	for (int i = 0; i < 100 && rc == OK; i++)
		rc = store_append(l.store, r, 100, &first, &l.fault);
	assert_int_equal(rc, ERR_FULL);
	assert_non_null(strstr(l.fault.text, strerror(ENOSPC)));
	assert_int_equal(store_size(l.store), 20);
	plan.count = 0;
	ledger_reopen(&l);
	append_batches(&l, 20, 2);
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
}

/* In a process of its own, whose files may not pass 3 MiB: a disk that is really full. */
static int fill_up(struct ledger *l)
{
	const struct rlimit small = {3 << 20, RLIM_INFINITY};
	const struct rlimit large = {RLIM_INFINITY, RLIM_INFINITY};
	struct sample s[100];
	struct record r[100];
	uint64_t first, acknowledged = 0;
	enum err rc = OK;

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &small);
	if (ledger_try_open(l, true, &l->store) != OK)
		return 2;
	for (uint64_t n = 0; n < 100; n++) {
		sample_make(&s[n], n, 1, 1600);
		r[n] = s[n].record;
	}
	while (rc == OK) {
		rc = store_append(l->store, r, 100, &first, &l->fault);
		if (rc == OK)
			rc = store_commit(l->store, &l->fault);
		if (rc == OK)
			acknowledged += 100;
	}
	if (rc != ERR_FULL || store_size(l->store) != acknowledged || acknowledged < 1000)
		return 3;
	/* A smaller batch may still fit; it is taken or refused as a whole. */
	rc = store_append(l->store, r, 1, &first, &l->fault);
	if (rc != OK && rc != ERR_FULL)
		return 4;
	acknowledged += rc == OK;
	(void)setrlimit(RLIMIT_FSIZE, &large);
	if (store_append(l->store, r, 100, &first, &l->fault) != OK ||
	    store_commit(l->store, &l->fault) != OK || store_size(l->store) != acknowledged + 100)
		return 5;
	store_close(l->store);
	return 0;
}

static void a_file_that_may_not_grow_stops_and_resumes(void **state)
{
	struct ledger l;
	int status;
	pid_t child;

	(void)state;
	ledger_make(&l);
	store_close(l.store);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(fill_up(&l));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	ledger_open(&l);
	assert_true(store_size(l.store) > 1000);
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(torn_last_batch_is_cut_off_whole),
	    cmocka_unit_test(damage_before_the_end_is_named_with_file_and_byte),
	    cmocka_unit_test(zeros_before_the_end_are_damage_too),
	    cmocka_unit_test(a_checkpoint_of_more_records_than_there_are_is_damage),
	    cmocka_unit_test(a_reader_recovers_what_no_writer_has),
	    cmocka_unit_test(a_reader_waits_while_the_index_is_made),
	    cmocka_unit_test(a_copy_made_beside_a_writer_is_indexed_anew),
	    cmocka_unit_test(large_batches_go_on_in_the_next_segment),
	    cmocka_unit_test(short_writes_are_finished),
	    cmocka_unit_test(failing_calls_leave_the_ledger_as_it_was),
	    cmocka_unit_test(a_full_disk_is_told_apart_and_passes),
	    cmocka_unit_test(a_file_that_may_not_grow_stops_and_resumes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
