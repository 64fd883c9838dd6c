/* SPDX-License-Identifier: Apache-2.0 */
#include "view/agreement/agreement.h"

#include "codec/jcs.h"
#include "codec/json.h"
#include "seal/ledger.h"
#include "stix/object.h"
#include "stix/type.h"

enum {
	HASH_BYTES_MAX = 1 << 20,
	ID_BYTES = 256,
	/* Of all versions that are looked at, each read once. */
	SPEAKERS_MAX = 4 * AGREEMENT_PARTIES_MAX,
};

struct str agreement_answer_id(
    struct arena *arena, const struct uuid *agreement, struct str identity)
{
	struct uuid uuid = uuid_v5(agreement, identity);
	char text[UUID_TEXT + 1];

	uuid_format(text, &uuid);
	return arena_printf(arena, "opinion--%s", text);
}

enum err agreement_hash(
    struct sha256 *out, yyjson_val *object, struct arena *arena, struct fault *fault)
{
	struct buf text;
	enum err rc;

	buf_init(&text, HASH_BYTES_MAX);
	rc = jcs_write(&text, arena, object, fault);
	if (rc == OK)
		*out = sha256(buf_str(&text));
	buf_free(&text);
	return rc;
}

/* One thing that it said. */
struct word {
	struct party_answer answer;
	uint64_t seq;
};

/* All that a party said, newest first. */
struct speaker {
	struct str identity;
	struct word *words;
	size_t count;
};

struct reading {
	struct agreement_state *out;
	const struct store *store;
	struct str own;
	usec now;
	struct arena *arena;
	struct speaker speakers[SPEAKERS_MAX];
	size_t speaker_count;
	bool failed; /* no memory: what was read is not to be believed */
};

static struct str hex_hash(const struct reading *r, yyjson_val *object)
{
	struct sha256 hash;

	return agreement_hash(&hash, object, r->arena, NULL) == OK ? sha256_text(r->arena, &hash)
	                                                           : STR_NONE;
}

/* ---- what a party said ---- */

static bool parse(struct reading *r, uint64_t seq, yyjson_val **out)
{
	enum err rc =
	    json_parse(out, r->arena, store_content(r->store, seq), &JSON_LIMITS_OBJECT, NULL);

	r->failed = r->failed || rc == ERR_NOMEM;
	return rc == OK;
}

/* What came, sealed by the party itself. */
static bool is_sealed_by(const struct reading *r, uint64_t seq, struct str identity)
{
	const struct row *row = store_row(r->store, seq);
	struct sealed sealed;

	return row->kind == RECORD_OBJECT && row->tag == STIX_TYPE_OPINION &&
	       (row->flags & RECORD_FLAG_RECEIVED) && !store_withdrawn(row) &&
	       seal_envelope_of(&sealed, NULL, r->store, seq, NULL) == OK &&
	       str_eq(sealed.envelope.statement.originator, identity);
}

static bool read_theirs(
    struct reading *r, uint64_t seq, struct str identity, struct party_answer *out)
{
	yyjson_val *object;

	return is_sealed_by(r, seq, identity) && parse(r, seq, &object) &&
	       str_eq(json_get_str(object, "created_by_ref"), identity) &&
	       party_answer_read(out, object) == OK;
}

/* This node's own word is what was decided here, not what somebody imported. */
static bool read_own(struct reading *r, uint64_t seq, struct party_answer *out)
{
	yyjson_val *decision;

	if (store_row(r->store, seq)->kind != RECORD_DECISION || !parse(r, seq, &decision) ||
	    !party_state_of(&out->state, json_get_str(decision, "answer")) ||
	    out->state == PARTY_PROPOSED)
		return false;
	out->agreement = r->out->newest.id;
	out->sha256 = json_get_str(decision, "sha256");
	out->version = yyjson_get_sint(yyjson_obj_get(decision, "version"));
	out->reason = json_get_str(decision, "reason");
	return true;
}

static size_t read_words(
    struct reading *r, struct str identity, struct word out[AGREEMENT_VERSIONS_MAX])
{
	bool own = str_eq(identity, r->own);
	struct str id =
	    own ? arena_printf(r->arena, AGREEMENT_PATH "%.*s", STR_ARG(r->out->newest.id))
	        : agreement_answer_id(r->arena, &r->out->newest.uuid, identity);
	uint64_t seq = id.p ? store_find(r->store, id) : STORE_NONE;
	size_t n = 0;

	for (size_t looked = 0; seq != STORE_NONE && looked < AGREEMENT_VERSIONS_MAX; looked++) {
		out[n].seq = seq;
		n += (own ? read_own(r, seq, &out[n].answer)
		          : read_theirs(r, seq, identity, &out[n].answer)) &&
		     str_eq(out[n].answer.agreement, r->out->newest.id);
		seq = store_older(r->store, seq);
	}
	return n;
}

static const struct speaker *speaker_of(struct reading *r, struct str identity)
{
	struct speaker *s = r->speakers;

	for (size_t i = 0; i < r->speaker_count; i++, s++)
		if (str_eq(s->identity, identity))
			return s;
	if (r->speaker_count == SPEAKERS_MAX) {
		r->failed = true;
		return NULL;
	}
	*s = (struct speaker){.identity = identity,
	    .words = arena_array(r->arena, AGREEMENT_VERSIONS_MAX, sizeof(*s->words))};
	r->failed = r->failed || !s->words;
	if (!s->words)
		return NULL;
	s->count = read_words(r, identity, s->words);
	r->speaker_count++;
	return s;
}

