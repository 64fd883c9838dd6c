/* SPDX-License-Identifier: Apache-2.0 */
/* The world of simulate_test.c: its nodes, links and items, and the clock that everything happens
 * by. */
#pragma once

#include "test.h"

#include "sync/edge.h"
#include "sync/range.h"
#include "sync/side.h"

enum {
	NODES_MAX = 5,
	LINKS_MAX = 10,
	ITEMS_MAX = 40,
	EVENTS_MAX = 1 << 13,
	STEPS_MAX = 200000,
	RANGE_MOST = 8,
};

static const usec SECOND = USEC_PER_SEC;
static const usec CHAOS = 3600 * USEC_PER_SEC;
static const usec WEEK = 7 * 86400 * USEC_PER_SEC;

/* One statement of an originator: a version of an object, or its withdrawal. */
struct item {
	unsigned object, version, origin;
	bool withdrawal, revoked, urgent;
	uint32_t audience; /* bits of nodes */
	struct sha256 statement;
};

struct feed {
	unsigned entries[ITEMS_MAX];
	struct sha256 roots[ITEMS_MAX + 1];
	struct merkle_frontier frontier;
	unsigned count;
	unsigned seen; /* records of the ledger that were looked at */
};

/* What a node has on disk about a peer. */
struct kept {
	struct sync_edge edge;
	uint64_t receipt;
};

struct node {
	/* Durable. */
	unsigned ledger[ITEMS_MAX];
	unsigned source[ITEMS_MAX]; /* the node it came from; itself when it is its own */
	unsigned count;
	struct kept kept[NODES_MAX];
	/* Derived, and so as good as durable. */
	struct feed feeds[NODES_MAX];
	bool has[ITEMS_MAX];
	unsigned effects[ITEMS_MAX];
	unsigned newest[ITEMS_MAX]; /* per object, version + 1 */
	bool withdrawn[ITEMS_MAX];
	unsigned crashes;
};

struct end {
	struct sim *sim;
	unsigned link, me, peer;
	struct sync_side *side;
	struct sync_maker maker;
	uint64_t make_from;
	unsigned epoch; /* rises with each connection */
	usec tick_at;
};

struct link {
	struct end ends[2];
	bool up;
};

enum what {
	DELIVER,
	COMMIT,
	TOOK,
	SIGNED,
	MADE,
	TICK,
	AHEAD, /* an urgent one is taken */
	MAKE_ITEM,
	CUT,
	CONNECT,
	CRASH
};

struct event {
	usec when;
	uint64_t order;
	enum what what;
	unsigned link, end, epoch, type;
	struct buf body;
};

struct sim {
	uint64_t seed;
	usec now;
	uint64_t order, steps, messages;
	uint64_t ahead, late; /* urgent ones taken ahead; come too late for that */
	struct node nodes[NODES_MAX];
	unsigned node_count;
	struct link links[LINKS_MAX];
	unsigned link_count;
	struct item items[ITEMS_MAX];
	unsigned item_count;
	struct event heap[EVENTS_MAX];
	unsigned heap_count;
	struct buf text;
};

static inline uint64_t next(struct sim *s)
{
	uint64_t z = (s->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline unsigned below(struct sim *s, unsigned n)
{
	return (unsigned)(next(s) % n);
}

static inline bool chaos(const struct sim *s)
{
	return s->now < CHAOS;
}

/* --- the clock --- */

static inline bool earlier(const struct event *a, const struct event *b)
{
	return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static inline void swap(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

static inline void push(struct sim *s, struct event e, usec delay)
{
	unsigned at = s->heap_count++;

	assert_true(s->heap_count <= EVENTS_MAX);
	e.when = s->now + delay;
	e.order = s->order++;
	s->heap[at] = e;
	for (; at > 0 && earlier(&s->heap[at], &s->heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&s->heap[at], &s->heap[(at - 1) / 2]);
}

static inline struct event pop(struct sim *s)
{
	struct event first = s->heap[0];
	unsigned at = 0;

	s->heap[0] = s->heap[--s->heap_count];
	for (;;) {
		unsigned child = 2 * at + 1;

		if (child >= s->heap_count)
			break;
		if (child + 1 < s->heap_count && earlier(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (!earlier(&s->heap[child], &s->heap[at]))
			break;
		swap(&s->heap[child], &s->heap[at]);
		at = child;
	}
	s->now = first.when;
	return first;
}
