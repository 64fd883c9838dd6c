/* SPDX-License-Identifier: Apache-2.0 */
/* One thread writes, others of the same process read what is committed. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "ledger.h"

enum { BATCHES = 300, BATCH = 40, IDS = 97, READERS = 2 };

struct shared {
	struct ledger l;
	_Atomic bool done;
};

/* Every committed record is whole, and its id leads to a version that is not older. */
static void *follow(void *arg)
{
	struct shared *shared = arg;
	struct store *s = shared->l.store;
	uint64_t seen = 0, end, wrong = 0;
	bool last;

	do {
		last = atomic_load(&shared->done);
		end = store_size(s);
		for (; seen < end; seen++) {
			struct record r;
			struct sha256 hash;
			/* Asked first: a newer version may be committed at any moment. */
			bool superseded = store_superseded(store_row(s, seen));
			uint64_t newest;

			store_record(s, seen, &r);
			hash = sha256(r.content);
			newest = store_find(s, r.id);
			wrong += !sha256_eq(&hash, &r.hash);
			wrong += newest == STORE_NONE || store_row(s, newest)->version < r.version;
			wrong += store_find_version(s, r.id, r.version) == STORE_NONE;
			wrong += superseded && newest == seen;
		}
	} while (!last);
	return (void *)(uintptr_t)wrong;
}

static void followers_read_while_one_thread_writes(void **state)
{
	struct shared shared = {.done = false};
	struct sample *s = calloc(BATCH, sizeof(*s));
	struct record r[BATCH];
	pthread_t threads[READERS];
	uint64_t seed = 9, first;
	void *wrong;

	(void)state;
	ledger_make(&shared.l);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, follow, &shared), 0);
	for (uint64_t b = 0; b < BATCHES; b++) {
		for (uint64_t i = 0; i < BATCH; i++) {
			sample_make(&s[i], next_random(&seed) % (IDS + b * 10),
			    (int64_t)(next_random(&seed) % 1000), 200);
			r[i] = s[i].record;
		}
		assert_int_equal(store_append(shared.l.store, r, BATCH, &first, NULL), OK);
		ledger_commit(&shared.l);
	}
	atomic_store(&shared.done, true);
	for (size_t i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_int_equal(store_size(shared.l.store), BATCHES * BATCH);
	ledger_remove(&shared.l);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(followers_read_while_one_thread_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
