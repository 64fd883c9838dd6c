/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for the few long-lived objects of fixed size (a store, a server, a channel). Aborts when
 * refused: sizes that a peer controls go through arenas and bufs, which answer instead. */
#pragma once

#include <stddef.h>

void *mem_alloc(size_t n); /* zeroed, never NULL */
/* The same, in large pages where the system has them: for what is looked at here and there. */
void *mem_alloc_large(size_t n);
/* Grows an array of our own bookkeeping to count * size bytes, contents kept; never NULL. */
void *mem_grow(void *p, size_t count, size_t size);
void mem_free(void *p); /* NULL allowed */
/* Gives back to the system what is free, after a burst of work: an idle process is a small one. */
void mem_trim(void);
