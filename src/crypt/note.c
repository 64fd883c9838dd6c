/* SPDX-License-Identifier: Apache-2.0 */
/* C2SP signed-note: a text that ends in a newline, an empty line, then signature lines
 * "— name base64(key id || signature)". */
#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "base/rd.h"
#include "crypt/digest.h"
#include "crypt/sign.h"

enum {
	KEY_ID_LEN = 4,
	NOTE_MAX = 1 << 20,
	SIGNATURES_MAX = 64,
	SIGNATURE_BYTES_MAX = MLDSA_SIGNATURE,
	LINE_MAX_BASE64 = 8192,
};

#define DASH S("\xe2\x80\x94 ")

/* What tells the algorithms apart in a key and in its id, the length of their keys and of their
 * signatures. */
struct algorithm {
	enum note_type type;
	struct str mark;
	size_t key;
	size_t signature;
	bool (*verify)(struct str key, struct str text, const unsigned char *signature);
};

static bool verify_ed25519(struct str key, struct str text, const unsigned char *signature)
{
	struct sign_public public;

	memcpy(public.b, key.p, sizeof(public.b));
	return sign_verify(&public, text, signature);
}

static bool verify_mldsa(struct str key, struct str text, const unsigned char *signature)
{
	struct mldsa_public public;

	memcpy(public.b, key.p, sizeof(public.b));
	return mldsa_verify(&public, text, signature);
}

static const struct algorithm ALGORITHMS[] = {
    {NOTE_ED25519, {"\x01", 1}, ED25519_PUBLIC, ED25519_SIGNATURE, verify_ed25519},
    {NOTE_MLDSA65, {"\xfftocsin ML-DSA-65", 17}, MLDSA_PUBLIC, MLDSA_SIGNATURE, verify_mldsa},
};

static const struct algorithm *algorithm_of(enum note_type type)
{
	return &ALGORITHMS[type == NOTE_MLDSA65];
}

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

static uint32_t key_id(struct str name, enum note_type type, struct str key)
{
	struct str parts[] = {name, S("\n"), algorithm_of(type)->mark, key};
	struct sha256 hash = sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));
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

/* Takes the algorithm's mark and leaves the key. */
static const struct algorithm *algorithm_cut(struct str *bytes)
{
	for (size_t i = 0; i < sizeof(ALGORITHMS) / sizeof(ALGORITHMS[0]); i++) {
		const struct algorithm *a = &ALGORITHMS[i];

		if (str_starts(*bytes, a->mark) && bytes->n == a->mark.n + a->key) {
			*bytes = str_from(*bytes, a->mark.n);
			return a;
		}
	}
	return NULL;
}

enum err note_verifier_parse(
    struct note_verifier *out, struct arena *arena, struct str vkey, struct fault *fault)
{
	struct note_verifier v = {0};
	struct str rest = str_trim(vkey);
	struct str name = str_cut(&rest, '+');
	struct str id = rest.p ? str_cut(&rest, '+') : STR_NONE;
	const struct algorithm *algorithm;

	if (!rest.p || !name_is_valid(name) || !hex_u32(id, &v.id))
		return fail(fault, ERR_PARSE, "a public key reads name+8 hex digits+base64");
	if (base64_decode(&v.key, arena, rest) != OK || v.key.n < 1)
		return fail(fault, ERR_PARSE, "public key of %.*s: not base64", STR_ARG(name));
	algorithm = algorithm_cut(&v.key);
	if (!algorithm)
		return fail(fault, ERR_UNSUPPORTED,
		    "public key of %.*s: neither Ed25519 (type 1) nor tocsin's ML-DSA-65",
		    STR_ARG(name));
	v.type = algorithm->type;
	if (key_id(name, v.type, v.key) != v.id)
		return fail(fault, ERR_INVALID,
		    "public key of %.*s: the key id does not belong to name and key",
		    STR_ARG(name));
	v.name = arena_str(arena, name);
	if (!v.name.p)
		return fail(fault, ERR_NOMEM, "no memory for a public key");
	*out = v;
	return OK;
}

static struct str format_key(
    struct arena *arena, struct str name, enum note_type type, struct str key)
{
	struct str mark = algorithm_of(type)->mark;
	char *bytes = arena_alloc(arena, mark.n + key.n);
	struct str text;

	if (!bytes)
		return STR_NONE;
	memcpy(bytes, mark.p, mark.n);
	memcpy(bytes + mark.n, key.p, key.n);
	text = base64_encode(arena, (struct str){bytes, mark.n + key.n});
	if (!text.p)
		return STR_NONE;
	return arena_printf(arena, "%.*s+%08x+%.*s", STR_ARG(name),
	    (unsigned)key_id(name, type, key), STR_ARG(text));
}

struct str note_verifier_format(struct arena *arena, struct str name, const struct sign_public *key)
{
	return format_key(
	    arena, name, NOTE_ED25519, (struct str){(const char *)key->b, sizeof(key->b)});
}

struct str note_verifier_format_mldsa(
    struct arena *arena, struct str name, const struct mldsa_public *key)
{
	return format_key(
	    arena, name, NOTE_MLDSA65, (struct str){(const char *)key->b, sizeof(key->b)});
}

