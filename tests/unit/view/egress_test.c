/* SPDX-License-Identifier: Apache-2.0 */
/* What peers are given, over real ledgers with real seals: entitlement, order, withdrawal,
 * retraction, and that a rebuild gives the same lists. */
#include "world.h"

#include "base/buf.h"
#include "crypt/sign.h"
#include "policy/label.h"
#include "seal/ledger.h"
#include "sync/edge.h"
#include "view/classes.h"
#include "view/egress.h"
#include "view/purge/purge.h"

#define OURS "identity--00000000-0000-4000-8000-0000000000aa"
#define ALPHA "identity--00000000-0000-4000-8000-0000000000a1"
#define BRAVO "identity--00000000-0000-4000-8000-0000000000b2"

struct scene {
	struct world w;
	struct sign_key *key;
	struct seal_batch batch;
	uint64_t secrets;
};

static void meet(
    struct scene *s, const char *name, const char *identity, const char *state, const char *ceiling)
{
	char path[64], json[512];

	(void)snprintf(path, sizeof(path), "peer/%s", name);
	(void)snprintf(json, sizeof(json),
	    "{\"state\":\"%s\",\"identity\":\"%s\",\"origin\":\"o/%s\",\"ceiling\":\"%s\"}", state,
	    identity, name, ceiling);
	world_decide(&s->w, path, json);
}

static void join_under(struct scene *s, const char *members, const char *terms)
{
	char json[512];

	(void)snprintf(json, sizeof(json),
	    "{\"title\":\"c\",\"members\":[%s],\"ceiling\":\"TLP:RED\",\"own\":true,"
	    "\"anonymise\":[%s]}",
	    members, terms);
	world_decide(&s->w, "community/csirt", json);
}

static void join(struct scene *s, const char *members)
{
	join_under(s, members, "");
}

static void set_up(struct scene *s)
{
	const unsigned char seed[ED25519_SEED] = {7};

	memset(s, 0, sizeof(*s));
	world_make(&s->w);
	assert_int_equal(sign_key_from_seed(&s->key, seed), OK);
	(void)world_add(&s->w,
	    "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"" OURS "\","
	    "\"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-01T00:00:00.000Z\","
	    "\"name\":\"ours\"}",
	    TLP_RED);
}

static void tear_down(struct scene *s)
{
	sign_key_free(s->key);
	world_end(&s->w);
}

static uint64_t indicator(struct scene *s, unsigned n, unsigned version, enum tlp tlp)
{
	char text[WORLD_TEXT];

	world_indicator(text, n, version, "[domain-name:value = 'x.example']", "x");
	return world_add(&s->w, text, tlp);
}

/* Seals what is committed and own, as the core does. */
static void seal_all(struct scene *s)
{
	struct world *w = &s->w;
	const struct note_signer signer = {S("ours"), s->key, NULL};

	world_commit(w);
	for (;;) {
		struct record r = {.kind = RECORD_SEAL, .label = S("\x01\x01\x00\x01\x05")};
		struct seal seal = {.identity = S(OURS), .time = 1};
		struct seal_extent extent;
		char id[SEAL_ID_MAX];
		struct buf text, content;
		uint64_t next, seq;

		WORLD_OK(w, seal_extent(&extent, w->store, &w->fault));
		s->batch.record.secret = (struct seal_secret){{(unsigned char)++s->secrets}};
		WORLD_OK(w, seal_batch_make(&s->batch, w->store, S(OURS), extent.next,
		                store_size(w->store), &next, &w->fault));
		if (s->batch.record.count == 0)
			return;
		buf_init(&text, SEAL_TEXT_MAX);
		buf_init(&content, SEAL_RECORD_MAX);
		seal.root = *seal_tree_root(&s->batch.tree);
		seal_text(&text, &seal);
		arena_reset(w->arena);
		WORLD_OK(w,
		    note_sign(&s->batch.record.note, w->arena, buf_str(&text), &signer, &w->fault));
		seal_record_put(&content, &s->batch.record);
		seal_id_own(id, extent.seals);
		r.id = str_c(id);
		r.content = buf_str(&content);
		WORLD_OK(w, store_append(w->store, &r, 1, &seq, &w->fault));
		world_commit(w);
		buf_free(&text);
		buf_free(&content);
	}
}

