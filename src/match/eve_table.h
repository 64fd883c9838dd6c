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
	EVE_IS_ANSWER_NAME, /* of an element of dns.answers */
	EVE_IS_ANSWER_TYPE,
	EVE_IS_ANSWER_DATA,
	EVE_IS_ANSWER_ADDRESSES, /* the answers again, by type; some versions give only these */
	EVE_IS_ANSWER_NAMES,
	EVE_IS_ANSWER_OTHERWISE, /* as older versions and alerts have it: it is there */
	EVE_IS_TEXT,             /* a trait alone */
	EVE_IS_NUMBER,           /* the same, of digits */
};

struct eve_shape;

enum eve_shape_id {
	EVE_SHAPE_EVENT,
	EVE_SHAPE_QUERIES,
	EVE_SHAPE_QUERY,
	EVE_SHAPE_ANSWER,
	EVE_SHAPE_GROUPED,
	EVE_SHAPE_OTHERWISE,
	EVE_SHAPE_DNS,
	EVE_SHAPE_TLS,
	EVE_SHAPE_TLS_JA3,
	EVE_SHAPE_TLS_JA3S,
	EVE_SHAPE_QUIC,
	EVE_SHAPE_QUIC_JA3,
	EVE_SHAPE_QUIC_JA3S,
	EVE_SHAPE_HTTP,
	EVE_SHAPE_SMTP,
	EVE_SHAPE_EMAIL,
	EVE_SHAPE_FILE,
	EVE_SHAPE_FILES,
	EVE_SHAPE_FLOW,
	EVE_SHAPES,
};

struct eve_row {
	struct str key;
	enum eve_what what;
	enum eve_field field;
	const struct eve_shape *shape;
	enum eve_trait trait; /* that it gives as well */
};

/* Whether a number of the row is read at all. */
static inline bool eve_row_counts(const struct eve_row *row)
{
	return row->what == EVE_IS_HTTP_PORT || row->what == EVE_IS_NUMBER;
}

/* An object with rows for some of its members. */
struct eve_shape {
	enum eve_shape_id id;
	const struct eve_row *rows;
	size_t count;
};

extern const struct eve_shape EVE_EVENT;

/* The rows of a shape by the first eight bytes of their keys: one place to look in for any key. */
enum { EVE_KEY_PLACES = 64 };
struct eve_keys {
	struct eve_key {
		uint64_t word; /* of the key, zero behind its end */
		const struct eve_row *row;
	} places[EVE_KEY_PLACES];
	uint64_t factor; /* under which no two of the shape's keys meet */
};

/* One for each shape that can be come by; as if the table had values and what is wanted alone
 * (EVE_WANT_*), and no object in which there is neither. */
void eve_keys_fill(struct eve_keys keys[EVE_SHAPES], unsigned wants);

/* The name at p, up to its quote or its eighth byte. */
static inline uint64_t eve_key_word(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
	uint64_t word = bits_eight(p);
	uint64_t other = word ^ '"' * ones;              /* zero where a quote is */
	uint64_t quote = (other - ones) & ~other & high; /* the lowest of them exactly */

	return quote ? word & ((quote & (0 - quote)) - 1) >> 7 : word;
}

/* NULL when the name at p, with its quote and 8 readable bytes behind it, is none of the shape's.
 */
static inline const struct eve_row *eve_row_quick(const struct eve_keys *keys, const char *p)
{
	uint64_t word = eve_key_word(p);
	const struct eve_key *place = &keys->places[word * keys->factor >> 58];
	const struct eve_row *row = place->row;

	if (place->word != word || !row || p[row->key.n] != '"' || p[row->key.n + 1] != ':')
		return NULL;
	return row->key.n <= 8 || memcmp(row->key.p + 8, p + 8, row->key.n - 8) == 0 ? row : NULL;
}

/* The same without haste. */
const struct eve_row *eve_row_of(const struct eve_shape *shape, struct str key);

/* A line as it is being read. */
struct eve_gather {
	struct eve_event event;
	unsigned traits;            /* one bit each: those that the event has */
	struct str host, port, url; /* of the http object being read */
	bool answer;                /* the dns object being read is one */
	bool listed;                /* and has its answers one by one */
	struct eve_answer one;      /* the answer being read */
	bool one_is_known;          /* its type is one that is kept */
	size_t answers_from;        /* of the dns object being read */
	bool overflow;              /* more values than EVE_VALUES_MAX */
	size_t text_used;
	char text[2 * EVE_VALUE_MAX]; /* URLs put together; one object's at a time */
};

void eve_gather_start(struct eve_gather *g);
void eve_gather_text(struct eve_gather *g, const struct eve_row *row, struct str text);
/* Around the value of a member of the event that is EVE_IS_OBJECT; leave gets what enter gave. */
size_t eve_gather_enter(struct eve_gather *g);
/* Behind an element of an EVE_SHAPE_ANSWER. */
void eve_gather_answer(struct eve_gather *g);
void eve_gather_leave(struct eve_gather *g, size_t mark);

/* The slow way: reads the line as a tree. Texts live in the arena. */
MUST_USE enum err eve_tree(struct eve_gather *g, struct arena *arena, struct str line);
