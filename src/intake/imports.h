/* SPDX-License-Identifier: Apache-2.0 */
/* The imports that the core has been asked for: each waits for its turn in intake and is answered
 * when intake has come to its end. Private to intake/. */
#pragma once

#include "intake/collections.h"
#include "sys/command.h"
#include "view/feed.h"

struct imports;

/* feeds may be NULL: then only rows tell who is in which feed. All must stay. */
struct imports *imports_new(
    const struct command_ctx *ctx, struct feeds *feeds, struct collections *collections);
void imports_free(struct imports *x); /* NULL allowed */

/* The command. */
MUST_USE enum err imports_ask(struct imports *x, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault);
/* The same for who is answered instead of a ticket, maybe before it returns: unless it returns an
 * error. */
MUST_USE enum err imports_take(
    struct imports *x, const struct rpc_call *call, rpc_done done, void *ctx, struct fault *fault);
/* intake is there (what waits is handed over), or NULL: it is gone (what it was at has ended). */
void imports_attach(struct imports *x, struct chan *intake);
/* INTAKE_OBJECTS and INTAKE_IMPORT_END. */
MUST_USE enum err imports_message(struct imports *x, const struct chan_message *m);

/* Number of a source's name in records; a decision is appended for a name that is new. */
struct source_facts {
	struct str name, kind, path, label;
	int64_t trust; /* -1: none */
};
MUST_USE enum err source_number(const struct command_ctx *ctx, const struct source_facts *facts,
    uint32_t *out, struct fault *fault);
