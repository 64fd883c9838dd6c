/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for one unit of work (a request, a message, a record): allocate as you go, free all at
 * once. Every arena has a ceiling, so that no input can make the process grow past a stated size.
 * Under AddressSanitizer each allocation is a block of its own, so that overruns are seen. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct arena;

/* An arena that hands out at most `max` bytes between two resets. Aborts when even the first
 * small block cannot be had. The caller owns it. */
struct arena *arena_new(size_t max);
/* Forgets every allocation; keeps the first block for reuse. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a); /* NULL allowed */

/* n bytes aligned for any type, zeroed by arena_zalloc; NULL when the ceiling is reached or memory
 * is refused: the caller answers ERR_LIMIT or ERR_NOMEM. n == 0 gives a valid unique pointer. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);
/* count * size with overflow checked. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A NUL-terminated copy; STR_NONE (p == NULL) when refused. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
size_t arena_used(const struct arena *a);
