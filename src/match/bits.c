/* SPDX-License-Identifier: Apache-2.0 */
/* Piece by piece: first, in the way of the processor, which bytes are the characters that matter;
 * then what follows from that, in loops over the words of a piece that compilers make wide ones of;
 * then the stops, again in the way of the processor. */
#include "match/bits.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
	PIECE =
	    BITS_WORDS, /* words whose masks lie in the nearest cache together with their text */
	AHEAD = 8192, /* where memory is asked for: the processor's own guess ends with the page */
};

/* One bit a byte: which of the characters that matter stand in the words of a piece. */
struct chars {
	uint64_t quote[PIECE], slash[PIECE], comma[PIECE], colon[PIECE], open[PIECE], shut[PIECE];
	uint64_t newline[PIECE];
	uint64_t control[PIECE]; /* less than a blank, newlines among them */
	uint64_t blank[PIECE];
};

/* What follows from them. Word 0 is the last one of the piece before, words from 1 on are its own.
 */
struct parts {
	uint64_t inside[PIECE + 1]; /* strings, from the quote that opens one */
	uint64_t open[PIECE + 1];   /* opening brackets */
	uint64_t lead[PIECE + 1];   /* the same, and commas */
	uint64_t part[PIECE + 1];   /* the same, and colons */
	uint64_t closed[PIECE + 1]; /* quotes that close a string */
	uint64_t stop[PIECE + 1];
	uint64_t odd[PIECE + 1];
};

struct piece {
	struct chars chars;
	struct parts parts;
	/* Carried from piece to piece: */
	uint64_t escaped; /* 1: a backslash escapes the first byte */
	uint64_t wrong;
	uint64_t odd, escapes; /* of the line that it starts in: what is odd, backslashes */
};

/* Inlined for each processor, so that its loops are as wide as that allows. */
#define INLINE static inline __attribute__((always_inline))

/* The bytes of a word that a backslash escapes, and whether one is the first of the next word. */
struct escaped {
	uint64_t bytes, next;
};

static struct escaped escaped_bytes(uint64_t slash, uint64_t first)
{
	struct escaped e = {first, 0};

	for (slash &= ~first; slash;) {
		unsigned at = (unsigned)__builtin_ctzll(slash);

		/* A backslash takes the next byte with it, another backslash too. */
		if (at == 63)
			e.next = 1;
		else
			e.bytes |= UINT64_C(2) << at;
		slash &= ~(UINT64_C(3) << at);
	}
	return e;
}

/* Takes the quotes away that are escaped. */
static void real_quotes(struct piece *p)
{
	struct chars *c = &p->chars;

	for (size_t i = 0; i < PIECE; i++) {
		struct escaped e = escaped_bytes(c->slash[i], p->escaped);

		c->quote[i] &= ~e.bytes;
		p->escaped = e.next;
	}
}

/* Where strings are: between quotes, of which there is an odd number in front. */
INLINE void find_strings(struct piece *p)
{
	const uint64_t *quote = p->chars.quote;
	uint64_t *inside = p->parts.inside;
	uint64_t slashes = p->escaped;

	for (size_t i = 0; i < PIECE; i++)
		slashes |= p->chars.slash[i];
	if (slashes)
		real_quotes(p);
	for (size_t i = 0; i < PIECE; i++) {
		uint64_t x = quote[i];

		x ^= x << 1;
		x ^= x << 2;
		x ^= x << 4;
		x ^= x << 8;
		x ^= x << 16;
		inside[i + 1] = x ^ x << 32;
	}
	for (size_t i = 1; i <= PIECE; i++)
		inside[i] ^= 0 - (inside[i - 1] >> 63);
}

/* The bytes behind those of mask i. */
INLINE uint64_t behind(const uint64_t *masks, size_t i)
{
	return masks[i] << 1 | masks[i - 1] >> 63;
}

INLINE void find_parts(struct piece *p)
{
	const struct chars *c = &p->chars;
	struct parts *s = &p->parts;
	uint64_t wrong = 0;

	for (size_t i = 1; i <= PIECE; i++) {
		uint64_t outside = ~s->inside[i];

		s->open[i] = c->open[i - 1] & outside;
		s->lead[i] = (c->open[i - 1] | c->comma[i - 1]) & outside;
		s->part[i] = (c->open[i - 1] | c->comma[i - 1] | c->colon[i - 1]) & outside;
		s->closed[i] = c->quote[i - 1] & outside;
		wrong |= c->control[i - 1] & s->inside[i];
	}
	p->wrong |= wrong;
}

