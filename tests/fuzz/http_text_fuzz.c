/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-decoding, query strings and media ranges over the same bytes. */
#include <assert.h>
#include <stddef.h>

#include "http/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = {(const char *)data, size};
	struct arena *a = arena_new(1 << 20);
	struct str rest = all;
	struct str key, value, out = STR_NONE;
	struct http_media media;
	enum err rc;

	if (http_decode(&out, a, all, true) == OK)
		assert(out.n <= all.n);
	while (http_query_next(&rest, &key, &value)) {
		assert(key.n + value.n <= all.n);
		rc = http_decode(&out, a, key, false);
		assert(rc == OK || rc == ERR_PARSE || rc == ERR_NOMEM);
	}
	rest = all;
	do {
		rc = http_media_next(&rest, &media);
		assert(rc != OK || (media.quality <= 1000 && media.type.n >= 3));
	} while (rc == OK);
	arena_free(a);
	return 0;
}
