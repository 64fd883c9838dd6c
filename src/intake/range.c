/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/range.h"

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
#include "sync/range.h"
#include "sys/files.h"

enum {
	ARGS_MEMORY = 16 << 20,
	FILE_MEMORY = SYNC_BODY_MAX + 4096,
	OBJECT_MEMORY = 256 << 20,
	AUTHORS_MAX = 4096,
};

/* Whose seals can be checked. */
struct author {
	struct str identity;
	struct note_keys keys;
};

struct known_seal {
	struct seal seal;
	struct str note;
	bool known; /* its originator's keys are */
	bool sent;
};

struct range_job {
	uint64_t id;
	struct arena *args;   /* what lives as long as the job */
	struct arena *file;   /* likewise: the message */
	struct arena *object; /* what lives as long as an object */
	struct buf unpacked;
	struct str peer, origin; /* its identity; of its feed to us */
	struct author *authors;
	size_t author_count;
	struct sync_edge edge;
	struct sync_message message;
	struct sync_range range;
	struct checkpoint head;
	struct known_seal *seals;
	size_t seal_count;
	struct sha256 *leaves;
	size_t leaf_count;
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

static enum err read_authors(struct range_job *j, yyjson_val *list)
{
	size_t i, max;
	yyjson_val *item;

	j->authors = arena_array(j->args, AUTHORS_MAX, sizeof(*j->authors));
	if (!j->authors)
		return fail(&j->fault, ERR_NOMEM, "no memory for keys");
	yyjson_arr_foreach(list, i, max, item)
	{
		struct author *a = &j->authors[j->author_count];

		if (j->author_count == AUTHORS_MAX)
			break;
		a->identity = json_get_str(item, "identity");
		TRY(note_keys_parse(&a->keys, j->args, json_get_str(item, "keys"), &j->fault));
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
	TRY(read_authors(j, yyjson_obj_get(args, "authors")));
	TRY(base64_decode(&edge, j->args, json_get_str(args, "edge")));
	return sync_edge_get(&j->edge, edge, &j->fault);
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

	TRY(file_read_fd(&body, j->file, fd, SYNC_BODY_MAX, &j->fault));
	if (sync_message_get(&j->message, SYNC_RANGE, body, &j->fault) != OK)
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

	if (!peer)
		return fail(&j->fault, ERR_DENIED, "the peer's keys are not known");
	if (j->message.from != sync_edge_size(&j->edge))
		return fail(&j->fault, ERR_BUSY, "the range does not begin where the last ended");
	if (note_open_all(&text, j->range.head, &peer->keys, &j->fault) != OK ||
	    checkpoint_parse(&j->head, text, &j->fault) != OK)
		return refuse(j, SYNC_REASON_REFUSED);
	if (!str_eq(j->head.origin, j->origin)) {
		fault_set(&j->fault, ERR_INVALID, "the head is that of another feed");
		return refuse(j, SYNC_REASON_REFUSED);
	}
	return OK;
}

static enum err read_seals(struct range_job *j)
{
	enum err rc;

	j->seals = arena_array(j->args, SYNC_SEALS_MAX, sizeof(*j->seals));
	j->leaves = arena_array(j->args, SYNC_ENTRIES_MAX, sizeof(*j->leaves));
	if (!j->seals || !j->leaves)
		return fail(&j->fault, ERR_NOMEM, "no memory for a range");
	for (;;) {
		struct known_seal *k = &j->seals[j->seal_count];
		struct author *author;
		struct str note;

		rc = sync_range_seal(&j->range, &note, &j->fault);
		if (rc == ERR_NOT_FOUND)
			return OK;
		if (rc == OK)
			rc = seal_read(&k->seal, note, &j->fault);
		if (rc != OK)
			return refuse(j, SYNC_REASON_MALFORMED);
		author = find_author(j, k->seal.identity);
		*k = (struct known_seal){.seal = k->seal, .note = note, .known = author};
		if (author &&
		    seal_open(&k->seal, note, author->identity, &author->keys, &j->fault) != OK)
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
	if (rc == OK)
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
	    &(struct labelling){.fallback = &stated}, j->object);
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

	if (e->kind == SYNC_WITHDRAWAL)
		send_seal(j, k);
	buf_u8(&j->batch, e->kind == SYNC_WITHDRAWAL ? RANGE_WITHDRAWAL : RANGE_RETRACTION);
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
	enum seal_kind kind = e->kind == SYNC_WITHDRAWAL ? SEAL_WITHDRAWAL : SEAL_OBJECT;

	if (s->kind != kind || !str_eq(s->originator, k->seal.identity) || s->id.n > STORE_ID_MAX)
		return fail(&j->fault, ERR_INVALID, "an entry is not what its statement says");
	/* What is taken back comes without its content: that the peer says so is enough. */
	return e->kind == SYNC_RETRACTION ? OK
	                                  : seal_verify(envelope, &k->seal, e->content, &j->fault);
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
	if (!k->known) {
		j->unknown++;
		return OK;
	}
	if (check_entry(j, &e, &envelope, k) != OK)
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
	while (j->batch_count < INTAKE_BATCH_OBJECTS && j->batch.n < INTAKE_BATCH_BYTES) {
		enum err rc = next(j);

		if (rc == OK)
			continue;
		if (rc == ERR_NOT_FOUND &&
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
