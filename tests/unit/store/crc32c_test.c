/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>

#include "store/crc32c.h"

/* RFC 3720 §B.4 */
static void vectors_of_the_rfc(void **state)
{
	char bytes[32] = {0};

	(void)state;
	assert_int_equal(crc32c(0, (struct str){bytes, 32}), 0x8a9136aa);
	for (int i = 0; i < 32; i++)
		bytes[i] = (char)0xff;
	assert_int_equal(crc32c(0, (struct str){bytes, 32}), 0x62a8ab43);
	for (int i = 0; i < 32; i++)
		bytes[i] = (char)i;
	assert_int_equal(crc32c(0, (struct str){bytes, 32}), 0x46dd794e);
	assert_int_equal(crc32c_table(0, (struct str){bytes, 32}), 0x46dd794e);
}

static void the_instruction_and_the_table_agree_at_every_length(void **state)
{
	char bytes[600];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 131 + i / 7);
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct str head = {bytes, n / 3}, tail = {bytes + n / 3, n - n / 3};

		assert_int_equal(
		    crc32c(0, (struct str){bytes, n}), crc32c_table(0, (struct str){bytes, n}));
		assert_int_equal(crc32c(crc32c(0, head), tail), crc32c(0, (struct str){bytes, n}));
	}
}

static void long_inputs_agree_too(void **state)
{
	enum { LONG = 20000 };
	char *bytes = malloc(LONG);

	(void)state;
	for (size_t i = 0; i < LONG; i++)
		bytes[i] = (char)(i * i * 31 + i / 3);
	for (size_t n = 3000; n < LONG; n += 1 + n % 97) {
		struct str s = {bytes + n % 8, n - 8};

		assert_int_equal(crc32c((uint32_t)n, s), crc32c_table((uint32_t)n, s));
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors_of_the_rfc),
	    cmocka_unit_test(the_instruction_and_the_table_agree_at_every_length),
	    cmocka_unit_test(long_inputs_agree_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
