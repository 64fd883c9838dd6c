/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/analytics/findings.h"

#include <string.h>

#include "analytics/outbox.h"
#include "base/mem.h"
#include "intake/analytics/figures.h"
#include "intake/analytics/finding_objects.h"
#include "stix/object.h"
#include "stix/type.h"
#include "store/store.h"

enum {
	WORK_MEMORY = 1 << 20,
	JSON_BYTES_MAX = 256 << 10,
	WAITING_MAX = 1024, /* while there is no space */
	RECORDS_MAX = FINDING_OBSERVABLES + 2,
	FEED_EVERYTHING = 1,
};

static const usec HOUR = 3600 * USEC_PER_SEC;
static const usec SOON = USEC_PER_SEC;
static const usec TELL_AFTER = USEC_PER_SEC / 2;

/* How many a source gave in an hour. */
struct hourly {
	usec hour;
	uint32_t count;
};

struct waiting {
	uint64_t stream;
	struct finding finding;
};

struct findings {
	const struct command_ctx *ctx;
	struct streams *streams;
	struct uuid space;
	struct arena *arena;
	struct buf json;
	struct loop_timer *again, *tell;
	bool telling;
	struct hourly hourly[CONFIG_SOURCES_MAX];
	uint64_t figures[FINDING_FIGURES], told[FINDING_FIGURES];
	size_t waiting_count;
	struct waiting waiting[WAITING_MAX];
	/* Records being made. */
	struct record records[RECORDS_MAX];
	size_t content_at[RECORDS_MAX]; /* in `json`, which moves as it grows */
	size_t record_count;
};

static void retry(void *ctx);

static void tell(void *ctx)
{
	struct findings *x = ctx;

	x->telling = false;
	for (size_t i = 0; i < FINDING_FIGURES; i++)
		if (x->figures[i] != x->told[i])
			x->ctx->figure(x->ctx->core, FINDING_FIGURE[i].name, x->figures[i]);
	memcpy(x->told, x->figures, sizeof(x->told));
}

/* A little later, with what changes until then. */
static void count(struct findings *x, size_t figure, uint64_t more)
{
	x->figures[figure] += more;
	if (more == 0 || x->telling || !x->ctx->figure)
		return;
	loop_timer_set(x->tell, TELL_AFTER);
	x->telling = true;
}

struct findings *findings_new(const struct command_ctx *ctx, struct streams *streams)
{
	struct findings *x = mem_alloc(sizeof(*x));
	struct str type;

	x->ctx = ctx;
	x->streams = streams;
	x->arena = arena_new(WORK_MEMORY);
	buf_init(&x->json, JSON_BYTES_MAX);
	if (!stix_id_split(&type, &x->space, ctx->identity))
		x->space = (struct uuid){{0}};
	x->again = loop_timer_new(ctx->loop, retry, x);
	x->tell = loop_timer_new(ctx->loop, tell, x);
	return x;
}

void findings_close(struct findings *x)
{
	if (!x)
		return;
	loop_timer_free(x->again);
	loop_timer_free(x->tell);
	arena_free(x->arena);
	buf_free(&x->json);
	mem_free(x);
}

/* What has been written to `json` since `at`. */
static void add_record(
    struct findings *x, const struct stream_source *source, const char *id, usec version, size_t at)
{
	char label[LABEL_ENCODED_MAX];
	size_t n = label_encode(&source->label, label);
	struct str type;
	struct uuid uuid;
	struct record *r = &x->records[x->record_count];

	x->content_at[x->record_count++] = at;
	*r = (struct record){
	    .kind = RECORD_OBJECT,
	    .id = str_c(id),
	    .version = version,
	    .label = arena_str(x->arena, (struct str){label, n}),
	    .source = source->number,
	    .feed = FEED_EVERYTHING,
	    .content = {NULL, x->json.n - at},
	};
	if (stix_id_split(&type, &uuid, r->id))
		r->tag = (uint16_t)stix_type_of(type);
}

/* Those that the ledger has not. */
static enum err add_observables(struct findings *x, const struct stream_source *source,
    const struct finding *f, struct finding_made *m)
{
	struct term term;

	for (size_t i = 0; finding_observable(&term, f, i); i++) {
		size_t at = x->json.n;
		char *id = m->observables[m->observable_count++];

		TRY(sighting_observable(&x->json, id, &term, m->tlp, x->arena));
		if (store_find(x->ctx->store, str_c(id)) == STORE_NONE)
			add_record(x, source, id, 0, at);
	}
	return OK;
}

