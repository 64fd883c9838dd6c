/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes in one process, with a simulated network and clock, seeded: messages are late, lost,
 * doubled and out of order, links go down and come up, nodes crash at any point and keep what was
 * durable. Every schedule must end with every node holding what it is entitled to, once.
 *
 * The nodes are a model: a ledger of numbers of items, a feed a peer. What is under test is the
 * real engine, its messages, its ranges and its edges. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "simulate.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SCHEDULES = 1000 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SCHEDULES = 1000 };
#else
enum { SCHEDULES = 10000 };
#endif
#else
enum { SCHEDULES = 10000 };
#endif

/* --- a node --- */

/* Follows the ledger, as the view of a node does. */
static void follow(struct sim *s, unsigned me, unsigned peer)
{
	struct node *n = &s->nodes[me];
	struct feed *f = &n->feeds[peer];

	if (f->seen == 0)
		f->roots[0] = merkle_frontier_root(&f->frontier);
	for (; f->seen < n->count; f->seen++) {
		const struct item *item = &s->items[n->ledger[f->seen]];
		struct sha256 leaf;

		if (n->source[f->seen] == peer || item->origin == peer ||
		    !(item->audience >> peer & 1))
			continue;
		leaf =
		    sync_leaf(item->withdrawal ? SYNC_WITHDRAWAL : SYNC_OBJECT, &item->statement);
		merkle_frontier_add(&f->frontier, &leaf);
		f->entries[f->count++] = n->ledger[f->seen];
		f->roots[f->count] = merkle_frontier_root(&f->frontier);
	}
}

static void apply(struct sim *s, unsigned me, unsigned number, unsigned source)
{
	struct node *n = &s->nodes[me];
	const struct item *item = &s->items[number];

	assert_true(item->audience >> me & 1);
	if (n->has[number])
		return;
	n->has[number] = true;
	n->effects[number]++;
	n->ledger[n->count] = number;
	n->source[n->count++] = source;
	if (item->withdrawal)
		n->withdrawn[item->object] = true;
	else if (item->version + 1 > n->newest[item->object])
		n->newest[item->object] = item->version + 1;
}

static bool feed_root(void *ctx, uint64_t size, struct sha256 *out)
{
	const struct end *e = ctx;
	const struct feed *f = &e->sim->nodes[e->me].feeds[e->peer];

	if (size > f->count)
		return false;
	*out = f->roots[size];
	return true;
}

static void head_text(
    struct sim *s, unsigned from, unsigned to, uint64_t size, const struct sha256 *root)
{
	buf_reset(&s->text);
	buf_printf(&s->text, "node%u/to/node%u\n%llu\n", from, to, (unsigned long long)size);
	base64_put(&s->text, (struct str){(const char *)root->b, SHA256_LEN});
	buf_byte(&s->text, '\n');
}

/* --- the network --- */

static struct event event_of(const struct end *e, enum what what)
{
	return (struct event){
	    .what = what, .link = e->link, .end = e->me > e->peer ? 1 : 0, .epoch = e->epoch};
}

static void deliver(struct sim *s, const struct end *from, unsigned type, struct str body)
{
	const struct link *l = &s->links[from->link];
	unsigned copies = 1;

	if (!l->up)
		return;
	if (chaos(s)) {
		if (below(s, 100) < 10)
			return;
		copies += below(s, 100) < 10;
	}
	for (unsigned i = 0; i < copies; i++) {
		struct event e = event_of(&l->ends[from->me > from->peer ? 0 : 1], DELIVER);
		bool late = chaos(s) && below(s, 100) < 5;

		e.type = type;
		buf_init(&e.body, SYNC_BODY_MAX);
		buf_put(&e.body, body);
		s->messages++;
		push(s, e, late ? (usec)below(s, 600) * SECOND : 1000 + (usec)below(s, 200000));
	}
}

