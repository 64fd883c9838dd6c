/* SPDX-License-Identifier: Apache-2.0 */
/* The node's rules for its guard, as compiled into views/guard when the node starts
 * (view/guard/make.h), mapped by whoever judges indicators. It is no view: it comes from
 * tocsin.conf and what that names, and its stamp is part of the match view's head. */
#pragma once

#include "crypt/digest.h"
#include "policy/guard/rules.h"

#define GUARD_BOOK_FILE "guard"

struct guard_book;

/* `views` is the node's folder of views. A node without the file has the program's tables alone.
 * ERR_CORRUPT when it is damaged: starting the node makes it anew. */
MUST_USE enum err guard_book_open(struct guard_book **out, struct str views, struct fault *fault);
void guard_book_close(struct guard_book *b); /* NULL allowed */
/* Equal stamps judge alike; zeroes when there is no file. */
struct sha256 guard_book_stamp(const struct guard_book *b);

struct guard_verdict {
	enum guard_class class; /* GUARD_NONE: nothing speaks against it */
	struct str reason;      /* as people read it, behind the value; in the arena */
};

/* `b` NULL: the program's tables alone. */
void guard_book_judge(
    struct guard_verdict *out, struct guard_book *b, struct arena *arena, const struct term *t);
