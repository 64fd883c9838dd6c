/* SPDX-License-Identifier: Apache-2.0 */
/* Times patterns on events: the matcher with its index alone, and with patterns that look at every
 * event beside it.
 *
 *   live_bench INDEX EVENTS PATTERNS [MEGABYTES]
 *
 * INDEX is a generation as match_bench leaves it, EVENTS a file of EVE lines, repeated to so many
 * megabytes, PATTERNS one a line. Prints one row of figures a line. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/time.h"
#include "intake/live/arms.h"
#include "intake/live/live.h"
#include "intake/stream.h"
#include "match/matcher.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/loop.h"

enum { BLOCK = 1 << 20, PATTERNS_MAX = 10000, LIVE = 1000 };

static double core_seconds(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) != 0)
		return 0;
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void give_up(const char *what, const struct fault *fault)
{
	(void)fprintf(stderr, "live_bench: %s: %s\n", what, fault ? fault->text : "failed");
	exit(2);
}

struct run {
	struct watch *watch; /* NULL: the index alone */
	usec now;
	uint64_t told;
};

static void take_event(void *ctx, const struct match_event *event)
{
	struct run *r = ctx;
	usec when;

	if (time_parse_any(&when, event->timestamp) != OK)
		when = r->now;
	r->watch->class->event(r->watch, event, when);
}

static void take_hit(void *ctx, const struct match_hit *hit)
{
	(void)ctx;
	(void)hit;
}

struct ends {
	struct loop *loop;
	struct chan *to_core, *core;
	struct run *run;
};

static void core_message(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct ends *e = ctx;

	(void)c;
	e->run->told += m->body.n;
}

static void core_closed(void *ctx, struct chan *c)
{
	(void)ctx;
	(void)c;
}

static struct chan *an_end(struct ends *e, int fd)
{
	const struct chan_options options = {
	    .loop = e->loop, .fd = fd, .message = core_message, .closed = core_closed, .ctx = e};

	return chan_new(&options);
}

/* Block by block, as a stream does; what was found goes to the other end of a channel. */
static double match_all(struct matcher *m, struct str events, struct match_counts *counts,
    struct ends *e, const struct stream_tools *tools)
{
	struct run *r = e->run;
	const struct match_sink sink = {
	    .event = r->watch ? take_event : NULL, .wants = ARMS_WANT, .hit = take_hit, .ctx = r};
	const struct watch_batch batch = {.core = e->to_core, .stream = 1, .now = r->now};
	double start = core_seconds();

	*counts = (struct match_counts){0};
	for (size_t at = 0; at < events.n;) {
		size_t n = events.n - at < BLOCK ? events.n - at : BLOCK, done;

		if (r->watch)
			r->watch->class->begin(r->watch, tools, r->now);
		done = matcher_feed(m, (struct str){events.p + at, n}, counts, &sink);
		if (r->watch) {
			r->watch->class->batch(r->watch, &batch);
			(void)event_base_loop(loop_base(e->loop), EVLOOP_NONBLOCK);
		}
		if (done == 0)
			break;
		at += done;
	}
	return core_seconds() - start;
}

static struct str repeated(const char *path, size_t megabytes)
{
	struct arena *arena = arena_new(SIZE_MAX / 2);
	struct fault fault;
	struct str once;
	struct buf b;

	if (file_read(&once, arena, str_c(path), SIZE_MAX / 4, &fault) != OK)
		give_up(path, &fault);
	buf_init(&b, SIZE_MAX / 4);
	do
		buf_put(&b, once);
	while (b.n < megabytes << 20);
	for (size_t i = 0; i < EVE_SLACK; i++)
		buf_byte(&b, '\0');
	b.n -= EVE_SLACK;
	arena_free(arena);
	return buf_str(&b);
}

/* The first that can be true of an event, as many as are wanted. */
static struct arms *first_live(struct arms *all, struct live_pattern *list)
{
	size_t count = 0;
	struct arms *arms;

	printf("never\t%zu\n", arms_in(all, ARM_NEVER));
	printf("refused\t%zu\n", arms_in(all, ARM_REFUSED));
	for (size_t i = 0; i < arms_count(all) && count < LIVE; i++)
		if (arms_at(all, i)->state == ARM_LIVE)
			list[count++] = list[i];
	arms = arms_of(list, count);
	printf("armed\t%zu\n", arms_in(arms, ARM_LIVE));
	printf("broad\t%zu\n", arms_broad(arms));
	arms_close(all);
	return arms;
}

static struct arms *read_patterns(const char *path)
{
	struct live_pattern *list = mem_alloc(PATTERNS_MAX * sizeof(*list));
	struct arena *arena = arena_new(SIZE_MAX / 2);
	struct fault fault;
	struct arms *arms;
	struct str text;
	size_t count = 0;

	if (file_read(&text, arena, str_c(path), 64 << 20, &fault) != OK)
		give_up(path, &fault);
	while (text.p && count < PATTERNS_MAX) {
		struct str line = str_cut(&text, '\n');

		if (line.n)
			list[count] =
			    (struct live_pattern){
			        .seq = count + 1, .until = UINT32_MAX, .text = line},
			count++;
	}
	arms = first_live(arms_of(list, count), list);
	mem_free(list);
	arena_free(arena);
	return arms;
}

static struct match_index open_index(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	void *map = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	struct match_index x = {0};

	if (map == MAP_FAILED || match_open(&x, (struct str){map, (size_t)size}, NULL) != OK)
		give_up(path, NULL);
	(void)close(fd);
	return x;
}

static double best_of(
    const char *name, struct matcher *m, struct str events, struct ends *e, struct arms *arms)
{
	const struct stream_tools tools = {.env = sys_env(), .arms = arms};
	struct match_counts counts;
	double best = 1e9;

	for (int round = 0; round < 3; round++) {
		double took;

		e->run->watch = arms ? WATCH_LIVE.open(1, sys_env()) : NULL;
		took = match_all(m, events, &counts, e, &tools);
		best = took < best ? took : best;
		if (arms)
			WATCH_LIVE.close(e->run->watch);
	}
	printf("%s\t%.3f\n", name, (double)counts.lines / best / 1e6);
	(void)fflush(stdout);
	return best;
}

int main(int argc, char **argv)
{
	struct run run = {.now = env_now(sys_env())};
	struct ends ends = {.run = &run};
	struct matcher *m = matcher_new(NULL);
	struct match_index x;
	struct fault fault;
	struct arms *arms;
	struct str events;
	int pair[2];

	if (argc < 4)
		give_up("INDEX EVENTS PATTERNS [MEGABYTES]", NULL);
	x = open_index(argv[1]);
	events = repeated(argv[2], argc > 4 ? strtoul(argv[4], NULL, 10) : 0);
	arms = read_patterns(argv[3]);
	if (loop_new(&ends.loop, &fault) != OK || chan_pair(pair, &fault) != OK)
		give_up("channel", &fault);
	ends.to_core = an_end(&ends, pair[0]);
	ends.core = an_end(&ends, pair[1]);
	matcher_layers(m, &x, NULL);
	(void)best_of("alone", m, events, &ends, NULL);
	(void)best_of("with", m, events, &ends, arms);
	printf("told\t%" PRIu64 "\n", run.told);
	return 0;
}
