/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the state view: which paths of decisions there are. What a decision says is in the
 * ledger: the newest one of a path counts. */
#pragma once

#include "view/view.h"

struct state;

MUST_USE enum err state_open(struct state **out, struct str dir, struct fault *fault);
void state_close(struct state *t); /* NULL allowed */
uint64_t state_cursor(struct state *t);

/* Calls visit for each path that begins with prefix, in order of their bytes. */
typedef void (*state_fn)(void *ctx, struct str path);
MUST_USE enum err state_list(
    struct state *t, struct str prefix, state_fn visit, void *ctx, struct fault *fault);
