/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as a signed note or a public key, reading it stays inside and ends; a text is
 * handed out only as a part of the note. */
#include "crypt/sign.h"

#define VKEY S("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size};
	struct arena *arena = arena_new(1 << 20);
	struct note_verifier verifier, other;
	struct note_keys keys;
	struct fault fault;
	struct str text;
	int bad = 0;

	if (note_verifier_parse(&verifier, arena, VKEY, &fault) != OK)
		__builtin_trap();
	if (note_open(&text, input, &verifier, &fault) == OK)
		bad = text.p != input.p || text.n >= input.n;
	if (note_verifier_parse(&other, arena, input, &fault) == OK)
		bad = bad || other.name.n == 0 || other.name.n >= size;
	if (note_keys_parse(&keys, arena, input, &fault) == OK)
		bad = bad || keys.key.name.n == 0 || keys.key.key.n != ED25519_PUBLIC;
	arena_free(arena);
	if (bad)
		__builtin_trap();
	return 0;
}
