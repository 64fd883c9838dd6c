/* SPDX-License-Identifier: Apache-2.0 */
#include "match/bits.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* What is carried from one 64-byte block of a line to the next. */
struct carry {
	uint64_t escaped; /* 1: the block's first byte follows a backslash that escapes it */
	uint64_t inside;  /* all ones: the block starts inside a string */
	uint64_t wrong;   /* control characters seen inside strings */
	uint64_t slashes; /* backslashes seen */
};

struct masks {
	uint64_t quote, slash, brace, control;
};

static uint64_t escaped_bytes(uint64_t slash, uint64_t *carry)
{
	uint64_t escaped = *carry;

	slash &= ~*carry;
	*carry = 0;
	while (slash) {
		unsigned at = (unsigned)__builtin_ctzll(slash);

		/* A backslash takes the next byte with it, another backslash too. */
		if (at == 63)
			*carry = 1;
		else
			escaped |= UINT64_C(2) << at;
		slash &= ~(UINT64_C(3) << at);
	}
	return escaped;
}

/* Bit i: is the number of set bits in 0..i odd? */
static inline uint64_t parity_prefix(uint64_t x)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		x ^= x << shift;
	return x;
}

static inline void block(struct bits_word *out, struct carry *carry, const struct masks *m)
{
	uint64_t quote = m->quote;
	uint64_t inside;

	if (m->slash | carry->escaped)
		quote &= ~escaped_bytes(m->slash, &carry->escaped);
	inside = parity_prefix(quote) ^ carry->inside;
	carry->inside = 0 - (inside >> 63); /* all ones when a string goes on */
	carry->wrong |= m->control & inside;
	carry->slashes |= m->slash;
	out->quote = quote;
	out->brace = m->brace & ~inside;
}

static inline unsigned flags(const struct carry *carry)
{
	return (carry->inside | carry->wrong ? BITS_WRONG : 0U) |
	       (carry->slashes ? BITS_ESCAPES : 0U);
}

static inline uint64_t live_bytes(size_t left)
{
	return left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
}

static unsigned bits_plain(struct bits_word *out, const char *line, size_t n)
{
	struct carry carry = {0};

	for (size_t at = 0; at < n; at += 64) {
		size_t size = n - at < 64 ? n - at : 64;
		struct masks m = {0};

		for (size_t i = 0; i < size; i++) {
			unsigned char c = (unsigned char)line[at + i];
			unsigned char folded = c | 0x20;

			m.quote |= (uint64_t)(c == '"') << i;
			m.slash |= (uint64_t)(c == '\\') << i;
			m.brace |= (uint64_t)(folded == '{' || folded == '}') << i;
			m.control |= (uint64_t)(c < 0x20) << i;
		}
		block(out++, &carry, &m);
	}
	return flags(&carry);
}

#if defined(__x86_64__)

/* Two halves of 32 bytes, as one mask of the bytes that equal c. */
__attribute__((target("avx2"))) static inline uint64_t equal_avx2(__m256i lo, __m256i hi, char c)
{
	__m256i want = _mm256_set1_epi8(c);
	uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(lo, want));
	uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hi, want));

	return a | (uint64_t)b << 32;
}

__attribute__((target("avx2"))) static unsigned bits_avx2(
    struct bits_word *out, const char *line, size_t n)
{
	const __m256i fold = _mm256_set1_epi8(0x20), last = _mm256_set1_epi8(0x1f);
	struct carry carry = {0};

	for (size_t at = 0; at < n; at += 64) {
		__m256i lo = _mm256_loadu_si256((const void *)(line + at));
		__m256i hi = _mm256_loadu_si256((const void *)(line + at + 32));
		__m256i fold_lo = _mm256_or_si256(lo, fold), fold_hi = _mm256_or_si256(hi, fold);
		uint32_t low_lo = (uint32_t)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(_mm256_min_epu8(lo, last), lo));
		uint32_t low_hi = (uint32_t)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(_mm256_min_epu8(hi, last), hi));
		uint64_t live = live_bytes(n - at);
		struct masks m = {
		    .quote = equal_avx2(lo, hi, '"') & live,
		    .slash = equal_avx2(lo, hi, '\\') & live,
		    .brace =
		        (equal_avx2(fold_lo, fold_hi, '{') | equal_avx2(fold_lo, fold_hi, '}')) &
		        live,
		    .control = (low_lo | (uint64_t)low_hi << 32) & live,
		};

		block(out++, &carry, &m);
	}
	return flags(&carry);
}

__attribute__((target("avx512f,avx512bw"))) static unsigned bits_avx512(
    struct bits_word *out, const char *line, size_t n)
{
	const __m512i fold = _mm512_set1_epi8(0x20), slash = _mm512_set1_epi8('\\');
	const __m512i quote = _mm512_set1_epi8('"'), open = _mm512_set1_epi8('{');
	const __m512i shut = _mm512_set1_epi8('}');
	struct carry carry = {0};

	for (size_t at = 0; at < n; at += 64) {
		uint64_t live = live_bytes(n - at);
		__m512i x = _mm512_maskz_loadu_epi8(live, line + at);
		__m512i folded = _mm512_or_si512(x, fold);
		struct masks m = {
		    .quote = _mm512_cmpeq_epi8_mask(x, quote),
		    .slash = _mm512_cmpeq_epi8_mask(x, slash),
		    .brace =
		        _mm512_cmpeq_epi8_mask(folded, open) | _mm512_cmpeq_epi8_mask(folded, shut),
		    .control = _mm512_cmplt_epu8_mask(x, fold) & live,
		};

		block(out++, &carry, &m);
	}
	return flags(&carry);
}

bits_fn bits_at_level(enum bits_level level)
{
	switch (level) {
	case BITS_AVX512:
		return __builtin_cpu_supports("avx512bw") ? bits_avx512 : NULL;
	case BITS_AVX2:
		return __builtin_cpu_supports("avx2") ? bits_avx2 : NULL;
	default:
		return bits_plain;
	}
}

#else

bits_fn bits_at_level(enum bits_level level)
{
	return level == BITS_PLAIN ? bits_plain : NULL;
}

#endif

bits_fn bits_best(void)
{
	for (enum bits_level level = BITS_LEVELS - 1; level > BITS_PLAIN; level--)
		if (bits_at_level(level))
			return bits_at_level(level);
	return bits_plain;
}
