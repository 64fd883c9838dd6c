/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the members of a JSON object or the elements of a list as ranges of the text they came in,
 * so that what is inside keeps its bytes. It finds where values end and no more: each range still
 * goes through json_parse, or is walked itself. Bounded by the text; no recursion. */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct walk {
	struct str rest;
	char close; /* '}' or ']' */
	bool first;
};

/* `open` is '{' or '['. ERR_PARSE when the value is nothing of the kind. */
MUST_USE enum err walk_open(struct walk *w, struct str value, char open);
/* The next member or element; `key` (NULL in lists) is the text between its quotes, undecoded.
 * ERR_NOT_FOUND at the end, ERR_PARSE when the text is not JSON here. */
MUST_USE enum err walk_next(struct walk *w, struct str *key, struct str *value);
/* Whether all of its members can be walked. */
bool walk_is_object(struct str value);
/* The value of a member of an object; STR_NONE when it is not there. */
struct str walk_find(struct str object, struct str key);
/* What is between the quotes of a string without escapes; STR_NONE for anything else. */
struct str walk_text(struct str value);
