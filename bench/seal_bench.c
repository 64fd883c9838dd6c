/* SPDX-License-Identifier: Apache-2.0 */
/* Times seals on one core: stating objects, sealing them with both signatures, and checking them as
 * a receiver does. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "seal/record.h"

enum { SEALS = 128, OBJECTS = SEALS * SEAL_LEAVES, TEXT_MAX = 1024 };

#define IDENTITY S("identity--f431f809-377b-45e0-aa1c-6a4751cae5ff")
#define ORIGIN S("tocsin/f431f809-377b-45e0-aa1c-6a4751cae5ff")

struct object {
	char text[TEXT_MAX];
	char id[64];
	size_t n;
	struct statement statement;
	struct envelope envelope;
};

struct bench {
	struct object *objects;
	struct seal_record record;
	struct seal_tree tree;
	struct sha256 leaves[SEAL_LEAVES];
	struct note_signer signer;
	struct note_keys keys;
	struct arena *arena;
};

/* Processor time: other programs on the machine do not count. */
static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_object(struct object *o, unsigned i)
{
	(void)snprintf(o->id, sizeof(o->id), "indicator--8e2e2d2b-17d4-4cbf-938f-%012x", i);
	o->n = (size_t)snprintf(o->text, TEXT_MAX,
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created_by_ref\":"
	    "\"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff\",\"created\":"
	    "\"2016-04-06T20:03:48.000Z\",\"modified\":\"2016-04-06T20:03:48.000Z\",\"name\":"
	    "\"Control server\",\"description\":\"Seen by sensors of the supplier\","
	    "\"indicator_types\":[\"malicious-activity\"],\"pattern\":\"[ipv4-addr:value = "
	    "'198.51.%u.%u']\",\"pattern_type\":\"stix\",\"valid_from\":\"2016-04-06T20:03:48Z\","
	    "\"labels\":[\"feed\"],\"object_marking_refs\":[\"marking-definition--"
	    "613f2e26-407d-48c7-9eca-b8e91df99dc9\"]}",
	    o->id, i >> 8 & 255, i & 255);
}

static void state_one(struct bench *b, struct object *o, size_t i)
{
	struct seal_seed seed = seal_seed_of(&b->record.secret, (uint16_t)i);

	o->statement = (struct statement){.id = {o->id, strlen(o->id)},
	    .version = 1459973028000000,
	    .kind = SEAL_OBJECT,
	    .originator = IDENTITY,
	    .label = S("\x01\x01\x01\x03"),
	    .time = 1763781600000000};
	if (properties_root(&o->statement.properties, &o->statement.members,
	        (struct str){o->text, o->n}, &seed, NULL) != OK)
		__builtin_trap();
	b->leaves[i] = statement_leaf(&o->statement);
}

static void seal_one(struct bench *b, struct object *objects, struct str *note)
{
	struct buf text;

	for (size_t i = 0; i < SEAL_LEAVES; i++)
		state_one(b, &objects[i], i);
	seal_tree_make(&b->tree, &b->record.secret, b->leaves, SEAL_LEAVES);
	buf_init(&text, SEAL_TEXT_MAX);
	seal_text(&text, &(struct seal){.identity = IDENTITY, .root = *seal_tree_root(&b->tree)});
	if (note_sign(note, b->arena, buf_str(&text), &b->signer, NULL) != OK)
		__builtin_trap();
	buf_free(&text);
}

static void prove_all(struct bench *b, struct object *objects, struct str note)
{
	struct seal seal;

	if (seal_read(&seal, note, NULL) != OK)
		__builtin_trap();
	for (size_t i = 0; i < SEAL_LEAVES; i++) {
		objects[i].envelope = (struct envelope){.statement = objects[i].statement,
		    .seal = seal.id,
		    .seed = seal_seed_of(&b->record.secret, (uint16_t)i),
		    .leaves = STR_NONE};
		seal_tree_prove(&b->tree, i, &objects[i].envelope);
	}
}

static void verify_all(const struct object *objects, const struct seal *seal)
{
	struct buf bytes;
	struct envelope e;

	buf_init(&bytes, ENVELOPE_BYTES_MAX);
	for (size_t i = 0; i < SEAL_LEAVES; i++) {
		buf_reset(&bytes);
		envelope_put(&bytes, &objects[i].envelope);
		if (envelope_read(&e, buf_str(&bytes), NULL) != OK ||
		    seal_verify(&e, seal, (struct str){objects[i].text, objects[i].n}, NULL) != OK)
			__builtin_trap();
	}
	buf_free(&bytes);
}

static void make_keys(struct bench *b)
{
	const unsigned char seed[ED25519_SEED] = {1};
	static const char TWO[] = "%s\n%s";
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct sign_public public;
	struct str first, second;

	if (sign_key_from_seed(&key, seed) != OK || mldsa_key_from_seed(&mldsa, seed) != OK)
		__builtin_trap();
	public = sign_key_public(key);
	first = note_verifier_format(b->arena, ORIGIN, &public);
	second = note_verifier_format_mldsa(b->arena, ORIGIN, mldsa_key_public(mldsa));
	b->signer = (struct note_signer){ORIGIN, key, mldsa};
	if (note_keys_parse(
	        &b->keys, b->arena, arena_printf(b->arena, TWO, first.p, second.p), NULL) != OK)
		__builtin_trap();
}

static void row(const char *what, double took, unsigned count, const char *goal)
{
	(void)printf("%s\t%.1f us, %.0f /s a core\t%s\t-\tprocessor time\n", what,
	    took / count * 1e6, count / took, goal);
}

int main(void)
{
	struct bench *b = mem_alloc(sizeof(*b));
	struct str notes[SEALS];
	struct seal seal;
	double t, verify = 0, open = 0;

	b->objects = mem_grow(NULL, OBJECTS, sizeof(*b->objects));
	b->arena = arena_new((size_t)64 << 20);
	make_keys(b);
	for (unsigned i = 0; i < OBJECTS; i++)
		make_object(&b->objects[i], i);
	t = seconds();
	for (unsigned i = 0; i < OBJECTS; i++)
		state_one(b, &b->objects[i], i % SEAL_LEAVES);
	row("Seals: state an object (14 members, 600 bytes)", seconds() - t, OBJECTS, "-");
	t = seconds();
	for (unsigned i = 0; i < SEALS; i++)
		seal_one(b, &b->objects[i * SEAL_LEAVES], &notes[i]);
	row("Seals: state and seal an object, Ed25519 and ML-DSA-65", seconds() - t, OBJECTS,
	    "30,000 /s");
	for (unsigned i = 0; i < SEALS; i++) {
		seal_one(b, &b->objects[i * SEAL_LEAVES], &notes[i]);
		prove_all(b, &b->objects[i * SEAL_LEAVES], notes[i]);
		t = seconds();
		if (seal_open(&seal, notes[i], IDENTITY, &b->keys, NULL) != OK)
			__builtin_trap();
		open += seconds() - t;
		t = seconds();
		verify_all(&b->objects[i * SEAL_LEAVES], &seal);
		verify += seconds() - t;
	}
	row("Seals: check both signatures of a seal of 256", open, SEALS, "-");
	row("Seals: read and check an envelope", verify, OBJECTS, "-");
	row("Seals: check a received object, share of the seal included", open + verify, OBJECTS,
	    "30,000 /s");
	return 0;
}
