/* SPDX-License-Identifier: Apache-2.0 */
/* Hunts backwards by itself: when an indicator becomes active (it is new in the ledger, a person
 * releases it, its time has come), its values are looked up in the history, and what was seen of
 * them before becomes sightings. Follows the ledger by its own position, which is a decision there
 * in the same batch as what was found; what is looked at twice adds nothing. Works in short slices
 * between other things of the core, behind the commits that brought the indicators; patterns that
 * are more than values wait until all values have been looked up. */
#include "intake/hunt/retro.h"

#include "base/mem.h"
#include "codec/json.h"
#include "intake/hunt/before.h"
#include "intake/hunt/sweep.h"
#include "match/fingerprint.h"
#include "match/index.h"
#include "stix/object.h"
#include "stix/sighted.h"
#include "stix/type.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/loop.h"
#include "view/guard.h"
#include "view/indicators.h"
#include "view/live/patterns.h"

/* Beside those of sources, whose names have no slash. */
#define POSITION S("position/hunt/back")

enum {
	INDICATOR_MEMORY = 128 << 20,
	SIGHTING_MEMORY = 16 << 20,
	JSON_MAX = 1 << 20,
	LATER_MAX = 1000,       /* indicators whose time has not come */
	LOOK_MAX = 1 << 17,     /* entries of the history looked at for one value */
	COMPARED_MAX = 1 << 20, /* values of two versions, each with each */
	LOOKED_EVERY = 1 << 14, /* records after which the position is kept, whatever was found */
	SLICE_RECORDS = 1 << 14,
};

/* What an event that came before the indicator may take until it is in the history. */
static const usec SETTLE = 10 * USEC_PER_SEC;
static const usec SLICE = USEC_PER_SEC / 100;
static const usec SOON = USEC_PER_SEC / 50;
static const usec WAIT = USEC_PER_SEC;
static const usec WAIT_MOST = 3600 * USEC_PER_SEC;

struct later {
	usec when;
	uint64_t seq;
};

struct retro {
	const struct command_ctx *ctx;
	struct loop_timer *timer;
	struct arena *arena;
	struct before before;
	struct indicators *indicators;
	struct patterns *patterns;
	struct history_reader *history;
	struct sweeps *sweeps;
	uint64_t looked, kept; /* records; and as the ledger has it */
	struct later later[LATER_MAX];
	size_t later_count;
	bool later_news; /* of these, or of the sweeps */
	bool waits;      /* the timer is set */
	bool waits_long; /* for an indicator whose time has not come */
	bool appended;   /* in this slice */
	enum err rc;     /* of this slice */
};

/* One indicator being hunted for. */
struct hunted {
	struct retro *r;
	uint64_t seq;
	size_t told, looked;
};

/* ---- the position ---- */

static void restore(struct retro *r)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	const struct store *s = r->ctx->store;
	uint64_t seq = store_find(s, POSITION);
	yyjson_val *root, *entry;
	size_t i, n;

	if (seq == STORE_NONE ||
	    json_parse(&root, r->arena, store_content(s, seq), &limits, NULL) != OK)
		return;
	r->looked = yyjson_get_uint(yyjson_obj_get(root, "looked"));
	if (r->looked > store_size(s))
		r->looked = 0;
	r->kept = r->looked;
	yyjson_arr_foreach(yyjson_obj_get(root, "later"), i, n, entry)
	{
		if (r->later_count == LATER_MAX)
			break;
		r->later[r->later_count++] =
		    (struct later){yyjson_get_sint(yyjson_arr_get(entry, 0)),
		        yyjson_get_uint(yyjson_arr_get(entry, 1))};
	}
	sweeps_get(r->sweeps, yyjson_obj_get(root, "patterns"));
}

