/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs about policy packs share. */
#pragma once

#include "view/guard/packs.h"

#define PACK_NAME_RULE "1 to %d of a-z, 0-9, '-', '_' and '.', the first a letter or digit"

/* What it is, as people read it. */
void pack_print(struct buf *out, const struct pack *p, struct str signer);
