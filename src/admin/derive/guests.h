/* SPDX-License-Identifier: Apache-2.0 */
/* For whom objects are derived: the guests of this node, as readers, and the communities that they
 * are in. Followed through the ledger's decisions. */
#pragma once

#include "policy/decide.h"
#include "store/store.h"
#include "sys/config.h"

enum {
	GUESTS_MAX = 1024, /* that decisions can tell apart; of more, those who came first */
	GUESTS_PATHS_MAX = 1 << 16,
};

struct guests;

struct guests *guests_new(const struct config *config);
void guests_free(struct guests *g); /* NULL allowed */
/* Notes the decisions up to `end`, and reads them anew when one of them asks for it. True when
 * guests or terms are others than before: what was derived was so for other readers. */
bool guests_follow(struct guests *g, const struct store *s, uint64_t end);
/* The communities that have guests, by number. */
size_t guests_communities(const struct guests *g);
struct str guests_community(const struct guests *g, size_t i);
/* What guests of that community get an object without, by its row's label and type, as of when the
 * first such was asked about; 0: they have it whole, or not at all. */
uint32_t guests_withheld(
    struct guests *g, const struct store *s, size_t community, const struct row *row, usec now);
