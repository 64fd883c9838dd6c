/* SPDX-License-Identifier: Apache-2.0 */
/* The real outside world behind base/env.h: the wall clock and the kernel's random source. Only
 * this module asks for them; everything else is handed a struct env. */
#pragma once

#include <stdbool.h>

#include "base/env.h"

const struct env *sys_env(void);

/* Microseconds that never go back, since an unknown start: for measuring and for deadlines. */
usec sys_monotonic(void);

/* Names the machine's boot: what a process wrote into memory maps outlives the process, but not the
 * boot. Text, then zeros; all zeros when the system does not say. */
enum { SYS_BOOT = 40 };
void sys_boot(char out[SYS_BOOT]);
/* Whether `kept` names this boot; never when the system does not say. */
bool sys_boot_is(const char kept[SYS_BOOT]);

/* What an errno means, as a constant text. */
const char *sys_error(int error);
