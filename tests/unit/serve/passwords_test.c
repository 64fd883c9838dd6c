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
	char totp[80];

	(void)snprintf(totp, sizeof(totp), "%s-totp", path);
	unlink(totp);
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
	assert_int_equal(passwords_copy(p, S("dora"), S("alice"), &fault), OK);
	assert_true(passwords_verify(p, S("dora"), S("correct horse")));
	assert_int_equal(passwords_copy(p, S("dora"), S("bob"), &fault), ERR_NOT_FOUND);
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

static const unsigned char SECRET[TOTP_SECRET] = "12345678901234567890";

enum { STEP = 30 };

/* RFC 4226 appendix D: codes of steps 1 and on under this secret. */
static const char *const CODES[] = {"", "287082", "359152", "969429", "338314"};

static enum err check(struct passwords *p, const char *code, int64_t seconds)
{
	struct fault fault;

	return passwords_totp_check(p, S("alice"), str_c(code), seconds * USEC_PER_SEC, &fault);
}

static void a_code_is_asked_of_who_has_a_secret_and_holds_once(void **state)
{
	struct passwords *p;
	struct fault fault;
	char totp[80];
	struct stat st;

	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(check(p, "", STEP), OK);
	assert_int_equal(passwords_totp_set(p, S("alice"), SECRET, &fault), OK);
	assert_int_equal(passwords_totp_set(p, S("bob"), SECRET, &fault), OK);
	assert_int_equal(check(p, "", STEP), ERR_UNSUPPORTED);
	assert_int_equal(check(p, "000000", STEP), ERR_CONFLICT);
	assert_int_equal(check(p, CODES[1], STEP), OK);
	assert_int_equal(check(p, CODES[1], STEP), ERR_CONFLICT);
	/* Nor after a restart. */
	passwords_close(p);
	(void)snprintf(totp, sizeof(totp), "%s-totp", (char *)*state);
	assert_int_equal(stat(totp, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(check(p, CODES[1], STEP), ERR_CONFLICT);
	assert_int_equal(check(p, CODES[2], STEP), OK);
	/* Of another account it is another code's use. */
	assert_int_equal(
	    passwords_totp_check(p, S("bob"), S("287082"), STEP * USEC_PER_SEC, &fault), OK);
	assert_int_equal(passwords_totp_remove(p, S("alice"), &fault), OK);
	assert_int_equal(check(p, "", STEP), OK);
	/* An account that goes takes its secret along: the next one of its name starts anew. */
	assert_int_equal(passwords_remove(p, S("bob"), &fault), OK);
	passwords_close(p);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(passwords_totp_check(p, S("bob"), STR_NONE, 0, &fault), OK);
	assert_int_equal(check(p, "", STEP), OK);
	passwords_close(p);
}

static void wrong_codes_make_who_guesses_wait_ever_longer(void **state)
{
	struct passwords *p;
	struct fault fault;
	int64_t now = STEP;

	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(passwords_totp_set(p, S("alice"), SECRET, &fault), OK);
	for (int i = 0; i < PASSWORDS_WRONG_MAX; i++)
		assert_int_equal(check(p, "000000", now), ERR_CONFLICT);
	assert_int_equal(check(p, CODES[1], now), ERR_LIMIT);
	/* A restart makes nobody forget. */
	passwords_close(p);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(check(p, CODES[1], now + 29), ERR_LIMIT);
	for (int64_t wait = 30, i = 0; i < 20; i++) {
		now += wait;
		assert_int_equal(check(p, "000000", now), ERR_CONFLICT);
		wait = wait * 2 < 3600 ? wait * 2 : 3600;
		assert_int_equal(check(p, "000000", now + wait - 1), ERR_LIMIT);
	}
	/* A clock set back by days does not keep the account shut for days. */
	assert_int_equal(check(p, CODES[2], 2 * STEP), OK);
	assert_int_equal(check(p, "000000", 2 * STEP), ERR_CONFLICT);
	assert_int_equal(check(p, CODES[3], 3 * STEP), OK);
	passwords_close(p);
}

static void a_damaged_secret_is_said_and_a_torn_one_left_out(void **state)
{
	struct passwords *p;
	struct fault fault;
	char totp[80];
	int fd;

	(void)snprintf(totp, sizeof(totp), "%s-totp", (char *)*state);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(passwords_totp_set(p, S("alice"), SECRET, &fault), OK);
	passwords_close(p);
	fd = open(totp, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "\3bob", 4), 4);
	close(fd);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(check(p, CODES[1], STEP), OK);
	assert_int_equal(passwords_totp_set(p, S("bob"), SECRET, &fault), OK);
	passwords_close(p);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), OK);
	assert_int_equal(passwords_totp_check(p, S("bob"), STR_NONE, 0, &fault), ERR_UNSUPPORTED);
	passwords_close(p);
	fd = open(totp, O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, 70), 1);
	close(fd);
	assert_int_equal(passwords_open(&p, str_c(*state), &fault), ERR_CORRUPT);
	assert_non_null(strstr(fault.text, "slot 0"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(passwords_survive_a_restart_and_can_be_taken_away),
	    CASE(a_torn_last_line_is_left_out),
	    CASE(names_that_would_break_the_file_are_refused),
	    CASE(a_code_is_asked_of_who_has_a_secret_and_holds_once),
	    CASE(wrong_codes_make_who_guesses_wait_ever_longer),
	    CASE(a_damaged_secret_is_said_and_a_torn_one_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
