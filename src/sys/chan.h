/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between the processes of a node, over a Unix stream socket: typed, bounded, able to
 * carry descriptors, and flow-controlled. A sender is told when the queue before it has passed its
 * high mark (ERR_BUSY) and when it has fallen to the low mark again; a receiver can pause, which
 * the sender then feels. What a peer sends is foreign: a message past the limits closes the
 * channel.
 *
 * On the wire: u32 length of the body, u16 type, u16 descriptors, u64 id, body; big-endian. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/loop.h"

enum {
	CHAN_FDS_MAX = 4,
	CHAN_MESSAGE_MAX = 16 << 20, /* bytes of one body, unless the options say less */
};

struct chan;

struct chan_message {
	uint16_t type;
	uint64_t id; /* the sender's, to pair answers with questions; 0 when there is none */
	struct str body;
	int *fds; /* a receiver that keeps one sets it to -1; the others are closed for it */
	size_t fd_count;
};

struct chan_options {
	struct loop *loop;
	int fd;           /* the channel owns it */
	size_t body_max;  /* 0: CHAN_MESSAGE_MAX */
	size_t high, low; /* bytes waiting to be sent; 0: 4 MB and 1 MB */
	void (*message)(void *ctx, struct chan *c, const struct chan_message *m);
	void (*drained)(void *ctx, struct chan *c); /* low mark reached after ERR_BUSY; or NULL */
	/* The other side is gone or broke the rules; called once, from the loop. Free it then. */
	void (*closed)(void *ctx, struct chan *c);
	void *ctx;
};

struct chan *chan_new(const struct chan_options *options);
/* May be called from within its callbacks. Does not call closed. NULL allowed. */
void chan_free(struct chan *c);

/* Queues one message; body and descriptors are copied (the caller keeps its own). ERR_BUSY above
 * the high mark, ERR_LIMIT, ERR_CLOSED. Nothing is queued when it fails. */
MUST_USE enum err chan_send(struct chan *c, const struct chan_message *m);
/* For what must not be refused because of others' volume (an answer to a question that was
 * admitted, a pause): ERR_LIMIT or ERR_CLOSED only. */
MUST_USE enum err chan_send_always(struct chan *c, const struct chan_message *m);

/* Stops and resumes reading: back-pressure. */
void chan_pause(struct chan *c, bool pause);
size_t chan_queued(const struct chan *c);
bool chan_is_closed(const struct chan *c);

/* A connected pair of close-on-exec, non-blocking sockets. */
MUST_USE enum err chan_pair(int out[2], struct fault *fault);
