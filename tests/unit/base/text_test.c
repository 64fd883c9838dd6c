/* SPDX-License-Identifier: Apache-2.0 */
/* Small text forms of base: UUIDs, the keyed hash, fault texts and log lines. */
#include "test.h"

#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/uuid.h"

static void uuid_text_goes_both_ways_and_nothing_else_parses(void **state)
{
	struct uuid u;
	char text[UUID_TEXT + 1];

	(void)state;
	assert_int_equal(uuid_parse(&u, S("00ABEDB4-aa42-466c-9c01-fed23315a9b7")), OK);
	uuid_format(text, &u);
	assert_string_equal(text, "00abedb4-aa42-466c-9c01-fed23315a9b7");
	assert_int_equal(uuid_version(&u), 4);
	assert_int_equal(uuid_parse(&u, S("00abedb4aa42466c9c01fed23315a9b7")), ERR_PARSE);
	assert_int_equal(uuid_parse(&u, S("00abedb4-aa42-466c-9c01-fed23315a9bg")), ERR_PARSE);
	assert_int_equal(uuid_parse(&u, S("00abedb4-aa42-466c-9c01-fed23315a9b7 ")), ERR_PARSE);
	assert_int_equal(uuid_parse(&u, S("00abedb4-aa42-466c-9c01f-ed23315a9b7")), ERR_PARSE);
}

static void hash_depends_on_every_byte_and_on_the_key(void **state)
{
	const struct hash_key k = {1, 2}, other = {1, 3};
	char bytes[40] = {0};
	uint64_t seen[41];

	(void)state;
	for (size_t n = 0; n <= 40; n++) {
		seen[n] = hash_bytes(&k, (struct str){bytes, n});
		for (size_t m = 0; m < n; m++)
			assert_true(seen[m] != seen[n]);
	}
	assert_true(hash_bytes(&other, S("abc")) != hash_bytes(&k, S("abc")));
	bytes[39] = 1;
	assert_true(hash_bytes(&k, (struct str){bytes, 40}) != seen[40]);
}

static void fault_text_cannot_move_a_cursor(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(fail(&f, ERR_PARSE, "bad %s", "\x1b[2J\n"), ERR_PARSE);
	assert_string_equal(f.text, "bad ?[2J?");
	assert_int_equal(fail(NULL, ERR_IO, "nobody listens"), ERR_IO);
}

static usec noon(void *ctx)
{
	(void)ctx;
	return 43200 * USEC_PER_SEC;
}

static void log_line_is_one_json_object_whatever_the_value(void **state)
{
	const struct env env = {.now = noon};
	char line[512] = {0};
	int ends[2];
	struct log log = {.env = &env, .role = S("core"), .level = LOG_INFO};

	(void)state;
	assert_int_equal(pipe(ends), 0);
	log.fd = ends[1];
	log_event(&log, LOG_DEBUG, "not.written", LOG_NONE);
	log_event(&log, LOG_INFO, "source.open", LOG_KV({"name", S("a\"b\n")}));
	close(ends[1]);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	close(ends[0]);
	assert_string_equal(line, "{\"time\":43200000000,\"level\":\"info\",\"role\":\"core\","
	                          "\"event\":\"source.open\",\"name\":\"a\\\"b\\u000a\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(uuid_text_goes_both_ways_and_nothing_else_parses),
	    cmocka_unit_test(hash_depends_on_every_byte_and_on_the_key),
	    cmocka_unit_test(fault_text_cannot_move_a_cursor),
	    cmocka_unit_test(log_line_is_one_json_object_whatever_the_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
