/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/imports.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/json.h"
#include "intake/foreign.h"
#include "intake/messages.h"
#include "intake/take.h"
#include "policy/label.h"
#include "store/people.h"
#include "store/store.h"

enum {
	ARGS_MEMORY = 1 << 20,
	NAME_MAX_BYTES = 64,
	REPORT_MAX = 2 * TAKE_TEXT_MAX + 4096,
	FEED_EVERYTHING = 1,
	COMMIT_RECORDS = 4096,
};

struct import {
	struct import *next;
	uint64_t id;
	int fd;                        /* -1: handed over */
	struct command_ticket *ticket; /* or who is answered */
	rpc_done done;
	void *done_ctx;
	struct take *take;
	struct buf message; /* what intake is told */
	struct fault fault; /* of the ledger: the rest of the file is let go */
};

struct imports {
	const struct command_ctx *ctx;
	struct chan *intake;
	struct members *members;
	struct collections *collections;
	struct import *first;
	size_t count;
	uint64_t last_id;
};

struct imports *imports_new(
    const struct command_ctx *ctx, struct feeds *feeds, struct collections *collections)
{
	struct imports *x = mem_alloc(sizeof(*x));

	x->ctx = ctx;
	x->collections = collections;
	x->members = members_new(ctx->store, feeds);
	return x;
}

static void import_free(struct import *i)
{
	if (i->fd >= 0)
		(void)close(i->fd);
	take_free(i->take);
	buf_free(&i->message);
	mem_free(i);
}

static struct import **place_of(struct imports *x, uint64_t id)
{
	struct import **at = &x->first;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void answer(struct imports *x, struct import **at, enum err rc, struct str text)
{
	struct import *i = *at;
	struct buf report;
	char above[24];

	*at = i->next;
	x->count--;
	buf_init(&report, REPORT_MAX);
	/* What was good before the file broke off is kept, and told. */
	if (rc == OK || (take_good(i->take) && rc != ERR_FULL)) {
		if (rc != OK)
			take_break_off(i->take, text);
		(void)snprintf(above, sizeof(above), "%" PRIu64, take_above(i->take));
		if (take_above(i->take) > 0)
			log_event(x->ctx->log, LOG_WARNING, "import.above-ceiling",
			    LOG_KV({"objects", str_c(above)}));
		take_report(i->take, &report);
		rc = report.failed;
		text = buf_str(&report);
	}
	if (i->ticket)
		command_answer(i->ticket, rc, text);
	else
		i->done(i->done_ctx, rc, text);
	buf_free(&report);
	import_free(i);
}

void imports_free(struct imports *x)
{
	if (!x)
		return;
	while (x->first)
		answer(x, &x->first, ERR_CLOSED, S("the node is stopping"));
	members_free(x->members);
	mem_free(x);
}

struct asked {
	struct str format, label, source;
	uint64_t feed;
	bool detail;
};

static bool name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && str_find(S("-_.:@"), c) == 5)
			return false;
	}
	return s.n > 0 && s.n <= NAME_MAX_BYTES;
}

/* A source of the configuration lends its label. */
static struct str label_of_source(const struct command_ctx *ctx, struct str source)
{
	for (size_t i = 0; ctx->config && i < ctx->config->source_count; i++)
		if (str_eq(ctx->config->sources[i].name, source))
			return ctx->config->sources[i].label;
	return STR_NONE;
}

/* Who sends by network may write to a collection only where TAXII clients may. */
static enum err feed_of_collection(struct imports *x, const struct rpc_call *call, struct str name,
    uint64_t *feed, struct fault *f)
{
	struct collection c;

	TRY(collections_find(x->collections, name, &c, f));
	if (!c.can_write && !str_eq(call->by, S("local")))
		return fail(f, ERR_DENIED, "collection: it cannot be written to");
	*feed = c.feed;
	return OK;
}

static enum err read_args(struct asked *out, struct imports *x, const struct rpc_call *call,
    struct arena *arena, struct fault *f)
{
	const struct json_limits limits = {.bytes = ARGS_MEMORY / 4, .depth = 8};
	struct asked a = {.format = S("auto")};
	yyjson_val *root, *feed;
	struct str collection;

	TRY(json_parse(&root, arena, call->args, &limits, f));
	if (yyjson_obj_get(root, "format"))
		a.format = json_get_str(root, "format");
	a.label = json_get_str(root, "label");
	a.source = json_get_str(root, "source");
	a.detail = yyjson_get_bool(yyjson_obj_get(root, "detail"));
	feed = yyjson_obj_get(root, "feed");
	a.feed = feed ? yyjson_get_uint(feed) : FEED_EVERYTHING;
	collection = json_get_str(root, "collection");
	/* TAXII names both: it has looked the feed up. */
	if (collection.p && !feed)
		TRY(feed_of_collection(x, call, collection, &a.feed, f));
	if (a.source.p && !name_ok(a.source))
		return fail(f, ERR_INVALID, "source: must be 1 to %d letters, digits or - _ . : @",
		    NAME_MAX_BYTES);
	if (!a.label.p && a.source.p)
		a.label = label_of_source(x->ctx, a.source);
	if (a.label.p && tlp_of_name(a.label) == TLP_UNKNOWN)
		return fail(f, ERR_INVALID,
		    "label: must be TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED");
	if (foreign_format_of(a.format) == FOREIGN_FORMATS)
		return fail(f, ERR_INVALID, "format: must be auto, stix, lines, csv or list");
	if (a.feed > UINT32_MAX)
		return fail(f, ERR_INVALID, "feed: no such feed");
	*out = a;
	return OK;
}

