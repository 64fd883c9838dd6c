/* SPDX-License-Identifier: Apache-2.0 */
/* Segment files: the ledger's bytes. Segment n holds the positions [n, n + 1) * SEGMENT_BYTES and
 * its file is named by the first of them; it begins with a text line, then frames follow to the
 * first zeros. Space is taken ahead of writing, so that a full disk is seen before a batch is
 * begun. Knows no records. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

enum {
	SEGMENT_BITS = 27,
	SEGMENT_BYTES = 1 << SEGMENT_BITS,
	SEGMENT_HEAD = 64,
	SEGMENT_NAME = 32,
	SEGMENTS_MAX = 1 << 16,
};

/* What the system does for the store; tests put failing ones in their place. */
struct store_io {
	ssize_t (*pwrite)(int fd, const void *bytes, size_t n, off_t at);
	int (*fdatasync)(int fd);
	int (*reserve)(int fd, off_t at, off_t n); /* posix_fallocate: an error number */
	void (*start)(int fd, off_t at, off_t n);  /* begins to put on disk, waits for nothing */
};

extern const struct store_io STORE_IO_SYSTEM;

struct segments {
	int dir_fd;
	const char *dir; /* for messages */
	const struct store_io *io;
	_Atomic(unsigned char *) *maps;
	/* The writer's: the segment it appends to. */
	int fd;
	uint64_t number;
	uint64_t reserved; /* bytes of the file */
};

static inline uint64_t segment_number(uint64_t position)
{
	return position >> SEGMENT_BITS;
}

static inline uint64_t segment_offset(uint64_t position)
{
	return position & (SEGMENT_BYTES - 1);
}

void segment_name(char out[SEGMENT_NAME], uint64_t number);
/* The file's first bytes. */
void segment_head(char out[SEGMENT_HEAD], uint64_t number);

/* The folder "segments" of the ledger's; made when `create`. */
MUST_USE enum err segments_open(struct segments *s, int ledger_fd, const char *ledger_dir,
    const struct store_io *io, bool create, struct fault *fault);
void segments_close(struct segments *s);
/* How many there are; ERR_CORRUPT when one is missing before the last. */
MUST_USE enum err segments_count(const struct segments *s, uint64_t *out, struct fault *fault);
/* One past the number of the last, whether or not the others are there. */
MUST_USE enum err segments_end(const struct segments *s, uint64_t *out, struct fault *fault);
/* Length of the file. */
MUST_USE enum err segment_size(
    const struct segments *s, uint64_t number, uint64_t *out, struct fault *fault);

/* Where the bytes at a position are mapped, NULL when the system refuses. Any thread. Only bytes
 * that were written may be touched. */
const unsigned char *segments_at(const struct segments *s, uint64_t position);

/* The writer's. Room for n bytes at `position` (in its segment, which is made when it is not
 * there): ERR_FULL or ERR_IO, and then nothing has changed that a reader could see. */
MUST_USE enum err segments_reserve(
    struct segments *s, uint64_t position, uint64_t n, struct fault *fault);
/* In the reserved room. */
MUST_USE enum err segments_write(
    struct segments *s, uint64_t position, const void *bytes, size_t n, struct fault *fault);
/* Has the disk begin with whole pages of what was written, so that segments_sync waits less. */
void segments_start(const struct segments *s, uint64_t position, size_t n);
MUST_USE enum err segments_sync(struct segments *s, struct fault *fault);
/* Puts zeros into [from, end). Readers may be looking at those bytes: the files keep their length.
 */
MUST_USE enum err segments_zero(
    struct segments *s, uint64_t from, uint64_t end, struct fault *fault);
/* Puts zeros in place of bytes that were written, and has them on disk. */
MUST_USE enum err segments_erase(
    struct segments *s, uint64_t position, size_t n, struct fault *fault);
/* Writes over bytes of whatever segment, and puts that on disk. */
MUST_USE enum err segments_patch(
    struct segments *s, uint64_t position, const void *bytes, size_t n, struct fault *fault);
/* Removes every byte from `position` on, of files that nobody reads there. */
MUST_USE enum err segments_cut(struct segments *s, uint64_t position, struct fault *fault);
/* What errno means: ERR_FULL for a lack of space, else ERR_IO. */
enum err segment_errno(void);
