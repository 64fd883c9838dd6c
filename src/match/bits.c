/* SPDX-License-Identifier: Apache-2.0 */
#include "match/bits.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* So far in front of it memory is asked for: the processor's own guess ends with the page. */
enum { AHEAD = 2048 };

/* One bit a byte: which of the characters that matter stand in a word (64 bytes) of the block. */
struct masks {
	uint64_t quote, slash, comma, colon, open, shut, newline;
	uint64_t control; /* less than a blank */
	uint64_t blank;   /* the same, or a blank */
};

/* What is carried from one word to the next: masks of the last one, and what was seen so far. */
struct carry {
	uint64_t escaped; /* 1: the word's first byte follows a backslash that escapes it */
	uint64_t inside;  /* all ones: the word starts inside a string */
	uint64_t open;    /* opening brackets */
	uint64_t lead;    /* the same, and commas */
	uint64_t part;    /* the same, and colons */
	uint64_t closed;  /* quotes that closed a string */
	uint64_t wrong;
	uint64_t odd, escapes; /* of the line that the word starts in: what is odd, backslashes */
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

/* The quotes that open or close a string. */
static inline uint64_t real_quotes(const struct masks *m, struct carry *carry)
{
	if (m->slash | carry->escaped)
		return m->quote & ~escaped_bytes(m->slash, &carry->escaped);
	return m->quote;
}

/* The bytes behind those of the mask, when `last` is the mask of the word before. */
static inline uint64_t behind(uint64_t mask, uint64_t last)
{
	return mask << 1 | last >> 63;
}

/* Bit i of parity: is the number of quotes in 0..i odd? Returns what is odd. */
static inline uint64_t put_word(struct bits_word *out, struct carry *carry, const struct masks *m,
    uint64_t quote, uint64_t parity)
{
	uint64_t inside = parity ^ carry->inside; /* opening quotes are, closing ones are not */
	uint64_t opening = quote & inside, closing = quote & ~inside;
	uint64_t open = m->open & ~inside, shut = m->shut & ~inside;
	uint64_t comma = m->comma & ~inside, colon = m->colon & ~inside;
	uint64_t lead = comma | open, part = lead | colon, ends = comma | colon | shut;
	uint64_t behind_lead = behind(lead, carry->lead);
	uint64_t behind_part = behind(part, carry->part), odd;

	out->quote = quote;
	out->brace = open | shut;
	out->stop = out->brace | (opening & behind_lead);
	/* A string stands behind one of { [ , : and before one of } ] , : and something stands
	 * between two of these, but for {} and []; blanks stand nowhere. */
	odd = (opening & ~behind_part) | (behind(closing, carry->closed) & ~ends) |
	      (behind_part & ends & ~(behind(open, carry->open) & shut)) |
	      (((m->blank & ~m->newline) | m->slash) & ~inside);
	carry->wrong |= m->control & inside;
	carry->inside = 0 - (inside >> 63);
	carry->open = open;
	carry->lead = lead;
	carry->part = part;
	carry->closed = closing;
	return odd;
}

static inline void put_lines(
    struct bits *out, struct carry *carry, const struct masks *m, uint64_t odd, size_t at)
{
	uint64_t slash = m->slash;

	for (uint64_t newline = m->newline; newline; newline &= newline - 1) {
		uint64_t line = newline ^ (newline - 1); /* the bytes up to it */

		out->lines[out->line_count++] = (struct bits_line){
		    .end = (uint32_t)at + (uint32_t)__builtin_ctzll(newline),
		    .odd = (carry->odd | (odd & line)) != 0,
		    .escapes = (carry->escapes | (slash & line)) != 0,
		};
		carry->odd = carry->escapes = 0;
		odd &= ~line;
		slash &= ~line;
	}
	carry->odd |= odd;
	carry->escapes |= slash;
}

static inline unsigned flags(const struct carry *carry)
{
	return (carry->inside | carry->wrong ? BITS_WRONG : 0U) | (carry->odd ? BITS_ODD : 0U) |
	       (carry->escapes ? BITS_ESCAPES : 0U);
}

static inline uint64_t live_bytes(size_t left)
{
	return left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
}

/* Parity of the bits up to each. */
static inline uint64_t parity_plain(uint64_t x)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		x ^= x << shift;
	return x;
}

static unsigned bits_plain(struct bits *out, const char *block, size_t n)
{
	const uint64_t fold = UINT64_C(0x2020202020202020), high = UINT64_C(0xe0e0e0e0e0e0e0e0);
	struct carry carry = {0};

	out->line_count = 0;
	for (size_t at = 0; at < n; at += 64) {
		uint64_t live = live_bytes(n - at), quote, odd;
		struct masks m = {0};

		for (unsigned i = 0; i < 64; i += 8) {
			uint64_t x = bits_eight(block + at + i);

			m.quote |= bits_equal(x, '"') << i;
			m.slash |= bits_equal(x, '\\') << i;
			m.comma |= bits_equal(x, ',') << i;
			m.colon |= bits_equal(x, ':') << i;
			m.open |= bits_equal(x | fold, '{') << i;
			m.shut |= bits_equal(x | fold, '}') << i;
			m.newline |= bits_equal(x, '\n') << i;
			m.control |= bits_zero(x & high) << i;
			m.blank |= bits_equal(x, ' ') << i;
		}
		m.quote &= live;
		m.slash &= live;
		m.newline &= live;
		m.comma &= live;
		m.colon &= live;
		m.open &= live;
		m.shut &= live;
		m.control &= live;
		m.blank = (m.blank | m.control) & live;
		quote = real_quotes(&m, &carry);
		odd = put_word(&out->words[at / 64], &carry, &m, quote, parity_plain(quote));
		put_lines(out, &carry, &m, odd, at);
	}
	return flags(&carry);
}

