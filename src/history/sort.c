/* SPDX-License-Identifier: Apache-2.0 */
#include "history/sort.h"

#include <string.h>

enum { FEW = 12 };

struct sorting {
	sort_text_fn text;
	const void *ctx;
};

/* The kind, in six bits and one for pairs, and what follows. */
struct sort_key sort_key_of(struct str key, uint32_t index, uint32_t hour)
{
	unsigned char bytes[8] = {0};
	struct sort_key out = {0, index, hour};

	memcpy(bytes, key.p, key.n < sizeof(bytes) ? key.n : sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		out.start = out.start << 8 | bytes[i];
	return out;
}

static bool same_start_before(
    const struct sorting *s, const struct sort_key *a, const struct sort_key *b)
{
	struct str x = s->text(s->ctx, a->index), y = s->text(s->ctx, b->index);
	size_t n = x.n < y.n ? x.n : y.n;
	int order = memcmp(x.p, y.p, n);

	if (order != 0)
		return order < 0;
	return x.n != y.n ? x.n < y.n : a->hour < b->hour;
}

static inline bool before(
    const struct sorting *s, const struct sort_key *a, const struct sort_key *b)
{
	return a->start != b->start ? a->start < b->start : same_start_before(s, a, b);
}

static void swap(struct sort_key *a, struct sort_key *b)
{
	struct sort_key c = *a;

	*a = *b;
	*b = c;
}

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

/* Where the first part ends: nothing in it is after, nothing behind it before the key between. */
static size_t split(const struct sorting *s, struct sort_key *k, size_t n)
{
	size_t low = 0, high = n - 1, middle = n / 2;
	struct sort_key pivot;

	if (before(s, &k[middle], &k[0]))
		swap(&k[middle], &k[0]);
	if (before(s, &k[high], &k[0]))
		swap(&k[high], &k[0]);
	if (before(s, &k[high], &k[middle]))
		swap(&k[high], &k[middle]);
	pivot = k[middle];
	for (;;) {
		do
			low++;
		while (before(s, &k[low], &pivot));
		do
			high--;
		while (before(s, &pivot, &k[high]));
		if (low >= high)
			return high + 1;
		swap(&k[low], &k[high]);
	}
}

void sort_keys(struct sort_key *keys, size_t count, sort_text_fn text, const void *ctx)
{
	struct sorting s = {text, ctx};

	/* The larger part in this round, the smaller one in another: so deep at most as log2. */
	while (count > FEW) {
		size_t first = split(&s, keys, count), rest = count - first;

		if (first < rest) {
			sort_keys(keys, first, text, ctx);
			keys += first;
			count = rest;
		} else {
			sort_keys(keys + first, rest, text, ctx);
			count = first;
		}
	}
	insert(&s, keys, count);
}
