/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/env.h"
#include "sys/files.h"

/* linux/landlock.h of the build machine may be older than the kernel that runs us. */
enum landlock_file {
	LL_WRITE_FILE = 1 << 1,
	LL_READ_FILE = 1 << 2,
	LL_READ_DIR = 1 << 3,
	LL_REMOVE_DIR = 1 << 4,
	LL_REMOVE_FILE = 1 << 5,
	LL_MAKE_DIR = 1 << 7,
	LL_MAKE_REG = 1 << 8,
	LL_ALL_ABI1 = (1 << 13) - 1,
	LL_REFER = 1 << 13,    /* from 2 on */
	LL_TRUNCATE = 1 << 14, /* 3 */
	LL_IOCTL_DEV = 1 << 15 /* 5 */
};

struct landlock_ruleset {
	uint64_t handled_fs;
	uint64_t handled_net; /* 4: bind and connect */
	uint64_t scoped;      /* 6: abstract sockets and signals */
};

struct landlock_path {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

struct landlock_port {
	uint64_t allowed;
	uint64_t port;
};

enum {
	LANDLOCK_VERSION = 1, /* flag of landlock_create_ruleset */
	LANDLOCK_PATH = 1,    /* rule types */
	LANDLOCK_PORT = 2,
	LANDLOCK_KNOWS_PORTS = 4, /* from this version on */
	LANDLOCK_NET_BIND = 1,
	LANDLOCK_NET_CONNECT = 2,
	LANDLOCK_SCOPE_ALL = 3,
};

/* How much of struct landlock_ruleset each version knows, and which rights. */
static const struct {
	size_t size;
	uint64_t fs;
} ABI[] = {
    {0, 0},
    {8, LL_ALL_ABI1},
    {8, LL_ALL_ABI1 | LL_REFER},
    {8, LL_ALL_ABI1 | LL_REFER | LL_TRUNCATE},
    {16, LL_ALL_ABI1 | LL_REFER | LL_TRUNCATE},
    {16, LL_ALL_ABI1 | LL_REFER | LL_TRUNCATE | LL_IOCTL_DEV},
    {24, LL_ALL_ABI1 | LL_REFER | LL_TRUNCATE | LL_IOCTL_DEV},
};

enum { ABI_NEWEST = sizeof(ABI) / sizeof(ABI[0]) - 1 };

static const uint64_t RIGHTS_READ = LL_READ_FILE | LL_READ_DIR;
static const uint64_t RIGHTS_WRITE = LL_READ_FILE | LL_READ_DIR | LL_WRITE_FILE | LL_REMOVE_DIR |
                                     LL_REMOVE_FILE | LL_MAKE_DIR | LL_MAKE_REG | LL_REFER |
                                     LL_TRUNCATE;
static const uint64_t RIGHTS_OF_FILE = LL_READ_FILE | LL_WRITE_FILE | LL_TRUNCATE;

static enum err allow_path(
    int ruleset, const struct sandbox_path *p, uint64_t known, struct fault *fault)
{
	struct landlock_path rule = {.allowed = (p->write ? RIGHTS_WRITE : RIGHTS_READ) & known};
	char path[FILE_PATH_MAX + 1];
	struct stat st;
	int error = 0;
	int fd;

	if (p->path.n > FILE_PATH_MAX)
		return fail(fault, ERR_LIMIT, "a path of the sandbox is too long");
	memcpy(path, p->path.p, p->path.n);
	path[p->path.n] = '\0';
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? OK
		                       : fail(fault, ERR_IO, "%s: cannot open for the sandbox: %s",
		                             path, sys_error(errno));
	rule.fd = fd;
	if (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode))
		rule.allowed &= RIGHTS_OF_FILE;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH, &rule, 0) != 0)
		error = errno;
	close(fd);
	if (error)
		return fail(fault, ERR_IO, "%s: the kernel refuses the sandbox's rule: %s", path,
		    sys_error(error));
	return OK;
}

