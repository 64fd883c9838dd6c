/* SPDX-License-Identifier: Apache-2.0 */
/* A reading cursor over untrusted bytes: bounds-checked, with a sticky error. Reads past the end
 * give zero or STR_NONE and set `failed`; check once at the end. Integers are big-endian. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct rd {
	const unsigned char *p;
	size_t n; /* left */
	bool failed;
};

struct rd rd_of(struct str s);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);
struct str rd_bytes(struct rd *r, size_t n); /* borrowed */
struct str rd_text(struct rd *r);            /* u32 length and bytes; borrowed */
struct str rd_rest(struct rd *r);
/* True when nothing failed and nothing is left over. */
bool rd_done(const struct rd *r);
