/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/live.h"

#include <string.h>

#include "base/mem.h"
#include "intake/live/arms.h"
#include "intake/live/found.h"
#include "intake/messages.h"
#include "intake/sighting.h"
#include "intake/stream.h"
#include "match/index.h"
#include "pattern/state.h"

enum { EVENT_MEMORY = 32 << 20, FIND_MEMORY = 16 << 20, LEAF_WORDS = PATTERN_LEAVES_MAX / 64 };

/* An event that some pattern keeps, as it came; its address is its name there. */
struct witness {
	struct live *owner;
	uint64_t holders;
	usec when;
	size_t n;                 /* bytes of it all */
	struct match_event event; /* no line: there was no room for it */
	struct match_value values[];
};

/* What a stream has of a pattern; in the order of the arms. */
struct slot {
	uint64_t seq;
	struct pattern_state *state; /* NULL until something is to be kept */
	struct arm_body *body;       /* what that is the state of */
	usec fed;                    /* the newest event */
	uint32_t found;              /* the number of its match in this batch, plus one */
	usec hour;                   /* of that match */
};

struct live {
	struct watch watch;
	struct arms *arms;
	struct slot *slots;
	size_t slot_count;
	size_t state_bytes, witness_bytes;
	usec now;  /* of the wall */
	usec high; /* of the newest event */
	bool swept;
	struct observed *observed, *shown; /* the event; a witness */
	struct arena *event_arena, *find_arena, *show_arena;
	struct pattern_machine *machine;
	uint64_t leaves[LEAF_WORDS];
	/* The batch: */
	struct found found[FOUND_MAX];
	size_t text_at[FOUND_MAX], text_end[FOUND_MAX];
	size_t found_count;
	struct buf texts, message, object;
};

static struct live *live_of(struct watch *w)
{
	return (struct live *)w;
}

static struct watch *open_live(uint64_t stream, const struct env *env)
{
	struct live *l = mem_alloc(sizeof(*l));

	(void)stream;
	(void)env;
	l->watch.class = &WATCH_LIVE;
	l->observed = mem_alloc(sizeof(*l->observed));
	l->shown = mem_alloc(sizeof(*l->shown));
	l->event_arena = arena_new(EVENT_MEMORY);
	l->find_arena = arena_new(FIND_MEMORY);
	l->show_arena = arena_new(EVENT_MEMORY);
	buf_init(&l->object, FOUND_OBJECT_BYTES_MAX);
	l->machine = pattern_machine_new();
	buf_init(&l->texts, FOUND_BYTES_MAX);
	buf_init(&l->message, 2 * (size_t)FOUND_BYTES_MAX);
	return &l->watch;
}

static void drop_state(struct live *l, struct slot *s)
{
	if (!s->state)
		return;
	l->state_bytes -= pattern_state_bytes(s->state);
	pattern_state_free(s->state);
	s->state = NULL;
	arm_body_release(s->body);
	s->body = NULL;
}

static void close_live(struct watch *w)
{
	struct live *l = live_of(w);

	for (size_t i = 0; i < l->slot_count; i++)
		drop_state(l, &l->slots[i]);
	mem_free(l->slots);
	mem_free(l->observed);
	mem_free(l->shown);
	arena_free(l->show_arena);
	buf_free(&l->object);
	arena_free(l->event_arena);
	arena_free(l->find_arena);
	pattern_machine_free(l->machine);
	buf_free(&l->texts);
	buf_free(&l->message);
	mem_free(l);
}

/* ---- which patterns ---- */

/* What is kept for patterns that stay armed is kept on. */
static void arrange(struct live *l)
{
	size_t count = arms_count(l->arms), k = 0;
	struct slot *slots = mem_grow(NULL, count + 1, sizeof(*slots));

	for (size_t i = 0; i < count; i++) {
		uint64_t seq = arms_at(l->arms, i)->seq;

		for (; k < l->slot_count && l->slots[k].seq < seq; k++)
			drop_state(l, &l->slots[k]);
		if (k < l->slot_count && l->slots[k].seq == seq)
			slots[i] = l->slots[k++];
		else
			slots[i] = (struct slot){.seq = seq};
	}
	for (; k < l->slot_count; k++)
		drop_state(l, &l->slots[k]);
	mem_free(l->slots);
	l->slots = slots;
	l->slot_count = count;
}

