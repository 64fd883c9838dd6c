/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names in commands and decisions: "a,b" as people give them, ["a","b"] as decisions hold
 * them. Names are those of policy/names.h. */
#pragma once

#include "base/arena.h"
#include "codec/json.h"

enum { LIST_TEXT_MAX = 1500 };

/* ERR_INVALID or ERR_LIMIT, naming `what` and the first name that is none. Empty parts are none. */
MUST_USE enum err list_check(struct str text, const char *what, struct fault *fault);
/* As a list of strings; nothing when text is STR_NONE. */
void list_put(struct json_writer *w, const char *key, struct str text);
/* The text of a decision's list, in the arena; STR_NONE when it is not there. */
struct str list_text(struct arena *arena, yyjson_val *list);