/* An object that came from a peer, with the envelope of who originated it. */
static uint64_t receive(struct scene *s, unsigned n, uint32_t source, const char *originator)
{
	char text[WORLD_TEXT], label[] = {1, 1, 1, TLP_GREEN};
	struct envelope e = {.statement = {.version = 1,
	                         .kind = SEAL_OBJECT,
	                         .originator = str_c(originator),
	                         .label = {label, sizeof(label)}},
	    .leaves = STR_NONE};
	struct record r[2];
	struct stix_object o;
	struct buf bytes;
	uint64_t seq = 0;

	world_indicator(text, n, 0, "[domain-name:value = 'r.example']", "r");
	arena_reset(s->w.arena);
	WORLD_OK(&s->w, stix_object_parse(&o, s->w.arena, str_c(text), &s->w.fault));
	e.statement.id = o.id;
	buf_init(&bytes, ENVELOPE_BYTES_MAX);
	envelope_put(&bytes, &e);
	r[0] = (struct record){.kind = RECORD_OBJECT,
	    .tag = o.type,
	    .flags = RECORD_FLAG_RECEIVED,
	    .id = o.id,
	    .version = o.version,
	    .label = {label, sizeof(label)},
	    .source = source,
	    .content = str_c(text)};
	r[1] = r[0];
	r[1].kind = RECORD_ENVELOPE;
	r[1].content = buf_str(&bytes);
	WORLD_OK(&s->w, store_append(s->w.store, r, 2, &seq, &s->w.fault));
	buf_free(&bytes);
	return seq;
}

/* "O3 W7": the entries of a peer's feed as kind and record. */
static void feed_of(struct scene *s, const char *identity, char out[256])
{
	struct egress_entry entries[64];
	struct egress_feed feed;
	struct egress *e;
	size_t count, at = 0;

	WORLD_OK(&s->w, egress_open(&e, str_c(s->w.views), &s->w.fault));
	WORLD_OK(&s->w, egress_feed(e, str_c(identity), &feed, &s->w.fault));
	WORLD_OK(&s->w, egress_entries(e, feed.number, 0, entries, 64, &count, &s->w.fault));
	assert_int_equal(count, feed.size);
	out[0] = 0;
	for (size_t i = 0; i < count; i++)
		at += (size_t)snprintf(out + at, 256 - at, "%s%c%llu", i ? " " : "",
		    "?OWRP"[entries[i].kind], (unsigned long long)entries[i].seq);
	egress_close(e);
}

static void expect(struct scene *s, const char *identity, const char *entries)
{
	char text[256];

	world_follow(&s->w);
	feed_of(s, identity, text);
	assert_string_equal(text, entries);
}

/* G1: a peer that is not entitled has an empty feed; what is not sealed is in none. */
static void a_peer_is_given_what_policy_lets_out_once_it_is_sealed(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	meet(s, "bravo", BRAVO, "active", "TLP:AMBER");
	join(s, "\"alpha\"");
	(void)indicator(s, 1, 0, TLP_GREEN); /* 4 */
	(void)indicator(s, 2, 0, TLP_RED);
	(void)indicator(s, 3, 0, TLP_CLEAR); /* 6 */
	expect(s, ALPHA, "");
	seal_all(s);
	expect(s, ALPHA, "O4 O6");
	expect(s, BRAVO, "O6");
	tear_down(s);
	mem_free(s);
}

