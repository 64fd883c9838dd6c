/* SPDX-License-Identifier: Apache-2.0 */
/* Two bounded tables of identification: how often a name or an address failed of late, and which
 * passwords were found right of late. Private to this folder. */
#pragma once

#include "base/env.h"
#include "base/hash.h"
#include "base/str.h"
#include "crypt/digest.h"

enum { LIMIT_SLOTS = 4096, RIGHT_SLOTS = 1024, LIMIT_WAYS = 4 };

/* A leaky bucket a key: `burst` failures at once, then one every `interval`. When the table is full
 * the key that is nearest to being forgiven is forgotten. */
struct limit {
	struct hash_key key;
	usec interval;
	int burst;
	struct limit_slot {
		uint64_t hash;
		usec full_until; /* when the bucket will have run empty */
	} slots[LIMIT_SLOTS];
};

void limit_init(struct limit *l, const struct env *env, usec interval, int burst);
/* `forgiven`: so many of its charges do not count. */
bool limit_blocks(const struct limit *l, struct str key, usec now, int forgiven);
void limit_charge(struct limit *l, struct str key, usec now);
void limit_refund(struct limit *l, struct str key);

/* Digests of what was right, until a time. */
struct right {
	struct right_slot {
		struct sha256 digest;
		usec until;
	} slots[RIGHT_SLOTS];
};

bool right_has(const struct right *r, const struct sha256 *digest, usec now);
void right_put(struct right *r, const struct sha256 *digest, usec until);
