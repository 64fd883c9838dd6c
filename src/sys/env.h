/* SPDX-License-Identifier: Apache-2.0 */
/* The real outside world behind base/env.h: the wall clock and the kernel's random source. Only
 * this module asks for them; everything else is handed a struct env. */
#pragma once

#include "base/env.h"

const struct env *sys_env(void);

/* Microseconds that never go back, since an unknown start: for measuring and for deadlines. */
usec sys_monotonic(void);

/* What an errno means, as a constant text. */
const char *sys_error(int error);
