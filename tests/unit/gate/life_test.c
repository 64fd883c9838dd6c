/* SPDX-License-Identifier: Apache-2.0 */
/* How indicators age and what sources were worth, as readers are told: what is hidden from one
 * moves nothing of it, and where nothing is hidden it is what is done. */
#include "world.h"

#include <math.h>

#include "base/buf.h"
#include "gate/life/worth.h"

#define ALPHA 1
#define BETA 2
#define SECRET 3

static const char CONFIG[] = "[node]\nname = n\n"
                             "identity = identity--00000000-0000-4000-8000-000000000001\n"
                             "[ledger]\norigin = n\n"
                             "[decay]\nthreshold = 20\nconfidence = 80\n"
                             "domain = lifetime 100 speed 1 points 60,40\n"
                             "[trust]\nbeta = 50\n";

struct node {
	struct world world;
	struct gate *gate;
	bool with_hidden;
	int64_t step;
};

static void add(struct node *n, const char *json, enum tlp tlp, uint32_t source)
{
	char label[] = {1, 1, 1, (char)tlp};
	struct record r = {.kind = RECORD_OBJECT, .source = source, .content = str_c(json)};
	struct stix_object o;
	uint64_t seq;

	/* Both have the same clock, whatever they hold. */
	n->world.clock = INT64_C(1700000000000000) + ++n->step * USEC_PER_SEC;
	if (tlp == TLP_RED && !n->with_hidden)
		return;
	arena_reset(n->world.arena);
	WORLD_OK(&n->world, stix_object_parse(&o, n->world.arena, r.content, &n->world.fault));
	r.tag = o.type;
	r.id = o.id;
	r.version = o.version;
	r.label = (struct str){label, sizeof(label)};
	WORLD_OK(&n->world, store_append(n->world.store, &r, 1, &seq, &n->world.fault));
}

static void add_indicator(struct node *n, unsigned i, const char *host, enum tlp tlp, uint32_t by)
{
	char text[WORLD_TEXT], pattern[128];

	(void)snprintf(pattern, sizeof(pattern), "[domain-name:value = '%s.example']", host);
	world_indicator(text, i, 1, pattern, "drifter");
	add(n, text, tlp, by);
}

static void id_of(char out[64], unsigned i)
{
	(void)snprintf(out, 64, "indicator--%08x-0000-4000-8000-%012x", i * 2654435761u, i);
}

static void add_sighting(
    struct node *n, unsigned number, unsigned of, const char *last, enum tlp tlp)
{
	char text[WORLD_TEXT], id[64];

	id_of(id, of);
	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"sighting\",\"spec_version\":\"2.1\","
	    "\"id\":\"sighting--%08x-0000-4000-8000-000000000000\","
	    "\"created\":\"2023-01-01T00:00:00.000Z\",\"modified\":\"2023-01-01T00:00:00.000Z\","
	    "\"last_seen\":\"%s\",\"count\":%u,\"sighting_of_ref\":\"%s\"}",
	    number, last, number + 1, id);
	add(n, text, tlp, 0);
}

struct says {
	unsigned number, version;
	const char *opinion;
	unsigned of;
	enum tlp tlp;
	uint32_t by;
};

static void add_opinion(struct node *n, const struct says *s)
{
	char text[WORLD_TEXT], id[64];

	id_of(id, s->of);
	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"opinion\",\"spec_version\":\"2.1\","
	    "\"id\":\"opinion--%08x-0000-4000-8000-000000000000\","
	    "\"created\":\"2023-01-01T00:00:00.000Z\",\"modified\":\"2023-01-0%uT00:00:00.000Z\","
	    "\"opinion\":\"%s\",\"object_refs\":[\"%s\"]}",
	    s->number, s->version, s->opinion, id);
	add(n, text, s->tlp, s->by);
}

/* Where it is so, red objects are between the others: the first to state a value, the last to see
 * an indicator, a later word of who spoke against one, other sources that do. */
static void make(struct node *n, bool with_hidden)
{
	char path[128];
	FILE *f;

	*n = (struct node){.with_hidden = with_hidden};
	world_make(&n->world);
	(void)snprintf(path, sizeof(path), "%s/node.conf", n->world.views);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(CONFIG, f) >= 0);
	assert_int_equal(fclose(f), 0);
	world_decide(&n->world, "source/alpha", "{\"number\":1,\"kind\":\"import\"}");
	world_decide(&n->world, "source/beta", "{\"number\":2,\"kind\":\"import\"}");
	world_decide(&n->world, "source/secret", "{\"number\":3,\"kind\":\"import\"}");
	add_indicator(n, 9, "a", TLP_RED, SECRET);
	add_indicator(n, 1, "a", TLP_CLEAR, ALPHA);
	add_indicator(n, 2, "a", TLP_CLEAR, BETA);
	add_indicator(n, 3, "b", TLP_CLEAR, BETA);
	add_indicator(n, 4, "c", TLP_CLEAR, BETA);
	add_sighting(n, 1, 1, "2023-09-01T00:00:00Z", TLP_CLEAR);
	add_sighting(n, 2, 1, "2023-11-01T00:00:00Z", TLP_RED);
	add_sighting(n, 3, 2, "2023-10-01T00:00:00Z", TLP_CLEAR);
	add_sighting(n, 4, 3, "2023-10-01T00:00:00Z", TLP_RED);
	add_opinion(n, &(struct says){1, 1, "disagree", 1, TLP_CLEAR, BETA});
	add_opinion(n, &(struct says){1, 2, "neutral", 1, TLP_RED, BETA});
	add_opinion(n, &(struct says){2, 1, "strongly-disagree", 2, TLP_CLEAR, ALPHA});
	add_opinion(n, &(struct says){3, 1, "disagree", 2, TLP_CLEAR, ALPHA});
	add_opinion(n, &(struct says){4, 1, "strongly-disagree", 4, TLP_RED, SECRET});
	world_follow(&n->world);
	WORLD_OK(
	    &n->world, gate_open(&n->gate, str_c(n->world.dir), &n->world.env, &n->world.fault));
}

