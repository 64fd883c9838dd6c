/* SPDX-License-Identifier: Apache-2.0 */
/* Times the indicator index and the event matcher from inside, on made-up indicators and on events
 * made up and real, which are written out as files too, so that other tools can be run on the same
 * bytes.
 *
 *   match_bench DIR INDICATORS LINES [EVE MEGABYTES]
 *
 * leaves DIR/indicators.txt (a plain list), DIR/events.json (LINES made-up EVE lines, about one in
 * twenty hits) and DIR/index (the generation) and prints one row of figures a line. EVE is a file
 * of real events, repeated to so many megabytes; some of their names hit. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/time.h"
#include "intake/history/feed.h"
#include "match/canon.h"
#include "match/entry.h"
#include "match/matcher.h"
#include "sys/env.h"

enum { MIX = 100, VALUE_MAX = 128, PART = 16 << 10 };

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The text of made-up value number n of a kind; the same number is the same text always. */
static struct str value_text(char out[VALUE_MAX], enum term_kind kind, uint64_t n)
{
	uint64_t r = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t s = next_random(&r), t = next_random(&r);
	int length = 0;

	switch (kind) {
	case TERM_IPV4:
		length = snprintf(out, VALUE_MAX, "%u.%u.%u.%u", (unsigned)(s % 223 + 1),
		    (unsigned)(s >> 8 & 255), (unsigned)(s >> 16 & 255), (unsigned)(s >> 24 & 255));
		break;
	case TERM_IPV6:
		length = snprintf(out, VALUE_MAX, "2001:0db8:%04x:%04x:%04x:%04x:%04x:%04x",
		    (unsigned)(s & 0xffff), (unsigned)(s >> 16 & 0xffff),
		    (unsigned)(s >> 32 & 0xffff), (unsigned)(s >> 48), (unsigned)(t & 0xffff),
		    (unsigned)(t >> 16 & 0xffff));
		break;
	case TERM_DOMAIN:
		length = snprintf(
		    out, VALUE_MAX, "h%x.n%" PRIx64 ".example", (unsigned)(s & 0xfff), t >> 32);
		break;
	case TERM_URL:
		length = snprintf(out, VALUE_MAX,
		    "http://h%x.n%" PRIx64 ".example/gate/%x.php?id=%x", (unsigned)(s & 0xfff),
		    t >> 32, (unsigned)(s >> 40), (unsigned)(t & 0xffffff));
		break;
	case TERM_MD5:
		length = snprintf(out, VALUE_MAX, "%016" PRIx64 "%016" PRIx64, s, t);
		break;
	default:
		length = snprintf(out, VALUE_MAX,
		    "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64, s, t, ~s, ~t);
	}
	return (struct str){out, (size_t)length};
}

/* Which kind indicator number n has: the shares are those of mixed public lists. */
static enum term_kind kind_of(uint64_t n)
{
	unsigned share = (unsigned)(n % MIX);

