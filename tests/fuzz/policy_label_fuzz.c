/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: whatever the bytes, a label comes out, and only the one encoding of a label gives it. The
 * same bytes as a marking-definition with the extension `tocsin-label`: a label comes out that
 * survives its encoding. */
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "policy/decide.h"
#include "policy/marking.h"

static void read_as_marking(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 20);
	const struct json_limits limits = {.bytes = 1 << 16, .depth = 16};
	struct marking m = marking_nothing(), unknown = marking_unknown();
	struct fault fault;
	yyjson_val *root;

	if (json_parse(&root, arena, (struct str){(const char *)data, size}, &limits, NULL) == OK &&
	    marking_read(&m, root, &fault) == OK) {
		struct marking both = marking_join(&m, &unknown);
		struct label l = marking_settle(&m, NULL);
		char bytes[LABEL_ENCODED_MAX];
		size_t n = label_encode(&l, bytes);
		struct label back = label_decode((struct str){bytes, n});

		if (!label_equal(&l, &back) || back.unreadable != l.unreadable)
			abort();
		if (both.label.tlp != TLP_UNKNOWN)
			abort();
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct label l = label_decode((struct str){(const char *)data, size});
	struct label joined = label_join(&l, &l);
	const struct reader reader = {.clearance = TLP_RED};
	char bytes[LABEL_ENCODED_MAX];
	size_t n = label_encode(&l, bytes);
	struct buf text;

	if (label_tlp(&l) != l.tlp || !label_equal(&l, &joined))
		abort();
	if (!l.unreadable && (n != size || memcmp(bytes, data, n) != 0))
		abort();
	/* What cannot be read is for nobody but the operator. */
	if (l.unreadable && policy_decide(&l, &reader, OUTLET_API, 0).verdict == VERDICT_ALLOW)
		abort();
	buf_init(&text, 4096);
	label_put(&text, &l);
	if (text.failed != OK)
		abort();
	buf_free(&text);
	read_as_marking(data, size);
	return 0;
}
