/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/range/absorb.h"

#include "intake/authority.h"
#include "intake/messages.h"
#include "intake/prepare.h"
#include "policy/label.h"
#include "seal/record.h"
#include "seal/redact.h"
#include "sync/introduction.h"
#include "view/purge/purge.h"
#include "view/voids.h"

enum { PURGES_MAX = 64 }; /* statements by one peer about one object */

static const char PURGED[] = "it was purged here";

static enum err push(
    struct absorb *a, const struct record *r, struct str originator, struct fault *fault)
{
	if (a->count == ABSORB_RECORDS_MAX)
		return fail(
		    fault, ERR_LIMIT, "a range comes to more than %d records", ABSORB_RECORDS_MAX);
	seen_add(&a->ids, r->id);
	a->originators[a->count] = originator;
	a->records[a->count++] = *r;
	return OK;
}

/* Whether these bytes are to be appended already, under an id; kinds apart. */
static const struct record *pending(
    const struct absorb *a, enum record_kind kind, struct str id, int64_t version, size_t *at)
{
	for (size_t i = seen_maybe(&a->ids, id) ? a->count : 0; i > 0; i--) {
		const struct record *r = &a->records[i - 1];

		if (r->kind == kind && r->version == version && str_eq(r->id, id)) {
			*at = i - 1;
			return r;
		}
	}
	return NULL;
}

static enum err take_seal(struct absorb *a, struct rd *in, struct fault *fault)
{
	struct str id = rd_bytes(in, SHA256_LEN), note = rd_text(in);
	struct buf path, content;
	struct record r = {.kind = RECORD_SEAL, .source = a->source};
	char label[LABEL_ENCODED_MAX];
	const struct label most = label_most_restrictive();
	size_t at;

	if (in->failed)
		return OK;
	buf_init(&path, 128);
	buf_init(&content, SEAL_NOTE_MAX + 64);
	buf_put(&path, S("seal/"));
	buf_hex(&path, id.p, id.n);
	seal_record_put_note(&content, note);
	r.id = arena_str(a->arena, buf_str(&path));
	r.content = arena_str(a->arena, buf_str(&content));
	r.label = arena_str(a->arena, (struct str){label, label_encode(&most, label)});
	buf_free(&path);
	buf_free(&content);
	if (!r.id.p || !r.content.p || !r.label.p)
		return fail(fault, ERR_NOMEM, "no memory for a seal");
	if (store_find(a->store, r.id) != STORE_NONE || pending(a, RECORD_SEAL, r.id, 0, &at))
		return OK;
	return push(a, &r, STR_NONE, fault);
}

static enum err push_envelope(
    struct absorb *a, const struct record *of, struct str envelope, struct fault *fault)
{
	const struct record r = {.kind = RECORD_ENVELOPE,
	    .tag = of->tag,
	    .id = of->id,
	    .version = of->version,
	    .label = of->label,
	    .source = of->source,
	    .content = envelope};

	return push(a, &r, STR_NONE, fault);
}

/* Hides what the peer gave, or shows it again. */
static enum err decide_retraction(
    struct absorb *a, struct str id, struct str label, bool hide, struct fault *fault)
{
	struct record r = {.kind = RECORD_DECISION,
	    .flags = hide ? RECORD_FLAG_RETRACTED : 0,
	    .version = a->now++,
	    .source = a->source,
	    .label = label,
	    .content = S("{}")};

	r.id = arena_printf(a->arena, STORE_RETRACT "%.*s", STR_ARG(id));
	if (!r.id.p || r.id.n > STORE_ID_MAX) {
		a->ignored++;
		return OK;
	}
	return push(a, &r, STR_NONE, fault);
}