enum err note_keys_parse(
    struct note_keys *out, struct arena *arena, struct str lines, struct fault *fault)
{
	struct note_keys keys = {0};
	struct str rest = str_trim(lines);

	while (rest.p) {
		struct note_verifier v;
		struct note_verifier *place;

		TRY(note_verifier_parse(&v, arena, str_cut(&rest, '\n'), fault));
		place = v.type == NOTE_MLDSA65 ? &keys.mldsa : &keys.key;
		if (place->name.p)
			return fail(fault, ERR_CONFLICT,
			    "public keys of %.*s: two of one algorithm", STR_ARG(v.name));
		*place = v;
	}
	if (!keys.key.name.p)
		return fail(fault, ERR_INVALID,
		    "public keys: an ML-DSA-65 key stands beside an Ed25519 key, never alone");
	if (keys.mldsa.name.p && !str_eq(keys.mldsa.name, keys.key.name))
		return fail(fault, ERR_INVALID, "public keys: one is of %.*s, the other of %.*s",
		    STR_ARG(keys.key.name), STR_ARG(keys.mldsa.name));
	*out = keys;
	return OK;
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

/* "— name base64(key id || signature)\n"; STR_NONE when memory is refused. */
static struct str signature_line(
    struct arena *arena, struct str name, uint32_t id, struct str signature)
{
	unsigned char bytes[KEY_ID_LEN + SIGNATURE_BYTES_MAX];
	struct str base64;

	for (size_t i = 0; i < KEY_ID_LEN; i++)
		bytes[i] = (unsigned char)(id >> (24 - 8 * i));
	memcpy(bytes + KEY_ID_LEN, signature.p, signature.n);
	base64 = base64_encode(arena, (struct str){(const char *)bytes, KEY_ID_LEN + signature.n});
	if (!base64.p)
		return STR_NONE;
	return arena_printf(arena, "\xe2\x80\x94 %.*s %.*s\n", STR_ARG(name), STR_ARG(base64));
}

static enum err line_ed25519(struct str *out, struct arena *arena, struct str text,
    const struct note_signer *signer, struct fault *fault)
{
	struct sign_public public = sign_key_public(signer->key);
	const struct str key = {(const char *)public.b, sizeof(public.b)};
	unsigned char signature[ED25519_SIGNATURE];

	if (sign_message(signer->key, text, signature) != OK)
		return fail(fault, ERR_INVALID, "signing failed");
	*out = signature_line(arena, signer->name, key_id(signer->name, NOTE_ED25519, key),
	    (struct str){(const char *)signature, sizeof(signature)});
	return out->p ? OK : fail(fault, ERR_NOMEM, "no memory for a signature");
}

static enum err line_mldsa(struct str *out, struct arena *arena, struct str text,
    const struct note_signer *signer, struct fault *fault)
{
	const struct mldsa_public *public = mldsa_key_public(signer->mldsa);
	const struct str key = {(const char *)public->b, sizeof(public->b)};
	unsigned char signature[MLDSA_SIGNATURE];

	if (mldsa_sign(signer->mldsa, text, signature) != OK)
		return fail(fault, ERR_INVALID, "signing with ML-DSA-65 failed");
	*out = signature_line(arena, signer->name, key_id(signer->name, NOTE_MLDSA65, key),
	    (struct str){(const char *)signature, sizeof(signature)});
	return out->p ? OK : fail(fault, ERR_NOMEM, "no memory for a signature");
}

enum err note_sign(struct str *out, struct arena *arena, struct str text,
    const struct note_signer *signer, struct fault *fault)
{
	struct str first;
	struct str second = S("");
	struct str note;

	if (!name_is_valid(signer->name))
		return fail(fault, ERR_INVALID,
		    "a signer's name may not be empty or hold spaces, control bytes or '+'");
	if (!str_ends(text, S("\n")) || !text_is_clean(text) || text.n > NOTE_MAX / 2)
		return fail(fault, ERR_INVALID,
		    "a text to be signed is UTF-8 without control bytes, ends in a newline and has "
		    "at most %d bytes",
		    NOTE_MAX / 2);
	TRY(line_ed25519(&first, arena, text, signer, fault));
	if (signer->mldsa)
		TRY(line_mldsa(&second, arena, text, signer, fault));
	note =
	    arena_printf(arena, "%.*s\n%.*s%.*s", STR_ARG(text), STR_ARG(first), STR_ARG(second));
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
	const struct algorithm *algorithm = algorithm_of(verifier->type);
	struct arena *arena;
	struct str bytes;
	struct rd r;
	enum err rc;

	/* Base64 of any signature that is ours fits; longer ones are another algorithm's. */
	if (line->base64.n > LINE_MAX_BASE64)
		return ERR_NOT_FOUND;
	arena = arena_new(2 * LINE_MAX_BASE64);
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
	if (r.n != algorithm->signature || !algorithm->verify(verifier->key, text, r.p))
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

enum err note_open_all(
    struct str *text, struct str note, const struct note_keys *keys, struct fault *fault)
{
	struct str body;

	TRY(note_open(&body, note, &keys->key, fault));
	if (keys->mldsa.name.p)
		TRY(note_open(&body, note, &keys->mldsa, fault));
	*text = body;
	return OK;
}
