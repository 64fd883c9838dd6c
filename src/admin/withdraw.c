/* SPDX-License-Identifier: Apache-2.0 */
/* Taking an object back. The decision "withdraw/ID" hides every version of the object here at its
 * commit; sealed, it travels to every peer that was given the object. Nothing undoes it. */
#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "policy/agreement.h"
#include "stix/object.h"
#include "stix/type.h"
#include "store/store.h"

enum { REASON_MAX = 1000, DECISION_MAX = 8192 };

static enum err find_object(const struct part *p, struct str id, uint64_t *out, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	uint64_t seq = id.n && id.n <= STORE_ID_MAX ? store_find(s, id) : STORE_NONE;

	if (seq == STORE_NONE || store_row(s, seq)->kind != RECORD_OBJECT)
		return fail(fault, ERR_NOT_FOUND, "no object %.*s is here",
		    STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
	if (id.n > STORE_ID_MAX - (sizeof(STORE_WITHDRAW) - 1))
		return fail(fault, ERR_LIMIT, "an id of more than %zu bytes cannot be withdrawn",
		    STORE_ID_MAX - (sizeof(STORE_WITHDRAW) - 1));
	*out = seq;
	return OK;
}

/* By network an object is taken back for its maker alone; the operator has the files. */
static enum err check_maker(struct part *p, uint64_t seq, struct fault *fault)
{
	struct stix_object o;

	TRY(stix_object_parse(&o, p->arena, store_content(p->ctx->store, seq), fault));
	if (p->ctx->identity.n > 0 && str_eq_nocase(o.created_by_ref, p->ctx->identity))
		return OK;
	return fail(fault, ERR_DENIED, "this node did not make it: only its maker takes it back");
}

/* Agreements are for administrators to end, and a signature is taken back by leaving. */
static enum err check_no_agreement(struct part *p, uint64_t seq, bool own, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	struct stix_object o;

	if (own && str_starts(store_id(s, seq), S(AGREEMENT_TYPE "--")))
		return fail(
		    fault, ERR_DENIED, "an agreement is taken back at the command line alone");
	if (store_row(s, seq)->tag != STIX_TYPE_OPINION)
		return OK;
	TRY(stix_object_parse(&o, p->arena, store_content(s, seq), fault));
	return party_answer_claimed(o.root)
	           ? fail(fault, ERR_CONFLICT,
	                 "it is a party's word about an agreement: `tocsin agreement leave` ends "
	                 "this node's part")
	           : OK;
}

static enum err decide(struct part *p, struct str path, struct str id, struct str reason,
    struct str by, struct buf *reply, struct fault *fault)
{
	struct buf b;
	struct json_writer w;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "id", id);
	json_put_str(&w, "reason", reason);
	json_put_str(&w, "originator", p->ctx->identity);
	json_put_time(&w, "time", env_now(p->ctx->env));
	json_end_object(&w);
	rc = b.failed == OK ? admin_decide(p->ctx, path, buf_str(&b), fault)
	                    : fail(fault, ERR_LIMIT, "the reason is too long");
	buf_free(&b);
	TRY(rc);
	w = json_writer(reply);
	json_object(&w, NULL);
	json_put_str(&w, "id", id);
	json_put_str(&w, "by", by);
	json_end_object(&w);
	return OK;
}

/* Once it is known who may: `own` asks that this node made the object. */
static enum err take_back(struct part *p, const struct rpc_call *call, yyjson_val *args, bool own,
    struct buf *reply, struct fault *fault)
{
	struct str id = json_get_str(args, "id"), reason = json_get_str(args, "reason"), path;
	uint64_t seq;

	if (reason.n == 0 || reason.n > REASON_MAX)
		return fail(fault, ERR_INVALID, "reason: 1 to %d bytes", REASON_MAX);
	TRY(find_object(p, id, &seq, fault));
	if (own)
		TRY(check_maker(p, seq, fault));
	TRY(check_no_agreement(p, seq, own, fault));
	path = arena_printf(p->arena, STORE_WITHDRAW "%.*s", STR_ARG(id));
	if (store_find(p->ctx->store, path) != STORE_NONE)
		return fail(fault, ERR_CONFLICT, "%.*s is withdrawn already", STR_ARG(id));
	return decide(p, path, id, reason, call->by, reply, fault);
}

static enum err withdraw(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	yyjson_val *args;

	TRY(part_begin(part, call, &args, fault));
	return take_back(part, call, args, false, reply->json, fault);
}

static enum err withdraw_own(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	yyjson_val *args;

	TRY(part_begin_delete(part, call, &args, fault));
	return take_back(part, call, args, true, reply->json, fault);
}

static const struct command COMMANDS[] = {
    {.op = "withdraw", .local = true, .run = withdraw},
    {.op = "object.withdraw", .run = withdraw_own},
    {0},
};

const struct command_part ADMIN_WITHDRAW = {
    .name = "withdraw",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
