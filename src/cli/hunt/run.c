/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "api/hunt/hunt.h"
#include "cli/cmd.h"
#include "cli/hunt/hunt.h"
#include "cli/terminal.h"
#include "codec/time.h"
#include "sys/env.h"

enum { ARENA_MAX = 512 << 20, TURN_MAX = 512 << 20, TEXT_MAX = 256 << 20 };

enum err hunting_open(struct hunting *h, struct fault *fault)
{
	h->arena = arena_new(ARENA_MAX);
	h->reader = gate_local_reader();
	return gate_open(&h->gate, str_c(h->dir), sys_env(), fault);
}

void hunting_close(struct hunting *h)
{
	gate_close(h->gate);
	arena_free(h->arena);
}

struct gate_ask hunting_ask(const struct hunting *h, struct arena *arena)
{
	return (struct gate_ask){
	    .gate = h->gate, .reader = &h->reader, .outlet = OUTLET_API, .arena = arena};
}

enum err hunting_time(usec *out, const char *text, usec now, struct fault *fault)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} UNITS[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	struct str s = str_c(text);
	uint64_t n;

	for (size_t i = 0; s.n && i < sizeof(UNITS) / sizeof(UNITS[0]); i++)
		if (s.p[s.n - 1] == UNITS[i].unit && str_u64(str_slice(s, 0, s.n - 1), &n) == OK &&
		    n < (uint64_t)now / USEC_PER_SEC / UNITS[i].seconds) {
			*out = now - (usec)(n * UNITS[i].seconds) * USEC_PER_SEC;
			return OK;
		}
	if (time_parse_any(out, s) == OK && *out > 0)
		return OK;
	return fail(fault, ERR_INVALID,
	    "%.100s: neither a time like 2026-01-31T12:00:00Z nor an age like 90d, 12h, 30m", text);
}

/* ---- for people ---- */

static const char *put_time(char out[TIME_TEXT + 1], usec t)
{
	time_format(out, t - t % USEC_PER_SEC);
	/* Seconds are what is kept. */
	out[19] = 'Z';
	out[20] = '\0';
	return out;
}

static void put_value(struct buf *out, struct str value, const char *behind)
{
	terminal_put(out, value);
	buf_put(out, str_c(behind));
}

static void put_seen(struct buf *out, const struct gate_hunt_answer *a)
{
	char first[TIME_TEXT + 1], last[TIME_TEXT + 1];

	put_value(out, a->value, "\t");
	put_value(out, a->type, "\t");
	if (a->refused.p) {
		buf_put(out, S("cannot be hunted: "));
		put_value(out, a->refused, "\n");
		return;
	}
	if (a->count == 0) {
		buf_put(out, S("never seen\n"));
		return;
	}
	buf_printf(out, "seen %" PRIu64 " time%s", a->count, a->count == 1 ? "" : "s");
	if (a->hosts)
		buf_printf(out, " by about %u host%s", a->hosts, a->hosts == 1 ? "" : "s");
	buf_printf(out, ", %s to %s, at ", put_time(first, a->first), put_time(last, a->last));
	for (size_t i = 0; i < a->source_count; i++) {
		put_value(out, a->sources[i].name, " ");
		buf_printf(out, "(%" PRIu64 ")%s", a->sources[i].count,
		    i + 1 < a->source_count ? ", " : "\n");
	}
}

static void put_beside(struct buf *out, const struct gate_hunt_answer *a)
{
	char last[TIME_TEXT + 1];

	for (size_t i = 0; i < a->name_count; i++) {
		buf_put(out, S("\tDNS: "));
		put_value(out, a->names[i].name, " is ");
		put_value(out, a->names[i].answer, "");
		buf_printf(out, ", %" PRIu64 " time%s, last %s\n", a->names[i].count,
		    a->names[i].count == 1 ? "" : "s", put_time(last, a->names[i].last));
	}
	for (size_t i = 0; i < a->indicator_count; i++) {
		const struct gate_indicator *in = &a->indicators[i].is;
		struct str by = a->indicators[i].by;

		buf_byte(out, '\t');
		if (by.n > 0)
			put_value(out, by, " is named by ");
		else
			buf_put(out, S("named by "));
		put_value(out, in->id,
		    in->quarantined ? " (quarantined) "
		    : in->active    ? " (active) "
		                    : " (not active) ");
		put_value(out, in->name.p ? in->name : S(""), "\n");
	}
	if (a->more)
		buf_put(out, S("\t... and more\n"));
}

