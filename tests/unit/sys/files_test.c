/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/files.h"

struct place {
	char dir[32];
	struct arena *arena;
};

static int make_place(void **state)
{
	struct place *p = test_calloc(1, sizeof(*p));

	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/tocsin-files-XXXXXX");
	p->arena = arena_new(1 << 20);
	*state = p;
	return mkdtemp(p->dir) ? 0 : -1;
}

static int remove_place(void **state)
{
	static const char *const names[] = {"f", "f.new", "lock"};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(file_join(p->arena, str_c(p->dir), names[i]).p);
	rmdir(p->dir);
	arena_free(p->arena);
	test_free(p);
	return 0;
}

static void a_file_is_replaced_whole_and_keeps_its_mode(void **state)
{
	struct place *p = *state;
	struct str path = file_join(p->arena, str_c(p->dir), "f");
	struct str got;
	struct stat st;

	assert_int_equal(file_write(path, S("one"), 0600, NULL), OK);
	assert_int_equal(file_write(path, S("second"), 0600, NULL), OK);
	assert_int_equal(file_read(&got, p->arena, path, 6, NULL), OK);
	assert_true(str_eq(got, S("second")));
	assert_int_equal(stat(path.p, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(file_exists(file_join(p->arena, str_c(p->dir), "f.new")));
}

static void what_is_there_is_not_created_again(void **state)
{
	struct place *p = *state;
	struct str path = file_join(p->arena, str_c(p->dir), "f");
	struct str got;
	struct fault fault;

	assert_int_equal(file_create(path, S("one"), 0600, NULL), OK);
	assert_int_equal(file_create(path, S("two"), 0600, &fault), ERR_CONFLICT);
	assert_non_null(strstr(fault.text, path.p));
	assert_int_equal(file_read(&got, p->arena, path, 100, NULL), OK);
	assert_true(str_eq(got, S("one")));
	assert_false(file_exists(file_join(p->arena, str_c(p->dir), "f.new")));
}

static void reading_names_the_path_and_the_limit(void **state)
{
	struct place *p = *state;
	struct str path = file_join(p->arena, str_c(p->dir), "f");
	struct str got = S("untouched");
	struct fault fault;

	assert_int_equal(file_read(&got, p->arena, path, 10, &fault), ERR_NOT_FOUND);
	assert_non_null(strstr(fault.text, path.p));
	assert_int_equal(file_write(path, S("0123456789a"), 0600, NULL), OK);
	assert_int_equal(file_read(&got, p->arena, path, 10, &fault), ERR_LIMIT);
	assert_non_null(strstr(fault.text, "10"));
	assert_true(str_eq(got, S("untouched")));
	assert_int_equal(file_read(&got, p->arena, str_c(p->dir), 10, &fault), ERR_INVALID);
}

static void a_lock_is_held_by_one_and_ends_with_it(void **state)
{
	struct place *p = *state;
	struct str path = file_join(p->arena, str_c(p->dir), "lock");
	int status;
	int fd = -1;
	int mine;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(file_lock(&fd, path, NULL) == OK ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(file_lock(&mine, path, NULL), OK);
	pid = fork();
	if (pid == 0) {
		close(mine);
		_exit(file_lock(&fd, path, NULL) == ERR_BUSY ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
	close(mine);
}

static void a_directory_is_empty_or_not(void **state)
{
	struct place *p = *state;
	struct str dir = str_c(p->dir);
	struct str path = file_join(p->arena, dir, "f");

	assert_int_equal(file_dir_empty(dir, NULL), OK);
	assert_int_equal(file_write(path, S(""), 0600, NULL), OK);
	assert_int_equal(file_dir_empty(dir, NULL), ERR_CONFLICT);
	assert_int_equal(file_dir_empty(path, NULL), ERR_NOT_FOUND);
	assert_int_equal(file_make_dir(dir, 0700, NULL), OK);
	assert_int_equal(file_make_dir(path, 0700, NULL), ERR_CONFLICT);
}

static void paths_are_bounded(void **state)
{
	struct place *p = *state;
	struct buf b;

	buf_init(&b, FILE_PATH_MAX + 1);
	for (int i = 0; i <= FILE_PATH_MAX; i++)
		buf_byte(&b, 'a');
	assert_int_equal(file_write(buf_str(&b), S(""), 0600, NULL), ERR_LIMIT);
	assert_int_equal(file_write(STR_NONE, S(""), 0600, NULL), ERR_INVALID);
	assert_int_equal(file_write(S("/tmp/x\0y"), S(""), 0600, NULL), ERR_LIMIT);
	assert_true(str_eq(file_join(p->arena, S("/a//"), "b"), S("/a/b")));
	assert_true(str_eq(file_join(p->arena, S("/"), "b"), S("//b")));
	buf_free(&b);
}

static void a_full_disk_has_an_error_of_its_own(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(file_err(ENOSPC), ERR_FULL);
	assert_int_equal(file_err(EDQUOT), ERR_FULL);
	if (access("/dev/full", W_OK) == 0)
		assert_int_not_equal(file_write(S("/dev/full/x"), S("x"), 0600, &fault), OK);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_file_is_replaced_whole_and_keeps_its_mode),
	    CASE(what_is_there_is_not_created_again),
	    CASE(reading_names_the_path_and_the_limit),
	    CASE(a_lock_is_held_by_one_and_ends_with_it),
	    CASE(a_directory_is_empty_or_not),
	    CASE(paths_are_bounded),
	    cmocka_unit_test(a_full_disk_has_an_error_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
