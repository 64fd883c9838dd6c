/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the core role, shared by its files: core.c (life, connections), core_command.c
 * (calls, group commit), core_sign.c (checkpoints), core_seal.c
 * (signatures over objects), core_space.c (full disks). */
#pragma once

#include "serve/core_seal.h"
#include "serve/role.h"
#include "store/store.h"
#include "sys/command.h"
#include "sys/rpc_chan.h"
#include "view/follow.h"

enum {
	CORE_CONNS_MAX = 64,
	CORE_TICKETS_MAX = 1024,
	CORE_SIGNER_PENDING_MAX = 64,
	CORE_PARTS_MAX = 32,
};

enum conn_kind { CONN_FRONT, CONN_INTAKE, CONN_LINK, CONN_CONTROL };

struct conn {
	struct core *core;
	enum conn_kind kind;
	struct chan *chan; /* NULL: free slot */
};

struct core_waiter {
	void (*done)(void *ctx, enum err status);
	void *ctx;
};

/* One call to "views.wait", or to "signed.wait", that is not answered yet. */
struct core_view_wait {
	uint64_t size;
	bool is_signed;
	struct command_ticket *ticket;
};

struct core_sign {
	struct loop_timer *timer;
	uint64_t size; /* of the newest checkpoint */
	uint64_t from; /* what the signer signed last, as far as we know */
	uint64_t asked;
	usec last;
	bool busy;    /* a timer is set or the signer is asked */
	bool refused; /* for good: nothing is signed until an operator looked */
	struct arena *arena;
};

struct core {
	struct node_role *role;
	struct store *store;
	struct people *people;
	struct command_ctx ctx;
	void *parts[CORE_PARTS_MAX]; /* states, as CORE_PARTS */
	struct conn conns[CORE_CONNS_MAX];
	int listener;
	struct loop_watch *listener_watch;
	struct loop_task *turn;         /* commits and answers */
	struct command_ticket *tickets; /* all that are owed */
	size_t ticket_count;
	struct command_ticket *answered; /* to leave after the commit */
	struct command_ticket **answered_last;
	struct core_waiter *waiters;
	size_t waiter_count;
	struct core_view_wait view_waits[CORE_TICKETS_MAX];
	size_t view_wait_count;
	struct followers *followers;
	struct loop_watch *followers_watch;
	bool views_alarm;
	struct rpc_client *signer;
	struct chan *signer_chan;
	struct core_sign sign;
	struct core_seal *seal;
	bool full;
	struct loop_timer *space_timer;
	bool stopping;
};

/* The parts of the core, each with its commands; ends with NULL. */
extern const struct command_part *const CORE_PARTS[];

/* core_command.c */
void core_call(struct conn *conn, const struct chan_message *m);
/* An operation that two persons want; see struct command_ctx. */
enum err core_run(
    void *ctx, const struct rpc_call *asked, struct str request, rpc_done done, void *done_ctx);
/* Nobody will hear the answers to this connection's calls; what they do is done all the same. */
void core_forget(struct core *core, const struct conn *conn);
void core_commit(void *ctx, void (*done)(void *ctx, enum err status), void *done_ctx);
void core_turn(void *core);
/* Before the end: nobody is left to be answered. */
void core_drop_tickets(struct core *core);
/* Views have moved on. */
void core_views_moved(void *core);

/* core_sign.c */
enum err core_sign_open(struct core *core, struct fault *fault);
void core_sign_close(struct core *core);
/* Something was committed, or the signer came back: sign soon. */
void core_sign_due(struct core *core);
bool core_sign_done(const struct core *core);

/* core_space.c */
void core_space_check(struct core *core);
void core_space_full(void *core);
void core_space_retry(void *core);

/* core.c */
void core_push_committed(struct core *core);
struct chan *core_chan(const struct core *core, enum conn_kind kind);
/* Ends the process when all is answered and signed. */
void core_stop_if_done(struct core *core);
