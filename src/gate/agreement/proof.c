/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/agreement/proof.h"

#include "codec/json.h"
#include "gate/internal.h"
#include "seal/ledger.h"
#include "store/rotation.h"
#include "sync/peer.h"
#include "sys/files.h"

enum { KEYS_MAX = 65, KEY_FILE_MAX = 8192 };

/* The keys of one party, the newest first. */
struct party_keys {
	struct former_keys items[KEYS_MAX];
	size_t count;
};

static void add_keys(struct party_keys *k, struct former_keys keys)
{
	if (k->count < KEYS_MAX)
		k->items[k->count++] = keys;
}

static struct str lines_of(struct arena *arena, const struct key_lines *k)
{
	return arena_printf(
	    arena, "%.*s\n%.*s", STR_ARG(str_trim(k->key)), STR_ARG(str_trim(k->pq_key)));
}

/* This node's own, as it gives them to others; then those that they follow. */
static enum err own_keys(
    const struct gate_ask *ask, struct str identity, struct party_keys *out, struct fault *fault)
{
	const struct gate *g = ask->gate;
	struct key_lines now = {STR_NONE, S("")};
	struct str dir = str_c(g->ledger);

	TRY(file_read(
	    &now.key, ask->arena, file_join(ask->arena, dir, "public-key"), KEY_FILE_MAX, fault));
	if (file_read(&now.pq_key, ask->arena, file_join(ask->arena, dir, "public-key-mldsa"),
	        KEY_FILE_MAX, NULL) != OK)
		now.pq_key = S("");
	add_keys(out, (struct former_keys){.keys = lines_of(ask->arena, &now), .until = INT64_MAX});
	for (uint64_t n = rotation_count(g->store, identity, ask->arena); n > 0; n--) {
		struct rotation r;
		struct str note;

		if (rotation_note(&note, g->store, identity, n, ask->arena) != OK ||
		    rotation_recall(&r, ask->arena, note, NULL) != OK)
			continue;
		add_keys(out, (struct former_keys){.keys = lines_of(ask->arena, &r.before),
		                  .until = r.time + ROTATION_OVERLAP});
	}
	return OK;
}

/* Who is met is known by a name, who was introduced by its identity. */
static enum err peer_keys(const struct gate_ask *ask, struct str peer, struct str identity,
    struct party_keys *out, struct fault *fault)
{
	struct known_peer p;

	TRY(known_peer(&p, ask->gate->store, peer.n ? peer : identity, ask->arena, fault));
	if (p.refused)
		return fail(fault, ERR_DENIED, "nothing that it stated is believed here");
	add_keys(out, (struct former_keys){.keys = p.keys, .until = p.until});
	for (size_t i = 0; i < p.former_count; i++)
		add_keys(out, p.former[i]);
	return OK;
}

static enum err open_seal(const struct gate_ask *ask, struct str note, struct str identity,
    const struct party_keys *k, struct seal *seal, struct str *text, struct fault *fault)
{
	enum err rc = fail(fault, ERR_NOT_FOUND, "none of the keys known of it signed this");

	for (size_t i = 0; i < k->count; i++) {
		const struct former_keys *f = &k->items[i];
		struct note_keys keys;

		if (note_keys_parse(&keys, ask->arena, f->keys, NULL) != OK)
			continue;
		rc = seal_open(seal, note, identity, &keys, fault);
		if (rc == ERR_NOT_FOUND)
			continue;
		TRY(rc);
		if (seal->time >= f->until)
			return fail(
			    fault, ERR_INVALID, "signed by keys that did not count any more then");
		*text = arena_printf(ask->arena, "signed by %.*s, Ed25519%s",
		    STR_ARG(key_lines_id(&(struct key_lines){known_peer_first(f->keys), STR_NONE})),
		    keys.mldsa.name.p ? " and ML-DSA-65" : "");
		return OK;
	}
	return rc;
}

/* It names exactly this version of this agreement. */
static enum err check_answer(const struct gate_ask *ask, const struct agreement_state *st,
    const struct agreement_party *said, struct str content, struct fault *fault)
{
	struct party_answer answer;
	yyjson_val *object;

	TRY(json_parse(&object, ask->arena, content, &JSON_LIMITS_OBJECT, fault));
	if (party_answer_read(&answer, object) != OK || answer.state != said->state ||
	    !str_eq(answer.agreement, st->newest.id) ||
	    !str_eq(json_get_str(object, "created_by_ref"), said->identity))
		return fail(fault, ERR_INVALID, "the opinion says something else");
	if (answer.version == st->newest.version && !str_eq(answer.sha256, st->newest_hash))
		return fail(fault, ERR_INVALID, "it is about another text of this version");
	return OK;
}

static enum err verify(const struct gate_ask *ask, const struct agreement_state *st,
    struct gate_signature *s, uint64_t seq, struct fault *fault)
{
	struct gate *g = ask->gate;
	struct party_keys keys = {.count = 0};
	struct seal_cache *cache = seal_cache_new();
	struct sealed sealed;
	struct seal seal;
	enum err rc = seal_envelope_of(&sealed, cache, g->store, seq, fault);

	s->word = rc == ERR_NOT_FOUND ? "unsealed" : "refused";
	if (rc == OK)
		rc = check_answer(ask, st, s->said, store_content(g->store, seq), fault);
	if (rc == OK)
		rc = s->said->own ? own_keys(ask, s->said->identity, &keys, fault)
		                  : peer_keys(ask, s->peer, s->said->identity, &keys, fault);
	if (rc == OK)
		rc = open_seal(ask, sealed.note, s->said->identity, &keys, &seal, &s->text, fault);
	if (rc == OK)
		rc = seal_verify(&sealed.envelope, &seal, store_content(g->store, seq), fault);
	if (rc == OK && (!str_eq(sealed.envelope.statement.id, store_id(g->store, seq)) ||
	                    sealed.envelope.statement.version != store_row(g->store, seq)->version))
		rc = fail(fault, ERR_INVALID, "sealed as another object");
	seal_cache_free(cache);
	return rc;
}

static void fill(const struct gate_ask *ask, const struct gate_agreement *a,
    struct gate_signature *s, const struct gate_party *party)
{
	const struct agreement_party *said = party->said;
	struct fault fault = {.code = OK};
	uint64_t seq;

	*s = (struct gate_signature){
	    .said = said, .peer = party->peer, .word = "none", .text = S("it has not answered")};
	if (said->state == PARTY_PROPOSED)
		return;
	s->object = agreement_answer_id(ask->arena, &a->state.newest.uuid, said->identity);
	/* Of this node the decision counts here, and the opinion is what others check. */
	seq = said->own && s->object.p ? store_find(ask->gate->store, s->object) : said->seq;
	if (seq == STORE_NONE) {
		s->word = "refused";
		s->text = S("the opinion that says so is not here");
		return;
	}
	if (verify(ask, &a->state, s, seq, &fault) == OK)
		s->word = "verified";
	else
		s->text = arena_str(ask->arena, str_c(fault.text));
}

enum err gate_signatures(
    const struct gate_ask *ask, struct str id, struct gate_signatures *out, struct fault *fault)
{
	*out = (struct gate_signatures){.verified = true};
	TRY(gate_agreement(ask, id, &out->agreement, fault));
	for (size_t i = 0; i < out->agreement.count; i++) {
		struct gate_signature *s = &out->items[i];

		fill(ask, &out->agreement, s, &out->agreement.parties[i]);
		if (str_eq(str_c(s->word), S("refused")) || str_eq(str_c(s->word), S("unsealed")))
			out->verified = false;
	}
	return OK;
}
