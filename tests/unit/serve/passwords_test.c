/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/passwords.h"

static int make_dir(void **state)
{
	char *dir = test_malloc(64);

	(void)snprintf(dir, 64, "/tmp/tocsin-passwords-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	memcpy(dir + strlen(dir), "/p", 3);
	*state = dir;
	return 0;
}

static int remove_dir(void **state)
{
	char *path = *state;

	unlink(path);
	path[strlen(path) - 2] = '\0';
	rmdir(path);
	test_free(path);
	return 0;
}

static void passwords_survive_a_restart_and_can_be_taken_away(void **state)
{
	struct passwords *p;
	struct fault fault;
	struct stat st;

	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(passwords_set(p, S("alice"), S("correct horse"), &fault), OK);
	assert_int_equal(passwords_set(p, S("bob"), S("battery"), &fault), OK);
	assert_int_equal(passwords_set(p, S("bob"), S("staple"), &fault), OK);
	passwords_close(p);
	assert_int_equal(stat(*state, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_true(passwords_verify(p, S("alice"), S("correct horse")));
	assert_false(passwords_verify(p, S("alice"), S("correct horsE")));
	assert_true(passwords_verify(p, S("bob"), S("staple")));
	assert_false(passwords_verify(p, S("bob"), S("battery")));
	assert_false(passwords_verify(p, S("carol"), S("")));
	assert_int_equal(passwords_remove(p, S("bob"), &fault), OK);
	assert_int_equal(passwords_remove(p, S("nobody"), &fault), OK);
	passwords_close(p);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_false(passwords_verify(p, S("bob"), S("staple")));
	assert_true(passwords_verify(p, S("alice"), S("correct horse")));
	passwords_close(p);
}

static void a_torn_last_line_is_left_out(void **state)
{
	struct passwords *p;
	struct fault fault;
	int fd;

	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(passwords_set(p, S("alice"), S("pass"), &fault), OK);
	passwords_close(p);
	fd = open(*state, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "alice\t$scr", 10), 10);
	close(fd);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_true(passwords_verify(p, S("alice"), S("pass")));
	/* What comes next does not join the torn line. */
	assert_int_equal(passwords_set(p, S("bob"), S("word"), &fault), OK);
	passwords_close(p);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_true(passwords_verify(p, S("bob"), S("word")));
	passwords_close(p);
}

static void names_that_would_break_the_file_are_refused(void **state)
{
	static const char *const names[] = {"", "a b", "a\tb", "a\nb", "\x7f"};
	struct passwords *p;
	struct fault fault;

	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(passwords_set(p, str_c(names[i]), S("x"), &fault), ERR_INVALID);
	assert_int_equal(passwords_set(p, S("alice"), S(""), &fault), ERR_INVALID);
	passwords_close(p);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(passwords_survive_a_restart_and_can_be_taken_away),
	    CASE(a_torn_last_line_is_left_out),
	    CASE(names_that_would_break_the_file_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
