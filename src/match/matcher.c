/* SPDX-License-Identifier: Apache-2.0 */
#include "match/matcher.h"

#include <assert.h>

#include "base/mem.h"
#include "match/canon.h"
#include "match/entry.h"

enum {
	LINES = 256,
	VALUES = 1024,
	ANSWERS = 512,
	PROBES = 1024,
	PROBES_PER_VALUE = 160, /* labels of a name; prefix lengths are looked up one by one */
	SCRATCH = 128 << 10,
	TIMESTAMP_MAX = 64,
	SCRATCH_PER_VALUE = 3 * EVE_VALUE_MAX, /* time, text, canonical value */
	CANON_MAX = 1 << 20,
	NETWORKS = UINT16_MAX,
};

_Static_assert((int)TIMESTAMP_MAX <= (int)EVE_VALUE_MAX, "of the scratch");
_Static_assert((int)EVE_SLACK >= (int)CANON_SLACK, "texts of a line have their slack");

/* A value or, from some place in a name on, its parent; NETWORKS: the networks around it. */
struct probe {
	uint64_t print;
	uint16_t value;
	uint16_t from;
};

struct line {
	struct str text;
	struct str timestamp;
};

struct matcher {
	struct eve *eve;
	struct arena *arena;
	const struct match_index *generation;
	const struct match_delta *delta;
	uint64_t seed;
	bool inside;
	size_t last_time_n;
	char last_time[TIMESTAMP_MAX];

	/* The batch being filled. */
	size_t lines_used, values_used, answers_used, probes_used, scratch_used;
	struct line lines[LINES];
	struct match_value values[VALUES];
	uint16_t line_of[VALUES];
	struct match_answer answers[ANSWERS];
	struct probe probes[PROBES];
	uint16_t likely[PROBES];
	char scratch[SCRATCH + EVE_SLACK];
	size_t part_values,
	    part_answers; /* where those begin that the last line's event has here */
	bool told;        /* of a part of that event */
	bool answers_cut;

	/* Of the running call. */
	const struct match_sink *sink;
	struct match_counts *counts;
	uint64_t nets4, nets6[2]; /* prefix lengths of either layer's networks */
	uint16_t found;           /* the value whose entries are being visited */
};

struct matcher *matcher_new(bits_fn bits)
{
	struct matcher *m = mem_alloc(sizeof(*m));

	m->eve = eve_new(bits);
	m->arena = arena_new(CANON_MAX);
	return m;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;
	eve_free(m->eve);
	arena_free(m->arena);
	mem_free(m);
}

void matcher_layers(
    struct matcher *m, const struct match_index *generation, const struct match_delta *delta)
{
	assert(!generation || !delta || generation->seed == delta_seed(delta));
	m->generation = generation && generation->count ? generation : NULL;
	m->delta = delta;
	m->seed = generation ? generation->seed : delta ? delta_seed(delta) : 0;
}

bool matcher_inside(const struct matcher *m)
{
	return m->inside;
}

struct str matcher_last_time(const struct matcher *m)
{
	return (struct str){m->last_time, m->last_time_n};
}

void matcher_restart(struct matcher *m, bool inside)
{
	m->inside = inside;
	m->last_time_n = 0;
}

static void found(void *ctx, const struct index_entry *e)
{
	struct matcher *m = ctx;
	const struct line *line = &m->lines[m->line_of[m->found]];
	const struct match_value *value = &m->values[m->found];
	struct match_hit hit = {
	    .line = line->text,
	    .timestamp = line->timestamp,
	    .field = value->field,
	    .value = value->term,
	    .entry = *e,
	};

	if (m->delta)
		hit.entry.until = delta_until(m->delta, e->seq, e->until);
	m->counts->hits++;
	m->sink->hit(m->sink->ctx, &hit);
}

static void find(struct matcher *m, uint64_t print, const struct term *term)
{
	if (m->generation && index_may_hold(m->generation, print))
		match_find(m->generation, print, term, found, m);
	if (m->delta && delta_may_hold(m->delta, print))
		delta_find(m->delta, print, term, found, m);
}

