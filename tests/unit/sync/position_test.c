/* SPDX-License-Identifier: Apache-2.0 */
/* How far a peer's feed was taken, what is held against it, and when that ends: over a real ledger,
 * with real signatures. */
#include "unit/store/ledger.h"

#include "base/arena.h"
#include "base/base64.h"
#include "crypt/sign.h"
#include "sync/position.h"

#define PEER "identity--00000000-0000-4000-8000-0000000000a1"
#define OTHER "identity--00000000-0000-4000-8000-0000000000b2"
#define FEED "peer.example/to/us"

struct scene {
	struct ledger l;
	struct arena *arena;
	struct sign_key *key, *stranger;
	struct mldsa_key *mldsa;
	struct note_keys keys;
	int64_t version;
};

static void set_up(struct scene *s)
{
	const unsigned char seeds[2][ED25519_SEED] = {{1}, {2}};
	const unsigned char seed[MLDSA_SEED] = {3};
	struct sign_public ed;
	struct mldsa_public pq;
	struct str lines;

	*s = (struct scene){.arena = arena_new((size_t)16 << 20)};
	ledger_make(&s->l);
	assert_int_equal(sign_key_from_seed(&s->key, seeds[0]), OK);
	assert_int_equal(sign_key_from_seed(&s->stranger, seeds[1]), OK);
	assert_int_equal(mldsa_key_from_seed(&s->mldsa, seed), OK);
	ed = sign_key_public(s->key);
	pq = *mldsa_key_public(s->mldsa);
	lines = arena_printf(s->arena, "%.*s\n%.*s\n",
	    STR_ARG(note_verifier_format(s->arena, S("peer.example"), &ed)),
	    STR_ARG(note_verifier_format_mldsa(s->arena, S("peer.example"), &pq)));
	assert_int_equal(note_keys_parse(&s->keys, s->arena, lines, NULL), OK);
}

static void tear_down(struct scene *s)
{
	sign_key_free(s->key);
	sign_key_free(s->stranger);
	mldsa_key_free(s->mldsa);
	arena_free(s->arena);
	ledger_remove(&s->l);
}

static struct str head(
    struct scene *s, const struct note_signer *by, const char *feed, unsigned size, char story)
{
	struct sha256 root = sha256((struct str){&story, 1});
	struct str note,
	    text = arena_printf(s->arena, "%s\n%u\n%.*s\n", feed, size,
	        STR_ARG(base64_encode(s->arena, (struct str){(const char *)root.b, SHA256_LEN})));

	assert_int_equal(note_sign(&note, s->arena, text, by, NULL), OK);
	return note;
}

static struct note_signer peer(struct scene *s)
{
	return (struct note_signer){S("peer.example"), s->key, s->mldsa};
}

static void decide(struct scene *s, const char *path, struct str content)
{
	struct record r = {.kind = RECORD_DECISION,
	    .id = str_c(path),
	    .version = ++s->version,
	    .label = S("TLP:RED"),
	    .content = content};
	uint64_t seq;

	assert_int_equal(store_append(s->l.store, &r, 1, &seq, &s->l.fault), OK);
}

static void meet(struct scene *s, const char *state)
{
	decide(s, "peer/a",
	    arena_printf(s->arena, "{\"state\":\"%s\",\"identity\":\"" PEER "\"}", state));
}

static void take(struct scene *s, unsigned size)
{
	struct position p = {.identity = S(PEER), .head = S("head")};
	struct buf b;

	for (unsigned i = 0; i < size; i++) {
		struct sha256 leaf = sha256((struct str){(const char *)&i, sizeof(i)});

		merkle_frontier_add(&p.edge.frontier, &leaf);
	}
	buf_init(&b, 64 << 10);
	position_put(&b, &p, INT64_C(1700000000000000));
	decide(s, "position/peer/a", arena_str(s->arena, buf_str(&b)));
	buf_free(&b);
}

static uint64_t taken(struct scene *s)
{
	struct position p;

	assert_int_equal(position_read(&p, s->l.store, S("a"), S(PEER), s->arena, NULL), OK);
	return sync_edge_size(&p.edge);
}

static void accuse(struct scene *s, enum sync_reason reason, struct str held, struct str shown)
{
	struct buf b;

	buf_init(&b, 64 << 10);
	evidence_put(&b, &(struct evidence){.peer = S("a"),
	                     .identity = S(PEER),
	                     .why = S("why"),
	                     .held = held,
	                     .shown = shown,
	                     .time = INT64_C(1700000000000000),
	                     .reason = reason});
	decide(s, "evidence/a", arena_str(s->arena, buf_str(&b)));
	buf_free(&b);
}

