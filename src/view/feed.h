/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the feed view: who is in a collection, in the order of the date added, and the records of
 * a type. Lists are borrowed until the next call with the same structure. */
#pragma once

#include "view/list.h"

struct feeds;

/* `dir` is the node's "views" folder; it may be empty yet: then every list is. */
MUST_USE enum err feeds_open(struct feeds **out, struct str dir, struct fault *fault);
void feeds_close(struct feeds *f); /* NULL allowed */

/* NULL: nothing was ever in it. */
struct list *feeds_of(struct feeds *f, uint32_t feed);
struct list *feeds_of_type(struct feeds *f, uint16_t tag);
/* Whether an object version is a member now. */
bool feeds_has(struct feeds *f, uint32_t feed, uint64_t seq);
/* How many records the view has seen. */
uint64_t feeds_cursor(struct feeds *f);
