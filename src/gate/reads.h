/* SPDX-License-Identifier: Apache-2.0 */
/* What accounts were given of TLP:RED and of classified objects, gathered for the ledger: the first
 * time in an hour that an account is given an object counts, repeats do not, so that a reader
 * cannot flood it. Bounded: what finds no room is counted, by account. Nothing is lost when it
 * cannot be handed over; it waits. Times come from the caller's env. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "gate/gate.h"

struct reads;

enum {
	READS_WAITING_MAX = 8192, /* objects given that are not handed over yet */
	READS_SEEN_MAX = 65536,   /* of this hour; of further ones repeats may count again */
	READS_CALL_MAX = 1000,    /* objects of one call */
	READS_COUNTED_MAX = 256,  /* accounts with more than there was room for */
};

/* `wake` is called when there is something to hand over; never from within reads_take. */
struct reads_options {
	const struct env *env;
	void (*wake)(void *ctx);
	void *ctx;
};
struct reads *reads_new(const struct reads_options *options);
void reads_free(struct reads *r); /* NULL allowed */
/* Whether it is recorded who is given this. */
bool reads_records(const struct gate_object *object);
/* From now on what the gate gives to accounts is gathered; `r` must outlive the gate. */
void gate_watch(struct gate *g, struct reads *r);

/* Arguments of the next call, {"outlet","hour","objects":[id ...],"more"} in out, of one account,
 * whose name is borrowed until reads_done. False: there is none, or one is under way. */
bool reads_take(struct reads *r, struct str *account, struct buf *out);
/* The call came to an end: what it said is forgotten, or (not kept) waits again. */
void reads_done(struct reads *r, bool kept);
/* Whether anything waits or is under way. */
bool reads_any(const struct reads *r);
