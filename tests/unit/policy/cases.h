/* SPDX-License-Identifier: Apache-2.0 */
/* Random labels and readers over a small world of names, described by plain numbers and bits, so
 * that the tests of this folder can say what they expect without the code under test. */
#pragma once

#include <string.h>

#include "policy/decide.h"
#include "temp.h"

/* Names that an audience may have; the first two are those a reader goes by itself. */
enum { SELF_IDENTITY, SELF_NAME, ORG_STATE, ORG_UNION, OTHER_NODE, OTHER_IDENTITY, NAMES };
enum { COMMUNITY_NAMES = 4, TAG_NAMES = 3 };
enum origin { ORIGIN_NONE, ORIGIN_READER, ORIGIN_NODE, ORIGIN_OTHER, ORIGINS };

static const char *const AUDIENCE[NAMES] = {"identity--00000000-0000-4000-8000-000000000001",
    "peer-1", "cz", "eu", "le-desk", "identity--00000000-0000-4000-8000-000000000003"};
static const char *const COMMUNITIES[COMMUNITY_NAMES] = {"csirt", "milcert", "room-7", "isac"};
static const char *const TAGS[TAG_NAMES] = {"op-x", "case-9", "oscar"};
static const char *const STATES[2] = {"cz", "nl"};

struct plain_label {
	int tlp, eu, nato, state[2];
	unsigned releasable, communities, tags; /* bits */
	bool has_releasable, has_communities, unreadable;
	int outside;
	int hops;    /* -1: any */
	int expires; /* -1: never */
	enum origin origin;
	int pap, action, personal, precedence;
};

struct plain_community {
	bool in;
	int ceiling;
	unsigned types;    /* bits; 0: all */
	int expires;       /* 0: never */
	unsigned withheld; /* bits of terms */
	bool gives;        /* what is in it goes to the reader at all */
};

struct plain_reader {
	int kind, clearance, eu, nato, state[2];
	unsigned organisations, tags;
	bool own, has_identity;
	struct plain_community communities[COMMUNITY_NAMES];
};

static inline int upto(uint64_t *seed, int n)
{
	return (int)(next_random(seed) % (uint64_t)n);
}

static inline bool once_in(uint64_t *seed, int n)
{
	return upto(seed, n) == 0;
}

static inline struct uuid uuid_of(enum origin origin)
{
	struct uuid u = {{0, 0, 0, 0, 0, 0, 0x40, 0, 0x80}};

	u.b[15] = (unsigned char)origin; /* the reader's is number 1 of AUDIENCE's first name */
	return u;
}

/* A level of a scheme: mostly none. */
static inline int random_level(uint64_t *seed)
{
	return once_in(seed, 3) ? 1 + upto(seed, 4) : 0;
}

static inline struct plain_label random_label(uint64_t *seed)
{
	return (struct plain_label){
	    .tlp = once_in(seed, 20) ? upto(seed, 12) - 3 : TLP_CLEAR + upto(seed, 5),
	    .eu = random_level(seed),
	    .nato = random_level(seed),
	    .state = {random_level(seed), random_level(seed)},
	    .has_releasable = once_in(seed, 2),
	    .releasable = (unsigned)upto(seed, 1 << NAMES) & (unsigned)upto(seed, 1 << NAMES),
	    .has_communities = once_in(seed, 2),
	    .communities = (unsigned)upto(seed, 1 << COMMUNITY_NAMES),
	    .tags = once_in(seed, 2) ? (unsigned)upto(seed, 1 << TAG_NAMES) : 0,
	    .unreadable = once_in(seed, 50),
	    .outside = once_in(seed, 5) ? upto(seed, 3) : 0,
	    .hops = once_in(seed, 2) ? -1 : upto(seed, 3),
	    .expires = once_in(seed, 2) ? -1 : upto(seed, 100),
	    .origin = (enum origin)upto(seed, ORIGINS),
	    .pap = upto(seed, PAPS),
	    .action = upto(seed, IEP_ACTIONS),
	    .personal = upto(seed, PERSONALS),
	    .precedence = upto(seed, PRECEDENCES),
	};
}

