/* SPDX-License-Identifier: Apache-2.0 */
/* Before each commit: of every indicator that comes with it the history is asked how often its
 * values, or those that its pattern is true of, were seen in the last 24 hours. One that would hit
 * too much is quarantined by a decision in the same commit, so it is never matched before. The
 * decision names nobody; a person's release of that pattern stands above it (view/guard.h). */
#include "policy/guard/impact.h"

#include "admin/admin.h"
#include "admin/decide.h"
#include "base/mem.h"
#include "codec/json.h"
#include "history/reader.h"
#include "pattern/values.h"
#include "stix/object.h"
#include "stix/type.h"
#include "store/store.h"
#include "sys/files.h"
#include "view/guard.h"

enum {
	OBJECT_MEMORY = 64 << 20,
	PATHS_MAX = 16384,
	DECISION_MAX = 8192,
	SHOWN_MAX = 200,
	WORDS_MAX = 1024,
	RANGES_MAX = 32,             /* networks and names asked with what lies in them, a commit */
	RANGE_ENTRIES_MAX = 4096,    /* values and sources looked at of each */
	PATTERNS_MAX = 4,            /* asked of what was seen, a commit */
	PATTERN_ENTRIES_MAX = 32768, /* values and sources that each is asked of */
};

static const usec DAY = 86400 * USEC_PER_SEC;

struct judging {
	const struct command_ctx *ctx;
	struct impact_limits limits;
	struct history_reader *history;
	struct guard_book *book;
	struct arena *arena; /* for one indicator */
	uint64_t looked;
	unsigned ranges, patterns; /* asked for in this turn */
};

/* What lies in a network or below a name, added up. */
struct sum {
	struct impact seen;
	struct history_hosts hosts;
	unsigned entries;
};

static bool add_entry(void *ctx, const struct history_entry *e)
{
	struct sum *sum = ctx;

	sum->seen.events += e->count;
	history_hosts_join(&sum->hosts, &e->hosts);
	return ++sum->entries < RANGE_ENTRIES_MAX;
}

static bool is_range(const struct term *t)
{
	return t->kind == TERM_DOMAIN ||
	       ((t->kind == TERM_IPV4 || t->kind == TERM_IPV6) && t->prefix < t->value.n * 8);
}

/* With all that it would match, as long as few ask for that at once; else of the value itself. */
static bool ask(struct judging *g, const struct term *t, struct impact *seen)
{
	usec until = env_now(g->ctx->env), from = until - DAY;
	struct sum sum = {.entries = 0};
	enum err rc;

	*seen = (struct impact){0};
	if (!is_range(t) || g->ranges == RANGES_MAX)
		return history_busy(g->history, t, &seen->events, &seen->hosts);
	g->ranges++;
	rc = t->kind == TERM_DOMAIN
	         ? history_below(g->history, t, from, until, add_entry, &sum, NULL)
	         : history_network(g->history, t, from, until, add_entry, &sum, NULL);
	*seen = sum.seen;
	seen->hosts = history_hosts_count(&sum.hosts);
	return rc == OK && seen->events >= HISTORY_BUSY;
}

/* The value of the list that was seen most often; NULL when none was too often. */
static const struct term *busiest(
    struct judging *g, const struct term_list *terms, struct impact *out)
{
	const struct term *found = NULL;
	struct impact seen;

	*out = (struct impact){0};
	for (size_t i = 0; i < terms->count; i++) {
		if (!ask(g, &terms->list[i], &seen) || !impact_refuses(&seen, &g->limits) ||
		    (found && seen.events <= out->events))
			continue;
		found = &terms->list[i];
		*out = seen;
	}
	return found;
}

/* What a pattern is true of, added up. */
struct sifted {
	struct sum sum;
	struct pattern_values *values;
	unsigned looked;
};

static bool sift_entry(void *ctx, const struct history_entry *e)
{
	struct sifted *s = ctx;

	if (pattern_values_takes(s->values, &e->term))
		(void)add_entry(&s->sum, e);
	return ++s->looked < PATTERN_ENTRIES_MAX;
}

/* At least so much, for not all that was seen is asked; one over more than values of one kind is
 * not judged by it. */
static bool ask_pattern(struct judging *g, struct str pattern, struct impact *seen)
{
	usec until = env_now(g->ctx->env);
	struct sifted s = {.looked = 0};
	enum err rc;

	if (g->patterns == PATTERNS_MAX || pattern_values_new(&s.values, pattern, NULL) != OK)
		return false;
	g->patterns++;
	rc = history_scan(
	    g->history, pattern_values_kind(s.values), until - DAY, until, sift_entry, &s, NULL);
	pattern_values_free(s.values);
	*seen = s.sum.seen;
	seen->hosts = history_hosts_count(&s.sum.hosts);
	return rc == OK && seen->events >= HISTORY_BUSY && impact_refuses(seen, &g->limits);
}

