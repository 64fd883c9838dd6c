/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "stix/object.h"
#include "stix/type.h"
#include "sys/env.h"
#include "view/indicators.h"
#include "view/live/patterns.h"
#include "view/view.h"

struct node {
	char dir[64], ledger[96], views[96];
	struct store *store;
	const struct view_class *class;
};

static void node_open(struct node *n)
{
	(void)snprintf(n->dir, sizeof(n->dir), "/tmp/tocsin-match-XXXXXX");
	assert_non_null(mkdtemp(n->dir));
	(void)snprintf(n->ledger, sizeof(n->ledger), "%s/ledger", n->dir);
	(void)snprintf(n->views, sizeof(n->views), "%s/views", n->dir);
	assert_int_equal(mkdir(n->views, 0700), 0);
	const struct store_options options = {
	    .dir = str_c(n->ledger), .write = true, .create = true, .env = sys_env()};
	assert_int_equal(store_open(&n->store, &options, NULL), OK);
	for (size_t i = 0; VIEW_CLASSES[i]; i++)
		if (strcmp(VIEW_CLASSES[i]->name, "match") == 0)
			n->class = VIEW_CLASSES[i];
	assert_non_null(n->class);
}

static void remove_all(const char *dir)
{
	DIR *d = opendir(dir);
	char path[512];

	for (struct dirent *e; d && (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (unlink(path) != 0)
			remove_all(path);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(dir);
}

static void node_close(struct node *n)
{
	store_close(n->store);
	remove_all(n->dir);
}

/* A version of indicator number i; it is in the ledger with the next commit. */
static void put(struct node *n, int i, int version, const char *pattern)
{
	char id[80], json[512];
	struct record r = {
	    .kind = RECORD_OBJECT, .tag = STIX_TYPE_INDICATOR, .version = version, .label = S("x")};
	uint64_t first;

	(void)snprintf(id, sizeof(id), "indicator--00000000-0000-4000-8000-%012d", i);
	(void)snprintf(json, sizeof(json),
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created\":"
	    "\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:%02d.000Z\",\"pattern\":"
	    "\"%s\",\"pattern_type\":\"stix\",\"valid_from\":"
	    "\"2026-01-01T00:00:00.5Z\",\"valid_until\":\"2026-01-02T00:00:00.5Z\"}",
	    id, version, pattern);
	r.id = str_c(id);
	r.content = str_c(json);
	assert_int_equal(store_append(n->store, &r, 1, &first, NULL), OK);
}

/* One that names the domain `name`. */
static void append(struct node *n, int i, int version, const char *name)
{
	char pattern[128];

	(void)snprintf(pattern, sizeof(pattern), "[domain-name:value = '%s']", name);
	put(n, i, version, pattern);
	assert_int_equal(store_commit(n->store, NULL), OK);
}

struct tally {
	size_t count;
	struct index_entry last;
};

static void tally(void *ctx, const struct index_entry *e)
{
	struct tally *t = ctx;

	t->count++;
	t->last = *e;
}

static struct tally look(const struct indicators *x, const char *name)
{
	const struct match_index *g = indicators_generation(x);
	const struct match_delta *d = indicators_delta(x);
	struct term term = {TERM_DOMAIN, 0, str_c(name)};
	struct tally t = {0};
	uint64_t h;

	assert_non_null(g);
	h = fingerprint(g->seed, TERM_DOMAIN, 0, term.value);
	match_find(g, h, &term, tally, &t);
	delta_find(d, h, &term, tally, &t);
	return t;
}

static void what_is_added_is_found_by_readers_at_once(void **state)
{
	struct node n;
	struct view *v;
	struct indicators *x;
	const struct match_delta *added;
	struct tally t;

	(void)state;
	node_open(&n);
	assert_int_equal(indicators_open(&x, str_c(n.views), NULL), OK);
	assert_null(indicators_generation(x));
	indicators_refresh(x);
	assert_null(indicators_generation(x));
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	indicators_refresh(x);
	added = indicators_delta(x);
	assert_non_null(added);
	append(&n, 1, 1, "a.example");
	append(&n, 2, 1, "a.example");
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	/* The map is the same one. */
	indicators_refresh(x);
	assert_ptr_equal(indicators_delta(x), added);
	t = look(x, "a.example");
	assert_int_equal(t.count, 2);
	assert_int_equal(t.last.from, 1767225600);
	assert_int_equal(t.last.until, 1767312001);
	n.class->close(v);
	indicators_close(x);
	node_close(&n);
}

static void dump_line(void *ctx, struct str line)
{
	struct buf *b = ctx;

	buf_put(b, line);
	buf_byte(b, '\n');
}

static void a_rebuild_gives_the_same_content_and_readers_follow(void **state)
{
	struct buf before, after;
	struct node n;
	struct view *v;
	struct indicators *x;
	const struct match_delta *was;
	char name[64];

	(void)state;
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	node_open(&n);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "d%d.example", i % 20);
		append(&n, i % 30, i, name);
		if (i % 7 == 0)
			assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	}
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_int_equal(n.class->dump(v, dump_line, &before, NULL), OK);
	assert_int_equal(indicators_open(&x, str_c(n.views), NULL), OK);
	n.class->close(v);
	assert_int_equal(n.class->drop(str_c(n.views), NULL), OK);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(n.class->cursor(v), 0);
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_int_equal(n.class->dump(v, dump_line, &after, NULL), OK);
	assert_true(before.n > 0);
	assert_true(str_eq(buf_str(&before), buf_str(&after)));
	was = indicators_delta(x);
	indicators_refresh(x);
	assert_ptr_not_equal(indicators_delta(x), was);
	assert_int_equal(look(x, "d19.example").count, 2);
	n.class->close(v);
	/* Reopened, it goes on where it was. */
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(n.class->cursor(v), 50);
	n.class->close(v);
	indicators_close(x);
	node_close(&n);
	buf_free(&before);
	buf_free(&after);
}

