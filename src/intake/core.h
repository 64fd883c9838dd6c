/* SPDX-License-Identifier: Apache-2.0 */
/* Intake's part of the core role: takes what intake has prepared into the ledger. The command
 * "import" (imports.c), and the sensor streams (streams.c). Everything here runs on the core's
 * loop and trusts intake only as far as its messages can be checked. */
#pragma once

#include "sys/command.h"

extern const struct command_part COMMANDS_INTAKE;