static void put_decision(struct buf *out, const struct judging *g, const struct stix_object *o,
    struct str pattern, struct str reason)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "id", o->id);
	json_put_str(&w, "state", S("quarantined"));
	json_put_str(&w, "class", str_c(guard_class_name(GUARD_IMPACT)));
	json_put_str(&w, "reason", reason);
	json_put_time(&w, "time", env_now(g->ctx->env));
	json_put_str(&w, "pattern", guard_pattern_hash(g->arena, pattern));
	json_end_object(&w);
}

static void quarantine(struct judging *g, const struct stix_object *o, struct str pattern,
    struct str what, const struct impact *seen)
{
	struct str path = arena_printf(g->arena, STORE_GUARD "%.*s", STR_ARG(o->id));
	struct fault fault;
	struct buf words, json;
	enum err rc;

	buf_init(&words, WORDS_MAX);
	buf_init(&json, DECISION_MAX);
	buf_put(&words, str_slice(what, 0, SHOWN_MAX));
	buf_byte(&words, ' ');
	impact_put(&words, seen);
	put_decision(&json, g, o, pattern, buf_str(&words));
	rc = !path.p || path.n > STORE_ID_MAX || json.failed != OK
	         ? fail(&fault, ERR_LIMIT, "the decision is too large")
	         : admin_decide(g->ctx, path, buf_str(&json), &fault);
	if (rc == ERR_FULL)
		g->ctx->full(g->ctx->core);
	log_event(g->ctx->log, LOG_WARNING, rc == OK ? "guard.impact" : "guard.impact.failed",
	    LOG_KV({"id", o->id}, {"text", rc == OK ? buf_str(&words) : str_c(fault.text)}));
	buf_free(&words);
	buf_free(&json);
}

static void judge(struct judging *g, uint64_t seq)
{
	const struct store *s = g->ctx->store;
	struct term_list terms = {.count = 0};
	const struct term *t = NULL;
	struct guard_state state;
	struct stix_object o;
	struct impact seen;
	struct str pattern;
	enum err rc;

	arena_reset(g->arena);
	if (stix_object_parse(&o, g->arena, store_content(s, seq), NULL) != OK || o.revoked)
		return;
	pattern = json_get_str(o.root, "pattern");
	rc = equality_terms(&terms, g->arena, pattern, NULL);
	if (rc == OK)
		t = busiest(g, &terms, &seen);
	else
		terms.count = 0;
	if (!t && !((rc == ERR_UNSUPPORTED || (rc == OK && terms.partial)) &&
	              ask_pattern(g, pattern, &seen)))
		return;
	/* What is kept back already, and what a person has released, stays so. */
	guard_state(&state, g->book, g->arena, s, o.id, pattern, &terms);
	if (!state.quarantined && !state.by.p)
		quarantine(g, &o, pattern, t ? term_text(g->arena, t) : S("its pattern"), &seen);
}

static bool is_new_indicator(const struct store *s, uint64_t seq)
{
	const struct row *row = store_row(s, seq);

	return row->kind == RECORD_OBJECT && row->tag == STIX_TYPE_INDICATOR &&
	       !(row->flags & (RECORD_FLAG_DERIVED | RECORD_FLAG_REVOKED)) &&
	       !store_superseded(row) && !store_withdrawn(row) &&
	       store_tombstone_of(row) == STORE_NONE;
}

static void say_off(const struct command_ctx *ctx, const struct fault *fault)
{
	log_event(ctx->log, LOG_WARNING, "guard.impact.off", LOG_KV({"text", str_c(fault->text)}));
}

/* Without a history that can be read, what is new is judged by what it names alone. */
static void follow(void *part)
{
	struct judging *g = part;
	uint64_t end = store_size_pending(g->ctx->store);
	bool refreshed = false;
	struct fault fault;

	g->ranges = g->patterns = 0;
	for (; g->looked < end; g->looked++) {
		if (!g->history || !is_new_indicator(g->ctx->store, g->looked))
			continue;
		if (!refreshed && history_refresh(g->history, &fault) != OK) {
			say_off(g->ctx, &fault);
			g->looked = end;
			return;
		}
		refreshed = true;
		judge(g, g->looked);
	}
}

static void close_judging(void *part)
{
	struct judging *g = part;

	if (!g)
		return;
	history_reader_close(g->history);
	guard_book_close(g->book);
	arena_free(g->arena);
	mem_free(g);
}

static enum err open_judging(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct judging *g = mem_alloc(sizeof(*g));
	struct arena *paths = arena_new(PATHS_MAX);
	struct fault why;
	enum err rc;

	g->ctx = ctx;
	g->limits = (struct impact_limits){ctx->config->impact_events, ctx->config->impact_hosts};
	g->arena = arena_new(OBJECT_MEMORY);
	/* What is there was judged when it came. */
	g->looked = store_size_pending(ctx->store);
	if (history_reader_open(&g->history, file_join(paths, ctx->dir, "history"), &why) != OK)
		say_off(ctx, &why);
	rc = guard_book_open(&g->book, file_join(paths, ctx->dir, "views"), fault);
	arena_free(paths);
	if (rc != OK) {
		close_judging(g);
		return rc;
	}
	*out = g;
	return OK;
}

const struct command_part ADMIN_IMPACT = {
    .name = "impact",
    .open = open_judging,
    .close = close_judging,
    .follow = follow,
};
