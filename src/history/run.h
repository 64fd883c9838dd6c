/* SPDX-License-Identifier: Apache-2.0 */
/* A run: what a stream saw for some seconds, sorted, on its way from intake to core. Made by
 * history_table_run(); core takes it for hostile bytes and checks all of them before it uses any.
 *
 * "tochrun1", then records as in a segment's block (history/record.h), of source 0, without end
 * mark: keys ascend, and within a key hours do. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#define HISTORY_RUN_MAGIC S("tochrun1")

enum { HISTORY_RUN_HEADER = 8 };

struct history_run {
	uint64_t keys;                  /* different values and pairs */
	uint64_t rows;                  /* hours of them */
	uint64_t seen;                  /* observations of values */
	uint32_t first_hour, last_hour; /* since 1970 */
};

/* ERR_INVALID, ERR_LIMIT: not a run, and why. Reads every byte, writes none. */
MUST_USE enum err history_run_check(struct history_run *out, struct str bytes, struct fault *fault);
