/* SPDX-License-Identifier: Apache-2.0 */
#include "view/voids.h"

#include <stdio.h>

#include "base/mem.h"
#include "codec/json.h"
#include "seal/ledger.h"
#include "stix/object.h"
#include "sync/introduction.h"
#include "sync/peer.h"

enum { AT_ONCE = 1024, BATCH_ARENA = 4 << 20, RECORD_MAX = 1 << 20, LISTED_BYTES_MAX = 256 << 10 };

/* One walk over the ledger. */
struct walk {
	struct voids *out;
	struct store *store;
	const struct compromise *compromise;
	struct json_writer ids;
	struct str label;
	usec now;
	struct seal_cache *seals;
	struct arena *arena; /* of a batch */
	struct record records[AT_ONCE];
	size_t pending;
	struct sha256 last; /* the seal that was asked about last, and the answer */
	bool has_last, is_void;
};

static bool signed_by(struct walk *w, struct str note)
{
	struct arena *arena = arena_new(1 << 20);
	bool found = false;

	for (size_t i = 0; i < w->compromise->count && !found; i++) {
		struct note_verifier key;
		struct str text;

		found = note_verifier_parse(&key, arena, w->compromise->keys[i], NULL) == OK &&
		        note_open(&text, note, &key, NULL) == OK;
	}
	arena_free(arena);
	return found;
}

/* Objects of one seal stand together, so the last answer is mostly the next. */
static bool seal_is_void(struct walk *w, const struct sealed *sealed)
{
	struct seal seal;

	if (w->has_last && sha256_eq(&w->last, &sealed->envelope.seal))
		return w->is_void;
	w->last = sealed->envelope.seal;
	w->has_last = true;
	w->is_void = seal_read(&seal, sealed->note, NULL) == OK &&
	             str_eq(seal.identity, w->compromise->identity) &&
	             seal.time >= w->compromise->since && signed_by(w, sealed->note);
	return w->is_void;
}

static enum err flush(struct walk *w, struct fault *fault)
{
	uint64_t first;

	if (w->pending > 0)
		TRY(store_append(w->store, w->records, w->pending, &first, fault));
	w->pending = 0;
	arena_reset(w->arena);
	return OK;
}

static enum err hide(struct walk *w, uint64_t seq, struct fault *fault)
{
	struct str id = store_id(w->store, seq);
	struct str path = store_void_path(w->arena, store_row(w->store, seq)->version, id);

	if (!path.p || path.n > STORE_ID_MAX) {
		w->out->left++;
		return OK;
	}
	if (store_find(w->store, path) != STORE_NONE)
		return OK;
	w->records[w->pending++] = (struct record){.kind = RECORD_DECISION,
	    .id = path,
	    .version = w->now,
	    .label = w->label,
	    .content = S("{}")};
	if (w->out->count++ < VOIDS_LISTED_MAX && w->out->ids.n < LISTED_BYTES_MAX)
		json_put_str(&w->ids, NULL, id);
	return w->pending == AT_ONCE ? flush(w, fault) : OK;
}

static enum err walk(struct walk *w, struct fault *fault)
{
	uint64_t end = store_size_pending(w->store);

	for (uint64_t seq = 0; seq < end; seq++) {
		const struct row *row = store_row(w->store, seq);
		struct sealed sealed;

		if (row->kind != RECORD_OBJECT || !(row->flags & RECORD_FLAG_RECEIVED) ||
		    seal_envelope_of(&sealed, w->seals, w->store, seq, NULL) != OK ||
		    !seal_is_void(w, &sealed))
			continue;
		TRY(hide(w, seq, fault));
	}
	return flush(w, fault);
}

enum err voids_apply(struct voids *out, struct store *s, const struct compromise *c,
    struct str label, usec now, struct fault *fault)
{
	struct walk *w = mem_alloc(sizeof(*w));
	enum err rc;

	*out = (struct voids){.count = 0};
	buf_init(&out->ids, RECORD_MAX / 2);
	w->out = out;
	w->store = s;
	w->compromise = c;
	w->ids = json_writer(&out->ids);
	w->label = label;
	w->now = now;
	w->seals = seal_cache_new();
	w->arena = arena_new(BATCH_ARENA);
	json_list(&w->ids, NULL);
	rc = walk(w, fault);
	json_end_list(&w->ids);
	seal_cache_free(w->seals);
	arena_free(w->arena);
	mem_free(w);
	return rc;
}

void voids_free(struct voids *v)
{
	buf_free(&v->ids);
}

static bool is_known(
    const struct store *s, struct str identity, struct str note, struct arena *arena)
{
	uint64_t count = compromise_count(s, identity, arena);

	for (uint64_t n = 1; n <= count; n++) {
		struct str there;

		if (compromise_note(&there, s, identity, n, arena) == OK && str_eq(there, note))
			return true;
	}
	return false;
}

static void put_decision(struct buf *out, const struct voids *v, const struct compromise *c,
    const struct keys_said *said)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "note", said->note);
	json_put_str(&w, "by", said->by);
	json_put_time(&w, "since", c->since);
	json_put_int(&w, "hidden", (int64_t)v->count);
	json_put_int(&w, "left", (int64_t)v->left);
	json_put_raw(&w, "ids", buf_str(&v->ids));
	json_end_object(&w);
}

