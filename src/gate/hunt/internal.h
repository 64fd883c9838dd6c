/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share. */
#pragma once

#include "gate/hunt/hunt.h"
#include "gate/internal.h"
#include "history/reader.h"
#include "pattern/values.h"

/* Whose observations the reader may know of. */
struct hunt_sources {
	struct str *names; /* by bytes */
	size_t count;
};

struct gate_hunt {
	struct arena *arena;
	struct gate_hunt_options options;
	struct extract found;
	struct hunt_sources sources;
	struct pattern_values *scan; /* while it is a pattern that is hunted */
	size_t next;
	usec until;
};

bool hunt_sees(const struct hunt_sources *s, struct str source);

/* What the history has of one value of the hunt, or of those in and below it. */
MUST_USE enum err hunt_look_up(const struct gate_hunt *h, struct history_reader *r,
    const struct term *t, history_fn fn, void *ctx, struct fault *fault);

/* One answer being made. */
struct hunt_build {
	struct gate_hunt_answer *answer;
	struct history_hosts hosts;
	struct gate_hunt_bin *hours;
	size_t hour_count, hour_room, source_room;
};

/* Gathers entries of the history, which come value by value, into answers. */
struct hunt_gather {
	struct gate_hunt *hunt;
	const struct gate_ask *ask;
	struct gate_hunt_answer *items;
	size_t count, room;
	size_t looked;
	struct term term;        /* of the last item, in the ask's arena */
	struct hunt_build one;   /* the last item, while it may get more sources */
	struct hunt_build total; /* of a network: all of it */
	bool more;               /* something was left out */
	bool failed;
};

void hunt_gather_init(struct hunt_gather *g, struct gate_hunt *h, const struct gate_ask *ask);
/* A history_fn. */
bool hunt_gather_entry(void *ctx, const struct history_entry *e);
void hunt_gather_end(struct hunt_gather *g); /* the last one is whole; frees what was borrowed */
/* From now on what is gathered is summed up in an answer of its own, the first. */
void hunt_gather_total(struct hunt_gather *g, const struct term *term);
/* An answer without anything seen. NULL: no memory. */
struct gate_hunt_answer *hunt_gather_add(struct hunt_gather *g, const struct term *term);

/* Passive DNS of an answer's value. */
MUST_USE enum err hunt_names(struct gate_hunt *h, const struct gate_ask *ask,
    const struct term *term, struct gate_hunt_answer *out, struct fault *fault);

/* Gathers indicators for the answers to one value; bounded over all of them unless `patient`. */
struct hunt_known {
	const struct gate_ask *ask;
	const struct sight *sight;
	bool patient;
	size_t looked, told;
};

void hunt_known_init(struct hunt_known *k, const struct gate_ask *ask, bool patient);
/* Those that name the answer's value, a name above it or a network around it; `until`: not this,
 * nor what is wider; NULL: all. */
MUST_USE enum err hunt_known(struct hunt_known *k, struct gate_hunt_answer *a,
    const struct term *until, struct fault *fault);
