/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 with the standard alphabet and padding (RFC 4648 §4). Reads only the canonical form: no
 * white space, no missing padding, no stray bits, so that one value has one spelling. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Appends the encoding of bytes; errors stick in the buf. */
void base64_put(struct buf *out, struct str bytes);
/* In the arena, NUL-terminated; STR_NONE when it refuses. */
struct str base64_encode(struct arena *arena, struct str bytes);
/* ERR_PARSE, or ERR_NOMEM when the arena refuses. */
MUST_USE enum err base64_decode(struct str *out, struct arena *arena, struct str text);
