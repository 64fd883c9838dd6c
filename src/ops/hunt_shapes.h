/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of answers about hunts; ops/schema.c alone includes this. */
#pragma once

static const struct field HUNT_VALUE[] = {
    {"n", TYPE_INT, MUST, .help = "its number in this hunt, from 0; answers name it"},
    {"value", TYPE_TEXT, MUST, .help = "in its canonical form, or the pattern as it was given"},
    {"type", TYPE_TEXT, MUST, .help = "ipv4-addr, domain-name, file:SHA-256 ... or pattern"},
    {"written", TYPE_TEXT, MAY, .help = "as the text has it, when that is another form"},
};

static const struct field HUNT_BIN[] = {
    {"time", TYPE_TIME, MUST, .help = "its start"},
    {"count", TYPE_INT, MUST, .help = "events in it"},
};

static const struct field HUNT_SOURCE[] = {
    {"name", TYPE_TEXT, MUST, .help = "of the source"},
    {"count", TYPE_INT, MUST, .help = "events of it"},
    {"first_seen", TYPE_TIME, MUST, .help = "of these, the first"},
    {"last_seen", TYPE_TIME, MUST, .help = "of these, the last"},
};

static const struct field HUNT_NAME[] = {
    {"name", TYPE_TEXT, MUST, .help = "that was asked for (passive DNS)"},
    {"answer", TYPE_TEXT, MUST, .help = "what it was answered with: an address or a name"},
    {"count", TYPE_INT, MUST, .help = "times it was"},
    {"first_seen", TYPE_TIME, MUST, .help = "the first of them"},
    {"last_seen", TYPE_TIME, MUST, .help = "the last"},
};

static const struct field HUNT_INDICATOR[] = {
    {"id", TYPE_ID, MUST, .help = "of an indicator that names the value, or what it lies in"},
    {"name", TYPE_TEXT, MAY, .help = "given by its maker"},
    {"label", TYPE_TEXT, MUST, .values = WORDS_TLP, .help = "who may see it"},
    {"source", TYPE_TEXT, MUST, .help = "where it came from"},
    {"active", TYPE_BOOL, MUST, .help = "matched against events now"},
    {"quarantined", TYPE_BOOL, MUST, .help = "held back until a person releases it"},
    {"matches", TYPE_TEXT, MAY,
        .help = "the name above the value, or the network around it, that it names; absent: the "
                "value itself"},
};

static const struct field HUNT_ANSWER[] = {
    {"n", TYPE_INT, MUST, .help = "of the value that was hunted"},
    {"value", TYPE_TEXT, MUST,
        .help = "that was seen: the one hunted, an address of that network, a name below it"},
    {"type", TYPE_TEXT, MUST, .help = "of that value"},
    {"seen", TYPE_BOOL, MUST, .help = "false: never in that time, as far as this reader may know"},
    {"count", TYPE_INT, MUST, .help = "events with it"},
    {"first_seen", TYPE_TIME, MAY, .help = "of the first of them"},
    {"last_seen", TYPE_TIME, MAY, .help = "of the last"},
    {"hosts", TYPE_INT, MUST, .help = "hosts that had it, about"},
    {"step", TYPE_INT, MUST, .help = "seconds that one of the bins is long"},
    {"bins", TYPE_SCHEMA, MUST, true, "HuntBin", NULL,
        "when it was seen, oldest first; at most 400"},
    {"sources", TYPE_SCHEMA, MUST, true, "HuntSource", NULL, "who saw it, by name; at most 64"},
    {"names", TYPE_SCHEMA, MUST, true, "HuntName", NULL,
        "passive DNS, from either end; at most 50, the newest"},
    {"indicators", TYPE_SCHEMA, MUST, true, "HuntIndicator", NULL,
        "that name it, newest first, then those that match it by a name above it or a network "
        "around it, the nearest first; at most 20"},
    {"more", TYPE_BOOL, MUST,
        .help = "there is more than this answer, or the answers to this value, can hold"},
    {"refused", TYPE_TEXT, MAY, .help = "why it cannot be hunted"},
};

static const struct field HUNT_END[] = {
    {"values", TYPE_INT, MUST, .help = "that were hunted"},
    {"seen", TYPE_INT, MUST, .help = "of these, those that were seen"},
    {"refused", TYPE_INT, MUST, .help = "of these, those that cannot be hunted"},
    {"left_out", TYPE_BOOL, MUST, .help = "the text holds more than the 10,000 values of one hunt"},
    {"since", TYPE_TIME, MAY, .help = "when what was looked at begins; absent: with the history"},
    {"until", TYPE_TIME, MUST, .help = "where it ends"},
};

static const struct field HUNT_EVENT[] = {
    {"value", TYPE_SCHEMA, MAY, .of = "HuntValue",
        .help = "event: value; all of them come before the first answer"},
    {"answer", TYPE_SCHEMA, MAY, .of = "HuntAnswer",
        .help = "event: answer; at least one for each value, in the order of their numbers"},
    {"end", TYPE_SCHEMA, MAY, .of = "HuntEnd", .help = "event: end; nothing comes behind it"},
    {"problem", TYPE_SCHEMA, MAY, .of = "ProblemBody",
        .help = "event: problem; in place of the end: the hunt was broken off"},
};

static const struct field SAVED_HUNT[] = {
    {"name", TYPE_TEXT, MUST, .help = "by which it is run again"},
    {"text", TYPE_TEXT, MUST, .help = "with the values that it is after"},
    {"by", TYPE_TEXT, MUST, .help = "account that saved it"},
    {"saved", TYPE_TIME, MUST, .help = "when"},
    {"answered", TYPE_TIME, MAY, .help = "up to when it was answered: what is seen later is new"},
    {"news", TYPE_INT, MAY,
        .help = "in a list: observations since then, or since it was saved, at least, as far as "
                "this reader may know"},
    {"last_new", TYPE_TIME, MAY, .help = "of these, the last"},
    {"more", TYPE_BOOL, MAY, .help = "in a list: not everything could be looked at"},
};

#define SHAPES_HUNTS                                                                               \
	SHAPE("HuntEvent", HUNT_EVENT,                                                             \
	    "Server-sent events of a hunt: the member's name is the event, its value the data"),   \
	    SHAPE("HuntValue", HUNT_VALUE, "A value that a hunt found in its text"),               \
	    SHAPE("HuntAnswer", HUNT_ANSWER, "Where and when a value was seen"),                   \
	    SHAPE("HuntBin", HUNT_BIN, "Events of a while"),                                       \
	    SHAPE("HuntSource", HUNT_SOURCE, "What one source saw of a value"),                    \
	    SHAPE("HuntName", HUNT_NAME, "A name and what it was answered with"),                  \
	    SHAPE("HuntIndicator", HUNT_INDICATOR, "An indicator that names or matches a value"),  \
	    SHAPE("HuntEnd", HUNT_END, "What a hunt came to"),                                     \
	    SHAPE("SavedHunt", SAVED_HUNT, "A hunt that is kept under a name")
