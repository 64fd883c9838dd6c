/* SPDX-License-Identifier: Apache-2.0 */
/* What would hit too much of what was seen of late is quarantined in the commit that brings it,
 * with the figures; a person's release stands. G12 */
#include "test.h"

#include <stdio.h>

#include "admin/admin.h"
#include "admin/decide.h"
#include "history/reader.h"
#include "history/store.h"
#include "history/table.h"
#include "view/guard.h"
#include "world.h"

enum { OFTEN = 41000, HOSTS = 312 };

struct node {
	struct world w;
	struct config config;
	struct log log;
	struct command_ctx ctx;
	void *part;
};

static struct term term_of(struct world *w, enum term_kind kind, const char *text)
{
	struct term t;

	assert_int_equal(term_canonical(&t, w->arena, kind, str_c(text)), OK);
	return t;
}

static void see(struct world *w, struct history_table *t, enum term_kind kind, const char *text,
    unsigned events, unsigned hosts)
{
	struct term value = term_of(w, kind, text);

	for (unsigned i = 0; i < events; i++) {
		unsigned char address[4] = {
		    10, 0, (unsigned char)(i % hosts >> 8), (unsigned char)(i % hosts)};
		struct term host = {TERM_IPV4, 32, {(const char *)address, 4}};

		assert_true(history_see(t, &value, &host, w->clock));
	}
}

/* The day so far: one value of everybody, one of few machines, one name below another, and one
 * that is rare. */
static void remember(struct world *w)
{
	struct history_table *t = history_table_new(1);
	struct history_store *store;
	char dir[128];
	struct buf run;
	bool more;

	(void)snprintf(dir, sizeof(dir), "%s/history", w->dir);
	see(w, t, TERM_IPV4, "198.51.100.7", OFTEN, HOSTS);
	see(w, t, TERM_DOMAIN, "beacon.example", 5000, 2);
	see(w, t, TERM_DOMAIN, "a.cloud.example", 3000, 100);
	see(w, t, TERM_DOMAIN, "rare.example", 10, 5);
	buf_init(&run, HISTORY_RUN_MAX);
	assert_int_equal(history_table_run(t, &run), OK);
	WORLD_OK(w, history_open(&store, str_c(dir), &w->fault));
	WORLD_OK(w, history_adopt(store, buf_str(&run), S("sensor"), S("1"), w->clock, &w->fault));
	WORLD_OK(w, history_note_busy(store, w->clock, UINT64_MAX, &more, &w->fault));
	history_close(store);
	history_table_free(t);
	buf_free(&run);
}

static void commit_later(void *core, void (*done)(void *ctx, enum err status), void *ctx)
{
	(void)core;
	(void)done;
	(void)ctx;
}

static void make(struct node *n)
{
	*n = (struct node){.config = {.impact_events = 10000, .impact_hosts = 20}};
	world_make(&n->w);
	remember(&n->w);
	n->log = (struct log){.env = &n->w.env, .role = S("core"), .level = LOG_ALERT, .fd = 2};
	n->ctx = (struct command_ctx){.store = n->w.store,
	    .people = n->w.people,
	    .env = &n->w.env,
	    .log = &n->log,
	    .config = &n->config,
	    .dir = str_c(n->w.dir),
	    .commit = commit_later};
	WORLD_OK(&n->w, ADMIN_IMPACT.open(&n->part, &n->ctx, &n->w.fault));
}

static void end(struct node *n)
{
	ADMIN_IMPACT.close(n->part);
	world_end(&n->w);
}

/* Brings version `version` of indicator i as core does: what follows goes into the same commit. */
static void bring(struct node *n, unsigned i, unsigned version, const char *pattern)
{
	char text[WORLD_TEXT];

	world_indicator(text, i, version, pattern, "x");
	(void)world_add(&n->w, text, TLP_GREEN);
	ADMIN_IMPACT.follow(n->part);
	world_commit(&n->w);
}

/* As world_indicator makes it. */
static struct str id_of(struct node *n, unsigned i)
{
	return arena_printf(n->w.arena, "indicator--%08x-0000-4000-8000-%012x", i * 2654435761u, i);
}

static struct guard_state state_of(struct node *n, unsigned i, const char *pattern)
{
	struct guard_state state;
	struct term_list terms;

	if (equality_terms(&terms, n->w.arena, str_c(pattern), NULL) != OK)
		terms.count = 0;
	guard_state(&state, NULL, n->w.arena, n->w.store, id_of(n, i), str_c(pattern), &terms);
	return state;
}

/* As whoever counts hits asks. */
static bool kept_back(struct node *n, unsigned i)
{
	const struct store *s = n->w.store;
	struct str id = id_of(n, i);

	return guard_keeps_back(n->w.arena, s, guard_decision(s, id), store_find(s, id));
}

