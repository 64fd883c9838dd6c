/* SPDX-License-Identifier: Apache-2.0 */
/* The indicator index: from a canonical value to every indicator that names it. An immutable,
 * memory-mapped generation shared by all intake workers, and a small delta in front of it for what
 * came since. Pure over bytes and maps: it opens no file and asks no clock. A hit names ledger
 * records; whether the indicator is still valid (superseded, revoked, out of its time) is asked of
 * the ledger's rows at hit time, so that taking away needs no change here. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "stix/equality.h"
