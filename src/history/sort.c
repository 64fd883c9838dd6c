/* SPDX-License-Identifier: Apache-2.0 */
#include "history/sort.h"

#include <string.h>

#include "base/mem.h"

enum {
	FEW = 12,
	MANY = 2048, /* from so many on, by their digits */
	STEP = sizeof(uint64_t),
	DIGIT_BITS = 8,
	DIGITS = 64 / DIGIT_BITS,
	DIGIT_VALUES = 1 << DIGIT_BITS,
};

struct sorting {
	sort_text_fn text;
	const void *ctx;
	struct sort_key *room; /* for as many; NULL: there are not many */
};

struct sort_key sort_key_of(struct str key, uint32_t index, uint32_t hour)
{
	return (struct sort_key){sort_bytes_at(key, 0), index, hour};
}

static bool before(const struct sorting *s, const struct sort_key *a, const struct sort_key *b)
{
	int order = str_cmp(s->text(s->ctx, a->index), s->text(s->ctx, b->index));

	return order != 0 ? order < 0 : a->hour < b->hour;
}

/* A few, by the whole of their keys. */
static void insert(const struct sorting *s, struct sort_key *k, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct sort_key key = k[i];
		size_t at = i;

		for (; at > 0 && before(s, &key, &k[at - 1]); at--)
			k[at] = k[at - 1];
		k[at] = key;
	}
}

static void swap(struct sort_key *a, struct sort_key *b)
{
	struct sort_key c = *a;

	*a = *b;
	*b = c;
}

/* Where the first part ends: nothing in it is more, nothing behind it less than the number between.
 */
static size_t split(struct sort_key *k, size_t n)
{
	size_t low = 0, high = n - 1, middle = n / 2;
	uint64_t pivot;

	if (k[middle].start < k[0].start)
		swap(&k[middle], &k[0]);
	if (k[high].start < k[0].start)
		swap(&k[high], &k[0]);
	if (k[high].start < k[middle].start)
		swap(&k[high], &k[middle]);
	pivot = k[middle].start;
	for (;;) {
		do
			low++;
		while (k[low].start < pivot);
		do
			high--;
		while (pivot < k[high].start);
		if (low >= high)
			return high + 1;
		swap(&k[low], &k[high]);
	}
}

/* By the numbers alone. */
static void by_start(struct sort_key *k, size_t n)
{
	/* The larger part in this round, the smaller one in another: so deep at most as log2. */
	while (n > FEW) {
		size_t first = split(k, n), rest = n - first;

		if (first < rest) {
			by_start(k, first);
			k += first;
			n = rest;
		} else {
			by_start(k + first, rest);
			n = first;
		}
	}
	for (size_t i = 1; i < n; i++) {
		struct sort_key key = k[i];
		size_t at = i;

		for (; at > 0 && key.start < k[at - 1].start; at--)
			k[at] = k[at - 1];
		k[at] = key;
	}
}

static unsigned digit(const struct sort_key *k, int d)
{
	return (unsigned)(k->start >> d * DIGIT_BITS) & (DIGIT_VALUES - 1);
}

/* By the numbers alone, one digit after the other from the last; a digit that all share is passed
 * over. */
static void by_digits(struct sort_key *keys, struct sort_key *room, size_t n)
{
	uint32_t counts[DIGITS][DIGIT_VALUES] = {{0}};
	struct sort_key *from = keys, *to = room;

	for (size_t i = 0; i < n; i++)
		for (int d = 0; d < DIGITS; d++)
			counts[d][digit(&keys[i], d)]++;
	for (int d = 0; d < DIGITS; d++) {
		struct sort_key *were = from;
		uint32_t at = 0;

		if (counts[d][digit(keys, d)] == n)
			continue;
		for (int v = 0; v < DIGIT_VALUES; v++) {
			uint32_t count = counts[d][v];

			counts[d][v] = at;
			at += count;
		}
		for (size_t i = 0; i < n; i++)
			to[counts[d][digit(&from[i], d)]++] = from[i];
		from = to;
		to = were;
	}
	if (from != keys)
		memcpy(keys, from, n * sizeof(*keys));
}

static void by_number(const struct sorting *s, struct sort_key *k, size_t n)
{
	if (n < MANY)
		by_start(k, n);
	else
		by_digits(k, s->room, n);
}

/* Puts the next bytes of all keys into their numbers; false when none has any: then what is left
 * to tell them by, length and hour. */
static bool next_bytes(const struct sorting *s, struct sort_key *k, size_t n, size_t at)
{
	bool some = false;

	for (size_t i = 0; i < n; i++) {
		struct str key = s->text(s->ctx, k[i].index);

		some = some || key.n > at;
		k[i].start = sort_bytes_at(key, at);
	}
	for (size_t i = 0; !some && i < n; i++)
		k[i].start = (uint64_t)s->text(s->ctx, k[i].index).n << 32 | k[i].hour;
	return some;
}

/* Keys of which the first `at` bytes are the same. */
static void sort_from(const struct sorting *s, struct sort_key *keys, size_t count, size_t at)
{
	for (size_t i = 0, same; i < count; i += same) {
		for (same = 1; i + same < count && keys[i + same].start == keys[i].start;)
			same++;
		if (same <= FEW) {
			insert(s, keys + i, same);
		} else if (next_bytes(s, keys + i, same, at)) {
			by_number(s, keys + i, same);
			sort_from(s, keys + i, same, at + STEP);
		} else {
			by_number(s, keys + i, same);
		}
	}
}

void sort_keys(struct sort_key *keys, size_t count, sort_text_fn text, const void *ctx)
{
	struct sorting s = {text, ctx, NULL};

	if (count >= MANY)
		s.room = mem_alloc_large(count * sizeof(*s.room));
	by_number(&s, keys, count);
	sort_from(&s, keys, count, STEP);
	mem_free(s.room);
}
