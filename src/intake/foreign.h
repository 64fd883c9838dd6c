/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a submitted file apart into STIX objects: bundles and envelopes of STIX 2.1 and 2.0, one
 * object a line, CSV with a header, and plain lists. Values of CSV and lists become indicators made
 * by the node's identity, whose ids follow from source, kind and value, so that the same list twice
 * gives the same objects. One bad member never spoils others. The man page has the mapping. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "stix/equality.h"
#include "stix/marking.h"

enum foreign_format {
	FOREIGN_AUTO,
	FOREIGN_STIX,  /* {"objects":[...]} */
	FOREIGN_LINES, /* an object a line */
	FOREIGN_CSV,
	FOREIGN_LIST,
	FOREIGN_FORMATS,
};

enum {
	FOREIGN_LINE_MAX = 64 << 10, /* bytes of a line of a list */
	FOREIGN_LABELS_MAX = 50,     /* in the column "labels" */
};

/* FOREIGN_FORMATS when it is none. */
enum foreign_format foreign_format_of(struct str name);

struct foreign_options {
	enum foreign_format format;
	struct str identity; /* id of the node's identity object; STR_NONE: nobody */
	struct str source;   /* what the ids of made indicators are tied to */
	enum tlp tlp;        /* marking of made indicators; TLP_NONE: none */
	usec now;
	bool plain; /* indicators out of plain values are not written: items have `value` only */
};

struct foreign;

/* `text` and the options' strings must stay. ERR_PARSE when it is not of the format at all. */
MUST_USE enum err foreign_open(struct foreign **out, struct str text,
    const struct foreign_options *options, struct fault *fault);
void foreign_free(struct foreign *f); /* NULL allowed */

/* What an indicator out of a plain value says. */
struct foreign_value {
	struct uuid id;
	struct term term; /* in the arena */
	usec from, until; /* until 0: for ever */
};

struct foreign_item {
	struct str json;            /* one object's bytes: as received, or in the arena when made */
	bool made;                  /* out of a plain value */
	struct foreign_value value; /* when made */
};

/* ERR_NOT_FOUND at the end; OK; else a member that cannot be used: the fault says where and why,
 * and the next call goes on behind it. */
MUST_USE enum err foreign_next(
    struct foreign *f, struct foreign_item *out, struct arena *arena, struct fault *fault);

bool foreign_is_members(const struct foreign *f); /* of a list "objects"; else lines */
size_t foreign_line(const struct foreign *f);     /* of the item last given, from 1 */

/* A made indicator in two versions that differ in nothing but the times of their making. */
bool foreign_made_same(struct str a, struct str b);
/* The bytes of `now` with the time of creation of `old`. */
struct str foreign_made_again(struct arena *arena, struct str now, struct str old);
