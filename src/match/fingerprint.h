/* SPDX-License-Identifier: Apache-2.0 */
/* The 64-bit fingerprint under which a term is filed. Seeded, so that whoever chooses values cannot
 * choose where they land; not a digest: every hit is verified against the stored value. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/str.h"

static inline uint64_t fingerprint_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t fingerprint_load(const char *p, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, p, n);
	return word;
}

/* Of a value of a kind (enum term_kind) and, for addresses, its prefix length. */
static inline uint64_t fingerprint(uint64_t seed, unsigned kind, unsigned prefix, struct str value)
{
	const uint64_t odd_a = UINT64_C(0x9e3779b97f4a7c15), odd_b = UINT64_C(0xc2b2ae3d27d4eb4f);
	uint64_t h = seed ^ ((uint64_t)kind << 8 | prefix) * odd_a;
	const char *p = value.p;
	size_t n = value.n;
	uint64_t a = 0, b = 0;

	for (; n > 16; p += 16, n -= 16)
		h = fingerprint_mix(fingerprint_load(p, 8) ^ odd_a, fingerprint_load(p + 8, 8) ^ h);
	if (n >= 8) {
		a = fingerprint_load(p, 8);
		b = fingerprint_load(p + n - 8, 8);
	} else if (n >= 4) {
		a = fingerprint_load(p, 4);
		b = fingerprint_load(p + n - 4, 4);
	} else if (n > 0) {
		a = (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 |
		    (uint64_t)(unsigned char)p[n - 1] << 16;
	}
	h = fingerprint_mix(a ^ odd_b, b ^ h);
	return fingerprint_mix(h ^ value.n, odd_b);
}
