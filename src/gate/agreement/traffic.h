/* SPDX-License-Identifier: Apache-2.0 */
/* How much of what is labelled for a community went to a peer and came from it. Private to this
 * folder. */
#pragma once

#include "gate/agreement/agreement.h"
#include "gate/peers.h"

/* Fills types, type_count and `more` of the party that is this peer. */
MUST_USE enum err traffic_count(const struct gate_ask *ask, struct str community,
    const struct gate_peer *peer, struct gate_party *out, bool *more, struct fault *fault);
