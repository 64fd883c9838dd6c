/* SPDX-License-Identifier: Apache-2.0 */
/* Up to a thousand nodes in one process, on a simulated network and clock, seeded: what one object
 * costs until the last member of its community has it. The protocol is the real one (sync/), with
 * its messages and their bytes; a node's ledger, its disk and its signer are a model: how long each
 * takes is said below.
 *
 * Every node is in two of ten communities. In each the members stand in a ring, every one linked to
 * the two next to it on either side; one link in ten leads to any other member instead, as when two
 * people met. So a node has about eight peers whatever the size. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "sync/edge.h"
#include "sync/range.h"
#include "sync/side.h"

enum {
	COMMUNITIES = 10,
	OBJECTS = 20,
	NEXT = 2, /* to each side */
	NODES_MAX = 1000,
	LINKS_MAX = 2 * NEXT * NODES_MAX,
	/* Bytes of what a real range holds for one indicator: the object, its envelope, a seal and
	 * a head with both signatures. */
	CONTENT = 600,
	ENVELOPE = 420,
	NOTE = 4700,
	BITS = 8,
};

static const usec MS = USEC_PER_SEC / 1000;
static const usec DELAY = 20 * (USEC_PER_SEC / 1000);  /* of a link, one way */
static const usec DURABLE = 5 * (USEC_PER_SEC / 1000); /* a range checked, written and synced */
static const usec SIGNED = 2 * (USEC_PER_SEC / 1000);  /* a head or a receipt */
static const uint64_t BANDWIDTH = 10000000;            /* of a link, bit/s */

struct feed {
	unsigned entries[OBJECTS];
	struct sha256 roots[OBJECTS + 1];
	struct merkle_frontier frontier;
	unsigned count;
};

struct end {
	struct mesh *mesh;
	unsigned link, me, peer;
	struct sync_side *side;
	struct feed feed;      /* of ours for the peer */
	struct sync_edge edge; /* of theirs */
	uint64_t make_from;
	usec free_at; /* when the line has sent what is on it */
};

struct link {
	struct end ends[2];
};

struct node {
	unsigned community[2];
	bool has[OBJECTS];
	unsigned hops[OBJECTS];
	usec at[OBJECTS];
	uint64_t bytes, messages, copies;
};

enum what { DELIVER, MADE, COMMIT, TOOK, KEPT };

struct event {
	usec when;
	uint64_t order;
	enum what what;
	unsigned link, end, type;
	struct buf body;
};

struct mesh {
	uint64_t seed;
	usec now;
	struct node *nodes;
	unsigned node_count;
	struct link *links;
	unsigned link_count;
	unsigned audience[OBJECTS]; /* the community of each */
	struct sha256 statements[OBJECTS];
	struct event *heap;
	size_t heap_count, heap_room;
	uint64_t order;
	struct sync_maker maker;
	struct buf text;
	char filling[NOTE];
};

static uint64_t next(struct mesh *m)
{
	uint64_t z = (m->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned below(struct mesh *m, unsigned n)
{
	return n > 0 ? (unsigned)(next(m) % n) : 0;
}

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "mesh_bench: %s\n", what);
	exit(1);
}

/* --- the clock --- */

static bool earlier(const struct event *a, const struct event *b)
{
	return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

static void push(struct mesh *m, struct event e, usec when)
{
	size_t at = m->heap_count++;

	if (m->heap_count > m->heap_room) {
		m->heap_room = m->heap_room ? 2 * m->heap_room : 1024;
		m->heap = mem_grow(m->heap, m->heap_room, sizeof(*m->heap));
	}
	e.when = when;
	e.order = m->order++;
	m->heap[at] = e;
	for (; at > 0 && earlier(&m->heap[at], &m->heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&m->heap[at], &m->heap[(at - 1) / 2]);
}

static struct event pop(struct mesh *m)
{
	struct event first = m->heap[0];
	size_t at = 0;

	m->heap[0] = m->heap[--m->heap_count];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= m->heap_count)
			break;
		if (child + 1 < m->heap_count && earlier(&m->heap[child + 1], &m->heap[child]))
			child++;
		if (!earlier(&m->heap[child], &m->heap[at]))
			break;
		swap(&m->heap[child], &m->heap[at]);
		at = child;
	}
	m->now = first.when;
	return first;
}

/* --- a node --- */

static struct event event_of(const struct end *e, enum what what)
{
	return (struct event){.what = what, .link = e->link, .end = e->me > e->peer};
}

