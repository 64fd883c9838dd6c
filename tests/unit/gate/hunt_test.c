/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "gate/hunt/hunt.h"
#include "history/store.h"
#include "history/table.h"

enum { ADDRESSES = 64, OBSERVATIONS = 3000, DAYS = 60, HUNTS = 300 };

#define HOUR (3600 * USEC_PER_SEC)

struct seen {
	unsigned address, host;
	bool secret;
	usec when;
};

struct scene {
	struct world w;
	struct gate *gate;
	struct reader reader;
	struct gate_ask ask;
	struct seen seen[OBSERVATIONS];
};

static struct term address_of(struct world *w, const char *text)
{
	struct term t;

	assert_int_equal(term_guess(&t, w->arena, str_c(text)), OK);
	return t;
}

static void adopt(struct scene *s, struct history_store *h, bool secret)
{
	struct history_table *t = history_table_new(1);
	struct buf run;

	buf_init(&run, HISTORY_RUN_MAX);
	for (unsigned i = 0; i < OBSERVATIONS; i++) {
		const struct seen *o = &s->seen[i];
		char text[64];
		struct term value, host;

		if (o->secret != secret)
			continue;
		(void)snprintf(text, sizeof(text), "198.51.100.%u", o->address);
		value = address_of(&s->w, text);
		(void)snprintf(text, sizeof(text), "10.0.0.%u", o->host);
		host = address_of(&s->w, text);
		assert_true(history_see(t, &value, &host, o->when));
	}
	assert_int_equal(history_table_run(t, &run), OK);
	WORLD_OK(&s->w, history_adopt(h, buf_str(&run), secret ? S("secret") : S("open"), S("x"),
	                    s->w.clock, &s->w.fault));
	buf_free(&run);
	history_table_free(t);
}

static void make(struct scene *s, uint64_t seed)
{
	char path[128];
	struct history_store *h;

	world_make(&s->w);
	for (unsigned i = 0; i < OBSERVATIONS; i++)
		s->seen[i] = (struct seen){.address = next_random(&seed) % ADDRESSES,
		    .host = 1 + next_random(&seed) % 9,
		    .secret = next_random(&seed) % 3 == 0,
		    .when =
		        (s->w.clock - (usec)(next_random(&seed) % (DAYS * 86400)) * USEC_PER_SEC) /
		        USEC_PER_SEC * USEC_PER_SEC};
	world_decide(&s->w, "source/open", "{\"number\":1,\"label\":\"TLP:GREEN\"}");
	world_decide(&s->w, "source/secret", "{\"number\":2,\"label\":\"TLP:RED\"}");
	world_follow(&s->w);
	(void)snprintf(path, sizeof(path), "%s/history", s->w.dir);
	WORLD_OK(&s->w, history_open(&h, str_c(path), &s->w.fault));
	adopt(s, h, false);
	adopt(s, h, true);
	history_close(h);
	WORLD_OK(&s->w, gate_open(&s->gate, str_c(s->w.dir), &s->w.env, &s->w.fault));
	s->reader = (struct reader){
	    .name = S("r"), .role = ROLE_READER, .own = true, .clearance = TLP_GREEN};
	s->ask = (struct gate_ask){s->gate, &s->reader, OUTLET_API, s->w.arena};
}

static void end(struct scene *s)
{
	gate_close(s->gate);
	world_end(&s->w);
}

/* What the plain list says of the addresses [from, to), in whole hours. */
struct expected {
	uint64_t count, open, secret;
	usec first, last;
	unsigned addresses;
};

static struct expected expect(
    const struct scene *s, unsigned from, unsigned to, usec since, usec until)
{
	struct expected e = {0};
	bool seen[ADDRESSES] = {false};

	for (unsigned i = 0; i < OBSERVATIONS; i++) {
		const struct seen *o = &s->seen[i];

		if (o->address < from || o->address >= to || o->when < since || o->when >= until ||
		    (o->secret && s->reader.clearance != TLP_RED))
			continue;
		e.count++;
		e.open += !o->secret;
		e.secret += o->secret;
		e.first = !e.first || o->when < e.first ? o->when : e.first;
		e.last = o->when > e.last ? o->when : e.last;
		e.addresses += !seen[o->address];
		seen[o->address] = true;
	}
	return e;
}

static uint64_t of_source(const struct gate_hunt_answer *a, struct str name)
{
	for (size_t i = 0; i < a->source_count; i++)
		if (str_eq(a->sources[i].name, name))
			return a->sources[i].count;
	return 0;
}

