/* SPDX-License-Identifier: Apache-2.0 */
/* What the core makes of the items that intake found in a range: the records of one batch. It
 * decides what is new, what is a copy of what is here, and whose word counts; it appends nothing
 * but what keys say. Private to intake/range/. */
#pragma once

#include "base/log.h"
#include "base/seen.h"
#include "policy/ceiling.h"
#include "store/store.h"

enum { ABSORB_RECORDS_MAX = 4 * 1024 + 8, ABSORB_OBJECTS_MAX = 1024 };

/* From what intake made of a range to the records of one batch: objects with their envelopes, seals
 * that are new here, what originators take back, and the position, so that after a crash all of it
 * is there or none. */
struct absorb {
	const struct store *store;
	struct store *writer; /* the same, for what does not wait for the rest */
	const struct log *log;
	struct str from; /* identity of the peer */
	struct str own;  /* ours */
	struct str by;   /* "peer:NAME" of the peer */
	uint32_t source; /* its number */
	uint32_t feed;   /* that objects join */
	usec now;        /* raised with each decision that it orders */
	struct arena *arena;
	struct record *records;  /* room for ABSORB_RECORDS_MAX */
	struct str *originators; /* of the objects among them, else empty */
	struct seen ids;         /* of the records */
	size_t count;
	bool retractions; /* there may be some: the store has withdrawals, or this range */
	struct str purges[ABSORB_OBJECTS_MAX]; /* ids that it says something about purges of */
	size_t purge_count;
	uint32_t taken, duplicates, differs, withdrawn, ignored;
	struct ceiling ceiling; /* of this node */
	uint32_t above;         /* versions that may not be here: kept out */
	uint32_t others;  /* versions that were not for their originator to state, or may not be
	                     here: kept out */
	struct str other; /* the last of them */
	const char *why;
};

/* Everything is borrowed from `items`, which stays until the records are appended: a batch of
 * intake's (INTAKE_RANGE_ITEMS). ERR_PARSE: it holds something else; ERR_LIMIT. */
MUST_USE enum err absorb_items(struct absorb *a, struct str items, struct fault *fault);
