/* SPDX-License-Identifier: Apache-2.0 */
/* What two nodes say before a session is up, and about their clocks. Bodies are JSON of a few
 * members, bounded by LINK_GREETING_MAX; they come from the network. Pure. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

enum {
	LINK_GREETING_MAX = 64 << 10, /* bytes of any message before a session is up */
	LINK_VERSION = 1,
};

enum link_message {
	LINK_HELLO = 16,      /* client: who it says it is, and what it wants */
	LINK_WELCOME = 17,    /* server: the session is up */
	LINK_JOIN = 18,       /* client: somebody invited */
	LINK_JOINED = 19,     /* server: it was; here is our statement */
	LINK_CLOCK = 20,      /* what time is it? u64 our time */
	LINK_CLOCK_BACK = 21, /* u64 the asker's time, u64 ours */
	LINK_KEYS = 22,       /* statements about the sender's keys, as core takes them */
	LINK_KEYS_TAKEN = 23, /* SHA-256 of the body of LINK_KEYS: it is in the ledger here */
};

struct hello {
	struct str identity;
	bool test; /* it only wants to know whether it would be let in */
};

struct welcome {
	struct str identity;
	usec now;
};

struct join {
	struct str id;        /* of the invitation */
	struct str proof;     /* base64 */
	struct str statement; /* signed note */
};

struct joined {
	struct str statement;
	struct str nonce;
};

void hello_put(struct buf *out, const struct hello *h);
void welcome_put(struct buf *out, const struct welcome *w);
void join_put(struct buf *out, const struct join *j);
/* Readers: strings live in the arena. ERR_PARSE with words. */
MUST_USE enum err hello_read(
    struct hello *out, struct arena *arena, struct str body, struct fault *fault);
MUST_USE enum err welcome_read(
    struct welcome *out, struct arena *arena, struct str body, struct fault *fault);
MUST_USE enum err join_read(
    struct join *out, struct arena *arena, struct str body, struct fault *fault);
MUST_USE enum err joined_read(
    struct joined *out, struct arena *arena, struct str body, struct fault *fault);

/* How far the other side's clock is ahead of ours, from one question and answer. */
struct clock_skew {
	usec skew;
	usec trip; /* there and back: the skew is known to half of it */
};
struct clock_skew clock_skew(usec asked, usec theirs, usec answered);
/* More than two seconds, whatever the trip hides. */
bool clock_is_off(const struct clock_skew *c);
