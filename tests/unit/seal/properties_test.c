/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "seal/properties.h"

enum { ARENA = 64 << 20, LEAVES_MAX = 2000 };

static const struct seal_seed SEED = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

/* RFC 6962 §2.1 as it is written there. */
static struct sha256 tree_hash(const struct sha256 *leaves, size_t n)
{
	struct sha256 left, right;
	size_t k = 1;

	if (n == 1)
		return leaves[0];
	while (k * 2 < n)
		k *= 2;
	left = tree_hash(leaves, k);
	right = tree_hash(leaves + k, n - k);
	return sha256_parts((const struct str[]){{"\1", 1}, {(const char *)left.b, SHA256_LEN},
	                        {(const char *)right.b, SHA256_LEN}},
	    3);
}

/* "00 || salt || length of name || name || value" put together byte by byte. */
static struct sha256 leaf_of(size_t i, int length, struct str name, struct str value)
{
	unsigned char in[SEAL_SEED + 2];
	struct sha256 salts, leaf;
	struct buf b;

	memcpy(in, SEED.b, SEAL_SEED);
	in[SEAL_SEED] = 0;
	in[SEAL_SEED + 1] = (unsigned char)(i / 2);
	assert_true(i < 512);
	salts = sha256((struct str){(const char *)in, sizeof(in)});
	buf_init(&b, 1 << 20);
	buf_byte(&b, 0);
	buf_put(&b, (struct str){(const char *)salts.b + 16 * (i % 2), 16});
	buf_byte(&b, (char)(length / 256));
	buf_byte(&b, (char)(length % 256));
	buf_put(&b, name);
	buf_put(&b, value);
	leaf = sha256(buf_str(&b));
	buf_free(&b);
	return leaf;
}

/* From the parser's tree of a text without white space and escapes. */
static struct sha256 slow_root(struct arena *arena, struct str content, size_t *members)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct sha256 leaves[LEAVES_MAX];
	struct sha256 whole = sha256(content);
	yyjson_obj_iter it;
	yyjson_val *root, *key;
	size_t n = 0;

	assert_int_equal(json_parse(&root, arena, content, &limits, NULL), OK);
	it = yyjson_obj_iter_with(root);
	while ((key = yyjson_obj_iter_next(&it))) {
		char room[16384];
		size_t length;
		yyjson_alc memory;
		struct str name = json_str(key);
		const char *text;

		assert_true(yyjson_alc_pool_init(&memory, room, sizeof(room)));
		text =
		    yyjson_val_write_opts(yyjson_obj_iter_get_val(key), 0, &memory, &length, NULL);
		assert_non_null(text);
		leaves[n] = leaf_of(n, (int)name.n, name, (struct str){text, length});
		n++;
	}
	leaves[n] = leaf_of(n, 0xffff, STR_NONE, (struct str){(const char *)whole.b, SHA256_LEN});
	*members = n;
	return tree_hash(leaves, n + 1);
}

static void check(struct arena *arena, struct str content)
{
	size_t expected;
	struct sha256 slow = slow_root(arena, content, &expected);
	struct sha256 root;
	uint16_t members;

	assert_int_equal(properties_root(&root, &members, content, &SEED, NULL), OK);
	assert_int_equal(members, expected);
	assert_true(sha256_eq(&root, &slow));
}

static unsigned next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(*seed >> 33);
}

static void put_value(struct buf *b, uint64_t *seed, int depth)
{
	static const char *const PLAIN[] = {
	    "null", "true", "-1", "12", "\"\"", "\"a}]{[,:\"", "{}", "[]", "\"x\"", "false"};
	unsigned kind = next(seed) % (depth ? 14 : 10);

	if (kind < 10) {
		buf_printf(b, "%s", PLAIN[kind]);
		return;
	}
	buf_byte(b, kind < 12 ? '[' : '{');
	for (unsigned i = 0, n = 1 + next(seed) % 3; i < n; i++) {
		if (i)
			buf_byte(b, ',');
		if (kind >= 12)
			buf_printf(b, "\"k%u\":", i);
		put_value(b, seed, depth - 1);
	}
	buf_byte(b, kind < 12 ? ']' : '}');
}

