/* SPDX-License-Identifier: Apache-2.0 */
/* Times what an intake worker does with each object, on one core, step by step: cut from the
 * bundle, read, identify, check, label, and take the terms of its pattern. `stix_bench FILE` writes
 * the bundle that it uses, for peers. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/json.h"
#include "codec/split.h"
#include "stix/check.h"
#include "stix/equality.h"
#include "stix/marking.h"

enum { OBJECTS = 100000, ROUNDS = 5 };

/* Processor time: other programs on the machine do not count. */
static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_bundle(struct buf *b)
{
	buf_put(b, S("{\"type\":\"bundle\",\"id\":\"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\","
	             "\"objects\":["));
	for (unsigned i = 0; i < OBJECTS; i++) {
		buf_printf(b,
		    "%s{\"type\":\"indicator\",\"spec_version\":\"2.1\","
		    "\"id\":\"indicator--8e2e2d2b-17d4-4cbf-938f-%012x\",\"created_by_ref\":"
		    "\"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff\",",
		    i ? "," : "", i);
		buf_put(b, S("\"created\":\"2016-04-06T20:03:48.000Z\",\"modified\":"
		             "\"2016-04-06T20:03:48.000Z\",\"name\":\"Control server\","
		             "\"description\":\"Seen by sensors of the supplier\","
		             "\"indicator_types\":[\"malicious-activity\"],"));
		buf_printf(b, "\"pattern\":\"[ipv4-addr:value = '198.51.%u.%u']\",", i >> 8 & 255,
		    i & 255);
		buf_put(b, S("\"pattern_type\":\"stix\",\"valid_from\":\"2016-04-06T20:03:48Z\","
		             "\"labels\":[\"feed\"],\"object_marking_refs\":[\"marking-definition--"
		             "613f2e26-407d-48c7-9eca-b8e91df99dc9\"]}"));
	}
	buf_put(b, S("]}"));
}

enum depth { CUT, PARSE, IDENTIFY, CHECK, LABEL, TERMS };

static size_t one(struct arena *arena, struct str json, enum depth depth)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct stix_findings found;
	struct term_list terms;
	struct stix_object o;
	yyjson_val *root;
	size_t sum = json.n;

	arena_reset(arena);
	if (depth == PARSE)
		return json_parse(&root, arena, json, &limits, NULL) == OK;
	if (depth < IDENTIFY || stix_object_parse(&o, arena, json, NULL) != OK)
		return sum;
	if (depth >= CHECK && stix_check(&found, arena, &o) == OK)
		sum += found.count;
	if (depth >= LABEL)
		sum += stix_object_tlp(&o);
	if (depth >= TERMS &&
	    equality_terms(&terms, arena, json_get_str(o.root, "pattern"), NULL) == OK)
		sum += terms.count;
	return sum;
}

/* Objects a second in the best of some rounds. */
static double rate(struct arena *arena, struct str bundle, enum depth depth)
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double start = seconds();
		struct str member;
		struct split s;
		size_t n = 0, sum = 0;
		double r;

		if (split_open(&s, bundle, NULL) != OK)
			return 0;
		while (split_next(&s, &member, NULL) == OK) {
			sum += one(arena, member, depth);
			n++;
		}
		r = sum ? (double)n / (seconds() - start) : 0;
		best = r > best ? r : best;
	}
	return best;
}

static int write_bundle(const char *path, struct str bundle)
{
	FILE *f = fopen(path, "wb");
	bool good = f && fwrite(bundle.p, 1, bundle.n, f) == bundle.n;

	if (f && fclose(f) != 0)
		good = false;
	return good ? 0 : 2;
}

int main(int argc, char **argv)
{
	static const char *const WHAT[] = {"cut", "cut and parse", "cut, parse, identify",
	    "cut, parse, identify, check", "cut, parse, identify, check, label",
	    "all that and the pattern's terms"};
	struct arena *arena = arena_new(64 << 20);
	struct buf bundle;
	int code = 0;

	buf_init(&bundle, 256 << 20);
	make_bundle(&bundle);
	if (argc == 2) {
		code = write_bundle(argv[1], buf_str(&bundle));
	} else {
		for (unsigned d = CUT; d <= TERMS; d++) {
			double r = rate(arena, buf_str(&bundle), (enum depth)d);

			(void)printf(
			    "STIX indicators of %zu B: %s\t%.0f k/s a core, %.2f GB/s\t%s\t-\t-\n",
			    bundle.n / OBJECTS, WHAT[d], r / 1e3,
			    r * (double)bundle.n / (double)OBJECTS / 1e9,
			    d == CUT     ? "1 GB/s"
			    : d == LABEL ? "500 k/s"
			                 : "-");
		}
	}
	buf_free(&bundle);
	arena_free(arena);
	return code;
}
