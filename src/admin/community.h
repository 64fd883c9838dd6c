/* SPDX-License-Identifier: Apache-2.0 */
/* What a node keeps of a community: the decision `community/NAME`. It is this node's own decision,
 * or it follows an agreement that all its parties signed, and then its terms are that one's. */
#pragma once

#include "admin/part.h"
#include "policy/agreement.h"

/* As it is to be; lists are texts with commas. */
struct community {
	struct str name, title, members, ceiling, types, anonymise, purposes, expires, by;
	enum community_kind kind;
	enum community_direction direction;
	struct str hub;       /* of a pillar: id of an identity */
	struct str incident;  /* of a room */
	struct str agreement; /* id of the one that it follows; STR_NONE: none */
	bool own;             /* this node takes part */
};

/* "community/NAME" */
struct str community_path(struct arena *arena, struct str name);
/* ERR_NOT_FOUND when there is none. Strings live in the part's arena. */
MUST_USE enum err community_find(struct community *out, struct part *p, struct str name);
/* The decision's content. */
void community_put(struct buf *out, const struct community *c);
/* Appends the decision; `reply`, when not NULL, gets it as the API shows it. */
MUST_USE enum err community_decide(
    struct part *p, const struct community *c, struct buf *reply, struct fault *fault);
/* ERR_LIMIT when there are as many as a reader has places for. */
MUST_USE enum err community_check_room(const struct part *p, struct fault *fault);
/* An object of this id that is an incident is here. */
MUST_USE enum err community_check_incident(
    const struct part *p, struct str incident, struct fault *fault);
