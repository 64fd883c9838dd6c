/* SPDX-License-Identifier: Apache-2.0 */
/* How a sighting says that its events were there before the indicator: the end of its description,
 * "seen 12 times before it was known". Who writes and who reads it agree here. */
#pragma once

#include "base/str.h"

#define SIGHTED_BEFORE S(" before it was known")

/* Such sightings of one indicator: with so many, there may have been more. */
enum { SIGHTED_BEFORE_MAX = 100 };
