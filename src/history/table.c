/* SPDX-License-Identifier: Apache-2.0 */
#include "history/table.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "history/record.h"
#include "history/run.h"
#include "history/sort.h"

enum {
	SLOTS = 1 << 20,
	SLOTS_USED_MAX = SLOTS / 4 * 3,
	TEXT_BYTES = 24 << 20,
	SETS = (4 << 20) / sizeof(struct history_hosts),
	HOSTS_FEW = 11,
	HOSTS_SET = 255, /* instead of a number: the set's index is in `hosts` */
	TEXT_HEAD = 6,   /* before a text: its length, and its slot */
	AHEAD = 16,      /* so many rows before they are written they are fetched */
	TOGETHER = 64,   /* observations whose memory is fetched before the first is noted */
	/* What is left of each when the table is nearly full. */
	SLOTS_LEFT = 64 << 10,
	TEXT_LEFT = 4 << 20,
	SETS_LEFT = 16 << 10,
};

/* A value in an hour. */
struct slot {
	uint32_t print; /* of value and hour */
	uint32_t text;  /* where its text is, plus one; 0: the slot is free */
	uint32_t hour;
	uint32_t count;
	uint16_t first, last;
	unsigned char host_count;
	unsigned char hosts[HOSTS_FEW];
};

static_assert(sizeof(struct slot) == 32, "two in a cache line");
static_assert(sizeof(struct slot) * SLOTS + sizeof(struct sort_key) * SLOTS_USED_MAX + TEXT_BYTES +
                      SETS * sizeof(struct history_hosts) <=
                  HISTORY_TABLE_BYTES,
    "what the header promises");

struct history_table {
	uint64_t seed;
	uint64_t seen, left_out;
	size_t used, pairs;
	size_t text_used, sets_used;
	size_t key_bytes; /* of all slots, for how long a run will be */
	struct slot *slots;
	char *text; /* each: length, kind, value */
	struct history_hosts *sets;
	struct sort_key *order;
};

struct history_table *history_table_new(uint64_t seed)
{
	struct history_table *t = mem_alloc(sizeof(*t));

	t->seed = seed;
	t->slots = mem_alloc_large(sizeof(*t->slots) * SLOTS);
	t->text = mem_alloc_large(TEXT_BYTES);
	t->sets = mem_alloc(sizeof(*t->sets) * SETS);
	t->order = mem_alloc_large(sizeof(*t->order) * SLOTS_USED_MAX);
	return t;
}

void history_table_free(struct history_table *t)
{
	if (!t)
		return;
	mem_free(t->slots);
	mem_free(t->text);
	mem_free(t->sets);
	mem_free(t->order);
	mem_free(t);
}

uint64_t history_table_seen(const struct history_table *t)
{
	return t->seen;
}

uint64_t history_table_left_out(const struct history_table *t)
{
	return t->left_out;
}