static void send(struct sim *s, struct end *e, const struct sync_message *m)
{
	struct buf body;

	buf_init(&body, SYNC_BODY_MAX);
	sync_message_put(&body, m);
	assert_int_equal(body.failed, OK);
	deliver(s, e, m->type, buf_str(&body));
	buf_free(&body);
}

/* Makes a range of a few entries as a node makes it, with a head at its end. */
static void send_range(struct sim *s, struct end *e)
{
	const struct feed *f = &s->nodes[e->me].feeds[e->peer];
	struct sync_message m = {.type = SYNC_RANGE, .packing = SYNC_PLAIN, .from = e->make_from};
	struct buf packed;
	unsigned most = 1 + below(s, RANGE_MOST);

	sync_maker_reset(&e->maker);
	for (uint64_t i = m.from; i < f->count && e->maker.count < most; i++) {
		const struct item *item = &s->items[f->entries[i]];
		const char number = (char)f->entries[i];
		struct sync_entry entry = {
		    .kind = item->withdrawal ? SYNC_WITHDRAWAL : SYNC_OBJECT,
		    .statement = item->statement,
		    .content = {&number, 1},
		};

		assert_true(sync_maker_add(&e->maker, &entry));
	}
	m.count = e->maker.count;
	if (!sync_made(e->side, m.count, s->now))
		return;
	head_text(s, e->me, e->peer, m.from + m.count, &f->roots[m.from + m.count]);
	buf_init(&packed, SYNC_BODY_MAX);
	sync_maker_put(&e->maker, buf_str(&s->text), &packed);
	m.packed = buf_str(&packed);
	m.unpacked = (uint32_t)packed.n;
	send(s, e, &m);
	buf_free(&packed);
}

/* Urgent ones among the next few entries. */
static void look(struct sim *s, struct end *e, uint64_t from)
{
	const struct feed *f = &s->nodes[e->me].feeds[e->peer];
	uint64_t urgent[SYNC_URGENT_FOUND], upto = from + 1 + below(s, SYNC_URGENT_FOUND);
	size_t n = 0;

	upto = upto > f->count ? f->count : upto;
	for (uint64_t i = from; i < upto; i++)
		if (s->items[f->entries[i]].urgent)
			urgent[n++] = i;
	sync_looked(e->side, urgent, n, upto);
}

static void send_ahead(struct sim *s, struct end *e, uint64_t entry)
{
	const struct feed *f = &s->nodes[e->me].feeds[e->peer];
	const char number = (char)f->entries[entry];

	if (below(s, 10) == 0) {
		sync_unurged(e->side);
		return;
	}
	send(s, e,
	    &(struct sync_message){.type = SYNC_URGENT,
	        .from = entry,
	        .count = 1,
	        .unpacked = 1,
	        .packed = {&number, 1}});
}

/* All that the core does with a range, in one step: verify, append, move the position. */
static void take_range(struct sim *s, struct end *e, struct str body)
{
	struct sync_message m;
	struct sync_range range;
	struct sync_entry entry;
	struct checkpoint head;
	struct sha256 leaves[RANGE_MOST];
	unsigned numbers[RANGE_MOST];
	struct sync_edge *edge = &s->nodes[e->me].kept[e->peer].edge;
	size_t n = 0;

	assert_int_equal(sync_message_get(&m, SYNC_RANGE, body, NULL), OK);
	if (m.from != sync_edge_size(edge))
		return; /* there already: of an earlier connection */
	assert_int_equal(sync_range_open(&range, m.packed, m.count, NULL), OK);
	while (sync_range_entry(&range, &entry, NULL) == OK) {
		numbers[n] = (unsigned char)entry.content.p[0];
		leaves[n++] = sync_leaf(entry.kind, &entry.statement);
	}
	assert_int_equal(n, m.count);
	assert_int_equal(checkpoint_parse(&head, range.head, NULL), OK);
	assert_int_equal(sync_edge_take(edge, leaves, n, &head, NULL), OK);
	for (size_t i = 0; i < n; i++)
		apply(s, e->me, numbers[i], e->peer);
}

