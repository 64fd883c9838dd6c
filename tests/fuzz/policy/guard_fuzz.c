/* SPDX-License-Identifier: Apache-2.0 */
/* Warning lists, own names and public suffixes, by the first byte; what is made of them opens, and
 * bytes that are said to be a block are refused or asked without harm. */
#include <stdlib.h>
#include <string.h>

#include "policy/guard/compile.h"

static void ask(const struct guard_rules *r, struct arena *arena, struct str text)
{
	struct rules_hit hit;
	struct term t;

	for (unsigned k = 0; k < TERM_KINDS; k++)
		if (term_canonical(&t, arena, (enum term_kind)k, text) == OK &&
		    rules_refuse(&hit, r, &t, term_text(arena, &t)) &&
		    (hit.class == GUARD_NONE || hit.class >= GUARD_CLASSES))
			abort();
}

static void ask_all(const struct guard_rules *r, struct arena *arena)
{
	static const char *const TEXTS[] = {"10.1.2.3", "0.0.0.0/0", "2001:db8::1", "a.b.example",
	    "http://a.example/x", "a@b.example", "d41d8cd98f00b204e9800998ecf8427e"};

	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		ask(r, arena, str_c(TEXTS[i]));
}

static void open_block(struct arena *arena, struct str text)
{
	struct guard_rules r;
	char *copy = arena_alloc(arena, text.n);

	memcpy(copy, text.p, text.n);
	if (rules_open(&r, (struct str){copy, text.n}, NULL) == OK)
		ask_all(&r, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char stamp[RULES_STAMP] = {0};
	struct arena *arena = arena_new(64 << 20);
	struct guard_builder *b = guard_builder_new();
	struct str text = {(const char *)data, size};
	struct guard_rules r;
	struct buf block;
	enum err rc = OK;

	if (size > 1) {
		text = str_from(text, 1);
		if (data[0] == 'l')
			rc = guard_add_list(b, arena, text, NULL);
		else if (data[0] == 'o')
			rc = guard_add_own(b, arena, text, NULL);
		else if (data[0] == 's')
			rc = guard_add_suffixes(b, arena, text, NULL);
		else
			open_block(arena, text);
	}
	if (guard_build(b, 1, stamp, &block, NULL) != OK ||
	    rules_open(&r, buf_str(&block), NULL) != OK)
		abort();
	if (rc == OK)
		ask_all(&r, arena);
	buf_free(&block);
	guard_builder_free(b);
	arena_free(arena);
	return 0;
}
