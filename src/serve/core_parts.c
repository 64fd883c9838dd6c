/* SPDX-License-Identifier: Apache-2.0 */
/* What the core is made of. */
#include "serve/core.h"

const struct command_part *const CORE_PARTS[] = {NULL};