	if (share < 40)
		return TERM_DOMAIN;
	if (share < 60)
		return TERM_URL;
	if (share < 77) /* the last two of them networks */
		return TERM_IPV4;
	if (share < 80)
		return TERM_IPV6;
	return share < 95 ? TERM_SHA256 : TERM_MD5;
}

static enum term_kind canon_kind(enum term_kind kind)
{
	return kind == TERM_IPV6 ? TERM_IPV4 : kind;
}

/* A known value of the kind once in `one_in`, else one that no indicator has. */
static struct str seen(
    char out[VALUE_MAX], enum term_kind kind, uint64_t *random, uint64_t indicators)
{
	uint64_t n = next_random(random) % (indicators / MIX + 1) * MIX;

	if (next_random(random) % 60 != 0)
		return value_text(out, kind, (UINT64_C(1) << 40) + next_random(random) % (1 << 24));
	while (kind_of(n) != kind)
		n++;
	return value_text(out, kind, n);
}

static void put_head(struct buf *b, const char *type, uint64_t *random, uint64_t indicators)
{
	char src[VALUE_MAX];
	uint64_t r = next_random(random);
	struct str dest = seen(src, TERM_IPV4, random, indicators);

	buf_printf(b,
	    "{\"timestamp\":\"2026-03-14T%02u:%02u:%02u.%06u+0100\",\"flow_id\":%" PRIu64
	    ",\"in_iface\":\"ens5f0\",\"event_type\":\"%s\",\"src_ip\":\"10.%u.%u.%u\",\"src_"
	    "port\":"
	    "%u,\"dest_ip\":\"%.*s\",\"dest_port\":443,\"proto\":\"TCP\",",
	    (unsigned)(r % 24), (unsigned)(r >> 8) % 60, (unsigned)(r >> 16) % 60,
	    (unsigned)(r >> 24) % 1000000, r >> 4, type, (unsigned)(r & 255),
	    (unsigned)(r >> 8 & 255), (unsigned)(r >> 16 & 255), (unsigned)(r >> 32 & 0xffff),
	    STR_ARG(dest));
}

static void put_event(struct buf *b, uint64_t *random, uint64_t indicators)
{
	char text[VALUE_MAX];
	unsigned share = (unsigned)(next_random(random) % MIX);
	struct str v;

	if (share < 40) {
		put_head(b, "flow", random, indicators);
		buf_put(b, S("\"app_proto\":\"tls\",\"flow\":{\"pkts_toserver\":12,\"pkts_"
		             "toclient\":11,\"bytes_"
		             "toserver\":4056,\"bytes_toclient\":8231,\"start\":\"2026-03-14T16:38:"
		             "55.855844+0100"
		             "\",\"end\":\"2026-03-14T16:38:56.963027+0100\",\"age\":1,\"state\":"
		             "\"closed\","
		             "\"reason\":\"timeout\",\"alerted\":false},\"tcp\":{\"tcp_flags\":"
		             "\"1b\",\"tcp_flags_"
		             "ts\":\"1b\",\"tcp_flags_tc\":\"1b\",\"syn\":true,\"fin\":true,"
		             "\"psh\":true,\"ack\":"
		             "true,\"state\":\"closed\"},\"community_id\":\"1:LQU9qZlK+"
		             "B5F3KDmev6m5PMibrg=\"}\n"));
	} else if (share < 70) {
		put_head(b, "dns", random, indicators);
		v = seen(text, TERM_DOMAIN, random, indicators);
		buf_printf(b,
		    "\"dns\":{\"type\":\"query\",\"id\":%u,\"rrname\":\"www.%.*s\",\"rrtype\":"
		    "\"A\",\"tx_id\""
		    ":0,\"opcode\":0},\"host\":\"sensor-3.airport.example\",\"pcap_cnt\":%u}\n",
		    share * 331, STR_ARG(v), share * 77731);
	} else if (share < 82) {
		put_head(b, "tls", random, indicators);
		v = seen(text, TERM_DOMAIN, random, indicators);
		buf_printf(b,
		    "\"tls\":{\"subject\":\"CN=%.*s\",\"issuerdn\":\"C=BE, O=Example Sign nv-sa, "
		    "CN=AlphaSSL "
		    "CA - SHA256 - "
		    "G2\",\"serial\":\"17:8E:1E:D7:BD:75:EF:CD:3D:8F:FF:D3\",\"fingerprint\":"
		    "\"2d:d1:9f:80:99:86:fc:ac:5f:2a:2a:fd:a3:f3:7e:96:7c:dd:24:37\",\"sni\":\"%.*"
		    "s\","
		    "\"version\":\"TLS "
		    "1.3\",\"notbefore\":\"2025-03-19T09:44:08\",\"notafter\":\"2027-03-20T"
		    "09:44:08\",\"ja3\":{\"hash\":\"b7202231ff2db28363c109cedc6d1642\",\"string\":"
		    "\"770,51-57-"
		    "69-136-22-53-132-47-65-10-5-4,0,,\"},\"ja3s\":{\"hash\":"
		    "\"ad90cab724fafab2660fbf61673c91a"
		    "9\",\"string\":\"770,51,0\"}}}\n",
		    STR_ARG(v), STR_ARG(v));
	} else if (share < 92) {
		put_head(b, "http", random, indicators);
		v = str_from(seen(text, TERM_URL, random, indicators), 7);
		buf_printf(b,
		    "\"tx_id\":0,\"http\":{\"hostname\":\"%.*s\",\"url\":\"%.*s\",\"http_user_"
		    "agent\":\"Mozilla"
		    "/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
		    "Chrome/120.0"
		    ".0.0 "
		    "Safari/537.36\",\"http_content_type\":\"text/html\",\"http_method\":\"GET\","
		    "\"protocol\":\"HTTP/"
		    "1.1\",\"status\":200,\"length\":1436},\"host\":\"sensor-3\"}\n",
		    (int)str_find(v, '/'), v.p, STR_ARG(str_from(v, str_find(v, '/'))));
	} else {
		put_head(b, "fileinfo", random, indicators);
		v = seen(text, TERM_SHA256, random, indicators);
		buf_printf(b,
		    "\"app_proto\":\"http\",\"fileinfo\":{\"filename\":\"/update/"
		    "agent.bin\",\"magic\":\"PE32 "
		    "executable (GUI) Intel 80386, for MS "
		    "Windows\",\"gaps\":false,\"state\":\"CLOSED\","
		    "\"sha256\":\"%.*s\",\"stored\":false,\"size\":471233,\"tx_id\":0}}\n",
		    STR_ARG(v));
	}
}

static double seconds_since(usec start)
{
	return (double)(sys_monotonic() - start) / 1e6;
}

/* What this process took of a core, whoever else is on the machine. */
static double core_seconds(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) != 0)
		return 0;
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void give_up(const char *what)
{
	perror(what);
	exit(2);
}

