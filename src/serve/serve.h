/* SPDX-License-Identifier: Apache-2.0 */
/* A node directory's life: making it, and running what is in it. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/rpc.h"

struct init_options {
	struct str dir;
	struct str name;   /* of the organisation or node, as people read it */
	struct str listen; /* STR_NONE: the default */
	struct str link;   /* where peers connect to; STR_NONE: it only dials */
	/* A token for the ledger's Ed25519 key, as [keys] of tocsin.conf; STR_NONE: a file. */
	struct str pkcs11_module, pkcs11_token, pkcs11_pin_file, pkcs11_files;
};

/* Makes the directory: configuration, keys, certificate, a ledger whose first record is the node's
 * STIX identity. ERR_CONFLICT when it exists and holds anything. */
MUST_USE enum err node_init(const struct init_options *options, struct fault *fault);

/* One call to the node of this directory, whether it runs or not: then one without a front is
 * started for it and stopped after it. OK: *reply is the JSON result, in the arena, and every view
 * has taken what the call changed. Else the fault is the node's. */
MUST_USE enum err node_call(struct str dir, const struct rpc_call *call, struct arena *arena,
    struct str *reply, struct fault *fault);