static enum err keep_position(struct retro *r, struct fault *fault)
{
	const struct label red = {.tlp = TLP_RED};
	char encoded[LABEL_ENCODED_MAX];
	struct buf b;
	struct json_writer w = json_writer(&b);
	struct record record = {.kind = RECORD_DECISION,
	    .id = POSITION,
	    .version = env_now(r->ctx->env),
	    .label = {encoded, label_encode(&red, encoded)}};
	uint64_t first;
	enum err rc;

	buf_init(&b, JSON_MAX);
	json_object(&w, NULL);
	json_put_int(&w, "looked", (int64_t)r->looked);
	json_list(&w, "later");
	for (size_t i = 0; i < r->later_count; i++) {
		json_list(&w, NULL);
		json_put_int(&w, NULL, r->later[i].when);
		json_put_int(&w, NULL, (int64_t)r->later[i].seq);
		json_end_list(&w);
	}
	json_end_list(&w);
	sweeps_put(r->sweeps, &w, "patterns");
	json_end_object(&w);
	record.content = buf_str(&b);
	rc = b.failed == OK ? store_append(r->ctx->store, &record, 1, &first, fault) : b.failed;
	buf_free(&b);
	if (rc == OK) {
		r->kept = r->looked;
		r->later_news = false;
		r->appended = true;
	}
	return rc;
}

static void add_later(struct retro *r, usec when, uint64_t seq)
{
	for (size_t i = 0; i < r->later_count; i++)
		if (r->later[i].seq == seq)
			return;
	if (r->later_count == LATER_MAX) {
		log_event(r->ctx->log, LOG_WARNING, "retro.later",
		    LOG_KV({"lost", store_id(r->ctx->store, seq)}));
		return;
	}
	r->later[r->later_count++] = (struct later){when, seq};
	r->later_news = true;
}

/* ---- whether it is active ---- */

struct armed {
	uint64_t seq;
	bool found;
	uint32_t from, until;
};

static void see_entry(void *ctx, const struct index_entry *e)
{
	struct armed *a = ctx;

	if (e->seq != a->seq)
		return;
	a->found = true;
	a->from = e->from;
	a->until = e->until;
}

/* One whose time comes is looked at again then. */
static bool is_its_time(struct retro *r, uint64_t seq, uint32_t from, uint32_t until, usec now)
{
	if (now / USEC_PER_SEC < from) {
		add_later(r, from * USEC_PER_SEC, seq);
		return false;
	}
	return index_is_due(from, until, now);
}

/* As the match view has it: neither quarantined nor revoked nor out of its time. */
static bool is_armed(struct retro *r, const struct term *term, uint64_t seq, usec now)
{
	const struct match_index *x = indicators_generation(r->indicators);
	const struct match_delta *d = indicators_delta(r->indicators);
	struct armed a = {.seq = seq};

	if (x)
		match_find(x, fingerprint(x->seed, (unsigned)term->kind, term->prefix, term->value),
		    term, see_entry, &a);
	if (d && !a.found)
		delta_find(d,
		    fingerprint(delta_seed(d), (unsigned)term->kind, term->prefix, term->value),
		    term, see_entry, &a);
	return a.found && is_its_time(r, seq, a.from, a.until, now);
}

/* The same of a pattern that is more than values. */
static bool is_pattern_armed(struct retro *r, uint64_t seq, usec now)
{
	struct live_pattern p;

	return patterns_find(r->patterns, seq, &p) && is_its_time(r, seq, p.from, p.until, now);
}

/* ---- what was seen ---- */

static bool tell(void *ctx, const struct history_entry *e)
{
	struct hunted *h = ctx;
	struct retro *r = h->r;
	struct fault fault;
	bool appended;

	if (h->looked++ == LOOK_MAX || h->told == SIGHTED_BEFORE_MAX) {
		log_event(r->ctx->log, LOG_WARNING, "retro.more",
		    LOG_KV({"indicator", r->before.indicator}));
		return false;
	}
	arena_reset(r->before.arena);
	r->rc = before_tell(&r->before, e, &appended, &fault);
	if (r->rc != OK)
		return false;
	h->told += appended;
	r->appended |= appended;
	return true;
}