static const char *path_in(char out[4096], const char *dir, const char *name)
{
	(void)snprintf(out, 4096, "%s/%s", dir, name);
	return out;
}

static void write_file(const char *dir, const char *name, struct str bytes)
{
	char path[4096];
	FILE *f = fopen(path_in(path, dir, name), "wb");

	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
		give_up(path);
}

/* A network of a length that lists have: mostly /24. */
static void widen(struct term *t, uint64_t n)
{
	static const uint8_t LENGTHS[] = {24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 28, 22};
	char *bytes = (char *)(uintptr_t)t->value.p;

	t->prefix = LENGTHS[n / MIX % sizeof(LENGTHS)];
	bytes[3] = (char)((unsigned)bytes[3] & 0xff00U >> (t->prefix > 24 ? t->prefix - 24 : 0));
	if (t->prefix > 24)
		return;
	bytes[2] = (char)((unsigned)bytes[2] & 0xff0000U >> (t->prefix - 8));
}

static void add_made(struct index_builder *b, uint64_t indicators, struct buf *list)
{
	struct arena *arena = arena_new(1 << 20);
	char text[VALUE_MAX + CANON_SLACK] = {0}, room[VALUE_MAX + 16];

	for (uint64_t i = 0; i < indicators; i++) {
		struct str v = value_text(text, kind_of(i), i);
		struct index_entry e = {.seq = i, .from = 1700000000, .until = UINT32_MAX};

		if (canon_term(&e.term, canon_kind(kind_of(i)), v, room, arena) != OK)
			exit(2);
		if (i % MIX >= 75 && e.term.kind == TERM_IPV4)
			widen(&e.term, i);
		if (index_builder_add(b, &e) != OK)
			exit(2);
		buf_put(list, v);
		buf_byte(list, '\n');
	}
	arena_free(arena);
}

static struct str whole_lines(struct str s, size_t most)
{
	size_t n = s.n < most ? s.n : most;

	while (n > 0 && s.p[n - 1] != '\n')
		n--;
	return str_slice(s, 0, n);
}

/* A few names of the real events, each once. */
static void add_real(struct index_builder *b, struct str events)
{
	enum { NAMES = 16 };
	uint64_t prints[NAMES], print;
	size_t count = 0;

	struct arena *arena = arena_new(1 << 20);
	struct eve *eve = eve_new(NULL);
	struct eve_line line;
	char room[EVE_VALUE_MAX + 16];

	eve_start(eve, events);
	while (eve_next(eve, &line) && count < NAMES) {
		struct index_entry e = {.from = 1700000000, .until = UINT32_MAX};
		const struct eve_value *v;
		size_t i = 0;

		if (line.rc != OK || line.event->count == 0)
			continue;
		v = &line.event->values[line.event->count - 1];
		if (canon_term(&e.term, eve_field_kind(v->field), v->text, room, arena) != OK ||
		    e.term.kind <= TERM_IPV6)
			continue;
		print = entry_fingerprint(0, &e.term);
		while (i < count && prints[i] != print)
			i++;
		if (i < count)
			continue;
		prints[count++] = print;
		if (count % 4 == 0 && index_builder_add(b, &e) != OK)
			exit(2);
	}
	eve_free(eve);
	arena_free(arena);
}

