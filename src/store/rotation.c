/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rotation.h"

#include <inttypes.h>

#include "codec/json.h"
#include "codec/time.h"

enum { KEY_LINE_MAX = 4 << 10, IDENTITY_MAX = 255 };

void rotation_text(struct buf *out, const struct rotation *r)
{
	char when[TIME_TEXT + 1];

	time_format(when, r->time);
	buf_put(out, ROTATION_HEAD);
	buf_printf(out, "%.*s\n%s\n%" PRIu64 "\n", STR_ARG(r->identity), when, r->size);
	buf_printf(out, "%.*s\n%.*s\n", STR_ARG(r->before.key), STR_ARG(r->before.pq_key));
	buf_printf(out, "%.*s\n%.*s\n", STR_ARG(r->after.key), STR_ARG(r->after.pq_key));
}

bool key_lines_eq(const struct key_lines *a, const struct key_lines *b)
{
	return str_eq(a->key, b->key) && str_eq(a->pq_key, b->pq_key);
}

struct str key_lines_id(const struct key_lines *k)
{
	struct str rest = k->key;
	struct str name = str_cut(&rest, '+');
	size_t n = name.n + 1 + ROTATION_KEY_ID;

	return str_slice(k->key, 0, n < k->key.n ? n : k->key.n);
}

static enum err open_keys(
    struct note_keys *out, struct arena *arena, const struct key_lines *k, struct fault *fault)
{
	struct str lines;

	if (k->key.n > KEY_LINE_MAX || k->pq_key.n > KEY_LINE_MAX)
		return fail(
		    fault, ERR_LIMIT, "rotation: a key is longer than %d bytes", KEY_LINE_MAX);
	lines = arena_printf(arena, "%.*s\n%.*s", STR_ARG(k->key), STR_ARG(k->pq_key));
	if (!lines.p)
		return fail(fault, ERR_NOMEM, "no memory for keys");
	TRY(note_keys_parse(out, arena, lines, fault));
	return out->mldsa.name.p
	           ? OK
	           : fail(fault, ERR_INVALID, "rotation: Ed25519 and ML-DSA-65 keys, both");
}

/* The lines as they stand; whether that is their one spelling is found out after. */
static bool read_lines(struct rotation *out, struct str text)
{
	struct str rest = str_from(text, ROTATION_HEAD.n);
	struct rotation r = {0};
	struct str when;

	r.identity = str_cut(&rest, '\n');
	when = str_cut(&rest, '\n');
	if (str_u64(str_cut(&rest, '\n'), &r.size) != OK || time_parse_utc(&r.time, when) != OK)
		return false;
	r.before.key = str_cut(&rest, '\n');
	r.before.pq_key = str_cut(&rest, '\n');
	r.after.key = str_cut(&rest, '\n');
	r.after.pq_key = str_cut(&rest, '\n');
	*out = r;
	return r.after.pq_key.n > 0 && r.identity.n > 0 && r.identity.n <= IDENTITY_MAX;
}

static bool spelled_as(struct str text, const struct rotation *r)
{
	struct buf again;
	bool same;

	buf_init(&again, ROTATION_NOTE_MAX);
	rotation_text(&again, r);
	same = again.failed == OK && str_eq(text, buf_str(&again));
	buf_free(&again);
	return same;
}

enum err rotation_recall(
    struct rotation *out, struct arena *arena, struct str note, struct fault *fault)
{
	if (note.n > ROTATION_NOTE_MAX)
		return fail(fault, ERR_LIMIT, "rotation: more than %d bytes", ROTATION_NOTE_MAX);
	note = arena_str(arena, note);
	if (!note.p)
		return fail(fault, ERR_NOMEM, "no memory for a rotation");
	if (!str_starts(note, ROTATION_HEAD) || !read_lines(out, note))
		return fail(fault, ERR_PARSE, "rotation: not such a statement");
	return OK;
}

enum err rotation_read(
    struct rotation *out, struct arena *arena, struct str note, struct fault *fault)
{
	struct note_keys before, after;
	struct rotation r;
	struct str text;

	TRY(rotation_recall(&r, arena, note, fault));
	TRY(open_keys(&before, arena, &r.before, fault));
	TRY(open_keys(&after, arena, &r.after, fault));
	if (!str_eq(before.key.name, after.key.name) || str_eq(r.before.key, r.after.key) ||
	    str_eq(r.before.pq_key, r.after.pq_key))
		return fail(fault, ERR_INVALID,
		    "rotation: the old keys and the new ones are two pairs of one origin");
	TRY(note_open_all(&text, note, &before, fault));
	TRY(note_open_all(&text, note, &after, fault));
	if (!spelled_as(text, &r))
		return fail(fault, ERR_PARSE, "rotation: not in its one form");
	*out = r;
	return OK;
}

struct str rotation_path(struct arena *arena, struct str identity, uint64_t number)
{
	return arena_printf(arena, ROTATION_PREFIX "%.*s/%" PRIu64, STR_ARG(identity), number);
}

struct str former_path(struct arena *arena, struct str identity, uint64_t number)
{
	return arena_printf(arena, "former/%.*s/%" PRIu64, STR_ARG(identity), number);
}

static uint64_t find(const struct store *s, numbered_path path_of, struct str identity,
    uint64_t number, struct arena *arena)
{
	struct str path = path_of(arena, identity, number);
	uint64_t seq = path.p && path.n <= STORE_ID_MAX ? store_find(s, path) : STORE_NONE;

	return seq != STORE_NONE && store_row(s, seq)->kind == RECORD_DECISION ? seq : STORE_NONE;
}

uint64_t numbered_count(const struct store *s, numbered_path path, struct str identity,
    uint64_t most, struct arena *arena)
{
	uint64_t n = 0;

	while (n < most && find(s, path, identity, n + 1, arena) != STORE_NONE)
		n++;
	return n;
}

enum err numbered_note(struct str *out, const struct store *s, numbered_path path,
    struct str identity, uint64_t number, struct arena *arena)
{
	uint64_t seq = find(s, path, identity, number, arena);

	if (seq == STORE_NONE)
		return ERR_NOT_FOUND;
	*out = rotation_record_note(arena, store_content(s, seq));
	return out->p ? OK : ERR_NOT_FOUND;
}

uint64_t rotation_count(const struct store *s, struct str identity, struct arena *arena)
{
	return numbered_count(s, rotation_path, identity, ROTATIONS_MAX, arena);
}

enum err rotation_note(struct str *out, const struct store *s, struct str identity, uint64_t number,
    struct arena *arena)
{
	return numbered_note(out, s, rotation_path, identity, number, arena);
}

void rotation_record(struct buf *out, struct str note, struct str by)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "note", note);
	json_put_str(&w, "by", by);
	json_end_object(&w);
}

struct str rotation_record_note(struct arena *arena, struct str content)
{
	const struct json_limits limits = {.bytes = 1 << 20, .depth = 4};
	yyjson_val *root;

	if (!content.p || json_parse(&root, arena, content, &limits, NULL) != OK)
		return STR_NONE;
	return json_get_str(root, "note");
}
