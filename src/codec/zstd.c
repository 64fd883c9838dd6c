/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/zstd.h"

#include <zstd.h>

enum { LEVEL = 1 };

void zstd_pack(struct buf *out, struct str text)
{
	size_t before = out->n, bound = ZSTD_compressBound(text.n), n;
	void *to = buf_grow(out, bound);

	if (!to)
		return;
	n = ZSTD_compress(to, bound, text.p, text.n, LEVEL);
	/* With room for the bound only memory can be lacking. */
	if (ZSTD_isError(n))
		out->failed = ERR_NOMEM;
	else
		out->n = before + n;
}

enum err zstd_unpack(struct buf *out, struct str packed, size_t size)
{
	size_t before = out->n, n;
	void *to = buf_grow(out, size);

	if (!to)
		return ERR_LIMIT;
	n = ZSTD_decompress(to, size, packed.p, packed.n);
	if (ZSTD_isError(n) || n != size) {
		out->n = before;
		return ERR_PARSE;
	}
	return OK;
}
