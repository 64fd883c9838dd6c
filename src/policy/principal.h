/* SPDX-License-Identifier: Apache-2.0 */
/* Readers out of what was decided about them: account/NAME, peer/NAME and the community/NAME that
 * they are in. Pure, over parsed decisions: who finds them in the ledger is the caller. What a
 * decision does not say in a way that can be read gives nothing. */
#pragma once

#include <yyjson.h>

#include "policy/decide.h"

/* The node itself: its accounts belong to it, and it is the sender of what peers get. */
struct principal_node {
	struct str name;
	struct uuid identity;
	bool has_identity;
};

/* Reads "identity--UUID"; without one the node has no identity. */
struct principal_node principal_node(struct str name, struct str identity);

/* {"role","clearance","organisation","organisations":[..],"communities":[..],"tags":[..]}: an
 * account without an organisation is the node's own. `name` is borrowed. The role is not read. */
void reader_of_account(
    struct reader *out, struct str name, yyjson_val *account, const struct principal_node *node);
/* An own account is in every community that the node is in, or in those that it names; a guest's
 * only in those that it names. */
void reader_join_as_account(
    struct reader *r, struct str community, yyjson_val *decision, yyjson_val *account);

/* {"state","identity","ceiling","organisations":[..],"tags":[..]}: a peer that is not "active" has
 * no clearance and gets nothing. */
void reader_of_peer(
    struct reader *out, struct str name, yyjson_val *peer, const struct principal_node *node);
/* {"members":[..],"ceiling","types":[..],"anonymise":[..],"expires","own","kind","hub","direction"}:
 * when both the peer and this node are in it ("own" false: the node has left). Through a pillar
 * nothing goes against its direction. */
void reader_join_as_peer(struct reader *r, struct str community, yyjson_val *decision);

/* The terms of a community; false when they cannot be read, it was removed, or it lacks what its
 * kind must have: a pillar a hub and types, a room an end. */
bool community_terms(struct reader_community *out, yyjson_val *decision);
/* Whether nothing goes from this node to that reader through it: in a pillar that leads in, all but
 * its hub only give; in one that leads out, its hub alone gives. */
bool community_leads_elsewhere(
    yyjson_val *decision, const struct uuid *node, const struct uuid *reader);
