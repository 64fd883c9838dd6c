/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sandbox.h"

/* Runs in a child of its own, as there is no way back; 0 when the promise holds. */
static int in_child(int (*fn)(const char *dir), const char *dir)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int enter(unsigned needs, const char *dir, bool write, struct sandbox_report *report)
{
	const struct sandbox_path path = {.path = {dir, strlen(dir)}, .write = write};
	const struct sandbox s = {.needs = needs, .paths = &path, .path_count = 1};
	struct fault fault;

	if (sandbox_enter(report, &s, &fault) == OK)
		return 0;
	(void)fprintf(stderr, "%s\n", fault.text);
	return 100;
}

static int refuses(const char *what, bool refused)
{
	if (!refused)
		(void)fprintf(stderr, "was not refused: %s\n", what);
	return refused ? 0 : 1;
}

static int nothing_is_left(const char *dir)
{
	struct sandbox_report r;
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	int before = socket(AF_UNIX, SOCK_STREAM, 0);
	char *const argv[] = {(char[]){"true"}, NULL};
	int bad = 0;
	void *page;

	if (enter(0, dir, false, &r) != 0)
		return 100;
	if (!r.seccomp)
		return 0;
	bad += refuses("report", r.files_refused && r.socket_refused && r.exec_refused);
	bad += refuses("open", open(dir, O_RDONLY) < 0);
	bad += refuses("socket", socket(AF_UNIX, SOCK_STREAM, 0) < 0);
	bad += refuses("connect",
	    connect(before, (const struct sockaddr *)&un, sizeof(un)) < 0 && errno == EPERM);
	bad += refuses("fork", fork() < 0);
	(void)execv("/bin/true", argv);
	bad += refuses("kill", kill(getppid(), 0) < 0);
	page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bad += refuses("code pages", page == MAP_FAILED);
	return bad;
}

static int reads_only_its_paths(const char *dir)
{
	struct sandbox_report r;
	char path[256];
	int bad = 0;
	int fd;

	if (enter(SANDBOX_FILES | SANDBOX_CHANGE, dir, false, &r) != 0)
		return 100;
	if (r.landlock == 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/inside", dir);
	fd = open(path, O_RDONLY);
	bad += refuses("refusing what is allowed", fd >= 0);
	bad += refuses("report", r.files_refused);
	bad += refuses("/etc/passwd", open("/etc/passwd", O_RDONLY) < 0);
	bad += refuses("writing", open(path, O_WRONLY) < 0);
	bad += refuses("truncating", r.landlock < 3 || truncate(path, 0) != 0);
	bad += refuses("removing", unlink(path) != 0);
	(void)snprintf(path, sizeof(path), "%s/new", dir);
	bad += refuses("creating", open(path, O_WRONLY | O_CREAT, 0600) < 0);
	return bad;
}

static void *thread(void *arg)
{
	int *fd = arg;

	*fd = open("/etc/passwd", O_RDONLY);
	return NULL;
}

static int writes_and_threads(const char *dir)
{
	struct sandbox_report r;
	char path[256];
	pthread_t t;
	int fd = 0;
	int bad = 0;

	if (enter(SANDBOX_FILES | SANDBOX_CHANGE | SANDBOX_THREADS, dir, true, &r) != 0)
		return 100;
	(void)snprintf(path, sizeof(path), "%s/new", dir);
	bad += refuses("refusing to create", open(path, O_WRONLY | O_CREAT, 0600) >= 0);
	bad += refuses("refusing to remove", unlink(path) == 0);
	bad += refuses("refusing a thread", pthread_create(&t, NULL, thread, &fd) == 0);
	pthread_join(t, NULL);
	bad += refuses("a thread's open", r.landlock == 0 || fd < 0);
	bad += refuses("refusing to step back", setpriority(PRIO_PROCESS, 0, 1) == 0);
	if (r.seccomp) {
		bad += refuses("fork", fork() < 0);
		bad += refuses("another's priority", setpriority(PRIO_PROCESS, 1, 1) < 0);
	}
	return bad;
}

/* A listener on loopback; its port in host order. */
static uint16_t listening(int *fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(*fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(*fd, 4) != 0 ||
	    getsockname(*fd, (struct sockaddr *)&at, &size) != 0)
		return 0;
	return ntohs(at.sin_port);
}

static bool connects(uint16_t port)
{
	const struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
}

static int dials_its_port_alone(const char *dir)
{
	struct sandbox_report r;
	int one, other, bad = 0;
	uint16_t port = listening(&one), wrong = listening(&other);
	const struct sandbox s = {
	    .needs = SANDBOX_FILES | SANDBOX_DIAL | SANDBOX_NAMES, .ports = &port, .port_count = 1};
	struct fault fault;

	(void)dir;
	if (!port || !wrong || sandbox_enter(&r, &s, &fault) != OK)
		return 100;
	bad += refuses("refusing its port", connects(port));
	bad += refuses("another port", r.landlock < 4 || !connects(wrong));
	bad += refuses("refusing to ask for names", socket(AF_INET, SOCK_DGRAM, 0) >= 0);
	if (r.seccomp) {
		bad += refuses("listening", listen(one, 1) < 0);
		bad += refuses("local sockets", socket(AF_UNIX, SOCK_STREAM, 0) < 0);
		bad += refuses("raw sockets", socket(AF_INET, SOCK_RAW, 0) < 0);
	}
	return bad;
}

static void run(int (*fn)(const char *dir))
{
	char dir[] = "/tmp/tocsin-sandbox-XXXXXX";
	char path[64];
	int fd;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/inside", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(in_child(fn, dir), 0);
	unlink(path);
	rmdir(dir);
}

static void a_role_that_needs_nothing_can_do_nothing(void **state)
{
	(void)state;
	run(nothing_is_left);
}

static void a_reader_reads_its_paths_and_nothing_else(void **state)
{
	(void)state;
	run(reads_only_its_paths);
}

static void who_asks_strangers_does_so_at_their_port_alone(void **state)
{
	(void)state;
	run(dials_its_port_alone);
}

static void a_writer_with_threads_stays_inside_with_all_of_them(void **state)
{
	(void)state;
	run(writes_and_threads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_role_that_needs_nothing_can_do_nothing),
	    cmocka_unit_test(a_reader_reads_its_paths_and_nothing_else),
	    cmocka_unit_test(who_asks_strangers_does_so_at_their_port_alone),
	    cmocka_unit_test(a_writer_with_threads_stays_inside_with_all_of_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
