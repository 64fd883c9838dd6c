/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/node_statement.h"

#include <string.h>

#include "base/uuid.h"
#include "codec/json.h"
#include "crypt/digest.h"
#include "crypt/sign.h"
#include "sys/address.h"

enum {
	ORIGIN_MAX = 200,
	KEY_MAX = 4 << 10,
	FINGERPRINT_GROUP = 5,
	FINGERPRINT_DIGITS = 20,
};

#define IDENTITY S("identity--")

struct str node_statement_text(struct arena *arena, const struct node_statement *s)
{
	struct str text = STR_NONE;
	struct json_writer w;
	struct buf b;

	buf_init(&b, NODE_STATEMENT_MAX);
	buf_put(&b, NODE_STATEMENT_HEAD);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "name", s->name);
	json_put_str(&w, "identity", s->identity);
	json_put_str(&w, "origin", s->origin);
	json_put_str(&w, "key", s->key);
	if (s->pq_key.n)
		json_put_str(&w, "pq_key", s->pq_key);
	json_put_str(&w, "cert", s->cert);
	if (s->address.n)
		json_put_str(&w, "address", s->address);
	json_put_bool(&w, "post_quantum", s->post_quantum);
	json_end_object(&w);
	buf_byte(&b, '\n');
	if (b.failed == OK)
		text = arena_str(arena, buf_str(&b));
	buf_free(&b);
	return text;
}

static bool is_hex(struct str s, size_t digits)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n == digits;
}

bool node_identity_valid(struct str s)
{
	struct uuid u;

	return str_starts(s, IDENTITY) && uuid_parse(&u, str_from(s, IDENTITY.n)) == OK;
}

/* For people's eyes, terminals among them. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

static bool is_address(struct str s)
{
	struct address a;

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return s.n <= NODE_STATEMENT_ADDRESS_MAX && address_split(&a, s, NULL) == OK;
}

static enum err check(const struct node_statement *s, struct fault *fault)
{
	if (!is_plain(s->name) || s->name.n > NODE_STATEMENT_NAME_MAX)
		return fail(
		    fault, ERR_INVALID, "statement: name: 1 to %d bytes", NODE_STATEMENT_NAME_MAX);
	if (!node_identity_valid(s->identity))
		return fail(fault, ERR_INVALID, "statement: identity: not a STIX identity");
	if (!is_plain(s->origin) || s->origin.n > ORIGIN_MAX)
		return fail(fault, ERR_INVALID, "statement: origin: 1 to %d bytes", ORIGIN_MAX);
	if (!is_hex(s->cert, 64))
		return fail(fault, ERR_INVALID, "statement: cert: not a SHA-256 in hexadecimal");
	if (s->address.p && !is_address(s->address))
		return fail(fault, ERR_INVALID, "statement: address: not HOST:PORT");
	if (s->key.n > KEY_MAX || s->pq_key.n > KEY_MAX)
		return fail(fault, ERR_LIMIT, "statement: a key is longer than %d bytes", KEY_MAX);
	if (s->post_quantum && !s->pq_key.p)
		return fail(fault, ERR_INVALID,
		    "statement: post-quantum, but without a key for post-quantum signatures");
	return OK;
}

static enum err read_json(
    struct node_statement *out, struct arena *arena, struct str json, struct fault *fault)
{
	const struct json_limits limits = {.bytes = NODE_STATEMENT_MAX, .depth = 2};
	yyjson_val *root;

	TRY(json_parse(&root, arena, json, &limits, fault));
	*out = (struct node_statement){.name = json_get_str(root, "name"),
	    .identity = json_get_str(root, "identity"),
	    .origin = json_get_str(root, "origin"),
	    .key = json_get_str(root, "key"),
	    .pq_key = json_get_str(root, "pq_key"),
	    .cert = json_get_str(root, "cert"),
	    .address = json_get_str(root, "address"),
	    .post_quantum = yyjson_get_bool(yyjson_obj_get(root, "post_quantum"))};
	return check(out, fault);
}

static enum err read_key(struct note_verifier *out, enum note_type type, struct str key,
    struct str origin, struct arena *arena, struct fault *fault)
{
	TRY(note_verifier_parse(out, arena, key, fault));
	if (out->type != type || !str_eq(out->name, origin))
		return fail(fault, ERR_INVALID, "statement: a key is not its origin's");
	return OK;
}

/* Every key in it has to have signed it. */
static enum err open_note(struct str *text, struct arena *arena, const struct node_statement *s,
    struct str note, struct fault *fault)
{
	struct note_keys keys = {0};

