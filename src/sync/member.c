/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/member.h"

#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "codec/json.h"
#include "codec/time.h"

enum { NAME_MOST = STORE_ID_MAX, SEQ_BYTES_MAX = 10 };

/* ---- the text ---- */

static void put_hash(struct buf *out, const char *key, const struct sha256 *hash)
{
	buf_printf(out, "%s ", key);
	buf_hex(out, hash->b, SHA256_LEN);
	buf_byte(out, '\n');
}

void member_part_put(const struct member_part *p, struct buf *out)
{
	char time[TIME_TEXT + 1];

	time_format(time, p->made);
	buf_put(out, MEMBER_PART);
	buf_printf(out, "from %.*s\nto %.*s\nserial %" PRIu64 "\nmade %s\nobjects %" PRIu64 "\n",
	    STR_ARG(p->from), STR_ARG(p->to), p->serial, time, p->objects);
	put_hash(out, "previous", &p->previous);
	put_hash(out, "sha256", &p->content);
	for (struct str rest = p->back; rest.n;) {
		struct str id = str_cut(&rest, '\n');

		buf_printf(out, "back %.*s\n", STR_ARG(id));
	}
}

/* The value of the next line; STR_NONE when it is another line. */
static struct str value(struct str *rest, const char *key)
{
	struct str line = str_cut(rest, '\n');
	struct str name = str_cut(&line, ' ');

	return rest->p && str_eq(name, str_c(key)) && line.n <= NAME_MOST ? line : STR_NONE;
}

/* The rest of the text: ids, a line each, without what begins the lines. */
static bool ids(struct str *out, struct str rest, struct arena *arena)
{
	char *text = arena_alloc(arena, rest.n + 1);
	size_t n = 0;

	for (size_t count = 0; text && rest.n; count++) {
		struct str id = value(&rest, "back");

		if (id.n == 0 || count == MEMBER_BACK_MAX || n + id.n + 1 > MEMBER_BACK_BYTES_MAX)
			return false;
		memcpy(text + n, id.p, id.n);
		n += id.n;
		text[n++] = '\n';
	}
	*out = (struct str){text, n};
	return text != NULL;
}

static bool number(uint64_t *out, struct str *rest, const char *key)
{
	struct str text = value(rest, key);

	return text.n && str_u64(text, out) == OK && (text.n == 1 || text.p[0] != '0') &&
	       *out <= INT64_MAX;
}

/* Another spelling of the same is another text. */
static bool is_spelled(const struct member_part *p, struct str text)
{
	struct buf again;
	bool same;

	buf_init(&again, MEMBER_PART_TEXT_MAX);
	member_part_put(p, &again);
	same = again.failed == OK && str_eq(buf_str(&again), text);
	buf_free(&again);
	return same;
}

enum err member_part_get(
    struct member_part *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct str rest = str_from(text, MEMBER_PART.n), made;
	struct member_part p = {0};
	bool good = str_starts(text, MEMBER_PART);

	p.from = value(&rest, "from");
	p.to = value(&rest, "to");
	good = good && p.from.n && p.to.n && number(&p.serial, &rest, "serial") && p.serial > 0;
	made = value(&rest, "made");
	good = good && made.n == TIME_TEXT && time_parse_utc(&p.made, made) == OK &&
	       number(&p.objects, &rest, "objects") &&
	       str_hex(p.previous.b, SHA256_LEN, value(&rest, "previous")) &&
	       str_hex(p.content.b, SHA256_LEN, value(&rest, "sha256")) &&
	       ids(&p.back, rest, arena);
	if (!good || !is_spelled(&p, text))
		return fail(fault, ERR_PARSE, "not the text under a part for a member");
	*out = p;
	return OK;
}

/* ---- decisions ---- */

static enum err parse(yyjson_val **out, const struct store *s, uint64_t seq, struct arena *arena)
{
	return seq != STORE_NONE && store_row(s, seq)->kind == RECORD_DECISION
	           ? json_parse(out, arena, store_content(s, seq), &JSON_LIMITS_OBJECT, NULL)
	           : ERR_NOT_FOUND;
}

/* The number from which on records are about this account: one of the name that was removed before
 * is not it. */
static uint64_t begin_of(const struct store *s, struct str account, struct arena *arena)
{
	struct str path = arena_printf(arena, "account/%.*s", STR_ARG(account));
	uint64_t seq = path.p && path.n <= STORE_ID_MAX ? store_find(s, path) : STORE_NONE;

	for (; seq != STORE_NONE; seq = store_older(s, seq)) {
		yyjson_val *root;

		if (parse(&root, s, seq, arena) == OK &&
		    yyjson_get_bool(yyjson_obj_get(root, "removed")))
			return seq + 1;
	}
	return 0;
}

