/* SPDX-License-Identifier: Apache-2.0 */
/* How messages between nodes are framed inside TLS: u32 length of the body, u16 type, body;
 * big-endian. Pure: it borrows from the bytes received and keeps nothing. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { FRAME_HEADER = 6 };

struct frame {
	uint16_t type;
	struct str body; /* borrowed */
};

/* The frame at the start of `bytes`; it takes FRAME_HEADER + body.n of them. ERR_NOT_FOUND: not
 * whole yet, *want is how many bytes it takes as far as can be said; ERR_LIMIT: its body is longer
 * than body_max. */
MUST_USE enum err frame_read(struct frame *out, size_t *want, struct str bytes, size_t body_max);
/* What stands before a body of n bytes. */
void frame_header(char out[FRAME_HEADER], uint16_t type, size_t n);
