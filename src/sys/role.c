/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "sys/chan.h"
#include "sys/files.h"

enum { STATM_MAX = 256 };

/* Between fork and exec: nothing but system calls. */
static void become(int fd, const struct role_start *start)
{
	char program[] = "tocsin";
	char verb[] = "role";
	char copy_of_name[64];
	char copy_of_dir[FILE_PATH_MAX + 1];
	char quiet[] = "--quiet";
	char *const argv[] = {
	    program, verb, copy_of_name, copy_of_dir, start->quiet ? quiet : NULL, NULL};
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	(void)snprintf(copy_of_name, sizeof(copy_of_name), "%s", start->name);
	(void)snprintf(copy_of_dir, sizeof(copy_of_dir), "%s", start->dir);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(2);
	/* ROLE_FD may be taken by the very end that is to go there: dup2 would then leave its
	 * close-on-exec mark. */
	if (fd == ROLE_FD)
		fd = dup(fd);
	if (fd < 0 || dup2(fd, ROLE_FD) < 0)
		_exit(2);
	close_range(ROLE_FD + 1, ~0U, 0);
	execve("/proc/self/exe", argv, environ);
	_exit(2);
}

enum err role_spawn(pid_t *pid, int *fd, const struct role_start *start, struct fault *fault)
{
	int pair[2];
	pid_t child;

	TRY(chan_pair(pair, fault));
	child = fork();
	if (child == 0)
		become(pair[1], start);
	close(pair[1]);
	if (child < 0) {
		int error = errno;

		close(pair[0]);
		return fail(
		    fault, ERR_IO, "cannot start the role %s: %s", start->name, sys_error(error));
	}
	*pid = child;
	*fd = pair[0];
	return OK;
}

uint64_t role_rss(pid_t pid)
{
	char text[STATM_MAX];
	char path[64];
	struct str rest;
	uint64_t pages;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n <= 0)
		return 0;
	/* size resident shared ... */
	rest = (struct str){text, (size_t)n};
	(void)str_cut(&rest, ' ');
	if (str_u64(str_cut(&rest, ' '), &pages) != OK)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
