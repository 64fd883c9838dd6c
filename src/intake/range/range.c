/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/range/range.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "codec/zstd.h"
#include "intake/messages.h"
#include "intake/prepare.h"
#include "seal/seal.h"
#include "store/store.h"
#include "sync/edge.h"
#include "sync/introduction.h"
#include "sync/peer.h"
#include "sync/range.h"
#include "sys/files.h"

enum {
	ARGS_MEMORY = 16 << 20,
	FILE_MEMORY = SYNC_BODY_MAX + 4096,
	OBJECT_MEMORY = 256 << 20,
	AUTHORS_MAX = 4096,
	AUTHOR_FORMER_MAX = 64,
	STRANGERS_MAX = 256, /* introduced by one range */
	WAITING_MAX = 64,    /* statements of rotation */
};

/* Whose seals can be checked. */
struct author {
	struct str identity, name;
	struct str lines; /* the keys that count now */
	struct note_keys keys;
	bool refused; /* a person here does not believe who introduced it */
	usec until;   /* of these */
	struct former_keys former[AUTHOR_FORMER_MAX]; /* the newest first */
	size_t former_count;
};

/* An originator's statement of rotation that was believed. */
struct keys_note {
	struct str name, note;
};

/* One that does not follow on what is known. */
struct waiting {
	struct rotation rotation;
	struct str note;
};

struct known_seal {
	struct seal seal;
	struct str note;
	bool known; /* its originator's keys are */
	bool late;  /* signed by keys that others followed before */
	bool sent;
};

struct range_job {
	struct waiting waiting[WAITING_MAX];
	size_t waiting_count;
	uint64_t id;
	struct arena *args;   /* what lives as long as the job */
	struct arena *file;   /* likewise: the message */
	struct arena *object; /* what lives as long as an object */
	struct buf unpacked;
	struct str peer, origin; /* its identity; of its feed to us */
	struct str own;          /* our identity; STR_NONE: strangers are not taken */
	struct author *authors;
	size_t author_count;
	usec now;
	struct keys_note *keys_notes; /* taken from the range, to be kept by core */
	size_t keys_count, keys_sent, strangers;
	struct sync_edge edge;
	struct sync_message message;
	struct sync_range range;
	struct checkpoint head;
	struct known_seal *seals;
	size_t seal_count;
	struct sha256 *leaves;
	size_t leaf_count;
	uint64_t at, length; /* of the message in its file; 0: all of it */
	uint64_t skip;       /* entries at its beginning that were taken before */
	bool urgent;         /* one object ahead of its place: no head, no edge */
	uint32_t refused,
	    unknown; /* objects that are kept out: not valid; of an unknown originator */
	char kept_out[FAULT_TEXT_MAX]; /* the last of them that nobody honest would send */
	struct buf batch;
	uint32_t batch_count;
	bool over;
	enum sync_reason reason;
	struct fault fault;
};

static struct author *find_author(struct range_job *j, struct str identity)
{
	for (size_t i = 0; i < j->author_count; i++)
		if (str_eq(j->authors[i].identity, identity))
			return &j->authors[i];
	return NULL;
}

static void read_former(struct author *a, yyjson_val *list)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(list);
	yyjson_val *item;

	a->former_count = 0;
	while ((item = yyjson_arr_iter_next(&it)) && a->former_count < AUTHOR_FORMER_MAX)
		a->former[a->former_count++] =
		    (struct former_keys){.keys = json_get_str(item, "keys"),
		        .until = yyjson_get_sint(yyjson_obj_get(item, "until")),
		        .foreign = yyjson_get_bool(yyjson_obj_get(item, "foreign")),
		        .learned = yyjson_get_sint(yyjson_obj_get(item, "learned"))};
}

static enum err read_authors(struct range_job *j, yyjson_val *list)
{
	size_t i, max;
	yyjson_val *item;

