/* SPDX-License-Identifier: Apache-2.0 */
/* A TAXII request's target: the path up to '?', then the query. */
#include <assert.h>
#include <stddef.h>

#include "share/filter.h"
#include "share/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str query = {(const char *)data, size};
	struct str path = str_cut(&query, '?');
	struct arena *a = arena_new(4 << 20);
	struct filter f = {0};
	struct route r = {0};
	enum err rc = route_parse(&r, a, path);

	assert(rc != OK || (unsigned)r.resource < TAXII_RESOURCES);
	if (filter_parse(&f, a, query, ~0U, NULL) == OK) {
		assert(f.id_count <= FILTER_VALUES_MAX && f.exact_count <= FILTER_VALUES_MAX);
		assert(!(f.seen & FILTER_LIMIT) || f.limit > 0);
		assert(!(f.seen & FILTER_ID) || f.id_count > 0);
		assert(f.binding.p);
	}
	arena_free(a);
	return 0;
}
