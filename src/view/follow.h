/* SPDX-License-Identifier: Apache-2.0 */
/* The core's follower threads: one a view, each with a reader of the ledger of its own, so that
 * views lag behind the ledger visibly and never hold it up, not even by the processor time they
 * take. A view that fails (full disk, damage) is opened again every few seconds and made anew when
 * it must be. */
#pragma once

#include "view/view.h"

struct followers;

/* `node_dir` holds "ledger" (which must be there) and "views" (made when missing). Returns when
 * each view is open, or was dropped because it cannot be: what a reader finds from then on is of
 * this ledger and these settings, if not all of it yet. */
MUST_USE enum err followers_start(
    struct followers **out, struct str node_dir, const struct env *env, struct fault *fault);
/* Waits until the threads have finished the batch at hand. */
void followers_stop(struct followers *f); /* NULL allowed */

/* Something was committed. From any thread; returns at once. */
void followers_notify(struct followers *f);
/* Readable when a cursor has moved or a fault came or went; read eight bytes to clear. */
int followers_fd(const struct followers *f);
/* Records that every view has seen. */
uint64_t followers_cursor(const struct followers *f);

struct follower_status {
	const char *name;
	uint64_t cursor;
	struct fault fault; /* code OK: none */
};
/* i < VIEW_COUNT, in the order of VIEW_CLASSES. */
void followers_status(struct followers *f, size_t i, struct follower_status *out);
