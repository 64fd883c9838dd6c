/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/pack.h"

#include <inttypes.h>
#include <string.h>

#include "codec/time.h"

/* How a line of signature begins: an em dash and a blank. */
#define SIGNATURE S("\xe2\x80\x94 ")

static const char HEX[] = "0123456789abcdef";

bool pack_name_valid(struct str name, size_t max)
{
	if (name.n == 0 || name.n > max)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!plain && (i == 0 || (c != '-' && c != '_' && c != '.')))
			return false;
	}
	return true;
}

void pack_put_text(struct buf *out, const struct pack *p)
{
	char time[TIME_TEXT + 1];

	time_format(time, p->made);
	buf_put(out, PACK_MAGIC);
	buf_printf(
	    out, "name %.*s\nversion %" PRIu64 "\nmade %s\n", STR_ARG(p->name), p->version, time);
	for (size_t i = 0; i < p->count; i++) {
		buf_put(out, S("list "));
		buf_hex(out, p->files[i].hash.b, SHA256_LEN);
		buf_printf(out, " %zu %.*s\n", p->files[i].content.n, STR_ARG(p->files[i].name));
	}
}

void pack_put(struct buf *out, struct str note, const struct pack *p)
{
	buf_put(out, note);
	buf_byte(out, '\n');
	for (size_t i = 0; i < p->count; i++)
		buf_put(out, p->files[i].content);
}

enum err pack_split(struct str *note, struct str *body, struct str file, struct fault *fault)
{
	size_t at;

	if (!str_starts(file, PACK_MAGIC))
		return fail(fault, ERR_PARSE, "not a pack of tocsin, or one of another version");
	if (file.n > PACK_BYTES_MAX)
		return fail(fault, ERR_LIMIT, "a pack has at most %d MiB", PACK_BYTES_MAX >> 20);
	at = str_search(str_slice(file, 0, PACK_NOTE_MAX), S("\n\n")) + 2;
	if (!str_starts(str_from(file, at), SIGNATURE))
		return fail(fault, ERR_PARSE, "the pack is not signed");
	while (str_starts(str_from(file, at), SIGNATURE)) {
		at += str_find(str_from(file, at), '\n') + 1;
		if (at >= file.n || at > PACK_NOTE_MAX)
			return fail(fault, ERR_PARSE, "the pack's head does not end");
	}
	if (file.p[at] != '\n')
		return fail(fault, ERR_PARSE, "no empty line follows the pack's signatures");
	*note = str_slice(file, 0, at);
	*body = str_from(file, at + 1);
	return OK;
}

enum err pack_signer(struct str *out, struct str file, struct fault *fault)
{
	struct str note, body, line;

	TRY(pack_split(&note, &body, file, fault));
	line = str_from(note, str_search(note, S("\n\n")) + 2 + SIGNATURE.n);
	*out = str_slice(line, 0, str_find(line, ' '));
	return OK;
}

/* "KEY VALUE\n" at the beginning of the rest. */
static enum err value_of(struct str *out, struct str *rest, const char *key, struct fault *fault)
{
	struct str line = str_cut(rest, '\n'), name = str_cut(&line, ' ');

	if (!rest->p || !str_eq(name, str_c(key)) || line.n == 0)
		return fail(fault, ERR_PARSE, "the pack's head has no line \"%s\"", key);
	*out = line;
	return OK;
}

/* As it is written: no zero before it. */
static bool number_of(uint64_t *out, struct str text)
{
	return str_u64(text, out) == OK && *out > 0 && text.p[0] != '0';
}

static bool hash_of(struct sha256 *out, struct str hex)
{
	if (hex.n != 2 * (size_t)SHA256_LEN)
		return false;
	for (size_t i = 0; i < SHA256_LEN; i++) {
		int high = str_hex_digit(hex.p[2 * i]), low = str_hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0 || hex.p[2 * i] != HEX[high] ||
		    hex.p[2 * i + 1] != HEX[low])
			return false;
		out->b[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* "HASH BYTES NAME", and the file at the beginning of the body. */
static enum err take_file(struct pack *p, struct str line, struct str *body, struct fault *fault)
{
	struct pack_file *f = &p->files[p->count];
	struct str before = p->count ? f[-1].name : S("");
	struct str hash = str_cut(&line, ' '), bytes = str_cut(&line, ' ');
	struct sha256 is;
	uint64_t n;

	if (!p->files || p->count == PACK_FILES_MAX)
		return fail(fault, ERR_LIMIT, "a pack has at most %d files", PACK_FILES_MAX);
	if (!hash_of(&f->hash, hash) || !number_of(&n, bytes) ||
	    !pack_name_valid(line, PACK_FILE_NAME_MAX) || str_cmp(before, line) >= 0)
		return fail(fault, ERR_PARSE,
		    "line %zu of the pack's head is not \"list HASH BYTES NAME\", in the order of "
		    "the "
		    "names",
		    p->count + 5);
	if (n > PACK_FILE_BYTES_MAX || n > body->n)
		return fail(fault, n > body->n ? ERR_PARSE : ERR_LIMIT, "%.*s: %s", STR_ARG(line),
		    n > body->n ? "the pack ends before it" : "it is too large");
	f->name = line;
	f->content = str_slice(*body, 0, n);
	is = sha256(f->content);
	if (!sha256_eq(&is, &f->hash))
		return fail(
		    fault, ERR_INVALID, "%.*s is not the file that was signed", STR_ARG(line));
	*body = str_from(*body, n);
	p->count++;
	return OK;
}

static enum err read_text(struct pack *p, struct str text, struct str body, struct fault *fault)
{
	struct str rest = str_from(text, PACK_MAGIC.n), version, made, line;

	TRY(value_of(&p->name, &rest, "name", fault));
	TRY(value_of(&version, &rest, "version", fault));
	TRY(value_of(&made, &rest, "made", fault));
	if (!str_starts(text, PACK_MAGIC) || !pack_name_valid(p->name, PACK_NAME_MAX) ||
	    !number_of(&p->version, version) || p->version > INT64_MAX || made.n != TIME_TEXT ||
	    time_parse_utc(&p->made, made) != OK)
		return fail(fault, ERR_PARSE, "the pack's head says no name, version or time");
	while (rest.n) {
		TRY(value_of(&line, &rest, "list", fault));
		TRY(take_file(p, line, &body, fault));
	}
	if (p->count == 0 || body.n > 0)
		return fail(fault, ERR_PARSE, "the pack holds %s",
		    p->count == 0 ? "no file" : "more than its head says");
	return OK;
}

enum err pack_take(
    struct pack *out, struct arena *arena, struct str text, struct str body, struct fault *fault)
{
	struct pack p = {.files = arena_array(arena, PACK_FILES_MAX, sizeof(*p.files))};

	if (!p.files)
		return fail(fault, ERR_NOMEM, "no memory for a pack");
	TRY(read_text(&p, text, body, fault));
	*out = p;
	return OK;
}

enum err pack_open(struct pack *out, struct arena *arena, struct str file,
    const struct note_keys *keys, struct fault *fault)
{
	struct str note, body, text;

	TRY(pack_split(&note, &body, file, fault));
	TRY(note_open_all(&text, note, keys, fault));
	return pack_take(out, arena, text, body, fault);
}