static void what_becomes_visible_follows_and_what_no_longer_is_is_retracted(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));

	(void)state;
	set_up(s);
	(void)indicator(s, 1, 0, TLP_GREEN); /* 1 */
	(void)indicator(s, 1, 1, TLP_GREEN); /* 2: the newest of two */
	(void)indicator(s, 2, 0, TLP_CLEAR); /* 3 */
	meet(s, "alpha", ALPHA, "met", "TLP:AMBER");
	seal_all(s);
	expect(s, ALPHA, "");
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	expect(s, ALPHA, "O3");
	join(s, "\"alpha\"");
	expect(s, ALPHA, "O3 O2");
	join(s, "");
	expect(s, ALPHA, "O3 O2 R2");
	join(s, "\"alpha\"");
	expect(s, ALPHA, "O3 O2 R2 O2");
	meet(s, "alpha", ALPHA, "cut", "TLP:AMBER");
	(void)indicator(s, 3, 0, TLP_CLEAR);
	seal_all(s);
	expect(s, ALPHA, "O3 O2 R2 O2");
	tear_down(s);
	mem_free(s);
}

static void take_back(struct scene *s, uint64_t seq)
{
	char path[128];

	(void)snprintf(
	    path, sizeof(path), STORE_WITHDRAW "%.*s", STR_ARG(store_id(s->w.store, seq)));
	world_decide(&s->w, path, "{\"reason\":\"wrong\"}");
}

/* G11: who had it is told; who did not is not. */
static void a_withdrawal_goes_to_those_who_had_the_object(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	uint64_t seq;

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	meet(s, "bravo", BRAVO, "active", "TLP:AMBER");
	join(s, "\"alpha\"");
	seq = indicator(s, 1, 0, TLP_GREEN); /* 4 */
	seal_all(s);                         /* 5 */
	take_back(s, seq);                   /* 6 */
	expect(s, ALPHA, "O4");
	seal_all(s); /* 7 */
	expect(s, ALPHA, "O4 W6");
	expect(s, BRAVO, "");
	/* A later version stays at home. */
	(void)indicator(s, 1, 2, TLP_GREEN);
	seal_all(s);
	expect(s, ALPHA, "O4 W6");
	tear_down(s);
	mem_free(s);
}

static uint64_t sighting(struct scene *s, unsigned n, const char *more)
{
	char text[WORLD_TEXT];

	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"sighting\",\"spec_version\":\"2.1\","
	    "\"id\":\"sighting--%08x-0000-4000-8000-000000000000\","
	    "\"created\":\"2024-02-01T00:00:00.000Z\",\"modified\":\"2024-02-01T00:00:00.000Z\","
	    "\"sighting_of_ref\":\"indicator--%08x-0000-4000-8000-000000000000\"%s}",
	    n, n, more);
	return world_add(&s->w, text, TLP_GREEN);
}

/* What is withheld from a peer of an object that it is given; -1: it is not. */
static int64_t withheld_from(struct scene *s, const char *identity, uint64_t seq)
{
	struct egress_given given;
	struct egress_feed feed;
	struct egress *e;

	world_follow(&s->w);
	WORLD_OK(&s->w, egress_open(&e, str_c(s->w.views), &s->w.fault));
	WORLD_OK(&s->w, egress_feed(e, str_c(identity), &feed, &s->w.fault));
	WORLD_OK(&s->w, egress_given(e, feed.number, seq, &given, &s->w.fault));
	egress_close(e);
	return given.entry == STORE_NONE ? -1 : (int64_t)given.withheld;
}

/* P11, G1: terms count from when they are decided; what nothing remains of is not given, and taken
 * back when terms come to that. */