static enum err allow_ports(int ruleset, const struct sandbox *s, struct fault *fault)
{
	for (size_t i = 0; i < s->port_count; i++) {
		const struct landlock_port rule = {
		    .allowed = LANDLOCK_NET_CONNECT, .port = s->ports[i]};

		if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PORT, &rule, 0) != 0)
			return fail(fault, ERR_IO, "the kernel refuses the sandbox's port: %s",
			    sys_error(errno));
	}
	return OK;
}

static enum err confine_files(int abi, const struct sandbox *s, struct fault *fault)
{
	bool dials_anywhere = (s->needs & SANDBOX_DIAL) && s->port_count == 0;
	struct landlock_ruleset attr = {.handled_fs = ABI[abi].fs,
	    .handled_net = LANDLOCK_NET_BIND | (dials_anywhere ? 0 : LANDLOCK_NET_CONNECT),
	    .scoped = LANDLOCK_SCOPE_ALL};
	long ruleset = syscall(SYS_landlock_create_ruleset, &attr, ABI[abi].size, 0);
	enum err rc = OK;

	if (ruleset < 0)
		return fail(fault, ERR_IO, "the kernel refuses a sandbox: %s", sys_error(errno));
	for (size_t i = 0; i < s->path_count && rc == OK; i++)
		rc = allow_path((int)ruleset, &s->paths[i], attr.handled_fs, fault);
	if (rc == OK && abi >= LANDLOCK_KNOWS_PORTS)
		rc = allow_ports((int)ruleset, s, fault);
	if (rc == OK && syscall(SYS_landlock_restrict_self, (int)ruleset, 0) != 0)
		rc = fail(fault, ERR_IO, "the kernel refuses the sandbox: %s", sys_error(errno));
	close((int)ruleset);
	return rc;
}

#define ALWAYS 0
#define CALL(name, need) {SCMP_SYS(name), need}

