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
	because(s, -rise(fact[BEACON_HOSTS], 1, 10, 25),
	    "about %llu hosts here talk to the destination", number(fact[BEACON_HOSTS]));
}

static void rare_title(struct buf *out, const struct finding *f)
{
	put_address(out, &f->host);
	buf_put(out, S(" talks to "));
	put_address(out, &f->peer);
	buf_put(out, S(", as nobody else here"));
}

static void rare_reasons(struct says *s)
{
	const uint64_t *fact = s->f->facts;

	because(s, 15, "nobody here talked to the destination for %llu days of events, or longer",
	    number(fact[RARE_DAYS]));
	because(s, rise(fact[RARE_MINUTES], 0, 1440, 10),
	    "for %llu minutes one host does, and no other", number(fact[RARE_MINUTES]));
	because(s, rise(s->f->count, 0, 500, 10), "%llu events tell of it", number(s->f->count));
}

static void scan_title(struct buf *out, const struct finding *f)
{
	put_address(out, &f->host);
	if (f->peer.n) {
		buf_printf(out, " tries about %llu ports of ", number(f->facts[SCAN_TARGETS]));
		put_address(out, &f->peer);
		return;
	}
	buf_printf(out, " tries about %llu destinations at port %u", number(f->facts[SCAN_TARGETS]),
	    f->port);
}

static void scan_reasons(struct says *s)
{
	const uint64_t *fact = s->f->facts;
	uint64_t all = fact[SCAN_VAIN] + fact[SCAN_ANSWERED];

	because(s, 30 + rise(fact[SCAN_TARGETS], 0, 1000, 30),
	    "about %llu different %s within ten minutes", number(fact[SCAN_TARGETS]),
	    s->f->peer.n ? "ports of one destination" : "destinations at one port");
	because(s, rise(fact[SCAN_VAIN] * 100, all * 50, all * 100, 20),
	    "%llu of %llu tries were not answered, or refused", number(fact[SCAN_VAIN]),
	    number(all));
}

static void burst_title(struct buf *out, const struct finding *f)
{
	put_address(out, &f->host);
	buf_printf(out,
	    f->facts[BURST_WHAT] == BURST_BYTES ? " sends %llu bytes in ten minutes"
	                                        : " makes %llu connections in ten minutes",
	    number(f->facts[BURST_NOW]));
}

static void burst_reasons(struct says *s)
{
	const uint64_t *fact = s->f->facts;
	const char *what = fact[BURST_WHAT] == BURST_BYTES ? "bytes sent" : "connections";
	uint64_t highest = fact[BURST_HIGHEST] + (fact[BURST_HIGHEST] == 0);

	because(s, 20 + rise(fact[BURST_NOW] / highest, 1, 50, 25),
	    "%llu %s in ten minutes; the most before was %llu, the mean %llu",
	    number(fact[BURST_NOW]), what, number(fact[BURST_HIGHEST]), number(fact[BURST_MEAN]));
	because(s, rise(fact[BURST_HOURS], 0, 336, 15), "held against %llu hours of its own past",
	    number(fact[BURST_HOURS]));
}

static void tunnel_title(struct buf *out, const struct finding *f)
{
	put_address(out, &f->host);
	buf_printf(out, " asks for about %llu different names below %.*s",
	    number(f->facts[TUNNEL_NAMES]), STR_ARG(finding_name(f)));
}

static void tunnel_reasons(struct says *s)
{
	const uint64_t *fact = s->f->facts;

	because(s, 20 + rise(fact[TUNNEL_NAMES], 0, 2000, 20),
	    "about %llu different names within an hour", number(fact[TUNNEL_NAMES]));
	because(s, rise(fact[TUNNEL_LETTERS], 20, 120, 15),
	    "%llu letters each below the domain, in the mean", number(fact[TUNNEL_LETTERS]));
	because(s, rise(fact[TUNNEL_ENTROPY], 300, 450, 10),
	    "%.2f bits of entropy a letter, in the mean", (double)fact[TUNNEL_ENTROPY] / 100);
	because(s, rise(fact[TUNNEL_CARRIERS] * 100, s->f->count * 10, s->f->count * 90, 15),
	    "%llu of %llu events are of types that carry much (TXT, NULL, CNAME, MX, SRV)",
	    number(fact[TUNNEL_CARRIERS]), number(s->f->count));
}

static void made_title(struct buf *out, const struct finding *f)
{
	put_address(out, &f->host);
	buf_printf(out,
	    " asks for about %llu domains that do not exist and that nobody would choose",
	    number(f->facts[MADE_NAMES]));
}

static void made_reasons(struct says *s)
{
	const uint64_t *fact = s->f->facts;

	because(s, 25 + rise(fact[MADE_NAMES], 0, 500, 25),
	    "about %llu different domains within an hour whose letters are as chance throws them",
	    number(fact[MADE_NAMES]));
	because(s, rise(fact[MADE_NAMES] * 100, fact[MADE_VAIN] * 50, fact[MADE_VAIN] * 100, 25),
	    "about %llu domains it asked for do not exist", number(fact[MADE_VAIN]));
}

static const struct {
	void (*title)(struct buf *out, const struct finding *f);
	void (*reasons)(struct says *s);
	const char *otherwise;
} WORDS[DETECTORS] = {
    [DETECTOR_BEACON] = {beacon_title, beacon_reasons,
        "Software that looks for updates, fetches mail or watches a service is regular as well: "
        "what the destination is decides."},
    [DETECTOR_RARE] = {rare_title, rare_reasons,
        "Most of what is new is harmless: a new service, a new customer. It is a place to look at "
        "beside other findings."},
    [DETECTOR_SCAN] = {scan_title, scan_reasons,
        "Inventory and monitoring tools scan as well, and so does sharing software that looks for "
        "others like it."},
    [DETECTOR_BURST] = {burst_title, burst_reasons,
        "A backup, an update or a new task of the host looks the same."},
    [DETECTOR_TUNNEL] = {tunnel_title, tunnel_reasons,
        "Virus scanners, block lists and some content networks put what they ask into names as "
        "well."},
    [DETECTOR_MADE] = {made_title, made_reasons,
        "A resolver asks for what its clients ask: it is one of them then. Misconfigured software "
        "asks for few names, often."},
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
