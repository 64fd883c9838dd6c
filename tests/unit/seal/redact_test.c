/* SPDX-License-Identifier: Apache-2.0 */
/* Copies with members left out, against the tests' own way of making them. */
#include "sealing.h"

#include "seal/redact.h"

static const char CONTENT[] =
    "{ \"type\" : \"indicator\", \"id\":\"indicator--0\",\n \"name\":\"Caf\\u00e9\", \"a\":[1, 2 ],"
    "\"b\":{ \"c\" : null }, \"d\":-1.50, \"e\":\"\" }\n";
enum { MEMBERS = 7 };

struct copy {
	struct envelope envelope;
	struct str content;
};

static bool in_mask(const void *ctx, size_t i)
{
	return *(const uint64_t *)ctx >> i & 1;
}

static struct copy redacted(struct arena *arena, const struct copy *from, uint64_t out)
{
	struct copy copy = *from;
	struct buf content, leaves;

	buf_init(&content, ENVELOPE_BYTES_MAX);
	buf_init(&leaves, ENVELOPE_BYTES_MAX);
	assert_int_equal(
	    seal_redact(&content, &leaves, &from->envelope, from->content, in_mask, &out, NULL),
	    OK);
	copy.content = arena_str(arena, buf_str(&content));
	copy.envelope.leaves = arena_str(arena, buf_str(&leaves));
	buf_free(&content);
	buf_free(&leaves);
	return copy;
}

static struct copy whole(struct sealing *t)
{
	const struct str contents[] = {str_c(CONTENT)};

	memset(t, 0, sizeof(*t));
	sealing_make(t, contents, 1);
	return (struct copy){sealing_envelope(t, 0), contents[0]};
}

