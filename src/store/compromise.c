/* SPDX-License-Identifier: Apache-2.0 */
#include "store/compromise.h"

#include <inttypes.h>

#include "codec/time.h"

enum { IDENTITY_MAX = 255, KEY_LINE_MAX = 1024 };

void compromise_text(struct buf *out, const struct compromise *c)
{
	char when[TIME_TEXT + 1];

	buf_put(out, COMPROMISE_HEAD);
	time_format(when, c->time);
	buf_printf(out, "%.*s\n%s\n", STR_ARG(c->identity), when);
	time_format(when, c->since);
	buf_printf(out, "%s\n", when);
	for (size_t i = 0; i < c->count; i++)
		buf_printf(out, "%.*s\n", STR_ARG(c->keys[i]));
}

/* The keys, to the end of the text or the empty line before signatures. */
static bool read_keys(struct compromise *c, struct str *rest)
{
	while (rest->p && rest->n > 0 && rest->p[0] != '\n') {
		struct str key = str_cut(rest, '\n');

		if (c->count == COMPROMISE_KEYS_MAX || key.n > KEY_LINE_MAX || !rest->p)
			return false;
		c->keys[c->count++] = key;
	}
	return c->count > 0;
}

/* What compromise_text would write, and nothing else, is the beginning of `text`. */
static bool spelled_as(struct str text, size_t n, const struct compromise *c)
{
	struct buf again;
	bool same;

	buf_init(&again, ROTATION_NOTE_MAX);
	compromise_text(&again, c);
	same = again.failed == OK && str_eq(str_slice(text, 0, n), buf_str(&again));
	buf_free(&again);
	return same;
}

enum err compromise_read(struct compromise *out, struct str text, struct fault *fault)
{
	struct compromise c = {.count = 0};
	struct str rest = str_from(text, COMPROMISE_HEAD.n);
	struct str when, since;

	if (text.n > ROTATION_NOTE_MAX || !str_starts(text, COMPROMISE_HEAD))
		return fail(fault, ERR_PARSE, "compromise: not such a statement");
	c.identity = str_cut(&rest, '\n');
	when = str_cut(&rest, '\n');
	since = str_cut(&rest, '\n');
	if (c.identity.n == 0 || c.identity.n > IDENTITY_MAX ||
	    time_parse_utc(&c.time, when) != OK || time_parse_utc(&c.since, since) != OK ||
	    !read_keys(&c, &rest) || !spelled_as(text, text.n - rest.n, &c))
		return fail(fault, ERR_PARSE, "compromise: not in its one form");
	*out = c;
	return OK;
}

bool compromise_names(const struct compromise *c, struct str key)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_eq(c->keys[i], key))
			return true;
	return false;
}

struct str compromise_path(struct arena *arena, struct str identity, uint64_t number)
{
	return arena_printf(arena, COMPROMISE_PREFIX "%.*s/%" PRIu64, STR_ARG(identity), number);
}

uint64_t compromise_count(const struct store *s, struct str identity, struct arena *arena)
{
	return numbered_count(s, compromise_path, identity, COMPROMISES_MAX, arena);
}

enum err compromise_note(struct str *out, const struct store *s, struct str identity,
    uint64_t number, struct arena *arena)
{
	return numbered_note(out, s, compromise_path, identity, number, arena);
}
