/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/hunt/hunt.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/hunt/internal.h"

enum { HUNT_BYTES = 256 << 20 };

static enum err find_sources(struct gate_hunt *h, const struct gate_ask *ask, struct fault *fault)
{
	struct gate_sources all;

	TRY(gate_sources(ask, &all, fault));
	h->sources.names = arena_array(h->arena, all.count, sizeof(*h->sources.names));
	if (!h->sources.names)
		return fail(fault, ERR_NOMEM, "no memory for sources");
	for (size_t i = 0; i < all.count; i++) {
		struct str name = arena_str(h->arena, all.items[i].name);

		if (!name.p)
			return fail(fault, ERR_NOMEM, "no memory for sources");
		h->sources.names[h->sources.count++] = name;
	}
	if (h->sources.count > 1)
		qsort(h->sources.names, h->sources.count, sizeof(struct str), str_order);
	return OK;
}

static enum err open_history(struct gate *g, struct fault *fault)
{
	if (!g->history)
		TRY(history_reader_open(&g->history, str_c(g->history_dir), fault));
	return history_refresh(g->history, fault);
}

static enum err begin(struct gate_hunt *h, const struct gate_ask *ask, struct fault *fault)
{
	const struct gate_hunt_options *o = &h->options;

	h->until = o->until ? o->until : env_now(ask->gate->env);
	if (o->since >= h->until)
		return fail(fault, ERR_INVALID, "since must be before until, and before now");
	TRY(extract_values(&h->found, h->arena, o->text, fault));
	h->options.text = STR_NONE;
	if (h->found.count == 0)
		return fail(fault, ERR_INVALID,
		    "the text holds no value that can be hunted: no address, name, URL, mail "
		    "address, hash, JA4 or pattern");
	TRY(find_sources(h, ask, fault));
	return open_history(ask->gate, fault);
}

enum err gate_hunt_new(struct gate_hunt **out, const struct gate_ask *ask,
    const struct gate_hunt_options *options, struct fault *fault)
{
	struct gate_hunt *h = mem_alloc(sizeof(*h));
	enum err rc;

	h->arena = arena_new(HUNT_BYTES);
	h->options = *options;
	rc = begin(h, ask, fault);
	if (rc != OK) {
		gate_hunt_free(h);
		return rc;
	}
	*out = h;
	return OK;
}

void gate_hunt_free(struct gate_hunt *h)
{
	if (!h)
		return;
	arena_free(h->arena);
	mem_free(h);
}

size_t gate_hunt_count(const struct gate_hunt *h)
{
	return h->found.count;
}

bool gate_hunt_more(const struct gate_hunt *h)
{
	return h->found.more;
}

usec gate_hunt_since(const struct gate_hunt *h)
{
	return h->options.since;
}

usec gate_hunt_until(const struct gate_hunt *h)
{
	return h->until;
}

struct gate_hunt_value gate_hunt_value(
    const struct gate_hunt *h, const struct gate_ask *ask, size_t n)
{
	const struct extracted *e = &h->found.list[n];
	struct gate_hunt_value v = {.value = e->pattern, .type = S("pattern")};

	if (!e->pattern.p) {
		v.value = term_text(ask->arena, &e->term);
		v.type = str_c(term_kind_name(e->term.kind));
	}
	v.written = e->written.n == 0 || str_eq(v.value, e->written) ? STR_NONE : e->written;
	return v;
}

/* A digest may be of a file, of a certificate or of a TLS hello: whoever has it in hand may not
 * know. */
static const struct {
	enum term_kind kind;
	enum term_kind others[4]; /* ends with itself */
} ALIKE[] = {
    {TERM_MD5, {TERM_CERT_MD5, TERM_JA3, TERM_JA3S, TERM_MD5}},
    {TERM_SHA1, {TERM_CERT_SHA1, TERM_SHA1}},
    {TERM_SHA256, {TERM_CERT_SHA256, TERM_SHA256}},
};

static bool is_network(const struct term *t)
{
	return (t->kind == TERM_IPV4 || t->kind == TERM_IPV6) && t->prefix != 8 * t->value.n;
}

enum err hunt_look_up(const struct gate_hunt *h, struct history_reader *r, const struct term *t,
    history_fn fn, void *ctx, struct fault *fault)
{
	usec since = h->options.since;
	struct term other = *t;

	if (is_network(t))
		return history_network(r, t, since, h->until, fn, ctx, fault);
	if (t->kind == TERM_DOMAIN && !h->options.exact)
		return history_below(r, t, since, h->until, fn, ctx, fault);
	TRY(history_find(r, t, since, h->until, fn, ctx, fault));
	for (size_t i = 0; i < sizeof(ALIKE) / sizeof(ALIKE[0]); i++)
		for (size_t k = 0; ALIKE[i].kind == t->kind && ALIKE[i].others[k] != t->kind; k++) {
			other.kind = ALIKE[i].others[k];
			TRY(history_find(r, &other, since, h->until, fn, ctx, fault));
		}
	return OK;
}