/* A decision about indicator number i. */
static void decide(struct node *n, int i, int version, const char *json)
{
	char path[80];
	struct record r = {.kind = RECORD_DECISION, .version = version, .label = S("x")};
	uint64_t first;

	(void)snprintf(path, sizeof(path), "guard/indicator--00000000-0000-4000-8000-%012d", i);
	r.id = str_c(path);
	r.content = str_c(json);
	assert_int_equal(store_append(n->store, &r, 1, &first, NULL), OK);
	assert_int_equal(store_commit(n->store, NULL), OK);
}

static struct tally now(struct view *v, struct node *n, struct indicators *x, const char *name)
{
	assert_int_equal(view_catch_up(v, n->store, NULL), OK);
	indicators_refresh(x);
	return look(x, name);
}

/* G12 */
static void what_the_guard_keeps_back_is_not_found_until_it_is_released(void **state)
{
	/* SHA-256 of "[domain-name:value = 'com']" */
	static const char RELEASE[] =
	    "{\"state\":\"released\",\"reason\":\"r\",\"by\":\"b\",\"pattern\":"
	    "\"265de8bcfa0c459d3e2d4b422be770ddd00e73a4e665c4e4d96addd92237a0d8\"}";
	struct buf before, after;
	struct indicators *x;
	struct node n;
	struct view *v;

	(void)state;
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	node_open(&n);
	assert_int_equal(indicators_open(&x, str_c(n.views), NULL), OK);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	append(&n, 1, 1, "com");
	append(&n, 2, 1, "a.example");
	assert_int_equal(now(v, &n, x, "com").count, 0);
	assert_int_equal(look(x, "a.example").count, 1);
	decide(&n, 1, 1, RELEASE);
	assert_int_equal(now(v, &n, x, "com").count, 1);
	/* Twice is once. */
	decide(&n, 1, 2, RELEASE);
	assert_int_equal(now(v, &n, x, "com").count, 1);
	decide(&n, 2, 1, "{\"state\":\"quarantined\",\"reason\":\"r\",\"by\":\"b\"}");
	assert_int_equal(now(v, &n, x, "a.example").count, 0);
	/* In every version; and a release is of one pattern. */
	append(&n, 2, 2, "b.example");
	assert_int_equal(now(v, &n, x, "b.example").count, 0);
	append(&n, 1, 2, "org");
	assert_int_equal(now(v, &n, x, "org").count, 0);
	append(&n, 1, 3, "com");
	assert_int_equal(now(v, &n, x, "com").count, 2); /* the entry of old stays until a merge */
	assert_int_equal(n.class->dump(v, dump_line, &before, NULL), OK);
	n.class->close(v);
	assert_int_equal(n.class->drop(str_c(n.views), NULL), OK);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_int_equal(n.class->dump(v, dump_line, &after, NULL), OK);
	assert_true(before.n > 0);
	assert_true(str_eq(buf_str(&before), buf_str(&after)));
	n.class->close(v);
	indicators_close(x);
	node_close(&n);
	buf_free(&before);
	buf_free(&after);
}

