/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "sync/package.h"

static struct sync_package sample(void)
{
	return (struct sync_package){.from = S("identity--6a5c6ff4-2b6a-4c9d-8d4e-0c7d1b2a3f40"),
	    .to = S("identity--6a5c6ff4-2b6a-4c9d-8d4e-0c7d1b2a3f41"),
	    .serial = 7,
	    .previous = sha256(S("six")),
	    .made = 1790000000 * (usec)1000000 + 42,
	    .begin = 100,
	    .end = 350,
	    .size = 16 << 20,
	    .body = sha256(S("body"))};
}

static struct str text_of(const struct sync_package *p, struct buf *b)
{
	buf_reset(b);
	sync_package_put(p, b);
	assert_int_equal(b->failed, OK);
	return buf_str(b);
}

static void a_header_is_the_same_after_its_text(void **state)
{
	struct sync_package p = sample(), back;
	struct buf a, b;

	(void)state;
	buf_init(&a, SYNC_PACKAGE_TEXT_MAX);
	buf_init(&b, SYNC_PACKAGE_TEXT_MAX);
	assert_int_equal(sync_package_get(&back, text_of(&p, &a), NULL), OK);
	assert_true(str_eq(back.from, p.from) && str_eq(back.to, p.to));
	assert_true(back.serial == 7 && back.begin == 100 && back.end == 350);
	assert_true(back.made == p.made && back.size == p.size);
	assert_true(sha256_eq(&back.previous, &p.previous) && sha256_eq(&back.body, &p.body));
	assert_true(str_eq(text_of(&back, &b), buf_str(&a)));
	buf_free(&a);
	buf_free(&b);
}

/* D-14: a header that lost a byte, or says what cannot be, is refused. */
static void a_header_that_cannot_be_is_refused(void **state)
{
	struct sync_package p, back;
	struct buf b;
	struct str text;

	(void)state;
	buf_init(&b, SYNC_PACKAGE_TEXT_MAX);
	p = sample();
	text = text_of(&p, &b);
	for (size_t n = 0; n < text.n; n++)
		assert_int_not_equal(sync_package_get(&back, str_slice(text, 0, n), NULL), OK);
	buf_put(&b, S("more\n"));
	assert_int_equal(sync_package_get(&back, buf_str(&b), NULL), ERR_PARSE);
	p.serial = 0;
	assert_int_equal(sync_package_get(&back, text_of(&p, &b), NULL), ERR_PARSE);
	p = sample();
	p.end = 99;
	assert_int_equal(sync_package_get(&back, text_of(&p, &b), NULL), ERR_PARSE);
	p = sample();
	p.size = (16 << 20) + 1;
	assert_int_equal(sync_package_get(&back, text_of(&p, &b), NULL), ERR_LIMIT);
	p.size = UINT64_C(65) << 20;
	assert_int_equal(sync_package_get(&back, text_of(&p, &b), NULL), ERR_LIMIT);
	p = sample();
	p.begin = p.end = UINT64_MAX;
	assert_int_equal(sync_package_get(&back, text_of(&p, &b), NULL), ERR_PARSE);
	buf_free(&b);
}

static void what_fills_a_head_up_is_zeros(void **state)
{
	char head[64] = "tocsin package 1\n";
	struct str note;

	(void)state;
	assert_int_equal(sync_package_note(&note, (struct str){head, sizeof(head)}, NULL), OK);
	assert_true(str_eq(note, SYNC_PACKAGE));
	head[63] = 1;
	assert_int_equal(
	    sync_package_note(&note, (struct str){head, sizeof(head)}, NULL), ERR_PARSE);
}

static void put_range(struct buf *body, uint64_t from, uint32_t count)
{
	const struct sync_message m = {
	    .type = SYNC_RANGE, .from = from, .count = count, .unpacked = 3, .packed = S("abc")};
	struct buf b;

	buf_init(&b, 1024);
	sync_message_put(&b, &m);
	sync_package_put_range(body, buf_str(&b));
	buf_free(&b);
}

/* What is left when all pieces are walked: OK stands for the end. */
static enum err walk(const struct buf *body, uint32_t *count)
{
	struct sync_package p = sample();
	struct sync_pieces pieces = sync_package_pieces(&p, buf_str(body));
	struct sync_piece piece;
	enum err rc;

	*count = 0;
	while ((rc = sync_package_piece(&pieces, &piece, NULL)) == OK) {
		struct sync_message m;
		struct str bytes = str_slice(buf_str(body), piece.at, piece.at + piece.length);

		assert_int_equal(sync_message_get(&m, SYNC_RANGE, bytes, NULL), OK);
		assert_true(m.from == piece.from && m.count == piece.count);
		(*count)++;
	}
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static void ranges_follow_each_other_from_begin_to_end(void **state)
{
	struct buf body;
	uint32_t count;

	(void)state;
	buf_init(&body, 1 << 20);
	put_range(&body, 100, 200);
	put_range(&body, 300, 50);
	assert_int_equal(walk(&body, &count), ERR_PARSE);
	sync_package_put_end(&body);
	buf_put(&body, S("random"));
	assert_int_equal(walk(&body, &count), OK);
	assert_int_equal(count, 2);

	buf_reset(&body);
	put_range(&body, 100, 200);
	sync_package_put_end(&body);
	assert_int_equal(walk(&body, &count), ERR_PARSE); /* too few */

	buf_reset(&body);
	put_range(&body, 100, 251);
	sync_package_put_end(&body);
	assert_int_equal(walk(&body, &count), ERR_PARSE); /* too many */

	buf_reset(&body);
	put_range(&body, 101, 249);
	sync_package_put_end(&body);
	assert_int_equal(walk(&body, &count), ERR_PARSE); /* one left out */

	buf_reset(&body);
	buf_u32(&body, 1000);
	buf_put(&body, S("short"));
	assert_int_not_equal(walk(&body, &count), OK);
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_header_is_the_same_after_its_text),
	    cmocka_unit_test(a_header_that_cannot_be_is_refused),
	    cmocka_unit_test(what_fills_a_head_up_is_zeros),
	    cmocka_unit_test(ranges_follow_each_other_from_begin_to_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
