/* SPDX-License-Identifier: Apache-2.0 */
/* A statement from another node: refused, or one that says only what it may and has one text. */
#include <assert.h>
#include <stdint.h>

#include "sync/node_statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 20);
	struct str note = {(const char *)data, size};
	struct node_statement s;
	struct fault fault;

	if (node_statement_read(&s, arena, note, &fault) == OK) {
		assert(str_starts(s.text, NODE_STATEMENT_HEAD) && s.text.n < note.n);
		assert(s.name.n > 0 && s.name.n <= NODE_STATEMENT_NAME_MAX && s.cert.n == 64);
		assert(!s.address.p || s.address.n <= NODE_STATEMENT_ADDRESS_MAX);
	}
	arena_free(arena);
	return 0;
}
