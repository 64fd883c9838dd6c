/* SPDX-License-Identifier: Apache-2.0 */
/* What the core role does when it is asked to: commands, registered in tables by the parts of the
 * core that own them (serve/core.c lists the parts). A command appends to the ledger; the core
 * commits what a turn of its loop brought in with one sync and answers after it, so nothing that
 * was acknowledged can be lost. A command never commits by itself. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/log.h"
#include "sys/chan.h"
#include "sys/config.h"
#include "sys/rpc.h"

struct store;
struct people;
struct command_ticket; /* one answer that is owed */

/* What the core lends its parts; lives as long as the core. */
struct command_ctx {
	struct store *store;   /* the writer */
	struct people *people; /* of accounts (store/people.h); the writer too */
	const struct env *env;
	const struct log *log;
	struct loop *loop;
	const struct config *config;
	struct str dir;      /* the node directory */
	struct str identity; /* id of the node's identity object */
	struct rpc signer;   /* "set-password", "verify-password", "remove-password" */
	/* Records were appended outside a command (a batch of intake's): commit at the end of this
	 * turn. `done` may be NULL; it is called after the commit with its outcome. */
	void (*commit)(void *core, void (*done)(void *ctx, enum err status), void *ctx);
	/* store_append said ERR_FULL: the core tells people, pauses intake, and tells it to go on
	 * when there is space again. Commands that return ERR_FULL need not call it. */
	void (*full)(void *core);
	/* Sets or (text NULL) ends an alarm, and tells a figure, that people see in the status; may
	 * be NULL. */
	void (*alarm)(void *core, const char *code, const char *text);
	void (*figure)(void *core, const char *name, uint64_t value);
	/* Runs an operation as if `call->by` had asked it by network, and calls done once, maybe
	 * before it returns: unless it returns an error. `request`: see struct command_reply. */
	enum err (*run)(
	    void *core, const struct rpc_call *call, struct str request, rpc_done done, void *ctx);
	void *core;
};

struct command_reply {
	struct buf *json; /* write the result here; empty means {} */
	/* To answer later: keep this, set `later`, return OK, and call command_answer once. */
	struct command_ticket *ticket;
	bool later;
	/* STR_NONE, or the approved request that this runs for and whose password, if the operation
	 * has one, the signer keeps under "request/ID". */
	struct str request;
};

/* Consumes the ticket. The answer leaves after the commit of everything appended before. */
void command_answer(struct command_ticket *ticket, enum err status, struct str reply);

/* One operation that writes. OK: reply->json is sent after the commit. Else the fault's text is
 * sent; the command has then appended nothing. args are checked JSON no bigger than RPC_ARGS_MAX
 * only as far as the command itself checks them. */
struct command {
	const char *op;
	bool local;  /* only for the operator on this machine, never for what came by network */
	bool link;   /* only for the link role, which may nothing else: what peers ask */
	bool always; /* appends nothing, so it runs on a full disk too */
	enum err (*run)(void *part, const struct rpc_call *call, struct command_reply *reply,
	    struct fault *fault);
};

/* A part of the core: some state, some commands. Functions may be NULL. */
struct command_part {
	const char *name;
	enum err (*open)(void **part, const struct command_ctx *ctx, struct fault *fault);
	void (*close)(void *part);
	/* A new intake process is there to talk to; NULL: it is gone. */
	void (*intake)(void *part, struct chan *intake);
	/* A message from intake in intake's own range. ERR_PARSE closes the channel. */
	enum err (*message)(void *part, const struct chan_message *m);
	/* More was committed. It may append, and ask for another commit. */
	void (*committed)(void *part);
	/* Before each commit: what follows from the records of this turn may go with them. */
	void (*follow)(void *part);
	/* Sections for the status operation: one JSON member each, written with a leading comma. */
	void (*status)(void *part, struct buf *json);
	const struct command *commands; /* ends with op NULL */
};
