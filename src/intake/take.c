/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/take.h"

#include <string.h>

#include "base/mem.h"
#include "codec/jcs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intake/foreign.h"
#include "view/purge/purge.h"

enum {
	PENDING_MAX = 1024,
	PENDING_SLOTS = 4096, /* power of two, more than PENDING_MAX */
	RECENT = 8192,
	COMPARE_MEMORY = 512 << 20,
};

struct members {
	const struct store *store;
	struct feeds *feeds;
	struct {
		uint64_t seq;
		uint64_t record; /* of the membership: once the view has taken it, ask the view */
		uint32_t feed;
	} recent[RECENT]; /* by seq; an older one is forgotten */
};

struct take {
	struct take_options options;
	uint64_t total, taken, duplicates, refused, above;
	struct buf failures, successes;
	struct json_writer failure_writer, success_writer;
	uint64_t named_failures, named_successes;
	struct arena *arena;
	struct arena *look; /* for one label */
	struct record pending[PENDING_MAX];
	bool silent[PENDING_MAX]; /* a membership, counted when it was found */
	size_t count;
	uint64_t slots[PENDING_SLOTS]; /* fingerprints of the ids pending, 0: free */
};

struct members *members_new(const struct store *store, struct feeds *feeds)
{
	struct members *m = mem_alloc(sizeof(*m));

	m->store = store;
	m->feeds = feeds;
	return m;
}

void members_free(struct members *m)
{
	mem_free(m);
}

static void members_note(struct members *m, uint32_t feed, uint64_t seq, uint64_t record)
{
	m->recent[seq % RECENT].seq = seq;
	m->recent[seq % RECENT].record = record;
	m->recent[seq % RECENT].feed = feed;
}

static bool members_has(const struct members *m, uint32_t feed, uint64_t seq)
{
	uint64_t cursor = m->feeds ? feeds_cursor(m->feeds) : 0;

	if (m->recent[seq % RECENT].seq == seq && m->recent[seq % RECENT].feed == feed &&
	    m->recent[seq % RECENT].record >= cursor)
		return true;
	/* The view knows of removals too, once it has come this far. */
	if (seq < cursor)
		return feeds_has(m->feeds, feed, seq);
	return store_row(m->store, seq)->feed == feed;
}

struct take *take_new(const struct take_options *options)
{
	struct take *t = mem_alloc(sizeof(*t));

	t->options = *options;
	t->arena = arena_new(COMPARE_MEMORY);
	t->look = arena_new(COMPARE_MEMORY);
	buf_init(&t->failures, TAKE_TEXT_MAX);
	buf_init(&t->successes, TAKE_TEXT_MAX);
	t->failure_writer = json_writer(&t->failures);
	t->success_writer = json_writer(&t->successes);
	json_list(&t->failure_writer, NULL);
	json_list(&t->success_writer, NULL);
	return t;
}

void take_free(struct take *t)
{
	if (!t)
		return;
	arena_free(t->arena);
	arena_free(t->look);
	buf_free(&t->failures);
	buf_free(&t->successes);
	mem_free(t);
}

uint64_t take_good(const struct take *t)
{
	return t->taken + t->duplicates;
}

uint64_t take_above(const struct take *t)
{
	return t->above;
}

static void put_version(struct json_writer *w, int64_t version)
{
	if (version)
		json_put_time(w, "version", version);
}

static void name_failure(struct take *t, const struct prepared *p, struct str message)
{
	struct json_writer *w = &t->failure_writer;

	t->refused++;
	if (t->named_failures == TAKE_NAMED_MAX)
		return;
	t->named_failures++;
	json_object(w, NULL);
	if (p->id.n)
		json_put_str(w, "id", p->id);
	put_version(w, p->version);
	if (p->refused && p->path.n)
		json_put_str(w, "path", p->path);
	json_put_str(w, "message", message);
	json_end_object(w);
}

static void name_success(struct take *t, struct str id, int64_t version, usec added)
{
	struct json_writer *w = &t->success_writer;

	if (!t->options.detail || t->named_successes == TAKE_NAMED_MAX)
		return;
	t->named_successes++;
	json_object(w, NULL);
	json_put_str(w, "id", id);
	put_version(w, version ? version : added);
	json_end_object(w);
}

