/* SPDX-License-Identifier: Apache-2.0 */
/* Roles of accounts, and what each may do: a table, nothing else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum role {
	ROLE_NONE,
	ROLE_READER,
	ROLE_CONTRIBUTOR,
	ROLE_ANALYST,
	ROLE_AUDITOR,
	ROLE_ADMIN,
	ROLES
};

enum action {
	ACTION_READ,       /* objects, sightings, search, TAXII reads */
	ACTION_WRITE,      /* import, TAXII POST */
	ACTION_DELETE,     /* TAXII DELETE */
	ACTION_METRICS,    /* figures that derive from content */
	ACTION_AUDIT,      /* ledger proofs, checkpoints */
	ACTION_ADMINISTER, /* accounts, tokens, collections */
	ACTIONS,
};

bool role_may(enum role role, enum action action);
const char *role_name(enum role role);   /* "analyst" */
enum role role_of_name(struct str name); /* ROLE_NONE when unknown */
/* True when the first may do all that the second may. */
bool role_covers(enum role role, enum role other);

/* A list as configuration has it, "admin,analyst", as bits 1 << role; STR_NONE: none. ERR_INVALID
 * names what is no role. */
MUST_USE enum err role_list(unsigned *out, struct str list, struct fault *fault);

/* Names of accounts: 1 to ACCOUNT_NAME_MAX letters, digits and "._@-", the first a letter or digit;
 * "local" is the operator's own and cannot be given. */
enum { ACCOUNT_NAME_MAX = 64 };
bool account_name_valid(struct str name);