static void end(struct node *n)
{
	gate_close(n->gate);
	world_end(&n->world);
}

static void put_life(struct buf *out, const struct gate_indicator *i)
{
	const struct gate_life *l = &i->life;

	buf_printf(out, "%.*s active %d until %lld told %d more %d\n", STR_ARG(i->id), i->active,
	    (long long)i->matched_until, l->told, l->more);
	/* The clock goes on while one asks: scores to a tenth. */
	buf_printf(out, "  %u of %u: %.17g %.0f %lld %lld\n", l->kind, l->model.days, l->start,
	    floor(10 * l->score), (long long)l->begins, (long long)l->below);
	buf_printf(out, "  %u %u %lld %llu %.17g\n", l->confidence, l->trust, (long long)l->seen,
	    (unsigned long long)l->deniers, l->denied);
	for (size_t p = 0; p < l->model.point_count; p++)
		buf_printf(out, "  %u %lld\n", l->model.points[p], (long long)l->points[p]);
}

static void put_worth(struct buf *out, const struct gate_worth *w)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct gate_source_worth *s = &w->items[i];

		buf_printf(out, "%.*s %llu %llu %llu %llu %llu\n", STR_ARG(s->name),
		    (unsigned long long)s->indicators, (unsigned long long)s->hit,
		    (unsigned long long)s->hits, (unsigned long long)s->denied,
		    (unsigned long long)s->first);
	}
	buf_printf(out, "sightings %llu more %d\n", (unsigned long long)w->sightings, w->more);
}

/* Of the indicators that everybody sees, the list of what is active, and the sources. */
static struct buf told(struct node *n, const struct reader *reader)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	const struct gate_ask ask = {n->gate, reader, OUTLET_API, arena};
	const struct gate_query active = {.limit = 100, .active = GATE_ACTIVE_ONLY};
	struct gate_indicators list;
	struct gate_indicator one;
	struct gate_worth worth;
	struct buf out;
	char id[64];

	buf_init(&out, 1 << 20);
	for (unsigned i = 1; i <= 4; i++) {
		id_of(id, i);
		assert_int_equal(gate_indicator(&ask, str_c(id), &one, NULL), OK);
		put_life(&out, &one);
	}
	assert_int_equal(gate_indicators(&ask, &active, &list, NULL), OK);
	for (size_t i = 0; i < list.count; i++)
		put_life(&out, &list.items[i]);
	assert_int_equal(gate_worth(&ask, &worth, NULL), OK);
	put_worth(&out, &worth);
	assert_int_equal(out.failed, OK);
	arena_free(arena);
	return out;
}

static const struct reader ANALYST = {
    .name = S("greta"), .role = ROLE_READER, .own = true, .clearance = TLP_AMBER};

static bool same(const struct buf *a, const struct buf *b)
{
	return str_eq(buf_str(a), buf_str(b));
}

/* G5: neither by a number nor by a time. */
static void what_is_hidden_moves_no_life_and_no_worth(void **state)
{
	const struct reader guest = {
	    .name = S("guest"), .role = ROLE_READER, .clearance = TLP_AMBER};
	const struct reader *const READERS[] = {&ANALYST, &guest};
	struct reader operator= gate_local_reader();
	struct node with, without;
	struct buf a, b;

	(void)state;
	make(&with, true);
	make(&without, false);
	for (size_t i = 0; i < 2; i++) {
		a = told(&with, READERS[i]);
		b = told(&without, READERS[i]);
		assert_true(same(&a, &b));
		buf_free(&a);
		buf_free(&b);
	}
	/* Who sees everything is told of it: the comparison can fail. */
	a = told(&with, &operator);
	b = told(&without, &operator);
	assert_false(same(&a, &b));
	buf_free(&a);
	buf_free(&b);
	end(&with);
	end(&without);
}

/* What is computed of what a reader may see is what the match view comes to when that is all. */
static void where_nothing_is_hidden_all_are_told_the_same(void **state)
{
	struct reader operator= gate_local_reader();
	struct node n;
	struct buf a, b;

	(void)state;
	make(&n, false);
	a = told(&n, &ANALYST);
	b = told(&n, &operator);
	assert_true(same(&a, &b));
	buf_free(&a);
	buf_free(&b);
	end(&n);
}

static void sources_are_told_what_they_were_worth(void **state)
{
	struct reader operator= gate_local_reader();
	struct node n;
	struct buf out;

	(void)state;
	make(&n, true);
	out = told(&n, &ANALYST);
	/* alpha: a.example was its first; beta says once that it was a false positive. */
	assert_non_null(
	    strstr(buf_str(&out).p, "alpha 1 1 2 1 1\nbeta 3 1 4 1 0\nsightings 2 more 0\n"));
	buf_free(&out);
	out = told(&n, &operator);
	assert_non_null(strstr(buf_str(&out).p,
	    "beta 3 2 9 2 1\nsecret 1 0 0 0 1\nalpha 1 1 5 0 0\nsightings 4 more 0\n"));
	buf_free(&out);
	end(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_hidden_moves_no_life_and_no_worth),
	    cmocka_unit_test(where_nothing_is_hidden_all_are_told_the_same),
	    cmocka_unit_test(sources_are_told_what_they_were_worth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
