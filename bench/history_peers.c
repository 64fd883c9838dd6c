/* SPDX-License-Identifier: Apache-2.0 */
/* The same batches into LMDB, SQLite or RocksDB: a row a value, source and hour (count, first,
 * last), each batch one durable transaction, rows of one key joined as the history joins them.
 * Built by bench/history, which has the libraries installed; no part of the product.
 *
 *   history_peers lmdb|sqlite|rocksdb FILE_OF_BATCHES DIR   prints observations, seconds, bytes */
#include <lmdb.h>
#include <rocksdb/c.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { KEY = 500 };

struct row {
	uint16_t n;
	unsigned char key[KEY + 8]; /* then source and hour */
	uint32_t values[4];         /* hour, count, first, last */
};

static void must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "history_peers: %s failed\n", what);
	exit(1);
}

static int next_batch(FILE *f, uint32_t *count)
{
	return fread(count, sizeof(*count), 1, f) == 1;
}

static void next_row(FILE *f, struct row *r, uint32_t source)
{
	must(fread(&r->n, sizeof(r->n), 1, f) == 1 && r->n <= KEY, "reading");
	must(fread(r->key, 1, r->n, f) == r->n && fread(r->values, 16, 1, f) == 1, "reading");
	memcpy(r->key + r->n, &source, 4);
	for (int i = 0; i < 4; i++)
		r->key[r->n + 4 + i] = (unsigned char)(r->values[0] >> (24 - 8 * i));
	r->n = (uint16_t)(r->n + 8);
}

static void join(uint32_t to[3], const uint32_t from[3])
{
	to[0] += from[0];
	to[1] = from[1] < to[1] ? from[1] : to[1];
	to[2] = from[2] > to[2] ? from[2] : to[2];
}

static double used(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static uint64_t lmdb(FILE *f, const char *dir)
{
	MDB_env *env;
	MDB_dbi dbi;
	uint64_t seen = 0;
	uint32_t count, batch = 0;
	struct row r;

	must(!mdb_env_create(&env) && !mdb_env_set_mapsize(env, (size_t)64 << 30) &&
	         !mdb_env_open(env, dir, 0, 0600),
	    "LMDB");
	for (; next_batch(f, &count); batch++) {
		MDB_txn *txn;

		must(!mdb_txn_begin(env, NULL, 0, &txn) && !mdb_dbi_open(txn, NULL, 0, &dbi),
		    "LMDB");
		for (; count > 0; count--) {
			MDB_val key, old, value;
			uint32_t v[3];

			next_row(f, &r, batch % 4);
			memcpy(v, r.values + 1, sizeof(v));
			seen += v[0];
			key = (MDB_val){r.n, r.key};
			if (mdb_get(txn, dbi, &key, &old) == 0)
				join(v, old.mv_data);
			value = (MDB_val){sizeof(v), v};
			must(!mdb_put(txn, dbi, &key, &value, 0), "LMDB put");
		}
		must(!mdb_txn_commit(txn), "LMDB commit");
	}
	mdb_env_close(env);
	return seen;
}

static uint64_t sqlite(FILE *f, const char *dir)
{
	sqlite3 *db;
	sqlite3_stmt *put;
	char path[4096];
	uint64_t seen = 0;
	uint32_t count, batch = 0;
	struct row r;

	snprintf(path, sizeof(path), "%s/db", dir);
	must(!sqlite3_open(path, &db), "SQLite");
	must(!sqlite3_exec(db,
	         "pragma journal_mode=wal; pragma synchronous=full; pragma cache_size=-262144;"
	         "create table h(k blob primary key, c int, a int, z int) without rowid",
	         NULL, NULL, NULL),
	    "SQLite");
	must(!sqlite3_prepare_v2(db,
	         "insert into h values(?,?,?,?) on conflict do update set "
	         "c=c+excluded.c,a=min(a,excluded.a),z=max(z,excluded.z)",
	         -1, &put, NULL),
	    "SQLite");
	for (; next_batch(f, &count); batch++) {
		sqlite3_exec(db, "begin", NULL, NULL, NULL);
		for (; count > 0; count--) {
			next_row(f, &r, batch % 4);
			seen += r.values[1];
			sqlite3_bind_blob(put, 1, r.key, r.n, SQLITE_STATIC);
			for (int i = 1; i < 4; i++)
				sqlite3_bind_int64(put, i + 1, r.values[i]);
			must(sqlite3_step(put) == SQLITE_DONE, "SQLite insert");
			sqlite3_reset(put);
		}
		must(!sqlite3_exec(db, "commit", NULL, NULL, NULL), "SQLite commit");
	}
	sqlite3_finalize(put);
	sqlite3_close(db);
	return seen;
}

static uint64_t rocksdb(FILE *f, const char *dir)
{
	rocksdb_options_t *options = rocksdb_options_create();
	rocksdb_writeoptions_t *write = rocksdb_writeoptions_create();
	rocksdb_flushoptions_t *flush = rocksdb_flushoptions_create();
	rocksdb_t *db;
	char *error = NULL;
	uint64_t seen = 0;
	uint32_t count, batch = 0;
	struct row r;

	rocksdb_options_set_create_if_missing(options, 1);
	rocksdb_options_set_compression(options, rocksdb_lz4_compression);
	rocksdb_writeoptions_set_sync(write, 1);
	db = rocksdb_open(options, dir, &error);
	must(!error, "RocksDB");
	for (; next_batch(f, &count); batch++) {
		rocksdb_writebatch_t *rows = rocksdb_writebatch_create();

		/* Batches of one source and hour hardly meet: rows are not joined here, which is in
		 * its favour. */
		for (; count > 0; count--) {
			next_row(f, &r, batch % 4);
			seen += r.values[1];
			rocksdb_writebatch_put(
			    rows, (const char *)r.key, r.n, (const char *)(r.values + 1), 12);
		}
		rocksdb_write(db, write, rows, &error);
		must(!error, "RocksDB write");
		rocksdb_writebatch_destroy(rows);
	}
	rocksdb_flush(db, flush, &error);
	rocksdb_compact_range(db, NULL, 0, NULL, 0);
	rocksdb_close(db);
	return seen;
}

int main(int argc, char **argv)
{
	FILE *f = argc == 4 ? fopen(argv[2], "r") : NULL;
	double start = used();
	uint64_t seen = 0;

	must(f != NULL, "opening the batches");
	if (strcmp(argv[1], "lmdb") == 0)
		seen = lmdb(f, argv[3]);
	else if (strcmp(argv[1], "sqlite") == 0)
		seen = sqlite(f, argv[3]);
	else
		seen = rocksdb(f, argv[3]);
	printf("%llu %.3f\n", (unsigned long long)seen, used() - start);
	fclose(f);
	return 0;
}
