/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/package/look.h"

#include <inttypes.h>

#include "codec/json.h"
#include "crypt/sign.h"
#include "intake/messages.h"
#include "sync/package.h"
#include "sys/files.h"

enum {
	ARGS_MEMORY = 32 << 20,
	FILE_MEMORY = SYNC_PACKAGE_MOST + (1 << 20),
	ANSWER_MAX = 256 << 10,
	NAMED_MAX = 64, /* bytes of a foreign identity that a message repeats */
};

struct look {
	struct arena *args, *file;
	struct str own, bytes;
	yyjson_val *peers;
	struct str peer, text;
	struct sync_package package;
	struct buf ranges;
	uint32_t count;
};

static enum err read_file(struct look *l, const struct chan_message *m, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MEMORY / 4, .depth = 6};
	yyjson_val *args;

	if (!m->fd_count)
		return fail(fault, ERR_IO, "a package comes with a file");
	TRY(json_parse(&args, l->args, arena_str(l->args, m->body), &limits, fault));
	l->own = json_get_str(args, "identity");
	l->peers = yyjson_obj_get(args, "peers");
	TRY(file_read_fd(&l->bytes, l->file, m->fds[0], SYNC_PACKAGE_MOST, fault));
	if (l->bytes.n < SYNC_PACKAGE_HEAD)
		return fail(fault, ERR_PARSE, "%s: it has %zu bytes",
		    str_starts(l->bytes, SYNC_PACKAGE) ? "it is cut short"
		                                       : "not a package of tocsin",
		    l->bytes.n);
	return OK;
}

static yyjson_val *find_peer(const struct look *l, struct str identity)
{
	yyjson_val *peer;
	size_t i, max;

	yyjson_arr_foreach(l->peers, i, max, peer)
	{
		if (str_eq(json_get_str(peer, "identity"), identity))
			return peer;
	}
	return NULL;
}

/* Whether the keys of this entry signed the note, of a time when they counted. */
static bool is_signed(struct look *l, yyjson_val *entry, struct str note)
{
	struct note_keys keys;

	return l->package.made < yyjson_get_sint(yyjson_obj_get(entry, "until")) &&
	       note_keys_parse(&keys, l->args, json_get_str(entry, "keys"), NULL) == OK &&
	       note_open_all(&l->text, note, &keys, NULL) == OK;
}

/* A medium may have been under way while its maker's keys changed. */
static bool open_note(struct look *l, yyjson_val *peer, struct str note)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(peer, "former"));
	bool found = is_signed(l, peer, note);
	yyjson_val *former;

	while (!found && (former = yyjson_arr_iter_next(&it)))
		found = is_signed(l, former, note);
	return found;
}

/* The header: who made it for whom. */
static enum err check_head(struct look *l, struct fault *fault)
{
	struct str head = str_slice(l->bytes, 0, SYNC_PACKAGE_HEAD), note;
	yyjson_val *peer;

	if (!str_starts(head, SYNC_PACKAGE))
		return fail(fault, ERR_PARSE, "not a package of tocsin, or one of another version");
	TRY(sync_package_note(&note, head, fault));
	TRY(sync_package_get(&l->package, note, fault));
	peer = find_peer(l, l->package.from);
	if (!peer)
		return fail(fault, ERR_DENIED,
		    "its header names as its maker %.*s, no active peer here",
		    STR_ARG(str_slice(l->package.from, 0, NAMED_MAX)));
	l->peer = json_get_str(peer, "name");
	if (!open_note(l, peer, note))
		return fail(fault, ERR_INVALID,
		    "its header is not signed by the keys of %.*s that are known here: it is "
		    "damaged, "
		    "somebody else made it, or its keys changed (`tocsin peer keys`)",
		    STR_ARG(l->peer));
	TRY(sync_package_get(&l->package, l->text, fault));
	if (!str_eq(l->package.to, l->own))
		return fail(fault, ERR_DENIED, "it is for another node (%.*s)",
		    STR_ARG(str_slice(l->package.to, 0, NAMED_MAX)));
	return OK;
}

static enum err check_body(struct look *l, struct fault *fault)
{
	struct str body = str_from(l->bytes, SYNC_PACKAGE_HEAD);
	struct sha256 hash;

	if (l->bytes.n != l->package.size)
		return fail(fault, ERR_PARSE, "%s: it has %zu bytes of %" PRIu64,
		    l->bytes.n < l->package.size ? "it is cut short" : "it is too long", l->bytes.n,
		    l->package.size);
	hash = sha256(body);
	if (!sha256_eq(&hash, &l->package.body))
		return fail(
		    fault, ERR_INVALID, "it is damaged: its content is not what its header states");
	return OK;
}

static enum err list_ranges(struct look *l, struct fault *fault)
{
	struct sync_pieces pieces =
	    sync_package_pieces(&l->package, str_from(l->bytes, SYNC_PACKAGE_HEAD));
	struct sync_piece piece;
	enum err rc;

	while ((rc = sync_package_piece(&pieces, &piece, fault)) == OK) {
		buf_u64(&l->ranges, SYNC_PACKAGE_HEAD + piece.at);
		buf_u32(&l->ranges, (uint32_t)piece.length);
		buf_u64(&l->ranges, piece.from);
		buf_u32(&l->ranges, piece.count);
		l->count++;
	}
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static void put_str(struct buf *out, struct str s)
{
	buf_u32(out, (uint32_t)s.n);
	buf_put(out, s);
}

static void answer(
    const struct look *l, uint64_t id, struct chan *core, enum err rc, const struct fault *fault)
{
	struct chan_message m = {.type = INTAKE_PACKAGE_SEEN, .id = id};
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	buf_u8(&b, (uint8_t)rc);
	put_str(&b, str_c(fault->text));
	if (rc == OK) {
		put_str(&b, l->peer);
		put_str(&b, l->text);
		buf_u32(&b, l->count);
		buf_put(&b, buf_str(&l->ranges));
	}
	m.body = buf_str(&b);
	/* When core is gone, so is who asked. */
	(void)!chan_send_always(core, &m);
	buf_free(&b);
}

void package_look(const struct chan_message *m, struct chan *core)
{
	struct look l = {.args = arena_new(ARGS_MEMORY), .file = arena_new(FILE_MEMORY)};
	struct fault fault = {.code = OK};
	enum err rc;

	buf_init(&l.ranges, ANSWER_MAX / 2);
	rc = read_file(&l, m, &fault);
	if (rc == OK)
		rc = check_head(&l, &fault);
	if (rc == OK)
		rc = check_body(&l, &fault);
	if (rc == OK)
		rc = list_ranges(&l, &fault);
	answer(&l, m->id, core, rc, &fault);
	buf_free(&l.ranges);
	arena_free(l.args);
	arena_free(l.file);
}