/* The address with the bits past the prefix cleared. */
static void find_network(struct matcher *m, const struct term *address, unsigned prefix)
{
	char masked[16] = {0};
	size_t bytes = prefix / 8;
	struct term network = {address->kind, (uint8_t)prefix, {masked, address->value.n}};

	memcpy(masked, address->value.p, bytes);
	if (prefix % 8)
		masked[bytes] = (char)((unsigned char)address->value.p[bytes] &
		                       (unsigned char)(0xff00U >> prefix % 8));
	find(m, entry_fingerprint(m->seed, &network), &network);
}

static void find_networks(
    struct matcher *m, const struct term *address, uint64_t lengths, unsigned offset)
{
	for (; lengths; lengths &= lengths - 1)
		find_network(m, address, offset + (unsigned)__builtin_ctzll(lengths));
}

static uint32_t slash24(const struct term *address)
{
	const unsigned char *v = (const unsigned char *)address->value.p;

	return (uint32_t)v[0] << 16 | (uint32_t)v[1] << 8 | v[2];
}

static void networks_around(struct matcher *m, const struct term *address)
{
	if (address->kind == TERM_IPV4) {
		find_networks(m, address, m->nets4, 0);
		return;
	}
	find_networks(m, address, m->nets6[0], 0);
	find_networks(m, address, m->nets6[1], 64);
}

/* May there be a network around the address? */
static bool may_be_inside(const struct matcher *m, const struct term *address)
{
	const struct match_index *x = m->generation;
	uint32_t i = slash24(address);

	if (address->kind != TERM_IPV4 || (m->delta && delta_nets4(m->delta)))
		return true;
	return x && x->slash24 && (x->slash24[i / 8] >> i % 8 & 1);
}

static bool may_hold(const struct matcher *m, const struct probe *p)
{
	const struct match_index *x = m->generation;

	if (p->from == NETWORKS)
		return may_be_inside(m, &m->values[p->value].term);
	return (x && index_may_hold(x, p->print)) ||
	       (m->delta && delta_may_hold(m->delta, p->print));
}

static void look_up(struct matcher *m, const struct probe *p)
{
	struct term term = m->values[p->value].term;

	m->found = p->value;
	if (p->from == NETWORKS) {
		networks_around(m, &term);
		return;
	}
	term.value = str_from(term.value, p->from);
	find(m, p->print, &term);
}

/* What there is of the current line's event that has not been told yet. */
static void tell(struct matcher *m, const struct eve_event *e)
{
	static const struct str NONE[EVE_TRAITS] = {{NULL, 0}};
	const struct line *line = &m->lines[m->lines_used - 1];
	const struct match_event event = {
	    .goes_on = m->told,
	    .line = line->text,
	    .timestamp = line->timestamp,
	    .values = m->values + m->part_values,
	    .count = m->values_used - m->part_values,
	    .answers = m->answers + m->part_answers,
	    .answer_count = m->answers_used - m->part_answers,
	    .answers_cut = m->answers_cut,
	    .traits = m->sink->wants & EVE_WANT_TRAITS ? e->traits : NONE,
	};

	if (!m->sink->event || event.count + event.answer_count == 0)
		return;
	m->told = true;
	m->sink->event(m->sink->ctx, &event);
}

/* Memory was asked for as the probes came; what is left after the filter asks for its bucket, then
 * for its entries, so that each is waited for once a batch. */
static void flush(struct matcher *m)
{
	const struct match_index *x = m->generation;
	size_t likely = 0;

	if (m->sink->event && m->sink->events_end)
		m->sink->events_end(m->sink->ctx);
	for (size_t i = 0; i < m->probes_used; i++) {
		m->likely[likely] = (uint16_t)i;
		likely += may_hold(m, &m->probes[i]);
	}
	for (size_t i = 0; x && i < likely; i++)
		__builtin_prefetch(index_bucket(x, m->probes[m->likely[i]].print));
	for (size_t i = 0; x && i < likely; i++)
		__builtin_prefetch(x->entries + *index_bucket(x, m->probes[m->likely[i]].print));
	for (size_t i = 0; i < likely; i++)
		look_up(m, &m->probes[m->likely[i]]);
	if (m->lines_used && m->lines[m->lines_used - 1].timestamp.n) {
		struct str time = m->lines[m->lines_used - 1].timestamp;

		memcpy(m->last_time, time.p, time.n);
		m->last_time_n = time.n;
	}
	m->lines_used = m->values_used = m->answers_used = m->probes_used = m->scratch_used = 0;
}

