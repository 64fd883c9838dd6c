/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing contents: a writer that dies at whatever write, also within one, leaves a ledger that the
 * next writer finishes: no record is half erased, and none without its tombstone. */
#include "test.h"

#include <sys/wait.h>

#include "ledger.h"
#include "store/merkle.h"
#include "store/verify.h"

enum { RECORDS = 24, BATCH = 6, DIED = 9 };

/* Two of one batch, one of another, and the first of all. */
static const uint64_t TARGETS[] = {0, 8, 10, 20};
enum { TARGET_COUNT = sizeof(TARGETS) / sizeof(TARGETS[0]) };

/* The child's: how many calls until it dies, and whether the last write is cut in half. */
static int calls_left;
static bool torn;

static void call(void)
{
	if (calls_left-- == 0)
		_exit(DIED);
}

static ssize_t dying_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	if (calls_left == 0 && torn)
		(void)!pwrite(fd, bytes, n / 2, at);
	call();
	return pwrite(fd, bytes, n, at);
}

static int dying_sync(int fd)
{
	(void)fd;
	call();
	return 0;
}

static const struct store_io DYING_IO = {
    dying_pwrite, dying_sync, posix_fallocate, ledger_no_start};

static void fill(struct ledger *l)
{
	ledger_make(l);
	for (uint64_t i = 0; i < RECORDS; i += BATCH) {
		struct sample s[BATCH];
		struct record r[BATCH];
		uint64_t first;

		for (uint64_t k = 0; k < BATCH; k++) {
			sample_make(&s[k], i + k, 1, 200 + (i + k) * 30);
			r[k] = s[k].record;
		}
		assert_int_equal(store_append(l->store, r, BATCH, &first, &l->fault), OK);
	}
	ledger_commit(l);
}

static enum err bury(struct ledger *l, const uint64_t *targets, size_t count)
{
	struct arena *arena = arena_new(1 << 20);
	struct record r[RECORDS];
	uint64_t first;
	enum err rc;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(store_tombstone(&r[i], l->store, targets[i], S("{\"by\":\"me\"}"),
		                     arena, &l->fault),
		    OK);
		r[i].version += (int64_t)i;
		r[i].label = S("TLP:RED");
	}
	rc = store_append(l->store, r, count, &first, &l->fault);
	if (rc == OK)
		rc = store_commit(l->store, &l->fault);
	arena_free(arena);
	return rc;
}

static bool is_target(uint64_t seq)
{
	for (size_t i = 0; i < TARGET_COUNT; i++)
		if (TARGETS[i] == seq)
			return true;
	return false;
}

/* All of the targets are erased, or none; nothing else is. */
static bool check_contents(struct ledger *l)
{
	bool erased = store_tombstone_of(store_row(l->store, TARGETS[0])) != STORE_NONE;

	for (uint64_t seq = 0; seq < RECORDS; seq++) {
		struct sha256 hash;
		struct sample s;
		struct record r;

		store_record(l->store, seq, &r);
		sample_make(&s, seq, 1, 200 + seq * 30);
		hash = sha256(s.record.content);
		assert_memory_equal(r.hash.b, hash.b, SHA256_LEN);
		assert_int_equal(store_erased(&r), erased && is_target(seq));
		assert_int_equal(store_tombstone_of(store_row(l->store, seq)) != STORE_NONE,
		    erased && is_target(seq));
		if (!store_erased(&r))
			assert_true(str_eq(r.content, s.record.content));
	}
	return erased;
}

static bool note_is_there(const struct ledger *l)
{
	char path[TEMP_PATH + 16];

	(void)snprintf(path, sizeof(path), "%s/purge", l->dir);
	return access(path, F_OK) == 0;
}

/* Dies at the n-th write or sync; false when it came to its end before. */
static bool die_at(struct ledger *l, int n, bool half)
{
	int status;
	pid_t child;

	store_close(l->store);
	l->store = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (ledger_try_open(l, true, &l->store) != OK)
			_exit(1);
		/* Opening writes too: from here on it counts. */
		calls_left = n;
		torn = half;
		_exit(bury(l, TARGETS, TARGET_COUNT) == OK ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DIED);
	return WEXITSTATUS(status) == DIED;
}

static unsigned die_everywhere(bool half, bool forget_index)
{
	unsigned finished_later = 0;
	bool died = true;

	for (int n = 0; died; n++) {
		struct sha256 before, after;
		struct ledger l;
		bool noted;

		fill(&l);
		assert_int_equal(store_root(l.store, RECORDS, &before, NULL), OK);
		l.io = &DYING_IO;
		calls_left = -1;
		died = die_at(&l, n, half);
		noted = note_is_there(&l);
		l.io = &LEDGER_IO;
		if (forget_index) {
			char path[TEMP_PATH + 16];

			(void)snprintf(path, sizeof(path), "%s/index/head", l.dir);
			assert_int_equal(unlink(path), 0);
		}
		ledger_open(&l);
		/* Once it is said that something will be written, the tombstones are there. */
		assert_true(check_contents(&l) || (died && !noted));
		finished_later += noted;
		assert_false(note_is_there(&l));
		assert_int_equal(store_root(l.store, RECORDS, &after, NULL), OK);
		assert_memory_equal(before.b, after.b, SHA256_LEN);
		ledger_compare_with_rebuilt(&l);
		(void)check_contents(&l);
		ledger_remove(&l);
		assert_true(n < 1000);
	}
	return finished_later;
}

