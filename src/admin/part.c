/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/part.h"

#include "admin/decide.h"
#include "base/mem.h"
#include "ops/role.h"
#include "store/people.h"
#include "store/store.h"
#include "sys/files.h"

enum { PART_ARENA = 4 << 20, ARGS_MAX = 8192, PASSWORD_LEAST = 8, PASSWORD_MOST = 1024 };

enum err part_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct part *p = mem_alloc(sizeof(*p));

	(void)fault;
	p->ctx = ctx;
	p->arena = arena_new(PART_ARENA);
	*out = p;
	return OK;
}

void part_close(void *part)
{
	struct part *p = part;

	if (!p)
		return;
	arena_free(p->arena);
	mem_free(p);
}

enum err part_decided(struct part *p, struct str path, yyjson_val **out)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	uint64_t seq =
	    path.n && path.n <= STORE_ID_MAX ? store_find(p->ctx->store, path) : STORE_NONE;

	if (seq == STORE_NONE || store_row(p->ctx->store, seq)->kind != RECORD_DECISION)
		return ERR_NOT_FOUND;
	TRY(json_parse(out, p->arena, store_content(p->ctx->store, seq), &limits, NULL));
	return yyjson_get_bool(yyjson_obj_get(*out, "removed")) ? ERR_NOT_FOUND : OK;
}

enum err part_account(struct part *p, struct str id, yyjson_val **out, struct fault *fault)
{
	if (account_name_valid(id) &&
	    part_decided(p, arena_printf(p->arena, "account/%.*s", STR_ARG(id)), out) == OK)
		return OK;
	return fail(
	    fault, ERR_NOT_FOUND, "no account %.*s", STR_ARG(str_slice(id, 0, ACCOUNT_NAME_MAX)));
}

enum err part_account_named(
    struct part *p, struct str name, struct str *id, yyjson_val **out, struct fault *fault)
{
	*id = arena_str(p->arena, people_id(p->ctx->people, name));
	if (id->p && part_account(p, *id, out, NULL) == OK)
		return OK;
	return fail(
	    fault, ERR_NOT_FOUND, "no account %.*s", STR_ARG(str_slice(name, 0, ACCOUNT_NAME_MAX)));
}

bool part_account_known(struct part *p, struct str id)
{
	struct str path = arena_printf(p->arena, "account/%.*s", STR_ARG(id));

	return store_find(p->ctx->store, path) != STORE_NONE;
}

enum err part_account_id(struct part *p, struct str name, struct str *id, struct fault *fault)
{
	*id = arena_str(p->arena, people_id(p->ctx->people, name));
	if (!account_name_valid(name))
		return fail(fault, ERR_INVALID,
		    "name: 1 to %d letters, digits and any of ._@- , the first a letter or digit; "
		    "not \"local\"",
		    ACCOUNT_NAME_MAX);
	/* One from before there were ids is its own. */
	if (part_account_known(p, *id) || people_by_id(p->ctx->people, *id))
		return OK;
	if (people_is_id(name))
		return fail(fault, ERR_INVALID, "name: %.*s looks like the id of an account",
		    STR_ARG(name));
	TRY(people_add(p->ctx->people, name, id, fault));
	*id = arena_str(p->arena, *id);
	return id->p ? OK : fail(fault, ERR_NOMEM, "no memory for a name");
}

enum err part_password(struct str password, struct fault *fault)
{
	if (password.n >= PASSWORD_LEAST && password.n <= PASSWORD_MOST)
		return OK;
	return fail(fault, ERR_INVALID, "password: %d to %d bytes", PASSWORD_LEAST, PASSWORD_MOST);
}

enum err part_remove(struct part *p, struct str path, struct str by, struct fault *fault)
{
	/* An account's id needs no escaping. */
	struct str json = arena_printf(p->arena, PART_REMOVED ",\"by\":\"%.*s\"}", STR_ARG(by));

	return json.p ? admin_decide(p->ctx, path, json, fault)
	              : fail(fault, ERR_NOMEM, "no memory for a decision");
}

struct str part_name(struct part *p, struct str id)
{
	return arena_str(p->arena, people_name(p->ctx->people, id));
}

static enum err check_may(struct part *p, const struct rpc_call *call, struct fault *fault)
{
	yyjson_val *account;

	if (str_eq(call->by, S("local")))
		return OK;
	if (part_account(p, call->by, &account, NULL) == OK &&
	    role_may(role_of_name(json_get_str(account, "role")), ACTION_ADMINISTER))
		return OK;
	return fail(fault, ERR_DENIED, "only administrators may do this");
}

static enum err read_args(
    struct part *p, const struct rpc_call *call, yyjson_val **args, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 4};

	TRY(json_parse(args, p->arena, call->args, &limits, fault));
	return yyjson_is_obj(*args) ? OK : fail(fault, ERR_INVALID, "arguments: not an object");
}

enum err part_begin(
    struct part *p, const struct rpc_call *call, yyjson_val **args, struct fault *fault)
{
	arena_reset(p->arena);
	TRY(check_may(p, call, fault));
	return read_args(p, call, args, fault);
}

enum err part_begin_delete(
    struct part *p, const struct rpc_call *call, yyjson_val **args, struct fault *fault)
{
	yyjson_val *account;

	arena_reset(p->arena);
	/* One with an organisation is a guest. */
	if (part_account(p, call->by, &account, NULL) != OK ||
	    json_get_str(account, "organisation").p ||
	    !role_may(role_of_name(json_get_str(account, "role")), ACTION_DELETE))
		return fail(
		    fault, ERR_DENIED, "only analysts and administrators of this node may do this");
	return read_args(p, call, args, fault);
}

enum err part_each(
    struct part *p, struct str prefix, state_fn visit, void *ctx, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	uint64_t size = store_size_pending(s), from = 0;
	struct state *state;

	TRY(state_open(&state, file_join(p->arena, p->ctx->dir, "views"), fault));
	from = state_cursor(state);
	if (from > size || state_list(state, prefix, visit, ctx, NULL) != OK ||
	    state_cursor(state) < from)
		from = 0;
	for (uint64_t seq = from; seq < size; seq++)
		if (store_row(s, seq)->kind == RECORD_DECISION &&
		    str_starts(store_id(s, seq), prefix))
			visit(ctx, store_id(s, seq));
	state_close(state);
	return OK;
}