/* The answer to the value itself, which comes first: what was never seen is one too. */
static enum err own_answer(
    struct gate_hunt_answer **out, struct hunt_gather *g, const struct term *t, struct fault *fault)
{
	struct str asked = term_text(g->ask->arena, t);
	struct gate_hunt_answer own;

	*out = NULL;
	for (size_t i = 0; i < g->count && !*out; i++)
		if (str_eq(g->items[i].value, asked))
			*out = &g->items[i];
	if (*out || (g->count > 0 && t->kind != TERM_DOMAIN) || !hunt_gather_add(g, t))
		return g->failed ? fail(fault, ERR_NOMEM, "no memory for answers") : OK;
	own = g->items[g->count - 1];
	memmove(&g->items[1], &g->items[0], (g->count - 1) * sizeof(own));
	g->items[0] = own;
	*out = &g->items[0];
	return OK;
}

/* Indicators: of the value that was hunted (`own`) all that match it; of what was found in or below
 * it those that are narrower than that. */
static enum err add_known(struct hunt_gather *g, const struct gate_hunt_answer *own,
    const struct term *asked, struct fault *fault)
{
	struct hunt_known known;

	hunt_known_init(&known, g->ask, g->hunt->options.patient);
	for (size_t i = 0; i < g->count; i++)
		TRY(hunt_known(&known, &g->items[i], &g->items[i] == own ? NULL : asked, fault));
	return OK;
}

/* Names of DNS are those of the value itself. */
static enum err answer_term(struct hunt_gather *g, const struct term *t, struct fault *fault)
{
	bool address = t->kind == TERM_IPV4 || t->kind == TERM_IPV6;
	struct gate_hunt_answer *own;

	if (is_network(t))
		hunt_gather_total(g, t);
	TRY(hunt_look_up(g->hunt, g->ask->gate->history, t, hunt_gather_entry, g, fault));
	hunt_gather_end(g);
	TRY(own_answer(&own, g, t, fault));
	if (own && (t->kind == TERM_DOMAIN || (address && !is_network(t))))
		TRY(hunt_names(g->hunt, g->ask, t, own, fault));
	return add_known(g, own, t, fault);
}

static enum err refuse(struct hunt_gather *g, struct str pattern, struct str why)
{
	const struct term none = {.kind = TERM_URL, .value = S("")};
	struct gate_hunt_answer *a = hunt_gather_add(g, &none);

	if (!a)
		return ERR_NOMEM;
	a->value = pattern;
	a->type = S("pattern");
	a->refused = arena_str(g->ask->arena, why);
	return a->refused.p ? OK : ERR_NOMEM;
}

static enum err answer_pattern(struct hunt_gather *g, struct str pattern, struct fault *fault)
{
	struct gate_hunt *h = g->hunt;
	struct fault why;
	enum err rc = pattern_values_new(&h->scan, pattern, &why);

	if (rc == ERR_NOMEM)
		return fail(fault, rc, "no memory for a pattern");
	if (rc != OK)
		return refuse(g, pattern, str_c(why.text));
	rc = history_scan(g->ask->gate->history, pattern_values_kind(h->scan), h->options.since,
	    h->until, hunt_gather_entry, g, fault);
	hunt_gather_end(g);
	pattern_values_free(h->scan);
	h->scan = NULL;
	if (rc == OK)
		rc = add_known(g, NULL, NULL, fault);
	if (rc == OK && g->count == 0) {
		rc = refuse(g, pattern, S(""));
		if (rc == OK)
			g->items[0].refused = STR_NONE;
		if (rc == OK)
			g->items[0].more = g->more;
	}
	return rc;
}

enum err gate_hunt_next(struct gate_hunt *h, const struct gate_ask *ask,
    struct gate_hunt_answers *out, struct fault *fault)
{
	const struct extracted *e;
	struct hunt_gather g;
	enum err rc;

	if (h->next == h->found.count)
		return fail(fault, ERR_NOT_FOUND, "all is answered");
	e = &h->found.list[h->next];
	hunt_gather_init(&g, h, ask);
	rc =
	    e->pattern.p ? answer_pattern(&g, e->pattern, fault) : answer_term(&g, &e->term, fault);
	hunt_gather_end(&g);
	TRY(rc);
	h->next++;
	*out = (struct gate_hunt_answers){g.items, g.count};
	return OK;
}