/* The generation, as another process would see it: a file, mapped. */
static struct match_index build(
    const char *dir, uint64_t indicators, struct buf *list, struct str real)
{
	struct index_builder *b = index_builder_new(7);
	usec start = sys_monotonic();
	uint64_t text_bytes = 0;
	struct index_entry e;
	struct match_index x;
	char path[4096];
	size_t size;
	void *map;
	int fd;

	add_made(b, indicators, list);
	add_real(b, real);
	printf("add\t%.3f s\n", seconds_since(start));
	start = sys_monotonic();
	size = index_builder_size(b);
	map = mem_alloc(size);
	index_builder_write(b, indicators, map);
	printf("build\t%.3f s\n", seconds_since(start));
	index_builder_free(b);
	write_file(dir, "index", (struct str){map, size});
	mem_free(map);
	start = sys_monotonic();
	fd = open(path_in(path, dir, "index"), O_RDONLY | O_CLOEXEC);
	map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (fd < 0 || map == MAP_FAILED || match_open(&x, (struct str){map, size}, NULL) != OK)
		give_up(path);
	printf("map\t%.3f ms\n", seconds_since(start) * 1e3);
	for (size_t at = 0; at < x.entry_bytes;) {
		size = entry_get(&e, x.entries + at, x.entry_bytes - at);
		if (size == 0)
			exit(2);
		text_bytes += e.term.value.n;
		at += size;
	}
	printf("bytes\t%.1f an indicator beside its value\n",
	    (double)(INDEX_HEADER + (uint64_t)(x.entries - (const char *)x.bloom) + x.entry_bytes -
	             text_bytes) /
	        (double)x.count);
	return x;
}

static void nothing(void *ctx, const struct match_hit *hit)
{
	(void)ctx;
	(void)hit;
}

/* What intake does beside: every event into the history, and its runs to core, which takes them at
 * once here. */
struct fed {
	struct history_feed *feed;
	struct loop *loop;
	struct chan *intake, *core;
	uint64_t runs;
};

static void feed_event(void *ctx, const struct match_event *event)
{
	struct fed *f = ctx;
	usec when;

	if (event->timestamp.n && time_parse_any(&when, event->timestamp) == OK)
		history_feed_event(f->feed, event, when);
}

static void feed_end(void *ctx)
{
	history_feed_events_end(((struct fed *)ctx)->feed);
}

static void take_run(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct fed *f = ctx;
	struct history_run_head head;

	(void)c;
	if (!history_run_head_get(&head, m->body))
		exit(2);
	f->runs++;
	history_feed_taken(f->feed, head.number);
}

static void closed(void *ctx, struct chan *c)
{
	(void)ctx;
	(void)c;
	exit(2);
}

static void hand_over(struct fed *f)
{
	const struct stream_place place = {.inode = 1};
	uint64_t runs = f->runs;

	history_feed_hand_over(f->feed, f->intake, 1, 1, &place, 0);
	while (f->runs == runs)
		(void)event_base_loop(loop_base(f->loop), EVLOOP_ONCE);
}

static void fed_open(struct fed *f)
{
	const struct stream_place place = {.inode = 1};
	int fds[2];

	*f = (struct fed){.feed = history_feed_new(sys_env(), &place)};
	if (loop_new(&f->loop, NULL) != OK || chan_pair(fds, NULL) != OK)
		exit(2);
	f->intake = chan_new(&(struct chan_options){
	    .loop = f->loop, .fd = fds[0], .message = take_run, .closed = closed, .ctx = f});
	f->core = chan_new(&(struct chan_options){
	    .loop = f->loop, .fd = fds[1], .message = take_run, .closed = closed, .ctx = f});
}

static void fed_close(struct fed *f)
{
	chan_free(f->intake);
	chan_free(f->core);
	loop_free(f->loop);
	history_feed_free(f->feed);
}