static void check(struct scene *s, const struct gate_hunt_answer *a, const struct expected *e)
{
	uint64_t sum = 0;

	(void)s;
	assert_int_equal(a->count, e->count);
	assert_int_equal(of_source(a, S("open")), e->open);
	assert_int_equal(of_source(a, S("secret")), e->secret);
	if (e->count) {
		assert_int_equal(a->first, e->first);
		assert_int_equal(a->last, e->last);
	}
	assert_true(a->bin_count <= GATE_HUNT_BINS_MAX);
	for (size_t i = 0; i < a->bin_count; i++) {
		assert_true(i == 0 || a->bins[i].time > a->bins[i - 1].time);
		sum += a->bins[i].count;
	}
	assert_int_equal(sum, e->count);
	assert_true(e->count == 0 || (a->hosts > 0 && a->hosts < 20));
}

static void hunt_one(struct scene *s, unsigned prefix, unsigned at, usec since, usec until)
{
	struct gate_hunt_options options = {.since = since, .until = until};
	unsigned size = 1U << (32 - prefix), from = at / size * size;
	struct expected e = expect(s, from, from + size, since, until);
	struct gate_hunt_answers answers;
	struct gate_hunt *h;
	char text[64];

	(void)snprintf(text, sizeof(text), "198[.]51.100.%u/%u", from, prefix);
	options.text = str_c(text);
	arena_reset(s->w.arena);
	WORLD_OK(&s->w, gate_hunt_new(&h, &s->ask, &options, &s->w.fault));
	assert_int_equal(gate_hunt_count(h), 1);
	WORLD_OK(&s->w, gate_hunt_next(h, &s->ask, &answers, &s->w.fault));
	check(s, &answers.items[0], &e);
	assert_int_equal(answers.count, prefix == 32 ? 1 : 1 + e.addresses);
	assert_int_equal(gate_hunt_next(h, &s->ask, &answers, &s->w.fault), ERR_NOT_FOUND);
	gate_hunt_free(h);
}

/* D-50, P-5: answers are those of a plain list of what the reader may know of, whatever is asked.
 */
static void hunts_answer_as_a_plain_list_would(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	uint64_t seed = 20261128;

	(void)state;
	make(s, seed);
	for (int i = 0; i < HUNTS; i++) {
		usec now = s->w.clock / HOUR * HOUR;
		usec since = now - (usec)(1 + next_random(&seed) % (DAYS * 24)) * HOUR;
		usec until = since + (usec)(1 + next_random(&seed) % (DAYS * 24)) * HOUR;
		unsigned prefix = i % 2 ? 32 : 26 + (unsigned)(next_random(&seed) % 6);

		s->reader.clearance = next_random(&seed) % 2 ? TLP_RED : TLP_GREEN;
		hunt_one(s, prefix, (unsigned)(next_random(&seed) % ADDRESSES), i % 3 ? since : 0,
		    i % 3 && until < now ? until : now);
	}
	end(s);
	mem_free(s);
}

static void an_unfit_question_is_refused_with_the_reason(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	struct gate_hunt_options options = {.text = S("nothing to see here")};
	struct gate_hunt *h;

	(void)state;
	make(s, 1);
	assert_int_equal(gate_hunt_new(&h, &s->ask, &options, &s->w.fault), ERR_INVALID);
	assert_non_null(strstr(s->w.fault.text, "holds no value"));
	options = (struct gate_hunt_options){.text = S("198.51.100.7"), .since = s->w.clock + HOUR};
	assert_int_equal(gate_hunt_new(&h, &s->ask, &options, &s->w.fault), ERR_INVALID);
	assert_non_null(strstr(s->w.fault.text, "before"));
	end(s);
	mem_free(s);
}

/* ---- indicators beside an answer ---- */

static void add_indicator(struct scene *s, unsigned number, enum tlp tlp, const char *pattern)
{
	char json[512];

	(void)snprintf(json, sizeof(json),
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\","
	    "\"id\":\"indicator--5ee60e4b-24f9-4d8d-9ab8-%012u\","
	    "\"created\":\"2020-01-01T00:00:00.000Z\",\"modified\":\"2020-01-01T00:00:00.000Z\","
	    "\"valid_from\":\"2020-01-01T00:00:00Z\",\"pattern_type\":\"stix\",\"pattern\":\"%s\"}",
	    number, pattern);
	(void)world_add(&s->w, json, tlp);
}

/* Of the answer's indicators their numbers and what each matches by: "1= 2=198.51.100.0/24". */
static struct str known_of(struct scene *s, const struct gate_hunt_answer *a)
{
	struct str text = S("");

	for (size_t i = 0; i < a->indicator_count; i++) {
		const struct gate_hunt_indicator *in = &a->indicators[i];
		struct str number = str_from(in->is.id, in->is.id.n - 1);

		text = arena_printf(s->w.arena, "%.*s%s%.*s=%.*s", STR_ARG(text), i ? " " : "",
		    STR_ARG(number), STR_ARG(in->by));
	}
	return text;
}