static void say_taken(struct sim *s, struct end *e, enum what what)
{
	const struct sync_edge *edge = &s->nodes[e->me].kept[e->peer].edge;
	char origin[32];
	struct sync_receipt r = {.origin = {origin, 0},
	    .size = sync_edge_size(edge),
	    .root = sync_edge_root(edge),
	    .time = s->now};

	r.origin.n = (size_t)snprintf(origin, sizeof(origin), "node%u/to/node%u", e->peer, e->me);
	buf_reset(&s->text);
	sync_receipt_put(&r, &s->text);
	if (what == SIGNED)
		sync_signed(e->side, r.size, buf_str(&s->text));
	else
		sync_took(e->side,
		    &(struct sync_took){
		        .size = r.size, .root = r.root, .receipt = buf_str(&s->text)},
		    s->now);
}

static void keep_receipt(struct sim *s, const struct end *e, const struct sync_message *m)
{
	struct kept *kept = &s->nodes[e->me].kept[e->peer];
	struct sync_receipt r;

	assert_int_equal(sync_receipt_get(&r, m->text, NULL), OK);
	assert_int_equal(r.size, m->size);
	if (r.size > kept->receipt)
		kept->receipt = r.size;
}

static void do_command(struct sim *s, struct end *e, const struct sync_command *c)
{
	struct event commit;

	switch (c->what) {
	case SYNC_DO_SEND:
		assert_int_not_equal(c->message.type, SYNC_STOP);
		send(s, e, &c->message);
		break;
	case SYNC_DO_MAKE:
		e->make_from = c->from;
		push(s, event_of(e, MADE), (usec)below(s, 50000)); /* a signature takes a while */
		break;
	case SYNC_DO_TAKE:
		commit = event_of(e, COMMIT);
		commit.epoch = s->nodes[e->me].crashes;
		buf_init(&commit.body, SYNC_BODY_MAX);
		sync_message_put(&commit.body, &c->message);
		push(s, commit, (usec)below(s, 300000));
		break;
	case SYNC_DO_KEEP:
		keep_receipt(s, e, &c->message);
		break;
	case SYNC_DO_SIGN:
		push(s, event_of(e, SIGNED), (usec)below(s, 20000));
		break;
	case SYNC_DO_LOOK:
		look(s, e, c->from);
		break;
	case SYNC_DO_URGE:
		send_ahead(s, e, c->from);
		break;
	case SYNC_DO_AHEAD:
		commit = event_of(e, AHEAD);
		commit.type = s->nodes[e->me].crashes;
		buf_init(&commit.body, SYNC_BODY_MAX);
		sync_message_put(&commit.body, &c->message);
		push(s, commit, (usec)below(s, 100000));
		break;
	case SYNC_DO_HEAD:
	case SYNC_DO_JUDGE:
		assert_string_equal("an honest node", "suspected");
	}
}

static void run_side(struct sim *s, struct end *e)
{
	struct sync_command c;
	usec at;

	if (!e->side)
		return;
	while (sync_next_urgent(e->side, s->now, &c) || sync_next(e->side, s->now, &c))
		do_command(s, e, &c);
	at = sync_deadline(e->side);
	if (at && (e->tick_at == 0 || at < e->tick_at)) {
		e->tick_at = at;
		push(s, event_of(e, TICK), at > s->now ? at - s->now : 0);
	}
}

static void disconnect(struct link *l)
{
	l->up = false;
	for (int i = 0; i < 2; i++) {
		sync_side_free(l->ends[i].side);
		l->ends[i].side = NULL;
		l->ends[i].epoch++;
	}
}

