/* SPDX-License-Identifier: Apache-2.0 */
/* A table of fixed size by key, for what detectors remember of each host or pair. Its keys come
 * from the network, so it never grows: when the eight places of a key are taken, the entry that was
 * of least use lately gives way. Pure; the same keys in the same order leave the same entries. */
#pragma once

#include "base/hash.h"

/* The first member of every entry; the rest of a fresh one is zero. */
struct slot {
	uint64_t print; /* of its key; 0: free */
	uint64_t used;  /* when, counted in looks */
	uint32_t weight;
};

struct slots;

/* Entries: a power of two, at least eight. Size: of an entry, with its slot. */
struct slots *slots_new(size_t entries, size_t size, const struct hash_key *key);
void slots_free(struct slots *t); /* NULL allowed */
/* The entry of a key, a fresh one when there is none. */
void *slots_get(struct slots *t, struct str key);
/* How many entries have given way. */
uint64_t slots_crowded(const struct slots *t);
