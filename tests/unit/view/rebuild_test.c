/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <poll.h>

#include "base/buf.h"
#include "crypt/digest.h"
#include "view/feed.h"
#include "view/follow.h"
#include "view/relations.h"
#include "view/text.h"

static void add_line(void *ctx, struct str line)
{
	buf_put(ctx, line);
	buf_byte(ctx, '\n');
}

/* Everything that all views hold, as text. */
static struct buf dump_all(struct world *w)
{
	struct buf out;

	buf_init(&out, (size_t)64 << 20);
	for (size_t i = 0; VIEW_CLASSES[i]; i++) {
		struct view *v;

		buf_printf(&out, "# %s\n", VIEW_CLASSES[i]->name);
		WORLD_OK(w, view_open(&v, VIEW_CLASSES[i], str_c(w->views), w->store, &w->fault));
		WORLD_OK(w, VIEW_CLASSES[i]->dump(v, add_line, &out, &w->fault));
		VIEW_CLASSES[i]->close(v);
	}
	assert_int_equal(out.failed, OK);
	return out;
}

static void drop_all(struct world *w)
{
	for (size_t i = 0; VIEW_CLASSES[i]; i++)
		WORLD_OK(w, VIEW_CLASSES[i]->drop(str_c(w->views), &w->fault));
}

static void add_relationship(struct world *w, unsigned n)
{
	char text[WORLD_TEXT];

	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"relationship\",\"spec_version\":\"2.1\","
	    "\"id\":\"relationship--%08x-0000-4000-8000-%012x\","
	    "\"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-01T00:00:00.000Z\","
	    "\"relationship_type\":\"indicates\",\"source_ref\":"
	    "\"indicator--%08x-0000-4000-8000-%012x\",\"target_ref\":"
	    "\"malware--00000000-0000-4000-8000-000000000002\"}",
	    n * 40503u, n, n * 2654435761u, n);
	(void)world_add(w, text, TLP_CLEAR);
}

/* A fuller copy of a version that is here. */
static void replace(struct world *w, uint64_t seq)
{
	struct record r;
	uint64_t at;

	store_record(w->store, seq, &r);
	r.flags |= RECORD_FLAG_REPLACES;
	r.feed = 1;
	r.added = 0;
	WORLD_OK(w, store_append(w->store, &r, 1, &at, &w->fault));
}

/* One step of a random life of a node. */
static void live(struct world *w, uint64_t *seed, unsigned step)
{
	char text[WORLD_TEXT], pattern[128];
	uint64_t r = next_random(seed);
	unsigned n = (unsigned)(r >> 8) % 200;
	uint64_t seq;

	(void)snprintf(pattern, sizeof(pattern), "[ipv4-addr:value = '198.51.100.%u']", n);
	switch (r % 8) {
	case 0:
		add_relationship(w, step);
		break;
	case 1:
		world_decide(w, n % 2 ? "position/a" : "position/b", "{\"offset\":1}");
		(void)world_note(w, RECORD_SEAL, n % 2 ? "own-seal/0" : "seal/00", "note", 0, 1);
		break;
	case 2:
		seq = r % 5 ? (r >> 16) % (store_size_pending(w->store) + 1) : 0;
		if (seq < store_size_pending(w->store) &&
		    store_row(w->store, seq)->kind == RECORD_OBJECT) {
			char id[256];

			(void)snprintf(id, sizeof(id), "%.*s", STR_ARG(store_id(w->store, seq)));
			(void)world_note(w, r & 1024 ? RECORD_MEMBER : RECORD_REMOVAL, id, NULL,
			    store_row(w->store, seq)->version, 1 + (uint32_t)(r >> 40) % 3);
			if (r >> 50 & 1)
				replace(w, seq);
		}
		break;
	default:
		world_indicator(
		    text, n * 1000 + step, (unsigned)(r >> 32) % 20, pattern, "drifter");
		(void)world_add_in(
		    w, text, TLP_GREEN, (uint32_t)(r >> 50) % 3, r % 3 ? 0 : (usec)(r >> 20));
		break;
	}
}

/* The views hold nothing that a rebuild does not produce again. */
static void rebuilt_views_have_the_content_of_followed_ones(void **state)
{
	struct world w;
	uint64_t seed = 42;
	struct buf followed, rebuilt;

	(void)state;
	world_make(&w);
	for (unsigned step = 0; step < 3000; step++) {
		live(&w, &seed, step);
		if (next_random(&seed) % 60 == 0)
			world_follow(&w);
	}
	world_follow(&w);
	followed = dump_all(&w);
	drop_all(&w);
	world_follow(&w);
	rebuilt = dump_all(&w);
	assert_true(followed.n > 10000);
	assert_int_equal(followed.n, rebuilt.n);
	assert_memory_equal(followed.p, rebuilt.p, followed.n);
	buf_free(&followed);
	buf_free(&rebuilt);
	world_end(&w);
}

