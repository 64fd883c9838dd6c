/* SPDX-License-Identifier: Apache-2.0 */
/* Reads of TLP:RED and of classified objects, as the front gathered them: "read/ACCOUNT" is decided
 * anew with each lot. What one account can write in an hour is bounded: beyond READ_HOUR_MAX named
 * objects only their number is kept. */
#include <string.h>

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/part.h"
#include "base/mem.h"
#include "ops/role.h"
#include "store/store.h"

enum {
	ARGS_MAX = 1 << 20,
	DECISION_MAX = 1 << 20,
	CALL_OBJECTS_MAX = 1000,
	READ_HOUR_MAX = 10000,
	ACCOUNTS_AT_ONCE = 1024, /* whose hour is remembered */
	HOUR_TEXT = 13,          /* "2026-11-28T03" */
	WORD_MAX = 16,
};

struct hour {
	char account[ACCOUNT_NAME_MAX + 1];
	char text[HOUR_TEXT + 1];
	uint64_t named;
};

struct readings {
	struct part *part;
	struct hour hours[ACCOUNTS_AT_ONCE];
	size_t next; /* to be forgotten */
};

static enum err readings_open(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct readings *r = mem_alloc(sizeof(*r));
	void *part;

	*out = r;
	TRY(part_open(&part, ctx, fault));
	r->part = part;
	return OK;
}

static void readings_close(void *part)
{
	struct readings *r = part;

	part_close(r->part);
	mem_free(r);
}

static struct hour *hour_of(struct readings *r, struct str account, struct str text)
{
	struct hour *h = NULL;

	for (size_t i = 0; i < ACCOUNTS_AT_ONCE && !h; i++)
		if (str_eq(str_c(r->hours[i].account), account))
			h = &r->hours[i];
	if (!h) {
		h = &r->hours[r->next];
		r->next = (r->next + 1) % ACCOUNTS_AT_ONCE;
		*h = (struct hour){0};
		memcpy(h->account, account.p, account.n);
	}
	if (!str_eq(str_c(h->text), text)) {
		memcpy(h->text, text.p, HOUR_TEXT);
		h->named = 0;
	}
	return h;
}

/* What one call says. */
struct lot {
	struct str account, outlet, hour;
	yyjson_val *objects;
	uint64_t more;
};

static enum err read_lot(
    struct lot *out, struct part *p, const struct rpc_call *call, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 3};
	yyjson_val *root, *v;
	size_t i, max;

	TRY(json_parse(&root, p->arena, call->args, &limits, fault));
	*out = (struct lot){.account = call->by,
	    .outlet = json_get_str(root, "outlet"),
	    .hour = json_get_str(root, "hour"),
	    .objects = yyjson_obj_get(root, "objects"),
	    .more = yyjson_get_uint(yyjson_obj_get(root, "more"))};
	/* "*" stands for accounts that were more than could be told apart. */
	if ((!account_name_valid(out->account) && !str_eq(out->account, S("*"))) ||
	    out->outlet.n == 0 || out->outlet.n > WORD_MAX || out->hour.n != HOUR_TEXT ||
	    yyjson_arr_size(out->objects) > CALL_OBJECTS_MAX)
		return fail(fault, ERR_INVALID, "not what an account was given");
	yyjson_arr_foreach(out->objects, i, max, v)
	{
		if (json_str(v).n == 0 || json_str(v).n > STORE_ID_MAX)
			return fail(fault, ERR_INVALID, "objects: not the id of an object");
	}
	return OK;
}

static enum err decide(struct part *p, const struct lot *lot, size_t named, struct fault *fault)
{
	struct str path = arena_printf(p->arena, "read/%.*s", STR_ARG(lot->account));
	size_t i, max, count = yyjson_arr_size(lot->objects);
	struct json_writer w;
	yyjson_val *v;
	struct buf b;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "account", lot->account);
	json_put_str(&w, "outlet", lot->outlet);
	json_put_str(&w, "hour", lot->hour);
	json_list(&w, "objects");
	yyjson_arr_foreach(lot->objects, i, max, v)
	{
		if (i < named)
			json_put_str(&w, NULL, json_str(v));
	}
	json_end_list(&w);
	json_put_int(&w, "more", (int64_t)(lot->more + count - named));
	json_end_object(&w);
	rc = b.failed == OK ? admin_decide(p->ctx, path, buf_str(&b), fault)
	                    : fail(fault, b.failed, "what was read is too long to be kept");
	buf_free(&b);
	return rc;
}

static enum err note(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct readings *r = part;
	struct hour *hour;
	struct lot lot;
	size_t named;

	(void)reply;
	arena_reset(r->part->arena);
	TRY(read_lot(&lot, r->part, call, fault));
	hour = hour_of(r, lot.account, lot.hour);
	named = yyjson_arr_size(lot.objects);
	if (named > READ_HOUR_MAX - hour->named)
		named = READ_HOUR_MAX - hour->named;
	TRY(decide(r->part, &lot, named, fault));
	hour->named += named;
	return OK;
}

static const struct command COMMANDS[] = {
    {.op = "read.note", .run = note},
    {0},
};

const struct command_part ADMIN_READS = {
    .name = "reads",
    .open = readings_open,
    .close = readings_close,
    .commands = COMMANDS,
};