/* System calls that are allowed whatever their arguments. */
static const struct {
	int number;
	unsigned need;
} CALLS[] = {
    CALL(read, ALWAYS),
    CALL(readv, ALWAYS),
    CALL(pread64, ALWAYS),
    CALL(preadv, ALWAYS),
    CALL(write, ALWAYS),
    CALL(writev, ALWAYS),
    CALL(pwrite64, ALWAYS),
    CALL(pwritev, ALWAYS),
    CALL(lseek, ALWAYS),
    CALL(close, ALWAYS),
    CALL(fstat, ALWAYS),
    CALL(newfstatat, ALWAYS), /* Landlock does not hide that a file exists */
    CALL(statx, ALWAYS),
    CALL(fcntl, ALWAYS),
    CALL(dup, ALWAYS),
    CALL(ftruncate, ALWAYS),
    CALL(fsync, ALWAYS),
    CALL(fdatasync, ALWAYS),
    CALL(munmap, ALWAYS),
    CALL(mremap, ALWAYS),
    CALL(madvise, ALWAYS),
    CALL(msync, ALWAYS),
    CALL(mincore, ALWAYS),
    CALL(brk, ALWAYS),
    CALL(memfd_create, ALWAYS),
    CALL(rt_sigaction, ALWAYS),
    CALL(rt_sigprocmask, ALWAYS),
    CALL(rt_sigreturn, ALWAYS),
    CALL(sigaltstack, ALWAYS),
    CALL(tgkill, ALWAYS), /* abort() */
    CALL(epoll_create1, ALWAYS),
    CALL(epoll_ctl, ALWAYS),
    CALL(epoll_wait, ALWAYS),
    CALL(epoll_pwait, ALWAYS),
    CALL(epoll_pwait2, ALWAYS),
    CALL(poll, ALWAYS),
    CALL(ppoll, ALWAYS),
    CALL(eventfd2, ALWAYS),
    CALL(pipe2, ALWAYS),
    CALL(sendmsg, ALWAYS),
    CALL(recvmsg, ALWAYS),
    CALL(sendto, ALWAYS),
    CALL(recvfrom, ALWAYS),
    CALL(shutdown, ALWAYS),
    CALL(futex, ALWAYS),
    CALL(clock_gettime, ALWAYS),
    CALL(clock_getres, ALWAYS),
    CALL(clock_nanosleep, ALWAYS),
    CALL(timerfd_create, ALWAYS),
    CALL(timerfd_settime, ALWAYS),
    CALL(nanosleep, ALWAYS),
    CALL(gettimeofday, ALWAYS),
    CALL(time, ALWAYS),
    CALL(getrandom, ALWAYS),
    CALL(getpid, ALWAYS),
    CALL(getppid, ALWAYS),
    CALL(gettid, ALWAYS),
    CALL(getuid, ALWAYS),
    CALL(geteuid, ALWAYS),
    CALL(getgid, ALWAYS),
    CALL(getegid, ALWAYS),
    CALL(getrusage, ALWAYS),
    CALL(sysinfo, ALWAYS),
    CALL(uname, ALWAYS),
    CALL(sched_yield, ALWAYS),
    CALL(sched_getaffinity, ALWAYS),
    CALL(set_robust_list, ALWAYS),
    CALL(rseq, ALWAYS),
    CALL(membarrier, ALWAYS),
    CALL(restart_syscall, ALWAYS),
    CALL(exit, ALWAYS),
    CALL(exit_group, ALWAYS),
    CALL(open, SANDBOX_FILES),
    CALL(openat, SANDBOX_FILES),
    CALL(stat, SANDBOX_FILES),
    CALL(lstat, SANDBOX_FILES),
    CALL(access, SANDBOX_FILES),
    CALL(faccessat, SANDBOX_FILES),
    CALL(faccessat2, SANDBOX_FILES),
    CALL(readlink, SANDBOX_FILES),
    CALL(readlinkat, SANDBOX_FILES),
    CALL(getdents64, SANDBOX_FILES),
    CALL(getcwd, SANDBOX_FILES),
    CALL(statfs, SANDBOX_FILES),
    CALL(fstatfs, SANDBOX_FILES),
    CALL(fadvise64, SANDBOX_FILES),
    CALL(flock, SANDBOX_FILES),
    CALL(inotify_init1, SANDBOX_FILES),
    CALL(inotify_add_watch, SANDBOX_FILES),
    CALL(inotify_rm_watch, SANDBOX_FILES),
    CALL(fallocate, SANDBOX_CHANGE),
    CALL(sync_file_range, SANDBOX_CHANGE),
    CALL(copy_file_range, SANDBOX_CHANGE),
    CALL(rename, SANDBOX_CHANGE),
    CALL(renameat, SANDBOX_CHANGE),
    CALL(renameat2, SANDBOX_CHANGE),
    CALL(link, SANDBOX_CHANGE),
    CALL(linkat, SANDBOX_CHANGE),
    CALL(unlink, SANDBOX_CHANGE),
    CALL(unlinkat, SANDBOX_CHANGE),
    CALL(mkdir, SANDBOX_CHANGE),
    CALL(mkdirat, SANDBOX_CHANGE),
    CALL(rmdir, SANDBOX_CHANGE),
    CALL(fchmod, SANDBOX_CHANGE),
    CALL(fchmodat, SANDBOX_CHANGE),
    CALL(fchown, SANDBOX_CHANGE), /* SQLite gives its journals the database's owner */
    CALL(utimensat, SANDBOX_CHANGE),
    CALL(umask, SANDBOX_CHANGE),
    CALL(accept, SANDBOX_ACCEPT),
    CALL(accept4, SANDBOX_ACCEPT),
    CALL(getpeername, SANDBOX_ACCEPT),
    CALL(getsockname, SANDBOX_ACCEPT),
    CALL(getsockopt, SANDBOX_ACCEPT),
    CALL(setsockopt, SANDBOX_ACCEPT),
    CALL(getpeername, SANDBOX_NAMES),
    CALL(getsockname, SANDBOX_NAMES),
    CALL(getsockopt, SANDBOX_NAMES),
    CALL(setsockopt, SANDBOX_NAMES),
    CALL(sendmmsg, SANDBOX_NAMES),
    CALL(recvmmsg, SANDBOX_NAMES),
};

