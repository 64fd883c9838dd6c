/* SPDX-License-Identifier: Apache-2.0 */
#include "match/matcher.h"

#include <assert.h>

#include "base/mem.h"
#include "match/canon.h"
#include "match/entry.h"

enum {
	LINES = 256,
	VALUES = 1024,
	PROBES = 1024,
	PROBES_PER_VALUE = 160, /* labels of a name; prefix lengths are looked up one by one */
	SCRATCH = 128 << 10,
	TIMESTAMP_MAX = 64,
	SCRATCH_PER_VALUE = EVE_VALUE_MAX + TIMESTAMP_MAX + 64,
	CANON_MAX = 1 << 20,
	NETWORKS = 255, /* as prefix: not a value but "the networks around it" */
};

struct probe {
	uint64_t print;
	struct term term;
	uint16_t value;
};

struct line {
	struct str text;
	struct str timestamp;
};

struct value {
	struct term term;
	enum eve_field field;
	uint16_t line;
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
	size_t lines_used, values_used, probes_used, scratch_used;
	struct line lines[LINES];
	struct value values[VALUES];
	struct probe probes[PROBES];
	uint16_t likely[PROBES];
	char scratch[SCRATCH];

	/* Of the running call. */
	match_hit_fn hit;
	void *ctx;
	struct match_counts *counts;
	const struct value *found; /* whose entries are being visited */
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
	const struct line *line = &m->lines[m->found->line];
	struct match_hit hit = {
	    .line = line->text,
	    .timestamp = line->timestamp,
	    .field = m->found->field,
	    .value = m->found->term,
	    .entry = *e,
	};

	m->counts->hits++;
	m->hit(m->ctx, &hit);
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
	const struct match_index *x = m->generation;
	const struct match_delta *d = m->delta;

	if (address->kind == TERM_IPV6) {
		for (unsigned half = 0; half < 2; half++)
			find_networks(m, address,
			    (x ? x->nets6[half] : 0) | (d ? delta_nets6(d, half) : 0), half * 64);
		return;
	}
	if (x && x->slash24 && x->slash24[slash24(address) / 8] >> slash24(address) % 8 & 1)
		find_networks(m, address, x->nets4 | (d ? delta_nets4(d) : 0), 0);
	else if (d)
		find_networks(m, address, delta_nets4(d), 0);
}

static void prefetch(const struct matcher *m, const struct probe *p)
{
	const struct match_index *x = m->generation;

	if (p->term.prefix != NETWORKS)
		__builtin_prefetch(index_bloom_line(x, p->print));
	else if (x->slash24 && p->term.kind == TERM_IPV4)
		__builtin_prefetch(x->slash24 + slash24(&p->term) / 8);
}

static bool may_hold(const struct matcher *m, const struct probe *p)
{
	const struct match_index *x = m->generation;
	bool maybe = false;

	if (p->term.prefix == NETWORKS)
		return true;
	if (x && index_may_hold(x, p->print)) {
		__builtin_prefetch(index_bucket(x, p->print));
		maybe = true;
	}
	return maybe || (m->delta && delta_may_hold(m->delta, p->print));
}

/* Asks for the whole batch, stage by stage, so that memory is waited for once a stage. */
static void flush(struct matcher *m)
{
	size_t likely = 0;

	if (m->generation)
		for (size_t i = 0; i < m->probes_used; i++)
			prefetch(m, &m->probes[i]);
	for (size_t i = 0; i < m->probes_used; i++) {
		m->likely[likely] = (uint16_t)i;
		likely += may_hold(m, &m->probes[i]);
	}
	for (size_t i = 0; i < likely; i++) {
		const struct probe *p = &m->probes[m->likely[i]];

		m->found = &m->values[p->value];
		if (p->term.prefix == NETWORKS)
			networks_around(m, &p->term);
		else
			find(m, p->print, &p->term);
	}
	if (m->lines_used && m->lines[m->lines_used - 1].timestamp.n) {
		struct str time = m->lines[m->lines_used - 1].timestamp;

		memcpy(m->last_time, time.p, time.n);
		m->last_time_n = time.n;
	}
	m->lines_used = m->values_used = m->probes_used = m->scratch_used = 0;
}

