/* SPDX-License-Identifier: Apache-2.0 */
/* A node's folder in a temporary place, with a ledger made of STIX objects and views that follow
 * it: for the tests of view/, gate/ and admin/. A clock and a random source of its own. */
#pragma once

#include "temp.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger_io.h"
#include "stix/marking.h"
#include "stix/object.h"
#include "store/people.h"
#include "store/store.h"
#include "view/view.h"

enum { WORLD_TEXT = 2048 };

struct world {
	char dir[TEMP_PATH], ledger[80], views[80];
	usec clock;
	uint64_t seed;
	struct env env;
	struct store *store;
	struct people *people; /* names of accounts: none at first */
	struct arena *arena;
	struct fault fault;
};

static inline usec world_now(void *ctx)
{
	return ((struct world *)ctx)->clock += 1000;
}

static inline void world_random(void *ctx, void *out, size_t n)
{
	fill_random(&((struct world *)ctx)->seed, out, n);
}

#define WORLD_OK(w, expr)                                                                          \
	do {                                                                                       \
		enum err world_rc_ = (expr);                                                       \
		if (world_rc_ != OK)                                                               \
			print_error("%s: %s\n", #expr, (w)->fault.text);                           \
		assert_int_equal(world_rc_, OK);                                                   \
	} while (0)

static inline void world_open(struct world *w)
{
	struct store_options options = {.dir = str_c(w->ledger),
	    .write = true,
	    .create = true,
	    .env = &w->env,
	    .io = &LEDGER_IO};

	WORLD_OK(w, store_open(&w->store, &options, &w->fault));
}

static inline void world_make(struct world *w)
{
	char people[80];

	*w = (struct world){.clock = INT64_C(1700000000000000), .seed = 7};
	w->env = (struct env){world_now, world_random, w};
	w->arena = arena_new((size_t)256 << 20);
	make_folder(w->dir, "world");
	(void)snprintf(w->ledger, sizeof(w->ledger), "%s/ledger", w->dir);
	(void)snprintf(w->views, sizeof(w->views), "%s/views", w->dir);
	assert_int_equal(mkdir(w->ledger, 0700), 0);
	assert_int_equal(mkdir(w->views, 0700), 0);
	(void)snprintf(people, sizeof(people), "%s/people", w->dir);
	assert_int_equal(mkdir(people, 0700), 0);
	WORLD_OK(w, people_open(&w->people, str_c(w->dir), &w->fault));
	world_open(w);
}

static inline void world_end(struct world *w)
{
	if (w->store)
		store_close(w->store);
	people_close(w->people);
	arena_free(w->arena);
	remove_folder(w->dir);
}

/* Appends one object version as core would, without a commit. Returns its number. */
static inline uint64_t world_add_in(
    struct world *w, const char *json, enum tlp tlp, uint32_t feed, usec added)
{
	char label[] = {1, 1, 1, (char)tlp};
	struct stix_object o;
	struct record r;
	uint64_t seq = 0;

	arena_reset(w->arena);
	WORLD_OK(w, stix_object_parse(&o, w->arena, str_c(json), &w->fault));
	r = (struct record){
	    .kind = RECORD_OBJECT,
	    .tag = o.type,
	    .flags = (uint8_t)((o.revoked ? RECORD_FLAG_REVOKED : 0) |
	                       (o.spec == STIX_SPEC_20 ? RECORD_FLAG_SPEC_20 : 0)),
	    .id = o.id,
	    .version = o.version,
	    .label = {label, sizeof(label)},
	    .feed = feed,
	    .added = added,
	    .content = str_c(json),
	};
	WORLD_OK(w, store_append(w->store, &r, 1, &seq, &w->fault));
	return seq;
}

static inline uint64_t world_add(struct world *w, const char *json, enum tlp tlp)
{
	return world_add_in(w, json, tlp, 1, 0);
}

/* A decision, or with content NULL a MEMBER or REMOVAL of an object version. */
static inline uint64_t world_note(struct world *w, enum record_kind kind, const char *id,
    const char *content, int64_t version, uint32_t feed)
{
	char label[] = {1, 1, 1, TLP_CLEAR};
	struct record r = {
	    .kind = kind,
	    .id = str_c(id),
	    .version =
	        kind == RECORD_DECISION ? (int64_t)store_size_pending(w->store) + 1 : version,
	    .label = {label, sizeof(label)},
	    .feed = feed,
	    .content = content ? str_c(content) : STR_NONE,
	};
	uint64_t seq = 0;

	WORLD_OK(w, store_append(w->store, &r, 1, &seq, &w->fault));
	return seq;
}

static inline void world_decide(struct world *w, const char *path, const char *content)
{
	(void)world_note(w, RECORD_DECISION, path, content, 0, 0);
}

static inline void world_commit(struct world *w)
{
	WORLD_OK(w, store_commit(w->store, &w->fault));
}

/* Commits and lets every view take what there is. */
static inline void world_follow(struct world *w)
{
	world_commit(w);
	for (size_t i = 0; VIEW_CLASSES[i]; i++) {
		struct view *v;

		WORLD_OK(w, view_open(&v, VIEW_CLASSES[i], str_c(w->views), w->store, &w->fault));
		WORLD_OK(w, view_catch_up(v, w->store, &w->fault));
		VIEW_CLASSES[i]->close(v);
	}
}

/* An indicator on a value; `n` makes its id, `version` its time. */
static inline void world_indicator(
    char text[WORLD_TEXT], unsigned n, unsigned version, const char *pattern, const char *name)
{
	(void)snprintf(text, WORLD_TEXT,
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\","
	    "\"id\":\"indicator--%08x-0000-4000-8000-%012x\","
	    "\"created_by_ref\":\"identity--00000000-0000-4000-8000-000000000001\","
	    "\"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-%02uT00:00:00.000Z\","
	    "\"name\":\"%s\",\"pattern\":\"%s\",\"pattern_type\":\"stix\","
	    "\"valid_from\":\"2023-01-01T00:00:00Z\"}",
	    n * 2654435761u, n, version + 1, name, pattern);
}