	/* Seals name no more strangers than there are notes. */
	j->authors =
	    arena_array(j->args, yyjson_arr_size(list) + STRANGERS_MAX, sizeof(*j->authors));
	if (!j->authors)
		return fail(&j->fault, ERR_NOMEM, "no memory for keys");
	yyjson_arr_foreach(list, i, max, item)
	{
		struct author *a = &j->authors[j->author_count];

		if (j->author_count == AUTHORS_MAX)
			break;
		a->identity = json_get_str(item, "identity");
		a->name = json_get_str(item, "name");
		a->lines = json_get_str(item, "keys");
		TRY(note_keys_parse(&a->keys, j->args, a->lines, &j->fault));
		a->refused = yyjson_get_bool(yyjson_obj_get(item, "refused"));
		a->until = yyjson_get_sint(yyjson_obj_get(item, "until"));
		read_former(a, yyjson_obj_get(item, "former"));
		j->author_count++;
	}
	return OK;
}

static enum err read_args(struct range_job *j, struct str body)
{
	const struct json_limits limits = {.bytes = ARGS_MEMORY / 4, .depth = 6};
	struct str edge;
	yyjson_val *args;

	TRY(json_parse(&args, j->args, arena_str(j->args, body), &limits, &j->fault));
	j->peer = json_get_str(args, "peer");
	j->origin = json_get_str(args, "origin");
	j->own = json_get_str(args, "own");
	j->now = yyjson_get_sint(yyjson_obj_get(args, "now"));
	j->at = yyjson_get_uint(yyjson_obj_get(args, "at"));
	j->length = yyjson_get_uint(yyjson_obj_get(args, "length"));
	j->urgent = yyjson_get_bool(yyjson_obj_get(args, "urgent"));
	TRY(read_authors(j, yyjson_obj_get(args, "authors")));
	TRY(base64_decode(&edge, j->args, json_get_str(args, "edge")));
	return sync_edge_get(&j->edge, edge, &j->fault);
}

/* A note that the author's keys signed, or former ones of it; *until: up to when those counted,
 * *good: they were never in other hands. ERR_NOT_FOUND, or another error, when none did. */
static enum err open_note(struct range_job *j, const struct author *a, struct str note,
    struct str *text, usec *until, bool *good)
{
	enum err rc = note_open_all(text, note, &a->keys, &j->fault);

	*until = a->until;
	*good = a->until == INT64_MAX;
	for (size_t i = 0; i < a->former_count && rc == ERR_NOT_FOUND; i++) {
		struct note_keys keys;

		TRY(note_keys_parse(&keys, j->args, a->former[i].keys, &j->fault));
		*until = a->former[i].until;
		*good = !a->former[i].foreign;
		rc = note_open_all(text, note, &keys, &j->fault);
	}
	if (rc == OK)
		j->fault.code = OK;
	return rc;
}

/* What a peer that keeps to the protocol does not send. */
static enum err refuse(struct range_job *j, enum sync_reason reason)
{
	j->reason = reason;
	if (j->fault.code != ERR_CONFLICT)
		j->fault.code = ERR_INVALID;
	return j->fault.code;
}

static enum err unpack(struct range_job *j, int fd)
{
	struct str body;

	if (j->length > SYNC_BODY_MAX)
		return fail(&j->fault, ERR_LIMIT, "a range is too long");
	TRY(j->length ? file_read_part(&body, j->file, fd, j->at, j->length, &j->fault)
	              : file_read_fd(&body, j->file, fd, SYNC_BODY_MAX, &j->fault));
	if (sync_message_get(&j->message, j->urgent ? SYNC_URGENT : SYNC_RANGE, body, &j->fault) !=
	    OK)
		return refuse(j, SYNC_REASON_MALFORMED);
	if (j->message.packing == SYNC_PLAIN)
		buf_put(&j->unpacked, j->message.packed);
	else if (zstd_unpack(&j->unpacked, j->message.packed, j->message.unpacked) != OK) {
		fault_set(&j->fault, ERR_PARSE, "a range does not unpack to the size it states");
		return refuse(j, SYNC_REASON_MALFORMED);
	}
	if (j->unpacked.failed)
		return fail(&j->fault, ERR_NOMEM, "no memory for a range");
	if (sync_range_open(&j->range, buf_str(&j->unpacked), j->message.count, &j->fault) != OK)
		return refuse(j, SYNC_REASON_MALFORMED);
	return OK;
}

