/* SPDX-License-Identifier: Apache-2.0 */
/* Walks whatever looks like an object or a list, two levels down: ranges lie inside their parent,
 * in order. */
#include <assert.h>
#include <stddef.h>

#include "admin/walk.h"

static void inside(struct str s, struct str all)
{
	assert(!s.p || (s.p >= all.p && s.p + s.n <= all.p + all.n));
}

static void walk(struct str value, unsigned depth)
{
	struct walk w;
	struct str key = STR_NONE;
	struct str item = STR_NONE;
	const char *at = value.p;

	if (walk_open(&w, value, '{') == OK) {
		while (walk_next(&w, &key, &item) == OK) {
			inside(key, value);
			inside(item, value);
			assert(item.n > 0 && key.p >= at);
			at = item.p + item.n;
			inside(walk_text(item), item);
			if (depth)
				walk(item, depth - 1);
		}
	} else if (walk_open(&w, value, '[') == OK) {
		while (walk_next(&w, NULL, &item) == OK) {
			inside(item, value);
			assert(item.n > 0 && item.p >= at);
			at = item.p + item.n;
			if (depth)
				walk(item, depth - 1);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk((struct str){(const char *)data, size}, 3);
	return 0;
}