/* Seconds of a core for all events once; `fed` may be NULL. */
static double match_all(
    struct matcher *m, struct str events, struct match_counts *counts, struct fed *fed)
{
	const size_t block = fed ? 64 << 10 : 1 << 20;
	const struct match_sink sink = {.event = fed ? feed_event : NULL,
	    .events_end = feed_end,
	    .wants = EVE_WANT_ANSWERS,
	    .hit = nothing,
	    .ctx = fed};
	double start = core_seconds();

	*counts = (struct match_counts){0};
	for (size_t at = 0; at < events.n;) {
		size_t n = events.n - at;
		size_t done = matcher_feed(
		    m, (struct str){events.p + at, n < block ? n : block}, counts, &sink);

		if (done == 0)
			break;
		at += done;
		if (fed && history_feed_is_full(fed->feed))
			hand_over(fed);
	}
	if (fed)
		hand_over(fed);
	return core_seconds() - start;
}

static void report(const char *name, const struct match_counts *c, double seconds)
{
	printf("%s\t%.2f M lines/s a core\t%.2f GB/s\tlines %" PRIu64 " bad %" PRIu64
	       " hits %" PRIu64 "\n",
	    name, (double)c->lines / seconds / 1e6, (double)c->bytes / seconds / 1e9, c->lines,
	    c->bad, c->hits);
	(void)fflush(stdout);
}

static void run(
    const char *name, bits_fn bits, const struct match_index *x, struct str events, struct fed *fed)
{
	struct match_counts counts;
	struct matcher *m;
	double best = 1e9;

	if (!bits)
		return;
	m = matcher_new(bits);
	matcher_layers(m, x, NULL);
	for (int round = 0; round < 3; round++) {
		double took = match_all(m, events, &counts, fed);

		best = took < best ? took : best;
	}
	report(name, &counts, best);
	matcher_free(m);
}

/* What the parts of it take alone: the delimiters found, then the fields taken out and nothing
 * asked. */
static void run_parts(struct str events)
{
	struct bits bits = {
	    .quotes = mem_alloc((PART / 64 + BITS_WORDS) * sizeof(*bits.quotes)),
	    .braces = mem_alloc((PART / 64 + BITS_WORDS) * sizeof(*bits.braces)),
	    .stops = mem_alloc((PART + BITS_STOPS) * sizeof(*bits.stops)),
	    .lines = mem_alloc(PART * sizeof(*bits.lines)),
	};
	struct match_counts c = {0};
	struct eve *eve = eve_new(NULL);
	struct eve_line line;
	double start = core_seconds();

	for (size_t at = 0; at < events.n; at += PART) {
		struct str part = str_slice(events, at, at + PART);

		(void)bits_best()(&bits, part.p, part.n);
		c.lines += bits.line_count;
		c.bytes += part.n;
	}
	report("real, delimiters", &c, core_seconds() - start);
	start = core_seconds();
	eve_want(eve, 0);
	eve_start(eve, whole_lines(events, events.n));
	for (c.lines = 0; eve_next(eve, &line); c.lines++)
		c.bad += line.rc != OK;
	report("real, fields", &c, core_seconds() - start);
	eve_free(eve);
	mem_free(bits.quotes);
	mem_free(bits.braces);
	mem_free(bits.stops);
	mem_free(bits.lines);
}

/* As many processes at once, which share the map: lines for each second of the slowest one's core,
 * whoever else is on the machine. */
static double rate_of(unsigned processes, const struct match_index *x, struct str events)
{
	pid_t child[2];
	double slowest = 0;

	(void)fflush(stdout);
	for (unsigned i = 0; i < processes; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			struct matcher *m = matcher_new(NULL);
			struct match_counts counts;

			matcher_layers(m, x, NULL);
			for (int round = 0; round < 4; round++)
				(void)match_all(m, events, &counts, NULL);
			_exit(0);
		}
		if (child[i] < 0)
			give_up("fork");
	}
	for (unsigned i = 0; i < processes; i++) {
		struct rusage used;
		double took;

		if (wait4(child[i], NULL, 0, &used) < 0)
			give_up("wait4");
		took = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
		slowest = took > slowest ? took : slowest;
	}
	return processes / slowest;
}

static void count_entry(void *ctx, const struct index_entry *e)
{
	(void)e;
	(*(uint64_t *)ctx)++;
}