static void connect_link(struct sim *s, struct link *l)
{
	if (l->up)
		return;
	l->up = true;
	for (int i = 0; i < 2; i++) {
		struct end *e = &l->ends[i];
		const struct sync_edge *edge = &s->nodes[e->me].kept[e->peer].edge;

		follow(s, e->me, e->peer);
		e->tick_at = 0;
		e->side = sync_side_new(&(struct sync_options){
		    .identity = S("identity--x"),
		    .root = feed_root,
		    .ctx = e,
		    .feed = s->nodes[e->me].feeds[e->peer].count,
		    .settled = true,
		    .kept = s->nodes[e->me].kept[e->peer].receipt,
		    .held = sync_edge_size(edge),
		    .held_root = sync_edge_root(edge),
		    .retry = 20 * SECOND,
		});
	}
	run_side(s, &l->ends[0]);
	run_side(s, &l->ends[1]);
}

/* A node has more in its ledger: its feeds grow, on links that are up it says so. */
static void grown(struct sim *s, unsigned node)
{
	for (unsigned i = 0; i < s->link_count; i++)
		for (int side = 0; side < 2; side++) {
			struct end *e = &s->links[i].ends[side];

			if (e->me != node || !e->side)
				continue;
			follow(s, e->me, e->peer);
			sync_grown(e->side, s->nodes[e->me].feeds[e->peer].count, true);
			run_side(s, e);
		}
}

/* --- what happens --- */

static unsigned version_after(const struct sim *s, unsigned object)
{
	unsigned version = 0;

	for (unsigned i = 0; i < s->item_count; i++)
		if (s->items[i].object == object && s->items[i].version >= version)
			version = s->items[i].version + 1;
	return version;
}

/* Somebody makes an object, a version of one of its own, or withdraws one. */
static void make_item(struct sim *s)
{
	unsigned me = below(s, s->node_count), number = s->item_count;
	struct item *item;
	char bytes[16];

	if (number == ITEMS_MAX)
		return;
	item = &s->items[number];
	*item = (struct item){.object = number, .origin = me};
	item->audience = below(s, 3) == 0
	                     ? (uint32_t)(next(s) & ((1u << s->node_count) - 1)) | 1u << me
	                     : (1u << s->node_count) - 1;
	if (number > 0 && below(s, 2) == 0) {
		const struct item *old = &s->items[below(s, number)];

		if (old->origin == me) {
			item->object = old->object;
			item->audience = old->audience;
			item->withdrawal = below(s, 3) == 0;
			item->version = version_after(s, old->object);
		}
	}
	(void)snprintf(bytes, sizeof(bytes), "%u", number);
	item->statement = merkle_leaf(str_c(bytes));
	item->urgent = !item->withdrawal && below(s, 3) == 0;
	s->item_count++;
	apply(s, me, number, me);
	grown(s, me);
}

static void crash(struct sim *s, unsigned node)
{
	s->nodes[node].crashes++;
	for (unsigned i = 0; i < s->link_count; i++) {
		struct link *l = &s->links[i];

		if (!l->up || (l->ends[0].me != node && l->ends[1].me != node))
			continue;
		disconnect(l);
		push(s, (struct event){.what = CONNECT, .link = i}, SECOND + below(s, 30) * SECOND);
	}
}

static void commit(struct sim *s, struct end *e, struct event *event)
{
	struct event took = event_of(e, TOOK);
	unsigned before = s->nodes[e->me].count;

	if (event->epoch != s->nodes[e->me].crashes)
		return;
	take_range(s, e, buf_str(&event->body));
	if (s->nodes[e->me].count != before)
		grown(s, e->me);
	push(s, took, (usec)below(s, 20000));
}

