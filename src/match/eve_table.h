/* SPDX-License-Identifier: Apache-2.0 */
/* The table of EVE fields, and the gathering of their values that both ways of reading a line
 * share. Private to match/. */
#pragma once

#include <string.h>

#include "match/eve.h"

enum eve_what {
	EVE_IS_TIMESTAMP,
	EVE_IS_VALUE,     /* a text, or a list of them */
	EVE_IS_MAILBOX,   /* the same, perhaps as "Name <address>" */
	EVE_IS_OBJECT,    /* goes on in `shape`; an object or a list of them */
	EVE_IS_DNS_TYPE,  /* "answer" and "response" take back what the dns object said */
	EVE_IS_HTTP_HOST, /* a value, and the first part of the URL */
	EVE_IS_HTTP_PORT,
	EVE_IS_HTTP_URL,
};

struct eve_shape;

struct eve_row {
	struct str key;
	enum eve_what what;
	enum eve_field field;
	const struct eve_shape *shape;
};

struct eve_shape {
	const struct eve_row *rows;
	size_t count;
	uint64_t lengths; /* bit n: some key has n bytes; sorts out most keys at once */
};

extern const struct eve_shape EVE_EVENT;

/* NULL when the key is none of the shape's. */
static inline const struct eve_row *eve_row_of(const struct eve_shape *shape, struct str key)
{
	if (key.n == 0 || key.n > 63 || !(shape->lengths >> key.n & 1))
		return NULL;
	for (const struct eve_row *r = shape->rows; r < shape->rows + shape->count; r++)
		if (r->key.n == key.n && r->key.p[0] == key.p[0] &&
		    memcmp(r->key.p, key.p, key.n) == 0)
			return r;
	return NULL;
}

/* A line as it is being read. */
struct eve_gather {
	struct eve_event event;
	struct str host, port, url; /* of the http object being read */
	bool answer;                /* the dns object being read is one */
	bool overflow;              /* more values than EVE_VALUES_MAX */
	size_t text_used;
	char text[2 * EVE_VALUE_MAX]; /* URLs put together; one object's at a time */
};

void eve_gather_start(struct eve_gather *g);
void eve_gather_text(struct eve_gather *g, const struct eve_row *row, struct str text);
/* Around the value of a member of the event that is EVE_IS_OBJECT; leave gets what enter gave. */
size_t eve_gather_enter(struct eve_gather *g);
void eve_gather_leave(struct eve_gather *g, size_t mark);

/* The slow way: reads the line as a tree. Texts live in the arena. */
MUST_USE enum err eve_tree(struct eve_gather *g, struct arena *arena, struct str line);
