/* SPDX-License-Identifier: Apache-2.0 */
/* A segment file of whatever bytes, as a writer recovers it and as verification reads it: both end,
 * and never with more records than a whole frame holds. The first byte says whether the frame's
 * checksums are put right first. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/crc32c.h"
#include "store/frame.h"
#include "store/segment.h"
#include "store/verify.h"

static usec now(void *ctx)
{
	(void)ctx;
	return 1;
}

static void no_random(void *ctx, void *out, size_t n)
{
	(void)ctx;
	memset(out, 7, n);
}

static void write_segment(const char *path, const uint8_t *data, size_t size)
{
	unsigned char head[SEGMENT_HEAD] = {0}, frame[FRAME_HEAD];
	struct frame_head h = {.length = (uint32_t)size - 1, .count = 1};
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	off_t at = SEGMENT_HEAD;

	if (fd < 0 || pwrite(fd, head, sizeof(head), 0) != sizeof(head))
		abort();
	if (data[0] & 1) {
		h.crc = crc32c(0, (struct str){(const char *)data + 1, size - 1});
		frame_head_write(frame, &h);
		if (pwrite(fd, frame, sizeof(frame), at) != sizeof(frame))
			abort();
		at += FRAME_HEAD;
	}
	if (pwrite(fd, data + 1, size - 1, at) != (ssize_t)(size - 1))
		abort();
	(void)close(fd);
}

static void remove_all(const char *dir)
{
	static const char *const NAMES[] = {"segments/00000000000000000000.seg", "segments",
	    "index/head", "index/rows", "index/labels", "index/tiles0", "index/tiles1",
	    "index/tiles2", "index/tiles3", "index/ids.12", "index", "lock", ""};
	char path[128];

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, NAMES[i]);
		(void)remove(path);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct env env = {now, no_random, NULL};
	char dir[] = "/dev/shm/tocsin-fuzz-XXXXXX";
	char path[128];
	struct store *s;
	struct verify_report report;
	struct fault fault;

	if (size < 2 || size > 1 << 16 || !mkdtemp(dir))
		return 0;
	(void)snprintf(path, sizeof(path), "%s/segments", dir);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/segments/00000000000000000000.seg", dir);
	write_segment(path, data, size);
	if (store_verify(&report, &(struct verify_options){.dir = str_c(dir)}, &fault) == OK &&
	    report.good)
		__builtin_trap(); /* nothing is signed */
	if (store_open(&s, &(struct store_options){.dir = str_c(dir), .write = true, .env = &env},
	        &fault) == OK) {
		for (uint64_t n = 0; n < store_size(s); n++)
			if (store_id(s, n).n == 0)
				__builtin_trap();
		store_close(s);
	}
	remove_all(dir);
	return 0;
}
