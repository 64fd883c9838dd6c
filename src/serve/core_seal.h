/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing, in the core: while a peer is active, what this node states is put into seals of up to
 * 256 statements soon after it was committed, and the signer signs them. Nothing waits for it, and
 * what a crash interrupts is sealed again: a seal counts once it is in the ledger. */
#pragma once

#include "base/err.h"

struct core;
struct core_seal;

MUST_USE enum err core_seal_open(struct core_seal **out, struct core *core, struct fault *fault);
void core_seal_close(struct core_seal *s); /* NULL allowed */
/* Something was committed, or the signer came back. */
void core_seal_due(struct core_seal *s);
