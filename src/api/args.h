/* SPDX-License-Identifier: Apache-2.0 */
/* What a request asks, held against its row of the table of operations: unknown, repeated, missing
 * and ill-formed parameters are refused by name before any handler runs. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "ops/ops.h"

enum { API_PARAMS_MAX = 24 };

struct api_value {
	bool given;
	struct str text; /* as given, decoded; also of numbers and times */
	int64_t number;  /* TYPE_INT; TYPE_TIME in microseconds; TYPE_BOOL 0 or 1 */
};

struct api_args {
	const struct op *op;
	struct api_value values[API_PARAMS_MAX]; /* in the order of op->params */
};

/* From a request: the path's values, the query as sent, and the body when the row has IN_BODY
 * parameters. Strings live in the arena or are borrowed. ERR_INVALID or ERR_PARSE, naming the
 * parameter. */
struct api_asked {
	const struct op_route *route;
	struct str query, body;
};
MUST_USE enum err api_args_parse(
    struct api_args *out, struct arena *arena, const struct api_asked *asked, struct fault *fault);

/* One at a time, for a command line: *args starts as {.op = op}. api_args_done says what is missing
 * and fills in what has a default. */
MUST_USE enum err api_args_set(
    struct api_args *args, struct str name, struct str value, struct fault *fault);
MUST_USE enum err api_args_done(struct api_args *args, struct fault *fault);

/* The value of a parameter that the row has (asserted). */
const struct api_value *api_args_get(const struct api_args *args, const char *name);
/* All that was given as one JSON object: the args of a struct rpc_call. */
void api_args_json(const struct api_args *args, struct buf *out);