static bool is_member(const struct mesh *m, unsigned node, unsigned object)
{
	const struct node *n = &m->nodes[node];

	return n->community[0] == m->audience[object] || n->community[1] == m->audience[object];
}

static bool feed_root(void *ctx, uint64_t size, struct sha256 *out)
{
	const struct end *e = ctx;

	if (size > e->feed.count)
		return false;
	*out = e->feed.roots[size];
	return true;
}

static void run_side(struct mesh *m, struct end *e);

/* The object is there, and goes into the feeds of peers that may have it. */
static void apply(struct mesh *m, unsigned me, unsigned object, unsigned from, unsigned hops)
{
	struct node *n = &m->nodes[me];

	n->copies++;
	if (n->has[object])
		return;
	n->has[object] = true;
	n->hops[object] = hops;
	n->at[object] = m->now;
	for (unsigned i = 0; i < m->link_count; i++)
		for (int side = 0; side < 2; side++) {
			struct end *e = &m->links[i].ends[side];
			struct feed *f = &e->feed;
			struct sha256 leaf;

			if (e->me != me || e->peer == from || !is_member(m, e->peer, object))
				continue;
			leaf = sync_leaf(SYNC_OBJECT, &m->statements[object]);
			merkle_frontier_add(&f->frontier, &leaf);
			f->entries[f->count++] = object;
			f->roots[f->count] = merkle_frontier_root(&f->frontier);
			sync_grown(e->side, f->count, true);
			run_side(m, e);
		}
}

/* --- the network --- */

static void send(struct mesh *m, struct end *from, const struct sync_message *message)
{
	struct link *l = &m->links[from->link];
	struct event e = event_of(&l->ends[from->me < from->peer], DELIVER);

	e.type = message->type;
	buf_init(&e.body, SYNC_BODY_MAX);
	sync_message_put(&e.body, message);
	must(e.body.failed == OK, "a message is too long");
	m->nodes[from->me].bytes += e.body.n;
	m->nodes[from->me].messages++;
	if (from->free_at < m->now)
		from->free_at = m->now;
	from->free_at += (usec)(e.body.n * BITS * (uint64_t)USEC_PER_SEC / BANDWIDTH);
	push(m, e, from->free_at + DELAY);
}

static void head_text(struct mesh *m, const struct end *e, uint64_t size)
{
	const struct sha256 *root = &e->feed.roots[size];

	buf_reset(&m->text);
	buf_printf(&m->text, "node%u/to/node%u\n%llu\n", e->me, e->peer, (unsigned long long)size);
	base64_put(&m->text, (struct str){(const char *)root->b, SHA256_LEN});
	buf_byte(&m->text, '\n');
}

static void send_range(struct mesh *m, struct end *e)
{
	struct sync_message r = {.type = SYNC_RANGE, .packing = SYNC_PLAIN, .from = e->make_from};
	char content[CONTENT] = {0};
	struct buf packed;

	sync_maker_reset(&m->maker);
	sync_maker_seal(&m->maker, (struct str){m->filling, NOTE - 1000});
	for (uint64_t i = r.from; i < e->feed.count; i++) {
		unsigned object = e->feed.entries[i];

		content[0] = (char)object;
		content[1] = (char)m->nodes[e->me].hops[object];
		if (!sync_maker_add(&m->maker, &(struct sync_entry){.kind = SYNC_OBJECT,
		                                   .statement = m->statements[object],
		                                   .envelope = {m->filling, ENVELOPE},
		                                   .content = {content, CONTENT}}))
			break;
	}
	r.count = m->maker.count;
	if (!sync_made(e->side, r.count, m->now))
		return;
	head_text(m, e, r.from + r.count);
	/* A note has its signatures after the text. */
	buf_byte(&m->text, '\n');
	buf_put(&m->text, (struct str){m->filling, NOTE - 200 - m->text.n});
	buf_init(&packed, SYNC_BODY_MAX);
	sync_maker_put(&m->maker, buf_str(&m->text), &packed);
	r.packed = buf_str(&packed);
	r.unpacked = (uint32_t)packed.n;
	send(m, e, &r);
	buf_free(&packed);
}

