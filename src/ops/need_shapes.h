/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of answers about needs; ops/schema.c alone includes this. */
#pragma once

static const char *const WORDS_NEED[] = {"open", "closed", "over", NULL};
static const char *const WORDS_NEED_ANSWER[] = {"none", "offered", "declined", NULL};

static const struct field NEED_SIDE[] = {
    {"peer", TYPE_TEXT, MUST, .help = "that was asked, or that asks"},
    {"answer", TYPE_TEXT, MUST, .values = WORDS_NEED_ANSWER,
        .help = "its word, or this node's to it; none is a normal answer"},
    {"reason", TYPE_TEXT, MAY, .help = "in its own words"},
    {"delivered", TYPE_INT, MUST, .help = "objects of that type that went since it was asked"},
    {"first", TYPE_TIME, MAY, .help = "when the first did"},
    {"latency_s", TYPE_REAL, MAY, .help = "seconds from the need to the first"},
    {"withheld", TYPE_INT, MAY, .help = "objects of that type here that it does not get"},
    {"rule", TYPE_TEXT, MAY, .help = "that keeps most of these from it"},
    {"text", TYPE_TEXT, MAY, .help = "the rule, for people"},
};

static const struct field NEED[] = {
    {"id", TYPE_ID, MUST, .help = "of the note that says it"},
    {"own", TYPE_BOOL, MUST, .help = "this node asks"},
    {"by", TYPE_ID, MUST, .help = "identity of who asks"},
    {"community", TYPE_TEXT, MUST, .help = "whose members are asked"},
    {"type", TYPE_TEXT, MUST, .help = "the STIX type that is needed"},
    {"text", TYPE_TEXT, MUST, .help = "for people"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_NEED, .help = "over: its end has passed"},
    {"asked", TYPE_TIME, MUST, .help = "when it was entered here"},
    {"expires", TYPE_TIME, MAY, .help = "absent: never"},
    {"gap", TYPE_BOOL, MUST, .help = "it is open, and nobody has delivered or offered"},
    {"sides", TYPE_SCHEMA, MUST, true, "NeedSide", NULL, "what became of it with each peer"},
};

static const struct field NEED_ANSWER[] = {
    {"id", TYPE_ID, MUST, .help = "of the need"},
};

static const struct field EXCHANGE_NEED[] = {
    {"own", TYPE_BOOL, MUST, .help = "this node asks it; else it asks this node"},
    {"type", TYPE_TEXT, MUST, .help = "STIX type"},
    {"requested", TYPE_INT, MUST, .help = "needs"},
    {"offered", TYPE_INT, MUST, .help = "of these, those offered to be met"},
    {"delivered", TYPE_INT, MUST, .help = "those for which something went"},
    {"refused", TYPE_INT, MUST, .help = "those declined"},
    {"rule", TYPE_TEXT, MAY, .help = "that keeps most of what it asks for from it"},
    {"latency_s", TYPE_REAL, MAY, .help = "median seconds from a need to the first delivery"},
};

#define SHAPES_NEEDS                                                                               \
	SHAPE("Need", NEED, "What a node asks the members of a community for"),                    \
	    SHAPE("NeedSide", NEED_SIDE, "What became of a need with one peer"),                   \
	    SHAPE("NeedAnswer", NEED_ANSWER, "A need that was asked or answered"),                 \
	    SHAPE("ExchangeNeed", EXCHANGE_NEED, "Needs of one type between this node and a peer")