static void terms_go_with_what_is_given(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	uint64_t seen, opinion;

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");     /* 1 */
	join_under(s, "\"alpha\"", "\"victims\"");          /* 2 */
	seen = sighting(s, 1, ",\"description\":\"at x\""); /* 3 */
	opinion = world_add(&s->w,
	    "{\"type\":\"note\",\"spec_version\":\"2.1\","
	    "\"id\":\"note--00000000-0000-4000-8000-000000000001\","
	    "\"created\":\"2024-02-01T00:00:00.000Z\",\"modified\":\"2024-02-01T00:00:00.000Z\","
	    "\"content\":\"x\",\"object_refs\":[\"" BRAVO "\"]}",
	    TLP_GREEN); /* 4 */
	seal_all(s);    /* 5 */
	expect(s, ALPHA, "O3");
	assert_int_equal(withheld_from(s, ALPHA, seen), 1);
	assert_int_equal(withheld_from(s, ALPHA, opinion), -1);
	join_under(s, "\"alpha\"", "\"confidence\"");
	expect(s, ALPHA, "O3 O4");
	assert_int_equal(withheld_from(s, ALPHA, seen), 16);
	assert_int_equal(withheld_from(s, ALPHA, opinion), 16);
	join_under(s, "\"alpha\"", "\"victims\",\"confidence\"");
	expect(s, ALPHA, "O3 O4 R4");
	assert_int_equal(withheld_from(s, ALPHA, seen), 17);
	join_under(s, "\"alpha\"", "\"unheard-of\"");
	expect(s, ALPHA, "O3 O4 R4 R3");
	join(s, "\"alpha\"");
	expect(s, ALPHA, "O3 O4 R4 R3 O3 O4");
	assert_int_equal(withheld_from(s, ALPHA, seen), 0);
	tear_down(s);
	mem_free(s);
}

/* G8: nothing goes back to whom it came from, nor to whom it began with. */
static void what_came_from_a_peer_goes_to_others_only(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	meet(s, "bravo", BRAVO, "active", "TLP:AMBER");
	join(s, "\"alpha\",\"bravo\"");
	world_decide(&s->w, "source/peer:alpha", "{\"number\":9}");
	(void)receive(s, 1, 9, ALPHA); /* 5, 6 */
	(void)receive(s, 2, 9, BRAVO); /* 7, 8 */
	(void)receive(s, 3, 9, OURS);  /* 9, 10: some third one's, for all that matters here */
	expect(s, ALPHA, "");
	expect(s, BRAVO, "O5 O9");
	tear_down(s);
	mem_free(s);
}

static void purge(struct scene *s, uint64_t seq)
{
	const struct purge p = {.id = store_id(s->w.store, seq),
	    .reason = S("spilled"),
	    .by = S("local"),
	    .identity = S(OURS),
	    .views = str_c(s->w.views),
	    .label = S("\x01\x01\x00\x01\x05"),
	    .now = 77};
	uint32_t count;

	WORLD_OK(&s->w, purge_append(s->w.store, &p, &count, &s->w.fault));
	assert_true(count > 0);
	world_commit(&s->w);
}

/* The list as it is, and as it is made of a ledger in which the contents are gone. */
static void expect_anew(struct scene *s, const char *identity, const char *entries)
{
	expect(s, identity, entries);
	WORLD_OK(&s->w, VIEW_EGRESS.drop(str_c(s->w.views), &s->w.fault));
	expect(s, identity, entries);
}

/* G19: who had it is asked, who had not is not; and what was given under terms, by what an object
 * said, is known to have been when it says nothing any more. */
static void a_purge_goes_to_those_who_had_the_object(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	uint64_t seen, opinion;

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");     /* 1 */
	meet(s, "bravo", BRAVO, "active", "TLP:AMBER");     /* 2 */
	join_under(s, "\"alpha\"", "\"victims\"");          /* 3 */
	seen = sighting(s, 1, ",\"description\":\"at x\""); /* 4 */
	opinion = world_add(&s->w,
	    "{\"type\":\"note\",\"spec_version\":\"2.1\","
	    "\"id\":\"note--00000000-0000-4000-8000-000000000001\","
	    "\"created\":\"2024-02-01T00:00:00.000Z\",\"modified\":\"2024-02-01T00:00:00.000Z\","
	    "\"content\":\"x\",\"object_refs\":[\"" BRAVO "\"]}",
	    TLP_GREEN); /* 5 */
	seal_all(s);    /* 6 */
	join_under(s, "\"alpha\"", "\"confidence\"");
	join_under(s, "\"alpha\"", "\"victims\",\"confidence\"");
	expect(s, ALPHA, "O4 O5 R5");
	purge(s, opinion); /* 9, withdraw 10, purge 11 */
	purge(s, seen);    /* 12, withdraw 13, purge 14 */
	expect_anew(s, ALPHA, "O4 O5 R5");
	seal_all(s); /* 15 */
	expect_anew(s, ALPHA, "O4 O5 R5 P11 W13 P14");
	expect(s, BRAVO, "");
	tear_down(s);
	mem_free(s);
}

