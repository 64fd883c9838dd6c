/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from who is not known yet. */
#include <assert.h>
#include <stdint.h>

#include "link/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 20);
	struct str body = {(const char *)data, size};
	struct clock_skew clock;
	struct welcome welcome;
	struct joined joined;
	struct hello hello;
	struct fault fault;
	struct join join;

	if (hello_read(&hello, arena, body, &fault) == OK)
		assert(hello.identity.p);
	if (welcome_read(&welcome, arena, body, &fault) == OK) {
		clock = clock_skew(1000, welcome.now, 2000);
		(void)clock_is_off(&clock);
	}
	if (join_read(&join, arena, body, &fault) == OK)
		assert(join.id.p && join.proof.p && join.statement.p);
	if (joined_read(&joined, arena, body, &fault) == OK)
		assert(joined.statement.p && joined.nonce.p);
	arena_free(arena);
	return 0;
}