static void take_range(struct mesh *m, struct end *e, struct str body)
{
	struct sync_message r;
	struct sync_range range;
	struct sync_entry entry;
	struct checkpoint head;
	struct sha256 leaves[OBJECTS];
	unsigned objects[OBJECTS], hops[OBJECTS];
	size_t n = 0;

	must(sync_message_get(&r, SYNC_RANGE, body, NULL) == OK &&
	         sync_range_open(&range, r.packed, r.count, NULL) == OK,
	    "a range cannot be read");
	if (r.from != sync_edge_size(&e->edge))
		return;
	for (struct str seal; sync_range_seal(&range, &seal, NULL) == OK;)
		;
	while (sync_range_entry(&range, &entry, NULL) == OK) {
		objects[n] = (unsigned char)entry.content.p[0];
		hops[n] = (unsigned char)entry.content.p[1];
		leaves[n++] = sync_leaf(entry.kind, &entry.statement);
	}
	must(checkpoint_parse(&head,
	         str_slice(range.head, 0, str_search(range.head, S("\n\n")) + 1), NULL) == OK &&
	         sync_edge_take(&e->edge, leaves, n, &head, NULL) == OK,
	    "a range does not continue what came before");
	for (size_t i = 0; i < n; i++)
		apply(m, e->me, objects[i], e->peer, hops[i] + 1);
}

static void say_taken(struct mesh *m, struct end *e)
{
	sync_took(e->side,
	    &(struct sync_took){.size = sync_edge_size(&e->edge),
	        .root = sync_edge_root(&e->edge),
	        .receipt = {m->filling, NOTE - 200}},
	    m->now);
}

static void do_command(struct mesh *m, struct end *e, const struct sync_command *c)
{
	struct event commit;

	switch (c->what) {
	case SYNC_DO_SEND:
		send(m, e, &c->message);
		break;
	case SYNC_DO_MAKE:
		e->make_from = c->from;
		push(m, event_of(e, MADE), m->now + SIGNED);
		break;
	case SYNC_DO_TAKE:
		commit = event_of(e, COMMIT);
		buf_init(&commit.body, SYNC_BODY_MAX);
		sync_message_put(&commit.body, &c->message);
		push(m, commit, m->now + DURABLE);
		break;
	case SYNC_DO_KEEP:
		break;
	default:
		must(false, "an honest node asks for what only a dishonest one makes it ask for");
	}
}

static void run_side(struct mesh *m, struct end *e)
{
	struct sync_command c;

	while (sync_next(e->side, m->now, &c))
		do_command(m, e, &c);
}

static void happen(struct mesh *m, struct event *event)
{
	struct end *e = &m->links[event->link].ends[event->end];

	switch (event->what) {
	case DELIVER:
		sync_heard(e->side, event->type, buf_str(&event->body), m->now);
		break;
	case MADE:
		send_range(m, e);
		break;
	case COMMIT:
		take_range(m, e, buf_str(&event->body));
		push(m, event_of(e, TOOK), m->now + SIGNED);
		break;
	default:
		say_taken(m, e);
		break;
	}
	run_side(m, e);
	buf_free(&event->body);
}

static void run(struct mesh *m)
{
	while (m->heap_count > 0) {
		struct event e = pop(m);

		happen(m, &e);
	}
}

/* --- who knows whom --- */

static bool are_linked(const struct mesh *m, unsigned a, unsigned b)
{
	for (unsigned i = 0; i < m->link_count; i++)
		if (m->links[i].ends[0].me == (a < b ? a : b) &&
		    m->links[i].ends[0].peer == (a < b ? b : a))
			return true;
	return a == b;
}

static void lay_link(struct mesh *m, unsigned a, unsigned b)
{
	struct link *l = &m->links[m->link_count];

	if (are_linked(m, a, b))
		return;
	for (int i = 0; i < 2; i++) {
		unsigned low = a < b ? a : b, high = a < b ? b : a;

		l->ends[i] = (struct end){
		    .mesh = m, .link = m->link_count, .me = i ? high : low, .peer = i ? low : high};
		l->ends[i].feed.roots[0] = merkle_frontier_root(&l->ends[i].feed.frontier);
	}
	m->link_count++;
}

static void lay_links(struct mesh *m)
{
	unsigned ring[NODES_MAX];

	for (unsigned c = 0; c < COMMUNITIES; c++) {
		unsigned n = 0;

		for (unsigned i = 0; i < m->node_count; i++)
			if (m->nodes[i].community[0] == c || m->nodes[i].community[1] == c)
				ring[n++] = i;
		for (unsigned i = 0; i < n; i++)
			for (unsigned step = 1; step <= NEXT; step++) {
				unsigned far =
				    step > 1 && below(m, 5) == 0 ? 1 + below(m, n - 1) : step;

				lay_link(m, ring[i], ring[(i + far) % n]);
			}
	}
}