/* What is urgent is appended without the position; what the feed brought before is not. */
static void ahead(struct sim *s, struct end *e, struct event *event)
{
	unsigned before = s->nodes[e->me].count;
	struct sync_message m;

	if (event->type != s->nodes[e->me].crashes)
		return;
	assert_int_equal(sync_message_get(&m, SYNC_URGENT, buf_str(&event->body), NULL), OK);
	if (m.from >= sync_edge_size(&s->nodes[e->me].kept[e->peer].edge))
		apply(s, e->me, (unsigned char)m.packed.p[0], e->peer);
	else
		s->late++;
	if (s->nodes[e->me].count != before) {
		s->ahead++;
		grown(s, e->me);
	}
	if (!e->side || event->epoch != e->epoch)
		return;
	sync_urged(e->side, &(struct sync_took){.status = OK});
	run_side(s, e);
}

static void side_event(struct sim *s, struct end *e, struct event *event)
{
	if (!e->side || event->epoch != e->epoch)
		return;
	switch (event->what) {
	case DELIVER:
		sync_heard(e->side, event->type, buf_str(&event->body), s->now);
		break;
	case TOOK:
	case SIGNED:
		say_taken(s, e, event->what);
		break;
	case MADE:
		send_range(s, e);
		break;
	default:
		e->tick_at = 0;
		sync_tick(e->side, s->now);
		break;
	}
	run_side(s, e);
}

static void happen(struct sim *s, struct event *event)
{
	struct link *l = &s->links[event->link];

	switch (event->what) {
	case MAKE_ITEM:
		make_item(s);
		break;
	case CUT:
		disconnect(l);
		break;
	case CONNECT:
		connect_link(s, l);
		break;
	case CRASH:
		crash(s, event->end);
		break;
	case COMMIT:
		commit(s, &l->ends[event->end], event);
		break;
	case AHEAD:
		ahead(s, &l->ends[event->end], event);
		break;
	default:
		side_event(s, &l->ends[event->end], event);
		break;
	}
	buf_free(&event->body);
}

static void lay_links(struct sim *s)
{
	for (unsigned a = 0; a < s->node_count; a++)
		for (unsigned b = a + 1; b < s->node_count; b++) {
			struct link *l = &s->links[s->link_count];

			/* A line of neighbours at least, so that all can be reached. */
			if (b != a + 1 && below(s, 2) == 0)
				continue;
			for (int i = 0; i < 2; i++) {
				l->ends[i] = (struct end){.sim = s,
				    .link = s->link_count,
				    .me = i ? b : a,
				    .peer = i ? a : b};
				sync_maker_init(&l->ends[i].maker);
			}
			s->link_count++;
		}
}

/* Everything that is going to happen in the hour of chaos, and at its end all links up; one link in
 * some schedules only after a week. */
static void plan(struct sim *s)
{
	unsigned apart = below(s, 4) == 0 ? below(s, s->link_count) : s->link_count;

	for (unsigned i = 0, n = 4 + below(s, ITEMS_MAX - 4); i < n; i++)
		push(s, (struct event){.what = MAKE_ITEM}, (usec)below(s, 3600) * SECOND);
	for (unsigned i = 0; i < s->link_count; i++) {
		if (i != apart)
			connect_link(s, &s->links[i]);
		for (unsigned cuts = below(s, 4); i != apart && cuts > 0; cuts--) {
			usec at = (usec)below(s, 3500) * SECOND;

			push(s, (struct event){.what = CUT, .link = i}, at);
			push(s, (struct event){.what = CONNECT, .link = i},
			    at + (usec)below(s, 600) * SECOND);
		}
		push(s, (struct event){.what = CONNECT, .link = i},
		    i == apart ? WEEK : CHAOS + 700 * SECOND);
	}
	for (unsigned i = below(s, 6); i > 0; i--)
		push(s, (struct event){.what = CRASH, .end = below(s, s->node_count)},
		    (usec)below(s, 3600) * SECOND);
}

/* --- what must be true in the end --- */

