/* SPDX-License-Identifier: Apache-2.0 */
/* How indicators age here and who is trusted how much, as [decay] and [trust] of the configuration
 * say. */
#pragma once

#include "policy/decay/decay.h"
#include "sys/config.h"

struct life_settings {
	struct decay decay;
	uint32_t trust; /* in who is not named */
	const struct config_trust *trusts;
	size_t trust_count;
};

/* ERR_INVALID names what is wrong. Borrows names of the configuration. */
MUST_USE enum err life_settings_of(
    struct life_settings *out, const struct config *config, struct fault *fault);
/* Of such a file; where there is none, what a new one says. */
MUST_USE enum err life_settings_read(
    struct life_settings *out, struct arena *arena, struct str path, struct fault *fault);
/* Leaves the configuration that a node starts with in its folder of views, so that they are made
 * under that one and no other, however often they are opened anew and whatever is written
 * meanwhile. */
#define LIFE_SETTINGS "node.conf"
MUST_USE enum err life_settings_keep(
    const struct config *config, struct arena *arena, struct str views, struct fault *fault);
/* In a source by its name in the ledger; a peer's is "peer:NAME", and its own name means it too. */
uint32_t life_trust(const struct life_settings *s, struct str source);
