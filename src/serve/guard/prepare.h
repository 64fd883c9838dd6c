/* SPDX-License-Identifier: Apache-2.0 */
/* Before a node's views are opened: the rules of its guard are made of the files that tocsin.conf
 * names, by a process of its own that may read those, write the folder of views, and nothing else.
 */
#pragma once

#include "base/arena.h"
#include "base/log.h"
#include "sys/config.h"

/* A list that cannot be read leaves the rules as they are, and `log` (NULL allowed) says so; ERR_*
 * only when there are none yet. */
MUST_USE enum err guard_prepare(
    struct str dir, const struct config *config, const struct log *log, struct fault *fault);