static enum err flush(struct take *t, struct fault *fault)
{
	uint64_t first;

	if (t->count == 0)
		return OK;
	TRY(store_append(t->options.store, t->pending, t->count, &first, fault));
	for (size_t i = 0; i < t->count; i++) {
		const struct record *r = &t->pending[i];

		t->taken += !t->silent[i];
		name_success(t, r->id, r->version, r->added);
	}
	t->count = 0;
	memset(t->slots, 0, sizeof(t->slots));
	return OK;
}

/* Whether the id may be pending already; notes it. */
static bool id_pending(struct take *t, struct str id)
{
	uint64_t h = 0xcbf29ce484222325U;
	size_t at;

	for (size_t i = 0; i < id.n; i++)
		h = (h ^ (unsigned char)id.p[i]) * 0x100000001b3U;
	h |= 1;
	for (at = h >> 40; t->slots[at % PENDING_SLOTS]; at++)
		if (t->slots[at % PENDING_SLOTS] == h)
			return true;
	t->slots[at % PENDING_SLOTS] = h;
	return false;
}

static void push(struct take *t, const struct record *r, bool silent)
{
	t->pending[t->count] = *r;
	t->silent[t->count] = silent;
	t->count++;
}

static bool same_canonical(struct take *t, struct str a, struct str b)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct str texts[2] = {a, b};
	struct buf out[2];
	bool same = true;

	for (size_t i = 0; i < 2; i++) {
		yyjson_val *root;

		buf_init(&out[i], STORE_CONTENT_MAX * 2);
		same = same && json_parse(&root, t->arena, texts[i], &limits, NULL) == OK &&
		       jcs_write(&out[i], t->arena, root, NULL) == OK;
	}
	same = same && str_eq(buf_str(&out[0]), buf_str(&out[1]));
	buf_free(&out[0]);
	buf_free(&out[1]);
	return same;
}

static void duplicate(struct take *t, uint64_t seq)
{
	const struct row *row = store_row(t->options.store, seq);
	struct record r = {
	    .kind = RECORD_MEMBER,
	    .tag = row->tag,
	    .flags = row->flags,
	    .id = store_id(t->options.store, seq),
	    .version = row->version,
	    .label = store_label(t->options.store, row->label),
	    .source = t->options.source,
	    .feed = t->options.feed,
	};

	t->duplicates++;
	if (!t->options.feed || members_has(t->options.members, t->options.feed, seq)) {
		name_success(t, r.id, row->version, row->added);
		return;
	}
	members_note(t->options.members, t->options.feed, seq,
	    store_size_pending(t->options.store) + t->count);
	push(t, &r, true);
}

static void take_new_object(struct take *t, const struct prepared *p, struct str content)
{
	struct record r = {
	    .kind = RECORD_OBJECT,
	    .tag = p->tag,
	    .flags = p->flags,
	    .id = p->id,
	    .version = p->version,
	    .label = p->label,
	    .source = t->options.source,
	    .feed = t->options.feed,
	    .content = content,
	};

	push(t, &r, false);
}

/* A made indicator: nothing new is a duplicate, something new is a version of what there is. */
static void take_made(struct take *t, const struct prepared *p, uint64_t newest)
{
	struct str old = store_content(t->options.store, newest), content = p->content;
	const struct row *row = store_row(t->options.store, newest);

	if (foreign_made_same(old, content)) {
		duplicate(t, newest);
		return;
	}
	content = foreign_made_again(t->arena, content, old);
	if (row->kind != RECORD_OBJECT || !content.p || p->version <= row->version) {
		name_failure(t, p, S("the indicator for this value has a newer version"));
		return;
	}
	take_new_object(t, p, content);
}

static uint64_t newest_object(const struct store *s, struct str id)
{
	uint64_t seq = store_find(s, id);

	while (seq != STORE_NONE && store_row(s, seq)->kind != RECORD_OBJECT)
		seq = store_older(s, seq);
	return seq;
}