/* The newest of a path, if it is about the account as it is now. */
static uint64_t newest(
    const struct store *s, const char *kind, struct str account, struct arena *arena)
{
	struct str path = arena_printf(arena, "%s/%.*s", kind, STR_ARG(account));
	uint64_t seq = path.p && path.n <= STORE_ID_MAX ? store_find(s, path) : STORE_NONE;

	return seq != STORE_NONE && seq >= begin_of(s, account, arena) ? seq : STORE_NONE;
}

static usec time_in(yyjson_val *root, const char *key)
{
	usec time = 0;

	return time_parse_utc(&time, json_get_str(root, key)) == OK ? time : 0;
}

enum err member_pin(
    struct member_pin *out, const struct store *s, struct str account, struct arena *arena)
{
	struct member_pin p = {0};
	yyjson_val *root;

	TRY(parse(&root, s, newest(s, "member", account, arena), arena));
	TRY(base64_decode(&p.certificate, arena, json_get_str(root, "certificate")));
	p.sha256 = json_get_str(root, "sha256");
	p.subject = json_get_str(root, "subject");
	p.mail = json_get_str(root, "mail");
	p.from = time_in(root, "from");
	p.until = time_in(root, "until");
	*out = p;
	return OK;
}

static enum err read_given(
    struct member_given *out, const struct store *s, uint64_t seq, struct arena *arena)
{
	struct member_given g = {.record = seq};
	yyjson_val *root;

	if (seq == STORE_NONE) {
		*out = g;
		return OK;
	}
	TRY(parse(&root, s, seq, arena));
	g.serial = yyjson_get_uint(yyjson_obj_get(root, "serial"));
	g.objects = yyjson_get_uint(yyjson_obj_get(root, "objects"));
	g.mail = yyjson_get_bool(yyjson_obj_get(root, "mail"));
	g.made = time_in(root, "made");
	if (!str_hex(g.content.b, SHA256_LEN, json_get_str(root, "sha256")))
		return ERR_CORRUPT;
	TRY(base64_decode(&g.seqs, arena, json_get_str(root, "given")));
	if (yyjson_obj_get(root, "back"))
		TRY(base64_decode(&g.back, arena, json_get_str(root, "back")));
	*out = g;
	return OK;
}

enum err member_given_last(
    struct member_given *out, const struct store *s, struct str account, struct arena *arena)
{
	return read_given(out, s, newest(s, "member-out", account, arena), arena);
}

enum err member_given_before(
    struct member_given *g, const struct store *s, struct str account, struct arena *arena)
{
	uint64_t seq = g->record == STORE_NONE ? STORE_NONE : store_older(s, g->record);

	if (seq != STORE_NONE && seq < begin_of(s, account, arena))
		seq = STORE_NONE;
	return read_given(g, s, seq, arena);
}

enum err member_taken_last(
    struct member_taken *out, const struct store *s, struct str account, struct arena *arena)
{
	struct member_taken t = {.record = newest(s, "member-in", account, arena)};
	yyjson_val *root;

	if (t.record != STORE_NONE) {
		TRY(parse(&root, s, t.record, arena));
		t.serial = yyjson_get_uint(yyjson_obj_get(root, "serial"));
		t.time = time_in(root, "time");
		t.signed_at = time_in(root, "signed");
		t.sha256 = json_get_str(root, "sha256");
	}
	*out = t;
	return OK;
}

struct str member_message_path(struct arena *arena, const struct sha256 *digest)
{
	struct str path = STR_NONE;
	struct buf hex;

	buf_init(&hex, 2 * SHA256_LEN);
	buf_hex(&hex, digest->b, SHA256_LEN);
	path = arena_printf(arena, "member-message/%.*s", STR_ARG(buf_str(&hex)));
	buf_free(&hex);
	return path;
}

void member_seqs_put(struct buf *out, uint64_t *last, uint64_t seq)
{
	uint64_t step = seq - *last;

	for (; step > 0x7f; step >>= 7)
		buf_u8(out, (uint8_t)(step | 0x80));
	buf_u8(out, (uint8_t)step);
	*last = seq;
}

bool member_seqs_next(struct str *rest, uint64_t *last)
{
	uint64_t step = 0;

	for (size_t i = 0; i < rest->n && i < SEQ_BYTES_MAX; i++) {
		unsigned char c = (unsigned char)rest->p[i];

		if (i == SEQ_BYTES_MAX - 1 && c > 1)
			return false;
		step |= (uint64_t)(c & 0x7f) << (7 * i);
		if (c & 0x80)
			continue;
		*rest = str_from(*rest, i + 1);
		*last += step;
		return true;
	}
	return false;
}