bool history_table_is_nearly_full(const struct history_table *t)
{
	return t->used > SLOTS_USED_MAX - SLOTS_LEFT || t->text_used > TEXT_BYTES - TEXT_LEFT ||
	       t->sets_used > SETS - SETS_LEFT;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t eight(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

/* Keyed by the seed; not a digest: what is found is compared. */
static uint64_t print_of(uint64_t seed, unsigned char kind, struct str value, uint32_t hour)
{
	uint64_t key = seed ^ UINT64_C(0xc2b2ae3d27d4eb4f);
	uint64_t state =
	    seed + ((uint64_t)hour << 8 | kind) * UINT64_C(0x9e3779b97f4a7c15) + value.n;
	const char *p = value.p;
	size_t n = value.n;
	uint64_t last = 0;

	for (; n >= 8; n -= 8, p += 8)
		state = mix(eight(p) ^ key, state ^ UINT64_C(0x9e3779b97f4a7c15));
	/* The last bytes: once more some that were there already, when there are enough. */
	if (value.n >= 8)
		last = eight(value.p + value.n - 8);
	else
		for (size_t i = 0; i < n; i++)
			last |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return mix(mix(last ^ key, state ^ UINT64_C(0xa0761d6478bd642f)), key | 1);
}

/* The text at a place; as a key, when texts have become such. */
static struct str text_at(const void *texts, uint32_t at)
{
	const char *p = (const char *)texts + at;
	uint16_t n;

	memcpy(&n, p, sizeof(n));
	return (struct str){p + TEXT_HEAD, n};
}

static struct slot *slot_of(const struct history_table *t, uint32_t text)
{
	uint32_t slot;

	memcpy(&slot, t->text + text + sizeof(uint16_t), sizeof(slot));
	return &t->slots[slot];
}

static bool slot_is(
    const struct history_table *t, const struct slot *s, unsigned char kind, struct str value)
{
	struct str text = text_at(t->text, s->text - 1);

	return text.n == value.n + 1 && (unsigned char)text.p[0] == kind &&
	       memcmp(text.p + 1, value.p, value.n) == 0;
}

static bool host_add(struct history_table *t, struct slot *s, unsigned char bit)
{
	struct history_hosts *set;
	uint32_t index;

	if (s->host_count != HOSTS_SET) {
		for (unsigned i = 0; i < s->host_count; i++)
			if (s->hosts[i] == bit)
				return true;
		if (s->host_count < HOSTS_FEW) {
			s->hosts[s->host_count++] = bit;
			return true;
		}
		if (t->sets_used == SETS)
			return false;
		index = (uint32_t)t->sets_used++;
		set = &t->sets[index];
		*set = (struct history_hosts){{0}};
		for (unsigned i = 0; i < HOSTS_FEW; i++)
			set->bits[s->hosts[i] / 64] |= UINT64_C(1) << s->hosts[i] % 64;
		memcpy(s->hosts, &index, sizeof(index));
		s->host_count = HOSTS_SET;
	}
	memcpy(&index, s->hosts, sizeof(index));
	t->sets[index].bits[bit / 64] |= UINT64_C(1) << bit % 64;
	return true;
}

static bool slot_new(struct history_table *t, struct slot *s, unsigned char kind, struct str value)
{
	uint16_t n = (uint16_t)(value.n + 1);
	uint32_t slot = (uint32_t)(s - t->slots);
	char *p = t->text + t->text_used;

	if (t->used == SLOTS_USED_MAX || TEXT_BYTES - t->text_used < TEXT_HEAD + (size_t)n)
		return false;
	s->text = (uint32_t)t->text_used + 1;
	memcpy(p, &n, sizeof(n));
	memcpy(p + sizeof(n), &slot, sizeof(slot));
	p[TEXT_HEAD] = (char)kind;
	memcpy(p + TEXT_HEAD + 1, value.p, value.n);
	t->text_used += TEXT_HEAD + (size_t)n;
	t->used++;
	t->key_bytes += n;
	s->count = 0;
	s->host_count = 0;
	return true;
}

/* The moment as hour and second; before 1970 is 1970, far too late is the end. */
static uint32_t hour_of(usec when, uint16_t *second)
{
	uint64_t s = when > 0 ? (uint64_t)when / USEC_PER_SEC : 0;

	if (s / SECONDS >= HOUR_END) {
		*second = SECONDS - 1;
		return HOUR_END - 1;
	}
	*second = (uint16_t)(s % SECONDS);
	return (uint32_t)(s / SECONDS);
}

/* What is looked for, and by which print. */
struct wanted {
	uint64_t print;
	struct str value;
	uint32_t hour;
	uint16_t second;
	unsigned char kind;
};

static struct wanted want(
    const struct history_table *t, unsigned char kind, struct str value, usec when)
{
	struct wanted w = {.value = value, .kind = kind};

	w.hour = hour_of(when, &w.second);
	w.print = print_of(t->seed, kind, value, w.hour);
	return w;
}

static struct slot *first_slot(const struct history_table *t, const struct wanted *w)
{
	return &t->slots[w->print >> 32 & (SLOTS - 1)];
}

/* `checked`: what a value that is not there yet must pass. */
static bool see(
    struct history_table *t, const struct wanted *w, const struct term *checked, int host)
{
	struct slot *s = first_slot(t, w);

	while (s->text && (s->print != (uint32_t)w->print || s->hour != w->hour ||
	                      !slot_is(t, s, w->kind, w->value)))
		s = s + 1 < t->slots + SLOTS ? s + 1 : t->slots;
	if (!s->text) {
		if (checked && !key_takes(checked)) {
			t->left_out++;
			return true;
		}
		if (!slot_new(t, s, w->kind, w->value))
			return false;
		s->print = (uint32_t)w->print;
		s->hour = w->hour;
		s->first = s->last = w->second;
		t->pairs += w->kind == KEY_KIND_PAIRS;
	}
	if (s->count == UINT32_MAX || (host >= 0 && !host_add(t, s, (unsigned char)host)))
		return false;
	s->count++;
	if (w->second < s->first)
		s->first = w->second;
	if (w->second > s->last)
		s->last = w->second;
	return true;
}

/* What cannot be there need not be looked for; the rest is checked when it is new. */
static bool may_be_there(const struct term *value)
{
	return value->kind < TERM_KINDS && value->value.n <= HISTORY_VALUE_MAX &&
	       (value->kind > TERM_IPV6 || key_takes(value));
}

static bool see_value(
    struct history_table *t, const struct wanted *w, const struct history_observation *o)
{
	if (!w->value.p) {
		t->left_out++;
		return true;
	}
	if (!see(t, w, o->value, o->host ? history_host_bit(o->host) : -1))
		return false;
	t->seen++;
	return true;
}

/* A value that cannot be kept is none. */
static struct wanted want_value(const struct history_table *t, const struct history_observation *o)
{
	if (!may_be_there(o->value))
		return (struct wanted){.value = STR_NONE};
	return want(t, key_kind(o->value->kind), o->value->value, o->when);
}

bool history_see(
    struct history_table *t, const struct term *value, const struct term *host, usec when)
{
	const struct history_observation o = {value, host, when};
	struct wanted w = want_value(t, &o);

	return see_value(t, &w, &o);
}

/* Each place is fetched while those before are: all slots, then the texts that they name. */
static void fetch(const struct history_table *t, const struct history_observation *list, size_t n,
    struct wanted wanted[TOGETHER])
{
	for (size_t i = 0; i < n; i++) {
		wanted[i] = want_value(t, &list[i]);
		__builtin_prefetch(first_slot(t, &wanted[i]));
	}
	for (size_t i = 0; i < n; i++) {
		const struct slot *s = first_slot(t, &wanted[i]);

		if (s->text && s->print == (uint32_t)wanted[i].print)
			__builtin_prefetch(t->text + s->text - 1);
	}
}

size_t history_see_all(struct history_table *t, const struct history_observation *list, size_t n)
{
	struct wanted wanted[TOGETHER];

	for (size_t done = 0; done < n; done += TOGETHER) {
		size_t count = n - done < TOGETHER ? n - done : TOGETHER;

		fetch(t, list + done, count, wanted);
		for (size_t i = 0; i < count; i++)
			if (!see_value(t, &wanted[i], &list[done + i]))
				return done + i;
	}
	return n;
}

bool history_see_pair(
    struct history_table *t, const struct term *name, const struct term *answer, usec when)
{
	char text[KEY_PAIR_MAX];
	struct wanted w;
	size_t n;

	if (name->kind != TERM_DOMAIN || answer->kind > TERM_DOMAIN || !key_takes(name) ||
	    !key_takes(answer)) {
		t->left_out++;
		return true;
	}
	n = key_put_pair(text, name, answer);
	w = want(t, KEY_KIND_PAIRS, (struct str){text + 1, n - 1}, when);
	return see(t, &w, NULL, -1);
}

/* Texts become keys where they lie: a name turned round is as long as it was. */
static void texts_to_keys(struct history_table *t)
{
	char name[HISTORY_NAME_MAX];

	for (size_t at = 0; at < t->text_used;) {
		uint16_t n;
		char *p = t->text + at + TEXT_HEAD;

		memcpy(&n, t->text + at, sizeof(n));
		if ((unsigned char)p[0] == key_kind(TERM_DOMAIN)) {
			memcpy(name, p + 1, n - 1U);
			key_turn(p + 1, (struct str){name, n - 1U});
		}
		at += TEXT_HEAD + (size_t)n;
	}
}

/* The same pair, from the answer; false when the text is no pair. */
static bool pair_to_name(struct history_table *t, uint32_t at)
{
	struct str text = text_at(t->text, at);
	char value[HISTORY_NAME_MAX];
	struct term name, answer;
	struct key_room room;
	uint16_t size;

	if ((unsigned char)text.p[0] != KEY_KIND_PAIRS ||
	    !key_get_pair(&name, &answer, &room, text))
		return false;
	memcpy(value, answer.value.p, answer.value.n);
	answer.value.p = value;
	/* As long as it was, or shorter by the NUL that an address does not need. */
	size = (uint16_t)key_put_name(t->text + at + TEXT_HEAD, &answer, &name);
	assert(size <= text.n);
	memcpy(t->text + at, &size, sizeof(size));
	return true;
}

/* Of all texts, or of pairs, which are turned round for it. */
static size_t order_texts(struct history_table *t, bool names)
{
	size_t n = 0;

	for (uint32_t at = 0; at < t->text_used;) {
		uint32_t next = at + TEXT_HEAD + (uint32_t)text_at(t->text, at).n;

		if (!names || pair_to_name(t, at))
			t->order[n++] = sort_key_of(text_at(t->text, at), at, 0);
		at = next;
	}
	for (size_t i = 0; i < n; i++) {
		if (i + (size_t)4 * AHEAD < n)
			__builtin_prefetch(slot_of(t, t->order[i + (size_t)4 * AHEAD].index));
		t->order[i].hour = slot_of(t, t->order[i].index)->hour;
	}
	return n;
}

static struct history_row row_of(const struct history_table *t, const struct slot *s)
{
	struct history_row row = {
	    .hour = s->hour, .first = s->first, .last = s->last, .count = s->count};
	uint32_t index;

	if (s->host_count == HOSTS_SET) {
		memcpy(&index, s->hosts, sizeof(index));
		row.hosts = t->sets[index];
		return row;
	}
	for (unsigned h = 0; h < s->host_count; h++)
		row.hosts.bits[s->hosts[h] / 64] |= UINT64_C(1) << s->hosts[h] % 64;
	return row;
}

static void put_rows(const struct history_table *t, size_t n, struct record_writer *w)
{
	struct str key = STR_NONE;

	for (size_t i = 0; i < n; i++) {
		uint32_t at = t->order[i].index;
		struct str next = text_at(t->text, at);
		struct history_row row;

		if (i + (size_t)2 * AHEAD < n)
			__builtin_prefetch(t->text + t->order[i + (size_t)2 * AHEAD].index);
		if (i + AHEAD < n)
			__builtin_prefetch(slot_of(t, t->order[i + AHEAD].index));
		row = row_of(t, slot_of(t, at));
		if (!str_eq(key, next)) {
			if (key.p)
				record_finish(w);
			record_begin(w, next, 0);
			key = next;
		}
		(void)record_put(w, &row);
	}
	if (key.p)
		record_finish(w);
}

/* No run is longer. */
static size_t run_bound(const struct history_table *t)
{
	size_t each = RECORD_HEAD_BYTES + RECORD_ROW_BYTES / 2 + sizeof(struct history_hosts);

	return HISTORY_RUN_HEADER + (t->used + t->pairs) * each + 2 * t->key_bytes;
}

enum err history_table_run(struct history_table *t, struct buf *out)
{
	struct record_writer *w;
	size_t before = out->n;

	/* All of the room first: afterwards the table is no table any more. */
	if (!buf_grow(out, run_bound(t)))
		return out->failed;
	out->n = before;
	w = mem_alloc(sizeof(*w));
	buf_put(out, HISTORY_RUN_MAGIC);
	record_writer_start(w, out);
	texts_to_keys(t);
	for (int names = 0; names < (t->pairs > 0 ? 2 : 1); names++) {
		size_t n = order_texts(t, names);

		sort_keys(t->order, n, text_at, t->text);
		put_rows(t, n, w);
	}
	mem_free(w);
	memset(t->slots, 0, sizeof(*t->slots) * SLOTS);
	t->seen = 0;
	t->used = t->pairs = t->text_used = t->sets_used = t->key_bytes = 0;
	return out->failed;
}