static enum err check_head(struct range_job *j)
{
	struct author *peer = find_author(j, j->peer);
	struct str text;
	usec until;
	bool good;

	if (!peer)
		return fail(&j->fault, ERR_DENIED, "the peer's keys are not known");
	if (j->message.from < sync_edge_size(&j->edge))
		j->skip = sync_edge_size(&j->edge) - j->message.from;
	if (j->message.from > sync_edge_size(&j->edge) || j->skip >= j->message.count)
		return fail(&j->fault, ERR_BUSY, "the range does not begin where the last ended");
	if (open_note(j, peer, j->range.head, &text, &until, &good) != OK ||
	    checkpoint_parse(&j->head, text, &j->fault) != OK)
		return refuse(j, SYNC_REASON_REFUSED);
	if (j->now > until || !good) {
		fault_set(
		    &j->fault, ERR_INVALID, "the head is signed by keys that others followed");
		return refuse(j, SYNC_REASON_REFUSED);
	}
	if (!str_eq(j->head.origin, j->origin)) {
		fault_set(&j->fault, ERR_INVALID, "the head is that of another feed");
		return refuse(j, SYNC_REASON_REFUSED);
	}
	return OK;
}

/* Against the keys that its originator had when it was made. */
static enum err check_seal(struct range_job *j, struct known_seal *k, const struct author *author)
{
	struct str text;
	usec until;
	bool good;
	enum err rc;

	rc = open_note(j, author, k->note, &text, &until, &good);
	if (rc == ERR_NOT_FOUND) {
		/* Keys that are not known here, as after a node was made anew: a peer that passes
		 * it on does nothing wrong. */
		k->late = true;
		j->fault.code = OK;
		return OK;
	}
	TRY(rc);
	TRY(seal_of(&k->seal, text, author->identity, &j->fault));
	/* Keys that do not count any more: what came with them is left out, the rest is good. */
	k->late = k->seal.time >= until;
	return OK;
}

static struct str lines_of(struct range_job *j, const struct key_lines *k)
{
	return arena_printf(j->args, "%.*s\n%.*s", STR_ARG(k->key), STR_ARG(k->pq_key));
}

/* Keys that follow those that count. */
static bool add_next(struct range_job *j, struct author *a, const struct rotation *r)
{
	struct former_keys was = {.keys = a->lines, .until = r->time + ROTATION_OVERLAP};
	struct str after = lines_of(j, &r->after);
	struct note_keys keys;

	if (!after.p || !str_eq(lines_of(j, &r->before), a->lines) ||
	    note_keys_parse(&keys, j->args, after, NULL) != OK)
		return false;
	memmove(a->former + 1, a->former, a->former_count * sizeof(a->former[0]));
	a->former[0] = was;
	a->former_count++;
	a->lines = after;
	a->keys = keys;
	return true;
}

/* Keys from before all that is known. */
static bool add_former(struct range_job *j, struct author *a, const struct rotation *r)
{
	const struct former_keys *oldest = a->former_count ? &a->former[a->former_count - 1] : NULL;
	struct str before = lines_of(j, &r->before);

	if (!before.p || (oldest && oldest->foreign) || str_eq(before, a->lines) ||
	    !str_eq(lines_of(j, &r->after), oldest ? oldest->keys : a->lines))
		return false;
	for (size_t i = 0; i < a->former_count; i++)
		if (str_eq(a->former[i].keys, before))
			return false;
	a->former[a->former_count++] = (struct former_keys){
	    .keys = before, .until = r->time + ROTATION_OVERLAP, .learned = j->now};
	return true;
}