static void probe(struct matcher *m, const struct term *t)
{
	m->probes[m->probes_used++] = (struct probe){
	    .print = entry_fingerprint(m->seed, t),
	    .term = *t,
	    .value = (uint16_t)(m->values_used - 1),
	};
}

static void probe_parents(struct matcher *m, const struct term *name)
{
	struct term parent = *name;

	for (;;) {
		size_t dot = str_find(parent.value, '.');

		if (dot == parent.value.n)
			return;
		parent.value = str_from(parent.value, dot + 1);
		if (parent.value.n)
			probe(m, &parent);
	}
}

static bool has_networks(const struct matcher *m, enum term_kind kind)
{
	const struct match_index *x = m->generation;
	const struct match_delta *d = m->delta;

	if (kind == TERM_IPV4)
		return (x && x->nets4) || (d && delta_nets4(d));
	return (x && (x->nets6[0] | x->nets6[1])) || (d && (delta_nets6(d, 0) | delta_nets6(d, 1)));
}

/* A value or time that does not lie in the line itself must outlive what it lies in. */
static struct str keep(struct matcher *m, struct str line, struct str s)
{
	char *room = m->scratch + m->scratch_used;

	if (s.n == 0 || (s.p >= line.p && s.p < line.p + line.n))
		return s;
	if (s.p != room)
		memcpy(room, s.p, s.n);
	m->scratch_used += s.n;
	return (struct str){room, s.n};
}

static void add_value(struct matcher *m, const struct eve_value *v)
{
	uint16_t line = (uint16_t)(m->lines_used - 1);
	char *room = m->scratch + m->scratch_used;
	struct term t;

	arena_reset(m->arena);
	if (canon_term(&t, eve_field_kind(v->field), v->text, room, m->arena) != OK ||
	    t.value.n > EVE_VALUE_MAX)
		return;
	t.value = keep(m, m->lines[line].text, t.value);
	m->values[m->values_used++] = (struct value){t, v->field, line};
	probe(m, &t);
	if (t.kind == TERM_DOMAIN)
		probe_parents(m, &t);
	if ((t.kind == TERM_IPV4 || t.kind == TERM_IPV6) && has_networks(m, t.kind)) {
		t.prefix = NETWORKS;
		m->probes[m->probes_used++] = (struct probe){0, t, (uint16_t)(m->values_used - 1)};
	}
}

static bool room_for_value(const struct matcher *m)
{
	return m->values_used < VALUES && m->probes_used <= PROBES - PROBES_PER_VALUE &&
	       m->scratch_used <= SCRATCH - SCRATCH_PER_VALUE;
}

/* Opens the batch's next line, or carries the current one over into a new batch. */
static void open_line(struct matcher *m, struct str text, struct str timestamp)
{
	if (timestamp.n > TIMESTAMP_MAX)
		timestamp = STR_NONE;
	m->lines[m->lines_used++] = (struct line){text, keep(m, text, timestamp)};
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
	if (event->count == 0)
		return;
	if (m->lines_used == LINES || !room_for_value(m))
		flush(m);
	open_line(m, line->text, event->timestamp);
	for (size_t i = 0; i < event->count; i++) {
		if (!room_for_value(m)) {
			flush(m);
			open_line(m, line->text, event->timestamp);
		}
		add_value(m, &event->values[i]);
	}
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
    struct matcher *m, struct str block, struct match_counts *counts, match_hit_fn hit, void *ctx)
{
	struct str rest = block;
	struct eve_line line;
	size_t whole, done;

	m->hit = hit;
	m->ctx = ctx;
	m->counts = counts;
	if (m->inside)
		rest = let_go(m, rest);
	whole = m->inside ? 0 : rest.n;
	while (whole > 0 && rest.p[whole - 1] != '\n')
		whole--;
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
