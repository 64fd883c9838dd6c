/* SPDX-License-Identifier: Apache-2.0 */
#include "api/args.h"

#include <assert.h>
#include <string.h>

#include "codec/json.h"
#include "codec/time.h"
#include "http/text.h"

static const char *const PLACES[] = {[IN_PATH] = "path", [IN_QUERY] = "query", [IN_BODY] = "body"};

static const struct op_param *param_of(const struct op *op, struct str name, enum op_param_in in)
{
	for (size_t i = 0; i < op->param_count; i++)
		if (op->params[i].in == in && str_eq(str_c(op->params[i].name), name))
			return &op->params[i];
	return NULL;
}

static struct api_value *slot_of(struct api_args *args, const struct op_param *p)
{
	return &args->values[p - args->op->params];
}

static enum err refuse(struct fault *fault, const struct op_param *p, const char *why)
{
	return fail(fault, ERR_INVALID, "parameter %s: %s", p->name, why);
}

static enum err check_word(struct str text, const struct op_param *p, struct fault *fault)
{
	char words[256] = "must be one of";
	size_t n = strlen(words);

	for (size_t i = 0; p->values[i]; i++) {
		int more;

		if (str_eq(str_c(p->values[i]), text))
			return OK;
		more = snprintf(words + n, sizeof(words) - n, " %s", p->values[i]);
		n += more > 0 && (size_t)more < sizeof(words) - n ? (size_t)more : 0;
	}
	return refuse(fault, p, words);
}

static enum err take_int(struct api_value *v, const struct op_param *p, struct fault *fault)
{
	uint64_t n;

	if (str_u64(v->text, &n) != OK || n > INT64_MAX || (int64_t)n < p->least ||
	    (int64_t)n > p->most)
		return fail(fault, ERR_INVALID, "parameter %s: must be a number from %lld to %lld",
		    p->name, (long long)p->least, (long long)p->most);
	v->number = (int64_t)n;
	return OK;
}

static enum err take_bool(struct api_value *v, const struct op_param *p, struct fault *fault)
{
	bool yes = str_eq(v->text, S("true"));

	if (!yes && !str_eq(v->text, S("false")))
		return refuse(fault, p, "must be true or false");
	v->number = yes;
	return OK;
}

static enum err take_time(struct api_value *v, const struct op_param *p, struct fault *fault)
{
	if (time_parse_any(&v->number, v->text) != OK)
		return refuse(fault, p, "must be a time like 2026-01-31T12:00:00Z");
	return OK;
}

static enum err take_text(struct api_value *v, const struct op_param *p, struct fault *fault)
{
	if (v->text.n < (size_t)p->least || v->text.n > (size_t)p->most)
		return fail(fault, ERR_INVALID,
		    "parameter %s: must have %lld to %lld bytes, has %zu", p->name,
		    (long long)p->least, (long long)p->most, v->text.n);
	return p->values ? check_word(v->text, p, fault) : OK;
}

static enum err take(
    struct api_args *args, const struct op_param *p, struct str text, struct fault *fault)
{
	struct api_value v = {.given = true, .text = text};

	if (slot_of(args, p)->given)
		return refuse(fault, p, "is given twice");
	switch (p->type) {
	case TYPE_INT:
		TRY(take_int(&v, p, fault));
		break;
	case TYPE_BOOL:
		TRY(take_bool(&v, p, fault));
		break;
	case TYPE_TIME:
		TRY(take_time(&v, p, fault));
		break;
	default:
		TRY(take_text(&v, p, fault));
		break;
	}
	*slot_of(args, p) = v;
	return OK;
}

static enum err unknown(
    const struct op *op, struct str name, enum op_param_in in, struct fault *fault)
{
	char names[256] = "none";
	size_t n = 0;

	for (size_t i = 0; i < op->param_count; i++) {
		int more;

		if (op->params[i].in != in)
			continue;
		more = snprintf(
		    names + n, sizeof(names) - n, "%s%s", n ? ", " : "", op->params[i].name);
		n += more > 0 && (size_t)more < sizeof(names) - n ? (size_t)more : 0;
	}
	return fail(fault, ERR_INVALID, "unknown %s parameter %.*s; known here: %s", PLACES[in],
	    (int)(name.n < 64 ? name.n : 64), name.p ? name.p : "", names);
}

static enum err take_named(struct api_args *args, struct str name, enum op_param_in in,
    struct str value, struct fault *fault)
{
	const struct op_param *p = param_of(args->op, name, in);

	return p ? take(args, p, value, fault) : unknown(args->op, name, in, fault);
}

static enum err parse_path(
    struct api_args *args, struct arena *arena, const struct op_route *route, struct fault *fault)
{
	size_t at = 0;