static unsigned ones(uint64_t bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* P4: whatever is left out, the rest is proven, in the same bytes that the tests come to. */
static void every_choice_of_members_is_proven(void **state)
{
	struct sealing t;
	struct copy full = whole(&t);

	(void)state;
	for (uint64_t out = 0; out < 1U << MEMBERS; out++) {
		struct copy copy = redacted(t.arena, &full, out);
		struct str content;
		struct envelope e = sealing_redact(&t, 0, full.content, out, &content);

		assert_true(str_eq(copy.content, content));
		assert_true(str_eq(copy.envelope.leaves, e.leaves));
		assert_int_equal(seal_verify(&copy.envelope, &t.seal, copy.content, NULL), OK);
		assert_int_equal(seal_left_out(&copy.envelope), ones(out));
	}
	assert_int_equal(seal_left_out(&full.envelope), 0);
	sealing_free(&t);
}

/* G1: of what is left out neither bytes nor salts are in the copy and its envelope: without them
 * nobody finds it by trying. */
static void no_salt_of_what_is_left_out_is_in_the_envelope(void **state)
{
	struct sealing t;
	struct copy full = whole(&t);

	(void)state;
	for (uint16_t i = 0; i <= MEMBERS; i++) {
		uint64_t out = i < MEMBERS ? UINT64_C(1) << i : 1;
		struct copy copy = redacted(t.arena, &full, out);
		struct seal_salt salt = seal_salt(&full.envelope.seed, i);
		struct str bytes = sealing_bytes(t.arena, &copy.envelope);

		assert_int_equal(
		    str_search(bytes, (struct str){(const char *)salt.b, SEAL_SALT}), bytes.n);
		assert_int_equal(
		    str_search(bytes, (struct str){(const char *)full.envelope.seed.b, SEAL_SEED}),
		    bytes.n);
	}
	sealing_free(&t);
}

/* A relay leaves out more: the same copy as if it had been left out at once. */
static void more_is_left_out_of_a_copy(void **state)
{
	struct sealing t;
	struct copy full = whole(&t);

	(void)state;
	for (uint64_t first = 0; first < 1U << MEMBERS; first++)
		for (uint64_t second = 0; second < 1U << MEMBERS; second += 5) {
			struct copy once = redacted(t.arena, &full, first);
			/* In the once redacted copy members have other places. */
			uint64_t there = 0;
			unsigned n = 0;
			struct copy twice, both;

			for (unsigned i = 0; i < MEMBERS; i++)
				if (!(first >> i & 1))
					there |= (second >> i & 1) << n++;
			twice = redacted(t.arena, &once, there);
			both = redacted(t.arena, &full, first | second);
			assert_true(str_eq(twice.content, both.content));
			assert_true(str_eq(twice.envelope.leaves, both.envelope.leaves));
		}
	sealing_free(&t);
}

static void copies_of_one_statement_are_told_apart_by_their_members(void **state)
{
	struct sealing t, other;
	struct copy full = whole(&t), changed, less, least, bare;
	const struct str contents[] = {S("{\"type\":\"indicator\",\"id\":\"indicator--0\"}")};

	(void)state;
	memset(&other, 0, sizeof(other));
	sealing_make(&other, contents, 1);
	changed = (struct copy){sealing_envelope(&other, 0), contents[0]};
	less = redacted(t.arena, &full, 4);
	least = redacted(t.arena, &full, 24);
	bare = redacted(t.arena, &full, 0);
#define COMPARE(a, b) seal_copy_compare(&(a).envelope, sealing_bytes(t.arena, &(b).envelope))
	assert_int_equal(COMPARE(full, less), SEAL_COPY_MORE);
	assert_int_equal(COMPARE(less, full), SEAL_COPY_LESS);
	assert_int_equal(COMPARE(less, least), SEAL_COPY_MORE);
	assert_int_equal(COMPARE(least, less), SEAL_COPY_LESS);
	assert_int_equal(COMPARE(less, less), SEAL_COPY_LESS);
	assert_int_equal(COMPARE(full, full), SEAL_COPY_LESS);
	assert_int_equal(COMPARE(changed, less), SEAL_COPY_OTHER);
	assert_int_equal(seal_copy_compare(&full.envelope, S("nonsense")), SEAL_COPY_OTHER);
	/* Nothing left out, but without the white space: the full copy still has more. */
	assert_int_equal(COMPARE(full, bare), SEAL_COPY_MORE);
	sealing_free(&other);
	sealing_free(&t);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct sealing t;
	struct copy full = whole(&t), less = redacted(t.arena, &full, 4);
	uint64_t out = 1;
	struct envelope e = full.envelope;
	struct buf content, leaves;
	struct fault fault;

	(void)state;
	buf_init(&content, 4096);
	buf_init(&leaves, 4096);
#define REFUSED(envelope, copy)                                                                    \
	assert_int_equal(                                                                          \
	    seal_redact(&content, &leaves, envelope, copy, in_mask, &out, &fault), ERR_INVALID)
	REFUSED(&full.envelope, less.content);
	REFUSED(&less.envelope, full.content);
	e.statement.members = 0;
	REFUSED(&e, full.content);
	assert_non_null(strstr(fault.text, "as a whole only"));
	assert_int_not_equal(
	    seal_redact(&content, &leaves, &full.envelope, S("{\"a\":"), in_mask, &out, NULL), OK);
	buf_free(&content);
	buf_free(&leaves);
	buf_init(&content, 16);
	buf_init(&leaves, 16);
	assert_int_equal(
	    seal_redact(&content, &leaves, &full.envelope, full.content, in_mask, &out, NULL),
	    ERR_LIMIT);
	buf_free(&content);
	buf_free(&leaves);
	sealing_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_choice_of_members_is_proven),
	    cmocka_unit_test(no_salt_of_what_is_left_out_is_in_the_envelope),
	    cmocka_unit_test(more_is_left_out_of_a_copy),
	    cmocka_unit_test(copies_of_one_statement_are_told_apart_by_their_members),
	    cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
