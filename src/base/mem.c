/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20 };

void *mem_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		abort();
	return p;
}

void *mem_alloc_large(size_t n)
{
	char *p = mem_alloc(n);
	size_t skip = (size_t)(-(uintptr_t)p & (LARGE_PAGE - 1));

	if (n > skip + LARGE_PAGE)
		(void)madvise(p + skip, (n - skip) & ~(size_t)(LARGE_PAGE - 1), MADV_HUGEPAGE);
	return p;
}

void *mem_grow(void *p, size_t count, size_t size)
{
	size_t n;
	void *q;

	if (__builtin_mul_overflow(count, size, &n))
		abort();
	q = realloc(p, n ? n : 1);
	if (!q)
		abort();
	return q;
}

void mem_free(void *p)
{
	free(p);
}

void mem_trim(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	/* A sanitizer's allocator takes the library's place, which then was never set up, and which
	 * several threads must not set up at once. */
	(void)malloc_trim(0);
#endif
}
