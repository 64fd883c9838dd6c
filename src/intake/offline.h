/* SPDX-License-Identifier: Apache-2.0 */
/* Matching without a node: indicators from files, events from files, sightings out. The same index,
 * extractor and sightings as the node's; nothing is kept. Reads no file itself. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "match/matcher.h"

struct offline;

/* Each line is one STIX object. */
typedef void (*offline_emit_fn)(void *ctx, struct str json);
typedef void (*offline_refused_fn)(void *ctx, const struct fault *fault);

struct offline_options {
	usec now; /* indicators that are not valid now do not count */
	offline_emit_fn emit;
	offline_refused_fn refused;
	void *ctx;
};

struct offline *offline_new(const struct offline_options *options);
void offline_free(struct offline *o); /* NULL allowed */

/* Any format that can be imported; `text` is not needed afterwards. ERR_PARSE when it is none.
 * Members that cannot be used are told to `refused`, objects that are no indicators passed over. */
MUST_USE enum err offline_indicators(struct offline *o, struct str text, struct fault *fault);
/* When all indicators are there. ERR_NOT_FOUND when there is not one that names plain values. */
MUST_USE enum err offline_ready(struct offline *o, struct fault *fault);
uint64_t offline_indicator_count(const struct offline *o);

/* The next stream of events, by its name. */
void offline_begin(struct offline *o, struct str source);
/* As matcher_feed. */
size_t offline_feed(struct offline *o, struct str block);
/* The stream has ended: emits its sightings. */
void offline_end(struct offline *o);
struct match_counts offline_counts(const struct offline *o);
uint64_t offline_sightings(const struct offline *o);
