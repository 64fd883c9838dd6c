/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table of operations about needs; ops/ops.c alone includes this. */
#pragma once

static const struct op_param NEED_LIST[] = {
    PARAM_LIMIT,
    PARAM_NEXT,
    {"gap", IN_QUERY, TYPE_BOOL, MAY, 0, 0, NULL, "only those without a supplier"},
};

static const struct op_param NEED_ADD[] = {
    {"community", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL, "whose members are asked"},
    {"type", IN_BODY, TYPE_TEXT, MUST, 1, 60, NULL, "the STIX type that is needed"},
    {"text", IN_BODY, TYPE_TEXT, MAY, 1, 1000, NULL, "for people"},
    {"expires", IN_BODY, TYPE_TIME, MAY, 20, 40, NULL, "until when; for ever when not given"},
};

#define PARAM_NEED {"id", IN_PATH, TYPE_ID, MUST, 1, 255, NULL, "of the need"}

static const struct op_param NEED_CLOSE[] = {PARAM_NEED};

static const struct op_param NEED_ANSWER[] = {
    PARAM_NEED,
    {"reason", IN_BODY, TYPE_TEXT, MAY, 1, 1000, NULL, "told to who asks"},
};

#define NEED_WRITE(word, params, says)                                                             \
	{.name = "need." word,                                                                     \
	    .method = OP_POST,                                                                     \
	    .path = "/needs/{id}/" word,                                                           \
	    .verb = "need " word,                                                                  \
	    .action = ACTION_DELETE,                                                               \
	    .kind = OP_WRITE,                                                                      \
	    PARAMS(params),                                                                        \
	    .result = "NeedAnswer",                                                                \
	    .answer = ANSWER_ONE,                                                                  \
	    .help = (says)}

#define OPS_NEEDS                                                                                  \
	{.name = "need.list",                                                                      \
	    .method = OP_GET,                                                                      \
	    .path = "/needs",                                                                      \
	    .verb = "need list",                                                                   \
	    .action = ACTION_AUDIT,                                                                \
	    .kind = OP_READ,                                                                       \
	    PARAMS(NEED_LIST),                                                                     \
	    .result = "Need",                                                                      \
	    .answer = ANSWER_PAGE,                                                                 \
	    .help = "List what this node and its peers ask for, and what became of it"},           \
	    {.name = "need.add",                                                                   \
	        .method = OP_POST,                                                                 \
	        .path = "/needs",                                                                  \
	        .verb = "need add",                                                                \
	        .action = ACTION_DELETE,                                                           \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(NEED_ADD),                                                                  \
	        .result = "NeedAnswer",                                                            \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Ask the members of a community for objects of a type"},                   \
	    NEED_WRITE("close", NEED_CLOSE, "Say that what was asked for is needed no more"),      \
	    NEED_WRITE("offer", NEED_ANSWER, "Say to who asks that this node can supply it"),      \
	    NEED_WRITE(                                                                            \
	        "decline", NEED_ANSWER, "Say to who asks that this node does not supply it")
