/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator adds to the guard's own tables (policy/guard.h): warning lists, own names and
 * networks, public suffixes; compiled by policy/guard/compile.h into one block of bytes that is
 * asked without being scanned: names and values by a hash table, networks by a search in order,
 * parts of texts by their first bytes. Pure. The block is trusted to be ours but not to be whole:
 * every offset is checked once, when it is opened. Regular expressions are only kept here; who may
 * run them reads them with rules_regex. */
#pragma once

#include <stdbool.h>

#include "policy/guard.h"

enum {
	RULES_HEADER = 256,
	RULES_STAMP = 32,      /* bytes that say of what a block was made */
	RULES_LISTS_MAX = 256, /* and the operator's own names, and public suffixes */
	RULES_REGEXES_MAX = 256,
	RULES_REGEX_MAX = 1000, /* bytes */
	RULES_PARTS_MAX = 1 << 16,
	RULES_PART_LEAST = 4, /* bytes; what is shorter is in nearly everything */
	RULES_ENTRIES_MAX = 1 << 23,
	RULES_NAME_MAX = 200,
};

struct rules_list {
	uint32_t name, mask; /* where its name is; bits by enum term_kind */
	uint16_t name_n, class;
	uint32_t entries; /* that it had */
};

/* How an entry is meant: bits. */
enum {
	RULES_IS = 1,        /* the value itself */
	RULES_ABOVE = 2,     /* what is listed lies below this name */
	RULES_BELOW = 4,     /* every name below it too, and its URLs whatever their path */
	RULES_CHILDREN = 8,  /* the names of one label more */
	RULES_EXCEPTION = 16 /* of RULES_CHILDREN */
};

struct rules_entry {
	uint32_t at;
	uint16_t n;
	uint16_t how;
	uint32_t list;
};

struct rules_net4 {
	uint32_t first, last, list;
};

struct rules_net6 {
	uint8_t first[16], last[16];
	uint32_t list;
};

/* Of a list of parts of texts, in the order of their bytes; or a regular expression. */
struct rules_part {
	uint32_t at;
	uint16_t n;
	uint16_t nocase;
	uint32_t list;
};

struct guard_rules {
	struct str bytes;
	uint64_t seed;
	uint32_t list_count, slot_count, entry_count, net4_count, net6_count, part_count,
	    regex_count;
	const struct rules_list *lists;
	const uint32_t *slots; /* number of an entry plus one; 0: free */
	const struct rules_entry *entries;
	const struct rules_net4 *net4;
	const struct rules_net6 *net6;
	const struct rules_part *parts;
	const unsigned char *firsts; /* bit: some part begins with bytes of this hash */
	const struct rules_part *regexes;
	struct str text;
};

/* ERR_CORRUPT. The bytes must be aligned for uint64_t and stay. */
MUST_USE enum err rules_open(struct guard_rules *out, struct str bytes, struct fault *fault);
/* The stamp that the block was made with; NULL when there is none. */
const unsigned char *rules_stamp(struct str bytes);

/* How a value and what is listed lie to each other. */
enum rules_lie { RULES_SAME, RULES_HOLDS, RULES_INSIDE };

struct rules_hit {
	enum guard_class class;
	enum rules_lie lie;
	struct str list; /* its name */
};

/* `text` is the value's term_text. False when nothing speaks against it, regular expressions aside.
 */
bool rules_refuse(
    struct rules_hit *out, const struct guard_rules *r, const struct term *t, struct str text);

struct str rules_text(const struct guard_rules *r, uint32_t at, size_t n);
struct str rules_list_name(const struct guard_rules *r, uint32_t list);
/* Whether values of this kind are held against the list. */
bool rules_applies(const struct guard_rules *r, uint32_t list, enum term_kind kind);
/* The slot of a text: where looking for it begins. */
uint32_t rules_slot(uint64_t seed, struct str text);
/* The bit of `firsts` for the four bytes at p. */
uint32_t rules_first(const char *p);