static inline void probe(struct matcher *m, uint64_t print, size_t from)
{
	if (m->generation)
		__builtin_prefetch(index_bloom_line(m->generation, print));
	m->probes[m->probes_used++] =
	    (struct probe){print, (uint16_t)(m->values_used - 1), (uint16_t)from};
}

/* The parents that start behind a dot among eight bytes of a name (those below `n`), of which
 * `behind` are already in the fingerprint; the bytes end at `end`. */
static inline void probe_parents(struct matcher *m, const struct fingerprint *f, uint64_t eight,
    size_t n, size_t end, size_t behind)
{
	for (uint64_t dots = bits_equal(eight, '.') & ((1U << n) - 1); dots; dots &= dots - 1) {
		size_t left =
		    n - 1 - (size_t)__builtin_ctzll(dots); /* of the eight, behind the dot */

		if (left + behind)
			probe(m,
			    fingerprint_end(*f, left ? eight >> 8 * (n - left) : 0, left + behind),
			    end - left);
	}
}

/* A name and its parents, in one pass from the end. */
static void probe_name(struct matcher *m, struct str name)
{
	struct fingerprint f = fingerprint_start(m->seed, TERM_DOMAIN, 0);
	size_t n = name.n;
	uint64_t eight;

	for (; n >= 8; n -= 8) {
		eight = bits_eight(name.p + n - 8);
		probe_parents(m, &f, eight, 8, n, name.n - n);
		fingerprint_step(&f, eight);
	}
	eight = fingerprint_low(bits_eight(name.p), n);
	probe_parents(m, &f, eight, n, n, name.n - n);
	probe(m, fingerprint_end(f, eight, name.n), 0);
}

static void probe_networks(struct matcher *m, const struct term *address)
{
	const struct match_index *x = m->generation;

	if (address->kind == TERM_IPV4 && m->nets4 == 0)
		return;
	if (address->kind == TERM_IPV6 && (m->nets6[0] | m->nets6[1]) == 0)
		return;
	if (x && x->slash24 && address->kind == TERM_IPV4)
		__builtin_prefetch(x->slash24 + slash24(address) / 8);
	m->probes[m->probes_used++] = (struct probe){0, (uint16_t)(m->values_used - 1), NETWORKS};
}

/* A text that does not lie in the line itself must outlive what it lies in. */
static struct str keep_copy(struct matcher *m, struct str s)
{
	char *room = m->scratch + m->scratch_used;

	if (s.p != room)
		memcpy(room, s.p, s.n);
	m->scratch_used += s.n;
	return (struct str){room, s.n};
}

static inline struct str keep(struct matcher *m, struct str line, struct str s)
{
	bool there = s.n == 0 || (s.p >= line.p && s.p < line.p + line.n);

	return there ? s : keep_copy(m, s);
}

/* In canonical form, where it stays until the batch is done. */
static bool keep_term(struct matcher *m, struct term *out, enum term_kind kind, struct str text)
{
	struct str line = m->lines[m->lines_used - 1].text, kept = keep(m, line, text);
	char *room = m->scratch + m->scratch_used;

	if (canon_term(out, kind, kept, room, m->arena) != OK || out->value.n > EVE_VALUE_MAX)
		return false;
	if (out->value.p < m->scratch || out->value.p >= room)
		out->value = keep(m, line, out->value);
	return true;
}

static void add_value(struct matcher *m, const struct eve_value *v)
{
	struct term t;

	if (!keep_term(m, &t, eve_field_kind(v->field), v->text))
		return;
	m->line_of[m->values_used] = (uint16_t)(m->lines_used - 1);
	m->values[m->values_used++] = (struct match_value){t, v->field};
	if (t.kind == TERM_DOMAIN)
		probe_name(m, t.value);
	else
		probe(m, entry_fingerprint(m->seed, &t), 0);
	if (t.kind == TERM_IPV4 || t.kind == TERM_IPV6)
		probe_networks(m, &t);
}

