/* SPDX-License-Identifier: Apache-2.0 */
/* Who may say something new of an object that is there: its newer versions and its revocation are
 * for whoever made it, and only they lower its label. Decided in core, from the account as the
 * ledger has it. requirements.md G3, G6, G25. Private to intake/. */
#pragma once

#include "intake/prepare.h"
#include "sys/command.h"
#include "view/state.h"

struct authority {
	bool all;   /* the operator at the command line */
	bool own;   /* an account of this node's organisation, not a guest */
	bool staff; /* an own account whose role may delete: brings newer versions of what others
	               made */
	bool has_identity;
	struct uuid identity; /* of the account's organisation */
	struct uuid node;     /* of this node */
	bool has_node;
	uint32_t source; /* number under which only its own submissions stand; 0: none */
};

/* ERR_DENIED when there is no such account. */
MUST_USE enum err authority_of(
    struct authority *out, const struct command_ctx *ctx, struct str by, struct fault *fault);
/* The name of the source under which a submission stands: as asked for, but that only staff name
 * their own, and "api:" and "taxii:" are followed by the account. In the arena; ERR_DENIED. */
MUST_USE enum err authority_source(struct str *out, const struct authority *a, struct str by,
    struct str asked, struct arena *arena, struct fault *fault);
/* Whether an object came from a peer with the statement of this originator: only then it takes the
 * object back. */
bool authority_stated(const struct store *s, struct str id, struct str originator);
/* NULL when a version that a peer brings of this originator may be taken; else why not: the object
 * is another's here, or was revoked before. */
const char *authority_refuses_news(
    const struct store *s, struct str id, int64_t version, struct str originator);
/* The same against a record that is to be appended before it; `by` stated that. */
const char *authority_refuses_next(
    const struct record *before, struct str by, int64_t version, struct str originator);
/* NULL when p may be taken; else why not, for the submitter. `newest` is the newest version there,
 * or STORE_NONE. The arena is for one call. */
const char *authority_refuses(const struct authority *a, const struct store *store,
    const struct prepared *p, uint64_t newest, struct arena *arena);
