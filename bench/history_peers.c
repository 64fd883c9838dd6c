/* SPDX-License-Identifier: Apache-2.0 */
/* What else could keep the history: takes the batches that history_bench leaves, each as one
 * durable transaction, into a table of (key, hour) to count, first and last second, where what is
 * there is added to.
 *
 *   history_peers lmdb|rocksdb|sqlite DIR BATCHES
 *
 * prints "ROWS SECONDS BYTES": rows taken, processor time of all threads, and bytes on disk. Built
 * by bench/history where the libraries are. */
#include <dirent.h>
#include <lmdb.h>
#include <rocksdb/c.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { KEY_MAX = 2048, PATH_BYTES = 4096 };

struct row {
	char key[KEY_MAX]; /* and the hour, most significant byte first */
	size_t n;
	uint32_t count, first, last;
};

struct peer {
	void (*open)(const char *dir);
	void (*begin)(void);
	void (*take)(const struct row *row);
	void (*commit)(void);
	void (*close)(void);
};

static void need(int good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "history_peers: %s\n", what);
	exit(1);
}

static void add(uint32_t value[3], const struct row *row)
{
	value[0] += row->count;
	value[1] = row->first < value[1] ? row->first : value[1];
	value[2] = row->last > value[2] ? row->last : value[2];
}

static char path[PATH_BYTES];