static enum err look_up(struct hunted *h, const struct term *t, struct fault *fault)
{
	struct history_reader *x = h->r->history;
	usec until = h->r->before.known;

	h->looked = 0;
	if (t->kind == TERM_DOMAIN)
		return history_below(x, t, HISTORY_ALWAYS_FROM, until, tell, h, fault);
	if ((t->kind == TERM_IPV4 || t->kind == TERM_IPV6) && t->prefix != 8 * t->value.n)
		return history_network(x, t, HISTORY_ALWAYS_FROM, until, tell, h, fault);
	return history_find(x, t, HISTORY_ALWAYS_FROM, until, tell, h, fault);
}

/* ---- one indicator ---- */

/* In the retro's arena; STR_NONE when it is none. */
static struct str pattern_of(struct retro *r, uint64_t seq)
{
	struct stix_object o;

	if (stix_object_parse(&o, r->arena, store_content(r->ctx->store, seq), NULL) != OK)
		return STR_NONE;
	return json_get_str(o.root, "pattern");
}

static bool read_terms(struct retro *r, uint64_t seq, struct term_list *out)
{
	struct str pattern = pattern_of(r, seq);

	return pattern.p && equality_terms(out, r->arena, pattern, NULL) == OK;
}

/* A record of the ledger's rows that may be active. */
static bool counts(const struct store *s, uint64_t seq)
{
	const struct row *row = store_row(s, seq);

	return row->kind == RECORD_OBJECT && row->tag == STIX_TYPE_INDICATOR &&
	       !(row->flags & (RECORD_FLAG_REVOKED | RECORD_FLAG_DERIVED)) &&
	       !store_superseded(row) && !store_withdrawn(row) &&
	       store_tombstone_of(row) == STORE_NONE;
}

/* What the version before names too was hunted for with that one. */
static void leave_known(struct retro *r, uint64_t seq, struct term_list *terms)
{
	const struct store *s = r->ctx->store;
	uint64_t older = store_older(s, seq);
	struct term_list had;
	size_t n = 0;

	if (older == STORE_NONE || store_row(s, older)->kind != RECORD_OBJECT ||
	    (store_row(s, older)->flags & RECORD_FLAG_REVOKED) || !read_terms(r, older, &had) ||
	    had.count * terms->count > COMPARED_MAX)
		return;
	for (size_t i = 0; i < terms->count; i++) {
		const struct term *t = &terms->list[i];

		if (!terms_have(&had, t))
			terms->list[n++] = *t;
	}
	terms->count = n;
}

static void prepare(struct retro *r, uint64_t seq, usec known)
{
	const struct store *s = r->ctx->store;

	r->before.indicator = store_id(s, seq);
	r->before.label = label_decode(store_label(s, store_row(s, seq)->label));
	r->before.known = known;
	r->before.history = r->history;
}

/* More than values: it waits for its turn, when it can be hunted at all. One whose version before
 * had the same pattern was hunted for with that. */
static void add_sweep(struct retro *r, uint64_t seq, usec known, bool is_new)
{
	const struct store *s = r->ctx->store;
	uint64_t older = is_new ? store_older(s, seq) : STORE_NONE;
	struct str pattern = pattern_of(r, seq);
	struct fault fault;

	if (!pattern.p || !is_pattern_armed(r, seq, env_now(r->ctx->env)) ||
	    sweeps_takes(pattern, &fault) != OK)
		return;
	if (older != STORE_NONE && store_row(s, older)->kind == RECORD_OBJECT &&
	    !(store_row(s, older)->flags & RECORD_FLAG_REVOKED) &&
	    str_eq(pattern_of(r, older), pattern))
		return;
	r->later_news = true;
	if (!sweeps_add(r->sweeps, seq, known))
		log_event(
		    r->ctx->log, LOG_WARNING, "retro.patterns", LOG_KV({"lost", store_id(s, seq)}));
}

