/* SPDX-License-Identifier: Apache-2.0 */
/* The core's side of what members without a node send: intake checks the message, here a replay is
 * found, and what is left is imported as the account's own. What was taken is the decision
 * "member-in/ACCOUNT". Private to intake/. */
#pragma once

#include "intake/imports.h"

struct letters;

struct letters *letters_new(const struct command_ctx *ctx, struct imports *imports);
void letters_free(struct letters *x); /* NULL allowed; behind imports_free */
/* "member.read" {name, signature?, collection?} with the file: {account, serial, sha256, signed,
 * report}. */
MUST_USE enum err letters_read(struct letters *x, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault);
/* intake is there, or NULL: it is gone. */
void letters_attach(struct letters *x, struct chan *intake);
/* INTAKE_LETTER_SEEN. */
MUST_USE enum err letters_message(struct letters *x, const struct chan_message *m);
