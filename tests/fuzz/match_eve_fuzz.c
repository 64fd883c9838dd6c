/* SPDX-License-Identifier: Apache-2.0 */
/* The input as a block of lines, on every level this processor has: each line as it would read
 * alone, and against the tree: what the tree takes the walk takes too, with the same values. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "match/eve.h"

static void must(int condition)
{
	if (!condition)
		abort();
}

static bool same(const struct eve_event *a, const struct eve_event *b)
{
	if (a->count != b->count || !str_eq(a->timestamp, b->timestamp))
		return false;
	for (size_t i = 0; i < b->count; i++)
		if (a->values[i].field != b->values[i].field ||
		    !str_eq(a->values[i].text, b->values[i].text))
			return false;
	return true;
}

static void compare(struct eve *block, struct eve *alone, struct eve *tree, struct str line)
{
	const struct eve_event *quick, *slow;
	enum err rc = eve_extract(alone, line, &quick);
	struct eve_line next;

	must(eve_next(block, &next));
	must(next.rc == rc && next.text.p == line.p);
	must(rc != OK || same(next.event, quick));
	if (eve_extract_tree(tree, line, &slow) != OK)
		return;
	must(rc == OK && same(quick, slow));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eve *tree = eve_new(NULL);
	char *copy = mem_alloc(size + 1 + EVE_SLACK);

	memcpy(copy, data, size);
	copy[size] = '\n';
	for (int level = 0; level < BITS_LEVELS; level++) {
		bits_fn bits = bits_at_level((enum bits_level)level);
		struct str rest = {copy, size + 1};
		struct eve *block, *alone;
		struct eve_line none;

		if (!bits)
			continue;
		block = eve_new(bits);
		alone = eve_new(bits);
		eve_start(block, rest);
		while (rest.n) {
			struct str line = str_cut(&rest, '\n');

			if (line.n && !str_eq(line, S("\r")))
				compare(block, alone, tree, line);
		}
		must(!eve_next(block, &none));
		eve_free(block);
		eve_free(alone);
	}
	mem_free(copy);
	eve_free(tree);
	return 0;
}