/* G19 */
static void a_purge_is_finished_whenever_the_writer_dies(void **state)
{
	(void)state;
	/* Four contents and three frames, each written and put on disk. */
	assert_true(die_everywhere(false, false) >= 14);
}

static void a_purge_is_finished_after_a_write_that_was_torn(void **state)
{
	(void)state;
	assert_true(die_everywhere(true, false) >= 14);
}

static void a_purge_is_finished_when_the_index_is_lost_too(void **state)
{
	(void)state;
	assert_true(die_everywhere(true, true) >= 14);
}

static void what_was_purged_stays_so_and_more_can_be(void **state)
{
	const uint64_t more[] = {9, 11};
	struct record r;
	struct ledger l;

	(void)state;
	fill(&l);
	assert_int_equal(bury(&l, TARGETS, TARGET_COUNT), OK);
	assert_true(check_contents(&l));
	/* Others of a batch that was changed before. */
	assert_int_equal(bury(&l, more, 2), OK);
	(void)ledger_append(&l, 500, 1);
	ledger_commit(&l);
	ledger_compare_with_rebuilt(&l);
	ledger_reopen(&l);
	for (size_t i = 0; i < 2; i++) {
		store_record(l.store, more[i], &r);
		assert_true(store_erased(&r));
	}
	store_record(l.store, 7, &r);
	assert_false(store_erased(&r));
	ledger_remove(&l);
}

/* More than fit into one note. */
static void many_are_purged_at_once(void **state)
{
	enum { MANY = 700 };
	struct record *stones = calloc(MANY, sizeof(*stones)), r;
	struct arena *arena = arena_new(1 << 20);
	struct ledger l;
	uint64_t first;

	(void)state;
	ledger_make(&l);
	for (uint64_t i = 0; i < MANY; i++) {
		(void)ledger_append(&l, i, 1);
		if (i % 7 == 0)
			ledger_commit(&l);
	}
	ledger_commit(&l);
	for (uint64_t i = 0; i < MANY; i++) {
		assert_int_equal(
		    store_tombstone(&stones[i], l.store, i, S("{}"), arena, &l.fault), OK);
		stones[i].version += (int64_t)i;
		stones[i].label = S("TLP:RED");
	}
	assert_int_equal(store_append(l.store, stones, MANY, &first, &l.fault), OK);
	ledger_commit(&l);
	for (uint64_t i = 0; i < MANY; i++) {
		store_record(l.store, i, &r);
		assert_true(store_erased(&r));
	}
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
	arena_free(arena);
	free(stones);
}

static void a_tombstone_of_something_else_purges_nothing(void **state)
{
	const uint64_t targets[] = {3};
	struct arena *arena = arena_new(1 << 20);
	struct ledger l;
	struct record r;
	uint64_t first;
	char *bytes;

	(void)state;
	fill(&l);
	assert_int_equal(store_tombstone(&r, l.store, 3, S("{}"), arena, &l.fault), OK);
	/* Another hash than the record has. */
	bytes = memcpy(arena_alloc(arena, r.content.n), r.content.p, r.content.n);
	bytes[20] = (char)(bytes[20] ^ 1);
	r.content.p = bytes;
	r.label = S("TLP:RED");
	assert_int_equal(store_append(l.store, &r, 1, &first, &l.fault), OK);
	ledger_commit(&l);
	assert_int_equal(store_tombstone_of(store_row(l.store, 3)), STORE_NONE);
	store_record(l.store, 3, &r);
	assert_false(store_erased(&r));
	/* And is not in the way of a good one. */
	assert_int_equal(bury(&l, targets, 1), OK);
	store_record(l.store, 3, &r);
	assert_true(store_erased(&r));
	arena_free(arena);
	ledger_remove(&l);
}

static void a_note_that_cannot_be_read_is_damage(void **state)
{
	static const char *const NOTES[] = {
	    "", "x", "tocsin purge 1\n", "tocsin purge 1\n\0\0\0\0"};
	struct ledger l;

	(void)state;
	fill(&l);
	store_close(l.store);
	for (size_t i = 0; i < sizeof(NOTES) / sizeof(NOTES[0]); i++) {
		char path[TEMP_PATH + 16];
		int fd;

		(void)snprintf(path, sizeof(path), "%s/purge", l.dir);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, NOTES[i], strlen(NOTES[i])), strlen(NOTES[i]));
		(void)close(fd);
		assert_int_equal(ledger_try_open(&l, true, &l.store), ERR_CORRUPT);
		assert_non_null(strstr(l.fault.text, "/purge"));
		assert_int_equal(unlink(path), 0);
	}
	ledger_open(&l);
	(void)check_contents(&l);
	ledger_remove(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_purge_is_finished_whenever_the_writer_dies),
	    cmocka_unit_test(a_purge_is_finished_after_a_write_that_was_torn),
	    cmocka_unit_test(a_purge_is_finished_when_the_index_is_lost_too),
	    cmocka_unit_test(what_was_purged_stays_so_and_more_can_be),
	    cmocka_unit_test(many_are_purged_at_once),
	    cmocka_unit_test(a_tombstone_of_something_else_purges_nothing),
	    cmocka_unit_test(a_note_that_cannot_be_read_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
