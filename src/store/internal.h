/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a store, for the files of this folder. */
#pragma once

#include "base/buf.h"
#include "store/frame.h"
#include "store/index.h"
#include "store/segment.h"
#include "store/store.h"

struct store {
	const struct env *env;
	const struct store_io *io;
	char *dir; /* NUL-terminated, for messages */
	bool write;
	bool erase;    /* there are tombstones whose records may not be erased yet */
	uint64_t wipe; /* bytes before this position are left of what failed; 0: none are */
	int dir_fd;
	int lock_fd;
	struct segments segments;
	struct index index;
	/* The writer's, pending batches included. */
	struct index_commit pending;
	_Atomic uint64_t visible; /* pending.size, for the process's other threads */
	usec received;            /* of the last record */
	struct buf frame;
};

/* A record whose bytes are in its segment. */
struct store_entry {
	const struct record *record;
	struct str leaf;
	uint64_t at; /* position of the content */
};

enum { STORE_WINDOW = 64 }; /* entries whose look-ups overlap */

/* Puts entries numbered `first` and up into the index; n <= STORE_WINDOW, room is reserved. */
MUST_USE enum err store_index(struct store *s, uint64_t first, const struct store_entry *entries,
    size_t n, struct fault *fault);
/* Lets readers see what is pending; it is on disk. */
void store_publish(struct store *s);

/* Brings index and segments to what the segments hold. */
MUST_USE enum err store_recover(struct store *s, bool create, struct fault *fault);

static inline struct str store_bytes(const unsigned char *p, size_t n)
{
	return (struct str){(const char *)p, n};
}
