/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "sync/member.h"

static struct member_part sample(void)
{
	return (struct member_part){.from = S("identity--6a5c6ff4-2b6a-4c9d-8d4e-0c7d1b2a3f40"),
	    .to = S("acme"),
	    .serial = 7,
	    .made = 1790000000 * USEC_PER_SEC + 42,
	    .objects = 12,
	    .previous = sha256(S("six")),
	    .content = sha256(S("seven")),
	    .back = S("indicator--1\nindicator--2\n")};
}

static void a_text_is_the_same_after_reading(void **state)
{
	struct arena *arena = arena_new(8 << 20);
	struct member_part p = sample(), back;
	struct buf b;

	(void)state;
	buf_init(&b, MEMBER_PART_TEXT_MAX);
	member_part_put(&p, &b);
	assert_int_equal(member_part_get(&back, arena, buf_str(&b), NULL), OK);
	assert_true(str_eq(back.from, p.from) && str_eq(back.to, p.to));
	assert_true(back.serial == 7 && back.objects == 12 && back.made == p.made);
	assert_true(sha256_eq(&back.previous, &p.previous) && sha256_eq(&back.content, &p.content));
	assert_true(str_eq(back.back, p.back));
	buf_free(&b);
	arena_free(arena);
}

/* G8: of one that lost bytes or has others nothing is believed. */
static void a_text_of_another_form_is_refused(void **state)
{
	struct arena *arena = arena_new(8 << 20);
	struct member_part p = sample(), back;
	struct buf b;

	(void)state;
	buf_init(&b, MEMBER_PART_TEXT_MAX);
	member_part_put(&p, &b);
	/* Whole lines of what is taken back apart: there may be fewer of them. */
	for (size_t n = 0; n < b.n; n++)
		if (n == 0 || b.p[n - 1] != '\n' || n + 40 < b.n)
			assert_int_not_equal(
			    member_part_get(&back, arena, str_slice(buf_str(&b), 0, n), NULL), OK);
	buf_byte(&b, '\n');
	assert_int_not_equal(member_part_get(&back, arena, buf_str(&b), NULL), OK);
	p.serial = 0;
	buf_reset(&b);
	member_part_put(&p, &b);
	assert_int_not_equal(member_part_get(&back, arena, buf_str(&b), NULL), OK);
	buf_free(&b);
	arena_free(arena);
}

static void record_numbers_are_the_same_after_packing(void **state)
{
	static const uint64_t SEQS[] = {
	    0, 1, 2, 129, 130, 20000, UINT64_C(1) << 40, UINT64_MAX - 1};
	const size_t count = sizeof(SEQS) / sizeof(SEQS[0]);
	uint64_t last = 0;
	struct str rest;
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	for (size_t i = 0; i < count; i++)
		member_seqs_put(&b, &last, SEQS[i]);
	rest = buf_str(&b);
	last = 0;
	for (size_t i = 0; i < count; i++) {
		assert_true(member_seqs_next(&rest, &last));
		assert_true(last == SEQS[i]);
	}
	assert_false(member_seqs_next(&rest, &last));
	rest = S("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02");
	assert_false(member_seqs_next(&rest, &last));
	rest = S("\x80");
	assert_false(member_seqs_next(&rest, &last));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_text_is_the_same_after_reading),
	    cmocka_unit_test(a_text_of_another_form_is_refused),
	    cmocka_unit_test(record_numbers_are_the_same_after_packing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
