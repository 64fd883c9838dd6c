/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as a mail: reading it stays inside and ends, and what is found in it is no
 * longer than it is. */
#include "codec/mime.h"

static void walk(const struct mime *m, struct str all)
{
	struct mime_parts parts;
	struct str part;
	size_t n = 0;

	if (mime_parts(&parts, m, NULL) != OK)
		return;
	while (mime_part(&parts, &part, NULL) == OK)
		if (++n > all.n || part.p < all.p || part.p + part.n > all.p + all.n)
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size}, found, canonical;
	struct arena *arena = arena_new(16 << 20);
	struct mime m;

	if (mime_read(&m, arena, input, NULL) == OK)
		walk(&m, input);
	if (mime_find_json(&found, arena, input, NULL) == OK && found.n > size)
		__builtin_trap();
	if (mime_canonical(&canonical, arena, input) == OK && canonical.n > 2 * size)
		__builtin_trap();
	(void)mail_address_valid(input);
	arena_free(arena);
	return 0;
}