static const char *in_dir(const char *dir, const char *name)
{
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* ---- LMDB ---- */

static MDB_env *lmdb;
static MDB_txn *lmdb_txn;
static MDB_dbi lmdb_dbi;

static void lmdb_open(const char *dir)
{
	need(mdb_env_create(&lmdb) == 0 && mdb_env_set_mapsize(lmdb, (size_t)64 << 30) == 0 &&
	         mdb_env_open(lmdb, dir, 0, 0600) == 0,
	    "lmdb");
}

static void lmdb_begin(void)
{
	need(mdb_txn_begin(lmdb, NULL, 0, &lmdb_txn) == 0 &&
	         mdb_dbi_open(lmdb_txn, NULL, 0, &lmdb_dbi) == 0,
	    "lmdb: begin");
}

static void lmdb_take(const struct row *row)
{
	uint32_t value[3] = {0, UINT32_MAX, 0};
	MDB_val key = {row->n, (void *)row->key}, old, fresh = {sizeof(value), value};

	if (mdb_get(lmdb_txn, lmdb_dbi, &key, &old) == 0)
		memcpy(value, old.mv_data, sizeof(value));
	add(value, row);
	need(mdb_put(lmdb_txn, lmdb_dbi, &key, &fresh, 0) == 0, "lmdb: put");
}

static void lmdb_commit(void)
{
	need(mdb_txn_commit(lmdb_txn) == 0, "lmdb: commit");
}

static void lmdb_close(void)
{
	mdb_env_close(lmdb);
}

/* ---- RocksDB ---- */

static rocksdb_t *rocks;
static rocksdb_writebatch_wi_t *rocks_batch;
static rocksdb_writeoptions_t *rocks_write;
static rocksdb_readoptions_t *rocks_read;

static void rocks_open(const char *dir)
{
	rocksdb_options_t *o = rocksdb_options_create();
	rocksdb_block_based_table_options_t *t = rocksdb_block_based_options_create();
	char *error = NULL;

	rocksdb_options_set_create_if_missing(o, 1);
	rocksdb_options_increase_parallelism(o, 2);
	rocksdb_options_optimize_level_style_compaction(o, (uint64_t)512 << 20);
	rocksdb_block_based_options_set_filter_policy(t, rocksdb_filterpolicy_create_bloom(10));
	rocksdb_options_set_block_based_table_factory(o, t);
	rocksdb_options_set_compression(o, rocksdb_zstd_compression);
	rocks = rocksdb_open(o, dir, &error);
	need(!error, "rocksdb");
	rocks_write = rocksdb_writeoptions_create();
	rocksdb_writeoptions_set_sync(rocks_write, 1);
	rocks_read = rocksdb_readoptions_create();
}

static void rocks_begin(void)
{
	rocks_batch = rocksdb_writebatch_wi_create(1 << 20, 1);
}

/* Each row of a batch has a key of its own, so the store alone is asked. */
static void rocks_take(const struct row *row)
{
	uint32_t value[3] = {0, UINT32_MAX, 0};
	char *error = NULL;
	rocksdb_pinnableslice_t *old =
	    rocksdb_get_pinned(rocks, rocks_read, row->key, row->n, &error);
	size_t n;
	const char *bytes = old ? rocksdb_pinnableslice_value(old, &n) : NULL;

	need(!error, "rocksdb: get");
	if (bytes)
		memcpy(value, bytes, sizeof(value));
	if (old)
		rocksdb_pinnableslice_destroy(old);
	add(value, row);
	rocksdb_writebatch_wi_put(
	    rocks_batch, row->key, row->n, (const char *)value, sizeof(value));
}

static void rocks_commit(void)
{
	char *error = NULL;

	rocksdb_write_writebatch_wi(rocks, rocks_write, rocks_batch, &error);
	need(!error, "rocksdb: write");
	rocksdb_writebatch_wi_destroy(rocks_batch);
}

static void rocks_close(void)
{
	rocksdb_close(rocks);
}

/* ---- SQLite ---- */

static sqlite3 *lite;
static sqlite3_stmt *lite_put;

static void lite_run(const char *sql)
{
	need(sqlite3_exec(lite, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(lite));
}

static void lite_open(const char *dir)
{
	need(sqlite3_open(in_dir(dir, "db"), &lite) == SQLITE_OK, "sqlite");
	lite_run(
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -262144;"
	    "CREATE TABLE seen (key BLOB PRIMARY KEY, count INT, first INT, last INT)"
	    " WITHOUT ROWID");
	need(sqlite3_prepare_v2(lite,
	         "INSERT INTO seen VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO UPDATE SET"
	         " count = count + ?2, first = min(first, ?3), last = max(last, ?4)",
	         -1, &lite_put, NULL) == SQLITE_OK,
	    sqlite3_errmsg(lite));
}

static void lite_begin(void)
{
	lite_run("BEGIN");
}

static void lite_take(const struct row *row)
{
	sqlite3_bind_blob(lite_put, 1, row->key, (int)row->n, SQLITE_STATIC);
	sqlite3_bind_int64(lite_put, 2, row->count);
	sqlite3_bind_int64(lite_put, 3, row->first);
	sqlite3_bind_int64(lite_put, 4, row->last);
	need(sqlite3_step(lite_put) == SQLITE_DONE, sqlite3_errmsg(lite));
	sqlite3_reset(lite_put);
}

static void lite_commit(void)
{
	lite_run("COMMIT");
}

static void lite_close(void)
{
	sqlite3_finalize(lite_put);
	need(sqlite3_close(lite) == SQLITE_OK, "sqlite: close");
}

/* ---- the same for each ---- */

static const struct {
	const char *name;
	struct peer peer;
} PEERS[] = {
    {"lmdb", {lmdb_open, lmdb_begin, lmdb_take, lmdb_commit, lmdb_close}},
    {"rocksdb", {rocks_open, rocks_begin, rocks_take, rocks_commit, rocks_close}},
    {"sqlite", {lite_open, lite_begin, lite_take, lite_commit, lite_close}},
};

static double used(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int read_row(FILE *f, struct row *row)
{
	uint32_t numbers[4];
	uint16_t n;

	if (fread(&n, sizeof(n), 1, f) != 1 || n > KEY_MAX - 4 || fread(row->key, 1, n, f) != n ||
	    fread(numbers, sizeof(numbers), 1, f) != 1)
		return 0;
	for (int i = 0; i < 4; i++)
		row->key[n + i] = (char)(numbers[0] >> (24 - 8 * i));
	row->n = (size_t)n + 4;
	row->count = numbers[1];
	row->first = numbers[2];
	row->last = numbers[3];
	return 1;
}

static unsigned long long bytes_in(const char *dir)
{
	unsigned long long all = 0;
	struct dirent *e;
	struct stat s;
	DIR *d = opendir(dir);

	need(d != NULL, dir);
	while ((e = readdir(d)))
		if (stat(in_dir(dir, e->d_name), &s) == 0 && S_ISREG(s.st_mode))
			all += (unsigned long long)s.st_blocks * 512;
	(void)closedir(d);
	return all;
}

int main(int argc, char **argv)
{
	const struct peer *peer = NULL;
	unsigned long long rows = 0;
	double start, reading = 0;
	static struct row row;
	uint32_t count;
	FILE *f;

	need(argc == 4, "usage: history_peers lmdb|rocksdb|sqlite DIR BATCHES");
	for (size_t i = 0; i < sizeof(PEERS) / sizeof(PEERS[0]); i++)
		if (strcmp(PEERS[i].name, argv[1]) == 0)
			peer = &PEERS[i].peer;
	f = fopen(argv[3], "rb");
	need(peer && f, "no such peer or batches");
	/* Reading is nobody's time: once for nothing. */
	start = used();
	while (fread(&count, sizeof(count), 1, f) == 1)
		for (uint32_t i = 0; i < count; i++)
			need(read_row(f, &row), "batches: damaged");
	reading = used() - start;
	rewind(f);
	start = used();
	peer->open(argv[2]);
	while (fread(&count, sizeof(count), 1, f) == 1) {
		peer->begin();
		for (uint32_t i = 0; i < count; i++, rows++) {
			need(read_row(f, &row), "batches: damaged");
			peer->take(&row);
		}
		peer->commit();
	}
	peer->close();
	printf("%llu %.3f %llu\n", rows, used() - start - reading, bytes_in(argv[2]));
	(void)fclose(f);
	return 0;
}
