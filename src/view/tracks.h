/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the feed view, for its writer and its readers alike: one head, and per feed or type
 * a list and, of feeds, the set of members. Private to this folder. */
#pragma once

#include <stdatomic.h>

#include "crypt/digest.h"
#include "sys/env.h"
#include "view/list.h"

enum { TRACK_FEED = 'f', TRACK_TYPE = 't', TRACKS_DIR_MAX = 3072 };

struct tracks_head {
	char magic[8];
	_Atomic uint64_t generation; /* raised when everything was dropped */
	_Atomic uint64_t cursor;
	_Atomic uint64_t busy; /* a batch is half done: worthless if found so */
	struct sha256 leaf;    /* of record cursor - 1 */
	char boot[SYS_BOOT];
};

struct track {
	char kind;
	uint32_t number;
	struct list *list;
	struct marks *marks; /* of feeds */
	/* The writer's, not yet in the list. */
	struct list_entry *pending;
	size_t count, room;
};

struct tracks {
	bool write;
	char dir[TRACKS_DIR_MAX];
	struct tracks_head *head; /* mapped; NULL in a reader of a folder that is empty yet */
	uint64_t generation;
	struct track *all;
	size_t count;
};

/* `dir` is the "views" folder. */
MUST_USE enum err tracks_open(struct tracks *t, struct str dir, bool write, struct fault *fault);
void tracks_close(struct tracks *t);
/* A writer makes what is missing; a reader gets NULL. */
MUST_USE enum err tracks_get(
    struct track **out, struct tracks *t, char kind, uint32_t number, struct fault *fault);
/* Opens every track that has files. */
MUST_USE enum err tracks_get_all(struct tracks *t, struct fault *fault);
/* Removes all files but the head, and tells readers. */
MUST_USE enum err tracks_drop(struct tracks *t, struct fault *fault);
