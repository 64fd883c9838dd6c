/* SPDX-License-Identifier: Apache-2.0 */
/* Each line of the input, walked on every level this processor has, against the tree: what the
 * tree takes the walk takes too, with the same values. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "match/eve.h"

static void must(int condition)
{
	if (!condition)
		abort();
}

static void compare(struct eve *walk, struct eve *tree, struct str line)
{
	const struct eve_event *quick, *slow;
	enum err rc = eve_extract(walk, line, &quick);

	if (eve_extract_tree(tree, line, &slow) != OK)
		return;
	must(rc == OK);
	must(quick->count == slow->count && str_eq(quick->timestamp, slow->timestamp));
	for (size_t i = 0; i < slow->count; i++)
		must(quick->values[i].field == slow->values[i].field &&
		     str_eq(quick->values[i].text, slow->values[i].text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eve *tree = eve_new(NULL);

	for (int level = 0; level < BITS_LEVELS; level++) {
		bits_fn bits = bits_at_level((enum bits_level)level);
		struct str rest = {(const char *)data, size};
		struct eve *walk;

		if (!bits)
			continue;
		walk = eve_new(bits);
		while (rest.n) {
			struct str line = str_cut(&rest, '\n');
			char *copy = mem_alloc(line.n + EVE_SLACK);

			memcpy(copy, line.p, line.n);
			copy[line.n] = '\n';
			compare(walk, tree, (struct str){copy, line.n});
			mem_free(copy);
		}
		eve_free(walk);
	}
	eve_free(tree);
	return 0;
}