static bool apply_rotation(struct range_job *j, const struct waiting *w)
{
	struct author *a = find_author(j, w->rotation.identity);

	if (!a || a->until != INT64_MAX || a->former_count == AUTHOR_FORMER_MAX ||
	    (!add_next(j, a, &w->rotation) && !add_former(j, a, &w->rotation)))
		return false;
	j->keys_notes[j->keys_count++] = (struct keys_note){.name = a->name, .note = w->note};
	return true;
}

/* Only what the keys known here signed counts; whatever else is said is passed over, and seals by
 * keys that nothing leads to are left out. Who is pinned by new keys needs them from the newest on,
 * who is pinned by old ones from the oldest: one that leads nowhere yet may after the next. */
static void take_rotation(struct range_job *j, struct str note)
{
	struct waiting *w = j->waiting + j->waiting_count;
	size_t i = 0;

	if (j->waiting_count == WAITING_MAX ||
	    rotation_read(&w->rotation, j->args, note, NULL) != OK)
		return;
	w->note = note;
	j->waiting_count++;
	while (i < j->waiting_count) {
		if (!apply_rotation(j, &j->waiting[i])) {
			i++;
			continue;
		}
		j->waiting[i] = j->waiting[--j->waiting_count];
		i = 0;
	}
}

/* Who is not known here is who the peer says it is, as it states itself, until people have met it:
 * nobody introduces us, or somebody whom we know. */
static void take_introduction(struct range_job *j, struct str note)
{
	struct author *a = &j->authors[j->author_count];
	struct node_statement s;
	struct note_keys keys;
	struct str lines;

	if (!j->own.p || j->strangers == STRANGERS_MAX || j->author_count >= INTRODUCTIONS_MAX ||
	    node_statement_read(&s, j->args, note, NULL) != OK || str_eq(s.identity, j->own) ||
	    find_author(j, s.identity))
		return;
	lines = lines_of(j, &(struct key_lines){s.key, s.pq_key});
	if (!lines.p || note_keys_parse(&keys, j->args, lines, NULL) != OK)
		return;
	*a = (struct author){.identity = s.identity,
	    .name = s.identity,
	    .lines = lines,
	    .keys = keys,
	    .until = INT64_MAX};
	j->author_count++;
	j->strangers++;
	j->keys_notes[j->keys_count++] = (struct keys_note){.name = a->name, .note = note};
}

/* The author as core would know it. */
static void take_compromise(struct range_job *j, struct str note)
{
	struct known_peer p = {.until = INT64_MAX};
	struct compromise c;
	struct author *a;

	if (compromise_read(&c, note, NULL) != OK)
		return;
	a = find_author(j, c.identity);
	if (!a)
		return;
	p.identity = a->identity;
	p.keys = a->lines;
	p.former = a->former;
	p.former_count = a->former_count;
	if (known_peer_compromise(&c, &p, note, j->args, NULL) != OK)
		return;
	known_peer_disown(&p, &c);
	j->keys_notes[j->keys_count++] = (struct keys_note){.name = a->name, .note = note};
}

/* What stands among the seals and says whose keys count; false: a seal. */
static bool take_statement(struct range_job *j, struct str note)
{
	if (str_starts(note, NODE_STATEMENT_HEAD))
		take_introduction(j, note);
	else if (str_starts(note, ROTATION_HEAD))
		take_rotation(j, note);
	else if (str_starts(note, COMPROMISE_HEAD))
		take_compromise(j, note);
	else
		return false;
	return true;
}

static enum err read_seals(struct range_job *j)
{
	enum err rc;

	j->seals = arena_array(j->args, SYNC_SEALS_MAX, sizeof(*j->seals));
	j->leaves = arena_array(j->args, SYNC_ENTRIES_MAX, sizeof(*j->leaves));
	j->keys_notes = arena_array(j->args, SYNC_SEALS_MAX, sizeof(*j->keys_notes));
	if (!j->seals || !j->leaves || !j->keys_notes)
		return fail(&j->fault, ERR_NOMEM, "no memory for a range");
	for (;;) {
		struct known_seal *k = &j->seals[j->seal_count];
		struct author *author;
		struct str note;

		rc = sync_range_seal(&j->range, &note, &j->fault);
		if (rc == ERR_NOT_FOUND)
			return OK;
		if (rc == OK && take_statement(j, note))
			continue;
		if (rc == OK)
			rc = seal_read(&k->seal, note, &j->fault);
		if (rc != OK)
			return refuse(j, SYNC_REASON_MALFORMED);
		author = find_author(j, k->seal.identity);
		*k = (struct known_seal){
		    .seal = k->seal, .note = note, .known = author && !author->refused};
		if (author && check_seal(j, k, author) != OK)
			return refuse(j, SYNC_REASON_REFUSED);
		j->seal_count++;
	}
}