	for (size_t i = 0; i < args->op->param_count; i++) {
		struct str value;

		if (args->op->params[i].in != IN_PATH)
			continue;
		assert(at < route->count);
		if (http_decode(&value, arena, route->values[at++], false) != OK)
			return refuse(fault, &args->op->params[i], "broken percent escape");
		TRY(take(args, &args->op->params[i], value, fault));
	}
	return OK;
}

static enum err parse_query(
    struct api_args *args, struct arena *arena, struct str query, struct fault *fault)
{
	struct str name, value;

	while (http_query_next(&query, &name, &value)) {
		if (http_decode(&name, arena, name, true) != OK ||
		    http_decode(&value, arena, value.p ? value : S(""), true) != OK)
			return fail(fault, ERR_PARSE, "query: broken percent escape");
		TRY(take_named(args, name, IN_QUERY, value, fault));
	}
	return OK;
}

static enum err body_value(
    struct str *out, struct arena *arena, yyjson_val *value, struct fault *fault)
{
	if (yyjson_is_str(value))
		*out = json_str(value);
	else if (yyjson_is_bool(value))
		*out = yyjson_get_bool(value) ? S("true") : S("false");
	else if (yyjson_is_uint(value))
		*out = arena_printf(arena, "%llu", (unsigned long long)yyjson_get_uint(value));
	else
		return fail(fault, ERR_INVALID, "body: values must be text, numbers or true/false");
	return out->p ? OK : fail(fault, ERR_NOMEM, "body: no memory");
}

static enum err parse_body(
    struct api_args *args, struct arena *arena, struct str body, struct fault *fault)
{
	const struct json_limits limits = {.bytes = 64 << 10, .depth = 2};
	yyjson_obj_iter it;
	yyjson_val *root, *key;

	TRY(json_parse(&root, arena, body, &limits, fault));
	if (!yyjson_is_obj(root))
		return fail(fault, ERR_INVALID, "body: must be a JSON object");
	it = yyjson_obj_iter_with(root);
	while ((key = yyjson_obj_iter_next(&it))) {
		struct str value;

		TRY(body_value(&value, arena, yyjson_obj_iter_get_val(key), fault));
		TRY(take_named(args, json_str(key), IN_BODY, value, fault));
	}
	return OK;
}

static bool has_body_params(const struct op *op)
{
	for (size_t i = 0; i < op->param_count; i++)
		if (op->params[i].in == IN_BODY)
			return true;
	return false;
}

enum err api_args_parse(
    struct api_args *out, struct arena *arena, const struct api_asked *asked, struct fault *fault)
{
	struct api_args args = {.op = asked->route->op};

	assert(args.op->param_count <= API_PARAMS_MAX);
	TRY(parse_path(&args, arena, asked->route, fault));
	TRY(parse_query(&args, arena, asked->query, fault));
	/* Where nothing is known that a body could hold, one that says something is refused too. */
	if (has_body_params(args.op) || (!args.op->file && asked->body.n > 0))
		TRY(parse_body(&args, arena, asked->body, fault));
	TRY(api_args_done(&args, fault));
	*out = args;
	return OK;
}

enum err api_args_set(struct api_args *args, struct str name, struct str value, struct fault *fault)
{
	for (size_t i = 0; i < args->op->param_count; i++)
		if (str_eq(str_c(args->op->params[i].name), name))
			return take(args, &args->op->params[i], value, fault);
	return unknown(args->op, name, IN_QUERY, fault);
}

enum err api_args_done(struct api_args *args, struct fault *fault)
{
	for (size_t i = 0; i < args->op->param_count; i++) {
		const struct op_param *p = &args->op->params[i];

		if (args->values[i].given)
			continue;
		if (p->required)
			return refuse(fault, p, "is missing");
		if (strcmp(p->name, "limit") == 0)
			args->values[i].number = OPS_LIST_DEFAULT;
	}
	return OK;
}

const struct api_value *api_args_get(const struct api_args *args, const char *name)
{
	size_t i = 0;

	while (strcmp(args->op->params[i].name, name) != 0) {
		i++;
		assert(i < args->op->param_count);
	}
	return &args->values[i];
}

void api_args_json(const struct api_args *args, struct buf *out)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	for (size_t i = 0; i < args->op->param_count; i++) {
		const struct api_value *v = &args->values[i];
		const char *name = args->op->params[i].name;

		if (!v->given)
			continue;
		if (args->op->params[i].type == TYPE_INT)
			json_put_int(&w, name, v->number);
		else if (args->op->params[i].type == TYPE_BOOL)
			json_put_bool(&w, name, v->number != 0);
		else
			json_put_str(&w, name, v->text);
	}
	json_end_object(&w);
}