/* Who an item reaches: along links between nodes that may have it. */
static uint32_t reach(const struct sim *s, const struct item *item)
{
	uint32_t reached = 1u << item->origin, before;

	do {
		before = reached;
		for (unsigned i = 0; i < s->link_count; i++) {
			uint32_t both =
			    (1u << s->links[i].ends[0].me | 1u << s->links[i].ends[1].me) &
			    item->audience;

			if (both & reached)
				reached |= both;
		}
	} while (reached != before);
	return reached;
}

static void check_node(const struct sim *s, unsigned me)
{
	const struct node *n = &s->nodes[me];
	unsigned newest[ITEMS_MAX] = {0};
	bool withdrawn[ITEMS_MAX] = {false};

	for (unsigned i = 0; i < s->item_count; i++) {
		const struct item *item = &s->items[i];
		bool wanted = reach(s, item) >> me & 1;

		assert_int_equal(n->effects[i], wanted ? 1 : 0);
		if (!wanted)
			continue;
		if (item->withdrawal)
			withdrawn[item->object] = true;
		else if (item->version + 1 > newest[item->object])
			newest[item->object] = item->version + 1;
	}
	assert_memory_equal(newest, n->newest, sizeof(newest));
	assert_memory_equal(withdrawn, n->withdrawn, sizeof(withdrawn));
}

static void check_link(const struct sim *s, const struct link *l)
{
	for (int i = 0; i < 2; i++) {
		const struct end *e = &l->ends[i];
		const struct feed *f = &s->nodes[e->me].feeds[e->peer];
		const struct kept *theirs = &s->nodes[e->peer].kept[e->me];
		struct sha256 root = sync_edge_root(&theirs->edge);
		struct sync_status status;

		assert_non_null(e->side);
		sync_status(e->side, &status);
		assert_false(status.stopped);
		assert_int_equal(status.acknowledged, f->count);
		assert_int_equal(sync_edge_size(&theirs->edge), f->count);
		assert_memory_equal(&root, &f->roots[f->count], sizeof(root));
		assert_int_equal(s->nodes[e->me].kept[e->peer].receipt, f->count);
	}
}

static void run_schedule(struct sim *s, uint64_t seed)
{
	*s = (struct sim){.seed = seed, .text = s->text};
	s->node_count = 2 + below(s, NODES_MAX - 1);
	lay_links(s);
	plan(s);
	while (s->heap_count > 0) {
		struct event e = pop(s);

		assert_true(++s->steps < STEPS_MAX); /* loops end */
		happen(s, &e);
	}
	for (unsigned i = 0; i < s->node_count; i++)
		check_node(s, i);
	for (unsigned i = 0; i < s->link_count; i++)
		check_link(s, &s->links[i]);
	for (unsigned i = 0; i < s->link_count; i++) {
		disconnect(&s->links[i]);
		sync_maker_free(&s->links[i].ends[0].maker);
		sync_maker_free(&s->links[i].ends[1].maker);
	}
}

/* G8: no entry is lost, none takes effect twice, older never beats newer, what was withdrawn stays
 * so, G15: whatever of it went ahead of its feed; G23: nodes that were apart for a week are the
 * same again without anybody's doing. */
static void ten_thousand_schedules_converge(void **state)
{
	struct sim *s = mem_alloc(sizeof(*s));
	uint64_t steps = 0, messages = 0, ahead = 0, late = 0;

	(void)state;
	buf_init(&s->text, 4096);
	for (uint64_t i = 0; i < SCHEDULES; i++) {
		run_schedule(s, 0x5eed0000 + i);
		steps += s->steps;
		messages += s->messages;
		ahead += s->ahead;
		late += s->late;
	}
	print_message("%d schedules: %llu events, %llu messages, %llu ahead, %llu late\n",
	    SCHEDULES, (unsigned long long)steps, (unsigned long long)messages,
	    (unsigned long long)ahead, (unsigned long long)late);
	assert_true(ahead > SCHEDULES && late > 0);
	buf_free(&s->text);
	mem_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ten_thousand_schedules_converge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
