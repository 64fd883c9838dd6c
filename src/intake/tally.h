/* SPDX-License-Identifier: Apache-2.0 */
/* The account of one stream: what has been read and which sightings are being counted, in memory
 * ahead of the ledger, and the records that bring the ledger up to it. Decides, appends, never
 * commits. */
#pragma once

#include "intake/aggregate.h"
#include "intake/events.h"
#include "policy/label.h"
#include "store/store.h"

enum stream_state { STREAM_LIVE, STREAM_SILENT, STREAM_ERROR };

struct tally_options {
	struct store *store;
	const struct env *env;
	struct str name;     /* of the source */
	uint32_t number;     /* of the source */
	struct label label;  /* of the source */
	struct str identity; /* id of the node's identity object */
};

struct tally;

/* Goes on where the ledger's newest "position/NAME" is. Strings of the options must stay. */
struct tally *tally_new(const struct tally_options *options);
void tally_close(struct tally *t); /* NULL allowed */
struct stream_place tally_place(const struct tally *t);

/* Takes a batch into account, and what patterns found in it (INTAKE_FOUND; STR_NONE: nothing);
 * ERR_PARSE when it is damaged. ERR_FULL when sightings must be written first and cannot: nothing
 * of the batch was taken, give it again. */
MUST_USE enum err tally_take(
    struct tally *t, struct str batch, struct str found, struct fault *fault);
/* Appends what is due, and with it the place; everything with `all`. *appended says whether
 * there was something. After an error nothing has changed. */
MUST_USE enum err tally_append(struct tally *t, bool all, bool *appended, struct fault *fault);
/* The place is due with what is appended next, however short a time ago it was appended. */
void tally_place_soon(struct tally *t);
/* Nothing was heard for so long. */
void tally_check_silence(struct tally *t, usec limit);
/* Something is counted that the ledger does not have: append again soon. */
bool tally_owes(const struct tally *t);
enum stream_state tally_state(const struct tally *t);
uint64_t tally_lines(const struct tally *t);
uint64_t tally_hits(const struct tally *t);
