/* SPDX-License-Identifier: Apache-2.0 */
/* C2SP signed-note: a text that ends in a newline, an empty line, then signature lines
 * "— name base64(key id || signature)". */
#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "base/rd.h"
#include "crypt/digest.h"
#include "crypt/sign.h"

enum { NOTE_ED25519 = 0x01, KEY_ID_LEN = 4, NOTE_MAX = 1 << 20, SIGNATURES_MAX = 64 };

#define DASH S("\xe2\x80\x94 ")

/* No white space or control bytes, no plus sign, not empty. */
static bool name_is_valid(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c <= 0x20 || c == 0x7f || c == '+')
			return false;
	}
	return name.n > 0;
}

static uint32_t key_id(struct str name, const struct sign_public *key)
{
	struct str parts[] = {name, S("\n\x01"), {(const char *)key->b, sizeof(key->b)}};
	struct sha256 hash = sha256_parts(parts, 3);
	struct rd r = rd_of((struct str){(const char *)hash.b, KEY_ID_LEN});

	return rd_u32(&r);
}

static bool hex_u32(struct str s, uint32_t *out)
{
	uint32_t v = 0;

	if (s.n != 8)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

enum err note_verifier_parse(
    struct note_verifier *out, struct arena *arena, struct str vkey, struct fault *fault)
{
	struct note_verifier v = {0};
	struct str rest = str_trim(vkey);
	struct str name = str_cut(&rest, '+');
	struct str id = rest.p ? str_cut(&rest, '+') : STR_NONE;
	struct str bytes;

	if (!rest.p || !name_is_valid(name) || !hex_u32(id, &v.id))
		return fail(fault, ERR_PARSE, "a public key reads name+8 hex digits+base64");
	if (base64_decode(&bytes, arena, rest) != OK || bytes.n < 1)
		return fail(fault, ERR_PARSE, "public key of %.*s: not base64", STR_ARG(name));
	if (bytes.p[0] != NOTE_ED25519 || bytes.n != 1 + ED25519_PUBLIC)
		return fail(fault, ERR_UNSUPPORTED, "public key of %.*s: only Ed25519 (type 1)",
		    STR_ARG(name));
	memcpy(v.key.b, bytes.p + 1, ED25519_PUBLIC);
	if (key_id(name, &v.key) != v.id)
		return fail(fault, ERR_INVALID,
		    "public key of %.*s: the key id does not belong to name and key",
		    STR_ARG(name));
	v.name = arena_str(arena, name);
	if (!v.name.p)
		return fail(fault, ERR_NOMEM, "no memory for a public key");
	*out = v;
	return OK;
}

struct str note_verifier_format(struct arena *arena, struct str name, const struct sign_public *key)
{
	unsigned char bytes[1 + ED25519_PUBLIC] = {NOTE_ED25519};
	struct str text;

	memcpy(bytes + 1, key->b, ED25519_PUBLIC);
	text = base64_encode(arena, (struct str){(const char *)bytes, sizeof(bytes)});
	if (!text.p)
		return STR_NONE;
	return arena_printf(
	    arena, "%.*s+%08x+%.*s", STR_ARG(name), (unsigned)key_id(name, key), STR_ARG(text));
}

/* Length of the well-formed UTF-8 character at p, 0 when it is none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = length == 1 ? p[0] : p[0] & (0xffu >> (length + 1));

	if ((p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4 || length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < LEAST[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return length;
}

static bool text_is_clean(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0, step; i < s.n; i += step) {
		step = utf8_length(p + i, s.n - i);
		if (step == 0 || (p[i] < 0x20 && p[i] != '\n'))
			return false;
	}
	return true;
}

enum err note_sign(struct str *out, struct arena *arena, struct str text, struct str name,
    const struct sign_key *key, struct fault *fault)
{
	unsigned char bytes[KEY_ID_LEN + ED25519_SIGNATURE];
	struct sign_public public = sign_key_public(key);
	uint32_t id = key_id(name, &public);
	struct str signature, note;

	if (!name_is_valid(name))
		return fail(fault, ERR_INVALID,
		    "a signer's name may not be empty or hold spaces, control bytes or '+'");
	if (!str_ends(text, S("\n")) || !text_is_clean(text) || text.n > NOTE_MAX / 2)
		return fail(fault, ERR_INVALID,
		    "a text to be signed is UTF-8 without control bytes, ends in a newline and has "
		    "at most %d bytes",
		    NOTE_MAX / 2);
	for (size_t i = 0; i < KEY_ID_LEN; i++)
		bytes[i] = (unsigned char)(id >> (24 - 8 * i));
	if (sign_message(key, text, bytes + KEY_ID_LEN) != OK)
		return fail(fault, ERR_INVALID, "signing failed");
	signature = base64_encode(arena, (struct str){(const char *)bytes, sizeof(bytes)});
	if (!signature.p)
		return fail(fault, ERR_NOMEM, "no memory for a signed note");
	note = arena_printf(arena, "%.*s\n\xe2\x80\x94 %.*s %.*s\n", STR_ARG(text), STR_ARG(name),
	    STR_ARG(signature));
	if (!note.p)
		return fail(fault, ERR_NOMEM, "no memory for a signed note");
	*out = note;
	return OK;
}

/* Position behind the last empty line, or 0. */
static size_t signatures_at(struct str note)
{
	for (size_t i = note.n; i >= 2; i--)
		if (note.p[i - 1] == '\n' && note.p[i - 2] == '\n')
			return i;
	return 0;
}

struct signature_line {
	struct str name;
	struct str base64;
};

static bool signature_line_read(struct signature_line *out, struct str line)
{
	if (!str_starts(line, DASH))
		return false;
	out->base64 = str_from(line, DASH.n);
	out->name = str_cut(&out->base64, ' ');
	return out->base64.p && out->base64.n > 0 && name_is_valid(out->name);
}

/* One line: ERR_NOT_FOUND when it is another key's. */
static enum err signature_check(const struct signature_line *line, struct str text,
    const struct note_verifier *verifier, struct fault *fault)
{
	/* Base64 of any signature that is ours fits; longer ones are another algorithm's. */
	struct arena *arena;
	struct str bytes;
	struct rd r;
	enum err rc;

	if (line->base64.n > 4096)
		return ERR_NOT_FOUND;
	arena = arena_new(8192);
	rc = base64_decode(&bytes, arena, line->base64);
	if (rc != OK || bytes.n <= KEY_ID_LEN) {
		rc = fail(fault, ERR_PARSE, "signed note: the signature of %.*s is malformed",
		    STR_ARG(line->name));
		goto out;
	}
	r = rd_of(bytes);
	if (rd_u32(&r) != verifier->id || !str_eq(line->name, verifier->name)) {
		rc = ERR_NOT_FOUND;
		goto out;
	}
	if (r.n != ED25519_SIGNATURE || !sign_verify(&verifier->key, text, r.p))
		rc = fail(fault, ERR_INVALID, "signed note: the signature of %.*s does not verify",
		    STR_ARG(line->name));
out:
	arena_free(arena);
	return rc;
}

enum err note_open(
    struct str *text, struct str note, const struct note_verifier *verifier, struct fault *fault)
{
	size_t at = signatures_at(note);
	struct str body = str_slice(note, 0, at ? at - 1 : 0);
	struct str rest = str_from(note, at);
	struct signature_line line;
	bool found = false;
	size_t count = 0;
	enum err rc;

	if (note.n > NOTE_MAX)
		return fail(fault, ERR_LIMIT, "signed note: more than %d bytes", NOTE_MAX);
	if (at == 0 || rest.n == 0 || !str_ends(rest, S("\n")) || !text_is_clean(note))
		return fail(fault, ERR_PARSE,
		    "signed note: text, an empty line and signature lines, each ending in a "
		    "newline, in "
		    "UTF-8 without control bytes");
	rest.n--;
	while (rest.p) {
		if (++count > SIGNATURES_MAX)
			return fail(fault, ERR_LIMIT, "signed note: more than %d signatures",
			    SIGNATURES_MAX);
		if (!signature_line_read(&line, str_cut(&rest, '\n')))
			return fail(fault, ERR_PARSE,
			    "signed note: signature line %zu is malformed", count);
		rc = signature_check(&line, body, verifier, fault);
		if (rc != OK && rc != ERR_NOT_FOUND)
			return rc;
		found = found || rc == OK;
	}
	if (!found)
		return fail(fault, ERR_NOT_FOUND, "signed note: no signature of %.*s",
		    STR_ARG(verifier->name));
	*text = body;
	return OK;
}
