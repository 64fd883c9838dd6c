/* SPDX-License-Identifier: Apache-2.0 */
/* What was there before an indicator was known is told beside what its stream counts, and nothing
 * twice: stream, ledger and history each are as far as they are. */
#include "world.h"

#include "codec/json.h"
#include "history/store.h"
#include "history/table.h"
#include "intake/hunt/before.h"
#include "intake/tally.h"
#include "stix/sighted.h"
#include "stix/type.h"

#define IDENTITY "identity--3f7a1a9e-6b0f-4c3e-9a58-7a4f0f3d2b10"
#define MINUTE (60 * USEC_PER_SEC)

static const struct term VALUE = {.kind = TERM_DOMAIN, .value = {"evil.example", 12}};

struct scene {
	struct world w;
	struct command_ctx ctx;
	struct tally *tally;
	struct before before;
	struct history_store *store;
	struct history_reader *history;
	struct history_table *table; /* the run that is being made */
	uint64_t indicator, lines;
	usec known;
};

static void make(struct scene *s)
{
	struct tally_options options = {
	    .name = S("sensor"), .number = 1, .label = {.tlp = TLP_GREEN}, .identity = S(IDENTITY)};
	char text[WORLD_TEXT], dir[128];
	struct str type;

	*s = (struct scene){.known = INT64_C(1750000000) / 3600 * 3600 * USEC_PER_SEC};
	s->known += 30 * MINUTE;
	world_make(&s->w);
	s->w.clock = s->known;
	world_decide(&s->w, "source/sensor", "{\"number\":1,\"label\":\"TLP:GREEN\"}");
	world_indicator(text, 1, 1, "[domain-name:value = 'evil.example']", "evil");
	s->indicator = world_add(&s->w, text, TLP_GREEN);
	world_commit(&s->w);
	options.store = s->w.store;
	options.env = &s->w.env;
	s->tally = tally_new(&options);
	(void)snprintf(dir, sizeof(dir), "%s/history", s->w.dir);
	WORLD_OK(&s->w, history_open(&s->store, str_c(dir), &s->w.fault));
	s->table = history_table_new(1);
	s->ctx =
	    (struct command_ctx){.store = s->w.store, .env = &s->w.env, .identity = S(IDENTITY)};
	s->before = (struct before){.ctx = &s->ctx,
	    .arena = arena_new(16 << 20),
	    .indicator = store_id(s->w.store, s->indicator),
	    .label = {.tlp = TLP_GREEN},
	    .known = s->known};
	assert_true(stix_id_split(&type, &s->before.space, S(IDENTITY)));
	buf_init(&s->before.json, 1 << 20);
	WORLD_OK(&s->w, history_reader_open(&s->history, str_c(dir), &s->w.fault));
	s->before.history = s->history;
}

static void end(struct scene *s)
{
	history_reader_close(s->history);
	history_table_free(s->table);
	history_close(s->store);
	buf_free(&s->before.json);
	arena_free(s->before.arena);
	tally_close(s->tally);
	world_end(&s->w);
}

/* So many lines of a sensor name the value; `matched`: the stream knew of the indicator. */
static void lines(struct scene *s, unsigned count, usec when, bool matched)
{
	struct event_hit hit = {s->indicator, VALUE, count, when, when};
	struct events e = {.number = 1, .lines = count, .hits = count, .hit_count = matched};
	struct buf batch;
	bool appended;

	for (unsigned i = 0; i < count; i++)
		assert_true(history_see(s->table, &VALUE, NULL, when));
	s->lines += count;
	e.place = (struct stream_place){.offset = 100 * s->lines, .inode = 7, .device = 1};
	buf_init(&batch, 1 << 16);
	events_put(&batch, &e);
	if (matched)
		event_hit_put(&batch, &hit);
	WORLD_OK(&s->w, tally_take(s->tally, buf_str(&batch), STR_NONE, &s->w.fault));
	WORLD_OK(&s->w, tally_append(s->tally, false, &appended, &s->w.fault));
	world_commit(&s->w);
	buf_free(&batch);
}

