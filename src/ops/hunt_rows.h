/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table of operations about hunts; ops/ops.c alone includes this. */
#pragma once

static const struct op_param HUNT_RUN[] = {
    {"since", IN_QUERY, TYPE_TIME, MAY, 20, 40, NULL,
        "only what was seen then or later; all of the history when not given"},
    {"until", IN_QUERY, TYPE_TIME, MAY, 20, 40, NULL, "only what was seen before; now"},
    {"exact", IN_QUERY, TYPE_BOOL, MAY, 0, 0, NULL, "true: a name without those below it"},
};

#define PARAM_HUNT {"name", IN_PATH, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL, "of the saved hunt"}

static const struct op_param HUNT_SAVE[] = {
    {"name", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL,
        "letters, digits, dot, underscore, hyphen; one of that name is replaced by who saved it"},
    {"text", IN_BODY, TYPE_TEXT, MUST, 1, OPS_HUNT_TEXT_MAX, NULL, "with the values to hunt"},
};

static const struct op_param HUNT_MARK[] = {
    PARAM_HUNT,
    {"until", IN_BODY, TYPE_TIME, MUST, 20, 40, NULL,
        "the end of a hunt of it that was answered; what is seen later is new"},
};

static const struct op_param HUNT_REMOVE[] = {PARAM_HUNT};

#define OPS_HUNTS                                                                                  \
	{.name = "hunt.run",                                                                       \
	    .method = OP_POST,                                                                     \
	    .path = "/hunts",                                                                      \
	    .verb = "hunt",                                                                        \
	    .action = ACTION_READ,                                                                 \
	    .kind = OP_READ,                                                                       \
	    PARAMS(HUNT_RUN),                                                                      \
	    .file = true,                                                                          \
	    .result = "HuntEvent",                                                                 \
	    .answer = ANSWER_EVENTS,                                                               \
	    .help = "Say of every value in a text whether, when and where it was seen"},           \
	    {.name = "hunt.list",                                                                  \
	        .method = OP_GET,                                                                  \
	        .path = "/saved-hunts",                                                            \
	        .verb = "hunt list",                                                               \
	        .action = ACTION_READ,                                                             \
	        .kind = OP_READ,                                                                   \
	        PARAMS(PAGE),                                                                      \
	        .result = "SavedHunt",                                                             \
	        .answer = ANSWER_PAGE,                                                             \
	        .help = "List saved hunts: one's own, and for administrators all"},                \
	    {.name = "hunt.save",                                                                  \
	        .method = OP_POST,                                                                 \
	        .path = "/saved-hunts",                                                            \
	        .verb = "hunt save",                                                               \
	        .action = ACTION_WRITE,                                                            \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(HUNT_SAVE),                                                                 \
	        .result = "SavedHunt",                                                             \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Keep the text of a hunt under a name"},                                   \
	    {.name = "hunt.mark",                                                                  \
	        .method = OP_POST,                                                                 \
	        .path = "/saved-hunts/{name}/answered",                                            \
	        .action = ACTION_WRITE,                                                            \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(HUNT_MARK),                                                                 \
	        .result = "SavedHunt",                                                             \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Say up to when a saved hunt was answered"},                               \
	    {.name = "hunt.remove",                                                                \
	        .method = OP_DELETE,                                                               \
	        .path = "/saved-hunts/{name}",                                                     \
	        .verb = "hunt remove",                                                             \
	        .action = ACTION_WRITE,                                                            \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(HUNT_REMOVE),                                                               \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Forget a saved hunt"}
