/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/rows.h"

#include "crypt/sign.h"

static void check_row(yyjson_val *row, size_t number)
{
	struct arena *arena = arena_new(1 << 20);
	struct note_verifier verifier;
	struct fault fault = {OK, "opened"};
	struct str text;
	enum err rc;

	assert_int_equal(note_verifier_parse(&verifier, arena, row_str(row, "vkey"), NULL), OK);
	rc = note_open(&text, row_str(row, "note"), &verifier, &fault);
	if ((rc == OK) != row_is(row, "expect", "valid"))
		ROW_FAIL("row %zu: %s", number, fault.text);
	arena_free(arena);
}

static void every_row_of_c2sp_signed_note(void **state)
{
	(void)state;
	rows_walk("c2sp_signed_note", check_row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_of_c2sp_signed_note)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