/* The history comes as far as the stream is, as the core lets it: behind the ledger. */
static void keep(struct scene *s)
{
	const struct stream_place at = tally_place(s->tally);
	struct buf run, place;
	bool appended;

	tally_place_soon(s->tally);
	WORLD_OK(&s->w, tally_append(s->tally, false, &appended, &s->w.fault));
	world_commit(&s->w);
	buf_init(&run, HISTORY_RUN_MAX);
	buf_init(&place, 256);
	place_put(&place, &at);
	assert_int_equal(history_table_run(s->table, &run), OK);
	WORLD_OK(&s->w, history_adopt(s->store, buf_str(&run), S("sensor"), buf_str(&place),
	                    s->w.clock + 60 * MINUTE, &s->w.fault));
	buf_free(&run);
	buf_free(&place);
}

static bool tell(void *ctx, const struct history_entry *e)
{
	struct scene *s = ctx;
	bool appended;

	WORLD_OK(&s->w, before_tell(&s->before, e, &appended, &s->w.fault));
	return true;
}

/* Hunts, and gives how often the value is said to have been seen before. */
static uint64_t before(struct scene *s)
{
	uint64_t count = 0;

	WORLD_OK(&s->w, history_refresh(s->history, &s->w.fault));
	WORLD_OK(&s->w,
	    history_find(s->history, &VALUE, HISTORY_ALWAYS_FROM, s->known, tell, s, &s->w.fault));
	world_commit(&s->w);
	for (uint64_t i = 0; i < store_size(s->w.store); i++) {
		struct stix_object o;

		if (store_row(s->w.store, i)->kind != RECORD_OBJECT ||
		    store_row(s->w.store, i)->tag != STIX_TYPE_SIGHTING)
			continue;
		arena_reset(s->w.arena);
		WORLD_OK(&s->w,
		    stix_object_parse(&o, s->w.arena, store_content(s->w.store, i), &s->w.fault));
		if (str_ends(json_get_str(o.root, "description"), SIGHTED_BEFORE))
			count += yyjson_get_uint(yyjson_obj_get(o.root, "count"));
	}
	return count;
}

static void what_was_seen_before_is_told(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	lines(&s, 5, s.known - MINUTE, false);
	keep(&s);
	assert_int_equal(before(&s), 5);
	end(&s);
}

/* D-50: within one hour some came before and some were counted by the stream, of which the last are
 * not in its sighting yet. */
static void what_the_stream_counted_is_not_told_again(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	lines(&s, 5, s.known - MINUTE, false);
	lines(&s, 8, s.known + MINUTE, true);
	lines(&s, 3, s.known + 2 * MINUTE, true);
	keep(&s);
	assert_int_equal(before(&s), 5);
	end(&s);
}

/* The stream matched events that say that they happened before the indicator was known. */
static void what_came_late_is_not_told_again(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	lines(&s, 8, s.known - MINUTE, true);
	lines(&s, 3, s.known - MINUTE, true);
	keep(&s);
	assert_int_equal(before(&s), 0);
	end(&s);
}

/* What the history has not seen yet takes nothing from what it has. */
static void what_the_stream_counted_since_takes_nothing_away(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	lines(&s, 5, s.known - MINUTE, false);
	lines(&s, 8, s.known + MINUTE, true);
	keep(&s);
	lines(&s, 3, s.known + 2 * MINUTE, true);
	lines(&s, 40, s.known + 3 * MINUTE, true);
	assert_int_equal(before(&s), 5);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_seen_before_is_told),
	    cmocka_unit_test(what_the_stream_counted_is_not_told_again),
	    cmocka_unit_test(what_came_late_is_not_told_again),
	    cmocka_unit_test(what_the_stream_counted_since_takes_nothing_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
