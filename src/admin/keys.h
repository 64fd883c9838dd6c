/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the signer, the ledger and the public key files of one mind about which keys count. */
#pragma once

#include "sys/command.h"

/* The signer is there (again): it is told which keys the ledger says to sign with. First of all
 * that is asked of it, so that it never signs with others. */
void admin_keys_settle(const struct command_ctx *ctx);