static bool stands(struct scene *s)
{
	struct evidence e;

	return evidence_read(&e, s->l.store, S("a"), S(PEER), s->arena, NULL) == OK && e.stands;
}

/* G9: two stories stand until the peer is invited anew, and then its feed begins anew. */
static void two_stories_end_with_a_new_invitation_alone(void **state)
{
	struct evidence e;
	struct scene s;

	(void)state;
	set_up(&s);
	meet(&s, "met");
	meet(&s, "active");
	take(&s, 5);
	assert_false(stands(&s));
	accuse(&s, SYNC_REASON_EQUIVOCATES, S("held"), S("shown"));
	assert_true(stands(&s));
	meet(&s, "cut");
	take(&s, 6);
	assert_true(stands(&s));
	assert_int_equal(taken(&s), 6);
	accuse(&s, SYNC_REASON_EQUIVOCATES, S("held"), S("shown again"));
	meet(&s, "met");
	assert_false(stands(&s));
	assert_int_equal(taken(&s), 0);
	for (int i = 0; i < 300; i++)
		meet(&s, "active");
	assert_false(stands(&s));
	assert_int_equal(taken(&s), 0);
	take(&s, 2);
	assert_int_equal(taken(&s), 2);
	/* It stays on record, and is about this node alone. */
	assert_int_equal(evidence_read(&e, s.l.store, S("a"), S(PEER), s.arena, NULL), OK);
	assert_true(str_eq(e.shown, S("shown again")));
	assert_int_equal(
	    evidence_read(&e, s.l.store, S("a"), S(OTHER), s.arena, NULL), ERR_NOT_FOUND);
	tear_down(&s);
}

/* An invitation for another reason, like a new certificate, does not begin the feed anew. */
static void a_feed_goes_on_when_nothing_was_held_against_it(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	meet(&s, "met");
	meet(&s, "active");
	take(&s, 5);
	meet(&s, "cut");
	meet(&s, "met");
	meet(&s, "active");
	assert_int_equal(taken(&s), 5);
	tear_down(&s);
}

static void a_rewound_feed_that_goes_on_is_good_again(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	meet(&s, "met");
	meet(&s, "active");
	take(&s, 5);
	accuse(&s, SYNC_REASON_REWOUND, S("held"), S("shown"));
	assert_true(stands(&s));
	assert_int_equal(taken(&s), 5);
	take(&s, 6);
	assert_false(stands(&s));
	/* What was settled so does not begin the feed anew later. */
	meet(&s, "cut");
	meet(&s, "met");
	assert_int_equal(taken(&s), 6);
	tear_down(&s);
}

/* G9: proof is two heads of one size, signed with every key that the peer has. */
static void only_two_signed_heads_of_one_size_are_proof(void **state)
{
	struct note_signer by, half, other;
	struct checkpoint out;
	struct scene s;
	struct str held;

	(void)state;
	set_up(&s);
	by = half = other = peer(&s);
	half.mldsa = NULL;
	other.key = s.stranger;
	held = head(&s, &by, FEED, 7, 'x');
	const struct {
		struct str shown;
		bool proof;
	} CASES[] = {
	    {head(&s, &by, FEED, 7, 'y'), true},
	    {head(&s, &by, FEED, 7, 'x'), false},
	    {head(&s, &by, FEED, 8, 'y'), false},
	    {head(&s, &by, FEED, 6, 'y'), false},
	    {head(&s, &by, "peer.example/to/others", 7, 'y'), false},
	    {head(&s, &half, FEED, 7, 'y'), false},
	    {head(&s, &other, FEED, 7, 'y'), false},
	    {S(""), false},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		enum err rc = evidence_check(&out, held, CASES[i].shown, &s.keys, NULL);

		assert_int_equal(rc, CASES[i].proof ? OK : ERR_INVALID);
		assert_int_equal(evidence_check(&out, CASES[i].shown, held, &s.keys, NULL), rc);
	}
	assert_int_equal(evidence_check(&out, held, CASES[0].shown, &s.keys, NULL), OK);
	assert_int_equal(out.size, 7);
	assert_true(str_eq(out.origin, S(FEED)));
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_stories_end_with_a_new_invitation_alone),
	    cmocka_unit_test(a_feed_goes_on_when_nothing_was_held_against_it),
	    cmocka_unit_test(a_rewound_feed_that_goes_on_is_good_again),
	    cmocka_unit_test(only_two_signed_heads_of_one_size_are_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