static void a_view_of_another_ledger_starts_again(void **state)
{
	struct world w, other;
	char text[WORLD_TEXT];
	struct view *v;

	(void)state;
	world_make(&w);
	world_make(&other);
	world_indicator(text, 1, 0, "[url:value = 'http://a.example/']", "one");
	(void)world_add(&w, text, TLP_CLEAR);
	world_follow(&w);
	world_indicator(text, 2, 0, "[url:value = 'http://b.example/']", "two");
	(void)world_add(&other, text, TLP_CLEAR);
	world_commit(&other);
	for (size_t i = 0; VIEW_CLASSES[i]; i++) {
		WORLD_OK(&w, view_open(&v, VIEW_CLASSES[i], str_c(w.views), other.store, &w.fault));
		assert_int_equal(VIEW_CLASSES[i]->cursor(v), 0);
		VIEW_CLASSES[i]->close(v);
	}
	world_end(&w);
	world_end(&other);
}

static void damaged_files_are_dropped_and_made_anew(void **state)
{
	static const char *const NAMES[] = {"relations.db", "text.db", "state.db"};
	struct world w;
	char text[WORLD_TEXT], path[160];
	struct buf before, after;

	(void)state;
	world_make(&w);
	for (unsigned i = 0; i < 50; i++) {
		world_indicator(text, i, 0, "[domain-name:value = 'evil.example']", "storm");
		(void)world_add(&w, text, TLP_CLEAR);
	}
	world_follow(&w);
	before = dump_all(&w);
	for (size_t i = 0; i < 3; i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/%s", w.views, NAMES[i]);
		f = fopen(path, "w");
		assert_non_null(f);
		for (int k = 0; k < 5000; k++)
			(void)fputs("garbage ", f);
		(void)fclose(f);
	}
	(void)snprintf(path, sizeof(path), "%s/feed/head", w.views);
	assert_int_equal(truncate(path, 0), 0);
	world_follow(&w);
	after = dump_all(&w);
	assert_int_equal(before.n, after.n);
	assert_memory_equal(before.p, after.p, before.n);
	buf_free(&before);
	buf_free(&after);
	world_end(&w);
}

static void followers_take_what_is_committed(void **state)
{
	struct world w;
	struct followers *f;
	struct feeds *feeds;
	struct relations *relations;
	struct text *words;
	char text[WORLD_TEXT];
	uint64_t seqs[200], beat;
	size_t count;
	struct str query;

	(void)state;
	world_make(&w);
	WORLD_OK(&w, followers_start(&f, str_c(w.dir), &w.env, &w.fault));
	WORLD_OK(&w, feeds_open(&feeds, str_c(w.views), &w.fault));
	for (unsigned i = 0; i < 100; i++) {
		world_indicator(text, i, 0, "[domain-name:value = 'evil.example']", "storm");
		(void)world_add(&w, text, TLP_CLEAR);
		world_commit(&w);
		followers_notify(f);
	}
	while (followers_cursor(f) < 100) {
		struct pollfd p = {.fd = followers_fd(f), .events = POLLIN};

		assert_int_equal(poll(&p, 1, 20000), 1);
		assert_int_equal(read(p.fd, &beat, sizeof(beat)), sizeof(beat));
	}
	assert_int_equal(list_count(feeds_of(feeds, 1)), 100);
	assert_int_equal(feeds_cursor(feeds), 100);
	assert_true(feeds_has(feeds, 1, 99));
	assert_false(feeds_has(feeds, 1, 100));
	WORLD_OK(&w, relations_open(&relations, str_c(w.views), &w.fault));
	WORLD_OK(&w, text_open(&words, str_c(w.views), &w.fault));
	WORLD_OK(&w, text_query(&query, w.arena, S("Storm evil"), &w.fault));
	WORLD_OK(&w, text_find(words, query, 50, seqs, 200, &count, &w.fault));
	assert_int_equal(count, 50);
	assert_int_equal(seqs[0], 49);
	text_close(words);
	relations_close(relations);
	feeds_close(feeds);
	followers_stop(f);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rebuilt_views_have_the_content_of_followed_ones),
	    cmocka_unit_test(a_view_of_another_ledger_starts_again),
	    cmocka_unit_test(damaged_files_are_dropped_and_made_anew),
	    cmocka_unit_test(followers_take_what_is_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
