/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the core that hunts backwards for indicators that become active; it has no command.
 */
#pragma once

#include "sys/command.h"

extern const struct command_part INTAKE_RETRO;
