/* SPDX-License-Identifier: Apache-2.0 */
#include "match/bits.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* What is carried from one word (64 bytes of the block) to the next. */
struct carry {
	uint64_t escaped; /* 1: the word's first byte follows a backslash that escapes it */
	uint64_t inside;  /* all ones: the word starts inside a string */
	uint64_t wrong;   /* control characters seen inside strings */
	uint64_t slashes; /* backslashes seen */
	uint64_t escapes; /* those of the line that the word starts in */
};

/* One bit a byte. */
struct masks {
	uint64_t quote, slash, brace, control, newline;
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

static inline unsigned lowest(uint64_t mask)
{
	return (unsigned)__builtin_ctzll(mask | UINT64_C(1) << 63);
}

static inline uint32_t count_below(uint64_t mask, unsigned bit)
{
	return (uint32_t)__builtin_popcountll(mask & ((UINT64_C(1) << bit) - 1));
}

/* What a word adds to the arrays, all but the quotes themselves. A line ends in every ninth word
 * or so: one is always written and sometimes counted, which no processor has to guess. */
static inline void put_marks(
    struct bits *out, struct carry *carry, const struct masks *m, uint64_t brace, uint32_t base)
{
	uint64_t newline = m->newline;
	struct bits_line *line = out->lines + out->line_count;
	uint64_t escapes = carry->escapes | m->slash;

