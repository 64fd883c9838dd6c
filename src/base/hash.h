/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed 64-bit hash (SipHash-1-3, Aumasson and Bernstein) for tables whose keys an attacker may
 * choose. Not a digest: for those see crypt/. */
#pragma once

#include <stdint.h>

#include "base/str.h"

struct hash_key {
	uint64_t k0, k1;
};

uint64_t hash_bytes(const struct hash_key *key, struct str s);