/* Whether the peer has taken it back; what of this range is not appended yet counts. */
static bool is_retracted(struct absorb *a, struct str id)
{
	struct str path = arena_printf(a->arena, STORE_RETRACT "%.*s", STR_ARG(id));
	uint64_t seq;

	for (size_t i = a->count; i > 0; i--)
		if (a->records[i - 1].kind == RECORD_DECISION && str_eq(a->records[i - 1].id, path))
			return a->records[i - 1].flags & RECORD_FLAG_RETRACTED;
	seq = path.p && path.n <= STORE_ID_MAX ? store_find(a->store, path) : STORE_NONE;
	return seq != STORE_NONE && store_row(a->store, seq)->source == a->source &&
	       (store_row(a->store, seq)->flags & RECORD_FLAG_RETRACTED);
}

/* Only its own originator takes an object back. */
static bool is_from(const struct absorb *a, struct str id, struct str originator)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->records[i].kind == RECORD_OBJECT && str_eq(a->records[i].id, id))
			return str_eq(a->originators[i], originator);
	return authority_stated(a->store, id, originator);
}

static void note_kept_out(struct absorb *a, const struct prepared *p, const char *why)
{
	a->others++;
	a->other = p->id;
	a->why = why;
}

/* True, and counted, when this version may not be here, whoever states it. */
static bool is_forbidden(struct absorb *a, const struct prepared *p)
{
	const struct label label = label_decode(p->label);
	const char *why = ceiling_refuses(&a->ceiling, p->tag, &label);

	a->above += why != NULL;
	if (!why && purge_forbids(a->store, p->id, p->version))
		why = PURGED;
	if (why)
		note_kept_out(a, p, why);
	return why != NULL;
}

/* True, and counted, when this version is not for its originator to state. */
static bool keep_out(struct absorb *a, const struct prepared *p, struct str originator)
{
	const char *why = NULL;

	for (size_t i = seen_maybe(&a->ids, p->id) ? 0 : a->count; i < a->count && !why; i++)
		if (a->records[i].kind == RECORD_OBJECT && str_eq(a->records[i].id, p->id))
			why = authority_refuses_next(
			    &a->records[i], a->originators[i], p->version, originator);
	if (!why)
		why = authority_refuses_news(a->store, p->id, p->version, originator);
	if (why)
		note_kept_out(a, p, why);
	return why != NULL;
}

/* The copy that is here of the version that came, or is to be appended. */
struct copy {
	struct str content;  /* STR_NONE: there is none */
	struct str envelope; /* STR_NONE: it is our own */
};

static struct copy copy_of(const struct absorb *a, const struct prepared *p)
{
	uint64_t seq = store_find_version(a->store, p->id, p->version);
	struct copy have = {STR_NONE, STR_NONE};
	size_t at;

	if (pending(a, RECORD_OBJECT, p->id, p->version, &at))
		return (struct copy){a->records[at].content, a->records[at + 1].content};
	if (seq != STORE_NONE)
		have.content = store_content(a->store, seq);
	if (have.content.p && (store_row(a->store, seq)->flags & RECORD_FLAG_RECEIVED))
		have.envelope = store_content(a->store, seq + 1);
	return have;
}

/* What becomes of another copy of a version that is here. */
static enum seal_copy judge_copy(
    const struct absorb *a, const struct copy *have, struct str content, const struct envelope *e)
{
	if (str_eq(have->content, content))
		return SEAL_COPY_LESS;
	if (have->envelope.p)
		return seal_copy_compare(e, have->envelope);
	/* Our own comes back without some of its members; what is there was checked. */
	return e->leaves.p && str_eq(e->statement.originator, a->own) ? SEAL_COPY_LESS
	                                                              : SEAL_COPY_OTHER;
}

static enum err take_object(struct absorb *a, struct rd *in, struct fault *fault)
{
	struct record r = {.kind = RECORD_OBJECT, .source = a->source, .feed = a->feed};
	enum seal_copy copy = SEAL_COPY_MORE;
	struct prepared p = {0};
	struct str originator, envelope;
	struct envelope e;
	struct copy have;

