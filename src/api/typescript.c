/* SPDX-License-Identifier: Apache-2.0 */
/* The UI's types: one interface a schema, one row an operation. */
#include "api/describe.h"
#include "ops/ops.h"

static const char *const SCALARS[] = {
    [TYPE_TEXT] = "string",
    [TYPE_INT] = "number",
    [TYPE_REAL] = "number",
    [TYPE_BOOL] = "boolean",
    [TYPE_TIME] = "string",
    [TYPE_ID] = "string",
    [TYPE_HEX] = "string",
    [TYPE_OBJECT] = "Record<string, unknown>",
};

static void put_words(struct buf *out, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		buf_printf(out, "%s\"%s\"", i ? " | " : "", words[i]);
}

static void put_field(struct buf *out, const struct field *f)
{
	buf_printf(out, "  /** %s */\n  %s%s: ", f->help, f->name, f->required ? "" : "?");
	if (f->values)
		put_words(out, f->values);
	else
		buf_put(out, str_c(f->type == TYPE_SCHEMA ? f->of : SCALARS[f->type]));
	buf_put(out, f->list ? S("[];\n") : S(";\n"));
}

static void put_schema(struct buf *out, const struct schema *s)
{
	buf_printf(out, "/** %s. */\nexport interface %s {\n", s->help, s->name);
	for (size_t i = 0; i < s->count; i++)
		put_field(out, &s->fields[i]);
	buf_put(out, S("}\n\n"));
}

static void put_params(struct buf *out, const struct op *op)
{
	if (op->param_count == 0) {
		buf_put(out, S("Record<string, never>"));
		return;
	}
	buf_put(out, S("{ "));
	for (size_t i = 0; i < op->param_count; i++) {
		const struct op_param *p = &op->params[i];

		buf_printf(out, "%s%s%s: ", i ? "; " : "", p->name, p->required ? "" : "?");
		if (p->values)
			put_words(out, p->values);
		else
			buf_put(out, str_c(SCALARS[p->type]));
	}
	buf_put(out, S(" }"));
}

static void put_result(struct buf *out, const struct op *op)
{
	if (op->answer == ANSWER_TEXT)
		buf_put(out, S("string"));
	else if (!op->result)
		buf_put(out, S("null"));
	else if (op->answer == ANSWER_PAGE)
		buf_printf(out, "Page<%s>", op->result);
	else
		buf_put(out, str_c(op->result));
}

static void put_op(struct buf *out, const struct op *op)
{
	buf_printf(out, "  /** %s. */\n  \"%s\": { params: ", op->help, op->name);
	put_params(out, op);
	buf_put(out, S("; result: "));
	put_result(out, op);
	buf_put(out, S(" };\n"));
}

static void put_route(struct buf *out, const struct op *op)
{
	buf_printf(out, "  \"%s\": { method: \"%s\", path: \"%s%s\", inPath: [", op->name,
	    op_method_name(op->method), op->top ? "" : "/api/v1", op->path);
	for (size_t i = 0, n = 0; i < op->param_count; i++)
		if (op->params[i].in == IN_PATH)
			buf_printf(out, "%s\"%s\"", n++ ? ", " : "", op->params[i].name);
	buf_printf(out, "], body: \"%s\" },\n",
	    op->file                ? "file"
	    : op->method == OP_POST ? "json"
	                            : "none");
}

void describe_typescript(struct buf *out)
{
	buf_put(out, S("// Generated from src/ops by the build; do not edit.\n\n"));
	buf_put(out, S("/** One answer of a list; `next` asks for what follows. */\n"
	               "export interface Page<T> {\n  items: T[];\n  next?: string;\n}\n\n"));
	for (size_t i = 0; i < SCHEMA_COUNT; i++)
		put_schema(out, &SCHEMAS[i]);
	buf_put(out, S("export interface Operations {\n"));
	for (size_t i = 0; i < OPS_COUNT; i++)
		put_op(out, &OPS[i]);
	buf_put(out, S("}\n\nexport type OperationName = keyof Operations;\n\n"
	               "/** How each operation is asked for. */\nexport const ROUTES = {\n"));
	for (size_t i = 0; i < OPS_COUNT; i++)
		put_route(out, &OPS[i]);
	buf_put(out, S("} as const;\n"));
}
