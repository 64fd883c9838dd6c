/* SPDX-License-Identifier: Apache-2.0 */
/* What core answers to a link that handed it a range, as JSON: so much is held now, or it was not
 * taken. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "sync/edge.h"

/* {size, root, receipt, waited?}; the receipt may be empty; waited: for others, being over its
 * quota. */
void sync_reply_held(
    struct buf *out, const struct sync_edge *edge, struct str receipt, bool waited);
/* {error, reason, text}: enum err, enum sync_reason. */
void sync_reply_refused(struct buf *out, enum err code, unsigned reason, struct str text);
/* {text}: the receipt that the signer is asked for. */
void sync_reply_receipt_args(struct buf *out, const struct sync_receipt *receipt);