	if (!prepared_get(&p, in) || p.refused)
		return fail(fault, ERR_PARSE, "an object of a range is damaged");
	originator = rd_text(in);
	envelope = rd_text(in);
	if (in->failed)
		return OK;
	TRY(envelope_read(&e, envelope, fault));
	if (is_forbidden(a, &p))
		return OK;
	if (a->retractions && is_retracted(a, p.id))
		TRY(decide_retraction(a, p.id, p.label, false, fault));
	have = copy_of(a, &p);
	if (have.content.p)
		copy = judge_copy(a, &have, p.content, &e);
	a->duplicates += copy == SEAL_COPY_LESS;
	a->differs += copy == SEAL_COPY_OTHER;
	if (copy != SEAL_COPY_MORE)
		return OK;
	if (keep_out(a, &p, originator))
		return OK;
	r.tag = p.tag;
	r.flags =
	    (uint8_t)(p.flags | RECORD_FLAG_RECEIVED | (e.leaves.p ? RECORD_FLAG_REDACTED : 0) |
	              (have.content.p ? RECORD_FLAG_REPLACES : 0));
	r.id = p.id;
	r.version = p.version;
	r.label = p.label;
	r.content = p.content;
	a->taken++;
	TRY(push(a, &r, originator, fault));
	return push_envelope(a, &r, envelope, fault);
}

struct withdrawal {
	int64_t version;
	struct str id, originator, label, content, envelope;
};

static enum err take_withdrawal(struct absorb *a, const struct withdrawal *w, struct fault *fault)
{
	struct record r = {.kind = RECORD_DECISION,
	    .flags = RECORD_FLAG_RECEIVED,
	    .version = w->version,
	    .label = w->label,
	    .source = a->source,
	    .content = w->content};
	size_t at;

	r.id = arena_printf(a->arena, STORE_WITHDRAW "%.*s", STR_ARG(w->id));
	if (!r.id.p || r.id.n > STORE_ID_MAX || !is_from(a, w->id, w->originator)) {
		a->ignored++;
		return OK;
	}
	if (store_find(a->store, r.id) != STORE_NONE ||
	    pending(a, RECORD_DECISION, r.id, r.version, &at)) {
		a->duplicates++;
		return OK;
	}
	a->withdrawn++;
	TRY(push(a, &r, STR_NONE, fault));
	return push_envelope(a, &r, w->envelope, fault);
}

/* Whether it comes from whom it may: the object's originator, or the peer that gave it here, for
 * what it gave; or it says that the peer did what was asked for, here or through here. */
static bool may_purge(const struct absorb *a, struct str path, const struct withdrawal *w)
{
	if (is_from(a, w->id, w->originator))
		return true;
	if (!str_eq(w->originator, a->from))
		return false;
	if (store_find(a->store, path) != STORE_NONE)
		return true;
	for (uint64_t seq = store_find(a->store, w->id); seq != STORE_NONE;
	    seq = store_older(a->store, seq))
		if (store_row(a->store, seq)->kind == RECORD_OBJECT &&
		    store_row(a->store, seq)->source == a->source)
			return true;
	return false;
}

/* A peer says it once, or once a version; one that says it without end is not listened to. */
static bool says_too_much(const struct absorb *a, struct str path)
{
	unsigned count = 0;

	for (uint64_t seq = store_find(a->store, path); seq != STORE_NONE;
	    seq = store_older(a->store, seq))
		count += store_row(a->store, seq)->source == a->source;
	return count >= PURGES_MAX;
}

/* Kept as it came: who asked, or who has done it. What is done about it is for this node to say. */
static enum err take_purge(struct absorb *a, const struct withdrawal *w, struct fault *fault)
{
	struct record r = {.kind = RECORD_DECISION,
	    .flags = RECORD_FLAG_RECEIVED,
	    .version = w->version,
	    .label = w->label,
	    .source = a->source,
	    .content = w->content};
	size_t at;

