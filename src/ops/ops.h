/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations: what a node can be asked, once. Router, command line, role check, audit
 * verb, OpenAPI file, help and the UI's types are all made from these rows. Data only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "ops/role.h"
#include "ops/schema.h"

enum op_method { OP_GET, OP_POST, OP_DELETE };

enum op_kind {
	OP_READ,    /* answered where it is asked, through the gate */
	OP_WRITE,   /* runs in the core role, as a struct rpc_call of the same name */
	OP_SESSION, /* answered by the identification of readers */
};

/* What the answer is: one value of the result's schema, a page of them, or no JSON at all. */
enum op_answer { ANSWER_ONE, ANSWER_PAGE, ANSWER_EVENTS, ANSWER_TEXT };

enum op_param_in { IN_PATH, IN_QUERY, IN_BODY };

struct op_param {
	const char *name;
	enum op_param_in in;
	enum field_type type; /* TYPE_TEXT, TYPE_INT, TYPE_BOOL, TYPE_TIME or TYPE_ID */
	bool required;
	int64_t least, most;       /* of a number; of a text, its length in bytes */
	const char *const *values; /* the words allowed, ends with NULL; NULL: any */
	const char *help;
};

struct op {
	const char *name; /* "object.search": also the audit verb and the rpc's op */
	enum op_method method;
	const char
	    *path; /* under /api/v1, "{name}" stands for one segment; or "/metrics" at the top */
	bool top;  /* the path is not under /api/v1 */
	const char *verb;   /* the command that does the same ("search"); NULL: none */
	bool open;          /* needs no role: everybody may ask */
	enum action action; /* what role_may() is asked, unless open */
	enum op_kind kind;
	const struct op_param *params;
	size_t param_count;
	bool secret; /* the answer is shown once, to who asks: it cannot wait for a second person */
	bool file;   /* the body is a file as it is, not a JSON object of the IN_BODY params */
	bool visible;       /* answered when every view goes by it, the matching too */
	const char *result; /* schema name; NULL: 204, no content */
	enum op_answer answer;
	const char *help;
};

enum { OPS_LIST_DEFAULT = 50, OPS_LIST_MAX = 1000, OPS_QUERY_MAX = 1024, OPS_TEXT_MAX = 2048 };
enum { OPS_HUNT_TEXT_MAX = 32 << 10 };

extern const struct op OPS[];
extern const size_t OPS_COUNT;

const struct op *op_of_name(struct str name); /* NULL when there is none */

/* Whether a list as configuration has it, "account.add,peer.cut", names the operation. */
bool ops_listed(struct str list, struct str name);
/* ERR_INVALID names what is no operation that a second person can let run. */
MUST_USE enum err ops_list_check(struct str list, struct fault *fault);

/* How a request's path fits the rows. */
enum op_match { OP_NO_PATH, OP_NO_METHOD, OP_FOUND };

enum { OP_SEGMENTS_MAX = 4 };

struct op_route {
	const struct op *op;
	/* The path's own values, undecoded, in the order of the row's IN_PATH params. */
	struct str values[OP_SEGMENTS_MAX];
	size_t count;
};

/* `path` is as requested, before '?', from its first '/'. OP_NO_METHOD: the path exists, but not
 * with this method; out->op is then one row of that path. */
enum op_match op_route(struct op_route *out, const char *method, struct str path);
const char *op_method_name(enum op_method m); /* "GET" */