static void begin(struct range_job *j, const struct chan_message *m)
{
	enum err rc = m->fd_count ? read_args(j, m->body)
	                          : fail(&j->fault, ERR_IO, "a range comes with a file");

	if (rc == OK)
		rc = unpack(j, m->fds[0]);
	if (rc == OK && !j->urgent)
		rc = check_head(j);
	if (rc == OK)
		rc = read_seals(j);
	if (rc != OK && j->fault.code == OK)
		fault_set(&j->fault, rc, "the range cannot be read");
	j->over = rc != OK;
}

struct range_job *range_job_new(const struct chan_message *m)
{
	struct range_job *j = mem_alloc(sizeof(*j));

	j->id = m->id;
	j->args = arena_new(ARGS_MEMORY);
	j->file = arena_new(FILE_MEMORY);
	j->object = arena_new(OBJECT_MEMORY);
	buf_init(&j->unpacked, SYNC_UNPACKED_MAX);
	buf_init(&j->batch, CHAN_MESSAGE_MAX);
	begin(j, m);
	return j;
}

void range_job_free(struct range_job *j)
{
	if (!j)
		return;
	buf_free(&j->unpacked);
	buf_free(&j->batch);
	arena_free(j->args);
	arena_free(j->file);
	arena_free(j->object);
	mem_free(j);
}

static void put_str(struct buf *out, struct str s)
{
	buf_u32(out, (uint32_t)s.n);
	buf_put(out, s);
}

static void send_keys(struct range_job *j)
{
	for (; j->keys_sent < j->keys_count; j->keys_sent++) {
		const struct keys_note *k = &j->keys_notes[j->keys_sent];

		buf_u8(&j->batch, RANGE_KEYS);
		put_str(&j->batch, k->name);
		put_str(&j->batch, k->note);
		j->batch_count++;
	}
}

static struct known_seal *find_seal(struct range_job *j, const struct sha256 *id)
{
	for (size_t i = j->seal_count; i > 0; i--)
		if (sha256_eq(&j->seals[i - 1].seal.id, id))
			return &j->seals[i - 1];
	return NULL;
}

static void send_seal(struct range_job *j, struct known_seal *k)
{
	if (k->sent)
		return;
	k->sent = true;
	buf_u8(&j->batch, RANGE_SEAL);
	buf_put(&j->batch, (struct str){(const char *)k->seal.id.b, SHA256_LEN});
	put_str(&j->batch, k->note);
	j->batch_count++;
}

/* At least as restrictive as the originator stated it, and as whoever passed it on. */
static struct str label_of_entry(
    struct range_job *j, const struct sync_entry *e, const struct label *stated, struct str own)
{
	struct label a = label_decode(own);
	struct label label = label_join(&a, stated);
	char bytes[LABEL_ENCODED_MAX];
	size_t n;

	if (e->hops < label_hops(&label))
		label_set_hops(&label, e->hops);
	n = label_encode(&label, bytes);
	return arena_str(j->object, (struct str){bytes, n});
}

/* Whether it names a node as its author that it is not from: this one, or another that is known. */
static bool speaks_for_another(struct range_job *j, struct str author, struct str originator)
{
	struct str own = str_from(j->origin, j->origin.n > author.n ? j->origin.n - author.n : 0);

	return author.n > 0 && !str_eq(author, originator) &&
	       (str_eq(author, own) || find_author(j, author));
}