static void put_message(struct imports *x, struct buf *out, const struct asked *a)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "format", a->format);
	json_put_str(&w, "source", a->source.p ? a->source : S("local"));
	if (a->label.p)
		json_put_str(&w, "label", a->label);
	if (x->ctx->identity.n)
		json_put_str(&w, "identity", x->ctx->identity);
	json_put_int(&w, "now", env_now(x->ctx->env));
	json_end_object(&w);
}

/* False when it must wait. */
static bool hand_over(struct imports *x, struct import *i)
{
	struct chan_message m = {
	    .type = INTAKE_IMPORT,
	    .id = i->id,
	    .body = buf_str(&i->message),
	    .fds = &i->fd,
	    .fd_count = 1,
	};

	if (!x->intake || i->fd < 0 || chan_send_always(x->intake, &m) != OK)
		return false;
	(void)close(i->fd);
	i->fd = -1;
	return true;
}

static enum err begin(
    struct import **out, struct imports *x, const struct rpc_call *call, struct fault *fault)
{
	struct take_options options = {.store = x->ctx->store, .members = x->members};
	struct arena *arena = arena_new(ARGS_MEMORY);
	struct asked a = {0};
	struct import *i;
	enum err rc = read_args(&a, x, call, arena, fault);
	bool own_source;
	int fd = -1;

	if (rc == OK)
		rc = ceiling_read(&options.ceiling, x->ctx->config->ceiling, fault);
	if (rc == OK)
		rc = authority_of(&options.authority, x->ctx, call->by, fault);
	if (rc == OK)
		rc = authority_source(&a.source, &options.authority, call->by,
		    people_source_id(x->ctx->people, arena, a.source), arena, fault);
	own_source = str_starts(a.source, S("api:")) || str_starts(a.source, S("taxii:"));

	if (rc == OK && x->count == INTAKE_JOBS_MAX)
		rc = fail(fault, ERR_BUSY, "%d imports are waiting already: try again later",
		    INTAKE_JOBS_MAX);
	if (rc == OK && call->fd < 0)
		rc = fail(fault, ERR_INVALID, "an import needs a file");
	if (rc == OK && a.source.p) {
		const struct source_facts facts = {
		    .name = a.source, .kind = S("import"), .label = a.label, .trust = -1};

		rc = source_number(x->ctx, &facts, &options.source, fault);
		options.authority.source = own_source ? options.source : 0;
	}
	if (rc == OK) {
		fd = fcntl(call->fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			rc = fail(fault, ERR_IO, "the file's descriptor cannot be kept");
	}
	if (rc == OK) {
		options.feed = (uint32_t)a.feed;
		options.detail = a.detail;
		i = mem_alloc(sizeof(*i));
		i->id = ++x->last_id;
		i->fd = fd;
		i->take = take_new(&options);
		buf_init(&i->message, ARGS_MEMORY);
		put_message(x, &i->message, &a);
		*place_of(x, i->id) = i;
		x->count++;
		*out = i;
	}
	arena_free(arena);
	return rc;
}

enum err imports_ask(struct imports *x, const struct rpc_call *call, struct command_reply *reply,
    struct fault *fault)
{
	struct import *i;

	TRY(begin(&i, x, call, fault));
	i->ticket = reply->ticket;
	reply->later = true;
	(void)hand_over(x, i);
	return OK;
}

enum err imports_take(
    struct imports *x, const struct rpc_call *call, rpc_done done, void *ctx, struct fault *fault)
{
	struct import *i;

	TRY(begin(&i, x, call, fault));
	i->done = done;
	i->done_ctx = ctx;
	(void)hand_over(x, i);
	return OK;
}

void imports_attach(struct imports *x, struct chan *intake)
{
	struct import **at = &x->first;

	x->intake = intake;
	while (*at) {
		if (!intake && (*at)->fd < 0) {
			answer(x, at, ERR_CLOSED,
			    S("the process that read the file ended before it was done; what it "
			      "had taken is kept: try again"));
			continue;
		}
		if (intake)
			(void)hand_over(x, *at);
		at = &(*at)->next;
	}
}

static void end_of(struct imports *x, struct import **at, struct str body)
{
	struct rd in = rd_of(body);
	enum err rc = (enum err)rd_u8(&in);
	struct str text = rd_rest(&in);

	if ((*at)->fault.code != OK) {
		rc = (*at)->fault.code;
		text = str_c((*at)->fault.text);
	}
	answer(x, at, rc > ERR_CLOSED ? ERR_CORRUPT : rc, text);
}

enum err imports_message(struct imports *x, const struct chan_message *m)
{
	struct import **at = place_of(x, m->id);
	struct import *i = *at;
	enum err rc;

