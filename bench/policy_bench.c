/* SPDX-License-Identifier: Apache-2.0 */
/* Times label decisions and joins on one core: a plain TLP level, and labels and a reader with as
 * many names as there is room for. */
#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "policy/decide.h"
#include "stix/type.h"

enum { ROUNDS = 2000000, NAMES = 20, COMMUNITIES = 60 };

/* Processor time: other programs on the machine do not count. */
static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void expect(enum err rc)
{
	if (rc != OK)
		__builtin_trap();
}

/* The one name that reader and label share comes last. */
static struct label full_label(void)
{
	struct label l = {.tlp = TLP_AMBER, .levels = {.eu = LEVEL_SECRET}};
	char name[8];

	for (unsigned i = 0; i < NAMES; i++) {
		(void)snprintf(
		    name, sizeof(name), "%c%c", 'a' + (int)(i % 26), i == NAMES - 1 ? 'z' : 'b');
		expect(label_add_releasable(&l, str_c(name)));
	}
	for (unsigned i = 0; i < NAMES - 2; i++) {
		(void)snprintf(name, sizeof(name), "c%c", 'a' + (int)i);
		expect(label_add_community(&l, str_c(name)));
	}
	expect(label_add_tag(&l, S("op-x")));
	return l;
}

static void make_reader(struct reader *r)
{
	const struct reader_community terms = {.types = COMMUNITY_TYPES_ALL, .ceiling = TLP_RED};
	char name[24];

	*r = (struct reader){
	    .kind = READER_PEER, .clearance = TLP_RED, .levels = {.eu = LEVEL_SECRET}};
	expect(reader_add_self(r, S("tz")));
	expect(reader_add_tag(r, S("op-x")));
	for (unsigned i = 0; i < COMMUNITIES; i++) {
		(void)snprintf(name, sizeof(name), "community-%02u", i);
		expect(reader_add_community(r, str_c(name), &terms));
	}
	expect(reader_add_community(r, S("cr"), &terms));
}

static void decide(const char *what, const struct label *l, const struct reader *r)
{
	double t = seconds();
	unsigned allowed = 0;

	for (unsigned i = 0; i < ROUNDS; i++)
		allowed +=
		    policy_decide_type(l, STIX_TYPE_INDICATOR, r, OUTLET_PEER, (usec)i).verdict ==
		    VERDICT_ALLOW;
	t = seconds() - t;
	(void)printf("Labels: %s\t%.0f ns\tunder 1 us\t-\t%s\n", what, t / (double)ROUNDS * 1e9,
	    allowed == ROUNDS ? "allowed" : "denied");
}

int main(void)
{
	struct label plain = {.tlp = TLP_AMBER}, full = full_label();
	struct reader account = {.own = true, .clearance = TLP_RED};
	struct reader *peer = mem_alloc(sizeof(*peer));
	double t;

	make_reader(peer);
	decide("decide a TLP level for an account", &plain, &account);
	decide("decide the fullest label for a peer in 61 communities", &full, peer);
	t = seconds();
	for (unsigned i = 0; i < ROUNDS / 10; i++)
		full = label_join(&full, &plain);
	(void)printf("Labels: join the fullest label\t%.0f ns\t-\t-\t-\n",
	    (seconds() - t) / (ROUNDS / 10) * 1e9);
	mem_free(peer);
	return 0;
}