static void a_full_delta_becomes_the_next_generation(void **state)
{
	enum { MANY = 70000, BATCH = 1000 };
	static const char JSON[] =
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--00000000-0000-"
	    "4000-"
	    "8000-%012d\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:"
	    "00."
	    "000Z\",\"pattern\":\"[domain-name:value = 'd%d.example']\",\"pattern_type\":\"stix\","
	    "\"valid_from\":\"2026-01-01T00:00:00Z\"}";
	struct record batch[BATCH];
	char ids[BATCH][80], texts[BATCH][400], name[64];
	struct node n;
	struct view *v;
	struct indicators *x;
	const struct match_delta *was;
	uint64_t first;

	(void)state;
	node_open(&n);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(indicators_open(&x, str_c(n.views), NULL), OK);
	for (int at = 0; at < MANY; at += BATCH) {
		for (int i = 0; i < BATCH; i++) {
			(void)snprintf(ids[i], sizeof(ids[i]),
			    "indicator--00000000-0000-4000-8000-%012d", at + i);
			(void)snprintf(texts[i], sizeof(texts[i]), JSON, at + i, at + i);
			batch[i] = (struct record){.kind = RECORD_OBJECT,
			    .tag = STIX_TYPE_INDICATOR,
			    .version = 1,
			    .id = str_c(ids[i]),
			    .label = S("x"),
			    .content = str_c(texts[i])};
		}
		assert_int_equal(store_append(n.store, batch, BATCH, &first, NULL), OK);
	}
	assert_int_equal(store_commit(n.store, NULL), OK);
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	was = indicators_delta(x);
	indicators_refresh(x);
	assert_ptr_not_equal(indicators_delta(x), was);
	assert_true(indicators_generation(x)->count > 60000);
	for (int i = 0; i < MANY; i += 997) {
		(void)snprintf(name, sizeof(name), "d%d.example", i);
		assert_int_equal(look(x, name).count, 1);
	}
	n.class->close(v);
	indicators_close(x);
	node_close(&n);
}

static bool is_there(const struct node *n, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/match/%s", n->views, name);
	return access(path, F_OK) == 0;
}

/* G19: what a writer that was killed has left holds values that may have been purged since. */
static void what_a_killed_writer_left_is_removed(void **state)
{
	static const char *const LEFT[] = {"delta-0", "generation-0", "delta-2", "generation-2"};
	struct node n = {0};
	struct view *v;

	(void)state;
	node_open(&n);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	n.class->close(v);
	assert_true(is_there(&n, "delta-1"));
	for (size_t i = 0; i < 4; i++) {
		char path[512];
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/match/%s", n.views, LEFT[i]);
		f = fopen(path, "w");
		assert_non_null(f);
		(void)fclose(f);
	}
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	for (size_t i = 0; i < 4; i++)
		assert_false(is_there(&n, LEFT[i]));
	assert_true(is_there(&n, "delta-1"));
	assert_true(is_there(&n, "generation-1"));
	n.class->close(v);
	node_close(&n);
}

/* The armed one of the list with that text; its place, or SIZE_MAX. */
static size_t armed(const struct patterns *p, const char *text)
{
	for (size_t i = 0; i < patterns_count(p); i++)
		if (str_eq(patterns_at(p, i).text, str_c(text)))
			return i;
	return SIZE_MAX;
}

