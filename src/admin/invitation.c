/* SPDX-License-Identifier: Apache-2.0 */
/* A code's bytes: u8 version, u8 length, address, 32 certificate, 16 secret, 3 of a checksum. */
#include "admin/invitation.h"

#include <string.h>

#include "base/buf.h"
#include "base/rd.h"
#include "sys/address.h"

enum {
	VERSION = 1,
	CHECKSUM = 3,
	BYTES_MAX = 2 + INVITATION_ADDRESS_MAX + SHA256_LEN + INVITATION_SECRET + CHECKSUM,
	GROUP = 5,
	PROOF_BYTES = INVITATION_BINDING + SHA256_LEN,
};

static const char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz234567";

static void put_checksum(unsigned char out[CHECKSUM], struct str bytes)
{
	const struct str parts[] = {S("tocsin invitation code\n"), bytes};
	struct sha256 hash = sha256_parts(parts, 2);

	memcpy(out, hash.b, CHECKSUM);
}

static void put_digit(struct buf *out, uint32_t bits)
{
	if (out->n % (GROUP + 1) == GROUP)
		buf_byte(out, '-');
	buf_byte(out, ALPHABET[bits & 31]);
}

static void put_base32(struct buf *out, struct str bytes)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		bits = bits << 8 | (unsigned char)bytes.p[i];
		for (have += 8; have >= 5; have -= 5)
			put_digit(out, bits >> (have - 5));
	}
	if (have > 0)
		put_digit(out, bits << (5 - have));
}

enum err invitation_format(
    struct str *out, struct arena *arena, const struct invitation *in, struct fault *fault)
{
	unsigned char checksum[CHECKSUM];
	struct str code = STR_NONE;
	struct buf bytes;
	struct buf text;

	if (in->address.n == 0 || in->address.n > INVITATION_ADDRESS_MAX)
		return fail(fault, ERR_LIMIT, "address: HOST:PORT of at most %d bytes",
		    INVITATION_ADDRESS_MAX);
	buf_init(&bytes, BYTES_MAX);
	buf_init(&text, INVITATION_CODE_MAX);
	buf_u8(&bytes, VERSION);
	buf_u8(&bytes, (uint8_t)in->address.n);
	buf_put(&bytes, in->address);
	buf_put(&bytes, (struct str){(const char *)in->cert.b, SHA256_LEN});
	buf_put(&bytes, (struct str){(const char *)in->secret, INVITATION_SECRET});
	put_checksum(checksum, buf_str(&bytes));
	buf_put(&bytes, (struct str){(const char *)checksum, CHECKSUM});
	put_base32(&text, buf_str(&bytes));
	if (bytes.failed == OK && text.failed == OK)
		code = arena_str(arena, buf_str(&text));
	explicit_bzero(bytes.p, bytes.n);
	explicit_bzero(text.p, text.n);
	buf_free(&bytes);
	buf_free(&text);
	if (!code.p)
		return fail(fault, ERR_NOMEM, "no memory for an invitation");
	*out = code;
	return OK;
}

/* The value of a letter or digit of the alphabet, or -1. */
static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c | 0x20);
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static enum err read_base32(struct buf *out, struct str code, struct fault *fault)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];
		int digit = digit_of(c);

		if (c == '-' || c == ' ' || c == '\t' || c == '\n' || c == '\r')
			continue;
		if (digit < 0)
			return fail(fault, ERR_PARSE,
			    "the code holds letters and the digits 2 to 7 only: look at character "
			    "%zu again",
			    i + 1);
		bits = bits << 5 | (uint32_t)digit;
		have += 5;
		if (have >= 8) {
			have -= 8;
			buf_u8(out, (uint8_t)(bits >> have));
		}
	}
	return have < 5 && (bits & ((1u << have) - 1)) == 0
	           ? OK
	           : fail(fault, ERR_PARSE, "the code is not complete: copy it once more");
}

static enum err read_bytes(
    struct invitation *out, struct arena *arena, struct str bytes, struct fault *fault)
{
	struct invitation in = {0};
	struct rd r = rd_of(bytes);
	unsigned char checksum[CHECKSUM];
	struct address a;
	struct str part;

