/* SPDX-License-Identifier: Apache-2.0 */
/* Compression (Zstandard, RFC 8878) of bounded texts. The size of what comes out is stated by who
 * sent it and held to: nothing expands past it. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Appends the compressed bytes, quickly rather than small; errors stick in `out`. */
void zstd_pack(struct buf *out, struct str text);
/* Appends exactly `size` bytes. ERR_PARSE when they are not what `packed` holds, ERR_LIMIT when
 * `out` has no room. */
MUST_USE enum err zstd_unpack(struct buf *out, struct str packed, size_t size);
