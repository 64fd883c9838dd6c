/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that read: one function a row of the table, each through the gate, for whoever
 * asks. The network's readers and the operator's command line run the same ones. */
#pragma once

#include "api/args.h"
#include "codec/json.h"
#include "gate/gate.h"
#include "sys/config.h"

/* What a handler may know beside the question. All must outlive the call. */
struct api_node {
	const struct config *config;
	const struct env *env;
	struct str run_dir; /* DIR/run: the running processes leave their state there */
	struct str version; /* of the program */
	/* Whether a process is there, for who asks from outside: a node that was killed leaves its
	 * state behind. NULL: the node itself asks. */
	bool (*alive)(int64_t pid);
};

enum { API_ANSWER_MAX = 64 << 20 }; /* bytes of one answer */

/* True when the operation is answered here. */
bool api_reads(const struct op *op);
/* Writes the answer, a JSON object, to out. On an error out holds no whole answer. */
struct api_read {
	const struct gate_ask *ask;
	const struct api_args *args;
	const struct api_node *node;
};
MUST_USE enum err api_read(const struct api_read *r, struct buf *out, struct fault *fault);

/* The processes and alarms of the node, with those alarms that the ledger alone tells of. */
struct run_state;
MUST_USE enum err api_read_run(
    const struct api_read *r, struct run_state *out, struct fault *fault);
/* The status alone, as it is also sent to live streams; r->args is not looked at. */
MUST_USE enum err api_read_status(
    const struct api_read *r, struct json_writer *w, struct fault *fault);