/* A string stands behind one of { [ , : and before one of } ] , : and something stands between two
 * of these, but for {} and []; blanks stand nowhere. */
INLINE void find_stops(struct piece *p, uint64_t *quotes, uint64_t *braces)
{
	const struct chars *c = &p->chars;
	struct parts *s = &p->parts;

	for (size_t i = 1; i <= PIECE; i++) {
		uint64_t outside = ~s->inside[i], shut = c->shut[i - 1] & outside;
		uint64_t ends = (c->comma[i - 1] | c->colon[i - 1] | c->shut[i - 1]) & outside;
		uint64_t opening = c->quote[i - 1] & s->inside[i];
		uint64_t other =
		    c->blank[i - 1] | c->slash[i - 1] | (c->control[i - 1] & ~c->newline[i - 1]);
		uint64_t part = behind(s->part, i);

		quotes[i - 1] = c->quote[i - 1];
		braces[i - 1] = s->open[i] | shut;
		s->stop[i] = s->open[i] | shut | (opening & behind(s->lead, i)) | c->newline[i - 1];
		s->odd[i] = (opening & ~part) | (behind(s->closed, i) & ~ends) |
		            (part & ends & ~(behind(s->open, i) & shut)) | (other & outside);
	}
}

/* A word with newlines, or with what their lines are told with. */
INLINE struct bits_line *put_lines(struct bits_line *to, struct piece *p, size_t word, size_t at)
{
	uint64_t slash = p->chars.slash[word], odd = p->parts.odd[word + 1];

	for (uint64_t newline = p->chars.newline[word]; newline; newline &= newline - 1) {
		uint64_t line = newline ^ (newline - 1); /* the bytes up to it */

		*to++ = (struct bits_line){
		    .end = (uint32_t)at + (uint32_t)__builtin_ctzll(newline),
		    .odd = (p->odd | (odd & line)) != 0,
		    .escapes = (p->escapes | (slash & line)) != 0,
		};
		p->odd = p->escapes = 0;
		odd &= ~line;
		slash &= ~line;
	}
	p->odd |= odd;
	p->escapes |= slash;
	return to;
}

INLINE void find_lines(struct bits *out, struct piece *p, size_t at)
{
	struct bits_line *to = out->lines + out->line_count;

	for (size_t i = 0; i < PIECE; i++)
		if (p->chars.newline[i] | p->chars.slash[i] | p->parts.odd[i + 1])
			to = put_lines(to, p, i, at + 64 * i);
	out->line_count = (size_t)(to - out->lines);
}

/* What follows from the characters of the piece that starts at `at`. */
INLINE void sum_up(struct bits *out, struct piece *p, size_t at)
{
	find_strings(p);
	find_parts(p);
	find_stops(p, out->quotes + at / 64, out->braces + at / 64);
	find_lines(out, p, at);
}

/* To the next piece. */
INLINE void carry_on(struct parts *s)
{
	s->inside[0] = s->inside[PIECE];
	s->open[0] = s->open[PIECE];
	s->lead[0] = s->lead[PIECE];
	s->part[0] = s->part[PIECE];
	s->closed[0] = s->closed[PIECE];
}

static void start(struct bits *out, struct piece *p)
{
	struct parts *s = &p->parts;

	out->line_count = 0;
	s->inside[0] = s->open[0] = s->lead[0] = s->part[0] = s->closed[0] = 0;
	p->escaped = p->wrong = p->odd = p->escapes = 0;
}

static bool ended_well(const struct piece *p)
{
	return !(p->parts.inside[0] >> 63 | p->wrong);
}

/* The bytes of a word that the block has. */
INLINE uint64_t live_bytes(size_t n, size_t at)
{
	return at >= n ? 0 : n - at >= 64 ? UINT64_MAX : (UINT64_C(1) << (n - at)) - 1;
}