#if defined(__x86_64__)

/* The product by all ones, without carries, is the parity of all lower bits. */
__attribute__((target("pclmul"))) static inline uint64_t parity_pclmul(uint64_t quote)
{
	__m128i product =
	    _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quote), _mm_set1_epi8((char)0xff), 0);

	return (uint64_t)_mm_cvtsi128_si64(product);
}

#define AVX2 "avx2,bmi,bmi2,popcnt,pclmul"

/* Of two halves of 32 bytes, one mask of the bytes that equal c. */
__attribute__((target(AVX2))) static inline uint64_t equal_avx2(__m256i lo, __m256i hi, char c)
{
	__m256i want = _mm256_set1_epi8(c);
	uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(lo, want));
	uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hi, want));

	return a | (uint64_t)b << 32;
}

/* The same of the bytes that are no greater. */
__attribute__((target(AVX2))) static inline uint64_t upto_avx2(__m256i lo, __m256i hi, char c)
{
	__m256i most = _mm256_set1_epi8(c);
	uint32_t a =
	    (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(lo, most), lo));
	uint32_t b =
	    (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(hi, most), hi));

	return a | (uint64_t)b << 32;
}

__attribute__((target(AVX2))) static unsigned bits_avx2(
    struct bits *out, const char *block, size_t n)
{
	const __m256i fold = _mm256_set1_epi8(0x20);
	struct carry carry = {0};

	out->line_count = 0;
	for (size_t at = 0; at < n; at += 64) {
		__m256i lo = _mm256_loadu_si256((const void *)(block + at));
		__m256i hi = _mm256_loadu_si256((const void *)(block + at + 32));
		__m256i fold_lo = _mm256_or_si256(lo, fold), fold_hi = _mm256_or_si256(hi, fold);
		uint64_t live = live_bytes(n - at), quote, odd;
		struct masks m = {
		    .quote = equal_avx2(lo, hi, '"') & live,
		    .slash = equal_avx2(lo, hi, '\\') & live,
		    .comma = equal_avx2(lo, hi, ',') & live,
		    .colon = equal_avx2(lo, hi, ':') & live,
		    .open = equal_avx2(fold_lo, fold_hi, '{') & live,
		    .shut = equal_avx2(fold_lo, fold_hi, '}') & live,
		    .newline = equal_avx2(lo, hi, '\n') & live,
		    .control = upto_avx2(lo, hi, 0x1f) & live,
		    .blank = upto_avx2(lo, hi, ' ') & live,
		};

		__builtin_prefetch(block + at + AHEAD);
		quote = real_quotes(&m, &carry);
		odd = put_word(&out->words[at / 64], &carry, &m, quote, parity_pclmul(quote));
		put_lines(out, &carry, &m, odd, at);
	}
	return flags(&carry);
}

#define AVX512 "avx512f,avx512bw,bmi,bmi2,popcnt,pclmul"

__attribute__((target(AVX512))) static inline uint64_t equal_avx512(__m512i x, char c)
{
	return _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(c));
}

__attribute__((target(AVX512))) static inline void word_avx512(
    struct bits *out, struct carry *carry, __m512i x, size_t at)
{
	const __m512i fold = _mm512_set1_epi8(0x20);
	__m512i folded = _mm512_or_si512(x, fold);
	struct masks m = {
	    .quote = equal_avx512(x, '"'),
	    .slash = equal_avx512(x, '\\'),
	    .comma = equal_avx512(x, ','),
	    .colon = equal_avx512(x, ':'),
	    .open = equal_avx512(folded, '{'),
	    .shut = equal_avx512(folded, '}'),
	    .newline = equal_avx512(x, '\n'),
	    .control = _mm512_cmplt_epu8_mask(x, fold),
	    .blank = _mm512_cmple_epu8_mask(x, fold),
	};
	uint64_t quote = real_quotes(&m, carry), odd;

	odd = put_word(&out->words[at / 64], carry, &m, quote, parity_pclmul(quote));
	put_lines(out, carry, &m, odd, at);
}

__attribute__((target(AVX512))) static unsigned bits_avx512(
    struct bits *out, const char *block, size_t n)
{
	/* Bytes past the end are no character that matters. */
	const __m512i other = _mm512_set1_epi8('x');
	struct carry carry = {0};
	size_t at = 0;

	out->line_count = 0;
	for (; at + 64 <= n; at += 64) {
		__builtin_prefetch(block + at + AHEAD);
		word_avx512(out, &carry, _mm512_loadu_si512(block + at), at);
	}
	if (at < n)
		word_avx512(
		    out, &carry, _mm512_mask_loadu_epi8(other, live_bytes(n - at), block + at), at);
	return flags(&carry);
}

bits_fn bits_at_level(enum bits_level level)
{
	switch (level) {
	case BITS_AVX512:
		return __builtin_cpu_supports("avx512bw") && bits_at_level(BITS_AVX2) ? bits_avx512
		                                                                      : NULL;
	case BITS_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
		               __builtin_cpu_supports("pclmul")
		           ? bits_avx2
		           : NULL;
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
