/* SPDX-License-Identifier: Apache-2.0 */
/* A package: a piece of a feed as one file, for a peer that no network leads to
 * (doc/package-format.md). Bounded reading of foreign bytes and the writer's text; whose signature
 * is under it and what the ranges hold is for others to find out. Knows no file and no key. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/rd.h"
#include "crypt/digest.h"
#include "sync/message.h"

enum {
	SYNC_PACKAGE_HEAD = 16 << 10, /* the signed header, and zeros up to here */
	SYNC_PACKAGE_LEAST = 1 << 20, /* bytes of a file; every size is a multiple of it */
	SYNC_PACKAGE_MOST = 64 << 20,
	SYNC_PACKAGE_RANGES_MAX = 1024,
	SYNC_PACKAGE_TEXT_MAX = 2 << 10, /* of what is signed */
};

#define SYNC_PACKAGE S("tocsin package 1\n")

/* Strings are borrowed. */
struct sync_package {
	struct str from, to;    /* identities */
	uint64_t serial;        /* from 1 on, for each `to` */
	struct sha256 previous; /* sync_package_name of the one before; zeros: it is the first */
	usec made;
	uint64_t begin, end; /* entries [begin, end) of the feed; none when they are the same */
	uint64_t size;       /* of the file */
	struct sha256 body;  /* of everything behind the head */
};

/* The text to be signed. */
void sync_package_put(const struct sync_package *p, struct buf *out);
/* Of a note or its text. ERR_PARSE, ERR_LIMIT. */
MUST_USE enum err sync_package_get(struct sync_package *out, struct str text, struct fault *fault);
/* What the next one names it by. */
struct sha256 sync_package_name(struct str text);
/* The note in a head; ERR_PARSE when what fills it up is not zeros. */
MUST_USE enum err sync_package_note(struct str *out, struct str head, struct fault *fault);

/* What a body begins with: ranges, each as a message SYNC_RANGE, until one of no length; the rest
 * is random. */
struct sync_piece {
	size_t at, length; /* in the body */
	uint64_t from;
	uint32_t count;
};
void sync_package_put_range(struct buf *body, struct str message);
void sync_package_put_end(struct buf *body);

struct sync_pieces {
	struct rd rest;
	size_t at;
	uint64_t next, end; /* entries */
	uint32_t left;
};
struct sync_pieces sync_package_pieces(const struct sync_package *p, struct str body);
/* ERR_NOT_FOUND behind the last; then all entries of the package were there, in order. */
MUST_USE enum err sync_package_piece(
    struct sync_pieces *p, struct sync_piece *out, struct fault *fault);
