/* SPDX-License-Identifier: Apache-2.0 */
/* Agreements, parties' words, needs and answers to them: whatever the object, it is refused or what
 * is read of it keeps to what is written of agreements. */
#include <stdlib.h>

#include "codec/json.h"
#include "policy/agreement.h"
#include "policy/need.h"

static void check_parties(const struct agreement *a)
{
	if (a->party_count < 2 || a->party_count > AGREEMENT_PARTIES_MAX ||
	    !agreement_has_party(a, a->by))
		abort();
	for (size_t i = 0; i < a->party_count; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(a->parties[i], a->parties[j]))
				abort();
}

static void check_agreement(yyjson_val *root)
{
	struct agreement a;
	struct fault fault;

	if (agreement_read(&a, root, &fault) != OK)
		return;
	check_parties(&a);
	if (a.kind == COMMUNITY_PILLAR ? !agreement_has_party(&a, a.hub) || !a.types
	                               : a.direction != DIRECTION_BOTH)
		abort();
	if (a.kind == COMMUNITY_ROOM && (!a.until || !a.incident.n))
		abort();
	if (a.ceiling < TLP_CLEAR || a.ceiling > TLP_RED || (a.until && a.until <= a.from))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 22);
	const struct json_limits limits = {.bytes = 1 << 16, .depth = 16};
	struct party_answer answer;
	struct need_word word;
	struct need need;
	yyjson_val *root;

	if (json_parse(&root, arena, (struct str){(const char *)data, size}, &limits, NULL) == OK) {
		check_agreement(root);
		if (party_answer_read(&answer, root) == OK &&
		    (answer.state == PARTY_PROPOSED || !party_answer_claimed(root) ||
		        answer.sha256.n != 64))
			abort();
		if (need_read(&need, root) == OK && (need.type == 0 || !need.by.n))
			abort();
		if (need_word_read(&word, root) == OK && !word.need.n)
			abort();
	}
	arena_free(arena);
	return 0;
}