/* `known`: since when it is active. `is_new`: it is the record itself that makes it so. */
static void hunt(struct retro *r, uint64_t seq, usec known, bool is_new)
{
	struct hunted h = {.r = r, .seq = seq};
	usec now = env_now(r->ctx->env);
	struct term_list terms;
	struct fault fault;

	if (!counts(r->ctx->store, seq))
		return;
	arena_reset(r->arena);
	add_sweep(r, seq, known, is_new);
	if (!read_terms(r, seq, &terms))
		return;
	if (is_new)
		leave_known(r, seq, &terms);
	prepare(r, seq, known);
	for (size_t i = 0; i < terms.count && r->rc == OK; i++)
		if (is_armed(r, &terms.list[i], seq, now) &&
		    look_up(&h, &terms.list[i], &fault) != OK) {
			log_event(r->ctx->log, LOG_ERROR, "retro.history",
			    LOG_KV({"error", str_c(fault.text)}));
			return;
		}
	if (h.told)
		log_event(r->ctx->log, LOG_INFO, "retro.seen",
		    LOG_KV({"indicator", r->before.indicator}));
}

/* The record of what a record makes active. */
static uint64_t about(const struct store *s, uint64_t seq)
{
	struct str id;

	if (store_row(s, seq)->kind != RECORD_DECISION)
		return seq;
	id = store_id(s, seq);
	return str_starts(id, S(STORE_GUARD)) ? store_find(s, str_from(id, sizeof(STORE_GUARD) - 1))
	                                      : STORE_NONE;
}

static void hunt_due(struct retro *r, usec now)
{
	for (size_t i = 0; i < r->later_count && r->rc == OK;) {
		uint64_t seq = r->later[i].seq;
		usec when = r->later[i].when;

		if (when + SETTLE > now) {
			i++;
			continue;
		}
		r->later[i] = r->later[--r->later_count];
		r->later_news = true;
		if (seq < store_size(r->ctx->store))
			hunt(r, seq, when, false);
		if (r->rc != OK)
			r->later[r->later_count++] = (struct later){when, seq};
	}
}

/* ---- patterns ---- */

/* A piece of the first pattern that waits. */
static void sweep(struct retro *r, usec until)
{
	const struct sweep_of *first = sweeps_first(r->sweeps);
	struct sweep_piece piece = {
	    .before = &r->before, .history = r->history, .until = until, .done = true};
	uint64_t seq = first->seq;
	struct fault fault;

	arena_reset(r->arena);
	if (seq < store_size(r->ctx->store) && counts(r->ctx->store, seq) &&
	    is_pattern_armed(r, seq, env_now(r->ctx->env))) {
		prepare(r, seq, first->known);
		piece.pattern = pattern_of(r, seq);
		r->rc = sweeps_go_on(r->sweeps, &piece, &fault);
		r->appended |= piece.appended;
	}
	if (r->rc != OK && r->rc != ERR_FULL)
		log_event(
		    r->ctx->log, LOG_ERROR, "retro.history", LOG_KV({"error", str_c(fault.text)}));
	if (!piece.done)
		return;
	r->rc = OK;
	r->later_news = true;
	sweeps_drop(r->sweeps);
}

/* ---- slices ---- */

static enum err refresh(struct retro *r, struct fault *fault)
{
	if (!r->history)
		TRY(history_reader_open(
		    &r->history, file_join(r->arena, r->ctx->dir, "history"), fault));
	indicators_refresh(r->indicators);
	(void)patterns_refresh(r->patterns);
	return history_refresh(r->history, fault);
}