/* "VALUE: INDICATORS" of every answer, a line each. */
static struct str hunted(struct scene *s, const char *text)
{
	struct gate_hunt_options options = {.text = str_c(text)};
	struct gate_hunt_answers answers;
	struct str all = S("");
	struct gate_hunt *h;

	arena_reset(s->w.arena);
	WORLD_OK(&s->w, gate_hunt_new(&h, &s->ask, &options, &s->w.fault));
	while (gate_hunt_next(h, &s->ask, &answers, &s->w.fault) == OK)
		for (size_t i = 0; i < answers.count; i++)
			all = arena_printf(s->w.arena, "%.*s%.*s: %.*s\n", STR_ARG(all),
			    STR_ARG(answers.items[i].value),
			    STR_ARG(known_of(s, &answers.items[i])));
	gate_hunt_free(h);
	return all;
}

#define assert_hunted(s, text, expected)                                                           \
	assert_string_equal(                                                                       \
	    arena_printf((s)->w.arena, "%.*s", STR_ARG(hunted(s, text))).p, expected)

/* D-50, P-5: beside the indicators that name a value those are listed that match it: of a name
 * above it, of a network around it; the value's own first, then the nearest. */
static void an_answer_lists_what_would_match_it(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));

	(void)state;
	make(s, 3);
	add_indicator(s, 1, TLP_GREEN, "[ipv4-addr:value = '203.0.113.7']");
	add_indicator(s, 2, TLP_GREEN, "[ipv4-addr:value = '203.0.113.0/24']");
	add_indicator(s, 3, TLP_RED, "[ipv4-addr:value = '203.0.113.0/28']");
	add_indicator(s, 4, TLP_GREEN, "[domain-name:value = 'evil.example']");
	add_indicator(s, 5, TLP_GREEN,
	    "[domain-name:value = 'a.evil.example' OR domain-name:value = 'evil.example']");
	add_indicator(s, 6, TLP_GREEN, "[ipv6-addr:value = '2001:db8::/32']");
	add_indicator(s, 7, TLP_GREEN, "[url:value = 'http://evil.example/x']");
	world_follow(&s->w);
	assert_hunted(s, "203.0.113.7", "203.0.113.7: 1= 2=203.0.113.0/24\n");
	assert_hunted(s, "203.0.113.128/25", "203.0.113.128/25: 2=203.0.113.0/24\n");
	assert_hunted(s, "203.0.112.0/23", "203.0.112.0/23: \n");
	assert_hunted(s, "b.a.evil.example", "b.a.evil.example: 5=a.evil.example 4=evil.example\n");
	assert_hunted(s, "evil.example", "evil.example: 5= 4=\n");
	assert_hunted(s, "notevil.example", "notevil.example: \n");
	assert_hunted(s, "2001:db8::7", "2001:db8::7: 6=2001:db8::/32\n");
	assert_hunted(s, "http://www.evil.example/x",
	    "http://www.evil.example/x: \nwww.evil.example: 5=evil.example 4=evil.example\n");
	s->reader.clearance = TLP_RED;
	assert_hunted(s, "203.0.113.7", "203.0.113.7: 1= 3=203.0.113.0/28 2=203.0.113.0/24\n");
	end(s);
	mem_free(s);
}

/* Of a network each address that was seen has those that the network has not already. */
static void what_is_found_below_lists_what_is_nearer(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	struct str all;

	(void)state;
	make(s, 4);
	add_indicator(s, 1, TLP_GREEN, "[ipv4-addr:value = '198.51.100.0/24']");
	add_indicator(s, 2, TLP_GREEN, "[ipv4-addr:value = '198.51.100.4/31']");
	add_indicator(s, 3, TLP_GREEN, "[ipv4-addr:value = '198.51.100.5']");
	world_follow(&s->w);
	all = hunted(s, "198.51.100.4/30");
	assert_true(str_search(all, S("198.51.100.4/30: 1=198.51.100.0/24\n")) < all.n);
	assert_true(str_search(all, S("198.51.100.4: 2=198.51.100.4/31\n")) < all.n);
	assert_true(str_search(all, S("198.51.100.5: 3= 2=198.51.100.4/31\n")) < all.n);
	assert_true(str_search(all, S("198.51.100.6: \n")) < all.n);
	/* A pattern has none of its own: each value has all. */
	all = hunted(s, "[ipv4-addr:value = '198.51.100.5' AND ipv4-addr:value LIKE '198.%']");
	assert_true(
	    str_search(all, S("198.51.100.5: 3= 2=198.51.100.4/31 1=198.51.100.0/24\n")) < all.n);
	end(s);
	mem_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hunts_answer_as_a_plain_list_would),
	    cmocka_unit_test(an_unfit_question_is_refused_with_the_reason),
	    cmocka_unit_test(an_answer_lists_what_would_match_it),
	    cmocka_unit_test(what_is_found_below_lists_what_is_nearer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
