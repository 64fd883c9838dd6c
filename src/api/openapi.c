/* SPDX-License-Identifier: Apache-2.0 */
/* OpenAPI 3.1 from the tables: paths from the operations, components from the schemas. */
#include "api/describe.h"

#include <string.h>

#include "codec/json.h"
#include "ops/ops.h"

struct shape {
	const char *type;
	const char *format;
	const char *pattern;
};

static const struct shape SHAPES[] = {
    [TYPE_TEXT] = {"string", NULL, NULL},
    [TYPE_INT] = {"integer", "int64", NULL},
    [TYPE_REAL] = {"number", NULL, NULL},
    [TYPE_BOOL] = {"boolean", NULL, NULL},
    [TYPE_TIME] = {"string", "date-time", NULL},
    [TYPE_ID] = {"string", NULL, "^[a-z0-9-]+--[0-9a-f-]{36}$"},
    [TYPE_HEX] = {"string", NULL, "^([0-9a-f]{2})*$"},
    [TYPE_OBJECT] = {"object", NULL, NULL},
};

static void put_c(struct json_writer *w, const char *key, const char *value)
{
	json_put_str(w, key, str_c(value));
}

static void put_ref(struct json_writer *w, const char *key, const char *schema)
{
	char path[128];
	int n = snprintf(path, sizeof(path), "#/components/schemas/%s", schema);

	json_object(w, key);
	json_put_str(w, "$ref", (struct str){path, (size_t)n});
	json_end_object(w);
}

static void put_words(struct json_writer *w, const char *const *words)
{
	json_list(w, "enum");
	for (size_t i = 0; words[i]; i++)
		put_c(w, NULL, words[i]);
	json_end_list(w);
}

/* The members of a scalar's schema; the object is open. */
static void put_shape(struct json_writer *w, enum field_type type, const char *const *words)
{
	const struct shape *s = &SHAPES[type];

	put_c(w, "type", s->type);
	if (s->format)
		put_c(w, "format", s->format);
	if (words)
		put_words(w, words);
	else if (s->pattern)
		put_c(w, "pattern", s->pattern);
}

static void put_field(struct json_writer *w, const struct field *f)
{
	json_object(w, f->name);
	put_c(w, "description", f->help);
	if (f->list) {
		put_c(w, "type", "array");
		if (f->type == TYPE_SCHEMA) {
			put_ref(w, "items", f->of);
		} else {
			json_object(w, "items");
			put_shape(w, f->type, f->values);
			json_end_object(w);
		}
	} else if (f->type == TYPE_SCHEMA) {
		char path[128];
		int n = snprintf(path, sizeof(path), "#/components/schemas/%s", f->of);

		json_put_str(w, "$ref", (struct str){path, (size_t)n});
	} else {
		put_shape(w, f->type, f->values);
	}
	json_end_object(w);
}

static void put_schema(struct json_writer *w, const struct schema *s)
{
	json_object(w, s->name);
	put_c(w, "description", s->help);
	put_c(w, "type", "object");
	json_object(w, "properties");
	for (size_t i = 0; i < s->count; i++)
		put_field(w, &s->fields[i]);
	json_end_object(w);
	json_list(w, "required");
	for (size_t i = 0; i < s->count; i++)
		if (s->fields[i].required)
			put_c(w, NULL, s->fields[i].name);
	json_end_list(w);
	json_end_object(w);
}

static void put_param_shape(struct json_writer *w, const char *key, const struct op_param *p)
{
	json_object(w, key);
	put_shape(w, p->type, p->values);
	if (p->type == TYPE_INT) {
		json_put_int(w, "minimum", p->least);
		json_put_int(w, "maximum", p->most);
	} else if (p->type == TYPE_TEXT && !p->values) {
		json_put_int(w, "minLength", p->least);
		json_put_int(w, "maxLength", p->most);
	}
	json_end_object(w);
}

static void put_params(struct json_writer *w, const struct op *op)
{
	json_list(w, "parameters");
	for (size_t i = 0; i < op->param_count; i++) {
		const struct op_param *p = &op->params[i];

		if (p->in == IN_BODY)
			continue;
		json_object(w, NULL);
		put_c(w, "name", p->name);
		put_c(w, "in", p->in == IN_PATH ? "path" : "query");
		json_put_bool(w, "required", p->required);
		put_c(w, "description", p->help);
		put_param_shape(w, "schema", p);
		json_end_object(w);
	}
	json_end_list(w);
}

static void put_json_body(struct json_writer *w, const struct op *op)
{
	json_object(w, "application/json");
	json_object(w, "schema");
	put_c(w, "type", "object");
	json_put_bool(w, "additionalProperties", false);
	json_object(w, "properties");
	for (size_t i = 0; i < op->param_count; i++)
		if (op->params[i].in == IN_BODY)
			put_param_shape(w, op->params[i].name, &op->params[i]);
	json_end_object(w);
	json_list(w, "required");
	for (size_t i = 0; i < op->param_count; i++)
		if (op->params[i].in == IN_BODY && op->params[i].required)
			put_c(w, NULL, op->params[i].name);
	json_end_list(w);
	json_end_object(w);
	json_end_object(w);
}

static void put_body(struct json_writer *w, const struct op *op)
{
	if (op->method != OP_POST)
		return;
	json_object(w, "requestBody");
	json_put_bool(w, "required", true);
	json_object(w, "content");
	if (op->file) {
		json_object(w, "application/octet-stream");
		json_end_object(w);
	} else {
		put_json_body(w, op);
	}
	json_end_object(w);
	json_end_object(w);
}