/* Streams share the arms; any of them may have been the one that noticed. */
static bool arranged(const struct live *l)
{
	size_t count = arms_count(l->arms);

	if (l->slot_count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (l->slots[i].seq != arms_at(l->arms, i)->seq)
			return false;
	return true;
}

static void begin(struct watch *w, const struct stream_tools *tools, usec now)
{
	struct live *l = live_of(w);

	l->arms = tools->arms;
	l->now = now;
	l->swept = false;
	(void)arms_refresh(l->arms);
	if (!arranged(l))
		arrange(l);
}

static unsigned wants(const struct watch *w)
{
	const struct live *l = (const struct live *)w;

	return arms_count(l->arms) ? ARMS_WANT : 0;
}

/* ---- what is kept ---- */

static void release(struct witness *w)
{
	if (--w->holders)
		return;
	w->owner->witness_bytes -= w->n;
	mem_free(w);
}

static void forgotten(void *ctx, uint64_t ref)
{
	(void)ctx;
	release((struct witness *)(uintptr_t)ref);
}

/* Bytes of the values that observe() takes of the event, and how many these are. */
static size_t size_of_values(const struct match_event *e, size_t *count)
{
	size_t n = 0;

	*count = 0;
	for (size_t i = 0; i < e->count; i++)
		if (observe_takes(e->values[i].field)) {
			n += e->values[i].term.value.n;
			++*count;
		}
	return n;
}

static struct str put_copy(char **at, struct str s)
{
	struct str copy = {*at, s.n};

	memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct witness *witness_new(struct live *l, const struct match_event *e, usec when)
{
	size_t count, n = size_of_values(e, &count) + e->line.n;
	bool room = l->witness_bytes + n <= LIVE_WITNESSES_MAX;
	struct witness *w;
	char *at;

	n = sizeof(*w) + (room ? count * sizeof(w->values[0]) + n : 0);
	w = mem_alloc(n);
	w->owner = l;
	w->holders = 1;
	w->when = when;
	w->n = n;
	l->witness_bytes += n;
	if (!room)
		return w;
	at = (char *)&w->values[count];
	w->event.line = put_copy(&at, e->line);
	w->event.values = w->values;
	for (size_t i = 0; i < e->count; i++)
		if (observe_takes(e->values[i].field)) {
			w->values[w->event.count] = e->values[i];
			w->values[w->event.count++].term.value =
			    put_copy(&at, e->values[i].term.value);
		}
	return w;
}

/* Those that have nothing left to wait for. */
static void sweep(struct live *l)
{
	for (size_t i = 0; i < l->slot_count && !l->swept; i++)
		if (l->slots[i].state && l->slots[i].fed < l->high - LIVE_LATE - LIVE_WINDOW)
			drop_state(l, &l->slots[i]);
	l->swept = true;
}

static bool have_state(struct live *l, struct slot *s, struct arm_body *body)
{
	struct pattern_limits limits = {
	    .window = LIVE_WINDOW, .work = LIVE_WORK, .forgotten = forgotten};
	uint64_t items = 2 * arm_wants(body->program->root);

	if (s->state)
		return true;
	limits.items = items < LIVE_ITEMS      ? LIVE_ITEMS
	               : items > ARM_ITEMS_MAX ? ARM_ITEMS_MAX
	                                       : (size_t)items;
	s->state = pattern_state_new(body->program, &limits);
	s->body = body;
	body->holders++;
	l->state_bytes += pattern_state_bytes(s->state);
	if (l->state_bytes > LIVE_STATES_MAX)
		sweep(l);
	if (l->state_bytes <= LIVE_STATES_MAX)
		return true;
	drop_state(l, s);
	arms_figures(l->arms)->crowded++;
	return false;
}

/* ---- matches ---- */

/* What does not fit is counted without it. */
static void tell_witness(struct live *l, struct found *f, const struct witness *w)
{
	struct found_witness head = {.when = w->when};
	size_t at = l->texts.n;

	if (!w->event.line.p || f->witnesses == FOUND_WITNESSES_MAX)
		return;
	arena_reset(l->show_arena);
	if (observe(l->shown, l->show_arena, &w->event, OBSERVE_DETERMINISTIC, OBSERVE_ALL) != OK ||
	    l->shown->count == 0)
		return;
	head.objects = (uint32_t)l->shown->count;
	found_witness_put(&l->texts, &head);
	for (size_t i = 0; i < l->shown->count; i++) {
		const struct observed_object *o = &l->shown->list[i];

		buf_reset(&l->object);
		observed_put(&l->object, o);
		found_object_put(&l->texts, &(struct found_object){o->id, buf_str(&l->object)});
	}
	if (l->texts.failed == OK && l->object.failed == OK) {
		f->witnesses++;
		return;
	}
	l->texts.n = at;
	l->texts.failed = OK;
}

static struct found *found_of(struct live *l, struct slot *s, usec when)
{
	usec hour = when / SIGHTING_WINDOW;

	if (s->found && s->hour == hour)
		return &l->found[s->found - 1];
	if (l->found_count == FOUND_MAX)
		return NULL;
	l->found[l->found_count] = (struct found){.seq = s->seq, .first = when, .last = when};
	l->text_at[l->found_count] = l->text_end[l->found_count] = l->texts.n;
	s->found = (uint32_t)++l->found_count;
	s->hour = hour;
	return &l->found[s->found - 1];
}

/* The hour is that of the event that completed it. */
static void take_match(struct live *l, struct slot *s, const struct pattern_hit *hit, usec when)
{
	struct found *f = found_of(l, s, when);

	for (size_t i = 0; i < hit->count; i++) {
		struct witness *w = (struct witness *)(uintptr_t)hit->witnesses[i];

		if (f && f->count == 0)
			tell_witness(l, f, w);
		if (f && w->when < f->first)
			f->first = w->when;
		if (f && w->when > f->last)
			f->last = w->when;
		release(w);
	}
	if (!f)
		return;
	if (f->count == 0)
		l->text_end[s->found - 1] = l->texts.n;
	f->count++;
}

static void feed(struct live *l, struct arm *arm, struct slot *s, struct witness *w)
{
	const struct pattern_item item = {
	    .first = w->when, .last = w->when, .number = 1, .leaves = l->leaves};
	const struct pattern_counters *c = pattern_state_counters(s->state);
	const struct pattern_counters before = *c;
	struct live_figures *f = arms_figures(l->arms);
	struct pattern_hit hit;
	enum err rc;

	arena_reset(l->find_arena);
	w->holders++;
	rc = pattern_feed(
	    &hit, s->state, l->find_arena, &item, (uint64_t)(uintptr_t)w, l->high - LIVE_LATE);
	if (c->kept == before.kept)
		w->holders--;
	f->kept += c->kept - before.kept;
	f->crowded += c->crowded - before.crowded;
	f->undecided += c->undecided - before.undecided;
	f->matches += c->matches - before.matches;
	s->fed = l->high;
	if (c->undecided != before.undecided)
		arm_strike(arm);
	if (rc == OK && hit.match)
		take_match(l, s, &hit, w->when);
}

static void ask(
    struct live *l, const struct arms_answer *who, const struct match_event *e, usec when)
{
	struct pattern_observation o;
	struct witness *w = NULL;

	if (observed_at(&o, l->event_arena, l->observed, when) != OK)
		return;
	for (size_t i = 0; i < who->count; i++) {
		struct arm *arm = arms_at(l->arms, who->list[i]);
		struct slot *s = &l->slots[who->list[i]];
		struct pattern_tally tally = {0};

		if (arm->state != ARM_LIVE || !index_is_due(arm->from, arm->until, l->now))
			continue;
		if (pattern_see(l->machine, arm->body->program, &o, l->leaves, &tally) &&
		    have_state(l, s, arm->body)) {
			if (!w)
				w = witness_new(l, e, when);
			feed(l, arm, s, w);
		}
		if (tally.limits)
			arm_strike(arm);
	}
	if (w)
		release(w);
}

static void event(struct watch *w, const struct match_event *e, usec when)
{
	struct live *l = live_of(w);
	struct arms_answer who;
	unsigned types = 0;
	bool deeper;

	who = arms_for_event(l->arms, e, &deeper);
	if (who.count == 0 && !deeper)
		return;
	for (size_t i = 0; i < who.count && !deeper; i++)
		types |= arms_at(l->arms, who.list[i])->body->sift.types;
	arena_reset(l->event_arena);
	if (observe(l->observed, l->event_arena, e, OBSERVE_LOCAL, deeper ? OBSERVE_ALL : types) !=
	    OK)
		return;
	if (deeper)
		who = arms_for_observed(l->arms, e, l->observed);
	l->high = when > l->high ? when : l->high;
	arms_figures(l->arms)->events++;
	ask(l, &who, e, when);
}

static void batch(struct watch *w, const struct watch_batch *b)
{
	struct live *l = live_of(w);
	struct chan_message m = {.type = INTAKE_FOUND, .id = b->stream};

	if (l->arms)
		arms_settle(l->arms);
	if (l->found_count == 0)
		return;
	buf_reset(&l->message);
	buf_u32(&l->message, (uint32_t)l->found_count);
	for (size_t i = 0; i < l->found_count; i++) {
		found_put(&l->message, &l->found[i]);
		buf_put(&l->message, str_slice(buf_str(&l->texts), l->text_at[i], l->text_end[i]));
	}
	m.body = buf_str(&l->message);
	(void)!chan_send_always(b->core, &m);
	for (size_t i = 0; i < l->slot_count; i++)
		l->slots[i].found = 0;
	l->found_count = 0;
	buf_reset(&l->texts);
}

const struct watch_class WATCH_LIVE = {
    .open = open_live,
    .begin = begin,
    .wants = wants,
    .event = event,
    .batch = batch,
    .close = close_live,
};