	if (rd_u8(&r) != VERSION)
		return fail(fault, ERR_PARSE,
		    "the code is not an invitation of this version of tocsin: copy it once more");
	in.address = rd_bytes(&r, rd_u8(&r));
	part = rd_bytes(&r, SHA256_LEN);
	if (part.p)
		memcpy(in.cert.b, part.p, SHA256_LEN);
	part = rd_bytes(&r, INVITATION_SECRET);
	if (part.p)
		memcpy(in.secret, part.p, INVITATION_SECRET);
	part = rd_bytes(&r, CHECKSUM);
	if (!rd_done(&r))
		return fail(fault, ERR_PARSE, "the code is not complete: copy it once more");
	put_checksum(checksum, str_slice(bytes, 0, bytes.n - CHECKSUM));
	if (memcmp(checksum, part.p, CHECKSUM) != 0)
		return fail(fault, ERR_PARSE,
		    "the code has a mistake in it: its checksum does not fit; copy it once more");
	if (in.address.n > INVITATION_ADDRESS_MAX || address_split(&a, in.address, NULL) != OK)
		return fail(fault, ERR_PARSE, "the code names no address");
	in.address = arena_str(arena, in.address);
	if (!in.address.p)
		return fail(fault, ERR_NOMEM, "no memory for an invitation");
	*out = in;
	return OK;
}

enum err invitation_parse(
    struct invitation *out, struct arena *arena, struct str code, struct fault *fault)
{
	struct buf bytes;
	enum err rc;

	if (code.n > INVITATION_CODE_MAX)
		return fail(
		    fault, ERR_PARSE, "a code has at most %d characters", INVITATION_CODE_MAX);
	buf_init(&bytes, INVITATION_CODE_MAX);
	rc = read_base32(&bytes, code, fault);
	if (rc == OK)
		rc = read_bytes(out, arena, buf_str(&bytes), fault);
	if (bytes.p)
		explicit_bzero(bytes.p, bytes.n);
	buf_free(&bytes);
	return rc;
}

static struct sha256 derive(const struct invitation *in, struct str purpose)
{
	return hmac_sha256((struct str){(const char *)in->secret, INVITATION_SECRET}, purpose);
}

void invitation_id(char out[INVITATION_ID + 1], const struct invitation *in)
{
	static const char DIGITS[] = "0123456789abcdef";
	struct sha256 hash = derive(in, S("tocsin invitation id 1"));

	for (size_t i = 0; i < INVITATION_ID; i++)
		out[i] = DIGITS[i % 2 ? hash.b[i / 2] & 15 : hash.b[i / 2] >> 4];
	out[INVITATION_ID] = '\0';
}

static enum err key_of(struct sign_key **out, const struct invitation *in, struct fault *fault)
{
	struct sha256 seed = derive(in, S("tocsin invitation key 1"));
	enum err rc = sign_key_from_seed(out, seed.b);

	explicit_bzero(&seed, sizeof(seed));
	return rc == OK ? OK : fail(fault, rc, "no key can be made for the invitation");
}

enum err invitation_verifier(
    struct sign_public *out, const struct invitation *in, struct fault *fault)
{
	struct sign_key *key;

	TRY(key_of(&key, in, fault));
	*out = sign_key_public(key);
	sign_key_free(key);
	return OK;
}

#define PROOF_HEAD "tocsin invitation proof 1\n"

static struct str proof_text(char out[sizeof(PROOF_HEAD) + PROOF_BYTES],
    const unsigned char binding[INVITATION_BINDING], struct str statement)
{
	struct sha256 hash = sha256(statement);
	size_t n = sizeof(PROOF_HEAD) - 1;

	memcpy(out, PROOF_HEAD, n);
	memcpy(out + n, binding, INVITATION_BINDING);
	memcpy(out + n + INVITATION_BINDING, hash.b, SHA256_LEN);
	return (struct str){out, n + PROOF_BYTES};
}

enum err invitation_prove(unsigned char out[ED25519_SIGNATURE], const struct invitation *in,
    const unsigned char binding[INVITATION_BINDING], struct str statement, struct fault *fault)
{
	char text[sizeof(PROOF_HEAD) + PROOF_BYTES];
	struct sign_key *key;
	enum err rc;

	TRY(key_of(&key, in, fault));
	rc = sign_message(key, proof_text(text, binding, statement), out);
	sign_key_free(key);
	return rc == OK ? OK : fail(fault, rc, "the invitation cannot be proven");
}

bool invitation_check(const struct sign_public *verifier,
    const unsigned char binding[INVITATION_BINDING], struct str statement,
    const unsigned char proof[ED25519_SIGNATURE])
{
	char text[sizeof(PROOF_HEAD) + PROOF_BYTES];

	return sign_verify(verifier, proof_text(text, binding, statement), proof);
}
