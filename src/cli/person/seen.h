/* SPDX-License-Identifier: Apache-2.0 */
/* What the history holds of a person: mail addresses that hold the text. What it holds of machines
 * (addresses, names, requests) names no person by itself, and is left to retention. */
#pragma once

#include "cli/person/person.h"
#include "history/reader.h"

/* Calls fn for each, source by source. */
MUST_USE enum err person_seen(struct person *p, const char *dir,
    void (*fn)(void *ctx, const struct history_entry *e), void *ctx, struct fault *fault);
/* Takes them out of the history of the node, running or not; *rows: hours that went. */
MUST_USE enum err person_unsee(
    const char *dir, const struct str *values, size_t count, uint64_t *rows, struct fault *fault);
