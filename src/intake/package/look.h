/* SPDX-License-Identifier: Apache-2.0 */
/* The intake role's side of a package: reads the file whole, checks who made it for whom and that
 * nothing of it is damaged, and says which ranges it holds. What they hold is checked when each is
 * taken. Private to intake/. */
#pragma once

#include "sys/chan.h"

/* From an INTAKE_PACKAGE message; answers it. */
void package_look(const struct chan_message *m, struct chan *core);
