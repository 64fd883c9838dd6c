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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hunts_answer_as_a_plain_list_would),
	    cmocka_unit_test(an_unfit_question_is_refused_with_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
