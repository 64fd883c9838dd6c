/* SPDX-License-Identifier: Apache-2.0 */
/* What the core is made of. */
#include <assert.h>

#include "admin/admin.h"
#include "exchange/exchange.h"
#include "intake/core.h"
#include "intake/hunt/retro.h"
#include "serve/core.h"

const struct command_part *const CORE_PARTS[] = {&ADMIN_ACCOUNTS, &ADMIN_TOKENS, &ADMIN_COMMUNITIES,
    &ADMIN_AGREEMENTS, &ADMIN_NEEDS, &ADMIN_COLLECTIONS, &ADMIN_KEYS, &ADMIN_PEERS, &ADMIN_TAXII,
    &ADMIN_WITHDRAW, &ADMIN_PURGE, &ADMIN_RETENTION, &ADMIN_REQUESTS, &ADMIN_READS, &ADMIN_MEMBERS,
    &ADMIN_DERIVE, &ADMIN_GUARD, &ADMIN_IMPACT, &ADMIN_PACKS, &ADMIN_HUNTS, &COMMANDS_INTAKE,
    &INTAKE_RETRO, &COMMANDS_EXCHANGE, NULL};

static_assert(sizeof(CORE_PARTS) / sizeof(*CORE_PARTS) - 1 <= CORE_PARTS_MAX, "raise the limit");