static inline struct plain_reader random_reader(uint64_t *seed)
{
	struct plain_reader r = {
	    .kind = once_in(seed, 30) ? upto(seed, 5) : upto(seed, 2),
	    .clearance = once_in(seed, 20) ? upto(seed, 12) - 3 : TLP_CLEAR + upto(seed, 5),
	    .eu = upto(seed, 5),
	    .nato = upto(seed, 5),
	    .state = {upto(seed, 5), upto(seed, 5)},
	    .organisations = (unsigned)upto(seed, 4) << ORG_STATE,
	    .tags = (unsigned)upto(seed, 1 << TAG_NAMES) | (unsigned)upto(seed, 1 << TAG_NAMES),
	    .own = once_in(seed, 2),
	    .has_identity = !once_in(seed, 4),
	};

	for (int i = 0; i < COMMUNITY_NAMES; i++)
		r.communities[i] = (struct plain_community){
		    .in = once_in(seed, 2),
		    .ceiling = TLP_CLEAR + upto(seed, 5),
		    .types = once_in(seed, 2) ? 0 : (unsigned)upto(seed, 16),
		    .expires = once_in(seed, 2) ? 0 : 1 + upto(seed, 100),
		    .withheld = once_in(seed, 2) ? 0 : (unsigned)upto(seed, 8),
		    .gives = !once_in(seed, 4),
		};
	return r;
}

static inline struct label made_label(const struct plain_label *p)
{
	struct label l = {.tlp = (enum tlp)p->tlp,
	    .levels = {.eu = (uint8_t)p->eu, .nato = (uint8_t)p->nato},
	    .unreadable = p->unreadable,
	    .outside = (uint8_t)p->outside,
	    .pap = (uint8_t)p->pap,
	    .action = (uint8_t)p->action,
	    .personal = (uint8_t)p->personal,
	    .precedence = (uint8_t)p->precedence,
	    .has_expiry = p->expires >= 0,
	    .expires = p->expires >= 0 ? p->expires : 0,
	    .has_originator = p->origin != ORIGIN_NONE};

	for (int i = 0; i < 2; i++)
		if (p->state[i])
			assert_int_equal(levels_set(&l.levels, str_c(STATES[i]),
			                     (struct str){&"1234"[p->state[i] - 1], 1}),
			    OK);
	if (p->hops >= 0)
		label_set_hops(&l, (uint8_t)p->hops);
	if (l.has_originator)
		l.originator = uuid_of(p->origin);
	if (p->has_releasable)
		assert_int_equal(label_add_releasable(&l, STR_NONE), OK);
	for (int i = 0; i < NAMES && p->has_releasable; i++)
		if (p->releasable >> i & 1)
			assert_int_equal(label_add_releasable(&l, str_c(AUDIENCE[i])), OK);
	if (p->has_communities)
		assert_int_equal(label_add_community(&l, STR_NONE), OK);
	for (int i = 0; i < COMMUNITY_NAMES && p->has_communities; i++)
		if (p->communities >> i & 1)
			assert_int_equal(label_add_community(&l, str_c(COMMUNITIES[i])), OK);
	for (int i = 0; i < TAG_NAMES; i++)
		if (p->tags >> i & 1)
			assert_int_equal(label_add_tag(&l, str_c(TAGS[i])), OK);
	return l;
}

static inline struct reader made_reader(const struct plain_reader *p)
{
	struct reader r = {.kind = (uint8_t)p->kind,
	    .own = p->own,
	    .clearance = (enum tlp)p->clearance,
	    .levels = {.eu = (uint8_t)p->eu, .nato = (uint8_t)p->nato},
	    .node = uuid_of(ORIGIN_NODE)};
	struct uuid identity = uuid_of(ORIGIN_READER);

	for (int i = 0; i < 2; i++)
		if (p->state[i])
			assert_int_equal(levels_set(&r.levels, str_c(STATES[i]),
			                     (struct str){&"1234"[p->state[i] - 1], 1}),
			    OK);
	if (p->has_identity)
		reader_set_identity(&r, &identity);
	assert_int_equal(reader_add_self(&r, str_c(AUDIENCE[SELF_NAME])), OK);
	for (int i = 0; i < NAMES; i++)
		if (p->organisations >> i & 1)
			assert_int_equal(reader_add_organisation(&r, str_c(AUDIENCE[i])), OK);
	for (int i = 0; i < TAG_NAMES; i++)
		if (p->tags >> i & 1)
			assert_int_equal(reader_add_tag(&r, str_c(TAGS[i])), OK);
	for (int i = 0; i < COMMUNITY_NAMES; i++) {
		const struct plain_community *c = &p->communities[i];
		const struct reader_community terms = {
		    .types = c->types ? c->types : COMMUNITY_TYPES_ALL,
		    .expires = c->expires,
		    .ceiling = (enum tlp)c->ceiling,
		    .withheld = c->withheld,
		    .closed = !c->gives};

		if (c->in)
			assert_int_equal(
			    reader_add_community(&r, str_c(COMMUNITIES[i]), &terms), OK);
	}
	return r;
}
