/* SPDX-License-Identifier: Apache-2.0 */
/* What a request says of who it comes from: Authorization, Cookie, Origin, a session's text. */
#include <stdlib.h>

#include "gate/credentials.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct arena *arena = arena_new(1 << 20);
	const struct sha256 key = {{1}};
	struct credentials c;
	struct session s;
	struct str rest = text;
	struct str first = str_cut(&rest, '\n');

	if (credentials_parse(&c, arena, text) == OK && c.scheme == SCHEME_BEARER &&
	    (c.id.n == 0 || c.secret.n == 0))
		abort();
	(void)cookie_value(text, S("__Host-session"));
	if (origin_is(first, rest) && rest.n == 0)
		abort();
	/* Nobody without the key makes a session. */
	if (session_open(&s, &key, text, arena) == OK)
		abort();
	arena_free(arena);
	return 0;
}