static void check(struct node *n, unsigned i, const char *pattern, const char *words)
{
	struct guard_state state;

	bring(n, i, 1, pattern);
	state = state_of(n, i, pattern);
	if (state.quarantined != (words != NULL))
		print_error("%s: %.*s\n", pattern, STR_ARG(state.reason));
	assert_int_equal(state.quarantined, words != NULL);
	if (!words)
		return;
	assert_int_equal(state.class, GUARD_IMPACT);
	assert_null(state.by.p);
	if (str_search(state.reason, str_c(words)) == state.reason.n)
		print_error("%.*s\n", STR_ARG(state.reason));
	assert_true(str_search(state.reason, str_c(words)) < state.reason.n);
}

static void what_hits_too_much_is_quarantined_with_the_figures(void **state)
{
	struct node n;

	(void)state;
	make(&n);
	check(&n, 1, "[ipv4-addr:value = '198.51.100.7']",
	    "198.51.100.7 would have hit 41,000 events of about ");
	/* A few machines that call one place all day are what is looked for. */
	check(&n, 2, "[domain-name:value = 'beacon.example']", NULL);
	check(&n, 3, "[domain-name:value = 'rare.example']", NULL);
	check(&n, 4, "[domain-name:value = 'never.example']", NULL);
	/* What lies below a name, or in a network, would be hit too. */
	check(&n, 5, "[domain-name:value = 'cloud.example']", "would have hit 3,000 events");
	check(
	    &n, 6, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", "would have hit 41,000 events");
	check(&n, 7, "[domain-name:value = 'rare.example' OR ipv4-addr:value = '198.51.100.7']",
	    "198.51.100.7 would");
	end(&n);
}

/* A pattern that is more than values, over one kind of them, would hit all that it is true of. */
static void a_pattern_is_asked_of_what_was_seen_too(void **state)
{
	struct node n;

	(void)state;
	make(&n);
	check(&n, 1, "[domain-name:value LIKE '%.cloud.example']",
	    "its pattern would have hit 3,000 events of about ");
	check(&n, 2,
	    "[domain-name:value MATCHES '^[a-c][.]cloud' AND domain-name:value LIKE '%example']",
	    "its pattern would have hit 3,000 events");
	check(&n, 3, "[domain-name:value LIKE 'b%.example']", NULL); /* two machines */
	check(&n, 4, "[domain-name:value LIKE '%.never.example']", NULL);
	/* Of whole events the history knows nothing. */
	check(&n, 5,
	    "[domain-name:value LIKE '%.cloud.example' AND network-traffic:dst_port = 443]", NULL);
	end(&n);
}

static void another_pattern_is_judged_anew_and_a_release_stands(void **state)
{
	static const char BUSY[] = "[ipv4-addr:value = '198.51.100.7']";
	struct node n;
	struct str path, json;

	(void)state;
	make(&n);
	bring(&n, 1, 1, BUSY);
	assert_true(state_of(&n, 1, BUSY).quarantined);
	assert_true(kept_back(&n, 1));
	bring(&n, 1, 2, "[domain-name:value = 'rare.example']");
	assert_false(state_of(&n, 1, "[domain-name:value = 'rare.example']").quarantined);
	assert_false(kept_back(&n, 1));
	bring(&n, 1, 3, BUSY);
	assert_true(state_of(&n, 1, BUSY).quarantined);
	path = arena_printf(n.w.arena, STORE_GUARD "%.*s", STR_ARG(id_of(&n, 1)));
	json =
	    arena_printf(n.w.arena, "{\"state\":\"released\",\"by\":\"anna\",\"pattern\":\"%.*s\"}",
	        STR_ARG(guard_pattern_hash(n.w.arena, str_c(BUSY))));
	WORLD_OK(&n.w, admin_decide(&n.ctx, path, json, &n.w.fault));
	world_commit(&n.w);
	bring(&n, 1, 4, BUSY);
	assert_false(state_of(&n, 1, BUSY).quarantined);
	end(&n);
}

static void without_a_history_nothing_is_held_against_it(void **state)
{
	struct node n = {.config = {.impact_events = 1, .impact_hosts = 1}};

	(void)state;
	world_make(&n.w);
	n.log = (struct log){.env = &n.w.env, .role = S("core"), .level = LOG_ALERT, .fd = 2};
	n.ctx = (struct command_ctx){.store = n.w.store,
	    .people = n.w.people,
	    .env = &n.w.env,
	    .log = &n.log,
	    .config = &n.config,
	    .dir = str_c(n.w.dir),
	    .commit = commit_later};
	WORLD_OK(&n.w, ADMIN_IMPACT.open(&n.part, &n.ctx, &n.w.fault));
	check(&n, 1, "[ipv4-addr:value = '198.51.100.7']", NULL);
	end(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_hits_too_much_is_quarantined_with_the_figures),
	    cmocka_unit_test(a_pattern_is_asked_of_what_was_seen_too),
	    cmocka_unit_test(another_pattern_is_judged_anew_and_a_release_stands),
	    cmocka_unit_test(without_a_history_nothing_is_held_against_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
