/* SPDX-License-Identifier: Apache-2.0 */
/* A chunked body fed whole and fed byte by byte must decode alike. */
#include <assert.h>
#include <stddef.h>

#include "http/head.h"

enum { BODY_MAX = 4096 };

static enum http_chunks_result decode(struct str in, size_t step, struct buf *body, size_t *at)
{
	struct http_chunks c = {0};
	enum http_chunks_result result = HTTP_CHUNKS_MORE;

	*at = 0;
	while (result == HTTP_CHUNKS_MORE && *at < in.n) {
		size_t used = 0;

		result = http_chunks_feed(&c, str_slice(in, *at, *at + step), body, &used);
		assert(used <= step);
		*at += used;
	}
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size};
	struct buf whole, pieces;
	size_t at_whole, at_pieces;
	enum http_chunks_result one, many;

	buf_init(&whole, BODY_MAX);
	buf_init(&pieces, BODY_MAX);
	one = decode(in, size ? size : 1, &whole, &at_whole);
	many = decode(in, 1, &pieces, &at_pieces);
	assert(one == many);
	if (one == HTTP_CHUNKS_DONE) {
		assert(at_whole == at_pieces);
		assert(str_eq(buf_str(&whole), buf_str(&pieces)));
	}
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
