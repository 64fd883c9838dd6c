/* SPDX-License-Identifier: Apache-2.0 */
/* The rule of two persons: an operation that the configuration names and that comes by network is
 * kept as the decision "request/ID" until another administrator lets it run, just as it was asked,
 * or it is refused or 24 hours old. A password in it is kept by the signer, as a verifier under the
 * name "request/ID": never in the ledger. */
#pragma once

#include "sys/command.h"

enum { REQUESTS_MAX = 256 }; /* that wait at a time */

/* `part` is ADMIN_REQUESTS' own. The answer is {"request":{...}}. */
MUST_USE enum err admin_request_make(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault);
