/* SPDX-License-Identifier: Apache-2.0 */
/* Times the indicator index and the event matcher from inside, on made-up data that is written out
 * as files too, so that other tools can be run on the same bytes.
 *
 *   match_bench DIR INDICATORS LINES
 *
 * leaves DIR/indicators.txt (a plain list) and DIR/events.json (EVE lines) and prints one row of
 * figures a line. About one event in twenty hits. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/mem.h"
#include "match/canon.h"
#include "match/matcher.h"
#include "sys/env.h"

enum { MIX = 100, VALUE_MAX = 128 };

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
	if (share < 77)
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

static void write_file(const char *dir, const char *name, const struct buf *b)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (!f || fwrite(b->p, 1, b->n, f) != b->n || fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

static struct match_index build(uint64_t indicators, struct buf *list)
{
	struct index_builder *b = index_builder_new(7);
	struct arena *arena = arena_new(1 << 20);
	struct match_index x;
	char text[VALUE_MAX], room[VALUE_MAX + 16];
	usec start = sys_monotonic();
	uint64_t text_bytes = 0;
	size_t size;
	void *map;

	for (uint64_t i = 0; i < indicators; i++) {
		struct str v = value_text(text, kind_of(i), i);
		struct index_entry e = {.seq = i, .from = 1700000000, .until = UINT32_MAX};

		arena_reset(arena);
		if (canon_term(&e.term, canon_kind(kind_of(i)), v, room, arena) != OK ||
		    index_builder_add(b, &e) != OK)
			exit(2);
		text_bytes += e.term.value.n;
		buf_put(list, v);
		buf_byte(list, '\n');
	}
	printf("add\t%.3f s\n", seconds_since(start));
	start = sys_monotonic();
	size = index_builder_size(b);
	map = mem_alloc(size);
	index_builder_write(b, indicators, map);
	if (match_open(&x, (struct str){map, size}, NULL) != OK)
		exit(2);
	printf("build\t%.3f s\n", seconds_since(start));
	printf("bytes\t%.1f an indicator beside its value\n",
	    (double)(size - text_bytes) / (double)indicators);
	index_builder_free(b);
	arena_free(arena);
	return x;
}

static void nothing(void *ctx, const struct match_hit *hit)
{
	(void)ctx;
	(void)hit;
}

static void run(
    const char *name, bits_fn bits, const struct match_index *x, const struct buf *events)
{
	const size_t block = 1 << 20;
	struct match_counts counts = {0};
	struct matcher *m;
	double took, best = 1e9;

	if (!bits)
		return;
	m = matcher_new(bits);
	matcher_layers(m, x, NULL);
	for (int round = 0; round < 3; round++) {
		double start = core_seconds();
		size_t at = 0;

		counts = (struct match_counts){0};
		while (at < events->n - EVE_SLACK) {
			size_t n = events->n - EVE_SLACK - at;

			at += matcher_feed(m, (struct str){events->p + at, n < block ? n : block},
			    &counts, nothing, NULL);
		}
		took = core_seconds() - start;
		best = took < best ? took : best;
	}
	printf("%s\t%.2f M lines/s a core\t%.2f GB/s\tlines %" PRIu64 " bad %" PRIu64
	       " hits %" PRIu64 "\n",
	    name, (double)counts.lines / best / 1e6, (double)counts.bytes / best / 1e9,
	    counts.lines, counts.bad, counts.hits);
	matcher_free(m);
}

int main(int argc, char **argv)
{
	static const char *const LEVELS[] = {"plain C", "AVX2", "AVX-512"};
	uint64_t random = UINT64_C(0x1234567890abcdef), indicators, lines;
	struct match_index x;
	struct buf list, events;

	if (argc != 4) {
		fputs("usage: match_bench DIR INDICATORS LINES\n", stderr);
		return 2;
	}
	indicators = strtoull(argv[2], NULL, 10);
	lines = strtoull(argv[3], NULL, 10);
	buf_init(&list, SIZE_MAX / 2);
	buf_init(&events, SIZE_MAX / 2);
	x = build(indicators, &list);
	for (uint64_t i = 0; i < lines; i++)
		put_event(&events, &random, indicators);
	write_file(argv[1], "indicators.txt", &list);
	write_file(argv[1], "events.json", &events);
	printf("line\t%.0f bytes\n", (double)events.n / (double)lines);
	for (size_t i = 0; i < EVE_SLACK; i++)
		buf_byte(&events, '\0');
	for (int level = BITS_LEVELS - 1; level >= 0; level--)
		run(LEVELS[level], bits_at_level((enum bits_level)level), &x, &events);
	buf_free(&list);
	buf_free(&events);
	return 0;
}