static void what_is_more_than_values_is_in_the_list_of_patterns(void **state)
{
	static const char *const MORE = "[url:value LIKE '%/login-x%']";
	static const char *const PART =
	    "[domain-name:value = 'p.example' OR url:value LIKE '%/login-y%']";
	struct live_pattern found;
	struct patterns *p;
	struct node n;
	struct view *v;

	(void)state;
	node_open(&n);
	assert_int_equal(patterns_open(&p, str_c(n.views), NULL), OK);
	assert_false(patterns_refresh(p));
	append(&n, 1, 1, "a.example");
	put(&n, 2, 1, MORE);
	put(&n, 3, 1, PART);
	put(&n, 4, 1, "[no pattern");
	assert_int_equal(store_commit(n.store, NULL), OK);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_true(patterns_refresh(p));
	assert_false(patterns_refresh(p));
	assert_int_equal(patterns_count(p), 2);
	assert_int_equal(patterns_armed(p), 2);
	assert_int_equal(armed(p, PART), 1);
	found = patterns_at(p, armed(p, MORE));
	assert_int_equal(found.seq, 1);
	assert_int_equal(found.from, 1767225600);
	assert_int_equal(found.until, 1767312001);
	assert_true(str_eq(found.id, S("indicator--00000000-0000-4000-8000-000000000002")));

	put(&n, 2, 2, "[url:value LIKE '%/login-z%']");
	append(&n, 3, 2, "p.example");
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_true(patterns_refresh(p));
	assert_int_equal(patterns_count(p), 1);
	assert_int_equal(armed(p, "[url:value LIKE '%/login-z%']"), 0);

	/* Dropped and made anew, it is the same; who has it open notices. */
	n.class->close(v);
	assert_int_equal(n.class->drop(str_c(n.views), NULL), OK);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_true(patterns_refresh(p));
	assert_int_equal(patterns_count(p), 1);
	assert_int_equal(armed(p, "[url:value LIKE '%/login-z%']"), 0);
	n.class->close(v);
	patterns_close(p);
	node_close(&n);
}

/* Of more than can be armed the newest are; the others wait, and come when there is room. */
static void of_too_many_patterns_the_newest_are_armed(void **state)
{
	struct patterns *p;
	char text[64];
	struct node n;
	struct view *v;

	(void)state;
	node_open(&n);
	assert_int_equal(patterns_open(&p, str_c(n.views), NULL), OK);
	for (int i = 0; i < PATTERNS_ARMED_MAX + 2; i++) {
		(void)snprintf(text, sizeof(text), "[url:value LIKE '%%/path-%05d%%']", i);
		put(&n, i, 1, text);
	}
	assert_int_equal(store_commit(n.store, NULL), OK);
	assert_int_equal(view_open(&v, n.class, str_c(n.views), n.store, NULL), OK);
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_true(patterns_refresh(p));
	assert_int_equal(patterns_count(p), PATTERNS_ARMED_MAX + 2);
	assert_int_equal(patterns_armed(p), PATTERNS_ARMED_MAX);
	assert_null(patterns_at(p, 1).text.p);
	assert_int_equal(armed(p, "[url:value LIKE '%/path-00002%']"), 2);
	append(&n, 7, 2, "a.example");
	assert_int_equal(view_catch_up(v, n.store, NULL), OK);
	assert_true(patterns_refresh(p));
	assert_int_equal(patterns_armed(p), PATTERNS_ARMED_MAX);
	assert_int_equal(armed(p, "[url:value LIKE '%/path-00001%']"), 1);
	assert_null(patterns_at(p, 0).text.p);
	n.class->close(v);
	patterns_close(p);
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_added_is_found_by_readers_at_once),
	    cmocka_unit_test(a_rebuild_gives_the_same_content_and_readers_follow),
	    cmocka_unit_test(what_the_guard_keeps_back_is_not_found_until_it_is_released),
	    cmocka_unit_test(a_full_delta_becomes_the_next_generation),
	    cmocka_unit_test(what_a_killed_writer_left_is_removed),
	    cmocka_unit_test(what_is_more_than_values_is_in_the_list_of_patterns),
	    cmocka_unit_test(of_too_many_patterns_the_newest_are_armed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
