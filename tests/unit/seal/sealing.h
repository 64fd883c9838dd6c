/* SPDX-License-Identifier: Apache-2.0 */
/* A signer and seals of a few objects, for the tests of this module. */
#pragma once

#include "test.h"

#include <string.h>

#include "seal/record.h"

#define IDENTITY S("identity--6f0f3cf1-7f06-4c07-9e42-1d7e0b4f8a11")
#define ORIGIN S("tocsin/6f0f3cf1-7f06-4c07-9e42-1d7e0b4f8a11")
#define WHEN INT64_C(1763781600000000)

struct sealing {
	struct arena *arena;
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct note_keys keys;
	struct seal_record record;
	struct seal_tree tree;
	struct statement statements[SEAL_LEAVES];
	struct str note;
	struct seal seal;
};

static inline void sealing_keys(struct sealing *t, unsigned char byte)
{
	const unsigned char seed[ED25519_SEED] = {byte};
	struct sign_public public;
	struct str first, second;

	t->arena = arena_new(64 << 20);
	assert_int_equal(sign_key_from_seed(&t->key, seed), OK);
	assert_int_equal(mldsa_key_from_seed(&t->mldsa, seed), OK);
	public = sign_key_public(t->key);
	first = note_verifier_format(t->arena, ORIGIN, &public);
	second = note_verifier_format_mldsa(t->arena, ORIGIN, mldsa_key_public(t->mldsa));
	assert_int_equal(note_keys_parse(&t->keys, t->arena,
	                     arena_printf(t->arena, "%s\n%s", first.p, second.p), NULL),
	    OK);
}

static inline struct statement sealing_state(
    struct sealing *t, size_t i, struct str id, struct str content)
{
	struct seal_seed seed = seal_seed_of(&t->record.secret, (uint16_t)i);
	struct statement s = {.id = id,
	    .version = WHEN - 1000,
	    .kind = SEAL_OBJECT,
	    .originator = IDENTITY,
	    .label = S("\x01\x01\x00\x01\x03"),
	    .time = WHEN};

	assert_int_equal(properties_root(&s.properties, &s.members, content, &seed, NULL), OK);
	t->record.entries[i] = (struct seal_entry){(uint32_t)i, s.members, s.properties};
	return s;
}

/* Seals contents[0..count), whose ids are "indicator--0" and so on. */
static inline void sealing_make(struct sealing *t, const struct str *contents, size_t count)
{
	struct sha256 leaves[SEAL_LEAVES];
	struct buf text;

	sealing_keys(t, 1);
	memset(t->record.secret.b, 0x5a, SEAL_SECRET);
	t->record.count = count;
	for (size_t i = 0; i < count; i++) {
		t->statements[i] =
		    sealing_state(t, i, arena_printf(t->arena, "indicator--%zu", i), contents[i]);
		leaves[i] = statement_leaf(&t->statements[i]);
	}
	seal_tree_make(&t->tree, &t->record.secret, leaves, count);
	buf_init(&text, SEAL_TEXT_MAX);
	seal_text(&text,
	    &(struct seal){.identity = IDENTITY, .time = WHEN, .root = *seal_tree_root(&t->tree)});
	assert_int_equal(note_sign(&t->note, t->arena, buf_str(&text),
	                     &(struct note_signer){ORIGIN, t->key, t->mldsa}, NULL),
	    OK);
	buf_free(&text);
	assert_int_equal(seal_open(&t->seal, t->note, IDENTITY, &t->keys, NULL), OK);
	t->record.note = t->note;
}

static inline void sealing_free(struct sealing *t)
{
	sign_key_free(t->key);
	mldsa_key_free(t->mldsa);
	arena_free(t->arena);
}

static inline struct envelope sealing_envelope(const struct sealing *t, size_t i)
{
	struct envelope e = {.statement = t->statements[i],
	    .seal = t->seal.id,
	    .seed = seal_seed_of(&t->record.secret, (uint16_t)i),
	    .leaves = STR_NONE};

	seal_tree_prove(&t->tree, i, &e);
	return e;
}

/* A copy of content i without the members whose bit is set. */
static inline struct envelope sealing_redact(
    struct sealing *t, size_t i, struct str content, uint64_t out, struct str *copy)
{
	struct envelope e = sealing_envelope(t, i);
	struct buf leaves, text;
	struct member member;
	struct members m;
	struct seal_salt salt;
	struct sha256 leaf;
	uint16_t n = 0;

	buf_init(&leaves, ENVELOPE_BYTES_MAX);
	buf_init(&text, ENVELOPE_BYTES_MAX);
	buf_byte(&text, '{');
	assert_int_equal(members_open(&m, content, NULL), OK);
	for (; members_next(&m, &member, NULL) == OK; n++) {
		salt = seal_salt(&e.seed, n);
		leaf = member_leaf(&member, &salt);
		buf_u8(&leaves, !(out >> n & 1));
		buf_put(&leaves, out >> n & 1 ? (struct str){(const char *)leaf.b, SHA256_LEN}
		                              : (struct str){(const char *)salt.b, SEAL_SALT});
		if (!(out >> n & 1))
			buf_printf(&text, "%s\"%.*s\":%.*s", text.n > 1 ? "," : "",
			    STR_ARG(member.name), STR_ARG(member.value));
	}
	buf_byte(&text, '}');
	salt = seal_salt(&e.seed, n);
	leaf = content_leaf(content, &salt);
	buf_u8(&leaves, 0);
	buf_put(&leaves, (struct str){(const char *)leaf.b, SHA256_LEN});
	e.seed = (struct seal_seed){{0}};
	e.leaves = arena_str(t->arena, buf_str(&leaves));
	*copy = arena_str(t->arena, buf_str(&text));
	buf_free(&leaves);
	buf_free(&text);
	return e;
}

static inline struct str sealing_bytes(struct arena *arena, const struct envelope *e)
{
	struct buf b;
	struct str bytes;

	buf_init(&b, ENVELOPE_BYTES_MAX);
	envelope_put(&b, e);
	assert_int_equal(b.failed, OK);
	bytes = arena_str(arena, buf_str(&b));
	buf_free(&b);
	return bytes;
}