static void chars_plain(struct chars *c, size_t word, const char *p, uint64_t live)
{
	const uint64_t fold = UINT64_C(0x2020202020202020), high = UINT64_C(0xe0e0e0e0e0e0e0e0);
	uint64_t quote = 0, slash = 0, comma = 0, colon = 0, open = 0, shut = 0, newline = 0;
	uint64_t control = 0, blank = 0;

	for (unsigned i = 0; live && i < 64; i += 8) {
		uint64_t x = bits_eight(p + i);

		quote |= bits_equal(x, '"') << i;
		slash |= bits_equal(x, '\\') << i;
		comma |= bits_equal(x, ',') << i;
		colon |= bits_equal(x, ':') << i;
		open |= bits_equal(x | fold, '{') << i;
		shut |= bits_equal(x | fold, '}') << i;
		newline |= bits_equal(x, '\n') << i;
		control |= bits_zero(x & high) << i;
		blank |= bits_equal(x, ' ') << i;
	}
	c->quote[word] = quote & live;
	c->slash[word] = slash & live;
	c->comma[word] = comma & live;
	c->colon[word] = colon & live;
	c->open[word] = open & live;
	c->shut[word] = shut & live;
	c->newline[word] = newline & live;
	c->control[word] = control & live;
	c->blank[word] = blank & live;
}

static inline uint32_t *stops_plain(uint32_t *to, uint64_t stop, size_t at)
{
	for (; stop; stop &= stop - 1)
		*to++ = (uint32_t)at + (uint32_t)__builtin_ctzll(stop);
	return to;
}

static bool bits_plain(struct bits *out, const char *block, size_t n)
{
	uint32_t *stop = out->stops;
	struct piece p;

	start(out, &p);
	for (size_t at = 0; at < n; at += (size_t)PIECE * 64) {
		for (size_t i = 0; i < PIECE; i++)
			chars_plain(&p.chars, i, block + at + 64 * i, live_bytes(n, at + 64 * i));
		sum_up(out, &p, at);
		for (size_t i = 0; i < PIECE; i++)
			stop = stops_plain(stop, p.parts.stop[i + 1], at + 64 * i);
		carry_on(&p.parts);
	}
	out->stop_count = (size_t)(stop - out->stops);
	return ended_well(&p);
}

#if defined(__x86_64__)

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

/* Of two halves of 32 bytes, one mask of the bytes that equal c. */
AVX2 static inline uint64_t equal_avx2(__m256i lo, __m256i hi, char c)
{
	__m256i want = _mm256_set1_epi8(c);
	uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(lo, want));
	uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hi, want));

	return a | (uint64_t)b << 32;
}

/* The same of the bytes that are no greater. */
AVX2 static inline uint64_t upto_avx2(__m256i lo, __m256i hi, char c)
{
	__m256i most = _mm256_set1_epi8(c);
	uint32_t a =
	    (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(lo, most), lo));
	uint32_t b =
	    (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(hi, most), hi));

	return a | (uint64_t)b << 32;
}

AVX2 static inline void chars_avx2(struct chars *c, size_t word, __m256i lo, __m256i hi)
{
	const __m256i fold = _mm256_set1_epi8(0x20);
	__m256i fold_lo = _mm256_or_si256(lo, fold), fold_hi = _mm256_or_si256(hi, fold);

	c->quote[word] = equal_avx2(lo, hi, '"');
	c->slash[word] = equal_avx2(lo, hi, '\\');
	c->comma[word] = equal_avx2(lo, hi, ',');
	c->colon[word] = equal_avx2(lo, hi, ':');
	c->open[word] = equal_avx2(fold_lo, fold_hi, '{');
	c->shut[word] = equal_avx2(fold_lo, fold_hi, '}');
	c->newline[word] = equal_avx2(lo, hi, '\n');
	c->control[word] = upto_avx2(lo, hi, 0x1f);
	c->blank[word] = equal_avx2(lo, hi, ' ');
}

/* Eight at once; few words have more. What is written past the last one is written over. */
AVX2 static inline uint32_t *stops_avx2(uint32_t *to, uint64_t stop, size_t at)
{
	uint32_t *end = to + __builtin_popcountll(stop);

	do {
		for (unsigned i = 0; i < 8; i++, stop = _blsr_u64(stop))
			*to++ = (uint32_t)at + (uint32_t)_tzcnt_u64(stop);
	} while (stop);
	return end;
}

