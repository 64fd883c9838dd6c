/* SPDX-License-Identifier: Apache-2.0 */
/* A hunt: of every value in a text, whether, when and where it was seen, as far as this reader may
 * know: what a source saw is for those who may see the source's label, indicators as everywhere.
 * It is answered value by value, so that answers leave while others are looked for. The same hunt
 * of the same history has the same answers in the same order. */
#pragma once

#include "gate/read.h"
#include "stix/extract/extract.h"

struct gate_hunt;

enum {
	GATE_HUNT_BINS_MAX = 400,      /* of one answer */
	GATE_HUNT_SOURCES_MAX = 64,    /* of one answer */
	GATE_HUNT_NAMES_MAX = 50,      /* of one answer */
	GATE_HUNT_INDICATORS_MAX = 20, /* of one answer */
	GATE_HUNT_ANSWERS_MAX = 1000,  /* to one value: of a network, or names below a name */
	/* Entries of the history looked at for one value by network; and what one of them costs
	 * that a pattern is asked of. */
	GATE_HUNT_LOOK_MAX = 1 << 20,
	GATE_HUNT_SCAN_COST = 8,
	/* Names and networks looked up, and indicators told, for all answers to one value. */
	GATE_HUNT_WIDER_MAX = 1 << 15,
	GATE_HUNT_TOLD_MAX = 1000,
};

struct gate_hunt_options {
	struct str text; /* with the values; at most EXTRACT_TEXT_MAX bytes */
	usec since;      /* 0: all that there is */
	usec until;      /* 0: now */
	bool exact;      /* a name without those below it */
	bool patient;    /* no limit to what is looked at for one value */
};

struct gate_hunt_value {
	struct str value, type;
	struct str written; /* STR_NONE when it is written as it is */
};

struct gate_hunt_bin {
	usec time;
	uint64_t count;
};

struct gate_hunt_source {
	struct str name;
	uint64_t count;
	usec first, last;
};

struct gate_hunt_name {
	struct str name, answer;
	uint64_t count;
	usec first, last;
};

struct gate_hunt_indicator {
	struct gate_indicator is;
	struct str
	    by; /* the name above the value or the network around it that it names; else "" */
};

struct gate_hunt_answer {
	size_t n; /* of the value that was hunted */
	struct str value, type;
	struct term term; /* the value again, as the history has it */
	uint64_t count;   /* 0: never seen */
	usec first, last;
	unsigned hosts; /* about */
	usec step;
	struct gate_hunt_bin *bins;
	size_t bin_count;
	struct gate_hunt_source *sources;
	size_t source_count;
	struct gate_hunt_name *names;
	size_t name_count;
	struct gate_hunt_indicator *indicators; /* the value's own first, then the nearest */
	size_t indicator_count;
	bool more;          /* than this holds, or than the answers to the value do */
	struct str refused; /* why it cannot be hunted; else STR_NONE */
};

struct gate_hunt_answers {
	struct gate_hunt_answer *items; /* at least one */
	size_t count;
};

/* Takes the values out of the text and what there is of the history now. ERR_INVALID when the text
 * holds no value, ERR_LIMIT. */
MUST_USE enum err gate_hunt_new(struct gate_hunt **out, const struct gate_ask *ask,
    const struct gate_hunt_options *options, struct fault *fault);
void gate_hunt_free(struct gate_hunt *h); /* NULL allowed */

size_t gate_hunt_count(const struct gate_hunt *h);
/* In the ask's arena. */
struct gate_hunt_value gate_hunt_value(
    const struct gate_hunt *h, const struct gate_ask *ask, size_t n);
bool gate_hunt_more(const struct gate_hunt *h); /* the text holds more values than one hunt may */
usec gate_hunt_since(const struct gate_hunt *h);
usec gate_hunt_until(const struct gate_hunt *h);

/* The answers to the next value, in the ask's arena; ERR_NOT_FOUND when all are given. The gate and
 * the reader must be those that it was made for. */
MUST_USE enum err gate_hunt_next(struct gate_hunt *h, const struct gate_ask *ask,
    struct gate_hunt_answers *out, struct fault *fault);