/* G19: of what came from others it is told who had it from here, and who asked for it. */
static void a_purge_answers_who_asked_for_it(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	uint64_t seq;

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	meet(s, "bravo", BRAVO, "active", "TLP:AMBER");
	join(s, "\"alpha\",\"bravo\"");
	world_decide(&s->w, "source/peer:alpha", "{\"number\":9}");
	seq = receive(s, 1, 9, ALPHA); /* 5, 6 */
	expect(s, BRAVO, "O5");
	purge(s, seq); /* 7, withdraw 8, purge 9 */
	seal_all(s);   /* 10 */
	expect_anew(s, BRAVO, "O5 R5 P9");
	/* alpha did not ask. */
	expect_anew(s, ALPHA, "");
	tear_down(s);
	mem_free(s);
}

/* G7: what another stated is not this node's to withdraw elsewhere; that it gave it, it takes back.
 */
static void what_others_stated_is_retracted_not_withdrawn(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	meet(s, "bravo", BRAVO, "active", "TLP:AMBER");
	join(s, "\"alpha\",\"bravo\"");
	world_decide(&s->w, "source/peer:alpha", "{\"number\":9}");
	take_back(s, receive(s, 1, 9, ALPHA)); /* 5, 6; 7 */
	expect(s, BRAVO, "O5");
	seal_all(s);
	expect(s, BRAVO, "O5 R5");
	expect(s, ALPHA, "");
	tear_down(s);
	mem_free(s);
}

static void sign_for(struct scene *s, unsigned size, unsigned second)
{
	char json[256];

	(void)snprintf(json, sizeof(json),
	    "{\"identity\":\"" ALPHA "\",\"size\":%u,\"time\":\"2026-01-01T00:00:%02u.000000Z\"}",
	    size, second);
	world_decide(&s->w, "receipt/alpha", json);
}

/* "due", "entry 3" or "entry 3 at 5": what a peer has of a withdrawal, and when it signed for it.
 */
static const char *standing(struct scene *s, const char *identity, uint64_t decision, char out[64])
{
	struct egress_feed feed;
	struct egress *e;
	uint64_t entry;
	usec time;
	bool had;

	world_follow(&s->w);
	WORLD_OK(&s->w, egress_open(&e, str_c(s->w.views), &s->w.fault));
	WORLD_OK(&s->w, egress_feed(e, str_c(identity), &feed, &s->w.fault));
	WORLD_OK(&s->w, egress_back(e, feed.number, decision, &had, &entry, &s->w.fault));
	if (!had)
		(void)snprintf(out, 64, "never");
	else if (entry == STORE_NONE)
		(void)snprintf(out, 64, "due");
	else if (egress_receipt(e, feed.number, entry, &time, NULL) != OK)
		(void)snprintf(out, 64, "entry %u", (unsigned)entry);
	else
		(void)snprintf(out, 64, "entry %u at %u", (unsigned)entry,
		    (unsigned)(time / USEC_PER_SEC % 60));
	egress_close(e);
	return out;
}

/* G11: of each peer that had the object it is known which entry tells it, and the first receipt
 * over that; a peer that signs for less than before has lost the rest. */
