/* SPDX-License-Identifier: Apache-2.0 */
/* Takes over the data file of the TAXII server medallion: its discovery text, API roots,
 * collections with their ids and rights, statuses, and every object version with the bytes and the
 * date added it had there. Objects come from a store that the operator trusts: they are not
 * validated, only those that cannot be identified are refused. */
#pragma once

#include "base/buf.h"
#include "policy/label.h"
#include "sys/command.h"

enum { RESTORE_FILE_MAX = 512 << 20, RESTORE_FAILURES_MAX = 1000 };

struct restore_options {
	uint64_t page_limit;   /* of the restored API roots; 0: 1000 */
	struct label fallback; /* for objects without a marking */
};

/* Appends everything; what is in the ledger already joins its collection, so a restore that was cut
 * short is finished by doing it again. *reply gets {roots, collections, statuses, total, taken,
 * duplicates, refused, failures:[{id, version, path, message}]}. A file that is not such a data
 * file is ERR_PARSE, ERR_INVALID or ERR_LIMIT, and nothing of it is appended. */
MUST_USE enum err restore_file(const struct command_ctx *ctx, int fd,
    const struct restore_options *options, struct buf *reply, struct fault *fault);