/* Whether it signed exactly this version, and what became of that since. */
static void weigh(
    struct agreement_party *p, const struct speaker *s, const struct agreement *a, struct str hash)
{
	bool left = false;

	p->consents = p->left = false;
	for (size_t i = 0; i < s->count; i++) {
		const struct party_answer *w = &s->words[i].answer;

		/* Who says no to what it has signed does not end it for the others. */
		left |= w->state == PARTY_LEFT ||
		        (w->state == PARTY_DECLINED && w->version == a->version);
		if (w->state != PARTY_SIGNED || w->version != a->version ||
		    !str_eq(w->sha256, hash))
			continue;
		p->consents = !left;
		p->left = left;
		return;
	}
}

static void read_party(struct reading *r, struct agreement_party *p, struct str identity,
    const struct agreement *a, struct str hash)
{
	const struct speaker *s = speaker_of(r, identity);

	*p = (struct agreement_party){
	    .identity = identity, .own = str_eq(identity, r->own), .seq = STORE_NONE};
	if (!s || s->count == 0)
		return;
	p->state = s->words[0].answer.state;
	p->version = s->words[0].answer.version;
	p->reason = s->words[0].answer.reason;
	p->seq = s->words[0].seq;
	p->said = store_row(r->store, p->seq)->version;
	weigh(p, s, a, hash);
}

/* ---- versions ---- */

/* Each has signed it; who has left since does not take the others' part. */
static bool all_signed(struct reading *r, const struct agreement *a, struct str hash)
{
	struct agreement_party parties[AGREEMENT_PARTIES_MAX];

	for (size_t i = 0; i < a->party_count; i++) {
		read_party(r, &parties[i], a->parties[i], a, hash);
		if (!parties[i].consents && !parties[i].left)
			return false;
	}
	for (size_t i = 0; i < a->party_count; i++)
		r->out->parties[i] = parties[i];
	r->out->count = a->party_count;
	return true;
}

static bool read_version(struct reading *r, uint64_t seq, struct agreement *out)
{
	const struct row *row = store_row(r->store, seq);
	yyjson_val *object;

	return row->kind == RECORD_OBJECT && !store_withdrawn(row) && parse(r, seq, &object) &&
	       agreement_read(out, object, NULL) == OK;
}

/* The newest that all signed and that has begun. A version for another community would be another
 * agreement. */
static void find_held(struct reading *r)
{
	uint64_t seq = r->out->seq;

	for (size_t n = 0; seq != STORE_NONE && n < AGREEMENT_VERSIONS_MAX;
	    n++, seq = store_older(r->store, seq)) {
		struct agreement a;
		struct str hash;

		if (!read_version(r, seq, &a) || a.revoked ||
		    !str_eq(a.community, r->out->newest.community) ||
		    !str_eq(a.by, r->out->newest.by) || !agreement_has_party(&a, r->own))
			continue;
		hash = hex_hash(r, a.root);
		if (!hash.p || !all_signed(r, &a, hash))
			continue;
		if (a.from > r->now) {
			r->out->begins = a.from;
			continue;
		}
		r->out->held = a;
		return;
	}
}

enum err agreement_state_read(struct agreement_state *out, const struct store *s, struct str id,
    struct str own, usec now, struct arena *arena, struct fault *fault)
{
	struct reading r = {.out = out, .store = s, .own = own, .now = now, .arena = arena};
	uint64_t seq = id.n && id.n <= STORE_ID_MAX ? store_find(s, id) : STORE_NONE;
	yyjson_val *object;

	*out = (struct agreement_state){.seq = seq};
	if (!str_starts(id, S(AGREEMENT_TYPE "--")) || seq == STORE_NONE ||
	    store_row(s, seq)->kind != RECORD_OBJECT)
		return fail(fault, ERR_NOT_FOUND, "no agreement %.*s is here",
		    STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
	TRY(json_parse(&object, arena, store_content(s, seq), &JSON_LIMITS_OBJECT, fault));
	TRY(agreement_read(&out->newest, object, fault));
	out->newest_hash = hex_hash(&r, object);
	if (!out->newest_hash.p)
		return fail(fault, ERR_INVALID, "an agreement without a canonical form");
	out->own = agreement_has_party(&out->newest, own);
	out->ended = out->newest.revoked || store_withdrawn(store_row(s, seq));
	for (size_t i = 0; i < out->newest.party_count; i++)
		read_party(
		    &r, &out->asked[i], out->newest.parties[i], &out->newest, out->newest_hash);
	if (!out->ended)
		find_held(&r);
	if (r.failed)
		return fail(fault, ERR_NOMEM,
		    "an agreement with more parties over time, or more "
		    "words, than there is memory for");
	if (out->held.id.p)
		return OK;
	out->count = out->newest.party_count;
	for (size_t i = 0; i < out->count; i++)
		out->parties[i] = out->asked[i];
	return OK;
}

bool agreement_in_force(const struct agreement_state *a, usec now)
{
	size_t in = 0;
	bool own = false;

	for (size_t i = 0; i < a->count; i++) {
		in += a->parties[i].consents;
		own |= a->parties[i].own && a->parties[i].consents;
	}
	return a->held.id.p && own && in >= 2 && (!a->held.until || now < a->held.until);
}
