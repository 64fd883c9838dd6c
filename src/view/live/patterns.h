/* SPDX-License-Identifier: Apache-2.0 */
/* The list of patterns that are matched on the events themselves, because they are more than a set
 * of values: a file of the match view beside its index, written whole and replaced at once. All
 * that qualify are in it, the newest PATTERNS_ARMED_MAX of them with their text: those are armed.
 * Who reads it learns of a newer one from a word in the map, without a system call. */
#pragma once

#include "base/arena.h"
#include "store/store.h"

/* BYTES: of one pattern that is armed; ALL: of all of them together. */
enum {
	PATTERNS_ARMED_MAX = 10000,
	PATTERNS_BYTES_MAX = 64 << 10,
	PATTERNS_ALL_MAX = 32 << 20,
};

struct live_pattern {
	uint64_t seq;  /* the ledger's record of the indicator's version */
	uint32_t from; /* as in struct index_entry */
	uint32_t until;
	struct str text; /* STR_NONE: not armed, there are too many newer ones */
	struct str id;   /* of the indicator; likewise */
};

/* ---- the reader ---- */

struct patterns;

/* `dir` is the node's "views" folder. Empty until the first patterns_refresh. */
MUST_USE enum err patterns_open(struct patterns **out, struct str dir, struct fault *fault);
void patterns_close(struct patterns *p); /* NULL allowed */
/* Maps what is newest. True when it has changed: what was read before is gone. */
bool patterns_refresh(struct patterns *p);
/* By seq, ascending. */
size_t patterns_count(const struct patterns *p);
struct live_pattern patterns_at(const struct patterns *p, size_t i);
/* The one of such a record; false when there is none. */
bool patterns_find(const struct patterns *p, uint64_t seq, struct live_pattern *out);
/* How many of them are armed. */
size_t patterns_armed(const struct patterns *p);

/* ---- the writer ---- */

struct pattern_list;

/* `dir` is the view's own folder. Goes on with what the file says of records before `cursor`;
 * ERR_NOT_FOUND when there is none, ERR_CORRUPT. */
MUST_USE enum err pattern_list_open(
    struct pattern_list **out, const char *dir, uint64_t cursor, struct fault *fault);
/* An empty one; its file is written with the first change. */
MUST_USE enum err pattern_list_create(
    struct pattern_list **out, const char *dir, struct fault *fault);
void pattern_list_close(struct pattern_list *l); /* NULL allowed */
void pattern_list_add(struct pattern_list *l, uint64_t seq, uint32_t from, uint32_t until);
void pattern_list_remove(struct pattern_list *l, uint64_t seq);
/* Another end, when it is there. */
void pattern_list_end(struct pattern_list *l, uint64_t seq, uint32_t until);
/* Lets go of those that are gone, chooses which are armed, and replaces the file when that changed
 * anything. */
MUST_USE enum err pattern_list_settle(struct pattern_list *l, const struct store *s,
    bool (*gone)(const struct store *s, uint64_t seq), struct fault *fault);
/* Its content; of those that are not armed the text is STR_NONE. */
size_t pattern_list_count(const struct pattern_list *l);
struct live_pattern pattern_list_at(const struct pattern_list *l, size_t i);
/* Removes the file. Readers notice. */
MUST_USE enum err pattern_list_drop(const char *dir, struct fault *fault);
