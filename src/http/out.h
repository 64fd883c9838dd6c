/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection still has to send: a head, then pieces that are copied or borrowed, in order.
 * Gathered into records' size for the socket, so that a thousand borrowed pieces cost one copy. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

struct out_piece {
	const char *p; /* NULL: the next n bytes of `copied` */
	size_t n;
};

struct http_out {
	struct buf head;
	struct buf copied;
	struct out_piece *pieces;
	size_t count;
	size_t room;
	size_t head_at, copied_at; /* sent so far */
	size_t first, first_at;
	size_t bytes; /* of the pieces, still to send */
};

void out_init(struct http_out *o, size_t copied_max);
void out_free(struct http_out *o);
/* Forgets everything; gives large memory back. */
void out_reset(struct http_out *o);
void out_copy(struct http_out *o, struct str part);
void out_ref(struct http_out *o, struct str part);
/* Drops the pieces, keeps the head (answers to HEAD). */
void out_drop_body(struct http_out *o);
size_t out_left(const struct http_out *o);
/* Copies the next bytes to send; the same ones again until out_sent. */
size_t out_gather(const struct http_out *o, char *to, size_t room);
void out_sent(struct http_out *o, size_t n);
