/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static usec clock_usec(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		abort();
	return (usec)t.tv_sec * USEC_PER_SEC + t.tv_nsec / 1000;
}

static usec real_now(void *ctx)
{
	(void)ctx;
	return clock_usec(CLOCK_REALTIME);
}

static void real_random(void *ctx, void *out, size_t n)
{
	unsigned char *p = out;

	(void)ctx;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		/* Nothing that needs randomness may go on without it. */
		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
}

const struct env *sys_env(void)
{
	static const struct env env = {.now = real_now, .random = real_random, .ctx = NULL};

	return &env;
}

usec sys_monotonic(void)
{
	return clock_usec(CLOCK_MONOTONIC);
}

void sys_boot(char out[SYS_BOOT])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	memset(out, 0, SYS_BOOT);
	if (fd < 0)
		return;
	n = read(fd, out, SYS_BOOT - 1);
	(void)close(fd);
	if (n <= 0)
		memset(out, 0, SYS_BOOT);
}

bool sys_boot_is(const char kept[SYS_BOOT])
{
	char boot[SYS_BOOT];

	sys_boot(boot);
	return boot[0] && memcmp(boot, kept, SYS_BOOT) == 0;
}

const char *sys_error(int error)
{
	const char *text = strerrordesc_np(error);

	return text ? text : "unknown error";
}
