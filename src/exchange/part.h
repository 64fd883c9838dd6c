/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the core's part share. Private to exchange/. */
#pragma once

#include "base/arena.h"
#include "sync/peer.h"
#include "sys/command.h"
#include "view/egress.h"

enum { HEADS_MAX = 1024 };

struct package_writer;

struct part {
	const struct command_ctx *ctx;
	struct egress *egress;
	struct arena *arena; /* for one command */
	struct package_writer *writer;
	uint64_t
	    signed_up_to[HEADS_MAX]; /* by feed: what the signer remembers, as far as we know */
};

/* Appends a decision; the newest of its path counts. */
MUST_USE enum err part_decide(
    struct part *p, struct str path, struct str json, struct fault *fault);

/* head.c: the signed head over the first `size` entries of the feed for a peer of this identity.
 * OK: `done` is called with the note, maybe within the call. */
MUST_USE enum err head_sign(struct part *p, struct str identity, uint64_t size, rpc_done done,
    void *ctx, struct fault *fault);

/* package.c: one package at a time. */
struct package_writer *package_writer_new(struct part *p);
void package_writer_free(struct package_writer *w); /* NULL allowed */
/* "package.write" {name, size, again?} with an empty memory file, which becomes the package:
 * {serial, begin, end, size, more}. */
MUST_USE enum err package_write(struct package_writer *w, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault);