/* When the next of those comes whose time has not; 0: there is none. */
static usec next_due(const struct retro *r, usec now)
{
	usec next = 0;

	for (size_t i = 0; i < r->later_count; i++) {
		usec in = r->later[i].when + SETTLE - now;

		if (next == 0 || in < next)
			next = in;
	}
	return r->later_count && next < WAIT ? WAIT : next < WAIT_MOST ? next : WAIT_MOST;
}

/* Returns when to go on; 0: when more was committed. */
static usec slice(struct retro *r)
{
	const struct store *s = r->ctx->store;
	uint64_t end = store_size(s), view = indicators_cursor(r->indicators), from = r->looked;
	usec now = env_now(r->ctx->env), began = sys_monotonic();

	hunt_due(r, now);
	for (; r->looked < end && r->rc == OK; r->looked++) {
		uint64_t seq = about(s, r->looked);
		usec received = store_row(s, r->looked)->received;

		if (r->looked >= view || received + SETTLE > now)
			return WAIT;
		if (r->looked - from >= SLICE_RECORDS || sys_monotonic() - began > SLICE)
			return SOON;
		if (seq != STORE_NONE && seq < end)
			hunt(r, seq, received, seq == r->looked);
		if (r->rc != OK)
			return WAIT;
	}
	if (!sweeps_first(r->sweeps) || r->rc != OK)
		return next_due(r, now);
	sweep(r, began + SLICE);
	return r->rc == OK ? SOON : WAIT;
}

static void set_timer(struct retro *r, usec delay)
{
	r->waits = true;
	loop_timer_set(r->timer, delay);
}

static void turn(void *ctx)
{
	struct retro *r = ctx;
	struct fault fault;
	usec next;

	r->waits = false;
	arena_reset(r->arena);
	r->rc = OK;
	r->appended = false;
	if (refresh(r, &fault) != OK) {
		log_event(
		    r->ctx->log, LOG_ERROR, "retro.history", LOG_KV({"error", str_c(fault.text)}));
		set_timer(r, 10 * WAIT);
		return;
	}
	next = slice(r);
	if (r->rc == OK && (r->appended || r->later_news || r->looked - r->kept >= LOOKED_EVERY))
		r->rc = keep_position(r, &fault);
	if (r->rc == ERR_FULL)
		r->ctx->full(r->ctx->core);
	if (r->appended)
		r->ctx->commit(r->ctx->core, NULL, NULL);
	r->waits_long = next > WAIT;
	if (next)
		set_timer(r, next);
}

static void committed(void *part)
{
	struct retro *r = part;

	/* Not put off by commits that follow each other. */
	if (!r->waits || r->waits_long)
		set_timer(r, SOON);
	r->waits_long = false;
}

static enum err retro_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct retro *r = mem_alloc(sizeof(*r));
	struct str type;

	r->ctx = ctx;
	r->sweeps = sweeps_new(ctx->log);
	r->arena = arena_new(INDICATOR_MEMORY);
	r->before.ctx = ctx;
	r->before.arena = arena_new(SIGHTING_MEMORY);
	buf_init(&r->before.json, JSON_MAX);
	(void)!stix_id_split(&type, &r->before.space, ctx->identity);
	r->timer = loop_timer_new(ctx->loop, turn, r);
	*out = r;
	TRY(indicators_open(&r->indicators, file_join(r->arena, ctx->dir, "views"), fault));
	TRY(patterns_open(&r->patterns, file_join(r->arena, ctx->dir, "views"), fault));
	restore(r);
	set_timer(r, WAIT);
	return OK;
}

static void retro_close(void *part)
{
	struct retro *r = part;

	loop_timer_free(r->timer);
	history_reader_close(r->history);
	indicators_close(r->indicators);
	patterns_close(r->patterns);
	sweeps_free(r->sweeps);
	buf_free(&r->before.json);
	arena_free(r->before.arena);
	arena_free(r->arena);
	mem_free(r);
}

const struct command_part INTAKE_RETRO = {
    .name = "retro",
    .open = retro_open,
    .close = retro_close,
    .committed = committed,
};
