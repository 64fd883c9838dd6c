/* SPDX-License-Identifier: Apache-2.0 */
/* Looking the table of operations through. */
#include "ops/ops.h"

static const char *const METHODS[] = {[OP_GET] = "GET", [OP_POST] = "POST", [OP_DELETE] = "DELETE"};

const char *op_method_name(enum op_method m)
{
	return METHODS[m];
}

const struct op *op_of_name(struct str name)
{
	for (size_t i = 0; i < OPS_COUNT; i++)
		if (str_eq(str_c(OPS[i].name), name))
			return &OPS[i];
	return NULL;
}

bool ops_listed(struct str list, struct str name)
{
	while (list.p)
		if (str_eq(str_trim(str_cut(&list, ',')), name))
			return true;
	return false;
}

enum err ops_list_check(struct str list, struct fault *fault)
{
	while (list.p) {
		struct str name = str_trim(str_cut(&list, ','));
		const struct op *op = op_of_name(name);

		if (!op || op->kind != OP_WRITE || op->file || op->secret ||
		    str_starts(name, S("request.")))
			return fail(fault, ERR_INVALID,
			    "no operation that can wait for a second person is named %.*s",
			    STR_ARG(str_slice(name, 0, 60)));
	}
	return OK;
}

/* Whether the path fits the row's template; takes the values of its {names} on the way. */
static bool path_fits(const struct op *op, struct str path, struct op_route *out)
{
	struct str want = str_c(op->path);

	out->count = 0;
	while (want.p && path.p) {
		struct str expected = str_cut(&want, '/');
		struct str segment = str_cut(&path, '/');

		if (!str_starts(expected, S("{"))) {
			if (!str_eq(expected, segment))
				return false;
		} else if (segment.n == 0 || out->count == OP_SEGMENTS_MAX) {
			return false;
		} else {
			out->values[out->count++] = segment;
		}
	}
	return !want.p && !path.p;
}

enum op_match op_route(struct op_route *out, const char *method, struct str path)
{
	const struct str prefix = S("/api/v1");
	bool versioned = str_starts(path, S("/api/v1/"));
	enum op_match match = OP_NO_PATH;
	struct op_route route = {0};

	for (size_t i = 0; i < OPS_COUNT; i++) {
		const struct op *op = &OPS[i];

		if (op->top == versioned)
			continue;
		if (!path_fits(op, versioned ? str_from(path, prefix.n) : path, &route))
			continue;
		route.op = op;
		*out = route;
		if (str_eq(str_c(method), str_c(METHODS[op->method])))
			return OP_FOUND;
		match = OP_NO_METHOD;
	}
	return match;
}