static void ask(const struct match_index *x, const struct term *t, uint64_t *hits)
{
	uint64_t print = entry_fingerprint(x->seed, t);

	if (index_may_hold(x, print))
		match_find(x, print, t, count_entry, hits);
}

/* The peer: yyjson reads each line as a tree, the same index is asked value by value. */
static void run_tree(const struct match_index *x, struct str events)
{
	struct match_counts counts = {0};
	struct arena *arena = arena_new(1 << 20);
	struct eve *eve = eve_new(NULL);
	struct str rest = whole_lines(events, 32 << 20);
	char room[EVE_VALUE_MAX + 16];
	double start = core_seconds();

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		const struct eve_event *event;

		counts.lines++;
		counts.bytes += line.n + 1;
		if (eve_extract_tree(eve, line, &event) != OK) {
			counts.bad++;
			continue;
		}
		for (size_t i = 0; i < event->count; i++) {
			struct term t;

			if (canon_term(&t, eve_field_kind(event->values[i].field),
			        event->values[i].text, room, arena) != OK)
				continue;
			ask(x, &t, &counts.hits);
			while (t.kind == TERM_DOMAIN && str_find(t.value, '.') + 1 < t.value.n) {
				t.value = str_from(t.value, str_find(t.value, '.') + 1);
				ask(x, &t, &counts.hits);
			}
		}
	}
	report("yyjson", &counts, core_seconds() - start);
	eve_free(eve);
	arena_free(arena);
}

/* A file of lines, as often as it goes into so many megabytes, with slack behind it. */
static struct str repeated(const char *path, uint64_t megabytes)
{
	FILE *f = fopen(path, "rb");
	size_t size = (size_t)megabytes << 20, n, all;
	char *p = mem_alloc(size + EVE_SLACK);

	if (!f)
		give_up(path);
	n = fread(p, 1, size, f);
	(void)fclose(f);
	while (n > 0 && p[n - 1] != '\n')
		n--;
	for (all = n; n > 0 && all + n <= size; all += n)
		memcpy(p + all, p, n);
	return (struct str){p, all};
}

static struct str made_events(struct buf *b, uint64_t lines, uint64_t indicators)
{
	uint64_t random = UINT64_C(0x1234567890abcdef);
	struct str s;

	buf_init(b, SIZE_MAX / 2);
	for (uint64_t i = 0; i < lines; i++)
		put_event(b, &random, indicators);
	s.n = b->n;
	for (size_t i = 0; i < EVE_SLACK; i++)
		buf_byte(b, '\0');
	s.p = b->p;
	return s;
}

int main(int argc, char **argv)
{
	static const char *const LEVELS[] = {"plain C", "AVX2", "AVX-512"};
	uint64_t indicators, lines;
	struct str made, real = S("");
	struct match_index x;
	struct buf list, events;
	struct fed fed;

	if (argc != 4 && argc != 6) {
		fputs("usage: match_bench DIR INDICATORS LINES [EVE MEGABYTES]\n", stderr);
		return 2;
	}
	indicators = strtoull(argv[2], NULL, 10);
	lines = strtoull(argv[3], NULL, 10);
	buf_init(&list, SIZE_MAX / 2);
	made = made_events(&events, lines, indicators);
	if (argc == 6)
		real = repeated(argv[4], strtoull(argv[5], NULL, 10));
	x = build(argv[1], indicators, &list, whole_lines(real, 8 << 20));
	write_file(argv[1], "indicators.txt", buf_str(&list));
	write_file(argv[1], "events.json", made);
	buf_free(&list);
	for (int level = BITS_LEVELS - 1; level >= 0; level--) {
		char name[32];

		run(LEVELS[level], bits_at_level((enum bits_level)level), &x, made, NULL);
		(void)snprintf(name, sizeof(name), "real, %s", LEVELS[level]);
		if (real.n)
			run(name, bits_at_level((enum bits_level)level), &x, real, NULL);
	}
	if (real.n)
		run_parts(real);
	fed_open(&fed);
	run("history", bits_best(), &x, made, &fed);
	if (real.n)
		run("real, history", bits_best(), &x, real, &fed);
	fed_close(&fed);
	printf("two\t%.2f times one\n", rate_of(2, &x, made) / rate_of(1, &x, made));
	run_tree(&x, made);
	buf_free(&events);
	return 0;
}
