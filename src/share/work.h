/* SPDX-License-Identifier: Apache-2.0 */
/* Private to share/: one TAXII request on its way through, in the request's own arena. */
#pragma once

#include "codec/json.h"
#include "gate/feed.h"
#include "share/filter.h"
#include "share/route.h"
#include "share/taxii.h"

#define TAXII_MEDIA "application/taxii+json;version=2.1"

struct taxii {
	struct taxii_options options;
};

struct work {
	const struct taxii *taxii;
	struct http_request *rq;
	struct arena *arena;
	struct reader reader; /* its name is in the arena */
	struct gate_ask ask;
	struct route route;
	struct gate_root root;             /* for all but discovery */
	struct gate_collection collection; /* from TAXII_COLLECTION on */
	bool can_read, can_write;          /* the collection's and the reader's together */
	struct fault fault;
};

/* Each ends the request. */
void work_refuse(struct work *w, int status, const char *title, const char *why);
/* With what w->fault says. */
void work_fail(struct work *w, enum err rc);
void work_reply_json(struct work *w, int status, struct str json);

/* pages.c: manifest, objects, object, versions. */
void pages_get(struct work *w);
/* The object versions of a request that names one object: for GET and DELETE. `more` beyond limit.
 */
MUST_USE enum err pages_query(
    struct work *w, const struct filter *filter, size_t limit, struct feed_page *out);
/* Whether any version of the named object is there for this reader, whatever the filters. */
MUST_USE enum err pages_exists(struct work *w, bool *out);
/* The version of an object as TAXII writes it. `text` has TIME_TEXT + 1 bytes. */
void pages_version(char *text, const struct gate_object *o);

/* write.c: POST of objects, DELETE of an object. */
void write_post(struct work *w);
void write_delete(struct work *w);
