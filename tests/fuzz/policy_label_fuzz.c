/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: whatever the bytes, a label comes out, and only the one encoding of a level gives it. */
#include <stdlib.h>
#include <string.h>

#include "policy/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct label l = label_decode((struct str){(const char *)data, size});
	char bytes[LABEL_ENCODED_MAX];
	size_t n = label_encode(&l, bytes);

	if (l.tlp < TLP_CLEAR || l.tlp > TLP_UNKNOWN)
		abort();
	if (l.tlp != TLP_UNKNOWN && (n != size || memcmp(bytes, data, n) != 0))
		abort();
	return 0;
}