static void roots_are_those_of_a_slow_plain_reading(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct arena *arena = arena_new(ARENA);
		unsigned n = round < 40 ? (unsigned)round : next(&seed) % 9;
		struct buf b;

		buf_init(&b, 1 << 20);
		buf_byte(&b, '{');
		for (unsigned i = 0; i < n; i++) {
			buf_printf(&b, "%s\"name%u\":", i ? "," : "", i);
			put_value(&b, &seed, 3);
		}
		buf_byte(&b, '}');
		check(arena, buf_str(&b));
		buf_free(&b);
		arena_free(arena);
	}
}

static void members_are_taken_as_they_stand(void **state)
{
	const struct str json =
	    S(" {\n\"a\\u0022\\\"b\" :\t\"\\\\\" , \"\":[ {\"x\":\"]\"} ]\r\n,\"c\":1e5} ");
	struct member member;
	struct members m;

	(void)state;
	assert_int_equal(members_open(&m, json, NULL), OK);
	assert_int_equal(members_next(&m, &member, NULL), OK);
	assert_true(str_eq(member.name, S("a\\u0022\\\"b")));
	assert_true(str_eq(member.value, S("\"\\\\\"")));
	assert_int_equal(members_next(&m, &member, NULL), OK);
	assert_true(str_eq(member.name, S("")));
	assert_true(str_eq(member.value, S("[ {\"x\":\"]\"} ]")));
	assert_int_equal(members_next(&m, &member, NULL), OK);
	assert_true(str_eq(member.value, S("1e5")));
	assert_int_equal(members_next(&m, &member, NULL), ERR_NOT_FOUND);
	assert_int_equal(members_next(&m, &member, NULL), ERR_NOT_FOUND);
}

static void what_is_no_object_has_no_root(void **state)
{
	static const char *const BAD[] = {"", " ", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":1",
	    "{\"a\":1,", "{\"a\":1 \"b\":2}", "{\"a\":}", "{\"a\":[}", "{\"a\":\"x}", "{a:1}",
	    "{\"a\":1}x", "{\"a\" 1}", "{,}", "{\"a\":1 2}"};
	struct sha256 root;
	uint16_t members;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
		    properties_root(&root, &members, str_c(BAD[i]), &SEED, NULL), ERR_PARSE);
}

static void an_object_of_too_many_members_is_proven_as_a_whole(void **state)
{
	struct sha256 root, slow;
	uint16_t members;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_byte(&b, '{');
	for (unsigned i = 0; i <= SEAL_MEMBERS_MAX; i++) {
		buf_printf(&b, "%s\"n%u\":1", i ? "," : "", i);
		if (i + 1 == SEAL_MEMBERS_MAX) {
			struct str text = buf_str(&b);
			size_t n = text.n;

			buf_byte(&b, '}');
			assert_int_equal(
			    properties_root(&root, &members, buf_str(&b), &SEED, NULL), OK);
			assert_int_equal(members, SEAL_MEMBERS_MAX);
			b.n = n;
		}
	}
	buf_byte(&b, '}');
	assert_int_equal(properties_root(&root, &members, buf_str(&b), &SEED, NULL), OK);
	assert_int_equal(members, 0);
	slow = sha256(buf_str(&b));
	slow = leaf_of(0, 0xffff, STR_NONE, (struct str){(const char *)slow.b, SHA256_LEN});
	assert_true(sha256_eq(&root, &slow));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roots_are_those_of_a_slow_plain_reading),
	    cmocka_unit_test(members_are_taken_as_they_stand),
	    cmocka_unit_test(what_is_no_object_has_no_root),
	    cmocka_unit_test(an_object_of_too_many_members_is_proven_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
