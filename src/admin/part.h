/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts that administer accounts and collections share: the beginning of a command. Who
 * asks is looked up in the ledger: the front is not believed when it says that somebody may
 * administer. */
#pragma once

#include "codec/json.h"
#include "sys/command.h"
#include "view/state.h"

/* How a removal begins. */
#define PART_REMOVED "{\"removed\":true"

struct part {
	const struct command_ctx *ctx;
	struct arena *arena; /* for one command */
};

MUST_USE enum err part_open(void **out, const struct command_ctx *ctx, struct fault *fault);
void part_close(void *part);

/* Resets the arena, reads the arguments and refuses who may not administer. */
MUST_USE enum err part_begin(
    struct part *p, const struct rpc_call *call, yyjson_val **args, struct fault *fault);
/* The same for who may take back what this node made: an own account whose role may delete. */
MUST_USE enum err part_begin_delete(
    struct part *p, const struct rpc_call *call, yyjson_val **args, struct fault *fault);
/* The newest decision of a path, pending ones included; ERR_NOT_FOUND when there is none or it is a
 * removal. */
MUST_USE enum err part_decided(struct part *p, struct str path, yyjson_val **out);
MUST_USE enum err part_account(
    struct part *p, struct str id, yyjson_val **out, struct fault *fault);
/* The account that people call so: its id, in the arena, and what is decided about it. */
MUST_USE enum err part_account_named(
    struct part *p, struct str name, struct str *id, yyjson_val **out, struct fault *fault);
/* The id under which a name is known, in the arena, and from now on when there was none.
 * ERR_INVALID when nobody may be named so. */
MUST_USE enum err part_account_id(
    struct part *p, struct str name, struct str *id, struct fault *fault);
/* ERR_INVALID when nobody may have such a password. */
MUST_USE enum err part_password(struct str password, struct fault *fault);
/* Whether there ever was a decision about such an account. */
bool part_account_known(struct part *p, struct str id);
/* Decides that what is decided there counts no more, and who says so. */
MUST_USE enum err part_remove(struct part *p, struct str path, struct str by, struct fault *fault);
/* What people call an account, in the arena. */
struct str part_name(struct part *p, struct str id);
/* Calls visit for each path of decisions that begins with the prefix: from the view, and from the
 * records that it has not seen yet, so for some twice. A view that cannot be read tells nothing;
 * then every record is looked at. */
MUST_USE enum err part_each(
    struct part *p, struct str prefix, state_fn visit, void *ctx, struct fault *fault);
