/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that this node makes by a command, for named readers: their label, the marking that says
 * it, their versions. */
#pragma once

#include "admin/part.h"
#include "policy/label.h"
#include "store/store.h"

enum { MAKING_MAX = 64 << 10 };

/* What an object is made with. */
struct making {
	struct part *p;
	struct str marking; /* id of its marking */
	struct label label;
	usec version; /* in milliseconds, after the one before */
};

usec making_version(const struct part *p, int64_t before);
/* TLP:AMBER for these readers alone (names with commas), and the marking that says so, appended
 * when it is not there: its id follows from `space`, the readers and who says so. */
MUST_USE enum err making_mark(
    struct making *m, const struct uuid *space, struct str readers, struct fault *fault);
/* Begins the object and writes the members that all have; `created` empty: now. */
void making_head(struct json_writer *w, const struct making *m, struct str type, struct str id,
    struct str created);
MUST_USE enum err making_append(const struct making *m, struct record *r, struct fault *fault);
/* The `created` of an object that has a version here already, and that version; STR_NONE and 0. */
struct str making_before(struct part *p, struct str id, int64_t *version);
