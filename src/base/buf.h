/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a ceiling and a sticky error: append freely, check once at the end.
 * After `failed` is set nothing more is appended, so a half-written tail is never seen as whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max;
	enum err failed; /* OK, ERR_LIMIT or ERR_NOMEM */
};

/* No memory is taken before the first append. The caller frees it. */
void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);
void buf_reset(struct buf *b); /* empties, keeps the memory, clears the error */

void buf_put(struct buf *b, struct str s);
void buf_byte(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_hex(struct buf *b, const void *bytes, size_t n); /* lower case */
/* Integers of stated width, big-endian, for files and messages. */
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
/* Room for n bytes at the end, counted as appended; NULL (and failed set) when refused. */
void *buf_grow(struct buf *b, size_t n);
/* Removes the first n bytes (n <= b->n). */
void buf_consume(struct buf *b, size_t n);
struct str buf_str(const struct buf *b);
