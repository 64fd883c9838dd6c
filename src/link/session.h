/* SPDX-License-Identifier: Apache-2.0 */
/* What plugs into the link: an engine that is told when an authenticated, active peer is there and
 * talks to it. The link keeps the connection, the engine knows what is said. One session a peer at
 * most; `up` comes again after every reconnect. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "codec/json.h"

enum { LINK_ENGINE_TYPES = 0x100 }; /* message types from here on are the engine's own */

struct link_session; /* to send on; valid from up to down */

/* A peer as its decision says; strings are borrowed, valid as long as the session. */
struct link_peer {
	struct str name;      /* ours for it */
	struct str state;     /* "met", "active" or "cut" */
	struct str identity;  /* its STIX identity */
	struct str origin;    /* of its ledger */
	struct str cert;      /* SHA-256 of its link certificate, hexadecimal */
	struct str next_cert; /* of one that it has announced; STR_NONE: none */
	struct str address;   /* HOST:PORT; STR_NONE: it dials us */
	bool post_quantum;    /* it is never spoken to without */
};

/* Every function may be NULL. `state` is what `up` returned for the session. */
struct link_engine {
	void *ctx;
	void *(*up)(void *ctx, struct link_session *s, const struct link_peer *peer);
	/* Not OK: the link says goodbye with the fault's text. */
	enum err (*message)(void *state, uint16_t type, struct str body, struct fault *fault);
	void (*drained)(void *state); /* low mark reached after ERR_BUSY */
	void (*down)(void *state);    /* frees it */
	/* Records durable, and records that every view has taken. */
	void (*committed)(void *state, uint64_t size, uint64_t views);
	/* Members of the peer's status. */
	void (*status)(void *state, struct json_writer *w);
};

/* ERR_BUSY above the high mark (4 MB waiting), ERR_LIMIT past WIRE_BODY_MAX, ERR_CLOSED. */
MUST_USE enum err link_session_send(struct link_session *s, uint16_t type, struct str body);
/* Ahead of what is queued (wire_send_ahead). */
MUST_USE enum err link_session_send_ahead(struct link_session *s, uint16_t type, struct str body);
void link_session_pause(struct link_session *s, bool pause);
/* The engine's members of the peer's status say something else now. */
void link_session_changed(struct link_session *s);
/* Says goodbye; `down` is called later, from the loop. */
void link_session_end(struct link_session *s, struct str reason);
