/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: whatever the bytes, a label comes out, and only the one encoding of a label gives it. */
#include <stdlib.h>
#include <string.h>

#include "policy/decide.h"

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
	return 0;
}
