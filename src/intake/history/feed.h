/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream tells the history: every value of every event, and what DNS answered. Kept in a
 * table in intake until it is due, then handed to core as a run together with the place in the
 * stream up to which it goes. */
#pragma once

#include "base/env.h"
#include "intake/events.h"
#include "match/matcher.h"
#include "sys/chan.h"

struct history_feed;

/* `kept`: up to where the history goes. */
struct history_feed *history_feed_new(const struct env *env, const struct stream_place *kept);
void history_feed_free(struct history_feed *f); /* NULL allowed */

/* Events between the history's place and where the stream goes on could not be found again. */
void history_feed_gap(struct history_feed *f);
/* Its values and answers must stay until the end of the events. */
void history_feed_event(struct history_feed *f, const struct match_event *event, usec when);
void history_feed_events_end(struct history_feed *f);
/* No more events before a run is made. */
bool history_feed_is_full(const struct history_feed *f);
/* Something was seen that core does not have. */
bool history_feed_owes(const struct history_feed *f);
/* Everything up to this place is on disk: the file may be left. */
bool history_feed_is_settled(const struct history_feed *f, const struct stream_place *place);
/* A run that goes up to this place is wanted (`leave`: for the file to be left), and core has room
 * for it. */
bool history_feed_is_due(
    struct history_feed *f, const struct stream_place *place, bool leave, usec now);

/* A run on its way to core. */
struct history_run_head {
	uint64_t number; /* from 1 */
	uint64_t batch; /* events up to this batch are in it; 0: only such as core has long taken */
	struct stream_place place; /* up to which it goes */
	uint64_t left_out;         /* values that could not be kept */
	bool gap;                  /* something before it is missing */
};

/* When memory is refused the run stays, and is due at once. */
void history_feed_hand_over(struct history_feed *f, struct chan *core, uint64_t stream,
    uint64_t batch, const struct stream_place *place, usec now);
void history_feed_taken(struct history_feed *f, uint64_t number);

/* False when the message does not hold one. */
bool history_run_head_get(struct history_run_head *out, struct str body);
