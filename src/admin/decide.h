/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions: the node's own state as records of the ledger, "collection/UUID", "status/UUID" ...
 * The newest one of a path counts. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "sys/command.h"

enum { TAXII_PAGE_MAX = 10000 }; /* objects of the largest page of an API root */

/* Appends one. `json` is an object. Nobody but an administrator sees decisions as they are. */
MUST_USE enum err admin_decide(
    const struct command_ctx *ctx, struct str path, struct str json, struct fault *fault);