	for (uint64_t left = newline;; line++, escapes = m->slash) {
		unsigned bit = lowest(left);

		*line = (struct bits_line){
		    .at = base + bit,
		    .quotes = (uint32_t)out->quote_count + count_below(m->quote, bit),
		    .braces = (uint32_t)out->brace_count + count_below(brace, bit),
		    .escapes = escapes != 0,
		};
		left &= left - 1;
		if (!left)
			break;
	}
	out->line_count += (size_t)__builtin_popcountll(newline);
	carry->escapes = newline ? m->slash : escapes;
	for (; brace; brace &= brace - 1) {
		unsigned bit = lowest(brace);

		out->braces[out->brace_count++] = (struct bits_brace){
		    base + bit, (uint32_t)out->quote_count + count_below(m->quote, bit)};
	}
}

/* Eight at a time, whether there are as many or not: words differ, and a wrong guess costs more
 * than a write that the next one covers. */
static inline void put_quotes(struct bits *out, uint64_t quote, uint32_t base)
{
	uint32_t *at = out->quotes + out->quote_count;

	out->quote_count += (size_t)__builtin_popcountll(quote);
	do {
		for (unsigned i = 0; i < 8; i++, quote &= quote - 1)
			*at++ = base + lowest(quote);
	} while (quote);
}

/* From what a word holds to its real quotes; `parity` says where strings are. */
static inline uint64_t real_quotes(const struct masks *m, struct carry *carry)
{
	if (m->slash | carry->escaped)
		return m->quote & ~escaped_bytes(m->slash, &carry->escaped);
	return m->quote;
}

/* Takes the parity of the quotes before each byte in; returns the brackets that count. */
static inline uint64_t real_braces(const struct masks *m, struct carry *carry, uint64_t parity)
{
	uint64_t inside = parity ^ carry->inside;

	carry->inside = 0 - (inside >> 63); /* all ones when a string goes on */
	carry->wrong |= m->control & inside;
	carry->slashes |= m->slash;
	return m->brace & ~inside;
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

static inline void start(struct bits *out)
{
	out->quote_count = out->brace_count = out->line_count = 0;
}

/* The eight bytes at p, the first one lowest. */
static inline uint64_t eight_bytes(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

/* Bit i: byte i is zero. */
static inline uint64_t zero_bytes(uint64_t x)
{
	const uint64_t low7 = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t zero = ~(((x & low7) + low7) | x | low7) >> 7;

	return zero * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t equal_bytes(uint64_t x, char c)
{
	return zero_bytes(x ^ (unsigned char)c * UINT64_C(0x0101010101010101));
}

static unsigned bits_plain(struct bits *out, const char *block, size_t n)
{
	const uint64_t fold = UINT64_C(0x2020202020202020), high = UINT64_C(0xe0e0e0e0e0e0e0e0);
	struct carry carry = {0};

	start(out);
	for (size_t at = 0; at < n; at += 64) {
		uint64_t live = live_bytes(n - at), brace;
		struct masks m = {0};

		for (unsigned i = 0; i < 64; i += 8) {
			uint64_t x = eight_bytes(block + at + i);

			m.quote |= equal_bytes(x, '"') << i;
			m.slash |= equal_bytes(x, '\\') << i;
			m.brace |= (equal_bytes(x | fold, '{') | equal_bytes(x | fold, '}')) << i;
			m.control |= zero_bytes(x & high) << i;
			m.newline |= equal_bytes(x, '\n') << i;
		}
		m = (struct masks){m.quote & live, m.slash & live, m.brace & live, m.control & live,
		    m.newline & live};
		m.quote = real_quotes(&m, &carry);
		brace = real_braces(&m, &carry, parity_prefix(m.quote));
		put_marks(out, &carry, &m, brace, (uint32_t)at);
		put_quotes(out, m.quote, (uint32_t)at);
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

/* The product by all ones, without carries, is the parity of all lower bits. */
__attribute__((target("pclmul"))) static inline uint64_t parity_pclmul(uint64_t quote)
{
	__m128i product = _mm_clmulepi64_si128(
	    _mm_cvtsi64_si128((long long)quote), _mm_set1_epi8((char)0xff), 0);

	return (uint64_t)_mm_cvtsi128_si64(product);
}

__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,pclmul"))) static unsigned bits_avx2(
    struct bits *out, const char *block, size_t n)
{
	const __m256i fold = _mm256_set1_epi8(0x20), last = _mm256_set1_epi8(0x1f);
	struct carry carry = {0};

	start(out);
	for (size_t at = 0; at < n; at += 64) {
		__m256i lo = _mm256_loadu_si256((const void *)(block + at));
		__m256i hi = _mm256_loadu_si256((const void *)(block + at + 32));
		__m256i fold_lo = _mm256_or_si256(lo, fold), fold_hi = _mm256_or_si256(hi, fold);
		uint32_t low_lo = (uint32_t)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(_mm256_min_epu8(lo, last), lo));
		uint32_t low_hi = (uint32_t)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(_mm256_min_epu8(hi, last), hi));
		uint64_t live = live_bytes(n - at), brace;
		struct masks m = {
		    .quote = equal_avx2(lo, hi, '"') & live,
		    .slash = equal_avx2(lo, hi, '\\') & live,
		    .brace =
		        (equal_avx2(fold_lo, fold_hi, '{') | equal_avx2(fold_lo, fold_hi, '}')) &
		        live,
		    .control = (low_lo | (uint64_t)low_hi << 32) & live,
		    .newline = equal_avx2(lo, hi, '\n') & live,
		};

		m.quote = real_quotes(&m, &carry);
		brace = real_braces(&m, &carry, parity_pclmul(m.quote));
		put_marks(out, &carry, &m, brace, (uint32_t)at);
		put_quotes(out, m.quote, (uint32_t)at);
	}
	return flags(&carry);
}

#define AVX512 "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,lzcnt,popcnt,pclmul"

/* Sixteen positions a store: few words hold more quotes than that. */
__attribute__((target(AVX512))) static inline void put_quotes_avx512(
    struct bits *out, uint64_t quote, uint32_t base, __m512i places)
{
	uint32_t *at = out->quotes + out->quote_count;
	size_t count = (size_t)__builtin_popcountll(quote);
	__m512i packed = _mm512_maskz_compress_epi8(quote, places);
	__m512i from = _mm512_set1_epi32((int)base);

	_mm512_storeu_si512(
	    at, _mm512_add_epi32(from, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
	for (size_t done = 16; done < count; done += 16) {
		packed = _mm512_alignr_epi32(packed, packed, 4);
		_mm512_storeu_si512(at + done,
		    _mm512_add_epi32(from, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
	}
	out->quote_count += count;
}

__attribute__((target(AVX512))) static unsigned bits_avx512(
    struct bits *out, const char *block, size_t n)
{
	static const unsigned char PLACES[64] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
	    37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
	    59, 60, 61, 62, 63};
	const __m512i fold = _mm512_set1_epi8(0x20), slash = _mm512_set1_epi8('\\');
	const __m512i quote = _mm512_set1_epi8('"'), open = _mm512_set1_epi8('{');
	const __m512i shut = _mm512_set1_epi8('}'), newline = _mm512_set1_epi8('\n');
	const __m512i places = _mm512_loadu_si512(PLACES);
	struct carry carry = {0};

	start(out);
	for (size_t at = 0; at < n; at += 64) {
		uint64_t live = live_bytes(n - at), brace;
		__m512i x = _mm512_maskz_loadu_epi8(live, block + at);
		__m512i folded = _mm512_or_si512(x, fold);
		struct masks m = {
		    .quote = _mm512_cmpeq_epi8_mask(x, quote),
		    .slash = _mm512_cmpeq_epi8_mask(x, slash),
		    .brace =
		        _mm512_cmpeq_epi8_mask(folded, open) | _mm512_cmpeq_epi8_mask(folded, shut),
		    .control = _mm512_cmplt_epu8_mask(x, fold) & live,
		    .newline = _mm512_cmpeq_epi8_mask(x, newline),
		};

		m.quote = real_quotes(&m, &carry);
		brace = real_braces(&m, &carry, parity_pclmul(m.quote));
		put_marks(out, &carry, &m, brace, (uint32_t)at);
		put_quotes_avx512(out, m.quote, (uint32_t)at, places);
	}
	return flags(&carry);
}

bits_fn bits_at_level(enum bits_level level)
{
	switch (level) {
	case BITS_AVX512:
		return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vl") &&
		               bits_at_level(BITS_AVX2)
		           ? bits_avx512
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
