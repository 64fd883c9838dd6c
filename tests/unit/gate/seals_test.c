/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures are the node's own business: nobody who reads objects is shown one, counts one or
 * finds one, and every view is the same with and without them. */
#include "world.h"

#include "base/buf.h"
#include "gate/feed.h"
#include "gate/read.h"
#include "seal/ledger.h"

static const char PATTERN[] = "[domain-name:value = 'sealed.evil.example']";

/* Objects with (or without) their envelopes and seals; the decision at the end makes both worlds
 * end alike. */
static void fill(struct world *w, bool sealed)
{
	char text[WORLD_TEXT];
	struct record r = {.kind = RECORD_SEAL, .content = S("a secret and a note of seal")};
	char id[SEAL_ID_MAX];
	uint64_t seq;

	for (unsigned n = 1; n < 4; n++) {
		world_indicator(text, n, 0, PATTERN, "storm");
		seq = world_add(w, text, TLP_CLEAR);
	}
	if (!sealed)
		return;
	r.label = store_label(w->store, store_row(w->store, seq)->label);
	seal_id_own(id, 0);
	r.id = str_c(id);
	WORLD_OK(w, store_append(w->store, &r, 1, &seq, &w->fault));
	seal_id_of(id, &(struct sha256){{0}});
	r.feed = 1;
	WORLD_OK(w, store_append(w->store, &r, 1, &seq, &w->fault));
}

/* Puts an object with its envelope into one batch, as what was received is. */
static void add_received(struct world *w, unsigned n, bool sealed)
{
	char text[WORLD_TEXT];
	struct stix_object o;
	struct record r[2] = {{.kind = RECORD_OBJECT}, {.kind = RECORD_ENVELOPE}};
	uint64_t seq;

	world_indicator(text, n, 0, PATTERN, "storm");
	WORLD_OK(w, stix_object_parse(&o, w->arena, str_c(text), &w->fault));
	for (size_t i = 0; i < 2; i++) {
		r[i].tag = o.type;
		r[i].flags = RECORD_FLAG_RECEIVED;
		r[i].id = o.id;
		r[i].version = o.version;
		r[i].label = S("\x01\x01\x01\x01");
		r[i].feed = 1;
		r[i].content = str_c(text);
	}
	WORLD_OK(w, store_append(w->store, r, sealed ? 2 : 1, &seq, &w->fault));
}

static void put_answers(struct buf *out, struct world *w)
{
	struct reader reader = gate_local_reader();
	struct gate_ask ask = {.reader = &reader, .outlet = OUTLET_API};
	const struct gate_query query = {.limit = 100, .text = S("sealed.evil.example")};
	const struct gate_query all = {.limit = 100};
	struct gate_object object;
	struct gate_versions versions;
	struct gate_indicators list;
	struct gate_search found;
	struct gate_figures f;
	uint64_t members;
	char id[SEAL_ID_MAX];

	ask.arena = arena_new((size_t)64 << 20);
	WORLD_OK(w, gate_open(&ask.gate, str_c(w->dir), &w->env, &w->fault));
	WORLD_OK(w, gate_figures(&ask, &f, &w->fault));
	WORLD_OK(w, gate_feed_count(&ask, 1, &members, &w->fault));
	buf_printf(out, "%d objects, %d indicators, %d sightings, %d members\n", (int)f.objects,
	    (int)f.indicators, (int)f.sightings, (int)members);
	WORLD_OK(w, gate_search(&ask, &query, &found, &w->fault));
	for (size_t i = 0; i < found.count; i++)
		buf_printf(out, "found %.*s\n", STR_ARG(found.items[i].id));
	WORLD_OK(w, gate_indicators(&ask, &all, &list, &w->fault));
	for (size_t i = 0; i < list.count; i++) {
		buf_printf(out, "indicator %.*s\n", STR_ARG(list.items[i].id));
		WORLD_OK(w, gate_versions(&ask, list.items[i].id, &versions, &w->fault));
		WORLD_OK(w, gate_get(&ask, list.items[i].id, GATE_NEWEST, &object, &w->fault));
		buf_printf(out, "%d versions, %.*s\n", (int)versions.count, STR_ARG(object.bytes));
	}
	seal_id_own(id, 0);
	assert_int_equal(gate_get(&ask, str_c(id), GATE_NEWEST, &object, &w->fault), ERR_NOT_FOUND);
	assert_int_equal(
	    gate_versions(&ask, str_c(id), &versions, &w->fault) == OK ? (int)versions.count : 0,
	    0);
	seal_id_of(id, &(struct sha256){{0}});
	assert_int_equal(gate_get(&ask, str_c(id), GATE_NEWEST, &object, &w->fault), ERR_NOT_FOUND);
	for (size_t i = 0; i < 3; i++) {
		static const char *const WORDS[] = {"own-seal/", "seal/00", "secret"};
		const struct gate_query q = {.limit = 10, .text = str_c(WORDS[i])};

		WORLD_OK(w, gate_search(&ask, &q, &found, &w->fault));
		assert_int_equal(found.count, 0);
	}
	arena_free(ask.arena);
	gate_close(ask.gate);
}

/* G6: nor does anything else tell a reader that something was signed. */
static void nobody_sees_or_counts_seals_and_envelopes(void **state)
{
	struct buf out[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world w;

		buf_init(&out[i], 1 << 20);
		world_make(&w);
		fill(&w, i == 1);
		add_received(&w, 9, i == 1);
		add_received(&w, 10, i == 1);
		world_follow(&w);
		put_answers(&out[i], &w);
		world_end(&w);
	}
	assert_true(str_eq(buf_str(&out[0]), buf_str(&out[1])));
	assert_true(str_search(buf_str(&out[0]), S("5 objects, 5 indicators")) == 0);
	buf_free(&out[0]);
	buf_free(&out[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_sees_or_counts_seals_and_envelopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
