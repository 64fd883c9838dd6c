/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/core.h"

#include "base/mem.h"
#include "codec/json.h"
#include "intake/analytics/findings.h"
#include "intake/history/histories.h"
#include "intake/imports.h"
#include "intake/letter/letters.h"
#include "intake/messages.h"
#include "intake/package/packages.h"
#include "intake/range/ranges.h"
#include "intake/streams.h"
#include "sys/files.h"

enum { ARGS_MEMORY = 64 << 10 };

struct part {
	struct feeds *feeds;
	struct collections *collections;
	struct imports *imports;
	struct streams *streams;
	struct findings *findings;
	struct state *state;
	struct ranges *ranges;
	struct packages *packages;
	struct letters *letters;
};

static void close_part(void *state)
{
	struct part *p = state;

	imports_free(p->imports);
	letters_free(p->letters);
	ranges_free(p->ranges);
	packages_free(p->packages);
	state_close(p->state);
	findings_close(p->findings);
	streams_close(p->streams);
	collections_close(p->collections);
	feeds_close(p->feeds);
	mem_free(p);
}

static enum err open_part(void **out, const struct command_ctx *ctx, struct fault *fault)
{
	struct part *p = mem_alloc(sizeof(*p));
	struct arena *arena = arena_new(2 * FILE_PATH_MAX);
	struct str views = file_join(arena, ctx->dir, "views");
	enum err rc = feeds_open(&p->feeds, views, fault);

	if (rc == OK)
		rc = collections_open(&p->collections, ctx->store, views, fault);
	if (rc == OK)
		rc = state_open(&p->state, views, fault);
	arena_free(arena);
	if (rc == OK) {
		p->ranges = ranges_new(ctx, p->state);
		p->packages = packages_new(ctx, p->state, p->ranges);
		p->imports = imports_new(ctx, p->feeds, p->collections);
		p->letters = letters_new(ctx, p->imports);
		rc = streams_new(&p->streams, ctx, fault);
	}
	if (rc == OK)
		p->findings = findings_new(ctx, p->streams);
	if (rc != OK) {
		close_part(p);
		return rc;
	}
	*out = p;
	return OK;
}

static void intake_came(void *state, struct chan *intake)
{
	struct part *p = state;

	imports_attach(p->imports, intake);
	streams_attach(p->streams, intake);
	ranges_attach(p->ranges, intake);
	packages_attach(p->packages, intake);
	letters_attach(p->letters, intake);
}

static enum err message(void *state, const struct chan_message *m)
{
	struct part *p = state;

	switch (m->type) {
	case INTAKE_OBJECTS:
	case INTAKE_IMPORT_END:
		return imports_message(p->imports, m);
	case INTAKE_RANGE_ITEMS:
	case INTAKE_RANGE_END:
		return ranges_message(p->ranges, m);
	case INTAKE_PACKAGE_SEEN:
		return packages_message(p->packages, m);
	case INTAKE_LETTER_SEEN:
		return letters_message(p->letters, m);
	case INTAKE_EVENTS:
	case INTAKE_HISTORY:
		return streams_message(p->streams, m);
	case INTAKE_FOUND:
		return streams_found(p->streams, m);
	case INTAKE_FINDINGS:
		return findings_message(p->findings, m);
	default:
		return ERR_PARSE;
	}
}

static enum err run_import(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return imports_ask(((struct part *)state)->imports, call, reply, fault);
}

static enum err run_take(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return ranges_take(((struct part *)state)->ranges, call, reply, NULL, fault);
}

static enum err run_ahead(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return ranges_ahead(((struct part *)state)->ranges, call, reply, fault);
}

static enum err run_package(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return packages_read(((struct part *)state)->packages, call, reply, fault);
}

static enum err run_receipt(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return ranges_receipt(((struct part *)state)->ranges, call, reply, fault);
}

static enum err run_letter(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return letters_read(((struct part *)state)->letters, call, reply, fault);
}

static enum err run_erase(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return histories_erase(
	    streams_histories(((struct part *)state)->streams), call, reply, fault);
}

/* What the link would say to the peer, for a file. */
static enum err run_package_receipt(
    void *state, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct arena *arena = arena_new(ARGS_MEMORY);
	struct rpc_call as_peer = *call;
	yyjson_val *args;
	enum err rc = json_parse(&args, arena, call->args, &JSON_LIMITS_OBJECT, fault);

	if (rc == OK) {
		as_peer.by = arena_printf(arena, "peer:%.*s", STR_ARG(json_get_str(args, "name")));
		rc = run_receipt(state, &as_peer, reply, fault);
	}
	arena_free(arena);
	return rc;
}

static const struct command COMMANDS[] = {
    {.op = "import", .run = run_import},
    {.op = "package.read", .local = true, .run = run_package},
    {.op = "history.erase", .local = true, .run = run_erase},
    {.op = "member.read", .local = true, .run = run_letter},
    {.op = "package.receipt", .local = true, .always = true, .run = run_package_receipt},
    {.op = "sync.take", .link = true, .run = run_take},
    {.op = "sync.ahead", .link = true, .run = run_ahead},
    {.op = "sync.receipt", .link = true, .always = true, .run = run_receipt},
    {0},
};

const struct command_part COMMANDS_INTAKE = {
    .name = "intake",
    .open = open_part,
    .close = close_part,
    .intake = intake_came,
    .message = message,
    .commands = COMMANDS,
};
