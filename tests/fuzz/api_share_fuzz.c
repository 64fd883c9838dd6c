/* SPDX-License-Identifier: Apache-2.0 */
/* What is an object is one after it was given another label, and says the rest as it did. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "api/share.h"
#include "codec/json.h"
#include "stix/object.h"

static const char TIME[] = "2026-01-01T00:00:00.000Z";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every member but the two is there and the same. */
static void check(yyjson_val *was, yyjson_val *is)
{
	yyjson_obj_iter it = yyjson_obj_iter_with(was);
	yyjson_val *key;

	assert(str_eq(json_get_str(is, "modified"), str_c(TIME)));
	assert(yyjson_arr_size(yyjson_obj_get(is, "object_marking_refs")) == 1);
	while ((key = yyjson_obj_iter_next(&it))) {
		struct str name = json_str(key);

		if (str_eq(name, S("modified")) || str_eq(name, S("object_marking_refs")))
			continue;
		assert(yyjson_equals(
		    yyjson_obj_getn(is, name.p, name.n), yyjson_obj_iter_get_val(key)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str text = {(const char *)data, size};
	struct stix_object object;
	yyjson_val *is;
	struct buf out;

	buf_init(&out, 16 << 20);
	share_rewrite(&out, text, TIME, S("[\"marking-definition--x\"]"));
	/* One that writes the names of the two with escapes gets them twice, and is refused. */
	if (out.failed == OK && stix_object_parse(&object, arena, text, NULL) == OK &&
	    object.modified && json_parse(&is, arena, buf_str(&out), &limits, NULL) == OK)
		check(object.root, is);
	buf_free(&out);
	arena_free(arena);
	return 0;
}