static void mesh_open(struct mesh *m, unsigned nodes)
{
	*m = (struct mesh){.seed = 0x5eed, .node_count = nodes, .now = USEC_PER_SEC};
	memset(m->filling, 'x', sizeof(m->filling));
	buf_init(&m->text, 2 * NOTE);
	sync_maker_init(&m->maker);
	m->nodes = mem_alloc(nodes * sizeof(*m->nodes));
	m->links = mem_alloc(LINKS_MAX * sizeof(*m->links));
	for (unsigned i = 0; i < nodes; i++) {
		m->nodes[i].community[0] = i % COMMUNITIES;
		m->nodes[i].community[1] =
		    (i + 1 + i / COMMUNITIES % (COMMUNITIES - 1)) % COMMUNITIES;
	}
	lay_links(m);
	for (unsigned i = 0; i < m->link_count; i++)
		for (int side = 0; side < 2; side++) {
			struct end *e = &m->links[i].ends[side];

			e->side = sync_side_new(&(struct sync_options){.identity = S("identity--x"),
			    .root = feed_root,
			    .ctx = e,
			    .settled = true,
			    .held_root = sha256(STR_NONE),
			    .retry = 20 * USEC_PER_SEC});
			run_side(m, e);
		}
	run(m);
}

static void mesh_close(struct mesh *m)
{
	for (unsigned i = 0; i < m->link_count; i++)
		for (int side = 0; side < 2; side++)
			sync_side_free(m->links[i].ends[side].side);
	sync_maker_free(&m->maker);
	buf_free(&m->text);
	mem_free(m->nodes);
	mem_free(m->links);
	mem_free(m->heap);
}

/* --- what it costs --- */

struct cost {
	double delay[OBJECTS];
	double longest, hops, most_hops, members, copies, bytes, messages;
};

static int ascending(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return a < b ? -1 : a > b;
}

/* One object into a mesh where nothing else goes on. */
static void give(struct mesh *m, unsigned object, struct cost *cost)
{
	unsigned from = below(m, m->node_count), members = 0, most = 0;
	usec began = m->now, last = m->now;
	char bytes[16];

	(void)snprintf(bytes, sizeof(bytes), "%u", object);
	m->statements[object] = merkle_leaf(str_c(bytes));
	m->audience[object] = m->nodes[from].community[object % 2];
	apply(m, from, object, from, 0);
	m->nodes[from].copies--;
	run(m);
	for (unsigned i = 0; i < m->node_count; i++) {
		const struct node *n = &m->nodes[i];

		must(n->has[object] == is_member(m, i, object),
		    "who may have it has it, and nobody else");
		if (!n->has[object])
			continue;
		members++;
		cost->hops += n->hops[object];
		most = n->hops[object] > most ? n->hops[object] : most;
		last = n->at[object] > last ? n->at[object] : last;
	}
	cost->members += members;
	cost->most_hops = most > cost->most_hops ? most : cost->most_hops;
	cost->delay[object] = (double)(last - began) / (double)MS;
}

static void measure(unsigned nodes)
{
	struct cost cost = {.hops = 0};
	uint64_t bytes = 0, copies = 0, before = 0;
	struct mesh m;

	mesh_open(&m, nodes);
	for (unsigned i = 0; i < nodes; i++)
		before += m.nodes[i].bytes;
	for (unsigned i = 0; i < OBJECTS; i++)
		give(&m, i, &cost);
	for (unsigned i = 0; i < nodes; i++) {
		bytes += m.nodes[i].bytes;
		copies += m.nodes[i].copies;
	}
	qsort(cost.delay, OBJECTS, sizeof(cost.delay[0]), ascending);
	printf(
	    "simulated mesh of %u nodes: one object until the last of %.0f members has it, "
	    "median\t%.0f ms\t-\t-\tslowest of %d: %.0f ms; %.1f hops, at most %.0f; %.1f copies "
	    "come "
	    "to a member; %.1f KB are sent by one; %.1f peers a node; link %lld ms, %llu Mbit/s\n",
	    nodes, cost.members / OBJECTS, cost.delay[OBJECTS / 2], OBJECTS,
	    cost.delay[OBJECTS - 1], cost.hops / (cost.members - OBJECTS), cost.most_hops,
	    (double)copies / (cost.members - OBJECTS),
	    (double)(bytes - before) / cost.members / 1000, 2.0 * m.link_count / nodes,
	    (long long)(DELAY / MS), (unsigned long long)(BANDWIDTH / 1000000));
	mesh_close(&m);
}

int main(void)
{
	static const unsigned SIZES[] = {10, 30, 100, 300, 1000};

	for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++)
		measure(SIZES[i]);
	return 0;
}
