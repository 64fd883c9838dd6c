/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "seal/pack.h"

enum { ARENA = 4 << 20, FILE_MAX = 1 << 20 };

struct world {
	struct arena *arena;
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct note_keys keys;
	struct buf file;
};

static void open_world(struct world *w, unsigned char seed)
{
	unsigned char bytes[ED25519_SEED];
	struct sign_public public;
	struct str lines;

	memset(bytes, seed, sizeof(bytes));
	w->arena = arena_new(ARENA);
	assert_int_equal(sign_key_from_seed(&w->key, bytes), OK);
	assert_int_equal(mldsa_key_from_seed(&w->mldsa, bytes), OK);
	public = sign_key_public(w->key);
	lines = arena_printf(w->arena, "%.*s\n%.*s\n",
	    STR_ARG(note_verifier_format(w->arena, S("hub"), &public)),
	    STR_ARG(note_verifier_format_mldsa(w->arena, S("hub"), mldsa_key_public(w->mldsa))));
	assert_int_equal(note_keys_parse(&w->keys, w->arena, lines, NULL), OK);
	buf_init(&w->file, FILE_MAX);
}

static void close_world(struct world *w)
{
	sign_key_free(w->key);
	mldsa_key_free(w->mldsa);
	buf_free(&w->file);
	arena_free(w->arena);
}

static struct pack sample(struct pack_file files[2])
{
	files[0] = (struct pack_file){.name = S("a.json"), .content = S("{\"list\":[]}\n")};
	files[1] = (struct pack_file){.name = S("b-2.json"), .content = S("\0\n\nx")};
	for (size_t i = 0; i < 2; i++)
		files[i].hash = sha256(files[i].content);
	return (struct pack){.name = S("baseline"),
	    .version = 7,
	    .made = 1790000000 * USEC_PER_SEC + 42,
	    .files = files,
	    .count = 2};
}

/* Signs a text that may be no pack's, and puts the files of `p` behind it. */
static struct str sign_as(struct world *w, struct str text, const struct pack *p, bool both)
{
	const struct note_signer signer = {
	    .name = S("hub"), .key = w->key, .mldsa = both ? w->mldsa : NULL};
	struct str note;

	assert_int_equal(note_sign(&note, w->arena, text, &signer, NULL), OK);
	buf_reset(&w->file);
	pack_put(&w->file, note, p);
	return buf_str(&w->file);
}

static struct str text_of(struct world *w, const struct pack *p)
{
	struct buf text;
	struct str copy;

	buf_init(&text, PACK_NOTE_MAX);
	pack_put_text(&text, p);
	copy = arena_str(w->arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

static enum err open_it(const struct world *w, struct str file)
{
	struct pack p;

	return pack_open(&p, w->arena, file, &w->keys, NULL);
}

static void a_pack_is_the_same_after_its_file(void **state)
{
	struct pack_file files[2];
	struct pack p = sample(files), back;
	struct str file, signer;
	struct world w;

	(void)state;
	open_world(&w, 1);
	file = sign_as(&w, text_of(&w, &p), &p, true);
	assert_int_equal(pack_signer(&signer, file, NULL), OK);
	assert_true(str_eq(signer, S("hub")));
	assert_int_equal(pack_open(&back, w.arena, file, &w.keys, NULL), OK);
	assert_true(str_eq(back.name, p.name) && back.version == 7 && back.made == p.made);
	assert_int_equal(back.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(str_eq(back.files[i].name, files[i].name));
		assert_true(str_eq(back.files[i].content, files[i].content));
	}
	close_world(&w);
}

/* G22: an unsigned pack is refused, and one that somebody else signed, or only one of the keys. */
static void a_pack_that_is_not_signed_is_refused(void **state)
{
	struct pack_file files[2];
	struct pack p = sample(files);
	struct world w, other;
	struct str text;

	(void)state;
	open_world(&w, 1);
	open_world(&other, 2);
	text = text_of(&w, &p);
	buf_reset(&w.file);
	pack_put(&w.file, text, &p);
	assert_int_equal(open_it(&w, buf_str(&w.file)), ERR_PARSE);
	assert_int_equal(open_it(&w, sign_as(&other, text, &p, true)), ERR_NOT_FOUND);
	assert_int_equal(open_it(&w, sign_as(&w, text, &p, false)), ERR_NOT_FOUND);
	assert_int_equal(open_it(&w, sign_as(&w, text, &p, true)), OK);
	close_world(&w);
	close_world(&other);
}

/* G22: no byte of it can be another, none left out, none added. */
static void no_byte_of_a_pack_can_change(void **state)
{
	struct pack_file files[2];
	struct pack p = sample(files);
	struct world w;
	struct str file;
	char *copy;

	(void)state;
	open_world(&w, 1);
	file = sign_as(&w, text_of(&w, &p), &p, true);
	copy = mem_alloc(file.n + 1);
	for (size_t i = 0; i < file.n; i++) {
		memcpy(copy, file.p, file.n);
		copy[i] ^= 1;
		assert_int_not_equal(open_it(&w, (struct str){copy, file.n}), OK);
		if (i % 16 == 0 || i > file.n - 64)
			assert_int_not_equal(open_it(&w, str_slice(file, 0, i)), OK);
	}
	memcpy(copy, file.p, file.n);
	copy[file.n] = 'x';
	assert_int_not_equal(open_it(&w, (struct str){copy, file.n + 1}), OK);
	mem_free(copy);
	close_world(&w);
}

/* Also whom we trust may say what cannot be. */
static void a_signed_text_that_is_no_packs_is_refused(void **state)
{
	static const char *const CHANGES[][2] = {{"version 7", "version 07"},
	    {"version 7", "version 0"}, {"version 7", "version 9223372036854775808"},
	    {"name baseline", "name Base line"}, {"name baseline", "name ../x"},
	    {"made 2026", "made 26"}, {" a.json", " b.json"}, {" b-2.json", " a.json"},
	    {" a.json", " .json"}, {"list ", "rule "}, {" 12 ", " 13 "}, {" 12 ", " 012 "},
	    {"tocsin pack 1", "tocsin pack 2"}};
	struct pack_file files[2];
	struct pack p = sample(files);
	struct world w;
	struct str text;

	(void)state;
	open_world(&w, 1);
	text = text_of(&w, &p);
	for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
		struct str was = str_c(CHANGES[i][0]), is = str_c(CHANGES[i][1]);
		size_t at = str_search(text, was);
		struct str other;

		assert_true(at < text.n);
		other = arena_printf(w.arena, "%.*s%.*s%.*s", STR_ARG(str_slice(text, 0, at)),
		    STR_ARG(is), STR_ARG(str_from(text, at + was.n)));
		assert_int_not_equal(open_it(&w, sign_as(&w, other, &p, true)), OK);
	}
	p.count = 0;
	assert_int_not_equal(open_it(&w, sign_as(&w, text_of(&w, &p), &p, true)), OK);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pack_is_the_same_after_its_file),
	    cmocka_unit_test(a_pack_that_is_not_signed_is_refused),
	    cmocka_unit_test(no_byte_of_a_pack_can_change),
	    cmocka_unit_test(a_signed_text_that_is_no_packs_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
