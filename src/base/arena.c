/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_PER_ALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_PER_ALLOC 1
#endif
#endif

#ifndef BLOCK_PER_ALLOC
#define BLOCK_PER_ALLOC 0
#endif

enum { BLOCK_FIRST = 4096, BLOCK_MAX = 1 << 20, ALIGN = 16 };

struct block {
	struct block *older;
	size_t size;
	size_t used;
	_Alignas(ALIGN) unsigned char bytes[];
};

struct arena {
	struct block *newest;
	size_t max;
	size_t total; /* handed out since the last reset, padding included */
};

static struct block *block_new(size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (b)
		*b = (struct block){.size = size};
	return b;
}

/* Blocks double up to BLOCK_MAX; a larger allocation gets one of its own size. */
static size_t block_size(size_t last, size_t need)
{
	size_t size = last < BLOCK_MAX ? last * 2 : BLOCK_MAX;

	return size < need ? need : size;
}

struct arena *arena_new(size_t max)
{
	struct arena *a = malloc(sizeof(*a));
	struct block *b = a ? block_new(BLOCK_PER_ALLOC ? 0 : BLOCK_FIRST) : NULL;

	if (!b)
		abort();
	*a = (struct arena){.newest = b, .max = max};
	return a;
}

void arena_reset(struct arena *a)
{
	while (a->newest->older) {
		struct block *gone = a->newest;

		a->newest = gone->older;
		free(gone);
	}
	a->newest->used = 0;
	a->total = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a->newest);
	free(a);
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t padded = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	struct block *b = BLOCK_PER_ALLOC ? NULL : a->newest;

	if (padded < n || padded > a->max - a->total)
		return NULL;
	if (!b || padded > b->size - b->used) {
		/* Exact under AddressSanitizer: the first byte past it is poisoned. */
		size_t size = b ? block_size(b->size, padded) : n;

		b = block_new(size);
		if (!b)
			return NULL;
		b->older = a->newest;
		a->newest = b;
	}
	a->total += padded;
	b->used += BLOCK_PER_ALLOC ? n : padded;
	return b->bytes + (BLOCK_PER_ALLOC ? 0 : b->used - padded);
}

void *arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p)
		memset(p, 0, n);
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	return __builtin_mul_overflow(count, size, &n) ? NULL : arena_alloc(a, n);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = s.n == SIZE_MAX ? NULL : arena_alloc(a, s.n + 1);

	if (!p)
		return STR_NONE;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = 0;
	return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	int n;
	char *p;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (p)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p ? (struct str){p, (size_t)n} : STR_NONE;
}

size_t arena_used(const struct arena *a)
{
	return a->total;
}
