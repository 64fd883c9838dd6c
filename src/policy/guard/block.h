/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a block of rules; private to this folder. Sections follow, each at a multiple of
 * eight: lists, slots, entries, networks, parts and the bits of their beginnings, regular
 * expressions, texts. */
#pragma once

#include "policy/guard/rules.h"

enum { RULES_FIRSTS_LOG = 16, RULES_FIRSTS_BYTES = (1 << RULES_FIRSTS_LOG) / 8 };

extern const char RULES_MAGIC[8];

struct rules_header {
	char magic[8];
	uint64_t seed;
	unsigned char stamp[RULES_STAMP];
	uint32_t lists, slots, entries, net4, net6, parts, regexes, unused;
	uint64_t text;
};

_Static_assert(sizeof(struct rules_header) <= RULES_HEADER, "the header has room");

/* The last address of the network. */
void rules_last(uint8_t last[16], const uint8_t first[16], unsigned prefix);
