/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/watch.h"

#include <assert.h>

#include "intake/analytics/look.h"
#include "intake/live/live.h"

const struct watch_class *const WATCHES[] = {&WATCH_LIVE, &WATCH_ANALYTICS, NULL};

static_assert(sizeof(WATCHES) / sizeof(*WATCHES) - 1 <= WATCHES_MAX, "raise the limit");
