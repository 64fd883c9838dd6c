/* SPDX-License-Identifier: Apache-2.0 */
/* The TAXII 2.1 server (OASIS Standard): requests in, answers out. What a reader gets comes through
 * gate/ only; what a reader changes goes to the core role as a struct rpc_call. It identifies
 * nobody: it is told who asks. */
#pragma once

#include "base/env.h"
#include "gate/gate.h"
#include "http/server.h"
#include "sys/rpc.h"

struct taxii;

/* All must outlive it. */
struct taxii_options {
	struct gate *gate;
	const struct rpc *rpc;
	const struct env *env;
};

struct taxii *taxii_new(const struct taxii_options *options);
void taxii_free(struct taxii *t); /* NULL allowed; no request may be under way */

/* Whether a request is for TAXII: by its path, or because its Accept field asks for TAXII. The
 * names that the rest of the node uses at the top of its paths are never API roots. */
bool taxii_wants(const struct http_request *rq);
/* Answers, now or later. reader NULL or without a role: nobody was identified, which TAXII answers
 * with 401, and with `why` where there is something to say. `reader` is borrowed for the call. */
void taxii_handle(
    struct taxii *t, struct http_request *rq, const struct reader *reader, const char *why);