static void put_page(struct json_writer *w, const char *of)
{
	json_object(w, "schema");
	put_c(w, "type", "object");
	json_object(w, "properties");
	json_object(w, "items");
	put_c(w, "type", "array");
	put_ref(w, "items", of);
	json_end_object(w);
	json_object(w, "next");
	put_c(w, "type", "string");
	json_end_object(w);
	json_end_object(w);
	json_list(w, "required");
	put_c(w, NULL, "items");
	json_end_list(w);
	json_end_object(w);
}

static const char *media_type(const struct op *op)
{
	if (op->answer == ANSWER_EVENTS)
		return "text/event-stream";
	if (op->answer == ANSWER_TEXT && op->top)
		return "text/plain; version=0.0.4";
	return "application/json";
}

static void put_good(struct json_writer *w, const struct op *op)
{
	bool none = !op->result && op->answer != ANSWER_TEXT;

	json_object(w, none ? "204" : "200");
	put_c(w, "description", none ? "Done" : "The answer");
	if (!none) {
		json_object(w, "content");
		json_object(w, media_type(op));
		if (op->answer == ANSWER_PAGE)
			put_page(w, op->result);
		else if (op->result)
			put_ref(w, "schema", op->result);
		json_end_object(w);
		json_end_object(w);
	}
	json_end_object(w);
}

/* Where the node's rules name the operation. */
static void put_waiting(struct json_writer *w)
{
	json_object(w, "202");
	put_c(w, "description", "Waits until another administrator approves it");
	json_object(w, "content");
	json_object(w, "application/json");
	put_ref(w, "schema", "Requested");
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

/* Who may ask, from the table of roles; everybody when the operation is open. */
static void put_roles(struct json_writer *w, const struct op *op)
{
	json_list(w, "x-roles");
	for (int r = ROLE_NONE + 1; r < ROLES; r++)
		if (op->open || role_may((enum role)r, op->action))
			put_c(w, NULL, role_name((enum role)r));
	json_end_list(w);
}

static void put_op(struct json_writer *w, const struct op *op)
{
	static const char *const LOWER[] = {
	    [OP_GET] = "get", [OP_POST] = "post", [OP_DELETE] = "delete"};

	json_object(w, LOWER[op->method]);
	put_c(w, "operationId", op->name);
	put_c(w, "summary", op->help);
	put_roles(w, op);
	put_params(w, op);
	put_body(w, op);
	if (op->open) {
		json_list(w, "security");
		json_end_list(w);
	}
	json_object(w, "responses");
	put_good(w, op);
	if (op->kind == OP_WRITE && !op->file && !op->secret &&
	    !str_starts(str_c(op->name), S("request.")))
		put_waiting(w);
	json_object(w, "default");
	put_c(w, "description", "Not done");
	json_object(w, "content");
	json_object(w, "application/json");
	put_ref(w, "schema", "Problem");
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

/* True when an earlier row has the same path, under whose object this one was written. */
static bool path_seen(size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (OPS[i].top == OPS[at].top && strcmp(OPS[i].path, OPS[at].path) == 0)
			return true;
	return false;
}

static void put_paths(struct json_writer *w)
{
	json_object(w, "paths");
	for (size_t i = 0; i < OPS_COUNT; i++) {
		char path[128];
		int n =
		    snprintf(path, sizeof(path), "%s%s", OPS[i].top ? "" : "/api/v1", OPS[i].path);

		if (n < 0 || path_seen(i))
			continue;
		json_object(w, path);
		for (size_t k = i; k < OPS_COUNT; k++)
			if (OPS[k].top == OPS[i].top && strcmp(OPS[k].path, OPS[i].path) == 0)
				put_op(w, &OPS[k]);
		json_end_object(w);
	}
	json_end_object(w);
}

static void put_security(struct json_writer *w)
{
	static const struct {
		const char *name, *type, *key, *value;
	} WAYS[] = {
	    {"basic", "http", "scheme", "basic"},
	    {"token", "http", "scheme", "bearer"},
	    {"certificate", "mutualTLS", NULL, NULL},
	    {"session", "apiKey", "in", "cookie"},
	};

	json_object(w, "securitySchemes");
	for (size_t i = 0; i < sizeof(WAYS) / sizeof(*WAYS); i++) {
		json_object(w, WAYS[i].name);
		put_c(w, "type", WAYS[i].type);
		if (WAYS[i].key)
			put_c(w, WAYS[i].key, WAYS[i].value);
		if (strcmp(WAYS[i].type, "apiKey") == 0)
			put_c(w, "name", "tocsin");
		json_end_object(w);
	}
	json_end_object(w);
}

void describe_openapi(struct buf *out, struct str version)
{
	static const char *const WAYS[] = {"session", "token", "basic", "certificate"};
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	put_c(&w, "openapi", "3.1.0");
	json_object(&w, "info");
	put_c(&w, "title", "tocsin");
	json_put_str(&w, "version", version);
	json_object(&w, "license");
	put_c(&w, "name", "Apache-2.0");
	put_c(&w, "identifier", "Apache-2.0");
	json_end_object(&w);
	json_end_object(&w);
	json_list(&w, "security");
	for (size_t i = 0; i < sizeof(WAYS) / sizeof(*WAYS); i++) {
		json_object(&w, NULL);
		json_list(&w, WAYS[i]);
		json_end_list(&w);
		json_end_object(&w);
	}
	json_end_list(&w);
	put_paths(&w);
	json_object(&w, "components");
	json_object(&w, "schemas");
	for (size_t i = 0; i < SCHEMA_COUNT; i++)
		put_schema(&w, &SCHEMAS[i]);
	json_end_object(&w);
	put_security(&w);
	json_end_object(&w);
	json_end_object(&w);
}
