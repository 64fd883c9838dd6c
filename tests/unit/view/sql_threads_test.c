/* SPDX-License-Identifier: Apache-2.0 */
/* A view's database is dropped and made anew while others of the same process open and read it. */
#include "temp.h"

#include <pthread.h>
#include <stdatomic.h>

#include "view/sql.h"

enum { ROUNDS = 150, READERS = 2 };

static const struct sql_schema WRITE = {
    .name = "thing",
    .version = 1,
    .tables = "CREATE TABLE thing(n INTEGER PRIMARY KEY);",
    .statements = {"INSERT INTO thing VALUES(?)"},
};
static const struct sql_schema READ = {
    .name = "thing",
    .version = 1,
    .statements = {"SELECT count(*) FROM thing"},
};

struct shared {
	char dir[TEMP_PATH];
	_Atomic bool done;
	_Atomic uint64_t wrong, seen;
};

static void look(struct shared *shared, struct sql *q)
{
	int rc = sqlite3_step(q->statements[0]);

	/* A round is whole or not there; between two, there is no such table. */
	if (rc == SQLITE_ROW) {
		int n = sqlite3_column_int(q->statements[0], 0);

		shared->wrong += n != 0 && n != 1;
		shared->seen += n == 1;
	} else if (rc != SQLITE_ERROR && rc != SQLITE_SCHEMA) {
		print_error("%d: %s\n", rc, sqlite3_errmsg(q->db));
		shared->wrong++;
	}
	(void)sqlite3_reset(q->statements[0]);
}

static void *reader(void *arg)
{
	struct shared *shared = arg;

	while (!atomic_load(&shared->done)) {
		struct sql q;
		struct fault fault = {.code = OK};
		enum err rc = sql_open_read(&q, str_c(shared->dir), &READ, &fault);

		if (rc == OK) {
			look(shared, &q);
			sql_close(&q);
		} else if (rc != ERR_NOT_FOUND) {
			print_error("%s\n", fault.text);
			shared->wrong++;
		}
	}
	return NULL;
}

static void what_is_dropped_never_breaks_who_reads(void **state)
{
	static struct shared shared;
	pthread_t threads[READERS];
	struct fault fault = {.code = OK};
	int64_t one = 1;

	(void)state;
	make_folder(shared.dir, "sql");
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, &shared), 0);
	for (int i = 0; i < ROUNDS || (atomic_load(&shared.seen) == 0 && i < 100 * ROUNDS); i++) {
		struct sql q;

		assert_int_equal(sql_open(&q, str_c(shared.dir), &WRITE, &fault), OK);
		assert_int_equal(sql_begin(&q, &fault), OK);
		assert_int_equal(sql_put(&q, 0, &one, 1, &fault), OK);
		assert_int_equal(sqlite3_exec(q.db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
		sql_close(&q);
		assert_int_equal(sql_drop(str_c(shared.dir), &WRITE, &fault), OK);
	}
	atomic_store(&shared.done, true);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(shared.wrong, 0);
	assert_true(shared.seen > 0);
	remove_folder(shared.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_dropped_never_breaks_who_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