static void it_is_known_who_has_signed_for_a_withdrawal(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	char text[64];
	uint64_t one, two, due[4], count;
	size_t n;
	struct egress *e;

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	meet(s, "bravo", BRAVO, "active", "TLP:AMBER");
	join(s, "\"alpha\"");
	one = indicator(s, 1, 0, TLP_GREEN); /* 4 */
	two = indicator(s, 2, 0, TLP_GREEN); /* 5 */
	seal_all(s);                         /* 6 */
	take_back(s, one);                   /* 7 */
	assert_string_equal(standing(s, ALPHA, 7, text), "due");
	assert_string_equal(standing(s, BRAVO, 7, text), "never");
	seal_all(s); /* 8 */
	assert_string_equal(standing(s, ALPHA, 7, text), "entry 2");
	sign_for(s, 2, 1);
	assert_string_equal(standing(s, ALPHA, 7, text), "entry 2");
	sign_for(s, 3, 2);
	sign_for(s, 3, 3);
	assert_string_equal(standing(s, ALPHA, 7, text), "entry 2 at 2");

	join(s, "");       /* the other one is retracted: entry 3 */
	take_back(s, two); /* 13 */
	seal_all(s);
	assert_string_equal(standing(s, ALPHA, 13, text), "entry 3");
	WORLD_OK(&s->w, egress_open(&e, str_c(s->w.views), &s->w.fault));
	WORLD_OK(&s->w, egress_back_count(e, 0, 3, &count, &s->w.fault));
	assert_int_equal(count, 1);
	WORLD_OK(&s->w, egress_withdrawals(e, UINT64_MAX, due, 4, &n, &s->w.fault));
	assert_int_equal(n, 2);
	assert_true(due[0] == 13 && due[1] == 7);
	WORLD_OK(&s->w, egress_withdrawals(e, 13, due, 4, &n, &s->w.fault));
	assert_true(n == 1 && due[0] == 7);
	egress_close(e);

	sign_for(s, 4, 5);
	assert_string_equal(standing(s, ALPHA, 13, text), "entry 3 at 5");
	assert_string_equal(standing(s, ALPHA, 7, text), "entry 2 at 2");
	sign_for(s, 1, 9);
	assert_string_equal(standing(s, ALPHA, 7, text), "entry 2");
	tear_down(s);
	mem_free(s);
}

static void add_line(void *ctx, struct str line)
{
	buf_put(ctx, line);
	buf_byte(ctx, '\n');
}

static struct buf dump(struct scene *s)
{
	struct view *v;
	struct buf out;

	for (size_t i = 0; VIEW_CLASSES[i]; i++) {
		if (strcmp(VIEW_CLASSES[i]->name, "egress") != 0)
			continue;
		buf_init(&out, (size_t)64 << 20);
		WORLD_OK(&s->w,
		    view_open(&v, VIEW_CLASSES[i], str_c(s->w.views), s->w.store, &s->w.fault));
		WORLD_OK(&s->w, VIEW_CLASSES[i]->dump(v, add_line, &out, &s->w.fault));
		VIEW_CLASSES[i]->close(v);
		WORLD_OK(&s->w, VIEW_CLASSES[i]->drop(str_c(s->w.views), &s->w.fault));
		return out;
	}
	abort();
}

static void join_any(struct scene *s, unsigned n)
{
	static const char *const MEMBERS[] = {"", "\"alpha\"", "\"alpha\",\"bravo\""};
	static const char *const TERMS[] = {"", "\"confidence\"", "\"victims\"", "\"victims\""};

	join_under(s, MEMBERS[n % 3], TERMS[n % 4]);
}

/* One step of a random life of a node with peers. */
static void live(struct scene *s, uint64_t *seed)
{
	uint64_t r = next_random(seed);
	unsigned n = (unsigned)(r >> 8) % 60;
	uint64_t seq;

	switch (r % 16) {
	case 0:
		meet(s, n % 2 ? "alpha" : "bravo", n % 2 ? ALPHA : BRAVO, n % 3 ? "active" : "cut",
		    n % 5 ? "TLP:AMBER" : "TLP:CLEAR");
		break;
	case 1:
		join_any(s, n);
		break;
	case 2:
		seq = (r >> 16) % store_size_pending(s->w.store);
		if (store_row(s->w.store, seq)->kind != RECORD_OBJECT || seq == 0)
			break;
		if (!store_withdrawn(store_row(s->w.store, seq)))
			take_back(s, seq);
		break;
	case 3:
	case 4:
		seal_all(s);
		break;
	case 5:
		(void)receive(s, 1000 + (unsigned)(r >> 40) % 100000, 9, n % 2 ? ALPHA : OURS);
		break;
	case 6:
		sign_for(s, n, (unsigned)(r >> 32) % 60);
		break;
	case 7:
		(void)sighting(s, (unsigned)(r >> 20), n % 2 ? ",\"description\":\"x\"" : "");
		break;
	default:
		(void)indicator(s, n, (unsigned)(r >> 32) % 20,
		    n % 3 == 0   ? TLP_RED
		    : n % 3 == 1 ? TLP_GREEN
		                 : TLP_CLEAR);
		break;
	}
}

