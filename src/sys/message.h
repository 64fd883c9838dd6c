/* SPDX-License-Identifier: Apache-2.0 */
/* The types of messages between the processes of a node. Each range belongs to one pair of roles;
 * a receiver closes a channel on which a type arrives that it does not know. */
#pragma once

enum message_type {
	/* Anybody and core, core and signer: sys/rpc_chan.h. */
	MESSAGE_CALL = 1,
	MESSAGE_REPLY = 2,

	/* Supervisor and role: sys/role.h, serve/supervisor.c. */
	MESSAGE_READY = 100,  /* role: JSON, what it found out about itself */
	MESSAGE_PEER = 101,   /* supervisor: name of a role; the fd leads to it */
	MESSAGE_LISTEN = 102, /* supervisor: the fd listens; one byte, enum role_listener */
	MESSAGE_STOP = 103,   /* supervisor: finish and exit */
	MESSAGE_RELOAD = 105, /* supervisor: what changed on disk; the fds are those files */
	MESSAGE_ASK = 106,    /* supervisor: are you there? */
	MESSAGE_ANSWER = 107, /* role: yes */
	MESSAGE_FIGURE = 108, /* role: u64, its name; for run/status.json */
	MESSAGE_ALARM = 104,  /* core: a code, NUL, a text (empty: over); for run/status.json */

	/* Core to front and link. */
	MESSAGE_COMMITTED = 200, /* u64 records durable, u64 records that every view has taken */

	/* Core to intake. */
	MESSAGE_PAUSE = 300,  /* no space: take nothing more from any source */
	MESSAGE_RESUME = 301, /* go on */

	/* Core and intake: 310 to 399 are intake's own, see intake/. */
	MESSAGE_INTAKE_FIRST = 310,
	MESSAGE_INTAKE_LAST = 399,
};
