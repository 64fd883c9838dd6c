/* SPDX-License-Identifier: Apache-2.0 */
/* What the detectors of a stream found, taken into the ledger: labelled as the stream is, each
 * once a day, newer versions as it goes on. At most so many of a source an hour; the rest is
 * counted. Private to intake/. */
#pragma once

#include "intake/streams.h"

enum { FINDINGS_HOUR_MAX = 500 };

struct findings;

struct findings *findings_new(const struct command_ctx *ctx, struct streams *streams);
void findings_close(struct findings *x); /* NULL allowed */
/* INTAKE_FINDINGS. */
MUST_USE enum err findings_message(struct findings *x, const struct chan_message *m);