/* ---- answers as they come ---- */

struct sink {
	bool json;
	struct buf out;
	struct hunt_sums sums;
};

static struct json_writer begin_line(struct sink *s, const char *event)
{
	struct json_writer w = json_writer(&s->out);

	json_object(&w, NULL);
	/* The member's value follows as it is for the network. */
	buf_printf(&s->out, "\"%s\":", event);
	return json_writer(&s->out);
}

static void end_line(struct sink *s)
{
	buf_put(&s->out, S("}\n"));
}

static int flush(struct sink *s)
{
	int code = s->out.n ? cmd_print(buf_str(&s->out)) : EXIT_GOOD;

	(void)fflush(stdout);
	buf_reset(&s->out);
	return code;
}

static void tell(struct sink *s, const struct gate_hunt_answers *answers)
{
	hunt_sum(&s->sums, answers);
	for (size_t i = 0; i < answers->count; i++) {
		struct json_writer w;

		if (!s->json) {
			put_seen(&s->out, &answers->items[i]);
			put_beside(&s->out, &answers->items[i]);
			continue;
		}
		w = begin_line(s, "answer");
		render_hunt_answer(&w, &answers->items[i]);
		end_line(s);
	}
}

static void tell_values(struct sink *s, const struct gate_hunt *hunt, const struct gate_ask *ask)
{
	for (size_t n = 0; s->json && n < gate_hunt_count(hunt); n++) {
		struct gate_hunt_value v = gate_hunt_value(hunt, ask, n);
		struct json_writer w = begin_line(s, "value");

		render_hunt_value(&w, &v, n);
		end_line(s);
	}
}

static void tell_end(struct sink *s, const struct gate_hunt *hunt)
{
	struct json_writer w;

	if (s->json) {
		w = begin_line(s, "end");
		render_hunt_end(&w, hunt, &s->sums);
		end_line(s);
	} else if (gate_hunt_more(hunt)) {
		buf_printf(&s->out, "more than %d values: only the first of them were hunted\n",
		    EXTRACT_VALUES_MAX);
	}
}

static enum err run(
    struct hunting *h, struct gate_hunt *hunt, struct sink *s, int *code, struct fault *fault)
{
	struct arena *turn = arena_new(TURN_MAX);
	const struct gate_ask ask = hunting_ask(h, turn);
	struct gate_hunt_answers answers;
	enum err rc;

	tell_values(s, hunt, &ask);
	while ((rc = gate_hunt_next(hunt, &ask, &answers, fault)) == OK && *code == EXIT_GOOD) {
		tell(s, &answers);
		*code = flush(s);
		arena_reset(turn);
	}
	arena_free(turn);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

int hunting_run(struct hunting *h, const struct gate_hunt_options *options, usec *until)
{
	const struct gate_ask ask = hunting_ask(h, h->arena);
	struct sink s = {.json = h->json};
	struct gate_hunt *hunt;
	struct fault fault;
	int code = EXIT_GOOD;

	if (gate_hunt_new(&hunt, &ask, options, &fault) != OK)
		return cmd_fail(h->verb, &fault);
	buf_init(&s.out, TEXT_MAX);
	if (run(h, hunt, &s, &code, &fault) != OK)
		code = cmd_fail(h->verb, &fault);
	if (code == EXIT_GOOD) {
		tell_end(&s, hunt);
		code = flush(&s);
	}
	*until = gate_hunt_until(hunt);
	gate_hunt_free(hunt);
	buf_free(&s.out);
	return code == EXIT_GOOD && s.sums.seen == 0 ? EXIT_SOME : code;
}