static bool room_for_value(const struct matcher *m)
{
	return m->values_used < VALUES && m->probes_used <= PROBES - PROBES_PER_VALUE &&
	       m->scratch_used <= SCRATCH - SCRATCH_PER_VALUE;
}

/* Opens the batch's next line. */
static void open_line(struct matcher *m, struct str text, const struct eve_event *event)
{
	struct str timestamp = event->timestamp;

	if (timestamp.n > TIMESTAMP_MAX)
		timestamp = STR_NONE;
	m->lines[m->lines_used++] = (struct line){text, keep(m, text, timestamp)};
	m->part_values = m->values_used;
	m->part_answers = m->answers_used;
}

/* The current line in a batch of its own, from here on. */
static void carry_over(struct matcher *m, struct str text, const struct eve_event *event)
{
	tell(m, event);
	flush(m);
	open_line(m, text, event);
}

static bool room_for_answer(const struct matcher *m)
{
	return m->answers_used < ANSWERS && m->scratch_used <= SCRATCH - 2 * SCRATCH_PER_VALUE;
}

static void add_answers(struct matcher *m, const struct eve_line *line)
{
	const struct eve_event *e = line->event;

	for (size_t i = 0; i < e->answer_count; i++) {
		const struct eve_answer *from = &e->answers[i];
		struct match_answer a;

		if (!room_for_answer(m))
			carry_over(m, line->text, e);
		if (keep_term(m, &a.name, TERM_DOMAIN, from->name) &&
		    keep_term(m, &a.data, from->kind, from->data))
			m->answers[m->answers_used++] = a;
		else
			m->answers_cut = true;
	}
}

static void add_line(struct matcher *m, const struct eve_line *line)
{
	const struct eve_event *event = line->event;

	m->counts->lines++;
	if (line->text.n > EVE_LINE_MAX) {
		m->counts->skipped++;
		return;
	}
	if (line->rc != OK) {
		m->counts->bad++;
		return;
	}
	if (event->count == 0 && event->answer_count == 0)
		return;
	if (m->lines_used == LINES || !room_for_value(m))
		flush(m);
	open_line(m, line->text, event);
	m->told = false;
	m->answers_cut = event->answers_cut;
	if (m->sink->event && (m->sink->wants & EVE_WANT_ANSWERS))
		add_answers(m, line);
	for (size_t i = 0; i < event->count; i++) {
		if (!room_for_value(m))
			carry_over(m, line->text, event);
		add_value(m, &event->values[i]);
	}
	tell(m, event);
}

static void network_lengths(struct matcher *m)
{
	const struct match_index *x = m->generation;
	const struct match_delta *d = m->delta;

	m->nets4 = (x ? x->nets4 : 0) | (d ? delta_nets4(d) : 0);
	for (unsigned half = 0; half < 2; half++)
		m->nets6[half] = (x ? x->nets6[half] : 0) | (d ? delta_nets6(d, half) : 0);
}

/* The end of a line that is being let go, when the block has it. */
static struct str let_go(struct matcher *m, struct str block)
{
	size_t end = str_find(block, '\n');

	if (end == block.n)
		return block;
	m->counts->lines++;
	m->counts->skipped++;
	m->inside = false;
	return str_from(block, end + 1);
}

size_t matcher_feed(
    struct matcher *m, struct str block, struct match_counts *counts, const struct match_sink *sink)
{
	struct str rest = block;
	struct eve_line line;
	size_t whole, done;

	m->sink = sink;
	m->counts = counts;
	network_lengths(m);
	if (m->inside)
		rest = let_go(m, rest);
	whole = m->inside ? 0 : rest.n;
	while (whole > 0 && rest.p[whole - 1] != '\n')
		whole--;
	eve_want(m->eve, m->sink->event ? m->sink->wants : 0);
	eve_start(m->eve, str_slice(rest, 0, whole));
	while (eve_next(m->eve, &line))
		add_line(m, &line);
	flush(m);
	rest = str_from(rest, whole);
	if (m->inside || rest.n > EVE_LINE_MAX) {
		m->inside = true;
		rest = str_from(rest, rest.n);
	}
	done = block.n - rest.n;
	counts->bytes += done;
	return done;
}