	r.id = arena_printf(a->arena, STORE_PURGE "%.*s", STR_ARG(w->id));
	if (!r.id.p || r.id.n > STORE_ID_MAX || !may_purge(a, r.id, w) || says_too_much(a, r.id)) {
		a->ignored++;
		return OK;
	}
	if (store_find_version(a->store, r.id, r.version) != STORE_NONE ||
	    pending(a, RECORD_DECISION, r.id, r.version, &at)) {
		a->duplicates++;
		return OK;
	}
	if (a->purge_count < ABSORB_OBJECTS_MAX)
		a->purges[a->purge_count++] = w->id;
	TRY(push(a, &r, STR_NONE, fault));
	return push_envelope(a, &r, w->envelope, fault);
}

/* What the peer gave and takes back hides what came from it. */
static enum err take_retraction(struct absorb *a, const struct withdrawal *w, struct fault *fault)
{
	uint64_t seq = store_find(a->store, w->id);

	while (seq != STORE_NONE && store_row(a->store, seq)->source != a->source)
		seq = store_older(a->store, seq);
	/* Hidden already, and only that version. */
	if (store_find(a->store, store_void_path(a->arena, w->version, w->id)) != STORE_NONE)
		seq = STORE_NONE;
	if (seq == STORE_NONE) {
		a->ignored++;
		return OK;
	}
	a->retractions = true;
	return decide_retraction(a, w->id, w->label, true, fault);
}

/* What an originator says of its keys, brought by whoever relays its seals. It stands by itself: it
 * is kept whatever becomes of the range. */
static enum err take_keys(struct absorb *a, struct rd *in, struct fault *fault)
{
	const struct label most = label_most_restrictive();
	char label[LABEL_ENCODED_MAX];
	struct str name = rd_text(in), note = rd_text(in);
	bool introduces = str_starts(note, NODE_STATEMENT_HEAD);
	const struct keys_said said = {.name = name,
	    .note = note,
	    .by = introduces ? a->by : S("relay"),
	    .label = {label, label_encode(&most, label)},
	    .now = a->now,
	    .log = a->log};

	if (in->failed)
		return OK;
	/* Nobody says who we are. */
	if ((introduces && str_eq(name, a->own)) ||
	    keys_said_keep(a->writer, &said, a->arena, fault) != OK)
		a->ignored++;
	return OK;
}

static enum err take_back(struct absorb *a, unsigned what, struct rd *in, struct fault *fault)
{
	struct withdrawal w = {.version = (int64_t)rd_u64(in)};

	w.id = rd_text(in);
	w.originator = rd_text(in);
	w.label = rd_text(in);
	w.content = rd_text(in);
	w.envelope = rd_text(in);
	if (in->failed)
		return OK;
	if (what == RANGE_PURGE)
		return take_purge(a, &w, fault);
	return what == RANGE_WITHDRAWAL ? take_withdrawal(a, &w, fault)
	                                : take_retraction(a, &w, fault);
}

enum err absorb_items(struct absorb *a, struct str items, struct fault *fault)
{
	struct rd in = rd_of(items);
	uint32_t count = rd_u32(&in);

	for (uint32_t i = 0; i < count && !in.failed; i++) {
		unsigned what = rd_u8(&in);

		if (what == RANGE_SEAL)
			TRY(take_seal(a, &in, fault));
		else if (what == RANGE_KEYS)
			TRY(take_keys(a, &in, fault));
		else if (what == RANGE_OBJECT)
			TRY(take_object(a, &in, fault));
		else if (what >= RANGE_WITHDRAWAL && what <= RANGE_PURGE)
			TRY(take_back(a, what, &in, fault));
		else
			in.failed = true;
	}
	if (!rd_done(&in))
		return fail(fault, ERR_PARSE, "a batch of a range is damaged");
	return OK;
}