/* Markings that intake could not know are in the ledger, or unknown. */
static bool complete_label(struct take *t, struct prepared *p)
{
	struct label label = prepared_label(p, t->options.store, t->look);
	char bytes[LABEL_ENCODED_MAX];
	size_t n = label_encode(&label, bytes);

	p->label = arena_str(t->arena, (struct str){bytes, n});
	return p->label.p != NULL;
}

/* Why this may not be here, or not be said by whoever submits, when it is news; NULL: it may. */
static const char *refusal(struct take *t, const struct prepared *p, uint64_t seq)
{
	const struct store *s = t->options.store;
	const struct label label = label_decode(p->label);
	const char *why = ceiling_refuses(&t->options.ceiling, p->tag, &label);
	bool news =
	    seq == STORE_NONE || (p->made && !foreign_made_same(store_content(s, seq), p->content));

	t->above += why != NULL;
	if (!why && purge_forbids(s, p->id, p->version))
		why = "it was purged here";
	if (why)
		return why;
	return news ? authority_refuses(
	                  &t->options.authority, s, p, newest_object(s, p->id), t->look)
	            : NULL;
}

/* `seq` is the same version of the object (of a made one, any), or STORE_NONE. */
static void take_version(struct take *t, const struct prepared *p, uint64_t seq)
{
	const struct store *s = t->options.store;
	const char *why = refusal(t, p, seq);

	if (why)
		name_failure(t, p, str_c(why));
	else if (seq == STORE_NONE)
		take_new_object(t, p, p->content);
	else if (p->made)
		take_made(t, p, seq);
	else if (str_eq(store_content(s, seq), p->content) ||
	         same_canonical(t, store_content(s, seq), p->content))
		duplicate(t, seq);
	else
		name_failure(t, p,
		    S("an object with this id and version is there already and says something "
		      "else"));
}

static enum err take_one(struct take *t, const struct prepared *given, struct fault *fault)
{
	struct store *s = t->options.store;
	struct prepared whole = *given;
	const struct prepared *p = &whole;
	uint64_t seq;

	t->total++;
	if (p->refused) {
		name_failure(t, p, p->message);
		return OK;
	}
	if (p->refs.n && !complete_label(t, &whole)) {
		name_failure(t, p, S("its label needs more memory than allowed"));
		return OK;
	}
	if (t->count == PENDING_MAX || id_pending(t, p->id)) {
		TRY(flush(t, fault));
		(void)id_pending(t, p->id);
	}
	seq = p->made ? store_find(s, p->id) : store_find_version(s, p->id, p->version);
	take_version(t, p, seq);
	return OK;
}

enum err take_batch(struct take *t, struct str batch, struct fault *fault)
{
	struct rd in = rd_of(batch);
	uint32_t count = rd_u32(&in);
	enum err rc = OK;

	arena_reset(t->arena);
	for (uint32_t i = 0; i < count && rc == OK; i++) {
		struct prepared p;

		if (!prepared_get(&p, &in)) {
			rc = fail(fault, ERR_PARSE, "object %u of the batch is damaged", i);
			break;
		}
		rc = take_one(t, &p, fault);
	}
	if (rc == OK && !rd_done(&in))
		rc = fail(fault, ERR_PARSE, "the batch holds more than its objects");
	if (rc == OK)
		rc = flush(t, fault);
	t->count = 0;
	memset(t->slots, 0, sizeof(t->slots));
	return rc;
}

void take_break_off(struct take *t, struct str why)
{
	const struct prepared p = {.refused = true};

	t->total++;
	name_failure(t, &p, why);
}

void take_report(struct take *t, struct buf *out)
{
	struct json_writer w = json_writer(out);

	json_end_list(&t->failure_writer);
	json_end_list(&t->success_writer);
	json_object(&w, NULL);
	json_put_int(&w, "total", (int64_t)t->total);
	json_put_int(&w, "taken", (int64_t)t->taken);
	json_put_int(&w, "duplicates", (int64_t)t->duplicates);
	json_put_int(&w, "refused", (int64_t)t->refused);
	if (t->above)
		json_put_int(&w, "above_ceiling", (int64_t)t->above);
	json_put_raw(&w, "failures", buf_str(&t->failures));
	if (t->options.detail)
		json_put_raw(&w, "successes", buf_str(&t->successes));
	json_end_object(&w);
}
