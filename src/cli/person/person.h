/* SPDX-License-Identifier: Apache-2.0 */
/* Which records of a ledger are about a person, who is named by an account or by a text. Reads the
 * files of a node, running or not. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "store/people.h"
#include "store/store.h"

struct person {
	struct store *store;
	struct arena *arena; /* for one record; its user resets it */
	struct arena *paths;
	struct str term; /* lower case, as JSON writes it between its quotes */
	struct str name; /* as it was given */
	/* Of the account of that name, or given as its id; quoted as JSON does, lower case. */
	struct str account;
	struct people *people;
	struct buf text; /* of one record, canonical, lower case */
};

MUST_USE enum err person_open(
    struct person *p, const char *dir, const char *name, struct fault *fault);
void person_close(struct person *p); /* also of one that could not be opened */

/* Objects of a kind that holds what is personal, or labelled so, that hold the text; decisions that
 * name the account. */
bool person_is_about(struct person *p, uint64_t seq, bool object);
/* Any object or decision that holds the text or names the account. */
bool person_is_mentioned(struct person *p, uint64_t seq);
/* Whether another text holds it, in whatever case of ASCII letters. */
bool person_is_in(const struct person *p, struct str text);