/* The list is a function of the ledger alone: signed heads hold after a rebuild, however the
 * follower was called. */
static void a_rebuild_gives_the_same_feeds(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	struct buf followed, rebuilt;
	uint64_t seed = 11;

	(void)state;
	set_up(s);
	world_decide(&s->w, "source/peer:alpha", "{\"number\":9}");
	for (unsigned step = 0; step < 3000; step++) {
		live(s, &seed);
		if (next_random(&seed) % 40 == 0)
			world_follow(&s->w);
	}
	world_follow(&s->w);
	followed = dump(s);
	world_follow(&s->w);
	rebuilt = dump(s);
	assert_true(followed.n > 20000);
	assert_int_equal(followed.n, rebuilt.n);
	assert_memory_equal(followed.p, rebuilt.p, followed.n);
	buf_free(&followed);
	buf_free(&rebuilt);
	tear_down(s);
	mem_free(s);
}

/* The tree that readers compute is that of the leaves, at every size. */
static void roots_and_proofs_are_those_of_the_entries(void **state)
{
	struct scene *s = mem_alloc(sizeof(*s));
	struct sync_edge edge = {0};
	struct egress_feed feed;
	struct egress *e;

	(void)state;
	set_up(s);
	meet(s, "alpha", ALPHA, "active", "TLP:AMBER");
	join(s, "\"alpha\"");
	for (unsigned n = 0; n < 700; n++)
		(void)indicator(s, n, 0, TLP_GREEN);
	seal_all(s);
	world_follow(&s->w);
	WORLD_OK(&s->w, egress_open(&e, str_c(s->w.views), &s->w.fault));
	WORLD_OK(&s->w, egress_feed(e, S(ALPHA), &feed, &s->w.fault));
	assert_int_equal(feed.size, 700);
	for (uint64_t i = 0; i < feed.size; i++) {
		struct egress_entry entry;
		struct sha256 root, mine, leaf;
		struct merkle_path path;
		size_t count;

		WORLD_OK(&s->w, egress_entries(e, feed.number, i, &entry, 1, &count, &s->w.fault));
		leaf = sync_leaf(entry.kind, &entry.statement);
		merkle_frontier_add(&edge.frontier, &leaf);
		mine = sync_edge_root(&edge);
		WORLD_OK(&s->w, egress_root(e, feed.number, i + 1, &root, &s->w.fault));
		assert_memory_equal(&root, &mine, sizeof(root));
		if (i % 50)
			continue;
		WORLD_OK(&s->w, egress_root(e, feed.number, 700, &root, &s->w.fault));
		WORLD_OK(&s->w, egress_consistency(e, feed.number, i + 1, 700, &path, &s->w.fault));
		assert_true(
		    merkle_verify_consistency(i + 1, 700, &mine, &root, path.hashes, path.count));
	}
	egress_close(e);
	tear_down(s);
	mem_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_peer_is_given_what_policy_lets_out_once_it_is_sealed),
	    cmocka_unit_test(what_becomes_visible_follows_and_what_no_longer_is_is_retracted),
	    cmocka_unit_test(a_withdrawal_goes_to_those_who_had_the_object),
	    cmocka_unit_test(terms_go_with_what_is_given),
	    cmocka_unit_test(what_came_from_a_peer_goes_to_others_only),
	    cmocka_unit_test(a_purge_goes_to_those_who_had_the_object),
	    cmocka_unit_test(a_purge_answers_who_asked_for_it),
	    cmocka_unit_test(what_others_stated_is_retracted_not_withdrawn),
	    cmocka_unit_test(it_is_known_who_has_signed_for_a_withdrawal),
	    cmocka_unit_test(a_rebuild_gives_the_same_feeds),
	    cmocka_unit_test(roots_and_proofs_are_those_of_the_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
