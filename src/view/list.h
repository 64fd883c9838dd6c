/* SPDX-License-Identifier: Apache-2.0 */
/* Mapped files of the feed view: an ordered array of {seq, when} and a set of numbers. One writer,
 * any number of readers in other processes, no locks: a reader sees what was published and never a
 * half-written entry. Not durable by themselves: view/feed.c rebuilds them when in doubt. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

#define LIST_GONE (UINT64_C(1) << 63)

struct list_entry {
	uint64_t seq; /* LIST_GONE is set when it was taken away */
	usec when;
};

struct list;

/* `path` NUL-terminated. A writer starts with an empty file when there is none. A reader gets
 * ERR_NOT_FOUND when there is none, ERR_CORRUPT when it is something else. */
MUST_USE enum err list_open(struct list **out, const char *path, bool write, struct fault *fault);
void list_close(struct list *l); /* NULL allowed */

/* How many entries are there now; a reader may then read list_at(0..count). */
size_t list_count(struct list *l);
struct list_entry list_at(const struct list *l, size_t i);
/* The first entry whose (when, seq) is greater, or `count`. */
size_t list_after(const struct list *l, size_t count, usec when, uint64_t seq);
/* Where the entry of seq is, if it has not gone; `when` tells where it probably is. */
bool list_find(struct list *l, uint64_t seq, usec when, size_t *at);
/* True when the file was replaced by a newer one: close it and open the path again. */
bool list_is_stale(const struct list *l);

/* Adds entries that are sorted by (when, seq). When they do not all come after the last one, the
 * file is written anew with them in their places. */
MUST_USE enum err list_add(
    struct list *l, const struct list_entry *entries, size_t count, struct fault *fault);
/* Marks the entry of seq as gone, found as by list_find. False when there is none. */
bool list_remove(struct list *l, uint64_t seq, usec when);

/* A set of record numbers as a bitmap. */
struct marks;
MUST_USE enum err marks_open(struct marks **out, const char *path, bool write, struct fault *fault);
void marks_close(struct marks *m); /* NULL allowed */
bool marks_has(struct marks *m, uint64_t n);
MUST_USE enum err marks_put(struct marks *m, uint64_t n, bool on, struct fault *fault);