	if (!i || i->fd >= 0)
		return ERR_PARSE;
	if (m->type == INTAKE_IMPORT_END) {
		end_of(x, at, m->body);
		return OK;
	}
	if (i->fault.code != OK)
		return OK;
	rc = take_batch(i->take, m->body, &i->fault);
	if (rc == ERR_PARSE)
		return rc;
	if (rc == ERR_FULL)
		x->ctx->full(x->ctx->core);
	if (store_size_pending(x->ctx->store) - store_size(x->ctx->store) >= COMMIT_RECORDS)
		x->ctx->commit(x->ctx->core, NULL, NULL);
	return OK;
}

/* Sources are decisions "source/NAME" that give each name a number for the rows of its records;
 * "source-number/N" says that a number is taken. */

enum { SOURCE_MEMORY = 256 << 10, SOURCE_TEXT = 64 << 10, SOURCES_MAX = 100000 };

static enum err source_number_in(uint32_t *out, struct arena *arena, struct str json)
{
	const struct json_limits limits = {.bytes = SOURCE_TEXT, .depth = 4};
	yyjson_val *root;
	uint64_t number;

	TRY(json_parse(&root, arena, json, &limits, NULL));
	number = yyjson_get_uint(yyjson_obj_get(root, "number"));
	if (number == 0 || number > UINT32_MAX)
		return ERR_CORRUPT;
	*out = (uint32_t)number;
	return OK;
}

static void put_source_facts(struct buf *out, const struct source_facts *f, uint32_t number)
{
	struct json_writer w = json_writer(out);

	buf_reset(out);
	json_object(&w, NULL);
	json_put_int(&w, "number", number);
	json_put_str(&w, "kind", f->kind);
	if (f->path.p)
		json_put_str(&w, "path", f->path);
	json_put_str(&w, "label", f->label.p ? f->label : S("TLP:RED"));
	if (f->trust >= 0)
		json_put_int(&w, "trust", f->trust);
	json_end_object(&w);
}

static uint32_t free_source_number(const struct store *s, struct arena *arena)
{
	for (uint32_t n = 1; n < SOURCES_MAX; n++)
		if (store_find(s, arena_printf(arena, "source-number/%u", n)) == STORE_NONE)
			return n;
	return 0;
}

/* number 0: it has one already. */
static enum err append_source(const struct command_ctx *ctx, struct str path, struct str json,
    uint32_t number, struct fault *fault)
{
	char encoded[LABEL_ENCODED_MAX], taken[32];
	const struct label red = {.tlp = TLP_RED};
	struct str label = {encoded, label_encode(&red, encoded)};
	int64_t version = env_now(ctx->env);
	struct record r[2] = {
	    {RECORD_DECISION, .id = path, .version = version, .label = label, .content = json},
	    {RECORD_DECISION, .version = version, .label = label, .content = S("{}")},
	};
	uint64_t first;

	(void)snprintf(taken, sizeof(taken), "source-number/%u", number);
	r[1].id = str_c(taken);
	return store_append(ctx->store, r, number ? 2 : 1, &first, fault);
}

enum err source_number(const struct command_ctx *ctx, const struct source_facts *facts,
    uint32_t *out, struct fault *fault)
{
	struct arena *arena = arena_new(SOURCE_MEMORY);
	struct str path = arena_printf(arena, "source/%.*s", STR_ARG(facts->name));
	uint64_t seq = store_find(ctx->store, path);
	uint32_t number = 0;
	bool same = false;
	enum err rc = OK;
	struct buf json;

	buf_init(&json, SOURCE_TEXT);
	if (seq != STORE_NONE) {
		rc = source_number_in(&number, arena, store_content(ctx->store, seq));
		put_source_facts(&json, facts, number);
		/* An import under a stream's name does not make it something else. */
		same = str_eq(facts->kind, S("import")) ||
		       str_eq(buf_str(&json), store_content(ctx->store, seq));
	} else {
		number = free_source_number(ctx->store, arena);
		put_source_facts(&json, facts, number);
		if (number == 0)
			rc = fail(fault, ERR_LIMIT, "there are %d sources already", SOURCES_MAX);
	}
	if (rc == OK)
		rc = json.failed;
	if (rc == OK && !same)
		rc =
		    append_source(ctx, path, buf_str(&json), seq == STORE_NONE ? number : 0, fault);
	if (rc == OK)
		*out = number;
	buf_free(&json);
	arena_free(arena);
	return rc;
}