/* Whether the ledger has it already, as far as it goes; a person who took it back is obeyed. */
static bool is_known(struct findings *x, struct finding *f, struct finding_made *m)
{
	const struct store *s = x->ctx->store;
	uint64_t observed = store_find(s, str_c(m->observed)), note = store_find(s, str_c(m->note));

	if (observed == STORE_NONE && note == STORE_NONE)
		return false;
	if (observed == STORE_NONE || note == STORE_NONE ||
	    store_withdrawn(store_row(s, observed)) || store_withdrawn(store_row(s, note)))
		return true;
	return !finding_join(f, m, store_content(s, observed), x->arena);
}

static enum err append(struct findings *x, const struct stream_source *source, struct finding *f)
{
	usec now = env_now(x->ctx->env);
	struct finding_made m = {.tlp = source->label.tlp, .created = now, .modified = now};
	uint64_t first;
	size_t at;

	arena_reset(x->arena);
	buf_reset(&x->json);
	x->record_count = 0;
	finding_ids(&m, &x->space, f, source->name, x->arena);
	if (is_known(x, f, &m))
		return OK;
	TRY(add_observables(x, source, f, &m));
	at = x->json.n;
	finding_observed_data(&x->json, f, &m, x->ctx->identity);
	add_record(x, source, m.observed, m.modified, at);
	at = x->json.n;
	finding_note(&x->json, f, &m, source->name, x->ctx->identity);
	add_record(x, source, m.note, m.modified, at);
	TRY(x->json.failed);
	for (size_t i = 0; i < x->record_count; i++)
		x->records[i].content.p = x->json.p + x->content_at[i];
	TRY(store_append(x->ctx->store, x->records, x->record_count, &first, NULL));
	x->ctx->commit(x->ctx->core, NULL, NULL);
	count(x, f->detector, 1);
	return OK;
}

/* Keeps what there is no space for, up to a bound. */
static void wait_for_space(struct findings *x, uint64_t stream, const struct finding *f)
{
	x->ctx->full(x->ctx->core);
	loop_timer_set(x->again, SOON);
	if (x->waiting_count == WAITING_MAX)
		count(x, FINDING_DROPPED, 1);
	else
		x->waiting[x->waiting_count++] = (struct waiting){stream, *f};
}

static enum err take(struct findings *x, uint64_t stream, const struct finding *f)
{
	struct finding joined = *f;

	return append(x, streams_source(x->streams, stream), &joined);
}

static void retry(void *ctx)
{
	struct findings *x = ctx;
	size_t done = 0;

	while (done < x->waiting_count &&
	       take(x, x->waiting[done].stream, &x->waiting[done].finding) != ERR_FULL)
		done++;
	for (size_t i = done; i < x->waiting_count; i++)
		x->waiting[i - done] = x->waiting[i];
	x->waiting_count -= done;
	if (x->waiting_count)
		loop_timer_set(x->again, SOON);
}

/* A flood of made-up traffic fills no ledger, and takes nothing from other sources. */
static bool too_many(struct findings *x, uint64_t stream)
{
	struct hourly *h = &x->hourly[stream - 1];
	usec hour = env_now(x->ctx->env) / HOUR;

	if (hour != h->hour)
		*h = (struct hourly){.hour = hour};
	return h->count++ >= FINDINGS_HOUR_MAX;
}

enum err findings_message(struct findings *x, const struct chan_message *m)
{
	struct rd in = rd_of(m->body);
	uint32_t crowded = rd_u32(&in), found = rd_u32(&in);

	if (!streams_source(x->streams, m->id) || in.failed || found > OUTBOX_MAX)
		return ERR_PARSE;
	count(x, FINDING_CROWDED, crowded);
	for (uint32_t i = 0; i < found; i++) {
		struct finding f;
		enum err rc = OK;

		if (!finding_get(&f, &in))
			return ERR_PARSE;
		if (too_many(x, m->id))
			count(x, FINDING_DROPPED, 1);
		else
			rc = x->waiting_count ? ERR_FULL : take(x, m->id, &f);
		if (rc == ERR_FULL)
			wait_for_space(x, m->id, &f);
		else if (rc != OK)
			count(x, FINDING_DROPPED, 1);
	}
	return rd_done(&in) ? OK : ERR_PARSE;
}
