/* SPDX-License-Identifier: Apache-2.0 */
/* An event of a sensor as observed data: the observables that a Suricata EVE line tells of, as STIX
 * 2.1 objects. Values are in the canonical form under which indicators are
 * indexed. Pure. */
#pragma once

#include "base/buf.h"
#include "match/matcher.h"
#include "pattern/observation.h"

/* OBJECTS: of one event, further ones are left out; MEMORY: of all that it becomes. */
enum { OBSERVE_OBJECTS_MAX = 64, OBSERVE_MEMORY = 16 << 20, OBSERVE_TEXT_MAX = 4096 };

/* What the observables of an event are; each a bit. */
enum observe_type {
	OBSERVE_ADDRESS = 1,
	OBSERVE_DOMAIN = 2,
	OBSERVE_URL = 4,
	OBSERVE_EMAIL = 8,
	OBSERVE_MESSAGE = 16,
	OBSERVE_FILE = 32,
	OBSERVE_CERTIFICATE = 64,
	OBSERVE_TRAFFIC = 128,
	OBSERVE_ALL = 255,
};

struct observed_object {
	struct str id, type;
	struct str text;    /* JSON */
	struct str members; /* what of that stands between braces beside the type */
	yyjson_val *json;
};

struct observed {
	struct observed_object list[OBSERVE_OBJECTS_MAX];
	size_t count;
	bool cut; /* there was more than fits */
};

enum observe_ids {
	OBSERVE_LOCAL,         /* good within the event, as patterns need them */
	OBSERVE_DETERMINISTIC, /* STIX 2.1 section 2.9 */
};

/* Of the types that are asked for, and of what these refer to; there may be others. Strings live in
 * the arena. ERR_PARSE, ERR_LIMIT, ERR_NOMEM: the line cannot be read. */
MUST_USE enum err observe(struct observed *out, struct arena *arena,
    const struct match_event *event, enum observe_ids ids, unsigned types);
/* Whether the field's values are taken of the event; all others are read from its line. */
bool observe_takes(enum eve_field field);
/* The name of a file, without its folders. */
struct str observe_file_name(struct str path);
/* As patterns look at it; ERR_NOMEM. */
MUST_USE enum err observed_at(
    struct pattern_observation *out, struct arena *arena, const struct observed *o, usec when);
/* Appends the object whole. */
void observed_put(struct buf *out, const struct observed_object *o);
