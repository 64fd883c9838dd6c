/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between two nodes over TLS 1.3 (crypt/tls_link.h): typed, bounded, flow-controlled, with
 * a word on why it ended. It carries and counts; who the other side is and what messages mean is
 * its owner's business, who decides in `ready` by the certificate's fingerprint before anything is
 * said. A sender is told when the queue before it passes its high mark (ERR_BUSY) and when it has
 * fallen to the low mark; a receiver can pause, which the sender then feels. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypt/tls_link.h"
#include "sys/loop.h"

enum {
	WIRE_TYPE_FIRST = 16,    /* types below are the wire's own */
	WIRE_BODY_MAX = 9 << 20, /* bytes of one body, unless the options say less */
	WIRE_TEXT_MAX = 400,     /* of a reason */
	WIRE_PACE_MAX = 16 << 10,
};

/* Why a wire ended. */
enum wire_end {
	WIRE_OPEN,        /* it has not */
	WIRE_UNREACHABLE, /* no connection was made */
	WIRE_NO_TLS,      /* the handshake failed */
	WIRE_REFUSED,     /* the other side said goodbye: the text is its own */
	WIRE_GONE,        /* cut off without a word */
	WIRE_SILENT,      /* nothing was heard for too long */
	WIRE_BROKEN,      /* the other side broke the protocol */
	WIRE_LEFT,        /* we said goodbye */
};

struct wire;

struct wire_message {
	uint16_t type; /* at least WIRE_TYPE_FIRST */
	struct str body;
};

struct wire_options {
	struct loop *loop;
	struct ssl_ctx_st *tls; /* of tls_link_new; outlives the wire */
	int fd;                 /* connected or, for a client, connecting; the wire owns it */
	bool client;
	size_t body_max;    /* 0: WIRE_BODY_MAX */
	size_t high, low;   /* bytes waiting to be sent; 0: 4 MB and 1 MB */
	usec handshake_max; /* until `ready`; 0: 10 s */
	usec alive_every;   /* a sign of life after so long without one of ours; 0: 30 s */
	usec silence_max;   /* of the other side; 0: 90 s */
	/* A channel that tells a listener nothing of how much is said: from `ready` on, exactly so
	 * many bytes leave in one TLS record at every beat, filled up when there is less to say,
	 * and nothing in between. 0: what there is leaves at once. At most WIRE_PACE_MAX. */
	size_t pace_bytes;
	usec pace_every;
	void (*ready)(void *ctx, struct wire *w); /* the handshake is done: wire_facts */
	void (*message)(void *ctx, struct wire *w, const struct wire_message *m);
	void (*drained)(void *ctx, struct wire *w); /* low mark reached after ERR_BUSY; or NULL */
	/* It has ended: wire_ended says how. Called once, from the loop. Free it then. */
	void (*closed)(void *ctx, struct wire *w);
	void *ctx;
};

/* The fd is closed and NULL returned when memory for TLS is refused. */
struct wire *wire_new(const struct wire_options *options);
/* Ends it at once, without a word. May be called from its callbacks. NULL allowed. */
void wire_free(struct wire *w);

/* What the handshake settled; zeroes before `ready`. */
const struct tls_facts *wire_facts(const struct wire *w);
/* Queues one message, copied. ERR_BUSY above the high mark, ERR_LIMIT, ERR_CLOSED (also before
 * `ready`). Nothing is queued when it fails. */
MUST_USE enum err wire_send(struct wire *w, const struct wire_message *m);
/* For what must not be refused because of others' volume: ERR_LIMIT or ERR_CLOSED only. */
MUST_USE enum err wire_send_always(struct wire *w, const struct wire_message *m);
/* Ahead of everything that is queued, behind others like it; a message that is on its way ends
 * first. ERR_BUSY when so much is queued ahead; ERR_LIMIT, ERR_CLOSED. */
MUST_USE enum err wire_send_ahead(struct wire *w, const struct wire_message *m);
/* Says goodbye with a reason for people, sends what was queued before it (for 2 s at most), then
 * ends: `closed` is called. Nothing more is received or taken. */
void wire_close(struct wire *w, struct str reason);
/* What the other side may send from now on: little before it is known, more after. */
void wire_set_body_max(struct wire *w, size_t body_max);
/* Stops and resumes reading: back-pressure. */
void wire_pause(struct wire *w, bool pause);
size_t wire_queued(const struct wire *w);

struct wire_counts {
	uint64_t messages_in, messages_out;
	uint64_t bytes_in, bytes_out;   /* inside TLS, frames' headers included */
	uint64_t fillers_in;            /* of messages_in: the other side keeps a pace */
	uint64_t fillers_out;           /* likewise of ours */
	uint64_t filled_in, filled_out; /* bytes of these */
};
struct wire_counts wire_counts(const struct wire *w);
/* How it ended; *text (may be NULL) gets the words, as long as the wire lives. */
enum wire_end wire_ended(const struct wire *w, struct str *text);
