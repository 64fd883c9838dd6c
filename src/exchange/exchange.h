/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds between this node and its peers: the engine that talks over the link (sync/side.h decides
 * what is said), and the part of the core that has heads signed and keeps receipts. Ranges that
 * come in go to core unread, as memory files; ranges that go out are made of what the egress view
 * lists, with the envelopes of their originators. */
#pragma once

#include "base/log.h"
#include "link/session.h"
#include "sys/command.h"
#include "sys/loop.h"
#include "sys/rpc.h"

struct exchange;

struct exchange_options {
	struct loop *loop;
	const struct env *env;
	const struct log *log;
	struct str dir;      /* the node directory */
	struct str identity; /* ours */
	uint32_t pace;       /* of the link, kbit/s; 0: as much as there is */
	struct rpc rpc;      /* to core */
};

/* Opens ledger and views for reading. Everything named must outlive it. */
MUST_USE enum err exchange_new(
    struct exchange **out, const struct exchange_options *options, struct fault *fault);
void exchange_free(struct exchange *x); /* NULL allowed; after every session is down */
struct link_engine exchange_engine(struct exchange *x);

/* "sync.head" {size}: the signed head of the asking peer's feed. "sync.keep" {receipt}: the peer's
 * receipt, checked and kept. "sync.judge" {head}: {reason, text} of a head that the peer showed.
 * "package.write" (part.h). "package.accept" {name, receipt}: as "sync.keep", of a file. */
extern const struct command_part COMMANDS_EXCHANGE;
