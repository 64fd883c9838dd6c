/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share. */
#pragma once

#include <stdint.h>

#include "stix/extract/extract.h"

enum { EXTRACT_SLOTS = 1 << 15, EXTRACT_SCRATCH = 64 << 20 };

_Static_assert(EXTRACT_SLOTS >= 2 * EXTRACT_VALUES_MAX, "the table is never full");

struct extracting {
	struct arena *arena;
	struct arena *scratch; /* for one word or pattern */
	struct extract got;
	uint16_t *slots;      /* index of a value plus one, by its hash */
	size_t pattern_bytes; /* that reading patterns may still cost */
	bool in_mail;         /* a mail within a mail is a part of it */
	enum err rc;          /* ERR_NOMEM ends it */
};

/* Adds what is not there yet. */
void extract_add(struct extracting *x, const struct extracted *e);
/* A pattern: its values when it is nothing but these, else itself. False when it is none. */
bool extract_pattern(struct extracting *x, struct str text);
/* The end of what may be a pattern that begins at text.p ("[type:..."), or 0. */
size_t extract_pattern_end(struct extracting *x, struct str text);
/* A mail as it was sent: its header, the text of its parts, the digests of its files. False when it
 * is none, of which then nothing was taken. */
typedef void (*extract_text_fn)(struct extracting *x, struct str text);
bool extract_mail(struct extracting *x, struct str text, extract_text_fn take);
/* Text without patterns. */
void extract_words(struct extracting *x, struct str text);
/* What stands between delimiters, refanged; `written` is the same in the text. */
void extract_token(struct extracting *x, struct str token, struct str written);