static enum err append(struct store *s, struct str path, struct str label, struct str json,
    usec now, struct fault *fault)
{
	struct record r = {
	    .kind = RECORD_DECISION, .id = path, .version = now, .label = label, .content = json};
	uint64_t seq;

	return path.p ? store_append(s, &r, 1, &seq, fault)
	              : fail(fault, ERR_NOMEM, "no memory for a decision");
}

enum err voids_keep(struct voids *out, struct store *s, const struct compromise *c,
    const struct keys_said *said, struct fault *fault)
{
	struct arena *arena = arena_new(16 << 20);
	uint64_t n = compromise_count(s, c->identity, arena);
	enum err rc = OK;
	struct buf b;

	*out = (struct voids){.count = 0};
	buf_init(&b, RECORD_MAX);
	if (!is_known(s, c->identity, said->note, arena)) {
		rc = n < COMPROMISES_MAX
		         ? voids_apply(out, s, c, said->label, said->now, fault)
		         : fail(fault, ERR_LIMIT, "a node's keys are compromised at most %d times",
		               COMPROMISES_MAX);
		put_decision(&b, out, c, said);
		if (rc == OK && b.failed != OK)
			rc = fail(fault, ERR_LIMIT, "compromise: too long");
		if (rc == OK)
			rc = append(s, compromise_path(arena, c->identity, n + 1), said->label,
			    buf_str(&b), said->now, fault);
	}
	buf_free(&b);
	arena_free(arena);
	return rc;
}

enum err keys_former_keep(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault)
{
	struct peer_rotation r;

	if (!str_starts(said->note, ROTATION_HEAD))
		return fail(fault, ERR_NOT_FOUND, "not a rotation");
	TRY(known_peer_former(&r, s, said->name, said->note, arena, fault));
	TRY(append(s, r.path, said->label, r.json, said->now, fault));
	log_event(said->log, LOG_INFO, "peer.former-keys",
	    LOG_KV({"peer", said->name}, {"before", key_lines_id(&r.rotation.before)},
	        {"after", key_lines_id(&r.rotation.after)}));
	return OK;
}

static enum err keep_rotation(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault)
{
	struct peer_rotation r;
	enum err rc = keys_former_keep(s, said, arena, NULL);

	if (rc != ERR_NOT_FOUND)
		return rc == OK ? OK : fail(fault, rc, "rotation: it cannot be kept");
	TRY(known_peer_rotate(&r, s, said->name, said->note, arena, fault));
	if (!r.news)
		return OK;
	TRY(known_peer_keep(s, &r, said->label, said->now, fault));
	log_event(said->log, LOG_WARNING, "peer.rotated",
	    LOG_KV({"peer", said->name}, {"before", key_lines_id(&r.rotation.before)},
	        {"after", key_lines_id(&r.rotation.after)}));
	return OK;
}

static enum err keep_compromise(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault)
{
	struct known_peer peer;
	struct compromise c;
	struct voids voids;
	enum err rc;

	TRY(known_peer(&peer, s, said->name, arena, fault));
	TRY(known_peer_compromise(&c, &peer, said->note, arena, fault));
	rc = voids_keep(&voids, s, &c, said, fault);
	voids_tell(&voids, said->log, c.identity, said->by);
	voids_free(&voids);
	return rc;
}

void voids_tell(const struct voids *v, const struct log *log, struct str identity, struct str by)
{
	char count[32];

	if (v->ids.n == 0)
		return;
	(void)snprintf(count, sizeof(count), "%llu", (unsigned long long)v->count);
	log_event(log, LOG_ALERT, "keys.compromised",
	    LOG_KV({"identity", identity}, {"by", by}, {"hidden", str_c(count)}));
}

static enum err keep_link(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault)
{
	struct peer_link next;

	TRY(known_peer_link(&next, s, said->name, said->note, said->now, arena, fault));
	if (!next.json.p)
		return OK;
	TRY(known_peer_put(s, next.path, next.json, said->label, said->now, fault));
	log_event(said->log, LOG_WARNING, "peer.link-certificate", LOG_KV({"peer", said->name}));
	return OK;
}

static enum err keep_introduction(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault)
{
	struct introduction i = {
	    .note = said->note, .by = said->by, .label = said->label, .now = said->now};

	TRY(node_statement_read(&i.said, arena, said->note, fault));
	TRY(introduction_keep(s, &i, arena, fault));
	log_event(said->log, LOG_INFO, "peer.introduced",
	    LOG_KV({"identity", i.said.identity}, {"by", said->by}));
	return OK;
}

enum err keys_said_keep(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault)
{
	if (str_starts(said->note, NODE_STATEMENT_HEAD))
		return keep_introduction(s, said, arena, fault);
	if (str_starts(said->note, LINK_CERT_HEAD))
		return keep_link(s, said, arena, fault);
	return str_starts(said->note, COMPROMISE_HEAD) ? keep_compromise(s, said, arena, fault)
	                                               : keep_rotation(s, said, arena, fault);
}
