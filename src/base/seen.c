/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seen.h"

void seen_add(struct seen *s, struct str text)
{
	uint64_t h = hash_bytes(&s->key, text);

	s->bits[(h >> 6) % SEEN_WORDS] |= UINT64_C(1) << (h & 63);
}

bool seen_maybe(const struct seen *s, struct str text)
{
	uint64_t h = hash_bytes(&s->key, text);

	return s->bits[(h >> 6) % SEEN_WORDS] >> (h & 63) & 1;
}
