/* SPDX-License-Identifier: Apache-2.0 */
/* Ledgers in temporary folders for the tests of this folder: a clock and a random source of their
 * own, records made from a number. */
#pragma once

#include "temp.h"

#include <string.h>

#include "ledger_io.h"
#include "store/store.h"

struct ledger {
	char dir[TEMP_PATH];
	usec clock;
	uint64_t seed;
	struct env env;
	const struct store_io *io;
	struct store *store;
	struct fault fault;
};

static inline usec ledger_now(void *ctx)
{
	struct ledger *l = ctx;

	return l->clock++;
}

static inline void ledger_random(void *ctx, void *out, size_t n)
{
	fill_random(&((struct ledger *)ctx)->seed, out, n);
}

static inline enum err ledger_try_open(struct ledger *l, bool write, struct store **out)
{
	struct store_options options = {
	    .dir = str_c(l->dir),
	    .write = write,
	    .create = write,
	    .env = &l->env,
	    .io = l->io,
	};

	return store_open(out, &options, &l->fault);
}

static inline void ledger_open(struct ledger *l)
{
	enum err rc = ledger_try_open(l, true, &l->store);

	if (rc != OK)
		print_error("%s\n", l->fault.text);
	assert_int_equal(rc, OK);
}

static inline void ledger_make(struct ledger *l)
{
	*l = (struct ledger){.clock = INT64_C(1700000000000000), .seed = 1, .io = &LEDGER_IO};
	l->env = (struct env){ledger_now, ledger_random, l};
	make_folder(l->dir, "ledger");
	ledger_open(l);
}

static inline void ledger_reopen(struct ledger *l)
{
	store_close(l->store);
	ledger_open(l);
}

static inline void ledger_remove(struct ledger *l)
{
	store_close(l->store);
	remove_folder(l->dir);
}

/* A record made from a number; id and content live in `text`. */
struct sample {
	char id[64];
	char content[1600];
	struct record record;
};

static inline void sample_make(struct sample *s, uint64_t id, int64_t version, size_t content)
{
	uint64_t seed = id * 31 + (uint64_t)version;
	int n = snprintf(s->id, sizeof(s->id), "indicator--%08x-0000-4000-8000-%012llx",
	    (unsigned)id, (unsigned long long)id);

	if (content > sizeof(s->content))
		content = sizeof(s->content);
	for (size_t i = 0; i < content; i++)
		s->content[i] = (char)('a' + next_random(&seed) % 26);
	s->record = (struct record){
	    .kind = RECORD_OBJECT,
	    .tag = (uint16_t)(id % 7),
	    .id = {s->id, (size_t)n},
	    .version = version,
	    .label = id % 3 ? S("TLP:GREEN") : S("TLP:RED"),
	    .source = (uint32_t)(id % 5),
	    .feed = 1,
	    .content = {s->content, content},
	};
}

static inline uint64_t ledger_append(struct ledger *l, uint64_t id, int64_t version)
{
	struct sample s;
	uint64_t seq = STORE_NONE;

	sample_make(&s, id, version, 100 + id % 400);
	assert_int_equal(store_append(l->store, &s.record, 1, &seq, &l->fault), OK);
	return seq;
}

static inline void ledger_commit(struct ledger *l)
{
	assert_int_equal(store_commit(l->store, &l->fault), OK);
}

/* Every row and the root, before and after the index is built from nothing. */
static inline void ledger_compare_with_rebuilt(struct ledger *l)
{
	uint64_t size = store_size(l->store);
	struct row *rows = calloc(size + 1, sizeof(*rows));
	struct sha256 root, again;
	char path[256];

	for (uint64_t n = 0; n < size; n++)
		rows[n] = *store_row(l->store, n);
	assert_int_equal(store_root(l->store, size, &root, NULL), OK);
	store_close(l->store);
	(void)snprintf(path, sizeof(path), "%s/index/head", l->dir);
	assert_int_equal(unlink(path), 0);
	ledger_open(l);
	assert_int_equal(store_size(l->store), size);
	for (uint64_t n = 0; n < size; n++)
		assert_memory_equal(&rows[n], store_row(l->store, n), sizeof(rows[n]));
	assert_int_equal(store_root(l->store, size, &again, NULL), OK);
	assert_memory_equal(root.b, again.b, SHA256_LEN);
	free(rows);
}