static enum err take_object(struct range_job *j, const struct sync_entry *e,
    const struct envelope *envelope, struct known_seal *k)
{
	const struct statement *s = &envelope->statement;
	struct label stated = label_decode(s->label);
	struct prepared p;

	prepare_object(&p, &(struct foreign_item){.json = e->content}, &(struct place){0},
	    &(struct labelling){.fallback = &stated, .sealed = true}, j->object);
	if (p.refused) {
		j->refused++;
		return OK;
	}
	if (!str_eq(p.id, s->id) || p.version != s->version) {
		fault_set(&j->fault, ERR_INVALID, "%.*s: sealed as another object",
		    STR_ARG(str_slice(s->id, 0, STORE_ID_MAX)));
		return refuse(j, SYNC_REASON_REFUSED);
	}
	if (speaks_for_another(j, p.by, s->originator)) {
		j->refused++;
		(void)snprintf(j->kept_out, sizeof(j->kept_out),
		    "%.*s names an author that did not state it", STR_ARG(p.id));
		return OK;
	}
	/* What it refers to was read by its originator, whose statement says what came of it. */
	p.label = label_of_entry(j, e, &stated, p.refs.n > 0 ? s->label : p.label);
	p.refs = S("");
	send_seal(j, k);
	buf_u8(&j->batch, RANGE_OBJECT);
	prepared_put(&j->batch, &p);
	put_str(&j->batch, s->originator);
	put_str(&j->batch, e->envelope);
	j->batch_count++;
	return OK;
}

static void take_back(struct range_job *j, const struct sync_entry *e,
    const struct envelope *envelope, struct known_seal *k)
{
	const struct statement *s = &envelope->statement;

	if (e->kind != SYNC_RETRACTION)
		send_seal(j, k);
	buf_u8(&j->batch, e->kind == SYNC_WITHDRAWAL ? RANGE_WITHDRAWAL
	                  : e->kind == SYNC_PURGE    ? RANGE_PURGE
	                                             : RANGE_RETRACTION);
	buf_u64(&j->batch, (uint64_t)s->version);
	put_str(&j->batch, s->id);
	put_str(&j->batch, s->originator);
	put_str(&j->batch, s->label);
	put_str(&j->batch, e->content);
	put_str(&j->batch, e->envelope);
	j->batch_count++;
}

static enum err check_entry(struct range_job *j, const struct sync_entry *e,
    const struct envelope *envelope, const struct known_seal *k)
{
	const struct statement *s = &envelope->statement;
	enum seal_kind kind = e->kind == SYNC_WITHDRAWAL ? SEAL_WITHDRAWAL
	                      : e->kind == SYNC_PURGE    ? SEAL_PURGE
	                                                 : SEAL_OBJECT;

	if (s->kind != kind || !str_eq(s->originator, k->seal.identity) || s->id.n > STORE_ID_MAX)
		return fail(&j->fault, ERR_INVALID, "an entry is not what its statement says");
	/* What is taken back comes without its content: that the peer says so is enough. */
	return e->kind == SYNC_RETRACTION ? OK
	                                  : seal_verify(envelope, &k->seal, e->content, &j->fault);
}

/* Only what its originator calls urgent goes ahead. */
static enum err check_urgent(
    struct range_job *j, const struct sync_entry *e, const struct envelope *envelope)
{
	struct label stated = label_decode(envelope->statement.label);

	if (!j->urgent || (e->kind == SYNC_OBJECT && label_is_urgent(&stated)))
		return OK;
	return fail(&j->fault, ERR_INVALID, "what is not urgent was sent ahead of its place");
}

static enum err next(struct range_job *j)
{
	struct envelope envelope;
	struct known_seal *k;
	struct sync_entry e;
	struct sha256 statement;
	enum err rc;

