/* SPDX-License-Identifier: Apache-2.0 */
/* A writer that is killed at any moment: what it acknowledged is there, no batch is there in part,
 * and nothing is built anew. */
#include "test.h"

#include <signal.h>
#include <sys/wait.h>

#include "ledger.h"
#include "store/index.h"
#include "store/merkle.h"

enum { ROUNDS = 60, IDS = 40, BATCH_MAX = 50, SEED = 20261122 };

/* Batch k has the same records in every process. */
static size_t batch_make(uint64_t k, struct sample *s, struct record *r)
{
	uint64_t seed = SEED + k * 977;
	size_t count = 1 + next_random(&seed) % BATCH_MAX;

	for (size_t i = 0; i < count; i++) {
		sample_make(&s[i], next_random(&seed) % IDS, (int64_t)(next_random(&seed) % 1000),
		    next_random(&seed) % 1600);
		r[i] = s[i].record;
	}
	return count;
}

/* Never returns: appends batches and says after each commit how many there are. */
static void write_until_killed(struct ledger *l, uint64_t k, int out)
{
	struct sample *s = calloc(BATCH_MAX, sizeof(*s));
	struct record *r = calloc(BATCH_MAX, sizeof(*r));
	uint64_t first;

	if (ledger_try_open(l, true, &l->store) != OK)
		_exit(3);
	for (;; k++) {
		size_t count = batch_make(k, s, r);

		if (store_append(l->store, r, count, &first, NULL) != OK)
			_exit(4);
		if (k % 3 == 0)
			continue; /* group commit: acknowledged with the next one */
		if (store_commit(l->store, NULL) != OK)
			_exit(5);
		k++;
		if (write(out, &k, sizeof(k)) != sizeof(k))
			_exit(6);
		k--;
	}
}

/* Starts a writer, lets it acknowledge some batches, kills it; the last acknowledged count. */
static uint64_t kill_a_writer(struct ledger *l, uint64_t k, uint64_t *seed)
{
	uint64_t acknowledged = k, wanted = next_random(seed) % 12;
	volatile uint64_t idle = next_random(seed) % 200000;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(ends[0]);
		write_until_killed(l, k, ends[1]);
	}
	(void)close(ends[1]);
	for (uint64_t i = 0; i < wanted; i++)
		assert_int_equal(read(ends[0], &acknowledged, sizeof(k)), sizeof(k));
	while (idle > 0)
		idle--;
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	/* What it could still say before it died counts too. */
	while (read(ends[0], &acknowledged, sizeof(k)) == sizeof(k))
		;
	(void)close(ends[0]);
	return acknowledged;
}

/* Which batch the ledger ends with; it must be the end of one, and all records those batches'. */
static uint64_t count_batches(struct ledger *l, uint64_t from, uint64_t *seq)
{
	struct sample *s = calloc(BATCH_MAX, sizeof(*s));
	struct record *r = calloc(BATCH_MAX, sizeof(*r));
	uint64_t size = store_size(l->store);

	for (; *seq < size; from++) {
		size_t count = batch_make(from, s, r);

		assert_true(*seq + count <= size);
		for (size_t i = 0; i < count; i++, (*seq)++) {
			assert_true(str_eq(store_id(l->store, *seq), r[i].id));
			assert_true(str_eq(store_content(l->store, *seq), r[i].content));
			assert_int_equal(store_row(l->store, *seq)->version, r[i].version);
			assert_int_not_equal(
			    store_find_version(l->store, r[i].id, r[i].version), STORE_NONE);
		}
	}
	free(s);
	free(r);
	return from;
}

static void kill_at_any_moment_loses_nothing_acknowledged(void **state)
{
	struct ledger l;
	uint64_t seed = SEED, batches = 0, seq = 0, acknowledged, inode = 0;
	struct stat st;
	char path[256];

	(void)state;
	print_message("seed %d\n", SEED);
	ledger_make(&l);
	(void)snprintf(path, sizeof(path), "%s/index/head", l.dir);
	assert_int_equal(stat(path, &st), 0);
	inode = st.st_ino;
	for (int round = 0; round < ROUNDS; round++) {
		store_close(l.store);
		acknowledged = kill_a_writer(&l, batches, &seed);
		ledger_open(&l);
		batches = count_batches(&l, batches, &seq);
		assert_true(batches >= acknowledged);
		if (round % 20 == 10)
			ledger_compare_with_rebuilt(&l);
		else if (round < 10) {
			assert_int_equal(stat(path, &st), 0);
			assert_int_equal(st.st_ino, inode);
		}
	}
	ledger_compare_with_rebuilt(&l);
	print_message("%d kills, %llu records\n", ROUNDS, (unsigned long long)seq);
	ledger_remove(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kill_at_any_moment_loses_nothing_acknowledged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
