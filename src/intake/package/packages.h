/* SPDX-License-Identifier: Apache-2.0 */
/* The core's side of packages that are read: intake looks at the file, here it is decided whether
 * it is the next one, a replay, or one behind a gap; its ranges are taken as those of the link are.
 * What was read from whom is the decision "package-in/NAME". Private to intake/. */
#pragma once

#include "intake/range/ranges.h"

struct packages;

struct packages *packages_new(
    const struct command_ctx *ctx, struct state *state, struct ranges *ranges);
void packages_free(struct packages *x); /* NULL allowed */
/* "package.read" {} with the file: {peer, serial, made, status, text, ...}; status is "taken",
 * "known" (nothing new) or "gap" (nothing is taken until what is missing comes). */
MUST_USE enum err packages_read(struct packages *x, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault);
/* intake is there, or NULL: it is gone. */
void packages_attach(struct packages *x, struct chan *intake);
/* INTAKE_PACKAGE_SEEN. */
MUST_USE enum err packages_message(struct packages *x, const struct chan_message *m);