/* TCP over either version of IP, nothing else. */
static int allow_dialling(scmp_filter_ctx f)
{
	static const unsigned long families[] = {AF_INET, AF_INET6};
	static const unsigned long options[] = {
	    SOCK_STREAM, SOCK_STREAM | SOCK_CLOEXEC, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK};
	int rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++)
			rc |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
			    SCMP_A0(SCMP_CMP_EQ, families[i], 0),
			    SCMP_A1(SCMP_CMP_EQ, options[k], 0));
	return rc;
}

/* Questions to name servers. */
static int allow_names(scmp_filter_ctx f)
{
	static const unsigned long families[] = {AF_INET, AF_INET6};
	static const unsigned long options[] = {SOCK_DGRAM, SOCK_DGRAM | SOCK_CLOEXEC,
	    SOCK_DGRAM | SOCK_NONBLOCK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK};
	int rc = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++)
			rc |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
			    SCMP_A0(SCMP_CMP_EQ, families[i], 0),
			    SCMP_A1(SCMP_CMP_EQ, options[k], 0));
	return rc;
}

/* Calls that are allowed with certain arguments only. */
static int allow_some(scmp_filter_ctx f, unsigned needs)
{
	static const unsigned long ioctls[] = {FIONREAD, FIONBIO, TCGETS};
	static const int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
	int rc = 0;

	/* Nothing new becomes code. */
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		rc |= seccomp_rule_add(
		    f, SCMP_ACT_ALLOW, maps[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++)
		rc |= seccomp_rule_add(
		    f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, ioctls[i], 0));
	rc |= seccomp_rule_add(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
	/* malloc asks for limits, nobody sets any. */
	rc |=
	    seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0, 0));
	if (needs & SANDBOX_DIAL)
		rc |= allow_dialling(f);
	if (needs & SANDBOX_NAMES)
		rc |= allow_names(f);
	if (needs & SANDBOX_THREADS) {
		rc |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
		/* Its flags lie in memory, where no filter sees them: the library then uses the
		 * call above. */
		rc |= seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
		/* A thread may step back behind the others; who may step forward the kernel says.
		 */
		rc |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(setpriority), 2,
		    SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS, 0), SCMP_A1(SCMP_CMP_EQ, 0, 0));
	}
	return rc;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static enum err confine_calls(unsigned needs, struct fault *fault)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = f ? allow_some(f, needs) : -1;

	for (size_t i = 0; rc == 0 && i < sizeof(CALLS) / sizeof(CALLS[0]); i++) {
		/* Negative: this architecture has no such call. */
		if (CALLS[i].number >= 0 && (CALLS[i].need & needs) == CALLS[i].need)
			rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALLS[i].number, 0);
	}
	if (rc == 0)
		rc = seccomp_load(f);
	if (f)
		seccomp_release(f);
	if (rc != 0)
		return fail(fault, ERR_IO, "cannot restrict the system calls: %s", sys_error(-rc));
	return OK;
}

static void try_the_doors(struct sandbox_report *r)
{
	char *const argv[] = {NULL};
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	r->files_refused = fd < 0;
	if (fd >= 0)
		close(fd);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r->socket_refused = fd < 0;
	if (fd >= 0)
		close(fd);
	/* A path that cannot exist: where starting programs is allowed, this says ENOENT. */
	(void)execve("/dev/null/none", argv, argv);
	r->exec_refused = errno == EPERM || errno == EACCES;
}

enum err sandbox_enter(struct sandbox_report *out, const struct sandbox *s, struct fault *fault)
{
	struct sandbox_report report = {0};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);

	if (s->path_count > SANDBOX_PATHS_MAX)
		return fail(fault, ERR_LIMIT, "more than %d paths in a sandbox", SANDBOX_PATHS_MAX);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(fault, ERR_IO, "cannot give up privileges: %s", sys_error(errno));
	if (abi > 0) {
		report.landlock = (int)abi;
		TRY(confine_files(abi > ABI_NEWEST ? ABI_NEWEST : (int)abi, s, fault));
	}
	if (!SANITIZED) {
		TRY(confine_calls(s->needs, fault));
		report.seccomp = true;
	}
	try_the_doors(&report);
	*out = report;
	return OK;
}
