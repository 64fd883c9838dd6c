/* SPDX-License-Identifier: Apache-2.0 */
/* How values are filed: one order of bytes in which what belongs together lies together. A key is
 * the number of its kind and the value, a name with its labels from the right ("example.evil.www"),
 * so that a network, and a name with all below it, are ranges. A pair is filed twice, from the name
 * and from the answer. The numbers are of the file format: they never change. Private to history/.
 */
#pragma once

#include "history/table.h"

enum {
	KEY_MAX = 1 + HISTORY_VALUE_MAX,
	KEY_PAIR_MAX = 3 + 2 * HISTORY_NAME_MAX,
	KEY_KIND_PAIRS = 0x80, /* name, NUL, answer: kind and value */
	KEY_KIND_NAMES = 0x81, /* answer: kind and value, NUL when it is a name; name */
};

/* The number of a kind; terms that can be none of a value: 0. */
unsigned char key_kind(enum term_kind kind);
/* Whether it can be a value of the history: no network, of its kind's size, text that is text. */
bool key_takes(const struct term *t);
/* Bytes put, one more than the value has; the term must be one that key_takes() takes. */
size_t key_put(char *out, const struct term *t);
/* KEY_PAIR_MAX bytes at most. Of two terms that key_takes() takes, the name a domain, the answer an
 * address or a domain. */
size_t key_put_pair(char *out, const struct term *name, const struct term *answer);
size_t key_put_name(char *out, const struct term *answer, const struct term *name);

/* What a key stands for, from bytes that may be anything: false when it is none. A value lies in
 * the key, a name in `room`. */
struct key_room {
	char name[HISTORY_NAME_MAX], answer[HISTORY_NAME_MAX];
};
bool key_get(struct term *out, struct key_room *room, struct str key);
bool key_get_pair(struct term *name, struct term *answer, struct key_room *room, struct str key);
/* Of a pair or of a value. */
bool key_valid(struct str key);

static inline bool key_is_pair(struct str key)
{
	return key.n > 0 && (unsigned char)key.p[0] >= KEY_KIND_PAIRS;
}

/* The labels of a name in the other order; twice is the name again. `out` is not within `name`. */
void key_turn(char *out, struct str name);
