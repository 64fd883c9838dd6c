/* SPDX-License-Identifier: Apache-2.0 */
/* Each detector's reasons, as points and as words: the score is the sum of what is said. */
#include <stdarg.h>
#include <stdio.h>

#include "analytics/finding.h"

enum { TEXT_MEMORY = 4096, LINE_MAX_BYTES = 400 };

/* Where reasons go: into words, or into the sum alone. */
struct says {
	struct buf *out; /* NULL: only the points count */
	const struct finding *f;
	long points;
};

static void put_address(struct buf *out, const struct address *a)
{
	struct arena *arena = arena_new(TEXT_MEMORY);
	struct term term = address_term(a);

	buf_put(out, term_text(arena, &term));
	arena_free(arena);
}

static PRINTF_LIKE(3, 4) void because(struct says *s, long points, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	s->points += points;
	if (!s->out)
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	buf_printf(s->out, "%+ld: %s\n", points, line);
}

/* `of` points in whole as `part` goes from `none` to `full`. */
static long rise(uint64_t part, uint64_t none, uint64_t full, long of)
{
	if (part <= none)
		return 0;
	return part >= full ? of : (long)((part - none) * (uint64_t)of / (full - none));
}

static unsigned long long number(uint64_t n)
{
	return (unsigned long long)n;
}

static void beacon_title(struct buf *out, const struct finding *f)
{
	buf_put(out, S("Regular connections of "));
	put_address(out, &f->host);
	buf_put(out, S(" to "));
	put_address(out, &f->peer);
	buf_printf(
	    out, " port %u, every %.1f s", f->port, (double)f->facts[BEACON_INTERVAL] / 1000);
}

static void beacon_reasons(struct says *s)
{
	const uint64_t *fact = s->f->facts;
	uint64_t hours = (uint64_t)(s->f->last - s->f->first) / (3600 * USEC_PER_SEC);

	because(s, 25, "%llu connections at intervals of %.1f s", number(s->f->count),
	    (double)fact[BEACON_INTERVAL] / 1000);
	because(s,
	    rise(fact[BEACON_REGULAR] * 100, fact[BEACON_INTERVALS] * 80,
	        fact[BEACON_INTERVALS] * 100, 15),
	    "%llu of the last %llu intervals are of that length, or a call is missing",
	    number(fact[BEACON_REGULAR]), number(fact[BEACON_INTERVALS]));
	because(s, 15 - rise(fact[BEACON_DEVIATION], 0, 100, 15),
	    "half of them are off by at most %.1f per cent", (double)fact[BEACON_DEVIATION] / 10);
	because(s, rise(hours, 0, 24, 15), "it has gone on for %llu hours", number(hours));
}

static const struct {
	void (*title)(struct buf *out, const struct finding *f);
	void (*reasons)(struct says *s);
	const char *otherwise;
} WORDS[DETECTORS] = {
    [DETECTOR_BEACON] = {beacon_title, beacon_reasons,
        "Software that looks for updates, fetches mail or watches a service is regular as well: "
        "what the destination is decides."},
};

static unsigned bounded(long points)
{
	return points < 1 ? 1 : points > FINDING_SCORE_MAX ? FINDING_SCORE_MAX : (unsigned)points;
}

unsigned finding_score(const struct finding *f)
{
	struct says s = {.f = f};

	WORDS[f->detector].reasons(&s);
	return bounded(s.points);
}

void finding_title(struct buf *out, const struct finding *f)
{
	WORDS[f->detector].title(out, f);
}

void finding_words(struct buf *out, const struct finding *f)
{
	struct says s = {.out = out, .f = f};

	WORDS[f->detector].reasons(&s);
	buf_printf(out, "Score: %u of 100. %s\n", bounded(s.points), WORDS[f->detector].otherwise);
}