	TRY(read_key(&keys.key, NOTE_ED25519, s->key, s->origin, arena, fault));
	if (s->pq_key.p)
		TRY(read_key(&keys.mldsa, NOTE_MLDSA65, s->pq_key, s->origin, arena, fault));
	return note_open_all(text, note, &keys, fault);
}

enum err node_statement_read(
    struct node_statement *out, struct arena *arena, struct str note, struct fault *fault)
{
	struct node_statement s;
	struct str text;
	struct str line;

	if (note.n > NODE_STATEMENT_MAX)
		return fail(
		    fault, ERR_LIMIT, "statement: longer than %d bytes", NODE_STATEMENT_MAX);
	if (!str_starts(note, NODE_STATEMENT_HEAD))
		return fail(fault, ERR_PARSE,
		    "statement: not one of this version; does the other node run a newer or an "
		    "older tocsin?");
	note = arena_str(arena, note);
	if (!note.p)
		return fail(fault, ERR_NOMEM, "no memory for a statement");
	line = str_from(note, NODE_STATEMENT_HEAD.n);
	TRY(read_json(&s, arena, str_cut(&line, '\n'), fault));
	TRY(open_note(&text, arena, &s, note, fault));
	/* Nothing but the line that was read is under the signature. */
	if (text.n != (size_t)(line.p - note.p))
		return fail(fault, ERR_PARSE, "statement: more than one line of JSON");
	s.text = text;
	*out = s;
	return OK;
}

static void put_digits(char out[NODE_STATEMENT_FINGERPRINT + 1], const struct sha256 *hash)
{
	static const char DIGITS[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < FINGERPRINT_DIGITS; i++) {
		unsigned byte = hash->b[i / 2];

		if (i > 0 && i % FINGERPRINT_GROUP == 0)
			out[n++] = '-';
		out[n++] = DIGITS[i % 2 ? byte & 15 : byte >> 4];
	}
	out[n] = '\0';
}

void node_statement_fingerprint_one(char out[NODE_STATEMENT_FINGERPRINT + 1], struct str text)
{
	const struct str parts[] = {S("tocsin statement fingerprint 1\n"), text};
	struct sha256 hash = sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));

	put_digits(out, &hash);
}

void node_statement_fingerprint(
    char out[NODE_STATEMENT_FINGERPRINT + 1], struct str one, struct str other, struct str nonce)
{
	struct sha256 a = sha256(one);
	struct sha256 b = sha256(other);
	bool swap = memcmp(a.b, b.b, SHA256_LEN) > 0;
	const struct str parts[] = {S("tocsin peers 1\n"),
	    {(const char *)(swap ? b.b : a.b), SHA256_LEN},
	    {(const char *)(swap ? a.b : b.b), SHA256_LEN}, nonce};
	struct sha256 hash = sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));

	put_digits(out, &hash);
}

bool node_statement_fingerprint_eq(struct str typed, struct str fingerprint)
{
	char plain[FINGERPRINT_DIGITS] = {0};
	char wanted[FINGERPRINT_DIGITS] = {0};
	size_t n = 0;
	size_t m = 0;

	for (size_t i = 0; i < typed.n; i++) {
		char c = typed.p[i];

		if (c == '-' || c == ' ')
			continue;
		if (n == sizeof(plain))
			return false;
		plain[n++] = (char)(c >= 'A' && c <= 'F' ? c | 0x20 : c);
	}
	for (size_t i = 0; i < fingerprint.n && m < sizeof(wanted); i++)
		if (fingerprint.p[i] != '-')
			wanted[m++] = fingerprint.p[i];
	return n == sizeof(plain) && m == n && memcmp(plain, wanted, n) == 0;
}
