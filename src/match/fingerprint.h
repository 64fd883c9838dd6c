/* SPDX-License-Identifier: Apache-2.0 */
/* The 64-bit fingerprint under which a term is filed. Seeded, so that whoever chooses values cannot
 * choose where they land; not a digest: every hit is verified against the stored value.
 *
 * A value is taken in from its end, eight bytes at a time, and what is left at its start comes
 * last. So one pass over a name gives the fingerprints of all its parent domains too: each is the
 * state at some step, finished with the bytes between there and a dot. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "match/bits.h"

struct fingerprint {
	uint64_t key, state;
};

static inline uint64_t fingerprint_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of a value of a kind (enum term_kind) and, for addresses, its prefix length. */
static inline struct fingerprint fingerprint_start(uint64_t seed, unsigned kind, unsigned prefix)
{
	return (struct fingerprint){
	    .key = seed ^ UINT64_C(0xc2b2ae3d27d4eb4f),
	    .state = seed + ((uint64_t)kind << 8 | prefix) * UINT64_C(0x9e3779b97f4a7c15),
	};
}

static inline void fingerprint_step(struct fingerprint *f, uint64_t eight)
{
	f->state = fingerprint_mix(eight ^ f->key, f->state ^ UINT64_C(0x9e3779b97f4a7c15));
}

/* Of n bytes in all; `first` holds the n % 8 first ones, the first lowest, zero above them. */
static inline uint64_t fingerprint_end(struct fingerprint f, uint64_t first, size_t n)
{
	fingerprint_step(&f, first);
	return fingerprint_mix(f.state ^ n, UINT64_C(0xa0761d6478bd642f));
}

/* Less than eight bytes, the first lowest. */
static inline uint64_t fingerprint_few(const char *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = n; i > 0; i--)
		word = word << 8 | (unsigned char)p[i - 1];
	return word;
}

/* The first n bytes of a word, n less than eight. */
static inline uint64_t fingerprint_low(uint64_t word, size_t n)
{
	return word & ((UINT64_C(1) << 8 * n) - 1);
}

static inline uint64_t fingerprint(uint64_t seed, unsigned kind, unsigned prefix, struct str value)
{
	struct fingerprint f = fingerprint_start(seed, kind, prefix);
	size_t n = value.n;

	for (; n >= 8; n -= 8)
		fingerprint_step(&f, bits_eight(value.p + n - 8));
	if (value.n >= 8)
		return fingerprint_end(f, fingerprint_low(bits_eight(value.p), n), value.n);
	return fingerprint_end(f, fingerprint_few(value.p, n), value.n);
}