	arena_reset(j->object);
	rc = sync_range_entry(&j->range, &e, &j->fault);
	if (rc == ERR_NOT_FOUND)
		return rc;
	if (rc != OK)
		return refuse(j, SYNC_REASON_MALFORMED);
	if (j->skip > 0) {
		j->skip--;
		return OK;
	}
	/* Taken back before it was given. */
	if (e.kind == SYNC_OBJECT && e.envelope.n == 0 && e.content.n == 0) {
		j->leaves[j->leaf_count++] = sync_leaf(e.kind, &e.statement);
		return OK;
	}
	if (envelope_read(&envelope, e.envelope, &j->fault) != OK)
		return refuse(j, SYNC_REASON_MALFORMED);
	statement = statement_leaf(&envelope.statement);
	k = find_seal(j, &envelope.seal);
	if (!sha256_eq(&statement, &e.statement) || !k) {
		fault_set(&j->fault, ERR_INVALID, "an entry has no seal, or another statement");
		return refuse(j, SYNC_REASON_REFUSED);
	}
	j->leaves[j->leaf_count++] = sync_leaf(e.kind, &e.statement);
	if (!k->known || k->late) {
		j->unknown += !k->known;
		j->refused += k->late;
		return OK;
	}
	if (check_urgent(j, &e, &envelope) != OK || check_entry(j, &e, &envelope, k) != OK)
		return refuse(j, SYNC_REASON_REFUSED);
	if (e.kind == SYNC_OBJECT)
		return take_object(j, &e, &envelope, k);
	take_back(j, &e, &envelope, k);
	return OK;
}

static void fill(struct range_job *j)
{
	j->batch_count = 0;
	buf_u32(&j->batch, 0);
	send_keys(j);
	while (j->batch_count < INTAKE_BATCH_OBJECTS && j->batch.n < INTAKE_BATCH_BYTES) {
		enum err rc = next(j);

		if (rc == OK)
			continue;
		if (rc == ERR_NOT_FOUND && !j->urgent &&
		    sync_edge_take(&j->edge, j->leaves, j->leaf_count, &j->head, &j->fault) != OK)
			(void)!refuse(j, j->fault.code == ERR_CONFLICT ? SYNC_REASON_EQUIVOCATES
			                                               : SYNC_REASON_REFUSED);
		j->over = true;
		break;
	}
	for (unsigned i = 0; j->batch.p && i < 4; i++)
		j->batch.p[i] = (char)(j->batch_count >> (24 - 8 * i));
	if (j->batch_count == 0)
		buf_reset(&j->batch);
}

static void send_end(struct range_job *j, struct chan *core)
{
	struct chan_message m = {.type = INTAKE_RANGE_END, .id = j->id};
	struct buf b, edge;

	buf_init(&b, 64 << 10);
	buf_init(&edge, SYNC_EDGE_BYTES_MAX);
	sync_edge_put(&j->edge, &edge);
	buf_u8(&b, (uint8_t)j->fault.code);
	buf_u8(&b, (uint8_t)j->reason);
	buf_u32(&b, j->refused);
	buf_u32(&b, j->unknown);
	put_str(&b, str_c(j->fault.code == OK ? j->kept_out : j->fault.text));
	put_str(&b, buf_str(&edge));
	put_str(&b, j->range.head);
	m.body = buf_str(&b);
	/* When core is gone, so is the job. */
	(void)!chan_send_always(core, &m);
	buf_free(&b);
	buf_free(&edge);
}

bool range_job_is_urgent(const struct range_job *j)
{
	return j->urgent;
}

bool range_job_step(struct range_job *j, struct chan *core, bool *blocked)
{
	if (j->batch.n == 0 && !j->over)
		fill(j);
	if (j->batch.n) {
		struct chan_message m = {
		    .type = INTAKE_RANGE_ITEMS, .id = j->id, .body = buf_str(&j->batch)};
		enum err rc = j->batch.failed ? ERR_LIMIT : chan_send(core, &m);

		if (rc == ERR_BUSY) {
			*blocked = true;
			return true;
		}
		buf_reset(&j->batch);
		if (rc != OK) {
			fault_set(&j->fault, rc, "a batch of objects could not be handed over");
			j->over = true;
		}
	}
	if (!j->over)
		return true;
	send_end(j, core);
	return false;
}