/* The last bytes of the block, in a word of which the others are no character that matters. */
static const char *last_word(char room[64], const char *block, size_t n, size_t at)
{
	memset(room, 'x', 64);
	if (at < n)
		memcpy(room, block + at, n - at);
	return room;
}

AVX2 static bool bits_avx2(struct bits *out, const char *block, size_t n)
{
	uint32_t *stop = out->stops;
	struct piece p;
	char room[64];

	start(out, &p);
	for (size_t at = 0; at < n; at += (size_t)PIECE * 64) {
		for (size_t i = 0; i < PIECE; i++) {
			size_t here = at + 64 * i;
			const char *text =
			    here + 64 <= n ? block + here : last_word(room, block, n, here);

			__builtin_prefetch(block + here + AHEAD, 0, 2);
			chars_avx2(&p.chars, i, _mm256_loadu_si256((const void *)text),
			    _mm256_loadu_si256((const void *)(text + 32)));
		}
		sum_up(out, &p, at);
		for (size_t i = 0; i < PIECE; i++)
			stop = stops_avx2(stop, p.parts.stop[i + 1], at + 64 * i);
		carry_on(&p.parts);
	}
	out->stop_count = (size_t)(stop - out->stops);
	return ended_well(&p);
}

#define AVX512                                                                                     \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,"         \
	                      "popcnt")))

AVX512 static inline uint64_t equal_avx512(__m512i x, char c)
{
	return _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(c));
}

AVX512 static inline void chars_avx512(struct chars *c, size_t word, __m512i x)
{
	const __m512i fold = _mm512_set1_epi8(0x20);
	__m512i folded = _mm512_or_si512(x, fold);

	c->quote[word] = equal_avx512(x, '"');
	c->slash[word] = equal_avx512(x, '\\');
	c->comma[word] = equal_avx512(x, ',');
	c->colon[word] = equal_avx512(x, ':');
	c->open[word] = equal_avx512(folded, '{');
	c->shut[word] = equal_avx512(folded, '}');
	c->newline[word] = equal_avx512(x, '\n');
	c->control[word] = _mm512_cmplt_epu8_mask(x, fold);
	c->blank[word] = equal_avx512(x, ' ');
}

/* The numbers of the mask's bits, squeezed together; sixteen at once. */
AVX512 static inline uint32_t *stops_avx512(uint32_t *to, uint64_t stop, size_t at)
{
	const __m512i each = _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50,
	    49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28,
	    27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
	    4, 3, 2, 1, 0);
	const __m512i base = _mm512_set1_epi32((int)at);
	__m512i which = _mm512_maskz_compress_epi8(stop, each);
	size_t count = (size_t)__builtin_popcountll(stop);

	_mm512_storeu_si512(
	    to, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(which))));
	if (__builtin_expect(count <= 16, 1))
		return to + count;
	_mm512_storeu_si512(to + 16,
	    _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(which, 1))));
	_mm512_storeu_si512(to + 32,
	    _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(which, 2))));
	_mm512_storeu_si512(to + 48,
	    _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(which, 3))));
	return to + count;
}

AVX512 static bool bits_avx512(struct bits *out, const char *block, size_t n)
{
	/* Bytes past the end are no character that matters. */
	const __m512i other = _mm512_set1_epi8('x');
	uint32_t *stop = out->stops;
	struct piece p;

	start(out, &p);
	for (size_t at = 0; at < n; at += (size_t)PIECE * 64) {
		for (size_t i = 0; i < PIECE; i++) {
			size_t here = at + 64 * i;

			__builtin_prefetch(block + here + AHEAD, 0, 2);
			chars_avx512(&p.chars, i,
			    _mm512_mask_loadu_epi8(other, live_bytes(n, here), block + here));
		}
		sum_up(out, &p, at);
		for (size_t i = 0; i < PIECE; i++)
			stop = stops_avx512(stop, p.parts.stop[i + 1], at + 64 * i);
		carry_on(&p.parts);
	}
	out->stop_count = (size_t)(stop - out->stops);
	return ended_well(&p);
}

bits_fn bits_at_level(enum bits_level level)
{
	switch (level) {
	case BITS_AVX512:
		return __builtin_cpu_supports("avx512vbmi2") && bits_at_level(BITS_AVX2)
		           ? bits_avx512
		           : NULL;
	case BITS_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? bits_avx2
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
